//! What holds for every electrodogram, read or written.

use std::path::{Path, PathBuf};

use auricle::implant::pulse::{MAX_CURRENT_LEVEL, Pulse};

use super::units::{MAX_TICKS, us_text};
use super::{Place, damaged};
use crate::error::{MediaError, Result};

/// Checks pulses as they come.
///
/// Order, electrodes that there are, numbers in range; and charge: a pulse has two phases of one width and one
/// current, so that it leaves none, unless the next on its electrode cuts it off. That is refused.
#[derive(Debug, Clone)]
pub struct Checker {
    path: PathBuf,
    /// When each electrode's last pulse ends, in ticks.
    ends_ticks: Vec<u64>,
    /// Row of each electrode's last pulse.
    rows: Vec<u64>,
    last_onset_ticks: u64,
    count: u64,
}

impl Checker {
    /// For the file that messages call `path`, of an array of so many `electrodes`.
    pub fn new(path: &Path, electrodes: u8) -> Self {
        let electrodes = usize::from(electrodes);
        let nothing = || vec![0; electrodes];
        Self { path: path.to_owned(), ends_ticks: nothing(), rows: nothing(), last_onset_ticks: 0, count: 0 }
    }

    /// The file, as messages call it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Pulses that have passed.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When the last of all pulses has ended, in ticks.
    pub fn ends_ticks(&self) -> u64 {
        self.ends_ticks.iter().copied().max().unwrap_or(0)
    }

    /// Takes the next pulse.
    ///
    /// # Errors
    /// It breaks a rule; says which, by row and column.
    pub fn check(&mut self, pulse: &Pulse) -> Result<()> {
        self.check_at(pulse, Place::row)
    }

    /// The same; `place` says where a row (from 1) and column are.
    pub(super) fn check_at(&mut self, pulse: &Pulse, place: impl Fn(u64, &str) -> Place) -> Result<()> {
        let row = self.count + 1;
        let fault = |column: &str, message: String, help: &str| -> Result<()> {
            Err(damaged(&self.path, place(row, column), message, help))
        };
        let electrodes = self.ends_ticks.len();
        let Some(index) = usize::from(pulse.electrode).checked_sub(1).filter(|index| *index < electrodes) else {
            let message = format!("electrode {} is not on the array, which has {electrodes}", pulse.electrode);
            return fault("electrode", message, "electrodes count from 1 at the base; name the device with --listener");
        };
        if !pulse.current_ua.is_finite() || pulse.current_ua < 0.0 {
            let message = format!("{} is no current", pulse.current_ua);
            return fault("current_ua", message, "currents are microamperes of either phase, 0 and up, without a sign");
        }
        if pulse.current_level > MAX_CURRENT_LEVEL {
            let message = format!("level {} is above {MAX_CURRENT_LEVEL}", pulse.current_level);
            return fault("current_level", message, "clinical levels go from 0 to 255");
        }
        if pulse.phase_ticks == 0 {
            return fault("phase_width_us", "a phase of no width".to_owned(), "give the width of one phase, above 0");
        }
        if pulse.onset_ticks > MAX_TICKS {
            return fault("time_us", "more than seven years".to_owned(), "times are in microseconds");
        }
        if pulse.onset_ticks < self.last_onset_ticks {
            let message = format!(
                "{} us is before the row above it, at {} us",
                us_text(pulse.onset_ticks),
                us_text(self.last_onset_ticks)
            );
            return fault("time_us", message, "sort the rows by time_us");
        }
        if self.rows[index] > 0 && pulse.onset_ticks < self.ends_ticks[index] {
            let message = format!(
                "the pulse cuts off that of row {} on electrode {}, which ends at {} us: charge would stay",
                self.rows[index],
                pulse.electrode,
                us_text(self.ends_ticks[index])
            );
            return fault("time_us", message, "let it begin no earlier than that, or take one of the two away");
        }
        self.ends_ticks[index] = pulse.onset_ticks + pulse.duration_ticks();
        self.rows[index] = row;
        self.last_onset_ticks = pulse.onset_ticks;
        self.count = row;
        Ok(())
    }

    /// Checks that `length_ticks` is not before the end of the last pulse.
    ///
    /// # Errors
    /// It is.
    pub(super) fn check_length(&self, length_ticks: u64) -> Result<(), MediaError> {
        if self.count > 0 && length_ticks < self.last_onset_ticks {
            return Err(super::broken(
                &self.path,
                format!(
                    "says that it lasts {} us, but its last pulse is at {} us; put length_us right",
                    us_text(length_ticks),
                    us_text(self.last_onset_ticks)
                ),
            ));
        }
        Ok(())
    }
}
