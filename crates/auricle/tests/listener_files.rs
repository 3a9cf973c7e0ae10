//! Listener files: what a file says, what is wrong with it and where, and that writing undoes reading.

use auricle::audiogram::{Audiogram, Threshold};
use auricle::fault::{Faults, Severity};
use auricle::listener::{
    Card, DeadRegion, EarFindings, Exposure, Listener, Movement, Sex, Smearing, State, Tinnitus, TinnitusSound,
};
use proptest::prelude::*;

fn faults(text: &str) -> Faults {
    match Listener::parse(text, "x.toml") {
        Ok((listener, _)) => panic!("accepted: {listener:?}"),
        Err(faults) => {
            assert!(faults.has_errors());
            faults
        }
    }
}

/// Asserts that one of the faults is at `line` and `field` and says `words`, in message or help.
#[track_caller]
fn assert_fault(faults: &Faults, line: usize, field: &str, words: &str) {
    let found = faults.0.iter().any(|fault| {
        fault.line == Some(line)
            && fault.column.is_some()
            && fault.field == field
            && fault.file == "x.toml"
            && (fault.message.contains(words) || fault.help.contains(words))
    });
    assert!(found, "no fault at line {line} of {field} says {words:?}:\n{faults}");
}

/// The fault of a file of one state with `ear` as findings of both ears, at line 4.
#[track_caller]
fn assert_ear_fault(ear: &str, field: &str, words: &str) {
    let text = format!("name = 'x'\n[[state]]\nname = 'a'\nboth = {{ {ear} }}\n");
    let faults = faults(&text);
    assert_fault(&faults, 4, &format!("state[1].both{field}"), words);
    assert_eq!(faults.0.len(), 1, "{faults}");
}

#[track_caller]
fn assert_movement_fault(movement: &str, field: &str, words: &str) {
    let text = format!("name = 'x'\n[[state]]\nname = 'a'\nmovement = {{ {movement} }}\n[[state]]\nname = 'b'\n");
    assert_fault(&faults(&text), 4, &format!("state[1].movement{field}"), words);
}

#[test]
fn a_wrong_kind_hides_no_fault_of_the_other_fields() {
    let text = "name = 'x'\n[[state]]\nname = 'a'\nmovement = { kind = 'flick', from = 'zz', mean_on_secs = -1 }\n[state.both]\n\
                tinnitus = { sound = 'buzz', level_db_sl = 99, cap_db_spl = 200, frequency_hz = 0, colour = 1 }\n";
    let faults = faults(text);
    for (line, field, words) in [
        (4, "movement.kind", "there is no \"flick\""),
        (4, "movement.from", "there is no state"),
        (4, "movement.mean_on_secs", "found -1"),
        (6, "both.tinnitus.sound", "there is no \"buzz\""),
        (6, "both.tinnitus.level_db_sl", "found 99"),
        (6, "both.tinnitus.cap_db_spl", "found 200"),
        (6, "both.tinnitus.frequency_hz", "found 0"),
        (6, "both.tinnitus.colour", "unknown field"),
    ] {
        assert_fault(&faults, line, &format!("state[1].{field}"), words);
    }
    // What one of the kinds takes is no fault, whichever was meant.
    let text = "name = 'x'\n[[state]]\nname = 'a'\nmovement = { kind = 'flick', secs = 3, depth = 0.5 }\n";
    assert_eq!(self::faults(text).0.len(), 1);
}

#[test]
fn a_whole_file() {
    let text = r#"
name = "the drummer"
[card]
summary = "Someone."
evidence = ["A paper"]

[[state]]
name = "before"

[[state]]
name = "collapse"
caption = "muffled"
movement = { kind = "flicker", from = "before", mean_on_secs = 2, mean_off_secs = 0.5 }
[state.left]
air = { 250 = 35, "437.5" = 40, 4000 = "no response", 6000 = ">105" }
bone = { 250 = 5, 4000 = "no response" }
dead = [[3000, 8000]]
smearing = 2.5
temporal_smearing_ms = 4
tinnitus = { sound = "band", frequency_hz = 6000, bandwidth_octaves = 0.5, level_db_sl = 10 }
[state.right]
air = "S2"
smearing = "off"
deaf = true
"#;
    let (listener, warnings) = Listener::parse(text, "x.toml").unwrap();
    assert!(warnings.0.is_empty(), "{warnings}");
    assert_eq!(listener.name, "the drummer");
    assert_eq!(listener.card.evidence, ["A paper"]);
    assert_eq!(listener.states[0].left, EarFindings::default());
    let state = listener.state("collapse").unwrap();
    assert_eq!(
        state.movement,
        Movement::Flicker {
            from: Some("before".to_owned()),
            mean_on_secs: 2.0,
            mean_off_secs: 0.5,
            slope_ms: 40.0,
            depth: 1.0
        }
    );
    assert_eq!(
        state.left.air.points,
        [
            (250.0, Threshold::DbHl(35.0)),
            (437.5, Threshold::DbHl(40.0)),
            (4_000.0, Threshold::NoResponse { limit_db_hl: 120.0 }),
            (6_000.0, Threshold::NoResponse { limit_db_hl: 105.0 }),
        ]
    );
    assert_eq!(state.left.bone.as_ref().unwrap().points[1].1, Threshold::NoResponse { limit_db_hl: 70.0 });
    assert_eq!(state.left.dead, [DeadRegion { from_hz: 3_000.0, to_hz: 8_000.0 }]);
    assert_eq!(state.left.smearing, Smearing::Broadening(2.5));
    assert_eq!(state.left.tinnitus.unwrap().cap_db_spl, 70.0);
    assert_eq!(Some(&state.right.air), auricle::audiogram::standard("S2").as_ref());
    assert_eq!(state.right.smearing, Smearing::Off);
    assert!(state.right.deaf && !state.left.deaf);
}

#[test]
fn states_are_found_by_name_and_the_first_by_none() {
    let text = "name = 'x'\n[[state]]\nname = 'a'\n[[state]]\nname = 'b'\n";
    let (listener, _) = Listener::parse(text, "x.toml").unwrap();
    assert_eq!(listener.state("").unwrap().name, "a");
    assert_eq!(listener.state("b").unwrap().name, "b");
    assert_eq!(listener.state("c"), None);
}

#[test]
fn faults_of_an_ear() {
    assert_ear_fault("air = { 250 = 131 }", ".air.250", "-20 to 130 dB HL, found 131");
    assert_ear_fault("air = { 250 = -20.5 }", ".air.250", "found -20.5");
    assert_ear_fault("air = { 250 = nan }", ".air.250", "found nan");
    assert_ear_fault("air = { 250 = inf }", ".air.250", "found inf");
    assert_ear_fault("air = { 250 = true }", ".air.250", "found true");
    assert_ear_fault("air = { 19 = 0 }", ".air.19", "20 to 20000 Hz");
    assert_ear_fault("air = { 20001 = 0 }", ".air.20001", "20 to 20000 Hz");
    assert_ear_fault("air = { x = 0 }", ".air.x", "20 to 20000 Hz");
    assert_ear_fault("air = { 250 = 1, 100 = 2 }", ".air.100", "after 250 Hz");
    assert_ear_fault("air = { 437.5 = 1 }", ".air.437", "\"437.5\" = 35");
    assert_ear_fault("air = { 250 = 'no respnse' }", ".air.250", "no response");
    assert_ear_fault("air = { 250 = '>131' }", ".air.250", "131 dB HL is outside");
    assert_ear_fault("air = { 250 = '>loud' }", ".air.250", "is not a threshold");
    assert_ear_fault("air = {}", ".air", "is empty");
    assert_ear_fault("air = 'N8'", ".air", "did you mean");
    assert_ear_fault("air = 40", ".air", "found 40");
    assert_ear_fault("bone = { 250 = '>x' }", ".bone.250", "is not a threshold");
    assert_ear_fault("dead = [[8000, 3000]]", ".dead[1]", "lower edge first");
    assert_ear_fault("dead = [[100, 200], [150, 300]]", ".dead[2]", "must not overlap");
    assert_ear_fault("dead = [[100]]", ".dead[1]", "expected 2");
    assert_ear_fault("dead = [[10, 200]]", ".dead[1][1]", "20 to 20000 Hz");
    assert_ear_fault("smearing = 0.5", ".smearing", "found 0.5");
    assert_ear_fault("smearing = 'from los'", ".smearing", "did you mean \"from loss\"?");
    assert_ear_fault("temporal_smearing_ms = -1", ".temporal_smearing_ms", "found -1");
    assert_ear_fault("tinitus = 1", ".tinitus", "did you mean `tinnitus`?");
    assert_ear_fault("tinnitus = { frequency_hz = 6000 }", ".tinnitus", "`sound` is missing");
    assert_ear_fault("tinnitus = { sound = 'tome', level_db_sl = 1 }", ".tinnitus.sound", "did you mean \"tone\"?");
    assert_ear_fault("tinnitus = { sound = 'tone', frequency_hz = 6000 }", ".tinnitus", "`level_db_sl` is missing");
    assert_ear_fault(
        "tinnitus = { sound = 'tone', frequency_hz = 6000, level_db_sl = 10, bandwidth_octaves = 1 }",
        ".tinnitus.bandwidth_octaves",
        "unknown field",
    );
    assert_ear_fault(
        "tinnitus = { sound = 'noise', frequency_hz = 6000, level_db_sl = 10, cap_db_spl = 120 }",
        ".tinnitus.cap_db_spl",
        "20 to 85 dB SPL",
    );
    assert_ear_fault("deaf = 'yes'", ".deaf", "true or false");
}

#[test]
fn faults_of_movements() {
    assert_movement_fault("kind = 'wobble'", ".kind", "there is no \"wobble\"");
    assert_movement_fault("kind = 'ramp', from = 'c'", ".from", "there is no state \"c\"");
    assert_movement_fault("kind = 'ramp', from = 'a'", ".from", "cannot come from the state it goes to");
    assert_movement_fault("kind = 'ramp', secs = 0", ".secs", "found 0");
    assert_movement_fault("kind = 'flicker', mean_on_secs = 1", "", "`mean_off_secs` is missing");
    assert_movement_fault(
        "kind = 'flicker', mean_on_secs = 1, mean_off_secs = 0.1, slope_ms = 200",
        ".slope_ms",
        "longer than hearing stays",
    );
    assert_movement_fault(
        "kind = 'decline', from_age_years = 50, to_age_years = 40, sex = 'male'",
        ".to_age_years",
        "cannot decline",
    );
    assert_movement_fault("kind = 'decline', from_age_years = 20, to_age_years = 40, sex = 'm'", ".sex", "female");
}

#[test]
fn faults_of_files() {
    assert_fault(&faults(""), 1, "", "`name` is missing");
    assert_fault(&faults(""), 1, "", "`state` is missing");
    assert_fault(&faults("name = 'x'\nstate = []\n"), 2, "state", "has 0 entries");
    assert_fault(&faults("name = ' '\n[[state]]\nname = 'a'"), 1, "name", "is empty");
    assert_fault(&faults("name = 'x'\n[[state]]\nname = \"a\\u0007\""), 3, "state[1].name", "U+0007");
    assert_fault(&faults("name = 'x'\n[[state]]\nname = '''a\nb'''"), 3, "state[1].name", "U+000A");
    let long = format!("name = '{}'\n[[state]]\nname = 'a'", "x".repeat(101));
    assert_fault(&faults(&long), 1, "name", "longer than 100");
    let twice = faults("name = 'x'\n[[state]]\nname = 'a'\n[[state]]\nname = 'a'");
    assert_fault(&twice, 5, "state[2].name", "two states called \"a\"");
    let both = faults("name = 'x'\n[[state]]\nname = 'a'\nleft = {}\nboth = {}");
    assert_fault(&both, 4, "state[1].left", "beside `both`");
    assert_fault(&faults("name = 'x'\n[state]\nname = 'a'"), 2, "state", "expected a list");
    assert_fault(&faults("name = 'x'\nage = 3\n[[state]]\nname = 'a'"), 2, "age", "unknown field");
}

#[test]
fn syntax_errors_do_not_hide_other_faults() {
    let text = "name = \"x\n[[state]]\nname = 'a'\nboth = { deaf = 3 }\n[[state]]\nname = = 'b'\nname = 'c'\n";
    let faults = faults(text);
    assert_fault(&faults, 1, "", "not valid TOML");
    assert_fault(&faults, 4, "state[1].both.deaf", "true or false");
    assert_fault(&faults, 6, "", "not valid TOML");
    let duplicate = self::faults("name = 'x'\nname = 'y'\n[[state]]\nname = 'a'\n");
    assert_fault(&duplicate, 2, "", "not valid TOML");
}

#[test]
fn suspicious_files_are_read_with_a_warning() {
    let warns = |text: &str, field: &str, words: &str| {
        let (_, warnings) = Listener::parse(text, "x.toml").unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(warnings.0.len(), 1, "{warnings}");
        assert_eq!(warnings.0[0].severity, Severity::Warning);
        assert_eq!(warnings.0[0].field, field);
        assert!(warnings.0[0].message.contains(words), "{warnings}");
    };
    let ear = "name = 'x'\n[[state]]\nname = 'a'\nleft = { air = { 250 = 10 }, bone = { 250 = 25 } }\n";
    warns(ear, "state[1].left.bone", "worse than air");
    let old = "name = 'x'\n[[state]]\nname = 'a'\nmovement = { kind = 'decline', from_age_years = 20, to_age_years = 90, sex = 'male' }\n";
    warns(old, "state[1].movement.to_age_years", "80 years");
    let loud = "name = 'x'\n[[state]]\nname = 'a'\nmovement = { kind = 'decline', from_age_years = 20, to_age_years = 50, sex = 'male', exposure = { level_ex_8h_db = 110 } }\n";
    warns(loud, "state[1].movement.exposure", "100 dB(A)");
}

#[test]
fn hostile_files_are_refused_without_harm() {
    let nested = format!("name = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let inline = format!("name = {}1{}", "{a=".repeat(100_000), "}".repeat(100_000));
    let keys = format!("{}a = 1", "a.".repeat(100_000));
    let many: String = (0..100_000).map(|i| format!("field_{i} = 1\n")).collect();
    let huge = "#".repeat((4 << 20) + 1);
    let digits = format!("name = {}", "9".repeat(100_000));
    for text in [nested, inline, keys, many, huge, digits, "\0".to_owned(), "\u{feff}\u{feff}x".to_owned()] {
        let faults = faults(&text);
        assert!(faults.0.len() <= 201);
        assert!(faults.0.iter().all(|fault| fault.to_string().len() < 2_000), "{faults}");
    }
}

fn words() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{0,20}[a-zä\"\\\\'#é日🥁][^\\p{Cc}]{0,20}"
}

fn optional_words() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), words()]
}

fn threshold() -> impl Strategy<Value = Threshold> {
    prop_oneof![
        4 => (-20.0..=130.0_f64).prop_map(Threshold::DbHl),
        4 => (-4..=26_i32).prop_map(|step| Threshold::DbHl(f64::from(step) * 5.0)),
        1 => prop::sample::select(vec![70.0, 85.0, 100.5, 120.0])
            .prop_map(|limit_db_hl| Threshold::NoResponse { limit_db_hl }),
    ]
}

fn audiogram(least: usize) -> impl Strategy<Value = Audiogram> {
    prop::collection::btree_map((20_u32..20_000, prop::sample::select(vec![0_u32, 500, 123])), threshold(), least..12)
        .prop_map(|points| Audiogram {
            points: points
                .into_iter()
                .map(|((hz, part), db)| (f64::from(hz) + f64::from(part) / 1_000.0, db))
                .collect(),
        })
}

fn tinnitus() -> impl Strategy<Value = Tinnitus> {
    let sound = prop_oneof![
        Just(TinnitusSound::Tone),
        Just(TinnitusSound::Noise),
        (0.05..4.0_f64).prop_map(|bandwidth_octaves| TinnitusSound::Band { bandwidth_octaves }),
    ];
    (sound, 100.0..16_000.0_f64, 0.0..30.0_f64, 20.0..85.0_f64).prop_map(
        |(sound, frequency_hz, level_db_sl, cap_db_spl)| Tinnitus { sound, frequency_hz, level_db_sl, cap_db_spl },
    )
}

fn ear() -> impl Strategy<Value = EarFindings> {
    let smearing =
        prop_oneof![Just(Smearing::FromLoss), Just(Smearing::Off), (1.0..8.0_f64).prop_map(Smearing::Broadening)];
    let dead = prop::collection::btree_set(20_u32..20_000, 0..4).prop_map(|edges| {
        let edges: Vec<f64> = edges.into_iter().map(f64::from).collect();
        edges.chunks_exact(2).map(|edge| DeadRegion { from_hz: edge[0], to_hz: edge[1] }).collect()
    });
    (
        audiogram(0),
        prop::option::of(audiogram(1)),
        dead,
        smearing,
        prop_oneof![Just(0.0), 0.0..200.0_f64],
        prop::option::of(tinnitus()),
        any::<bool>(),
    )
        .prop_map(|(air, bone, dead, smearing, temporal_smearing_ms, tinnitus, deaf)| EarFindings {
            air,
            bone,
            dead,
            smearing,
            temporal_smearing_ms,
            tinnitus,
            deaf,
            implant: None,
        })
}

fn movement() -> impl Strategy<Value = Movement> {
    let from = || prop_oneof![Just(None), Just(Some("first".to_owned()))];
    let secs = || prop::option::of(0.01..86_400.0_f64);
    let exposure = prop::option::of((60.0..120.0_f64, 0.0..80.0_f64))
        .prop_map(|e| e.map(|(level_ex_8h_db, years_before)| Exposure { level_ex_8h_db, years_before }));
    prop_oneof![
        Just(Movement::Instant),
        (from(), secs()).prop_map(|(from, secs)| Movement::Ramp { from, secs }),
        (from(), 0.02..100.0_f64, 0.02..100.0_f64, 1.0..20.0_f64, 0.01..1.0_f64).prop_map(
            |(from, mean_on_secs, mean_off_secs, slope_ms, depth)| {
                Movement::Flicker { from, mean_on_secs, mean_off_secs, slope_ms, depth }
            }
        ),
        (0.0..60.0_f64, 0.1..60.0_f64, any::<bool>(), exposure, secs()).prop_map(
            |(from_age_years, years, female, exposure, secs)| {
                Movement::Decline {
                    from_age_years,
                    to_age_years: from_age_years + years,
                    sex: if female { Sex::Female } else { Sex::Male },
                    exposure,
                    secs,
                }
            }
        ),
    ]
}

fn listener() -> impl Strategy<Value = Listener> {
    let card = (
        optional_words(),
        prop::collection::vec(words(), 0..3),
        prop::collection::vec(words(), 0..3),
        prop::collection::vec(words(), 0..3),
    )
        .prop_map(|(summary, modelled, not_modelled, evidence)| Card { summary, modelled, not_modelled, evidence });
    let state = (optional_words(), optional_words(), ear(), ear(), any::<bool>(), movement()).prop_map(
        |(about, caption, left, right, alike, movement)| State {
            name: String::new(),
            about,
            caption,
            right: if alike { left.clone() } else { right },
            left,
            movement,
        },
    );
    (words(), card, prop::collection::vec(state, 1..4)).prop_map(|(name, card, mut states)| {
        for (i, state) in states.iter_mut().enumerate() {
            state.name = if i == 0 { "first".to_owned() } else { format!("state {i}") };
        }
        states[0].movement = Movement::Instant;
        Listener { name, card, states }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn writing_and_reading_gives_the_same_listener(listener in listener()) {
        let text = listener.to_toml();
        let (read, _) = Listener::parse(&text, "x.toml").map_err(|faults| TestCaseError::fail(format!("{faults}\n{text}")))?;
        prop_assert_eq!(read, listener);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z\\[\\]{}=\"'.,# \n0-9]{0,80}") {
        let _ = Listener::parse(&text, "x.toml");
    }

    /// Files torn, doubled or overwritten anywhere.
    #[test]
    fn damaged_presets_are_read_or_refused(at in 0.0..1.0_f64, length in 0_usize..40, junk in "[\\[\\]{}=\"\n0x]{0,4}") {
        let text = auricle::presets::get("drummer").unwrap().to_toml();
        let chars: Vec<char> = text.chars().collect();
        let from = (at * chars.len() as f64) as usize;
        let to = (from + length).min(chars.len());
        let damaged: String = chars[..from].iter().copied().chain(junk.chars()).chain(chars[to..].iter().copied()).collect();
        if let Err(faults) = Listener::parse(&damaged, "x.toml") {
            prop_assert!(faults.has_errors());
        }
    }
}
