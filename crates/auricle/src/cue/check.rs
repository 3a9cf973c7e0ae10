//! What is wrong with a cue sheet beyond its form: overlaps, unknown listeners and states, the film's end.

use std::collections::BTreeMap;

use super::{Cue, CueSheet, Moment};
use crate::fault::{Fault, Faults, Severity};
use crate::form::source::{Source, quote};
use crate::form::{closest, list_of_words};
use crate::listener::Listener;

impl CueSheet {
    /// The listener of a cue: its own, or the sheet's.
    pub fn listener_of<'a>(&'a self, cue: &'a Cue) -> Option<&'a str> {
        cue.listener.as_deref().or(self.listener.as_deref())
    }

    /// Every reference to a listener that the sheet's cues use, each once, in order of first use.
    pub fn references(&self) -> Vec<&str> {
        let mut references = Vec::new();
        for cue in &self.cues {
            if let Some(reference) = self.listener_of(cue)
                && !references.contains(&reference)
            {
                references.push(reference);
            }
        }
        references
    }

    /// Every cue whose listener is not among `listeners` (pairs of reference and listener) or whose
    /// state that listener does not have; `file_name` is the sheet's, for messages.
    pub fn check_against(&self, listeners: &[(String, Listener)], file_name: &str) -> Faults {
        let mut faults = Vec::new();
        let mut unknown: Vec<&str> = Vec::new();
        for cue in &self.cues {
            let Some(reference) = self.listener_of(cue) else {
                continue;
            };
            let Some((_, listener)) = listeners.iter().find(|(known, _)| known == reference) else {
                // Once is enough for the sheet's own listener.
                if !unknown.contains(&reference) {
                    unknown.push(reference);
                    faults.push(unknown_listener(self, cue, reference, listeners, file_name));
                }
                continue;
            };
            if listener.state(&cue.state).is_none() {
                let names = || listener.states.iter().map(|state| state.name.as_str());
                let help = match closest(&cue.state, names()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("its states: {}", list_of_words(names())),
                };
                let message = format!("{} has no state {}", listener.name, quote(&cue.state));
                faults.push(fault(cue, cue.field_lines.state, "state", message, help, file_name));
            }
        }
        Faults(faults)
    }

    /// Every cue that begins or ends after the film's end; `file_name` is the sheet's, for messages.
    ///
    /// A cue that begins inside the film and ends after it by less than a tenth of a second is taken
    /// to end with the film, since sound and picture rarely have the same length to the sample.
    pub fn check_length(&self, length: Moment, file_name: &str) -> Faults {
        let tolerance = Moment { numerator: 1, denominator: 10 };
        let mut faults = Vec::new();
        for cue in &self.cues {
            let lines = cue.field_lines;
            if cue.enters >= length {
                let message = format!("the cue begins at {}, the film ends at {length}", cue.enters);
                let help = "is picture.start right, and is this the right film?";
                faults.push(fault(cue, lines.enters, "in", message, help.to_owned(), file_name));
            } else if let Some(leaves) = cue.leaves.filter(|leaves| Some(*leaves) > length.plus(tolerance)) {
                let message = format!("the cue ends at {leaves}, the film at {length}");
                let help = "leave `out` out for a cue that lasts to the end of the film";
                faults.push(fault(cue, lines.leaves, "out", message, help.to_owned(), file_name));
            }
        }
        Faults(faults)
    }
}

fn fault(cue: &Cue, line: usize, field: &str, message: String, help: String, file_name: &str) -> Fault {
    let line = if line > 0 { line } else { cue.line };
    let number = cue.field_lines.number;
    Fault {
        severity: Severity::Error,
        file: file_name.to_owned(),
        line: Some(line).filter(|line| *line > 0),
        column: None,
        field: if number > 0 { format!("cue[{number}].{field}") } else { field.to_owned() },
        message,
        help,
    }
}

fn unknown_listener(
    sheet: &CueSheet,
    cue: &Cue,
    reference: &str,
    listeners: &[(String, Listener)],
    file_name: &str,
) -> Fault {
    let known = || listeners.iter().map(|(known, _)| known.as_str());
    let help = match closest(reference, known()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if listeners.is_empty() => "name a listener file or \"preset:NAME\"".to_owned(),
        None => format!("known here: {}", list_of_words(known())),
    };
    let message = format!("there is no listener {}", quote(reference));
    let mut fault = fault(cue, cue.field_lines.listener, "listener", message, help, file_name);
    if cue.listener.is_none() {
        fault.field = "listener".to_owned();
        fault.line = Some(sheet.listener_line).filter(|line| *line > 0);
    }
    fault
}

/// Reports cues of one listener that overlap. Cues of different listeners may: the later one is heard
/// while it lasts.
pub(super) fn overlaps(sheet: &CueSheet, source: &mut Source<'_>) {
    /// The cue of a listener that reaches furthest, and where to.
    type Furthest<'a> = (&'a Cue, Option<Moment>);
    let mut furthest: BTreeMap<String, Furthest<'_>> = BTreeMap::new();
    for cue in &sheet.cues {
        // Names of presets know no case.
        let listener = sheet.listener_of(cue).unwrap_or("");
        let listener = match listener.split_at_checked(7) {
            Some((preset, _)) if preset.eq_ignore_ascii_case("preset:") => listener.to_lowercase(),
            _ => listener.to_owned(),
        };
        let before = furthest.get(&listener).copied();
        if let Some((before, until)) = before
            && until.is_none_or(|until| until > cue.enters)
        {
            let ends = until.map_or("the end of the film".to_owned(), |until| until.to_string());
            let message =
                format!("overlaps cue[{}] (line {}), which lasts until {ends}", before.field_lines.number, before.line);
            let help = "let one end where the other begins, or give them different listeners";
            source.error_at_line(cue.field_lines.enters, &format!("cue[{}].in", cue.field_lines.number), message, help);
        }
        let reaches_further = match before {
            None => true,
            Some((_, None)) => false,
            Some((_, Some(until))) => cue.leaves.is_none_or(|leaves| leaves > until),
        };
        if reaches_further {
            furthest.insert(listener, (cue, cue.leaves));
        }
    }
}
