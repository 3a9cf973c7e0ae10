//! Controls that move while sound runs: no clicks, and where they end is where they would have been.

use auricle::implant::percept::{Percept, PerceptControls};

use crate::support::measure::level_db;
use crate::support::run::{RATE_HZ, of};

/// A period of the product's control, samples.
const PERIOD: usize = 32;

/// What is heard of a low tone under controls by period, above 6 kHz: where nothing but clicks would be.
fn clicks_db(controls: impl Fn(usize) -> PerceptControls) -> f64 {
    let mut percept = Percept::new(RATE_HZ);
    let mut sound: Vec<f32> = (0..RATE_HZ as usize)
        .map(|n| {
            let angle = std::f64::consts::TAU * 330.0 * n as f64 / f64::from(RATE_HZ);
            (0.2 * (n as f64 / 2400.0).min(1.0) * angle.sin()) as f32
        })
        .collect();
    for (period, block) in sound.chunks_mut(PERIOD).enumerate() {
        percept.process(&controls(period), block);
    }
    // Differences of the fourth order: 24 dB an octave for the high, -96 dB at 330 Hz. Clicks stand out.
    let sound = &sound[RATE_HZ as usize / 2..];
    let fourth: Vec<f32> =
        sound.windows(5).map(|x| (x[0] - 4.0 * x[1] + 6.0 * x[2] - 4.0 * x[3] + x[4]) / 16.0).collect();
    level_db(&fourth) - level_db(sound)
}

#[test]
fn controls_glide_without_clicks() {
    const CLEAR: PerceptControls = PerceptControls::CLEAR;
    let ends = [
        ("band", PerceptControls { high_pass_hz: 200.0, low_pass_hz: 2000.0, ..CLEAR }),
        ("smearing", PerceptControls { smearing_erb: 2.0, ..CLEAR }),
        ("formants", PerceptControls { formant_shift_octaves: 0.5, ..CLEAR }),
        ("ring", PerceptControls { ring: 1.0, ..CLEAR }),
        ("buzz", PerceptControls { buzz: 0.3, ..CLEAR }),
    ];
    for (name, end) in ends {
        let there_and_back = clicks_db(|period| if period / 100 % 2 == 0 { CLEAR } else { end });
        let still = clicks_db(|_| end).max(clicks_db(|_| CLEAR));
        println!("{name}: {there_and_back:.1} dB moving, {still:.1} dB still");
        assert!(there_and_back < (still + 6.0).max(-72.0), "{name}: {there_and_back} dB, {still} dB at rest");
    }
}

#[test]
fn a_glide_ends_where_it_leads() {
    // After a glide and what sounds before it has run out, nothing is left of the start but the phase of tones.
    // (Noise holds no pitch, but now and then seems to, and then is bent towards a mean that is older in one of the two.)
    let end = PerceptControls { f0_flattening: 0.0, f0_shift_octaves: 0.0, ..of(48.0, 300.0, 3) };
    let start = PerceptControls::CLEAR;
    let input: Vec<f32> = crate::support::voice::noise(2 * RATE_HZ as usize, 0.1, 7);
    let (mut glided, mut still) = (input.clone(), input);
    let (mut a, mut b) = (Percept::new(RATE_HZ), Percept::new(RATE_HZ));
    let half = RATE_HZ as usize / 2;
    a.process(&start, &mut glided[..half]);
    a.process(&end, &mut glided[half..]);
    b.process(&end, &mut still);
    let from = RATE_HZ as usize * 3 / 2;
    let difference: Vec<f32> = glided[from..].iter().zip(&still[from..]).map(|(a, b)| a - b).collect();
    let apart = level_db(&difference) - level_db(&still[from..]);
    assert!(apart < -60.0, "{apart} dB apart");
}

#[test]
fn a_drift_over_a_year_moves_sound_little_by_little() {
    // From the first day to a year within ten seconds, as a cue drifts: the level never leaps.
    let mut percept = Percept::new(RATE_HZ);
    let (first, year) = (of(0.0, 300.0, 2), of(12.0, 300.0, 2));
    let mut sound = crate::support::voice::noise(10 * RATE_HZ as usize, 0.1, 7);
    let periods = sound.len() / PERIOD;
    for (period, block) in sound.chunks_mut(PERIOD).enumerate() {
        percept.process(&PerceptControls::between(&first, &year, period as f64 / periods as f64), block);
    }
    let levels: Vec<f64> = sound[RATE_HZ as usize / 5..].chunks_exact(9600).map(level_db).collect();
    for pair in levels.windows(2) {
        assert!((pair[1] - pair[0]).abs() < 1.5, "a leap from {} to {} dB", pair[0], pair[1]);
    }
}
