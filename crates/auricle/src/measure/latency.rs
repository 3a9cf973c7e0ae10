//! By how much an ear is late: measured, against what it says.

use serde::Serialize;

use super::bench::{Bench, white};

/// How far round the stated latency is looked, seconds.
const REACH_SECS: f64 = 0.02;
/// Length of the noise, seconds.
const SECS: f64 = 0.3;
/// Its level, dB FS RMS: loud enough for full recovery at the default calibration.
const LEVEL_DB_FS: f64 = 20.0;

/// A latency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// As the ear states it, samples.
    pub stated_samples: usize,
    /// As it is, samples.
    pub measured_samples: usize,
}

/// The delay at which what comes out is most like what went in (cross-correlation of white noise).
pub fn latency(bench: &mut Bench) -> Latency {
    let stated_samples = bench.latency_samples();
    let reach = bench.samples(REACH_SECS);
    let gain = crate::dsp::math::amplitude(LEVEL_DB_FS) as f32;
    let noise: Vec<f32> = white(bench.samples(SECS), 1).iter().map(|sample| gain * sample).collect();
    let mut sound = noise.clone();
    sound.resize(noise.len() + stated_samples + reach + 1, 0.0);
    let heard = bench.hear(sound);
    let likeness =
        |delay: &usize| -> f64 { noise.iter().zip(&heard[*delay..]).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum() };
    let first = stated_samples.saturating_sub(reach);
    let measured_samples = (first..=stated_samples + reach)
        .map(|delay| (delay, likeness(&delay)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(0, |(delay, _)| delay);
    Latency { stated_samples, measured_samples }
}
