//! Halving and doubling a sampling rate with half-band filters.
//!
//! ```text
//! h[0] = 1/2, h[even] = 0, h[odd n] = sin(pi n/2) / (pi n) x Kaiser window
//! ```
//!
//! Half the taps are zero and the rest are symmetric, so with the input split into even and odd samples
//! one output sample costs one addition and one multiply-add a pair of taps, for many samples at once.

use multiversion::{multiversion, target::target_cfg_f};

use super::MAX_PERIOD_SAMPLES;
use super::math::{bessel_i0, madd};
use super::ring::Ring;

/// Outputs computed side by side; every period has a multiple of this many.
pub const WIDTH: usize = 8;
/// Most pairs of taps.
const MAX_PAIRS: usize = MAX_PERIOD_SAMPLES / 2;
/// Attenuation beyond which f32 has nothing more to win, dB.
const DEEPEST_STOP_DB: f64 = 120.0;

/// Coefficients of one half-band filter.
#[derive(Debug, Clone)]
pub struct HalfBand {
    /// h[1], h[3], ...: the taps on one side, in f32 as they run.
    taps: Vec<f32>,
}

impl HalfBand {
    /// A filter of `pairs` pairs of taps (even, up to half of [`MAX_PERIOD_SAMPLES`]), as deep as it can be where
    /// what folds would reach frequencies up to `protected` times the lower rate (below 0.5).
    ///
    /// Window by Kaiser's formulas (Kaiser 1974): A = 2.285 (N - 1) dw + 8, beta = 0.1102 (A - 8.7).
    pub fn design(pairs: usize, protected: f64) -> Self {
        debug_assert!(pairs.is_multiple_of(2) && pairs <= MAX_PAIRS, "{pairs} pairs");
        let transition = std::f64::consts::TAU * 0.5 * (1.0 - 2.0 * protected);
        let stop_db = 2.285 * (4 * pairs - 2) as f64 * transition + 8.0;
        let beta = 0.1102 * (stop_db.min(DEEPEST_STOP_DB) - 8.7);
        let taps: Vec<f64> = (0..pairs)
            .map(|i| {
                let n = (2 * i + 1) as f64;
                let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
                let place = n / (2 * pairs) as f64;
                sign / (std::f64::consts::PI * n) * bessel_i0(beta * (1.0 - place * place).sqrt()) / bessel_i0(beta)
            })
            .collect();
        // The taps of one side add up to 1/4, so that 0 Hz passes whole and half the rate not at all.
        let sum: f64 = taps.iter().sum();
        Self { taps: taps.iter().map(|tap| (0.25 * tap / sum) as f32).collect() }
    }

    /// Samples of the higher rate by which it delays.
    pub fn delay_samples(&self) -> usize {
        2 * self.taps.len() - 1
    }

    /// Gain at `w` radians a sample of the higher rate, its delay aside.
    pub fn gain(&self, w: f64) -> f64 {
        let sides = self.taps.iter().enumerate().map(|(i, tap)| f64::from(*tap) * libm::cos(w * (2 * i + 1) as f64));
        0.5 + 2.0 * sides.sum::<f64>()
    }

    /// Samples that a run of [`folded`] looks back.
    fn past(&self) -> usize {
        2 * self.taps.len() - 1
    }
}

/// `out[m] = sum over i of h_i (v[m-K+i] + v[m-K-i+1])`, i from 1 to K, where `samples` begins 2K-1 before v[0].
#[inline(always)]
fn folded<const FMA: bool>(taps: &[f32], samples: &[f32], out: &mut [f32]) {
    if out.len().is_multiple_of(2 * WIDTH) {
        folded_by::<FMA, { 2 * WIDTH }>(taps, samples, out);
    } else {
        folded_by::<FMA, WIDTH>(taps, samples, out);
    }
}

/// [`folded`], `LANES` outputs at a time; the order of additions is the same for any.
#[inline(always)]
fn folded_by<const FMA: bool, const LANES: usize>(taps: &[f32], samples: &[f32], out: &mut [f32]) {
    let pairs = taps.len();
    for (block, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let samples = &samples[block * LANES..block * LANES + 2 * pairs - 1 + LANES];
        // In `samples`, v[m-K+i+1] stands at m + K + i and v[m-K-i] at m + K - 1 - i. Two sums, because
        // each waits for its last addition; two names and not an array, which would stay in memory.
        let (mut even, mut odd) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        for (two, [tap_even, tap_odd]) in taps.as_chunks::<2>().0.iter().enumerate() {
            let (late, early) = (pairs + 2 * two, pairs - 1 - 2 * two);
            let (late_even, early_even) = (&samples[late..late + LANES], &samples[early..early + LANES]);
            let (late_odd, early_odd) = (&samples[late + 1..late + 1 + LANES], &samples[early - 1..early - 1 + LANES]);
            for lane in 0..LANES {
                even[lane] = madd::<FMA>(*tap_even, late_even[lane] + early_even[lane], even[lane]);
            }
            for lane in 0..LANES {
                odd[lane] = madd::<FMA>(*tap_odd, late_odd[lane] + early_odd[lane], odd[lane]);
            }
        }
        for lane in 0..LANES {
            out[lane] = even[lane] + odd[lane];
        }
    }
}

/// A signal on its way to half its rate.
#[derive(Debug, Clone)]
pub struct Halver {
    even: Ring,
    odd: Ring,
}

/// A signal on its way to twice its rate.
#[derive(Debug, Clone)]
pub struct Doubler {
    samples: Ring,
    between: Vec<f32>,
}

impl Halver {
    /// At rest, for periods of `period_samples` of the lower rate.
    pub fn new(filter: &HalfBand, period_samples: usize) -> Self {
        let past = Ring::new(filter.past(), period_samples);
        Self { even: past.clone(), odd: past }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.even.reset();
        self.odd.reset();
    }
}

impl Doubler {
    /// At rest, for periods of `period_samples` of the lower rate.
    pub fn new(filter: &HalfBand, period_samples: usize) -> Self {
        Self { samples: Ring::new(filter.past(), period_samples), between: vec![0.0; period_samples] }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.samples.reset();
    }

    /// Adds `low` at twice its rate to `high`, which is twice as long and a multiple of twice [`WIDTH`].
    #[inline(always)]
    pub(super) fn add<const FMA: bool>(&mut self, filter: &HalfBand, low: &[f32], high: &mut [f32]) {
        self.samples.push().copy_from_slice(low);
        folded::<FMA>(&filter.taps, self.samples.window(), &mut self.between);
        let straight = self.samples.delayed(filter.past() - filter.taps.len());
        for ((high, between), straight) in high.chunks_exact_mut(2).zip(&self.between).zip(straight) {
            high[0] += 2.0 * between;
            high[1] += straight;
        }
    }
}

/// Halves the rate of `high`, twice as long as `low` and a multiple of twice [`WIDTH`].
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub fn halve(filter: &HalfBand, state: &mut Halver, high: &[f32], low: &mut [f32]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let (even, odd) = (state.even.push(), state.odd.push());
    for ((pair, even), odd) in high.chunks_exact(2).zip(even).zip(odd) {
        *even = pair[0];
        *odd = pair[1];
    }
    folded::<FMA>(&filter.taps, state.even.window(), low);
    for (low, odd) in low.iter_mut().zip(state.odd.delayed(filter.past() + 1 - filter.taps.len())) {
        *low = madd::<FMA>(0.5, *odd, *low);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::random::Random;

    #[test]
    fn what_would_fold_is_kept_out() {
        for (pairs, protected) in [(6, 0.2), (8, 0.28), (10, 0.33), (16, 0.38), (32, 0.4)] {
            let filter = HalfBand::design(pairs, protected);
            let (mut worst_db, mut ripple_db) = (f64::NEG_INFINITY, 0.0_f64);
            for i in 0..=200 {
                // A fraction of the lower rate, so half of it of the higher.
                let passed = protected * f64::from(i) / 200.0;
                let w = std::f64::consts::PI * passed;
                worst_db = worst_db.max(20.0 * filter.gain(std::f64::consts::PI - w).abs().log10());
                ripple_db = ripple_db.max((20.0 * filter.gain(w).log10()).abs());
            }
            assert!(worst_db < -84.0, "{pairs} pairs: {worst_db} dB");
            assert!(ripple_db < 0.001, "{pairs} pairs: {ripple_db} dB");
        }
    }

    #[test]
    fn down_and_up_is_a_delay() {
        let filter = HalfBand::design(10, 0.3);
        let (mut halver, mut doubler) = (Halver::new(&filter, 16), Doubler::new(&filter, 16));
        let w = std::f64::consts::TAU * 0.11;
        let mut phase = Random::new(1, 1);
        let shift = f64::from(phase.bell());
        let input: Vec<f32> = (0..4096).map(|n| (w * f64::from(n) + shift).sin() as f32).collect();
        let mut output = vec![0.0; input.len()];
        for (input, output) in input.chunks_exact(32).zip(output.chunks_exact_mut(32)) {
            let mut low = [0.0; 16];
            halve(&filter, &mut halver, input, &mut low);
            doubler.add::<false>(&filter, &low, output);
        }
        let delay = 2 * filter.delay_samples();
        for n in 200..input.len() {
            assert!((output[n] - input[n - delay]).abs() < 1e-4, "{n}: {} for {}", output[n], input[n - delay]);
        }
    }

    #[test]
    fn a_filter_is_what_its_gain_says() {
        let filter = HalfBand::design(8, 0.25);
        let mut halver = Halver::new(&filter, 16);
        // Half-way into the transition.
        let w = std::f64::consts::TAU * 0.26;
        let input: Vec<f32> = (0..4096).map(|n| (w * f64::from(n)).sin() as f32).collect();
        let mut low = vec![0.0; input.len() / 2];
        for (input, low) in input.chunks_exact(32).zip(low.chunks_exact_mut(16)) {
            halve(&filter, &mut halver, input, low);
        }
        for (n, low) in low.iter().enumerate().skip(100) {
            let expected = filter.gain(w) * (w * (2 * n - filter.delay_samples()) as f64).sin();
            assert!((f64::from(*low) - expected).abs() < 1e-5, "{n}: {low} for {expected}");
        }
    }
}
