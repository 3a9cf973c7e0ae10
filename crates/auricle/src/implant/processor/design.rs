//! What each strategy is made of: its constants, and where they come from.

use super::super::params::{Filterbank, Implant, ProcessorParams, Strategy};
use super::super::pulse::TICKS_PER_SEC;
use super::Engine;
use super::ace::{self, Ace};
use super::agc::{Agc, Compressor, DualLoop, Limiter};
use super::bands::{Band, edges_around_hz, even_bands_hz, gammatone_centres_hz};
use super::cis::{self, Cis};
use super::current::CurrentScale;
use super::current_steering::{self as steering, CurrentSteering};
use super::error::ProcessorError;
use super::front_end::{FrontEnd, tone_amplitude};
use super::gammatone::Gammatone;
use super::growth::Growth;
use super::map::Map;
use super::settings::{Pulses, Settings, Shape};
use crate::dsp::math::amplitude;
use crate::level::Calibration;

/// Sampling rates of the sound that can be taken, Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8000..=192_000;

/// A device, made; latencies are those of its own analysis.
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
        let params = &implant.processor;
        match params.strategy {
            Strategy::Ace { maxima } => ace(params, &settings, "ACE", Some(maxima)),
            Strategy::Cis { filterbank: Filterbank::Fourier } => ace(params, &settings, "CIS", None),
            Strategy::Cis { filterbank: Filterbank::Gammatone } => gammatone(params, &settings, "CIS", 0),
            Strategy::CurrentSteering => current_steering(params, &settings),
            Strategy::FineStructure { fine_channels } => gammatone(params, &settings, "fine structure", fine_channels),
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
/// How far v falls over the 10 dB below saturation, percent (Swanson 2008).
const ACE_STEEPNESS_PERCENT: f64 = 20.0;

/// ACE, or without `maxima` CIS of the same bands.
fn ace(
    params: &ProcessorParams,
    settings: &Settings,
    name: &'static str,
    maxima: Option<usize>,
) -> Result<Design, ProcessorError> {
    let electrodes = settings.electrodes(name, params.channels, ace::MOST_CHANNELS, 0)?;
    let channels = electrodes.len();
    let maxima = maxima.unwrap_or(channels);
    if maxima == 0 || maxima > channels {
        return Err(ProcessorError::Maxima { maxima, channels });
    }
    // 25 us a phase, a gap of 7 us, and 12 us in which electrodes are connected to ground: 69 us.
    let shape = Shape::new(params, 25.0, 7.0, 12.0)?;
    let fewer = if maxima < channels { "maxima" } else { "channels" };
    let pulses = Pulses { count: maxima, fewer, spacing_ticks: shape.spacing_ticks() };
    let hop = pulses.period(params.rate_pps, 900.0, ace::RATE_HZ, ace::FRAME)?;
    let tone = |speech_db_spl: f64| tone_amplitude(speech_db_spl - SPEECH_OVER_TONE_DB);
    let growth = Growth::with_steepness(tone(ACE_T_DB_SPL), tone(ACE_C_DB_SPL), ACE_STEEPNESS_PERCENT);
    // The peaks of speech at 65 dB SPL: its RMS is that of a tone, 1/sqrt 2 of the tone's amplitude.
    let knee = tone_amplitude(65.0) * std::f64::consts::FRAC_1_SQRT_2 * amplitude(SPEECH_PEAK_DB);
    let rate_hz = f64::from(ace::RATE_HZ);
    let engine = Ace::new(&electrodes, maxima, hop, shape, &growth);
    let latency_ticks = ace::FRAME as u64 / 2 * TICKS_PER_SEC / u64::from(ace::RATE_HZ);
    let bands = (0..channels)
        .map(|channel| {
            let edges = engine.runs().edges_hz(channel, rate_hz / ace::FRAME as f64);
            band(electrodes[channels - 1 - channel].0, None, edges, latency_ticks)
        })
        .collect();
    Ok(Design {
        device_rate_hz: ace::RATE_HZ,
        front_end: FrontEnd::new(rate_hz, Agc::Limiter(Limiter::new(rate_hz, knee, 0.075, 0.005))),
        engine: Engine::Ace(Box::new(engine)),
        map: Map::new(growth, CurrentScale::CIC4, params.volume, settings.ranges.clone()),
        bands,
    })
}

/// Level of a tone of which C and T are reached by the devices whose compressor works all the time, dB SPL.
const WIDE_C_DB_SPL: f64 = 100.0;
const WIDE_T_DB_SPL: f64 = 25.0;

/// Magnitudes of T and C behind a compressor: C is reached by what it leaves of a tone at [`WIDE_C_DB_SPL`].
fn behind_compressor(knee_db_spl: f64, ratio: f64) -> (f64, f64) {
    (tone_amplitude(WIDE_T_DB_SPL), tone_amplitude(knee_db_spl + (WIDE_C_DB_SPL - knee_db_spl) / ratio))
}

/// CIS of gammatone bands, or with `fine_channels` of bands of their own fine structure.
fn gammatone(
    params: &ProcessorParams,
    settings: &Settings,
    name: &'static str,
    fine_channels: usize,
) -> Result<Design, ProcessorError> {
    const KNEE_DB_SPL: f64 = 52.7;
    const RATIO: f64 = 3.0;
    let electrodes = settings.electrodes(name, params.channels, cis::MOST_CHANNELS, 0)?;
    let channels = electrodes.len();
    let fine = matches!(params.strategy, Strategy::FineStructure { .. });
    let most = channels.min(cis::MOST_FINE);
    if fine && (fine_channels == 0 || fine_channels > most) {
        return Err(ProcessorError::FineChannels { fine_channels, channels, most });
    }
    let shape = Shape::new(params, 30.0, 2.1, 12.0)?;
    let slots = cis::slots(channels, fine_channels);
    let pulses = Pulses { count: slots, fewer: "channels", spacing_ticks: shape.spacing_ticks() };
    // Where all channels have fine structure there is no cycle: slots come as densely as they can.
    let own_pps = if fine_channels == channels { f64::from(cis::RATE_HZ) } else { 2000.0 };
    let cycle_samples = pulses.period(params.rate_pps, own_pps, cis::RATE_HZ, cis::RATE_HZ as usize / 100)?;
    let rate_hz = f64::from(cis::RATE_HZ);
    let edges = if fine { even_bands_hz(channels) } else { edges_around_hz(&gammatone_centres_hz(channels)) };
    let filters = Gammatone::new(rate_hz, &edges);
    let bands = edges
        .iter()
        .enumerate()
        .map(|(channel, edges)| {
            let filter_ticks = (filters.delay_secs(channel) * TICKS_PER_SEC as f64).round() as u64;
            // A sample is known when it has ended.
            band(electrodes[channels - 1 - channel].0, None, *edges, filter_ticks + cis::SAMPLE_TICKS)
        })
        .collect();
    let (base, saturation) = behind_compressor(KNEE_DB_SPL, RATIO);
    let agc = Compressor::new(rate_hz, tone_amplitude(KNEE_DB_SPL), RATIO, 0.004, 0.016);
    let growth = Growth::new(base, saturation, 500.0);
    Ok(Design {
        device_rate_hz: cis::RATE_HZ,
        front_end: FrontEnd::new(rate_hz, Agc::Compressor(agc)),
        engine: Engine::Cis(Box::new(Cis::new(filters, &electrodes, fine_channels, cycle_samples, shape))),
        map: Map::new(growth, CurrentScale::LINEAR, params.volume, settings.ranges.clone()),
        bands,
    })
}

/// Current steering between neighbours, F120-like.
fn current_steering(params: &ProcessorParams, settings: &Settings) -> Result<Design, ProcessorError> {
    // Of the slow loop: what is said of this device's; not in the paper.
    const KNEE_DB_SPL: f64 = 63.0;
    const RATIO: f64 = 12.0;
    let electrodes = settings.electrodes("current steering", params.channels, steering::MOST_CHANNELS, 1)?;
    let channels = electrodes.len() - 1;
    // Sources of their own for each electrode need no pause: 15 channels of 36 us are a cycle of 540 us.
    let shape = Shape::new(params, 18.0, 0.0, 0.0)?;
    let pulses = Pulses { count: channels, fewer: "channels", spacing_ticks: shape.spacing_ticks() };
    let own_pps = 1e6 / 540.0;
    let cycle_ticks =
        pulses.period(params.rate_pps, own_pps, TICKS_PER_SEC as u32, TICKS_PER_SEC as usize / 100)? as u64;
    let rate_hz = f64::from(steering::RATE_HZ);
    let (base, saturation) = behind_compressor(KNEE_DB_SPL, RATIO);
    let growth = Growth::logarithmic(base, saturation);
    let engine = CurrentSteering::new(&electrodes, cycle_ticks, shape, &growth);
    let latency_ticks = steering::FRAME as u64 / 2 * TICKS_PER_SEC / u64::from(steering::RATE_HZ);
    let bands = (0..channels)
        .map(|channel| {
            let edges = engine.runs().edges_hz(channel, rate_hz / steering::FRAME as f64);
            let (basal, apical) = (electrodes[channels - 1 - channel].0, electrodes[channels - channel].0);
            band(apical, Some(basal), edges, latency_ticks)
        })
        .collect();
    let agc =
        DualLoop::new(rate_hz, tone_amplitude(KNEE_DB_SPL), RATIO, (0.139, 0.383), (0.000_33, 0.046), amplitude(8.0));
    Ok(Design {
        device_rate_hz: steering::RATE_HZ,
        front_end: FrontEnd::new(rate_hz, Agc::DualLoop(agc)),
        engine: Engine::CurrentSteering(Box::new(engine)),
        map: Map::new(growth, CurrentScale::LINEAR, params.volume, settings.ranges.clone()),
        bands,
    })
}

fn band(electrode: u8, steered_to: Option<u8>, edges_hz: (f64, f64, f64), latency_ticks: u64) -> Band {
    let (low_hz, centre_hz, high_hz) = edges_hz;
    Band { electrode, steered_to, low_hz, centre_hz, high_hz, latency_ticks }
}
