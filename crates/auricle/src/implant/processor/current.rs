//! Clinical units and microamperes.

use super::super::pulse::MAX_CURRENT_LEVEL;

/// How current levels of a device's clinical scale, 0 to [`MAX_CURRENT_LEVEL`], stand for current.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CurrentScale {
    /// `I = least (most / least)^(level / 255)`, microamperes: 17.5 to 1750 in the CIC4 chip, 10 to 1750 in CIC3.
    Exponential {
        /// At level 0.
        least_ua: f64,
        /// At level 255.
        most_ua: f64,
    },
    /// `I = step level`, microamperes.
    Linear {
        /// Of one clinical unit.
        step_ua: f64,
    },
}

impl CurrentScale {
    /// The 22-electrode devices modelled: 106.5 microamperes at level 100, 1750 at 255.
    pub const CIC4: Self = Self::Exponential { least_ua: 17.5, most_ua: 1750.0 };
    /// Earlier ones of theirs.
    pub const CIC3: Self = Self::Exponential { least_ua: 10.0, most_ua: 1750.0 };
    /// The 12- and 16-electrode devices modelled, whose own scales are in proportion to current. The unit is this
    /// project's: it has the published 60 to 600 microamperes at levels 20 and 200.
    pub const LINEAR: Self = Self::Linear { step_ua: 3.0 };

    /// Microamperes of a level from 0 to 255, whole or not.
    pub fn current_ua(&self, level: f64) -> f64 {
        match self {
            Self::Exponential { least_ua, most_ua } => {
                least_ua * libm::exp(libm::log(most_ua / least_ua) * level / f64::from(MAX_CURRENT_LEVEL))
            }
            Self::Linear { step_ua } => step_ua * level,
        }
    }

    /// The level that has a current, not rounded; below 0 for a current below the scale's, minus infinity for none.
    pub fn level(&self, current_ua: f64) -> f64 {
        match self {
            Self::Exponential { .. } if current_ua <= 0.0 => f64::NEG_INFINITY,
            Self::Exponential { least_ua, most_ua } => {
                f64::from(MAX_CURRENT_LEVEL) * libm::log(current_ua / least_ua) / libm::log(most_ua / least_ua)
            }
            Self::Linear { step_ua } => current_ua / step_ua,
        }
    }
}
