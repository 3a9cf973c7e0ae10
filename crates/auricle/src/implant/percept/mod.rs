//! What an implant sounds like, as people say who hear with one normal ear and one implant.
//!
//! They call the best vocoder 6.8 of 10 alike for speech and 6.3 for music (Peters et al. 2018), and sound that they
//! *edited* themselves 8.8 (Dorman et al. 2020): filtered, its spectral peaks smeared, its F0 contour flattened, its
//! formants moved up where the array is short, with a metallic ring. So this renderer edits sound; it does not
//! resynthesise it from electrodes. What it does depends on the person (a seed), on how far the array reaches and on
//! how long ago it was switched on: an implant never has *one* sound. Which number rests on what is said where it is.
//!
//! ```text
//! in -- contour -------- spectrum ----------- (+) -- ring -- band -- buzz -- ceiling -- out
//!    \  F0 flattened,    formants of the       |                               |
//!     \ shifted,         rest moved,        beeps,                             |
//!      \ formants moved  peaks smeared,     squeaks                            |
//!       \                robot                            input's peak, power  |
//!        `---------------------------------------------------------------------'
//! ```
//!
//! Voices are bent in time, where a frame could not tell the harmonics of a low one apart without being 40 ms long; all
//! else that concerns the spectrum is one short transform, and the formants of what is no voice are moved there. Each operation is nothing at 0: with
//! [`PerceptControls::CLEAR`] the output is the input, delayed, to the bit. Sound in which no F0 is found keeps its
//! contour, whatever is asked for.

mod band;
mod contour;
mod controls;
mod envelope;
mod individual;
mod level;
mod pitch;
mod pulses;
mod ring;
mod spectrum;
mod time_course;
mod tones;

pub use controls::{PerceptControls, PerceptParams};
pub use individual::{Individual, NO_SHIFT_FROM_DEG, REFERENCE_ANGLE_DEG};
pub use time_course::{WEEK_MONTHS, first_sounds, strangeness};

use crate::dsp::{MAX_PERIOD_SAMPLES, control_period_samples};
use band::Band;
use contour::{Bend, Contour};
use controls::QUANTITIES;
use level::Ceiling;
use ring::Resonances;
use spectrum::{Spectrum, Voice};
use tones::Tones;

/// Time constant with which controls reach what is asked for, seconds.
const GLIDE_SECS: f64 = 0.020;
/// Samples beyond this are brought to it: 60 dB over full scale, where no sound is.
const LOUDEST: f32 = 1000.0;
/// Samples below this are silence.
const SILENCE: f32 = 1e-15;

/// The percept renderer for one ear.
pub struct Percept {
    period: usize,
    /// Samples gathered for the next period, and the last one's output, side by side.
    gathered: usize,
    inbox: [f32; MAX_PERIOD_SAMPLES],
    outbox: [f32; MAX_PERIOD_SAMPLES],
    /// Controls in force; `None` before the first sample.
    controls: Option<PerceptControls>,
    glide_share: f64,
    rate: f32,
    contour: Contour,
    spectrum: Spectrum,
    tones: Tones,
    resonances: Resonances,
    band: Band,
    buzz_turn: f32,
    buzz_depth: f32,
    ceiling: Ceiling,
    latency: usize,
}

impl Percept {
    /// At rest, for a sample rate from 8,000 to 192,000 Hz. Allocates; nothing else does.
    pub fn new(sample_rate_hz: u32) -> Self {
        let period = control_period_samples(sample_rate_hz);
        let contour = Contour::new(sample_rate_hz, period);
        let spectrum = Spectrum::new(sample_rate_hz);
        let inner = contour.latency_samples() + spectrum.latency_samples();
        let hop = spectrum::frame_samples(sample_rate_hz) / crate::dsp::stft::OVERLAP;
        Self {
            period,
            gathered: 0,
            inbox: [0.0; MAX_PERIOD_SAMPLES],
            outbox: [0.0; MAX_PERIOD_SAMPLES],
            controls: None,
            glide_share: 1.0 - libm::exp(-(period as f64) / (GLIDE_SECS * f64::from(sample_rate_hz))),
            rate: sample_rate_hz as f32,
            // A period is gathered before it is worked on, and another waits under the ceiling.
            latency: inner + 2 * period,
            ceiling: Ceiling::new(sample_rate_hz, period, inner.div_ceil(period) + 2),
            tones: Tones::new(sample_rate_hz, hop),
            resonances: Resonances::new(sample_rate_hz),
            band: Band::new(sample_rate_hz),
            buzz_turn: 0.0,
            buzz_depth: 0.0,
            contour,
            spectrum,
        }
    }

    /// Samples by which output lags input, whatever the controls: 29 ms at 48 kHz.
    pub fn latency_samples(&self) -> usize {
        self.latency
    }

    /// Forgets everything heard so far. Real-time safe.
    pub fn reset(&mut self) {
        self.gathered = 0;
        self.inbox.fill(0.0);
        self.outbox.fill(0.0);
        self.controls = None;
        self.contour.reset();
        self.spectrum.reset();
        self.tones.reset();
        self.resonances.reset();
        self.band.reset();
        (self.buzz_turn, self.buzz_depth) = (0.0, 0.0);
        self.ceiling.reset();
    }

    /// Renders a block of any length in place. Real-time safe.
    ///
    /// The first controls after [`Self::new`] or [`Self::reset`] hold at once; later ones are glided to within some
    /// 50 ms. They are looked at once a control period, on the grid of samples since then: blocks that are
    /// control periods move a control when they should.
    pub fn process(&mut self, controls: &PerceptControls, ear: &mut [f32]) {
        let mut rest = ear;
        while !rest.is_empty() {
            let count = rest.len().min(self.period - self.gathered);
            let (now, later) = rest.split_at_mut(count);
            let slots = self.gathered..self.gathered + count;
            for ((sample, inbox), outbox) in now.iter_mut().zip(&mut self.inbox[slots.clone()]).zip(&self.outbox[slots])
            {
                *inbox = tame(*sample);
                *sample = *outbox;
            }
            self.gathered += count;
            if self.gathered == self.period {
                self.gathered = 0;
                self.run(controls);
            }
            rest = later;
        }
    }

    /// Renders the period gathered.
    fn run(&mut self, asked: &PerceptControls) {
        let controls = self.glide(asked);
        let mut samples = self.inbox;
        let samples = &mut samples[..self.period];
        self.ceiling.hear(samples);
        let bend = Bend {
            flattening: controls.f0_flattening as f32,
            f0_octaves: controls.f0_shift_octaves as f32,
            formant_octaves: controls.formant_shift_octaves as f32,
        };
        self.contour.process(samples, bend);
        let left_octaves = bend.formant_octaves - self.contour.moved_octaves();
        // Tones of this period belong to frames before the one that may end with it.
        let mut tones = [0.0; MAX_PERIOD_SAMPLES];
        let tones = &mut tones[..samples.len()];
        self.tones.add(tones);
        let f0_hz = self.contour.f0_hz(self.rate);
        let voice = Voice { f0_hz, left_octaves };
        self.spectrum.process(samples, &controls, voice, &mut self.tones);
        for (sample, tone) in samples.iter_mut().zip(tones) {
            *sample += *tone;
        }
        self.resonances.process(samples, controls.ring, controls.ring_hz, controls.ring_decay_ms);
        self.band.process(samples, controls.high_pass_hz, controls.low_pass_hz);
        self.buzz(samples, controls.buzz as f32, controls.buzz_hz as f32);
        self.ceiling.process(samples);
        for (out, sample) in self.outbox.iter_mut().zip(samples) {
            *out = if sample.abs() < SILENCE { 0.0 } else { *sample };
        }
    }

    /// The controls one period on towards those asked for.
    fn glide(&mut self, asked: &PerceptControls) -> PerceptControls {
        let asked = asked.within_ranges();
        let Some(now) = self.controls else {
            self.controls = Some(asked);
            return asked;
        };
        if now == asked {
            return asked;
        }
        let (from, to) = (now.values(), asked.values());
        let moved = PerceptControls::of_values(std::array::from_fn(|i| {
            let quantity = QUANTITIES[i];
            if quantity.arrived(from[i], to[i]) { to[i] } else { quantity.between(from[i], to[i], self.glide_share) }
        }));
        self.controls = Some(moved);
        moved
    }

    /// A buzz: loudness that dips twice in each of its periods, once deeper, and keeps its power.
    fn buzz(&mut self, samples: &mut [f32], depth: f32, hz: f32) {
        let before = self.buzz_depth;
        self.buzz_depth = depth;
        if depth == 0.0 && before == 0.0 {
            return;
        }
        // 0.5: the deepest dip, 1.5 over the root of 5/8 below the mean, just reaches 0.05.
        const DEEPEST: f32 = 0.5;
        const RMS: f32 = 0.790_569_4;
        let turn = std::f32::consts::TAU * hz / self.rate;
        let (step_re, step_im) = (libm::cosf(turn), libm::sinf(turn));
        let angle = std::f32::consts::TAU * self.buzz_turn;
        let (mut re, mut im) = (libm::cosf(angle), libm::sinf(angle));
        let step = DEEPEST * (depth - before) / samples.len() as f32;
        let mut amount = DEEPEST * before;
        for sample in samples.iter_mut() {
            amount += step;
            // cos 2a = 2 cos^2 a - 1
            let wave = -(re + 0.5 * (2.0 * re * re - 1.0)) / RMS;
            *sample *= (1.0 + amount * wave) / (1.0 + amount * amount).sqrt();
            (re, im) = (re * step_re - im * step_im, re * step_im + im * step_re);
        }
        let turns = self.buzz_turn + hz / self.rate * samples.len() as f32;
        self.buzz_turn = turns - turns.floor();
    }
}

/// A sample that the rest can do with: a number, no louder than any sound, and no fainter than one.
fn tame(sample: f32) -> f32 {
    if sample.is_finite() && sample.abs() >= SILENCE { sample.clamp(-LOUDEST, LOUDEST) } else { 0.0 }
}
