//! Electric hearing beside other hearing: who hears what, through which channel, and when it is switched on.

use auricle::audition::Audition;
use auricle::cue::CueSheet;
use auricle::dsp::random::Random;
use auricle::implant::params::Implant;
use auricle::layout::{Channel, Layout};
use auricle::level::Calibration;
use auricle::listener::{EarFindings, Listener, State};
use auricle::presets;
use auricle::program::Program;

const RATE_HZ: u32 = 48_000;

/// Hears `input`, `[channel][sample]`, and returns what comes out and by how many samples it lags.
fn hear(program: &Program, layout: &Layout, output: &Layout, input: &[Vec<f32>]) -> (Vec<Vec<f32>>, usize) {
    let mut audition = Audition::new(program, layout, output).expect("an audition");
    let mut heard = vec![vec![0.0; input[0].len()]; output.channels()];
    let input: Vec<&[f32]> = input.iter().map(Vec::as_slice).collect();
    let mut slots: Vec<&mut [f32]> = heard.iter_mut().map(Vec::as_mut_slice).collect();
    audition.process(&input, &mut slots);
    (heard, audition.latency_samples())
}

fn throughout(listener: &Listener, state: &str) -> Program {
    Program::throughout(listener, state, Calibration::default(), 1, RATE_HZ, None).expect("a program")
}

/// A voice-like sound: harmonics of 130 Hz that come and go four times a second, about 70 dB SPL.
fn voice(secs: f64, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed, 0);
    (0..(secs * f64::from(RATE_HZ)) as usize)
        .map(|n| {
            let t = n as f64 / f64::from(RATE_HZ);
            let harmonics: f64 =
                (1..20).map(|k| (std::f64::consts::TAU * 130.0 * f64::from(k) * t).sin() / f64::from(k)).sum();
            let syllables = 0.5 - 0.5 * (std::f64::consts::TAU * 4.0 * t).cos();
            (0.03 * syllables * harmonics) as f32 + 1e-4 * random.bell()
        })
        .collect()
}

fn rms_db_fs(samples: &[f32]) -> f64 {
    10.0 * (samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len() as f64 + 1e-30).log10()
}

/// A listener of one state.
fn listener(left: EarFindings, right: EarFindings) -> Listener {
    let state = State { name: "a".to_owned(), left, right, ..State::default() };
    Listener { name: "x".to_owned(), card: Default::default(), states: vec![state] }
}

/// An ear with nothing but an implant: that of a preset's left ear, changed.
fn implanted(preset: &str, change: impl Fn(&mut Implant)) -> EarFindings {
    let mut ear = presets::get(preset).expect(preset).states.remove(0).left;
    ear.implant.as_mut().map(change).expect("an implant");
    ear
}

#[test]
fn the_other_ear_is_untouched_and_in_step() {
    let single = presets::get("single-sided").expect("a preset");
    let sound = voice(2.0, 1);
    let input = [sound.clone(), sound.clone()];
    let (heard, latency) = hear(&throughout(&single, "one year"), &Layout::stereo(), &Layout::stereo(), &input);
    // The healthy right ear is the source, delayed: to the bit.
    assert_eq!(heard[1][latency..], sound[..sound.len() - latency]);
    let level_db = rms_db_fs(&heard[0][24_000..]) - rms_db_fs(&sound);
    assert!((-10.0..1.0).contains(&level_db), "the implanted ear: {level_db} dB");
}

#[test]
fn a_processor_that_is_off_is_silence() {
    let first_year = presets::get("implant-first-year").expect("a preset");
    let input = [voice(1.0, 1), voice(1.0, 2)];
    let (heard, _) = hear(&throughout(&first_year, "off"), &Layout::stereo(), &Layout::stereo(), &input);
    assert!(heard.iter().flatten().all(|x| *x == 0.0));
}

/// Both ears have implants, so no channel is heard acoustically: what stands in the centre is heard through the front.
#[test]
fn the_centre_of_a_film_reaches_implants() {
    let layout = Layout::surround_5_1();
    let mut input = vec![vec![0.0; RATE_HZ as usize]; 6];
    let centre = layout.0.iter().position(|channel| *channel == Channel::FrontCentre);
    input[centre.expect("a centre")] = voice(1.0, 1);
    for preset in ["implant-ace", "implant-short-array"] {
        let program = throughout(&presets::get(preset).expect(preset), "");
        let (heard, _) = hear(&program, &layout, &layout, &input);
        let levels: Vec<f64> = heard.iter().map(|channel| rms_db_fs(&channel[12_000..])).collect();
        assert!(levels[0] > -60.0 && levels[1] > -60.0, "{preset}: {levels:?}");
        assert!(levels[2..].iter().all(|level| *level < -200.0), "{preset}: {levels:?}");
    }
}

#[test]
fn a_later_ear_is_later_by_what_its_file_says() {
    let delayed = |delay_ms| implanted("implant-ace", move |implant| implant.delay_ms = delay_ms);
    let input = [voice(1.0, 1), voice(1.0, 1)];
    let both = listener(delayed(0.0), delayed(10.0));
    let (heard, _) = hear(&throughout(&both, ""), &Layout::stereo(), &Layout::stereo(), &input);
    // Each ear draws its own phases: it is the envelopes that are compared, in steps of a millisecond.
    let envelope =
        |samples: &[f32]| -> Vec<f64> { samples.chunks(48).map(|step| rms_db_fs(step).max(-90.0)).collect() };
    let (left, right) = (envelope(&heard[0]), envelope(&heard[1]));
    let alike = |lag: usize| -> f64 { left.iter().zip(&right[lag..]).map(|(a, b)| -(a - b).powi(2)).sum() };
    let best = (0..30).max_by(|a, b| alike(*a).total_cmp(&alike(*b)));
    assert!(best.is_some_and(|lag| lag.abs_diff(10) <= 1), "{best:?} ms");
}

/// Residual low frequencies are heard acoustically, high ones only through the implant.
#[test]
fn electro_acoustic_hearing_is_both() {
    let both = presets::get("electro-acoustic").expect("a preset");
    let mut alone = both.clone();
    alone.states[0].left.implant = None;
    alone.states[0].right.implant = None;
    let tone = |hz: f64| -> Vec<f32> {
        (0..RATE_HZ)
            .map(|n| (0.03 * (std::f64::consts::TAU * hz * f64::from(n) / f64::from(RATE_HZ)).sin()) as f32)
            .collect()
    };
    let level = |listener: &Listener, hz: f64| {
        let input = [tone(hz), tone(hz)];
        let (heard, _) = hear(&throughout(listener, ""), &Layout::stereo(), &Layout::stereo(), &input);
        rms_db_fs(&heard[0][24_000..])
    };
    assert!(level(&alone, 250.0) > -60.0, "what is left is heard");
    assert!((level(&both, 250.0) - level(&alone, 250.0)).abs() < 10.0);
    assert!(level(&alone, 3000.0) < -150.0 && level(&both, 3000.0) > -70.0, "the implant gives back high sounds");
}

const SWITCH_ON: &str = r#"
title = "switched on"
listener = "x"

[[cue]]
in = "0 s"
out = "1 s"
state = "off"

[[cue]]
in = "1 s"
out = "3 s"
state = "one year"
enter = { shape = "cut", ms = 2 }
"#;

/// Switching on is heard at once and never startles: it comes up over a quarter of a second.
#[test]
fn switching_on_comes_up_gently() {
    let (sheet, _) = CueSheet::parse(SWITCH_ON, "a test").expect("a sheet");
    let listeners = [("x".to_owned(), presets::get("implant-first-year").expect("a preset"))];
    let program = Program::compile(&sheet, &listeners, RATE_HZ, None).expect("a program");
    let sound: Vec<f32> = voice(3.0, 1);
    // Without syllables, so that only the switching on moves the level.
    let steady: Vec<f32> =
        (0..sound.len()).map(|n| 0.1 * (0.11 * n as f32).sin() + 0.1 * (0.05 * n as f32).sin()).collect();
    let input = [steady.clone(), steady];
    let (heard, latency) = hear(&program, &Layout::stereo(), &Layout::stereo(), &input);
    let level = |from_ms: usize, to_ms: usize| rms_db_fs(&heard[0][latency + from_ms * 48..latency + to_ms * 48]);
    assert!(level(500, 995) < -200.0);
    let settled = level(1500, 2500);
    assert!(settled > -40.0, "{settled}");
    let early = level(1000, 1030) - settled;
    let half = level(1100, 1150) - settled;
    assert!(early < -12.0, "{early} dB within 30 ms");
    assert!((-12.0..-2.0).contains(&half), "{half} dB after an eighth of a second");
    assert!((level(1300, 1400) - settled).abs() < 3.0);
}
