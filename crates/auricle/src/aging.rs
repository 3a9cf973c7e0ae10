//! What age does to thresholds: the median of people without ear disease (ISO 7029:2017).
//!
//! A population, not a person: half of all people hear better than this, half worse.

use crate::audiogram::Audiogram;
use crate::level::interpolate_log_frequency;
use crate::listener::Sex;

/// Age at which the deviation is 0, years.
pub const REFERENCE_AGE_YEARS: f64 = 18.0;

/// Oldest age of the standard, years; from [`HIGH_FREQUENCY_HZ`] it is [`MAX_AGE_HIGH_YEARS`].
pub const MAX_AGE_YEARS: f64 = 80.0;

/// Oldest age up to which the standard states medians from [`HIGH_FREQUENCY_HZ`] on as more than
/// information, years.
pub const MAX_AGE_HIGH_YEARS: f64 = 70.0;

/// Lowest frequency to which [`MAX_AGE_HIGH_YEARS`] applies, Hz.
pub const HIGH_FREQUENCY_HZ: f64 = 3_000.0;

/// Frequencies of the standard, Hz.
pub const FREQUENCIES_HZ: [f64; 11] = [125.0, 250.0, 500.0, 750.0, 1e3, 1.5e3, 2e3, 3e3, 4e3, 6e3, 8e3];

/// ISO 7029:2017, table 1: a and b of dH = a (age - 18)^b at [`FREQUENCIES_HZ`], men.
const MALE: [(f64, f64); 11] = [
    (2.50e-6, 3.841),
    (1.39e-4, 2.832),
    (4.59e-4, 2.537),
    (5.70e-4, 2.512),
    (7.02e-4, 2.494),
    (1.09e-3, 2.446),
    (1.56e-3, 2.404),
    (2.54e-3, 2.350),
    (3.40e-3, 2.325),
    (4.53e-3, 2.315),
    (5.06e-3, 2.328),
];

/// As [`MALE`], women.
const FEMALE: [(f64, f64); 11] = [
    (6.16e-4, 2.451),
    (3.98e-4, 2.568),
    (2.61e-4, 2.708),
    (2.25e-4, 2.775),
    (2.21e-4, 2.805),
    (2.53e-4, 2.813),
    (3.12e-4, 2.792),
    (4.88e-4, 2.728),
    (7.37e-4, 2.660),
    (1.47e-3, 2.539),
    (2.53e-3, 2.439),
];

/// Median deviation of the threshold from that of people aged 18, dB, at [`FREQUENCIES_HZ`]
/// (ISO 7029:2017, 4.2).
///
/// Below 18 years it is 0; above 80 years the formula is not known to hold and its value at 80 is
/// kept, so that a story that goes on to 95 does not run away.
pub fn median_shift_db(sex: Sex, age_years: f64) -> [f64; 11] {
    let years = (age_years.min(MAX_AGE_YEARS) - REFERENCE_AGE_YEARS).max(0.0);
    let table = match sex {
        Sex::Female => &FEMALE,
        Sex::Male => &MALE,
    };
    table.map(|(a, b)| a * libm::pow(years, b))
}

/// [`median_shift_db`] at any frequency, dB: log-interpolated, flat below 125 Hz and above 8 kHz.
pub fn median_shift_at_db(sex: Sex, age_years: f64, frequency_hz: f64) -> f64 {
    let shift_db = median_shift_db(sex, age_years);
    let points: [(f64, f64); 11] = std::array::from_fn(|i| (FREQUENCIES_HZ[i], shift_db[i]));
    interpolate_log_frequency(&points, frequency_hz)
}

/// The audiogram of the median person of that age, rounded to 0.1 dB.
pub fn median_audiogram(sex: Sex, age_years: f64) -> Audiogram {
    let shift_db = median_shift_db(sex, age_years);
    let points: [(f64, f64); 11] = std::array::from_fn(|i| (FREQUENCIES_HZ[i], libm::round(shift_db[i] * 10.0) / 10.0));
    Audiogram::from_db_hl(&points)
}

/// What to tell a user who asks for an age that the standard does not cover or covers only in part.
pub fn age_warning(age_years: f64) -> Option<&'static str> {
    if age_years < REFERENCE_AGE_YEARS {
        Some("ISO 7029 begins at 18 years; younger ages are taken as 18")
    } else if age_years > MAX_AGE_YEARS {
        Some("ISO 7029 ends at 80 years; older ages are taken as 80")
    } else if age_years > MAX_AGE_HIGH_YEARS {
        Some("above 70 years ISO 7029 gives its values from 3000 Hz on for information only")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values worked out by hand from the published table for a man of 60, to 0.1 dB.
    #[test]
    fn man_of_60() {
        let expected = [4.3, 5.5, 6.0, 6.8, 7.8, 10.2, 12.5, 16.6, 20.2, 25.9, 30.4];
        for (got, expected) in median_shift_db(Sex::Male, 60.0).iter().zip(expected) {
            assert!((got - expected).abs() <= 0.0501, "{got} {expected}");
        }
        let audiogram = median_audiogram(Sex::Male, 60.0);
        assert_eq!(audiogram.threshold_db_hl(4_000.0), 20.2);
        assert!(audiogram.point_errors().is_empty());
    }

    #[test]
    fn reference_age_is_0_db_and_the_ends_are_held() {
        for sex in [Sex::Female, Sex::Male] {
            assert_eq!(median_shift_db(sex, 18.0), [0.0; 11]);
            assert_eq!(median_shift_db(sex, 3.0), [0.0; 11]);
            assert_eq!(median_shift_db(sex, 95.0), median_shift_db(sex, 80.0));
            assert_eq!(median_shift_at_db(sex, 70.0, 20.0), median_shift_db(sex, 70.0)[0]);
            assert_eq!(median_shift_at_db(sex, 70.0, 16_000.0), median_shift_db(sex, 70.0)[10]);
        }
    }

    #[test]
    fn ages_outside_the_standard_are_said_so() {
        assert!(age_warning(17.0).unwrap().contains("18"));
        assert_eq!(age_warning(18.0), None);
        assert_eq!(age_warning(70.0), None);
        assert!(age_warning(71.0).unwrap().contains("information"));
        assert!(age_warning(81.0).unwrap().contains("80"));
    }

    proptest! {
        #[test]
        fn hearing_never_returns_with_age(age in 0.0..100.0_f64, more in 0.0..20.0_f64, female: bool) {
            let sex = if female { Sex::Female } else { Sex::Male };
            let (younger, older) = (median_shift_db(sex, age), median_shift_db(sex, age + more));
            for (younger, older) in younger.iter().zip(older) {
                prop_assert!(older >= *younger);
            }
        }
    }
}
