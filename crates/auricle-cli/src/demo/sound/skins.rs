//! Drums with skins: kick, snare and toms, each a handful of membrane modes, a shell and a beater.
//!
//! The modes of an ideal circular membrane lie at 1 : 1.594 : 2.136 : 2.296 : 2.653 : 2.918 times the
//! lowest (zeros of the Bessel functions; Fletcher and Rossing, The Physics of Musical Instruments).
//! A hard stroke stretches the skin, so pitch starts high and falls.

use std::f64::consts::TAU;

use super::dsp::{Biquad, RATE_HZ, samples};
use crate::demo::rng::Rng;

const MODES: [f64; 6] = [1.0, 1.594, 2.136, 2.296, 2.653, 2.918];

/// A struck membrane whose modes share one gliding pitch.
struct Membrane {
    hz: f64,
    /// Extra pitch at the stroke as a fraction, and the seconds in which it is gone.
    glide: (f64, f64),
    /// Amplitude and decay in seconds of each of [`MODES`].
    modes: [(f64, f64); 6],
}

impl Membrane {
    fn strike(&self, length: usize, rng: &mut Rng) -> Vec<f64> {
        let mut phases: [f64; 6] = std::array::from_fn(|_| rng.range(0.0, 0.05));
        let detune: [f64; 6] = std::array::from_fn(|_| 1.0 + rng.spread(0.004));
        (0..length)
            .map(|i| {
                let t = i as f64 / RATE_HZ;
                let hz = self.hz * (1.0 + self.glide.0 * (-t / self.glide.1).exp());
                let mut y = 0.0;
                for (mode, phase) in phases.iter_mut().enumerate() {
                    *phase += hz * MODES[mode] * detune[mode] / RATE_HZ;
                    let (amplitude, decay) = self.modes[mode];
                    y += amplitude * (-t / decay).exp() * (TAU * *phase).sin();
                }
                y
            })
            .collect()
    }
}

/// A burst of noise through a band-pass: stick or beater on a skin.
fn tap(hz: f64, q: f64, decay_secs: f64, length: usize, rng: &mut Rng) -> Vec<f64> {
    let mut band = Biquad::band_pass(hz, q);
    (0..length).map(|i| band.tick(rng.signed()) * (-(i as f64) / (RATE_HZ * decay_secs)).exp()).collect()
}

/// Softens a sum of partials as a driven preamplifier does.
fn warm(x: f64, drive: f64) -> f32 {
    ((x * drive).tanh() / drive.tanh()) as f32
}

/// Bass drum: a low skin with a steep glide, a felt-and-plastic beater, a damped shell.
pub(crate) fn kick(velocity: f64, rng: &mut Rng) -> Vec<f32> {
    let length = samples(0.6);
    let hard = velocity * velocity;
    let skin = Membrane {
        hz: 50.0 * (1.0 + rng.spread(0.006)),
        glide: (1.6 + 1.2 * velocity, 0.017),
        modes: [(1.0, 0.17), (0.42, 0.07), (0.22, 0.045), (0.18, 0.04), (0.1, 0.03), (0.08, 0.02)],
    }
    .strike(length, rng);
    let click = tap(rng.range(3400.0, 4000.0), 0.7, 0.0035, length, rng);
    let slap = tap(1300.0, 1.2, 0.008, length, rng);
    let mut soft = Biquad::low_pass(6500.0, 0.7);
    let shell_hz = 192.0 * (1.0 + rng.spread(0.01));
    (0..length)
        .map(|i| {
            let t = i as f64 / RATE_HZ;
            let shell = (TAU * shell_hz * t).sin() * (-t / 0.028).exp();
            let y = skin[i] + 0.18 * shell + (6.5 * soft.tick(click[i]) + 3.0 * slap[i]) * hard;
            warm(y * velocity, 1.3) * (t / 0.0006).min(1.0) as f32
        })
        .collect()
}

/// Snare drum: two heads, a ringing shell and the wires, which rattle as the lower head moves.
pub(crate) fn snare(velocity: f64, rng: &mut Rng) -> Vec<f32> {
    let length = samples(0.55);
    // Off-centre strokes excite other modes: no two hits weigh them alike.
    let off = rng.range(0.75, 1.25);
    let head = Membrane {
        hz: 178.0 * (1.0 + rng.spread(0.005)),
        glide: (0.10 * velocity, 0.03),
        modes: [(0.75, 0.08), (0.7 * off, 0.07), (0.45, 0.055), (0.36 / off, 0.045), (0.3, 0.035), (0.26 * off, 0.03)],
    }
    .strike(length, rng);
    let stick = tap(rng.range(4200.0, 5200.0), 0.6, 0.0028, length, rng);
    let mut wires = [
        Biquad::high_pass(650.0, 0.6),
        Biquad::peak(1050.0, 1.0, 3.0),
        Biquad::peak(rng.range(2300.0, 2700.0), 1.4, 5.0),
        Biquad::peak(rng.range(5200.0, 6000.0), 1.2, 5.0),
        Biquad::low_pass(11_500.0, 0.6),
    ];
    let mut motion = 0.0f64;
    (0..length)
        .map(|i| {
            let t = i as f64 / RATE_HZ;
            motion = (motion * 0.9985).max(head[i].abs());
            let noise = wires.iter_mut().fold(rng.signed(), |y, f| f.tick(y));
            let decay = 0.62 * (-t / 0.032).exp() + 0.38 * (-t / (0.09 + 0.06 * velocity)).exp();
            let rattle = noise * decay * (0.55 + 0.45 * motion.min(1.0)) * (t / 0.0015).min(1.0);
            let shell = 0.2 * (TAU * 905.0 * t).sin() * (-t / 0.014).exp()
                + 0.12 * (TAU * 1480.0 * t).sin() * (-t / 0.009).exp();
            let y = 0.62 * head[i] + shell + 0.95 * rattle + 0.9 * velocity * stick[i];
            warm(y * velocity, 1.5)
        })
        .collect()
}

/// A tom tuned to `hz`.
pub(crate) fn tom(hz: f64, velocity: f64, rng: &mut Rng) -> Vec<f32> {
    let length = samples(0.9);
    let ring = 55.0 / hz;
    let skin = Membrane {
        hz: hz * (1.0 + rng.spread(0.004)),
        glide: (0.28 * velocity, 0.045),
        modes: [(1.0, ring), (0.5, ring * 0.5), (0.25, ring * 0.3), (0.2, 0.06), (0.14, 0.05), (0.1, 0.04)],
    }
    .strike(length, rng);
    let stick = tap(rng.range(2600.0, 3300.0), 0.7, 0.004, length, rng);
    let thud = tap(420.0, 1.0, 0.02, length, rng);
    (0..length).map(|i| warm((skin[i] + 6.0 * velocity * stick[i] + 1.2 * thud[i]) * velocity, 1.3)).collect()
}

/// Two sticks struck together: two bars of wood, stiff and dry.
pub(crate) fn sticks(velocity: f64, rng: &mut Rng) -> Vec<f32> {
    let length = samples(0.12);
    let tick = tap(3200.0, 1.5, 0.003, length, rng);
    let hz = [1840.0, 2630.0, 4410.0].map(|f| f * (1.0 + rng.spread(0.01)));
    (0..length)
        .map(|i| {
            let t = i as f64 / RATE_HZ;
            let wood: f64 =
                hz.iter().zip([0.5, 0.42, 0.2]).map(|(f, a)| a * (TAU * f * t).sin() * (-t / 0.011).exp()).sum();
            ((wood + tick[i]) * velocity * (t / 0.0003).min(1.0)) as f32
        })
        .collect()
}
