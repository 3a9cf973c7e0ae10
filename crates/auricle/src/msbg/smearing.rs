//! Step 3: spectral smearing (Baer and Moore 1993).
//!
//! Short spectra of the sound, their power spread over the neighbouring frequencies as the listener's
//! wider auditory filters spread it, and put together again with the phases they had.

use realfft::num_complex::Complex64;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::sync::Arc;

use super::bank::erb_hz;
use super::product::{self, Batch, FRAMES};
use crate::dsp::solve;

/// Samples of a frame.
const FRAME: usize = 256;
/// Samples from one frame to the next.
const HOP: usize = 64;
/// Length of the transform; half of it is silence.
const TRANSFORM: usize = 512;
/// Bins whose power is spread: all but the Nyquist frequency, which is left out.
pub(super) const BINS: usize = TRANSFORM / 2;
/// Columns of the healthy matrix when its skirts are continued.
const EXTENDED: usize = BINS * 3 / 2;

/// Power below which a bin counts as empty: far below any sound, far above denormal numbers.
const LEAST_POWER: f64 = 1e-280;

/// Samples by which smeared sound lags.
pub(super) const DELAY_SAMPLES: usize = FRAME - HOP;

/// Samples of smeared sound for `length_samples` of sound: whole hops, late by [`DELAY_SAMPLES`].
pub(super) fn smeared_samples(length_samples: usize) -> usize {
    (length_samples.div_ceil(HOP) + DELAY_SAMPLES / HOP) * HOP
}

/// Weight of bin `j` in the auditory filter centred on bin `i`, before it is divided by its width: a
/// rounded exponential whose lower and upper skirts are `lower` and `upper` times as wide as healthy
/// ones.
fn skirt(i: usize, j: usize, lower: f64, upper: f64, sample_rate_hz: f64) -> f64 {
    let centre_hz = i as f64 * sample_rate_hz / TRANSFORM as f64;
    let wider = if j < i { lower } else { upper };
    let distance = i.abs_diff(j) as f64 / i as f64;
    let g = distance * 4.0 * centre_hz / (erb_hz(centre_hz) * wider);
    (1.0 + g) * libm::exp(-g)
}

/// The auditory filters of an ear, `[filter][bin]` row by row.
fn auditory_filters(lower: f64, upper: f64, sample_rate_hz: f64) -> Vec<f64> {
    let mut filters = vec![0.0; BINS * BINS];
    // At 0 Hz a filter is its own bin alone.
    filters[0] = 2.0 / (lower + upper);
    for i in 1..BINS {
        let width = erb_hz(i as f64 * sample_rate_hz / TRANSFORM as f64) * (lower + upper) / (2.0 * 24.7);
        for j in 0..BINS {
            filters[i * BINS + j] = skirt(i, j, lower, upper, sample_rate_hz) / width;
        }
    }
    filters
}

/// The matrix that spreads power, `[to][from]` row by row: what has to be put into healthy filters for
/// them to answer as the wider ones would.
///
/// The least-squares solution for the healthy filters continued beyond the last bin, their upper skirts
/// there the mirror image of the lower ones, so that the highest filters are whole.
pub(super) fn matrix(lower: f64, upper: f64, sample_rate_hz: f64) -> Vec<f64> {
    let healthy = auditory_filters(1.0, 1.0, sample_rate_hz);
    // Transposed, as the solver wants it: [bin][filter].
    let mut extended = vec![0.0; EXTENDED * BINS];
    for i in 0..BINS {
        for j in 0..EXTENDED {
            let mirrored = if j < BINS { Some(j) } else { (2 * i).checked_sub(j).filter(|_| i >= BINS / 2) };
            extended[j * BINS + i] = mirrored.map_or(0.0, |j| healthy[i * BINS + j]);
        }
    }
    let mut wider = auditory_filters(lower, upper, sample_rate_hz);
    wider.resize(EXTENDED * BINS, 0.0);
    solve::least_norm(&mut extended, BINS, &mut wider);
    wider.truncate(BINS * BINS);
    wider
}

/// Smears sounds for one class of loss.
pub(super) struct Smearing {
    window: Vec<f64>,
    matrix: product::Matrix,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

impl Smearing {
    /// For auditory filters whose skirts are `lower` and `upper` times as wide as healthy ones.
    pub(super) fn new(lower: f64, upper: f64, sample_rate_hz: f64) -> Self {
        let mut planner = RealFftPlanner::new();
        // Twice over, windows of this overlap add up to 1.
        let hann = |n: usize| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * (n as f64 + 0.5) / FRAME as f64);
        Self {
            window: (0..FRAME).map(|n| hann(n) / libm::sqrt(1.5)).collect(),
            matrix: product::Matrix::new(&matrix(lower, upper, sample_rate_hz)),
            forward: planner.plan_fft_forward(TRANSFORM),
            inverse: planner.plan_fft_inverse(TRANSFORM),
        }
    }

    /// `signal` smeared, [`smeared_samples`] long.
    ///
    /// Both ends are as pyclarity has them. The first frame is full of sound at once, and the frames after
    /// it begin with it, so that samples 64 to 255 are heard twice, [`DELAY_SAMPLES`] apart. After the last frame
    /// what is still to come of the last three is put together one hop too early, on top of the frame before
    /// them.
    pub(super) fn apply(&self, signal: &[f64]) -> Vec<f64> {
        let frames = signal.len().div_ceil(HOP);
        let end = frames * HOP;
        let mut stream = signal[..FRAME].to_vec();
        stream.extend_from_slice(&signal[HOP..]);
        stream.resize(end + DELAY_SAMPLES, 0.0);
        let mut smeared = vec![0.0; smeared_samples(signal.len())];
        let mut work = Work::new(self);
        for first in (0..frames).step_by(FRAMES) {
            let count = FRAMES.min(frames - first);
            for f in 0..count {
                work.analyse(self, &stream[(first + f) * HOP..][..FRAME], f);
            }
            self.matrix.spread(&work.power, &mut work.gains);
            for f in 0..count {
                let from = (first + f) * HOP;
                let frame = work.synthesise(self, f);
                add(&mut smeared[from..end.min(from + FRAME)], frame);
                let tail = &mut smeared[end..];
                match frames - (first + f) {
                    4 => add(tail, &frame[..DELAY_SAMPLES]),
                    2 => add(tail, &frame[2 * HOP..DELAY_SAMPLES]),
                    1 => add(tail, &frame[HOP..DELAY_SAMPLES]),
                    _ => {}
                }
            }
        }
        smeared
    }
}

/// Adds as much of `frame` as there is room for.
fn add(to: &mut [f64], frame: &[f64]) {
    for (to, sample) in to.iter_mut().zip(frame) {
        *to += sample;
    }
}

/// What a batch of frames is worked on in.
struct Work {
    frame: Vec<f64>,
    /// `[frame of the batch][bin]`.
    spectra: Vec<Vec<Complex64>>,
    power: Batch,
    gains: Batch,
    scratch: Vec<Complex64>,
}

impl Work {
    fn new(smearing: &Smearing) -> Self {
        let scratch = smearing.forward.get_scratch_len().max(smearing.inverse.get_scratch_len());
        Self {
            frame: vec![0.0; TRANSFORM],
            spectra: vec![smearing.forward.make_output_vec(); FRAMES],
            power: vec![[0.0; FRAMES]; BINS],
            gains: vec![[0.0; FRAMES]; BINS],
            scratch: vec![Complex64::default(); scratch],
        }
    }

    /// The spectrum and power of `sound`, which becomes frame `f` of the batch.
    fn analyse(&mut self, smearing: &Smearing, sound: &[f64], f: usize) {
        for ((to, sample), weight) in self.frame.iter_mut().zip(sound).zip(&smearing.window) {
            *to = sample * weight;
        }
        self.frame[FRAME..].fill(0.0);
        // Cannot fail: the lengths are the plan's.
        let _ = smearing.forward.process_with_scratch(&mut self.frame, &mut self.spectra[f], &mut self.scratch);
        for (power, value) in self.power.iter_mut().zip(&mut self.spectra[f]) {
            let mut norm = value.norm_sqr();
            // Nothing has the phase 0, which is that of very little.
            if norm < LEAST_POWER {
                (*value, norm) = (Complex64::new(LEAST_POWER.sqrt(), 0.0), LEAST_POWER);
            }
            power[f] = norm;
        }
    }

    /// Frame `f` of the batch, its power as it was spread.
    fn synthesise(&mut self, smearing: &Smearing, f: usize) -> &[f64] {
        let spectrum = &mut self.spectra[f];
        for (value, gains) in spectrum.iter_mut().zip(&self.gains) {
            let gain = gains[f];
            // The root of a negative power is imaginary.
            *value = if gain < 0.0 { Complex64::new(value.im * gain, -value.re * gain) } else { *value * gain };
        }
        // What is imaginary at 0 Hz is in no real signal.
        spectrum[0].im = 0.0;
        spectrum[BINS] = Complex64::default();
        // Cannot fail: the lengths are the plan's, and both ends are real.
        let _ = smearing.inverse.process_with_scratch(spectrum, &mut self.frame, &mut self.scratch);
        for (sample, weight) in self.frame.iter_mut().zip(&smearing.window) {
            *sample *= weight / TRANSFORM as f64;
        }
        &self.frame[..FRAME]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums, traces and entries of pyclarity 0.9.0's matrices.
    #[test]
    fn the_matrices_are_those_of_pyclarity() {
        for (skirts, sum, trace, at_100_100, at_100_90) in [
            ((1.6, 1.1), 358.694_339_818, 116.682_775_731, 0.436_654_562, 0.014_657_119),
            ((2.4, 1.6), 272.162_126_812, 41.608_096_471, 0.138_118_975, 0.022_085_436),
            ((4.0, 2.0), 259.875_326_577, 20.129_702_917, 0.060_715_381, 0.022_673_837),
        ] {
            let s = matrix(skirts.0, skirts.1, 44_100.0);
            let close = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-9, "{got} for {expected}");
            close(s.iter().map(|x| x.abs()).sum(), sum);
            close((0..BINS).map(|i| s[i * BINS + i]).sum(), trace);
            close(s[100 * BINS + 100], at_100_100);
            close(s[100 * BINS + 90], at_100_90);
        }
    }

    #[test]
    fn filters_as_sharp_as_healthy_ones_give_the_sound_back_later() {
        let smearing = Smearing::new(1.0, 1.0, 44_100.0);
        let signal: Vec<f64> = (0..6001).map(|n| (n as f64 * 0.31).sin() + (n as f64 * 1.7).cos()).collect();
        let smeared = smearing.apply(&signal);
        assert_eq!(smeared.len(), smeared_samples(6001));
        for n in FRAME..5000 {
            assert!((smeared[n + DELAY_SAMPLES] - signal[n]).abs() < 2e-3, "{n}: {} {}", smeared[n + 192], signal[n]);
        }
    }
}
