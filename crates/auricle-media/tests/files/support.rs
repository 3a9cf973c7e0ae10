//! Making films and reading them back.

use std::path::{Path, PathBuf};
use std::process::Command;

use auricle_media::audio::AudioReader;

/// Runs ffmpeg, in a folder, with words split at spaces.
pub(crate) fn ffmpeg(folder: &Path, words: &str) {
    let output = Command::new("ffmpeg")
        .current_dir(folder)
        .args(["-nostdin", "-v", "error", "-y"])
        .args(words.split_whitespace())
        .output()
        .expect("these tests need the ffmpeg program: install it (apt install ffmpeg), or run cargo xtask test");
    assert!(output.status.success(), "ffmpeg {words}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What ffmpeg prints for words split at spaces, a file among them as `{}`.
pub(crate) fn ffmpeg_says(words: &str, file: &Path) -> Vec<u8> {
    let file = format!("file:{}", file.display());
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error"])
        .args(words.split_whitespace().map(|w| if w == "{}" { file.as_str() } else { w }))
        .output()
        .expect("these tests need the ffmpeg program: install it (apt install ffmpeg), or run cargo xtask test");
    assert!(output.status.success(), "ffmpeg {words}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A track as ffmpeg decodes it, `[channel][sample]`.
pub(crate) fn decoded_by_ffmpeg(file: &Path, track: usize, channels: usize) -> Vec<Vec<f32>> {
    let bytes = ffmpeg_says(&format!("-i {{}} -map 0:a:{track} -f f32le -c:a pcm_f32le pipe:1"), file);
    let samples: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    (0..channels).map(|c| samples.iter().skip(c).step_by(channels).copied().collect()).collect()
}

/// All of a sound, `[channel][sample]`, read in blocks of an odd size.
pub(crate) fn read_all(mut reader: Box<dyn AudioReader>) -> Vec<Vec<f32>> {
    let channels = reader.layout().channels();
    let mut all = vec![Vec::new(); channels];
    let mut block = vec![vec![0.0_f32; 1777]; channels];
    loop {
        let mut views: Vec<&mut [f32]> = block.iter_mut().map(Vec::as_mut_slice).collect();
        let count = reader.read(&mut views).unwrap();
        if count == 0 {
            return all;
        }
        for (all, block) in all.iter_mut().zip(&block) {
            all.extend_from_slice(&block[..count]);
        }
    }
}

#[expect(clippy::print_stdout, reason = "a test has to say whether real recordings were there")]
/// A real recording beside the repository, or `None` after saying that it is not there.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media").join(name);
    if path.exists() {
        println!("real recording: {name}: used");
        return Some(path);
    }
    println!("real recording: {name}: NOT THERE, this part did not run");
    None
}

/// The streams' packets as ffmpeg hashes them, by the words that select them.
pub(crate) fn packets(file: &Path, select: &str) -> String {
    let words = format!("-i {{}} {select} -c copy -f streamhash -hash md5 pipe:1");
    String::from_utf8(ffmpeg_says(&words, file)).unwrap()
}
