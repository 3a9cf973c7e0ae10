//! Whether there can be an implant as it is described.

use super::cochlea::{Placement, PlacementError};
use super::information::InformationError;
use super::params::Implant;
use super::percept::PerceptParams;
use super::processor::Processor;
use crate::level::Calibration;

/// A sample rate at which every device can be built, Hz: what is checked is the device, not the sound.
const ANY_RATE_HZ: u32 = 48_000;

impl Implant {
    /// Says what is wrong with the device, its map or its array, if anything.
    ///
    /// # Errors
    /// The first thing that cannot be: what, where, and what to do.
    pub fn check(&self) -> Result<(), InformationError> {
        Placement::new(&self.array, self.insertion_angle_deg, &[])?;
        Processor::new(self, ANY_RATE_HZ, Calibration::default())?;
        Ok(())
    }

    /// How far round the cochlea the array reaches, degrees from the round window.
    ///
    /// # Errors
    /// The array or its insertion cannot be.
    pub fn reaches_deg(&self) -> Result<f64, PlacementError> {
        let placement = Placement::new(&self.array, self.insertion_angle_deg, &[])?;
        Ok(placement.angle_deg.last().copied().unwrap_or_default())
    }

    /// What the percept renderer needs to know.
    ///
    /// # Errors
    /// The array or its insertion cannot be.
    pub fn percept(&self) -> Result<PerceptParams, PlacementError> {
        Ok(PerceptParams {
            months_since_activation: self.months_since_activation,
            insertion_angle_deg: self.reaches_deg()?,
            individual: self.individual,
        })
    }
}
