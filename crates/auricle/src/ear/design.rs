//! From findings to coefficients: one ear in one state, at one sample rate.

use super::control::RESTORE_EVERY;
use super::electric::ElectricDesign;
use super::recruitment::RecruitmentCoeffs;
use super::smearing::{self, SmearMatrix};
use super::steady_tone::SteadyTone;
use super::tinnitus::TinnitusParams;
use super::{Bands, GROUPS, calibration, conduction, dead_region, filters};
use crate::audiogram::{self, Audiogram};
use crate::dsp::LANES;
use crate::dsp::bank::BankCoeffs;
use crate::dsp::gammatone::{Gammatone, MAX_BANDS, SHARE};
use crate::dsp::stft;
use crate::level::Calibration;
use crate::listener::{self, EarFindings};

/// What all ears at one sample rate and calibration share.
#[derive(Debug)]
pub struct EarModel {
    /// The bank's design.
    pub bank: Gammatone,
    /// What digital levels stand for.
    pub calibration: Calibration,
    /// The bank that the sound itself takes.
    pub(crate) signal: BankCoeffs,
    /// The bank that levels are read from: delayed less, so that gains meet the sound they belong to.
    pub(crate) key: BankCoeffs,
    /// Pooling and law.
    pub(crate) recruitment: RecruitmentCoeffs,
    /// A tone at each band's centre.
    pub(crate) tones: Vec<SteadyTone>,
    /// Share of a period's power that enters the smoothed power of each band.
    pub(crate) smoothing: Bands,
    /// Periods by which the key runs ahead of the sound, for each run of [`SHARE`] bands.
    pub(crate) ahead_periods: [usize; MAX_BANDS / SHARE],
    /// Periods that each group's gains wait, so that they come out with those of the slowest level.
    pub(crate) waiting_periods: [usize; GROUPS],
    /// Periods that the gain of what passes beside the bank waits: the most that any does.
    pub(crate) deepest_periods: usize,
    frame_samples: usize,
    /// Samples that acoustic hearing waits before it begins, so that slower hearing beside it can keep up.
    pub(crate) patience_samples: usize,
}

/// Shortest averaging of a band's power, seconds.
const SHORTEST_SECS: f64 = 0.001;
/// Averaging in periods of the band's own bandwidth: below about 0.2 the power of a tone ripples.
const AVERAGING_BANDWIDTHS: f64 = 0.2;

impl EarModel {
    /// The shared part for `sample_rate_hz` (8,000 to 192,000).
    pub fn new(sample_rate_hz: u32, calibration: Calibration) -> Self {
        let bank = Gammatone::design(sample_rate_hz);
        let frame = stft::frame_samples(sample_rate_hz);
        let period = bank.period_samples as f64;
        let mut smoothing = [1.0; MAX_BANDS];
        let mut lag_samples = Vec::with_capacity(bank.bands());
        for (k, hz) in bank.centre_hz.iter().enumerate() {
            let tau_secs = SHORTEST_SECS.max(AVERAGING_BANDWIDTHS / crate::dsp::erb::bandwidth_hz(*hz));
            let tau_samples = tau_secs * f64::from(sample_rate_hz);
            let share = 1.0 - libm::exp(-period / tau_samples);
            smoothing[k] = share as f32;
            // The one-pole's own lag, and half a period for the mean over a period and the ramp.
            lag_samples.push((1.0 / share - 1.0) * period + 0.5 * period);
        }
        // A gain also waits until the slowest level's way up is over, so that all bands move at once.
        let deepest = bank.level_delay_periods(bank.levels() - 1);
        let waiting_periods: [usize; GROUPS] = std::array::from_fn(|group| {
            bank.level.get(group).map_or(0, |level| deepest - bank.level_delay_periods(*level))
        });
        let lag = |group: usize| {
            let bands = &lag_samples[group * SHARE..((group + 1) * SHARE).min(lag_samples.len())];
            let mean = (bands.iter().sum::<f64>() / bands.len() as f64).round() as usize;
            mean + waiting_periods[group * SHARE / LANES] * bank.period_samples
        };
        let mut ahead_periods = [0; MAX_BANDS / SHARE];
        for (group, slot) in ahead_periods.iter_mut().enumerate().take(lag_samples.len().div_ceil(SHARE)) {
            *slot = lag(group).min(frame).div_ceil(bank.period_samples);
        }
        let mut to_db_hl = [0.0; MAX_BANDS];
        let mut tones = Vec::with_capacity(bank.bands());
        for (slot, hz) in to_db_hl.iter_mut().zip(&bank.centre_hz) {
            let level_db_hl = calibration.db_fs_to_db_hl(0.0, *hz);
            tones.push(SteadyTone::new(&bank, *hz, level_db_hl));
            *slot = level_db_hl as f32;
        }
        Self {
            signal: BankCoeffs::new(&bank, |_| 0),
            key: BankCoeffs::new(&bank, |group| frame.saturating_sub(lag(group))),
            recruitment: RecruitmentCoeffs::new(to_db_hl, tones.iter().map(SteadyTone::power)),
            tones,
            smoothing,
            ahead_periods,
            waiting_periods,
            deepest_periods: deepest,
            frame_samples: frame,
            patience_samples: 0,
            bank,
            calibration,
        }
    }

    /// Tones at the frequencies that an audiogram states, as far as they lie between the bank's bands.
    pub(crate) fn tones_at(&self, air: &Audiogram) -> Vec<SteadyTone> {
        let centres = &self.bank.centre_hz;
        let inside = |hz: &f64| centres.first() <= Some(hz) && Some(hz) < centres.last();
        let tone = |hz: f64| SteadyTone::new(&self.bank, hz, self.calibration.db_fs_to_db_hl(0.0, hz));
        air.points.iter().map(|(hz, _)| *hz).filter(inside).map(tone).collect()
    }

    /// The same, with all ears lagging by at least `latency_samples`: those that hear sooner wait.
    pub fn lagging_at_least(mut self, latency_samples: usize) -> Self {
        let missing = latency_samples.saturating_sub(self.frame_samples + self.bank.delay_samples);
        // In whole steps of frames and of the control's own beat, so that what is heard is the same, later.
        let (step, beat) = (self.frame_samples / stft::OVERLAP, RESTORE_EVERY * self.bank.period_samples);
        let common = (1..=beat).map(|times| times * step).find(|length| length % beat == 0);
        self.patience_samples = missing.next_multiple_of(common.unwrap_or(beat));
        self
    }

    /// Samples by which an ear's output lags its input.
    pub fn latency_samples(&self) -> usize {
        self.patience_samples + self.frame_samples + self.bank.delay_samples
    }
}

/// Coefficients of one ear in one state.
#[derive(Debug, Clone)]
pub struct EarDesign {
    /// Thresholds of the cochlea's bands, solved so that the whole ear measures as its audiogram.
    pub threshold_db_hl: Bands,
    /// Attenuation by the middle ear, dB.
    pub conductive_db: Bands,
    /// 1 where the place is dead.
    pub dead: Bands,
    /// 1 where nothing is heard at all.
    pub deaf: f32,
    /// Spectral smearing; `None` where there is none.
    pub(crate) smear: Option<SmearMatrix>,
    /// Averaging time of envelopes, ms.
    pub temporal_smearing_ms: f32,
    /// Tinnitus, its level worked out.
    pub tinnitus: Option<TinnitusParams>,
    /// An implant that is switched on.
    pub(crate) electric: Option<ElectricDesign>,
}

impl EarDesign {
    /// The ear on its way from `from` (`mix` 0) to `to` (1), as a design of its own: thresholds and all that is
    /// stated in dB in between, smearing and tinnitus those of the nearer one.
    pub(crate) fn between(from: &Self, to: &Self, mix: f32) -> Self {
        let value = |a: f32, b: f32| a + mix * (b - a);
        let bands = |a: &Bands, b: &Bands| -> Bands { std::array::from_fn(|k| value(a[k], b[k])) };
        let nearer = if mix < 0.5 { from } else { to };
        Self {
            threshold_db_hl: bands(&from.threshold_db_hl, &to.threshold_db_hl),
            conductive_db: bands(&from.conductive_db, &to.conductive_db),
            dead: bands(&from.dead, &to.dead),
            deaf: value(from.deaf, to.deaf),
            temporal_smearing_ms: value(from.temporal_smearing_ms, to.temporal_smearing_ms),
            smear: nearer.smear.clone(),
            tinnitus: nearer.tinnitus,
            electric: ElectricDesign::between(from.electric.as_ref(), to.electric.as_ref(), mix),
        }
    }

    /// Designs an ear; takes some milliseconds, most of them for the calibration.
    pub fn new(model: &EarModel, findings: &EarFindings) -> Self {
        let fill = |values: &[f64]| -> Bands {
            let mut bands = [0.0; MAX_BANDS];
            let last = values.last().copied().unwrap_or(0.0);
            for (k, slot) in bands.iter_mut().enumerate() {
                *slot = values.get(k).copied().unwrap_or(last) as f32;
            }
            bands
        };
        let bone = findings.bone.as_ref();
        let centres = &model.bank.centre_hz;
        let sensorineural = |hz: f64| audiogram::sensorineural_db_hl(&findings.air, bone, hz);
        let mut broadening = smearing::broadenings(model.bank.sample_rate_hz, findings.smearing, sensorineural);
        let mut design = Self {
            threshold_db_hl: fill(&centres.iter().map(|hz| sensorineural(*hz).max(0.0)).collect::<Vec<_>>()),
            conductive_db: fill(&conduction::attenuation_db(findings, model)),
            dead: fill(&dead_region::mask(findings, model)),
            deaf: f32::from(u8::from(findings.deaf)),
            smear: SmearMatrix::design(model.bank.sample_rate_hz, &broadening),
            temporal_smearing_ms: findings.temporal_smearing_ms as f32,
            tinnitus: findings.tinnitus.map(|found| TinnitusParams::new(found, findings, model.calibration)),
            electric: ElectricDesign::new(findings, model.calibration),
        };
        if !findings.deaf {
            let stated = model.tones_at(&findings.air);
            if findings.smearing == listener::Smearing::FromLoss {
                filters::narrow(model, &mut design, &mut broadening, &findings.air, &stated);
            }
            calibration::calibrate(model, &mut design, &findings.air, &stated);
        }
        design
    }
}
