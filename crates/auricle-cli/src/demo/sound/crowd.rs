//! An audience: many throats with slow independent breath, clapping hands, a few whistles.

use std::f64::consts::TAU;

use super::dsp::{Biquad, OnePole, RATE_HZ, Stereo, curve, samples};
use super::formant::{Key, Speaker, vowel};
use crate::demo::rng::Rng;

const THROATS: usize = 22;

/// How excited the crowd is over the film, 0..1: it welcomes the band, sings under it, cheers the end.
const EXCITEMENT: [(f64, f64); 12] = [
    (0.0, 0.0),
    (0.8, 0.3),
    (3.0, 0.45),
    (4.8, 0.6),
    (6.5, 0.3),
    (20.0, 0.3),
    (21.0, 0.6),
    (24.0, 0.4),
    (28.8, 0.5),
    (29.6, 1.0),
    (31.0, 1.0),
    (31.3, 0.9),
];

/// The crowd for `length` samples.
pub(crate) fn crowd(length: usize, seed: u64) -> Stereo {
    let mut out = Stereo::new(length);
    for throat in 0..THROATS {
        let mut rng = Rng::new(seed, 100 + throat as u64);
        let pan = -0.95 + 1.9 * throat as f64 / (THROATS - 1) as f64;
        out.add(0, &murmur(length, &mut rng), 0.5, pan);
    }
    let mut rng = Rng::new(seed, 90);
    shouts(&mut out, length, &mut rng);
    claps(&mut out, length, &mut rng);
    whistles(&mut out, length, &mut rng);
    out
}

/// Many people behind one vowel: noise through its formants, rising and falling with their breath.
fn murmur(length: usize, rng: &mut Rng) -> Vec<f32> {
    let vowels = [(700.0, 1200.0), (560.0, 1700.0), (480.0, 900.0), (640.0, 1100.0)];
    let (f1, f2) = vowels[(rng.unit() * 4.0) as usize % 4];
    let scale = rng.range(0.95, 1.3);
    let mut formants = [
        (Biquad::band_pass(f1 * scale, 5.0), 1.0),
        (Biquad::band_pass(f2 * scale, 7.0), 0.6),
        (Biquad::band_pass(2600.0 * scale, 6.0), 0.28),
    ];
    let mut slow = OnePole::new(rng.range(0.5, 1.4));
    let mut grain = OnePole::new(rng.range(14.0, 30.0));
    let mut air = Biquad::band_pass(1500.0, 0.4);
    let mut sway = 0.0;
    (0..length)
        .map(|i| {
            if i % 64 == 0 {
                // Kicked once in 64 samples: the deviation is chosen for the corner above.
                sway = slow.tick(rng.spread(40.0)).abs().min(2.0);
            }
            let excited = if i % 64 == 0 { curve(&EXCITEMENT, i as f64 / RATE_HZ) } else { f64::NAN };
            (excited, sway, rng.signed())
        })
        .scan(0.0, |excited, (new, sway, noise)| {
            if !new.is_nan() {
                *excited = new;
            }
            let rough = 0.6 + 6.0 * grain.tick(noise).abs();
            let source = noise * rough.min(2.0);
            let voice: f64 = formants.iter_mut().map(|(f, a)| f.tick(source) * *a).sum();
            let y = (voice + 0.12 * air.tick(noise)) * *excited * (0.35 + 0.65 * sway);
            Some(y as f32)
        })
        .collect()
}

/// Single voices that stand out: "woo", "hey".
fn shouts(out: &mut Stereo, length: usize, rng: &mut Rng) {
    let times = [0.9, 2.1, 2.7, 3.6, 4.4, 4.7, 20.9, 21.2, 27.2, 29.4, 29.6, 29.8, 30.0, 30.2, 30.5, 30.7];
    for at in times {
        let speaker =
            Speaker { scale: rng.range(1.0, 1.25), open: 0.5, tilt_hz: 6000.0, vibrato: (0.0, 5.0), breathy: 1.0 };
        let base = rng.range(230.0, 480.0);
        let woo = rng.unit() < 0.6;
        let (from, to) = if woo {
            (vowel(330.0, 800.0, 2300.0), vowel(420.0, 950.0, 2350.0))
        } else {
            (vowel(560.0, 1750.0, 2500.0), vowel(400.0, 2000.0, 2600.0))
        };
        let secs = rng.range(0.35, 0.8);
        let key = |at_secs, pose, pitch_hz| Key { at_secs, pose, pitch_hz };
        let keys = [
            key(0.0, super::formant::Pose { voicing: 0.0, breath: 0.5, ..from }, base * 0.8),
            key(0.08, from, base),
            key(secs * 0.6, to, base * 1.25),
            key(secs, super::formant::Pose { voicing: 0.0, ..to }, base * 0.85),
        ];
        let sound = speaker.say(&keys, rng);
        let begin = samples(at + rng.spread(0.05));
        if begin < length {
            out.add(begin, &sound, rng.range(0.025, 0.07), rng.range(-0.9, 0.9));
        }
    }
}

/// Hands: short bursts, each pair with its own size and its own idea of the beat.
fn claps(out: &mut Stereo, length: usize, rng: &mut Rng) {
    for _pair in 0..46 {
        let pan = rng.range(-1.0, 1.0);
        let hz = rng.range(850.0, 2100.0);
        let rate = rng.range(3.2, 4.8);
        let loud = rng.range(0.05, 0.16);
        for (from, to) in [(0.8, 4.9), (29.3, 31.4)] {
            let mut at = from + rng.range(0.0, 0.6);
            while at < to {
                let mut band = Biquad::band_pass(hz * (1.0 + rng.spread(0.05)), 1.3);
                let decay = rng.range(0.005, 0.010);
                let sound: Vec<f32> = (0..samples(0.05))
                    .map(|i| (band.tick(rng.signed()) * (-(i as f64) / (RATE_HZ * decay)).exp()) as f32)
                    .collect();
                let eager = curve(&EXCITEMENT, at);
                let begin = samples(at);
                if begin < length {
                    out.add(begin, &sound, loud * eager * eager * 2.2, pan);
                }
                at += 1.0 / rate + rng.spread(0.02);
            }
        }
    }
}

/// Fingers in the mouth: a tone that glides up and falls.
fn whistles(out: &mut Stereo, length: usize, rng: &mut Rng) {
    for at in [1.6, 3.9, 29.7, 30.3] {
        let (low, high) = (rng.range(1500.0, 1900.0), rng.range(2500.0, 3000.0));
        let secs = rng.range(0.5, 0.75);
        let mut phase = 0.0f64;
        let mut breath = Biquad::band_pass(2600.0, 3.0);
        let sound: Vec<f32> = (0..samples(secs))
            .map(|i| {
                let x = i as f64 / RATE_HZ / secs;
                let arc = if x < 0.45 { (x / 0.45).powf(0.6) } else { 1.0 - ((x - 0.45) / 0.55).powi(2) };
                phase += (low + (high - low) * arc) * (1.0 + rng.spread(0.004)) / RATE_HZ;
                let env = (std::f64::consts::PI * x).sin().powf(0.5);
                (env * ((TAU * phase).sin() + 0.35 * breath.tick(rng.signed()))) as f32
            })
            .collect();
        let begin = samples(at);
        if begin < length {
            out.add(begin, &sound, 0.035, rng.range(-0.8, 0.8));
        }
    }
}
