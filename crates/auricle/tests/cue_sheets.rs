//! Cue sheets: what a sheet says, and what is wrong with it and where.

use auricle::cue::{CueSheet, FrameRate, Moment, Shape};
use auricle::fault::Faults;
use auricle::level::Field;
use auricle::presets;
use proptest::prelude::*;

fn faults(text: &str) -> Faults {
    match CueSheet::parse(text, "x.toml") {
        Ok((sheet, _)) => panic!("accepted: {sheet:?}"),
        Err(faults) => {
            assert!(faults.has_errors());
            faults
        }
    }
}

fn sheet(text: &str) -> CueSheet {
    let (sheet, warnings) = CueSheet::parse(text, "x.toml").unwrap_or_else(|faults| panic!("{faults}"));
    assert!(warnings.0.is_empty(), "{warnings}");
    sheet
}

/// Asserts that one of the faults is at `line` and `field` and says `words`, in message or help.
#[track_caller]
fn assert_fault(faults: &Faults, line: usize, field: &str, words: &str) {
    let found = faults.0.iter().any(|fault| {
        fault.line == Some(line)
            && fault.field == field
            && fault.file == "x.toml"
            && (fault.message.contains(words) || fault.help.contains(words))
    });
    assert!(found, "no fault at line {line} of {field} says {words:?}:\n{faults}");
}

/// A sheet at 23.976 that starts at one hour, with `cue` as its only cue from line 5 on.
fn with_cue(cue: &str) -> String {
    format!(
        "listener = 'preset:drummer'\n[picture]\nframe_rate = '24000/1001'\nstart = '01:00:00:00'\n[[cue]]\n{cue}\n"
    )
}

/// The only fault of a sheet with `cue` as its only cue, at its first line.
#[track_caller]
fn assert_cue_fault(cue: &str, field: &str, words: &str) {
    let faults = faults(&with_cue(cue));
    let line = 6 + cue.lines().position(|line| line.contains("# here")).unwrap_or(0);
    assert_fault(&faults, line, &format!("cue[1].{field}"), words);
    assert_eq!(faults.0.len(), 1, "{faults}");
}

fn secs(numerator: i64, denominator: i64) -> Moment {
    Moment::new(numerator, denominator).expect("a denominator above 0")
}

#[test]
fn a_whole_sheet() {
    let sheet = sheet(
        r#"
title    = "The gig"
listener = "preset:drummer"
seed     = 7

[calibration]
full_scale_db_spl = 94.5
field = "diffuse"

[picture]
frame_rate = "24000/1001"
start      = "01:00:00:00"

[[cue]]
in    = "01:00:30:00"
state = "muffled"
listener = "other.toml"
enter = { shape = "drift", secs = 20, lag_ms = 12.5 }
tinnitus = false

[[cue]]
in    = "01:00:12:12"
out   = "01:00:21:00"
state = "collapse"
enter = { shape = "pop", ms = 90, lead_frames = 2 }
leave = "cut"
bleed_db = -30.0
caption = "sound cuts out"
"#,
    );
    assert_eq!((sheet.title.as_str(), sheet.seed), ("The gig", 7));
    assert_eq!(sheet.calibration.full_scale_db_spl, 94.5);
    assert_eq!(sheet.calibration.field, Field::Diffuse);
    assert_eq!(sheet.picture.frame_rate, FrameRate::parse("23.976").ok());
    assert_eq!(sheet.picture.start_frames, 86_400);
    assert_eq!(sheet.references(), ["preset:drummer", "other.toml"]);

    // In order of time, whatever the order in the file.
    let [collapse, muffled] = &sheet.cues[..] else { panic!() };
    assert_eq!(collapse.enters, secs(300 * 1_001, 24_000));
    assert_eq!(collapse.leaves, Some(secs(504 * 1_001, 24_000)));
    assert_eq!(collapse.enter.shape, Shape::Pop);
    assert_eq!(collapse.enter.ms, 90.0);
    assert_eq!(collapse.enter.lead, secs(2 * 1_001, 24_000));
    assert_eq!((collapse.leave.shape, collapse.leave.ms), (Shape::Cut, 5.0));
    assert_eq!(collapse.bleed_db, Some(-30.0));
    assert_eq!(collapse.caption.as_deref(), Some("sound cuts out"));
    assert_eq!((collapse.line, collapse.field_lines.number), (21, 2));
    assert_eq!(collapse.field_lines.state, 24);
    assert!(collapse.tinnitus);

    assert_eq!(muffled.leaves, None);
    assert_eq!(sheet.listener_of(muffled), Some("other.toml"));
    assert_eq!(muffled.enter.shape, Shape::Drift);
    assert_eq!(muffled.enter.ms, 20_000.0);
    assert_eq!(muffled.enter.lead, secs(-125, 10_000));
    assert!(!muffled.tinnitus);
}

#[test]
fn what_is_left_out_has_its_default() {
    let sheet = sheet("listener = 'preset:N3'\n[[cue]]\nin = 1\n");
    let cue = &sheet.cues[0];
    assert_eq!((sheet.title.as_str(), sheet.seed), ("", 0));
    assert_eq!(sheet.calibration, Default::default());
    assert_eq!(sheet.picture, Default::default());
    assert_eq!((cue.state.as_str(), cue.leaves, cue.bleed_db, cue.tinnitus), ("", None, None, true));
    assert_eq!((cue.enter.shape, cue.enter.ms, cue.enter.lead), (Shape::Cut, 5.0, Moment::ZERO));
    for (shape, ms) in [("cut", 5.0), ("pop", 80.0), ("drift", 3_000.0)] {
        for text in [format!("enter = '{shape}'"), format!("enter = {{ shape = '{shape}' }}")] {
            let sheet = self::sheet(&with_cue(&format!("in = 1\n{text}")));
            assert_eq!(sheet.cues[0].enter.ms, ms);
        }
    }
}

#[test]
fn times_in_every_notation() {
    for (text, moment) in [
        ("12", secs(12, 1)),
        ("12.1", secs(121, 10)),
        ("1_2.5", secs(25, 2)),
        ("1.2e1", secs(12, 1)),
        ("'12.5 s'", secs(25, 2)),
        ("'00:00:12.500'", secs(25, 2)),
        ("'0:12'", secs(12, 1)),
        ("00:00:12.5", secs(25, 2)),
        ("'250 ms'", secs(1, 4)),
        ("'300 f'", secs(300 * 1_001, 24_000)),
        ("'01:00:12:12'", secs(300 * 1_001, 24_000)),
    ] {
        let sheet = sheet(&with_cue(&format!("in = {text}")));
        assert_eq!(sheet.cues[0].enters, moment, "{text}");
    }
}

#[test]
fn drop_frame_timecode() {
    let text = |time: &str| {
        format!(
            "listener = 'preset:N3'\n[picture]\nframe_rate = '29.97 drop'\nstart = '01:00:00;00'\n[[cue]]\nin = '{time}'\n"
        )
    };
    // Ten minutes of drop-frame timecode are 17982 frames, whichever way they are written.
    for time in ["01:10:00;00", "01:10:00:00"] {
        assert_eq!(sheet(&text(time)).cues[0].enters, secs(17_982 * 1_001, 30_000));
    }
    assert_fault(&faults(&text("01:01:00;01")), 6, "cue[1].in", "no such frame");
    assert_fault(&faults(&text("00:59:59;29")), 6, "cue[1].in", "before the film's first frame, 01:00:00;00");
}

#[test]
fn a_frame_rate_that_cannot_be_is_told_once() {
    for rate in ["1e9", "0.5", "-25.0", "2.5e1"] {
        let found = faults(&format!("listener = 'preset:N3'\n[picture]\nframe_rate = {rate}\n[[cue]]\nin = 1\n"));
        assert_eq!(found.0.len(), 1, "{rate}: {found}");
        assert_fault(&found, 3, "picture.frame_rate", "");
    }
}

#[test]
fn faults_of_a_cue() {
    assert_cue_fault("in = -1", "in", "found -1");
    assert_cue_fault("in = nan", "in", "found nan");
    assert_cue_fault("in = 1e9", "in", "found 1e9");
    assert_cue_fault("in = 0.12345678901", "in", "too many digits");
    assert_cue_fault("in = true", "in", "expected a time");
    assert_cue_fault("in = 2020-01-01", "in", "a date or time");
    assert_cue_fault("in = 'soon'", "in", "\"soon\" is not a time");
    assert_cue_fault("in = 'end'", "in", "is not a time");
    assert_cue_fault("in = '999999999 s'", "in", "later than 1000 hours");
    assert_cue_fault("in = '01:00:00:24'", "in", "0 to 23");
    assert_cue_fault("in = '01:00:00;10'", "in", "semicolon");
    assert_cue_fault("in = '00:59:00:00'", "in", "before the film's first frame");
    assert_cue_fault("in = 2\nout = 1 # here", "out", "before it begins");
    assert_cue_fault("in = 2\nout = 2 # here", "out", "ends where it begins");
    assert_cue_fault("in = 1\nout = 1.05\nenter = 'pop' # here", "enter", "shorter than entering");
    assert_cue_fault("in = 1\nbleed_db = 1 # here", "bleed_db", "-80 to 0 dB");
    assert_cue_fault("in = 1\nbleed_db = -81 # here", "bleed_db", "-80 to 0 dB");
    assert_cue_fault("in = 1\nbleeddb = -8 # here", "bleeddb", "did you mean `bleed_db`?");
    assert_cue_fault("in = 1\nenter = 'fade' # here", "enter", "\"cut\", \"pop\" or \"drift\"");
    assert_cue_fault("in = 1\nenter = { shape = 'dritf' } # here", "enter.shape", "did you mean \"drift\"?");
    assert_cue_fault("in = 1\nenter = { ms = 5 } # here", "enter", "`shape` is missing");
    assert_cue_fault("in = 1\nenter = { shape = 'cut', ms = 11 } # here", "enter.ms", "1 to 10 ms");
    assert_cue_fault("in = 1\nenter = { shape = 'pop', ms = 29 } # here", "enter.ms", "30 to 150 ms");
    assert_cue_fault("in = 1\nenter = { shape = 'drift', secs = 3601 } # here", "enter.secs", "3600 s");
    assert_cue_fault("in = 1\nenter = { shape = 'drift', ms = 200, secs = 1 } # here", "enter.secs", "beside `ms`");
    assert_cue_fault("in = 1\nenter = { shape = 'cut', lead_ms = 1, lag_ms = 1 } # here", "enter.lag_ms", "beside");
    assert_cue_fault(
        "in = 1\nleave = { shape = 'cut', lead_frames = 1.5 } # here",
        "leave.lead_frames",
        "whole number",
    );
    assert_cue_fault("in = 1\ntinnitus = 1 # here", "tinnitus", "true or false");
    assert_cue_fault("in = 1\ncaption = \"a\\nb\" # here", "caption", "U+000A");
    assert_cue_fault("in = 1\nlistener = 'preset:drumer' # here", "listener", "did you mean \"preset:drummer\"?");
    assert_cue_fault(
        "in = 1\nstate = 'collapse'\nlistener = 'preset:drummer/deaf' # here",
        "listener",
        "names the state \"deaf\"",
    );
    assert_fault(&faults(&with_cue("out = 1")), 5, "cue[1]", "`in` is missing");
}

#[test]
fn frames_need_a_frame_rate() {
    let text = "listener = 'preset:N3'\n[[cue]]\nin = '300 f'\nout = '01:00:00:00'\nenter = { shape = 'cut', lead_frames = 1 }\n";
    let faults = faults(text);
    assert_fault(&faults, 3, "cue[1].in", "frame rate");
    assert_fault(&faults, 4, "cue[1].out", "frame rate");
    assert_fault(&faults, 5, "cue[1].enter.lead_frames", "frame rate");
}

#[test]
fn faults_of_a_sheet() {
    let cue = "[[cue]]\nin = 1\n";
    let at = |head: &str, line: usize, field: &str, words: &str| {
        assert_fault(&faults(&format!("listener = 'preset:N3'\n{head}\n{cue}")), line, field, words);
    };
    at("seed = -1", 2, "seed", "whole number from 0");
    at("seed = 9223372036854775808", 2, "seed", "whole number from 0");
    at("seed = 1.0", 2, "seed", "whole number");
    at("sede = 1", 2, "sede", "did you mean `seed`?");
    at("[calibration]\nfull_scale_db_spl = 141", 3, "calibration.full_scale_db_spl", "60 to 140 dB SPL");
    at("[calibration]\nfield = 'fre'", 3, "calibration.field", "did you mean \"free\"?");
    at("[picture]", 2, "picture", "`frame_rate` is missing");
    at("[picture]\nframe_rate = 0", 3, "picture.frame_rate", "1 to 1000 frames");
    at("[picture]\nframe_rate = '25 drop'", 3, "picture.frame_rate", "30000/1001");
    at("[picture]\nframe_rate = '25fps'", 3, "picture.frame_rate", "is not a frame rate");
    at("[picture]\nframe_rate = 29.97002997", 3, "picture.frame_rate", "is not a frame rate");
    at("[picture]\nframe_rate = 25\nstart = '00:00:00:25'", 4, "picture.start", "0 to 24");
    at("[picture]\nframe_rate = 12.5\nstart = '00:00:00:00'", 4, "picture.start", "not defined");
    at("[picture]\nframe_rate = 25\nstart = '0:00'", 4, "picture.start", "is not a timecode");
    assert_fault(&faults("listener = 'preset:N3'\n"), 1, "", "`cue` is missing");
    assert_fault(&faults("[[cue]]\nin = 1\n"), 1, "cue[1].listener", "nobody's ears");
    assert_fault(&faults("listener = 'preset:'\n[[cue]]\nin = 1\n"), 1, "listener", "preset:NAME");
}

#[test]
fn frame_rates_as_numbers() {
    for (text, rate) in [("25", "25"), ("25.0", "25"), ("29.97", "30000/1001"), ("12.5", "25/2")] {
        let sheet = sheet(&format!("listener = 'preset:N3'\n[picture]\nframe_rate = {text}\n[[cue]]\nin = 1\n"));
        assert_eq!(sheet.picture.frame_rate.unwrap().to_string(), rate);
    }
}

#[test]
fn cues_of_one_listener_must_not_overlap() {
    let text = |second: &str| {
        format!("listener = 'preset:N3'\n[[cue]]\nin = 10\nout = 20\n[[cue]]\n{second}\n[[cue]]\nin = 30\nout = 40\n")
    };
    // Touching, and other listeners while it lasts.
    sheet(&text("in = 20\nout = 30"));
    sheet(&text("in = 12\nout = 18\nlistener = 'preset:N4'"));
    assert_fault(&faults(&text("in = 12\nout = 18")), 6, "cue[2].in", "overlaps cue[1] (line 2)");
    assert_fault(&faults(&text("in = 12\nout = 18\nlistener = 'PRESET:n3'")), 6, "cue[2].in", "overlaps cue[1]");
    // Written later, but earlier in time: the later one in time is named.
    assert_fault(&faults(&text("in = 5\nout = 15")), 3, "cue[1].in", "overlaps cue[2] (line 5)");
    // A long cue overlaps all within it, not only its neighbour.
    let long = faults(&text("in = 5\nout = 35"));
    assert_fault(&long, 3, "cue[1].in", "overlaps cue[2]");
    assert_fault(&long, 9, "cue[3].in", "overlaps cue[2]");
    // To the end of the film.
    assert_fault(&faults(&text("in = 25")), 8, "cue[3].in", "lasts until the end of the film");
}

#[test]
fn a_lead_before_the_film_is_a_warning() {
    let (sheet, warnings) =
        CueSheet::parse(&with_cue("in = 0\nenter = { shape = 'cut', lead_frames = 2 }"), "x.toml").unwrap();
    assert_eq!(sheet.cues.len(), 1);
    assert_eq!(warnings.0.len(), 1);
    assert!(!warnings.has_errors() && warnings.0[0].message.contains("before the film's first frame"));
}

#[test]
fn unknown_listeners_and_states_are_named_with_their_lines() {
    let text = "listener = 'a.toml'\n[[cue]]\nin = 1\nout = 2\nstate = 'colapse'\n[[cue]]\nin = 3\nout = 4\nlistener = 'b.toml'\n\
        [[cue]]\nin = 5\nout = 6\nlistener = 'c.toml'\n";
    let sheet = sheet(text);
    let drummer = presets::get("drummer").unwrap();
    let both = [("a.toml".to_owned(), drummer.clone()), ("b.toml".to_owned(), drummer.clone())];
    let faults = sheet.check_against(&both, "x.toml");
    assert_eq!(faults.0.len(), 2, "{faults}");
    assert_fault(&faults, 5, "cue[1].state", "did you mean \"collapse\"?");
    assert_fault(&faults, 13, "cue[3].listener", "there is no listener \"c.toml\"");
    let none = sheet.check_against(&[], "x.toml");
    assert_fault(&none, 1, "listener", "there is no listener \"a.toml\"");
    let all = [("a.toml".to_owned(), presets::get("N3").unwrap()), both[1].clone(), ("c.toml".to_owned(), drummer)];
    let faults = sheet.check_against(&all, "x.toml");
    assert_eq!(faults.0.len(), 1);
    assert_fault(&faults, 5, "cue[1].state", "its states: \"N3\"");
}

#[test]
fn cues_past_the_end_of_the_film() {
    let text = "listener = 'preset:N3'\n[[cue]]\nin = 1\nout = 2\n[[cue]]\nin = 8\nout = 10.05\n[[cue]]\nin = 20\n";
    let sheet = sheet(text);
    assert_fault(&sheet.check_length(secs(10, 1), "x.toml"), 9, "cue[3].in", "the film ends at 00:00:10.000");
    assert_eq!(sheet.check_length(secs(10, 1), "x.toml").0.len(), 1, "within a tenth of a second");
    let short = sheet.check_length(secs(9, 1), "x.toml");
    assert_fault(&short, 7, "cue[2].out", "the cue ends at 00:00:10.050, the film at 00:00:09.000");
    assert!(sheet.check_length(secs(100, 1), "x.toml").0.is_empty());
    assert_eq!(sheet.check_length(Moment::ZERO, "x.toml").0.len(), 3);
}

#[test]
fn hostile_sheets_are_refused_without_harm() {
    let many = format!("listener = 'preset:N3'\n{}", "[[cue]]\nin = 1\n".repeat(20_001));
    let deep = format!("listener = 'preset:N3'\n[[cue]]\nin = 1\nenter = {}", "{shape=".repeat(50_000));
    for text in [many, deep, format!("listener = 'preset:N3'\n[[cue]]\nin = {}", "9".repeat(1_000_000))] {
        let faults = faults(&text);
        assert!(faults.0.len() <= 201);
        assert!(faults.0.iter().all(|fault| fault.to_string().len() < 2_000));
    }
}

proptest! {
    #[test]
    fn cues_come_in_order_and_last(times in prop::collection::btree_set(0_i64..1_000_000, 2..20)) {
        let times: Vec<i64> = times.into_iter().collect();
        let mut text = "listener = 'preset:N3'\n".to_owned();
        for pair in times.chunks_exact(2).rev() {
            text += &format!("[[cue]]\nin = '{} ms'\nout = '{} ms'\n", pair[0] * 11, pair[1] * 11);
        }
        let sheet = sheet(&text);
        prop_assert_eq!(sheet.cues.len(), times.len() / 2);
        prop_assert!(sheet.cues.is_sorted_by_key(|cue| cue.enters));
        for (cue, pair) in sheet.cues.iter().zip(times.chunks_exact(2)) {
            prop_assert_eq!(cue.enters, secs(pair[0] * 11, 1_000));
            prop_assert_eq!(cue.leaves, Some(secs(pair[1] * 11, 1_000)));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z\\[\\]{}=\"'.,# \n0-9:;]{0,80}") {
        let _ = CueSheet::parse(&text, "x.toml");
        let _ = CueSheet::parse(&with_cue(&text), "x.toml");
    }
}
