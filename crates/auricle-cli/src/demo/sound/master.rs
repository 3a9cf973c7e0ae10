//! The master: glue compression, a little saturation, and a limiter that looks ahead.

use super::dsp::{Biquad, RATE_HZ, Stereo, gain};

/// Level into the compressor, chosen so that the gig lies near -14 LUFS.
const DRIVE_DB: f64 = 0.0;
/// Peaks stay below this, dB FS; AAC adds up to a decibel between samples.
const CEILING_DB: f64 = -2.6;

/// Compresses the gig as a whole, 2.5:1 above -16 dB, and saturates its peaks.
pub(crate) fn squeeze(mix: &mut Stereo) {
    mix.filter(&[
        Biquad::high_pass(30.0, 0.7),
        Biquad::peak(65.0, 0.8, 1.5),
        Biquad::peak(300.0, 0.7, -1.5),
        Biquad::peak(9500.0, 0.5, 3.0),
    ]);
    let (attack, release) = (step(0.018), step(0.16));
    let mut power = 0.0;
    let drive = gain(DRIVE_DB);
    for i in 0..mix.left.len() {
        let (l, r) = (f64::from(mix.left[i]) * drive, f64::from(mix.right[i]) * drive);
        let now = (l * l + r * r) / 2.0;
        power += (now - power) * if now > power { attack } else { release };
        let over = (10.0 * (power + 1e-12).log10() + 16.0).max(0.0);
        let k = gain(-over * (1.0 - 1.0 / 2.5));
        mix.left[i] = saturate(l * k);
        mix.right[i] = saturate(r * k);
    }
}

fn step(secs: f64) -> f64 {
    1.0 - (-1.0 / (secs * RATE_HZ)).exp()
}

/// Straight up to a half, then bending towards 1.
fn saturate(x: f64) -> f32 {
    let a = x.abs();
    let y = if a < 0.5 { a } else { 0.5 + 0.5 * ((a - 0.5) / 0.5).tanh() };
    (y * x.signum()) as f32
}

const REACH: usize = 6;

/// Weights that give a signal's value a quarter, a half and three quarters of a sample on.
fn interpolators() -> [[f64; 2 * REACH]; 3] {
    std::array::from_fn(|k| {
        std::array::from_fn(|tap| {
            let x = (tap as f64 - (REACH - 1) as f64) - (k + 1) as f64 / 4.0;
            let sinc = (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x);
            sinc * (0.5 + 0.5 * (std::f64::consts::PI * x / REACH as f64).cos())
        })
    })
}

/// Highest amplitude at and after sample `at`, between samples included.
fn true_peak(side: &[f32], at: usize, between: &[[f64; 2 * REACH]; 3]) -> f64 {
    let here = f64::from(side[at].abs());
    let Some(window) = at.checked_sub(REACH - 1).and_then(|from| side.get(from..from + 2 * REACH)) else {
        return here;
    };
    between.iter().fold(here, |peak, weights| {
        let y: f64 = weights.iter().zip(window).map(|(w, x)| w * f64::from(*x)).sum();
        peak.max(y.abs())
    })
}

/// Holds peaks under the ceiling: the smallest gain of the next 1.5 ms, smoothed over as long.
pub(crate) fn limit(mix: &mut Stereo) {
    const AHEAD: usize = 72;
    let ceiling = gain(CEILING_DB);
    let length = mix.left.len();
    let between = interpolators();
    let need: Vec<f64> = (0..length)
        .map(|i| {
            let peak = true_peak(&mix.left, i, &between).max(true_peak(&mix.right, i, &between));
            (ceiling / peak.max(1e-9)).min(1.0)
        })
        .collect();
    // Smallest need in a window around each sample, by a deque of candidates.
    let mut window = std::collections::VecDeque::new();
    let mut hold = vec![1.0; length];
    for i in 0..length + AHEAD {
        if i < length {
            while window.back().is_some_and(|&j: &usize| need[j] >= need[i]) {
                window.pop_back();
            }
            window.push_back(i);
        }
        while window.front().is_some_and(|&j| j + 2 * AHEAD < i) {
            window.pop_front();
        }
        if let (Some(o), Some(&j)) = (i.checked_sub(AHEAD), window.front()) {
            hold[o] = need[j];
        }
    }
    let release = step(0.06);
    let mut slow = 1.0;
    let mut sum = 0.0;
    let mut past = std::collections::VecDeque::from(vec![1.0; AHEAD]);
    sum += AHEAD as f64;
    let eased: Vec<f64> = hold
        .iter()
        .map(|&h| {
            slow = if h < slow { h } else { slow + (h - slow) * release };
            sum += slow - past.pop_front().unwrap_or(1.0);
            past.push_back(slow);
            sum / AHEAD as f64
        })
        .collect();
    // The moving average lags by half its length; the window above reaches AHEAD either way.
    for i in 0..length {
        let k = eased[i].min(need[i]) as f32;
        mix.left[i] *= k;
        mix.right[i] *= k;
    }
}
