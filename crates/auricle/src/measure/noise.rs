//! What the simulation makes of noise: how loud it comes out against the law for tones, and how rough.
//!
//! A noise is never steady: in each band it swells and fades a hundred times a second. Growth steeper than 1 enlarges
//! those swings, so that a noise below full recovery comes out louder than a tone of its level, and rougher.

use std::sync::Arc;

use realfft::RealFftPlanner;
use realfft::num_complex::Complex64;
use serde::Serialize;

use super::bench::{Bench, SEED};
use super::detector::AuditoryFilter;
use crate::audiogram::Audiogram;
use crate::dsp::erb;
use crate::dsp::random::Random;
use crate::ear::design::{EarDesign, EarModel};
use crate::ear::recruitment;
use crate::level::Calibration;
use crate::listener::EarFindings;

/// Where the noise is listened to, Hz.
const PLACE_HZ: f64 = 1000.0;
/// Extent of the noise, Hz.
const EXTENT_HZ: (f64, f64) = (80.0, 12_000.0);
/// Length of the noise, seconds, and what is left out at its beginning.
const SECS: f64 = 2.0;
const SETTLING_SECS: f64 = 0.3;
/// Fluctuation is that of levels over this time, seconds.
const SHORT_SECS: f64 = 0.005;
/// Modulation that is heard as roughness, Hz (Zwicker & Fastl 1990, chapter 11).
const ROUGH_HZ: (f64, f64) = (20.0, 150.0);

/// A noise in one auditory filter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct InFilter {
    /// Level, dB HL.
    pub level_db_hl: f64,
    /// Standard deviation of its levels over 5 ms, dB.
    pub fluctuation_db: f64,
    /// RMS of its envelope's modulations of 20 to 150 Hz, re the envelope's mean.
    pub roughness: f64,
}

/// What an ear of a flat loss makes of noise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NoiseGrowth {
    /// The loss, dB HL at all frequencies.
    pub loss_db_hl: f64,
    /// The noise as it goes in, in one auditory filter at 1 kHz: halfway from threshold to full recovery.
    pub before: InFilter,
    /// The noise as it comes out.
    pub after: InFilter,
    /// Level that a tone of the noise's level comes out at by the law, dB HL.
    pub law_db_hl: f64,
}

impl NoiseGrowth {
    /// By how much the noise comes out louder than a tone would, dB.
    pub fn louder_db(&self) -> f64 {
        self.after.level_db_hl - self.law_db_hl
    }
}

/// Plays noise of one level per ERB to an ear with `loss_db_hl` at all frequencies, smearing on.
pub fn noise_growth(model: &Arc<EarModel>, loss_db_hl: f64) -> NoiseGrowth {
    let air = Audiogram::from_db_hl(&[(PLACE_HZ, loss_db_hl)]);
    let findings = EarFindings { air, ..EarFindings::default() };
    let mut bench = Bench::of_ear(model, EarDesign::new(model, &findings));
    let recovery = f64::from(recruitment::recovery_db_hl(loss_db_hl as f32));
    let growth = f64::from(recruitment::growth(loss_db_hl as f32));
    let noise = uniform_noise(&bench, 0.5 * (loss_db_hl + recovery), SECS);
    let before = in_filter(&bench, &noise);
    let heard = bench.hear_in_time(noise);
    NoiseGrowth {
        loss_db_hl,
        before,
        after: in_filter(&bench, &heard),
        law_db_hl: growth * before.level_db_hl - (growth - 1.0) * recovery,
    }
}

/// Noise whose level in every auditory filter is `level_db_hl`, at least `secs` long.
pub(super) fn uniform_noise(bench: &Bench, level_db_hl: f64, secs: f64) -> Vec<f32> {
    let (calibration, rate) = (bench.calibration, bench.sample_rate_hz);
    shaped_noise(rate, secs, |hz| {
        let inside = hz >= EXTENT_HZ.0 && hz < EXTENT_HZ.1;
        if inside { density(calibration, level_db_hl, hz) } else { 0.0 }
    })
}

/// Power per Hz of a noise whose level in one ERB round `hz` is `level_db_hl`, re full scale.
pub(super) fn density(calibration: Calibration, level_db_hl: f64, hz: f64) -> f64 {
    libm::pow(10.0, calibration.db_hl_to_db_fs(level_db_hl, hz) / 10.0) / erb::bandwidth_hz(hz)
}

/// Gaussian noise of at least `secs` whose power per Hz is `density(hz)`, re full scale; always the same.
pub(super) fn shaped_noise(sample_rate_hz: u32, secs: f64, density: impl Fn(f64) -> f64) -> Vec<f32> {
    let rate = f64::from(sample_rate_hz);
    let length = ((secs * rate) as usize).max(2).next_power_of_two();
    let mut planner = RealFftPlanner::<f64>::new();
    let inverse = planner.plan_fft_inverse(length);
    let mut spectrum = inverse.make_input_vec();
    let mut samples = inverse.make_output_vec();
    let mut random = Random::new(SEED, 0x0151_0000);
    let line_hz = rate / length as f64;
    let lines = spectrum.len();
    for (line, slot) in spectrum.iter_mut().enumerate() {
        let (re, im) = (f64::from(random.bell()), f64::from(random.bell()));
        // Neither direct current nor half the sample rate: they have no phase.
        if line > 0 && line + 1 < lines {
            // Each line's power, half of it in the mirrored one that the transform adds; two bells make one of power 2.
            *slot = Complex64::new(re, im) * (0.25 * density(line as f64 * line_hz) * line_hz).sqrt();
        }
    }
    // The slices are of the lengths that the plan made them with.
    if inverse.process(&mut spectrum, &mut samples).is_err() {
        samples.fill(0.0);
    }
    samples.iter().map(|sample| *sample as f32).collect()
}

/// The noise as one auditory filter at 1 kHz has it.
fn in_filter(bench: &Bench, samples: &[f32]) -> InFilter {
    let rate = f64::from(bench.sample_rate_hz);
    let filter = AuditoryFilter::new(PLACE_HZ, 1.0, bench.sample_rate_hz);
    let skip = bench.samples(SETTLING_SECS).min(samples.len());
    let mut power = Vec::with_capacity(samples.len());
    filter.run(samples, |p| power.push(p));
    let power = &power[skip..];
    let mean = power.iter().sum::<f64>() / power.len().max(1) as f64;
    let levels: Vec<f64> = power
        .chunks_exact(bench.samples(SHORT_SECS))
        .map(|part| 10.0 * libm::log10((part.iter().sum::<f64>() / part.len() as f64).max(1e-30)))
        .collect();
    let middle = levels.iter().sum::<f64>() / levels.len().max(1) as f64;
    let variance = levels.iter().map(|level| (level - middle).powi(2)).sum::<f64>() / levels.len().max(1) as f64;
    // What lies between two one-pole low-passes of the envelope.
    let share = |hz: f64| 1.0 - libm::exp(-std::f64::consts::TAU * hz / rate);
    let (slow_share, fast_share) = (share(ROUGH_HZ.0), share(ROUGH_HZ.1));
    let mean_envelope = power.iter().map(|p| p.sqrt()).sum::<f64>() / power.len().max(1) as f64;
    let (mut slow, mut fast, mut sum) = (mean_envelope, mean_envelope, 0.0);
    for p in power {
        let envelope = p.sqrt();
        slow += slow_share * (envelope - slow);
        fast += fast_share * (envelope - fast);
        sum += (fast - slow).powi(2);
    }
    InFilter {
        level_db_hl: bench.calibration.db_fs_to_db_hl(10.0 * libm::log10(mean.max(1e-30)), PLACE_HZ),
        fluctuation_db: variance.sqrt(),
        roughness: (sum / power.len().max(1) as f64).sqrt() / mean_envelope.max(1e-30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_its_level_in_every_filter() {
        let model = Arc::new(EarModel::new(44_100, Calibration::default()));
        let mut bench = Bench::of_ear(&model, EarDesign::new(&model, &EarFindings::default()));
        let noise = uniform_noise(&bench, 50.0, 3.0);
        for hz in [250.0, 1000.0, 4000.0] {
            let power = AuditoryFilter::new(hz, 1.0, 44_100).power(&noise, noise.len() - 20_000);
            let level = bench.calibration.db_fs_to_db_hl(10.0 * power.log10(), hz);
            assert!((level - 50.0).abs() < 1.0, "{hz} Hz: {level}");
        }
        // A healthy ear changes nothing of it.
        let before = in_filter(&bench, &noise);
        let heard = bench.hear_in_time(noise);
        let after = in_filter(&bench, &heard);
        assert_eq!(before, after);
        // Momentary levels of narrow noise scatter by 5.57 dB (an exponential distribution); over 5 ms by less.
        assert!((2.5..5.57).contains(&before.fluctuation_db), "{before:?}");
        assert!((0.2..0.6).contains(&before.roughness), "{before:?}");
    }
}
