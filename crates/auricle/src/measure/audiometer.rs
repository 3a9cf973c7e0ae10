//! Pure-tone audiometry: the level from which on tones are heard.
//!
//! The shortened ascending method of ISO 8253-1:2010, clause 6.2.3: after a tone that is well heard, levels rise in
//! 5 dB steps until there is an answer, fall by 10 dB and rise again, until two answers of three fall on one level.
//! That is the audiogram of a clinic. Its error, from 0 to 5 dB, would hide what is being looked for here: so 1 dB and
//! 0.25 dB steps follow, and between the last level that is not heard and the first that is, the answer is
//! interpolated.

use serde::Serialize;

/// Step of the clinic, dB.
const STEP_DB: f64 = 5.0;
/// Steps by which it is finished, dB.
const FINER_DB: [f64; 2] = [1.0, 0.25];
/// Level of the first tone, dB HL, as for someone who hears normally.
const FIRST_DB_HL: f64 = 40.0;
/// A tone this little below what is just heard is taken as heard in the clinic's steps: nobody is as sure as that, and
/// an ear whose threshold lies on a step is not to be written down a step worse.
const UNCERTAIN_DB: f64 = 0.1;
/// Ascents that are tried for two equal answers; the standard takes three, or five where they scatter.
const MOST_ASCENTS: usize = 5;

/// What an audiometer can play.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Softest tone, dB HL.
    pub softest_db_hl: f64,
    /// Strongest tone, dB HL.
    pub strongest_db_hl: f64,
}

impl Default for Limits {
    /// Wider than any device: a simulation cannot be hurt.
    fn default() -> Self {
        Self { softest_db_hl: -10.0, strongest_db_hl: 130.0 }
    }
}

/// One threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Found {
    /// The threshold, dB HL; `None`: nothing was heard up to the audiometer's limit.
    pub threshold_db_hl: Option<f64>,
    /// The same as a clinic would write it, in 5 dB steps.
    pub clinical_db_hl: Option<f64>,
    /// Tones that were played.
    pub tones: usize,
}

/// Finds a threshold; `excess_db` plays a tone of a level, dB HL, and says by how many dB it is above what is heard.
pub fn threshold(limits: Limits, mut excess_db: impl FnMut(f64) -> f64) -> Found {
    let mut tones = 0;
    let mut play = |level_db_hl: f64| {
        tones += 1;
        excess_db(level_db_hl)
    };
    let Some(clinical) = clinical(limits, &mut |level| play(level) >= -UNCERTAIN_DB) else {
        return Found { threshold_db_hl: None, clinical_db_hl: None, tones };
    };
    // (level, excess): the highest that is not heard so far, and the lowest that is.
    let ceiling = (clinical + FINER_DB[0]).min(limits.strongest_db_hl);
    let mut above = (ceiling, play(ceiling));
    let mut below = None;
    let mut from = (clinical - STEP_DB).max(limits.softest_db_hl);
    for step in FINER_DB {
        let mut level = from;
        while level < above.0 {
            let excess = play(level);
            if excess >= 0.0 {
                above = (level, excess);
                break;
            }
            below = Some((level, excess));
            level += step;
        }
        from = below.map_or(above.0, |(level, _)| level);
    }
    let threshold = match below {
        Some((level, excess)) if excess.is_finite() && above.1 > excess => {
            level + (above.0 - level) * -excess / (above.1 - excess)
        }
        _ => above.0,
    };
    Found { threshold_db_hl: Some(threshold), clinical_db_hl: Some(clinical), tones }
}

/// The level at which two of three ascents are answered, dB HL.
fn clinical(limits: Limits, heard: &mut impl FnMut(f64) -> bool) -> Option<f64> {
    let Limits { softest_db_hl: softest, strongest_db_hl: strongest } = limits;
    // Familiarisation: up from 40 dB HL by 10 dB until heard, then down by 20 until not.
    let mut level = FIRST_DB_HL.clamp(softest, strongest);
    while !heard(level) {
        if level >= strongest {
            return None;
        }
        level = (level + 10.0).min(strongest);
    }
    while level > softest && heard(level) {
        level = (level - 20.0).max(softest);
    }
    let mut answers: Vec<f64> = Vec::new();
    while answers.len() < MOST_ASCENTS {
        while !heard(level) {
            if level >= strongest {
                return None;
            }
            level = (level + STEP_DB).min(strongest);
        }
        // Two of three, or two of all where answers scatter.
        if answers.contains(&level) {
            return Some(level);
        }
        answers.push(level);
        level = (level - 2.0 * STEP_DB).max(softest);
    }
    answers.sort_by(f64::total_cmp);
    Some(answers[answers.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_threshold_is_found_and_a_clinic_would_round_it_up() {
        for known in [-7.3, 0.0, 0.1, 12.0, 44.99, 45.0, 77.7, 104.9, 129.9] {
            let found = threshold(Limits::default(), |level| 3.0 * (level - known));
            assert!((found.threshold_db_hl.unwrap() - known).abs() < 1e-9, "{known}: {found:?}");
            let clinical = (known / 5.0_f64).ceil() * 5.0;
            assert_eq!(found.clinical_db_hl, Some(clinical), "{known}");
            assert!(found.tones < 60, "{found:?}");
        }
    }

    /// Growth that is not straight is followed closely enough: within a quarter of a decibel it is.
    #[test]
    fn bent_growth_is_interpolated() {
        let found = threshold(Limits::default(), |level| (level - 33.3_f64).powi(3));
        assert!((found.threshold_db_hl.unwrap() - 33.3).abs() < 0.25, "{found:?}");
    }

    #[test]
    fn limits_are_kept() {
        let limits = Limits { softest_db_hl: -10.0, strongest_db_hl: 100.0 };
        let mut played = Vec::new();
        let none = threshold(limits, |level| {
            played.push(level);
            level - 100.5
        });
        assert_eq!((none.threshold_db_hl, none.clinical_db_hl), (None, None));
        let always = threshold(limits, |level| {
            played.push(level);
            1.0
        });
        assert_eq!(always.threshold_db_hl, Some(-10.0));
        assert!(played.iter().all(|level| (-10.0..=100.0).contains(level)));
    }

    /// Answers that scatter: the level that answers twice is taken.
    #[test]
    fn two_of_three_ascents_decide() {
        let mut ascents = 0;
        let mut last = f64::MAX;
        let found = clinical(Limits::default(), &mut |level| {
            if level < last {
                ascents += 1;
            }
            last = level;
            level >= if ascents == 3 { 30.0 } else { 25.0 }
        });
        assert_eq!(found, Some(25.0));
    }
}
