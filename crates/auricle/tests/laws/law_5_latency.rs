//! Law 5: the latency declared is the latency measured, at every rate, inside as outside.

use crate::support::cases::{self, Case};
use crate::support::listeners::{conductive, flat, n3, sharp, steady};
use crate::support::run::whole;
use crate::support::signals;

const RATES_HZ: [u32; 10] = [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000];

/// The lag at which `output` is most like `input`, searched `reach` samples around `expected`.
fn lag(input: &[f32], output: &[f32], expected: usize, reach: usize) -> usize {
    let likeness = |lag: usize| -> f64 {
        input.iter().zip(&output[lag..]).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>()
    };
    (expected.saturating_sub(reach)..=expected + reach)
        .max_by(|a, b| likeness(*a).total_cmp(&likeness(*b)))
        .unwrap_or(usize::MAX)
}

#[test]
fn a_healthy_impulse_arrives_when_declared() {
    for rate_hz in RATES_HZ {
        let mut subject = cases::healthy().subject_at(rate_hz, 1);
        let latency = subject.latency_samples();
        let input = vec![signals::impulse(latency + 600, 500); 2];
        for samples in whole(&mut subject, 2, &input) {
            let arrived: Vec<usize> = (0..samples.len()).filter(|n| samples[*n] != 0.0).collect();
            assert_eq!(arrived, [500 + latency], "at {rate_hz} Hz, latency {latency}");
        }
    }
}

#[test]
fn sound_inside_is_in_step_with_sound_outside() {
    for rate_hz in RATES_HZ {
        for (case, tolerance_secs) in [
            (cases::alike("flat 40 dB HL, no smearing", sharp(flat(40.0))), 0.0),
            (cases::alike("conductive", conductive()), 0.0),
            // Different gains at different places, and smeared: no single delay is exact. 0.1 ms is a
            // fifth of what an ear notices between two ears' worth of film and one.
            (cases::alike("N3", n3()), 1e-4),
        ] {
            let mut subject = case.subject_at(rate_hz, 1);
            let latency = subject.latency_samples();
            let length = rate_hz as usize / 4;
            let mut input = signals::noise(length + latency, -20.0, 4);
            input[length..].fill(0.0);
            let output = whole(&mut subject, 2, &[input.clone(), input.clone()]);
            let reach = (rate_hz as usize / 1000).min(latency);
            let mut padded = output[0].clone();
            padded.resize(length + latency + reach, 0.0);
            let measured = lag(&input[..length], &padded, latency, reach);
            let off_secs = measured.abs_diff(latency) as f64 / f64::from(rate_hz);
            let one_sample_secs = if tolerance_secs > 0.0 { 1.0 / f64::from(rate_hz) } else { 0.0 };
            assert!(
                off_secs <= f64::max(tolerance_secs, one_sample_secs),
                "{} at {rate_hz} Hz: declared {latency}, measured {measured} samples",
                case.name
            );
        }
    }
}

#[test]
fn every_listener_at_one_rate_has_one_latency() {
    // Cues change the listener while the film runs: a latency of one's own would tear the sound.
    for rate_hz in RATES_HZ {
        let declared = |case: &Case| case.subject_at(rate_hz, 1).latency_samples();
        let healthy = declared(&cases::healthy());
        let healthy_ear = declared(&cases::one_ear("healthy", flat(0.0)));
        for case in cases::all() {
            let expected = if case.program(rate_hz, 1).is_some() { healthy } else { healthy_ear };
            let own = declared(&case);
            // All ears of a programme wait for its slowest; an implant's percept is slower than any acoustic ear.
            if case.lingers {
                let milliseconds = own as f64 * 1e3 / f64::from(rate_hz);
                assert!(own >= expected && milliseconds <= 50.0, "{}: {milliseconds} ms at {rate_hz} Hz", case.name);
            } else {
                assert_eq!(own, expected, "{} at {rate_hz} Hz", case.name);
            }
        }
        let milliseconds = healthy as f64 * 1e3 / f64::from(rate_hz);
        assert!(milliseconds <= 50.0, "{milliseconds} ms at {rate_hz} Hz is too long for a live use");
    }
    let mixed = cases::throughout("one ear", steady(n3(), flat(0.0)));
    assert_eq!(mixed.subject().latency_samples(), cases::healthy().subject().latency_samples());
}
