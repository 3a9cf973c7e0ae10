//! The quiet room: a refrigerator, a clock, a cup, and someone speaking.

use std::f64::consts::TAU;

use super::dsp::{Biquad, OnePole, RATE_HZ, Stereo, samples};
use super::space::ROOM;
use crate::demo::plan;
use crate::demo::rng::Rng;

/// The room from `from_secs` to `to_secs` of the film; silence elsewhere.
pub(crate) fn room(length: usize, (from_secs, to_secs): (f64, f64), seed: u64) -> Stereo {
    let mut rng = Rng::new(seed, 40);
    let span = samples(to_secs - from_secs);
    let at = |secs: f64| samples(secs - from_secs);
    let mut dry = Stereo::new(span);
    dry.add(0, &fridge(span, &mut rng), 0.0030, 0.65);
    let mut tick = 0;
    let mut secs = from_secs + 0.25;
    while secs < to_secs - 0.1 {
        dry.add(at(secs), &clock(tick % 2 == 0, &mut rng), 0.020, -0.6);
        tick += 1;
        secs += 0.5;
    }
    for secs in plan::CUPS_SECS {
        dry.add(at(secs), &cup(&mut rng), 0.11, 0.15);
    }
    for (secs, line) in plan::LINES {
        dry.add(at(secs), &line.speak(&mut rng), 0.36, -0.08);
    }
    let wet = ROOM.reverberate(&dry);
    dry.mix(&wet, 0.55);
    for side in [&mut dry.left, &mut dry.right] {
        let mut air = [Biquad::low_pass(500.0, 0.5), Biquad::high_pass(40.0, 0.6)];
        for x in side.iter_mut() {
            let noise = rng.signed();
            *x += (air.iter_mut().fold(noise, |y, f| f.tick(y)) * 0.0016 + noise * 0.00006) as f32;
        }
    }
    let mut out = Stereo::new(length);
    let begin = samples(from_secs);
    let end = (begin + span).min(length);
    if begin < end {
        out.left[begin..end].copy_from_slice(&dry.left[..end - begin]);
        out.right[begin..end].copy_from_slice(&dry.right[..end - begin]);
    }
    out
}

/// A compressor on 50 Hz mains: harmonics of the hum that beat slowly, and a rattle of fluid.
fn fridge(length: usize, rng: &mut Rng) -> Vec<f32> {
    const HUM: [(f64, f64); 7] =
        [(49.3, 0.7), (98.6, 1.0), (100.0, 0.5), (147.9, 0.35), (197.2, 0.4), (295.8, 0.2), (394.4, 0.12)];
    let phases: Vec<f64> = HUM.iter().map(|_| rng.unit()).collect();
    let mut fluid = Biquad::band_pass(340.0, 1.2);
    let mut slow = OnePole::new(3.0);
    (0..length)
        .map(|i| {
            let t = i as f64 / RATE_HZ;
            let hum: f64 = HUM.iter().zip(&phases).map(|((hz, a), p)| a * (TAU * (hz * t + p)).sin()).sum();
            let noise = rng.signed();
            let drift = 1.0 + 6.0 * slow.tick(noise);
            (hum * drift + 0.9 * fluid.tick(noise)) as f32
        })
        .collect()
}

/// One beat of an escapement: two small clicks, tick brighter than tock.
fn clock(tick: bool, rng: &mut Rng) -> Vec<f32> {
    let hz = if tick { [2350.0, 3900.0, 6100.0] } else { [1950.0, 3300.0, 5400.0] };
    (0..samples(0.09))
        .map(|i| {
            let t = i as f64 / RATE_HZ;
            let beat = |t: f64| -> f64 {
                if t < 0.0 {
                    return 0.0;
                }
                let ring: f64 = hz.iter().zip([0.6, 0.4, 0.2]).map(|(f, a)| a * (TAU * f * t).sin()).sum();
                ring * (-t / 0.0045).exp() * (t / 0.0002).min(1.0)
            };
            let wood = 0.35 * (TAU * 410.0 * t).sin() * (-t / 0.012).exp();
            (0.5 * beat(t) + beat(t - 0.011) + wood + 0.02 * rng.signed() * (-t / 0.003).exp()) as f32
        })
        .collect()
}

/// A cup set down on wood: the rim touches twice, the glaze rings, the table answers.
fn cup(rng: &mut Rng) -> Vec<f32> {
    const RING: [(f64, f64, f64); 5] =
        [(1730.0, 0.5, 0.09), (2980.0, 0.42, 0.07), (4420.0, 0.3, 0.05), (5870.0, 0.2, 0.035), (8240.0, 0.12, 0.02)];
    let touches = [(0.0, 0.55), (0.062, 1.0), (0.083, 0.35)];
    let mut knock = Biquad::band_pass(240.0, 1.4);
    (0..samples(0.7))
        .map(|i| {
            let t = i as f64 / RATE_HZ;
            let mut y = 0.0;
            for (at, hard) in touches {
                let t = t - at;
                if t >= 0.0 {
                    let glaze: f64 = RING.iter().map(|(f, a, d)| a * (TAU * f * t).sin() * (-t / d).exp()).sum();
                    let wood = knock.tick(rng.signed()) * 3.0 * (-t / 0.03).exp();
                    y += hard * (glaze * (t / 0.0003).min(1.0) + wood);
                }
            }
            (y * 0.6) as f32
        })
        .collect()
}
