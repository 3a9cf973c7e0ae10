//! Thresholds of the bands, solved so that the ear measures as its audiogram.
//!
//! An audiogram is what an audiometer finds through the whole ear, off-frequency listening included:
//! a tone reaches neighbouring bands too, and on a slope the better ones hear it first. Setting each
//! band to the audiogram's value would therefore miss it. For a steady tone the ear's response is exact
//! in the frequency domain (band powers -> gains -> sum), so the solve needs no audio.

use realfft::num_complex::Complex64;

use super::design::{EarDesign, EarModel};
use super::recruitment::tone_gains_db;
use crate::dsp::math::amplitude;

/// Rounds of correction; after four the error changes by less than 0.05 dB.
const ROUNDS: usize = 5;
/// Part of the error corrected in each round: neighbours correct each other too.
const STEP: f64 = 0.8;
/// Levels between which a threshold is looked for, dB HL.
const RANGE_DB_HL: (f64, f64) = (-10.0, 150.0);
/// A sensorineural loss below this leaves the correction to the conductive part, dB.
const SENSORINEURAL_FROM_DB: f32 = 1.0;

/// Synthesis responses of every band to a tone at every band's centre, turned back by the delay.
fn synthesis(model: &EarModel) -> Vec<Vec<Complex64>> {
    let bank = &model.bank;
    bank.centre_hz
        .iter()
        .map(|hz| {
            let w = std::f64::consts::TAU * hz / f64::from(bank.sample_rate_hz);
            let turn = Complex64::from_polar(1.0, w * bank.delay_samples as f64);
            (0..bank.bands()).map(|k| turn * bank.synthesis_response(k, *hz)).collect()
        })
        .collect()
}

/// Moves the design's thresholds until a tone at each band's centre is heard from the level
/// `audiogram_db_hl` (one value a band) on.
pub(super) fn calibrate(model: &EarModel, design: &mut EarDesign, audiogram_db_hl: &[f64]) {
    let synthesis = synthesis(model);
    for _ in 0..ROUNDS {
        let mut corrections = vec![0.0; audiogram_db_hl.len()];
        for (k, target) in audiogram_db_hl.iter().enumerate() {
            // A healthy place has nothing to correct; a dead one has no threshold of its own.
            if design.dead[k] > 0.5 || *target <= 0.0 && design.threshold_db_hl[k] <= 0.0 {
                continue;
            }
            let threshold = threshold_db_hl(model, design, k, &synthesis[k], *target);
            corrections[k] = STEP * (threshold - target.max(0.0));
        }
        for (k, correction) in corrections.iter().enumerate() {
            let correction = *correction as f32;
            let conductive = design.threshold_db_hl[k] < SENSORINEURAL_FROM_DB && design.conductive_db[k] > 0.0;
            let moved = if conductive { &mut design.conductive_db[k] } else { &mut design.threshold_db_hl[k] };
            *moved = (*moved - correction).max(0.0);
        }
    }
    let last = audiogram_db_hl.len().saturating_sub(1);
    for values in [&mut design.threshold_db_hl, &mut design.conductive_db] {
        let edge = values[last];
        values[last..].fill(edge);
    }
}

/// Level at which a tone at band `k`'s centre comes out at 0 dB HL, dB HL; `near` is a first guess.
fn threshold_db_hl(model: &EarModel, design: &EarDesign, k: usize, synthesis: &[Complex64], near: f64) -> f64 {
    let to_db_hl = f64::from(model.recruitment.to_db_hl[k]);
    let output_db_hl = |level_db_hl: f64| {
        let gains = tone_gains_db(
            model,
            &model.responses[k],
            level_db_hl - to_db_hl,
            &design.threshold_db_hl,
            &design.conductive_db,
        );
        let linear = |j: usize| {
            if design.dead[j] > 0.5 { 0.0 } else { amplitude(f64::from(gains[j])) }
        };
        let beside = (0..synthesis.len()).map(linear).fold(f64::INFINITY, f64::min);
        let sum: Complex64 = synthesis.iter().enumerate().map(|(j, s)| (linear(j) - beside) * s).sum();
        level_db_hl + 20.0 * libm::log10((sum + beside).norm().max(1e-12))
    };
    let (mut low, mut high) = RANGE_DB_HL;
    let mut level = near.clamp(low + 1.0, high - 1.0);
    for _ in 0..24 {
        let output = output_db_hl(level);
        if output.abs() < 1e-3 {
            break;
        }
        if output < 0.0 {
            low = level
        } else {
            high = level
        }
        // Output grows by at least 1 dB per dB, so a step of the error never falls short by far;
        // Newton with the growth that the last level shows, kept inside the bracket.
        let slope = (output_db_hl(level + 0.05) - output) / 0.05;
        let next = level - output / slope.max(0.5);
        level = if next > low && next < high { next } else { 0.5 * (low + high) };
        if high - low < 1e-3 {
            break;
        }
    }
    level
}
