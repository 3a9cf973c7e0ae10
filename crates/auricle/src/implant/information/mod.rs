//! The whole information path of one ear: sound in, what the implant transmits of it out.
//!
//! ```text
//! sound --+-- processor -- pulses -- resynthesis --+-- cap --> sound
//!         +---------------- true peak -------------+
//! ```
//! Sound is gathered in control periods on the absolute sample grid; blocks of any size make the same bytes.

mod balance;
mod cap;

use super::cochlea::{Placement, PlacementError};
use super::params::{Filterbank, Implant, Sound, Strategy};
use super::processor::{Processor, ProcessorError};
use super::pulse::TICKS_PER_SEC;
use super::resynthesis::{Channel, LevelTable, Resynthesis, ResynthesisError, ResynthesisParams};
use crate::dsp::control_period_samples;
use crate::dsp::math::amplitude;
use crate::ear::Stage;
use crate::level::Calibration;
use crate::listener::DeadRegion;
use cap::Cap;

/// Why an implant has no information path.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InformationError {
    /// It is to be made audible by the percept.
    #[error("this implant is made audible by its percept, not by its information; say which carrier is wanted")]
    Percept,
    /// The array cannot lie like that.
    #[error(transparent)]
    Placement(#[from] PlacementError),
    /// The device cannot be like that.
    #[error(transparent)]
    Processor(#[from] ProcessorError),
    /// It cannot be made audible.
    #[error(transparent)]
    Resynthesis(#[from] ResynthesisError),
}

/// The information path of one implanted ear.
///
/// Whether the processor is switched on, and the delay between ears, are for who joins the ears.
pub struct Information {
    processor: Processor,
    resynthesis: Resynthesis,
    cap: Cap,
    latency_samples: usize,
    period_samples: usize,
    /// The period that is being gathered and the one that is being given out.
    gathered: Vec<f32>,
    given: Vec<f32>,
    position: usize,
}

/// What [`Resynthesis`] needs to know of an implant, for its own sound or for any pulses of its device.
///
/// # Errors
/// [`InformationError`] where the implant cannot be.
pub fn resynthesis_params<'a>(
    implant: &Implant,
    dead: &'a [DeadRegion],
    processor: &Processor,
    calibration: Calibration,
    seed: u64,
) -> Result<ResynthesisParams<'a>, InformationError> {
    let Sound::Information { carrier, places } = implant.sound else { return Err(InformationError::Percept) };
    let placement = Placement::new(&implant.array, implant.insertion_angle_deg, dead)?;
    let electrodes = placement.place_hz.len();
    let scale = processor.current_scale();
    let factors = balance::power_factors(processor);
    // As the processor counts them: the channel whose band an electrode's level is of.
    let channel_of = |electrode: usize| {
        let bands = processor.bands();
        let number = electrode as u8 + 1;
        let own = bands.iter().position(|band| band.electrode == number);
        own.or_else(|| bands.iter().position(|band| band.steered_to == Some(number)))
    };
    let levels = LevelTable::new(
        electrodes,
        |level| scale.current_ua(f64::from(level)),
        |electrode, level| {
            let tone_db_spl = processor.level_db_spl(electrode as u8 + 1, scale.current_ua(f64::from(level)));
            let factor = channel_of(electrode).map_or(0.0, |channel| factors[channel]);
            tone_db_spl.map_or(0.0, |db_spl| amplitude(calibration.db_spl_to_db_fs(db_spl)) * factor.sqrt())
        },
    );
    Ok(ResynthesisParams {
        carrier,
        places,
        channels: (1..=electrodes as u8).map(|electrode| channel(implant, processor, electrode)).collect(),
        placement,
        levels,
        spread_db_per_mm: implant.spread_db_per_mm,
        dead,
        seed,
    })
}

/// What an electrode stands for; of one that is steered to from both sides, what lies between the middles of both
/// channels.
fn channel(implant: &Implant, processor: &Processor, electrode: u8) -> Option<Channel> {
    let bands = processor.bands();
    let index = bands.iter().position(|band| band.electrode == electrode);
    let below = bands.iter().find(|band| band.steered_to == Some(electrode));
    let (low_hz, centre_hz, high_hz) = match (below, index.map(|index| &bands[index])) {
        (None, None) => return None,
        (None, Some(band)) if band.steered_to.is_none() => (band.low_hz, band.centre_hz, band.high_hz),
        (Some(below), Some(above)) => (below.centre_hz, above.low_hz, above.centre_hz),
        // The outermost electrodes have half a channel, to its edge.
        (None, Some(above)) => (above.low_hz * above.low_hz / above.centre_hz, above.low_hz, above.centre_hz),
        (Some(below), None) => (below.centre_hz, below.high_hz, below.high_hz * below.high_hz / below.centre_hz),
    };
    let fine_channels = match implant.processor.strategy {
        Strategy::FineStructure { fine_channels } => fine_channels,
        _ => 0,
    };
    let fine = index.is_some_and(|index| index < fine_channels);
    // All channels as late as the latest, as far as there is room.
    let own_ticks = index.map(|index| bands[index].latency_ticks).or(below.map(|below| below.latency_ticks));
    let early_ticks = own_ticks.map_or(0, |own| processor.latency_ticks() - own);
    Some(Channel {
        // Of few gammatone channels the lowest is as wide as to reach beyond 0 Hz.
        low_hz: low_hz.max(0.25 * centre_hz),
        centre_hz,
        high_hz,
        // A fine channel has a pulse a wave.
        interval_secs: if fine { 1.0 / centre_hz } else { 1.0 / processor.rate_pps() },
        fine,
        delay_secs: (early_ticks as f64 / TICKS_PER_SEC as f64).min(0.02),
    })
}

impl Information {
    /// For one ear with an implant and `dead` regions, sound of `sample_rate_hz` and what its levels stand for. Phases and
    /// noise are drawn by `seed`. Allocates.
    ///
    /// # Errors
    /// [`InformationError`] where the implant cannot be, or is to be heard by its percept.
    pub fn new(
        implant: &Implant,
        dead: &[DeadRegion],
        sample_rate_hz: u32,
        calibration: Calibration,
        seed: u64,
    ) -> Result<Self, InformationError> {
        let processor = Processor::new(implant, sample_rate_hz, calibration)?;
        let params = resynthesis_params(implant, dead, &processor, calibration, seed)?;
        let resynthesis = Resynthesis::new(&params, sample_rate_hz)?;
        let period_samples = control_period_samples(sample_rate_hz);
        let cap = Cap::new(sample_rate_hz, period_samples);
        let rate = f64::from(sample_rate_hz);
        // By how much pulses come later than the earliest they might, on average: those of a frame follow one another
        // through it; cycles of current steering fall anywhere in frames of 1.15 ms, and channels anywhere in cycles;
        // gammatone bands are read when they are needed.
        let later_secs = match implant.processor.strategy {
            Strategy::Ace { .. } | Strategy::Cis { filterbank: Filterbank::Fourier } => 0.5 / processor.rate_pps(),
            Strategy::CurrentSteering => 0.5 * 1.15e-3 + 0.5 / processor.rate_pps(),
            Strategy::Cis { filterbank: Filterbank::Gammatone } | Strategy::FineStructure { .. } => 0.0,
        };
        let pulses = processor.latency_ticks() as f64 / TICKS_PER_SEC as f64 + later_secs;
        let latency_samples =
            (pulses * rate).round() as usize + resynthesis.latency_samples() + cap.latency_samples() + period_samples;
        Ok(Self {
            processor,
            resynthesis,
            cap,
            latency_samples,
            period_samples,
            gathered: vec![0.0; period_samples],
            given: vec![0.0; period_samples],
            position: 0,
        })
    }
}

impl Stage for Information {
    /// Samples by which the envelopes of the output lag those of the input.
    fn latency_samples(&self) -> usize {
        self.latency_samples
    }

    fn reset(&mut self) {
        self.processor.reset();
        self.resynthesis.reset();
        self.cap.reset();
        self.gathered.fill(0.0);
        self.given.fill(0.0);
        self.position = 0;
    }

    /// What is no number is taken for silence.
    fn process(&mut self, ear: &mut [f32]) {
        let mut rest = ear;
        while !rest.is_empty() {
            let (now, later) = rest.split_at_mut(rest.len().min(self.period_samples - self.position));
            let slots = self.position..self.position + now.len();
            for ((sample, gathered), given) in
                now.iter_mut().zip(&mut self.gathered[slots.clone()]).zip(&self.given[slots])
            {
                *gathered = if sample.is_finite() { *sample } else { 0.0 };
                *sample = *given;
            }
            self.position += now.len();
            if self.position == self.period_samples {
                self.position = 0;
                self.processor.process(&self.gathered, &mut self.resynthesis);
                self.resynthesis.process(&mut self.given);
                self.cap.process(&self.gathered, &mut self.given);
            }
            rest = later;
        }
    }
}
