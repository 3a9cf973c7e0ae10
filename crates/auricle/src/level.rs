//! dB FS, dB SPL and dB HL, and what stands between them.
//!
//! Everything inside the model is calibrated: a [`Calibration`] states which sound pressure level a
//! digital RMS of 1.0 stands for at the ear, and in which field that ear listens. dB HL is dB SPL
//! less the reference threshold of that field.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The sound field in which 0 dB HL is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Free field, frontal incidence, listening with both ears (ISO 389-7:2005, table 1).
    #[default]
    Free,
    /// Diffuse field (ISO 389-7:2005, table 1).
    Diffuse,
}

/// What digital levels stand for at the listener's ear.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Calibration {
    /// Sound pressure level of a signal whose RMS is 1.0 (0 dB FS), in dB SPL.
    pub full_scale_db_spl: f64,
    /// The field whose reference thresholds turn dB SPL into dB HL.
    pub field: Field,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { full_scale_db_spl: 100.0, field: Field::Free }
    }
}
