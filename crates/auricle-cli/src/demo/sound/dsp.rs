//! The tools every instrument is made with: filters, a delay, a stereo canvas.

use std::f64::consts::TAU;

/// Samples per second of the whole film.
pub(crate) const RATE_HZ: f64 = 48_000.0;

/// Seconds as a number of samples.
pub(crate) fn samples(secs: f64) -> usize {
    (secs * RATE_HZ).round().max(0.0) as usize
}

/// A level in dB as a factor.
pub(crate) fn gain(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

/// Frequency of a MIDI note number, Hz.
pub(crate) fn pitch_hz(pitch: f64) -> f64 {
    440.0 * 2f64.powf((pitch - 69.0) / 12.0)
}

/// A second-order section after Bristow-Johnson's cookbook, transposed direct form II.
#[derive(Debug, Clone)]
pub(crate) struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    z: [f64; 2],
}

impl Biquad {
    fn new(b: [f64; 3], a: [f64; 3]) -> Self {
        Self { b: b.map(|x| x / a[0]), a: [a[1] / a[0], a[2] / a[0]], z: [0.0; 2] }
    }

    /// Low-pass.
    pub(crate) fn low_pass(hz: f64, q: f64) -> Self {
        let (c, alpha) = angle(hz, q);
        let k = (1.0 - c) / 2.0;
        Self::new([k, 1.0 - c, k], [1.0 + alpha, -2.0 * c, 1.0 - alpha])
    }

    /// High-pass.
    pub(crate) fn high_pass(hz: f64, q: f64) -> Self {
        let (c, alpha) = angle(hz, q);
        let k = (1.0 + c) / 2.0;
        Self::new([k, -1.0 - c, k], [1.0 + alpha, -2.0 * c, 1.0 - alpha])
    }

    /// Band-pass of 0 dB at its centre.
    pub(crate) fn band_pass(hz: f64, q: f64) -> Self {
        let (c, alpha) = angle(hz, q);
        Self::new([alpha, 0.0, -alpha], [1.0 + alpha, -2.0 * c, 1.0 - alpha])
    }

    /// Raises or lowers a band by `db`.
    pub(crate) fn peak(hz: f64, q: f64, db: f64) -> Self {
        let (c, alpha) = angle(hz, q);
        let a = 10f64.powf(db / 40.0);
        Self::new([1.0 + alpha * a, -2.0 * c, 1.0 - alpha * a], [1.0 + alpha / a, -2.0 * c, 1.0 - alpha / a])
    }

    /// Takes over another's coefficients and keeps what it remembers.
    pub(crate) fn retune(&mut self, other: &Self) {
        self.b = other.b;
        self.a = other.a;
    }

    /// One sample.
    pub(crate) fn tick(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.z[0];
        self.z[0] = self.b[1] * x - self.a[0] * y + self.z[1];
        self.z[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

fn angle(hz: f64, q: f64) -> (f64, f64) {
    let w = TAU * hz.min(RATE_HZ * 0.49) / RATE_HZ;
    (w.cos(), w.sin() / (2.0 * q))
}

/// Runs filters one after another over a sound, in place.
pub(crate) fn filter(sound: &mut [f32], chain: &mut [Biquad]) {
    for x in sound {
        *x = chain.iter_mut().fold(f64::from(*x), |y, f| f.tick(y)) as f32;
    }
}

/// A first-order low-pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnePole {
    k: f64,
    y: f64,
}

impl OnePole {
    /// Corner at `hz`.
    pub(crate) fn new(hz: f64) -> Self {
        Self { k: 1.0 - (-TAU * hz / RATE_HZ).exp(), y: 0.0 }
    }

    /// One sample.
    pub(crate) fn tick(&mut self, x: f64) -> f64 {
        self.y += self.k * (x - self.y);
        self.y
    }
}

/// A whole-sample delay line.
#[derive(Debug, Clone)]
pub(crate) struct Delay {
    line: Vec<f64>,
    at: usize,
}

impl Delay {
    /// Delays by `length` samples, at least 1.
    pub(crate) fn new(length: usize) -> Self {
        Self { line: vec![0.0; length.max(1)], at: 0 }
    }

    /// What comes out now.
    pub(crate) fn read(&self) -> f64 {
        self.line[self.at]
    }

    /// Puts in the next sample.
    pub(crate) fn write(&mut self, x: f64) {
        self.line[self.at] = x;
        self.at = (self.at + 1) % self.line.len();
    }
}

/// Two channels of one length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stereo {
    /// `[sample]`.
    pub(crate) left: Vec<f32>,
    /// `[sample]`.
    pub(crate) right: Vec<f32>,
}

impl Stereo {
    /// Silence.
    pub(crate) fn new(length: usize) -> Self {
        Self { left: vec![0.0; length], right: vec![0.0; length] }
    }

    /// Adds a mono sound from sample `at` on, at equal power by `pan` (-1 left, 1 right).
    pub(crate) fn add(&mut self, at: usize, sound: &[f32], level: f64, pan: f64) {
        let angle = (pan.clamp(-1.0, 1.0) + 1.0) * std::f64::consts::FRAC_PI_4;
        let (l, r) = ((angle.cos() * level) as f32, (angle.sin() * level) as f32);
        let end = (at + sound.len()).min(self.left.len());
        for (i, &x) in (at.min(end)..end).zip(sound) {
            self.left[i] += x * l;
            self.right[i] += x * r;
        }
    }

    /// Adds another of the same length.
    pub(crate) fn mix(&mut self, other: &Self, level: f64) {
        let level = level as f32;
        for (a, &b) in self.left.iter_mut().zip(&other.left) {
            *a += b * level;
        }
        for (a, &b) in self.right.iter_mut().zip(&other.right) {
            *a += b * level;
        }
    }

    /// Multiplies by `curve(seconds)`, evaluated every 32 samples and joined by straight lines.
    pub(crate) fn shape(&mut self, curve: impl Fn(f64) -> f64) {
        const STEP: usize = 32;
        let mut from = curve(0.0);
        for begin in (0..self.left.len()).step_by(STEP) {
            let to = curve((begin + STEP) as f64 / RATE_HZ);
            for i in begin..(begin + STEP).min(self.left.len()) {
                let k = (from + (to - from) * (i - begin) as f64 / STEP as f64) as f32;
                self.left[i] *= k;
                self.right[i] *= k;
            }
            from = to;
        }
    }

    /// Filters each channel by its own copy of the chain.
    pub(crate) fn filter(&mut self, chain: &[Biquad]) {
        filter(&mut self.left, &mut chain.to_vec());
        filter(&mut self.right, &mut chain.to_vec());
    }
}

/// A curve through `(seconds, value)` points, straight between them, level outside.
pub(crate) fn curve(points: &[(f64, f64)], at_secs: f64) -> f64 {
    let after = points.partition_point(|p| p.0 <= at_secs);
    match (after.checked_sub(1).and_then(|i| points.get(i)), points.get(after)) {
        (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (at_secs - a.0) / (b.0 - a.0),
        (Some(a), None) => a.1,
        (None, Some(b)) => b.1,
        (None, None) => 0.0,
    }
}
