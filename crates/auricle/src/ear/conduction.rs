//! Outer and middle ear: the part of a loss that only weakens sound before it reaches the cochlea.
//!
//! The conductive part of a loss is air less bone conduction. It attenuates linearly, so it is applied
//! in the cochlea's own bands: the level that recruitment sees is the attenuated one, there is no
//! second filter to delay the sound, and it moves as smoothly as the thresholds do.

use super::design::EarModel;
use crate::audiogram;
use crate::listener::EarFindings;

/// Attenuation by the middle ear at each band's centre, dB, 0 or more.
pub fn attenuation_db(findings: &EarFindings, model: &EarModel) -> Vec<f64> {
    model.bank.centre_hz.iter().map(|hz| audiogram::conductive_db(&findings.air, findings.bone.as_ref(), *hz)).collect()
}
