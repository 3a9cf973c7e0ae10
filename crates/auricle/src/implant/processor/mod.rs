//! The sound processor: from sound to pulses, streaming.
//!
//! ```text
//! sound -- resampler -- microphone, pre-emphasis, gain control -- bands -- strategy -- growth, map -- pulses
//! ```

pub mod bands;
pub mod current;
pub mod error;
pub mod growth;

mod ace;
mod agc;
mod cis;
mod current_steering;
mod design;
mod front_end;
mod gammatone;
mod map;
mod settings;
mod spectrum;

use super::params::Implant;
use super::pulse::{PulseSink, TICKS_PER_SEC};
use crate::dsp::resample::Resampler;
use crate::level::Calibration;
use ace::Ace;
use bands::Band;
use cis::Cis;
use current::CurrentScale;
use current_steering::CurrentSteering;
use design::Design;
pub use error::ProcessorError;
use front_end::{FrontEnd, Microphone, tone_db_spl};
use growth::Growth;
use map::{Map, Range};

/// Samples of the sound worked on at a time.
const BLOCK: usize = 256;

/// What makes pulses of the device's samples.
enum Engine {
    Ace(Box<Ace>),
    Cis(Box<Cis>),
    CurrentSteering(Box<CurrentSteering>),
}

/// One ear's sound processor.
///
/// # Time
/// A pulse's onset is a moment of the device, counted from the first sample that was taken in: no earlier than the
/// moment of the last sample that it needed, so that pulses can be rendered as they come. What a pulse tells of the
/// sound is older than that by [`Processor::latency_ticks`].
///
/// Nothing is held back: after the last sample, [`Processor::latency_samples`] samples of silence bring out what the last of
/// the sound became.
pub struct Processor {
    sample_rate_hz: u32,
    device_rate_hz: u32,
    resampler: Option<Resampler>,
    microphone: Microphone,
    front_end: FrontEnd,
    engine: Engine,
    map: Map,
    bands: Vec<Band>,
    sensitivity_db: f64,
    /// Sound without what is no number, and samples of the device made from it.
    taken: Vec<f32>,
    device: Vec<f64>,
}

impl Processor {
    /// A processor for sound of `sample_rate_hz` (8000 to 192,000), of which `calibration` says how loud it is.
    ///
    /// Sound at a rate below that of the device is taken as it is: bands above half its rate are silent. Of the
    /// implant, what lies in the cochlea plays no part but for the number of contacts.
    ///
    /// # Errors
    /// Whatever in the implant no device can do, by [`ProcessorError`].
    pub fn new(implant: &Implant, sample_rate_hz: u32, calibration: Calibration) -> Result<Self, ProcessorError> {
        let mut design = Design::new(implant, sample_rate_hz, calibration)?;
        let resampler = Resampler::new(sample_rate_hz, design.device_rate_hz);
        let delay_samples = resampler.as_ref().map_or(0, Resampler::delay_samples) as u64;
        for band in &mut design.bands {
            band.latency_ticks += delay_samples * TICKS_PER_SEC / u64::from(sample_rate_hz);
        }
        let most = BLOCK * design.device_rate_hz as usize / sample_rate_hz as usize + 2;
        Ok(Self {
            sample_rate_hz,
            device_rate_hz: design.device_rate_hz,
            resampler,
            microphone: Microphone::new(calibration, implant.processor.sensitivity_db),
            front_end: design.front_end,
            engine: design.engine,
            map: design.map,
            bands: design.bands,
            sensitivity_db: implant.processor.sensitivity_db,
            taken: vec![0.0; BLOCK],
            device: vec![0.0; most],
        })
    }

    /// Takes sound, any number of samples, and hands the pulses that are due to `sink`, in the order of their onsets.
    /// How the sound is cut into calls does not matter. Real-time safe.
    ///
    /// What is no number is taken for silence.
    pub fn process(&mut self, sound: &[f32], sink: &mut impl PulseSink) {
        for sound in sound.chunks(BLOCK) {
            let taken = &mut self.taken[..sound.len()];
            for (taken, x) in taken.iter_mut().zip(sound) {
                *taken = self.microphone.take(*x);
            }
            let mut count = 0;
            let (device, microphone) = (&mut self.device, &self.microphone);
            let mut each = |x: f32| {
                device[count] = microphone.amplify(x);
                count += 1;
            };
            match &mut self.resampler {
                Some(resampler) => resampler.process(taken, each),
                None => taken.iter().for_each(|x| each(*x)),
            }
            let device = &mut self.device[..count];
            self.front_end.process(device);
            match &mut self.engine {
                Engine::Ace(ace) => ace.process(device, &self.map, sink),
                Engine::Cis(cis) => cis.process(device, &self.map, sink),
                Engine::CurrentSteering(steering) => steering.process(device, &self.map, sink),
            }
        }
    }

    /// Forgets everything heard so far. Real-time safe.
    pub fn reset(&mut self) {
        if let Some(resampler) = &mut self.resampler {
            resampler.reset();
        }
        self.front_end.reset();
        match &mut self.engine {
            Engine::Ace(ace) => ace.reset(),
            Engine::Cis(cis) => cis.reset(),
            Engine::CurrentSteering(steering) => steering.reset(),
        }
    }

    /// The rate at which the device works, Hz; sound of another rate is brought to it.
    pub fn device_rate_hz(&self) -> u32 {
        self.device_rate_hz
    }

    /// By how much a pulse lags, at least, the moment of the sound that it tells of, in ticks; the greatest of all
    /// bands, of which each says its own.
    ///
    /// * ACE, CIS of Fourier bands: that moment is the middle of the frame's window, and the lag that of the frame's
    ///   first pulse; later ones lag by as much more as they come later.
    /// * CIS of gammatone bands, fine structure: each pulse has a moment of its own, earlier by what the band's filter
    ///   delays a slow envelope; the lag is up to a sample of the device more, and where a crossing waits for
    ///   its slot, more by that.
    /// * Current steering: the middle of the last frame's window; pulses lag up to a frame (1.15 ms) and a cycle more.
    ///
    /// All of them include what resampling delays.
    pub fn latency_ticks(&self) -> u64 {
        self.bands.iter().map(|band| band.latency_ticks).max().unwrap_or(0)
    }

    /// [`Processor::latency_ticks`] in samples of the sound, rounded up.
    pub fn latency_samples(&self) -> usize {
        (self.latency_ticks() * u64::from(self.sample_rate_hz)).div_ceil(TICKS_PER_SEC) as usize
    }

    /// Pulses per second on each channel, as the device makes them; fine channels have their own.
    pub fn rate_pps(&self) -> f64 {
        let ticks = match &self.engine {
            Engine::Ace(ace) => ace.frame_ticks(),
            Engine::Cis(cis) => cis.cycle_ticks(),
            Engine::CurrentSteering(steering) => steering.cycle_ticks(),
        };
        TICKS_PER_SEC as f64 / ticks as f64
    }

    /// The channels' bands, lowest (most apical) first.
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// How magnitudes become parts of the electrodes' ranges.
    pub fn growth(&self) -> Growth {
        self.map.growth
    }

    /// How clinical units stand for microamperes.
    pub fn current_scale(&self) -> CurrentScale {
        self.map.scale
    }

    /// T and C level of an electrode of the array, clinical units; `None` where there is no such electrode.
    pub fn levels(&self, electrode: u8) -> Option<(f64, f64)> {
        self.map.range(electrode).map(|range| (range.t_level, range.c_level))
    }

    /// The level, dB SPL, of a tone in the middle of an electrode's band that a current of it stands for: the inverse
    /// of map, growth, band and pre-emphasis, as they are at full volume and a sensitivity of 0 dB and with the gain
    /// control at rest. So a lower volume, or a gain control that holds sound down, is heard as the lower level
    /// that it makes. Currents above C count as C.
    ///
    /// `None` for a current below T, which is not heard, and for an electrode without a band. Of two electrodes that fire
    /// at once see [`Processor::steered_level_db_spl`].
    pub fn level_db_spl(&self, electrode: u8, current_ua: f64) -> Option<f64> {
        let channel = self.bands.iter().position(|band| band.electrode == electrode);
        let channel = channel.or_else(|| self.bands.iter().position(|band| band.steered_to == Some(electrode)))?;
        self.level_in_db_spl(channel, self.map.range(electrode)?, current_ua)
    }

    /// [`Processor::level_db_spl`] of a channel that fires two electrodes at once, by both currents: that of the more apical
    /// `electrode` and that of the more basal one it is steered to.
    ///
    /// `None` where the sum is below T, which lies between the two electrodes' as the current does, and where no channel
    /// begins at that electrode.
    pub fn steered_level_db_spl(&self, electrode: u8, current_ua: f64, basal_current_ua: f64) -> Option<f64> {
        let channel = self.bands.iter().position(|band| band.electrode == electrode)?;
        let (apical, basal) = (self.map.range(electrode)?, self.map.range(self.bands[channel].steered_to?)?);
        let sum_ua = current_ua + basal_current_ua;
        let range = apical.towards(basal, basal_current_ua / sum_ua);
        self.level_in_db_spl(channel, range, sum_ua)
    }

    fn level_in_db_spl(&self, channel: usize, range: Range, current_ua: f64) -> Option<f64> {
        let magnitude = self.map.magnitude(range, current_ua)?;
        Some(tone_db_spl(magnitude / self.gain(channel, self.bands[channel].centre_hz)))
    }

    /// The level of the softest tone of `frequency_hz` that makes pulses at T, dB SPL: the sound-field threshold that the
    /// map implies where its T levels are the thresholds of the nerve. `None` for a tone above half the rate of
    /// the sound or of the device.
    pub fn threshold_db_spl(&self, frequency_hz: f64) -> Option<f64> {
        let highest_hz = 0.5 * f64::from(self.sample_rate_hz.min(self.device_rate_hz));
        if !(frequency_hz > 0.0 && frequency_hz < highest_hz) {
            return None;
        }
        let gain = (0..self.bands.len()).map(|channel| self.loudest_gain(channel, frequency_hz)).fold(0.0, f64::max);
        Some(tone_db_spl(self.map.growth.base() / gain) - self.sensitivity_db)
    }

    /// Greatest magnitude that a channel's pulses have of a tone of amplitude 1 in the device.
    fn loudest_gain(&self, channel: usize, frequency_hz: f64) -> f64 {
        let Engine::Cis(cis) = &self.engine else { return self.gain(channel, frequency_hz) };
        let part = frequency_hz / f64::from(self.device_rate_hz);
        cis.loudest_gain(channel, frequency_hz) * self.front_end.gain(std::f64::consts::TAU * part)
    }

    /// Magnitude in a channel of a tone of amplitude 1 in the device.
    pub(crate) fn gain(&self, channel: usize, frequency_hz: f64) -> f64 {
        let part = frequency_hz / f64::from(self.device_rate_hz);
        let band = match &self.engine {
            Engine::Ace(ace) => ace.runs().gain(channel, part * ace::FRAME as f64),
            Engine::Cis(cis) => cis.filters().gain(channel, frequency_hz),
            Engine::CurrentSteering(steering) => steering.runs().gain(channel, part * current_steering::FRAME as f64),
        };
        band * self.front_end.gain(std::f64::consts::TAU * part)
    }
}
