//! Step 6: the expansion that stands for recruitment.
//!
//! Sound at [`CATCH_UP_DB_SPL`] is as loud to the listener as to anyone; below, each dB of level is r dB.

/// Where a loss has caught up with healthy hearing, dB SPL.
pub(super) const CATCH_UP_DB_SPL: f64 = 105.0;
/// The least envelope that is told from silence.
pub(super) const LEAST_ENVELOPE: f64 = 1e-9;

/// Growth of loudness r at a place with `db_hl` of loss, over the healthy growth of 1.
pub(super) fn growth(db_hl: f64) -> f64 {
    CATCH_UP_DB_SPL / (CATCH_UP_DB_SPL - db_hl)
}
