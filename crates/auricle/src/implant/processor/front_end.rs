//! The front end: from digital sound to what the bands are made of.
//!
//! ```text
//! sound -- microphone: calibration, sensitivity -- pre-emphasis -- gain control -- bands
//! ```
//! Amplitudes within the device are such that a tone of amplitude 1 is one of 95 dB SPL.

use realfft::num_complex::Complex64;

use super::agc::Agc;
use crate::dsp::math::amplitude;
use crate::level::Calibration;

/// Sound pressure level of a tone of amplitude 1 in the device, dB SPL.
pub(super) const UNIT_TONE_DB_SPL: f64 = 95.0;
/// Corner of the pre-emphasis: a first-order Butterworth high-pass, for a directional microphone, Hz.
const PRE_EMPHASIS_HZ: f64 = 1200.0;
/// Peak beyond which a microphone gives no more, dB SPL of a tone with that amplitude.
const MICROPHONE_LIMIT_DB_SPL: f64 = 125.0;
/// What is left of a filter's state below this is nothing; keeps denormal numbers out.
const NOTHING: f64 = 1e-30;

/// Amplitude in the device of a tone of `level_db_spl`.
pub(super) fn tone_amplitude(level_db_spl: f64) -> f64 {
    amplitude(level_db_spl - UNIT_TONE_DB_SPL)
}

/// Level of a tone that has `amplitude` in the device, dB SPL.
pub(super) fn tone_db_spl(amplitude: f64) -> f64 {
    UNIT_TONE_DB_SPL + 20.0 * libm::log10(amplitude)
}

/// What a sample of the sound may be, and what it is multiplied by to be one of the device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Microphone {
    limit: f32,
    gain: f64,
}

impl Microphone {
    pub(super) fn new(calibration: Calibration, sensitivity_db: f64) -> Self {
        // A tone of amplitude 1 has an RMS of 1/sqrt 2.
        let tone_db_spl = calibration.full_scale_db_spl - 10.0 * libm::log10(2.0);
        Self {
            limit: amplitude(MICROPHONE_LIMIT_DB_SPL - tone_db_spl) as f32,
            gain: amplitude(tone_db_spl - UNIT_TONE_DB_SPL + sensitivity_db),
        }
    }

    /// What is no number is silence, and no peak is above what a microphone takes.
    #[inline]
    pub(super) fn take(&self, x: f32) -> f32 {
        if x.is_finite() { x.clamp(-self.limit, self.limit) } else { 0.0 }
    }

    #[inline]
    pub(super) fn amplify(&self, x: f32) -> f64 {
        self.gain * f64::from(x)
    }
}

/// What stands between the microphone and the bands.
#[derive(Debug, Clone)]
pub(super) struct FrontEnd {
    /// y[n] = b (x[n] - x[n-1]) - a y[n-1]
    b: f64,
    a: f64,
    last_in: f64,
    last_out: f64,
    agc: Agc,
}

impl FrontEnd {
    pub(super) fn new(rate_hz: f64, agc: Agc) -> Self {
        // The bilinear transform of s / (s + w), with the corner where it should be.
        let k = libm::tan(std::f64::consts::PI * PRE_EMPHASIS_HZ / rate_hz);
        Self { b: 1.0 / (1.0 + k), a: (k - 1.0) / (k + 1.0), last_in: 0.0, last_out: 0.0, agc }
    }

    pub(super) fn reset(&mut self) {
        (self.last_in, self.last_out) = (0.0, 0.0);
        self.agc.reset();
    }

    /// In place, samples of the device. Real-time safe.
    pub(super) fn process(&mut self, samples: &mut [f64]) {
        let (a, b) = (self.a, self.b);
        let (mut last_in, mut last_out) = (self.last_in, self.last_out);
        self.agc.process(samples, |x| {
            let y = b * (x - last_in) - a * last_out;
            last_in = x;
            last_out = if y.abs() < NOTHING { 0.0 } else { y };
            last_out
        });
        (self.last_in, self.last_out) = (last_in, last_out);
    }

    /// Gain of the pre-emphasis at `w` radians a sample.
    pub(super) fn gain(&self, w: f64) -> f64 {
        let back = Complex64::new(libm::cos(w), -libm::sin(w));
        let response = self.b * (1.0 - back) / (1.0 + self.a * back);
        libm::sqrt(response.norm_sqr())
    }
}
