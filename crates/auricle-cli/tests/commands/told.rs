//! What the program says: whether it could be said, whether it is true, and whether it is said once.

use std::fs::OpenOptions;

use crate::support::{Desk, Ended, Pcm, noise, wav};

/// Runs the program with `args`, its standard output going to a full disk.
fn to_a_full_disk(desk: &Desk, args: &[&str]) -> Ended {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    desk.command(args).stdout(full).output().unwrap().into()
}

#[test]
fn what_cannot_be_written_to_standard_output_is_no_success() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    desk.text("me.toml", "name = \"me\"\n[[state]]\nname = \"now\"\n");
    for args in [
        &["listeners"][..],
        &["listeners", "--json"],
        &["listeners", "show", "drummer"],
        &["listeners", "show", "drummer", "--json"],
        &["schema", "cues"],
        &["schema", "listener"],
        &["check", "me.toml"],
        &["check", "me.toml", "--json"],
        &["render", "talk.wav", "-l", "preset:N3", "-o", "heard.wav", "--json", "--force"],
        &["render", "talk.wav", "-l", "preset:N3", "-o", "heard.wav", "--force"],
        &["--help"],
        &["--version"],
    ] {
        let told = to_a_full_disk(&desk, args).fails(1, &["standard output", "No space left"]);
        assert!(!told.err.contains("Failed("), "{args:?}: {}", told.err);
    }
    // What was rendered is there all the same.
    assert!(desk.path("heard.wav").exists());
}

#[test]
fn a_limit_on_the_size_of_files_is_told_too() {
    let desk = Desk::new();
    let script = "ulimit -f 1; exec \"$0\" listeners show drummer > shown.toml";
    let mut command = std::process::Command::new("bash");
    let output = command.current_dir(desk.folder()).args(["-c", script, crate::support::AURICLE]).output().unwrap();
    Ended::from(output).fails(1, &["standard output", "too large"]);
}

#[test]
fn usage_that_cannot_be_is_told_as_json_where_a_program_listens() {
    let desk = Desk::new();
    for args in [
        &["render", "talk.wav", "--json"][..],
        &["check", "--json"],
        &["listeners", "--json", "--nope"],
        &["examine", "preset:N3", "--rate", "x", "--json"],
    ] {
        let told = desk.auricle(args).fails(2, &["error:"]);
        let line: serde_json::Value = serde_json::from_str(told.out.trim_end()).unwrap();
        assert_eq!((&line["type"], &line["exit_code"]), (&"error".into(), &2.into()), "{line}");
        let message = line["message"].as_str().unwrap();
        assert!(message.starts_with("error:") && !message.contains('\u{1b}'), "{message}");
    }
    // Whoever does not ask for JSON gets none.
    assert_eq!(desk.auricle(&["render", "talk.wav"]).fails(2, &["error:"]).out, "");
}

#[test]
fn names_that_begin_with_a_dash_come_with_a_tip() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    // "-f" and "-q" are options, "-n" is none.
    for (option, name) in [("-o", "-name.wav"), ("--output", "-name.wav"), ("-o", "-fq.wav"), ("-o", "--name.wav")] {
        let told = desk.auricle(&["render", "talk.wav", "-l", "preset:N3", option, name]).fails(2, &["tip:"]);
        let tip = format!("write '--output={name}' or './{name}'");
        assert!(told.err.contains(&tip) && told.err.matches("tip:").count() == 1, "{}", told.err);
    }
    for output in ["./-name.wav", "-name.wav"] {
        let output = format!("--output={output}");
        desk.auricle(&["render", "talk.wav", "-l", "preset:N3", &output, "--force"]).well();
    }
    // Nothing came after it: there is no name to speak of.
    let told = desk.auricle(&["render", "talk.wav", "-l", "preset:N3", "-o"]).fails(2, &["--output"]);
    assert!(!told.err.contains("tip:"), "{}", told.err);
}

#[test]
fn a_render_that_nobody_hears_is_answered_with_both_ways_to_say_who() {
    let desk = Desk::new();
    desk.auricle(&["render", "x.wav", "-o", "y.wav"]).fails(2, &["--listener <REF>", "--cues <SHEET>"]);
}

#[test]
fn what_is_too_short_to_measure_is_not_called_silent() {
    let desk = Desk::new();
    desk.noise("talk.wav", 3.0);
    desk.text("gig.cues.toml", "listener = \"preset:N1\"\n[[cue]]\nin = 1\nout = 1.3\n");
    let told = desk.auricle(&["render", "talk.wav", "--cues", "gig.cues.toml", "-o", "heard.wav"]).well();
    let inside = told.out.lines().find(|line| line.starts_with("inside")).unwrap().to_owned();
    assert!(inside.contains("too short to measure") && !inside.contains("silent"), "{inside}");
    let report = std::fs::read_to_string(desk.path("heard.report.html")).unwrap();
    assert!(report.contains("<td>too short</td>") && !report.contains("<td>silent</td>"));
    desk.bytes("still.wav", &wav(48_000, 1, Pcm::Int16, &[0.0; 96_000]));
    let told = desk.auricle(&["render", "still.wav", "-l", "preset:N1", "-o", "heard.wav", "--force"]).well();
    assert!(told.out.contains("inside : silent -> silent"), "{}", told.out);
}

#[test]
fn the_report_says_once_what_is_above_full_scale() {
    let desk = Desk::new();
    let loud: Vec<f32> = noise(2, 48_000, 1).iter().map(|x| 8.0 * x).collect();
    desk.bytes("loud.wav", &wav(48_000, 2, Pcm::Float32, &loud));
    desk.text("gig.cues.toml", "listener = \"preset:N1\"\n[[cue]]\nin = 0.5\nout = 0.7\n");
    for (bits, words) in [("24", "They clip: write floating point"), ("float", "They survive")] {
        let args = ["render", "loud.wav", "--cues", "gig.cues.toml", "-o", "heard.wav", "--force", "--bits", bits];
        let told = desk.auricle(&args).well();
        assert!(told.err.contains("the source has"), "{}", told.err);
        let report = std::fs::read_to_string(desk.path("heard.report.html")).unwrap();
        let (_, look) = report.split_once("Worth a look").unwrap();
        let (look, _) = look.split_once("</section>").unwrap();
        assert_eq!(look.matches("above full scale").count(), 2, "{look}");
        assert!(look.contains("The source has") && look.contains("The render has") && look.contains(words), "{look}");
    }
}

#[test]
fn what_another_listener_hears_over_a_cue_is_not_told_as_the_cues() {
    let desk = Desk::new();
    desk.noise("talk.wav", 6.0);
    let beneath = "listener = \"preset:deaf\"\n[[cue]]\nin = 0.5\nout = 5.5\n";
    let over = "[[cue]]\nin = 1.5\nout = 4.5\nlistener = \"preset:N1\"\n";
    let all_over = "[[cue]]\nin = 0.5\nout = 5.5\nlistener = \"preset:N1\"\n";
    let said = |cues: &str| {
        desk.text("gig.cues.toml", cues);
        desk.auricle(&["render", "talk.wav", "--cues", "gig.cues.toml", "-o", "heard.wav", "--force"]).well();
        let report = std::fs::read_to_string(desk.path("heard.report.html")).unwrap();
        let (_, sentences) = report.split_once("<ol class=\"sentences\">").unwrap();
        sentences.split_once("</li>").unwrap().0.to_owned()
    };
    assert!(said(beneath).contains("nothing is heard"));
    let covered = said(&format!("{beneath}{over}"));
    assert!(covered.contains("nothing is heard") && covered.contains("heard over 3.00 s of it"), "{covered}");
    let covered = said(&format!("{beneath}{all_over}"));
    assert!(covered.contains("Another listener is heard over all of it"), "{covered}");
}

#[test]
fn a_tinnitus_that_the_sound_cannot_hold_is_left_out_and_told() {
    let desk = Desk::new();
    desk.bytes("low.wav", &wav(8_000, 1, Pcm::Int16, &noise(1, 16_000, 1)));
    desk.text(
        "me.toml",
        "name = \"me\"\n[[state]]\nname = \"now\"\nboth = { tinnitus = { sound = \"tone\", frequency_hz = 12000, level_db_sl = 10 } }\n",
    );
    let told = desk.auricle(&["render", "low.wav", "-l", "me.toml", "-o", "heard.wav"]).well();
    let expected =
        "me: the tinnitus of state \"now\", at 12000 Hz, is left out: sound of 8000 Hz holds nothing above 3600 Hz";
    assert_eq!(told.err.matches(expected).count(), 1, "{}", told.err);
    let captions = std::fs::read_to_string(desk.path("heard.pov.vtt")).unwrap();
    assert!(!captions.contains("ringing"), "{captions}");
}

#[test]
fn captions_within_a_film_keep_their_lines_and_their_places() {
    let desk = Desk::new();
    let text = "- One of them speaks.\n- Two.\n- Three says something that is rather long.";
    desk.text(
        "s.srt",
        &format!("1\n00:00:00,100 --> 00:00:00,900\n{{\\an8}}{text}\n\n2\n00:00:01,000 --> 00:00:01,900\nBelow\n"),
    );
    desk.text(
        "s.vtt",
        &format!("WEBVTT\n\n00:00.100 --> 00:00.900 line:10%\n{text}\n\n00:01.000 --> 00:01.900\nBelow\n"),
    );
    for (subtitles, encoder, place) in
        [("s.srt", "srt", "line:0"), ("s.srt", "ass", "line:0"), ("s.vtt", "copy", "line:10%")]
    {
        let words = format!("-c:v mpeg4 -c:a aac -c:s {encoder}");
        desk.film(&["testsrc2=s=160x90:r=25:d=2", "anoisesrc=r=48000:d=2:a=0.1", subtitles], &words, "film.mkv");
        let args = ["render", "film.mkv", "-l", "preset:N1", "-o", "heard.mkv", "--no-report", "--force"];
        desk.auricle(&args).well();
        let captions = std::fs::read_to_string(desk.path("heard.pov.vtt")).unwrap();
        assert!(captions.contains(&format!("{place}\n{text}\n")), "{subtitles} as {encoder}:\n{captions}");
        let (before, _) = captions.split_once("\nBelow\n").unwrap();
        assert!(
            before.lines().last().is_some_and(|times| times.contains("-->") && !times.contains("line")),
            "{captions}"
        );
    }
}
