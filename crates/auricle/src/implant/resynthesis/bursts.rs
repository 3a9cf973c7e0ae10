//! Gaussian-enveloped tones: each pulse a burst of its electrode's tone (GET, Meng et al. 2022).
//!
//! A burst is exp(-pi t^2 / D^2) of a tone that runs on beneath it, D = kappa / f_c. kappa is 3 for the lowest and 24
//! for the highest tone, geometrically between, so that bandwidths, 1/D, are about those of the analysis bands: 83 Hz at
//! 250 Hz, 310 Hz at 7.4 kHz. The other way round, low bursts would last a tenth of a second and no syllable would be
//! left. D is 4 ms at most, for latency's sake, and end where they are 40 dB down.

use super::tones::Tones;
use crate::dsp::MAX_PERIOD_SAMPLES;

/// kappa of the lowest and the highest of an ordinary implant's tones.
const KAPPA: (f64, f64) = (3.0, 24.0);
/// Their frequencies, Hz.
const KAPPA_HZ: (f64, f64) = (250.0, 7_500.0);
/// Longest D, seconds.
const LONGEST_SECS: f64 = 4e-3;
/// How far ahead of what has been rendered the middle of a burst may lie, beside half of one: pulses given ahead, and
/// electrodes held back, seconds.
const ROOM_SECS: f64 = 0.05;
/// Where a burst ends, in parts of D: exp(-pi 1.21^2) is 40 dB down.
const END: f64 = 1.21;

/// D of a tone, seconds.
fn duration_secs(frequency_hz: f64) -> f64 {
    let place = libm::log(frequency_hz / KAPPA_HZ.0) / libm::log(KAPPA_HZ.1 / KAPPA_HZ.0);
    let kappa = KAPPA.0 * libm::pow(KAPPA.1 / KAPPA.0, place.clamp(0.0, 1.0));
    (kappa / frequency_hz).min(LONGEST_SECS)
}

/// The envelope of an electrode's bursts.
#[derive(Debug, Clone)]
struct Burst {
    /// The envelope and its slope a sample, `[sample]`, the middle at `half`.
    shape: Vec<f32>,
    slope: Vec<f32>,
    half: usize,
    /// The sum of bursts, a ring over absolute samples.
    sum: Vec<f32>,
    /// Sample up to which there is something in the ring.
    until: u64,
}

/// Bursts of one rate.
#[derive(Debug, Clone)]
pub(super) struct Bursts {
    tones: Tones,
    /// `[electrode]`.
    bursts: Vec<Burst>,
    /// The next sample to be made.
    now: u64,
    ring: usize,
}

impl Bursts {
    /// For tones at `frequency_hz` (`None`: none) whose pulses are `interval_secs` apart.
    pub(super) fn new(frequency_hz: &[Option<f64>], interval_secs: &[f64], tones: Tones, sample_rate_hz: u32) -> Self {
        let rate = f64::from(sample_rate_hz);
        let reach = (ROOM_SECS + 2.0 * END * LONGEST_SECS) * rate;
        let ring = (reach as usize + 2 * MAX_PERIOD_SAMPLES + 8).next_power_of_two();
        let bursts = frequency_hz
            .iter()
            .zip(interval_secs)
            .map(|(hz, interval_secs)| {
                let duration = hz.map_or(0.0, duration_secs) * rate;
                let half = libm::ceil(END * duration) as usize + 1;
                // What is left at the end is taken off everywhere, so that a burst begins and ends at nothing.
                let rest = libm::exp(-std::f64::consts::PI * END * END);
                let raw = |t: f64| {
                    if duration > 0.0 {
                        let gauss = libm::exp(-std::f64::consts::PI * (t / duration).powi(2));
                        ((gauss - rest) / (1.0 - rest)).max(0.0)
                    } else {
                        0.0
                    }
                };
                let scale = 1.0 / train_rms(raw, interval_secs * rate, half as f64).max(1e-9);
                let at = |n: usize| n as f64 - half as f64;
                Burst {
                    shape: (0..=2 * half).map(|n| (scale * raw(at(n))) as f32).collect(),
                    slope: (0..=2 * half)
                        .map(|n| (scale * 0.5 * (raw(at(n) + 1.0) - raw(at(n) - 1.0))) as f32)
                        .collect(),
                    half,
                    sum: vec![0.0; if hz.is_some() { ring } else { 0 }],
                    until: 0,
                }
            })
            .collect();
        Self { tones, bursts, now: 0, ring }
    }

    /// Half of the longest burst, samples.
    pub(super) fn longest_half_samples(&self) -> usize {
        self.bursts.iter().map(|burst| burst.half).max().unwrap_or(0)
    }

    pub(super) fn reset(&mut self) {
        self.tones.reset();
        for burst in &mut self.bursts {
            burst.sum.fill(0.0);
            burst.until = 0;
        }
        self.now = 0;
    }

    /// Adds a burst whose tone, were it steady, would have `rms`, with its middle at a place in samples. What of it
    /// lies before now is left out, and all of one too far ahead.
    pub(super) fn burst(&mut self, electrode: usize, at_samples: f64, rms: f32) {
        let burst = &mut self.bursts[electrode];
        let middle = libm::floor(at_samples + 0.5);
        let first = middle as i64 - burst.half as i64;
        let end = first + burst.shape.len() as i64;
        if burst.sum.is_empty() || end > (self.now as usize + self.ring) as i64 || end <= self.now as i64 {
            return;
        }
        // A shift by a part of a sample, by the envelope's slope: it is hundreds of samples wide.
        let later = (at_samples - middle) as f32;
        let peak = std::f32::consts::SQRT_2 * rms;
        let skip = (self.now as i64 - first).max(0) as usize;
        let begin = (first + skip as i64) as u64;
        let (shape, slope) = (&burst.shape[skip..], &burst.slope[skip..]);
        let slot = begin as usize & (self.ring - 1);
        let straight = shape.len().min(self.ring - slot);
        add_shape(&mut burst.sum[slot..slot + straight], &shape[..straight], &slope[..straight], peak, later);
        add_shape(&mut burst.sum[..shape.len() - straight], &shape[straight..], &slope[straight..], peak, later);
        burst.until = burst.until.max(end as u64);
    }

    /// Adds the next period to `out`. Periods are powers of two.
    pub(super) fn add(&mut self, out: &mut [f32]) {
        let slot = self.now as usize & (self.ring - 1);
        for (tone, burst) in self.bursts.iter_mut().enumerate() {
            if burst.until > self.now {
                let envelope = &mut burst.sum[slot..slot + out.len()];
                self.tones.add_under(tone, envelope, out);
                envelope.fill(0.0);
            }
        }
        self.tones.advance();
        self.now += out.len() as u64;
    }
}

/// `sum += peak (shape - later slope)`.
fn add_shape(sum: &mut [f32], shape: &[f32], slope: &[f32], peak: f32, later: f32) {
    for ((sum, shape), slope) in sum.iter_mut().zip(shape).zip(slope) {
        *sum += peak * (shape - later * slope);
    }
}

/// RMS of the sum of envelopes `interval` apart: what a steady train of pulses makes of a steady amplitude.
fn train_rms(envelope: impl Fn(f64) -> f64, interval: f64, half: f64) -> f64 {
    const STEPS: usize = 64;
    let reach = libm::ceil(half / interval) as i64;
    let squares: f64 = (0..STEPS)
        .map(|i| {
            let t = interval * i as f64 / STEPS as f64;
            (-reach..=reach).map(|n| envelope(t - n as f64 * interval)).sum::<f64>().powi(2)
        })
        .sum();
    (squares / STEPS as f64).sqrt()
}
