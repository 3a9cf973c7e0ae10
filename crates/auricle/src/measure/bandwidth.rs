//! Effective width of auditory filters, by notched noise (Patterson 1976).
//!
//! Noise has a gap round a place. The wider the gap, the less of the noise gets through the place's filter, and the
//! softer the tone that it masks there; how fast that goes tells the width of the filter. The same rounded exponential
//! is fitted as in the laboratory (roex(p): Patterson, Nimmo-Smith, Weber & Milroy 1982; Glasberg & Moore 1990): its
//! ERB is 4 f/p.

use std::sync::Arc;

use serde::Serialize;

use super::bench::Bench;
use super::detector::AuditoryFilter;
use super::noise::{density, shaped_noise};
use crate::ear::design::{EarDesign, EarModel};
use crate::ear::smearing::broadening;
use crate::listener::{EarFindings, Smearing};

/// Half-widths of the gap, re the tone's frequency.
const GAPS: [f64; 6] = [0.0, 0.05, 0.1, 0.2, 0.3, 0.4];
/// Width of each of the two bands of noise, re the tone's frequency.
const BAND: f64 = 0.4;
/// Level of the noise in one ERB, dB HL.
const NOISE_DB_HL: f64 = 70.0;
/// Length of the noise, seconds; the first part is left out.
const SECS: f64 = 1.0;
const SETTLING_SECS: f64 = 0.15;

/// Widths of filters, as a listener through the simulation has them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bandwidth {
    /// Centre, Hz.
    pub frequency_hz: f64,
    /// Equivalent rectangular bandwidth without the simulation, Hz.
    pub healthy_hz: f64,
    /// The same through it, Hz.
    pub effective_hz: f64,
    /// How much broader than healthy, as measured.
    pub broadening: f64,
    /// How much broader than healthy, as the ear's smearing claims.
    pub claimed_broadening: f64,
}

/// Measures the filter at `frequency_hz` in an ear whose only loss is the smearing that `findings` have there:
/// recruitment would deepen the gap, in life as here, and hide what is being looked for.
pub fn bandwidth(model: &Arc<EarModel>, findings: &EarFindings, frequency_hz: f64) -> Bandwidth {
    let claimed = match findings.smearing {
        Smearing::Off => 1.0,
        Smearing::Broadening(factor) => factor,
        Smearing::FromLoss => broadening(findings.sensorineural_db_hl(frequency_hz)),
    };
    let width_hz = |smearing: Smearing| {
        let probe = EarFindings { smearing, ..EarFindings::default() };
        let mut bench = Bench::of_ear(model, EarDesign::new(model, &probe));
        let thresholds: Vec<f64> = GAPS.iter().map(|gap| masking_db(&mut bench, frequency_hz, *gap)).collect();
        4.0 * frequency_hz / slope_of_roex(&thresholds)
    };
    let healthy_hz = width_hz(Smearing::Off);
    let effective_hz = if claimed <= 1.001 { healthy_hz } else { width_hz(Smearing::Broadening(claimed)) };
    Bandwidth {
        frequency_hz,
        healthy_hz,
        effective_hz,
        broadening: effective_hz / healthy_hz,
        claimed_broadening: claimed,
    }
}

/// Level of a tone that would be masked by noise with a gap, dB re an arbitrary level: that of the noise behind the
/// auditory filter at the tone, as it comes out.
///
/// The tone itself is not played. Smearing keeps phases, and a tone in the gap lends its own to what is smeared into
/// the gap: noise would turn into tone, and the faintest tone would be found.
fn masking_db(bench: &mut Bench, frequency_hz: f64, gap: f64) -> f64 {
    let per_hz = density(bench.calibration, NOISE_DB_HL, frequency_hz);
    let noise = shaped_noise(bench.sample_rate_hz, SECS, |hz| {
        let away = (hz - frequency_hz).abs() / frequency_hz;
        if away >= gap && away < gap + BAND { per_hz } else { 0.0 }
    });
    let heard = bench.hear_in_time(noise);
    let filter = AuditoryFilter::new(frequency_hz, 1.0, bench.sample_rate_hz);
    10.0 * libm::log10(filter.power(&heard, heard.len() - bench.samples(SETTLING_SECS)).max(1e-30))
}

/// The p of the roex(p) filter that masked thresholds at [`GAPS`] fit best, up to a constant.
fn slope_of_roex(thresholds_db: &[f64]) -> f64 {
    let misfit = |p: f64| {
        let part = |g: f64| (2.0 + p * g) * libm::exp(-p * g) / p;
        let errors: Vec<f64> = GAPS
            .iter()
            .zip(thresholds_db)
            .map(|(gap, threshold)| threshold - 10.0 * libm::log10(part(*gap) - part(gap + BAND)))
            .collect();
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        errors.iter().map(|error| (error - mean).powi(2)).sum::<f64>()
    };
    // One valley, on a scale of octaves: a golden section finds its floor.
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (0.0, 8.0);
    for _ in 0..40 {
        let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
        if misfit(libm::exp2(a)) < misfit(libm::exp2(b)) { high = b } else { low = a }
    }
    libm::exp2(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roex_filter_is_found_again() {
        for p in [6.0, 15.0, 30.0] {
            let part = |g: f64| (2.0 + p * g) * (-p * g).exp() / p;
            let thresholds: Vec<f64> =
                GAPS.iter().map(|gap| 17.0 + 10.0 * (part(*gap) - part(gap + BAND)).log10()).collect();
            let found = slope_of_roex(&thresholds);
            assert!((found / p - 1.0).abs() < 1e-4, "{found} for {p}");
        }
    }
}
