//! The whole examination of an ear: audiometry first, then what lies above threshold.

use std::sync::Arc;

use serde::Serialize;

use super::audiometer::{Found, Limits, threshold};
use super::bandwidth::{Bandwidth, bandwidth};
use super::bars::{Bar, Strictness, bars};
use super::bench::{Bench, SEED};
use super::detector::{Detector, Filters};
use super::intelligibility::{Effort, Listening, Modulated, Procedure, QUIET_DB_SPL, index, spectrum_levels_db_spl};
use super::latency::{Latency, latency};
use super::recruitment::{Growth, growth};
use super::smearing::{Neutrality, neutrality};
use crate::audiogram::{Audiogram, Threshold};
use crate::ear::design::{EarDesign, EarModel};
use crate::listener::EarFindings;

/// Frequencies of air conduction audiometry, Hz (ISO 8253-1).
pub(super) const AIR_HZ: [f64; 11] = [125.0, 250.0, 500.0, 750.0, 1e3, 1.5e3, 2e3, 3e3, 4e3, 6e3, 8e3];
/// Frequencies of bone conduction audiometry, Hz.
const BONE_HZ: [f64; 7] = [250.0, 500.0, 1e3, 1.5e3, 2e3, 3e3, 4e3];
/// Frequencies at which growth is measured, Hz.
const GROWTH_HZ: [f64; 5] = [250.0, 500.0, 1e3, 2e3, 4e3];
/// Frequencies at which filters are measured, Hz.
const FILTER_HZ: [f64; 2] = [1e3, 4e3];
/// Stated thresholds are tested between these, and below this part of the sample rate.
const TESTED_HZ: (f64, f64) = (90.0, 12_500.0);
const MOST_OF_RATE: f64 = 0.42;
/// How far round a tone it is looked for the place that hears it, ERB.
const REACH_ERB: u32 = 12;
/// Length of the speech that the index is measured with, seconds.
const SPEECH_SECS: f64 = 5.0;

/// One frequency of an audiogram, stated and measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThresholdRow {
    /// Frequency of the tone, Hz.
    pub frequency_hz: f64,
    /// Threshold as stated, or interpolated between what is, dB HL; the limit, where nothing was heard up to it.
    pub stated_db_hl: f64,
    /// Nothing was heard up to `stated_db_hl`: the threshold is at least that.
    pub stated_no_response: bool,
    /// What was found.
    #[serde(flatten)]
    pub found: Found,
    /// Measured less stated threshold, dB. Where nothing was heard, by how much the measured one lies below that
    /// limit, at most 0. `None` where nothing was found and something should have been.
    pub error_db: Option<f64>,
    /// Level that a tone of the stated threshold comes out at, dB HL; 0 is aimed at. Only where a loss is stated.
    pub output_db_hl: Option<f64>,
    /// Centre of the auditory filter in which a normal ear hears the tone at its threshold, Hz.
    pub place_hz: Option<f64>,
    /// Level in that filter, dB HL: above 0 such an ear would hear the tone earlier than is measured.
    pub place_db_hl: Option<f64>,
    /// Why the row is told and not counted; empty where it counts.
    pub not_counted: &'static str,
}

impl ThresholdRow {
    /// The error, where it counts; what should have been heard and was not is infinitely off.
    pub fn counted_error_db(&self) -> Option<f64> {
        self.not_counted.is_empty().then_some(self.error_db.unwrap_or(f64::INFINITY))
    }
}

/// Intelligibility of speech of one effort in quiet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SpeechRow {
    /// How loudly is spoken.
    pub effort: Effort,
    /// Index by the standard, from the listener's audiogram.
    pub stated_sii: f64,
    /// Index of the speech as it comes out, for an ear of normal hearing.
    pub heard_sii: f64,
    /// Level of the speech as it comes out, dB SPL.
    pub heard_db_spl: f64,
}

/// An examined ear.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarExamination {
    /// Air conduction, tinnitus off.
    pub air: Vec<ThresholdRow>,
    /// Air conduction with the tinnitus on; `None` where there is none.
    pub air_with_tinnitus: Option<Vec<ThresholdRow>>,
    /// Bone conduction; `None` where no findings state it.
    pub bone: Option<Vec<ThresholdRow>>,
    /// Growth of tones.
    pub growth: Vec<Growth>,
    /// Levels through smearing; `None` where filters are sharp.
    pub smearing: Option<Neutrality>,
    /// Widths of filters.
    pub filters: Vec<Bandwidth>,
    /// Intelligibility in quiet.
    pub speech: Vec<SpeechRow>,
    /// Latency.
    pub latency: Latency,
    /// How strictly the ear is held to its audiogram.
    pub strictness: Strictness,
    /// The bars, and whether they are met.
    pub bars: Vec<Bar>,
}

/// An ear that cannot be examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotExamine {
    /// Nothing is heard by it.
    #[error("it hears nothing at all, so no tone can find a threshold")]
    Deaf,
}

/// Examines one ear with `findings`; where `speech` is given (at the model's rate, scaled to each effort's level), the
/// index is measured with it, else with speech-like noise.
///
/// # Errors
/// [`CannotExamine`] where there is nothing to measure.
pub fn examine(
    model: &Arc<EarModel>,
    findings: &EarFindings,
    speech: Option<&[f32]>,
) -> Result<EarExamination, CannotExamine> {
    if findings.deaf {
        return Err(CannotExamine::Deaf);
    }
    let ringing = EarDesign::new(model, findings);
    let mut silent = ringing.clone();
    silent.tinnitus = None;
    let air_hz = frequencies_hz(&AIR_HZ, &findings.air, model);
    let mut bench = Bench::of_ear(model, silent.clone());
    let air = audiogram(&mut bench, findings, &air_hz, Route::Air);
    let growth_hz = frequencies_hz(&GROWTH_HZ, &Audiogram::default(), model);
    // A dead place grows as its neighbours do.
    let alive = |hz: &f64| !is_dead(findings, *hz);
    let growth = growth_hz.iter().filter(|hz| alive(hz)).map(|hz| growth(&mut bench, findings, *hz)).collect();
    // A vibrator on the bone goes round the outer and middle ear: the same cochlea, nothing before it.
    let mut cochlea = silent.clone();
    cochlea.conductive_db.fill(0.0);
    let bone = findings.bone.as_ref().map(|bone| {
        let mut bench = Bench::of_ear(model, cochlea);
        audiogram(&mut bench, findings, &frequencies_hz(&BONE_HZ, bone, model), Route::Bone)
    });
    let mut examination = EarExamination {
        air,
        air_with_tinnitus: ringing.tinnitus.is_some().then(|| {
            let mut bench = Bench::of_ear(model, ringing.clone());
            audiogram(&mut bench, findings, &air_hz, Route::Air)
        }),
        bone,
        growth,
        smearing: neutrality(model, findings, &growth_hz),
        filters: frequencies_hz(&FILTER_HZ, &Audiogram::default(), model)
            .into_iter()
            .map(|hz| bandwidth(model, findings, hz))
            .collect(),
        speech: Effort::ALL.into_iter().map(|effort| speech_row(&mut bench, findings, effort, speech)).collect(),
        latency: latency(&mut bench),
        strictness: Strictness::of(&findings.air),
        bars: Vec::new(),
    };
    examination.bars = bars(&examination);
    Ok(examination)
}

/// How a tone reaches the cochlea.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Air,
    Bone,
}

/// The frequencies to test: the usual ones and those that are stated, as far as the rate has room for them.
fn frequencies_hz(usual: &[f64], stated: &Audiogram, model: &EarModel) -> Vec<f64> {
    let (lowest, highest) = TESTED_HZ;
    let highest = highest.min(MOST_OF_RATE * f64::from(model.bank.sample_rate_hz));
    let mut all: Vec<f64> = usual.iter().copied().chain(stated.points.iter().map(|(hz, _)| *hz)).collect();
    all.retain(|hz| (lowest..=highest).contains(hz));
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

fn is_dead(findings: &EarFindings, hz: f64) -> bool {
    findings.dead.iter().any(|region| (region.from_hz..=region.to_hz).contains(&hz))
}

/// Pure-tone audiometry at `frequencies_hz`.
fn audiogram(bench: &mut Bench, findings: &EarFindings, frequencies_hz: &[f64], route: Route) -> Vec<ThresholdRow> {
    frequencies_hz.iter().map(|hz| row(bench, findings, *hz, route)).collect()
}

fn row(bench: &mut Bench, findings: &EarFindings, frequency_hz: f64, route: Route) -> ThresholdRow {
    let limits = Limits::default();
    let (stated_db_hl, stated_no_response) = stated(findings, frequency_hz, route);
    let detector = Detector::new(bench, frequency_hz);
    let found = threshold(limits, |level| detector.listen(bench, level).excess_db);
    // Nothing is heard below 0 dB HL by any ear of this model.
    let aim = stated_db_hl.max(0.0);
    let error_db = match (found.threshold_db_hl, stated_no_response) {
        (Some(threshold), false) => Some(threshold - aim),
        (Some(threshold), true) => Some((threshold - aim).min(0.0)),
        (None, true) => Some(0.0),
        // At the audiometer's own limit nothing need be heard.
        (None, false) => (aim >= limits.strongest_db_hl).then_some(0.0),
    };
    let known = !stated_no_response && !is_beside_no_response(findings, frequency_hz, route);
    let lossy = stated_db_hl > 0.0 && known && stated_db_hl <= limits.strongest_db_hl;
    let not_counted = if is_dead(findings, frequency_hz) { "dead region" } else { "" };
    let output_db_hl = (lossy && not_counted.is_empty() && detector.masker_db_hl().is_none())
        .then(|| detector.listen(bench, stated_db_hl).level_db_hl);
    let place = found.threshold_db_hl.filter(|_| detector.masker_db_hl().is_none()).map(|level| {
        let heard = bench.tone(frequency_hz, level, 1.0);
        Filters::around(frequency_hz, REACH_ERB, bench.sample_rate_hz).place(bench, &heard)
    });
    ThresholdRow {
        frequency_hz,
        stated_db_hl,
        stated_no_response,
        found,
        error_db,
        output_db_hl,
        place_hz: place.map(|place| place.frequency_hz),
        place_db_hl: place.map(|place| place.level_db_hl),
        not_counted,
    }
}

/// What the findings say at a frequency, dB HL, and whether that is a limit up to which nothing was heard.
fn stated(findings: &EarFindings, hz: f64, route: Route) -> (f64, bool) {
    let at = |audiogram: &Audiogram| audiogram.points.iter().find(|(at, _)| *at == hz).map(|(_, threshold)| *threshold);
    let point = match route {
        Route::Air => at(&findings.air),
        Route::Bone => findings.bone.as_ref().and_then(at),
    };
    match (point, route) {
        (Some(Threshold::NoResponse { limit_db_hl }), _) => (limit_db_hl, true),
        (_, Route::Air) => (findings.air.threshold_db_hl(hz), false),
        // Bone that is stated worse than air counts as air: nothing is lost before the cochlea.
        (_, Route::Bone) => (findings.sensorineural_db_hl(hz), false),
    }
}

/// Whether a frequency lies between stated ones of which at least one had no response: the level of its threshold is
/// then known from below only.
fn is_beside_no_response(findings: &EarFindings, hz: f64, route: Route) -> bool {
    let beside = |audiogram: &Audiogram| {
        let points = &audiogram.points;
        let above = points.partition_point(|(at, _)| *at < hz);
        let stated = points.get(above).is_some_and(|(at, _)| *at == hz);
        let neighbours = &points[above.saturating_sub(1)..points.len().min(above + 1)];
        !stated && neighbours.iter().any(|(_, threshold)| matches!(threshold, Threshold::NoResponse { .. }))
    };
    beside(&findings.air) || route == Route::Bone && findings.bone.as_ref().is_some_and(beside)
}

/// The index of speech in quiet: by the standard, and of what comes out.
fn speech_row(bench: &mut Bench, findings: &EarFindings, effort: Effort, speech: Option<&[f32]>) -> SpeechRow {
    let table = Procedure::ThirdOctaves.table();
    let (calibration, rate) = (bench.calibration, bench.sample_rate_hz);
    let sii = |speech_db_spl: &[f64], threshold_db_hl: &[f64]| {
        let noise_db_spl = vec![QUIET_DB_SPL; table.centre_hz.len()];
        let listening = Listening { speech_db_spl, noise_db_spl: &noise_db_spl, threshold_db_hl, importance: None };
        index(Procedure::ThirdOctaves, &listening).map_or(f64::NAN, |index| index.sii)
    };
    let sound = match speech {
        None => Modulated::new(effort, calibration, rate, SPEECH_SECS, SEED).samples,
        Some(samples) => {
            let wanted_db_fs = calibration.db_spl_to_db_fs(effort.level_db_spl());
            let gain = crate::dsp::math::amplitude(wanted_db_fs - super::bench::rms_db_fs(samples)) as f32;
            samples.iter().map(|sample| gain * sample).collect()
        }
    };
    let before = spectrum_levels_db_spl(&sound, rate, calibration);
    let thresholds: Vec<f64> = table.centre_hz.iter().map(|hz| findings.air.threshold_db_hl(*hz).max(0.0)).collect();
    let heard = bench.hear_in_time(sound);
    let after = spectrum_levels_db_spl(&heard, rate, calibration);
    SpeechRow {
        effort,
        stated_sii: sii(&before, &thresholds),
        heard_sii: sii(&after, &vec![0.0; table.centre_hz.len()]),
        heard_db_spl: calibration.db_fs_to_db_spl(super::bench::rms_db_fs(&heard)),
    }
}
