//! Inner hair cells: places of the cochlea that report nothing.
//!
//! The bands of a dead region get no gain at all. What is still heard of a tone inside it is heard by
//! the living places beside it, through the skirts of their filters (off-frequency listening, Moore
//! 2004); that leak stays.

use super::design::EarModel;
use crate::listener::EarFindings;

/// 1 for each band whose centre lies in a dead region, else 0.
pub fn mask(findings: &EarFindings, model: &EarModel) -> Vec<f64> {
    model
        .bank
        .centre_hz
        .iter()
        .map(|hz| {
            let dead = findings.dead.iter().any(|d| (d.from_hz..=d.to_hz).contains(hz));
            f64::from(u8::from(dead))
        })
        .collect()
}
