//! Each operation, measured on what comes out.

use auricle::implant::percept::PerceptControls;

use crate::support::measure::{band_power, contour_octaves, f0_contour, formants, level_db, power_at};
use crate::support::run::{RATE_HZ, heard};
use crate::support::voice::{VOWEL, noise, sentence, vowel, vowel_of};

const CLEAR: PerceptControls = PerceptControls::CLEAR;

/// F0 in Hz by time in seconds.
type Contour = fn(f64) -> f64;

/// Glides that voices make.
fn glides() -> Vec<(&'static str, Contour)> {
    vec![
        ("a fall", |t| 180.0 * (-0.25 * t).exp2()),
        ("a slow wave, low", |t| 110.0 * (0.3 * (std::f64::consts::TAU * 1.2 * t).sin()).exp2()),
        ("a slow wave, high", |t| 230.0 * (0.3 * (std::f64::consts::TAU * 1.2 * t).sin()).exp2()),
        ("a quick wave", |t| 160.0 * (0.15 * (std::f64::consts::TAU * 4.0 * t).sin()).exp2()),
    ]
}

#[test]
fn a_flattened_contour_is_flat() {
    for (name, glide) in glides() {
        let input = vowel(RATE_HZ, 3.0, glide);
        let (mean, spread) = contour_octaves(&f0_contour(RATE_HZ, &input));
        for (flattening, bar) in [(1.0, 0.45), (0.5, 0.75)] {
            let output = heard(RATE_HZ, &PerceptControls { f0_flattening: flattening, ..CLEAR }, &input);
            let (mean_after, after) = contour_octaves(&f0_contour(RATE_HZ, &output));
            println!(
                "{name}: {flattening}: spread {spread:.4} -> {after:.4} octaves, mean {mean:.3} -> {mean_after:.3}"
            );
            assert!(after < bar * spread, "{name}: {spread} octaves become {after} at {flattening}");
            // A voice that only falls is held near where it began; others stay about their middle.
            let bar = if name == "a fall" { 2.0 * spread } else { 0.15 };
            assert!((mean_after - mean).abs() < bar, "{name}: the mean moves by {} octaves", mean_after - mean);
        }
    }
}

#[test]
fn a_flattened_voice_keeps_its_formants_and_a_shifted_one_too() {
    let input = vowel(RATE_HZ, 2.0, |t| 120.0 * (0.3 * (8.0 * t).sin()).exp2());
    let before = formants(RATE_HZ, &input, 12, 4200.0);
    for (name, controls) in [
        ("flattened", PerceptControls { f0_flattening: 1.0, ..CLEAR }),
        ("a third higher", PerceptControls { f0_shift_octaves: 0.33, ..CLEAR }),
    ] {
        let after = formants(RATE_HZ, &heard(RATE_HZ, &controls, &input), 12, 4200.0);
        println!("{name}: {before:?} -> {after:?}");
        for (a, b) in before.iter().zip(&after).take(3) {
            assert!((b / a).log2().abs() < 0.1, "{name}: {before:?} become {after:?}");
        }
    }
}

#[test]
fn a_shifted_pitch_is_shifted_by_what_it_says() {
    for f0 in [90.0, 130.0, 220.0, 300.0] {
        let input = vowel(RATE_HZ, 1.5, |_| f0);
        for octaves in [-0.3, 0.2, 0.4] {
            let output = heard(RATE_HZ, &PerceptControls { f0_shift_octaves: octaves, ..CLEAR }, &input);
            let (mean, spread) = contour_octaves(&f0_contour(RATE_HZ, &output[RATE_HZ as usize / 4..]));
            let moved = mean - (f0 / 100.0).log2();
            println!("{f0} Hz by {octaves}: moved {moved:.4}, spread {spread:.4}");
            assert!((moved - octaves).abs() < 0.02, "{f0} Hz: by {moved} octaves, not {octaves}");
            assert!(spread < 0.02, "{f0} Hz by {octaves}: wavers by {spread}");
        }
    }
}

#[test]
fn formants_move_by_what_is_said_and_f0_stays() {
    for f0 in [100.0, 150.0, 210.0] {
        // F1 to F3 as far apart as they come, so that each is a peak of its own before and after.
        let input = vowel_of(RATE_HZ, 2.0, |t| f0 * (0.1 * (3.0 * t).sin()).exp2(), &VOWEL);
        let (f0_before, _) = contour_octaves(&f0_contour(RATE_HZ, &input));
        for octaves in [0.25, 0.5] {
            let output = heard(RATE_HZ, &PerceptControls { formant_shift_octaves: octaves, ..CLEAR }, &input);
            let (f0_after, _) = contour_octaves(&f0_contour(RATE_HZ, &output));
            let before = formants(RATE_HZ, &input, 12, 3000.0);
            let after = formants(RATE_HZ, &output, 12, 3000.0 * octaves.exp2());
            let moved: Vec<f64> = before.iter().zip(&after).map(|(a, b)| (b / a).log2()).collect();
            println!("F0 {f0}, {octaves}: {before:?} -> {after:?}, by {moved:.3?}; F0 by {:.4}", f0_after - f0_before);
            assert!((f0_after - f0_before).abs() < 0.01, "F0 moves by {}", f0_after - f0_before);
            assert!(moved.len() >= 3);
            let mean = moved.iter().take(3).sum::<f64>() / 3.0;
            assert!((mean - octaves).abs() < 0.1, "F0 {f0}: formants by {moved:?}, not {octaves}");
        }
    }
}

#[test]
fn smearing_takes_from_ripples_what_it_says() {
    // Noise whose power has ripples along frequency: an echo `1 / ripple` later.
    for (ripple_hz, centre_hz) in [(1000.0, 3000.0), (2000.0, 4000.0)] {
        let delay = (f64::from(RATE_HZ) / ripple_hz).round() as usize;
        let source = noise(4 * RATE_HZ as usize, 0.05, 9);
        let input: Vec<f32> =
            (0..source.len()).map(|n| source[n] + 0.3 * if n >= delay { source[n - delay] } else { 0.0 }).collect();
        let depth = |sound: &[f32]| {
            let bins: Vec<f64> = (0..32)
                .map(|i| power_at(RATE_HZ, sound, centre_hz + ripple_hz * (f64::from(i) / 16.0 - 1.0), 100.0))
                .collect();
            // The Fourier coefficient of one cycle in 16, over the mean.
            let angle = |i: usize| std::f64::consts::TAU * i as f64 / 16.0;
            let (re, im) = bins
                .iter()
                .enumerate()
                .fold((0.0, 0.0), |(re, im), (i, power)| (re + power * angle(i).cos(), im + power * angle(i).sin()));
            2.0 * f64::hypot(re, im) / bins.iter().sum::<f64>()
        };
        let before = depth(&input);
        for smearing_erb in [0.5, 1.0, 2.0] {
            let output = heard(RATE_HZ, &PerceptControls { smearing_erb, ..CLEAR }, &input);
            let bandwidth = smearing_erb * (24.7 + centre_hz / 9.265);
            let stated = (-2.0 * (std::f64::consts::PI * bandwidth / ripple_hz).powi(2)).exp();
            let kept = depth(&output) / before;
            println!("ripple of {ripple_hz} Hz, {smearing_erb} ERB: {kept:.3} of its depth, stated {stated:.3}");
            assert!(
                (kept - stated).abs() < 0.16,
                "{smearing_erb} ERB: {kept} of ripples of {ripple_hz} Hz, not {stated}"
            );
        }
    }
}

#[test]
fn smearing_fills_the_valleys_between_formants() {
    let input = vowel(RATE_HZ, 2.0, |t| 110.0 + 8.0 * t);
    let contrast = |sound: &[f32]| {
        // F3's peak over the valley below it.
        let peak = band_power(RATE_HZ, sound, 2400.0, 2600.0, 20.0);
        let valley = band_power(RATE_HZ, sound, 1800.0, 2000.0, 20.0);
        10.0 * (peak / valley).log10()
    };
    let mut last = contrast(&input);
    println!("unsmeared: {last:.1} dB");
    for smearing_erb in [0.5, 1.0, 2.0] {
        let now = contrast(&heard(RATE_HZ, &PerceptControls { smearing_erb, ..CLEAR }, &input));
        println!("{smearing_erb} ERB: {now:.1} dB");
        assert!(now < last - 1.0, "{smearing_erb} ERB: {now} dB after {last}");
        last = now;
    }
}

#[test]
fn edges_are_where_they_are_said_to_be() {
    let input = noise(3 * RATE_HZ as usize, 0.05, 3);
    for (high_pass_hz, low_pass_hz) in [(100.0, 2000.0), (300.0, 4000.0), (200.0, 6000.0)] {
        // With smearing, so that what the spectrum does to the edges counts too.
        for smearing_erb in [0.0, 1.0] {
            let controls = PerceptControls { high_pass_hz, low_pass_hz, smearing_erb, ..CLEAR };
            let output = heard(RATE_HZ, &controls, &input);
            let gain = |hz: f64| {
                let width = 0.06 * hz;
                let ratio = |sound: &[f32]| band_power(RATE_HZ, sound, hz - width, hz + width, width.min(40.0));
                10.0 * (ratio(&output) / ratio(&input)).log10()
            };
            let middle = gain(900.0);
            for edge in [high_pass_hz, low_pass_hz] {
                let there = gain(edge) - middle;
                println!("{edge} Hz, smearing {smearing_erb}: {there:.2} dB");
                assert!((there + 3.0).abs() < 1.0, "{edge} Hz is {there} dB down");
            }
            assert!(gain(2.0 * low_pass_hz) - middle < -20.0);
        }
    }
}

#[test]
fn the_ring_sounds_at_its_modes_and_dies_away_as_stated() {
    for (ring_hz, ring_decay_ms) in [(600.0, 80.0), (1000.0, 150.0)] {
        let controls = PerceptControls { ring: 1.0, ring_hz, ring_decay_ms, ..CLEAR };
        // A burst of noise and what follows it.
        let mut input = noise(RATE_HZ as usize, 0.1, 8);
        let end = RATE_HZ as usize / 4;
        input[end..].fill(0.0);
        let output = heard(RATE_HZ, &controls, &input);
        let tail = |ms: f64| end + (ms * 1e-3 * f64::from(RATE_HZ)) as usize;
        let left =
            |ms: f64| 10.0 * output[tail(ms)..].iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().log10();
        let fell = left(5.0) - left(5.0 + 0.5 * ring_decay_ms);
        println!("{ring_hz} Hz, {ring_decay_ms} ms: {fell:.1} dB in half of that");
        assert!((fell - 30.0).abs() < 3.0, "fell by {fell} dB in half of {ring_decay_ms} ms");
        // It is the lowest mode that is there, and not what is beside it.
        let after = &output[tail(3.0)..tail(3.0) + RATE_HZ as usize / 5];
        let at = power_at(RATE_HZ, after, ring_hz, 20.0);
        let beside = power_at(RATE_HZ, after, 0.9 * ring_hz, 20.0);
        assert!(at > 20.0 * beside, "{} dB over what is beside it", 10.0 * (at / beside).log10());
        let plain = heard(RATE_HZ, &CLEAR, &input);
        assert!(plain[tail(1.0)..].iter().all(|x| *x == 0.0), "something rings without a ring");
    }
}

#[test]
fn a_robot_speaks_on_one_note() {
    for (robot_hz, f0) in [(100.0, 170.0), (140.0, 120.0)] {
        let input = vowel(RATE_HZ, 2.0, |t| f0 * (0.3 * (6.0 * t).sin()).exp2());
        let controls = PerceptControls { robot: 1.0, robot_hz, ..CLEAR };
        let output = heard(RATE_HZ, &controls, &input);
        let (mean, spread) = contour_octaves(&f0_contour(RATE_HZ, &output));
        println!("robot at {robot_hz}: {:.2} Hz, spread {spread:.4}", 100.0 * mean.exp2());
        assert!((mean - (robot_hz / 100.0_f64).log2()).abs() < 0.01 && spread < 0.01);
        // And in the voice's own formants.
        let (before, after) = (formants(RATE_HZ, &input, 12, 3000.0), formants(RATE_HZ, &output, 12, 3000.0));
        println!("{before:?} -> {after:?}");
        for (a, b) in before.iter().zip(&after).take(3) {
            assert!((b / a).log2().abs() < 0.12, "{before:?} become {after:?}");
        }
    }
}

#[test]
fn a_buzz_is_at_its_rate() {
    let controls = PerceptControls { buzz: 1.0, buzz_hz: 90.0, ..CLEAR };
    let output = heard(RATE_HZ, &controls, &noise(2 * RATE_HZ as usize, 0.05, 2));
    let power: Vec<f32> = output.iter().map(|x| x * x).collect();
    let (there, beside) = (power_at(RATE_HZ, &power, 90.0, 5.0), power_at(RATE_HZ, &power, 70.0, 5.0));
    assert!(there > 50.0 * beside, "{there} at its rate, {beside} beside it");
}

#[test]
fn beeps_and_squeaks_are_tones_that_follow_the_sound() {
    let input = sentence(RATE_HZ, 3.0);
    for (name, controls) in
        [("beeps", PerceptControls { beeps: 1.0, ..CLEAR }), ("squeaks", PerceptControls { squeaks: 1.0, ..CLEAR })]
    {
        let output = heard(RATE_HZ, &controls, &input);
        let plain = heard(RATE_HZ, &CLEAR, &input);
        let added: Vec<f32> = output.iter().zip(&plain).map(|(a, b)| a - b).collect();
        let share = level_db(&added) - level_db(&plain);
        println!("{name}: what is other is {share:.1} dB re the sound");
        assert!(share > -16.0, "{name}: {share} dB");
        // Nothing of it in the sentence's pauses (the last fifth of each quarter second), 40 ms off their ends.
        let pause = |sound: &[f32]| {
            let cut: Vec<f32> = (0..11)
                .flat_map(|k| {
                    let at = |place: f64| ((0.25 * (f64::from(k) + place)) * f64::from(RATE_HZ)) as usize;
                    sound[at(0.88)..at(0.93)].to_vec()
                })
                .collect();
            level_db(&cut)
        };
        assert!(pause(&output) < level_db(&input) - 40.0, "{name} in pauses at {} dB", pause(&output));
    }
}

#[test]
fn a_voice_over_music_is_flattened_as_far_as_it_is_found() {
    let voice = vowel(RATE_HZ, 3.0, |t| 150.0 * (0.3 * (std::f64::consts::TAU * 1.1 * t).sin()).exp2());
    let music = crate::support::voice::music(RATE_HZ, 3.0);
    let controls = PerceptControls { f0_flattening: 1.0, formant_shift_octaves: 0.3, smearing_erb: 1.0, ..CLEAR };
    for (music_db, bar) in [(-20.0, 0.6), (-10.0, 0.85)] {
        let gain = 10.0_f64.powf((level_db(&voice) + music_db - level_db(&music)) / 20.0) as f32;
        let input: Vec<f32> = voice.iter().zip(&music).map(|(x, y)| x + gain * y).collect();
        let output = heard(RATE_HZ, &controls, &input);
        let ((_, before), (_, after)) =
            (contour_octaves(&f0_contour(RATE_HZ, &input)), contour_octaves(&f0_contour(RATE_HZ, &output)));
        let moved = level_db(&output) - level_db(&input);
        println!("music at {music_db} dB: {before:.3} -> {after:.3} octaves, level {moved:+.2} dB");
        assert!(after < bar * before, "music at {music_db} dB: {before} octaves become {after}");
        assert!(moved.abs() < 2.0, "music at {music_db} dB: level by {moved} dB");
    }
}

#[test]
fn what_has_no_pitch_keeps_its_own_time() {
    // Noise and chords: flattening has nothing to flatten and changes little or nothing.
    for (name, input, bar_db) in [
        ("noise", noise(2 * RATE_HZ as usize, 0.1, 4), -12.0),
        ("chords", crate::support::voice::music(RATE_HZ, 3.0), -3.0),
    ] {
        let output = heard(RATE_HZ, &PerceptControls { f0_flattening: 1.0, ..CLEAR }, &input);
        let other: Vec<f32> = output.iter().zip(&input).map(|(a, b)| a - b).collect();
        let changed = level_db(&other) - level_db(&input);
        println!("{name}: changed at {changed:.1} dB");
        assert!(changed < bar_db, "{name} is changed by {changed} dB");
        assert!((level_db(&output) - level_db(&input)).abs() < 1.0, "{name}: level");
    }
}
