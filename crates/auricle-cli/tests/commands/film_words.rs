//! What a film says of itself and its tracks: kept, or told of where the output does not say it.

use crate::film::{PICTURE, SOUND};
use crate::support::{Desk, Ended};

fn render(desk: &Desk, input: &str, output: &str) -> Ended {
    desk.auricle(&["render", input, "-l", "preset:N3", "-o", output, "--no-report", "--no-captions", "--force"]).well()
}

#[test]
fn the_time_a_film_was_made_is_kept() {
    let desk = Desk::new();
    let made = "creation_time=2024-05-01T10:00:00";
    desk.film(&[PICTURE, SOUND], &format!("-c:v mpeg4 -c:a pcm_s16le -metadata {made}Z"), "film.mov");
    for output in ["heard.mov", "heard.mp4", "heard.mkv", "heard.wav", "heard.flac"] {
        let codec = if output == "heard.mp4" { &["--tracks", "pov"][..] } else { &[] };
        let args = ["render", "film.mov", "-l", "preset:N3", "-o", output, "--no-report", "--no-captions"];
        let told = desk.auricle(&[&args[..], codec].concat()).well().err;
        let tags = desk.ffprobe(output, &["-show_entries", "format_tags"]);
        let kept = tags.to_lowercase().contains(&made.to_lowercase()) || tags.contains("date=2024-05-01T10:00:00");
        assert!(kept, "{output}: {tags}");
        assert!(!told.contains("creation_time"), "{output}: {told}");
    }
}

#[test]
fn a_picture_that_is_turned_stays_so_or_is_told_of() {
    let desk = Desk::new();
    desk.film(&[PICTURE, SOUND], "-c:v mpeg4 -c:a aac", "plain.mp4");
    desk.ffmpeg(&["-i", "plain.mp4", "-c", "copy", "-metadata:s:v:0", "rotate=90", "phone.mp4"]);
    let turned = |name: &str| desk.ffprobe(name, &["-show_entries", "stream_side_data=rotation"]).contains("90");
    if !turned("phone.mp4") {
        // From 6 on ffmpeg has an option of its own for it.
        desk.ffmpeg(&["-display_rotation:v:0", "90", "-i", "plain.mp4", "-c", "copy", "phone.mp4"]);
    }
    assert!(turned("phone.mp4"));
    for output in ["heard.mp4", "heard.mov", "heard.mkv"] {
        let told = render(&desk, "phone.mp4", output).err;
        assert_eq!(told.contains("the picture is turned by"), !turned(output), "{output}: {told}");
        assert!(turned(output) || output == "heard.mkv", "{output}");
    }
    assert!(!render(&desk, "plain.mp4", "heard.mkv").err.contains("turned"));
}

#[test]
fn languages_of_tracks_are_kept_in_quicktime_too_or_told_of() {
    let desk = Desk::new();
    for (language, known) in [("deu", true), ("swe", true), ("zho", true), ("fra", true), ("gsw", false)] {
        let words = format!("-c:v mpeg4 -c:a pcm_s16le -metadata:s:a:0 language={language}");
        desk.film(&["testsrc2=s=160x90:r=25:d=1", "anoisesrc=r=48000:d=1:a=0.1"], &words, "film.mkv");
        for output in ["heard.mov", "heard.mkv"] {
            let told = render(&desk, "film.mkv", output).err;
            let languages = desk.ffprobe(output, &["-select_streams", "a", "-show_entries", "stream_tags=language"]);
            let kept = known || output == "heard.mkv";
            assert_eq!(languages.matches("language=").count(), if kept { 2 } else { 0 }, "{language}: {languages}");
            let words = format!("the language {language} of the source's tracks");
            assert_eq!(told.contains(&words), !kept, "{language} in {output}: {told}");
        }
    }
}

#[test]
fn chapters_that_are_moved_are_told_of() {
    let desk = Desk::new();
    for (first_ms, moved) in [(0, false), (300, true)] {
        let meta = format!(
            ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART={first_ms}\nEND=900\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=900\nEND=2000\ntitle=Two\n"
        );
        desk.text("meta.txt", &meta);
        let words = "-map_metadata 2 -map_chapters 2 -c:v mpeg4 -c:a pcm_s16le";
        desk.film(&["testsrc2=s=160x90:r=25:d=2", "anoisesrc=r=48000:d=2:a=0.1", "meta.txt"], words, "film.mkv");
        for output in ["heard.mov", "heard.mkv"] {
            let told = render(&desk, "film.mkv", output).err;
            let chapters = desk.ffprobe(output, &["-show_entries", "chapter=start_time"]);
            let there = chapters.contains(&format!("start_time=0.{first_ms}"));
            assert_eq!(told.contains("chapters begin up to 0."), !there, "{output}: {chapters} {told}");
            assert!(there || (moved && output == "heard.mov"), "{output}: {chapters}");
        }
    }
}

#[test]
fn an_attached_file_that_stays_behind_is_told_of_by_its_name() {
    let desk = Desk::new();
    desk.text("notes.txt", "Some notes.\n");
    let words = "-c:v mpeg4 -c:a aac -attach notes.txt -metadata:s:t:0 mimetype=application/octet-stream";
    desk.film(&[PICTURE, SOUND], words, "film.mkv");
    let told = render(&desk, "film.mkv", "heard.mp4").err;
    assert!(told.contains("attached file (stream 2, notes.txt): an MP4 file cannot hold it"), "{told}");
}

#[test]
fn lyrics_of_an_mp3_file_are_lyrics_in_flac() {
    let desk = Desk::new();
    desk.noise("song.wav", 1.0);
    desk.ffmpeg(&["-i", "song.wav", "-c:a", "libmp3lame", "-write_id3v1", "0", "-id3v2_version", "0", "song.mp3"]);
    // ID3v2.3 with one frame of unsynchronised lyrics (its section 4.9): encoding, language, description, text.
    let text = b"\0eng\0La la la";
    let frame = [&b"USLT"[..], &(text.len() as u32).to_be_bytes(), &[0, 0], text].concat();
    let tag = [&b"ID3\x03\0\0\0\0\0"[..], &[frame.len() as u8], &frame].concat();
    desk.bytes("song.mp3", &[tag, std::fs::read(desk.path("song.mp3")).unwrap()].concat());
    let told = render(&desk, "song.mp3", "heard.flac").err;
    let tags = desk.ffprobe("heard.flac", &["-show_entries", "format_tags"]).to_lowercase();
    assert!(tags.contains("lyrics=la la la") && !tags.contains("uslt"), "{tags}");
    assert!(!told.contains("lyrics"), "{told}");
}
