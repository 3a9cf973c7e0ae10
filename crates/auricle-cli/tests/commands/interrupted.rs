//! Renders that are ended from outside: Ctrl-C, a kill, a full disk. Nothing stands at the destination
//! then, or a whole file; never half of one; and the input is as it was.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{AURICLE, Desk, Dice, Ended, read_wav};

/// Sends a signal, by the system's own `kill`.
fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill").args([format!("-{name}"), pid.to_string()]).stderr(Stdio::null()).status();
}

/// The files in `desk` that are not hidden leftovers of a killed process.
fn visible(desk: &Desk) -> Vec<String> {
    desk.names().into_iter().filter(|name| !name.starts_with('.')).collect()
}

/// Renders with `args` and sends `name` after a time that the dice give, a few times over.
fn signalled(desk: &Desk, args: &[&str], name: &str, seed: u64, mut after: impl FnMut(Ended)) {
    let mut dice = Dice(seed);
    let begun = std::time::Instant::now();
    Ended::from(desk.command(args).output().unwrap()).well();
    let whole = begun.elapsed();
    for output in visible(desk).iter().filter(|name| name.starts_with("heard")) {
        std::fs::remove_file(desk.path(output)).unwrap();
    }
    for _ in 0..6 {
        let child = desk.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_nanos(dice.roll() % whole.as_nanos() as u64));
        signal(child.id(), name);
        after(child.wait_with_output().unwrap().into());
        for output in visible(desk).iter().filter(|name| name.starts_with("heard")) {
            std::fs::remove_file(desk.path(output)).unwrap();
        }
    }
}

/// Asserts that `path`, where it is there, is a whole WAV file of `samples`.
fn absent_or_whole(path: &Path, samples: usize) {
    if path.exists() {
        assert_eq!(read_wav(path).2.len(), samples);
    }
}

#[test]
fn ctrl_c_ends_a_render_with_130_and_leaves_nothing() {
    let desk = Desk::new();
    desk.noise("talk.wav", 60.0);
    let before = std::fs::read(desk.path("talk.wav")).unwrap();
    let args = ["render", "talk.wav", "-l", "preset:N3", "-o", "heard.wav", "--force"];
    signalled(&desk, &args, "INT", 11, |ended| {
        match ended.code {
            Some(130) => assert_eq!(desk.names(), ["talk.wav"], "{}", ended.err),
            // Before the program listens to signals, or after it is done.
            None => assert_eq!(desk.names(), ["talk.wav"], "{}", ended.err),
            Some(0) => absent_or_whole(&desk.path("heard.wav"), 60 * 96_000),
            other => panic!("{other:?}: {}", ended.err),
        }
        assert!(before == std::fs::read(desk.path("talk.wav")).unwrap(), "the input was touched");
    });
}

#[test]
fn a_kill_leaves_nothing_half_written_at_the_destination() {
    let desk = Desk::new();
    desk.noise("talk.wav", 30.0);
    let before = std::fs::read(desk.path("talk.wav")).unwrap();
    let args = ["render", "talk.wav", "-l", "preset:N3", "-o", "heard.wav", "--force"];
    signalled(&desk, &args, "KILL", 12, |_| {
        absent_or_whole(&desk.path("heard.wav"), 30 * 96_000);
        assert!(before == std::fs::read(desk.path("talk.wav")).unwrap(), "the input was touched");
    });
}

#[test]
fn signals_while_a_film_is_rendered_leave_nothing_half_written() {
    let desk = Desk::new();
    desk.film(
        &["testsrc2=s=160x90:r=25:d=40", "anoisesrc=r=48000:d=40:a=0.1:seed=3"],
        "-c:v mpeg4 -c:a aac",
        "film.mp4",
    );
    let before = std::fs::read(desk.path("film.mp4")).unwrap();
    for (name, seed) in [("INT", 13), ("KILL", 14)] {
        let args = ["render", "film.mp4", "-l", "preset:N3", "-o", "heard.mp4", "--force"];
        signalled(&desk, &args, name, seed, |ended| {
            if name == "INT" && ended.code != Some(0) {
                assert!(matches!(ended.code, Some(130) | None), "{:?}: {}", ended.code, ended.err);
                assert_eq!(desk.names(), ["film.mp4"], "{}", ended.err);
            }
            if desk.path("heard.mp4").exists() {
                let streams = desk.ffprobe("heard.mp4", &["-show_entries", "stream=codec_type"]);
                assert_eq!(streams.matches("audio").count(), 2, "{streams}");
                let duration = desk.ffprobe("heard.mp4", &["-show_entries", "format=duration"]);
                let secs: f64 = duration.trim().trim_start_matches("duration=").parse().unwrap();
                assert!((secs - 40.0).abs() < 0.1, "{duration}");
            }
            assert!(before == std::fs::read(desk.path("film.mp4")).unwrap(), "the input was touched");
        });
    }
}

#[test]
fn a_full_disk_is_told_of_and_leaves_nothing() {
    let desk = Desk::new();
    desk.noise("talk.wav", 10.0);
    // Without the trap the limit would end the program by a signal, which a full disk does not.
    // 1 MiB is the largest file this shell's children may write: the sound takes 2.9 MB.
    let script = "ulimit -f 1024; exec \"$0\" render talk.wav -l preset:N3 -o heard.wav";
    let output = Command::new("bash").current_dir(desk.folder()).args(["-c", script, AURICLE]).output().unwrap();
    Ended::from(output).fails(1, &["heard.wav"]);
    assert_eq!(desk.names(), ["talk.wav"]);
}

#[test]
fn a_full_disk_under_a_film_is_told_of_and_leaves_nothing() {
    let desk = Desk::new();
    desk.film(
        &["testsrc2=s=160x90:r=25:d=10", "anoisesrc=r=48000:d=10:a=0.1:seed=3"],
        "-c:v mpeg4 -c:a aac",
        "film.mp4",
    );
    let script = "ulimit -f 256; exec \"$0\" render film.mp4 -l preset:N3 -o heard.mkv";
    let output = Command::new("bash").current_dir(desk.folder()).args(["-c", script, AURICLE]).output().unwrap();
    Ended::from(output).fails(1, &["heard.mkv"]);
    assert_eq!(desk.names(), ["film.mp4"]);
}

#[test]
fn a_limit_on_the_size_of_files_is_told_and_nothing_is_left() {
    let desk = Desk::new();
    desk.noise("talk.wav", 4.0);
    for output in ["heard.wav", "heard.flac", "heard.mkv"] {
        // Half a MB of the megabyte and more that each would have: the unit is 512 or 1024 bytes.
        let script = format!("ulimit -f 500; exec '{AURICLE}' render talk.wav -l preset:N1 --bits 24 -o {output}");
        let ended: Ended = Command::new("sh").current_dir(desk.folder()).args(["-c", &script]).output().unwrap().into();
        ended.fails(1, &[output, "File too large", "ulimit -f"]);
        assert_eq!(desk.names(), ["talk.wav"], "{output}");
    }
}
