//! Never louder than what came in: a limiter whose ceiling is the sound's own recent peak and power.
//!
//! Looks one control period ahead. Within a period the gain is a line between its ends, and each end is the lesser of
//! what the periods on its two sides allow: so no sample is above the ceiling, and no gain has a step.

use crate::dsp::math::amplitude;

/// How long before and after the time heard the input is looked at, seconds before; after, it is what is known.
const HOLD_SECS: f64 = 0.050;
/// How fast the ceiling comes down after that, dB a second: slower than any ring, which may outlast what struck it.
const FALL_DB_PER_SEC: f64 = 120.0;
/// Averaging of powers, seconds.
const POWER_SECS: f64 = 0.025;
/// Power may be above the input's by this before it is brought down: 0.5 dB.
const POWER_MARGIN: f32 = 1.122;
/// Time in which the gain comes back, seconds.
const RELEASE_SECS: f64 = 0.040;
/// Below this all is silence, in power.
const SILENCE: f32 = 1e-20;

/// State of the limiter.
pub(super) struct Ceiling {
    /// `(peak, mean square)` of the input's last periods, as a ring.
    input: Vec<(f32, f32)>,
    at: usize,
    /// Peak and power that the output may have.
    ceiling: (f32, f32),
    /// Amplitude that is left of them a period later.
    fall: f32,
    input_power: f32,
    output_power: f32,
    power_share: f32,
    release_share: f32,
    /// The period that is waiting, what it allows, and the gain it begins with.
    waiting: Vec<f32>,
    allows: f32,
    gain: f32,
}

impl Ceiling {
    /// `lag_periods` control periods lie between the input and what is heard.
    pub(super) fn new(sample_rate_hz: u32, period: usize, lag_periods: usize) -> Self {
        let period_secs = period as f64 / f64::from(sample_rate_hz);
        let hold = (HOLD_SECS / period_secs) as usize + lag_periods + 1;
        let share = |secs: f64| (1.0 - libm::exp(-period_secs / secs)) as f32;
        Self {
            input: vec![(0.0, 0.0); hold],
            at: 0,
            ceiling: (0.0, 0.0),
            fall: amplitude(-FALL_DB_PER_SEC * period_secs) as f32,
            input_power: 0.0,
            output_power: 0.0,
            power_share: share(POWER_SECS),
            release_share: share(RELEASE_SECS),
            waiting: vec![0.0; period],
            allows: 1.0,
            gain: 1.0,
        }
    }

    pub(super) fn reset(&mut self) {
        self.input.fill((0.0, 0.0));
        self.at = 0;
        self.ceiling = (0.0, 0.0);
        (self.input_power, self.output_power) = (0.0, 0.0);
        self.waiting.fill(0.0);
        (self.allows, self.gain) = (1.0, 1.0);
    }

    /// Takes note of a period of input.
    pub(super) fn hear(&mut self, samples: &[f32]) {
        let (peak, power) = measured(samples);
        self.input_power = moved(self.input_power, power, self.power_share);
        self.input[self.at] = (peak, self.input_power);
        self.at = (self.at + 1) % self.input.len();
    }

    /// Takes a period and gives back the one before it, no louder than it may be.
    pub(super) fn process(&mut self, samples: &mut [f32]) {
        let fallen = (self.fall * self.ceiling.0, self.fall * self.fall * self.ceiling.1);
        let fallen = if fallen.1 < SILENCE { (0.0, 0.0) } else { fallen };
        let ceiling = self.input.iter().fold(fallen, |most, now| (most.0.max(now.0), most.1.max(now.1)));
        self.ceiling = ceiling;
        let (peak, power) = measured(samples);
        self.output_power = moved(self.output_power, power, self.power_share);
        let mut allows = 1.0_f32;
        if peak > ceiling.0 {
            allows = ceiling.0 / peak;
        }
        if self.output_power > POWER_MARGIN * ceiling.1 + SILENCE {
            allows = allows.min((POWER_MARGIN * ceiling.1 / self.output_power).sqrt());
        }
        let released = self.gain + self.release_share * (1.0 - self.gain);
        // The last bit of the way, so that a gain of one is one.
        let released = if released > 0.999_99 { 1.0 } else { released };
        let end = released.min(self.allows).min(allows);
        let step = (end - self.gain) / samples.len() as f32;
        let mut gain = self.gain;
        for (waiting, sample) in self.waiting.iter_mut().zip(samples) {
            gain += step;
            let out = gain * *waiting;
            *waiting = *sample;
            *sample = out;
        }
        self.gain = end;
        self.allows = allows;
    }
}

/// Peak and mean square.
fn measured(samples: &[f32]) -> (f32, f32) {
    let mut peak = 0.0_f32;
    let mut sum = 0.0;
    for x in samples {
        peak = peak.max(x.abs());
        sum += x * x;
    }
    (peak, sum / samples.len() as f32)
}

fn moved(mean: f32, value: f32, share: f32) -> f32 {
    let moved = mean + share * (value - mean);
    if moved < SILENCE { 0.0 } else { moved }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_above_the_input_and_what_is_below_passes_untouched() {
        let mut ceiling = Ceiling::new(48_000, 32, 40);
        let quiet: Vec<f32> = (0..9600).map(|n| 0.5 * libm::sin(0.05 * f64::from(n)) as f32).collect();
        let mut outputs = Vec::new();
        for (index, block) in quiet.chunks(32).enumerate() {
            ceiling.hear(block);
            // In the middle it is to be twice as loud.
            let loud = if (100..200).contains(&index) { 2.0 } else { 0.9 };
            let mut out: Vec<f32> = block.iter().map(|x| loud * x).collect();
            ceiling.process(&mut out);
            outputs.extend(out);
        }
        assert!(outputs.iter().all(|y| y.abs() <= 0.500_01));
        for n in 0..90 * 32 {
            assert_eq!(outputs[n + 32], 0.9 * quiet[n], "sample {n}");
        }
        // The gain itself, where there is sound to see it by, has no step.
        let factor = |n: usize| if (3200..6400).contains(&n) { 2.0 } else { 0.9 };
        let gains: Vec<f32> = (0..9568)
            .map(|n| if quiet[n].abs() > 0.05 { outputs[n + 32] / (factor(n) * quiet[n]) } else { f32::NAN })
            .collect();
        let step = gains.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.02, "a step of {step}");
        assert!(gains.iter().all(|gain| gain.is_nan() || *gain > 0.49));
    }
}
