//! Outer hair cells: raised thresholds and the fast growth of loudness above them.
//!
//! At a place with threshold H, a level L (dB HL) is heard as a healthy ear hears r L - (r-1) C, with
//! r = C/(C-H): nothing below threshold, everything again at C (Moore & Glasberg 1993). Loudness has
//! caught up at C = 105 dB HL; from H = 94.5 on, C rises with H so that r stays at 10.

use multiversion::multiversion;

use super::Bands;
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
    /// Sum of fourth powers of amplitudes, dB, to dB HL: digital level to hearing level at each band's centre,
    /// and what makes the pooled level of a tone there read true.
    pooled_to_db_hl: Bands,
}

impl RecruitmentCoeffs {
    /// For a bank on which 0 dB FS at each centre is `to_db_hl`, and whose power responses are
    /// `responses[k][j]`: band j to a tone at band k's centre.
    pub fn new<'a>(to_db_hl: Bands, responses: impl Iterator<Item = &'a [f64]>) -> Self {
        let mut pooled_to_db_hl = to_db_hl;
        for (k, row) in responses.enumerate() {
            let near = k.saturating_sub(1)..(k + 2).min(row.len());
            let sum: f64 = row[near].iter().map(|power| power * power).sum();
            pooled_to_db_hl[k] -= (5.0 * libm::log10(sum)) as f32;
        }
        Self { pooled_to_db_hl }
    }
}

/// The law of an ear's bands, as far as it does not depend on the sound.
#[derive(Debug, Clone)]
pub struct Law {
    /// Pooled level, dB, to dB HL behind the middle ear.
    to_db_hl: Bands,
    /// Growth of loudness beyond 1, dB per dB.
    excess: Bands,
    /// Level from which on nothing is lost, dB HL.
    recovery_db_hl: Bands,
    /// The least gain of the cochlea, dB.
    floor_db: Bands,
    conductive_db: Bands,
}

impl Law {
    /// The law where the cochlea's thresholds are `threshold_db_hl` and the middle ear takes `conductive_db`
    /// off first.
    pub fn new(coeffs: &RecruitmentCoeffs, threshold_db_hl: &Bands, conductive_db: &Bands) -> Self {
        let zero = [0.0; MAX_BANDS];
        let mut law =
            Self { to_db_hl: zero, excess: zero, recovery_db_hl: zero, floor_db: zero, conductive_db: *conductive_db };
        set(&mut law, coeffs, threshold_db_hl);
        law
    }
}

/// Fills in what follows from the thresholds; the conductive part is there already.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn set(law: &mut Law, coeffs: &RecruitmentCoeffs, threshold_db_hl: &Bands) {
    for (k, threshold) in threshold_db_hl.iter().enumerate() {
        let h = threshold.max(0.0);
        let recovery = recovery_db_hl(h);
        law.to_db_hl[k] = coeffs.pooled_to_db_hl[k] - law.conductive_db[k];
        law.excess[k] = recovery / (recovery - h) - 1.0;
        law.recovery_db_hl[k] = recovery;
        law.floor_db[k] = -(h + INAUDIBLE_DB);
    }
}

/// The gains that a steady sound meets, dB, 0 or less but for rounding; `power` is the mean square of each
/// band.
///
/// Neighbouring bands read a tone low on their skirts, and expansion would multiply that: levels are
/// pooled over the bands within half an ERB by a fourth-power mean, and each component gets the gain of
/// its own place, by weighting the gains within an ERB with the squared powers.
#[inline(always)]
pub(super) fn gains_db(law: &Law, power: &Bands, gains: &mut Bands) {
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
        let level_db_hl = 0.5 * power_to_db(pooled) + law.to_db_hl[k];
        let expansion = law.excess[k] * (level_db_hl - law.recovery_db_hl[k]).min(0.0);
        let gain = expansion.max(law.floor_db[k]) - law.conductive_db[k];
        weighted[k + PAD] = squares[k + PAD] * gain;
    }
    for k in 0..MAX_BANDS {
        let sum = 0.5 * (weighted[k] + weighted[k + 4]) + (weighted[k + 1] + weighted[k + 2] + weighted[k + 3]);
        let weight = 0.5 * (squares[k] + squares[k + 4]) + (squares[k + 1] + squares[k + 2] + squares[k + 3]);
        gains[k] = sum / weight;
    }
}

/// [`gains_db`] for a tone of mean square 1 whose power in each band is `response`, played at `level_db_fs`,
/// once it is steady.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub(super) fn tone_gains_db(law: &Law, response: &[f64], level_db_fs: f64) -> Bands {
    let mean_square = libm::pow(10.0, level_db_fs / 10.0);
    let mut power = [0.0; MAX_BANDS];
    for (slot, response) in power.iter_mut().zip(response) {
        *slot = (mean_square * response) as f32;
    }
    let mut gains = [0.0; MAX_BANDS];
    gains_db(law, &power, &mut gains);
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
