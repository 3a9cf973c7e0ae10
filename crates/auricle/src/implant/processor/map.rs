//! The map: which current each channel's magnitude becomes on its electrode, and back.

use super::super::pulse::MAX_CURRENT_LEVEL;
use super::current::CurrentScale;
use super::growth::Growth;

/// The range of one electrode, clinical units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) t_level: f64,
    pub(super) c_level: f64,
}

impl Range {
    /// What lies between this and another range, as far on the way as `share` says.
    pub(super) fn towards(&self, other: Self, share: f64) -> Self {
        Self {
            t_level: self.t_level + share * (other.t_level - self.t_level),
            c_level: self.c_level + share * (other.c_level - self.c_level),
        }
    }
}

/// Growth, ranges and currents of a device.
#[derive(Debug, Clone)]
pub(super) struct Map {
    pub(super) growth: Growth,
    pub(super) scale: CurrentScale,
    volume: f64,
    /// Of the array's electrodes, from 1 at the base.
    ranges: Vec<Range>,
    /// Of the levels 0 to 255, as pulses state them.
    current_ua: Vec<f32>,
}

impl Map {
    pub(super) fn new(growth: Growth, scale: CurrentScale, volume: f64, ranges: Vec<Range>) -> Self {
        let current_ua = (0..=MAX_CURRENT_LEVEL).map(|level| scale.current_ua(f64::from(level)) as f32).collect();
        Self { growth, scale, volume, ranges, current_ua }
    }

    /// The range of an electrode of the array.
    pub(super) fn range(&self, electrode: u8) -> Option<Range> {
        self.ranges.get(usize::from(electrode).checked_sub(1)?).copied()
    }

    /// The current level for a magnitude in a range: `T + (C - T) volume v`, rounded; `None` below the base.
    #[inline]
    pub(super) fn level(&self, range: Range, magnitude: f64) -> Option<u16> {
        if magnitude < self.growth.base() {
            return None;
        }
        let level = range.t_level + (range.c_level - range.t_level) * self.volume * self.growth.value(magnitude);
        // No level is negative, so that cutting off is rounding down.
        Some((level + 0.5) as u16)
    }

    /// Microamperes of a whole level.
    #[inline]
    pub(super) fn current_ua(&self, level: u16) -> f32 {
        self.current_ua[usize::from(level.min(MAX_CURRENT_LEVEL))]
    }

    /// The magnitude that a current in a range stands for at full volume; `None` below T, which is not heard.
    ///
    /// Half a unit below T is T: whole levels were rounded.
    pub(super) fn magnitude(&self, range: Range, current_ua: f64) -> Option<f64> {
        if current_ua.is_nan() || current_ua <= 0.0 {
            return None;
        }
        let level = self.scale.level(current_ua);
        if level < range.t_level - 0.5 {
            return None;
        }
        let span = range.c_level - range.t_level;
        // Where there is no range at all, what is heard is heard at comfort.
        let v = if span > 0.0 { (level - range.t_level) / span } else { 1.0 };
        Some(self.growth.magnitude(v))
    }
}
