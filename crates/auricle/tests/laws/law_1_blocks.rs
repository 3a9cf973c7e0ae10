//! Law 1: any split into blocks gives bit-identical output, on any number of threads.

use auricle::audition::{Audition, Join};
use proptest::prelude::*;

use crate::support::cases::{self, Case};
use crate::support::run::{first_difference, in_blocks, on, whole};
use crate::support::signals;

/// Blocks that hosts really use, and those that break things: nothing, one sample, primes, the longest.
const BLOCKS: [usize; 6] = [1, 7, 64, 480, 4096, Audition::MAX_BLOCK_SAMPLES];

/// A third of a second, across the first cue's borders.
fn excerpt(case: &Case) -> Vec<Vec<f32>> {
    let channels = case.layout.channels();
    (0..channels).map(|c| signals::syllables(16_000, cases::RATE_HZ, -20.0, 300 + c as u64)).collect()
}

#[test]
fn no_block_length_changes_a_bit() {
    for case in cases::all() {
        let input = excerpt(&case);
        let outputs = case.output.channels();
        let expected = whole(&mut case.subject(), outputs, &input);
        for block in BLOCKS {
            let got = in_blocks(&mut case.subject(), outputs, &input, std::iter::repeat(block));
            assert_eq!(first_difference(&expected, &got), None, "{}, blocks of {block}", case.name);
        }
        // An empty block between any two others is no event either.
        let with_empty = [0, 333, 0, 0, 64].into_iter().cycle();
        let got = in_blocks(&mut case.subject(), outputs, &input, with_empty);
        assert_eq!(first_difference(&expected, &got), None, "{}, with empty blocks", case.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_series_of_blocks_changes_a_bit(
        which in 0..cases::all().len(),
        blocks in prop::collection::vec(prop_oneof![0_usize..5, 0_usize..100, 0_usize..5000], 1..40),
    ) {
        prop_assume!(blocks.iter().any(|block| *block > 0));
        let case = &cases::all()[which];
        let input = excerpt(case);
        let outputs = case.output.channels();
        let expected = whole(&mut case.subject(), outputs, &input);
        let got = in_blocks(&mut case.subject(), outputs, &input, blocks.into_iter().cycle());
        prop_assert_eq!(first_difference(&expected, &got), None, "{}", case.name);
    }
}

/// The two ears on two threads, the second piece of work first.
struct Threads;

impl Join for Threads {
    fn join(&self, a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
        std::thread::scope(|scope| {
            scope.spawn(b);
            a();
        });
    }
}

#[test]
fn threads_change_no_bit() {
    for case in cases::all() {
        let input = excerpt(&case);
        let outputs = case.output.channels();
        let expected = whole(&mut case.subject(), outputs, &input);
        let got = on(&Threads, &mut case.subject(), outputs, &input, std::iter::repeat(1000));
        assert_eq!(first_difference(&expected, &got), None, "{}", case.name);
    }
}
