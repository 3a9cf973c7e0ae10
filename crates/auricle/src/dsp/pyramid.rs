//! The recent past of a signal at several rates, each half the one before.

use std::sync::Arc;

use super::halfband::{HalfBand, Halver, halve};
use super::ring::Ring;

/// A signal at its own rate (level 0), half of it (level 1), and so on.
#[derive(Debug, Clone)]
pub struct Pyramid {
    filters: Arc<[HalfBand]>,
    levels: Vec<Ring>,
    /// `[level - 1]`.
    halvers: Vec<Halver>,
}

impl Pyramid {
    /// Room for `history_samples[level]` samples of each level's rate before a period of
    /// `period_samples` of level 0; `filters` lead from each level to the next.
    pub fn new(filters: Arc<[HalfBand]>, history_samples: &[usize], period_samples: usize) -> Self {
        let levels = history_samples
            .iter()
            .enumerate()
            .map(|(level, history)| Ring::new(*history, period_samples >> level))
            .collect();
        let halvers = filters
            .iter()
            .enumerate()
            .map(|(step, filter)| Halver::new(filter, period_samples >> (step + 1)))
            .collect();
        Self { levels, halvers, filters }
    }

    /// All zeros.
    pub fn reset(&mut self) {
        self.levels.iter_mut().for_each(Ring::reset);
        self.halvers.iter_mut().for_each(Halver::reset);
    }

    /// The next period of level 0, to be filled and then handed down with [`Self::descend`].
    pub fn push(&mut self) -> &mut [f32] {
        self.levels[0].push()
    }

    /// Brings the newest period to every level.
    pub fn descend(&mut self) {
        for (step, (filter, halver)) in self.filters.iter().zip(&mut self.halvers).enumerate() {
            let (above, below) = self.levels.split_at_mut(step + 1);
            halve(filter, halver, above[step].delayed(0), below[0].push());
        }
    }

    /// The newest period of a level, `delay_samples` of its rate ago.
    #[inline(always)]
    pub fn delayed(&self, level: usize, delay_samples: usize) -> &[f32] {
        self.levels[level].delayed(delay_samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_tone_is_the_same_on_every_level() {
        let filters: Arc<[HalfBand]> = vec![HalfBand::design(8, 0.2), HalfBand::design(6, 0.2)].into();
        let delays: Vec<usize> =
            vec![0, filters[0].delay_samples(), filters[0].delay_samples() + 2 * filters[1].delay_samples()];
        let mut pyramid = Pyramid::new(filters, &[0, 0, 0], 32);
        let tone = |n: i64| (0.05 * n as f64).sin();
        for period in 0..40_i64 {
            for (i, slot) in pyramid.push().iter_mut().enumerate() {
                *slot = tone(32 * period + i as i64) as f32;
            }
            pyramid.descend();
            if period < 10 {
                continue;
            }
            for (level, delay) in delays.iter().enumerate() {
                for (i, sample) in pyramid.delayed(level, 0).iter().enumerate() {
                    let at = 32 * period + ((i << level) as i64) - *delay as i64;
                    assert!((f64::from(*sample) - tone(at)).abs() < 1e-4, "level {level}");
                }
            }
        }
    }
}
