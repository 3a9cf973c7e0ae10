//! A limiter whose ceiling is the source's own true peak, held.
//!
//! Envelopes on other carriers have other peaks than the source. The ceiling is the highest true peak of the source up to
//! now; once nothing has reached it for a second it sinks towards what does. It never knows what comes, and forgets what was.
//!
//! ```text
//! periods   |  k-1  |   k   |  k+1  |
//! needed    n(k-1)    n(k)    n(k+1)         ceiling over peak, at most 1
//! gain     g(k-1)   g(k)    g(k+1)           at the end of a period: what it and the next one need
//! ```

use crate::dsp::MAX_PERIOD_SAMPLES;
use crate::dsp::math::amplitude;
use crate::dsp::true_peak::{LATENCY_SAMPLES, TruePeak};

/// How long the ceiling is held, seconds: longer than the pauses between syllables.
const HOLD_SECS: f64 = 1.0;
/// How fast it sinks then, dB/s.
const SINK_DB_PER_SEC: f64 = 20.0;
/// How fast the gain comes back, dB/s.
const RELEASE_DB_PER_SEC: f64 = 60.0;

/// The limiter; works in whole periods of the control grid.
#[derive(Debug, Clone)]
pub(super) struct Cap {
    period_samples: usize,
    source: TruePeak,
    output: TruePeak,
    ceiling: f32,
    /// Periods for which the ceiling has not been reached, and for how many it is held.
    idle_periods: usize,
    hold_periods: usize,
    sink: f32,
    release: f32,
    /// The last period and, behind it, the [`LATENCY_SAMPLES`] by which the meter is late.
    held: [f32; MAX_PERIOD_SAMPLES + LATENCY_SAMPLES],
    /// What the held period needs, and the gain at its beginning.
    needed: f32,
    gain: f32,
}

impl Cap {
    pub(super) fn new(sample_rate_hz: u32, period_samples: usize) -> Self {
        let period_secs = period_samples as f64 / f64::from(sample_rate_hz);
        Self {
            period_samples,
            source: TruePeak::new(),
            output: TruePeak::new(),
            ceiling: 0.0,
            idle_periods: 0,
            hold_periods: (HOLD_SECS / period_secs) as usize,
            sink: amplitude(-SINK_DB_PER_SEC * period_secs) as f32,
            release: amplitude(RELEASE_DB_PER_SEC * period_secs) as f32,
            held: [0.0; MAX_PERIOD_SAMPLES + LATENCY_SAMPLES],
            needed: 1.0,
            gain: 1.0,
        }
    }

    /// Samples by which it delays.
    pub(super) fn latency_samples(&self) -> usize {
        self.period_samples + LATENCY_SAMPLES
    }

    pub(super) fn reset(&mut self) {
        self.source.reset();
        self.output.reset();
        (self.ceiling, self.idle_periods) = (0.0, 0);
        self.held.fill(0.0);
        (self.needed, self.gain) = (1.0, 1.0);
    }

    /// Takes a period of the source, finite, and limits a period of output in place.
    pub(super) fn process(&mut self, source: &[f32], out: &mut [f32]) {
        let peak = self.source.push(source, self.ceiling);
        if peak >= self.ceiling {
            (self.ceiling, self.idle_periods) = (peak, 0);
        } else {
            self.idle_periods += 1;
            if self.idle_periods > self.hold_periods {
                self.ceiling *= self.sink;
                // 200 dB below full scale it is at the ground.
                if self.ceiling < 1e-10 {
                    self.ceiling = 0.0;
                }
            }
        }
        let peak = self.output.push(out, self.ceiling);
        let needed = if peak > self.ceiling { self.ceiling / peak } else { 1.0 };
        // From 80 dB down at the least, or a gain of 0 would stay.
        let end = needed.min(self.needed).min((self.gain * self.release).max(1e-4));
        let step = (end - self.gain) / out.len() as f32;
        let length = out.len() + LATENCY_SAMPLES;
        let (oldest, _) = self.held.split_at_mut(out.len());
        out.swap_with_slice(oldest);
        // What came in lies where the oldest lay: the rest moves before it.
        self.held[..length].rotate_left(out.len());
        for (n, sample) in out.iter_mut().enumerate() {
            *sample *= self.gain + step * n as f32;
        }
        (self.needed, self.gain) = (needed, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::random::Random;

    fn run(cap: &mut Cap, source: &[f32], output: &[f32]) -> Vec<f32> {
        let mut capped = output.to_vec();
        for (source, output) in source.chunks_exact(32).zip(capped.chunks_exact_mut(32)) {
            cap.process(source, output);
        }
        capped
    }

    fn true_peak(samples: &[f32]) -> f32 {
        let mut meter = TruePeak::new();
        let mut ended = samples.to_vec();
        ended.extend([0.0; 16]);
        meter.push(&ended, 0.0)
    }

    #[test]
    fn what_is_below_the_ceiling_is_only_delayed() {
        let mut cap = Cap::new(48_000, 32);
        let mut random = Random::new(1, 0);
        let sound: Vec<f32> = (0..48_000).map(|_| 0.1 * random.bell()).collect();
        let source: Vec<f32> = sound.iter().map(|x| 4.0 * x).collect();
        let capped = run(&mut cap, &source, &sound);
        let delay = cap.latency_samples();
        assert_eq!(delay, 38);
        assert!(capped[delay..] == sound[..sound.len() - delay]);
    }

    #[test]
    fn what_is_above_it_comes_down_to_it() {
        for loudness in [1.0, 3.0, 100.0] {
            let mut cap = Cap::new(48_000, 32);
            let mut random = Random::new(2, 0);
            let source: Vec<f32> = (0..96_000).map(|n| 0.1 * (0.05 * n as f32).sin()).collect();
            let sound: Vec<f32> = (0..96_000).map(|_| loudness * 0.1 * random.bell()).collect();
            let peak = true_peak(&run(&mut cap, &source, &sound));
            assert!(peak <= 0.1 * 1.01, "{loudness}: {peak}");
            assert!(peak > 0.09, "{loudness}: {peak}");
        }
    }

    #[test]
    fn the_ceiling_is_held_for_a_second_and_then_sinks() {
        let mut cap = Cap::new(48_000, 32);
        let mut source = vec![0.0; 48_000 * 4];
        source[0] = 0.5;
        let sound = vec![0.25; source.len()];
        let capped = run(&mut cap, &source, &sound);
        assert_eq!(capped[47_900], 0.25, "6 dB below the ceiling");
        // 6 dB at 20 dB/s later it has to come down: after two seconds more by 34 dB.
        let down_db = 20.0 * (f64::from(capped[48_000 * 3]) / 0.5).log10();
        assert!((down_db + 40.0).abs() < 0.2, "{down_db} dB");
        let mut silent = Cap::new(48_000, 32);
        assert!(run(&mut silent, &[0.0; 320], &[1.0; 320]).iter().all(|x| *x == 0.0), "of nothing comes nothing");
    }
}
