//! The drum kit: strokes placed in the stereo picture, and what its overheads send to the hall.

use super::cymbals::{Bronze, CLOSED_HAT, CRASH, OPEN_HAT, RIDE};
use super::dsp::{Biquad, Stereo, gain, samples};
use super::skins;
use crate::demo::rng::Rng;
use crate::demo::score::{Drum, Stroke};

/// Different strokes of each cymbal; played in seeded order, never the same twice running.
const VARIATIONS: usize = 5;

/// Prepared strokes of one cymbal.
struct Rotation {
    sounds: Vec<Vec<f32>>,
    last: usize,
}

impl Rotation {
    fn new(bronze: &Bronze, cymbal: u64, count: usize, rng: &mut Rng) -> Self {
        let sounds = (0..count).map(|_| bronze.strike(cymbal, rng)).collect();
        Self { sounds, last: 0 }
    }

    /// The next stroke; softer ones are also duller.
    fn next(&mut self, velocity: f64, rng: &mut Rng) -> Vec<f32> {
        let step = 1 + (rng.unit() * (self.sounds.len() - 1) as f64) as usize;
        self.last = (self.last + step) % self.sounds.len();
        let mut sound = self.sounds[self.last].clone();
        let mut dull = [Biquad::low_pass(5000.0 + 12_000.0 * velocity * velocity, 0.6)];
        super::dsp::filter(&mut sound, &mut dull);
        let level = gain(-16.0 * (1.0 - velocity)) as f32;
        for x in &mut sound {
            *x *= level;
        }
        sound
    }
}

/// The kit close up, and its send to the hall.
pub(crate) fn kit(strokes: &[Stroke], length: usize, seed: u64) -> (Stereo, Stereo) {
    let mut rng = Rng::new(seed, 30);
    let mut hat = Rotation::new(&CLOSED_HAT, 1, VARIATIONS, &mut rng);
    let mut open_hat = Rotation::new(&OPEN_HAT, 1, 2, &mut rng);
    let mut crashes = [Rotation::new(&CRASH, 2, 2, &mut rng), Rotation::new(&CRASH, 3, 2, &mut rng)];
    let mut ride = Rotation::new(&RIDE, 4, VARIATIONS - 1, &mut rng);
    let mut close = Stereo::new(length);
    let mut hall = Stereo::new(length);
    let mut side = 0;
    for stroke in strokes {
        let at = samples(stroke.at_secs);
        if at >= length {
            continue;
        }
        let v = stroke.velocity;
        let (sound, level, pan, send) = match stroke.drum {
            Drum::Kick => (skins::kick(v, &mut rng), 0.95, 0.0, 0.10),
            Drum::Snare => (skins::snare(v, &mut rng), 0.72, -0.06, 0.45),
            Drum::TomHigh => (skins::tom(172.0, v, &mut rng), 0.66, -0.4, 0.4),
            Drum::TomMid => (skins::tom(128.0, v, &mut rng), 0.7, 0.05, 0.4),
            Drum::TomFloor => (skins::tom(88.0, v, &mut rng), 0.78, 0.5, 0.4),
            Drum::Sticks => (skins::sticks(v, &mut rng), 0.24, 0.05, 0.5),
            Drum::ClosedHat => (hat.next(v, &mut rng), 0.62, -0.42, 0.12),
            Drum::OpenHat => (open_hat.next(v, &mut rng), 0.5, -0.42, 0.2),
            Drum::Ride => (ride.next(v, &mut rng), 0.46, 0.48, 0.2),
            Drum::Crash => {
                side = 1 - side;
                let pan = if side == 0 { -0.62 } else { 0.66 };
                (crashes[side].next(v, &mut rng), 0.66, pan, 0.3)
            }
        };
        close.add(at, &sound, level, pan);
        hall.add(at, &sound, level * send, pan);
    }
    (close, hall)
}
