//! The ways in which a cue sheet may say when: timecode, clock time, seconds, frames.

use super::timecode::Timecode;
use super::{Moment, Picture};
use crate::form::Complaint;
use crate::form::source::quote;

/// Latest moment that a cue sheet may name, seconds: 1000 hours.
pub(crate) const MAX_SECS: f64 = 3_600_000.0;

/// A time as written, before the picture's frame rate gives frames a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// A label on a frame.
    Timecode(Timecode),
    /// Frames from the first one.
    Frames(i64),
    /// A moment from the first frame on.
    Clock(Moment),
}

/// The grammar of times as a regular expression, with other words allowed before it.
macro_rules! time_pattern {
    ($others:literal) => {
        concat!(
            "^(",
            $others,
            "[0-9]{2}:[0-9]{2}:[0-9]{2}[:;][0-9]{2,3}",
            "|([0-9]{1,3}:)?[0-9]{1,2}:[0-9]{2}(\\.[0-9]{1,9})?",
            "|[0-9]{1,9}(\\.[0-9]{1,9})? ?(s|ms|min)",
            "|[0-9]{1,9} ?f)$"
        )
    };
}

/// The pattern of [`check`] (ECMA 262), but for the range of hours and the like.
pub(crate) const PATTERN: &str = time_pattern!("");

/// [`PATTERN`] or the word "end".
pub(crate) const END_OR_TIME_PATTERN: &str = time_pattern!("end|");

const HELP: &str =
    "write timecode \"01:00:12:12\", clock time \"00:00:12.500\", seconds \"12.5 s\" or frames \"300 f\"";

/// Whether `text` is a time at all.
pub(crate) fn check(text: &str) -> Result<(), Complaint> {
    read(text).map(|_| ())
}

/// Reads a time.
pub(crate) fn read(text: &str) -> Result<Written, Complaint> {
    if let Some(timecode) = Timecode::parse(text) {
        return Ok(Written::Timecode(timecode));
    }
    let written = if text.contains(':') { clock(text).map(Written::Clock) } else { quantity(text) };
    written.ok_or_else(|| Complaint::new(format!("{} is not a time", quote(text)), HELP)).and_then(|written| {
        match written {
            Written::Clock(moment) if moment.secs() > MAX_SECS => {
                Err(Complaint::new(format!("{} is later than 1000 hours", quote(text)), HELP))
            }
            written => Ok(written),
        }
    })
}

/// "HH:MM:SS.fff" or "MM:SS.fff".
fn clock(text: &str) -> Option<Moment> {
    let (text, secs) = text.rsplit_once(':')?;
    let (hours, minutes) = text.split_once(':').unwrap_or(("0", text));
    let digits = |text: &str, most: usize| -> Option<i128> {
        let plain = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if plain { text.parse().ok() } else { None }
    };
    let (hours, minutes) = (digits(hours, 3)?, digits(minutes, 2).filter(|minutes| *minutes < 60)?);
    let (whole, part) = secs.split_once('.').unwrap_or((secs, "0"));
    if whole.len() != 2 || digits(whole, 2)? > 59 {
        return None;
    }
    digits(part, 9)?;
    let (secs, scale) = decimal(secs)?;
    Moment::from_wide((hours * 60 + minutes) * 60 * scale + secs, scale)
}

/// A number with a unit.
fn quantity(text: &str) -> Option<Written> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.')?);
    let number_is_plain = number.split_once('.').is_none_or(|(whole, part)| !whole.is_empty() && !part.is_empty());
    let (value, scale) = decimal(number).filter(|_| number_is_plain && !number.is_empty())?;
    match unit.strip_prefix(' ').unwrap_or(unit) {
        "s" => Moment::from_wide(value, scale).map(Written::Clock),
        "ms" => Moment::from_wide(value, scale * 1_000).map(Written::Clock),
        "min" => Moment::from_wide(value * 60, scale).map(Written::Clock),
        "f" if scale == 1 => i64::try_from(value).ok().map(Written::Frames),
        _ => None,
    }
}

/// "12.50" as (1250, 100): at most nine digits on either side of the point.
fn decimal(text: &str) -> Option<(i128, i128)> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return None;
    }
    let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
    Some((format!("{whole}{part}").parse().ok()?, scale))
}

/// Reads a TOML number as seconds, exactly as its digits say: no binary rounding of 0.1.
pub(crate) fn seconds(digits: &str) -> Option<Moment> {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (value, scale) = decimal(mantissa.strip_prefix('+').unwrap_or(mantissa))?;
    let power = 10_i128.checked_pow(exponent.unsigned_abs()).filter(|_| exponent.abs() <= 12)?;
    if exponent < 0 { Moment::from_wide(value, scale * power) } else { Moment::from_wide(value * power, scale) }
}

impl Written {
    /// The moment meant, from the first frame of `picture`.
    pub(crate) fn resolve(self, picture: Picture) -> Result<Moment, Complaint> {
        let rate = || {
            picture.frame_rate.ok_or_else(|| {
                let help = "write [picture] frame_rate = \"24000/1001\", or a time: \"00:00:12.500\"";
                Complaint::new("frames and timecode need the picture's frame rate", help)
            })
        };
        let frames = match self {
            Self::Clock(moment) => return Ok(moment),
            Self::Frames(frames) => frames,
            Self::Timecode(timecode) => {
                let rate = rate()?;
                let label = timecode.to_frames(rate).map_err(|error| Complaint::new(error.to_string(), ""))?;
                let frames = label - picture.start_frames;
                if frames < 0 {
                    let start = Timecode::from_frames(picture.start_frames, rate);
                    let start = start.map(|start| start.to_string()).unwrap_or_default();
                    let message = format!("timecode {timecode} lies before the film's first frame, {start}");
                    return Err(Complaint::new(message, "picture.start says the first frame's timecode"));
                }
                frames
            }
        };
        Moment::from_frames(frames, rate()?)
            .filter(|moment| moment.secs() <= MAX_SECS)
            .ok_or_else(|| Complaint::new("is later than 1000 hours", HELP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cue::FrameRate;
    use proptest::prelude::*;

    fn picture() -> Picture {
        Picture { frame_rate: FrameRate::parse("24000/1001").ok(), start_frames: 86_400 }
    }

    fn moment(text: &str) -> Moment {
        read(text).unwrap().resolve(picture()).unwrap()
    }

    #[test]
    fn one_moment_in_every_notation() {
        let expected = Moment::new(25, 2).unwrap();
        for text in ["00:00:12.500", "0:12.5", "0:00:12.5", "12.5 s", "12.5s", "12500 ms", "12.500000000 s"] {
            assert_eq!(moment(text), expected, "{text}");
        }
        assert_eq!(seconds("12.5"), Some(expected));
        assert_eq!(seconds("1.25e1"), Some(expected));
        assert_eq!(seconds("125e-1"), Some(expected));
        assert_eq!(moment("2 min"), Moment::new(120, 1).unwrap());
        assert_eq!(moment("300 f"), Moment::new(300 * 1_001, 24_000).unwrap());
        assert_eq!(moment("01:00:12:12"), moment("300 f"));
        assert_eq!(seconds("0.1"), Moment::new(1, 10));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            " ",
            "12",
            "12.5",
            "12,5 s",
            "1:2:3",
            "00:00:60.0",
            "00:61:00.0",
            ":",
            "::",
            "1:00:",
            "-1 s",
            "1e3 s",
            "12 h",
            "s",
            ".5 s",
            "5. s",
            "1.5 f",
            "00:00:12.",
            "00:00:12.1234567890",
            "12  s",
            "9999999999 s",
            "999999999 s",
            "1000:00:00",
            "٣ s",
            "12 S",
            "12.5.5 s",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        for digits in ["", "x", "1e999", "1e-999", "nan", "inf", "0.1234567891"] {
            assert_eq!(seconds(digits), None, "{digits}");
        }
    }

    #[test]
    fn frames_need_a_rate_and_a_start_not_after_them() {
        let none = Picture::default();
        for text in ["300 f", "01:00:12:12"] {
            let complaint = read(text).unwrap().resolve(none).unwrap_err();
            assert!(complaint.message.contains("frame rate"), "{complaint:?}");
        }
        let early = read("00:59:59:23").unwrap().resolve(picture()).unwrap_err();
        assert!(early.message.contains("01:00:00:00"), "{early:?}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            if let Ok(written) = read(&text) {
                let _ = written.resolve(picture());
            }
            let _ = seconds(&text);
        }

        #[test]
        fn times_of_any_make_are_read_or_refused(text in "[0-9:;. smfin]{0,20}") {
            if let Ok(written) = read(&text) {
                let _ = written.resolve(picture());
            }
        }

        #[test]
        fn milliseconds_are_exact(ms in 0_i64..360_000_000) {
            let text = format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000);
            prop_assert_eq!(moment(&text), Moment::new(ms, 1_000).unwrap());
            prop_assert_eq!(moment(&text).to_string(), text);
        }
    }
}
