//! What cues do to sound: whose ears are on top, and that nothing clicks.

use auricle::audition::Audition;
use auricle::cue::CueSheet;
use auricle::layout::Layout;
use auricle::level::Calibration;
use auricle::listener::{Listener, Movement, Sex};
use auricle::presets;
use auricle::program::Program;

const RATE_HZ: u32 = 48_000;
/// The steepest step of a tone at 500 Hz with this amplitude.
const AMPLITUDE: f64 = 0.2;
const STEEPEST: f32 = (AMPLITUDE * std::f64::consts::TAU * 500.0 / RATE_HZ as f64) as f32;

fn tone(secs: f64) -> Vec<f32> {
    let sample = |n: usize| AMPLITUDE * (std::f64::consts::TAU * 500.0 * n as f64 / f64::from(RATE_HZ)).cos();
    (0..(secs * f64::from(RATE_HZ)) as usize).map(|n| sample(n) as f32).collect()
}

/// Hears `sound` by a program, its latency taken out.
fn hear(program: &Program, sound: &[f32]) -> Vec<f32> {
    let mut audition = Audition::new(program, &Layout::mono(), &Layout::mono()).expect("a valid cue sheet");
    let latency = audition.latency_samples();
    let mut input = sound.to_vec();
    input.resize(sound.len() + latency, 0.0);
    let mut output = vec![0.0; input.len()];
    audition.process(&[&input], &mut [&mut output]);
    output.split_off(latency)
}

fn hear_cues(cues: &str, sound: &[f32]) -> Vec<f32> {
    let text = format!("listener = \"preset:deaf\"\nseed = 3\n{cues}");
    let (sheet, _) = CueSheet::parse(&text, "sheet").map_err(|faults| faults.to_string()).expect("a valid cue sheet");
    let listeners: Vec<(String, Listener)> = sheet
        .references()
        .iter()
        .map(|name| ((*name).to_owned(), presets::get(name.trim_start_matches("preset:")).expect("a valid cue sheet")))
        .collect();
    hear(&Program::compile(&sheet, &listeners, RATE_HZ, Some(sound.len() as u64)).expect("a valid cue sheet"), sound)
}

fn level_db_fs(heard: &[f32], from_secs: f64, to_secs: f64) -> f64 {
    let at = |secs: f64| (secs * f64::from(RATE_HZ)) as usize;
    let part = &heard[at(from_secs)..at(to_secs)];
    10.0 * (part.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / part.len() as f64 + 1e-30).log10()
}

fn steepest(heard: &[f32]) -> f32 {
    heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

#[test]
fn the_cue_that_began_last_is_on_top() {
    let heard = hear_cues(
        "[[cue]]\nin = 0\nout = 0.5\n\
         [[cue]]\nin = 1\nout = 5\nlistener = 'preset:N1'\n\
         [[cue]]\nin = 2\nout = 3\n",
        &tone(6.0),
    );
    assert!(level_db_fs(&heard, 2.1, 2.9) < -200.0, "deaf is heard over N1");
    assert!(level_db_fs(&heard, 3.1, 4.9) > -30.0, "N1 is heard again");
}

#[test]
fn nothing_leaps_between_ears_and_outside() {
    // A fade over 1 ms changes by a fiftieth of the amplitude a sample at most.
    let bound = 1.05 * (STEEPEST + AMPLITUDE as f32 / 48.0);
    for (name, cues) in [
        ("a cut", "[[cue]]\nin = 1\nout = 2\nenter = { shape = 'cut', ms = 1 }\nleave = { shape = 'cut', ms = 1 }\n"),
        ("a pop", "[[cue]]\nin = 1\nout = 2\nenter = 'pop'\nleave = 'pop'\n"),
        (
            "a drift",
            "[[cue]]\nin = 1\nout = 3\nenter = { shape = 'drift', ms = 500 }\nleave = { shape = 'drift', ms = 500 }\n",
        ),
        (
            "a drift over another listener",
            "[[cue]]\nin = 0.5\nout = 4\n\
             [[cue]]\nin = 1\nout = 3\nlistener = 'preset:N1'\nenter = { shape = 'drift', ms = 500 }\nleave = { shape = 'drift', ms = 500 }\n",
        ),
        (
            "a handing over by drift",
            "[[cue]]\nin = 0.5\nout = 2\n[[cue]]\nin = 2\nout = 3.5\nlistener = 'preset:N1'\nenter = { shape = 'drift', ms = 500 }\n",
        ),
        (
            "bleed from cue to cue",
            "[[cue]]\nin = 0.5\nout = 2\nbleed_db = -6\n[[cue]]\nin = 2\nout = 3\n[[cue]]\nin = 3\nout = 4\nbleed_db = -6\n",
        ),
        ("flicker", "[[cue]]\nin = 0.5\nout = 4\nlistener = 'preset:flicker'\n"),
    ] {
        let heard = hear_cues(cues, &tone(4.5));
        let step = steepest(&heard[480..]);
        assert!(step < bound, "{name}: a step of {step}, the tone's own is {STEEPEST}");
    }
}

#[test]
fn handing_over_lets_no_outside_through() {
    let heard = hear_cues(
        "[[cue]]\nin = 1\nout = 2\nleave = 'pop'\n\
         [[cue]]\nin = 2\nout = 3\nlistener = 'preset:profound'\nenter = 'pop'\n",
        &tone(4.0),
    );
    let loudest =
        heard[48_000 + 4_800..3 * 48_000 - 480].chunks(480).map(|c| c.iter().fold(0.0_f32, |p, x| p.max(x.abs())));
    assert!(loudest.fold(0.0, f32::max) < 0.02, "the room is heard between two listeners");
}

#[test]
fn a_movement_without_a_duration_takes_the_whole_sound() {
    let mut listener = presets::get("N1").unwrap();
    listener.states[0].movement =
        Movement::Decline { from_age_years: 20.0, to_age_years: 80.0, sex: Sex::Male, exposure: None, secs: None };
    let sound = tone(8.0);
    let program =
        Program::throughout(&listener, "", Calibration::default(), 0, RATE_HZ, Some(sound.len() as u64)).unwrap();
    let heard = hear(&program, &sound);
    let (young, old) = (level_db_fs(&heard, 0.2, 0.6), level_db_fs(&heard, 7.4, 7.9));
    assert!(young - old > 1.0, "{young} dB FS in youth, {old} in age");
}

#[test]
fn a_cue_that_follows_begins_where_hearing_stands() {
    let text = "name = 'x'\n[[state]]\nname = 'loss'\nboth = { air = { 1000 = 80 } }\n\
                movement = { kind = 'ramp', secs = 10 }\n[[state]]\nname = 'more'\nboth = { air = { 1000 = 60 } }\n";
    let (listener, _) = Listener::parse(text, "x").map_err(|faults| faults.to_string()).unwrap();
    let cues = "listener = 'x'\n[[cue]]\nin = 0\nout = 4\nstate = 'loss'\n\
                [[cue]]\nin = 4\nout = 8\nstate = 'more'\nenter = { shape = 'drift', ms = 500 }\n";
    let (sheet, _) = CueSheet::parse(cues, "sheet").map_err(|faults| faults.to_string()).unwrap();
    let sound = tone(8.0);
    let length = Some(sound.len() as u64);
    let heard = hear(&Program::compile(&sheet, &[("x".to_owned(), listener)], RATE_HZ, length).unwrap(), &sound);
    let (before, after) = (level_db_fs(&heard, 3.95, 3.99), level_db_fs(&heard, 4.01, 4.05));
    assert!((before - after).abs() < 2.0, "{before} dB FS before, {after} after");
    assert!(level_db_fs(&heard, 4.6, 5.0) < before - 3.0);
}

#[test]
fn lead_and_lag_move_the_moment_from_state_to_state() {
    let loud = tone(5.0);
    let sheet = |shift: &str| {
        format!(
            "[[cue]]\nin = 1\nout = 2\nlistener = 'preset:drummer'\nstate = 'muffled'\n\
             [[cue]]\nin = 2\nout = 3\nlistener = 'preset:drummer'\nstate = 'deaf'\nenter = {{ shape = 'cut', {shift} }}\n"
        )
    };
    let lead = hear_cues(&sheet("lead_ms = 200"), &loud);
    assert!(level_db_fs(&lead, 1.5, 1.79) > -60.0);
    assert!(level_db_fs(&lead, 1.82, 2.9) < -150.0, "deaf from 1.8 s on");
    let lag = hear_cues(&sheet("lag_ms = 300"), &loud);
    let muffled = level_db_fs(&lag, 1.5, 1.9);
    assert!((level_db_fs(&lag, 2.05, 2.29) - muffled).abs() < 1.0, "muffled until 2.3 s");
    assert!(level_db_fs(&lag, 2.32, 2.9) < -150.0, "deaf from 2.3 s on");
}

#[test]
fn bleed_leaves_tinnitus_as_it_is() {
    let text = "name = 'x'\n[[state]]\nname = 'a'\n[state.both]\ndeaf = true\nair = { 1000 = 60 }\n\
                tinnitus = { sound = 'tone', frequency_hz = 3000, level_db_sl = 20 }\n";
    let (listener, _) = Listener::parse(text, "x").expect("a listener");
    let listeners = [("x".to_owned(), listener)];
    let rings_db_fs = |cue: &str, sound: &[f32]| {
        let text = format!("listener = 'x'\n[[cue]]\nin = 0\n{cue}");
        let (sheet, _) = CueSheet::parse(&text, "sheet").expect("a cue sheet");
        let length = Some(sound.len() as u64);
        hear(&Program::compile(&sheet, &listeners, RATE_HZ, length).expect("a cue sheet"), sound)
    };
    let silence = vec![0.0; 2 * RATE_HZ as usize];
    let alone = level_db_fs(&rings_db_fs("", &silence), 0.5, 1.9);
    assert!(alone > -100.0, "{alone} dB FS");
    for bleed_db in [0.0, -6.0, -30.0] {
        let cue = format!("bleed_db = {bleed_db:.1}\n");
        let beside = level_db_fs(&rings_db_fs(&cue, &silence), 0.5, 1.9);
        assert!((beside - alone).abs() < 0.01, "{bleed_db} dB: {beside} dB FS of {alone}");
        // The clear sound is there at the level stated: the ears let nothing through.
        let sound = tone(2.0);
        let mixed = level_db_fs(&rings_db_fs(&cue, &sound), 0.5, 1.9);
        let power = |db: f64| 10.0_f64.powf(db / 10.0);
        let expected = 10.0 * (power(level_db_fs(&sound, 0.5, 1.9) + bleed_db) + power(alone)).log10();
        assert!((mixed - expected).abs() < 0.1, "{bleed_db} dB: {mixed} dB FS, {expected} expected");
    }
}

#[test]
fn a_tinnitus_that_the_rate_cannot_hold_is_left_out_and_not_moved() {
    let text = "name = 'x'\n[[state]]\nname = 'a'\nboth = { air = { 1000 = 60 }, \
                tinnitus = { sound = 'tone', frequency_hz = 12000, level_db_sl = 20 } }\n";
    let (listener, _) = Listener::parse(text, "x").expect("a listener");
    let level = |rate_hz: u32| {
        let silence = vec![0.0; 2 * rate_hz as usize];
        let program = Program::throughout(&listener, "", Calibration::default(), 1, rate_hz, None).expect("a state");
        level_db_fs(&hear(&program, &silence), 0.1, 0.3)
    };
    assert!(level(48_000) > -100.0, "{} dB FS at 48 kHz", level(48_000));
    assert!(level(32_000) > -100.0, "{} dB FS at 32 kHz", level(32_000));
    assert!(level(8_000) < -200.0, "{} dB FS at 8 kHz", level(8_000));
}
