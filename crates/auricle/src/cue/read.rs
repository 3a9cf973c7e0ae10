//! Reads a cue sheet from its text.

use super::form::{CUE_SHEET, CUT_MS, DRIFT_MS, LEAST_FPS, MOST_FPS, POP_MS};
use super::timecode::{Timecode, check_rate};
use super::{Cue, CueSheet, Draft, FieldLines, FrameRate, Moment, Picture, Shape, Transition, time};
use crate::fault::Faults;
use crate::form::check::check;
use crate::form::source::{Source, quote};
use crate::form::view::{View, number};
use crate::form::{Complaint, closest};
use crate::level::{Calibration, Field};
use crate::listener::Reference;
use crate::presets;
use toml::de::DeValue;

impl CueSheet {
    /// Reads the cue sheet `text` of the file called `file_name` (for messages only).
    ///
    /// The faults beside the sheet are warnings. Whether its listeners and their states exist is for
    /// [`CueSheet::check_against`], whether its cues lie within the film for [`CueSheet::check_length`].
    ///
    /// # Errors
    /// Every fault of the file, in the order of its lines; at least one of them an error.
    pub fn parse(text: &str, file_name: &str) -> Result<(Self, Faults), Faults> {
        let Draft { sheet, faults, .. } = Self::read(text, file_name, None);
        if faults.has_errors() { Err(faults) } else { Ok((sheet, faults)) }
    }

    /// Reads what can be read of the cue sheet `text`, and every fault of it, so that further checks
    /// can be told together with these.
    ///
    /// `listener`, a reference, stands for the sheet's own.
    pub fn read(text: &str, file_name: &str, listener: Option<&str>) -> Draft {
        let mut source = Source::new(file_name, text);
        let document = source.parse();
        check(&mut source, &CUE_SHEET, &document);
        let (sheet, untimed) = read(&mut source, &View::root(&document), listener);
        Draft { sheet, untimed, faults: source.into_faults() }
    }
}

fn read(source: &mut Source<'_>, root: &View<'_, '_>, listener: Option<&str>) -> (CueSheet, Vec<Cue>) {
    let picture = root.table("picture").map(|view| read_picture(source, &view)).unwrap_or_default();
    let calibration = root.table("calibration").map(|view| read_calibration(&view)).unwrap_or_default();
    let own_listener = root.text("listener").filter(|_| listener.is_none());
    check_reference(source, root);
    // A preset and its state are named together and kept apart: the sheet's own is a default.
    let (listener, state) = listener.or(own_listener).map(split_state).unzip();
    let state = state.flatten().map(|state| (state, source.place(root.span_of("listener").start).0));
    let (mut cues, mut untimed) = (Vec::new(), Vec::new());
    for (i, view) in root.tables("cue").iter().enumerate() {
        check_reference(source, view);
        let (mut cue, is_timed) = read_cue(source, view, picture, i + 1);
        if let Some((state, line)) = &state
            && cue.listener.is_none()
            && cue.state.is_empty()
        {
            cue.state.clone_from(state);
            cue.field_lines.state = *line;
        }
        if is_timed {
            cues.push(cue);
        } else {
            untimed.push(cue);
        }
        if listener.is_none() && !view.has("listener") && !source.is_broken() {
            let help = "write listener = \"preset:drummer\" here, or once at the top of the sheet";
            source.error(view.span.clone(), &view.path_of("listener"), "nobody's ears are named", help);
        }
    }
    cues.sort_by_key(|a| a.enters);
    let sheet = CueSheet {
        title: root.words("title"),
        listener_line: own_listener.map_or(0, |_| source.place(root.span_of("listener").start).0),
        listener,
        seed: root.whole("seed").and_then(|seed| u64::try_from(seed).ok()).unwrap_or(0),
        calibration,
        picture,
        cues,
    };
    super::check::overlaps(&sheet, source);
    (sheet, untimed)
}

/// "preset:drummer/deaf" as a listener and the state it names.
fn split_state(reference: &str) -> (String, Option<String>) {
    match Reference::parse(reference) {
        Ok(Reference::Preset { name, state: Some(state) }) => (format!("preset:{name}"), Some(state)),
        _ => (reference.to_owned(), None),
    }
}

/// A preset that is named exists, and its state is named once.
fn check_reference(source: &mut Source<'_>, view: &View<'_, '_>) {
    let Some(text) = view.text("listener").filter(|text| !text.trim().is_empty()) else {
        return;
    };
    let (message, help) = match Reference::parse(text) {
        Err(error) => (error.to_string(), String::new()),
        Ok(Reference::Preset { state: Some(state), .. }) if view.text("state").is_some_and(|other| other != state) => (
            format!("the reference names the state {}, the cue's `state` another", quote(&state)),
            "name it once".to_owned(),
        ),
        Ok(Reference::Preset { name, .. }) => {
            if presets::names().iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                return;
            }
            let help = match closest(&name, presets::names()) {
                Some(near) => format!("did you mean \"preset:{near}\"?"),
                None => format!("presets: {}", presets::names().join(", ")),
            };
            (format!("there is no preset {}", quote(&name)), help)
        }
        Ok(Reference::File(_)) => return,
    };
    source.error(view.span_of("listener"), &view.path_of("listener"), message, help);
}

fn read_calibration(view: &View<'_, '_>) -> Calibration {
    let healthy = Calibration::default();
    Calibration {
        full_scale_db_spl: view.number("full_scale_db_spl").unwrap_or(healthy.full_scale_db_spl),
        field: if view.text("field") == Some("diffuse") { Field::Diffuse } else { Field::Free },
    }
}

fn read_picture(source: &mut Source<'_>, view: &View<'_, '_>) -> Picture {
    let frame_rate = view.value("frame_rate").and_then(|value| match value.get_ref() {
        DeValue::String(text) => check_rate(text).ok(),
        DeValue::Integer(_) => view.whole("frame_rate").and_then(|fps| check_rate(&fps.to_string()).ok()),
        DeValue::Float(float) => {
            // 25.0 is 25, and 29.97 is the rate of that name, exactly.
            let rate = check_rate(float.as_str());
            // What is out of range has been told.
            if let (Err(complaint), Some(LEAST_FPS..=MOST_FPS)) = (&rate, number(value.get_ref())) {
                source.error(value.span(), &view.path_of("frame_rate"), &complaint.message, &complaint.help);
            }
            rate.ok()
        }
        _ => None,
    });
    let start_frames = match (view.text("start").and_then(Timecode::parse), frame_rate) {
        (Some(start), Some(rate)) => start.to_frames(rate).unwrap_or_else(|error| {
            source.error(view.span_of("start"), &view.path_of("start"), error.to_string(), "");
            0
        }),
        _ => 0,
    };
    Picture { frame_rate, start_frames }
}

/// A cue, and whether its times could be read.
fn read_cue(source: &mut Source<'_>, view: &View<'_, '_>, picture: Picture, number: usize) -> (Cue, bool) {
    let enters = read_time(source, view, "in", picture);
    let leaves_at_end = !view.has("out") || view.text("out") == Some("end");
    let leaves = if leaves_at_end { None } else { read_time(source, view, "out", picture) };
    let enter = read_transition(source, view, "enter", picture.frame_rate);
    let leave = read_transition(source, view, "leave", picture.frame_rate);
    let line_of = |name: &str| source.place(view.span_of(name).start).0;
    let (listener, named) = view.text("listener").map(split_state).unzip();
    let named = named.flatten().filter(|_| !view.has("state"));
    let cue = Cue {
        enters: enters.unwrap_or(Moment::ZERO),
        leaves,
        listener,
        state: named.clone().unwrap_or_else(|| view.words("state")),
        enter,
        leave,
        bleed_db: view.number("bleed_db"),
        tinnitus: view.flag("tinnitus").unwrap_or(true),
        caption: view.text("caption").map(str::to_owned),
        line: source.place(view.span.start).0,
        field_lines: FieldLines {
            number,
            enters: line_of("in"),
            leaves: line_of("out"),
            listener: line_of("listener"),
            state: line_of(if named.is_some() { "listener" } else { "state" }),
        },
    };
    // Of a time that is unreadable, which has been said, nothing can be said of the span.
    let is_timed = enters.is_some() && (leaves_at_end || leaves.is_some());
    if is_timed {
        check_span(source, view, &cue);
    }
    (cue, is_timed)
}

/// Ends after its beginning, and long enough for its fades.
fn check_span(source: &mut Source<'_>, view: &View<'_, '_>, cue: &Cue) {
    if let Some(leaves) = cue.leaves {
        let (out, span) = (view.path_of("out"), view.span_of("out"));
        if leaves < cue.enters {
            let message = format!("the cue ends ({leaves}) before it begins ({})", cue.enters);
            source.error(span, &out, message, "exchange `in` and `out`");
        } else if leaves == cue.enters {
            source.error(span, &out, "the cue ends where it begins", "let `out` be later than `in`");
        } else if let Some(ms) = leaves.minus(cue.enters).map(|length| length.secs() * 1_000.0)
            && cue.enter.ms + cue.leave.ms > ms
        {
            let message = format!(
                "the cue lasts {ms:.0} ms, shorter than entering ({} ms) and leaving ({} ms) together",
                cue.enter.ms, cue.leave.ms
            );
            source.error(view.span_of("enter"), &view.path_of("enter"), message, "shorten them, or let the cue last");
        }
    }
    if cue.enter.lead > cue.enters {
        let message = "the lead reaches before the film's first frame; the cue enters there";
        source.warning(view.span_of("enter"), &view.path_of("enter"), message, "shorten the lead");
    }
}

fn read_time(source: &mut Source<'_>, view: &View<'_, '_>, name: &str, picture: Picture) -> Option<Moment> {
    let value = view.value(name)?;
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(at) => at.to_string(),
        DeValue::Integer(_) => {
            let secs = view.whole(name).filter(|secs| (0..=time::MAX_SECS as i64).contains(secs))?;
            return Moment::new(secs, 1);
        }
        DeValue::Float(float) => {
            let moment = time::seconds(float.as_str());
            if let (None, Some(0.0..=time::MAX_SECS)) = (moment, number(value.get_ref())) {
                let help = "at most nine digits after the point";
                source.error(value.span(), &view.path_of(name), "has too many digits", help);
            }
            return moment;
        }
        _ => return None,
    };
    match time::read(&text).ok()?.resolve(picture) {
        Ok(moment) => Some(moment),
        Err(Complaint { message, help }) => {
            source.error(value.span(), &view.path_of(name), message, help);
            None
        }
    }
}

fn read_transition(source: &mut Source<'_>, cue: &View<'_, '_>, name: &str, rate: Option<FrameRate>) -> Transition {
    let view = cue.table(name);
    let shape = view.as_ref().map_or_else(|| cue.text(name), |view| view.text("shape"));
    let (shape, default_ms) = match shape {
        Some("pop") => (Shape::Pop, POP_MS.2),
        Some("drift") => (Shape::Drift, DRIFT_MS.2),
        _ => (Shape::Cut, CUT_MS.2),
    };
    let Some(view) = view else {
        return Transition { shape, ms: default_ms, lead: Moment::ZERO };
    };
    let secs = view.number("secs").map(|secs| secs * 1_000.0);
    let lead = read_lead(source, &view, rate).unwrap_or(Moment::ZERO);
    Transition { shape, ms: view.number("ms").or(secs).unwrap_or(default_ms), lead }
}

/// By how much sound runs before the picture; negative: behind it.
fn read_lead(source: &mut Source<'_>, view: &View<'_, '_>, rate: Option<FrameRate>) -> Option<Moment> {
    for (frames, ms, sign) in [("lead_frames", "lead_ms", 1), ("lag_frames", "lag_ms", -1)] {
        if let Some(count) = view.whole(frames) {
            if let Some(rate) = rate {
                return Moment::from_frames(count.checked_mul(sign)?, rate);
            }
            let help = "write [picture] frame_rate = \"24000/1001\", or use lead_ms or lag_ms";
            source.error(view.span_of(frames), &view.path_of(frames), "frames need the picture's frame rate", help);
        } else if let Some(ms) = view.number(ms) {
            // To the microsecond, far below a sample.
            return Moment::new((ms * 1_000.0).round() as i64 * sign, 1_000_000);
        }
    }
    None
}
