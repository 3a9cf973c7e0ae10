//! Inputs that are not what they should be: what, where, what to do; and nothing is written.

use crate::support::{Desk, Pcm, noise, wav};

/// Renders `input` through N3 and asserts that it fails with `code` and `words`, and writes nothing.
#[track_caller]
fn refused(desk: &Desk, input: &str, code: i32, words: &[&str]) {
    let before = desk.names();
    desk.auricle(&["render", input, "--listener", "preset:N3", "-o", "heard.wav"]).fails(code, words);
    assert_eq!(desk.names(), before);
}

#[test]
fn a_missing_file() {
    refused(&Desk::new(), "nowhere.mp4", 1, &["nowhere.mp4", "No such file", "check the name"]);
}

#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let path = desk.noise("secret.wav", 0.2);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read everything.
    if std::fs::read(&path).is_err() {
        refused(&desk, "secret.wav", 1, &["secret.wav", "Permission denied", "chmod u+r"]);
    }
}

#[test]
fn a_folder() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("film.mp4")).unwrap();
    refused(&desk, "film.mp4", 1, &["film.mp4", "folder"]);
}

#[test]
fn empty_files() {
    for name in ["empty.wav", "empty.mp4", "empty.flac", "empty"] {
        let desk = Desk::new();
        desk.bytes(name, b"");
        refused(&desk, name, 1, &[name, "empty"]);
    }
}

#[test]
fn a_sound_of_no_samples() {
    let desk = Desk::new();
    desk.bytes("none.wav", &wav(48_000, 2, Pcm::Int16, &[]));
    refused(&desk, "none.wav", 1, &["none.wav", "no sound"]);
}

#[test]
fn files_that_are_no_media() {
    let desk = Desk::new();
    desk.text("talk.wav", "This is not a sound.\n");
    refused(&desk, "talk.wav", 1, &["talk.wav"]);
    desk.text("film.mp4", &"This is not a film either.\n".repeat(100));
    refused(&desk, "film.mp4", 1, &["film.mp4"]);
}

#[test]
fn truncated_sounds() {
    let desk = Desk::new();
    let whole = wav(48_000, 2, Pcm::Int16, &noise(2, 48_000, 1));
    desk.bytes("cut.wav", &whole[..100_000]);
    refused(&desk, "cut.wav", 1, &["cut.wav"]);
    desk.bytes("head.wav", &whole[..20]);
    refused(&desk, "head.wav", 1, &["head.wav"]);
    desk.bytes("whole.wav", &whole);
    desk.ffmpeg(&["-i", "whole.wav", "whole.flac"]);
    let flac = std::fs::read(desk.path("whole.flac")).unwrap();
    desk.bytes("cut.flac", &flac[..flac.len() / 2]);
    refused(&desk, "cut.flac", 1, &["cut.flac"]);
}

#[test]
fn a_truncated_film() {
    let desk = Desk::new();
    desk.film(&["testsrc2=s=160x90:r=25:d=2", "anoisesrc=r=48000:d=2"], "-c:v mpeg4 -c:a aac", "whole.mp4");
    let film = std::fs::read(desk.path("whole.mp4")).unwrap();
    // The index of an MP4 stands at its end: it is lost.
    desk.bytes("cut.mp4", &film[..film.len() / 2]);
    refused(&desk, "cut.mp4", 1, &["cut.mp4"]);
}

#[test]
fn a_corrupt_sound() {
    let desk = Desk::new();
    desk.bytes("whole.wav", &wav(48_000, 2, Pcm::Int16, &noise(2, 48_000, 1)));
    desk.ffmpeg(&["-i", "whole.wav", "whole.flac"]);
    let mut flac = std::fs::read(desk.path("whole.flac")).unwrap();
    let middle = flac.len() / 2;
    flac[middle..middle + 64].fill(0x55);
    desk.bytes("corrupt.flac", &flac);
    refused(&desk, "corrupt.flac", 1, &["corrupt.flac"]);
}

#[test]
fn a_film_without_sound() {
    let desk = Desk::new();
    desk.ffmpeg(&["-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1", "-c:v", "mpeg4", "mute.mp4"]);
    refused(&desk, "mute.mp4", 1, &["mute.mp4", "no audio"]);
}

#[test]
fn a_track_that_is_not_there() {
    let desk = Desk::new();
    desk.film(&["testsrc2=s=160x90:r=25:d=1", "anoisesrc=r=48000:d=1"], "-c:v mpeg4 -c:a aac", "film.mp4");
    let before = desk.names();
    desk.auricle(&["render", "film.mp4", "-l", "preset:N3", "--track", "2", "-o", "heard.mp4"])
        .fails(2, &["film.mp4", "track 2", "1 (aac", "leave --track out"]);
    desk.auricle(&["render", "film.mp4", "-l", "preset:N3", "--track", "0", "-o", "heard.mp4"]).fails(2, &["track 0"]);
    assert_eq!(desk.names(), before);
}

#[test]
fn listeners_that_are_not_there() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    let render = |reference: &str| desk.auricle(&["render", "talk.wav", "--listener", reference, "-o", "heard.wav"]);
    // What was typed is at fault: 2. A file that is not what it should be: 1.
    render("preset:drumer").fails(2, &["--listener preset:drumer", "drummer"]);
    render("preset:drummer/colapse").fails(2, &["colapse", "its states: before, dropouts, collapse"]);
    render("preset:").fails(2, &["--listener preset:", "preset:NAME"]);
    render("nobody.toml").fails(1, &["nobody.toml"]);
    let state = ["render", "talk.wav", "-l", "preset:N3", "--state", "foo", "-o", "heard.wav"];
    desk.auricle(&state).fails(2, &["--state foo: preset:N3 has no such state; its states: N3"]);
    render("preset:drummer").fails(2, &["--state", "collapse"]);
    assert_eq!(desk.names(), ["talk.wav"]);
}

#[test]
fn faults_of_listener_files_are_named_with_line_and_field_all_of_them() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    desk.text(
        "me.toml",
        "name = \"me\"\n[[state]]\nname = \"now\"\nboth = { air = { 250 = 300, 500 = -90, 1000 = 20 } }\n",
    );
    let told = desk.auricle(&["render", "talk.wav", "--listener", "me.toml", "-o", "heard.wav"]);
    let told = told.fails(1, &["me.toml:4", "300", "-90"]);
    assert!(told.err.matches("error:").count() >= 2, "{}", told.err);
    desk.text("broken.toml", "name = \"me\"\n[[state]\n");
    desk.auricle(&["render", "talk.wav", "--listener", "broken.toml", "-o", "heard.wav"]).fails(1, &["broken.toml:2"]);
    assert_eq!(desk.names(), ["broken.toml", "me.toml", "talk.wav"]);
}

#[test]
fn faults_of_cue_sheets_are_all_told_before_any_work() {
    let desk = Desk::new();
    desk.noise("talk.wav", 3.0);
    desk.text(
        "gig.cues.toml",
        "\
listener = \"preset:drummer\"
[[cue]]
in = \"1 s\"
out = \"0.5 s\"
state = \"collapse\"
[[cue]]
in = \"1.2 s\"
out = \"2 s\"
state = \"colapse\"
[[cue]]
in = \"1.5 s\"
out = \"2.5 s\"
state = \"deaf\"
[[cue]]
in = \"7 s\"
out = \"8 s\"
state = \"deaf\"
",
    );
    let told = desk.auricle(&["render", "talk.wav", "--cues", "gig.cues.toml", "-o", "heard.wav"]);
    // Reversed, unknown state, overlapping, past the end.
    let told = told.fails(1, &["gig.cues.toml:4", "gig.cues.toml:9", "gig.cues.toml:11", "gig.cues.toml:15"]);
    assert!(told.err.matches("error:").count() >= 4, "{}", told.err);
    assert_eq!(desk.names(), ["gig.cues.toml", "talk.wav"]);
}

#[test]
fn calibrations_that_cannot_be() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    for level in ["nan", "inf", "-500", "900"] {
        desk.auricle(&["render", "talk.wav", "-l", "preset:N3", "-o", "heard.wav", "--full-scale-db-spl", level])
            .fails(2, &["--full-scale-db-spl"]);
    }
    assert_eq!(desk.names(), ["talk.wav"]);
}

#[test]
fn subtitles_that_cannot_be_read() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    desk.auricle(&["render", "talk.wav", "-l", "preset:N3", "-o", "heard.wav", "--captions", "lost.vtt"])
        .fails(1, &["lost.vtt", "check the name"]);
    desk.text("odd.vtt", "this is no caption file\n");
    desk.auricle(&["render", "talk.wav", "-l", "preset:N3", "-o", "heard.wav", "--captions", "odd.vtt"])
        .fails(1, &["odd.vtt"]);
    assert_eq!(desk.names(), ["odd.vtt", "talk.wav"]);
}
