//! Rooms: first reflections as single taps, then an eight-line feedback delay network.
//!
//! The network mixes its lines by a Hadamard matrix, which loses nothing; what each line loses to
//! walls and air is a factor from the reverberation time and a low-pass (Jot and Chaigne 1991).

use super::dsp::{Biquad, Delay, OnePole, RATE_HZ, Stereo, samples};
use crate::demo::rng::Rng;

/// What a room does to sound.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Space {
    /// Before the first reflection, seconds.
    pub(crate) pre_delay_secs: f64,
    /// When the last single reflection arrives, seconds.
    pub(crate) early_secs: f64,
    /// Time to fall by 60 dB, seconds.
    pub(crate) t60_secs: f64,
    /// Mean delay of the network's lines, seconds: the room's size.
    pub(crate) size_secs: f64,
    /// Corner above which walls and air absorb, Hz.
    pub(crate) bright_hz: f64,
    /// Level of the single reflections against the tail.
    pub(crate) early: f64,
    /// Chooses the reflections.
    pub(crate) seed: u64,
}

/// A club with a stage.
pub(crate) const STAGE: Space = Space {
    pre_delay_secs: 0.009,
    early_secs: 0.062,
    t60_secs: 1.25,
    size_secs: 0.047,
    bright_hz: 5200.0,
    early: 0.9,
    seed: 11,
};
/// A kitchen-sized room with soft furniture.
pub(crate) const ROOM: Space = Space {
    pre_delay_secs: 0.003,
    early_secs: 0.02,
    t60_secs: 0.38,
    size_secs: 0.013,
    bright_hz: 4200.0,
    early: 1.2,
    seed: 12,
};

const LINES: usize = 8;

impl Space {
    /// What the room adds to `dry`; same length.
    pub(crate) fn reverberate(&self, dry: &Stereo) -> Stereo {
        let mut rng = Rng::new(self.seed, 2);
        let mut out = Stereo::new(dry.left.len());
        self.reflect(dry, &mut out, &mut rng);
        let mut lines: [Delay; LINES] = std::array::from_fn(|i| {
            let spread = 0.62 + 0.105 * i as f64 + 0.02 * rng.signed();
            Delay::new(samples(self.size_secs * spread) | 1)
        });
        let lengths: [f64; LINES] = std::array::from_fn(|i| self.size_secs * (0.62 + 0.105 * i as f64));
        let survive = lengths.map(|secs| 10f64.powf(-3.0 * secs / self.t60_secs));
        let mut walls: [OnePole; LINES] = std::array::from_fn(|_| OnePole::new(self.bright_hz));
        let mut before = [Delay::new(samples(self.pre_delay_secs)), Delay::new(samples(self.pre_delay_secs))];
        let mut diffuse: [[Allpass; 2]; 2] =
            [[Allpass::new(0.0047), Allpass::new(0.0031)], [Allpass::new(0.0051), Allpass::new(0.0027)]];
        for i in 0..dry.left.len() {
            let mut input = [f64::from(dry.left[i]), f64::from(dry.right[i])];
            for side in 0..2 {
                let late = before[side].read();
                before[side].write(input[side]);
                input[side] = diffuse[side].iter_mut().fold(late, |x, a| a.tick(x));
            }
            let mut heard: [f64; LINES] = std::array::from_fn(|l| lines[l].read());
            let (mut left, mut right) = (0.0, 0.0);
            for (l, x) in heard.iter_mut().enumerate() {
                *x = walls[l].tick(*x) * survive[l];
                let sign = if l & 2 == 0 { 1.0 } else { -1.0 };
                if l % 2 == 0 { left += sign * *x } else { right += sign * *x }
            }
            hadamard(&mut heard);
            for (l, line) in lines.iter_mut().enumerate() {
                line.write(heard[l] + 0.5 * input[l % 2]);
            }
            out.left[i] += left as f32;
            out.right[i] += right as f32;
        }
        out.filter(&[Biquad::high_pass(110.0, 0.7)]);
        out
    }

    /// Single reflections from walls, each duller than the one before.
    fn reflect(&self, dry: &Stereo, out: &mut Stereo, rng: &mut Rng) {
        const TAPS: usize = 9;
        for side in 0..2 {
            let mut tap_line = vec![0f32; dry.left.len()];
            for tap in 0..TAPS {
                let along = (tap as f64 + rng.unit()) / TAPS as f64;
                let at = samples(self.pre_delay_secs + self.early_secs * along);
                let level = (self.early * 0.34 * (1.0 - 0.75 * along)) as f32;
                let crossed = rng.unit() < 0.35;
                let source = if (side == 0) == crossed { &dry.right } else { &dry.left };
                for (o, x) in tap_line.iter_mut().skip(at).zip(source) {
                    *o += x * level;
                }
            }
            super::dsp::filter(&mut tap_line, &mut [Biquad::low_pass(self.bright_hz * 1.6, 0.6)]);
            let target = if side == 0 { &mut out.left } else { &mut out.right };
            for (o, x) in target.iter_mut().zip(&tap_line) {
                *o += x;
            }
        }
    }
}

/// Smears a click without colouring a tone (Schroeder 1962).
struct Allpass(Delay);

impl Allpass {
    fn new(secs: f64) -> Self {
        Self(Delay::new((secs * RATE_HZ) as usize | 1))
    }

    fn tick(&mut self, x: f64) -> f64 {
        const G: f64 = 0.6;
        let late = self.0.read();
        let inner = x + G * late;
        self.0.write(inner);
        late - G * inner
    }
}

/// The orthonormal 8 x 8 Hadamard transform, in place.
fn hadamard(x: &mut [f64; LINES]) {
    let mut half = 1;
    while half < LINES {
        for begin in (0..LINES).step_by(half * 2) {
            for i in begin..begin + half {
                let (a, b) = (x[i], x[i + half]);
                x[i] = a + b;
                x[i + half] = a - b;
            }
        }
        half *= 2;
    }
    for v in x {
        *v *= std::f64::consts::FRAC_1_SQRT_2 / 2.0;
    }
}
