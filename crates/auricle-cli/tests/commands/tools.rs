//! ffmpeg missing, too old, or dying half-way.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Desk, Ended};

/// A film to render.
fn film(desk: &Desk) {
    let streams = ["testsrc2=s=160x90:r=25:d=8", "anoisesrc=r=48000:d=8:a=0.1:seed=3"];
    desk.film(&streams, "-c:v mpeg4 -c:a aac", "film.mp4");
}

/// Renders the film with `path` as PATH.
fn render(desk: &Desk, path: &str) -> Ended {
    desk.command(&["render", "film.mp4", "-l", "preset:N3", "-o", "heard.mp4"])
        .env("PATH", path)
        .output()
        .unwrap()
        .into()
}

/// Writes an executable script.
fn script(folder: &Path, name: &str, text: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The absolute path of a program on this machine.
fn which(name: &str) -> String {
    let path = std::env::var("PATH").unwrap();
    let found = path.split(':').map(|folder| Path::new(folder).join(name)).find(|program| program.exists());
    found.unwrap_or_else(|| panic!("these tests need {name}: apt-get install ffmpeg")).display().to_string()
}

#[test]
fn a_film_without_ffmpeg_is_refused_with_what_to_install() {
    let desk = Desk::new();
    film(&desk);
    std::fs::create_dir(desk.path("bin")).unwrap();
    let path = desk.path("bin").display().to_string();
    render(&desk, &path).fails(1, &["ffmpeg", "install"]);
    assert_eq!(desk.names(), ["bin", "film.mp4"]);
}

#[test]
fn a_sound_needs_no_ffmpeg() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.3);
    desk.ffmpeg(&["-i", "talk.wav", "talk.flac"]);
    for (input, output) in [("talk.wav", "1.wav"), ("talk.flac", "2.flac")] {
        let mut command = desk.command(&["render", input, "-l", "preset:N3", "-o", output]);
        Ended::from(command.env("PATH", "").output().unwrap()).well();
    }
}

#[test]
fn an_ffmpeg_that_is_too_old_is_refused() {
    let desk = Desk::new();
    film(&desk);
    let bin = desk.path("bin");
    for name in ["ffmpeg", "ffprobe"] {
        script(
            &bin,
            name,
            &format!("#!/bin/sh\necho '{name} version 3.4.8 Copyright (c) 2000-2020 the FFmpeg developers'\n"),
        );
    }
    render(&desk, &bin.display().to_string()).fails(1, &["3.4.8", "too old", "install"]);
    assert_eq!(desk.names(), ["bin", "film.mp4"]);
}

#[test]
fn an_ffmpeg_that_dies_half_way_is_told_of_and_leaves_nothing() {
    let desk = Desk::new();
    film(&desk);
    let (ffmpeg, ffprobe) = (which("ffmpeg"), which("ffprobe"));
    let bin = desk.path("bin");
    script(&bin, "ffprobe", &format!("#!/bin/sh\nexec {ffprobe} \"$@\"\n"));
    // Decoding: killed after 1 MB of sound. Encoding: killed while it is being fed.
    let decoder_dies = format!(
        "#!/bin/bash\ncase \"$*\" in *pipe:1*) {ffmpeg} \"$@\" 2> /dev/null | head -c 1000000; kill -9 $$;; \
         *) exec {ffmpeg} \"$@\";; esac\n"
    );
    let encoder_dies = format!(
        "#!/bin/bash\ncase \"$*\" in *pipe:0*) head -c 1000000 > /dev/null; kill -9 $$;; *) exec {ffmpeg} \"$@\";; esac\n"
    );
    let path = format!("{}:/usr/bin:/bin", bin.display());
    for text in [decoder_dies, encoder_dies] {
        script(&bin, "ffmpeg", &text);
        render(&desk, &path).fails(1, &["ffmpeg", "was ended by signal 9", "render again"]);
        assert_eq!(desk.names(), ["bin", "film.mp4"]);
    }
}
