//! Whether smearing keeps levels: the same ear with and without it.

use std::sync::Arc;

use serde::Serialize;

use super::bench::{Bench, rms_db_fs};
use super::noise::uniform_noise;
use crate::ear::design::{EarDesign, EarModel};
use crate::ear::recruitment;
use crate::listener::{EarFindings, Smearing};

/// Noise is played this far above full recovery, dB, so that smearing is all that is left of the ear.
const ABOVE_RECOVERY_DB: f64 = 15.0;
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

/// Compares an ear with the same ear whose filters are sharp; `None` where they are sharp anyway.
///
/// Tones are played at full recovery and 5 dB above: below it, bands whose thresholds were solved with smearing and
/// without would be compared, and growth would multiply that.
pub fn neutrality(model: &Arc<EarModel>, findings: &EarFindings, frequencies_hz: &[f64]) -> Option<Neutrality> {
    let plain = EarFindings { tinnitus: None, dead: Vec::new(), temporal_smearing_ms: 0.0, ..findings.clone() };
    let design = EarDesign::new(model, &plain);
    design.smear.as_ref()?;
    let mut broad = Bench::of_ear(model, design);
    let sharp = EarFindings { smearing: Smearing::Off, ..plain };
    let mut sharp = Bench::of_ear(model, EarDesign::new(model, &sharp));
    let recovery_db_hl = |hz: f64| {
        let cochlea = findings.sensorineural_db_hl(hz).max(0.0) as f32;
        f64::from(recruitment::recovery_db_hl(cochlea)) + findings.conductive_db(hz)
    };
    let mut tones = Vec::new();
    for hz in frequencies_hz {
        let level = recovery_db_hl(*hz) + 5.0;
        let read = |bench: &mut Bench| {
            let heard = bench.tone(*hz, level, 1.0);
            rms_db_fs(&heard[heard.len() - bench.reading_samples()..])
        };
        tones.push([*hz, level, read(&mut broad) - read(&mut sharp)]);
    }
    let highest = frequencies_hz.iter().map(|hz| recovery_db_hl(*hz)).fold(0.0, f64::max);
    let noise = uniform_noise(&broad, highest + ABOVE_RECOVERY_DB, SECS);
    let skip = broad.samples(SETTLING_SECS);
    let read = |bench: &mut Bench| rms_db_fs(&bench.hear_in_time(noise.clone())[skip..]);
    let noise_db = read(&mut broad) - read(&mut sharp);
    Some(Neutrality { tones, noise_db })
}
