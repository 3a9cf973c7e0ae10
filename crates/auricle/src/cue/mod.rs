//! The cue sheet: when we are inside whose hearing.

mod check;
mod form;
mod moment;
mod read;
mod time;
mod timecode;

pub use form::schema;
pub use timecode::{Timecode, TimecodeError};

use std::ops::Range;

use crate::fault::Faults;
use crate::level::Calibration;

/// A cue sheet as its file says it, times resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct CueSheet {
    /// What the sheet is called.
    pub title: String,
    /// The listener of every cue that names none: a path beside the sheet, or `preset:NAME`.
    pub listener: Option<String>,
    /// Line of `listener` in the file, from 1; 0 where the file has none.
    pub listener_line: usize,
    /// Seed of everything random: flicker, tinnitus, dither.
    pub seed: u64,
    /// What digital levels stand for.
    pub calibration: Calibration,
    /// The picture that times refer to.
    pub picture: Picture,
    /// Cues in ascending order of `enters`.
    pub cues: Vec<Cue>,
}

/// What could be read of a cue sheet, and what was wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The sheet; to be used only where none of the faults is an error.
    pub sheet: CueSheet,
    /// Cues of which a time could not be read, which is a fault: good for checking the rest of them.
    pub untimed: Vec<Cue>,
    /// Every fault, in the order of the lines.
    pub faults: Faults,
}

/// Frames per second, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate {
    /// 24000 of 24000/1001.
    pub numerator: u32,
    /// 1001 of 24000/1001.
    pub denominator: u32,
    /// Timecode drops frame numbers (only at 30000/1001 and 60000/1001).
    pub drop_frame: bool,
}

/// The picture of a cue sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Picture {
    /// Frame rate; without it the sheet can use times only.
    pub frame_rate: Option<FrameRate>,
    /// Number of the first frame, counted from timecode 00:00:00:00.
    pub start_frames: i64,
}

/// An exact moment, in seconds from the first frame, as a fraction; compared by time.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Numerator in seconds.
    pub numerator: i64,
    /// Denominator, above 0.
    pub denominator: i64,
}

/// A span of time inside a listener's hearing.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    /// First moment inside, before `enter.lead` is taken off.
    pub enters: Moment,
    /// First moment outside again, before `leave.lead` is taken off; `None`: the end of the film.
    pub leaves: Option<Moment>,
    /// Overrides the sheet's listener.
    pub listener: Option<String>,
    /// Name of the listener's state; empty: its first.
    pub state: String,
    /// How the cue enters.
    pub enter: Transition,
    /// How it leaves.
    pub leave: Transition,
    /// Memory bleed: clear sound kept at this level, dB, below 0.
    pub bleed_db: Option<f64>,
    /// Whether tinnitus is heard in this cue.
    pub tinnitus: bool,
    /// Caption on entering, without brackets; `None`: derived from the state.
    pub caption: Option<String>,
    /// Line of the cue in its file, from 1.
    pub line: usize,
    /// Lines of its fields.
    pub field_lines: FieldLines,
}

/// Lines of a cue's fields in its file, from 1; that of the cue where the field is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldLines {
    /// Number of the cue in its file, from 1, in the order of the file: the 2 of `cue[2].state`.
    pub number: usize,
    /// Line of `in`.
    pub enters: usize,
    /// Line of `out`.
    pub leaves: usize,
    /// Line of `listener`.
    pub listener: usize,
    /// Line of `state`.
    pub state: usize,
}

/// The shapes by which one enters or leaves a listener's hearing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// A hard cut, faded over 1-10 ms so that it cannot click.
    #[default]
    Cut,
    /// A fade of 30-150 ms.
    Pop,
    /// Thresholds move between healthy and the state over seconds or minutes.
    Drift,
}

/// How a cue enters or leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transition {
    /// Its shape.
    pub shape: Shape,
    /// Its duration, ms.
    pub ms: f64,
    /// By how much sound runs before picture; negative: behind it.
    pub lead: Moment,
}

/// Where one cue stands on the sample grid; the four moments ascend.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CueSpan {
    /// Index into [`CueSheet::cues`].
    pub cue: usize,
    /// Listener's name.
    pub listener: String,
    /// State's name.
    pub state: String,
    /// First sample that is not wholly outside.
    pub enter_begins_samples: u64,
    /// First sample wholly inside.
    pub enter_ends_samples: u64,
    /// First sample no longer wholly inside.
    pub leave_begins_samples: u64,
    /// First sample wholly outside again.
    pub leave_ends_samples: u64,
}

/// Whether `spans[one]` is heard over `spans[other]` where both last: the cue that entered last lies on top, and of
/// two that enter at once that of the listener whom the sheet names later.
pub fn lies_over(spans: &[CueSpan], one: usize, other: usize) -> bool {
    let begins = |index: usize| spans[index].enter_begins_samples;
    if begins(one) != begins(other) {
        return begins(one) > begins(other);
    }
    let named = |index: usize| spans.iter().position(|span| span.listener == spans[index].listener);
    (named(one), one) > (named(other), other)
}

/// The stretches of `within` in which nothing lies over `spans[index]`, ascending, none empty, in samples.
pub fn uncovered(spans: &[CueSpan], index: usize, within: Range<u64>) -> Vec<Range<u64>> {
    let mut over: Vec<Range<u64>> = (0..spans.len())
        .filter(|other| *other != index)
        .map(|other| (other, spans[other].enter_begins_samples..spans[other].leave_ends_samples))
        .filter(|(_, span)| !span.is_empty() && span.start < within.end && span.end > within.start)
        .filter(|(other, _)| lies_over(spans, *other, index))
        .map(|(_, span)| span)
        .collect();
    over.sort_by_key(|span| span.start);
    let mut free = Vec::new();
    let mut from = within.start;
    for span in over {
        if from < span.start {
            free.push(from..span.start);
        }
        from = from.max(span.end);
    }
    if from < within.end {
        free.push(from..within.end);
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(listener: &str, enters: u64, leaves: u64) -> CueSpan {
        CueSpan {
            cue: 0,
            listener: listener.into(),
            state: String::new(),
            enter_begins_samples: enters,
            enter_ends_samples: enters,
            leave_begins_samples: leaves,
            leave_ends_samples: leaves,
        }
    }

    #[test]
    fn what_entered_last_lies_on_top() {
        let spans = [
            span("a", 10, 100),
            span("b", 20, 40),
            span("b", 60, 60),
            span("c", 35, 50),
            span("a", 100, 120),
            span("b", 100, 110),
            span("b", 5, 8),
        ];
        let free = |index: usize, within: Range<u64>| -> Vec<(u64, u64)> {
            uncovered(&spans, index, within).into_iter().map(|part| (part.start, part.end)).collect()
        };
        assert_eq!(free(0, 10..100), [(10, 20), (50, 100)]);
        assert_eq!(free(0, 22..45), []);
        assert_eq!(free(1, 20..40), [(20, 35)]);
        assert_eq!(free(3, 35..50), [(35, 50)]);
        // Both enter at once: "b" is named after "a".
        assert_eq!(free(4, 100..120), [(110, 120)]);
        assert_eq!(free(5, 100..110), [(100, 110)]);
    }
}
