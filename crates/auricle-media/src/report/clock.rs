//! When, as the user's own cue sheet would say it: timecode where the picture has a rate, clock time
//! where it has none.

use auricle::cue::{FrameRate, Picture, Timecode};

/// Most labels along the time axis.
const MOST_TICKS: f64 = 10.0;
/// Steps between labels, seconds.
const STEPS_SECS: [u32; 19] =
    [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200];

/// Says when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    sample_rate_hz: f64,
    /// Rate and number of the first frame, where timecode is defined for the rate.
    timecode: Option<(FrameRate, i64)>,
}

/// A label on the time axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) secs: f64,
    pub(super) label: String,
}

impl Clock {
    pub(super) fn new(sample_rate_hz: u32, picture: Picture) -> Self {
        let timecode = picture
            .frame_rate
            .filter(|rate| Timecode::from_frames(0, *rate).is_ok())
            .map(|rate| (rate, picture.start_frames));
        Self { sample_rate_hz: f64::from(sample_rate_hz.max(1)), timecode }
    }

    /// What the labels are: "timecode at 24000/1001 frames a second", "minutes and seconds".
    pub(super) fn describe(&self) -> String {
        match self.timecode {
            Some((rate, _)) => {
                let drop = if rate.drop_frame { ", drop-frame" } else { "" };
                format!("timecode at {}/{} frames a second{drop}", rate.numerator, rate.denominator).replace("/1 ", " ")
            }
            None => "minutes and seconds".to_owned(),
        }
    }

    pub(super) fn secs(&self, samples: u64) -> f64 {
        samples as f64 / self.sample_rate_hz
    }

    /// The label of the frame a sample lies in, or the time to the millisecond.
    pub(super) fn at(&self, samples: u64) -> String {
        self.at_secs(self.secs(samples))
    }

    fn at_secs(&self, secs: f64) -> String {
        if let Some((rate, start)) = self.timecode {
            // A sample on the edge of a frame belongs to it, whichever way its number was rounded.
            let frame = (secs * rate.fps() + 0.01).floor() as i64;
            if let Ok(timecode) = Timecode::from_frames(start + frame, rate) {
                return timecode.to_string();
            }
        }
        let ms = (secs * 1000.0).round() as u64;
        let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
        let (secs, ms) = (ms / 1000 % 60, ms % 1000);
        if hours > 0 {
            format!("{hours}:{minutes:02}:{secs:02}.{ms:03}")
        } else {
            format!("{minutes}:{secs:02}.{ms:03}")
        }
    }

    /// Labels for a film of `length_secs`.
    pub(super) fn ticks(&self, length_secs: f64) -> Vec<Tick> {
        let step_secs = STEPS_SECS.into_iter().find(|step| length_secs / f64::from(*step) <= MOST_TICKS);
        let step_secs = step_secs.unwrap_or(86_400);
        if let Some((rate, _)) = self.timecode
            && let Some(base) = rate.timecode_base()
        {
            let step_frames = f64::from(step_secs) * f64::from(base);
            let step = step_frames / rate.fps();
            return (0_u32..)
                .map(|n| f64::from(n) * step)
                .take_while(|secs| *secs < length_secs)
                .map(|secs| Tick { secs, label: self.at_secs(secs) })
                .collect();
        }
        (0_u32..)
            .map(|n| f64::from(n) * f64::from(step_secs))
            .take_while(|secs| *secs < length_secs)
            .map(|secs| {
                let whole = secs as u64;
                let label = match (whole / 3600, whole / 60 % 60, whole % 60) {
                    (0, minutes, secs) => format!("{minutes}:{secs:02}"),
                    (hours, minutes, secs) => format!("{hours}:{minutes:02}:{secs:02}"),
                };
                Tick { secs, label }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_the_labels_of_their_frames() {
        let rate = FrameRate { numerator: 24_000, denominator: 1001, drop_frame: false };
        let picture = Picture { frame_rate: Some(rate), start_frames: 24 * 3600 };
        let clock = Clock::new(48_000, picture);
        assert_eq!(clock.at(0), "01:00:00:00");
        // Frame 300 begins at 300 * 2002 samples.
        assert_eq!((clock.at(300 * 2002), clock.at(300 * 2002 - 100)), ("01:00:12:12".into(), "01:00:12:11".into()));
        let ticks = clock.ticks(52.0);
        assert_eq!(ticks[1].label, "01:00:10:00");
        assert!((ticks[1].secs - 10.01).abs() < 1e-9 && ticks.len() == 6);
    }

    #[test]
    fn without_a_rate_time_is_a_clock() {
        let clock = Clock::new(48_000, Picture::default());
        assert_eq!((clock.at(24_000), clock.at(48_000 * 3661)), ("0:00.500".into(), "1:01:01.000".into()));
        for length_secs in [0.0, 0.5, 9.0, 61.0, 5400.0, 100_000.0] {
            assert!(clock.ticks(length_secs).len() <= 11);
        }
    }
}
