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

#[track_caller]
fn close(got: f64, expected: f64) {
    assert!((got / expected - 1.0).abs() < 2e-8, "{got:e} for {expected:e}");
}

/// `Ear(src_pos="ff")` of pyclarity 0.9.0, `set_audiogram`, `process`; sums over the first 88200 samples.
#[test]
fn the_whole_ear_is_that_of_pyclarity() {
    for (db_hl, class, length, expected_rms, expected_sum, samples) in [
        (
            NONE,
            Class::None,
            88_200,
            1.607_619_070e-2,
            1.029_453_498e3,
            [-2.561_797_277e-2, 3.805_167_855e-3, -2.817_369_123e-2],
        ),
        (
            MILD,
            Class::Mild,
            88_448,
            1.011_839_402e-2,
            6.663_706_214e2,
            [-2.073_583_694e-2, 1.980_584_848e-3, -1.351_861_339e-2],
        ),
        (
            MODERATE,
            Class::Moderate,
            88_448,
            7.137_559_345e-3,
            4.700_835_387e2,
            [1.170_634_405e-2, -1.332_544_548e-3, 8.043_431_351e-3],
        ),
        (
            SEVERE,
            Class::Severe,
            88_448,
            3.443_208_724e-3,
            2.210_092_262e2,
            [-7.562_222_024e-3, 3.564_841_893e-4, -5.628_716_967e-3],
        ),
    ] {
        let ear = ear(db_hl);
        assert_eq!(ear.class(), class);
        let heard = ear.process(&[&tones()]).unwrap().remove(0);
        assert_eq!((heard.len(), ear.output_samples(88_200)), (length, length));
        println!(
            "{class:?} {:e} {:e}",
            rms(&heard[..88_200]) / expected_rms - 1.0,
            sum_abs(&heard[..88_200]) / expected_sum - 1.0
        );
        for (at, expected) in [20_000, 40_000, 60_000].into_iter().zip(samples) {
            println!("   {:e}", (heard[at] - expected) / expected_rms);
        }
    }
}
