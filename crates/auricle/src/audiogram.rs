//! Hearing thresholds by frequency.

/// One threshold of an audiogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// The softest level heard, in dB HL.
    DbHl(f64),
    /// Nothing was heard up to this level, the limit of the audiometer, in dB HL.
    NoResponse {
        /// Highest level that was tried, in dB HL.
        limit_db_hl: f64,
    },
}

/// Thresholds of one ear by one route (air or bone), frequencies ascending.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Audiogram {
    /// `(frequency in Hz, threshold)`, ascending in frequency; empty stands for 0 dB HL throughout.
    pub points: Vec<(f64, Threshold)>,
}
