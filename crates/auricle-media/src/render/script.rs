//! Whose ears, and when: from listener references and cue sheets to a [`Program`].

use std::path::{Path, PathBuf};

use auricle::cue::{CueSheet, Draft, Moment, Picture, Timecode};
use auricle::ear::tinnitus::{highest_hz, is_held};
use auricle::fault::{Fault, Faults, Severity};
use auricle::level::Calibration;
use auricle::listener::{Listener, Reference, Tinnitus};
use auricle::presets;
use auricle::program::Program;

use super::job::RenderJob;
use super::places;
use crate::audio::AudioReader;
use crate::decode::open_audio_as_it_is;
use crate::error::{MediaError, Result};
use crate::probe::{MediaInfo, Rational, probe};
use crate::tools::Tools;

/// Frame rates that differ by less than this part are one: 23.976 stands for 24000/1001.
const SAME_RATE: f64 = 2e-4;

/// What a cue sheet is called among the files of a render.
const CUE_SHEET: &str = "cue sheet";

/// A listener or cue sheet, or both, read from files and checked.
#[derive(Debug, Clone)]
pub struct Script {
    /// The cue sheet; one without cues where the whole film is inside.
    pub sheet: CueSheet,
    /// Whose hearing is heard throughout, as `(listener, state)`, where there is no cue sheet.
    pub throughout: Option<(Listener, String)>,
    /// Every listener in use, by its reference.
    pub listeners: Vec<(String, Listener)>,
    /// The files that were read: what each is ("cue sheet", "listener"), where, and its text.
    pub files: Vec<ScriptFile>,
    /// What is wrong, or deserves a look.
    pub faults: Faults,
}

/// A file that a [`Script`] was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFile {
    /// "cue sheet" or "listener".
    pub role: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

/// A listener as it was found.
struct Found {
    listener: Listener,
    /// The state that its reference names.
    state: Option<String>,
    warnings: Faults,
    /// The file it was read from; `None` for a preset.
    file: Option<ScriptFile>,
}

impl Script {
    /// One listener throughout: `reference` as a user names it, relative to the working folder. `state`
    /// may be left out where the reference names it or there is only one.
    ///
    /// # Errors
    /// [`MediaError::Faults`] of the listener's file; [`MediaError::Usage`] where there is no such preset or state, or
    /// it is not clear which state is meant.
    pub fn throughout(reference: &str, state: Option<&str>) -> Result<Self> {
        check_typed(reference)?;
        let found = find(reference, Path::new(""))?;
        let names: Vec<&str> = found.listener.states.iter().map(|state| state.name.as_str()).collect();
        let known = names.join(", ");
        let state = match (state, &found.state) {
            (Some(chosen), Some(named)) if chosen != named => {
                return Err(MediaError::Usage(format!(
                    "--state {chosen}: but {reference} names {named}; give one of them"
                )));
            }
            (Some(state), _) => state,
            (None, Some(state)) => state,
            (None, None) if names.len() == 1 => names[0],
            (None, None) => {
                return Err(MediaError::Usage(format!(
                    "{reference}: has several states, so say which: --state NAME, one of {known}"
                )));
            }
        };
        if found.listener.state(state).is_none() {
            return Err(MediaError::Usage(format!(
                "--state {state}: {reference} has no such state; its states: {known}"
            )));
        }
        Ok(Self {
            sheet: CueSheet {
                title: String::new(),
                listener: Some(reference.to_owned()),
                listener_line: 0,
                seed: 0,
                calibration: Calibration::default(),
                picture: Picture::default(),
                cues: Vec::new(),
            },
            throughout: Some((found.listener.clone(), state.to_owned())),
            listeners: vec![(reference.to_owned(), found.listener)],
            files: found.file.into_iter().collect(),
            faults: found.warnings,
        })
    }

    /// The cue sheet at `path` and every listener that it takes, relative to its folder; `listener`, a
    /// reference relative to the working folder, stands for the sheet's own.
    ///
    /// Every fault of the sheet, of its listeners, and between them is in [`Self::faults`]; where one of
    /// them is an error the script is good for finding more of them, not for rendering.
    ///
    /// # Errors
    /// [`MediaError::Faults`] where the sheet cannot be read at all; [`MediaError::Usage`] where `listener` is a preset
    /// that there is not.
    pub fn from_sheet(path: &Path, listener: Option<&str>) -> Result<Self> {
        listener.map_or(Ok(()), check_typed)?;
        let name = path.display().to_string();
        let text = read_text(path)?;
        let Draft { mut sheet, untimed, mut faults } = CueSheet::read(&text, &name, listener);
        // Of a cue without a time, who listens and how can be checked all the same.
        let timed_cues = sheet.cues.len();
        sheet.cues.extend(untimed);
        let mut files = vec![ScriptFile { role: CUE_SHEET, path: path.to_owned(), text: text.clone() }];
        let mut listeners = Vec::new();
        let folder = path.parent().unwrap_or(Path::new(""));
        let references: Vec<String> = sheet.references().into_iter().map(str::to_owned).collect();
        let mut of_sheet = Faults::default();
        for reference in references {
            if is_told_of(&reference) {
                continue;
            }
            let folder = if listener == Some(reference.as_str()) { Path::new("") } else { folder };
            match find(&reference, folder) {
                Ok(found) => {
                    faults.0.extend(found.warnings.0);
                    files.extend(found.file);
                    if let Some(state) = found.state {
                        name_state(&mut sheet, &reference, &state);
                    }
                    listeners.push((reference, found.listener));
                }
                Err(found) => {
                    let placed = at_reference(found, &sheet, &reference, &name);
                    let (of_the_sheet, of_the_listener): (Vec<_>, Vec<_>) =
                        placed.into_iter().partition(|fault| fault.file == name);
                    of_sheet.0.extend(of_the_sheet);
                    faults.0.extend(of_the_listener);
                }
            }
        }
        // Listeners that could not be found have been told of: their cues cannot be checked.
        let mut known = sheet.clone();
        known.cues.retain(|cue| listeners.iter().any(|(known, _)| sheet.listener_of(cue) == Some(known)));
        sheet.cues.truncate(timed_cues);
        let mut found = known.check_against(&listeners, &name);
        found.0.append(&mut of_sheet.0);
        places::complete(&mut found, &text);
        // The sheet's own come first, wherever they were found.
        faults.0.splice(0..0, found.0);
        faults.sort();
        Ok(Self { sheet, throughout: None, listeners, files, faults })
    }

    /// Loads what `job` names: its cue sheet with the listeners that takes, or its listener; what the job
    /// says of seed and calibration stands for what the sheet says.
    ///
    /// # Errors
    /// As for [`Self::from_sheet`] and [`Self::throughout`].
    pub(super) fn load(job: &RenderJob) -> Result<Self> {
        let mut script = match (&job.cues, &job.listener) {
            (Some(cues), listener) => Self::from_sheet(cues, listener.as_deref())?,
            (None, Some(listener)) => Self::throughout(listener, job.state.as_deref())?,
            (None, None) => {
                return Err(MediaError::Usage("--listener: say whose ears, or give a cue sheet".to_owned()));
            }
        };
        let sheet = &mut script.sheet;
        sheet.seed = job.seed.unwrap_or(sheet.seed);
        let calibration = &mut sheet.calibration;
        calibration.full_scale_db_spl = job.full_scale_db_spl.unwrap_or(calibration.full_scale_db_spl);
        calibration.field = job.field.unwrap_or(calibration.field);
        Ok(script)
    }

    /// Takes every tinnitus out of the listeners that sound of this rate cannot hold, so that nothing speaks of it,
    /// and warns of those that would have been heard.
    pub(super) fn leave_out_tinnitus(&mut self, sample_rate_hz: u32) {
        let highest_hz = highest_hz(sample_rate_hz);
        let leave_out = |listener: &mut Listener, rings_in: &dyn Fn(&str) -> bool, faults: &mut Faults| {
            let first = listener.states.first().map(|state| state.name.clone()).unwrap_or_default();
            for state in &mut listener.states {
                let heard = rings_in(&state.name) || (state.name == first && rings_in(""));
                let mut lost_hz: Vec<f64> = Vec::new();
                for ear in [&mut state.left, &mut state.right] {
                    let beyond = |found: &mut Tinnitus| !is_held(found.sound, found.frequency_hz, sample_rate_hz);
                    lost_hz.extend(ear.tinnitus.take_if(beyond).map(|lost| lost.frequency_hz));
                }
                lost_hz.dedup();
                for hz in lost_hz.into_iter().filter(|_| heard) {
                    let message = format!(
                        "the tinnitus of state \"{}\", at {hz} Hz, is left out: sound of {sample_rate_hz} Hz holds nothing \
                         above {highest_hz:.0} Hz",
                        state.name
                    );
                    let help = "give the sound at a higher sample rate".to_owned();
                    let mut fault = whole_file(&listener.name, message, help);
                    fault.0[0].severity = Severity::Warning;
                    faults.0.append(&mut fault.0);
                }
            }
        };
        let mut faults = Faults::default();
        for (reference, listener) in &mut self.listeners {
            let cues = self.sheet.cues.iter().filter(|cue| cue.tinnitus);
            let states: Vec<&str> = cues
                .filter(|cue| cue.listener.as_ref().or(self.sheet.listener.as_ref()) == Some(reference))
                .map(|cue| cue.state.as_str())
                .collect();
            let throughout = self.throughout.as_ref().map(|(_, state)| state.as_str());
            leave_out(listener, &|name| states.contains(&name) || throughout == Some(name), &mut faults);
        }
        if let Some((listener, _)) = &mut self.throughout {
            // The same listener once more, told of already.
            leave_out(listener, &|_| false, &mut Faults::default());
        }
        self.faults.0.append(&mut faults.0);
    }

    /// Name of the new audio track: "Through the drummer's ears".
    pub(super) fn title_of_track(&self) -> String {
        let names: Vec<String> = self.listeners.iter().map(|(_, listener)| with_article(&listener.name)).collect();
        match names.as_slice() {
            [name] => format!("Through {name}'s ears"),
            names => format!("Through the ears of {}", names.join(", ")),
        }
    }

    /// What does not fit a film of `length` (where known) with the picture and timecode of `info`.
    fn film_faults(&self, length: Option<Moment>, info: &MediaInfo) -> Faults {
        let Some(file) = self.files.iter().find(|file| file.role == CUE_SHEET) else { return Faults::default() };
        let name = file.path.display().to_string();
        let mut faults = length.map(|length| self.sheet.check_length(length, &name)).unwrap_or_default();
        faults.0.extend(self.check_frame_rate(file, &name, info));
        faults.0.extend(self.check_start(file, &name, info));
        places::complete(&mut faults, &file.text);
        faults
    }

    /// Adds to [`Self::faults`] what does not fit a film of `length` (where known) with the picture and
    /// timecode of `info`.
    pub fn check_film(&mut self, length: Option<Moment>, info: &MediaInfo) {
        let found = self.film_faults(length, info);
        // They are the sheet's: its place among the files is the first.
        self.faults.0.splice(0..0, found.0);
        self.faults.sort();
    }

    /// Adds to [`Self::faults`] what does not fit the film at `film`.
    ///
    /// # Errors
    /// The film cannot be read, or has no sound.
    pub fn check_film_file(&mut self, film: &Path) -> Result<()> {
        let info = probe(film)?;
        let reader = open_audio_as_it_is(&Tools::default(), &info, None)?;
        self.check_film(length(reader.as_ref(), 0), &info);
        Ok(())
    }

    fn check_frame_rate(&self, file: &ScriptFile, name: &str, info: &MediaInfo) -> Option<Fault> {
        let stated = self.sheet.picture.frame_rate?;
        let video = info.picture()?.video.as_ref()?;
        let film = video.frame_rate?;
        let same = |film: Rational| (stated.fps() / film.as_f64() - 1.0).abs() < SAME_RATE;
        if same(film) {
            return None;
        }
        // A variable rate is no fault of the sheet: its timecode counts what the editor counted.
        let (severity, message) = if video.variable_frame_rate {
            (Severity::Warning, format!("the sheet counts {:.3} frames a second, the film's rate varies", stated.fps()))
        } else {
            let message =
                format!("the sheet counts {:.3} frames a second, the film has {:.3}", stated.fps(), film.as_f64());
            (Severity::Error, message)
        };
        // The readers keep no place for this field.
        let line = file.text.lines().position(|line| line.trim_start().starts_with("frame_rate")).map(|at| at + 1);
        Some(Fault {
            severity,
            file: name.to_owned(),
            line,
            column: None,
            field: "picture.frame_rate".to_owned(),
            message,
            help: format!("write frame_rate = \"{film}\", and check the frames of the cues"),
        })
    }

    /// Whether the timecode that the sheet gives the first frame, where it gives it one, is the film's own.
    fn check_start(&self, file: &ScriptFile, name: &str, info: &MediaInfo) -> Option<Fault> {
        let Picture { frame_rate, start_frames } = self.sheet.picture;
        let rate = frame_rate?;
        let is_start =
            |line: &str| line.trim_start().strip_prefix("start").is_some_and(|rest| rest.trim_start().starts_with('='));
        let line = file.text.lines().position(is_start).map(|at| at + 1);
        let film = info.timecode()?;
        let same = Timecode::parse(film)?.to_frames(rate).is_ok_and(|frames| frames == start_frames);
        if same || (line.is_none() && start_frames == 0) {
            return None;
        }
        let stated = Timecode::from_frames(start_frames, rate).ok()?;
        Some(Fault {
            severity: Severity::Warning,
            file: name.to_owned(),
            line,
            column: None,
            field: "picture.start".to_owned(),
            message: format!("the sheet's first frame is {stated}, the film's own timecode begins at {film}"),
            help: format!("write start = \"{film}\", unless the cues were timed on another version of the film"),
        })
    }

    /// The program for sound of this rate and (where known) length, whose first `early_samples` come before the
    /// first picture: cues count from that. Who is heard throughout is heard there too.
    ///
    /// # Errors
    /// What the model cannot play.
    pub fn program(&self, sample_rate_hz: u32, length_samples: Option<u64>, early_samples: u64) -> Result<Program> {
        let mut sheet = self.sheet.clone();
        let early = i64::try_from(early_samples).ok().and_then(|n| Moment::from_samples(n, sample_rate_hz));
        let later = |at: Moment| early.and_then(|early| at.plus(early)).unwrap_or(at);
        for cue in &mut sheet.cues {
            cue.enters = later(cue.enters);
            cue.leaves = cue.leaves.map(later);
        }
        let sheet = &sheet;
        let compiled = match &self.throughout {
            Some((listener, state)) => {
                Program::throughout(listener, state, sheet.calibration, sheet.seed, sample_rate_hz, length_samples)
            }
            None => Program::compile(sheet, &self.listeners, sample_rate_hz, length_samples),
        };
        Ok(compiled?)
    }
}

/// Length of a sound after its first `early_samples`, where it is known beforehand.
pub(super) fn length(reader: &dyn AudioReader, early_samples: u64) -> Option<Moment> {
    let samples = reader.length_samples()?.saturating_sub(early_samples);
    Moment::from_samples(i64::try_from(samples).ok()?, reader.sample_rate_hz())
}

/// Reads the listener file at `path` by itself.
///
/// # Errors
/// It cannot be read; every fault in it.
pub fn load_listener(path: &Path) -> Result<(Listener, Faults)> {
    let text = read_text(path)?;
    Ok(Listener::parse(&text, &path.display().to_string())?)
}

/// Refuses a reference from the command line that names no preset, or no state of one.
fn check_typed(reference: &str) -> Result<()> {
    let usage = |message: String| Err(MediaError::Usage(format!("--listener {reference}: {message}")));
    match Reference::parse(reference) {
        Ok(Reference::Preset { name, state }) => match (presets::get(&name), state) {
            (None, _) => usage(format!("there is no preset \"{name}\"; there are {}", presets::names().join(", "))),
            (Some(listener), Some(state)) if listener.state(&state).is_none() => {
                let states: Vec<&str> = listener.states.iter().map(|state| state.name.as_str()).collect();
                usage(format!("{name} has no state \"{state}\"; its states: {}", states.join(", ")))
            }
            _ => Ok(()),
        },
        Ok(Reference::File(_)) => Ok(()),
        Err(error) => usage(error.to_string()),
    }
}

/// Finds the listener that `reference` names; paths are relative to `folder`.
fn find(reference: &str, folder: &Path) -> std::result::Result<Found, Faults> {
    match Reference::parse(reference) {
        Ok(Reference::Preset { name, state }) => {
            let Some(listener) = presets::get(&name) else {
                let help = format!("there are {}", presets::names().join(", "));
                return Err(whole_file(reference, format!("there is no preset \"{name}\""), help));
            };
            if let Some(state) = state.as_deref().filter(|state| listener.state(state).is_none()) {
                return Err(no_state(reference, &listener, state));
            }
            Ok(Found { listener, state, warnings: Faults::default(), file: None })
        }
        Ok(Reference::File(file)) => {
            let path = folder.join(file);
            let text = read_text(&path)?;
            let (listener, warnings) = Listener::parse(&text, &path.display().to_string())?;
            Ok(Found { listener, state: None, warnings, file: Some(ScriptFile { role: "listener", path, text }) })
        }
        Err(error) => Err(whole_file(reference, error.to_string(), String::new())),
    }
}

/// Whether the reader of the sheet has told what is wrong with a reference: one that means nothing, or a preset that
/// there is not.
fn is_told_of(reference: &str) -> bool {
    match Reference::parse(reference) {
        Ok(Reference::Preset { name, .. }) => presets::get(&name).is_none(),
        Ok(Reference::File(_)) => false,
        Err(_) => true,
    }
}

fn no_state(reference: &str, listener: &Listener, state: &str) -> Faults {
    let states: Vec<&str> = listener.states.iter().map(|state| state.name.as_str()).collect();
    whole_file(
        reference,
        format!("{} has no state \"{state}\"", listener.name),
        format!("its states: {}", states.join(", ")),
    )
}

/// "drummer" to "the drummer"; names of persons stay as they are.
fn with_article(name: &str) -> String {
    if name.starts_with(char::is_lowercase) && !name.starts_with("the ") {
        format!("the {name}")
    } else {
        name.to_owned()
    }
}

/// Lets every cue of `reference` that names no state be in `state`.
fn name_state(sheet: &mut CueSheet, reference: &str, state: &str) {
    let default = sheet.listener.clone();
    for cue in &mut sheet.cues {
        if cue.state.is_empty() && cue.listener.as_deref().or(default.as_deref()) == Some(reference) {
            state.clone_into(&mut cue.state);
        }
    }
}

/// The text of a user's file; where it cannot be read, that is a fault like others, so that they are
/// told together.
fn read_text(path: &Path) -> std::result::Result<String, Faults> {
    let name = path.display().to_string();
    if path.is_dir() {
        return Err(whole_file(&name, "is a folder, not a file".to_owned(), String::new()));
    }
    let bytes = std::fs::read(path)
        .map_err(|error| whole_file(&name, format!("cannot be read: {error}"), "is the name right?".to_owned()))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let mut faults = whole_file(&name, "is not UTF-8 text".to_owned(), "save it as UTF-8".to_owned());
        faults.0[0].line = Some(valid.iter().filter(|byte| **byte == b'\n').count() + 1);
        faults
    })
}

/// Gives a listener that could not be found its place in the sheet that names it; faults within a
/// listener's file have theirs.
fn at_reference(mut faults: Faults, sheet: &CueSheet, reference: &str, name: &str) -> Vec<Fault> {
    let cue = sheet.cues.iter().find(|cue| cue.listener.as_deref() == Some(reference));
    let (line, field) = match cue {
        Some(cue) => (cue.field_lines.listener, format!("cue[{}].listener", cue.field_lines.number)),
        None => (sheet.listener_line, "listener".to_owned()),
    };
    for fault in faults.0.iter_mut().filter(|fault| fault.line.is_none() && line > 0) {
        // Of a preset the reference is the line's own text.
        if !matches!(Reference::parse(reference), Ok(Reference::Preset { .. })) {
            fault.message = format!("{} {}", fault.file, fault.message);
        }
        name.clone_into(&mut fault.file);
        fault.line = Some(line);
        fault.field.clone_from(&field);
    }
    faults.0
}

/// A fault of a file as a whole.
fn whole_file(file: &str, message: String, help: String) -> Faults {
    Faults(vec![Fault {
        severity: Severity::Error,
        file: file.to_owned(),
        line: None,
        column: None,
        field: String::new(),
        message,
        help,
    }])
}
