//! Places where an output cannot go, found before any work is done.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::{Desk, Ended};

fn render(desk: &Desk, input: &str, more: &[&str]) -> Ended {
    let mut args = vec!["render", input, "--listener", "preset:N3"];
    args.extend(more);
    desk.auricle(&args)
}

#[test]
fn an_output_that_exists_needs_force() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    desk.text("heard.wav", "mine");
    render(&desk, "talk.wav", &["-o", "heard.wav"]).fails(2, &["heard.wav", "--force"]);
    assert_eq!(std::fs::read(desk.path("heard.wav")).unwrap(), b"mine");
    render(&desk, "talk.wav", &["-o", "heard.wav", "--force"]).well();
    assert_ne!(std::fs::read(desk.path("heard.wav")).unwrap(), b"mine");
}

#[test]
fn a_report_or_captions_that_exist_need_force() {
    for name in ["heard.report.html", "heard.pov.vtt"] {
        let desk = Desk::new();
        desk.noise("talk.wav", 0.2);
        desk.text(name, "mine");
        render(&desk, "talk.wav", &["-o", "heard.wav"]).fails(2, &[name, "--force"]);
        assert_eq!(std::fs::read(desk.path(name)).unwrap(), b"mine");
        assert_eq!(desk.names().len(), 2);
    }
}

#[test]
fn an_input_is_never_written_over_by_whatever_name() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    let before = std::fs::read(desk.path("talk.wav")).unwrap();
    symlink("talk.wav", desk.path("link.wav")).unwrap();
    std::fs::hard_link(desk.path("talk.wav"), desk.path("hard.wav")).unwrap();
    for output in ["talk.wav", "./talk.wav", "link.wav", "hard.wav"] {
        render(&desk, "talk.wav", &["-o", output, "--force"]).fails(2, &["talk.wav", "input"]);
    }
    desk.text("heard.pov.vtt", "WEBVTT\n\n00:00.000 --> 00:00.100\nHello\n");
    render(&desk, "talk.wav", &["-o", "heard.wav", "--captions", "heard.pov.vtt", "--force"])
        .fails(2, &["heard.pov.vtt"]);
    assert!(before == std::fs::read(desk.path("talk.wav")).unwrap());
}

#[test]
fn a_folder_that_is_missing_or_no_folder() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    render(&desk, "talk.wav", &["-o", "nowhere/heard.wav"]).fails(2, &["nowhere", "folder"]);
    render(&desk, "talk.wav", &["-o", "talk.wav/heard.wav"]).fails(2, &["talk.wav", "folder"]);
    std::fs::create_dir(desk.path("heard.wav")).unwrap();
    render(&desk, "talk.wav", &["-o", "heard.wav", "--force"]).fails(2, &["heard.wav", "folder"]);
    assert_eq!(desk.names(), ["heard.wav", "talk.wav"]);
}

#[test]
fn a_folder_that_cannot_be_written() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    let locked = desk.path("locked");
    std::fs::create_dir(&locked).unwrap();
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o555)).unwrap();
    // Who may write everywhere (root) meets a folder of the system that takes no files from anyone.
    let everywhere = std::fs::write(locked.join("probe"), b"").is_ok();
    let _ = std::fs::remove_file(locked.join("probe"));
    let folder = if everywhere { "/proc/self".to_owned() } else { locked.display().to_string() };
    render(&desk, "talk.wav", &["-o", &format!("{folder}/heard.wav")]).fails(1, &[&folder, "write"]);
}

#[test]
fn a_folder_that_goes_away_meanwhile() {
    let desk = Desk::new();
    desk.noise("talk.wav", 40.0);
    let folder = desk.path("gone");
    for output in ["gone/heard.wav", "gone/heard.flac"] {
        std::fs::create_dir(&folder).unwrap();
        let child = desk
            .command(&["render", "talk.wav", "-l", "preset:N3", "-o", output])
            .stderr(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // All its hidden files are there before it begins; nothing is in place before it ends.
        while std::fs::read_dir(&folder).unwrap().count() < 3 {
            std::thread::yield_now();
        }
        while std::fs::remove_dir_all(&folder).is_err() {}
        let ended = Ended::from(child.wait_with_output().unwrap());
        ended.fails(1, &[output, "gone", "folder", "again"]);
        assert!(!folder.exists());
    }
}

#[test]
fn a_name_that_leaves_no_room_for_the_reports_is_refused_before_any_work() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    // Of 255 bytes ".report.html" takes 12, ".pov.vtt" 8 and ".wav" 4.
    for (length, more, told) in [
        (252, &[][..], Some(".wav")),
        (244, &[][..], Some(".report.html")),
        (248, &["--no-report"][..], Some(".pov.vtt")),
        (251, &["--no-report", "--no-captions"][..], None),
        (243, &[][..], None),
    ] {
        let output = format!("{}.wav", "x".repeat(length));
        let ended = render(&desk, "talk.wav", &[&["-o", output.as_str()][..], more].concat());
        match told {
            Some(ending) => {
                let ended = ended.fails(2, &[ending, "too long", "shorter"]);
                assert!(!ended.err.contains("rendering"), "{}", ended.err);
                assert_eq!(desk.names(), ["talk.wav"]);
            }
            None => {
                ended.well();
                assert!(desk.path(&output).exists());
                for name in desk.names().iter().filter(|name| *name != "talk.wav") {
                    std::fs::remove_file(desk.path(name)).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_kind_of_file_that_is_not_known() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    render(&desk, "talk.wav", &["-o", "heard.xyz"]).fails(2, &["xyz", ".wav", ".flac", ".mp4", ".mkv", ".mov"]);
    render(&desk, "talk.wav", &["-o", "heard"]).fails(2, &["heard", ".wav"]);
}

#[test]
fn choices_that_do_not_go_together() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    desk.text("gig.cues.toml", "listener = \"preset:N3\"\n[[cue]]\nin = \"0.1 s\"\nout = \"0.15 s\"\nstate = \"N3\"\n");
    render(&desk, "talk.wav", &["-o", "heard.wav", "--cues", "gig.cues.toml", "--state", "x"]).fails(2, &["--state"]);
    render(&desk, "talk.wav", &["-o", "heard.flac", "--bits", "float"]).fails(2, &["float", ".wav"]);
    render(&desk, "talk.wav", &["-o", "heard.wav", "--codec", "aac"]).fails(2, &["--codec"]);
    desk.auricle(&["render", "talk.wav", "-o", "heard.wav"]).fails(2, &["--listener"]);
    desk.auricle(&["render", "talk.wav", "--listener", "preset:N3"]).fails(2, &["--output"]);
    assert_eq!(desk.names(), ["gig.cues.toml", "talk.wav"]);
}
