//! Once a control period: from band powers and the ear's condition to the gains of its bands.

use std::sync::Arc;

use multiversion::multiversion;

use super::design::{EarDesign, EarModel};
use super::recruitment::{self, SILENCE};
use super::temporal::TemporalSmearing;
use super::{Bands, Blend, GROUPS};
use crate::dsp::gammatone::MAX_BANDS;
use crate::dsp::math::{db_to_amplitude, power_to_db};
use crate::dsp::{LANES, Lanes};

/// Averaging of the powers whose ratio restores levels after smearing, seconds.
const RESTORE_SECS: f64 = 0.020;
/// Bands on either side over which that ratio is taken: 4 ERB.
const RESTORE_REACH: usize = 8;
/// The ratio's limits, dB: smearing weakens a steady tone by up to 24 dB where filters are widest.
const RESTORE_DB: (f32, f32) = (-3.0, 24.0);
/// Longest time by which the key can run ahead, in periods.
const MAX_AHEAD: usize = 8;
/// How far below the loss itself a dead or deaf place is while it fades, dB.
const FADE_OUT_DB: f32 = 100.0;
/// A place is silent from here on.
const SILENT_FROM: f32 = 0.999;

/// Gains for the end of a period, linear.
pub(super) struct Targets {
    /// Gain of the sound that passes beside the bank: the least of all bands'.
    pub beside: f32,
    /// Each band's gain less `beside`.
    pub over_beside: [Lanes; GROUPS],
}

/// The condition an ear is in: two designs blended.
struct Condition {
    blend: Blend,
    threshold_db_hl: Bands,
    conductive_db: Bands,
    /// 0 alive, 1 dead.
    dead: Bands,
    any_dead: bool,
    deaf: f32,
    smearing: f32,
    temporal_ms: f32,
}

/// State of the control side of an ear.
pub(super) struct Control {
    bands: usize,
    condition: Option<Condition>,
    power: Bands,
    temporal: TemporalSmearing,
    /// The last unsmeared powers, for those that belong to the sound now being smeared.
    history: [Bands; MAX_AHEAD + 1],
    newest: usize,
    unsmeared_mean: Bands,
    smeared_mean: Bands,
    restore_share: f32,
}

impl Control {
    pub(super) fn new(model: &EarModel) -> Self {
        let period_secs = model.bank.period_samples as f64 / f64::from(model.bank.sample_rate_hz);
        Self {
            bands: model.bank.bands(),
            condition: None,
            power: [0.0; MAX_BANDS],
            temporal: TemporalSmearing::new(period_secs),
            history: [[0.0; MAX_BANDS]; MAX_AHEAD + 1],
            newest: 0,
            unsmeared_mean: [0.0; MAX_BANDS],
            smeared_mean: [0.0; MAX_BANDS],
            restore_share: (1.0 - libm::exp(-period_secs / RESTORE_SECS)) as f32,
        }
    }

    pub(super) fn reset(&mut self) {
        self.condition = None;
        self.power = [0.0; MAX_BANDS];
        self.temporal.reset();
        self.history = [[0.0; MAX_BANDS]; MAX_AHEAD + 1];
        self.newest = 0;
        self.unsmeared_mean = [0.0; MAX_BANDS];
        self.smeared_mean = [0.0; MAX_BANDS];
    }

    /// The gains at the end of a period whose unsmeared mean squares are `unsmeared`.
    pub(super) fn gains(
        &mut self,
        model: &EarModel,
        designs: &[Arc<EarDesign>],
        blend: Blend,
        unsmeared: &[Lanes; GROUPS],
    ) -> Targets {
        self.newest = (self.newest + 1) % self.history.len();
        let now = &mut self.history[self.newest];
        for (k, slot) in now.iter_mut().enumerate() {
            *slot = unsmeared[k / LANES][k % LANES];
        }
        for ((power, now), share) in self.power.iter_mut().zip(&*now).zip(&model.smoothing) {
            *power += share * (now - *power);
            // Far below silence, long before the decay reaches denormal numbers.
            if *power < SILENCE * 1e-6 {
                *power = 0.0;
            }
        }
        // The smeared mean ends a period ago. Were the other a period newer, each onset would look as if
        // smearing had swallowed it, and be made up to RESTORE_DB louder.
        let ahead = (model.ahead_periods + 1).min(MAX_AHEAD);
        let then = (self.newest + self.history.len() - ahead) % self.history.len();
        average(&mut self.unsmeared_mean, &self.history[then], self.restore_share);

        if self.condition.as_ref().is_none_or(|condition| condition.blend != blend) {
            self.condition = Some(Condition::of(designs, blend));
        }
        let Some(condition) = &self.condition else {
            return Targets { beside: 1.0, over_beside: [[0.0; LANES]; GROUPS] };
        };
        let mut gains = [0.0; MAX_BANDS];
        recruitment::gains_db(
            &model.recruitment,
            &self.power,
            &condition.threshold_db_hl,
            &condition.conductive_db,
            &mut gains,
        );
        if condition.smearing > 0.0 {
            restore(&mut gains, &self.unsmeared_mean, &self.smeared_mean, condition.smearing);
        }
        self.temporal.add_gains(&self.power, condition.temporal_ms, &mut gains);
        linear(&gains, condition, self.bands)
    }

    /// Takes note of the mean squares after smearing.
    pub(super) fn smeared(&mut self, power: &[Lanes; GROUPS]) {
        let mut flat = [0.0; MAX_BANDS];
        for (k, slot) in flat.iter_mut().enumerate() {
            *slot = power[k / LANES][k % LANES];
        }
        average(&mut self.smeared_mean, &flat, self.restore_share);
    }
}

impl Condition {
    fn of(designs: &[Arc<EarDesign>], blend: Blend) -> Self {
        let (from, to) = (&designs[blend.from], &designs[blend.to]);
        let between = |a: f32, b: f32| blend.onset * (a + blend.mix * (b - a));
        let bands = |pick: fn(&EarDesign) -> &Bands| -> Bands {
            let (a, b) = (pick(from), pick(to));
            std::array::from_fn(|k| between(a[k], b[k]))
        };
        let dead = bands(|design| &design.dead);
        let smeared = |design: &EarDesign| f32::from(u8::from(design.smear.is_some()));
        Self {
            blend,
            threshold_db_hl: bands(|design| &design.threshold_db_hl),
            conductive_db: bands(|design| &design.conductive_db),
            any_dead: dead.iter().any(|d| *d > 0.0),
            dead,
            deaf: between(from.deaf, to.deaf),
            // Some smearing needs all of the restoring; only its very onset is faded in.
            smearing: (8.0 * between(smeared(from), smeared(to))).min(1.0),
            temporal_ms: between(from.temporal_smearing_ms, to.temporal_smearing_ms),
        }
    }
}

/// One step of a running mean of `values`, kept clear of denormal numbers.
fn average(mean: &mut Bands, values: &Bands, share: f32) {
    for k in 0..MAX_BANDS {
        mean[k] += share * (values[k] - mean[k]);
        if mean[k] < SILENCE * 1e-6 {
            mean[k] = 0.0;
        }
    }
}

/// Adds the gains that bring smeared bands back to the level they had: a short-time smear that keeps
/// phases weakens a steady tone without spreading all of it.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn restore(gains: &mut Bands, unsmeared: &Bands, smeared: &Bands, amount: f32) {
    let (before, after) = (sums_nearby(unsmeared), sums_nearby(smeared));
    for k in 0..MAX_BANDS {
        let ratio_db = power_to_db((before[k] + SILENCE) / (after[k] + SILENCE));
        gains[k] += amount * ratio_db.clamp(RESTORE_DB.0, RESTORE_DB.1);
    }
}

/// Sum over each band and [`RESTORE_REACH`] bands on either side.
#[inline(always)]
fn sums_nearby(values: &Bands) -> Bands {
    const PADDED: usize = MAX_BANDS + 2 * RESTORE_REACH;
    let mut sums = [0.0_f32; PADDED];
    sums[RESTORE_REACH..RESTORE_REACH + MAX_BANDS].copy_from_slice(values);
    let single = sums;
    // Sums of 2, 4, 8 and 16 neighbours by doubling; the seventeenth is added at the end.
    for width in [1, 2, 4, 8] {
        let half = sums;
        for k in 0..PADDED - width {
            sums[k] = half[k] + half[k + width];
        }
    }
    let mut nearby = [0.0; MAX_BANDS];
    for k in 0..MAX_BANDS {
        nearby[k] = sums[k] + single[k + 2 * RESTORE_REACH];
    }
    nearby
}

/// Gains in dB to linear ones; none to exactly none, for a healthy ear is a pure delay.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn amplitudes(gains_db: &Bands, dead: &Bands, deaf_db: f32, gains: &mut Bands) {
    for k in 0..MAX_BANDS {
        gains[k] = db_to_amplitude(gains_db[k] - FADE_OUT_DB * dead[k] + deaf_db);
    }
}

/// Gains in dB to linear ones, split into what passes beside the bank and what goes through it.
fn linear(gains_db: &Bands, condition: &Condition, bands: usize) -> Targets {
    let mut gains = [0.0; MAX_BANDS];
    amplitudes(gains_db, &condition.dead, -FADE_OUT_DB * condition.deaf, &mut gains);
    if condition.any_dead {
        for (gain, dead) in gains.iter_mut().zip(&condition.dead) {
            if *dead >= SILENT_FROM {
                *gain = 0.0;
            }
        }
    }
    if condition.deaf >= SILENT_FROM {
        gains = [0.0; MAX_BANDS];
    }
    let beside = gains[..bands].iter().copied().fold(f32::INFINITY, f32::min);
    let mut over_beside = [[0.0; LANES]; GROUPS];
    for (k, gain) in gains[..bands].iter().enumerate() {
        over_beside[k / LANES][k % LANES] = gain - beside;
    }
    Targets { beside, over_beside }
}
