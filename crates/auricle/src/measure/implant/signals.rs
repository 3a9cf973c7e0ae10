//! Sounds that devices are examined with.

use crate::dsp::math::amplitude;
use crate::level::Calibration;
use crate::measure::bench::SEED;
use crate::measure::intelligibility::{Effort, Modulated};

/// Makes sounds that are as loud to the device as they say, whatever its sensitivity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signals {
    pub(super) sample_rate_hz: u32,
    pub(super) calibration: Calibration,
    pub(super) sensitivity_db: f64,
}

impl Signals {
    pub(super) fn samples(&self, secs: f64) -> usize {
        (secs * f64::from(self.sample_rate_hz)).round() as usize
    }

    /// Peak of a sine that is `level_db_spl` to the device.
    fn peak(&self, level_db_spl: f64) -> f64 {
        let db_fs = self.calibration.db_spl_to_db_fs(level_db_spl - self.sensitivity_db);
        std::f64::consts::SQRT_2 * amplitude(db_fs)
    }

    /// A sine whose amplitude is multiplied by what `envelope` says of a time in seconds.
    pub(super) fn tone(&self, secs: f64, hz: f64, level_db_spl: f64, envelope: impl Fn(f64) -> f64) -> Vec<f32> {
        let peak = self.peak(level_db_spl);
        let rate = f64::from(self.sample_rate_hz);
        (0..self.samples(secs))
            .map(|n| {
                let secs = n as f64 / rate;
                let turns = hz * secs;
                (peak * envelope(secs) * libm::sin(std::f64::consts::TAU * (turns - turns.floor()))) as f32
            })
            .collect()
    }

    /// A sine that glides at even octaves a second.
    pub(super) fn sweep(&self, secs: f64, from_hz: f64, to_hz: f64, level_db_spl: f64) -> Vec<f32> {
        let growth = libm::log(to_hz / from_hz) / secs;
        let peak = self.peak(level_db_spl);
        (0..self.samples(secs))
            .map(|n| {
                let secs = n as f64 / f64::from(self.sample_rate_hz);
                let turns = from_hz * libm::expm1(growth * secs) / growth;
                (peak * libm::sin(std::f64::consts::TAU * (turns - turns.floor()))) as f32
            })
            .collect()
    }

    /// Noise with the spectrum of speech at normal effort (62 dB SPL) that rises and falls as syllables do.
    pub(super) fn speech(&self, secs: f64) -> Vec<f32> {
        let gain = amplitude(-self.sensitivity_db) as f32;
        let mut sound = Modulated::new(Effort::Normal, self.calibration, self.sample_rate_hz, secs, SEED).samples;
        sound.iter_mut().for_each(|sample| *sample *= gain);
        sound
    }
}
