//! Voices from pulses and formants, music, noise: made the same way on every machine.

use auricle::dsp::random::Random;
use std::f64::consts::TAU;

/// Formants of a neutral vowel: `(Hz, bandwidth in Hz)`.
pub(crate) const VOWEL: [(f64, f64); 4] = [(620.0, 80.0), (1250.0, 100.0), (2500.0, 140.0), (3500.0, 200.0)];

/// A vowel whose F0 at each time (seconds) is `f0_hz`, RMS about 0.1.
pub(crate) fn vowel(rate_hz: u32, secs: f64, f0_hz: impl Fn(f64) -> f64) -> Vec<f32> {
    vowel_of(rate_hz, secs, f0_hz, &VOWEL)
}

/// A vowel of other formants.
pub(crate) fn vowel_of(rate_hz: u32, secs: f64, f0_hz: impl Fn(f64) -> f64, formants: &[(f64, f64)]) -> Vec<f32> {
    let rate = f64::from(rate_hz);
    let samples = (secs * rate) as usize;
    let mut phase: f64 = 0.0;
    let mut source: Vec<f64> = (0..samples)
        .map(|n| {
            let f0 = f0_hz(n as f64 / rate);
            phase += f0 / rate;
            // Harmonics falling by 6 dB an octave to the lesser of 7 kHz and 0.45 of the rate.
            let highest = (7000.0_f64.min(0.45 * rate) / f0) as usize;
            let (mut sum, mut weight) = (0.0, 0.0);
            let angle = TAU * phase;
            let (cos, sin) = (angle.cos(), angle.sin());
            let (mut re, mut im) = (cos, sin);
            for k in 1..=highest {
                weight += 1.0;
                sum += re / k as f64;
                (re, im) = (re * cos - im * sin, re * sin + im * cos);
            }
            if weight > 0.0 { sum } else { 0.0 }
        })
        .collect();
    for (hz, bandwidth) in formants {
        let radius = (-std::f64::consts::PI * bandwidth / rate).exp();
        let (a1, a2) = (2.0 * radius * (TAU * hz / rate).cos(), -radius * radius);
        let (mut y1, mut y2) = (0.0, 0.0);
        for x in &mut source {
            let y = (1.0 - a1 - a2) * *x + a1 * y1 + a2 * y2;
            (y1, y2) = (y, y1);
            *x = y;
        }
    }
    let power = source.iter().map(|x| x * x).sum::<f64>() / samples as f64;
    let gain = 0.1 / power.sqrt();
    // Risen within 20 ms, so that it begins without a click.
    source.iter().enumerate().map(|(n, x)| (gain * x * (n as f64 / rate / 0.02).min(1.0)) as f32).collect()
}

/// White noise of an RMS.
pub(crate) fn noise(samples: usize, rms: f32, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed, 77);
    (0..samples).map(|_| rms * random.bell()).collect()
}

/// Something like speech: a gliding voice in syllables with hisses and pauses between.
pub(crate) fn sentence(rate_hz: u32, secs: f64) -> Vec<f32> {
    let mut out = vowel(rate_hz, secs, |t| 130.0 * (0.25 * (TAU * 0.8 * t).sin()).exp2());
    let hiss = noise(out.len(), 0.05, 5);
    for (n, x) in out.iter_mut().enumerate() {
        let t = n as f64 / f64::from(rate_hz);
        let place = (t * 4.0).fract();
        let envelope = |from: f64, to: f64| {
            let u = (place - from) / (to - from);
            if (0.0..1.0).contains(&u) { 0.5 - 0.5 * (TAU * u).cos() } else { 0.0 }
        };
        *x = *x * envelope(0.0, 0.6) as f32 + hiss[n] * envelope(0.62, 0.8) as f32;
    }
    out
}

/// Chords over a bass, decaying: no single F0.
pub(crate) fn music(rate_hz: u32, secs: f64) -> Vec<f32> {
    let rate = f64::from(rate_hz);
    let chords = [[220.0, 277.2, 329.6], [196.0, 246.9, 293.7], [174.6, 220.0, 261.6]];
    (0..(secs * rate) as usize)
        .map(|n| {
            let t = n as f64 / rate;
            let chord = chords[(2.0 * t) as usize % 3];
            let since = (2.0 * t).fract() / 2.0;
            let tone = |hz: f64| (1..6).map(|k| (TAU * hz * f64::from(k) * t).sin() / f64::from(k)).sum::<f64>();
            let sum: f64 = chord.iter().map(|hz| tone(*hz)).sum::<f64>() + 1.5 * (TAU * chord[0] / 4.0 * t).sin();
            (0.05 * sum * (since / 0.005).min(1.0) * (-4.0 * since).exp()) as f32
        })
        .collect()
}
