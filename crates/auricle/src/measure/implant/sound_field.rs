//! The audiogram of an implanted ear in the sound field: tones to the microphone, heard where a pulse reaches T.

use serde::Serialize;

use super::THRESHOLD_DB;
use crate::implant::params::Implant;
use crate::implant::processor::{Processor, ProcessorError};
use crate::implant::pulse::Pulse;
use crate::level::Calibration;
use crate::measure::audiometer::{Found, Limits, threshold};
use crate::measure::bars::{Bar, rms_and_worst};
use crate::measure::bench::add_tone;
use crate::measure::examination::AIR_HZ;

/// How long a tone is on, seconds: it rises in 20 ms, and slow carriers go through many periods.
const TONE_SECS: f64 = 0.25;
/// Softest and strongest tone, dB HL: a sensitive microphone hears what no ear does.
const LIMITS: Limits = Limits { softest_db_hl: -60.0, strongest_db_hl: 130.0 };
/// Above or below threshold is all that is known of a tone: by this much, dB, so that thresholds are taken to
/// lie midway between what is heard and what is not.
const EITHER_DB: f64 = 1.0;

/// One frequency of an audiogram in the sound field.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SoundFieldRow {
    /// Frequency of the tone, Hz.
    pub frequency_hz: f64,
    /// Threshold that the map implies, dB HL; `None` where no band reaches, and nothing is measured there.
    pub implied_db_hl: Option<f64>,
    /// What was found; `None` where no band reaches.
    #[serde(flatten)]
    pub found: Option<Found>,
    /// Measured less implied, dB.
    pub error_db: Option<f64>,
    /// The electrode on which the tone is first heard; with current steering the more apical of two.
    pub electrode: Option<u8>,
}

impl SoundFieldRow {
    /// The error where a band reaches; what should have been heard and was not is infinitely off.
    fn counted_error_db(&self) -> Option<f64> {
        self.implied_db_hl.map(|_| self.error_db.unwrap_or(f64::INFINITY))
    }
}

/// The audiogram at the frequencies of audiometry.
pub(super) fn audiogram(
    implant: &Implant,
    sample_rate_hz: u32,
    calibration: Calibration,
) -> Result<Vec<SoundFieldRow>, ProcessorError> {
    let mut processor = Processor::new(implant, sample_rate_hz, calibration)?;
    Ok(AIR_HZ.into_iter().map(|hz| row(&mut processor, sample_rate_hz, calibration, hz)).collect())
}

fn row(processor: &mut Processor, sample_rate_hz: u32, calibration: Calibration, frequency_hz: f64) -> SoundFieldRow {
    let bands = processor.bands();
    let reached = (bands[0].low_hz..=bands[bands.len() - 1].high_hz).contains(&frequency_hz);
    let implied = processor.threshold_db_spl(frequency_hz).filter(|_| reached);
    let Some(implied_db_spl) = implied else {
        return SoundFieldRow { frequency_hz, implied_db_hl: None, found: None, error_db: None, electrode: None };
    };
    let implied_db_hl = calibration.db_spl_to_db_hl(implied_db_spl, frequency_hz);
    let mut play = |level_db_hl: f64| {
        let mut sound = vec![0.0; (TONE_SECS * f64::from(sample_rate_hz)) as usize];
        add_tone(&mut sound, sample_rate_hz, calibration, (frequency_hz, level_db_hl, 1.0));
        first_heard(processor, &sound)
    };
    let found = threshold(LIMITS, |level| if play(level).is_some() { EITHER_DB } else { -EITHER_DB });
    // A quarter of a decibel above, so that it is heard for sure.
    let electrode = found.threshold_db_hl.and_then(|level| play(level + 0.25));
    let aim = implied_db_hl.max(LIMITS.softest_db_hl);
    SoundFieldRow {
        frequency_hz,
        implied_db_hl: Some(implied_db_hl),
        found: Some(found),
        error_db: found.threshold_db_hl.map(|level| level - aim),
        electrode,
    }
}

/// The electrode of the first pulse at or above T that a sound makes.
fn first_heard(processor: &mut Processor, sound: &[f32]) -> Option<u8> {
    processor.reset();
    let mut pulses: Vec<Pulse> = Vec::new();
    // No more than the tone: its sudden end would be a click.
    processor.process(sound, &mut |pulse: Pulse| pulses.push(pulse));
    pulses.chunk_by(|a, b| a.onset_ticks == b.onset_ticks).find_map(|together| {
        let ua = |pulse: &Pulse| f64::from(pulse.current_ua);
        let (level, pulse) = match together {
            [basal, apical] => (processor.steered_level_db_spl(apical.electrode, ua(apical), ua(basal)), apical),
            [pulse, ..] => (processor.level_db_spl(pulse.electrode, ua(pulse)), pulse),
            [] => return None,
        };
        level.map(|_| pulse.electrode)
    })
}

/// Thresholds against what the map implies.
pub(super) fn bars(rows: &[SoundFieldRow]) -> Vec<Bar> {
    let worst = rms_and_worst(rows.iter().filter_map(SoundFieldRow::counted_error_db)).map(|(_, worst)| worst);
    let unreached = f64::NAN;
    vec![Bar::new(
        "sound-field threshold against what T levels imply, worst",
        worst.unwrap_or(unreached),
        THRESHOLD_DB,
        "dB",
    )]
}
