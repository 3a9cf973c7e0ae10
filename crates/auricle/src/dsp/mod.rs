//! Signal processing without hearing words: scales, a filterbank, approximations, delays, noise.

pub mod bank;
pub mod biquad;
pub mod eigen;
pub mod erb;
pub mod fft;
pub mod gammatone;
pub mod halfband;
pub mod math;
pub mod monotone;
pub mod pyramid;
pub mod random;
pub mod resample;
pub mod ring;
pub mod solve;
pub mod stft;
pub mod true_peak;

use std::ops::{Deref, DerefMut};

/// Bands computed side by side: the width of one AVX-512 register of `f32`.
pub const LANES: usize = 16;

/// One register's worth of bands.
pub type Lanes = [f32; LANES];

/// What kernels work on, on a cache line of its own: loads and stores across two of them take twice the time.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Aligned<T>(pub T);

impl<T> Deref for Aligned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Length of the control period, about two thirds of a millisecond, as a power of two of samples.
///
/// Gains are computed once a period and interpolated in between, on a grid tied to the absolute
/// sample index, so that the size of blocks cannot matter.
pub fn control_period_samples(sample_rate_hz: u32) -> usize {
    match sample_rate_hz {
        0..=11_999 => 8,
        12_000..=23_999 => 16,
        24_000..=63_999 => 32,
        64_000..=127_999 => 64,
        _ => 128,
    }
}

/// The longest control period at any rate, in samples.
pub const MAX_PERIOD_SAMPLES: usize = 128;
