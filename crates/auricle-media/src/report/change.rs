//! What a cue does to the sound, by octave and in three regions, so that it can be read.

use auricle::cue::CueSpan;
use auricle::level::{Calibration, reference_threshold_db_spl};

use super::measurements::{Measurements, OCTAVES_HZ, SpanLevels, Spectrogram};

/// Ears that differ by this much in an octave are told apart, dB.
const EARS_APART_DB: f32 = 3.0;
/// Changes up to this are no change, dB: less than is just noticed in running sound.
const SAME_DB: f32 = 1.0;

/// Three regions of the spectrum, as octaves of [`OCTAVES_HZ`].
pub(super) const REGIONS: [(&str, std::ops::Range<usize>); 3] =
    [("below 350 Hz", 0..3), ("350 Hz to 2.8 kHz", 3..6), ("above 2.8 kHz", 6..9)];

/// What became of a part of the sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Change {
    /// There was nothing to hear before, nor after.
    NothingThere,
    /// It can no longer be heard; by how many dB it fell.
    Gone(f32),
    /// There was nothing to hear before, and now there is.
    New,
    /// Louder (above 0) or softer, dB.
    By(f32),
}

impl Change {
    /// From levels in dB FS of one octave or region, and the levels from which they can be heard.
    fn of(before: f32, after: f32, heard_before: bool, heard_after: bool) -> Self {
        match (heard_before, heard_after) {
            (false, false) => Self::NothingThere,
            (true, false) => Self::Gone(after - before),
            (false, true) => Self::New,
            (true, true) => Self::By(after - before),
        }
    }

    /// In a sentence: "−12 dB", "gone (−64 dB)".
    pub(super) fn words(self) -> String {
        match self {
            Self::NothingThere => "nothing to hear before or after".to_owned(),
            Self::Gone(db) if db <= -100.0 => "gone".to_owned(),
            Self::Gone(db) => format!("gone ({} dB)", super::text::number(f64::from(db), 0)),
            Self::New => "new sound".to_owned(),
            Self::By(db) if db.abs() <= SAME_DB => "as it was".to_owned(),
            Self::By(db) => format!("{} dB", super::text::signed(f64::from(db), 0)),
        }
    }
}

/// Whose ears a line of numbers is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Both,
    Left,
    Right,
}

impl Whose {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// What a cue does to the sound at one ear or both.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Changes {
    pub(super) whose: Whose,
    pub(super) octaves: [Change; OCTAVES_HZ.len()],
    pub(super) regions: [Change; REGIONS.len()],
}

/// What a cue does, for both ears together where they agree; empty where the cue was too short.
pub(super) fn changes(levels: &SpanLevels, calibration: &Calibration) -> Vec<Changes> {
    if levels.frames == 0 {
        return Vec::new();
    }
    let change = |ear: usize, octave: usize| levels.after_db_fs[ear][octave] - levels.before_db_fs[ear][octave];
    let apart = (0..OCTAVES_HZ.len()).any(|octave| {
        let [left, right] = [0, 1].map(|ear| {
            can_be_heard(levels.before_db_fs[ear][octave], octave, calibration)
                || can_be_heard(levels.after_db_fs[ear][octave], octave, calibration)
        });
        left && right && (change(0, octave) - change(1, octave)).abs() >= EARS_APART_DB
    });
    let of = |whose, before: [f32; OCTAVES_HZ.len()], after: [f32; OCTAVES_HZ.len()]| {
        let heard = |levels: &[f32], octave: usize| can_be_heard(levels[octave], octave, calibration);
        Changes {
            whose,
            octaves: std::array::from_fn(|at| Change::of(before[at], after[at], heard(&before, at), heard(&after, at))),
            regions: std::array::from_fn(|region| {
                let octaves = REGIONS[region].1.clone();
                let any = |levels: &[f32]| octaves.clone().any(|octave| heard(levels, octave));
                Change::of(sum(&before[octaves.clone()]), sum(&after[octaves.clone()]), any(&before), any(&after))
            }),
        }
    };
    if apart {
        vec![
            of(Whose::Left, levels.before_db_fs[0], levels.after_db_fs[0]),
            of(Whose::Right, levels.before_db_fs[1], levels.after_db_fs[1]),
        ]
    } else {
        let mean = |side: &[[f32; OCTAVES_HZ.len()]; 2]| {
            std::array::from_fn(|octave| sum(&[side[0][octave], side[1][octave]]) - 3.0103)
        };
        vec![of(Whose::Both, mean(&levels.before_db_fs), mean(&levels.after_db_fs))]
    }
}

/// True where a healthy ear could hear an octave of this level: above the reference threshold.
fn can_be_heard(db_fs: f32, octave: usize, calibration: &Calibration) -> bool {
    let db_spl = calibration.db_fs_to_db_spl(f64::from(db_fs));
    db_spl > reference_threshold_db_spl(calibration.field, OCTAVES_HZ[octave])
}

/// Sum of powers, dB.
fn sum(levels_db: &[f32]) -> f32 {
    let power: f32 =
        levels_db.iter().filter(|db| **db > Spectrogram::FLOOR_DB_FS).map(|db| 10.0_f32.powf(db / 10.0)).sum();
    if power > 0.0 { 10.0 * power.log10() } else { Spectrogram::FLOOR_DB_FS }
}

/// "Against the outside: below 350 Hz −12 dB, above 2.8 kHz gone (−64 dB).", a sentence for each ear that
/// needs its own.
pub(super) fn in_words(changes: &[Changes]) -> String {
    let each: Vec<String> = changes
        .iter()
        .map(|of| {
            let whose = match of.whose {
                Whose::Both => "Against the outside",
                Whose::Left => "At the left ear",
                Whose::Right => "At the right ear",
            };
            let silent = |change: &Change| matches!(change, Change::Gone(_) | Change::NothingThere);
            if of.octaves.iter().all(silent) && of.octaves.iter().any(|change| matches!(change, Change::Gone(_))) {
                return format!("{whose}: nothing is heard.");
            }
            let regions: Vec<String> = REGIONS
                .iter()
                .zip(of.regions)
                .map(|((name, _), change)| format!("{name} {}", change.words()))
                .collect();
            format!("{whose}: {}.", regions.join(", "))
        })
        .collect();
    each.join(" ")
}

/// Mean levels of the source and the render by region, outside and inside apart, dB FS, from the
/// columns of the spectrogram: `[outside or inside][before or after][region]`.
pub(super) fn mean_levels(measurements: &Measurements, spans: &[CueSpan]) -> [Option<[[f32; 3]; 2]>; 2] {
    let spectrogram = &measurements.spectrogram;
    let region_of = |hz: f32| usize::from(hz >= 353.6) + usize::from(hz >= 2828.4);
    let mut sums = [[[0.0_f64; 3]; 2]; 2];
    let mut columns = [0_u32; 2];
    for column in 0..spectrogram.before_db_fs[0].len() {
        let from = column as u64 * spectrogram.column_samples;
        let to = from + spectrogram.column_samples;
        let inside = spans.iter().any(|span| span.enter_ends_samples <= from && span.leave_begins_samples >= to);
        let touched = spans.iter().any(|span| span.enter_begins_samples < to && span.leave_ends_samples > from);
        let section = match (inside, touched) {
            (true, _) => 1,
            (false, false) => 0,
            (false, true) => continue,
        };
        columns[section] += 1;
        for (side, ears) in [&spectrogram.before_db_fs, &spectrogram.after_db_fs].into_iter().enumerate() {
            for ear in ears {
                for (hz, db) in spectrogram.centres_hz.iter().zip(&ear[column]) {
                    if *db > Spectrogram::FLOOR_DB_FS {
                        sums[section][side][region_of(*hz)] += 0.5 * 10.0_f64.powf(f64::from(*db) / 10.0);
                    }
                }
            }
        }
    }
    [0, 1].map(|section| {
        (columns[section] > 0).then(|| {
            sums[section].map(|regions| {
                regions.map(|power| {
                    let mean = power / f64::from(columns[section]);
                    if mean > 0.0 { (10.0 * mean.log10()) as f32 } else { Spectrogram::FLOOR_DB_FS }
                })
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(before: f32, after: [f32; 2]) -> SpanLevels {
        SpanLevels { frames: 10, before_db_fs: [[before; 9]; 2], after_db_fs: [[after[0]; 9], [after[1]; 9]] }
    }

    #[test]
    fn both_ears_share_a_line_until_they_differ() {
        let calibration = Calibration::default();
        let same = changes(&levels(-30.0, [-42.0, -42.0]), &calibration);
        assert_eq!(same.len(), 1);
        assert!(matches!(same[0].octaves[4], Change::By(db) if (db + 12.0).abs() < 0.01));
        assert_eq!(
            in_words(&same),
            "Against the outside: below 350 Hz \u{2212}12 dB, 350 Hz to 2.8 kHz \u{2212}12 dB, above 2.8 kHz \u{2212}12 dB."
        );
        let apart = changes(&levels(-30.0, [-30.0, -120.0]), &calibration);
        assert_eq!(apart.iter().map(|of| of.whose).collect::<Vec<_>>(), [Whose::Left, Whose::Right]);
        assert_eq!(apart[0].regions[0].words(), "as it was");
        assert_eq!(apart[1].regions[2].words(), "gone (\u{2212}90 dB)");
        let said = in_words(&apart);
        assert!(said.ends_with("At the right ear: nothing is heard."), "{said}");
        let deaf = in_words(&changes(&levels(-30.0, [Spectrogram::FLOOR_DB_FS; 2]), &calibration));
        assert_eq!(deaf, "Against the outside: nothing is heard.");
    }

    #[test]
    fn what_cannot_be_heard_is_gone() {
        // At 1 kHz a healthy ear hears from 2.4 dB SPL, -97.6 dB FS with the default calibration.
        let calibration = Calibration::default();
        assert!(can_be_heard(-97.0, 4, &calibration) && !can_be_heard(-98.0, 4, &calibration));
        let none = changes(&levels(-120.0, [-120.0, -120.0]), &calibration);
        assert_eq!(none[0].octaves[4], Change::NothingThere);
        assert!(changes(&SpanLevels { frames: 0, ..levels(-30.0, [-30.0; 2]) }, &calibration).is_empty());
    }
}
