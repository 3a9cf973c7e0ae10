//! `auricle check`: every fault, with file, line and field.

use crate::support::Desk;

const GIG: &str = "\
title = \"The gig\"
listener = \"me.toml\"

[picture]
frame_rate = \"25\"

[[cue]]
in = \"00:00:01:00\"
out = \"00:00:02:00\"
state = \"now\"
";

const ME: &str = "\
name = \"me\"

[[state]]
name = \"now\"
both = { air = { 250 = 20, 1000 = 40, 4000 = 70 } }
";

#[test]
fn files_without_faults_pass_wherever_one_stands() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("show")).unwrap();
    desk.text("show/me.toml", ME);
    desk.text("show/gig.cues.toml", GIG);
    // The listener is looked for beside the sheet.
    let told = desk.auricle(&["check", "show/gig.cues.toml", "show/me.toml"]).well();
    assert!(told.out.contains("gig.cues.toml") && told.out.contains("me.toml"), "{}", told.out);
}

#[test]
fn every_fault_of_every_file_is_named_with_line_and_field() {
    let desk = Desk::new();
    desk.text("me.toml", &ME.replace("250 = 20", "250 = 200").replace("4000 = 70", "4000 = -70"));
    desk.text("gig.cues.toml", &GIG.replace("\"me.toml\"", "\"you.toml\"").replace("00:00:02:00", "00:00:00:00"));
    let told = desk.auricle(&["check", "me.toml", "gig.cues.toml"]);
    assert_eq!(told.code, Some(1));
    let all = format!("{}{}", told.out, told.err);
    for place in ["me.toml:5", "200", "-70", "gig.cues.toml:2", "you.toml", "gig.cues.toml:9"] {
        assert!(all.contains(place), "no {place} in:\n{all}");
    }
}

#[test]
fn a_state_that_the_listener_does_not_have_is_a_fault_of_the_sheet() {
    let desk = Desk::new();
    desk.text("me.toml", ME);
    desk.text("gig.cues.toml", &GIG.replace("\"now\"", "\"then\""));
    let told = desk.auricle(&["check", "gig.cues.toml"]);
    assert_eq!(told.code, Some(1));
    let all = format!("{}{}", told.out, told.err);
    assert!(all.contains("gig.cues.toml:10") && all.contains("then") && all.contains("now"), "{all}");
}

#[test]
fn a_sheet_is_checked_against_its_film() {
    let desk = Desk::new();
    desk.text("me.toml", ME);
    desk.text("gig.cues.toml", GIG);
    let film = |rate: &str, secs: &str, name: &str| {
        let picture = format!("testsrc2=s=160x90:r={rate}:d={secs}");
        let sound = format!("anoisesrc=r=48000:d={secs}:a=0.1:seed=3");
        desk.film(&[&picture, &sound], "-c:v mpeg4 -c:a aac", name);
    };
    film("25", "3", "good.mp4");
    film("24", "3", "rate.mp4");
    film("25", "1.5", "short.mp4");
    let check = |name: &str| {
        let told = desk.auricle(&["check", "gig.cues.toml", "--film", name]);
        (told.code, format!("{}{}", told.out, told.err))
    };
    assert_eq!(check("good.mp4").0, Some(0), "{}", check("good.mp4").1);
    let (code, all) = check("rate.mp4");
    assert!(code == Some(1) && all.contains("frame_rate") && all.contains("24"), "{code:?} {all}");
    let (code, all) = check("short.mp4");
    assert!(code == Some(1) && all.contains("gig.cues.toml:9"), "{code:?} {all}");
}

#[test]
fn faults_come_as_json_lines() {
    let desk = Desk::new();
    desk.text("me.toml", &ME.replace("250 = 20", "250 = 200"));
    let told = desk.auricle(&["check", "me.toml", "--json"]);
    assert_eq!((told.code, told.err.as_str()), (Some(1), ""));
    let fault: serde_json::Value = serde_json::from_str(told.out.lines().next().unwrap()).unwrap();
    assert_eq!((&fault["type"], &fault["severity"], &fault["line"]), (&"fault".into(), &"error".into(), &5.into()));
}

#[test]
fn files_that_cannot_be_checked() {
    let desk = Desk::new();
    let told = desk.auricle(&["check", "nowhere.toml"]);
    assert!(told.code == Some(1) && told.err.contains("nowhere.toml"), "{told:?}");
    desk.text("other.toml", "colour = \"blue\"\n");
    let told = desk.auricle(&["check", "other.toml"]);
    assert!(told.code == Some(1) && told.err.contains("other.toml"), "{told:?}");
    desk.bytes("bytes.toml", &[0xff, 0xfe, 0x00, 0x80]);
    let told = desk.auricle(&["check", "bytes.toml"]);
    assert!(told.code == Some(1) && told.err.contains("bytes.toml"), "{told:?}");
}

#[test]
fn a_file_of_nothing_but_a_syntax_error_is_told_where_it_is() {
    let desk = Desk::new();
    desk.text("x.toml", "\nx =\n");
    let told = desk.auricle(&["check", "x.toml"]).fails(1, &["x.toml:2:", "not valid TOML"]);
    assert!(!told.err.contains("neither"), "{}", told.err);
}

#[test]
fn faults_come_in_the_order_of_the_file_with_line_and_column() {
    let desk = Desk::new();
    desk.noise("talk.wav", 3.0);
    desk.text(
        "gig.cues.toml",
        "\
listener = \"preset:drummer\"
[[cue]]
in = \"8 s\"
state = \"colapse\"
[[cue]]
in = \"1 s\"
out = \"7 s\"
state = \"deaf\"
enter = \"popp\"
[[cue]]
in = \"2 s\"
state = \"def\"
",
    );
    let places = |told: &str| -> Vec<(usize, usize)> {
        let rest = told.lines().filter_map(|line| line.strip_prefix("error: gig.cues.toml:"));
        rest.map(|rest| {
            let mut numbers = rest.split(':').map(|number| number.parse().unwrap_or(0));
            (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
        })
        .collect()
    };
    let checked = desk.auricle(&["check", "gig.cues.toml", "--film", "talk.wav"]).fails(1, &[]).err;
    let rendered =
        desk.auricle(&["render", "talk.wav", "--cues", "gig.cues.toml", "-o", "heard.wav"]).fails(1, &[]).err;
    for told in [checked, rendered] {
        let found = places(&told);
        assert!(found.is_sorted() && found.iter().all(|place| place.1 > 0), "{told}");
        for place in [(3, 6), (4, 9), (7, 7), (9, 9), (12, 9)] {
            assert!(found.contains(&place), "no {place:?} in {found:?}:\n{told}");
        }
    }
}

#[test]
fn a_sheet_may_name_a_state_with_the_listener() {
    let desk = Desk::new();
    desk.noise("talk.wav", 3.0);
    let inside = |name: &str, sheet: &str| {
        desk.text("gig.cues.toml", sheet);
        desk.auricle(&["check", "gig.cues.toml"]).well();
        desk.auricle(&["render", "talk.wav", "--cues", "gig.cues.toml", "-o", name, "--no-report"]).well();
        std::fs::read(desk.path(name)).unwrap()
    };
    let stated = inside("1.wav", "listener = \"preset:drummer\"\n[[cue]]\nin = 1\nout = 2\nstate = \"deaf\"\n");
    let of_cue = inside("2.wav", "[[cue]]\nin = 1\nout = 2\nlistener = \"preset:drummer/deaf\"\n");
    let of_sheet = inside("3.wav", "listener = \"preset:drummer/deaf\"\n[[cue]]\nin = 1\nout = 2\n");
    assert!(stated == of_cue && stated == of_sheet);
    // The sheet's is a default; a cue's own contradicts itself.
    desk.text("gig.cues.toml", "listener = \"preset:drummer/deaf\"\n[[cue]]\nin = 1\nstate = \"collapse\"\n");
    desk.auricle(&["check", "gig.cues.toml"]).well();
    let twice = "[[cue]]\nin = 1\nlistener = \"preset:drummer/deaf\"\nstate = \"collapse\"\n";
    desk.text("gig.cues.toml", twice);
    desk.auricle(&["check", "gig.cues.toml"]).fails(1, &["gig.cues.toml:3:12", "name it once"]);
    desk.text("gig.cues.toml", "[[cue]]\nin = 1\nlistener = \"preset:drummer/def\"\n");
    desk.auricle(&["check", "gig.cues.toml"]).fails(1, &["gig.cues.toml:3:", "no state \"def\"", "\"deaf\""]);
}

#[test]
fn a_fault_hides_no_other_and_each_is_told_once_at_its_place() {
    let desk = Desk::new();
    desk.text("me.toml", ME);
    desk.text(
        "gig.cues.toml",
        "\
listener = \"preset:drumer\"
seed = -1
[[cue]]
in = \"soon\"
state = \"then\"
listener = \"me.toml\"
[[cue]]
in = \"1 s\"
out = \"99:99\"
listener = \"nofile.toml\"
[[cue]]
in = \"5 s\"
[[cue]]
in = \"6 s\"
listener = \"preset:drummer/def\"
",
    );
    let told = desk.auricle(&["check", "gig.cues.toml"]).fails(1, &[]).err;
    for place in [
        "gig.cues.toml:1:12: listener: there is no preset \"drumer\"",
        "gig.cues.toml:2:8: seed",
        "gig.cues.toml:4:6: cue[1].in",
        "gig.cues.toml:5:9: cue[1].state: me has no state \"then\"",
        "gig.cues.toml:9:7: cue[2].out",
        "gig.cues.toml:10:12: cue[2].listener: nofile.toml cannot be read",
        "gig.cues.toml:15:1: cue[4].state: drummer has no state \"def\"",
    ] {
        assert_eq!(told.matches(place).count(), 1, "{place} in:\n{told}");
    }
    assert_eq!(told.matches("error:").count(), 7, "{told}");
}
