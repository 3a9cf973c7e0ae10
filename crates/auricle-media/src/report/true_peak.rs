//! True peak: the highest point between the samples, by fourfold oversampling (ITU-R BS.1770-4,
//! annex 2).
//!
//! The interpolator is a windowed sinc of 12 taps a phase; its zeroth phase is the sample itself.
//! It runs over tiles of samples with the tap as the outer index, which the compiler vectorises.

use super::reduce;

/// Taps of each phase.
const TAPS: usize = 12;
/// Points between two samples.
const PHASES: usize = 3;
/// Samples taken at once.
const TILE: usize = 64;

/// Highest absolute value of one channel, samples and points between.
#[derive(Debug, Clone)]
pub(super) struct TruePeak {
    /// `[phase][tap]`.
    taps: [[f32; TAPS]; PHASES],
    /// No point between samples is higher than this times the highest sample about it.
    overshoot: f32,
    /// The last `TAPS - 1` samples, then a tile.
    window: [f32; TAPS - 1 + TILE],
}

impl TruePeak {
    pub(super) fn new() -> Self {
        let mut taps = [[0.0; TAPS]; PHASES];
        let half = TAPS as f64 / 2.0;
        for (phase, row) in taps.iter_mut().enumerate() {
            let fraction = (phase + 1) as f64 / (PHASES + 1) as f64;
            for (tap, coefficient) in row.iter_mut().enumerate() {
                // Distance in samples between the point sought and this tap's sample; the point lies
                // `fraction` after the tap in the middle.
                let distance = tap as f64 - (half - 1.0) - fraction;
                let x = std::f64::consts::PI * distance;
                let hann = (x / (2.0 * half)).cos().powi(2);
                *coefficient = (x.sin() / x * hann) as f32;
            }
        }
        let overshoot = taps.iter().map(|row| row.iter().map(|tap| tap.abs()).sum()).fold(1.0, f32::max);
        Self { taps, overshoot, window: [0.0; TAPS - 1 + TILE] }
    }

    /// Highest absolute value among `samples` and the points between them (6 samples late), where it
    /// is above `known`; else anything up to `known`.
    pub(super) fn push(&mut self, samples: &[f32], known: f32) -> f32 {
        let mut peak = reduce::highest(samples);
        for tile in samples.chunks(TILE) {
            let n = tile.len();
            self.window[TAPS - 1..TAPS - 1 + n].copy_from_slice(tile);
            // What lies beyond a short tile is old; it must not count.
            self.window[TAPS - 1 + n..].fill(0.0);
            let bound = self.overshoot * reduce::highest(&self.window);
            let rows = if bound > known.max(peak) { &self.taps[..] } else { &[] };
            for row in rows {
                let mut points = [0.0_f32; TILE];
                for (tap, coefficient) in row.iter().enumerate() {
                    let window: &[f32] = &self.window[tap..tap + TILE];
                    for (point, sample) in points.iter_mut().zip(window) {
                        *point += coefficient * sample;
                    }
                }
                peak = peak.max(reduce::highest(&points[..n]));
            }
            self.window.copy_within(n..n + TAPS - 1, 0);
        }
        peak
    }
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
    fn agrees_with_ebur128_and_does_not_depend_on_blocks() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let mut smooth = 0.0;
        let signal: Vec<f32> = (0..48_000)
            .map(|_| {
                smooth += 0.3 * (noise() - smooth);
                smooth
            })
            .collect();
        let mut whole = TruePeak::new();
        let ours = whole.push(&signal, 0.0);
        for block in [1, 7, 64, 1000] {
            let mut meter = TruePeak::new();
            let peak = signal.chunks(block).fold(0.0, |peak: f32, chunk| peak.max(meter.push(chunk, peak)));
            assert_eq!(peak, ours, "blocks of {block}");
        }
        let mut reference = ebur128::EbuR128::new(1, 48_000, ebur128::Mode::TRUE_PEAK).unwrap();
        reference.add_frames_f32(&signal).unwrap();
        let theirs = reference.true_peak(0).unwrap();
        let apart_db = 20.0 * (f64::from(ours) / theirs).log10();
        assert!(apart_db.abs() < 0.1, "{apart_db} dB from ebur128");
    }
}
