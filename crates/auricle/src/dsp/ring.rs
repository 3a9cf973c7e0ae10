//! The recent past of a signal, readable in one piece.

/// The last `history` samples before the newest period, kept contiguous.
///
/// A period is written at the end; when the end of the buffer is reached the history is moved to its
/// front, once every several thousand samples.
#[derive(Debug, Clone)]
pub struct Ring {
    samples: Vec<f32>,
    /// Index of the first sample of the newest period.
    newest: usize,
    history: usize,
    period: usize,
}

impl Ring {
    /// Room for `history` samples before a period of `period`.
    pub fn new(history: usize, period: usize) -> Self {
        let room = history + period.max((4 * history).max(4096) / period.max(1) * period.max(1));
        Self { samples: vec![0.0; room + period], newest: history, history, period }
    }

    /// All zeros.
    pub fn reset(&mut self) {
        self.samples.fill(0.0);
        self.newest = self.history;
    }

    /// The next period to write, `period` samples; call once per period, then fill it.
    pub fn push(&mut self) -> &mut [f32] {
        let mut next = self.newest + self.period;
        if next + self.period > self.samples.len() {
            self.samples.copy_within(next - self.history..next, 0);
            next = self.history;
        }
        self.newest = next;
        &mut self.samples[next..next + self.period]
    }

    /// The history and the newest period.
    #[inline]
    pub fn window(&self) -> &[f32] {
        &self.samples[self.newest - self.history..self.newest + self.period]
    }

    /// The newest period, `delay` samples ago (up to `history`).
    #[inline]
    pub fn delayed(&self, delay: usize) -> &[f32] {
        let start = self.newest - delay;
        &self.samples[start..start + self.period]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delayed_is_the_past() {
        for (history, period) in [(0, 4), (37, 16), (500, 64)] {
            let mut ring = Ring::new(history, period);
            for p in 0..2000 {
                for (i, slot) in ring.push().iter_mut().enumerate() {
                    *slot = (p * period + i + 1) as f32;
                }
                assert_eq!(ring.window()[history..], *ring.delayed(0));
                assert_eq!(ring.window()[..period], *ring.delayed(history));
                for delay in [0, history / 2, history] {
                    for (i, sample) in ring.delayed(delay).iter().enumerate() {
                        let expected = ((p * period + i + 1) as f32 - delay as f32).max(0.0);
                        assert_eq!(*sample, expected);
                    }
                }
            }
        }
    }
}
