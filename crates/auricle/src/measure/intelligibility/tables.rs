//! The four band procedures' tables, ANSI S3.5-1997, tables 1 to 4.
//!
//! Digits were compared between three transcriptions that do not stem from each other: the Matlab and Python ones of
//! Müsch, that of MoSQITo, and one made from SII.C, the program of the working group that keeps the standard. They
//! differ in one entry (loud speech at 400 Hz, 43.3 or 43.4), where the reading of two of three is taken, and in one
//! misprint (3159 Hz for 3150 Hz).

/// How loudly someone speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// As in conversation: 62.35 dB SPL at one metre.
    #[default]
    Normal,
    /// 68.34 dB SPL.
    Raised,
    /// 74.85 dB SPL.
    Loud,
    /// 82.30 dB SPL.
    Shout,
}

impl Effort {
    /// All, softest first.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Raised, Self::Loud, Self::Shout];

    /// Overall level of such speech at one metre, dB SPL.
    pub fn level_db_spl(self) -> f64 {
        [62.35, 68.34, 74.85, 82.30][self as usize]
    }

    /// "normal", "raised", "loud", "shout".
    pub fn name(self) -> &'static str {
        ["normal", "raised", "loud", "shout"][self as usize]
    }
}

/// Which bands the index is computed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Procedure {
    /// 21 critical bands, table 1.
    CriticalBands,
    /// 17 critical bands that contribute equally, table 2.
    EquallyContributing,
    /// 18 third-octave bands, table 3.
    ThirdOctaves,
    /// 6 octave bands, table 4.
    Octaves,
}

/// A procedure's constants, `[band]`.
#[derive(Debug)]
pub struct Table {
    /// Nominal centres, Hz.
    pub centre_hz: &'static [f64],
    /// Limits, Hz, one more than there are bands; third octaves and octaves have them from their centres.
    pub(super) limit_hz: &'static [f64],
    /// Importance of each band for average speech.
    pub importance: &'static [f64],
    /// Spectrum level of the noise that stands for the threshold of a normal ear, dB SPL.
    pub internal_noise_db_spl: &'static [f64],
    /// Spectrum level of speech by effort, dB SPL, `[effort][band]`, in the order of [`Effort::ALL`].
    pub speech_db_spl: [&'static [f64]; 4],
    /// From the free field to the eardrum, dB; empty where this library does not hold it.
    pub(super) eardrum_db: &'static [f64],
}

impl Procedure {
    /// The constants.
    pub fn table(self) -> &'static Table {
        match self {
            Self::CriticalBands => &CRITICAL,
            Self::EquallyContributing => &EQUAL,
            Self::ThirdOctaves => &THIRD_OCTAVES,
            Self::Octaves => &OCTAVES,
        }
    }
}

const CRITICAL_HZ: [f64; 21] = [
    150.0, 250.0, 350.0, 450.0, 570.0, 700.0, 840.0, 1000.0, 1170.0, 1370.0, 1600.0, 1850.0, 2150.0, 2500.0, 2900.0,
    3400.0, 4000.0, 4800.0, 5800.0, 7000.0, 8500.0,
];
const CRITICAL_LIMIT_HZ: [f64; 22] = [
    100.0, 200.0, 300.0, 400.0, 510.0, 630.0, 770.0, 920.0, 1080.0, 1270.0, 1480.0, 1720.0, 2000.0, 2320.0, 2700.0,
    3150.0, 3700.0, 4400.0, 5300.0, 6400.0, 7700.0, 9500.0,
];
const CRITICAL_IMPORTANCE: [f64; 21] = [
    0.0103, 0.0261, 0.0419, 0.0577, 0.0577, 0.0577, 0.0577, 0.0577, 0.0577, 0.0577, 0.0577, 0.0577, 0.0577, 0.0577,
    0.0577, 0.0577, 0.0577, 0.0460, 0.0343, 0.0226, 0.0110,
];
const CRITICAL_NOISE: [f64; 21] = [
    1.5, -3.9, -7.2, -8.9, -10.3, -11.4, -12.0, -12.5, -13.2, -14.0, -15.4, -16.9, -18.8, -21.2, -23.2, -24.9, -25.9,
    -24.2, -19.0, -11.7, -6.0,
];
const CRITICAL_SPEECH: [[f64; 21]; 4] = [
    [
        31.44, 34.75, 34.14, 34.58, 33.17, 30.64, 27.59, 25.01, 23.52, 22.28, 20.15, 18.29, 16.37, 13.80, 12.21, 11.09,
        9.33, 5.84, 3.47, 1.78, -0.14,
    ],
    [
        34.06, 38.98, 38.62, 39.84, 39.44, 37.99, 35.85, 33.86, 32.56, 30.91, 28.58, 26.37, 24.34, 22.35, 21.04, 19.56,
        16.78, 12.14, 9.04, 6.36, 3.44,
    ],
    [
        34.21, 41.55, 43.68, 44.08, 45.34, 45.22, 43.60, 42.16, 41.07, 39.68, 37.70, 35.62, 33.17, 30.98, 29.01, 27.71,
        25.41, 19.20, 15.37, 12.61, 9.62,
    ],
    [
        28.69, 42.50, 47.14, 48.46, 50.17, 51.68, 51.43, 51.31, 49.40, 49.03, 47.65, 45.47, 43.13, 40.80, 39.15, 37.30,
        34.41, 29.01, 25.17, 22.08, 18.76,
    ],
];

/// Table 1.
static CRITICAL: Table = Table {
    centre_hz: &CRITICAL_HZ,
    limit_hz: &CRITICAL_LIMIT_HZ,
    importance: &CRITICAL_IMPORTANCE,
    internal_noise_db_spl: &CRITICAL_NOISE,
    speech_db_spl: [&CRITICAL_SPEECH[0], &CRITICAL_SPEECH[1], &CRITICAL_SPEECH[2], &CRITICAL_SPEECH[3]],
    eardrum_db: &[],
};

/// `N` entries of a column of table 1: table 2 is its rows from 300 to 6400 Hz.
const fn rows<const N: usize>(column: &'static [f64]) -> &'static [f64] {
    column.split_at(2).1.split_at(N).0
}

/// Table 2. Its importance is printed with four decimals and adds up to 0.9996.
static EQUAL: Table = Table {
    centre_hz: rows::<17>(&CRITICAL_HZ),
    limit_hz: rows::<18>(&CRITICAL_LIMIT_HZ),
    importance: &[0.0588; 17],
    internal_noise_db_spl: rows::<17>(&CRITICAL_NOISE),
    speech_db_spl: [
        rows::<17>(&CRITICAL_SPEECH[0]),
        rows::<17>(&CRITICAL_SPEECH[1]),
        rows::<17>(&CRITICAL_SPEECH[2]),
        rows::<17>(&CRITICAL_SPEECH[3]),
    ],
    eardrum_db: &[],
};

/// Table 3.
static THIRD_OCTAVES: Table = Table {
    centre_hz: &[
        160.0, 200.0, 250.0, 315.0, 400.0, 500.0, 630.0, 800.0, 1000.0, 1250.0, 1600.0, 2000.0, 2500.0, 3150.0, 4000.0,
        5000.0, 6300.0, 8000.0,
    ],
    limit_hz: &[],
    importance: &[
        0.0083, 0.0095, 0.0150, 0.0289, 0.0440, 0.0578, 0.0653, 0.0711, 0.0818, 0.0844, 0.0882, 0.0898, 0.0868, 0.0844,
        0.0771, 0.0527, 0.0364, 0.0185,
    ],
    internal_noise_db_spl: &[
        0.6, -1.7, -3.9, -6.1, -8.2, -9.7, -10.8, -11.9, -12.5, -13.5, -15.4, -17.7, -21.2, -24.2, -25.9, -23.6, -15.8,
        -7.1,
    ],
    speech_db_spl: [
        &[
            32.41, 34.48, 34.75, 33.98, 34.59, 34.27, 32.06, 28.30, 25.01, 23.00, 20.15, 17.32, 13.18, 11.55, 9.33,
            5.31, 2.59, 1.13,
        ],
        &[
            33.81, 33.92, 38.98, 38.57, 39.11, 40.15, 38.78, 36.37, 33.86, 31.89, 28.58, 25.32, 22.35, 20.15, 16.78,
            11.47, 7.67, 5.07,
        ],
        &[
            35.29, 37.76, 41.55, 43.78, 43.30, 44.85, 45.55, 44.05, 42.16, 40.53, 37.70, 34.39, 30.98, 28.21, 25.41,
            18.35, 13.87, 11.39,
        ],
        &[
            30.77, 36.65, 42.50, 46.51, 47.40, 49.24, 51.21, 51.44, 51.31, 49.63, 47.65, 44.32, 40.80, 38.13, 34.41,
            28.24, 23.45, 20.72,
        ],
    ],
    eardrum_db: &[0.0, 0.5, 1.0, 1.4, 1.5, 1.8, 2.4, 3.1, 2.6, 3.0, 6.1, 12.0, 16.8, 15.0, 14.3, 10.7, 6.4, 1.8],
};

/// Table 4.
static OCTAVES: Table = Table {
    centre_hz: &[250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0],
    limit_hz: &[],
    importance: &[0.0617, 0.1671, 0.2373, 0.2648, 0.2142, 0.0549],
    internal_noise_db_spl: &[-3.9, -9.7, -12.5, -17.7, -25.9, -7.1],
    speech_db_spl: [
        &[34.75, 34.27, 25.01, 17.32, 9.33, 1.13],
        &[38.98, 40.15, 33.86, 25.32, 16.78, 5.07],
        &[41.55, 44.85, 42.16, 34.39, 25.41, 11.39],
        &[42.50, 49.24, 51.31, 44.32, 34.41, 20.72],
    ],
    eardrum_db: &[1.0, 1.8, 2.6, 12.0, 14.3, 1.8],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_of_one_length_and_importance_adds_up() {
        for (procedure, bands, sum) in [
            (Procedure::CriticalBands, 21, 1.0),
            (Procedure::EquallyContributing, 17, 0.9996),
            (Procedure::ThirdOctaves, 18, 1.0),
            (Procedure::Octaves, 6, 1.0),
        ] {
            let table = procedure.table();
            let columns = [table.centre_hz, table.importance, table.internal_noise_db_spl];
            assert!(columns.iter().chain(&table.speech_db_spl).all(|column| column.len() == bands), "{procedure:?}");
            assert!(table.limit_hz.is_empty() || table.limit_hz.len() == bands + 1);
            assert!((table.importance.iter().sum::<f64>() - sum).abs() < 1e-9, "{procedure:?}");
        }
        assert_eq!((EQUAL.centre_hz[0], EQUAL.centre_hz[16], EQUAL.limit_hz[17]), (350.0, 5800.0, 6400.0));
    }

    /// Spectrum levels do not depend on the bands they are printed for: octaves and third octaves agree.
    #[test]
    fn octaves_are_every_third_row_of_third_octaves() {
        for (band, hz) in OCTAVES.centre_hz.iter().enumerate() {
            let row = THIRD_OCTAVES.centre_hz.iter().position(|centre| centre == hz).unwrap();
            assert_eq!(OCTAVES.internal_noise_db_spl[band], THIRD_OCTAVES.internal_noise_db_spl[row]);
            assert_eq!(OCTAVES.eardrum_db[band], THIRD_OCTAVES.eardrum_db[row]);
            for effort in Effort::ALL {
                let of = |table: &Table, row: usize| table.speech_db_spl[effort as usize][row];
                assert_eq!(of(&OCTAVES, band), of(&THIRD_OCTAVES, row), "{effort:?} at {hz} Hz");
            }
        }
    }

    /// The overall level is the sum of what the third octaves hold, but for what lies outside of them.
    #[test]
    fn speech_adds_up_to_its_overall_level() {
        for effort in Effort::ALL {
            let table = &THIRD_OCTAVES;
            let power = |(hz, db): (&f64, &f64)| 10.0_f64.powf(db / 10.0) * 0.2316 * hz;
            let sum: f64 = table.centre_hz.iter().zip(table.speech_db_spl[effort as usize]).map(power).sum();
            let level = 10.0 * sum.log10();
            assert!((level - effort.level_db_spl()).abs() < 0.6, "{effort:?}: {level}");
        }
    }
}
