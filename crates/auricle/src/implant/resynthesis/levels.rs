//! What currents stand for: the level of sound in a channel's band that a device makes each of its currents of.

use crate::implant::pulse::MAX_CURRENT_LEVEL;

/// Current levels there are.
const LEVELS: usize = MAX_CURRENT_LEVEL as usize + 1;

/// RMS amplitudes of the tones that each electrode's current levels stand for, 1.0 being digital full scale.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelTable {
    /// Microamperes, `[current level]`, ascending.
    current_ua: [f32; LEVELS],
    /// `[electrode][current level]`; 0 for what is not heard.
    rms: Vec<[f32; LEVELS]>,
}

impl LevelTable {
    /// For so many `electrodes` of a device whose levels have `current_ua`, which must not fall. `rms` is asked for each
    /// electrode (from 0 at the base) and current level; what is not finite and positive is not heard.
    pub fn new(electrodes: usize, current_ua: impl Fn(u16) -> f64, rms: impl Fn(usize, u16) -> f64) -> Self {
        let heard = |value: f64| if value.is_finite() && value > 0.0 { value as f32 } else { 0.0 };
        Self {
            current_ua: std::array::from_fn(|level| current_ua(level as u16) as f32),
            rms: (0..electrodes)
                .map(|electrode| std::array::from_fn(|level| heard(rms(electrode, level as u16))))
                .collect(),
        }
    }

    /// Electrodes in it.
    pub fn electrodes(&self) -> usize {
        self.rms.len()
    }

    /// RMS of a whole current level on an electrode (from 0 at the base); 0 for an electrode that there is not.
    #[inline]
    pub fn rms(&self, electrode: usize, current_level: u16) -> f32 {
        self.rms.get(electrode).map_or(0.0, |levels| levels[usize::from(current_level.min(MAX_CURRENT_LEVEL))])
    }

    /// RMS of any current on an electrode, between the levels next to it; above the highest level that level's.
    pub fn rms_of_current(&self, electrode: usize, current_ua: f32) -> f32 {
        let Some(rms) = self.rms.get(electrode) else { return 0.0 };
        let above = self.current_ua.partition_point(|ua| *ua <= current_ua);
        let Some(below) = above.checked_sub(1) else { return 0.0 };
        if above == LEVELS {
            return rms[LEVELS - 1];
        }
        let part = (current_ua - self.current_ua[below]) / (self.current_ua[above] - self.current_ua[below]);
        // What is not heard is a threshold, not a point to be interpolated with.
        if rms[below] == 0.0 { 0.0 } else { rms[below] + part * (rms[above] - rms[below]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currents_between_levels_are_between_them() {
        let table = LevelTable::new(
            2,
            |level| 10.0 + f64::from(level),
            |e, level| if level < 100 { f64::NAN } else { (e + 1) as f64 * f64::from(level) },
        );
        assert_eq!(
            (table.rms(0, 99), table.rms(0, 100), table.rms(1, 100), table.rms(2, 100)),
            (0.0, 100.0, 200.0, 0.0)
        );
        assert_eq!(table.rms_of_current(0, 110.5), 100.5);
        assert_eq!((table.rms_of_current(0, 5.0), table.rms_of_current(0, 109.5)), (0.0, 0.0));
        assert_eq!((table.rms_of_current(0, 9000.0), table.rms(0, 9000)), (255.0, 255.0));
        assert_eq!(table.rms_of_current(7, 110.0), 0.0);
    }
}
