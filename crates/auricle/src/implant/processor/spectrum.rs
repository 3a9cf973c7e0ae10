//! Frames of a stream and their Fourier bins.
//!
//! ```text
//! X[k] = (2 / sum w) sum over n of w[n] x[n] e^(-2 pi i k n / N),   w[n] = 1/2 - 1/2 cos(2 pi n / N)
//! ```
//! so that a tone of amplitude 1 on a bin has a magnitude of 1 there.

use std::sync::Arc;

use realfft::num_complex::Complex64;
use realfft::{RealFftPlanner, RealToComplex};

/// The last frame of a stream, and its bins when asked for.
pub(super) struct Spectrum {
    window: Vec<f64>,
    fourier: Arc<dyn RealToComplex<f64>>,
    scratch: Vec<Complex64>,
    frame: Vec<f64>,
    pub(super) bins: Vec<Complex64>,
    /// The last samples, as a ring; `oldest` is the next to be replaced.
    past: Vec<f64>,
    oldest: usize,
}

impl Spectrum {
    /// Of frames of `length` samples, at rest.
    pub(super) fn new(length: usize) -> Self {
        let fourier = RealFftPlanner::new().plan_fft_forward(length);
        // The periodic Hann window adds up to half its length.
        let scale = 4.0 / length as f64;
        let step = std::f64::consts::TAU / length as f64;
        Self {
            window: (0..length).map(|n| scale * (0.5 - 0.5 * libm::cos(step * n as f64))).collect(),
            scratch: fourier.make_scratch_vec(),
            frame: fourier.make_input_vec(),
            bins: fourier.make_output_vec(),
            fourier,
            past: vec![0.0; length],
            oldest: 0,
        }
    }

    pub(super) fn reset(&mut self) {
        self.past.fill(0.0);
        self.oldest = 0;
    }

    /// Takes samples, at most as many as a frame has.
    pub(super) fn push(&mut self, samples: &[f64]) {
        let (first, wrapped) = samples.split_at(samples.len().min(self.past.len() - self.oldest));
        self.past[self.oldest..self.oldest + first.len()].copy_from_slice(first);
        self.past[..wrapped.len()].copy_from_slice(wrapped);
        self.oldest = (self.oldest + samples.len()) % self.past.len();
    }

    /// Computes the bins of the last frame.
    pub(super) fn transform(&mut self) {
        let (newer, older) = self.past.split_at(self.oldest);
        let (first, last) = self.frame.split_at_mut(older.len());
        let (first_weights, last_weights) = self.window.split_at(older.len());
        for (frame, past, weights) in [(first, older, first_weights), (last, newer, last_weights)] {
            for ((frame, past), weight) in frame.iter_mut().zip(past).zip(weights) {
                *frame = past * weight;
            }
        }
        let done = self.fourier.process_with_scratch(&mut self.frame, &mut self.bins, &mut self.scratch);
        debug_assert!(done.is_ok(), "buffers are made by the transform itself");
    }
}

/// Magnitude of the bin at `bin` for a tone of amplitude 1 at `place` bins, its image at the negative frequency aside:
/// the transform of the Hann window, sin(pi d) / (pi d (1 - d^2)) at a distance d.
pub(super) fn leakage(place: f64, bin: usize) -> f64 {
    let d = (place - bin as f64).abs();
    if d < 1e-9 {
        1.0
    } else if (d - 1.0).abs() < 1e-9 {
        0.5
    } else {
        (libm::sin(std::f64::consts::PI * d) / (std::f64::consts::PI * d * (1.0 - d * d))).abs()
    }
}

/// Channels as runs of bins, their powers added up under a weight.
#[derive(Debug, Clone)]
pub(super) struct Runs {
    /// First bin of each channel, and of what would be one more.
    first: Vec<usize>,
    /// Weight of each channel.
    weights: Vec<f64>,
    /// Power of each bin from the first channel's first on.
    of_bins: Vec<f64>,
}

/// Weight of the sum of powers of a run of bins, which makes a tone in the middle of a band come out alike for
/// all widths (Nogueira et al. 2005).
fn weight(bins: usize) -> f64 {
    match bins {
        0 | 1 => 0.98,
        2 => 0.68,
        _ => 0.65,
    }
}

impl Runs {
    pub(super) fn new(first_bin: usize, widths: &[usize]) -> Self {
        let mut first = vec![first_bin];
        for width in widths {
            first.push(first[first.len() - 1] + width);
        }
        let bins = first[first.len() - 1] - first_bin;
        Self { weights: widths.iter().map(|width| weight(*width)).collect(), of_bins: vec![0.0; bins], first }
    }

    /// Bins of a channel.
    pub(super) fn bins(&self, channel: usize) -> std::ops::Range<usize> {
        self.first[channel]..self.first[channel + 1]
    }

    /// Lower edge, middle and upper edge of a channel, bins: half a bin below its first and above its last.
    pub(super) fn edges(&self, channel: usize) -> (f64, f64, f64) {
        let bins = self.bins(channel);
        let (low, high) = (bins.start as f64 - 0.5, bins.end as f64 - 0.5);
        (low, 0.5 * (low + high), high)
    }

    /// [`Runs::edges`] in Hz, `bin_hz` from bin to bin.
    pub(super) fn edges_hz(&self, channel: usize, bin_hz: f64) -> (f64, f64, f64) {
        let (low, centre, high) = self.edges(channel);
        (low * bin_hz, centre * bin_hz, high * bin_hz)
    }

    /// Powers of all channels, `[channel]`.
    pub(super) fn powers(&mut self, bins: &[Complex64], powers: &mut [f64]) {
        let first = self.first[0];
        // Over all bins at once, which vectorises; runs of one to eight would not.
        for (power, bin) in self.of_bins.iter_mut().zip(&bins[first..]) {
            *power = bin.re * bin.re + bin.im * bin.im;
        }
        let mut rest = self.of_bins.as_slice();
        for ((power, weight), run) in powers.iter_mut().zip(&self.weights).zip(self.first.windows(2)) {
            let (now, later) = rest.split_at(run[1] - run[0]);
            *power = weight * now.iter().sum::<f64>();
            rest = later;
        }
    }

    /// Power of a bin that belongs to a channel, as of the last [`Runs::powers`].
    pub(super) fn of_bin(&self, bin: usize) -> f64 {
        self.of_bins[bin - self.first[0]]
    }

    /// Magnitude of a channel for a tone of amplitude 1 at `place` bins.
    pub(super) fn gain(&self, channel: usize, place: f64) -> f64 {
        let bins = self.bins(channel);
        libm::sqrt(self.weights[channel] * bins.map(|bin| leakage(place, bin).powi(2)).sum::<f64>())
    }
}
