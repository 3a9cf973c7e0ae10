//! A plucked string as a digital waveguide (Karplus and Strong 1983; Jaffe and Smith 1983).
//!
//! A delay line of one period holds the wave; each trip loses a little, more at high frequencies. The
//! pick's place is a comb on what is plucked, a palm shortens the trip's survival, and a string that
//! swings too far touches the frets, which is the buzz.

use super::dsp::{OnePole, RATE_HZ, samples};
use crate::demo::rng::Rng;

/// One pluck.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pluck {
    /// Fundamental, Hz.
    pub(crate) hz: f64,
    /// Time the string is left to sound, seconds; then the hand stops it.
    pub(crate) secs: f64,
    /// 0..1.
    pub(crate) velocity: f64,
    /// Where the pick meets the string, as a fraction of its length.
    pub(crate) pick: f64,
    /// Time to fall by 60 dB, seconds.
    pub(crate) t60_secs: f64,
    /// Weight of the older sample in the loop's averaging, 0 (bright) to 0.5 (dull).
    pub(crate) damping: f64,
    /// Swing at which the string meets the frets; above 1: never.
    pub(crate) buzz_above: f64,
}

impl Pluck {
    /// The string's movement at the pick-up, about -1..1.
    pub(crate) fn sound(&self, rng: &mut Rng) -> Vec<f32> {
        let period = RATE_HZ / self.hz;
        // The averaging filter delays by `damping` samples; an allpass makes up the fraction.
        let line = period - self.damping;
        let whole = (line - 0.3).floor();
        let fraction = line - whole;
        let allpass = (1.0 - fraction) / (1.0 + fraction);
        let whole = whole.max(2.0) as usize;
        let mut string = self.excitation(whole, rng);
        let survive = 10f64.powf(-3.0 / (self.t60_secs * self.hz));
        let (mut at, mut last, mut ap_in, mut ap_out) = (0, 0.0, 0.0, 0.0);
        let held = samples(self.secs);
        let release = samples(0.045);
        let length = held + release;
        (0..length)
            .map(|i| {
                let x = string[at];
                let mut y = survive * ((1.0 - self.damping) * x + self.damping * last);
                last = x;
                if y.abs() > self.buzz_above {
                    let over = y.abs() - self.buzz_above;
                    y = y.signum() * (self.buzz_above + over * (0.55 + 0.35 * rng.unit()));
                }
                let passed = allpass * y + ap_in - allpass * ap_out;
                ap_in = y;
                ap_out = passed;
                string[at] = passed;
                at = (at + 1) % whole;
                let hand = if i > held { 1.0 - (i - held) as f64 / release as f64 } else { 1.0 };
                (x * hand) as f32
            })
            .collect()
    }

    /// One period of what the pick puts onto the string.
    fn excitation(&self, period: usize, rng: &mut Rng) -> Vec<f64> {
        let mut soft = OnePole::new(900.0 + 5200.0 * self.velocity * self.velocity);
        let mut raw: Vec<f64> = (0..period)
            .map(|i| {
                // A displaced string is a triangle with its corner at the pick; noise is the pick's grit.
                let x = i as f64 / period as f64;
                let bend = if x < self.pick { x / self.pick } else { (1.0 - x) / (1.0 - self.pick) };
                soft.tick((bend - 0.5) * 1.1 + rng.signed() * 0.75)
            })
            .collect();
        let comb = ((self.pick * period as f64) as usize).max(1);
        let copy = raw.clone();
        for (i, x) in raw.iter_mut().enumerate() {
            *x -= 0.85 * copy[(i + period - comb) % period];
        }
        let mean = raw.iter().sum::<f64>() / period as f64;
        let peak = raw.iter().fold(1e-9f64, |m, x| m.max((x - mean).abs()));
        for x in &mut raw {
            *x = (*x - mean) / peak * self.velocity;
        }
        raw
    }
}
