//! Level: what comes out is as loud as what came in within the band, and never above what the input allows.

use auricle::implant::percept::PerceptControls;

use crate::support::measure::level_db;
use crate::support::run::{RATE_HZ, all_controls, heard, of};
use crate::support::voice::{music, noise, sentence, vowel};

fn sounds() -> Vec<(&'static str, Vec<f32>)> {
    let square = (0..RATE_HZ).map(|n| if n / 55 % 2 == 0 { 0.9 } else { -0.9 }).collect();
    let mut click = vec![0.0; RATE_HZ as usize];
    click[7001] = 1.0;
    vec![
        ("sentence", sentence(RATE_HZ, 2.0)),
        ("vowel", vowel(RATE_HZ, 1.0, |t| 140.0 * (0.2 * (6.0 * t).sin()).exp2())),
        ("music", music(RATE_HZ, 2.0)),
        ("noise", noise(RATE_HZ as usize, 0.1, 1)),
        ("square wave", square),
        ("click", click),
    ]
}

#[test]
fn level_is_that_of_the_sound_within_the_band() {
    for (sound, input) in sounds().into_iter().take(4) {
        for (name, controls) in all_controls() {
            let output = heard(RATE_HZ, &controls, &input);
            let edges = PerceptControls {
                high_pass_hz: controls.high_pass_hz,
                low_pass_hz: controls.low_pass_hz,
                ..PerceptControls::CLEAR
            };
            let moved = level_db(&output) - level_db(&heard(RATE_HZ, &edges, &input));
            println!("{sound}, {name}: {moved:+.2} dB");
            assert!((-2.5..1.5).contains(&moved), "{sound}, {name}: {moved} dB beside the sound within its band");
        }
    }
}

#[test]
fn no_sample_is_above_the_inputs_recent_peak() {
    let hold = RATE_HZ as usize / 20;
    for (sound, input) in sounds() {
        for (name, controls) in all_controls() {
            let output = heard(RATE_HZ, &controls, &input);
            let parts = |samples: &[f32]| -> Vec<f32> {
                samples.chunks(240).map(|part| part.iter().fold(0.0, |peak, x| x.abs().max(peak))).collect()
            };
            let (peaks_in, peaks_out) = (parts(&input), parts(&output));
            let (before, after) = (hold / 240 + 1, 8);
            let mut ceiling = 0.0_f32;
            for (part, peak) in peaks_out.iter().enumerate() {
                let near = part.saturating_sub(before)..(part + after).min(peaks_in.len());
                // Five milliseconds at 120 dB a second are 0.6 dB: a ring may outlast what struck it.
                let there = peaks_in[near].iter().copied().fold(0.0, f32::max);
                let allowed = there.max(ceiling);
                ceiling = there.max(0.9333 * ceiling);
                assert!(*peak <= 1.0001 * allowed, "{sound}, {name}: {peak} over {allowed} in part {part}");
            }
        }
    }
}

#[test]
fn no_window_is_louder_than_the_input_around_it() {
    const WINDOW: usize = 2400;
    for (sound, input) in sounds() {
        for (name, controls) in all_controls() {
            let output = heard(RATE_HZ, &controls, &input);
            let mut at = 2 * WINDOW;
            while at + 2 * WINDOW < output.len() {
                let there = (at - 2 * WINDOW..=at + WINDOW)
                    .step_by(WINDOW / 8)
                    .map(|n| level_db(&input[n..n + WINDOW]))
                    .fold(-300.0, f64::max);
                let over = level_db(&output[at..at + WINDOW]) - there.max(-90.0);
                // A ring outlasts a click; its own test says for how long.
                let bar = if sound == "click" { 3.0 } else { 1.5 };
                assert!(over <= bar, "{sound}, {name}: {over} dB over at {at}");
                at += WINDOW / 2;
            }
        }
    }
}

#[test]
fn gain_does_not_depend_on_level() {
    // No automatic gain hides in any operation: half the input is half the output.
    // A floor of noise, as recordings have: decisions about pitch near silence are not what is asked here.
    let floor = noise(RATE_HZ as usize, 0.001, 4);
    let input: Vec<f32> = sentence(RATE_HZ, 1.0).iter().zip(&floor).map(|(x, floor)| x + floor).collect();
    let quieter: Vec<f32> = input.iter().map(|x| x / 64.0).collect();
    for person in 0..3 {
        let controls = of(0.3, 350.0, person);
        let (loud, quiet) = (heard(RATE_HZ, &controls, &input), heard(RATE_HZ, &controls, &quieter));
        let difference: Vec<f32> = loud.iter().zip(&quiet).map(|(a, b)| a - 64.0 * b).collect();
        let apart = level_db(&difference) - level_db(&loud);
        assert!(apart < -30.0, "person {person}: {apart} dB apart");
    }
}
