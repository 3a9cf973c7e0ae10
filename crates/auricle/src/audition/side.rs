//! One side of one listener: an ear, the channels that reach it, and what it has heard of a block.

use std::ops::Range;

use super::{audible, hears};
use crate::dsp::MAX_PERIOD_SAMPLES;
use crate::ear::Ear;
use crate::layout::{Layout, Reach};
use crate::program::{Program, Voice};

/// One ear at work.
pub(super) struct Side {
    ear: Ear,
    reach: Reach,
    /// Channels that the ear takes apart from each other; empty where it hears their sum.
    channels: Vec<usize>,
    /// Weights of the sum, `[channel]`.
    weights: Vec<f32>,
    /// What was heard of this block, `[path][sample]`.
    heard: Vec<Vec<f32>>,
    /// The tinnitus that is in the first path, by itself; empty where this ear never rings.
    ringing: Vec<f32>,
    running: bool,
}

impl Side {
    pub(super) fn new(
        program: &Program,
        voice: &Voice,
        number: u64,
        reach: Reach,
        input: &Layout,
        sum_only: bool,
        room: usize,
    ) -> Self {
        let side = usize::from(reach == Reach::Right);
        let designs = voice.designs.iter().map(|ears| ears[side].clone()).collect();
        let reached: Vec<usize> =
            (0..input.channels()).filter(|channel| hears(reach, input.0[*channel].reach())).collect();
        let all: Vec<f32> =
            input.0.iter().map(|c| if hears(reach, c.reach()) { c.ear_weight() } else { 0.0 }).collect();
        let channels = if sum_only { Vec::new() } else { reached };
        let paths: Vec<f32> = if sum_only { vec![1.0] } else { channels.iter().map(|c| all[*c]).collect() };
        // Each ear of each listener draws its own random numbers.
        let seed = program.seed ^ (2 * number + side as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
        let ear = Ear::new(program.model.clone(), designs, &paths, seed);
        Self {
            ringing: vec![0.0; if ear.ringing().is_some() { room } else { 0 }],
            ear,
            reach,
            heard: vec![vec![0.0; room]; paths.len()],
            channels,
            weights: all,
            running: false,
        }
    }

    pub(super) fn reset(&mut self) {
        self.ear.reset();
        self.running = false;
    }

    /// Hears `count` periods of `pending`, the first being number `first` of the programme.
    pub(super) fn run(&mut self, voice: &Voice, pending: &[Vec<f32>], first: u64, count: usize) {
        let period = self.ear.period_samples();
        debug_assert!(period <= MAX_PERIOD_SAMPLES);
        for number in 0..count {
            let input_begins = (first + number as u64) * period as u64;
            // The sound that comes out now went in a latency ago; cues are about that sound.
            let now = input_begins.saturating_sub(self.ear.latency_samples() as u64);
            let Some(play) = voice.play_at(now) else {
                self.running = false;
                continue;
            };
            if !self.running {
                self.running = true;
                self.ear.reset();
            }
            let slots = number * period..(number + 1) * period;
            if self.channels.is_empty() {
                let sum = self.ear.input(0);
                sum.fill(0.0);
                for (channel, weight) in pending.iter().zip(&self.weights) {
                    for (sum, sample) in sum.iter_mut().zip(&channel[slots.clone()]) {
                        *sum += weight * audible(*sample);
                    }
                }
            }
            for (path, channel) in self.channels.iter().enumerate() {
                for (input, sample) in self.ear.input(path).iter_mut().zip(&pending[*channel][slots.clone()]) {
                    *input = audible(*sample);
                }
            }
            self.ear.run(play.blend_at(now + self.ear.condition_samples() as u64 - 1), input_begins);
            for (path, heard) in self.heard.iter_mut().enumerate() {
                heard[slots.clone()].copy_from_slice(self.ear.output(path));
            }
            if let Some(ringing) = self.ear.ringing() {
                self.ringing[slots].copy_from_slice(ringing);
            }
        }
    }

    /// What this ear heard of an input channel that reaches `reach`, if it hears it at all.
    pub(super) fn heard(&self, channel: usize, reach: Reach, slots: Range<usize>) -> Option<Heard<'_>> {
        if !hears(self.reach, reach) {
            return None;
        }
        let path = self.channels.iter().position(|c| *c == channel)?;
        Some(self.of_path(path, slots))
    }

    /// What this ear heard of everything, where it hears the sum.
    pub(super) fn ear(&self, slots: Range<usize>) -> Option<Heard<'_>> {
        debug_assert!(self.channels.is_empty(), "this ear hears channels apart");
        (!self.heard.is_empty()).then(|| self.of_path(0, slots))
    }

    fn of_path(&self, path: usize, slots: Range<usize>) -> Heard<'_> {
        let ringing = if path == 0 { self.ringing.get(slots.clone()).unwrap_or(&[]) } else { &[] };
        Heard { sound: &self.heard[path][slots], ringing }
    }
}

/// What an ear heard of a channel.
#[derive(Clone, Copy)]
pub(super) struct Heard<'a> {
    /// All of it, `[sample]`.
    pub(super) sound: &'a [f32],
    /// The tinnitus in it; empty where there is none.
    pub(super) ringing: &'a [f32],
}

impl Heard<'_> {
    /// The tinnitus in sample `n`.
    #[inline]
    pub(super) fn ringing_at(&self, n: usize) -> f32 {
        self.ringing.get(n).copied().unwrap_or(0.0)
    }
}
