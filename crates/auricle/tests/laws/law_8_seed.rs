//! Law 8: the same seed gives the same bytes, another seed another chance.
//!
//! That WebAssembly gives what native code gives is checked by `cargo xtask test wasm`.

use crate::support::cases::{self, RATE_HZ};
use crate::support::listeners::{flickering, n3, s2, steady, tinnitus};
use crate::support::run::{first_difference, whole};
use crate::support::signals;
use auricle::listener::TinnitusSound;

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for case in cases::all() {
        let input: Vec<Vec<f32>> =
            (0..case.layout.channels()).map(|c| signals::noise(24_000, -26.0, 40 + c as u64)).collect();
        for seed in [0, 1, u64::MAX] {
            let run = || whole(&mut case.subject_at(RATE_HZ, seed), case.output.channels(), &input);
            assert_eq!(first_difference(&run(), &run()), None, "{}, seed {seed}", case.name);
        }
    }
}

#[test]
fn another_seed_changes_what_is_left_to_chance() {
    let hiss = tinnitus(TinnitusSound::Noise, 20.0);
    for case in
        [cases::throughout("flicker", flickering()), cases::throughout("tinnitus, noise", steady(hiss.clone(), hiss))]
    {
        let input = vec![signals::noise(48_000, -26.0, 6); 2];
        let run = |seed| whole(&mut case.subject_at(RATE_HZ, seed), 2, &input);
        assert!(first_difference(&run(1), &run(2)).is_some(), "{}: seeds 1 and 2 are alike", case.name);
    }
}

#[test]
fn the_two_ears_do_not_share_their_chance() {
    // One noise in both ears would be heard in the middle of the head.
    let hiss = tinnitus(TinnitusSound::Noise, 20.0);
    let case = cases::throughout("tinnitus, noise", steady(hiss.clone(), hiss));
    let output = whole(&mut case.subject(), 2, &vec![vec![0.0; 24_000]; 2]);
    assert_ne!(output[0], output[1]);
}

#[test]
fn a_loss_without_chance_does_not_depend_on_the_seed_by_ear() {
    // Smearing may dither; what it adds must stay far below what is heard.
    for (name, findings) in [("N3", n3()), ("S2", s2())] {
        let case = cases::alike(name, findings);
        let input = vec![signals::syllables(48_000, RATE_HZ, -20.0, 6); 2];
        let run = |seed| whole(&mut case.subject_at(RATE_HZ, seed), 2, &input);
        let (a, b) = (run(1), run(2));
        let (mut difference, mut sound) = (0.0, 0.0);
        for (a, b) in a[0].iter().zip(&b[0]) {
            difference += f64::from(a - b).powi(2);
            sound += f64::from(*a).powi(2);
        }
        assert!(difference < 1e-3 * sound, "{name}: the seed moves {} dB", 10.0 * (difference / sound).log10());
    }
}
