//! The MSBG hearing-loss simulator, sample for sample as pyclarity 0.9.0 computes it: for comparing with
//! published results, apart from the live chain of [`ear`](crate::ear).
//!
//! ```text
//! level ─► source to cochlea ─► smearing ─► bands ─► envelope ─► expansion ─► sum ─► back to the source
//! ```
//!
//! Offline only: level is set by the whole sound, envelopes look ahead. At 44.1 kHz only. What it is good for and
//! what is wrong with it is in `docs/msbg.md`.
//!
//! Baer and Moore (1993), J. Acoust. Soc. Am. 94, 1229-1241 (smearing); Moore and Glasberg (1993), J. Acoust. Soc.
//! Am. 94, 2050-2062 (expansion); Nejime and Moore (1997), J. Acoust. Soc. Am. 102, 603-615 (both together).

mod bank;
mod cochlea;
mod envelope;
mod expansion;
mod fir;
mod kernel;
mod level;
mod position;
mod power;
mod product;
mod smearing;
#[cfg(test)]
mod tests;

use crate::audiogram::{Audiogram, PointError};

use bank::Bank;
use cochlea::Cochlea;
use fir::Fir;
use smearing::Smearing;

pub use position::Position;

/// The one rate at which the simulator's filters are defined, samples per second.
pub const SAMPLE_RATE_HZ: u32 = 44_100;

/// Sound pressure level of an RMS of 1.0 where nothing else is said, dB SPL: pyclarity's
/// `equiv_0db_spl` of 100 and its headroom `ahr` of 20.
pub const FULL_SCALE_DB_SPL: f64 = 120.0;

/// Least length of a sound, samples: one frame of the level's gate.
pub const LEAST_SAMPLES: usize = level::FRAME_SAMPLES;

/// Threshold from which on the expansion has no meaning: nothing catches up with healthy hearing, dB HL.
pub const TOO_SEVERE_DB_HL: f64 = expansion::CATCH_UP_DB_SPL;

/// Cut-off of the last filter, Hz, its length in samples and the shape of its Kaiser window.
const LOW_PASS: (f64, usize, f64) = (18_000.0, 133, 8.0);

/// What a simulation is of.
#[derive(Debug, Clone, PartialEq)]
pub struct MsbgParams {
    /// The ear's thresholds by air; "no response" counts as [`Threshold::db_hl`](crate::audiogram::Threshold::db_hl)
    /// says. Between its points thresholds are linear in Hz, beyond them flat.
    pub audiogram: Audiogram,
    /// Where the sound comes from.
    pub position: Position,
    /// Sound pressure level of a signal whose RMS is 1.0, dB SPL; [`FULL_SCALE_DB_SPL`] as pyclarity has it.
    pub full_scale_db_spl: f64,
    /// Samples per second of what will be processed; has to be [`SAMPLE_RATE_HZ`].
    pub sample_rate_hz: u32,
}

impl MsbgParams {
    /// An ear with everything else as pyclarity has it by default.
    pub fn new(audiogram: Audiogram) -> Self {
        Self {
            audiogram,
            position: Position::default(),
            full_scale_db_spl: FULL_SCALE_DB_SPL,
            sample_rate_hz: SAMPLE_RATE_HZ,
        }
    }
}

/// Class of a loss, by the mean of the thresholds that are stated from 2 to 8 kHz: which filters and which
/// smearing are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Up to 15 dB HL, or no threshold stated there: no smearing.
    None,
    /// Above 15 dB HL.
    Mild,
    /// Above 35 dB HL.
    Moderate,
    /// Above 56 dB HL.
    Severe,
}

impl Class {
    /// The class of `thresholds`, `(Hz, dB HL)`.
    fn of(thresholds: &[(f64, f64)]) -> Self {
        let high: Vec<f64> = thresholds.iter().filter(|t| (2000.0..=8000.0).contains(&t.0)).map(|t| t.1).collect();
        match high.iter().sum::<f64>() / high.len().max(1) as f64 {
            mean if mean > 56.0 => Self::Severe,
            mean if mean > 35.0 => Self::Moderate,
            mean if mean > 15.0 => Self::Mild,
            _ => Self::None,
        }
    }

    /// By how much the lower and upper skirts of auditory filters are wider than healthy ones.
    fn skirts(self) -> Option<(f64, f64)> {
        match self {
            Self::None => None,
            Self::Mild => Some((1.6, 1.1)),
            Self::Moderate => Some((2.4, 1.6)),
            Self::Severe => Some((4.0, 2.0)),
        }
    }
}

/// Why the simulator cannot be used: everything for which pyclarity raises an exception or returns NaN,
/// infinity or nothing of use.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum MsbgError {
    /// Another rate than the simulator's only one.
    #[error(
        "MSBG is defined at 44100 samples per second only, this sound has {sample_rate_hz}; resample it first, for \
         example: ffmpeg -i IN -ar 44100 OUT"
    )]
    SampleRate {
        /// Samples per second.
        sample_rate_hz: u32,
    },
    /// A point of the audiogram cannot be.
    #[error("point {} of the audiogram: {error}", index + 1)]
    Point {
        /// Which point, from 0.
        index: usize,
        /// What is wrong with it.
        error: PointError,
    },
    /// A threshold at which the expansion has no meaning.
    #[error(
        "{db_hl} dB HL at {hz} Hz: MSBG lets a loss catch up with healthy hearing at 105 dB SPL and has no meaning \
         from 105 dB HL on (its authors advise at most 80 to 90); use Auricle's own model, or lower the threshold"
    )]
    TooSevere {
        /// The point's frequency.
        hz: f64,
        /// Its threshold.
        db_hl: f64,
    },
    /// A level for full scale that no signal has.
    #[error("full scale of {full_scale_db_spl} dB SPL: it stands for 60 to 140 dB SPL")]
    FullScale {
        /// The level.
        full_scale_db_spl: f64,
    },
    /// No channel.
    #[error("there is no channel to process")]
    NoChannel,
    /// Channels of different lengths.
    #[error("channel {} has {samples} samples, the first has {first_samples}; all need one length", channel + 1)]
    Lengths {
        /// Which channel, from 0.
        channel: usize,
        /// Its length.
        samples: usize,
        /// The first channel's length.
        first_samples: usize,
    },
    /// Less than one frame of the level's gate.
    #[error(
        "{samples} samples are too few: MSBG measures level in frames of 441 samples (10 ms) and needs at least one"
    )]
    TooShort {
        /// Samples per channel.
        samples: usize,
    },
    /// A sample that is no number.
    #[error("sample {sample} of channel {} is NaN or infinite; put the source right first", channel + 1)]
    NotFinite {
        /// Which channel, from 0.
        channel: usize,
        /// Which sample, from 0.
        sample: usize,
    },
    /// No frame of the first channel reaches the level's gate.
    #[error(
        "the first channel is silent or too quiet ({db_fs:.1} dB FS RMS): MSBG sets level by its frames of 10 ms above -80 dB \
         FS, and there is none; raise the source's level, or use Auricle's own model"
    )]
    TooQuiet {
        /// RMS level of the first channel, dB FS; minus infinity for silence.
        db_fs: f64,
    },
}

/// The simulator for one ear.
pub struct Msbg {
    class: Class,
    there: Fir,
    smearing: Option<Smearing>,
    cochlea: Cochlea,
    back: Fir,
    latency_samples: usize,
}

impl Msbg {
    /// Designs the filters and the smearing matrix; takes some tens of milliseconds.
    ///
    /// # Errors
    /// [`MsbgError`] for another rate, an impossible audiogram, and a threshold of [`TOO_SEVERE_DB_HL`] or more.
    pub fn new(params: &MsbgParams) -> Result<Self, MsbgError> {
        let thresholds = checked(params)?;
        let class = Class::of(&thresholds);
        let rate_hz = f64::from(SAMPLE_RATE_HZ);
        let bank = Bank::of(class);
        let cochlea = Cochlea::new(bank, &thresholds, params.full_scale_db_spl, rate_hz);
        let there = position::source_to_cochlea(params.position, rate_hz, false);
        let (cutoff_hz, taps, beta) = LOW_PASS;
        let back = fir::cascade(
            &position::source_to_cochlea(params.position, rate_hz, true),
            &fir::low_pass(taps, cutoff_hz, beta, rate_hz),
        );
        let smearing = class.skirts().map(|(lower, upper)| Smearing::new(lower, upper, rate_hz));
        let smearing_samples = if smearing.is_some() { smearing::DELAY_SAMPLES } else { 0 };
        Ok(Self {
            class,
            latency_samples: (there.len() - 1) / 2 + smearing_samples + (back.len() - 1) / 2,
            there: Fir::new(&there, 1.0),
            smearing,
            back: Fir::new(&back, cochlea.recombination_gain),
            cochlea,
        })
    }

    /// The class of this ear's loss.
    pub fn class(&self) -> Class {
        self.class
    }

    /// Samples by which the output lags: the delays of its linear-phase filters and of smearing. Bands are
    /// moved to within some samples of it (measured: 1078 to 1080 where this says 1080, 1259 to 1266 where it says
    /// 1272), and look up to 485 samples ahead.
    pub fn latency_samples(&self) -> usize {
        self.latency_samples
    }

    /// Samples per channel that come of `length_samples`: as many without smearing; with it, whole frames
    /// of 64, and three of them more.
    pub fn output_samples(&self, length_samples: usize) -> usize {
        if self.smearing.is_some() { smearing::smeared_samples(length_samples) } else { length_samples }
    }

    /// What this ear makes of a whole sound, `[channel][sample]`, an RMS of 1.0 being
    /// [`MsbgParams::full_scale_db_spl`]; comes out `[channel][sample]`, [`Self::latency_samples`] late,
    /// [`Self::output_samples`] long.
    ///
    /// All channels are heard by this one ear. Level is that of all channels and, gated, of the first.
    ///
    /// # Errors
    /// [`MsbgError`] for channels of different lengths, a sound below [`LEAST_SAMPLES`], one that is silent or
    /// too quiet, and samples that are no numbers.
    pub fn process(&self, channels: &[&[f64]]) -> Result<Vec<Vec<f64>>, MsbgError> {
        let first = channels.first().ok_or(MsbgError::NoChannel)?;
        for (index, channel) in channels.iter().enumerate() {
            if channel.len() != first.len() {
                let (samples, first_samples) = (channel.len(), first.len());
                return Err(MsbgError::Lengths { channel: index, samples, first_samples });
            }
            if let Some(sample) = channel.iter().position(|x| !x.is_finite()) {
                return Err(MsbgError::NotFinite { channel: index, sample });
            }
        }
        if first.len() < LEAST_SAMPLES {
            return Err(MsbgError::TooShort { samples: first.len() });
        }
        let gain = level::gain(channels)?;
        Ok(channels.iter().map(|channel| self.hear(channel, gain)).collect())
    }

    /// One channel, `gain` its level's correction.
    fn hear(&self, channel: &[f64], gain: f64) -> Vec<f64> {
        let mut sound = channel.to_vec();
        self.there.apply(&mut sound, gain);
        if let Some(smearing) = &self.smearing {
            sound = smearing.apply(&sound);
        }
        let mut heard = self.cochlea.hear(&sound);
        drop(sound);
        self.back.apply(&mut heard, 1.0);
        heard
    }
}

/// The thresholds of `params`, `(Hz, dB HL)`, at least one.
fn checked(params: &MsbgParams) -> Result<Vec<(f64, f64)>, MsbgError> {
    if params.sample_rate_hz != SAMPLE_RATE_HZ {
        return Err(MsbgError::SampleRate { sample_rate_hz: params.sample_rate_hz });
    }
    if !(60.0..=140.0).contains(&params.full_scale_db_spl) {
        return Err(MsbgError::FullScale { full_scale_db_spl: params.full_scale_db_spl });
    }
    if let Some(&(index, error)) = params.audiogram.point_errors().first() {
        return Err(MsbgError::Point { index, error });
    }
    let thresholds: Vec<(f64, f64)> =
        params.audiogram.points.iter().map(|(hz, threshold)| (*hz, threshold.db_hl())).collect();
    if let Some(&(hz, db_hl)) = thresholds.iter().find(|(_, db_hl)| *db_hl >= TOO_SEVERE_DB_HL) {
        return Err(MsbgError::TooSevere { hz, db_hl });
    }
    // Nothing stated: healthy.
    Ok(if thresholds.is_empty() { vec![(1000.0, 0.0)] } else { thresholds })
}
