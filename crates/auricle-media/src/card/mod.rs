//! The accuracy card: a listener's ears examined through the simulation, as data and as a page.
//!
//! [`examine`] does what [`ExaminationJob`] asks for; [`render_html`] makes one HTML file of the outcome. What is
//! measured, and how, is `auricle::measure`.

mod charts;
mod ear;
mod implant;
mod page;

use std::path::PathBuf;
use std::sync::Arc;

use auricle::audition::SAMPLE_RATES_HZ;
use auricle::ear::design::EarModel;
use auricle::implant::params::Implant;
use auricle::level::{Calibration, Field, MAX_FULL_SCALE_DB_SPL, MIN_FULL_SCALE_DB_SPL};
use auricle::listener::{EarFindings, Listener, Movement, State};
use auricle::measure::{
    Bar, CannotExamine, EarExamination, ImplantExamination, NoiseGrowth, examine_implant, noise_growth,
};
use serde::Serialize;

use crate::decode::open_audio;
use crate::error::{MediaError, Result};
use crate::render::Script;

pub use page::render_html;

/// Sample rate where neither the user nor a recording says another, Hz.
pub const DEFAULT_RATE_HZ: u32 = 48_000;
/// Losses at which noise is measured against the law for tones, dB HL.
const NOISE_LOSSES_DB_HL: [f64; 3] = [40.0, 60.0, 80.0];
/// Speech beyond this is left out, seconds: the index is that of a mean spectrum, which does not change any more.
const LONGEST_SPEECH_SECS: u64 = 60;
/// Lowest rate whose sound holds all bands of the speech intelligibility index, Hz.
const LOWEST_SPEECH_RATE_HZ: u32 = 20_000;

/// Whose ears are examined, and how.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExaminationJob {
    /// A listener file, `preset:NAME` or `preset:NAME/STATE`.
    pub listener: String,
    /// The state, where the reference does not name it and there are several.
    pub state: Option<String>,
    /// Sample rate, Hz; `None`: that of `speech`, or [`DEFAULT_RATE_HZ`].
    pub sample_rate_hz: Option<u32>,
    /// What an RMS of 1.0 stands for, dB SPL; `None`: 100.
    pub full_scale_db_spl: Option<f64>,
    /// The field in which 0 dB HL is defined; `None`: free.
    pub field: Option<Field>,
    /// Speech to measure intelligibility with; `None`: noise like speech.
    pub speech: Option<PathBuf>,
}

/// What became of one ear.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ExaminedEar {
    /// It was examined.
    Examined(Box<EarExamination>),
    /// All that it hears it hears through its implant, which is examined.
    ByImplant,
    /// Its findings are those of the left ear, and so are its results: the simulation draws no lots for tones.
    AsTheLeft,
    /// It cannot be examined.
    NotExamined {
        /// Why.
        reason: String,
    },
}

impl ExaminedEar {
    /// The examination, where there is one of its own.
    pub fn examination(&self) -> Option<&EarExamination> {
        match self {
            Self::Examined(examination) => Some(examination),
            _ => None,
        }
    }
}

/// All that came of an examination.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Examination {
    /// The program and its version.
    pub program_version: String,
    /// The listener, as named by the user.
    pub reference: String,
    /// What the listener is called.
    pub listener: String,
    /// The state that was examined.
    pub state: String,
    /// What has to be said of the state: that it moves, and that its own findings were examined.
    pub notes: Vec<String>,
    /// Sample rate, Hz.
    pub sample_rate_hz: u32,
    /// What digital levels stand for.
    pub calibration: Calibration,
    /// What intelligibility was measured with.
    pub speech_source: String,
    /// The left ear.
    pub left: ExaminedEar,
    /// The right ear.
    pub right: ExaminedEar,
    /// The left ear's implant; `None` where it has none that is switched on.
    pub left_implant: Option<Box<ImplantExamination>>,
    /// The right ear's implant, where the right ear is not as the left.
    pub right_implant: Option<Box<ImplantExamination>>,
    /// What the simulation makes of noise, whoever listens; empty where nobody hears acoustically.
    pub noise: Vec<NoiseGrowth>,
    /// Whether all bars are met.
    pub met: bool,
    /// The listener and the state as read, for the page.
    #[serde(skip)]
    pub findings: (Listener, State),
}

impl Examination {
    /// Bars of both ears, with the ear's name.
    pub fn bars(&self) -> impl Iterator<Item = (&'static str, &Bar)> {
        fn acoustic(ear: &ExaminedEar) -> &[Bar] {
            ear.examination().map_or(&[], |ear| &ear.bars)
        }
        fn electric(implant: Option<&ImplantExamination>) -> &[Bar] {
            implant.map_or(&[], |found| &found.bars)
        }
        [
            ("left", acoustic(&self.left)),
            ("left", electric(self.left_implant.as_deref())),
            ("right", acoustic(&self.right)),
            ("right", electric(self.right_implant.as_deref())),
        ]
        .into_iter()
        .flat_map(|(name, bars)| bars.iter().map(move |bar| (name, bar)))
    }
}

/// Examines a listener; takes some seconds an ear, both ears side by side.
///
/// # Errors
/// [`MediaError::Faults`] of the listener's file; [`MediaError::Usage`] where the job asks for what cannot be, such as
/// the audiogram of two ears that hear nothing; and what reading the speech runs into.
pub fn examine(job: &ExaminationJob) -> Result<Examination> {
    let script = Script::throughout(&job.listener, job.state.as_deref())?;
    let Some((listener, state)) = &script.throughout else {
        return Err(MediaError::Usage(format!("{}: names no listener", job.listener)));
    };
    let Some(state) = listener.state(state) else {
        return Err(MediaError::Usage(format!("{}: has no state \"{state}\"", job.listener)));
    };
    let calibration = calibration(job)?;
    let ears = [&state.left, &state.right];
    if ears.iter().all(|ear| ear.deaf && switched_on(ear).is_none()) {
        let off = ears.iter().any(|ear| ear.implant.is_some());
        let why = if off { ", with the processor off" } else { "" };
        return Err(MediaError::Usage(format!(
            "{} cannot be examined in the state \"{}\": neither ear hears anything{why}, so there is no threshold to find; \
             choose another state with --state, or another listener",
            listener.name, state.name
        )));
    }
    let speech = job.speech.as_ref().map(|path| read_speech(path)).transpose()?;
    let sample_rate_hz = rate_hz(job, speech.as_ref())?;
    let hears = ears.iter().any(|ear| !ear.deaf);
    let model = Arc::new(EarModel::new(sample_rate_hz, calibration));
    let samples = speech.as_ref().map(|speech| speech.samples.as_slice());
    let run = |ear: &EarFindings| -> Result<(ExaminedEar, Option<Box<ImplantExamination>>)> {
        let (acoustic, electric) = rayon::join(
            || acoustic(&model, ear, samples),
            || {
                switched_on(ear)
                    .map(|implant| examine_implant(implant, &ear.dead, sample_rate_hz, calibration).map(Box::new))
                    .transpose()
            },
        );
        let electric = electric.map_err(|error| {
            MediaError::Usage(format!("{}: the implant of the state \"{}\": {error}", job.listener, state.name))
        })?;
        Ok((acoustic, electric))
    };
    let same = state.left == state.right;
    let (left, (right, noise)) = rayon::join(
        || run(&state.left),
        || {
            rayon::join(
                || if same { Ok((ExaminedEar::AsTheLeft, None)) } else { run(&state.right) },
                || if hears { NOISE_LOSSES_DB_HL.map(|loss| noise_growth(&model, loss)).to_vec() } else { Vec::new() },
            )
        },
    );
    let ((left, left_implant), (right, right_implant)) = (left?, right?);
    let mut examination = Examination {
        program_version: concat!("auricle ", env!("CARGO_PKG_VERSION")).to_owned(),
        reference: job.listener.clone(),
        listener: listener.name.clone(),
        state: state.name.clone(),
        notes: notes(state, &script),
        sample_rate_hz,
        calibration,
        speech_source: speech.map_or_else(
            || "noise with the spectrum of speech that rises and falls as syllables do".to_owned(),
            |speech| speech.source,
        ),
        left,
        right,
        left_implant,
        right_implant,
        noise,
        met: false,
        findings: (listener.clone(), state.clone()),
    };
    let met = examination.bars().all(|(_, bar)| bar.met);
    examination.met = met;
    Ok(examination)
}

/// An ear's implant, where its processor is on.
fn switched_on(ear: &EarFindings) -> Option<&Implant> {
    ear.implant.as_ref().filter(|implant| implant.on)
}

/// What an ear hears acoustically, whatever its implant does.
fn acoustic(model: &Arc<EarModel>, ear: &EarFindings, speech: Option<&[f32]>) -> ExaminedEar {
    let alone = EarFindings { implant: None, ..ear.clone() };
    match (auricle::measure::examine(model, &alone, speech), &ear.implant) {
        (Ok(examination), _) => ExaminedEar::Examined(Box::new(examination)),
        (Err(CannotExamine::Deaf), Some(implant)) if implant.on => ExaminedEar::ByImplant,
        (Err(CannotExamine::Deaf), Some(_)) => ExaminedEar::NotExamined {
            reason: "its processor is off, and without it it hears nothing, so no tone can find a threshold".to_owned(),
        },
        (Err(error @ CannotExamine::Deaf), None) => ExaminedEar::NotExamined { reason: error.to_string() },
    }
}

fn calibration(job: &ExaminationJob) -> Result<Calibration> {
    let default = Calibration::default();
    let calibration = Calibration {
        full_scale_db_spl: job.full_scale_db_spl.unwrap_or(default.full_scale_db_spl),
        field: job.field.unwrap_or(default.field),
    };
    if calibration.is_plausible() {
        return Ok(calibration);
    }
    Err(MediaError::Usage(format!(
        "--full-scale-db-spl {}: has to be from {MIN_FULL_SCALE_DB_SPL} to {MAX_FULL_SCALE_DB_SPL}",
        calibration.full_scale_db_spl
    )))
}

fn rate_hz(job: &ExaminationJob, speech: Option<&Speech>) -> Result<u32> {
    let rate = match (job.sample_rate_hz, speech) {
        (Some(rate), Some(speech)) if rate != speech.sample_rate_hz => {
            return Err(MediaError::Usage(format!(
                "--rate {rate}: the speech has {} Hz; leave --rate out, or resample the speech",
                speech.sample_rate_hz
            )));
        }
        (Some(rate), _) => rate,
        (None, Some(speech)) => speech.sample_rate_hz,
        (None, None) => DEFAULT_RATE_HZ,
    };
    if SAMPLE_RATES_HZ.contains(&rate) {
        return Ok(rate);
    }
    Err(MediaError::Usage(format!(
        "--rate {rate}: has to be from {} to {} Hz",
        SAMPLE_RATES_HZ.start(),
        SAMPLE_RATES_HZ.end()
    )))
}

fn notes(state: &State, script: &Script) -> Vec<String> {
    let mut notes = Vec::new();
    if state.movement != Movement::Instant {
        notes.push(
            "This state moves from the moment it is entered. Its own findings were examined, which it moves to (or, \
             with age, begins with), and nothing in between."
                .to_owned(),
        );
    }
    notes.extend(script.faults.0.iter().map(ToString::to_string));
    notes
}

/// A recording to measure intelligibility with.
struct Speech {
    sample_rate_hz: u32,
    /// The mean of its channels.
    samples: Vec<f32>,
    source: String,
}

fn read_speech(path: &std::path::Path) -> Result<Speech> {
    let broken = |message: String| MediaError::Broken { path: path.to_owned(), message };
    let mut reader = open_audio(path, None)?;
    let sample_rate_hz = reader.sample_rate_hz();
    if sample_rate_hz < LOWEST_SPEECH_RATE_HZ {
        return Err(broken(format!(
            "has a sample rate of {sample_rate_hz} Hz, which leaves out part of speech; give a recording of at least \
             {LOWEST_SPEECH_RATE_HZ} Hz"
        )));
    }
    let most = usize::try_from(LONGEST_SPEECH_SECS * u64::from(sample_rate_hz)).unwrap_or(usize::MAX);
    let mut block = vec![vec![0.0; 4096]; reader.layout().channels()];
    let mut samples = Vec::new();
    while samples.len() < most {
        let mut channels: Vec<&mut [f32]> = block.iter_mut().map(Vec::as_mut_slice).collect();
        let count = reader.read(&mut channels)?.min(most - samples.len());
        if count == 0 {
            break;
        }
        let share = 1.0 / block.len().max(1) as f32;
        samples.extend((0..count).map(|n| share * block.iter().map(|channel| channel[n]).sum::<f32>()));
    }
    let loudest = samples.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    if loudest < 1e-6 || !loudest.is_finite() {
        return Err(broken("has no speech in it: it is silent; give a recording of someone speaking".to_owned()));
    }
    let secs = samples.len() as f64 / f64::from(sample_rate_hz);
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let source = format!("{name} ({secs:.1} s of it), scaled to the level of each effort");
    Ok(Speech { sample_rate_hz, samples, source })
}
