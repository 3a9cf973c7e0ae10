//! Sound through an audition, in blocks.

use auricle::audition::{Audition, InTurn, Join};

/// Runs `input`, `[channel][sample]`, in blocks of the lengths that `blocks` gives until the input's end.
pub(crate) fn in_blocks(
    audition: &mut Audition,
    outputs: usize,
    input: &[Vec<f32>],
    blocks: impl IntoIterator<Item = usize>,
) -> Vec<Vec<f32>> {
    on(&InTurn, audition, outputs, input, blocks)
}

/// As [`in_blocks`], with the two ears given to `join`.
pub(crate) fn on(
    join: &impl Join,
    audition: &mut Audition,
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
        audition.process_on(join, &from, &mut to);
        at += block;
    }
    output
}

/// Runs the whole of `input` in the longest blocks there are.
pub(crate) fn whole(audition: &mut Audition, outputs: usize, input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    in_blocks(audition, outputs, input, std::iter::repeat(Audition::MAX_BLOCK_SAMPLES))
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
