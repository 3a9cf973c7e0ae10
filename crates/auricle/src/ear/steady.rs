//! One ear in one unchanging condition, for any size of block: what is examined and measured.

use std::sync::Arc;

use super::design::{EarDesign, EarModel};
use super::{Blend, Ear, Stage};
use crate::audition::{audible, tame};

/// One ear with one channel and one design.
pub struct SteadyEar {
    ear: Ear,
    /// The period being gathered, and the one being given out.
    gathered: Vec<f32>,
    ready: Vec<f32>,
    filled: usize,
    output_samples: u64,
}

impl SteadyEar {
    /// The ear of a design; `seed` is that of its random parts.
    pub fn new(model: Arc<EarModel>, design: Arc<EarDesign>, seed: u64) -> Self {
        let period = model.bank.period_samples;
        Self {
            ear: Ear::new(model, vec![design], &[1.0], seed),
            gathered: vec![0.0; period],
            ready: vec![0.0; period],
            filled: 0,
            output_samples: 0,
        }
    }
}

impl Stage for SteadyEar {
    fn latency_samples(&self) -> usize {
        self.ear.latency_samples() + self.ear.period_samples()
    }

    fn reset(&mut self) {
        self.ear.reset();
        self.ready.fill(0.0);
        self.filled = 0;
        self.output_samples = 0;
    }

    fn process(&mut self, ear: &mut [f32]) {
        let period = self.ear.period_samples();
        let mut rest = ear;
        while !rest.is_empty() {
            let count = rest.len().min(period - self.filled);
            let (now, later) = rest.split_at_mut(count);
            let slots = self.filled..self.filled + count;
            for ((sample, gathered), ready) in
                now.iter_mut().zip(&mut self.gathered[slots.clone()]).zip(&self.ready[slots])
            {
                *gathered = audible(tame(*sample));
                *sample = *ready;
            }
            self.filled += count;
            if self.filled == period {
                self.filled = 0;
                self.ear.input(0).copy_from_slice(&self.gathered);
                self.ear.run(Blend::of(0), self.output_samples);
                self.output_samples += period as u64;
                self.ready.copy_from_slice(self.ear.output(0));
            }
            rest = later;
        }
    }
}
