//! Films and sounds made for the tests, so that a clone alone has something to check.

use std::path::PathBuf;
use std::process::Command;

use crate::run::{ffmpeg, folder, output};

/// Pink noise in syllables, another in each channel.
fn noise(channels: usize, rate_hz: u32, layout: &str, secs: u32) -> String {
    let sources: Vec<String> = (0..channels)
        .map(|c| {
            format!(
                "anoisesrc=color=pink:sample_rate={rate_hz}:amplitude=0.25:seed={}:duration={secs},tremolo=f=3:d=0.7[c{c}]",
                c + 1
            )
        })
        .collect();
    let labels: String = (0..channels).map(|c| format!("[c{c}]")).collect();
    format!("{};{labels}join=inputs={channels}:channel_layout={layout}", sources.join(";"))
}

fn picture(secs: u32) -> String {
    format!("testsrc2=size=320x180:rate=24000/1001:duration={secs}")
}

fn add_picture_and_sound(command: &mut Command, secs: u32, sound: &str) {
    command.args(["-f", "lavfi", "-i", &picture(secs), "-f", "lavfi", "-i", sound]);
}

/// H.264 and stereo AAC, 44.1 kHz, 23.976 frames a second.
pub(crate) fn stereo_mp4() -> PathBuf {
    let path = folder("generated-mp4").join("a film.mp4");
    let mut command = ffmpeg();
    add_picture_and_sound(&mut command, 8, &noise(2, 44_100, "stereo", 8));
    output(command.args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]).arg(&path));
    path
}

/// 5.1 in FLAC as default, a second track, subtitles, chapters, an attachment, titles.
pub(crate) fn crowded_mkv() -> PathBuf {
    let folder = folder("generated-mkv");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file beside the film");
        path
    };
    let subtitles = write(
        "lines.srt",
        "1\n00:00:00,500 --> 00:00:01,900\nWhat did he say?\n\n2\n00:00:05,000 --> 00:00:06,000\nI heard nothing at all.\n",
    );
    let chapters = write(
        "chapters.txt",
        ";FFMETADATA1\ntitle=A crowded film\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=4\ntitle=First\n\
         [CHAPTER]\nTIMEBASE=1/1\nSTART=4\nEND=8\ntitle=Second\n",
    );
    let note = write("note.txt", "attached\n");
    let path = folder.join("crowded.mkv");
    let mut command = ffmpeg();
    add_picture_and_sound(&mut command, 8, &noise(6, 48_000, "5.1(side)", 8));
    command.args(["-f", "lavfi", "-i", &noise(2, 48_000, "stereo", 8), "-i"]).arg(subtitles).arg("-i").arg(chapters);
    command.args([
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-map",
        "2:a",
        "-map",
        "3:s",
        "-map_metadata",
        "4",
        "-map_chapters",
        "4",
    ]);
    command.args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a:0", "flac"]);
    command.args(["-sample_fmt:a:0", "s16", "-c:a:1", "libvorbis", "-c:s", "srt"]);
    command.args([
        "-disposition:a:0",
        "default",
        "-metadata:s:a:0",
        "language=eng",
        "-metadata:s:a:1",
        "title=Comment",
    ]);
    command.arg("-attach").arg(note).args(["-metadata:s:t", "mimetype=text/plain"]);
    output(command.arg(&path));
    path
}

/// 24-bit stereo.
pub(crate) fn wav_96_khz() -> PathBuf {
    // One for each thread that asks: tests run side by side.
    let name = format!("generated-wav-{:?}", std::thread::current().id());
    let path = folder(&name).join("a sound.wav");
    let mut command = ffmpeg();
    command.args(["-f", "lavfi", "-i", &noise(2, 96_000, "stereo", 8), "-c:a", "pcm_s24le"]);
    output(command.arg(&path));
    path
}
