//! Once a control period: from band powers and the ear's condition to the gains of its bands.

use std::sync::Arc;

use multiversion::multiversion;

use super::design::{EarDesign, EarModel};
use super::recruitment::{self, SILENCE};
use super::smearing::share_in_force;
use super::temporal::TemporalSmearing;
use super::{Bands, Blend, GROUPS};
use crate::dsp::gammatone::{MAX_BANDS, SHARE};
use crate::dsp::math::{db_to_amplitude, power_to_db};
use crate::dsp::{LANES, Lanes};

/// Averaging of the powers whose ratio restores levels after smearing, seconds.
const RESTORE_SECS: f64 = 0.020;
/// The same while hearing moves: a slower mean would still restore what is no longer smeared away.
const RESTORE_MOVING_SECS: f64 = 0.003;
/// Bands on either side over which that ratio is taken: 4 ERB.
const RESTORE_REACH: usize = 8;
/// The ratio's limits, dB: smearing weakens a steady tone by up to 24 dB where filters are widest.
const RESTORE_DB: (f32, f32) = (-3.0, 24.0);
/// Periods between two looks at the ratio: a 20 ms mean hardly moves within 1.3 ms.
const RESTORE_EVERY: usize = 4;
/// Periods by which the unsmeared power is looked at later than it belongs to the smeared one: an onset
/// must never be divided by the silence before it.
const RESTORE_LATE: usize = 2;
/// How far below the loss itself a dead or deaf place is while it fades, dB.
const FADE_OUT_DB: f32 = 100.0;
/// A place is silent from here on.
const SILENT_FROM: f32 = 0.999;

/// Gains for the end of a period, linear.
#[derive(Debug, Clone)]
pub(super) struct Targets {
    /// Gain of the sound that passes beside the bank: the least of all bands'.
    pub beside: f32,
    /// Each band's gain less `beside`.
    pub over_beside: [Lanes; GROUPS],
}

impl Targets {
    /// Those of an ear that passes everything.
    pub(super) const HEALTHY: Self = Self { beside: 1.0, over_beside: [[0.0; LANES]; GROUPS] };
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
    history: Vec<Bands>,
    newest: usize,
    unsmeared_mean: Bands,
    smeared_mean: Bands,
    /// Share of a period in the means that levels are restored by, at rest and while the condition moves.
    restore_share: [f32; 2],
    moving: bool,
    /// Level restoring in force, dB, and the periods until it is next worked out.
    restoring_db: Bands,
    until_restoring: usize,
}

impl Control {
    pub(super) fn new(model: &EarModel) -> Self {
        let period_secs = model.bank.period_samples as f64 / f64::from(model.bank.sample_rate_hz);
        let longest_ahead = model.ahead_periods.iter().copied().max().unwrap_or(0);
        Self {
            bands: model.bank.bands(),
            condition: None,
            power: [0.0; MAX_BANDS],
            temporal: TemporalSmearing::new(period_secs),
            history: vec![[0.0; MAX_BANDS]; longest_ahead + RESTORE_LATE + 1],
            newest: 0,
            unsmeared_mean: [0.0; MAX_BANDS],
            smeared_mean: [0.0; MAX_BANDS],
            restoring_db: [0.0; MAX_BANDS],
            until_restoring: 0,
            restore_share: [RESTORE_SECS, RESTORE_MOVING_SECS]
                .map(|secs| (1.0 - libm::exp(-period_secs / secs)) as f32),
            moving: false,
        }
    }

    pub(super) fn reset(&mut self) {
        self.condition = None;
        self.power = [0.0; MAX_BANDS];
        self.temporal.reset();
        self.history.fill([0.0; MAX_BANDS]);
        self.newest = 0;
        self.unsmeared_mean = [0.0; MAX_BANDS];
        self.smeared_mean = [0.0; MAX_BANDS];
        self.restoring_db = [0.0; MAX_BANDS];
        self.until_restoring = 0;
        self.moving = false;
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
        self.history[self.newest].copy_from_slice(unsmeared.as_flattened());
        let mut then = [0.0; MAX_BANDS];
        for (group, (slots, ahead)) in then.chunks_exact_mut(SHARE).zip(&model.ahead_periods).enumerate() {
            let at = (self.newest + self.history.len() - ahead - RESTORE_LATE) % self.history.len();
            slots.copy_from_slice(&self.history[at][group * SHARE..(group + 1) * SHARE]);
        }
        average(&mut self.power, &self.history[self.newest], &model.smoothing);
        if self.condition.as_ref().is_none_or(|condition| condition.blend != blend) {
            self.moving = self.condition.is_some();
            self.condition = Some(Condition::of(designs, blend));
        } else {
            self.moving = false;
        }
        let share = self.restore_share[usize::from(self.moving)];
        average(&mut self.unsmeared_mean, &then, &[share; MAX_BANDS]);
        let Some(condition) = &self.condition else {
            return Targets::HEALTHY;
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
            if self.until_restoring == 0 || self.moving {
                self.until_restoring = RESTORE_EVERY;
                restoring_db(&self.unsmeared_mean, &self.smeared_mean, &mut self.restoring_db);
            }
            self.until_restoring = self.until_restoring.saturating_sub(1);
            for (gain, restoring) in gains.iter_mut().zip(&self.restoring_db) {
                *gain += condition.smearing * restoring;
            }
        }
        self.temporal.add_gains(&self.power, condition.temporal_ms, &mut gains);
        linear(&gains, condition, self.bands)
    }

    /// Takes note of the mean squares after smearing.
    pub(super) fn smeared(&mut self, power: &[Lanes; GROUPS]) {
        let mut flat = [0.0; MAX_BANDS];
        flat.copy_from_slice(power.as_flattened());
        let share = self.restore_share[usize::from(self.moving)];
        average(&mut self.smeared_mean, &flat, &[share; MAX_BANDS]);
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
        let total = between(smeared(from), smeared(to));
        Self {
            blend,
            threshold_db_hl: bands(|design| &design.threshold_db_hl),
            conductive_db: bands(|design| &design.conductive_db),
            any_dead: dead.iter().any(|d| *d > 0.0),
            dead,
            deaf: between(from.deaf, to.deaf),
            // Some smearing needs all of the restoring; only its very onset is faded in.
            smearing: (8.0 * total * share_in_force(total)).min(1.0),
            temporal_ms: between(from.temporal_smearing_ms, to.temporal_smearing_ms),
        }
    }
}

/// One step of running means of `values`, each new value entering by its share; kept clear of denormal
/// numbers.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn average(means: &mut Bands, values: &Bands, shares: &Bands) {
    for ((mean, value), share) in means.iter_mut().zip(values).zip(shares) {
        let moved = *mean + share * (value - *mean);
        *mean = if moved < SILENCE * 1e-6 { 0.0 } else { moved };
    }
}

/// The gains that bring smeared bands back to the level they had: a short-time smear that keeps phases
/// weakens a steady tone without spreading all of it.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub(super) fn restoring_db(unsmeared: &Bands, smeared: &Bands, restoring: &mut Bands) {
    let (before, after) = (sums_nearby(unsmeared), sums_nearby(smeared));
    for k in 0..MAX_BANDS {
        let ratio_db = power_to_db((before[k] + SILENCE) / (after[k] + SILENCE));
        restoring[k] = ratio_db.clamp(RESTORE_DB.0, RESTORE_DB.1);
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

/// The least gain of the bank's `bands`, which it returns, and what each is over it.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn split(gains: &mut Bands, bands: usize, over: &mut [f32]) -> f32 {
    // Bands that the rate has no room for follow the last one and so never are the least alone.
    let last = gains[bands.saturating_sub(1)];
    gains[bands..].fill(last);
    let mut least = [f32::INFINITY; LANES];
    for group in gains.chunks_exact(LANES) {
        for (least, gain) in least.iter_mut().zip(group) {
            *least = if *gain < *least { *gain } else { *least };
        }
    }
    let beside = least.iter().copied().fold(f32::INFINITY, f32::min);
    for (over, gain) in over.iter_mut().zip(gains.iter()) {
        *over = gain - beside;
    }
    beside
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
    let mut over_beside = [[0.0; LANES]; GROUPS];
    let beside = split(&mut gains, bands, over_beside.as_flattened_mut());
    Targets { beside, over_beside }
}
