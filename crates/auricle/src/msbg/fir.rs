//! Filters of finite length: windows, the low-pass at the end, and convolution.

use std::sync::Arc;

use realfft::num_complex::Complex64;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Transform length of the convolution, samples; about eight times the longest filter, where the
/// work per sample is least.
const BLOCK: usize = 8192;

/// Modified Bessel function of the first kind, order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > 1e-18 * sum {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

/// Sample `n` of a Kaiser window of `length` samples (Kaiser 1974).
pub(super) fn kaiser(n: usize, length: usize, beta: f64) -> f64 {
    let place = 2.0 * n as f64 / (length - 1) as f64 - 1.0;
    bessel_i0(beta * libm::sqrt((1.0 - place * place).max(0.0))) / bessel_i0(beta)
}

/// A low-pass of linear phase: a windowed sinc, `[tap]`, of unit gain at 0 Hz.
pub(super) fn low_pass(taps: usize, cutoff_hz: f64, beta: f64, sample_rate_hz: f64) -> Vec<f64> {
    let width = 2.0 * cutoff_hz / sample_rate_hz;
    let tap = |n: usize| {
        let place = std::f64::consts::PI * (n as f64 - (taps - 1) as f64 / 2.0);
        let sinc = if place == 0.0 { 1.0 } else { libm::sin(width * place) / (width * place) };
        width * sinc * kaiser(n, taps, beta)
    };
    let filter: Vec<f64> = (0..taps).map(tap).collect();
    let sum: f64 = filter.iter().sum();
    filter.iter().map(|tap| tap / sum).collect()
}

/// The filter that does what `a` and then `b` do.
pub(super) fn cascade(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut both = vec![0.0; a.len() + b.len() - 1];
    for (i, a) in a.iter().enumerate() {
        for (both, b) in both[i..].iter_mut().zip(b) {
            *both += a * b;
        }
    }
    both
}

/// A filter of finite length, applied by transforms with the overlaps left out (overlap-save).
pub(super) struct Fir {
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    /// Transform of the filter, with the scale of both transforms.
    response: Vec<Complex64>,
    taps: usize,
}

impl Fir {
    /// From taps, at most half a block of them.
    pub(super) fn new(filter: &[f64], gain: f64) -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(BLOCK);
        let inverse = planner.plan_fft_inverse(BLOCK);
        let mut padded = vec![0.0; BLOCK];
        for (to, tap) in padded.iter_mut().zip(filter) {
            *to = tap * gain / BLOCK as f64;
        }
        let mut response = forward.make_output_vec();
        // Cannot fail: both lengths are the plan's.
        let _ = forward.process(&mut padded, &mut response);
        Self { forward, inverse, response, taps: filter.len() }
    }

    /// Filters `signal` times `gain` in place, as if silence had come before; what rings on after its end
    /// is left out.
    pub(super) fn apply(&self, signal: &mut [f64], gain: f64) {
        let history = self.taps - 1;
        let step = BLOCK - history;
        let mut past = vec![0.0; history];
        let mut block = vec![0.0; BLOCK];
        let mut spectrum = self.forward.make_output_vec();
        let mut scratch =
            vec![Complex64::default(); self.forward.get_scratch_len().max(self.inverse.get_scratch_len())];
        for piece in signal.chunks_mut(step) {
            block[..history].copy_from_slice(&past);
            block[history..history + piece.len()].copy_from_slice(piece);
            block[history + piece.len()..].fill(0.0);
            past.copy_from_slice(&block[piece.len()..piece.len() + history]);
            // Neither can fail: lengths are the plans', and both ends of a real signal's spectrum are real.
            let _ = self.forward.process_with_scratch(&mut block, &mut spectrum, &mut scratch);
            for (value, response) in spectrum.iter_mut().zip(&self.response) {
                *value *= response;
            }
            let _ = self.inverse.process_with_scratch(&mut spectrum, &mut block, &mut scratch);
            for (to, from) in piece.iter_mut().zip(&block[history..]) {
                *to = from * gain;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn convolution_is_what_its_definition_says() {
        let filter: Vec<f64> = (0..1015).map(|n| (n as f64 * 0.37).sin() / (1.0 + n as f64)).collect();
        let signal: Vec<f64> = (0..20_000).map(|n| ((n * n) as f64 * 0.001).sin()).collect();
        let fir = Fir::new(&filter, 2.0);
        let mut filtered = signal.clone();
        fir.apply(&mut filtered, 0.5);
        for n in (0..20_000).step_by(97) {
            let direct: f64 = (0..filter.len().min(n + 1)).map(|k| filter[k] * signal[n - k]).sum();
            assert!((filtered[n] - direct).abs() < 1e-13, "sample {n}");
        }
        for length in [0, 1, 441] {
            let mut short = signal[..length].to_vec();
            fir.apply(&mut short, 0.5);
            assert!(short.iter().zip(&filtered).all(|(a, b)| (a - b).abs() < 1e-13));
        }
    }

    #[test]
    fn a_cascade_is_one_filter_after_the_other() {
        assert_eq!(cascade(&[1.0, 2.0], &[3.0, 4.0, 5.0]), [3.0, 10.0, 13.0, 10.0]);
    }

    #[test]
    fn the_low_pass_passes_and_stops() {
        let filter = low_pass(133, 18_000.0, 8.0, 44_100.0);
        let gain = |hz: f64| {
            let turn = std::f64::consts::TAU * hz / 44_100.0;
            filter
                .iter()
                .enumerate()
                .map(|(n, h)| Complex64::from_polar(*h, -turn * n as f64))
                .sum::<Complex64>()
                .norm()
        };
        assert!((gain(0.0) - 1.0).abs() < 1e-12);
        assert!((gain(16_500.0) - 1.0).abs() < 1e-3);
        assert!((gain(18_000.0) - 0.5).abs() < 1e-2);
        assert!(gain(19_500.0) < 1e-3);
    }

    #[test]
    fn kaiser_windows_are_symmetric_and_one_in_the_middle() {
        assert_eq!(kaiser(66, 133, 8.0), 1.0);
        assert!((kaiser(0, 133, 8.0) - 1.0 / bessel_i0(8.0)).abs() < 1e-15);
        // Abramowitz and Stegun, table 9.11: e^-8 I0(8) = 0.143431781856850.
        assert!((bessel_i0(8.0) * (-8.0_f64).exp() - 0.143_431_781_856_850).abs() < 1e-13);
    }
}
