//! The place of an ear that is being examined: sounds in, what is heard out.

use std::sync::Arc;

use crate::dsp::math::amplitude;
use crate::dsp::random::Random;
use crate::ear::Stage;
use crate::ear::design::{EarDesign, EarModel};
use crate::ear::steady::SteadyEar;
use crate::level::Calibration;

/// Time for which a tone is on before its level is read, seconds: level restoring averages over 20 ms, the lowest
/// bands ring for 50.
const SETTLING_SECS: f64 = 0.14;
/// Time over which it is read, seconds: eight periods of the lowest tone that is ever played.
const READING_SECS: f64 = 0.1;
/// Time in which tones rise, seconds (ISO 8253-1 allows 20 to 200 ms).
const RISE_SECS: f64 = 0.02;
/// Seed of the random parts of an ear that is examined.
pub(super) const SEED: u64 = 1;

/// An ear, or anything else that sound passes, and what its levels stand for.
pub struct Bench {
    stage: Box<dyn Stage>,
    /// Sample rate, Hz.
    pub sample_rate_hz: u32,
    /// What digital levels stand for.
    pub calibration: Calibration,
}

impl Bench {
    /// For any stage, at the rate that it was made for.
    pub fn new(stage: Box<dyn Stage>, sample_rate_hz: u32, calibration: Calibration) -> Self {
        Self { stage, sample_rate_hz, calibration }
    }

    /// For an ear of a design.
    pub fn of_ear(model: &Arc<EarModel>, design: EarDesign) -> Self {
        let ear = SteadyEar::new(Arc::clone(model), Arc::new(design), SEED);
        Self::new(Box::new(ear), model.bank.sample_rate_hz, model.calibration)
    }

    /// Samples of `secs` seconds.
    pub fn samples(&self, secs: f64) -> usize {
        (secs * f64::from(self.sample_rate_hz)).round() as usize
    }

    /// What is heard of `sound` by an ear that has heard nothing before, as late as it comes out.
    pub fn hear(&mut self, mut sound: Vec<f32>) -> Vec<f32> {
        self.stage.reset();
        self.stage.process(&mut sound);
        sound
    }

    /// As [`Self::hear`], with the ear's latency cut off.
    pub fn hear_in_time(&mut self, mut sound: Vec<f32>) -> Vec<f32> {
        let latency = self.latency_samples();
        sound.resize(sound.len() + latency, 0.0);
        let mut heard = self.hear(sound);
        heard.drain(..latency);
        heard
    }

    /// Samples by which the ear says that its output lags.
    pub fn latency_samples(&self) -> usize {
        self.stage.latency_samples()
    }

    /// What a steady tone of `level_db_hl` sounds like once it is steady, and 180 ms before for filters to settle;
    /// with `polarity` -1 the wave is upside down.
    pub fn tone(&mut self, frequency_hz: f64, level_db_hl: f64, polarity: f64) -> Vec<f32> {
        let mut sound = self.silence();
        add_tone(&mut sound, self.sample_rate_hz, self.calibration, (frequency_hz, level_db_hl, polarity));
        self.hear(sound)
    }

    /// What is heard in silence, as long as a tone.
    pub fn quiet(&mut self) -> Vec<f32> {
        let sound = self.silence();
        self.hear(sound)
    }

    fn silence(&self) -> Vec<f32> {
        vec![0.0; self.samples(SETTLING_SECS + READING_SECS) + self.latency_samples()]
    }

    /// Samples at the end of [`Self::tone`] that are read.
    pub fn reading_samples(&self) -> usize {
        self.samples(READING_SECS)
    }
}

/// Adds a tone `(Hz, dB HL, polarity)` that rises within 20 ms to `sound`.
pub(super) fn add_tone(sound: &mut [f32], sample_rate_hz: u32, calibration: Calibration, tone: (f64, f64, f64)) {
    let (frequency_hz, level_db_hl, polarity) = tone;
    let rate = f64::from(sample_rate_hz);
    let peak = polarity * std::f64::consts::SQRT_2 * amplitude(calibration.db_hl_to_db_fs(level_db_hl, frequency_hz));
    let rise = RISE_SECS * rate;
    for (n, sample) in sound.iter_mut().enumerate() {
        let turns = frequency_hz * n as f64 / rate;
        let risen = 0.5 - 0.5 * libm::cos(std::f64::consts::PI * (n as f64 / rise).min(1.0));
        *sample += (peak * risen * libm::sin(std::f64::consts::TAU * (turns - turns.floor()))) as f32;
    }
}

/// Level of `samples`, dB FS (RMS 1.0 = 0); -300 where they are silent.
pub fn rms_db_fs(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    10.0 * libm::log10((sum / samples.len().max(1) as f64).max(1e-30))
}

/// Bell-shaped white noise of RMS 1.
pub(super) fn white(samples: usize, stream: u64) -> Vec<f32> {
    let mut random = Random::new(SEED, 0xbe_0000 + stream);
    (0..samples).map(|_| random.bell()).collect()
}
