//! What moves, from what is played: arms, cymbals, the beat.

use crate::demo::score::{Drum, GIG_ENDS_SECS, SONG_BEGINS_SECS, Score, Stroke};

/// The moving facts of the gig at one time.
pub(crate) struct Motion {
    left: Vec<f64>,
    right: Vec<f64>,
    strokes: Vec<Stroke>,
    guitar: Vec<f64>,
    voice: Vec<(f64, f64)>,
}

impl Motion {
    /// From the score.
    pub(crate) fn new(score: &Score) -> Self {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let mut fills = 0;
        for stroke in &score.drums {
            match stroke.drum {
                Drum::Kick => {}
                Drum::Sticks => {
                    left.push(stroke.at_secs);
                    right.push(stroke.at_secs);
                }
                Drum::ClosedHat | Drum::OpenHat | Drum::Crash | Drum::Ride => right.push(stroke.at_secs),
                Drum::Snare if stroke.velocity > 0.85 => left.push(stroke.at_secs),
                Drum::Snare if stroke.velocity < 0.4 => left.push(stroke.at_secs),
                Drum::Snare | Drum::TomHigh | Drum::TomMid | Drum::TomFloor => {
                    fills += 1;
                    if fills % 2 == 0 { &mut left } else { &mut right }.push(stroke.at_secs);
                }
            }
        }
        Self {
            left,
            right,
            strokes: score.drums.clone(),
            guitar: score.guitar.iter().map(|n| n.at_secs).collect(),
            voice: score.voice.iter().map(|n| (n.at_secs, n.at_secs + n.secs)).collect(),
        }
    }

    /// How high the left stick is, 0 on the skin, 1 raised.
    pub(crate) fn left_stick(&self, at_secs: f64) -> f32 {
        swing(&self.left, at_secs)
    }

    /// How high the right stick is.
    pub(crate) fn right_stick(&self, at_secs: f64) -> f32 {
        swing(&self.right, at_secs)
    }

    /// Seconds since this was last struck, and how hard; a long time if never.
    pub(crate) fn since(&self, at_secs: f64, drum: impl Fn(Drum) -> bool) -> (f32, f32) {
        let end = self.strokes.partition_point(|s| s.at_secs <= at_secs);
        self.strokes[..end]
            .iter()
            .rev()
            .find(|s| drum(s.drum))
            .map_or((99.0, 0.0), |s| ((at_secs - s.at_secs) as f32, s.velocity as f32))
    }

    /// The pick's way across the strings, -1..1.
    pub(crate) fn strum(&self, at_secs: f64) -> f32 {
        let next = self.guitar.partition_point(|&t| t <= at_secs);
        let side = if next % 2 == 0 { 1.0 } else { -1.0 };
        let Some(last) = next.checked_sub(1).map(|i| self.guitar[i]) else { return -1.0 };
        let since = ((at_secs - last) / 0.09).min(1.0) as f32;
        side * (2.0 * since - 1.0)
    }

    /// Whether the singer sings, 0..1.
    pub(crate) fn singing(&self, at_secs: f64) -> f32 {
        let sung = self.voice.iter().any(|v| at_secs >= v.0 - 0.04 && at_secs < v.1);
        if sung { 1.0 } else { 0.0 }
    }
}

/// A pulse of the beat: 1 on it, falling to 0; 0 outside the song.
pub(crate) fn pulse(at_secs: f64) -> f32 {
    if !(SONG_BEGINS_SECS..GIG_ENDS_SECS - 1.5).contains(&at_secs) {
        return 0.0;
    }
    let phase = ((at_secs - SONG_BEGINS_SECS) / 0.5).fract() as f32;
    (1.0 - phase).powi(3)
}

/// Rises after a stroke, hangs, and falls onto the next.
fn swing(hits: &[f64], at_secs: f64) -> f32 {
    let next = hits.partition_point(|&t| t <= at_secs);
    let after = next.checked_sub(1).map_or(9.0, |i| at_secs - hits[i]);
    let before = hits.get(next).map_or(9.0, |t| t - at_secs);
    // Between close strokes the stick stays low.
    let room = ((after + before) / 0.42).clamp(0.35, 1.0);
    let rise = (after / 0.13).min(1.0);
    let fall = (before / 0.075).min(1.0);
    let rest = if after > 1.2 && before > 1.2 { 0.45 } else { 1.0 };
    (rise.sqrt() * fall * room * rest) as f32
}
