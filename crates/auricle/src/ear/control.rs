//! Once a control period: from band powers and the ear's condition to the gains of its bands.

use std::sync::Arc;

use multiversion::multiversion;

use super::design::{EarDesign, EarModel};
use super::recruitment::{self, Law, SILENCE};
use super::smearing::share_in_force;
use super::temporal::TemporalSmearing;
use super::{Bands, Blend, GROUPS};
use crate::dsp::gammatone::{MAX_BANDS, SHARE};
use crate::dsp::math::{db_to_amplitude, power_to_db};
use crate::dsp::{Aligned, LANES, Lanes};

/// Averaging of the powers whose ratio restores levels after smearing, seconds.
const RESTORE_SECS: f64 = 0.020;
/// The same while hearing moves, and until what was smeared before is through: a slower mean would still restore
/// what is no longer smeared away.
const RESTORE_MOVING_SECS: f64 = 0.003;
/// Bands on either side over which that ratio is taken: 4 ERB.
const RESTORE_REACH: usize = 8;
/// The ratio's limits, dB: smearing weakens a steady tone by up to 24 dB where filters are widest.
const RESTORE_DB: (f32, f32) = (-3.0, 24.0);
/// Periods between two looks at the ratio: a 20 ms mean hardly moves within 2.7 ms.
pub(super) const RESTORE_EVERY: usize = 4;
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
    law: Law,
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
    /// The last unsmeared powers, each in the period in which the sound that it belongs to is smeared.
    due: Vec<Aligned<Bands>>,
    now: usize,
    unsmeared_mean: Bands,
    smeared_mean: Bands,
    /// Share of a period in the means that levels are restored by, at rest and while the condition moves.
    restore_share: [f32; 2],
    /// Periods for which hearing still counts as moving.
    moving_left: usize,
    /// What it is set to by a movement: until the sound that was smeared before is through.
    moving_periods: usize,
    /// Level restoring in force, dB, and the periods until it is next worked out.
    restoring_db: Bands,
    until_restoring: usize,
}

impl Control {
    pub(super) fn new(model: &EarModel) -> Self {
        let rate = f64::from(model.bank.sample_rate_hz);
        let period_secs = model.bank.period_samples as f64 / rate;
        let longest_ahead = model.ahead_periods.iter().copied().max().unwrap_or(0);
        Self {
            bands: model.bank.bands(),
            condition: None,
            power: [0.0; MAX_BANDS],
            temporal: TemporalSmearing::new(period_secs),
            due: vec![Aligned([0.0; MAX_BANDS]); longest_ahead + RESTORE_LATE + 1],
            now: 0,
            unsmeared_mean: [0.0; MAX_BANDS],
            smeared_mean: [0.0; MAX_BANDS],
            restoring_db: [0.0; MAX_BANDS],
            until_restoring: 0,
            restore_share: [RESTORE_SECS, RESTORE_MOVING_SECS]
                .map(|secs| (1.0 - libm::exp(-period_secs / secs)) as f32),
            moving_left: 0,
            moving_periods: (model.latency_samples() + (5.0 * RESTORE_MOVING_SECS * rate) as usize)
                .div_ceil(model.bank.period_samples),
        }
    }

    pub(super) fn reset(&mut self) {
        self.condition = None;
        self.power = [0.0; MAX_BANDS];
        self.temporal.reset();
        self.due.fill(Aligned([0.0; MAX_BANDS]));
        self.now = 0;
        self.unsmeared_mean = [0.0; MAX_BANDS];
        self.smeared_mean = [0.0; MAX_BANDS];
        self.restoring_db = [0.0; MAX_BANDS];
        self.until_restoring = 0;
        self.moving_left = 0;
    }

    /// The gains at the end of a period whose unsmeared mean squares are `unsmeared`.
    pub(super) fn gains(
        &mut self,
        model: &EarModel,
        designs: &[Arc<EarDesign>],
        blend: Blend,
        unsmeared: &[Lanes; GROUPS],
        targets: &mut Targets,
    ) {
        self.moving_left = self.moving_left.saturating_sub(1);
        if self.condition.as_ref().is_none_or(|condition| condition.blend != blend) {
            if self.condition.is_some() {
                self.moving_left = self.moving_periods;
            }
            self.condition = Some(Condition::of(model, designs, blend));
        }
        self.now = (self.now + 1) % self.due.len();
        let unsmeared = unsmeared.as_flattened();
        for (run, (powers, ahead)) in unsmeared.as_chunks::<SHARE>().0.iter().zip(&model.ahead_periods).enumerate() {
            let then = self.now + ahead + RESTORE_LATE;
            let then = if then < self.due.len() { then } else { then - self.due.len() };
            self.due[then].as_chunks_mut::<SHARE>().0[run] = *powers;
        }
        step(self, unsmeared, model, targets);
    }

    /// Takes note of the mean squares after smearing.
    pub(super) fn smeared(&mut self, power: &[Lanes; GROUPS]) {
        let share = self.restore_share[usize::from(self.moving_left > 0)];
        average(&mut self.smeared_mean, power.as_flattened(), share);
    }
}

impl Condition {
    fn of(model: &EarModel, designs: &[Arc<EarDesign>], blend: Blend) -> Self {
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
            law: Law::new(
                &model.recruitment,
                &bands(|design| &design.threshold_db_hl),
                &bands(|design| &design.conductive_db),
            ),
            any_dead: dead.iter().any(|d| *d > 0.0),
            dead,
            deaf: between(from.deaf, to.deaf),
            // Some smearing needs all of the restoring; only its very onset is faded in.
            smearing: (8.0 * total * share_in_force(total)).min(1.0),
            temporal_ms: between(from.temporal_smearing_ms, to.temporal_smearing_ms),
        }
    }
}

/// All of a period's arithmetic on bands, in one function so that it is compiled for wide registers as a whole.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn step(control: &mut Control, unsmeared: &[f32], model: &EarModel, targets: &mut Targets) {
    let Control { condition, power, temporal, due, now, unsmeared_mean, smeared_mean, .. } = control;
    let Some(condition) = condition else { return };
    for ((power, unsmeared), share) in power.iter_mut().zip(unsmeared).zip(&model.smoothing) {
        *power = averaged(*power, *unsmeared, *share);
    }
    // Kept up whether needed or not: smearing may begin at any moment.
    let share = control.restore_share[usize::from(control.moving_left > 0)];
    for (mean, due) in unsmeared_mean.iter_mut().zip(&*due[*now]) {
        *mean = averaged(*mean, *due, share);
    }
    let mut gains = [0.0; MAX_BANDS];
    recruitment::gains_db(&condition.law, power, &mut gains);
    if condition.smearing > 0.0 {
        if control.until_restoring == 0 || control.moving_left > 0 {
            control.until_restoring = RESTORE_EVERY;
            restoring_inline(unsmeared_mean, smeared_mean, &mut control.restoring_db);
        }
        control.until_restoring -= 1;
        for (gain, restoring) in gains.iter_mut().zip(&control.restoring_db) {
            *gain += condition.smearing * restoring;
        }
    }
    temporal.add_gains(power, condition.temporal_ms, &mut gains);
    let deaf_db = -FADE_OUT_DB * condition.deaf;
    for (gain, dead) in gains.iter_mut().zip(&condition.dead) {
        // None comes out as exactly none: a healthy ear is a pure delay.
        *gain = db_to_amplitude(*gain - FADE_OUT_DB * dead + deaf_db);
    }
    if condition.any_dead {
        for (gain, dead) in gains.iter_mut().zip(&condition.dead) {
            *gain = if *dead >= SILENT_FROM { 0.0 } else { *gain };
        }
    }
    if condition.deaf >= SILENT_FROM {
        gains = [0.0; MAX_BANDS];
    }
    split(&mut gains, control.bands, targets);
}

/// A running mean after one more value, which enters by its share; kept clear of denormal numbers.
#[inline(always)]
fn averaged(mean: f32, value: f32, share: f32) -> f32 {
    let moved = mean + share * (value - mean);
    if moved < SILENCE * 1e-6 { 0.0 } else { moved }
}

/// [`averaged`] for all bands.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn average(means: &mut Bands, values: &[f32], share: f32) {
    for (mean, value) in means.iter_mut().zip(values) {
        *mean = averaged(*mean, *value, share);
    }
}

/// The gains that bring smeared bands back to the level they had: a short-time smear that keeps phases
/// weakens a steady tone without spreading all of it.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub(super) fn restoring_db(unsmeared: &Bands, smeared: &Bands, restoring: &mut Bands) {
    restoring_inline(unsmeared, smeared, restoring);
}

#[inline(always)]
fn restoring_inline(unsmeared: &Bands, smeared: &Bands, restoring: &mut Bands) {
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

/// Splits the gains of the bank's `bands` into the least, which passes beside, and what each is over it.
#[inline(always)]
fn split(gains: &mut Bands, bands: usize, targets: &mut Targets) {
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
    for (over, gain) in targets.over_beside.as_flattened_mut().iter_mut().zip(gains.iter()) {
        *over = gain - beside;
    }
    targets.beside = beside;
}
