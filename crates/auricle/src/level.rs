//! dB FS, dB SPL and dB HL, and what stands between them.
//!
//! Everything inside the model is calibrated: a [`Calibration`] states which sound pressure level a
//! digital RMS of 1.0 stands for at the ear, and in which field that ear listens. dB HL is dB SPL
//! less the reference threshold of that field.

use serde::{Deserialize, Serialize};

/// The sound field in which 0 dB HL is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Free field, frontal incidence, listening with both ears (ISO 389-7:2005, table 1).
    #[default]
    Free,
    /// Diffuse field (ISO 389-7:2005, table 1).
    Diffuse,
}

/// What digital levels stand for at the listener's ear.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Calibration {
    /// Sound pressure level of a signal whose RMS is 1.0 (0 dB FS), in dB SPL.
    pub full_scale_db_spl: f64,
    /// The field whose reference thresholds turn dB SPL into dB HL.
    pub field: Field,
}

/// Smallest sound pressure level that digital full scale may stand for, dB SPL.
///
/// Below it, full scale would be quieter than conversation and the file is almost surely mistyped.
pub const MIN_FULL_SCALE_DB_SPL: f64 = 60.0;

/// Highest sound pressure level that digital full scale may stand for, dB SPL: the onset of pain.
pub const MAX_FULL_SCALE_DB_SPL: f64 = 140.0;

impl Default for Calibration {
    fn default() -> Self {
        Self { full_scale_db_spl: 100.0, field: Field::Free }
    }
}

impl Calibration {
    /// True where full scale stands for a level that can be: finite and within
    /// [`MIN_FULL_SCALE_DB_SPL`] to [`MAX_FULL_SCALE_DB_SPL`].
    pub fn is_plausible(&self) -> bool {
        (MIN_FULL_SCALE_DB_SPL..=MAX_FULL_SCALE_DB_SPL).contains(&self.full_scale_db_spl)
    }

    /// dB SPL of a signal of `level_db_fs` (RMS 1.0 = 0 dB FS).
    pub fn db_fs_to_db_spl(&self, level_db_fs: f64) -> f64 {
        level_db_fs + self.full_scale_db_spl
    }

    /// dB FS (RMS 1.0 = 0 dB FS) of a signal of `level_db_spl`.
    pub fn db_spl_to_db_fs(&self, level_db_spl: f64) -> f64 {
        level_db_spl - self.full_scale_db_spl
    }

    /// dB HL of a tone of `level_db_spl` at `frequency_hz`.
    pub fn db_spl_to_db_hl(&self, level_db_spl: f64, frequency_hz: f64) -> f64 {
        level_db_spl - reference_threshold_db_spl(self.field, frequency_hz)
    }

    /// dB SPL of a tone of `level_db_hl` at `frequency_hz`.
    pub fn db_hl_to_db_spl(&self, level_db_hl: f64, frequency_hz: f64) -> f64 {
        level_db_hl + reference_threshold_db_spl(self.field, frequency_hz)
    }

    /// dB HL of a tone of `level_db_fs` at `frequency_hz`.
    pub fn db_fs_to_db_hl(&self, level_db_fs: f64, frequency_hz: f64) -> f64 {
        self.db_spl_to_db_hl(self.db_fs_to_db_spl(level_db_fs), frequency_hz)
    }

    /// dB FS of a tone of `level_db_hl` at `frequency_hz`.
    pub fn db_hl_to_db_fs(&self, level_db_hl: f64, frequency_hz: f64) -> f64 {
        self.db_spl_to_db_fs(self.db_hl_to_db_spl(level_db_hl, frequency_hz))
    }
}

/// Threshold of hearing in a free field, `(Hz, dB SPL)`: ISO 389-7:2005, table 1, pure tones, frontal
/// incidence; from 20 Hz to 12.5 kHz the third octaves are those of ISO 226:2003, table 1 (T_f).
/// (Amendment 1 of 2016 has 78.1 at 20 Hz and 70.4 at 18 kHz instead.)
const FREE_FIELD_DB_SPL: [(f64, f64); 38] = [
    (20.0, 78.5),
    (25.0, 68.7),
    (31.5, 59.5),
    (40.0, 51.1),
    (50.0, 44.0),
    (63.0, 37.5),
    (80.0, 31.5),
    (100.0, 26.5),
    (125.0, 22.1),
    (160.0, 17.9),
    (200.0, 14.4),
    (250.0, 11.4),
    (315.0, 8.6),
    (400.0, 6.2),
    (500.0, 4.4),
    (630.0, 3.0),
    (750.0, 2.4),
    (800.0, 2.2),
    (1_000.0, 2.4),
    (1_250.0, 3.5),
    (1_500.0, 2.4),
    (1_600.0, 1.7),
    (2_000.0, -1.3),
    (2_500.0, -4.2),
    (3_000.0, -5.8),
    (3_150.0, -6.0),
    (4_000.0, -5.4),
    (5_000.0, -1.5),
    (6_000.0, 4.3),
    (6_300.0, 6.0),
    (8_000.0, 12.6),
    (9_000.0, 13.9),
    (10_000.0, 13.9),
    (11_200.0, 13.0),
    (12_500.0, 12.3),
    (14_000.0, 18.4),
    (16_000.0, 40.2),
    (18_000.0, 73.2),
];

/// Threshold of hearing in a diffuse field, `(Hz, dB SPL)`: ISO 389-7:2005, table 1, third-octave
/// bands of noise. The standard ends at 16 kHz.
const DIFFUSE_FIELD_DB_SPL: [(f64, f64); 35] = [
    (20.0, 78.5),
    (25.0, 68.7),
    (31.5, 59.5),
    (40.0, 51.1),
    (50.0, 44.0),
    (63.0, 37.5),
    (80.0, 31.5),
    (100.0, 26.5),
    (125.0, 22.1),
    (160.0, 17.9),
    (200.0, 14.4),
    (250.0, 11.4),
    (315.0, 8.4),
    (400.0, 5.8),
    (500.0, 3.8),
    (630.0, 2.1),
    (750.0, 1.2),
    (800.0, 1.0),
    (1_000.0, 0.8),
    (1_250.0, 1.9),
    (1_500.0, 1.0),
    (1_600.0, 0.5),
    (2_000.0, -1.5),
    (2_500.0, -3.1),
    (3_000.0, -4.0),
    (3_150.0, -4.0),
    (4_000.0, -3.8),
    (5_000.0, -1.8),
    (6_000.0, 1.4),
    (6_300.0, 2.5),
    (8_000.0, 6.8),
    (10_000.0, 8.4),
    (12_500.0, 14.4),
    (14_000.0, 23.2),
    (16_000.0, 43.7),
];

/// 0 dB HL in dB SPL at `frequency_hz`: the threshold of hearing of young, otologically normal people
/// listening with both ears in `field`.
///
/// ISO 389-7:2005, table 1, linear in dB over the logarithm of frequency between its entries, constant
/// below 20 Hz and above 18 kHz (16 kHz in the diffuse field). NaN where `frequency_hz` is NaN.
pub fn reference_threshold_db_spl(field: Field, frequency_hz: f64) -> f64 {
    match field {
        Field::Free => interpolate_log_frequency(&FREE_FIELD_DB_SPL, frequency_hz),
        Field::Diffuse => interpolate_log_frequency(&DIFFUSE_FIELD_DB_SPL, frequency_hz),
    }
}

/// Interpolates `points`, `(Hz, dB)` ascending in frequency, linearly over log frequency, and keeps
/// the outer values beyond both ends; 0 where there are no points.
pub(crate) fn interpolate_log_frequency(points: &[(f64, f64)], frequency_hz: f64) -> f64 {
    let above = points.partition_point(|&(hz, _)| hz <= frequency_hz);
    match (above.checked_sub(1).map(|below| points[below]), points.get(above).copied()) {
        (Some((low_hz, low_db)), Some((high_hz, high_db))) => {
            let place = libm::log(frequency_hz / low_hz) / libm::log(high_hz / low_hz);
            low_db + place * (high_db - low_db)
        }
        (Some((_, db)), None) => db,
        // Below the first point, where NaN lands too, since it compares with nothing.
        (None, Some((_, db))) => {
            if frequency_hz.is_nan() {
                f64::NAN
            } else {
                db
            }
        }
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The values in use at audiometric frequencies, ISO 389-7:2005 table 1.
    #[test]
    fn audiometric_frequencies_are_those_of_the_standard() {
        let hz = [125.0, 250.0, 500.0, 750.0, 1e3, 1.5e3, 2e3, 3e3, 4e3, 6e3, 8e3];
        let free = [22.1, 11.4, 4.4, 2.4, 2.4, 2.4, -1.3, -5.8, -5.4, 4.3, 12.6];
        let diffuse = [22.1, 11.4, 3.8, 1.2, 0.8, 1.0, -1.5, -4.0, -3.8, 1.4, 6.8];
        for i in 0..hz.len() {
            assert_eq!(reference_threshold_db_spl(Field::Free, hz[i]), free[i], "{} Hz", hz[i]);
            assert_eq!(reference_threshold_db_spl(Field::Diffuse, hz[i]), diffuse[i], "{} Hz", hz[i]);
        }
    }

    #[test]
    fn ends_are_held() {
        assert_eq!(reference_threshold_db_spl(Field::Free, 1.0), 78.5);
        assert_eq!(reference_threshold_db_spl(Field::Free, 96_000.0), 73.2);
        assert_eq!(reference_threshold_db_spl(Field::Diffuse, 20_000.0), 43.7);
        assert!(reference_threshold_db_spl(Field::Free, f64::NAN).is_nan());
    }

    #[test]
    fn halfway_between_two_entries_on_a_log_axis_is_their_mean() {
        let middle_hz = (2_000.0_f64 * 2_500.0).sqrt();
        let got = reference_threshold_db_spl(Field::Free, middle_hz);
        assert!((got - (-1.3 - 4.2) / 2.0).abs() < 1e-12, "{got}");
    }

    #[test]
    fn tables_ascend() {
        assert!(FREE_FIELD_DB_SPL.is_sorted_by(|a, b| a.0 < b.0));
        assert!(DIFFUSE_FIELD_DB_SPL.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn default_calibration_puts_full_scale_at_100_db_spl() {
        let calibration = Calibration::default();
        assert_eq!(calibration.db_fs_to_db_spl(-20.0), 80.0);
        assert_eq!(calibration.db_fs_to_db_hl(-20.0, 1_000.0), 77.6);
        assert!(calibration.is_plausible());
        for full_scale_db_spl in [f64::NAN, f64::INFINITY, 59.9, 140.1] {
            assert!(!Calibration { full_scale_db_spl, field: Field::Free }.is_plausible());
        }
    }

    proptest! {
        #[test]
        fn conversions_undo_each_other(
            level in -150.0..150.0_f64, hz in 1.0..30_000.0_f64, full_scale_db_spl in 60.0..140.0_f64,
            diffuse: bool,
        ) {
            let field = if diffuse { Field::Diffuse } else { Field::Free };
            let calibration = Calibration { full_scale_db_spl, field };
            let back = calibration.db_hl_to_db_fs(calibration.db_fs_to_db_hl(level, hz), hz);
            prop_assert!((back - level).abs() < 1e-9);
        }

        #[test]
        fn interpolation_stays_between_its_neighbours(hz in 20.0..18_000.0_f64) {
            let got = reference_threshold_db_spl(Field::Free, hz);
            let next = FREE_FIELD_DB_SPL.partition_point(|p| p.0 <= hz).min(FREE_FIELD_DB_SPL.len() - 1);
            let (a, b) = (FREE_FIELD_DB_SPL[next - 1].1, FREE_FIELD_DB_SPL[next].1);
            prop_assert!(got >= a.min(b) - 1e-9 && got <= a.max(b) + 1e-9);
        }
    }
}
