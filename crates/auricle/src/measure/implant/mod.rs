//! The examination of an implanted ear: its audiogram through the processor, and whether the device is one.
//!
//! ```text
//! audiometer -- tones --> processor -- pulses --> heard, where one reaches T
//! signals ------------> processor -- pulses --> counted: frames, order, spacing, range
//!               \-----> information path -- sound --> level, modulation, latency
//! ```
//!
//! T levels are the currents that the nerve is known to hear, found by asking; so a tone is heard where it makes a
//! pulse at or above T. What is examined is what the device transmits. What that sounds like (the percept) has no
//! threshold of its own to be held to.

mod device;
mod passage;
mod pulses;
mod signals;
mod sound_field;

use serde::Serialize;

use super::bars::Bar;
use crate::implant::cochlea::Placement;
use crate::implant::information::InformationError;
use crate::implant::params::{Filterbank, Implant, ProcessorParams, Strategy};
use crate::implant::processor::Processor;
use crate::implant::pulse::TICKS_PER_SEC;
use crate::level::Calibration;
use crate::listener::DeadRegion;

pub use passage::{ModulationRow, ToneRow};
pub use pulses::{PulseCounts, PulseLaws};
pub use sound_field::SoundFieldRow;

/// Most that a sound-field threshold may be from what T levels imply, dB.
const THRESHOLD_DB: f64 = 1.0;
/// Most that the measured latency may be from the declared one, ms: pulses of a frame come one after the other.
const LATENCY_MS: f64 = 0.5;

/// One electrode of the array.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ElectrodeRow {
    /// From 1 at the base.
    pub electrode: u8,
    /// Whether it is stimulated.
    pub stimulated: bool,
    /// T and C, clinical units.
    pub levels: [f64; 2],
    /// Frequency for which the place at the contact is tuned, Hz.
    pub place_hz: f64,
    /// Centre of the band that it is given, Hz; `None` where it has none.
    pub band_hz: Option<f64>,
    /// How far the place lies above the band, octaves.
    pub mismatch_octaves: Option<f64>,
}

/// An examined implant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImplantExamination {
    /// "ACE", "CIS", "current steering", "fine structure".
    pub strategy: &'static str,
    /// Pulses per second on each channel, as the device tells.
    pub rate_pps: f64,
    /// Lowest and highest frequency of the bands, Hz.
    pub bands_hz: [f64; 2],
    /// The audiogram in the sound field, through the processor.
    pub sound_field: Vec<SoundFieldRow>,
    /// Electrodes, base to apex.
    pub electrodes: Vec<ElectrodeRow>,
    /// How many separate channels the stimulated electrodes amount to.
    pub effective_channels: f64,
    /// Levels of tones through the information path.
    pub tones: Vec<ToneRow>,
    /// What becomes of modulation through the information path.
    pub modulation: Vec<ModulationRow>,
    /// Latency of the pulses as the processor tells it, ms.
    pub processor_latency_ms: f64,
    /// Latency of the information path, as it tells it, ms.
    pub stated_latency_ms: f64,
    /// The same as measured, ms; NaN where nothing comes out.
    pub measured_latency_ms: f64,
    /// How much later than that the ear hears, as its listener states, ms.
    pub delay_ms: f64,
    /// Pulses and frames of the signals, and what is wrong with them.
    pub counts: PulseCounts,
    /// The bars, and whether they are met.
    pub bars: Vec<Bar>,
}

/// Examines the device of one ear that has an implant and `dead` regions, whether it is switched on or not, with
/// sound of `sample_rate_hz`, of which `calibration` says how loud it is.
///
/// # Errors
/// [`InformationError`] where there can be no such implant.
pub fn examine_implant(
    implant: &Implant,
    dead: &[DeadRegion],
    sample_rate_hz: u32,
    calibration: Calibration,
) -> Result<ImplantExamination, InformationError> {
    let processor = Processor::new(implant, sample_rate_hz, calibration)?;
    let placement = Placement::new(&implant.array, implant.insertion_angle_deg, dead)?;
    let electrodes = electrodes(&processor, &placement);
    let idle: Vec<u8> = electrodes.iter().filter(|row| !row.stimulated).map(|row| row.electrode).collect();
    let laws = PulseLaws::of(implant, &processor);
    let mut signals =
        signals::Signals { sample_rate_hz, calibration, sensitivity_db: implant.processor.sensitivity_db };
    let sound_field = sound_field::audiogram(implant, sample_rate_hz, calibration)?;
    let mut bars = sound_field::bars(&sound_field);
    let (counts, pulse_bars) = pulses::bars(implant, &laws, &signals)?;
    bars.extend(pulse_bars);
    bars.extend(device::bars(&processor));
    // The path is examined at full volume and with the microphone as it was fitted: less of either is meant to be heard.
    let fitted = ProcessorParams { volume: 1.0, sensitivity_db: 0.0, ..implant.processor.clone() };
    let fitted = Implant { processor: fitted, ..implant.clone() };
    signals.sensitivity_db = 0.0;
    let passage = passage::examine(&fitted, &signals)?;
    bars.extend(passage.bars);
    let late_ms = (passage.measured_latency_ms - passage.stated_latency_ms).abs();
    bars.push(Bar::new("latency: measured less stated", late_ms, LATENCY_MS, "ms"));
    // Those of a check that has a number after those that have none, each by its number.
    bars.sort_by_key(|bar| bar.name.chars().next().filter(char::is_ascii_digit).unwrap_or('0'));
    let bands = processor.bands();
    Ok(ImplantExamination {
        strategy: strategy_name(implant.processor.strategy),
        rate_pps: processor.rate_pps(),
        bands_hz: [bands[0].low_hz, bands[bands.len() - 1].high_hz],
        sound_field,
        effective_channels: placement.effective_channels(implant.spread_db_per_mm, &idle),
        electrodes,
        tones: passage.tones,
        modulation: passage.modulation,
        processor_latency_ms: 1e3 * processor.latency_ticks() as f64 / TICKS_PER_SEC as f64,
        stated_latency_ms: passage.stated_latency_ms,
        measured_latency_ms: passage.measured_latency_ms,
        delay_ms: implant.delay_ms,
        counts,
        bars,
    })
}

/// What a strategy is called.
fn strategy_name(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Ace { .. } => "ACE",
        Strategy::Cis { filterbank: Filterbank::Fourier } => "CIS of Fourier bands",
        Strategy::Cis { filterbank: Filterbank::Gammatone } => "CIS of gammatone bands",
        Strategy::CurrentSteering => "current steering",
        Strategy::FineStructure { .. } => "fine structure",
    }
}

fn electrodes(processor: &Processor, placement: &Placement) -> Vec<ElectrodeRow> {
    let bands = processor.bands();
    let row = |(index, place_hz): (usize, &f64)| {
        let electrode = index as u8 + 1;
        let own = bands.iter().find(|band| band.electrode == electrode);
        let below = bands.iter().find(|band| band.steered_to == Some(electrode));
        // With steering an electrode's own frequency is where its channel begins and the one below ends.
        let band_hz = match (own, below) {
            (Some(band), _) if band.steered_to.is_none() => Some(band.centre_hz),
            (Some(band), _) => Some(band.low_hz),
            (None, Some(band)) => Some(band.high_hz),
            (None, None) => None,
        };
        let (t_level, c_level) = processor.levels(electrode).unwrap_or((f64::NAN, f64::NAN));
        ElectrodeRow {
            electrode,
            stimulated: band_hz.is_some(),
            levels: [t_level, c_level],
            place_hz: *place_hz,
            band_hz,
            mismatch_octaves: band_hz.map(|band_hz| libm::log2(place_hz / band_hz)),
        }
    };
    placement.place_hz.iter().enumerate().map(row).collect()
}
