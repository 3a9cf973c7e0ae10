//! `auricle check`: every fault of listener files and cue sheets.

use std::path::Path;

use auricle::fault::{Fault, Faults, Severity};
use auricle_media::MediaError;
use auricle_media::render::{Script, load_listener};

use crate::args::CheckArgs;
use crate::failure::Failure;
use crate::talk::{counted, print, print_json, say};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Listener,
    CueSheet,
}

/// The last line for programs.
#[derive(serde::Serialize)]
struct Outcome {
    files: usize,
    errors: usize,
    warnings: usize,
}

/// Checks every file and tells every fault.
pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let mut told: Vec<Fault> = Vec::new();
    for path in &args.files {
        let (about, faults) = check(path, args.film.as_deref())?;
        let clean = faults.0.is_empty();
        for fault in faults.0 {
            // A listener may be given by itself and be named by a sheet: once is enough.
            if told.contains(&fault) {
                continue;
            }
            if args.json {
                print_json("fault", &fault)
            } else {
                say(&fault.to_string())
            }
            told.push(fault);
        }
        if clean && !args.json {
            print(&format!("{}: {about}, no faults\n", path.display()));
        }
    }
    let errors = told.iter().filter(|fault| fault.severity == Severity::Error).count();
    let warnings = told.len() - errors;
    if args.json {
        print_json("result", &Outcome { files: args.files.len(), errors, warnings });
    } else if !told.is_empty() {
        say(&format!("{}, {}", counted(errors as u64, "error"), counted(warnings as u64, "warning")));
    }
    if errors > 0 { Err(Failure::Said) } else { Ok(()) }
}

/// What the file at `path` is, and its faults.
fn check(path: &Path, film: Option<&Path>) -> Result<(String, Faults), Failure> {
    let checked = match kind(path) {
        Some(Kind::CueSheet) => check_sheet(path, film),
        Some(Kind::Listener) => load_listener(path).map(|(listener, faults)| {
            (format!("a listener of {}", counted(listener.states.len() as u64, "state")), faults)
        }),
        None => Ok((String::new(), unknown(path))),
    };
    match checked {
        Ok(checked) => Ok(checked),
        Err(MediaError::Faults(faults)) => Ok((String::new(), faults)),
        Err(other) => Err(other.into()),
    }
}

fn check_sheet(path: &Path, film: Option<&Path>) -> auricle_media::Result<(String, Faults)> {
    let mut script = Script::from_sheet(path, None)?;
    if let Some(film) = film {
        script.check_film_file(film)?;
    }
    let cues = counted(script.sheet.cues.len() as u64, "cue");
    let about = format!("a cue sheet of {cues} and {}", counted(script.listeners.len() as u64, "listener"));
    Ok((about, script.faults))
}

/// What a file is, by what its lines begin with: also a file that is not valid TOML is one or the other.
fn kind(path: &Path) -> Option<Kind> {
    let Ok(bytes) = std::fs::read(path) else {
        // Reading it as a listener tells why it cannot be read.
        return Some(Kind::Listener);
    };
    let text = String::from_utf8_lossy(&bytes);
    let has = |beginnings: &[&str]| {
        text.lines().any(|line| {
            let line: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            beginnings.iter().any(|beginning| line.starts_with(beginning))
        })
    };
    // Cues have a field `state`, states have no field `cue`.
    if has(&["[[cue", "cue=", "[picture", "picture="]) {
        Some(Kind::CueSheet)
    } else if has(&["[[state", "state="]) || std::str::from_utf8(&bytes).is_err() {
        Some(Kind::Listener)
    } else {
        None
    }
}

/// The faults of a file that is not seen to be of either kind: those of its syntax, where it has any.
fn unknown(path: &Path) -> Faults {
    let name = path.display().to_string();
    let syntax = std::fs::read_to_string(path).map(|text| Faults::of_syntax(&text, &name)).unwrap_or_default();
    if syntax.has_errors() { syntax } else { neither(name) }
}

fn neither(file: String) -> Faults {
    Faults(vec![Fault {
        severity: Severity::Error,
        file,
        line: None,
        column: None,
        field: String::new(),
        message: "is neither a listener file (it has no [[state]]) nor a cue sheet (it has no [[cue]])".to_owned(),
        help: "auricle schema listener and auricle schema cues say what they hold".to_owned(),
    }])
}
