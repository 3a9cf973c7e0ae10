//! Programs run, files found and made.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A recording of the collection beside the repository, where it is there.
pub(crate) fn recording(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media").join(path);
    file.is_file().then_some(file)
}

/// An empty folder for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real_media").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the folder of an earlier run");
    }
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

/// What a program prints; it must succeed.
pub(crate) fn output(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// `auricle BEFORE INPUT AFTER LAST -o OUTPUT`, which must succeed.
pub(crate) fn auricle(before: &[&str], input: &Path, after: &[&str], last: &Path, to: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auricle"));
    output(command.args(before).arg(input).args(after).arg(last).arg("-o").arg(to));
}

/// ffmpeg, quiet but for errors.
pub(crate) fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error"]);
    command
}

/// Everything that ffprobe tells about a file.
pub(crate) fn probe(path: &Path) -> serde_json::Value {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-show_streams", "-show_format", "-show_chapters", "-of", "json"]);
    serde_json::from_slice(&output(command.arg(path))).expect("ffprobe's JSON")
}

/// MD5 of the packets of one stream, as they are stored.
pub(crate) fn stream_md5(path: &Path, stream: &str) -> String {
    let md5 = output(ffmpeg().arg("-i").arg(path).args(["-map", stream, "-c", "copy", "-f", "md5", "-"]));
    String::from_utf8_lossy(&md5).trim().to_owned()
}

/// Puts silence where a track has a hole of 40 ms or more.
const FILL: &str = "aresample=async=1:min_hard_comp=0.04";

/// One audio track as `[channel][sample]` from the file's time 0 on, at its own rate and layout.
///
/// ffmpeg honours edit lists, but leaves out the time before the first decoded frame: Vorbis begins with a
/// packet that gives no sound. Where a track's times go on and its sound does not (85 ms in one of the films),
/// silence stands for it.
pub(crate) fn decode(path: &Path, track: usize, channels: usize) -> Vec<Vec<f32>> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-select_streams", &format!("a:{track}"), "-read_intervals", "%+0.1"]);
    command.args(["-show_entries", "frame=pts_time:stream=sample_rate", "-of", "json"]);
    let head: serde_json::Value = serde_json::from_slice(&output(command.arg(path))).expect("ffprobe's JSON");
    let number = |value: &serde_json::Value| value.as_str().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let begins_secs = number(&head["frames"][0]["pts_time"]).max(0.0);
    let silence = (begins_secs * number(&head["streams"][0]["sample_rate"])).round() as usize;
    let map = format!("0:a:{track}");
    let bytes = output(ffmpeg().arg("-i").arg(path).args(["-map", &map, "-af", FILL, "-f", "f32le", "-"]));
    let mut planar = vec![vec![0.0; silence]; channels];
    for (n, sample) in bytes.chunks_exact(4).enumerate() {
        planar[n % channels].push(f32::from_le_bytes([sample[0], sample[1], sample[2], sample[3]]));
    }
    planar
}

/// The two cues of every film here, as shares of its length: from, to.
pub(crate) const CUES: [(f64, f64); 2] = [(0.15, 0.40), (0.55, 0.80)];

/// Air conduction of the listener behind the wall, dB HL by Hz; bone conduction is 0.
pub(crate) const WALL_DB_HL: [(f64, f64); 3] = [(250.0, 20.0), (1000.0, 30.0), (4000.0, 50.0)];

/// Air and bone conduction of the listener with recruitment, dB HL by Hz: N3 of Bisgaard et al. (2010), table 1.
pub(crate) const RECRUITING_DB_HL: [(f64, f64); 10] = [
    (250.0, 35.0),
    (375.0, 35.0),
    (500.0, 35.0),
    (750.0, 35.0),
    (1000.0, 40.0),
    (1500.0, 45.0),
    (2000.0, 50.0),
    (3000.0, 55.0),
    (4000.0, 60.0),
    (6000.0, 65.0),
];

/// Writes the cue sheet and its listeners into `folder`: one behind a wall, one with recruitment and, so that
/// levels are the law's alone, without smearing.
pub(crate) fn write_cues(folder: &Path, length_secs: f64) -> PathBuf {
    let table = |points: &[(f64, f64)]| {
        let points: Vec<String> = points.iter().map(|(hz, db_hl)| format!("{hz} = {db_hl}")).collect();
        format!("{{ {} }}", points.join(", "))
    };
    let wall = format!(
        "name = \"one behind a wall\"\n\n[[state]]\nname = \"wall\"\ncaption = \"as through a wall\"\n\n\
         [state.both]\nair = {}\nbone = {}\n",
        table(&WALL_DB_HL),
        table(&WALL_DB_HL.map(|(hz, _)| (hz, 0.0)))
    );
    std::fs::write(folder.join("wall.toml"), wall).expect("a listener file");
    let recruiting = format!(
        "name = \"one who hears soft sounds softer\"\n\n[[state]]\nname = \"N3\"\ncaption = \"muffled\"\n\n\
         [state.both]\nair = {}\nsmearing = \"off\"\n",
        table(&RECRUITING_DB_HL)
    );
    std::fs::write(folder.join("recruiting.toml"), recruiting).expect("a listener file");
    let [first, second] = CUES.map(|(from, to)| (from * length_secs, to * length_secs));
    let sheet = format!(
        "title = \"In and out\"\nlistener = \"wall.toml\"\nseed = 3\n\n\
         [[cue]]\nin = \"{:.3} s\"\nout = \"{:.3} s\"\nstate = \"wall\"\nenter = {{ shape = \"cut\", ms = 2 }}\n\n\
         [[cue]]\nin = \"{:.3} s\"\nout = \"{:.3} s\"\nlistener = \"recruiting.toml\"\nstate = \"N3\"\n",
        first.0, first.1, second.0, second.1
    );
    let path = folder.join("in and out.cues.toml");
    std::fs::write(&path, sheet).expect("a cue sheet");
    path
}

/// Samples that are outside for certain, or inside cue `CUES[which]`: well away from every fade.
pub(crate) fn section(samples: usize, from: f64, to: f64, rate_hz: f64) -> std::ops::Range<usize> {
    let margin = 0.05 * rate_hz;
    let (from, to) = (from * samples as f64 + margin, to * samples as f64 - margin);
    from.max(0.0) as usize..(to.max(from) as usize).min(samples)
}
