//! Thresholds of the bands, solved so that the ear measures as its audiogram.
//!
//! An audiogram is what an audiometer finds through the whole ear, off-frequency listening included:
//! a tone reaches neighbouring bands too, and on a slope the better ones hear it first. Setting each
//! band to the audiogram's value would therefore miss it. For a steady tone the ear's response is exact
//! in the frequency domain (`ear/steady_tone.rs`), so the solve needs no audio.
//!
//! Tones are tried at the centre of each band and at each frequency that the audiogram states: between
//! two centres a corner of the audiogram would be cut off, just where it was measured.

use super::design::{EarDesign, EarModel};
use super::recruitment::Law;
use super::steady_tone::{SteadyTone, ToneInEar};
use crate::audiogram::Audiogram;

/// Rounds, each a look and a correction; an ordinary audiogram is within 0.05 dB after six. Very steep ones never
/// settle, and of those the best round counts.
const ROUNDS: usize = 8;
/// Weight of errors at the bands' centres against those at the stated frequencies.
const BETWEEN: f64 = 0.1;
/// Part of the error corrected in each round: neighbours correct each other too.
const STEP: f64 = 0.8;
/// How far a band's threshold may go beyond what the audiogram says of its place, dB. Where a tone is heard through a
/// better place first, no threshold of its own place can put that right, and one that runs away would keep loud
/// sounds from it too.
const MOST_BEYOND_DB: f64 = 5.0;
/// A sensorineural loss below this leaves the correction to the conductive part, dB.
const SENSORINEURAL_FROM_DB: f32 = 1.0;

/// A tone that is tried.
struct Trial<'a> {
    tone: ToneInEar<'a>,
    /// The band at or below it, and how far it is on its way to the next, 0 to 1.
    band: usize,
    part: f64,
    target_db_hl: f64,
}

impl Trial<'_> {
    /// Measured threshold less the stated one, dB; 0 where there is nothing to correct: a healthy place, or a
    /// dead one, which has no threshold of its own.
    fn error_db(&self, law: &Law, design: &EarDesign) -> f64 {
        let nearest = self.band + usize::from(self.part > 0.5);
        if design.dead[nearest] > 0.5 || self.target_db_hl <= 0.0 && design.threshold_db_hl[nearest] <= 0.0 {
            return 0.0;
        }
        let threshold = self.tone.threshold_db_hl(law, design, self.target_db_hl);
        threshold - self.target_db_hl.max(0.0)
    }
}

/// Moves the design's thresholds until tones at the bands' centres and at the audiogram's own frequencies
/// (`stated`) are heard from the level that `air` says on.
pub(super) fn calibrate(model: &EarModel, design: &mut EarDesign, air: &Audiogram, stated: &[SteadyTone]) {
    let centres = &model.bank.centre_hz;
    let centred = |k: usize| Trial {
        tone: ToneInEar::new(model, design, &model.tones[k]),
        band: k,
        part: 0.0,
        target_db_hl: air.threshold_db_hl(centres[k]),
    };
    let at_centres: Vec<Trial> = (0..centres.len()).map(centred).collect();
    let at_stated: Vec<Trial> = stated
        .iter()
        .map(|tone| {
            let below = centres.partition_point(|centre| *centre <= tone.frequency_hz) - 1;
            Trial {
                band: below,
                part: (tone.frequency_hz - centres[below]) / (centres[below + 1] - centres[below]),
                target_db_hl: air.threshold_db_hl(tone.frequency_hz),
                tone: ToneInEar::new(model, design, tone),
            }
        })
        .collect();
    let mut best = (f64::INFINITY, design.threshold_db_hl, design.conductive_db);
    for _ in 0..ROUNDS {
        let law = Law::new(&model.recruitment, &design.threshold_db_hl, &design.conductive_db);
        let of = |trials: &[Trial]| -> Vec<f64> { trials.iter().map(|trial| trial.error_db(&law, design)).collect() };
        let (centre_errors, stated_errors) = (of(&at_centres), of(&at_stated));
        let squares = |errors: &[f64]| errors.iter().map(|error| error * error).sum::<f64>();
        let amiss = squares(&stated_errors) + BETWEEN * squares(&centre_errors);
        if amiss < best.0 {
            best = (amiss, design.threshold_db_hl, design.conductive_db);
        }
        let mut corrections: Vec<f64> = centre_errors.iter().map(|error| STEP * error).collect();
        for (trial, error) in at_stated.iter().zip(&stated_errors) {
            // What the two bands around it do not do for it yet is spread over both.
            let (k, part) = (trial.band, trial.part);
            let done = (1.0 - part) * corrections[k] + part * corrections[k + 1];
            let left = (STEP * error - done) / ((1.0 - part).powi(2) + part.powi(2));
            corrections[k] += (1.0 - part) * left;
            corrections[k + 1] += part * left;
        }
        for (k, correction) in corrections.iter().enumerate() {
            let correction = *correction as f32;
            let conductive = design.threshold_db_hl[k] < SENSORINEURAL_FROM_DB && design.conductive_db[k] > 0.0;
            let moved = if conductive { &mut design.conductive_db[k] } else { &mut design.threshold_db_hl[k] };
            *moved = (*moved - correction).max(0.0);
            let most = (at_centres[k].target_db_hl.max(0.0) + MOST_BEYOND_DB) as f32;
            let beyond = (design.threshold_db_hl[k] + design.conductive_db[k] - most).max(0.0);
            let moved = if conductive { &mut design.conductive_db[k] } else { &mut design.threshold_db_hl[k] };
            *moved = (*moved - beyond).max(0.0);
        }
    }
    (design.threshold_db_hl, design.conductive_db) = (best.1, best.2);
    let last = centres.len().saturating_sub(1);
    for values in [&mut design.threshold_db_hl, &mut design.conductive_db] {
        let edge = values[last];
        values[last..].fill(edge);
    }
}
