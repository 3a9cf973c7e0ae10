//! Hearing thresholds by frequency: interpolation, validity, and the standard audiograms.

use crate::level::interpolate_log_frequency;

/// Lowest and highest frequency that an audiogram may state, Hz.
pub const FREQUENCY_RANGE_HZ: (f64, f64) = (20.0, 20_000.0);

/// Lowest and highest threshold that an audiogram may state, dB HL.
pub const THRESHOLD_RANGE_DB_HL: (f64, f64) = (-20.0, 130.0);

/// How far above the audiometer's limit a "no response" is taken to be, dB.
///
/// The audiogram says only that the threshold lies above the limit. Two steps of the usual 5 dB are
/// the least that keeps a tone at the limit, which was not heard, from being heard in the model.
pub const NO_RESPONSE_EXTRA_DB: f64 = 10.0;

/// By how much bone conduction may be worse than air conduction before it is worth a warning, dB.
///
/// Air cannot be better than bone; audiometric scatter reaches this far.
pub const BONE_WORSE_THAN_AIR_DB: f64 = 10.0;

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

impl Threshold {
    /// The threshold that the model works with, dB HL; "no response" counts as its limit and
    /// [`NO_RESPONSE_EXTRA_DB`].
    pub fn db_hl(self) -> f64 {
        match self {
            Self::DbHl(db_hl) => db_hl,
            Self::NoResponse { limit_db_hl } => limit_db_hl + NO_RESPONSE_EXTRA_DB,
        }
    }

    /// The number as stated: the threshold, or the limit up to which nothing was heard, dB HL.
    pub fn stated_db_hl(self) -> f64 {
        match self {
            Self::DbHl(db_hl) => db_hl,
            Self::NoResponse { limit_db_hl } => limit_db_hl,
        }
    }
}

/// Thresholds of one ear by one route (air or bone), frequencies ascending.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Audiogram {
    /// `(frequency in Hz, threshold)`, ascending in frequency; empty stands for 0 dB HL throughout.
    pub points: Vec<(f64, Threshold)>,
}

/// What is wrong with one point of an audiogram.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum PointError {
    /// The frequency is NaN or outside [`FREQUENCY_RANGE_HZ`].
    #[error("{hz} Hz is outside 20 to 20000 Hz")]
    Frequency {
        /// The frequency.
        hz: f64,
    },
    /// The frequency is not above the one before it.
    #[error("{hz} Hz comes after {before_hz} Hz; frequencies have to ascend")]
    NotAscending {
        /// The frequency.
        hz: f64,
        /// The frequency of the point before.
        before_hz: f64,
    },
    /// The threshold is NaN or outside [`THRESHOLD_RANGE_DB_HL`].
    #[error("{db_hl} dB HL is outside -20 to 130 dB HL")]
    Threshold {
        /// The threshold, or the limit of a "no response".
        db_hl: f64,
    },
}

impl Audiogram {
    /// An audiogram of thresholds in dB HL, `(Hz, dB HL)`.
    pub fn from_db_hl(points: &[(f64, f64)]) -> Self {
        Self { points: points.iter().map(|&(hz, db_hl)| (hz, Threshold::DbHl(db_hl))).collect() }
    }

    /// The threshold at `frequency_hz`, dB HL.
    ///
    /// Linear in dB over log frequency between the points, flat beyond the outer ones, 0 dB HL where
    /// there are none. "No response" counts as [`Threshold::db_hl`] says.
    pub fn threshold_db_hl(&self, frequency_hz: f64) -> f64 {
        let above = self.points.partition_point(|&(hz, _)| hz <= frequency_hz);
        // Two neighbours are all that the interpolation looks at.
        let neighbours = &self.points[above.saturating_sub(1)..self.points.len().min(above + 1)];
        let mut pair = [(0.0, 0.0); 2];
        for (to, &(hz, threshold)) in pair.iter_mut().zip(neighbours) {
            *to = (hz, threshold.db_hl());
        }
        interpolate_log_frequency(&pair[..neighbours.len()], frequency_hz)
    }

    /// Every point that cannot be, with its index; empty where the audiogram is valid.
    pub fn point_errors(&self) -> Vec<(usize, PointError)> {
        let mut errors = Vec::new();
        let (lowest_hz, highest_hz) = FREQUENCY_RANGE_HZ;
        let (lowest_db_hl, highest_db_hl) = THRESHOLD_RANGE_DB_HL;
        let mut before_hz = f64::NEG_INFINITY;
        for (index, &(hz, threshold)) in self.points.iter().enumerate() {
            if !(lowest_hz..=highest_hz).contains(&hz) {
                errors.push((index, PointError::Frequency { hz }));
            } else if hz <= before_hz {
                errors.push((index, PointError::NotAscending { hz, before_hz }));
            } else {
                before_hz = hz;
            }
            let db_hl = threshold.stated_db_hl();
            if !(lowest_db_hl..=highest_db_hl).contains(&db_hl) {
                errors.push((index, PointError::Threshold { db_hl }));
            }
        }
        errors
    }
}

/// The conductive part of a loss at `frequency_hz`, dB: air less bone conduction, never below 0.
///
/// A bone conductor reaches its limit long before an earphone does, so "no response" by bone proves
/// no conductive part: there the whole loss counts as sensorineural.
pub fn conductive_db(air: &Audiogram, bone: Option<&Audiogram>, frequency_hz: f64) -> f64 {
    let Some(bone) = bone else { return 0.0 };
    let above = bone.points.partition_point(|&(hz, _)| hz <= frequency_hz);
    let neighbours = &bone.points[above.saturating_sub(1)..bone.points.len().min(above + 1)];
    let mut pair = [(0.0, 0.0); 2];
    for (to, &(hz, threshold)) in pair.iter_mut().zip(neighbours) {
        *to = match threshold {
            Threshold::DbHl(db_hl) => (hz, db_hl),
            Threshold::NoResponse { .. } => (hz, threshold.db_hl().max(air.threshold_db_hl(hz))),
        };
    }
    let bone_db_hl = interpolate_log_frequency(&pair[..neighbours.len()], frequency_hz);
    (air.threshold_db_hl(frequency_hz) - bone_db_hl).max(0.0)
}

/// The sensorineural part of a loss at `frequency_hz`, dB HL: air conduction less [`conductive_db`].
pub fn sensorineural_db_hl(air: &Audiogram, bone: Option<&Audiogram>, frequency_hz: f64) -> f64 {
    air.threshold_db_hl(frequency_hz) - conductive_db(air, bone, frequency_hz)
}

/// Frequencies of the standard audiograms, Hz.
const STANDARD_HZ: [f64; 10] = [250.0, 375.0, 500.0, 750.0, 1e3, 1.5e3, 2e3, 3e3, 4e3, 6e3];

/// Names and thresholds (dB HL at [`STANDARD_HZ`]) of the ten standard audiograms for the
/// characterisation of hearing aids: N1-N7 flat and moderately sloping, S1-S3 steep.
///
/// Bisgaard, Vlaming and Dahlquist (2010), "Standard audiograms for the IEC 60118-15 measurement
/// procedure", Trends in Amplification 14(2), 113-120, tables 2 and 3.
const STANDARD_DB_HL: [(&str, [f64; 10]); 10] = [
    ("N1", [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 15.0, 20.0, 30.0, 40.0]),
    ("N2", [20.0, 20.0, 20.0, 22.5, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0]),
    ("N3", [35.0, 35.0, 35.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0]),
    ("N4", [55.0, 55.0, 55.0, 55.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0]),
    ("N5", [65.0, 67.5, 70.0, 72.5, 75.0, 80.0, 80.0, 80.0, 80.0, 80.0]),
    ("N6", [75.0, 77.5, 80.0, 82.5, 85.0, 90.0, 90.0, 95.0, 100.0, 100.0]),
    ("N7", [90.0, 92.5, 95.0, 100.0, 105.0, 105.0, 105.0, 105.0, 105.0, 105.0]),
    ("S1", [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 15.0, 30.0, 55.0, 70.0]),
    ("S2", [20.0, 20.0, 20.0, 22.5, 25.0, 35.0, 55.0, 75.0, 95.0, 95.0]),
    ("S3", [30.0, 30.0, 35.0, 47.5, 60.0, 70.0, 75.0, 80.0, 80.0, 85.0]),
];

/// Names of the standard audiograms, "N1" to "S3".
pub const STANDARD_NAMES: [&str; 10] = ["N1", "N2", "N3", "N4", "N5", "N6", "N7", "S1", "S2", "S3"];

/// The standard audiogram of that name ("N3"; case does not matter), or `None`.
pub fn standard(name: &str) -> Option<Audiogram> {
    let (_, db_hl) = STANDARD_DB_HL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let points: Vec<_> = STANDARD_HZ.into_iter().zip(db_hl.iter().copied()).collect();
    Some(Audiogram::from_db_hl(&points))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_points_are_0_db_hl() {
        assert_eq!(Audiogram::default().threshold_db_hl(1_000.0), 0.0);
    }

    #[test]
    fn between_points_dbs_are_linear_over_log_frequency_and_flat_beyond() {
        let audiogram = Audiogram::from_db_hl(&[(500.0, 10.0), (2_000.0, 50.0)]);
        assert!((audiogram.threshold_db_hl(1_000.0) - 30.0).abs() < 1e-12);
        assert_eq!(audiogram.threshold_db_hl(20.0), 10.0);
        assert_eq!(audiogram.threshold_db_hl(20_000.0), 50.0);
        assert_eq!(audiogram.threshold_db_hl(500.0), 10.0);
        assert_eq!(audiogram.threshold_db_hl(2_000.0), 50.0);
    }

    #[test]
    fn no_response_counts_as_10_db_above_its_limit() {
        let points = vec![(4_000.0, Threshold::NoResponse { limit_db_hl: 105.0 })];
        assert_eq!(Audiogram { points }.threshold_db_hl(4_000.0), 115.0);
    }

    #[test]
    fn every_impossible_point_is_found() {
        let audiogram = Audiogram::from_db_hl(&[
            (19.0, 0.0),
            (500.0, f64::NAN),
            (250.0, 0.0),
            (1_000.0, 131.0),
            (1_000.0, -20.0),
            (f64::NAN, -20.1),
        ]);
        let errors: Vec<_> = audiogram.point_errors().into_iter().map(|(i, e)| (i, e.to_string())).collect();
        let has = |i: usize, words: &str| errors.iter().any(|(at, e)| *at == i && e.contains(words));
        assert_eq!(errors.len(), 7, "{errors:?}");
        assert!(has(0, "19 Hz is outside"));
        assert!(has(1, "NaN dB HL"));
        assert!(has(2, "after 500 Hz"));
        assert!(has(3, "131 dB HL"));
        assert!(has(4, "after 1000 Hz"));
        assert!(has(5, "NaN Hz"));
        assert!(has(5, "-20.1 dB HL"));
    }

    #[test]
    fn standard_audiograms_are_valid_and_found_in_any_case() {
        for (name, (known, _)) in STANDARD_NAMES.iter().zip(&STANDARD_DB_HL) {
            assert_eq!(name, known);
            let audiogram = standard(&name.to_lowercase()).unwrap();
            assert!(audiogram.point_errors().is_empty());
            assert_eq!(audiogram.points.len(), 10);
        }
        assert_eq!(standard("S2").unwrap().threshold_db_hl(2_000.0), 55.0);
        assert_eq!(standard("N8"), None);
    }

    #[test]
    fn loss_splits_into_conductive_and_sensorineural_parts() {
        let air = Audiogram::from_db_hl(&[(500.0, 50.0), (4_000.0, 60.0)]);
        let bone = Audiogram::from_db_hl(&[(500.0, 10.0), (4_000.0, 70.0)]);
        assert_eq!(conductive_db(&air, Some(&bone), 500.0), 40.0);
        assert_eq!(sensorineural_db_hl(&air, Some(&bone), 500.0), 10.0);
        assert_eq!(conductive_db(&air, Some(&bone), 4_000.0), 0.0);
        assert_eq!(sensorineural_db_hl(&air, Some(&bone), 4_000.0), 60.0);
        assert_eq!(conductive_db(&air, None, 500.0), 0.0);
        assert_eq!(sensorineural_db_hl(&air, None, 500.0), 50.0);
    }

    #[test]
    fn no_response_by_bone_proves_no_conductive_part() {
        let air = Audiogram::from_db_hl(&[(500.0, 60.0), (4_000.0, 100.0)]);
        let bone = Audiogram {
            points: vec![(500.0, Threshold::DbHl(20.0)), (4_000.0, Threshold::NoResponse { limit_db_hl: 70.0 })],
        };
        assert_eq!(conductive_db(&air, Some(&bone), 500.0), 40.0);
        assert_eq!(conductive_db(&air, Some(&bone), 4_000.0), 0.0);
        assert_eq!(sensorineural_db_hl(&air, Some(&bone), 4_000.0), 100.0);
    }

    fn any_audiogram() -> impl Strategy<Value = Audiogram> {
        prop::collection::btree_map(20_u32..20_000, -20.0..130.0_f64, 0..12).prop_map(|points| {
            Audiogram::from_db_hl(&points.into_iter().map(|(hz, db)| (f64::from(hz), db)).collect::<Vec<_>>())
        })
    }

    proptest! {
        #[test]
        fn thresholds_stay_within_the_stated_ones(audiogram in any_audiogram(), hz in 1.0..40_000.0_f64) {
            prop_assert!(audiogram.point_errors().is_empty());
            let stated = || audiogram.points.iter().map(|p| p.1.db_hl());
            let low = stated().fold(f64::INFINITY, f64::min).min(if stated().count() == 0 { 0.0 } else { 130.0 });
            let high = stated().fold(f64::NEG_INFINITY, f64::max).max(if stated().count() == 0 { 0.0 } else { -20.0 });
            let got = audiogram.threshold_db_hl(hz);
            prop_assert!(got >= low - 1e-9 && got <= high + 1e-9);
        }

        #[test]
        fn parts_add_up_to_the_loss(air in any_audiogram(), bone in any_audiogram(), hz in 1.0..40_000.0_f64) {
            let conductive = conductive_db(&air, Some(&bone), hz);
            prop_assert!(conductive >= 0.0);
            let sum = conductive + sensorineural_db_hl(&air, Some(&bone), hz);
            prop_assert!((sum - air.threshold_db_hl(hz)).abs() < 1e-9);
        }
    }
}
