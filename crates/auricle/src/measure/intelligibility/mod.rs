//! The speech intelligibility index: how much of speech, weighted by importance, is to be heard.
//!
//! ANSI S3.5-1997 (R2017), "Methods for calculation of the speech intelligibility index": all four band procedures.
//! An index of 1 means that all of the speech is heard, of 0 nothing. It is no score: how many words are understood at
//! an index depends on the words and on who listens.

mod speech;
mod tables;

pub use speech::{Modulated, spectrum_levels_db_spl};
pub use tables::{Effort, Procedure, Table};

/// Speech masks itself this far below its own level, dB (clause 5.3).
const SELF_MASKING_DB: f64 = 24.0;
/// Speech reaches this far above its mean, and its range is twice that, dB (clause 5.8).
const PEAK_DB: f64 = 15.0;
/// Speech that is this much above normal effort begins to be distorted, dB (clause 5.7).
const DISTORTED_FROM_DB: f64 = 10.0;
/// Noise to enter where it is quiet, dB SPL (clause 4.2).
pub const QUIET_DB_SPL: f64 = -50.0;
/// What two ears gain over one, dB: to be taken off the better thresholds (clause 5.1.5).
pub const BINAURAL_DB: f64 = 1.7;

/// What is listened to, and by whom. All are *equivalent* levels in the free field at the place of the head's centre,
/// `[band]`; [`from_insertion_gain`] and [`from_eardrum`] give them for hearing aids and earphones.
#[derive(Debug, Clone, Copy)]
pub struct Listening<'a> {
    /// Spectrum levels of speech E', dB SPL.
    pub speech_db_spl: &'a [f64],
    /// Spectrum levels of noise N', dB SPL.
    pub noise_db_spl: &'a [f64],
    /// Hearing thresholds T', dB HL.
    pub threshold_db_hl: &'a [f64],
    /// Importance of the bands where it is not that of average speech.
    pub importance: Option<&'a [f64]>,
}

/// An index, and how it came about, `[band]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// The speech intelligibility index, 0 to 1.
    pub sii: f64,
    /// Spectrum level of what masks, dB SPL (Z).
    pub masking_db_spl: Vec<f64>,
    /// The greater of masking and internal noise, dB SPL (D).
    pub disturbance_db_spl: Vec<f64>,
    /// What is left of the band where speech is too loud, 0 to 1 (L).
    pub level_distortion: Vec<f64>,
    /// Part of the band's speech that is heard, 0 to 1 (A).
    pub audibility: Vec<f64>,
}

/// A column of another length than there are bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{column} holds {got} values; these bands need {bands}")]
pub struct ColumnError {
    /// Which column.
    pub column: &'static str,
    /// Values in it.
    pub got: usize,
    /// Bands of the procedure.
    pub bands: usize,
}

/// The index of `listening` in a procedure's bands (clause 4).
///
/// # Errors
/// [`ColumnError`] where a column does not fit the bands.
pub fn index(procedure: Procedure, listening: &Listening) -> Result<Index, ColumnError> {
    let table = procedure.table();
    let bands = table.centre_hz.len();
    let importance = listening.importance.unwrap_or(table.importance);
    for (column, values) in [
        ("the speech", listening.speech_db_spl),
        ("the noise", listening.noise_db_spl),
        ("the thresholds", listening.threshold_db_hl),
        ("the importance", importance),
    ] {
        if values.len() != bands {
            return Err(ColumnError { column, got: values.len(), bands });
        }
    }
    let masking_db_spl = masking_db_spl(procedure, listening.speech_db_spl, listening.noise_db_spl);
    let normal = table.speech_db_spl[Effort::Normal as usize];
    let mut index = Index {
        sii: 0.0,
        masking_db_spl,
        disturbance_db_spl: Vec::with_capacity(bands),
        level_distortion: Vec::with_capacity(bands),
        audibility: Vec::with_capacity(bands),
    };
    for band in 0..bands {
        let speech = listening.speech_db_spl[band];
        let internal = table.internal_noise_db_spl[band] + listening.threshold_db_hl[band];
        let disturbance = index.masking_db_spl[band].max(internal);
        let distortion = (1.0 - (speech - normal[band] - DISTORTED_FROM_DB) / 160.0).clamp(0.0, 1.0);
        let heard = ((speech - disturbance + PEAK_DB) / (2.0 * PEAK_DB)).clamp(0.0, 1.0);
        index.sii += importance[band] * distortion * heard;
        index.disturbance_db_spl.push(disturbance);
        index.level_distortion.push(distortion);
        index.audibility.push(distortion * heard);
    }
    Ok(index)
}

/// Spectrum level of what masks each band, dB SPL: noise, speech itself, and what spreads upward from lower bands
/// (clause 5.4). Octaves are wider than the spread: there the noise is all that masks.
fn masking_db_spl(procedure: Procedure, speech_db_spl: &[f64], noise_db_spl: &[f64]) -> Vec<f64> {
    let table = procedure.table();
    if procedure == Procedure::Octaves {
        return noise_db_spl.to_vec();
    }
    let power = |db: f64| libm::pow(10.0, db / 10.0);
    let masker: Vec<f64> =
        noise_db_spl.iter().zip(speech_db_spl).map(|(noise, speech)| noise.max(speech - SELF_MASKING_DB)).collect();
    // Width of a band, dB re 1 Hz, and decades from its upper edge to the middle of a higher one; the standard prints
    // those of third octaves by their centres, with rounded constants.
    let width_db = |band: usize| match table.limit_hz {
        [] => 10.0 * libm::log10(table.centre_hz[band]) - 6.353,
        limits => 10.0 * libm::log10(limits[band + 1] - limits[band]),
    };
    let decades = |from: usize, to: usize| match table.limit_hz {
        [] => libm::log10(0.89 * table.centre_hz[to] / table.centre_hz[from]),
        limits => libm::log10((limits[to] * limits[to + 1]).sqrt() / limits[from + 1]),
    };
    let spread = |from: usize, to: usize| {
        let slope_db = -80.0 + 0.6 * (masker[from] + width_db(from));
        power(masker[from] + 3.32 * slope_db * decades(from, to))
    };
    (0..masker.len())
        .map(|band| match band {
            0 => masker[0],
            _ => 10.0 * libm::log10(power(noise_db_spl[band]) + (0..band).map(|from| spread(from, band)).sum::<f64>()),
        })
        .collect()
}

/// Equivalent levels of what is measured in the free field and heard through a device with `insertion_gain_db`
/// (clause 5.1), dB SPL, `[band]`; for speech and noise alike.
pub fn from_insertion_gain(free_field_db_spl: &[f64], insertion_gain_db: &[f64]) -> Vec<f64> {
    free_field_db_spl.iter().zip(insertion_gain_db).map(|(level, gain)| level + gain).collect()
}

/// Equivalent levels of what is measured at the eardrum (clause 5.3), dB SPL, `[band]`; `None` for critical bands,
/// whose transfer function this library does not hold.
pub fn from_eardrum(procedure: Procedure, eardrum_db_spl: &[f64]) -> Option<Vec<f64>> {
    let transfer = procedure.table().eardrum_db;
    let levels = || eardrum_db_spl.iter().zip(transfer).map(|(level, transfer)| level - transfer).collect();
    (!transfer.is_empty()).then(levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values one after the other, each as often as said.
    fn run(parts: &[(f64, usize)]) -> Vec<f64> {
        parts.iter().flat_map(|(value, count)| std::iter::repeat_n(*value, *count)).collect()
    }

    #[track_caller]
    fn is(procedure: Procedure, [speech, noise, threshold]: [&[f64]; 3], importance: Option<&[f64]>, expected: f64) {
        let listening =
            Listening { speech_db_spl: speech, noise_db_spl: noise, threshold_db_hl: threshold, importance };
        let sii = index(procedure, &listening).unwrap().sii;
        assert!((sii - expected).abs() < 1e-9, "{procedure:?}: {sii} for {expected}");
    }

    /// The working group's test files; ten digits are those of its program SII.C, three are published (0.491 and
    /// 0.323, 0.445 and 0.438, 0.273 and 0.410, 0.278 and 0.410).
    #[test]
    fn published_cases() {
        let speech = [50.0, 40.0, 40.0, 30.0, 20.0, 0.0];
        let noise = [70.0, 65.0, 45.0, 25.0, 1.0, -15.0];
        let case: [&[f64]; 3] = [&speech, &noise, &[0.0, 0.0, 0.0, 0.0, 0.0, 7.1]];
        is(Procedure::Octaves, case, None, 0.490_962_506_2);
        is(Procedure::Octaves, case, Some(&[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]), 0.322_937_5);

        let speech = run(&[(90.0, 1), (5.0, 1), (40.0, 12), (-10.0, 4)]);
        let noise = run(&[(10.0, 1), (-10.0, 2), (75.0, 1), (-10.0, 10), (10.0, 4)]);
        let threshold = run(&[(90.0, 1), (0.0, 17)]);
        let case: [&[f64]; 3] = [&speech, &noise, &threshold];
        is(Procedure::ThirdOctaves, case, None, 0.445_391_005_9);
        let importance = run(&[(0.0, 9), (0.1, 7), (0.3, 1), (0.0, 1)]);
        is(Procedure::ThirdOctaves, case, Some(&importance), 0.438_217_654_0);

        let speech = run(&[(-10.0, 3), (90.0, 1), (5.0, 1), (40.0, 12), (-10.0, 4)]);
        let noise = run(&[(10.0, 4), (-10.0, 2), (70.0, 1), (-10.0, 10), (10.0, 4)]);
        let threshold = run(&[(0.0, 3), (90.0, 1), (0.0, 17)]);
        let case: [&[f64]; 3] = [&speech, &noise, &threshold];
        is(Procedure::CriticalBands, case, None, 0.272_935_380_8);
        let importance = run(&[(0.0, 10), (0.1, 7), (0.3, 1), (0.0, 3)]);
        is(Procedure::CriticalBands, case, Some(&importance), 0.410_474_123_1);

        let speech = run(&[(-10.0, 1), (90.0, 1), (5.0, 1), (40.0, 12), (-10.0, 2)]);
        let noise = run(&[(10.0, 2), (-10.0, 2), (70.0, 1), (-10.0, 10), (10.0, 2)]);
        let threshold = run(&[(0.0, 1), (90.0, 1), (0.0, 15)]);
        let case: [&[f64]; 3] = [&speech, &noise, &threshold];
        is(Procedure::EquallyContributing, case, None, 0.278_138_655_0);
        let importance = run(&[(0.0, 8), (0.1, 7), (0.3, 1), (0.0, 1)]);
        is(Procedure::EquallyContributing, case, Some(&importance), 0.410_474_123_1);
    }

    /// Examples C.1 (printed: 0.504) and C.2 of the standard's annex C; for C.2 the value of SII.C.
    #[test]
    fn worked_examples() {
        let speech = [50.0, 40.0, 40.0, 30.0, 20.0, 0.0];
        let noise = [70.0, 65.0, 45.0, 25.0, 1.0, -15.0];
        is(Procedure::Octaves, [&speech, &noise, &[0.0; 6]], None, 0.503_955_506_2);
        let noise = run(&[(40.0, 1), (30.0, 1), (20.0, 1), (0.0, 15)]);
        is(Procedure::ThirdOctaves, [&[54.0; 18], &noise, &[0.0; 18]], None, 0.851_374_861_9);
    }

    /// Values of SII.C: speech in quiet to a normal ear; speech in noise to an ear that has lost 40 dB.
    #[test]
    fn speech_of_normal_effort() {
        let speech = Procedure::ThirdOctaves.table().speech_db_spl[0];
        is(Procedure::ThirdOctaves, [speech, &[-80.0; 18], &[0.0; 18]], None, 0.995_825_166_7);
        let listening = Listening {
            speech_db_spl: speech,
            noise_db_spl: &[30.0; 18],
            threshold_db_hl: &[40.0; 18],
            importance: None,
        };
        let sii = index(Procedure::ThirdOctaves, &listening).unwrap().sii;
        assert!((sii - 0.218_453_932_9).abs() < 1e-9, "{sii}");
    }

    #[test]
    fn columns_that_do_not_fit_are_refused() {
        let listening = Listening {
            speech_db_spl: &[0.0; 6],
            noise_db_spl: &[0.0; 5],
            threshold_db_hl: &[0.0; 6],
            importance: None,
        };
        let error = index(Procedure::Octaves, &listening).unwrap_err();
        assert_eq!(error.to_string(), "the noise holds 5 values; these bands need 6");
    }

    #[test]
    fn equivalent_levels() {
        assert_eq!(from_insertion_gain(&[50.0, 40.0], &[10.0, -5.0]), [60.0, 35.0]);
        let free = from_eardrum(Procedure::Octaves, &[60.0; 6]).unwrap();
        assert_eq!(free, [59.0, 58.2, 57.4, 48.0, 45.7, 58.2]);
        assert_eq!(from_eardrum(Procedure::CriticalBands, &[60.0; 21]), None);
    }
}
