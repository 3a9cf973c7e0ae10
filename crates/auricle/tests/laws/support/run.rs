//! Sound through what a law is held over, in blocks.

use auricle::audition::{Audition, InTurn, Join};
use auricle::ear::Stage;

/// What a law is held over: the whole, or one stage of it.
pub(crate) enum Subject {
    /// Two ears and the outside.
    Whole(Box<Audition>),
    /// One ear, one channel.
    Stage(Box<dyn Stage>),
}

impl Subject {
    /// Samples by which output lags input.
    pub(crate) fn latency_samples(&self) -> usize {
        match self {
            Self::Whole(audition) => audition.latency_samples(),
            Self::Stage(stage) => stage.latency_samples(),
        }
    }

    /// Forgets everything heard so far.
    pub(crate) fn reset(&mut self) {
        match self {
            Self::Whole(audition) => audition.reset(),
            Self::Stage(stage) => stage.reset(),
        }
    }

    /// One block, `[channel][sample]`.
    pub(crate) fn process_on(&mut self, join: &impl Join, input: &[&[f32]], output: &mut [&mut [f32]]) {
        match self {
            Self::Whole(audition) => audition.process_on(join, input, output),
            Self::Stage(stage) => {
                output[0].copy_from_slice(input[0]);
                stage.process(output[0]);
            }
        }
    }

    /// As [`Self::process_on`], on one thread.
    pub(crate) fn process(&mut self, input: &[&[f32]], output: &mut [&mut [f32]]) {
        self.process_on(&InTurn, input, output);
    }
}

/// Runs `input`, `[channel][sample]`, in blocks of the lengths that `blocks` gives until the input's end.
pub(crate) fn in_blocks(
    subject: &mut Subject,
    outputs: usize,
    input: &[Vec<f32>],
    blocks: impl IntoIterator<Item = usize>,
) -> Vec<Vec<f32>> {
    on(&InTurn, subject, outputs, input, blocks)
}

/// As [`in_blocks`], with the two ears given to `join`.
pub(crate) fn on(
    join: &impl Join,
    subject: &mut Subject,
    outputs: usize,
    input: &[Vec<f32>],
    blocks: impl IntoIterator<Item = usize>,
) -> Vec<Vec<f32>> {
    let length = input[0].len();
    // What is not written must show.
    let mut output = vec![vec![f32::NAN; length]; outputs];
    let mut blocks = blocks.into_iter();
    let mut at = 0;
    while at < length {
        let block = blocks.next().expect("blocks end before the input").min(length - at);
        let from: Vec<&[f32]> = input.iter().map(|channel| &channel[at..at + block]).collect();
        let mut to: Vec<&mut [f32]> = output.iter_mut().map(|channel| &mut channel[at..at + block]).collect();
        subject.process_on(join, &from, &mut to);
        at += block;
    }
    output
}

/// Runs the whole of `input` in the longest blocks there are.
pub(crate) fn whole(subject: &mut Subject, outputs: usize, input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    in_blocks(subject, outputs, input, std::iter::repeat(Audition::MAX_BLOCK_SAMPLES))
}

/// The first place where two sounds differ in a bit, as `(channel, sample, a, b)`.
pub(crate) fn first_difference(a: &[Vec<f32>], b: &[Vec<f32>]) -> Option<(usize, usize, f32, f32)> {
    assert_eq!(a.len(), b.len(), "channels");
    for (channel, (a, b)) in a.iter().zip(b).enumerate() {
        assert_eq!(a.len(), b.len(), "samples");
        if let Some(n) = a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits()) {
            return Some((channel, n, a[n], b[n]));
        }
    }
    None
}

/// Where a program is outside for certain, as ranges of samples of the input up to `length`.
pub(crate) fn outside(program: &auricle::program::Program, length: usize) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    for span in program.spans() {
        let enters = usize::try_from(span.enter_begins_samples).unwrap_or(usize::MAX).min(length);
        if enters > from {
            ranges.push(from..enters);
        }
        from = from.max(usize::try_from(span.leave_ends_samples).unwrap_or(usize::MAX));
    }
    if from < length {
        ranges.push(from..length);
    }
    ranges
}
