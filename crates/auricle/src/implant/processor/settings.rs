//! What is asked of a device, checked and brought to numbers of electrodes and ticks.

use super::super::params::{Array, Implant, ProcessorParams};
use super::super::pulse::{MAX_CURRENT_LEVEL, TICKS_PER_SEC};
use super::bands::spread_over;
use super::error::ProcessorError;
use super::map::Range;

/// Angle from the round window beyond which no cochlea goes, degrees: two and three quarter turns.
const MOST_ANGLE_DEG: f64 = 990.0;
/// Contacts that an array can have.
const MOST_CONTACTS: usize = 64;
/// Widths that pulses can have, us.
const PHASE_US: (f64, f64) = (5.0, 500.0);
const GAP_US: (f64, f64) = (0.0, 500.0);
/// Sensitivities either way, dB.
const MOST_SENSITIVITY_DB: f64 = 40.0;
const TICKS_PER_US: f64 = TICKS_PER_SEC as f64 / 1e6;

/// Widths of a pulse and the pause that is kept after it, ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) phase_ticks: u32,
    pub(super) gap_ticks: u32,
    /// At least this much from the end of one pulse to the onset of the next.
    pub(super) pause_ticks: u32,
}

impl Shape {
    /// The strategy's own widths, us, or those that were asked for.
    pub(super) fn new(
        params: &ProcessorParams,
        own_phase_us: f64,
        own_gap_us: f64,
        pause_us: f64,
    ) -> Result<Self, ProcessorError> {
        let ticks = |which, asked: Option<f64>, own_us, (least_us, most_us): (f64, f64)| {
            let width_us = asked.unwrap_or(own_us);
            if !(least_us..=most_us).contains(&width_us) {
                return Err(ProcessorError::Width { which, width_us, least_us, most_us });
            }
            Ok((width_us * TICKS_PER_US).round() as u32)
        };
        Ok(Self {
            phase_ticks: ticks("phase", params.phase_us, own_phase_us, PHASE_US)?,
            gap_ticks: ticks("gap between phases", params.gap_us, own_gap_us, GAP_US)?,
            pause_ticks: (pause_us * TICKS_PER_US).round() as u32,
        })
    }

    /// From the onset of a pulse to the earliest onset of the next.
    pub(super) fn spacing_ticks(&self) -> u64 {
        u64::from(2 * self.phase_ticks + self.gap_ticks + self.pause_ticks)
    }
}

/// The array and its map.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) contacts: usize,
    /// Electrodes that are switched on, base to apex.
    pub(super) enabled: Vec<u8>,
    /// Of all electrodes, base to apex.
    pub(super) ranges: Vec<Range>,
}

impl Settings {
    /// Checks everything that does not depend on the strategy.
    pub(super) fn new(implant: &Implant) -> Result<Self, ProcessorError> {
        let contacts = contacts(&implant.array)?;
        if let Some(angle_deg) = implant.insertion_angle_deg
            && !(angle_deg > 0.0 && angle_deg <= MOST_ANGLE_DEG)
        {
            return Err(ProcessorError::InsertionAngle { angle_deg, most_deg: MOST_ANGLE_DEG });
        }
        for electrode in &implant.disabled {
            if *electrode == 0 || usize::from(*electrode) > contacts {
                return Err(ProcessorError::NoSuchElectrode { electrode: *electrode, contacts });
            }
        }
        let enabled = (1..=contacts as u8).filter(|electrode| !implant.disabled.contains(electrode)).collect();
        let params = &implant.processor;
        if !(0.0..=1.0).contains(&params.volume) {
            return Err(ProcessorError::Volume { volume: params.volume });
        }
        if !(-MOST_SENSITIVITY_DB..=MOST_SENSITIVITY_DB).contains(&params.sensitivity_db) {
            return Err(ProcessorError::Sensitivity {
                sensitivity_db: params.sensitivity_db,
                most_db: MOST_SENSITIVITY_DB,
            });
        }
        Ok(Self { contacts, enabled, ranges: ranges(params, contacts)? })
    }

    /// The electrodes, with their ranges, for the channels that were asked for or as many as there can be, base to apex:
    /// as many as channels and `more`.
    pub(super) fn electrodes(
        &self,
        strategy: &'static str,
        asked: Option<usize>,
        most: usize,
        more: usize,
    ) -> Result<Vec<(u8, Range)>, ProcessorError> {
        let enabled = self.enabled.len();
        if enabled <= more {
            return Err(ProcessorError::TooFewElectrodes {
                enabled,
                contacts: self.contacts,
                strategy,
                needed: more + 1,
            });
        }
        let most = most.min(enabled - more);
        let channels = asked.unwrap_or(most);
        if channels == 0 || channels > most {
            return Err(ProcessorError::Channels { channels, most, enabled, strategy });
        }
        let with_range = |electrode: u8| (electrode, self.ranges[usize::from(electrode) - 1]);
        Ok(spread_over(&self.enabled, channels + more).into_iter().map(with_range).collect())
    }
}

/// How many contacts an array has.
fn contacts(array: &Array) -> Result<usize, ProcessorError> {
    let Array::Angles(angles) = array else {
        return Ok(match array {
            Array::ContourAdvance => 22,
            Array::Sixteen => 16,
            _ => 12,
        });
    };
    if angles.is_empty() || angles.len() > MOST_CONTACTS {
        return Err(ProcessorError::Contacts { contacts: angles.len(), most: MOST_CONTACTS });
    }
    let mut before = f64::NEG_INFINITY;
    for (index, angle_deg) in angles.iter().enumerate() {
        if !(0.0..=MOST_ANGLE_DEG).contains(angle_deg) || *angle_deg <= before {
            return Err(ProcessorError::Angle { index: index + 1, angle_deg: *angle_deg, most_deg: MOST_ANGLE_DEG });
        }
        before = *angle_deg;
    }
    Ok(angles.len())
}

/// T and C of every electrode.
fn ranges(params: &ProcessorParams, contacts: usize) -> Result<Vec<Range>, ProcessorError> {
    for (which, levels) in [('T', &params.t_levels), ('C', &params.c_levels)] {
        if levels.len() != 1 && levels.len() != contacts {
            return Err(ProcessorError::LevelCount { which, given: levels.len(), contacts });
        }
        for (index, level) in levels.iter().enumerate() {
            if !(0.0..=f64::from(MAX_CURRENT_LEVEL)).contains(level) {
                return Err(ProcessorError::Level { which, electrode: index + 1, level: *level });
            }
        }
    }
    let of = |levels: &[f64], index: usize| if levels.len() == 1 { levels[0] } else { levels[index] };
    (0..contacts)
        .map(|index| {
            let (t_level, c_level) = (of(&params.t_levels, index), of(&params.c_levels, index));
            if t_level > c_level {
                return Err(ProcessorError::ThresholdAboveComfort { electrode: index + 1, t_level, c_level });
            }
            Ok(Range { t_level, c_level })
        })
        .collect()
}

/// What a rate is asked of.
pub(super) struct Pulses {
    /// Pulses between two of one channel, that one included.
    pub(super) count: usize,
    /// What there could be fewer of.
    pub(super) fewer: &'static str,
    /// From the onset of one to that of the next, ticks, at least.
    pub(super) spacing_ticks: u64,
}

impl Pulses {
    /// From one pulse of a channel to its next, in steps of which `clock_hz` make a second: the rate asked for, or the
    /// strategy's own as far as pulses allow it; up to `most`. Rates are met by rounding up to whole steps.
    pub(super) fn period(
        &self,
        asked_pps: Option<f64>,
        own_pps: f64,
        clock_hz: u32,
        most: usize,
    ) -> Result<usize, ProcessorError> {
        let hz = f64::from(clock_hz);
        // A rate that was printed and read again must not fall to the next lower one.
        let steps = |rate_pps: f64| libm::ceil(hz / rate_pps * (1.0 - 1e-4)).max(1.0);
        let least = (self.count as u64 * self.spacing_ticks * u64::from(clock_hz)).div_ceil(TICKS_PER_SEC) as usize;
        let pulse_us = self.spacing_ticks as f64 / TICKS_PER_US;
        if least > most {
            let most_us = 1e6 * most as f64 / hz;
            return Err(ProcessorError::TooWide { pulses: self.count, pulse_us, most_us, fewer: self.fewer });
        }
        let Some(rate_pps) = asked_pps else { return Ok((steps(own_pps) as usize).max(least)) };
        let wanted = steps(rate_pps);
        if !(rate_pps > 0.0 && wanted >= least as f64 && wanted <= most as f64) {
            return Err(ProcessorError::Rate {
                rate_pps,
                pulses: self.count,
                pulse_us,
                least_pps: hz / most as f64,
                most_pps: hz / least as f64,
                fewer: self.fewer,
            });
        }
        Ok(wanted as usize)
    }
}
