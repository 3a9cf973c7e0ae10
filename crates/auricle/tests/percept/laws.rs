//! The laws of the project's stages, held over the renderer: blocks, reset, silence, what is no number, latency, seeds.

use auricle::implant::percept::{Percept, PerceptControls};
use proptest::prelude::*;

use crate::support::measure::level_db;
use crate::support::run::{RATE_HZ, all_controls, of, whole};
use crate::support::voice::{noise, sentence};

const RATES_HZ: [u32; 10] = [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000];

/// The first sample at which two sounds differ in a bit.
fn first_difference(a: &[f32], b: &[f32]) -> Option<usize> {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits())
}

fn in_blocks(controls: &PerceptControls, input: &[f32], blocks: impl Iterator<Item = usize>) -> Vec<f32> {
    let mut percept = Percept::new(RATE_HZ);
    let mut output = input.to_vec();
    let mut at = 0;
    for block in blocks {
        let block = block.min(output.len() - at);
        percept.process(controls, &mut output[at..at + block]);
        at += block;
        if at == output.len() {
            break;
        }
    }
    output
}

#[test]
fn no_block_length_changes_a_bit() {
    let input = sentence(RATE_HZ, 0.4);
    for (name, controls) in all_controls() {
        let expected = whole(&mut Percept::new(RATE_HZ), &controls, &input);
        for block in [1, 7, 32, 64, 480, 4096] {
            let got = in_blocks(&controls, &input, std::iter::repeat(block));
            assert_eq!(first_difference(&expected, &got), None, "{name}, blocks of {block}");
        }
        let got = in_blocks(&controls, &input, [0, 333, 0, 0, 64].into_iter().cycle());
        assert_eq!(first_difference(&expected, &got), None, "{name}, with empty blocks");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_series_of_blocks_changes_a_bit(
        which in 0..all_controls().len(),
        blocks in prop::collection::vec(prop_oneof![0_usize..5, 0_usize..100, 0_usize..5000], 1..40),
    ) {
        prop_assume!(blocks.iter().any(|block| *block > 0));
        let (name, controls) = all_controls()[which];
        let input = sentence(RATE_HZ, 0.3);
        let expected = whole(&mut Percept::new(RATE_HZ), &controls, &input);
        let got = in_blocks(&controls, &input, blocks.into_iter().cycle());
        prop_assert_eq!(first_difference(&expected, &got), None, "{}", name);
    }
}

#[test]
fn reset_is_new() {
    let input = sentence(RATE_HZ, 0.4);
    let mut used = Percept::new(RATE_HZ);
    for (name, controls) in all_controls() {
        let expected = whole(&mut Percept::new(RATE_HZ), &controls, &input);
        // Whatever was heard before, under the last controls, must be gone.
        used.reset();
        assert_eq!(first_difference(&expected, &whole(&mut used, &controls, &input)), None, "{name}");
        whole(&mut used, &controls, &[f32::NAN; 700]);
    }
}

#[test]
fn clear_controls_are_a_pure_delay_at_every_rate() {
    for rate_hz in RATES_HZ {
        let mut percept = Percept::new(rate_hz);
        let latency = percept.latency_samples();
        let milliseconds = 1e3 * latency as f64 / f64::from(rate_hz);
        println!("{rate_hz} Hz: {latency} samples, {milliseconds:.2} ms");
        assert!(milliseconds < 33.0, "{milliseconds} ms at {rate_hz} Hz");
        let input = sentence(rate_hz, 0.5);
        let output = whole(&mut percept, &PerceptControls::CLEAR, &input);
        for (n, x) in input[..input.len() - latency].iter().enumerate() {
            // 300 dB below full scale all is silence.
            let expected = if x.abs() < 1e-15 { 0.0 } else { *x };
            assert_eq!(output[n + latency], expected, "{rate_hz} Hz, sample {n}");
        }
        assert!(output[..latency].iter().all(|x| *x == 0.0), "{rate_hz} Hz");
    }
}

/// Powers of stretches of a millisecond.
fn envelope(rate_hz: u32, samples: &[f32]) -> Vec<f64> {
    samples.chunks(rate_hz as usize / 1000).map(|part| part.iter().map(|x| f64::from(x * x)).sum()).collect()
}

#[test]
fn latency_is_true_whatever_the_controls() {
    for rate_hz in RATES_HZ {
        for (name, controls) in all_controls() {
            let mut percept = Percept::new(rate_hz);
            let latency = percept.latency_samples();
            let mut input = noise(rate_hz as usize / 2, 0.1, 6);
            // Bursts of uneven lengths: an envelope that fits at one lag only.
            for (n, x) in input.iter_mut().enumerate() {
                let t = n as f64 / f64::from(rate_hz);
                *x *= if (t * 7.3).fract() < 0.3 || (t * 11.9).fract() < 0.2 { 1.0 } else { 0.05 };
            }
            input.resize(input.len() + latency + rate_hz as usize / 20, 0.0);
            let output = whole(&mut percept, &controls, &input);
            let reach = rate_hz as usize / 100;
            let step = rate_hz as usize / 2000;
            let (before, steps) = (latency - reach, 2 * reach / step);
            let from = envelope(rate_hz, &input[..rate_hz as usize / 2]);
            let likeness = |lag: usize| -> f64 {
                let to = envelope(rate_hz, &output[lag..lag + rate_hz as usize / 2]);
                from.iter().zip(&to).map(|(a, b)| a.sqrt() * b.sqrt()).sum()
            };
            let best = (0..=steps)
                .map(|i| before + i * step)
                .max_by(|a, b| likeness(*a).total_cmp(&likeness(*b)))
                .expect("lags");
            let off_ms = 1e3 * (best as f64 - latency as f64) / f64::from(rate_hz);
            // An edge at 3 kHz delays by 0.1 ms; a ring drags on, and a robot speaks only once in 7 to 11 ms.
            let bar_ms = if controls.robot > 0.0 {
                4.6
            } else if controls.ring > 0.0 {
                2.6
            } else {
                1.1
            };
            assert!(off_ms.abs() <= bar_ms, "{name} at {rate_hz} Hz: {off_ms} ms beside what is declared");
        }
    }
}

#[test]
fn silence_stays_silence_and_what_ends_ends() {
    for (name, controls) in all_controls() {
        let mut percept = Percept::new(RATE_HZ);
        let silent = whole(&mut percept, &controls, &vec![0.0; RATE_HZ as usize / 2]);
        assert!(silent.iter().all(|x| *x == 0.0), "{name}: sound out of silence");
        whole(&mut percept, &controls, &noise(4800, 0.1, 3));
        let tail = whole(&mut percept, &controls, &vec![0.0; 2 * RATE_HZ as usize]);
        let odd = tail.iter().position(|x| !x.is_finite() || x.is_subnormal());
        assert_eq!(odd, None, "{name}: {:?}", odd.map(|n| tail[n]));
        assert!(tail[RATE_HZ as usize..].iter().all(|x| *x == 0.0), "{name}: still sounding after a second");
        // Denormals are no sound.
        let faint: Vec<f32> = (0..9600).map(|n| f32::from_bits(1 + n % 5000)).collect();
        percept.reset();
        assert!(whole(&mut percept, &controls, &faint).iter().all(|x| *x == 0.0), "{name}: denormals are heard");
    }
}

#[test]
fn what_is_no_number_never_comes_out_and_is_forgotten() {
    let clean = sentence(RATE_HZ, 0.6);
    for (name, controls) in all_controls() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38, -1e38] {
            let (mut hit, mut quiet) = (clean.clone(), clean.clone());
            hit[9000..9100].fill(bad);
            quiet[9000..9100].fill(0.0);
            let got = whole(&mut Percept::new(RATE_HZ), &controls, &hit);
            assert!(got.iter().all(|x| x.is_finite()), "{name}, {bad}");
            if !bad.is_finite() {
                let expected = whole(&mut Percept::new(RATE_HZ), &controls, &quiet);
                assert_eq!(first_difference(&expected, &got), None, "{name}, {bad}: not as silence");
            }
        }
    }
}

#[test]
fn odd_controls_do_no_harm() {
    let input = sentence(RATE_HZ, 0.3);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e300] {
        let odd = PerceptControls {
            high_pass_hz: value,
            low_pass_hz: value,
            smearing_erb: value,
            f0_flattening: value,
            f0_shift_octaves: value,
            formant_shift_octaves: value,
            ring: value,
            ring_hz: value,
            ring_decay_ms: value,
            robot: value,
            robot_hz: value,
            buzz: value,
            buzz_hz: value,
            beeps: value,
            squeaks: value,
        };
        for rate_hz in [8000, 48_000] {
            let output = whole(&mut Percept::new(rate_hz), &odd, &input);
            assert!(output.iter().all(|x| x.is_finite() && x.abs() < 2.0), "{value} at {rate_hz} Hz");
        }
    }
}

#[test]
fn one_person_is_one_sound_and_two_are_two() {
    let input = sentence(RATE_HZ, 1.0);
    let mut sounds: Vec<Vec<f32>> = Vec::new();
    for person in 0..6 {
        let run = || whole(&mut Percept::new(RATE_HZ), &of(1.0, 380.0, person), &input);
        let sound = run();
        assert_eq!(first_difference(&sound, &run()), None, "person {person}");
        for (other, before) in sounds.iter().enumerate() {
            let difference: Vec<f32> = sound.iter().zip(before).map(|(a, b)| a - b).collect();
            let apart = level_db(&difference) - level_db(&input);
            assert!(apart > -20.0, "persons {person} and {other} are {apart} dB apart");
        }
        sounds.push(sound);
    }
}
