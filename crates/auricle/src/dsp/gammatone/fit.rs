//! The synthesis weights of the bank.

use realfft::num_complex::Complex64;

use super::{Gammatone, cis};
use crate::dsp::{LANES, erb, solve};

/// Frequencies over which the weights are fitted, evenly on the ERB scale.
const FIT_POINTS: usize = 1000;
/// Range of the fit; fitting beyond the bank's reach would inflate the weights at its edges.
const FIT_HZ: (f64, f64) = (40.0, 15_500.0);
/// Weight of staying near Hohmann's phases against the fit.
const REGULARISATION: f64 = 1e-3;

impl Gammatone {
    /// Fits the weights: minimises |A c - e^(-i w D)|^2 + mu |c - c_H|^2 over complex c.
    pub(super) fn fit(&mut self) {
        let bands = self.bands();
        let unknowns = 2 * bands;
        let rate = f64::from(self.sample_rate_hz);
        let low = erb::number(FIT_HZ.0);
        let high = erb::number(FIT_HZ.1.min(0.45 * rate));
        let published: Vec<Complex64> = (0..bands)
            .map(|k| {
                let level = self.level[k / LANES];
                let ways = 2 * self.level_delay_samples(level) as i64;
                let delay = ways + (self.input_delay_samples[k] << level) as i64;
                let ahead = self.delay_samples as i64 - delay;
                cis(-std::f64::consts::TAU * self.centre_hz[k] / rate * ahead as f64)
            })
            .collect();
        let mut normal = vec![0.0; unknowns * unknowns];
        let mut right = vec![0.0; unknowns];
        let (mut along, mut length) = (0.0, 0.0);
        let mut rows = [vec![0.0; unknowns], vec![0.0; unknowns]];
        for point in 0..FIT_POINTS {
            let hz = erb::frequency_hz(low + (high - low) * point as f64 / (FIT_POINTS - 1) as f64);
            let w = std::f64::consts::TAU * hz / rate;
            let target = cis(-w * self.delay_samples as f64);
            let mut sum = Complex64::ZERO;
            self.walk(hz, |k, direct, image, up| {
                let real = 0.5 * up * (direct + image.conj());
                let imaginary = Complex64::I * 0.5 * up * (direct - image.conj());
                rows[0][k] = real.re;
                rows[1][k] = real.im;
                rows[0][bands + k] = imaginary.re;
                rows[1][bands + k] = imaginary.im;
                sum += real * published[k].re + imaginary * published[k].im;
            });
            along += (sum * target.conj()).re;
            length += sum.norm_sqr();
            for (row, aim) in rows.iter().zip([target.re, target.im]) {
                for i in 0..unknowns {
                    let factor = row[i];
                    right[i] += factor * aim;
                    for (entry, other) in normal[i * unknowns..].iter_mut().zip(&row[..=i]) {
                        *entry += factor * other;
                    }
                }
            }
        }
        // The published weights, scaled to the level that fits best, are where the fit is held.
        let scale = along / length;
        let trace: f64 = (0..unknowns).map(|i| normal[i * unknowns + i]).sum();
        let mu = REGULARISATION * trace / unknowns as f64;
        for i in 0..unknowns {
            normal[i * unknowns + i] += mu;
            let held = if i < bands { published[i].re } else { published[i - bands].im };
            right[i] += mu * scale * held;
        }
        // Positive definite by the regularisation.
        let solved = solve::cholesky(&mut normal, &mut right);
        debug_assert!(solved, "regularised normal equations are positive definite");
        for k in 0..bands {
            self.weight[k] = Complex64::new(right[k], right[bands + k]);
        }
    }
}
