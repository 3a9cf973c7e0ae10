//! Reductions over samples. In strict floating point a plain fold does not vectorise, so each runs in
//! `LANES` strands that are joined at the end; samples must be finite.

const LANES: usize = 16;

/// Lowest and highest sample (0 among them) and the sum of squares.
pub(super) fn spread(samples: &[f32]) -> (f32, f32, f64) {
    let (mut low, mut high, mut squares) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
    let (chunks, rest) = samples.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, sample) in low.iter_mut().zip(chunk) {
            *lane = if *sample < *lane { *sample } else { *lane };
        }
        for (lane, sample) in high.iter_mut().zip(chunk) {
            *lane = if *sample > *lane { *sample } else { *lane };
        }
        for (lane, sample) in squares.iter_mut().zip(chunk) {
            *lane += sample * sample;
        }
    }
    let low = low.iter().chain(rest).copied().fold(0.0, f32::min);
    let high = high.iter().chain(rest).copied().fold(0.0, f32::max);
    let squares = squares.iter().copied().chain(rest.iter().map(|sample| sample * sample));
    (low, high, squares.map(f64::from).sum())
}

/// True where no sample is NaN or infinite.
pub(super) fn all_finite(samples: &[f32]) -> bool {
    samples.iter().fold(true, |finite, sample| finite & sample.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reductions_equal_plain_folds() {
        let samples: Vec<f32> = (0..1000_i32).map(|n| ((n * 7919 % 1013) as f32 - 506.0) / 400.0).collect();
        for length in [0, 1, 15, 16, 17, 1000] {
            let part = &samples[..length];
            let (low, high, squares) = spread(part);
            assert_eq!(low, part.iter().copied().fold(0.0, f32::min));
            assert_eq!(high, part.iter().copied().fold(0.0, f32::max));
            let plain: f64 = part.iter().map(|x| f64::from(*x).powi(2)).sum();
            assert!((squares - plain).abs() <= 1e-5 * plain);
        }
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut samples = samples.clone();
            samples[777] = bad;
            assert!(!all_finite(&samples));
        }
        assert!(all_finite(&samples));
    }
}
