//! Bronze: hi-hat, crash and ride as banks of inharmonic plate modes.
//!
//! A cymbal has several hundred modes whose number grows with frequency; struck hard, energy climbs
//! from the low modes into the high ones within tens of milliseconds (Fletcher and Rossing, ch. 20).
//! Modes are rotating pairs, sixteen to a lane group; each group swells as a whole.

use std::f64::consts::TAU;

use super::dsp::{Biquad, RATE_HZ, samples};
use crate::demo::rng::Rng;

const LANES: usize = 16;

/// What distinguishes one cymbal from another.
pub(crate) struct Bronze {
    /// Lowest and highest mode, Hz.
    hz: (f64, f64),
    /// Groups of sixteen modes.
    groups: usize,
    /// Decay time constant of the lowest and of the highest mode, seconds.
    decay_secs: (f64, f64),
    /// Time the highest modes take to swell, seconds.
    swell_secs: f64,
    /// Fall of mode amplitude per octave, dB.
    tilt_db: f64,
    /// Share of noise between the modes, and its own decay.
    hiss: (f64, f64),
    /// What the microphone leaves out below, Hz.
    high_pass_hz: f64,
    /// Level of the stick's click.
    click: f64,
    length_secs: f64,
}

/// Hi-hat pressed shut.
pub(crate) const CLOSED_HAT: Bronze = Bronze {
    hz: (420.0, 15_500.0),
    groups: 12,
    decay_secs: (0.05, 0.032),
    swell_secs: 0.0006,
    tilt_db: 1.0,
    hiss: (0.8, 0.028),
    high_pass_hz: 5200.0,
    click: 0.5,
    length_secs: 0.3,
};
/// Hi-hat half open.
pub(crate) const OPEN_HAT: Bronze = Bronze {
    hz: (400.0, 15_500.0),
    groups: 14,
    decay_secs: (0.42, 0.26),
    swell_secs: 0.003,
    tilt_db: 1.0,
    hiss: (0.9, 0.2),
    high_pass_hz: 3800.0,
    click: 0.4,
    length_secs: 1.2,
};
/// Crash cymbal.
pub(crate) const CRASH: Bronze = Bronze {
    hz: (240.0, 15_000.0),
    groups: 22,
    decay_secs: (1.5, 0.42),
    swell_secs: 0.02,
    tilt_db: 1.8,
    hiss: (0.8, 0.5),
    high_pass_hz: 480.0,
    click: 0.25,
    length_secs: 3.4,
};
/// Ride cymbal: sparse, with a clear stick.
pub(crate) const RIDE: Bronze = Bronze {
    hz: (310.0, 14_000.0),
    groups: 14,
    decay_secs: (1.3, 0.35),
    swell_secs: 0.006,
    tilt_db: 2.6,
    hiss: (0.3, 0.25),
    high_pass_hz: 700.0,
    click: 1.3,
    length_secs: 2.2,
};

impl Bronze {
    /// One stroke; each call chooses other modes' weights, as each place of a cymbal does.
    pub(crate) fn strike(&self, cymbal: u64, rng: &mut Rng) -> Vec<f32> {
        let length = samples(self.length_secs);
        let mut sound = vec![0f64; length];
        // Frequencies belong to the cymbal, weights and phases to the stroke.
        let mut metal = Rng::new(0xB0_0B5, cymbal);
        let octaves = (self.hz.1 / self.hz.0).log2();
        let count = self.groups * LANES;
        for group in 0..self.groups {
            let mut re = [0f32; LANES];
            let mut im = [0f32; LANES];
            let mut turn = [[0f32; LANES]; 2];
            let mut place = 0.0;
            for lane in 0..LANES {
                // Density grows with frequency: the square root pushes modes upwards.
                let x = ((group * LANES + lane) as f64 + metal.unit()) / count as f64;
                let octave = octaves * x.powf(0.62);
                let hz = self.hz.0 * 2f64.powf(octave);
                place = octave / octaves;
                let decay = self.decay_secs.0 * (self.decay_secs.1 / self.decay_secs.0).powf(place);
                let decay = decay * metal.range(0.7, 1.3);
                let shrink = (-1.0 / (decay * RATE_HZ)).exp();
                let w = TAU * hz / RATE_HZ;
                turn[0][lane] = (shrink * w.cos()) as f32;
                turn[1][lane] = (shrink * w.sin()) as f32;
                let weight = 10f64.powf(-self.tilt_db * octave / 20.0) * (0.35 + rng.unit());
                let phase = TAU * rng.unit();
                re[lane] = (weight * phase.cos()) as f32;
                im[lane] = (weight * phase.sin()) as f32;
            }
            let swell = 0.0004 + self.swell_secs * place * place;
            for (i, out) in sound.iter_mut().enumerate() {
                let mut sum = [0f32; 4];
                for lane in 0..LANES {
                    let next = re[lane] * turn[0][lane] - im[lane] * turn[1][lane];
                    im[lane] = re[lane] * turn[1][lane] + im[lane] * turn[0][lane];
                    re[lane] = next;
                    sum[lane % 4] += next;
                }
                let rise = 1.0 - (-(i as f64) / (swell * RATE_HZ)).exp();
                *out += f64::from(sum[0] + sum[1] + sum[2] + sum[3]) * rise;
            }
        }
        self.finish(sound, count, rng)
    }

    fn finish(&self, sound: Vec<f64>, count: usize, rng: &mut Rng) -> Vec<f32> {
        let level = 1.0 / (count as f64).sqrt();
        let mut chain = [Biquad::high_pass(self.high_pass_hz, 0.7), Biquad::low_pass(15_500.0, 0.7)];
        let mut hiss = [Biquad::high_pass(self.high_pass_hz.max(3000.0), 0.7), Biquad::peak(8200.0, 0.8, 4.0)];
        let mut click = Biquad::band_pass(3600.0, 0.8);
        let length = sound.len() as f64;
        sound
            .iter()
            .enumerate()
            .map(|(i, &x)| {
                let t = i as f64 / RATE_HZ;
                let noise = rng.signed();
                let wash = hiss.iter_mut().fold(noise, |y, f| f.tick(y))
                    * self.hiss.0
                    * (-t / self.hiss.1).exp()
                    * (1.0 - (-t / (0.0008 + self.swell_secs * 0.5)).exp());
                let stick = click.tick(noise) * self.click * (-t / 0.003).exp();
                let y = chain.iter_mut().fold(x * level + wash * 0.6 + stick, |y, f| f.tick(y));
                let tail = (1.0 - i as f64 / length).min(0.05) / 0.05;
                (y * tail) as f32
            })
            .collect()
    }
}
