//! Amplifiers: four-times oversampled distortion, and loudspeaker cabinets as filters.

use std::f64::consts::PI;

use super::dsp::{Biquad, RATE_HZ};

const TIMES: usize = 4;
const TAPS: usize = 96;

/// Low-pass for the way up and down: a windowed sinc (Blackman), corner at 20 kHz of 192 kHz.
fn kernel() -> [f64; TAPS] {
    let corner = 20_000.0 / (RATE_HZ * TIMES as f64);
    let mut taps: [f64; TAPS] = std::array::from_fn(|i| {
        let x = i as f64 - (TAPS - 1) as f64 / 2.0;
        let sinc = (2.0 * PI * corner * x).sin() / (PI * x);
        let p = 2.0 * PI * i as f64 / (TAPS - 1) as f64;
        sinc * (0.42 - 0.5 * p.cos() + 0.08 * (2.0 * p).cos())
    });
    let sum: f64 = taps.iter().sum();
    for tap in &mut taps {
        *tap /= sum;
    }
    taps
}

/// Bends each sample by `curve` at 192 kHz, so that what it adds above 24 kHz does not fold back.
pub(crate) fn distort(sound: &mut [f32], mut curve: impl FnMut(f64) -> f64) {
    let taps = kernel();
    const PAST: usize = TAPS / TIMES;
    let mut heard = [0f64; PAST];
    let mut bent = [0f64; TAPS];
    for x in sound.iter_mut() {
        heard.copy_within(0..PAST - 1, 1);
        heard[0] = f64::from(*x);
        bent.copy_within(0..TAPS - TIMES, TIMES);
        for phase in 0..TIMES {
            let mut up = 0.0;
            for (k, h) in heard.iter().enumerate() {
                up += h * taps[k * TIMES + phase];
            }
            bent[TIMES - 1 - phase] = curve(up * TIMES as f64);
        }
        *x = bent.iter().zip(&taps).map(|(b, t)| b * t).sum::<f64>() as f32;
    }
}

/// A high-gain guitar amplifier: tightened, pushed in the middle, clipped twice, through four 12-inch speakers.
pub(crate) fn guitar_amp(sound: &mut [f32]) {
    super::dsp::filter(
        sound,
        &mut [Biquad::high_pass(95.0, 0.7), Biquad::peak(720.0, 0.7, 7.0), Biquad::low_pass(7500.0, 0.6)],
    );
    let mut between = Biquad::high_pass(60.0 / TIMES as f64, 0.7);
    distort(sound, |x| {
        // A biased first valve adds even harmonics; the second stage clips evenly.
        let first = (x * 9.0 + 0.25).tanh() - 0.25f64.tanh();
        let coupled = between.tick(first);
        (coupled * 3.2).tanh()
    });
    super::dsp::filter(
        sound,
        &mut [
            Biquad::high_pass(78.0, 0.9),
            Biquad::peak(112.0, 1.3, 4.5),
            Biquad::peak(420.0, 0.9, -4.5),
            Biquad::peak(1500.0, 0.9, 1.5),
            Biquad::peak(2700.0, 1.1, 5.0),
            Biquad::peak(5600.0, 3.0, -9.0),
            Biquad::low_pass(6200.0, 0.8),
            Biquad::low_pass(7500.0, 0.6),
        ],
    );
}

/// A bass amplifier: a little grit on top of a clean low end.
pub(crate) fn bass_amp(sound: &mut [f32]) {
    let mut clean = sound.to_vec();
    super::dsp::filter(&mut clean, &mut [Biquad::high_pass(34.0, 0.7), Biquad::low_pass(420.0, 0.7)]);
    super::dsp::filter(sound, &mut [Biquad::high_pass(180.0, 0.7), Biquad::peak(850.0, 0.8, 5.0)]);
    distort(sound, |x| (x * 4.5).tanh());
    super::dsp::filter(sound, &mut [Biquad::low_pass(3600.0, 0.7), Biquad::low_pass(4200.0, 0.7)]);
    for (grit, low) in sound.iter_mut().zip(&clean) {
        *grit = 0.16 * *grit + (low * 1.4).tanh();
    }
}
