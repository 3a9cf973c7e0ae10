//! The smearing matrix at work on the powers of many frames at once.

use multiversion::{multiversion, target::target_cfg_f};

use super::power::madd;
use super::smearing::BINS;

/// Frames of a batch: three AVX-512 registers of f64.
pub(super) const FRAMES: usize = 24;
/// Rows worked on at once, so that with [`FRAMES`] the sums fill half of the AVX-512 registers.
const ROWS: usize = 4;

/// Powers of a batch of frames, `[bin][frame]`.
pub(super) type Batch = Vec<[f64; FRAMES]>;

/// A matrix of [`BINS`] by [`BINS`], `[row / ROWS][column][row % ROWS]`: in the order in which it is read.
pub(super) struct Matrix(Vec<[f64; ROWS]>);

impl Matrix {
    /// From `[row][column]`, row by row.
    pub(super) fn new(rows: &[f64]) -> Self {
        let panel = |p: usize| (0..BINS).map(move |k| std::array::from_fn(|r| rows[(p * ROWS + r) * BINS + k]));
        Self((0..BINS / ROWS).flat_map(panel).collect())
    }

    /// What each bin's amplitude is multiplied by when `power` is spread, into `gains`: the root of the
    /// spread power over the bin's own, and, where the spread power is negative, minus the root of its
    /// magnitude.
    pub(super) fn spread(&self, power: &Batch, gains: &mut Batch) {
        times(&self.0, power, gains);
        roots(power, gains);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn times(panels: &[[f64; ROWS]], batch: &[[f64; FRAMES]], product: &mut [[f64; FRAMES]]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    for (panel, product) in panels.chunks_exact(BINS).zip(product.chunks_exact_mut(ROWS)) {
        let mut sums = [[0.0; FRAMES]; ROWS];
        for (weights, powers) in panel.iter().zip(batch) {
            for (sums, weight) in sums.iter_mut().zip(weights) {
                for (sum, power) in sums.iter_mut().zip(powers) {
                    *sum = madd::<FMA>(*weight, *power, *sum);
                }
            }
        }
        product.copy_from_slice(&sums);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn roots(power: &[[f64; FRAMES]], gains: &mut [[f64; FRAMES]]) {
    for (power, gains) in power.iter().zip(gains) {
        for (gain, power) in gains.iter_mut().zip(power) {
            *gain = (gain.abs() / power).sqrt().copysign(*gain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_is_what_its_definition_says() {
        let rows: Vec<f64> = (0..BINS * BINS).map(|i| (i as f64 * 0.1).sin()).collect();
        let batch: Batch = (0..BINS).map(|k| std::array::from_fn(|f| ((k * FRAMES + f) as f64 * 0.7).cos())).collect();
        let mut product = batch.clone();
        times(&Matrix::new(&rows).0, &batch, &mut product);
        for i in [0, 1, 77, BINS - 1] {
            for f in 0..FRAMES {
                let direct: f64 = (0..BINS).map(|k| rows[i * BINS + k] * batch[k][f]).sum();
                assert!((product[i][f] - direct).abs() < 1e-11);
            }
        }
        let mut gains = product.clone();
        let power = vec![[4.0; FRAMES]; BINS];
        roots(&power, &mut gains);
        for (gain, product) in gains.as_flattened().iter().zip(product.as_flattened()) {
            assert!((gain * gain.abs() * 4.0 - product).abs() < 1e-12);
        }
    }
}
