//! Levels of what came out.

/// RMS in dB FS; -400 for silence.
pub(crate) fn rms_db_fs(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|x| f64::from(*x).powi(2)).sum();
    (10.0 * (sum / samples.len().max(1) as f64).log10()).max(-400.0)
}
