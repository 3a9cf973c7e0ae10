//! A voice: glottal pulses and breath through five formants, after Klatt's synthesiser.
//!
//! Source: the KLGLOTT88 flow derivative with jitter and shimmer (Klatt and Klatt 1990). Tract: a
//! cascade of five resonators; fricatives and bursts are noise through a band of their own. Formant
//! values are those of Klatt (1980, table II) and Peterson and Barney (1952), scaled by the speaker.

use std::f64::consts::{PI, TAU};

use super::dsp::{Biquad, OnePole, RATE_HZ, samples};
use crate::demo::rng::Rng;

/// How the mouth stands at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pose {
    /// Formant frequencies, Hz, of an adult man.
    pub(crate) formants_hz: [f64; 5],
    /// Their bandwidths, Hz.
    pub(crate) widths_hz: [f64; 5],
    /// Amplitude of the voice.
    pub(crate) voicing: f64,
    /// Amplitude of breath at the glottis.
    pub(crate) breath: f64,
    /// Amplitude of noise at the constriction.
    pub(crate) hiss: f64,
    /// Where that noise lies, Hz.
    pub(crate) hiss_hz: f64,
}

/// A pose reached at a time, with the pitch there; straight lines in between.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// Seconds from the beginning.
    pub(crate) at_secs: f64,
    /// Mouth.
    pub(crate) pose: Pose,
    /// Fundamental, Hz.
    pub(crate) pitch_hz: f64,
}

/// Who speaks or sings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speaker {
    /// Formant scale: 1 for a man's tract, about 1.17 for a woman's.
    pub(crate) scale: f64,
    /// Fraction of a period for which the glottis is open.
    pub(crate) open: f64,
    /// Corner of the source's tilt, Hz: low is soft, high is pressed.
    pub(crate) tilt_hz: f64,
    /// Vibrato depth in semitones, and its rate in Hz.
    pub(crate) vibrato: (f64, f64),
    /// Breath mixed into every voiced sound.
    pub(crate) breathy: f64,
}

/// One digital resonator (Klatt 1980, eq. 2), unity gain at 0 Hz.
#[derive(Debug, Clone, Copy, Default)]
struct Resonator {
    a: f64,
    b: f64,
    c: f64,
    y: [f64; 2],
}

impl Resonator {
    fn tune(&mut self, hz: f64, width_hz: f64) {
        let r = (-PI * width_hz / RATE_HZ).exp();
        self.c = -r * r;
        self.b = 2.0 * r * (TAU * hz / RATE_HZ).cos();
        self.a = 1.0 - self.b - self.c;
    }

    fn tick(&mut self, x: f64) -> f64 {
        let y = self.a * x + self.b * self.y[0] + self.c * self.y[1];
        self.y = [y, self.y[0]];
        y
    }
}

fn between(a: &Key, b: &Key, at_secs: f64) -> (Pose, f64) {
    let k = ((at_secs - a.at_secs) / (b.at_secs - a.at_secs).max(1e-6)).clamp(0.0, 1.0);
    let mix = |x: f64, y: f64| x + (y - x) * k;
    let (p, q) = (&a.pose, &b.pose);
    let pose = Pose {
        formants_hz: std::array::from_fn(|i| mix(p.formants_hz[i], q.formants_hz[i])),
        widths_hz: std::array::from_fn(|i| mix(p.widths_hz[i], q.widths_hz[i])),
        voicing: mix(p.voicing, q.voicing),
        breath: mix(p.breath, q.breath),
        hiss: mix(p.hiss, q.hiss),
        hiss_hz: mix(p.hiss_hz, q.hiss_hz),
    };
    (pose, mix(a.pitch_hz, b.pitch_hz))
}

/// Resonances above the fifth that lie below half the sample rate.
const UPPER: usize = 14;

impl Speaker {
    /// The tube's further resonances, a kilohertz apart. Without them the cascade falls by 60 dB an
    /// octave above the fifth; at Klatt's 10 kHz sample rate aliasing stands in for them.
    fn upper_formants(&self) -> [Resonator; UPPER] {
        std::array::from_fn(|i| {
            let hz = (5300.0 + 1000.0 * i as f64) * self.scale;
            let mut resonator = Resonator::default();
            resonator.tune(hz.min(0.46 * RATE_HZ), 0.11 * hz);
            resonator
        })
    }

    /// Speaks the keys; about -1..1 at full voice, as long as the last key says.
    pub(crate) fn say(&self, keys: &[Key], rng: &mut Rng) -> Vec<f32> {
        let Some(last) = keys.last() else { return Vec::new() };
        let length = samples(last.at_secs + 0.05);
        let mut tract = [Resonator::default(); 5];
        let mut above = self.upper_formants();
        let mut tilt = OnePole::new(self.tilt_hz);
        let mut band = Biquad::band_pass(4000.0, 1.0);
        let (mut phase, mut period_scale, mut shimmer) = (0.0f64, 1.0, 1.0);
        let mut key = 0;
        let (mut pose, mut pitch) = (keys[0].pose, keys[0].pitch_hz);
        let mut sung_secs = 0.0;
        (0..length)
            .map(|i| {
                let t = i as f64 / RATE_HZ;
                if i % 48 == 0 {
                    while key + 2 < keys.len() && keys[key + 1].at_secs <= t {
                        key += 1;
                    }
                    let next = &keys[(key + 1).min(keys.len() - 1)];
                    (pose, pitch) = between(&keys[key], next, t);
                    for (r, (hz, width)) in tract.iter_mut().zip(pose.formants_hz.iter().zip(&pose.widths_hz)) {
                        r.tune(hz * self.scale, *width * self.scale.sqrt());
                    }
                    if pose.hiss > 1e-4 {
                        let fresh = Biquad::band_pass(pose.hiss_hz * self.scale.sqrt(), 1.1);
                        band.retune(&fresh);
                    }
                    sung_secs = if pose.voicing > 0.1 { sung_secs + 0.001 } else { 0.0 };
                }
                // Klatt's flutter: three slow sines keep a steady pitch alive.
                let flutter = (TAU * 12.7 * t).sin() + (TAU * 7.1 * t).sin() + (TAU * 4.7 * t).sin();
                let depth = self.vibrato.0 * (sung_secs / 0.5f64).min(1.0);
                let bend = depth * (TAU * self.vibrato.1 * t).sin() + 0.035 * flutter;
                phase += pitch * 2f64.powf(bend / 12.0) * period_scale / RATE_HZ;
                if phase >= 1.0 {
                    phase -= 1.0;
                    period_scale = 1.0 + rng.spread(0.006);
                    shimmer = 1.0 + rng.spread(0.035);
                }
                let noise = rng.signed();
                let open = phase < self.open;
                let pulse = if open {
                    // Derivative of a t^2 - b t^3 over the open phase; its sharp end is the closure.
                    let x = phase / self.open;
                    2.0 * x - 3.0 * x * x
                } else {
                    0.0
                };
                let turbulent = noise * if open { 1.0 } else { 0.45 };
                let voiced = tilt.tick(pulse * shimmer) * pose.voicing;
                let source = voiced + turbulent * (0.16 * pose.breath + self.breathy * pose.voicing * 0.05);
                let mouth = tract.iter_mut().chain(&mut above).fold(source, |x, r| r.tick(x));
                let hiss = band.tick(noise) * pose.hiss;
                let out = mouth + hiss;
                let edge = (t / 0.004).min((last.at_secs + 0.05 - t) / 0.02).clamp(0.0, 1.0);
                (out * edge) as f32
            })
            .collect()
    }
}

/// A vowel with these first three formants.
pub(crate) const fn vowel(f1: f64, f2: f64, f3: f64) -> Pose {
    Pose {
        formants_hz: [f1, f2, f3, 3400.0, 4300.0],
        widths_hz: [70.0, 90.0, 140.0, 250.0, 300.0],
        voicing: 1.0,
        breath: 0.0,
        hiss: 0.0,
        hiss_hz: 4000.0,
    }
}
