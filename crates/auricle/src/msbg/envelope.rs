//! Step 5: the low-pass that makes an envelope of a band's rectified output.
//!
//! An elliptic low-pass of the second order, run forwards and then backwards so that it delays nothing;
//! at both ends the signal is continued by its own mirror image turned about its last sample, and the
//! filter begins as if the first of those samples had always been there.

/// Ripple in the pass band, dB.
const RIPPLE_DB: f64 = 0.25;
/// Attenuation in the stop band, dB.
const STOP_DB: f64 = 35.0;
/// Samples of mirror image at either end.
pub(super) const PAD_SAMPLES: usize = 8;

/// The low-pass: b0 (1 + `zero` z^-1 + z^-2) / (1 + `poles[0]` z^-1 + `poles[1]` z^-2).
#[derive(Debug, Clone, Copy)]
pub(super) struct LowPass {
    pub(super) zero: f64,
    pub(super) poles: [f64; 2],
    /// b0.
    pub(super) gain: f64,
}

impl LowPass {
    /// With its pass band's edge at `edge_hz`.
    ///
    /// The elliptic rational function of the second order is ((t+1) x^2 - 1) / ((t-1) x^2 + 1), where
    /// t = sqrt(1 - 1/xi^2), and (xi + sqrt(xi^2 - 1))^2 at its own selectivity xi.
    pub(super) fn elliptic(edge_hz: f64, sample_rate_hz: f64) -> Self {
        let ripple = libm::sqrt(libm::pow(10.0, RIPPLE_DB / 10.0) - 1.0);
        let stop = libm::sqrt(libm::pow(10.0, STOP_DB / 10.0) - 1.0);
        let root = libm::sqrt(stop / ripple);
        let selectivity = (root + 1.0 / root) / 2.0;
        let t = libm::sqrt(1.0 - 1.0 / (selectivity * selectivity));
        // Where the function has its pole, the filter has its zero: s^2 = -zero.
        let zero = 1.0 / (1.0 - t);
        // Its poles lie where the function is j / ripple: s^2 = -(re + j im), and of the roots those on the left.
        let j = 1.0 / ripple;
        let (a, b) = (t + 1.0, -j * (t - 1.0));
        let over = a * a + b * b;
        let (re, im) = (-(a + j * b) / over, -(j * a - b) / over);
        let pole_squared = libm::hypot(re, im);
        let twice_real = libm::sqrt(2.0 * (pole_squared + re));
        let dc = 1.0 / libm::sqrt(1.0 + ripple * ripple);
        let analogue_gain = dc * pole_squared / zero;
        // The bilinear transform that leaves the edge where it is.
        let w = libm::tan(std::f64::consts::PI * edge_hz / sample_rate_hz);
        let (zero, pole) = (zero * w * w, pole_squared * w * w);
        let scale = 1.0 + twice_real * w + pole;
        Self {
            zero: 2.0 * (zero - 1.0) / (zero + 1.0),
            poles: [2.0 * (pole - 1.0) / scale, (1.0 - twice_real * w + pole) / scale],
            gain: analogue_gain * (zero + 1.0) / scale,
        }
    }

    /// Gain at 0 Hz over b0.
    pub(super) fn steady(&self) -> f64 {
        (2.0 + self.zero) / (1.0 + self.poles[0] + self.poles[1])
    }

    /// Samples after which all that came before has decayed below `remainder`.
    pub(super) fn memory_samples(&self, remainder: f64) -> usize {
        // The poles are conjugate: each one's radius is the root of their product. A pair this broad leaves
        // less than a few times its radius's power.
        libm::ceil(libm::log(remainder / 10.0) / (0.5 * libm::log(self.poles[1]))) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.signal.ellip(2, 0.25, 35, edge / 22050), for the edge of the first of 36 bands.
    #[test]
    fn it_is_the_filter_that_scipy_designs() {
        let filter = LowPass::elliptic(0.001_106_613_279_366_439_3 * 22_050.0, 44_100.0);
        assert!((filter.gain - 0.017_734_042_145_102_415).abs() < 1e-14);
        assert!((filter.gain * filter.zero + 0.035_443_231_932_414_644).abs() < 1e-14);
        assert!((filter.poles[0] + 1.993_805_387_751_113_5).abs() < 1e-13);
        assert!((filter.poles[1] - 0.993_830_965_810_853_2).abs() < 1e-13);
        let dc = 10.0_f64.powf(-0.25 / 20.0);
        assert!((filter.gain * filter.steady() - dc).abs() < 1e-9);
    }

    #[test]
    fn its_memory_is_as_long_as_it_says() {
        let filter = LowPass::elliptic(75.0, 44_100.0);
        let memory = filter.memory_samples(1e-12);
        let (mut x, mut y) = ([1.0, 1.0], [filter.steady(); 2]);
        let from = y[0];
        for _ in 0..memory {
            let new = 0.0 + filter.zero * x[0] + x[1] - filter.poles[0] * y[0] - filter.poles[1] * y[1];
            (x, y) = ([0.0, x[0]], [new, y[0]]);
        }
        assert!(y[0].abs() < 1e-12 * from && memory < 4000, "{} after {memory}", y[0]);
    }
}
