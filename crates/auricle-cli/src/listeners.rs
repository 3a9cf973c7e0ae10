//! `auricle listeners`: who can listen.

use std::fmt::Write as _;

use auricle::audiogram::Threshold;
use auricle::listener::{EarFindings, Listener};
use auricle::presets;
use auricle_media::report::implant_in_words;

use crate::args::{ListenersArgs, ListenersCommand};
use crate::failure::Failure;
use crate::talk::{print, print_json};

/// A listener as a program sees it.
#[derive(serde::Serialize)]
struct Entry<'a> {
    name: &'a str,
    reference: String,
    summary: &'a str,
    states: Vec<&'a str>,
}

/// A listener with its file.
#[derive(serde::Serialize)]
struct Shown<'a> {
    name: &'a str,
    summary: &'a str,
    modelled: &'a [String],
    not_modelled: &'a [String],
    evidence: &'a [String],
    toml: String,
}

/// Lists the built-in listeners, or shows one.
pub(crate) fn run(args: &ListenersArgs) -> Result<(), Failure> {
    match &args.show {
        Some(ListenersCommand::Show { name, json }) => show(name, *json),
        None => {
            list(args.json);
            Ok(())
        }
    }
}

fn list(json: bool) {
    let listeners: Vec<(&str, Listener)> =
        presets::names().into_iter().filter_map(|name| Some((name, presets::get(name)?))).collect();
    if json {
        for (name, listener) in &listeners {
            let states = listener.states.iter().map(|state| state.name.as_str()).collect();
            let summary = listener.card.summary.as_str();
            print_json("listener", &Entry { name, reference: format!("preset:{name}"), summary, states });
        }
        return;
    }
    let width = listeners.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut table = String::new();
    for (name, listener) in &listeners {
        let _ = writeln!(table, "{name:width$}  {}", first_sentence(&listener.card.summary));
    }
    table += "\nUse one as --listener preset:NAME; auricle listeners show NAME prints its file and its card.\n";
    print(&table);
}

fn show(name: &str, json: bool) -> Result<(), Failure> {
    let name = name.strip_prefix("preset:").unwrap_or(name);
    let Some(listener) = presets::get(name) else {
        return Err(Failure::Usage(format!(
            "there is no built-in listener \"{name}\"; there are {}",
            presets::names().join(", ")
        )));
    };
    let card = &listener.card;
    if json {
        print_json(
            "listener",
            &Shown {
                name,
                summary: &card.summary,
                modelled: &card.modelled,
                not_modelled: &card.not_modelled,
                evidence: &card.evidence,
                toml: listener.to_toml(),
            },
        );
    } else {
        print(&format!("{}\n{}", card_as_comment(name, &listener), listener.to_toml()));
    }
    Ok(())
}

/// The card and the thresholds for reading, as TOML comments, so that the whole is a listener file.
fn card_as_comment(name: &str, listener: &Listener) -> String {
    let mut lines = vec![format!("preset:{name}, {}", listener.name), String::new()];
    lines.extend(wrapped(&listener.card.summary, ""));
    for (title, points) in [
        ("What is modelled:", &listener.card.modelled),
        ("What is not modelled:", &listener.card.not_modelled),
        ("Evidence:", &listener.card.evidence),
    ] {
        if !points.is_empty() {
            lines.extend([String::new(), title.to_owned()]);
            lines.extend(points.iter().flat_map(|point| wrapped(point, "- ")));
        }
    }
    lines.extend([String::new(), "Thresholds by air in dB HL (a dash: nothing heard), by frequency in Hz:".to_owned()]);
    for state in &listener.states {
        for (ear, findings) in [("left", &state.left), ("right", &state.right)] {
            let said = wrapped(&format!("{} {ear}: {}", state.name, hearing(findings)), "");
            lines.extend(
                said.into_iter().enumerate().map(|(at, line)| if at == 0 { line } else { format!("  {line}") }),
            );
        }
    }
    lines.iter().fold(String::new(), |text, line| text + format!("# {line}").trim_end() + "\n")
}

/// Thresholds, and the implant where there is one.
fn hearing(ear: &EarFindings) -> String {
    let Some(implant) = &ear.implant else { return thresholds(ear) };
    let said = implant_in_words(implant);
    if ear.deaf { format!("nothing by air; {said}") } else { format!("{}; {said}", thresholds(ear)) }
}

/// "250 35, 1000 40, 4000 -".
fn thresholds(ear: &EarFindings) -> String {
    if ear.deaf {
        return "hears nothing".to_owned();
    }
    let point = |(frequency_hz, threshold): &(f64, Threshold)| match threshold {
        Threshold::DbHl(db_hl) => format!("{frequency_hz} {db_hl}"),
        Threshold::NoResponse { .. } => format!("{frequency_hz} -"),
    };
    if ear.air.points.is_empty() {
        "0 throughout".to_owned()
    } else {
        ear.air.points.iter().map(point).collect::<Vec<_>>().join(", ")
    }
}

/// Lines of at most 98 characters, the first beginning with `mark`, the others indented as far.
fn wrapped(text: &str, mark: &str) -> Vec<String> {
    let mut lines = vec![mark.to_owned()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > mark.len() && line + 1 + word.chars().count() > 98 {
            lines.push(" ".repeat(mark.len()));
        }
        if let Some(line) = lines.last_mut() {
            if line.trim_start_matches([' ', '-']).is_empty() { *line += word } else { *line += &format!(" {word}") }
        }
    }
    lines
}

/// Up to the first full stop that ends a sentence.
fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_wrapped_and_indented() {
        let lines = wrapped(&"word ".repeat(40), "- ");
        assert!(lines.len() == 3 && lines.iter().all(|line| line.len() <= 98), "{lines:?}");
        assert!(lines[0].starts_with("- word") && lines[1].starts_with("  word"));
        assert_eq!(wrapped("one", ""), ["one"]);
    }
}
