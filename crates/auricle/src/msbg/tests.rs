//! The whole simulator against check values of pyclarity 0.9.0.

use super::*;

/// Frequencies of the audiograms below, Hz.
const HZ: [f64; 8] = [250.0, 500.0, 1000.0, 2000.0, 3000.0, 4000.0, 6000.0, 8000.0];
const NONE: [f64; 8] = [0.0; 8];
const MILD: [f64; 8] = [5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0];
const MODERATE: [f64; 8] = [15.0, 20.0, 25.0, 35.0, 40.0, 45.0, 50.0, 60.0];
const SEVERE: [f64; 8] = [30.0, 35.0, 45.0, 55.0, 60.0, 65.0, 70.0, 75.0];

fn ear(db_hl: [f64; 8]) -> Msbg {
    let points: Vec<_> = HZ.into_iter().zip(db_hl).collect();
    Msbg::new(&MsbgParams::new(Audiogram::from_db_hl(&points))).expect("a possible ear")
}

/// Three tones that swell three times a second.
fn tones() -> Vec<f64> {
    let turn = |hz: f64, n: f64, phase: f64| (std::f64::consts::TAU * hz * n / 44_100.0 + phase).sin();
    let sample = |n: f64| {
        let tones = turn(440.0, n, 0.0) + 0.5 * turn(1850.0, n, 1.0) + 0.25 * turn(5210.0, n, 2.0);
        0.02 * tones * (1.0 + 0.8 * turn(3.1, n, 0.0))
    };
    (0..88_200).map(|n| sample(f64::from(n))).collect()
}

fn rms(samples: &[f64]) -> f64 {
    (samples.iter().map(|x| x * x).sum::<f64>() / samples.len() as f64).sqrt()
}

fn sum_abs(samples: &[f64]) -> f64 {
    samples.iter().map(|x| x.abs()).sum()
}

/// The values to compare with have ten digits.
const TOLERANCE: f64 = 2e-9;

#[track_caller]
fn close(got: f64, expected: f64) {
    assert!((got / expected - 1.0).abs() < TOLERANCE, "{got:e} for {expected:e}");
}

/// `Ear(src_pos="ff")` of pyclarity 0.9.0, `set_audiogram`, `process`: RMS of the first 88200 samples, sum of
/// all magnitudes, three samples.
#[test]
fn the_whole_ear_is_that_of_pyclarity() {
    let cases = [
        (NONE, Class::None, 88_200, [1.607_619_070e-2, 1.029_453_498e3]),
        (MILD, Class::Mild, 88_448, [1.011_839_402e-2, 6.663_706_214e2]),
        (MODERATE, Class::Moderate, 88_448, [7.137_559_345e-3, 4.700_835_387e2]),
        (SEVERE, Class::Severe, 88_448, [3.443_208_724e-3, 2.210_092_262e2]),
    ];
    let samples = [
        [-2.561_797_277e-2, 3.805_167_855e-3, -2.817_369_123e-2],
        [-2.073_583_694e-2, 1.980_584_848e-3, -1.351_861_339e-2],
        [1.170_634_405e-2, -1.332_544_548e-3, 8.043_431_351e-3],
        [-7.562_222_024e-3, 3.564_841_893e-4, -5.628_716_967e-3],
    ];
    for ((db_hl, class, length, [expected_rms, expected_sum]), samples) in cases.into_iter().zip(samples) {
        let ear = ear(db_hl);
        assert_eq!(ear.class(), class);
        let heard = ear.process(&[&tones()]).unwrap().remove(0);
        assert_eq!((heard.len(), ear.output_samples(88_200)), (length, length));
        close(rms(&heard[..88_200]), expected_rms);
        close(sum_abs(&heard), expected_sum);
        for (at, expected) in [20_000, 40_000, 60_000].into_iter().zip(samples) {
            assert!((heard[at] - expected).abs() < TOLERANCE * 2.0 * expected_rms, "{class:?} at {at}");
        }
    }
}

/// The same for its cochlea by itself, to which smearing belongs, at 120 dB SPL for full scale.
#[test]
fn the_cochlea_is_that_of_pyclarity() {
    for (db_hl, class, expected_rms, expected_sum) in [
        (NONE, Class::None, 1.728_726_259e-2, 1.116_956_982e3),
        (MILD, Class::Mild, 1.119_063_464e-2, 7.452_329_431e2),
        (MODERATE, Class::Moderate, 8.265_851_495e-3, 5.499_921_367e2),
        (SEVERE, Class::Severe, 4.368_223_118e-3, 2.824_040_986e2),
    ] {
        let thresholds: Vec<_> = HZ.into_iter().zip(db_hl).collect();
        let cochlea = Cochlea::new(Bank::of(class), &thresholds, 120.0, 44_100.0);
        let smeared = class.skirts().map(|(lower, upper)| Smearing::new(lower, upper, 44_100.0).apply(&tones()));
        let heard = cochlea.hear(&smeared.unwrap_or(tones()));
        close(rms(&heard[..88_200]) * cochlea.recombination_gain, expected_rms);
        close(sum_abs(&heard) * cochlea.recombination_gain, expected_sum);
    }
}

#[test]
fn level_is_set_by_all_channels_and_the_first_ones_gate() {
    let ear = ear(MODERATE);
    let sound = tones();
    let softer: Vec<f64> = sound.iter().map(|x| 0.5 * x).collect();
    let alone = ear.process(&[&sound]).unwrap();
    let both = ear.process(&[&sound, &softer]).unwrap();
    assert_eq!(both.len(), 2);
    // The second channel, half as strong, lowers the level of both: to sqrt 5/8.
    assert!(rms(&both[0]) < rms(&alone[0]) && rms(&both[1]) < rms(&both[0]));
    let silence = vec![0.0; sound.len()];
    assert!(ear.process(&[&sound, &silence]).is_ok(), "only the first is gated");
    assert!(matches!(ear.process(&[&silence, &sound]), Err(MsbgError::TooQuiet { .. })));
}

#[test]
fn nothing_depends_on_what_was_heard_before_and_pauses_stay_numbers() {
    let ear = ear(SEVERE);
    let mut sound = tones();
    sound[30_000..70_000].fill(0.0);
    let once = ear.process(&[&sound]).unwrap();
    assert!(once[0].iter().all(|x| x.is_finite()));
    assert!(ear.process(&[&sound]).unwrap() == once);
}

/// Two ways lead to the output: with no loss at all there is no envelope to follow.
#[test]
fn hardly_any_loss_is_no_loss() {
    let none = ear(NONE).process(&[&tones()]).unwrap();
    let hardly = ear([1e-9; 8]).process(&[&tones()]).unwrap();
    for (none, hardly) in none[0].iter().zip(&hardly[0]) {
        assert!((none - hardly).abs() < 1e-9);
    }
}

#[test]
fn short_sounds_are_heard_from_one_frame_on() {
    for db_hl in [NONE, SEVERE] {
        let ear = ear(db_hl);
        for length in [LEAST_SAMPLES, 448, 511, 512, 513, 1024, 4097] {
            let heard = ear.process(&[&tones()[..length]]).unwrap();
            assert_eq!(heard[0].len(), ear.output_samples(length));
        }
        assert_eq!(
            ear.process(&[&tones()[..LEAST_SAMPLES - 1]]),
            Err(MsbgError::TooShort { samples: LEAST_SAMPLES - 1 })
        );
    }
}

#[test]
fn what_has_no_meaning_is_refused() {
    let of = |points: &[(f64, f64)]| MsbgParams::new(Audiogram::from_db_hl(points));
    let error = |params: &MsbgParams| Msbg::new(params).err().expect("an error").to_string();
    assert!(error(&of(&[(1000.0, 60.0), (4000.0, 105.0)])).contains("105 dB HL at 4000 Hz"));
    assert!(Msbg::new(&of(&[(1000.0, 60.0), (4000.0, 104.9)])).is_ok());
    assert!(error(&of(&[(1000.0, 60.0), (500.0, 60.0)])).contains("point 2"));
    let other_rate = MsbgParams { sample_rate_hz: 48_000, ..of(&[]) };
    assert!(error(&other_rate).contains("48000") && error(&other_rate).contains("-ar 44100"));
    let mistyped = MsbgParams { full_scale_db_spl: 1200.0, ..of(&[]) };
    assert!(error(&mistyped).contains("1200 dB SPL"));
    let ear = Msbg::new(&of(&[])).unwrap();
    assert_eq!(ear.class(), Class::None);
    assert_eq!(ear.process(&[]), Err(MsbgError::NoChannel));
    let sound = tones();
    let lengths = MsbgError::Lengths { channel: 1, samples: 88_199, first_samples: 88_200 };
    assert_eq!(ear.process(&[&sound, &sound[1..]]), Err(lengths));
    let mut broken = sound.clone();
    broken[77] = f64::NAN;
    assert_eq!(ear.process(&[&sound, &broken]), Err(MsbgError::NotFinite { channel: 1, sample: 77 }));
}
