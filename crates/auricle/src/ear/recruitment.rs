//! Outer hair cells: raised thresholds and the fast growth of loudness above them.
//!
//! At a place with threshold H, a level L (dB HL) is heard as a healthy ear hears r L - (r-1) C, with
//! r = C/(C-H): nothing below threshold, everything again at C (Moore & Glasberg 1993). Loudness has
//! caught up at C = 105 dB HL; from H = 94.5 on, C rises with H so that r stays at 10.

use multiversion::multiversion;

use super::Bands;
use super::design::EarModel;
use crate::dsp::gammatone::MAX_BANDS;
use crate::dsp::math::power_to_db;

/// Level at which a raised threshold no longer matters, dB HL (Moore & Glasberg 1993 used 100).
pub const FULL_RECOVERY_DB_HL: f32 = 105.0;
/// Steepest growth of loudness, dB per dB.
pub const STEEPEST: f32 = 10.0;
/// Where the law stops expanding: this far below the healthy threshold nothing is heard anyway, dB.
const INAUDIBLE_DB: f32 = 20.0;
/// Power below which a band counts as silent, re mean square 1: -160 dB FS. Its square is still a
/// normal number.
pub const SILENCE: f32 = 1e-16;

/// Level C above which a loss of `threshold_db_hl` is fully recruited, dB HL.
#[inline(always)]
pub fn recovery_db_hl(threshold_db_hl: f32) -> f32 {
    FULL_RECOVERY_DB_HL.max(threshold_db_hl * (STEEPEST / (STEEPEST - 1.0)))
}

/// Growth r of loudness above a threshold, dB per dB.
#[inline(always)]
pub fn growth(threshold_db_hl: f32) -> f32 {
    let recovery = recovery_db_hl(threshold_db_hl);
    recovery / (recovery - threshold_db_hl)
}

/// What pooling and the law need to know of a bank and a calibration.
#[derive(Debug, Clone)]
pub struct RecruitmentCoeffs {
    /// dB FS to dB HL at each band's centre.
    pub to_db_hl: Bands,
    /// What makes the pooled level of a tone at a band's centre read true.
    pub level_norm: Bands,
}

impl RecruitmentCoeffs {
    /// For a bank whose power responses are `responses[k][j]`: band j to a tone at band k's centre.
    pub fn new<'a>(to_db_hl: Bands, responses: impl Iterator<Item = &'a [f64]>) -> Self {
        let mut level_norm = [0.0; MAX_BANDS];
        for (k, row) in responses.enumerate() {
            let near = k.saturating_sub(1)..(k + 2).min(row.len());
            let sum: f64 = row[near].iter().map(|power| power * power).sum();
            level_norm[k] = (1.0 / sum) as f32;
        }
        Self { to_db_hl, level_norm }
    }
}

/// The gains that a steady sound meets, dB, 0 or less but for rounding.
///
/// `power` is the mean square of each band, `threshold_db_hl` the threshold of the cochlea there and
/// `conductive_db` what the middle ear takes off first.
///
/// Neighbouring bands read a tone low on their skirts, and expansion would multiply that: levels are
/// pooled over the bands within half an ERB by a fourth-power mean, and each component gets the gain of
/// its own place, by weighting the gains within an ERB with the squared powers.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub fn gains_db(
    coeffs: &RecruitmentCoeffs,
    power: &Bands,
    threshold_db_hl: &Bands,
    conductive_db: &Bands,
    gains: &mut Bands,
) {
    // Two bands of silence on either side spare the sums their edges.
    const PAD: usize = 2;
    let mut squares = [0.0_f32; MAX_BANDS + 2 * PAD];
    for k in 0..MAX_BANDS {
        let p = power[k] + SILENCE;
        squares[k + PAD] = p * p;
    }
    let mut weighted = [0.0_f32; MAX_BANDS + 2 * PAD];
    for k in 0..MAX_BANDS {
        let pooled = squares[k + 1] + squares[k + 2] + squares[k + 3];
        let level_db_hl = 0.5 * power_to_db(pooled * coeffs.level_norm[k]) + coeffs.to_db_hl[k] - conductive_db[k];
        let h = threshold_db_hl[k].max(0.0);
        let recovery = recovery_db_hl(h);
        let growth = recovery / (recovery - h);
        let expansion = (growth - 1.0) * (level_db_hl - recovery).min(0.0);
        let gain = expansion.max(-(h + INAUDIBLE_DB)) - conductive_db[k];
        weighted[k + PAD] = squares[k + PAD] * gain;
    }
    for k in 0..MAX_BANDS {
        let sum = 0.5 * (weighted[k] + weighted[k + 4]) + (weighted[k + 1] + weighted[k + 2] + weighted[k + 3]);
        let weight = 0.5 * (squares[k] + squares[k + 4]) + (squares[k + 1] + squares[k + 2] + squares[k + 3]);
        gains[k] = sum / weight;
    }
}

/// Gains for a tone of `level_db_hl` at `frequency_hz`, once it is steady; see [`gains_db`].
pub fn tone_gains_db(
    model: &EarModel,
    response: &[f64],
    level_db_fs: f64,
    threshold_db_hl: &Bands,
    conductive_db: &Bands,
) -> Bands {
    let mean_square = libm::pow(10.0, level_db_fs / 10.0);
    let mut power = [0.0; MAX_BANDS];
    for (slot, response) in power.iter_mut().zip(response) {
        *slot = (mean_square * response) as f32;
    }
    let mut gains = [0.0; MAX_BANDS];
    gains_db(&model.recruitment, &power, threshold_db_hl, conductive_db, &mut gains);
    gains
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_that_of_moore_and_glasberg() {
        assert_eq!(growth(0.0), 1.0);
        assert!((growth(52.5) - 2.0).abs() < 1e-6);
        assert!((growth(94.5) - 10.0).abs() < 1e-4);
        assert!((growth(105.0) - 10.0).abs() < 1e-4);
        assert!((recovery_db_hl(105.0) - 116.667).abs() < 1e-3);
    }
}
