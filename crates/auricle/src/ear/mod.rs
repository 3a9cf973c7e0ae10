//! One ear, a file per organ, in the order in which sound meets them.
//!
//! ```text
//!  in --+-- smearing ------------------------- cochlea: bands x gains, added up --(+)-- out
//!       |                                                 ^                        |
//!       +-- cochlea: band levels -- conduction, -- gains -+                    tinnitus
//!                                   recruitment,
//!                                   level restore, temporal smearing, dead regions
//! ```
//!
//! Levels are read from the *unsmeared* sound, so that smearing changes the spectrum and not the
//! loudness. Where nothing is lost every gain is 1 and the output is the delayed input, bit for bit.

pub mod calibration;
pub mod conduction;
pub mod control;
pub mod dead_region;
pub mod design;
pub mod electric;
mod filters;
pub mod recruitment;
pub mod smearing;
pub mod steady;
mod steady_tone;
pub mod temporal;
pub mod tinnitus;

use std::sync::Arc;

use crate::dsp::bank::{self, BankState};
use crate::dsp::gammatone::MAX_BANDS;
use crate::dsp::pyramid::Pyramid;
use crate::dsp::ring::Ring;
use crate::dsp::{LANES, Lanes, MAX_PERIOD_SAMPLES};
use control::{Control, Targets};
use design::{EarDesign, EarModel};
use electric::Electric;
use smearing::Smearing;
use tinnitus::Tinnitus;

/// One value a band, the bank's bands first.
pub type Bands = [f32; MAX_BANDS];

/// Groups of bands that the kernels run.
pub(crate) const GROUPS: usize = MAX_BANDS / LANES;

/// One step of hearing, in place, for one ear.
pub trait Stage: Send {
    /// Samples by which output lags input; fixed after construction.
    fn latency_samples(&self) -> usize;
    /// Forgets everything heard so far. Real-time safe.
    fn reset(&mut self);
    /// `ear`: any length, 0 included, at the rate given on construction. Real-time safe.
    fn process(&mut self, ear: &mut [f32]);
}

/// Where an ear stands between two of its designs, and between them and health.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blend {
    /// Index of the design left.
    pub from: usize,
    /// Index of the design entered.
    pub to: usize,
    /// 0 at `from`, 1 at `to`; thresholds move linearly in dB.
    pub mix: f32,
    /// 0 healthy, 1 all of the loss; thresholds scale in dB.
    pub onset: f32,
    /// Whether tinnitus is heard, from 0 to 1.
    pub tinnitus: f32,
}

impl Blend {
    /// All of one design.
    pub fn of(design: usize) -> Self {
        Self { from: design, to: design, mix: 1.0, onset: 1.0, tinnitus: 1.0 }
    }

    /// How much of design `index` is in force, 0 to 1.
    pub(crate) fn weight(&self, index: usize) -> f32 {
        let mut weight = 0.0;
        if index == self.from {
            weight += 1.0 - self.mix;
        }
        if index == self.to {
            weight += self.mix;
        }
        weight * self.onset
    }
}

/// One channel on its way through the ear.
struct Path {
    /// Amplitude with which the channel enters the ear's own signal.
    weight: f32,
    /// The channel before it is heard, where the ear waits for a slower one.
    waiting: Option<Ring>,
    smearing: Smearing,
    /// The smeared channel.
    past: Pyramid,
    bank: BankState,
    out: [f32; MAX_PERIOD_SAMPLES],
}

/// One ear, hearing one or more channels whose sum it reacts to.
///
/// Works in control periods; [`steady::SteadyEar`] and
/// [`Audition`](crate::audition::Audition) take blocks of any size.
pub struct Ear {
    model: Arc<EarModel>,
    designs: Vec<Arc<EarDesign>>,
    paths: Vec<Path>,
    /// The ear's own signal, unsmeared: what its gains are computed from.
    key: Pyramid,
    key_bank: BankState,
    /// Sum of the smeared channels, kept where there is more than one of them.
    smeared: Option<(Pyramid, BankState)>,
    control: Control,
    tinnitus: Vec<Option<Tinnitus>>,
    /// Implants, where any of the designs has one.
    electric: Option<Electric>,
    /// The tinnitus of the last period, by itself.
    ringing: [f32; MAX_PERIOD_SAMPLES],
    /// Gains at the end of the last periods, the newest at `newest`: levels of the bank need them at
    /// different times.
    targets: Vec<Targets>,
    newest: usize,
}

impl Ear {
    /// An ear that can be in any of `designs` (at least one), hearing one channel for each of
    /// `weights`. `seed` is that of its random parts.
    pub fn new(model: Arc<EarModel>, designs: Vec<Arc<EarDesign>>, weights: &[f32], seed: u64) -> Self {
        let past = || model.signal.past(model.bank.delay_samples);
        let paths = weights
            .iter()
            .map(|weight| Path {
                weight: *weight,
                waiting: (model.patience_samples > 0)
                    .then(|| Ring::new(model.patience_samples, model.bank.period_samples)),
                smearing: Smearing::new(model.bank.sample_rate_hz),
                past: past(),
                bank: model.signal.state(),
                out: [0.0; MAX_PERIOD_SAMPLES],
            })
            .collect();
        let tinnitus = designs
            .iter()
            .enumerate()
            .map(|(index, design)| {
                let rate_hz = model.bank.sample_rate_hz;
                let held = design.tinnitus.filter(|found| tinnitus::is_held(found.sound, found.frequency_hz, rate_hz));
                held.map(|found| Tinnitus::new(found, rate_hz, seed, index as u64))
            })
            .collect();
        Self {
            key: model.key.past(0),
            key_bank: model.key.state(),
            smeared: (weights.len() > 1).then(|| (past(), model.signal.state())),
            control: Control::new(&model),
            tinnitus,
            electric: Electric::new(&model, &designs, seed),
            ringing: [0.0; MAX_PERIOD_SAMPLES],
            targets: vec![Targets::HEALTHY; model.deepest_periods + 2],
            newest: 0,
            paths,
            designs,
            model,
        }
    }

    /// Samples by which output lags input, the caller's gathering of periods aside.
    pub fn latency_samples(&self) -> usize {
        self.model.latency_samples()
    }

    /// Samples from when a condition is given to [`Self::run`] to when it is reached.
    pub fn condition_samples(&self) -> usize {
        (self.model.deepest_periods + 1) * self.model.bank.period_samples
    }

    /// Samples of a control period.
    pub fn period_samples(&self) -> usize {
        self.model.bank.period_samples
    }

    /// Forgets everything heard so far.
    pub fn reset(&mut self) {
        for path in &mut self.paths {
            path.waiting.iter_mut().for_each(Ring::reset);
            path.smearing.reset();
            path.past.reset();
            path.bank.reset();
        }
        self.key.reset();
        self.key_bank.reset();
        if let Some((ring, bank)) = &mut self.smeared {
            ring.reset();
            bank.reset();
        }
        self.control.reset();
        self.electric.iter_mut().for_each(Electric::reset);
        for generator in self.tinnitus.iter_mut().flatten() {
            generator.reset();
        }
        self.targets.fill(Targets::HEALTHY);
        self.newest = 0;
    }

    /// Where one period of channel `channel` is to be written before [`Self::run`].
    pub fn input(&mut self, channel: usize) -> &mut [f32] {
        let period = self.model.bank.period_samples;
        &mut self.paths[channel].out[..period]
    }

    /// Channel `channel` as this ear hears it, after [`Self::run`].
    pub fn output(&self, channel: usize) -> &[f32] {
        &self.paths[channel].out[..self.model.bank.period_samples]
    }

    /// Hears one period, whose output begins at sample `output_samples` of the programme.
    pub fn run(&mut self, blend: Blend, output_samples: u64) {
        let period = self.model.bank.period_samples;
        if let Some(electric) = &mut self.electric {
            electric.hear(&self.designs, blend, self.paths.iter().map(|path| (path.weight, &path.out[..period])));
        }
        for Path { waiting, out, .. } in &mut self.paths {
            if let Some(ring) = waiting {
                ring.push().copy_from_slice(&out[..period]);
                out[..period].copy_from_slice(ring.delayed(self.model.patience_samples));
            }
        }
        let key = self.key.push();
        key.fill(0.0);
        for path in &self.paths {
            for (sum, sample) in key.iter_mut().zip(&path.out) {
                *sum += path.weight * sample;
            }
        }
        self.key.descend();
        let mut unsmeared = [[0.0; LANES]; GROUPS];
        bank::power(&self.model.key, &mut self.key_bank, &self.key, &mut unsmeared);
        self.newest = (self.newest + 1) % self.targets.len();
        let targets = &mut self.targets[self.newest];
        self.control.gains(&self.model, &self.designs, blend, &unsmeared, targets);
        let ago = |periods: usize| &self.targets[(self.newest + self.targets.len() - periods) % self.targets.len()];
        let gains: [[&Lanes; 2]; GROUPS] = std::array::from_fn(|group| {
            let waiting = self.model.waiting_periods[group];
            [waiting + 1, waiting].map(|periods| &ago(periods).over_beside[group])
        });
        let [beside_from, beside_to] =
            [self.model.deepest_periods + 1, self.model.deepest_periods].map(|periods| ago(periods).beside);
        let beside_step = (beside_to - beside_from) / period as f32;
        let mut power: [Lanes; GROUPS] = [[0.0; LANES]; GROUPS];
        for path in &mut self.paths {
            let smeared = path.past.push();
            smeared.copy_from_slice(&path.out[..period]);
            path.smearing.smear(smeared, &self.designs, blend);
            path.past.descend();
            let delayed = path.past.delayed(0, self.model.bank.delay_samples);
            let mut beside = beside_from;
            for (out, sample) in path.out.iter_mut().zip(delayed) {
                *out = beside * sample;
                beside += beside_step;
            }
            let out = &mut path.out[..period];
            bank::synthesise(&self.model.signal, &mut path.bank, &path.past, &gains, out, &mut power);
        }
        if let Some((ring, state)) = &mut self.smeared {
            let sum = ring.push();
            sum.fill(0.0);
            for path in &self.paths {
                for (sum, sample) in sum.iter_mut().zip(path.past.delayed(0, 0)) {
                    *sum += path.weight * sample;
                }
            }
            ring.descend();
            bank::power(&self.model.signal, state, ring, &mut power);
        }
        self.control.smeared(&power);
        if let (Some(electric), Some(first)) = (&self.electric, self.paths.first_mut()) {
            electric.add(&mut first.out[..period]);
        }
        self.ring(blend, output_samples);
    }

    /// The tinnitus that is in the first channel's [`Self::output`]; `None` where this ear never rings.
    pub fn ringing(&self) -> Option<&[f32]> {
        let rings = self.tinnitus.iter().any(Option::is_some);
        rings.then(|| &self.ringing[..self.model.bank.period_samples])
    }

    /// Adds tinnitus to the first channel.
    fn ring(&mut self, blend: Blend, output_samples: u64) {
        let ringing = &mut self.ringing[..self.model.bank.period_samples];
        ringing.fill(0.0);
        for (index, generator) in self.tinnitus.iter_mut().enumerate() {
            if let Some(generator) = generator {
                generator.add(ringing, blend.weight(index) * blend.tinnitus, output_samples);
            }
        }
        if let Some(first) = self.paths.first_mut().filter(|_| self.tinnitus.iter().any(Option::is_some)) {
            for (out, ringing) in first.out.iter_mut().zip(ringing) {
                *out += *ringing;
            }
        }
    }
}
