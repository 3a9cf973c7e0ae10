//! Law 3: a healthy listener is a pure delay, and so is the outside of every cue sheet.

use auricle::layout::{Layout, Reach};

use crate::support::cases::{self, RATE_HZ};
use crate::support::run::{outside, whole};
use crate::support::signals;

/// The error of two ears made of several channels, which are summed in f32: below -100 dB FS.
const SUM_TOLERANCE: f32 = 1e-5;

#[test]
fn a_healthy_listener_changes_no_bit() {
    for layout in [Layout::mono(), Layout::stereo(), Layout::surround_5_1(), Layout::surround_7_1()] {
        let case = cases::healthy().with_layouts(layout.clone(), layout);
        let channels = case.layout.channels();
        for (name, input) in signals::seconds(channels) {
            let mut subject = case.subject();
            let latency = subject.latency_samples();
            let output = whole(&mut subject, channels, &input);
            for (channel, (x, y)) in input.iter().zip(&output).enumerate() {
                assert!(y[..latency].iter().all(|y| *y == 0.0), "{name}: sound before the sound");
                let changed = x.iter().zip(&y[latency..]).position(|(x, y)| x != y);
                assert_eq!(changed, None, "{name}, channel {channel} of {channels}: sample that differs");
            }
        }
    }
}

#[test]
fn healthy_ears_for_headphones_are_the_weighted_sum() {
    for layout in [Layout::surround_5_1(), Layout::surround_7_1(), Layout::mono()] {
        let case = cases::healthy().with_layouts(layout.clone(), Layout::stereo());
        for (name, input) in signals::seconds(layout.channels()) {
            let mut subject = case.subject();
            let latency = subject.latency_samples();
            let output = whole(&mut subject, 2, &input);
            for (ear, not_reached) in [(0, Reach::Right), (1, Reach::Left)] {
                for n in 0..input[0].len() - latency {
                    let sum: f32 = layout
                        .0
                        .iter()
                        .zip(&input)
                        .filter(|(channel, _)| channel.reach() != not_reached)
                        .map(|(channel, samples)| channel.ear_weight() * samples[n])
                        .sum();
                    let error = (output[ear][n + latency] - sum).abs();
                    assert!(error < SUM_TOLERANCE, "{name}, ear {ear}, sample {n}: off by {error:e}");
                }
            }
        }
    }
}

#[test]
fn outside_is_the_source() {
    for layout in [Layout::mono(), Layout::stereo(), Layout::surround_5_1(), Layout::surround_7_1()] {
        let case = cases::cues(layout.clone(), layout);
        let program = case.program(RATE_HZ, 1).expect("a film");
        assert_eq!(program.spans().len(), 3, "the cues of the case");
        for (name, input) in signals::seconds(case.layout.channels()) {
            let mut subject = case.subject();
            let latency = subject.latency_samples();
            let output = whole(&mut subject, case.output.channels(), &input);
            let ranges = outside(&program, input[0].len() - latency);
            assert!(ranges.len() >= 3, "outside before, between and after the cues: {ranges:?}");
            for (x, y) in input.iter().zip(&output) {
                for range in &ranges {
                    let delayed = &y[range.start + latency..range.end + latency];
                    let changed = x[range.clone()].iter().zip(delayed).position(|(x, y)| x.to_bits() != y.to_bits());
                    assert_eq!(changed, None, "{name}: sample that differs, counted from {}", range.start);
                }
            }
        }
    }
}
