//! Second-order filters by the bilinear transform.

/// A filter of second order, its state in f64: at 192 kHz a corner of 125 Hz lies too close to 1 for f32.
#[derive(Debug, Clone)]
pub struct Biquad {
    /// Of the input now, one and two samples ago.
    forward: [f64; 3],
    /// Of the output one and two samples ago.
    back: [f64; 2],
    state: [f64; 2],
}

impl Biquad {
    /// Passes what lies below `corner`, a part of the sample rate below 1/2; 3 dB down there for a `quality` of
    /// sqrt(1/2). s^2 + s/Q + 1 with s = (1 - z^-1) / (k (1 + z^-1)), k = tan(pi corner).
    pub fn low_pass(corner: f64, quality: f64) -> Self {
        let k = libm::tan(std::f64::consts::PI * corner);
        Self::new(k, quality, [k * k, 2.0 * k * k, k * k])
    }

    /// As [`Self::low_pass`], what lies above.
    pub fn high_pass(corner: f64, quality: f64) -> Self {
        Self::new(libm::tan(std::f64::consts::PI * corner), quality, [1.0, -2.0, 1.0])
    }

    fn new(k: f64, quality: f64, numerator: [f64; 3]) -> Self {
        let norm = 1.0 / (1.0 + k / quality + k * k);
        Self {
            forward: numerator.map(|of| of * norm),
            back: [2.0 * (k * k - 1.0) * norm, (1.0 - k / quality + k * k) * norm],
            state: [0.0; 2],
        }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.state = [0.0; 2];
    }

    /// The next sample (transposed direct form II).
    #[inline]
    pub fn next(&mut self, x: f64) -> f64 {
        let y = self.forward[0] * x + self.state[0];
        self.state = [self.forward[1] * x - self.back[0] * y + self.state[1], self.forward[2] * x - self.back[1] * y];
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_3_db_down_and_the_rest_is_passed_or_not() {
        let quality = std::f64::consts::FRAC_1_SQRT_2;
        // Level of a sine of frequency `at`, a part of the rate, after the filter has settled.
        let level_db = |mut filter: Biquad, at: f64| {
            let heard: Vec<f64> = (0..40_000)
                .map(|n| filter.next((std::f64::consts::TAU * at * f64::from(n)).sin()))
                .skip(20_000)
                .collect();
            10.0 * (2.0 * heard.iter().map(|y| y * y).sum::<f64>() / heard.len() as f64).log10()
        };
        for corner in [0.01, 0.25] {
            assert!((level_db(Biquad::low_pass(corner, quality), corner) + 3.01).abs() < 0.02);
            assert!((level_db(Biquad::high_pass(corner, quality), corner) + 3.01).abs() < 0.02);
            // 12 dB an octave, and the bilinear transform's part more.
            assert!(level_db(Biquad::low_pass(corner, quality), 0.1 * corner).abs() < 0.01);
            assert!(level_db(Biquad::high_pass(corner, quality), 0.1 * corner) < -39.0);
        }
        assert!(level_db(Biquad::high_pass(0.01, quality), 0.4).abs() < 0.01);
        assert!(level_db(Biquad::low_pass(0.01, quality), 0.4) < -60.0);
    }
}
