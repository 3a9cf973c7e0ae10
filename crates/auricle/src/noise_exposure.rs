//! What years of noise do to thresholds: median permanent threshold shift (ISO 1999:2013).
//!
//! A population at work in steady industrial noise, not a person and not music.

use crate::level::interpolate_log_frequency;

/// Frequencies of the standard, Hz.
pub const FREQUENCIES_HZ: [f64; 6] = [500.0, 1e3, 2e3, 3e3, 4e3, 6e3];

/// Highest daily exposure level for which the standard holds, dB(A).
pub const MAX_LEVEL_EX_8H_DB: f64 = 100.0;

/// Longest exposure for which the standard holds, years.
pub const MAX_YEARS: f64 = 40.0;

/// ISO 1999:2013, table 1: u, v and L0 at [`FREQUENCIES_HZ`].
const CONSTANTS: [(f64, f64, f64); 6] = [
    (-0.033, 0.110, 93.0),
    (-0.020, 0.070, 89.0),
    (-0.045, 0.066, 80.0),
    (0.012, 0.037, 77.0),
    (0.025, 0.025, 75.0),
    (0.019, 0.024, 77.0),
];

/// Years from which the formula applies; fewer are scaled from its value there.
const FORMULA_FROM_YEARS: f64 = 10.0;

/// Median noise-induced permanent threshold shift N, dB, at [`FREQUENCIES_HZ`] after `years` of a daily
/// noise exposure level `level_ex_8h_db` (L_EX,8h in dB(A)): ISO 1999:2013, 6.3.1,
/// N = (u + v lg t)(L - L0)^2 from 10 years on, N(10) lg(t + 1) / lg 11 before, 0 at or below L0.
///
/// Levels above 100 dB(A) and times above 40 years are beyond the standard and are taken as those.
pub fn median_shift_db(level_ex_8h_db: f64, years: f64) -> [f64; 6] {
    let level_db = level_ex_8h_db.min(MAX_LEVEL_EX_8H_DB);
    let years = years.clamp(0.0, MAX_YEARS);
    let formula_years = years.max(FORMULA_FROM_YEARS);
    let young =
        if years < FORMULA_FROM_YEARS { libm::log10(years + 1.0) / libm::log10(FORMULA_FROM_YEARS + 1.0) } else { 1.0 };
    CONSTANTS.map(|(u, v, effective_from_db)| {
        let above_db = (level_db - effective_from_db).max(0.0);
        (u + v * libm::log10(formula_years)) * above_db * above_db * young
    })
}

/// [`median_shift_db`] at any frequency, dB: log-interpolated, flat below 500 Hz and above 6 kHz.
///
/// The standard says nothing outside 500 Hz to 6 kHz. Below, the shift there is 0 or nearly so at any
/// level; above, it is known to shrink again, so that the flat end errs towards more loss.
pub fn median_shift_at_db(level_ex_8h_db: f64, years: f64, frequency_hz: f64) -> f64 {
    let shift_db = median_shift_db(level_ex_8h_db, years);
    let points: [(f64, f64); 6] = std::array::from_fn(|i| (FREQUENCIES_HZ[i], shift_db[i]));
    interpolate_log_frequency(&points, frequency_hz)
}

/// Threshold associated with age and noise, H' = H + N - H N / 120, dB (ISO 1999:2013, formula 1).
pub fn combine_db_hl(age_db_hl: f64, noise_db: f64) -> f64 {
    age_db_hl + noise_db - age_db_hl * noise_db / 120.0
}

/// What to tell a user who asks for an exposure that the standard does not cover.
pub fn exposure_warning(level_ex_8h_db: f64, years: f64) -> Option<&'static str> {
    if level_ex_8h_db > MAX_LEVEL_EX_8H_DB {
        Some("ISO 1999 ends at a daily exposure of 100 dB(A); more is taken as 100")
    } else if years > MAX_YEARS {
        Some("ISO 1999 ends at 40 years of exposure; more is taken as 40")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Worked out by hand from the published constants: 90 dB(A), 20 years.
    #[test]
    fn twenty_years_at_90_db() {
        let expected = [0.0, 0.1, 4.1, 10.2, 12.9, 8.5];
        for (got, expected) in median_shift_db(90.0, 20.0).iter().zip(expected) {
            assert!((got - expected).abs() <= 0.0501, "{got} {expected}");
        }
    }

    #[test]
    fn first_ten_years_follow_the_logarithm_and_meet_the_formula() {
        let ten = median_shift_db(95.0, 10.0);
        let nearly = median_shift_db(95.0, 10.0 - 1e-9);
        let one = median_shift_db(95.0, 1.0);
        for i in 0..6 {
            assert!((ten[i] - nearly[i]).abs() < 1e-6);
            assert!((one[i] - ten[i] * 2.0_f64.log10() / 11.0_f64.log10()).abs() < 1e-12);
        }
        assert_eq!(median_shift_db(95.0, 0.0), [0.0; 6]);
    }

    #[test]
    fn outside_the_standard_its_last_values_are_kept_and_said_so() {
        assert_eq!(median_shift_db(120.0, 50.0), median_shift_db(100.0, 40.0));
        assert!(exposure_warning(101.0, 10.0).unwrap().contains("100"));
        assert!(exposure_warning(90.0, 41.0).unwrap().contains("40"));
        assert_eq!(exposure_warning(100.0, 40.0), None);
    }

    #[test]
    fn age_and_noise_combine_by_less_than_their_sum() {
        assert_eq!(combine_db_hl(60.0, 20.0), 70.0);
        assert_eq!(combine_db_hl(0.0, 20.0), 20.0);
    }

    proptest! {
        #[test]
        fn more_noise_never_means_less_shift(
            level in 60.0..120.0_f64, louder in 0.0..20.0_f64, years in 0.0..50.0_f64, longer in 0.0..20.0_f64,
        ) {
            let less = median_shift_db(level, years);
            let more = median_shift_db(level + louder, years + longer);
            for (less, more) in less.iter().zip(more) {
                prop_assert!(*less >= 0.0 && more >= less - 1e-12);
            }
        }
    }
}
