//! The cochlea under stimulation: where the contacts lie, what survives there, and how far excitation spreads.
//!
//! ```text
//! array, insertion angle -- angle of each contact -- spiral ganglion's map --> place, Hz
//!                                                                                |
//! dead regions ------------------------------------------- heard at, Hz <--------+--> mismatch, octaves
//! ```
//!
//! An electrode whose place lies in a dead region excites what survives beside it: it is heard at the nearest living
//! place. Its level stays, because T and C levels are found by asking the listener: a contact far from living nerve
//! gets more current, and with it a wider field. Electrodes of one dead region are so heard at one place, and count as
//! one channel between them.
//!
//! Distances between electrodes are millimetres along the array, in which spread is measured (Nelson et al. 2008).
//! Of an array of which only angles are known they are those between its places on the basilar membrane, which is
//! longer than an array at the modiolus by about a half.

mod arrays;
mod maps;
mod rank;

pub use arrays::{angles_deg, spacing_mm};
pub use maps::{
    BASILAR_MEMBRANE_MM, Ganglion, MAX_ANGLE_DEG, depth_mm, frequency_at_depth_hz, greenwood_hz, greenwood_place,
};
pub use rank::effective_channels;

use crate::dsp::monotone::Monotone;
use crate::implant::params::Array;
use crate::listener::DeadRegion;

/// Most contacts that an array may have.
pub const MAX_ELECTRODES: usize = 64;

/// Frequencies of the places that a cochlea has, Hz: both ends of Greenwood's map.
const COCHLEA_HZ: (f64, f64) = (19.848, 20_677.0);

/// What is wrong with an array or its insertion.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlacementError {
    /// No or too many contacts.
    #[error("the array has {0} contacts; it needs 1 to {MAX_ELECTRODES}")]
    Contacts(usize),
    /// Contacts that do not go inwards.
    #[error(
        "contact {contact} lies at {angle_deg} degrees; angles from the round window ascend from base to apex, \
         within 0 to {MAX_ANGLE_DEG} degrees"
    )]
    Angle {
        /// The contact, from 1 at the base.
        contact: usize,
        /// Its angle.
        angle_deg: f64,
    },
    /// An insertion that no cochlea has room for.
    #[error("an insertion angle of {0} degrees cannot be: it is more than 0 and at most {MAX_ANGLE_DEG} degrees")]
    Insertion(f64),
}

/// An array in a cochlea, `[electrode]` from base to apex throughout.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// Angle from the round window, degrees.
    pub angle_deg: Vec<f64>,
    /// Distance from the most basal contact along the array, mm.
    pub along_mm: Vec<f64>,
    /// Frequency for which the place of the spiral ganglion at each contact is tuned, Hz.
    pub place_hz: Vec<f64>,
    /// Frequency of the living place that is excited, Hz: the contact's own, or the nearest beside a dead region;
    /// `None` where nothing is alive at all.
    pub heard_hz: Vec<Option<f64>>,
}

impl Placement {
    /// Places `array` with its most apical contact at `insertion_angle_deg` (`None`: where it usually comes to lie), the
    /// others keeping their share of it, in a cochlea with `dead` regions.
    ///
    /// # Errors
    /// [`PlacementError`] where the contacts do not ascend within 0 to [`MAX_ANGLE_DEG`] or are too many.
    pub fn new(array: &Array, insertion_angle_deg: Option<f64>, dead: &[DeadRegion]) -> Result<Self, PlacementError> {
        let own_deg = angles_deg(array);
        if !(1..=MAX_ELECTRODES).contains(&own_deg.len()) {
            return Err(PlacementError::Contacts(own_deg.len()));
        }
        for (i, &angle_deg) in own_deg.iter().enumerate() {
            let follows = i == 0 || own_deg[i - 1] < angle_deg;
            if !follows || !(0.0..=MAX_ANGLE_DEG).contains(&angle_deg) {
                return Err(PlacementError::Angle { contact: i + 1, angle_deg });
            }
        }
        let last_deg = own_deg[own_deg.len() - 1];
        let share = match insertion_angle_deg {
            None => 1.0,
            Some(angle_deg) if angle_deg > 0.0 && angle_deg <= MAX_ANGLE_DEG && last_deg > 0.0 => angle_deg / last_deg,
            Some(angle_deg) => return Err(PlacementError::Insertion(angle_deg)),
        };
        let ganglion = Ganglion::new();
        let angle_deg: Vec<f64> = own_deg.iter().map(|deg| deg * share).collect();
        let place_hz: Vec<f64> = angle_deg.iter().map(|deg| ganglion.frequency_hz(*deg)).collect();
        let along_mm = match spacing_mm(array) {
            Some(spacing_mm) => (0..place_hz.len()).map(|i| spacing_mm * i as f64).collect(),
            None => place_hz.iter().map(|hz| depth_mm(*hz) - depth_mm(place_hz[0])).collect(),
        };
        let heard_hz = place_hz.iter().map(|hz| living_place_hz(*hz, dead)).collect();
        Ok(Self { angle_deg, along_mm, place_hz, heard_hz })
    }

    /// How far each place lies above the centre of the band that its electrode is given, octaves; `band_hz` are the
    /// centres, `[electrode]`, NaN for electrodes without one, whose mismatch is NaN too.
    pub fn mismatch_octaves(&self, band_hz: &[f64]) -> Vec<f64> {
        self.place_hz.iter().zip(band_hz).map(|(place_hz, band_hz)| libm::log2(place_hz / band_hz)).collect()
    }

    /// Position along the array of the places that are excited, mm from the most basal contact, `[electrode]`.
    pub fn heard_along_mm(&self) -> Vec<Option<f64>> {
        let scale = AlongArray::new(&self.place_hz, &self.along_mm);
        self.heard_hz.iter().map(|hz| hz.map(|hz| scale.mm(hz))).collect()
    }

    /// How many channels the electrodes amount to, those without living nerve and the `disabled` (counted from 1)
    /// left out; see [`effective_channels`].
    pub fn effective_channels(&self, spread_db_per_mm: f64, disabled: &[u8]) -> f64 {
        let enabled = |electrode: usize| !disabled.iter().any(|off| usize::from(*off) == electrode + 1);
        let heard = self.heard_along_mm();
        let along_mm: Vec<f64> =
            heard.into_iter().enumerate().filter(|(i, _)| enabled(*i)).filter_map(|(_, mm)| mm).collect();
        effective_channels(&along_mm, spread_db_per_mm)
    }
}

/// A scale that turns frequencies of places into millimetres along an array, straight on beyond its ends.
#[derive(Debug, Clone)]
pub struct AlongArray {
    /// Millimetres over the logarithm of frequency; `None` where there are not two different places.
    curve: Option<Monotone>,
    /// What there is then: the one place's frequency and position.
    only: (f64, f64),
}

impl AlongArray {
    /// From places `[electrode]` in Hz, falling strictly from base to apex, and their positions `[electrode]` in mm.
    pub fn new(place_hz: &[f64], along_mm: &[f64]) -> Self {
        let points: Vec<(f64, f64)> = place_hz.iter().zip(along_mm).map(|(hz, mm)| (-libm::log(*hz), *mm)).collect();
        let only = place_hz.first().zip(along_mm.first()).map_or((1_000.0, 0.0), |(hz, mm)| (*hz, *mm));
        Self { curve: Monotone::new(&points), only }
    }

    /// Position of `frequency_hz`, mm from the most basal contact.
    pub fn mm(&self, frequency_hz: f64) -> f64 {
        match &self.curve {
            Some(curve) => curve.at(-libm::log(frequency_hz)),
            None => depth_mm(frequency_hz) - depth_mm(self.only.0) + self.only.1,
        }
    }
}

/// The living place nearest to `place_hz` along the basilar membrane, Hz.
fn living_place_hz(place_hz: f64, dead: &[DeadRegion]) -> Option<f64> {
    let (mut from_hz, mut to_hz) = (place_hz, place_hz);
    // Regions may overlap or touch: what lies together dies together.
    while let Some(region) = dead.iter().find(|region| {
        region.from_hz <= to_hz && region.to_hz >= from_hz && (region.from_hz < from_hz || region.to_hz > to_hz)
    }) {
        from_hz = from_hz.min(region.from_hz);
        to_hz = to_hz.max(region.to_hz);
    }
    if from_hz == to_hz {
        return Some(place_hz);
    }
    let apart_mm = |hz: &f64| (depth_mm(*hz) - depth_mm(place_hz)).abs();
    [from_hz, to_hz]
        .into_iter()
        .filter(|hz| *hz > COCHLEA_HZ.0 && *hz < COCHLEA_HZ.1)
        .min_by(|a, b| apart_mm(a).total_cmp(&apart_mm(b)))
}

#[cfg(test)]
mod tests;
