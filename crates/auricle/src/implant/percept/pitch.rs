//! The period of a voice, if there is one.
//!
//! The sound is brought down to 8 to 16 kHz, low-passed so that the first formant's ripples count less than the
//! period, and compared with itself by normalised cross-correlation (Talkin 1995) over lags of 70 to 450 Hz, every
//! eighth control period. Where nothing repeats (noise, chords, several voices) the likeness is low, and the
//! strength that goes out is 0: whoever bends pitch then bends nothing.

use multiversion::multiversion;

use crate::dsp::LANES;
use crate::dsp::math::log2;
use crate::dsp::ring::Ring;

/// Voices' range, Hz.
const LOWEST_HZ: f64 = 70.0;
const HIGHEST_HZ: f64 = 450.0;
/// Length of the low-pass, seconds: a Hann window 6 dB down at 1.25 kHz.
const LOW_PASS_SECS: f64 = 0.0008;
/// Corner of the high-pass that takes away offsets and rumble, Hz.
const HIGH_PASS_HZ: f64 = 60.0;
/// Control periods between two looks.
const EVERY_PERIODS: usize = 8;
/// Likeness below which nothing counts as a voice, and from which all of it does.
const LIKENESS: (f32, f32) = (0.55, 0.8);
/// Taken off the likeness for each octave that a lag is longer than the shortest, so that a period is not taken for
/// two, and added where it goes on from the last one.
const FOR_SHORTER: f32 = 0.06;
const FOR_GOING_ON: f32 = 0.08;
/// Mean square below which all is silence.
const SILENCE: f32 = 1e-16;

/// What was found at the last look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pitch {
    /// Period, samples of the full rate.
    pub period_samples: f32,
    /// From 0, no period, to 1, a clear one.
    pub strength: f32,
    /// Mean square of the low-passed sound that it was found in.
    pub power: f32,
}

/// The last pitch of a stream.
pub(super) struct PitchTracker {
    /// Samples of the full rate to one of the lower.
    pub factor: usize,
    /// Samples of the full rate by which the low-passed sound lags.
    pub lag_samples: f32,
    low_pass: Vec<f32>,
    high_pass: f32,
    last: f32,
    passed: f32,
    /// The sound at the lower rate.
    pub low: Ring,
    lags: std::ops::RangeInclusive<usize>,
    window: usize,
    correlation: Vec<f32>,
    energy: Vec<f32>,
    until_look: usize,
    /// What was found.
    pub pitch: Pitch,
}

/// No pitch.
const NONE: Pitch = Pitch { period_samples: 0.0, strength: 0.0, power: 0.0 };

/// Samples of the full rate to one of the rate between 8 and 16 kHz at which periods are looked for.
fn factor(sample_rate_hz: u32) -> usize {
    [16, 8, 4, 2].into_iter().find(|factor| sample_rate_hz as usize / factor >= 8000).unwrap_or(1)
}

impl PitchTracker {
    /// For a sample rate and its control period; keeps `reach_secs` of the sound at the lower rate.
    pub(super) fn new(sample_rate_hz: u32, period_samples: usize, reach_secs: f64) -> Self {
        let rate = f64::from(sample_rate_hz);
        let factor = factor(sample_rate_hz);
        let low_rate = rate / factor as f64;
        let taps = ((LOW_PASS_SECS * rate) as usize).max(3);
        let hann = |n: usize| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * (n as f64 + 1.0) / (taps as f64 + 1.0));
        let sum: f64 = (0..taps).map(hann).sum();
        let lags = (low_rate / HIGHEST_HZ) as usize..=(low_rate / LOWEST_HZ).ceil() as usize;
        let window = *lags.end();
        let rows = (lags.end() + 2).next_multiple_of(LANES);
        let history = (2 * window + LANES + 2).max((reach_secs * low_rate) as usize);
        Self {
            factor,
            lag_samples: 0.5 * (taps as f32 - 1.0),
            low_pass: (0..taps).map(|n| (hann(n) / sum) as f32).collect(),
            high_pass: libm::exp(-std::f64::consts::TAU * HIGH_PASS_HZ / low_rate) as f32,
            last: 0.0,
            passed: 0.0,
            low: Ring::new(history, period_samples / factor),
            lags,
            window,
            correlation: vec![0.0; rows],
            energy: vec![0.0; rows],
            until_look: EVERY_PERIODS,
            pitch: NONE,
        }
    }

    /// Samples of the full rate that must be in reach before the newest period.
    pub(super) fn history_samples(&self) -> usize {
        self.low_pass.len()
    }

    pub(super) fn reset(&mut self) {
        self.low.reset();
        (self.last, self.passed) = (0.0, 0.0);
        self.until_look = EVERY_PERIODS;
        self.pitch = NONE;
    }

    /// The longest period that is ever found, samples of the full rate.
    pub(super) fn longest_samples(&self) -> usize {
        (self.lags.end() + 1) * self.factor
    }

    /// Takes in the newest period of `sound`; true where it looked.
    pub(super) fn hear(&mut self, sound: &Ring) -> bool {
        let sound = sound.window();
        let low = self.low.push();
        let newest = sound.len() - low.len() * self.factor;
        for (i, low) in low.iter_mut().enumerate() {
            let end = newest + (i + 1) * self.factor;
            let under = &sound[end - self.low_pass.len()..end];
            let value: f32 = under.iter().zip(&self.low_pass).map(|(x, tap)| x * tap).sum();
            let passed = value - self.last + self.high_pass * self.passed;
            self.last = value;
            self.passed = if passed.abs() < 1e-15 { 0.0 } else { passed };
            *low = self.passed;
        }
        self.until_look -= 1;
        if self.until_look > 0 {
            return false;
        }
        self.until_look = EVERY_PERIODS;
        self.look();
        true
    }

    fn look(&mut self) {
        let sound = self.low.window();
        let span = &sound[sound.len() - self.window - self.correlation.len() - 1..];
        // The window's newest samples against those a lag before.
        likeness(span, self.window, &mut self.correlation, &mut self.energy);
        let own = self.energy[0];
        if own < SILENCE * self.window as f32 {
            self.pitch = NONE;
            return;
        }
        for (correlation, energy) in self.correlation.iter_mut().zip(&self.energy) {
            *correlation /= (own * energy).sqrt() + 0.1 * SILENCE * self.window as f32;
        }
        let likeness = &self.correlation;
        let before = self.pitch.period_samples / self.factor as f32;
        let went_on = self.pitch.strength > 0.0;
        let shortest = log2(*self.lags.start() as f32);
        let mut best = (0, f32::NEG_INFINITY);
        for lag in self.lags.clone() {
            let here = likeness[lag];
            if here < likeness[lag - 1] || here < likeness[lag + 1] {
                continue;
            }
            let goes_on = went_on && (lag as f32 - before).abs() < 0.15 * before;
            let bonus = if goes_on { FOR_GOING_ON } else { 0.0 };
            let score = here + bonus - FOR_SHORTER * (log2(lag as f32) - shortest);
            if score > best.1 {
                best = (lag, score);
            }
        }
        let lag = best.0;
        if lag == 0 {
            self.pitch = NONE;
            return;
        }
        let strength = ((likeness[lag] - LIKENESS.0) / (LIKENESS.1 - LIKENESS.0)).clamp(0.0, 1.0);
        let period = lag as f32 + vertex(likeness[lag - 1], likeness[lag], likeness[lag + 1]);
        self.pitch = Pitch {
            period_samples: period * self.factor as f32,
            strength: strength * strength * (3.0 - 2.0 * strength),
            power: own / self.window as f32,
        };
    }
}

/// Where the parabola through three neighbours is highest, from -1/2 to 1/2 of their distance from the middle one.
pub(super) fn vertex(before: f32, here: f32, after: f32) -> f32 {
    let bend = before - 2.0 * here + after;
    if bend >= 0.0 { 0.0 } else { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) }
}

/// Sums over the newest `window` samples: with those `lag` before them, by lag, and of those squared. `span` has as many
/// more samples as there are lags, and one.
///
/// Without fused multiply-adds: what is decided here has to be decided alike on every machine.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn likeness(span: &[f32], window: usize, correlation: &mut [f32], energy: &mut [f32]) {
    let now = &span[span.len() - window..];
    let rows = correlation.as_chunks_mut::<LANES>().0.iter_mut().zip(energy.as_chunks_mut::<LANES>().0);
    for (block, (correlation, energy)) in rows.enumerate() {
        // Lanes run backwards in time, memory forwards: lane `LANES - 1 - l` is lag `block * LANES + l`.
        let first = span.len() - window - block * LANES - (LANES - 1);
        let then = &span[first..first + window + LANES - 1];
        let (mut sums, mut squares) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        for (x, under) in now.iter().zip(then.windows(LANES)) {
            for lane in 0..LANES {
                sums[lane] += *x * under[lane];
                squares[lane] += under[lane] * under[lane];
            }
        }
        for lane in 0..LANES {
            correlation[lane] = sums[LANES - 1 - lane];
            energy[lane] = squares[LANES - 1 - lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::control_period_samples;
    use crate::dsp::random::Random;

    /// Pitches found in a sound of one second, `(Hz, strength)`.
    fn heard(rate_hz: u32, sound: impl Fn(usize) -> f32) -> Vec<(f32, f32)> {
        let period = control_period_samples(rate_hz);
        let mut tracker = PitchTracker::new(rate_hz, period, 0.05);
        let mut ring = Ring::new(tracker.history_samples(), period);
        let mut found = Vec::new();
        for at in (0..rate_hz as usize).step_by(period) {
            for (i, slot) in ring.push().iter_mut().enumerate() {
                *slot = sound(at + i);
            }
            if tracker.hear(&ring) {
                found.push((rate_hz as f32 / tracker.pitch.period_samples, tracker.pitch.strength));
            }
        }
        found
    }

    #[test]
    fn a_buzz_of_any_pitch_is_found_at_every_rate() {
        for rate_hz in [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000] {
            for hz in [75.0, 110.0, 203.0, 330.0, 440.0] {
                let buzz = |n: usize| {
                    let phase = std::f64::consts::TAU * hz * n as f64 / f64::from(rate_hz);
                    (1..9).map(|k| 0.02 * libm::sin(f64::from(k) * phase) as f32).sum()
                };
                let found = heard(rate_hz, buzz);
                for (at, strength) in &found[found.len() / 2..] {
                    assert!((f64::from(*at) / hz - 1.0).abs() < 0.005, "{hz} Hz at {rate_hz} Hz found at {at}");
                    assert_eq!(*strength, 1.0);
                }
            }
        }
    }

    #[test]
    fn noise_and_silence_have_no_pitch() {
        let mut random = Random::new(3, 0);
        let noise: Vec<f32> = (0..48_000).map(|_| 0.1 * random.bell()).collect();
        let found = heard(48_000, |n| noise[n]);
        let mean = found.iter().map(|found| found.1).sum::<f32>() / found.len() as f32;
        assert!(mean < 0.1, "noise is voiced by {mean}");
        assert!(heard(48_000, |_| 0.0).iter().all(|found| found.1 == 0.0));
        assert!(heard(48_000, |_| 0.5).iter().skip(40).all(|found| found.1 == 0.0), "an offset has a pitch");
    }
}
