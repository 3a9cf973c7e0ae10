//! Listeners by their findings, written out here so that no law depends on presets or files.

use auricle::audiogram::{Audiogram, Threshold};
use auricle::listener::{
    Card, DeadRegion, EarFindings, Listener, Movement, Sex, Smearing, State, Tinnitus, TinnitusSound,
};

/// Frequencies of the standard audiograms of Bisgaard et al. (2010), table 1, in Hz.
const BISGAARD_HZ: [f64; 10] = [250.0, 375.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0];
/// N3, moderate, flat to moderately sloping (same table), dB HL.
const N3_DB_HL: [f64; 10] = [35.0, 35.0, 35.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0];
/// S2, mild, steeply sloping (same table), dB HL.
const S2_DB_HL: [f64; 10] = [20.0, 20.0, 20.0, 22.5, 25.0, 35.0, 55.0, 75.0, 95.0, 95.0];

/// Thresholds at `points` of `(Hz, dB HL)`.
fn audiogram(points: impl IntoIterator<Item = (f64, f64)>) -> Audiogram {
    Audiogram { points: points.into_iter().map(|(hz, db_hl)| (hz, Threshold::DbHl(db_hl))).collect() }
}

/// An ear with these air conduction thresholds, dB HL by Hz, and nothing else.
fn ear(points: impl IntoIterator<Item = (f64, f64)>) -> EarFindings {
    EarFindings { air: audiogram(points), ..EarFindings::default() }
}

/// The same threshold at all frequencies.
pub(crate) fn flat(db_hl: f64) -> EarFindings {
    ear([(125.0, db_hl), (8000.0, db_hl)])
}

/// Sensorineural, N3.
pub(crate) fn n3() -> EarFindings {
    ear(BISGAARD_HZ.into_iter().zip(N3_DB_HL))
}

/// Sensorineural, S2.
pub(crate) fn s2() -> EarFindings {
    ear(BISGAARD_HZ.into_iter().zip(S2_DB_HL))
}

/// Air 40 dB HL, bone 0: a middle ear that lets too little through.
pub(crate) fn conductive() -> EarFindings {
    EarFindings { bone: Some(audiogram([(250.0, 0.0), (4000.0, 0.0)])), ..flat(40.0) }
}

/// A steep loss without working inner hair cells from 2 kHz up.
pub(crate) fn dead_region() -> EarFindings {
    EarFindings {
        dead: vec![DeadRegion { from_hz: 2000.0, to_hz: 20_000.0 }],
        ..ear([(500.0, 30.0), (1000.0, 45.0), (2000.0, 80.0), (4000.0, 95.0)])
    }
}

/// Level to which the tests' tinnitus is capped, dB SPL.
pub(crate) const TINNITUS_CAP_DB_SPL: f64 = 65.0;

/// N3 with a ringing, hissing or roaring of `level_db_sl`.
pub(crate) fn tinnitus(sound: TinnitusSound, level_db_sl: f64) -> EarFindings {
    let tinnitus = Tinnitus { sound, frequency_hz: 4000.0, level_db_sl, cap_db_spl: TINNITUS_CAP_DB_SPL };
    EarFindings { tinnitus: Some(tinnitus), ..n3() }
}

/// Profoundly deaf.
pub(crate) fn deaf() -> EarFindings {
    EarFindings { deaf: true, ..EarFindings::default() }
}

/// As `findings`, with filters as sharp as healthy ones, so that a level is the law's alone.
pub(crate) fn sharp(findings: EarFindings) -> EarFindings {
    EarFindings { smearing: Smearing::Off, ..findings }
}

/// One state of a listener.
pub(crate) fn state(name: &str, left: EarFindings, right: EarFindings, movement: Movement) -> State {
    State { name: name.to_owned(), about: String::new(), caption: String::new(), left, right, movement }
}

/// A listener of the given states.
pub(crate) fn listener(name: &str, states: Vec<State>) -> Listener {
    Listener { name: name.to_owned(), card: Card::default(), states }
}

/// A listener who always hears the same, by two ears.
pub(crate) fn steady(left: EarFindings, right: EarFindings) -> Listener {
    listener("the listener", vec![state("always", left, right, Movement::Instant)])
}

/// One whose hearing goes in and out several times in a second.
pub(crate) fn flickering() -> Listener {
    let movement =
        Movement::Flicker { from: None, mean_on_secs: 0.08, mean_off_secs: 0.05, slope_ms: 10.0, depth: 0.9 };
    listener("the one who drops out", vec![state("always", flat(70.0), s2(), movement)])
}

/// One whose hearing goes from healthy to S2 within 0.6 s.
pub(crate) fn ramping() -> Listener {
    let movement = Movement::Ramp { from: None, secs: Some(0.6) };
    listener("the one who loses it", vec![state("always", s2(), n3(), movement)])
}

/// One who ages by forty years within 0.6 s.
pub(crate) fn declining() -> Listener {
    let movement =
        Movement::Decline { from_age_years: 30.0, to_age_years: 70.0, sex: Sex::Male, exposure: None, secs: Some(0.6) };
    listener("the one who ages", vec![state("always", flat(0.0), flat(0.0), movement)])
}

/// A built-in listener.
pub(crate) fn preset(name: &str) -> Listener {
    auricle::presets::get(name).expect(name)
}

/// The left ear of a built-in listener in one of its states.
pub(crate) fn implanted(name: &str, state: &str) -> EarFindings {
    preset(name).state(state).expect(state).left.clone()
}
