//! Ringing that no one else hears.
//!
//! In the clinic a tinnitus is matched with an outside sound, some dB above the ear's own threshold
//! there (dB SL). What that match sounds like to the listener is what recruitment makes of it, and that
//! is the level rendered: r times the sensation level, in dB HL, never above the matched level itself
//! and never above the cap.

use super::recruitment::growth;
use crate::audiogram;
use crate::dsp::random::Random;
use crate::level::Calibration;
use crate::listener::{self, EarFindings, TinnitusSound};

/// A tinnitus with its level worked out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TinnitusParams {
    /// What it is like.
    pub sound: TinnitusSound,
    /// Frequency, Hz.
    pub frequency_hz: f64,
    /// RMS at which it is rendered, 1.0 being digital full scale.
    pub rms: f64,
}

impl TinnitusParams {
    /// Works out the level of a tinnitus in an ear.
    pub fn new(found: listener::Tinnitus, ear: &EarFindings, calibration: Calibration) -> Self {
        let hz = found.frequency_hz;
        let air_db_hl = ear.air.threshold_db_hl(hz).max(0.0);
        let cochlea_db_hl = audiogram::sensorineural_db_hl(&ear.air, ear.bone.as_ref(), hz).max(0.0);
        let recruited = f64::from(growth(cochlea_db_hl as f32)) * found.level_db_sl;
        let level_db_hl = recruited.min(air_db_hl + found.level_db_sl);
        let level_db_spl = calibration.db_hl_to_db_spl(level_db_hl, hz).min(found.cap_db_spl);
        let rms = crate::dsp::math::amplitude(calibration.db_spl_to_db_fs(level_db_spl));
        Self { sound: found.sound, frequency_hz: hz, rms }
    }
}

/// Random streams of tinnitus begin here.
const STREAM: u64 = 0x71_0000;

/// A generator.
pub(super) struct Tinnitus {
    params: TinnitusParams,
    /// Radians a sample.
    angle: f64,
    /// Two complex one-poles round the centre of a band: radius and gain to unit RMS.
    radius: f32,
    band_gain: f32,
    state: [[f32; 2]; 2],
    /// Gain at the last period's end.
    gain: f32,
    noise: Random,
    seed: (u64, u64),
}

impl Tinnitus {
    pub(super) fn new(params: TinnitusParams, sample_rate_hz: u32, seed: u64, stream: u64) -> Self {
        let rate = f64::from(sample_rate_hz);
        let frequency_hz = params.frequency_hz.min(0.45 * rate);
        let bandwidth_hz = match params.sound {
            TinnitusSound::Band { bandwidth_octaves } => {
                let half = libm::exp2(0.5 * bandwidth_octaves);
                frequency_hz * (half - 1.0 / half)
            }
            _ => 0.0,
        };
        // Two equal one-poles in a row are 3 dB down at 0.644 of one's half-width.
        let radius = libm::exp(-std::f64::consts::PI * bandwidth_hz / (0.644 * rate));
        // White noise of unit variance through 1/(1-az^-1)^2: variance (1+r^2)/(1-r^2)^3 of the complex
        // output, of which the real part is taken: half of it.
        let r2 = radius * radius;
        let variance = 0.5 * (1.0 + r2) / libm::pow((1.0 - r2).max(1e-9), 3.0);
        Self {
            params,
            angle: std::f64::consts::TAU * frequency_hz / rate,
            radius: radius as f32,
            band_gain: (1.0 / variance.sqrt()) as f32,
            state: [[0.0; 2]; 2],
            gain: 0.0,
            noise: Random::new(seed, STREAM + stream),
            seed: (seed, STREAM + stream),
        }
    }

    pub(super) fn reset(&mut self) {
        self.state = [[0.0; 2]; 2];
        self.gain = 0.0;
        self.noise = Random::new(self.seed.0, self.seed.1);
    }

    /// Adds a period that ends at `level` (0 to 1) and whose first sample is sample `begin_samples` of the
    /// programme; the level moves linearly from where the last period left it.
    pub(super) fn add(&mut self, out: &mut [f32], level: f32, begin_samples: u64) {
        let mut gain = self.gain;
        let target = level * self.params.rms as f32;
        let step = (target - gain) / out.len() as f32;
        self.gain = target;
        let mut next_gain = || {
            gain += step;
            gain
        };
        match self.params.sound {
            TinnitusSound::Tone => {
                if target == 0.0 && step == 0.0 {
                    return;
                }
                // The phase comes from the absolute sample, so that no start and no block can shift it.
                let turns = self.angle / std::f64::consts::TAU * begin_samples as f64;
                let phase = std::f64::consts::TAU * (turns - turns.floor());
                let (mut sin, mut cos) = (libm::sin(phase) as f32, libm::cos(phase) as f32);
                let (step_sin, step_cos) = (libm::sin(self.angle) as f32, libm::cos(self.angle) as f32);
                for sample in out {
                    *sample += next_gain() * std::f32::consts::SQRT_2 * sin;
                    (sin, cos) = (sin * step_cos + cos * step_sin, cos * step_cos - sin * step_sin);
                }
            }
            TinnitusSound::Noise => {
                for sample in out {
                    *sample += next_gain() * self.noise.bell();
                }
            }
            TinnitusSound::Band { .. } => {
                let (sin, cos) = (libm::sin(self.angle) as f32, libm::cos(self.angle) as f32);
                let (a_re, a_im) = (self.radius * cos, self.radius * sin);
                for sample in out {
                    let (mut re, mut im) = (self.noise.bell(), 0.0);
                    for state in &mut self.state {
                        let [s_re, s_im] = *state;
                        re += a_re * s_re - a_im * s_im;
                        im += a_re * s_im + a_im * s_re;
                        *state = [re, im];
                    }
                    *sample += next_gain() * self.band_gain * re;
                }
            }
        }
    }
}
