//! Timecode and frame numbers, drop-frame and not (SMPTE ST 12-1).
//!
//! Timecode counts frames in whole numbers a second: 24 a second at 24000/1001, 30 at 30000/1001. At
//! those rates it falls behind the clock by 3.6 s an hour. Drop-frame timecode makes up for it at
//! 30000/1001 and 60000/1001 by skipping *numbers*, never frames: the first two (four at 60) of every
//! minute except each tenth.

use std::fmt;

use super::FrameRate;
use crate::form::Complaint;
use crate::form::source::quote;

/// A frame's label: hours, minutes, seconds and frames, each from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timecode {
    /// 0-23.
    pub hours: u8,
    /// 0-59.
    pub minutes: u8,
    /// 0-59.
    pub seconds: u8,
    /// 0 to frames a second less 1.
    pub frames: u16,
    /// Written with a semicolon, as drop-frame timecode is.
    pub drop_frame: bool,
}

/// Why a timecode names no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimecodeError {
    /// Timecode is defined for whole frame rates and for those divided by 1.001.
    #[error("timecode is not defined for {0} frames a second")]
    Rate(FrameRate),
    /// Hours, minutes or seconds are too large.
    #[error("hours end at 23, minutes and seconds at 59")]
    Clock,
    /// The frame number is as large as the number of frames in a second, or larger.
    #[error("frames go from 0 to {last} at {rate} frames a second")]
    Frames {
        /// Highest frame number within a second.
        last: u32,
        /// The rate.
        rate: FrameRate,
    },
    /// Drop-frame timecode skips this number.
    #[error("drop-frame timecode has no such frame: it skips the first {dropped} numbers of this minute")]
    Dropped {
        /// Numbers that are skipped.
        dropped: u32,
    },
    /// Drop-frame notation at a rate that drops no numbers.
    #[error("a semicolon means drop-frame timecode, and the picture's is not")]
    NotDropFrame,
}

impl FrameRate {
    /// Frames a second as a float.
    pub fn fps(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// Frames that timecode counts in a second: 24 at 24000/1001; `None` where the rate is neither whole
    /// nor whole divided by 1.001, so that timecode is not defined.
    pub fn timecode_base(self) -> Option<u32> {
        let (numerator, denominator) = (u64::from(self.numerator), u64::from(self.denominator));
        let base = if denominator > 0 && numerator % denominator == 0 {
            numerator / denominator
        } else if denominator > 0 && (numerator * 1_001) % (denominator * 1_000) == 0 {
            numerator * 1_001 / (denominator * 1_000)
        } else {
            return None;
        };
        u32::try_from(base).ok()
    }

    /// Frame numbers that drop-frame timecode skips a minute: 2 at 30000/1001, 4 at 60000/1001; `None`
    /// where drop-frame timecode is not defined.
    pub fn dropped_a_minute(self) -> Option<u32> {
        match (self.timecode_base(), self.numerator % self.denominator.max(1)) {
            (Some(30), 1..) => Some(2),
            (Some(60), 1..) => Some(4),
            _ => None,
        }
    }

    /// Reads a frame rate: "25", "24000/1001", "23.976", "30000/1001 drop", "29.97 drop".
    ///
    /// The decimal names 23.976 (23.98), 29.97, 47.952 (47.95), 59.94 and 119.88 stand for the exact
    /// fractions over 1001. Rates go from 1 to 1000 frames a second.
    ///
    /// # Errors
    /// What is wrong with the text, for a person.
    pub fn parse(text: &str) -> Result<Self, String> {
        check_rate(text).map_err(|complaint| complaint.message)
    }
}

/// Decimal names of the rates over 1001.
const DECIMAL_NAMES: [(&str, u32); 7] = [
    ("23.976", 24_000),
    ("23.98", 24_000),
    ("29.97", 30_000),
    ("47.952", 48_000),
    ("47.95", 48_000),
    ("59.94", 60_000),
    ("119.88", 120_000),
];

/// The pattern of [`check_rate`] (ECMA 262), but for the range and the rates that can drop frames.
pub(crate) const RATE_PATTERN: &str = "^[1-9][0-9]{0,6}(/[1-9][0-9]{0,6}|\\.[0-9]{1,3})?( drop)?$";

/// Reads a frame rate, or says what is wrong with it.
pub(crate) fn check_rate(text: &str) -> Result<FrameRate, Complaint> {
    let help = "write \"25\", \"24000/1001\" or \"30000/1001 drop\"";
    let unreadable = || Complaint::new(format!("{} is not a frame rate", quote(text)), help);
    let (number, drop_frame) = match text.strip_suffix(" drop") {
        Some(number) => (number, true),
        None => (text, false),
    };
    let whole = |digits: &str| -> Option<u32> {
        let plain = (1..=7).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if plain && !digits.starts_with('0') { digits.parse().ok() } else { None }
    };
    let (numerator, denominator) = if let Some((top, bottom)) = number.split_once('/') {
        (whole(top).ok_or_else(unreadable)?, whole(bottom).ok_or_else(unreadable)?)
    } else if let Some(&(_, numerator)) = DECIMAL_NAMES.iter().find(|(name, _)| *name == number) {
        (numerator, 1_001)
    } else if let Some((units, part)) = number.split_once('.') {
        let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let part_value: u32 = part.parse().ok().filter(|_| digits).ok_or_else(unreadable)?;
        let scale = [1, 10, 100, 1_000][part.len()];
        let units = whole(units).ok_or_else(unreadable)?;
        (units.checked_mul(scale).and_then(|n| n.checked_add(part_value)).ok_or_else(unreadable)?, scale)
    } else {
        (whole(number).ok_or_else(unreadable)?, 1)
    };
    if numerator < denominator || u64::from(numerator) > 1_000 * u64::from(denominator) {
        return Err(Complaint::new("frame rates go from 1 to 1000 frames a second", help));
    }
    let (numerator, denominator) = lowest_terms(numerator, denominator);
    let rate = FrameRate { numerator, denominator, drop_frame };
    if drop_frame && rate.dropped_a_minute().is_none() {
        return Err(Complaint::new(
            "drop-frame timecode exists only at 30000/1001 and 60000/1001",
            "leave \"drop\" out",
        ));
    }
    Ok(rate)
}

fn lowest_terms(numerator: u32, denominator: u32) -> (u32, u32) {
    let (mut a, mut b) = (numerator, denominator);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (numerator / a.max(1), denominator / a.max(1))
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.numerator)?;
        if self.denominator != 1 {
            write!(f, "/{}", self.denominator)?;
        }
        if self.drop_frame { write!(f, " drop") } else { Ok(()) }
    }
}

impl Timecode {
    /// Reads "HH:MM:SS:FF" or, drop-frame, "HH:MM:SS;FF"; `None` where the text is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let (clock, frames, drop_frame) = match text.rsplit_once(';') {
            Some((clock, frames)) => (clock, frames, true),
            None => text.rsplit_once(':').map(|(clock, frames)| (clock, frames, false))?,
        };
        let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| -> Option<u16> {
            let plain = lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            if plain { text.parse().ok() } else { None }
        };
        let mut parts = clock.split(':').map(|part| digits(part, 2..=2));
        let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            // Two digits fit.
            hours: hours as u8,
            minutes: minutes as u8,
            seconds: seconds as u8,
            frames: digits(frames, 2..=3)?,
            drop_frame,
        })
    }

    /// The frame this labels, counted from 00:00:00:00.
    ///
    /// # Errors
    /// [`TimecodeError`] where no frame has this label at `rate`.
    pub fn to_frames(self, rate: FrameRate) -> Result<i64, TimecodeError> {
        let base = rate.timecode_base().ok_or(TimecodeError::Rate(rate))?;
        if self.drop_frame && !rate.drop_frame {
            return Err(TimecodeError::NotDropFrame);
        }
        if self.hours > 23 || self.minutes > 59 || self.seconds > 59 {
            return Err(TimecodeError::Clock);
        }
        if u32::from(self.frames) >= base {
            return Err(TimecodeError::Frames { last: base.saturating_sub(1), rate });
        }
        let minutes = i64::from(self.hours) * 60 + i64::from(self.minutes);
        let label = (minutes * 60 + i64::from(self.seconds)) * i64::from(base) + i64::from(self.frames);
        let Some(dropped) = rate.dropped_a_minute().filter(|_| rate.drop_frame) else {
            return Ok(label);
        };
        if self.seconds == 0 && u32::from(self.frames) < dropped && !self.minutes.is_multiple_of(10) {
            return Err(TimecodeError::Dropped { dropped });
        }
        Ok(label - i64::from(dropped) * (minutes - minutes / 10))
    }

    /// The label of frame `frames`, counted from 00:00:00:00; starts again after 24 hours.
    ///
    /// # Errors
    /// [`TimecodeError::Rate`] where timecode is not defined for `rate`.
    pub fn from_frames(frames: i64, rate: FrameRate) -> Result<Self, TimecodeError> {
        let base = i64::from(rate.timecode_base().ok_or(TimecodeError::Rate(rate))?);
        let dropped = rate.dropped_a_minute().filter(|_| rate.drop_frame).map_or(0, i64::from);
        let frames_a_minute = 60 * base - dropped;
        let frames_in_ten_minutes = 600 * base - 9 * dropped;
        let frames = frames.rem_euclid(144 * frames_in_ten_minutes);
        let (tens, rest) = (frames / frames_in_ten_minutes, frames % frames_in_ten_minutes);
        // The first minute of ten drops nothing, so it is longer by `dropped`.
        let minutes_dropping = (rest - dropped).div_euclid(frames_a_minute).max(0);
        let label = frames + dropped * (9 * tens + minutes_dropping);
        let (secs, frame) = (label / base, label % base);
        // All within their types: secs < 86400, frame < base <= 1000.
        Ok(Self {
            hours: (secs / 3_600) as u8,
            minutes: (secs / 60 % 60) as u8,
            seconds: (secs % 60) as u8,
            frames: frame as u16,
            drop_frame: dropped > 0,
        })
    }
}

impl fmt::Display for Timecode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hours, minutes, seconds, frames, drop_frame } = self;
        let separator = if *drop_frame { ';' } else { ':' };
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}{separator}{frames:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(text: &str) -> FrameRate {
        FrameRate::parse(text).unwrap()
    }

    fn frames(text: &str, at: &str) -> Result<i64, TimecodeError> {
        Timecode::parse(text).unwrap().to_frames(rate(at))
    }

    const RATES: [&str; 7] = ["24", "25", "24000/1001", "30000/1001", "30000/1001 drop", "60000/1001 drop", "60"];

    #[test]
    fn rates_are_read_exactly() {
        assert_eq!(rate("25"), FrameRate { numerator: 25, denominator: 1, drop_frame: false });
        assert_eq!(rate("23.976"), rate("24000/1001"));
        assert_eq!(rate("29.97 drop"), rate("30000/1001 drop"));
        assert_eq!(rate("12.5"), FrameRate { numerator: 25, denominator: 2, drop_frame: false });
        assert_eq!(rate("48000/2002"), rate("24000/1001"));
        assert_eq!(rate("25.0"), rate("25"));
        for text in [
            "",
            "0",
            "25/0",
            "-25",
            "1001",
            "1/2",
            "abc",
            "25 fps",
            "25 drop",
            "24000/1001 drop",
            "99999999",
            "1e3",
            "25.",
            ".5",
            "25.1234",
            "٢٥",
            "25/",
            "/1",
            "30000/1001 Drop",
        ] {
            assert!(FrameRate::parse(text).is_err(), "{text}");
        }
        for text in RATES {
            assert_eq!(rate(text).to_string(), text);
        }
    }

    #[test]
    fn known_labels() {
        assert_eq!(frames("01:00:00:00", "24000/1001"), Ok(86_400));
        assert_eq!(frames("00:01:00;02", "30000/1001 drop"), Ok(1_800));
        assert_eq!(frames("00:10:00;00", "30000/1001 drop"), Ok(17_982));
        assert_eq!(frames("01:00:00;00", "30000/1001 drop"), Ok(107_892));
        assert_eq!(frames("00:01:00;04", "60000/1001 drop"), Ok(3_600));
    }

    #[test]
    fn labels_that_do_not_exist() {
        use TimecodeError::{Clock, Dropped, Frames, NotDropFrame, Rate};
        assert_eq!(frames("00:01:00;00", "30000/1001 drop"), Err(Dropped { dropped: 2 }));
        assert_eq!(frames("00:01:00:01", "30000/1001 drop"), Err(Dropped { dropped: 2 }));
        assert_eq!(frames("00:59:00;03", "60000/1001 drop"), Err(Dropped { dropped: 4 }));
        assert_eq!(frames("00:00:00:25", "25"), Err(Frames { last: 24, rate: rate("25") }));
        assert_eq!(frames("24:00:00:00", "25"), Err(Clock));
        assert_eq!(frames("00:60:00:00", "25"), Err(Clock));
        assert_eq!(frames("00:00:00;01", "25"), Err(NotDropFrame));
        assert_eq!(frames("00:00:00:01", "12.5"), Err(Rate(rate("12.5"))));
        for text in [
            "",
            "1:00:00:00",
            "00:00:00",
            "00:00:00.00",
            "00:00:00:0",
            "-1:00:00:00",
            "00:00:00:00:00",
            "00:00;00:00",
            "0٠:00:00:00",
        ] {
            assert_eq!(Timecode::parse(text), None, "{text}");
        }
    }

    /// Drop-frame timecode from its definition: count through every label of a day, skipping.
    #[test]
    fn every_frame_of_a_day_has_the_label_that_counting_gives() {
        for (text, base, dropped) in [("30000/1001 drop", 30, 2), ("60000/1001 drop", 60, 4), ("25", 25, 0)] {
            let rate = rate(text);
            let mut frame = 0_i64;
            for minute in 0..24 * 60_u32 {
                for second in 0..60_u32 {
                    for label in 0..base {
                        if second == 0 && label < dropped && minute % 10 != 0 {
                            continue;
                        }
                        let timecode = Timecode {
                            hours: (minute / 60) as u8,
                            minutes: (minute % 60) as u8,
                            seconds: second as u8,
                            frames: label as u16,
                            drop_frame: dropped > 0,
                        };
                        assert_eq!(Timecode::from_frames(frame, rate), Ok(timecode));
                        assert_eq!(timecode.to_frames(rate), Ok(frame));
                        frame += 1;
                    }
                }
            }
            assert_eq!(Timecode::from_frames(frame, rate).unwrap().to_frames(rate), Ok(0));
        }
    }

    proptest! {
        #[test]
        fn frames_come_back_over_a_day(at in prop::sample::select(RATES.to_vec()), place in 0.0..1.0_f64) {
            let rate = rate(at);
            let day = (place * 86_400.0 * rate.fps()) as i64;
            let timecode = Timecode::from_frames(day, rate).unwrap();
            prop_assert_eq!(timecode.to_frames(rate), Ok(day));
            prop_assert_eq!(Timecode::parse(&timecode.to_string()), Some(timecode));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,30}") {
            let _ = Timecode::parse(&text);
            let _ = FrameRate::parse(&text);
        }
    }
}
