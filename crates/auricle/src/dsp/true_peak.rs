//! True peak: the highest point between the samples, by fourfold oversampling (ITU-R BS.1770-4,
//! annex 2).
//!
//! The interpolator is a windowed sinc of 12 taps a phase; its zeroth phase is the sample itself.
//! It runs over tiles of samples with the tap as the outer index, which the compiler vectorises.

use multiversion::multiversion;

use super::LANES;

/// Taps of each phase.
const TAPS: usize = 12;
/// Points between two samples.
const PHASES: usize = 3;
/// Samples taken at once.
const TILE: usize = 32;

/// Samples by which the points between samples come later than the samples themselves.
pub const LATENCY_SAMPLES: usize = TAPS / 2;

/// Highest absolute value; 0 for none. In strict floating point a plain fold does not vectorise, so it runs in
/// [`LANES`] strands that are joined at the end; samples must be finite.
pub fn highest(samples: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (chunks, rest) = samples.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, sample) in lanes.iter_mut().zip(chunk) {
            let magnitude = sample.abs();
            *lane = if magnitude > *lane { magnitude } else { *lane };
        }
    }
    lanes.iter().chain(rest).fold(0.0, |high, sample| high.max(sample.abs()))
}

/// Highest absolute value of one channel, samples and points between.
#[derive(Debug, Clone)]
pub struct TruePeak {
    /// `[phase][tap]`.
    taps: [[f32; TAPS]; PHASES],
    /// No point between samples is higher than this times the highest sample about it.
    overshoot: f32,
    /// The last `TAPS - 1` samples, then a tile.
    window: [f32; TAPS - 1 + TILE],
}

impl Default for TruePeak {
    fn default() -> Self {
        Self::new()
    }
}

impl TruePeak {
    /// At rest.
    pub fn new() -> Self {
        let mut taps = [[0.0; TAPS]; PHASES];
        let half = TAPS as f64 / 2.0;
        for (phase, row) in taps.iter_mut().enumerate() {
            let fraction = (phase + 1) as f64 / (PHASES + 1) as f64;
            for (tap, coefficient) in row.iter_mut().enumerate() {
                // Distance in samples between the point sought and this tap's sample; the point lies
                // `fraction` after the tap in the middle.
                let distance = tap as f64 - (half - 1.0) - fraction;
                let x = std::f64::consts::PI * distance;
                let hann = libm::cos(x / (2.0 * half)).powi(2);
                *coefficient = (libm::sin(x) / x * hann) as f32;
            }
        }
        let overshoot = taps.iter().map(|row| row.iter().map(|tap| tap.abs()).sum()).fold(1.0, f32::max);
        Self { taps, overshoot, window: [0.0; TAPS - 1 + TILE] }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.window.fill(0.0);
    }

    /// Highest absolute value among `samples` and the points between them (6 samples late), where it
    /// is above `known`; else anything up to `known`.
    pub fn push(&mut self, samples: &[f32], known: f32) -> f32 {
        let mut peak = highest(samples);
        for tile in samples.chunks(TILE) {
            let n = tile.len();
            self.window[TAPS - 1..TAPS - 1 + n].copy_from_slice(tile);
            // What lies beyond a short tile is old; it must not count.
            self.window[TAPS - 1 + n..].fill(0.0);
            let bound = self.overshoot * highest(&self.window);
            if bound > known.max(peak) {
                peak = peak.max(highest_between(&self.taps, &self.window, n));
            }
            self.window.copy_within(n..n + TAPS - 1, 0);
        }
        peak
    }
}

/// Highest absolute value of the first `n` points of each phase over a window.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn highest_between(taps: &[[f32; TAPS]; PHASES], window: &[f32; TAPS - 1 + TILE], n: usize) -> f32 {
    let mut peak = 0.0_f32;
    for row in taps {
        let mut points = [0.0_f32; TILE];
        for (tap, coefficient) in row.iter().enumerate() {
            let window: &[f32] = &window[tap..tap + TILE];
            for (point, sample) in points.iter_mut().zip(window) {
                *point += coefficient * sample;
            }
        }
        peak = peak.max(highest(&points[..n]));
    }
    peak
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_peak_between_the_samples() {
        // A sine at a quarter of the rate, sampled 45 degrees off its peaks, shows -3 dB at every
        // sample; the true peak is 0 dB. BS.1770-4 allows 0.55 dB for fourfold oversampling.
        let sine: Vec<f32> =
            (0..4800).map(|n| (std::f32::consts::FRAC_PI_2 * n as f32 + std::f32::consts::FRAC_PI_4).sin()).collect();
        let mut meter = TruePeak::new();
        meter.push(&sine[..100], 0.0);
        let peak_db = 20.0 * meter.push(&sine[100..], 0.0).log10();
        assert!(peak_db.abs() < 0.2, "{peak_db} dB");
    }

    #[test]
    fn the_highest_is_that_of_a_plain_fold() {
        let samples: Vec<f32> = (0..1000_i32).map(|n| ((n * 7919 % 1013) as f32 - 506.0) / 400.0).collect();
        for length in [0, 1, 15, 16, 17, 1000] {
            let part = &samples[..length];
            assert_eq!(highest(part), part.iter().fold(0.0, |high: f32, x| high.max(x.abs())));
        }
    }
}
