//! The metallic ring: resonances that sound on after what struck them.
//!
//! Sixteen damped modes, those of four free bars a few notes apart: bars have partials at 1, 2.756, 5.404 and 8.933 times
//! their lowest (Fletcher & Rossing 1998, from the roots of cos b cosh b = 1), which no voice has, and so ring as metal
//! does. Each mode is a complex pole; all take equally long to fall by 60 dB. That the ring of the source ("resonances
//! and ring times") was of this kind is a guess.

use multiversion::multiversion;

use crate::dsp::{LANES, Lanes};

/// Partials of a free bar over its lowest: squares of 3.0112, 5, 7 and 9 over that of the first.
const BAR: [f64; 4] = [1.0, 2.756, 5.404, 8.933];
/// The bars' lowest partials over `ring_hz`: no two near a simple ratio.
const BARS: [f64; 4] = [1.0, 1.183, 1.414, 1.718];
/// Modes above this do not ring, Hz and share of the rate; they fade out over half an octave below it.
const HIGHEST_HZ: f64 = 9000.0;
const HIGHEST_SHARE: f64 = 0.42;
/// Amplitude below which a mode has ended.
const ENDED: f32 = 1e-12;

/// Coefficients and state of the modes.
pub(super) struct Resonances {
    rate: f64,
    /// What the coefficients were made for: lowest frequency, Hz, and decay, ms.
    of: (f64, f64),
    re: Lanes,
    im: Lanes,
    input: Lanes,
    state: [Lanes; 2],
    gain: f32,
    awake: bool,
}

impl Resonances {
    pub(super) fn new(sample_rate_hz: u32) -> Self {
        let zero = [0.0; LANES];
        let rate = f64::from(sample_rate_hz);
        Self { rate, of: (0.0, 0.0), re: zero, im: zero, input: zero, state: [zero; 2], gain: 0.0, awake: false }
    }

    pub(super) fn reset(&mut self) {
        self.of = (0.0, 0.0);
        self.state = [[0.0; LANES]; 2];
        self.gain = 0.0;
        self.awake = false;
    }

    /// Adds to a control period what rings at `gain` beside it.
    pub(super) fn process(&mut self, samples: &mut [f32], gain: f64, lowest_hz: f64, decay_ms: f64) {
        let gain = gain as f32;
        if gain == 0.0 && self.gain == 0.0 {
            if self.awake {
                self.reset();
            }
            return;
        }
        self.awake = true;
        if self.of != (lowest_hz, decay_ms) {
            self.design(lowest_hz, decay_ms);
        }
        ring(self, samples, gain);
        self.gain = gain;
    }

    fn design(&mut self, lowest_hz: f64, decay_ms: f64) {
        self.of = (lowest_hz, decay_ms);
        // 60 dB are a factor of 1000 in amplitude.
        let radius = libm::exp(-libm::log(1000.0) / (1e-3 * decay_ms * self.rate));
        for (lane, hz) in modes_hz(lowest_hz).into_iter().enumerate() {
            let angle = std::f64::consts::TAU * hz / self.rate;
            self.re[lane] = (radius * libm::cos(angle)) as f32;
            self.im[lane] = (radius * libm::sin(angle)) as f32;
            // A steady tone at the mode comes out of the real part as strong as it came in: half of it turns with the pole.
            self.input[lane] = (2.0 * (1.0 - radius) * self.share(hz)) as f32;
        }
    }

    /// How much of a mode there is: 1 where there is room for it.
    fn share(&self, hz: f64) -> f64 {
        let highest = HIGHEST_HZ.min(HIGHEST_SHARE * self.rate);
        let below = (2.0 * libm::log2(highest / hz)).clamp(0.0, 1.0);
        below * below * (3.0 - 2.0 * below)
    }
}

/// Frequencies of the modes.
pub(super) fn modes_hz(lowest_hz: f64) -> [f64; LANES] {
    std::array::from_fn(|lane| lowest_hz * BAR[lane / 4] * BARS[lane % 4])
}

#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn ring(modes: &mut Resonances, samples: &mut [f32], gain: f32) {
    let Resonances { re, im, input, state, gain: before, .. } = modes;
    let [mut state_re, mut state_im] = *state;
    let step = (gain - *before) / samples.len() as f32;
    let mut gain = *before;
    for sample in samples {
        gain += step;
        let x = *sample;
        for lane in 0..LANES {
            let (a, b) = (state_re[lane], state_im[lane]);
            state_re[lane] = re[lane] * a - im[lane] * b + input[lane] * x;
            state_im[lane] = im[lane] * a + re[lane] * b;
        }
        // By halves, which is how registers add up.
        let mut sums = state_re;
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                sums[lane] += sums[lane + half];
            }
        }
        *sample = x + gain * sums[0];
    }
    for lane in 0..LANES {
        let faint = state_re[lane].abs() + state_im[lane].abs() < ENDED;
        state_re[lane] = if faint { 0.0 } else { state_re[lane] };
        state_im[lane] = if faint { 0.0 } else { state_im[lane] };
    }
    *state = [state_re, state_im];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_apart_and_rise_with_the_lowest() {
        let mut modes = modes_hz(1000.0);
        modes.sort_by(f64::total_cmp);
        assert_eq!(modes[0], 1000.0);
        assert!(modes.windows(2).all(|pair| pair[1] / pair[0] > 1.03), "{modes:?}");
    }

    #[test]
    fn a_steady_tone_at_a_mode_rings_as_strong_as_itself() {
        let rate = 48_000_u32;
        for mode in [700.0, 700.0 * BAR[1] * BARS[1]] {
            let mut resonances = Resonances::new(rate);
            let tone = |n: usize| libm::sin(std::f64::consts::TAU * mode * n as f64 / f64::from(rate)) as f32;
            let mut peak = 0.0_f32;
            for at in (0..48_000).step_by(32) {
                let mut samples: Vec<f32> = (at..at + 32).map(tone).collect();
                resonances.process(&mut samples, 1.0, 700.0, 200.0);
                if at > 40_000 {
                    peak = samples.iter().fold(peak, |peak, x| peak.max(x.abs()));
                }
            }
            // Twice with its ring; other modes' skirts add and take a little.
            assert!((peak - 2.0).abs() < 0.3, "{peak} at {mode} Hz");
        }
    }

    #[test]
    fn a_ring_falls_by_60_db_in_the_time_stated() {
        let rate = 48_000_u32;
        for decay_ms in [60.0, 150.0] {
            let mut resonances = Resonances::new(rate);
            let mut out = Vec::new();
            for at in 0..600 {
                let mut samples = [0.0; 32];
                samples[0] = if at == 0 { 1.0 } else { 0.0 };
                resonances.process(&mut samples, 1.0, 800.0, decay_ms);
                out.extend(samples);
            }
            // From the 10th ms on, by the energy left (Schroeder 1965).
            let left = |ms: f64| {
                let from = (ms * 48.0) as usize;
                10.0 * out[from..].iter().map(|x| f64::from(x * x)).sum::<f64>().log10()
            };
            let fell = left(10.0) - left(10.0 + 0.5 * decay_ms);
            assert!((fell - 30.0).abs() < 1.0, "{fell} dB in half of {decay_ms} ms");
        }
    }
}
