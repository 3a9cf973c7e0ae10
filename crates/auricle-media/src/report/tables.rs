//! The numbers: cues, changes by octave, levels.

use std::fmt::Write as _;

use auricle::cue::{Cue, CueSpan, uncovered};

use super::change::{self, Change, Changes, Whose};
use super::clock::Clock;
use super::colour;
use super::input::InputForReport;
use super::measurements::{OCTAVES_HZ, SectionLevels, SideLevels};
use super::picture;
use super::text::{Html, capitalised, count, duration, hz, number, signed, user};
use super::words;

/// Cues in order, a row and a sentence each.
pub(super) fn cues(input: &InputForReport, clock: &Clock) -> String {
    if input.spans.is_empty() {
        return "<p>There is no cue in this render: all of it is outside.</p>".to_owned();
    }
    let mut out = String::from(
        "<div class=\"scroll\" role=\"region\" aria-label=\"Cues\" tabindex=\"0\"><table class=\"cues\"><thead><tr><th scope=\"col\">Cue</th>\
         <th scope=\"col\">In</th><th scope=\"col\">Out</th><th scope=\"col\">Lasts</th><th scope=\"col\">Listener</th>\
         <th scope=\"col\">State</th><th scope=\"col\">Enters</th><th scope=\"col\">Leaves</th></tr></thead><tbody>",
    );
    for (index, span) in input.spans.iter().enumerate() {
        let cue = input.sheet.cues.get(span.cue);
        let shape = |pick: fn(&Cue) -> &auricle::cue::Transition| {
            cue.map_or_else(|| "\u{2013}".to_owned(), |cue| Html(&words::transition(pick(cue))).to_string())
        };
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            index + 1,
            clock.at(span.enter_begins_samples),
            clock.at(span.leave_ends_samples),
            duration(clock.secs(span.leave_ends_samples.saturating_sub(span.enter_begins_samples))),
            user(&span.listener),
            user(&span.state),
            shape(|cue| &cue.enter),
            shape(|cue| &cue.leave),
        );
    }
    out.push_str("</tbody></table></div><ol class=\"sentences\">");
    for (index, span) in input.spans.iter().enumerate() {
        let _ = write!(out, "<li>{}</li>", sentence(input, clock, index, span));
    }
    out.push_str("</ol>");
    out
}

/// What happens in a cue, in plain words.
fn sentence(input: &InputForReport, clock: &Clock, index: usize, span: &CueSpan) -> String {
    let cue = input.sheet.cues.get(span.cue);
    let mut out = format!(
        "At {} we enter the hearing of {}, state {}",
        clock.at(span.enter_begins_samples),
        user(&words::who(&span.listener)),
        user(&span.state)
    );
    if let Some(cue) = cue {
        let _ = write!(out, ", {}", words::transition(&cue.enter));
    }
    let _ = write!(
        out,
        ", and stay for {}.",
        duration(clock.secs(span.leave_ends_samples.saturating_sub(span.enter_begins_samples)))
    );
    let covered = covered_samples(input, index, span);
    if covered > 0 && covered < span.leave_ends_samples - span.enter_begins_samples {
        let secs = duration(clock.secs(covered));
        let _ = write!(out, " Another listener is heard over {secs} of it; what follows is of the rest.");
    }
    match input.measurements.spans.get(index).map(|levels| change::changes(levels, &input.sheet.calibration)) {
        Some(changes) if !changes.is_empty() => {
            let _ = write!(out, " {}", change::in_words(&changes));
        }
        _ if covered > 0 && covered == span.leave_ends_samples - span.enter_begins_samples => {
            out.push_str(" Another listener is heard over all of it.");
        }
        _ => out.push_str(" It is too short to measure what it does to the sound."),
    }
    let state = input.listeners.iter().find(|who| who.listener.name == span.listener);
    let state = state.and_then(|who| who.listener.state(&span.state));
    for extra in cue.map(|cue| words::extras(cue, state)).unwrap_or_default() {
        let _ = write!(out, " {}.", capitalised(&extra));
    }
    out
}

/// Samples of a cue over which another listener's lies.
fn covered_samples(input: &InputForReport, index: usize, span: &CueSpan) -> u64 {
    let all = span.enter_begins_samples..span.leave_ends_samples;
    let heard: u64 = uncovered(&input.spans, index, all.clone()).iter().map(|part| part.end - part.start).sum();
    all.end.saturating_sub(all.start).saturating_sub(heard)
}

/// What each cue does to the sound, by octave.
pub(super) fn octaves(input: &InputForReport) -> String {
    let calibration = &input.sheet.calibration;
    let rows: Vec<(usize, &CueSpan, Vec<Changes>)> = input
        .spans
        .iter()
        .zip(&input.measurements.spans)
        .enumerate()
        .map(|(index, (span, levels))| (index, span, change::changes(levels, calibration)))
        .filter(|(_, _, changes)| !changes.is_empty())
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let top_hz = f64::from(input.measurements.sample_rate_hz) / 2.0;
    let octaves: Vec<usize> =
        (0..OCTAVES_HZ.len()).filter(|octave| OCTAVES_HZ[*octave] * std::f64::consts::FRAC_1_SQRT_2 < top_hz).collect();
    let mut out = String::from(
        "<h3>What each cue does, by octave</h3><p>Change of level while wholly inside and no other listener is heard over it, in dB. \u{201c}Gone\u{201d}: what is left lies \
         below the hearing of a healthy ear. \u{201c}\u{2013}\u{201d}: there was nothing to hear before or after.</p>\
         <div class=\"scroll\" role=\"region\" aria-label=\"Change by octave\" tabindex=\"0\"><table class=\"octaves\"><thead><tr>\
         <th scope=\"col\">Cue</th><th scope=\"col\">State</th><th scope=\"col\">Ear</th>",
    );
    for octave in &octaves {
        let _ = write!(out, "<th scope=\"col\">{}</th>", hz(OCTAVES_HZ[*octave]));
    }
    out.push_str("</tr></thead><tbody>");
    for (index, span, changes) in rows {
        for of in changes {
            let _ = write!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>",
                index + 1,
                user(&span.state),
                match of.whose {
                    Whose::Both => "both",
                    whose => whose.name(),
                }
            );
            for octave in &octaves {
                out.push_str(&cell(of.octaves[*octave]));
            }
            out.push_str("</tr>");
        }
    }
    out.push_str("</tbody></table></div>");
    out
}

fn cell(change: Change) -> String {
    let (text, db) = match change {
        Change::NothingThere => return "<td>\u{2013}</td>".to_owned(),
        Change::Gone(_) => ("gone".to_owned(), -picture::MOST_LOSS_DB),
        Change::New => ("new".to_owned(), picture::MOST_GAIN_DB),
        Change::By(db) => (signed(f64::from(db), 0), db),
    };
    let background = colour::difference(picture::difference_share(db));
    format!("<td style=\"background:{};color:{}\">{text}</td>", colour::hex(background), colour::ink_on(background))
}

/// Loudness and peaks, in and out, outside and inside apart.
pub(super) fn levels(input: &InputForReport, clock: &Clock) -> String {
    let (before, after) = (&input.measurements.before, &input.measurements.after);
    let mut out = String::from(
        "<div class=\"scroll\" role=\"region\" aria-label=\"Levels\" tabindex=\"0\"><table class=\"levels\"><thead><tr>\
         <th scope=\"col\">Section</th><th scope=\"col\">Sound</th><th scope=\"col\">Length</th><th scope=\"col\">Integrated<br>LUFS</th>\
         <th scope=\"col\">Range<br>LU</th><th scope=\"col\">Highest momentary<br>LUFS</th><th scope=\"col\">True peak<br>dBTP</th>\
         <th scope=\"col\">Highest sample<br>dB FS</th></tr></thead><tbody>",
    );
    type Pick = fn(&SideLevels) -> &SectionLevels;
    let sections: [(&str, Pick); 3] = [
        ("<span class=\"out\">outside</span>", |side| &side.outside),
        ("<span class=\"in\">inside</span>", |side| &side.inside),
        ("whole", |side| &side.whole),
    ];
    for (name, pick) in sections {
        for (side, levels) in [("source", pick(before)), ("render", pick(after))] {
            if levels.length_samples == 0 && name != "whole" {
                continue;
            }
            let cell = |value: Option<f64>| {
                value.map_or_else(|| "<td>\u{2013}</td>".to_owned(), |value| format!("<td>{}</td>", number(value, 1)))
            };
            let integrated = match levels.integrated_lufs {
                None if levels.loudness_blocks == 0 => "<td>too short</td>".to_owned(),
                None => "<td>silent</td>".to_owned(),
                measured => cell(measured),
            };
            let _ = write!(
                out,
                "<tr><th scope=\"row\">{name}</th><td>{side}</td><td>{}</td>{}{}{}{}{}</tr>",
                duration(clock.secs(levels.length_samples)),
                integrated,
                cell(levels.range_lu),
                cell(levels.momentary_max_lufs),
                cell(levels.true_peak_dbtp),
                cell(levels.sample_peak_db_fs)
            );
        }
    }
    out.push_str(
        "</tbody></table></div><p class=\"note\">EBU R 128 by ITU-R BS.1770 gating over each section\u{2019}s own blocks of 400 ms. Outside is \
         what is wholly outside, inside what is wholly inside; fades count in the whole alone. Silent: below \
         \u{2212}70 LUFS. Too short: without a block of its own. \u{201c}\u{2013}\u{201d}: nothing to measure.</p>",
    );
    out
}

/// What was found that deserves a look, HTML a piece.
pub(super) fn warnings(input: &InputForReport, clock: &Clock) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (name, side) in [("source", &input.measurements.before), ("render", &input.measurements.after)] {
        if side.over_samples > 0 {
            let peak = side.whole.sample_peak_db_fs.unwrap_or(0.0);
            let become_of_them = match &input.clipping {
                _ if name == "source" => String::new(),
                Some(clipping) => format!(" {}.", Html(&capitalised(clipping))),
                None => " They survive: the file is in floating point.".to_owned(),
            };
            out.push(format!(
                "The {name} has {} above full scale; the highest, {} dB FS, is at {}.{become_of_them}",
                count(side.over_samples, "sample"),
                signed(peak, 1),
                clock.at(side.highest_at_samples)
            ));
        }
        if let Some(first) = side.non_finite_first_samples {
            out.push(format!(
                "The {name} has {} that {} NaN or infinite, the first at {}; measured here as silence.",
                count(side.non_finite_samples, "sample"),
                if side.non_finite_samples == 1 { "is" } else { "are" },
                clock.at(first)
            ));
        }
    }
    out.extend(input.warnings.iter().map(|warning| user(warning)));
    out
}
