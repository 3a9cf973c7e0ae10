//! Thresholds of the bands, solved so that the ear measures as its audiogram.
//!
//! An audiogram is what an audiometer finds through the whole ear, off-frequency listening included:
//! a tone reaches neighbouring bands too, and on a slope the better ones hear it first. Setting each
//! band to the audiogram's value would therefore miss it. For a steady tone the ear's response is exact
//! in the frequency domain ([`steady_tone`](super::steady_tone)), so the solve needs no audio.
//!
//! Tones are tried at the centre of each band and at each frequency that the audiogram states: between
//! two centres a corner of the audiogram would be cut off, just where it was measured.

use super::design::{EarDesign, EarModel};
use super::recruitment::Law;
use super::steady_tone::{SteadyTone, ToneInEar};
use crate::audiogram::Audiogram;

/// Rounds of correction; after these the error changes by less than 0.05 dB.
const ROUNDS: usize = 6;
/// Part of the error corrected in each round: neighbours correct each other too.
const STEP: f64 = 0.8;
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
    /// By how much the thresholds around are to come down, dB; 0 where there is nothing to correct: a
    /// healthy place, or a dead one, which has no threshold of its own.
    fn correction_db(&self, law: &Law, design: &EarDesign) -> f64 {
        let nearest = self.band + usize::from(self.part > 0.5);
        if design.dead[nearest] > 0.5 || self.target_db_hl <= 0.0 && design.threshold_db_hl[nearest] <= 0.0 {
            return 0.0;
        }
        let threshold = self.tone.threshold_db_hl(law, design, self.target_db_hl);
        STEP * (threshold - self.target_db_hl.max(0.0))
    }
}

/// Moves the design's thresholds until tones at the bands' centres and at the audiogram's own frequencies
/// are heard from the level that `air` says on.
pub(super) fn calibrate(model: &EarModel, design: &mut EarDesign, air: &Audiogram) {
    let centres = &model.bank.centre_hz;
    let centred = |k: usize| Trial {
        tone: ToneInEar::new(model, design, &model.tones[k]),
        band: k,
        part: 0.0,
        target_db_hl: air.threshold_db_hl(centres[k]),
    };
    let at_centres: Vec<Trial> = (0..centres.len()).map(centred).collect();
    let stated: Vec<(usize, SteadyTone)> = air
        .points
        .iter()
        .filter_map(|(hz, _)| {
            let above = centres.partition_point(|centre| centre <= hz);
            let inside = above > 0 && above < centres.len();
            inside.then(|| (above - 1, SteadyTone::new(&model.bank, *hz, model.calibration.db_fs_to_db_hl(0.0, *hz))))
        })
        .collect();
    let at_stated: Vec<Trial> = stated
        .iter()
        .map(|(below, tone)| Trial {
            band: *below,
            part: (tone.frequency_hz - centres[*below]) / (centres[below + 1] - centres[*below]),
            target_db_hl: air.threshold_db_hl(tone.frequency_hz),
            tone: ToneInEar::new(model, design, tone),
        })
        .collect();
    for _ in 0..ROUNDS {
        let law = Law::new(&model.recruitment, &design.threshold_db_hl, &design.conductive_db);
        let mut corrections: Vec<f64> = at_centres.iter().map(|trial| trial.correction_db(&law, design)).collect();
        for trial in &at_stated {
            // What the two bands around it do not do for it yet is spread over both.
            let (k, part) = (trial.band, trial.part);
            let done = (1.0 - part) * corrections[k] + part * corrections[k + 1];
            let left = (trial.correction_db(&law, design) - done) / ((1.0 - part).powi(2) + part.powi(2));
            corrections[k] += (1.0 - part) * left;
            corrections[k + 1] += part * left;
        }
        for (k, correction) in corrections.iter().enumerate() {
            let correction = *correction as f32;
            let conductive = design.threshold_db_hl[k] < SENSORINEURAL_FROM_DB && design.conductive_db[k] > 0.0;
            let moved = if conductive { &mut design.conductive_db[k] } else { &mut design.threshold_db_hl[k] };
            *moved = (*moved - correction).max(0.0);
        }
    }
    let last = centres.len().saturating_sub(1);
    for values in [&mut design.threshold_db_hl, &mut design.conductive_db] {
        let edge = values[last];
        values[last..].fill(edge);
    }
}
