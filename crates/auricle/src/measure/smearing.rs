//! Whether smearing keeps levels: the ear's smearing with no other loss.

use std::sync::Arc;

use serde::Serialize;

use super::bench::{Bench, rms_db_fs};
use super::noise::uniform_noise;
use crate::ear::design::{EarDesign, EarModel};
use crate::listener::EarFindings;

/// Level of the tones and, in one ERB, of the noise, dB HL; levels come out as they went in at any.
const LEVEL_DB_HL: f64 = 70.0;
/// Length of the noise, and what is left out at its beginning, seconds.
const SECS: f64 = 2.0;
const SETTLING_SECS: f64 = 0.3;

/// What smearing does to levels in one ear.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Neutrality {
    /// Tones: `[Hz, dB HL, change in dB]`.
    pub tones: Vec<[f64; 3]>,
    /// Change of a noise of one level per ERB, dB.
    pub noise_db: f64,
}

impl Neutrality {
    /// The greatest change of a tone, dB, either way.
    pub fn worst_tone_db(&self) -> f64 {
        self.tones.iter().fold(0.0, |worst: f64, [_, _, change]| worst.max(change.abs()))
    }
}

/// Plays tones and noise to the smearing of an ear, its thresholds taken out, and compares with what went in; `None`
/// where filters are sharp.
///
/// With thresholds, the law would act on what is smeared to places of its own: that belongs to growth.
pub fn neutrality(model: &Arc<EarModel>, findings: &EarFindings, frequencies_hz: &[f64]) -> Option<Neutrality> {
    let plain = EarFindings { tinnitus: None, dead: Vec::new(), temporal_smearing_ms: 0.0, ..findings.clone() };
    let mut design = EarDesign::new(model, &plain);
    design.smear.as_ref()?;
    design.threshold_db_hl.fill(0.0);
    design.conductive_db.fill(0.0);
    let mut bench = Bench::of_ear(model, design);
    let mut tones = Vec::new();
    for hz in frequencies_hz {
        let heard = bench.tone(*hz, LEVEL_DB_HL, 1.0);
        let level = rms_db_fs(&heard[heard.len() - bench.reading_samples()..]);
        tones.push([*hz, LEVEL_DB_HL, bench.calibration.db_fs_to_db_hl(level, *hz) - LEVEL_DB_HL]);
    }
    let noise = uniform_noise(&bench, LEVEL_DB_HL, SECS);
    let skip = bench.samples(SETTLING_SECS);
    let before = rms_db_fs(&noise[skip..]);
    let noise_db = rms_db_fs(&bench.hear_in_time(noise)[skip..]) - before;
    Some(Neutrality { tones, noise_db })
}
