//! Check 6: what becomes of the modulation of a tone, and when.

use auricle::ear::Stage;
use auricle::implant::information::Information;
use auricle::implant::params::{Carrier, Places};
use auricle::level::Calibration;

use crate::support::{RATE_HZ, heard, implant, information, modulation, strategies, tone};

/// Two seconds of a tone of 50 dB SPL whose amplitude is 1 + m sin, after a click that lifts the cap for longer.
fn modulated(hz: f64, modulation_hz: f64, depth: f64, rate_hz: u32) -> Vec<f32> {
    let step = std::f64::consts::TAU * modulation_hz / f64::from(rate_hz);
    let mut sound = tone(hz, 50.0, rate_hz, 2.0);
    for (n, sample) in sound.iter_mut().enumerate() {
        *sample *= (1.0 + depth * (step * n as f64).sin()) as f32;
    }
    sound[0] = 0.9;
    sound
}

/// Modulation that comes out over what went in.
fn transfer(path: &mut Information, hz: f64, modulation_hz: f64) -> f64 {
    path.reset();
    let out = heard(path, &modulated(hz, modulation_hz, 0.5, RATE_HZ), 480);
    modulation(&out, modulation_hz, RATE_HZ).0 / 0.5
}

#[test]
fn slow_modulation_passes_and_fast_modulation_does_not() {
    let mut path = information(&implant(Carrier::Sine, Places::Matched), RATE_HZ);
    for hz in [500.0, 1_000.0, 4_000.0] {
        for slow in [4.0, 10.0, 20.0] {
            let passed = transfer(&mut path, hz, slow);
            assert!((0.95..1.05).contains(&passed), "{hz} Hz at {slow} Hz: {passed}");
        }
        let (half, none) = (transfer(&mut path, hz, 100.0), transfer(&mut path, hz, 300.0));
        assert!((0.55..0.75).contains(&half), "{hz} Hz at 100 Hz: {half}");
        assert!(none <= 0.05, "{hz} Hz at 300 Hz: {none}");
    }
}

/// Tones of the bank beat with each other, so one run is noisy: the mean of several phases is not.
#[test]
fn the_bank_of_tones_passes_what_the_device_does() {
    let implant = implant(Carrier::Spiral, Places::Matched);
    for (modulation_hz, range) in [(4.0, 0.95..1.05), (20.0, 0.95..1.05), (100.0, 0.55..0.75), (300.0, 0.0..0.05)] {
        let step = std::f64::consts::TAU * modulation_hz / f64::from(RATE_HZ);
        let sound = modulated(1_000.0, modulation_hz, 0.5, RATE_HZ);
        let (mut mean, mut re, mut im) = (0.0, 0.0, 0.0);
        for seed in 0..30 {
            let mut path =
                Information::new(&implant, &[], RATE_HZ, Calibration::default(), seed).expect("an ordinary implant");
            let out = heard(&mut path, &sound, 480);
            for (n, sample) in out.iter().enumerate().skip(RATE_HZ as usize) {
                let power = f64::from(*sample).powi(2);
                mean += power;
                re += power * (step * n as f64).cos();
                im += power * (step * n as f64).sin();
            }
        }
        let line = 2.0 * re.hypot(im) / mean;
        let passed = (2.0 - (4.0 - 2.0 * line * line).sqrt()) / line / 0.5;
        assert!(range.contains(&passed), "{modulation_hz} Hz: {passed}");
    }
}

#[test]
fn declared_latency_is_measured_at_every_rate_and_strategy() {
    for rate_hz in [8_000, 16_000, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000] {
        for (name, implant) in strategies() {
            let mut path = information(&implant, rate_hz);
            let declared = path.latency_samples() as f64 / f64::from(rate_hz);
            let out = heard(&mut path, &modulated(1_500.0, 10.0, 0.5, rate_hz), 480);
            let (_, measured) = modulation(&out, 10.0, rate_hz);
            // Pulses of a frame come one after the other: bands differ by up to half a frame either way.
            let apart_ms = 1e3 * (measured - declared).abs();
            assert!(apart_ms < 0.5, "{name} at {rate_hz} Hz: {measured} s for {declared} s");
        }
    }
}

/// The acoustic ear is 832 samples late at 48 kHz: an implant can be brought in time with it.
#[test]
fn no_strategy_and_no_carrier_is_later_than_17_ms() {
    for carrier in [Carrier::Spiral, Carrier::Bursts, Carrier::Noise, Carrier::Sine] {
        for (name, mut implant) in strategies() {
            for places in [Places::Matched, Places::Shifted] {
                implant.sound = auricle::implant::params::Sound::Information { carrier, places };
                let latency = information(&implant, RATE_HZ).latency_samples();
                assert!(latency < 816, "{name}, {carrier:?}, {places:?}: {latency} samples");
            }
        }
    }
}
