//! Whose device it is: from a listener, from the file, or the one that arrays of its size usually have.

use auricle::implant::params::{Array, Carrier, Implant, Places, ProcessorParams, Sound, Strategy};
use auricle::level::{Calibration, MAX_FULL_SCALE_DB_SPL, MIN_FULL_SCALE_DB_SPL};
use auricle::listener::DeadRegion;

use super::header::Header;
use super::job::{Ear, ElectrodogramJob};
use crate::error::{MediaError, Result};
use crate::render::Script;

/// A listener's device and the ear around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Device {
    pub(super) implant: Implant,
    pub(super) dead: Vec<DeadRegion>,
    pub(super) ear: Ear,
    /// The state of the listener that was taken.
    pub(super) state: String,
    pub(super) notes: Vec<String>,
}

impl Device {
    /// The device of the listener that `job` names, if it names one.
    ///
    /// # Errors
    /// [`MediaError::Faults`] of the listener's file; [`MediaError::Usage`] where there is no such listener, state or
    /// implant, or two different ones and nobody says which.
    pub(super) fn of(job: &ElectrodogramJob) -> Result<Option<Self>> {
        let Some(reference) = &job.listener else { return Ok(None) };
        let script = Script::throughout(reference, job.state.as_deref())?;
        let mut notes: Vec<String> = script.faults.0.iter().map(ToString::to_string).collect();
        let usage = |message: String| Err(MediaError::Usage(message));
        let Some((listener, state_name)) = &script.throughout else {
            return usage(format!("{reference}: names no listener"));
        };
        let Some(state) = listener.state(state_name) else {
            return usage(format!("{reference}: has no state \"{state_name}\""));
        };
        let ears = [(Ear::Left, &state.left), (Ear::Right, &state.right)];
        let implanted: Vec<Ear> = ears.iter().filter(|(_, ear)| ear.implant.is_some()).map(|(ear, _)| *ear).collect();
        let ear = match (job.ear, implanted.as_slice()) {
            (_, []) => {
                return usage(format!(
                    "{reference}: neither ear has an implant in the state \"{state_name}\"; choose another state, or a \
                     listener with one, such as preset:implant-ace"
                ));
            }
            (Some(ear), implanted) if implanted.contains(&ear) => ear,
            (Some(ear), [other, ..]) => {
                return usage(format!(
                    "--ear {}: the implant of {reference} is on the other side; give --ear {}, or leave it out",
                    ear.name(),
                    other.name()
                ));
            }
            (None, [only]) => *only,
            (None, [first, ..]) if state.left.implant == state.right.implant => {
                notes.push("both ears have this device; this is what the left one makes of its side".to_owned());
                *first
            }
            (None, _) => {
                return usage(format!(
                    "{reference}: the ears have different implants; say which: --ear left or --ear right"
                ));
            }
        };
        let findings = if ear == Ear::Left { &state.left } else { &state.right };
        let Some(implant) = findings.implant.clone() else { return Ok(None) };
        Ok(Some(Self { implant, dead: findings.dead.clone(), ear, state: state_name.clone(), notes }))
    }
}

/// What digital levels stand for, as `job` says, or else the file, or else as everywhere.
///
/// # Errors
/// [`MediaError::Usage`]: a level that cannot be.
pub(super) fn calibration(job: &ElectrodogramJob, of_file: Option<f64>) -> Result<Calibration> {
    let usual = Calibration::default();
    let full_scale_db_spl = job.full_scale_db_spl.or(of_file).unwrap_or(usual.full_scale_db_spl);
    let calibration = Calibration { full_scale_db_spl, ..usual };
    if calibration.is_plausible() {
        return Ok(calibration);
    }
    Err(MediaError::Usage(format!(
        "--full-scale-db-spl {full_scale_db_spl}: has to be from {MIN_FULL_SCALE_DB_SPL} to {MAX_FULL_SCALE_DB_SPL}"
    )))
}

/// The device that made an electrodogram of which nobody says what did: by its electrodes.
///
/// # Errors
/// [`MediaError::Usage`]: no device modelled has as many.
pub(super) fn usual(header: &Header, path: &std::path::Path) -> Result<Implant> {
    let (array, processor) = match header.electrodes {
        22 => (Array::ContourAdvance, ProcessorParams::ace()),
        16 => (Array::Sixteen, ProcessorParams::f120()),
        12 => (Array::Standard, ProcessorParams::cis()),
        other => {
            return Err(MediaError::Usage(format!(
                "{}: does not say which device of {other} electrodes made it; name one with --listener",
                path.display()
            )));
        }
    };
    Ok(Implant {
        array,
        insertion_angle_deg: None,
        disabled: Vec::new(),
        processor,
        // As listener files have it where they do not say.
        spread_db_per_mm: 2.8,
        sound: Sound::Information { carrier: Carrier::Spiral, places: Places::Shifted },
        months_since_activation: 12.0,
        individual: 1,
        delay_ms: 0.0,
        on: true,
    })
}

/// What a strategy is called in listener files.
pub(crate) fn strategy_name(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Ace { .. } => "ace",
        Strategy::Cis { .. } => "cis",
        Strategy::CurrentSteering => "current steering",
        Strategy::FineStructure { .. } => "fine structure",
    }
}
