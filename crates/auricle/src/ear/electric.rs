//! Electric hearing: what an implant adds to what the ear hears acoustically.
//!
//! The ear's own signal goes through the renderers of its designs' implants; what they make of it is delayed until
//! it meets the acoustic part of the same moment, and added to the ear's first channel.

use std::sync::Arc;

use super::design::{EarDesign, EarModel};
use super::{Blend, Stage};
use crate::dsp::MAX_PERIOD_SAMPLES;
use crate::dsp::ring::Ring;
use crate::implant::information::Information;
use crate::implant::params::{Implant, Sound};
use crate::implant::percept::{Percept, PerceptControls};
use crate::level::Calibration;
use crate::listener::{DeadRegion, EarFindings};

/// Time in which a processor that is switched on comes to its full level, seconds.
///
/// A guess at what is kind: clinics bring the volume up by hand.
const SWITCH_ON_SECS: f64 = 0.25;

/// Told apart from the other random parts of an ear.
const SEED: u64 = 0xe1ec_0000;

/// The implant of an ear in one state.
#[derive(Debug, Clone)]
pub struct ElectricDesign {
    implant: Implant,
    dead: Vec<DeadRegion>,
    calibration: Calibration,
    /// Controls of the percept; `None` for the information renderer.
    percept: Option<PerceptControls>,
}

impl ElectricDesign {
    /// The implant of an ear; `None` where it has none, or one that is switched off or cannot be built, which is
    /// silent. [`Implant::check`] says beforehand what cannot be built and why.
    pub fn new(findings: &EarFindings, calibration: Calibration) -> Option<Self> {
        let implant = findings.implant.as_ref().filter(|implant| implant.on && implant.check().is_ok())?;
        let percept = match implant.sound {
            Sound::Percept => Some(PerceptControls::of(&implant.percept().ok()?)),
            Sound::Information { .. } => None,
        };
        Some(Self { implant: implant.clone(), dead: findings.dead.clone(), calibration, percept })
    }

    /// On the way from `from` (`mix` 0) to `to` (1): percepts in between, else the nearer one's.
    pub(super) fn between(from: Option<&Self>, to: Option<&Self>, mix: f32) -> Option<Self> {
        let nearer = if mix < 0.5 { from } else { to };
        let mut electric = nearer.cloned()?;
        if let (Some(from), Some(to)) = (from.and_then(|e| e.percept), to.and_then(|e| e.percept)) {
            electric.percept = Some(PerceptControls::between(&from, &to, f64::from(mix)));
        }
        Some(electric)
    }

    /// The renderer and its latency in samples, at a sample rate.
    fn renderer(&self, sample_rate_hz: u32, seed: u64) -> Option<(Renderer, usize)> {
        if self.percept.is_some() {
            let percept = Percept::new(sample_rate_hz);
            let latency = percept.latency_samples();
            return Some((Renderer::Percept(Box::new(percept)), latency));
        }
        let information = Information::new(&self.implant, &self.dead, sample_rate_hz, self.calibration, seed).ok()?;
        let latency = information.latency_samples();
        Some((Renderer::Information(Box::new(information)), latency))
    }

    /// Samples by which what is rendered lags the sound at a sample rate, the implant's own delay aside.
    pub fn latency_samples(&self, sample_rate_hz: u32) -> usize {
        self.renderer(sample_rate_hz, 0).map_or(0, |(_, latency)| latency)
    }

    /// Whether two states are heard through the same running renderer: all percepts are, each with its controls.
    fn shares_renderer(&self, other: &Self) -> bool {
        if self.percept.is_some() || other.percept.is_some() {
            let both = self.percept.is_some() && other.percept.is_some();
            return both && self.implant.delay_ms == other.implant.delay_ms;
        }
        let ageless = |of: &Self| Implant { months_since_activation: 0.0, individual: 0, ..of.implant.clone() };
        ageless(self) == ageless(other) && self.dead == other.dead
    }
}

/// One renderer at work.
struct Chain {
    /// Designs that are heard through it.
    designs: Vec<usize>,
    renderer: Renderer,
    /// What it made, until the acoustic part is ready.
    past: Ring,
    wait_samples: usize,
    running: bool,
    gain: f32,
    target: f32,
}

enum Renderer {
    Percept(Box<Percept>),
    Information(Box<Information>),
}

/// The implants of one ear.
pub(super) struct Electric {
    chains: Vec<Chain>,
    /// The ear's own signal, and what is heard of it electrically.
    sound: [f32; MAX_PERIOD_SAMPLES],
    heard: [f32; MAX_PERIOD_SAMPLES],
    period: usize,
    /// Highest sum of gains that is let through yet: rises slowly, so that switching on does not startle.
    allowed: f32,
    rise: f32,
    fresh: bool,
}

impl Electric {
    /// The implants of `designs`; `None` where there are none.
    pub(super) fn new(model: &EarModel, designs: &[Arc<EarDesign>], seed: u64) -> Option<Self> {
        let rate = model.bank.sample_rate_hz;
        let period = model.bank.period_samples;
        let mut chains: Vec<(&ElectricDesign, Vec<usize>)> = Vec::new();
        for (index, design) in designs.iter().enumerate() {
            let Some(electric) = &design.electric else { continue };
            match chains.iter_mut().find(|(known, _)| known.shares_renderer(electric)) {
                Some((_, sharing)) => sharing.push(index),
                None => chains.push((electric, vec![index])),
            }
        }
        if chains.is_empty() {
            return None;
        }
        let chains = chains
            .into_iter()
            .enumerate()
            .filter_map(|(number, (electric, designs))| {
                let (renderer, latency) = electric.renderer(rate, seed ^ SEED ^ number as u64)?;
                debug_assert!(latency <= model.latency_samples(), "the model was not told of this implant's latency");
                let delay = (electric.implant.delay_ms * 1e-3 * f64::from(rate)).round() as usize;
                let wait_samples = model.latency_samples().saturating_sub(latency) + delay;
                let past = Ring::new(wait_samples, period);
                Some(Chain { designs, renderer, past, wait_samples, running: false, gain: 0.0, target: 0.0 })
            })
            .collect();
        let rise = (period as f64 / (SWITCH_ON_SECS * f64::from(rate))) as f32;
        Some(Self {
            chains,
            sound: [0.0; MAX_PERIOD_SAMPLES],
            heard: [0.0; MAX_PERIOD_SAMPLES],
            period,
            allowed: 0.0,
            rise,
            fresh: true,
        })
    }

    pub(super) fn reset(&mut self) {
        self.chains.iter_mut().for_each(Chain::reset);
        self.heard = [0.0; MAX_PERIOD_SAMPLES];
        self.allowed = 0.0;
        self.fresh = true;
    }

    /// Takes one period of the ear's own signal; `blend` is the condition at the end of the period that comes out.
    ///
    /// `channels` are the ear's channels with their weights in its own signal.
    pub(super) fn hear<'a>(
        &mut self,
        designs: &[Arc<EarDesign>],
        blend: Blend,
        channels: impl Iterator<Item = (f32, &'a [f32])>,
    ) {
        self.sound[..self.period].fill(0.0);
        for (weight, channel) in channels {
            for (sum, sample) in self.sound.iter_mut().zip(channel) {
                *sum += weight * sample;
            }
        }
        for chain in &mut self.chains {
            chain.target = chain.designs.iter().map(|design| blend.weight(*design)).sum();
        }
        let wanted: f32 = self.chains.iter().map(|chain| chain.target).sum();
        // Who is inside from the first moment hears it as it is.
        self.allowed = if self.fresh { wanted } else { wanted.min(self.allowed + self.rise) };
        let share = if wanted > 0.0 { self.allowed / wanted } else { 0.0 };
        for chain in &mut self.chains {
            chain.target *= share;
            if self.fresh {
                chain.gain = chain.target;
            }
            chain.hear(designs, blend, &self.sound[..self.period]);
        }
        self.fresh = false;
        self.heard[..self.period].fill(0.0);
        for chain in &mut self.chains {
            chain.add(&mut self.heard[..self.period]);
        }
    }

    /// Adds what is heard of the period that comes out.
    pub(super) fn add(&self, out: &mut [f32]) {
        for (sample, heard) in out.iter_mut().zip(&self.heard) {
            *sample += heard;
        }
    }
}

impl Chain {
    fn reset(&mut self) {
        match &mut self.renderer {
            Renderer::Percept(percept) => percept.reset(),
            Renderer::Information(information) => information.reset(),
        }
        self.past.reset();
        self.running = false;
        self.gain = 0.0;
        self.target = 0.0;
    }

    /// Renders one period, if any of the designs is in force.
    fn hear(&mut self, designs: &[Arc<EarDesign>], blend: Blend, sound: &[f32]) {
        let silent = self.gain == 0.0 && self.target == 0.0;
        if silent {
            if self.running {
                self.reset();
            }
            return;
        }
        self.running = true;
        let made = self.past.push();
        made.copy_from_slice(sound);
        match &mut self.renderer {
            Renderer::Information(information) => information.process(made),
            Renderer::Percept(percept) => percept.process(&controls(&self.designs, designs, blend), made),
        }
    }

    fn add(&mut self, out: &mut [f32]) {
        if !self.running {
            return;
        }
        let step = (self.target - self.gain) / out.len() as f32;
        let mut gain = self.gain;
        for (sample, made) in out.iter_mut().zip(self.past.delayed(self.wait_samples)) {
            gain += step;
            *sample += gain * made;
        }
        self.gain = self.target;
    }
}

/// Controls of the percept where `blend` stands: those of the designs in force, by their weight.
fn controls(sharing: &[usize], designs: &[Arc<EarDesign>], blend: Blend) -> PerceptControls {
    let of = |index: usize| {
        let electric = designs.get(index).and_then(|design| design.electric.as_ref());
        electric.and_then(|electric| electric.percept).filter(|_| sharing.contains(&index))
    };
    match (of(blend.from), of(blend.to)) {
        (Some(from), Some(to)) => PerceptControls::between(&from, &to, f64::from(blend.mix)),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => PerceptControls::CLEAR,
    }
}
