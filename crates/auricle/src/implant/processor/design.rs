//! What each strategy is made of: its constants, and where they come from.

use super::super::params::{Filterbank, Implant, Strategy};
use super::Engine;
use super::ace::{self, Ace};
use super::agc::{Agc, Limiter};
use super::bands::Band;
use super::current::CurrentScale;
use super::error::ProcessorError;
use super::front_end::{FrontEnd, tone_amplitude};
use super::growth::Growth;
use super::map::Map;
use super::settings::{Pulses, Settings, Shape};
use crate::dsp::math::amplitude;
use crate::level::Calibration;

/// Sampling rates of the sound that can be taken, Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8000..=192_000;

/// A device, made.
pub(super) struct Design {
    pub(super) device_rate_hz: u32,
    pub(super) front_end: FrontEnd,
    pub(super) engine: Engine,
    pub(super) map: Map,
    pub(super) bands: Vec<Band>,
}

impl Design {
    pub(super) fn new(
        implant: &Implant,
        sample_rate_hz: u32,
        calibration: Calibration,
    ) -> Result<Self, ProcessorError> {
        if !RATES_HZ.contains(&sample_rate_hz) {
            return Err(ProcessorError::SampleRate { hz: sample_rate_hz });
        }
        if !calibration.is_plausible() {
            return Err(ProcessorError::Calibration { full_scale_db_spl: calibration.full_scale_db_spl });
        }
        let settings = Settings::new(implant)?;
        match implant.processor.strategy {
            Strategy::Ace { maxima } => ace(implant, &settings, "ACE", Some(maxima)),
            Strategy::Cis { filterbank: Filterbank::Fourier } => ace(implant, &settings, "CIS", None),
            _ => Err(ProcessorError::NotYet),
        }
    }
}

/// C is reached by speech of this level, and T by that of this, dB SPL; a tone in one band is as loud
/// in that band as speech that is 6 dB louder in all.
const ACE_C_DB_SPL: f64 = 65.0;
const ACE_T_DB_SPL: f64 = 25.0;
const SPEECH_OVER_TONE_DB: f64 = 6.0;
/// Peaks of speech over its RMS, dB.
const SPEECH_PEAK_DB: f64 = 11.0;

/// ACE, or without `maxima` CIS of the same bands.
fn ace(
    implant: &Implant,
    settings: &Settings,
    name: &'static str,
    maxima: Option<usize>,
) -> Result<Design, ProcessorError> {
    let params = &implant.processor;
    let electrodes = settings.electrodes(name, params.channels, ace::MOST_CHANNELS, 0)?;
    let channels = electrodes.len();
    let maxima = maxima.unwrap_or(channels);
    if maxima == 0 || maxima > channels {
        return Err(ProcessorError::Maxima { maxima, channels });
    }
    let shape = Shape::new(params, 25.0, 7.0, 12.0)?;
    let fewer = if maxima < channels { "maxima" } else { "channels" };
    let pulses = Pulses { count: maxima, fewer, spacing_ticks: shape.spacing_ticks() };
    let hop = pulses.period_samples(params.rate_pps, 900.0, ace::RATE_HZ, ace::FRAME)?;
    let tone = |speech_db_spl: f64| tone_amplitude(speech_db_spl - SPEECH_OVER_TONE_DB);
    let growth = Growth::with_steepness(tone(ACE_T_DB_SPL), tone(ACE_C_DB_SPL), 20.0);
    let map = Map::new(growth, CurrentScale::CIC4, params.volume, settings.ranges.clone());
    // The peaks of speech at 65 dB SPL: its RMS is that of a tone 1/sqrt 2 of the tone's amplitude.
    let knee = tone_amplitude(65.0) * std::f64::consts::FRAC_1_SQRT_2 * amplitude(SPEECH_PEAK_DB);
    let rate_hz = f64::from(ace::RATE_HZ);
    let engine = Ace::new(&electrodes, maxima, hop, shape, &map.growth);
    let bands = (0..channels)
        .map(|channel| {
            let (low, centre, high) = engine.runs().edges(channel);
            let hz = rate_hz / ace::FRAME as f64;
            Band {
                electrode: electrodes[channels - 1 - channel].0,
                steered_to: None,
                low_hz: low * hz,
                centre_hz: centre * hz,
                high_hz: high * hz,
            }
        })
        .collect();
    Ok(Design {
        device_rate_hz: ace::RATE_HZ,
        front_end: FrontEnd::new(rate_hz, Agc::Limiter(Limiter::new(rate_hz, knee, 0.075, 0.005))),
        engine: Engine::Ace(Box::new(engine)),
        map,
        bands,
    })
}
