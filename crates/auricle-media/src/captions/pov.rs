//! Labels at the cues, merged with the film's own captions.
//!
//! Limits: at most two lines of 42 characters, 5/6 s to 7 s, two frames between labels, a label's
//! beginning on the frame nearest to where the sound changes.

use auricle::cue::{Cue, CueSpan, FrameRate, Shape, lies_over};
use auricle::listener::{Listener, State};

use super::Caption;
use super::labels::{entering, ringing, short_name, shortened, switching};
use super::markup::{LINE_CHARS, escape, two_lines, visible_chars};

/// Shortest time a label is shown, ms: 5/6 s.
const SHORTEST_MS: u64 = 834;
/// Longest time a label is shown, ms.
const LONGEST_MS: u64 = 7000;
/// A label is shown at least this long where there is room, ms.
const EASY_MS: u64 = 2000;
/// Reading time of a character, ms: 15 characters a second.
const CHAR_MS: u64 = 67;
/// Two frames where the picture's rate is not known, ms (at 24 frames a second).
const GAP_MS: u64 = 84;
/// By how much a label may come late, so that one before it can be read, ms: three frames.
const LATE_MS: u64 = 125;
/// After this long inside, the label is shown again, ms.
const REPEAT_MS: u64 = 60_000;

/// A name keeps this many characters where a label is too long with all of it: half of a line.
const NAME_CHARS: usize = LINE_CHARS / 2;
/// Of a name less than this says nothing.
const LEAST_NAME_CHARS: usize = 10;

/// What the captions are made of.
#[derive(Debug, Clone, Copy)]
pub struct PovInput<'a> {
    /// The cues on the sample grid.
    pub spans: &'a [CueSpan],
    /// Rate of that grid.
    pub sample_rate_hz: u32,
    /// The cues that `spans` count in; may be empty where the whole film is inside.
    pub cues: &'a [Cue],
    /// Every listener in use.
    pub listeners: &'a [Listener],
    /// The picture's frame rate; `None`: labels begin to the millisecond.
    pub frame_rate: Option<FrameRate>,
    /// Length of the film where it is known.
    pub length_samples: Option<u64>,
    /// The film's own captions, kept in full.
    pub film: &'a [Caption],
}

/// Captions that follow whose ears we are in, in order of their beginnings.
pub fn pov_captions(input: &PovInput<'_>) -> Vec<Caption> {
    let labels = spread(labels(input), gap_ms(input.frame_rate));
    let film: Vec<Caption> =
        input.film.iter().filter(|line| line.ends_ms > line.begins_ms).map(within_limits).collect();
    let shown = timed(&labels, gap_ms(input.frame_rate));
    let film_ends_ms = input
        .length_samples
        .map_or(u64::MAX, |samples| samples.saturating_mul(1000) / u64::from(input.sample_rate_hz.max(1)));
    let mut all: Vec<Caption> = labels
        .into_iter()
        .zip(shown)
        .enumerate()
        .map(|(number, (label, ends_ms))| {
            // Not past the film's end, however little is left.
            let ends_ms = ends_ms.min(film_ends_ms.max(label.begins_ms + 1));
            let settings = place(label.begins_ms, ends_ms, &film);
            let id = Some(format!("ears-{}", number + 1));
            Caption { id, begins_ms: label.begins_ms, ends_ms, settings, text: label.text }
        })
        .collect();
    all.extend(film);
    all.sort_by_key(|caption| caption.begins_ms);
    all
}

/// Why a label is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    Entering,
    StillInside,
    /// A cue has ended within another, which is heard again.
    Returning,
    Leaving,
}

#[derive(Debug, Clone)]
struct Label {
    occasion: Occasion,
    /// Index into the spans.
    span: usize,
    begins_ms: u64,
    /// From here on it is not true any more.
    until_ms: u64,
    /// WebVTT cue text, at most two lines of 42 characters.
    text: String,
    /// The text to use if the cue is over before a label can be read.
    text_if_brief: String,
}

fn labels(input: &PovInput<'_>) -> Vec<Label> {
    let length = input.length_samples.unwrap_or(u64::MAX);
    let mut labels = Vec::new();
    for (index, span) in input.spans.iter().enumerate() {
        if span.leave_ends_samples <= span.enter_begins_samples || span.enter_begins_samples >= length {
            continue;
        }
        let cue = input.cues.get(span.cue);
        let begins_ms = on_frame(span.enter_begins_samples, input);
        let label = |occasion, span, at_samples, begins_ms| label_of(input, occasion, span, at_samples, begins_ms);
        labels.push(label(Occasion::Entering, index, span.enter_begins_samples, begins_ms));
        let leaves_ms = on_frame(span.leave_begins_samples, input);
        let mut again_ms = begins_ms + REPEAT_MS;
        while again_ms + LONGEST_MS < leaves_ms {
            // Not while another cue within this one is heard.
            let at_samples = again_ms.saturating_mul(u64::from(input.sample_rate_hz)) / 1000;
            if heard_at(input.spans, at_samples) == Some(index) {
                labels.push(label(Occasion::StillInside, index, at_samples, again_ms));
            }
            again_ms += REPEAT_MS;
        }
        let begins_ms = leaves_ms.max(begins_ms);
        // Where another listener's cue goes on, or the film ends, no full sound returns.
        match heard_at(input.spans, span.leave_ends_samples) {
            _ if span.leave_ends_samples >= length => {}
            Some(after) if lies_over(input.spans, index, after) => {
                labels.push(label(Occasion::Returning, after, span.leave_ends_samples, begins_ms));
            }
            // It has been heard already, or begins here and has a label of its own.
            Some(_) => {}
            None => {
                let slowly = cue.is_some_and(|cue| cue.leave.shape == Shape::Drift);
                let text = if slowly { "[full sound slowly returns]" } else { "[full sound returns]" }.to_owned();
                let text_if_brief = text.clone();
                let occasion = Occasion::Leaving;
                labels.push(Label { occasion, span: index, begins_ms, until_ms: u64::MAX, text, text_if_brief });
            }
        }
    }
    // At the same moment the label of what follows comes last, so that it can take the place.
    let rank = |occasion| match occasion {
        Occasion::Leaving => 0,
        Occasion::Returning => 1,
        Occasion::Entering | Occasion::StillInside => 2,
    };
    labels.sort_by_key(|label| (label.begins_ms, rank(label.occasion), label.span));
    labels
}

/// The label of `input.spans[span]`, heard from `at_samples` on.
fn label_of(input: &PovInput<'_>, occasion: Occasion, span: usize, at_samples: u64, begins_ms: u64) -> Label {
    let within = &input.spans[span];
    let cue = input.cues.get(within.cue);
    let state = state_of(input, within);
    // Nobody switches anything on who only comes back to it.
    let switched = before(input, span).filter(|_| occasion == Occasion::Entering).zip(state);
    let switched = switched.and_then(|(before, state)| switching(before, state));
    // One drifts into a cue once: what is returned to is there at once.
    let drifts = occasion != Occasion::Returning && cue.is_some_and(|cue| cue.enter.shape == Shape::Drift);
    let (text, text_if_brief) =
        inside_texts(within, cue, state, (if drifts { Shape::Drift } else { Shape::Cut }, switched));
    let covered = (0..input.spans.len())
        .filter(|other| lies_over(input.spans, *other, span))
        .map(|other| input.spans[other].enter_begins_samples)
        .filter(|begins| *begins > at_samples)
        .min();
    let until_samples = covered.map_or(within.leave_ends_samples, |covered| covered.min(within.leave_ends_samples));
    Label { occasion, span, begins_ms, until_ms: on_frame(until_samples, input), text, text_if_brief }
}

/// The state of a span.
fn state_of<'a>(input: &PovInput<'a>, span: &CueSpan) -> Option<&'a State> {
    let listener = input.listeners.iter().find(|listener| listener.name == span.listener)?;
    listener.states.iter().find(|state| state.name == span.state)
}

/// The state in which the listener of `input.spans[span]` was last before it.
fn before<'a>(input: &PovInput<'a>, span: usize) -> Option<&'a State> {
    let this = &input.spans[span];
    let earlier = input
        .spans
        .iter()
        .filter(|other| other.listener == this.listener && other.enter_begins_samples < this.enter_begins_samples);
    state_of(input, earlier.max_by_key(|other| other.enter_begins_samples)?)
}

/// The span that is heard at a sample: of those that last, the one that lies over the others.
fn heard_at(spans: &[CueSpan], at_samples: u64) -> Option<usize> {
    let lasts = |span: &CueSpan| span.enter_begins_samples <= at_samples && span.leave_ends_samples > at_samples;
    let lasting = (0..spans.len()).filter(|span| lasts(&spans[*span]));
    lasting.reduce(|one, other| if lies_over(spans, other, one) { other } else { one })
}

/// The label of a cue, and the one to use if the cue is brief; `switched` says that an implant is switched on or off with it.
fn inside_texts(
    span: &CueSpan,
    cue: Option<&Cue>,
    state: Option<&State>,
    (shape, switched): (Shape, Option<&str>),
) -> (String, String) {
    let own = cue.and_then(|cue| cue.caption.as_deref()).map(str::trim).filter(|caption| !caption.is_empty());
    let derived = || state.map_or_else(|| span.state.clone(), |state| entering(state, shape));
    let heard = own.or(switched).map_or_else(derived, str::to_owned);
    // Words of the user's own say what there is to say; a ringing is added to derived ones alone.
    let derived = own.is_none() && state.is_some_and(|state| state.caption.trim().is_empty());
    let rings = state.filter(|_| derived && cue.is_none_or(|cue| cue.tinnitus)).and_then(ringing);
    let name = short_name(&span.listener);
    let rings = rings.map(|rings| format!("[{rings}]"));
    let text = |heard: &str| inside_text(name, heard, rings.as_deref());
    (text(&heard), text(&format!("{heard} for a moment")))
}

/// What `name` hears, and what rings, where there is room for it. The name gives way first: what is heard is why
/// the label is there.
fn inside_text(name: &str, heard: &str, rings: Option<&str>) -> String {
    let said = |name: &str| if name.is_empty() { format!("[{heard}]") } else { format!("[{name}: {heard}]") };
    let (whole, brief) = (said(name), said(&shortened(name, NAME_CHARS)));
    if let Some(rings) = rings {
        // Brackets, colon and space take four.
        let room = LINE_CHARS.saturating_sub(4 + heard.chars().count()).clamp(LEAST_NAME_CHARS, NAME_CHARS);
        let names = [name.to_owned(), shortened(name, room)];
        let one_line = names.iter().map(|name| said(name)).find(|line| line.chars().count() <= LINE_CHARS);
        if let Some(first) = one_line {
            return format!("{}\n{}", fit(&first), fit(rings));
        }
    }
    if two_lines(&escape(&whole)).is_some() { fit(&whole) } else { fit(&brief) }
}

/// Plain text as cue text of at most two lines; what is too long ends in an ellipsis.
fn fit(label: &str) -> String {
    let label: String = label.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(lines) = two_lines(&escape(&label)) {
        return lines;
    }
    let closing = if label.ends_with(']') { "\u{2026}]" } else { "\u{2026}" };
    let mut kept: Vec<char> = label.trim_end_matches(']').chars().collect();
    loop {
        // At a space where there is one, else anywhere.
        match kept.iter().rposition(|c| *c == ' ') {
            Some(space) if space > LINE_CHARS / 2 => kept.truncate(space),
            _ => kept.truncate(kept.len().saturating_sub(1).min(LINE_CHARS - closing.chars().count())),
        }
        let shorter: String = kept.iter().collect::<String>() + closing;
        if let Some(lines) = two_lines(&escape(&shorter)) {
            return lines;
        }
    }
}

/// A sample as the beginning of the nearest frame, ms.
fn on_frame(samples: u64, input: &PovInput<'_>) -> u64 {
    let rate_hz = u128::from(input.sample_rate_hz.max(1));
    let samples = u128::from(samples);
    let ms = match input.frame_rate.filter(|rate| rate.numerator > 0 && rate.denominator > 0) {
        Some(rate) => {
            let (up, down) = (u128::from(rate.numerator), u128::from(rate.denominator));
            let frame = (2 * samples * up + rate_hz * down) / (2 * rate_hz * down);
            (frame * down * 1000).div_ceil(up)
        }
        None => samples * 1000 / rate_hz,
    };
    u64::try_from(ms).unwrap_or(u64::MAX)
}

/// Two frames, rounded up, ms.
fn gap_ms(rate: Option<FrameRate>) -> u64 {
    rate.filter(|rate| rate.numerator > 0)
        .map_or(GAP_MS, |rate| (2000 * u64::from(rate.denominator)).div_ceil(u64::from(rate.numerator)))
}

/// Leaves out labels that could not be read before the next one: what lasts wins over what passes.
fn spread(labels: Vec<Label>, gap_ms: u64) -> Vec<Label> {
    let mut kept: Vec<Label> = Vec::new();
    for mut label in labels {
        loop {
            let from_ms = kept.last().map_or(0, |last| last.begins_ms + SHORTEST_MS + gap_ms);
            let Some(last) = kept.last_mut().filter(|_| label.begins_ms + LATE_MS < from_ms) else {
                label.begins_ms = label.begins_ms.max(from_ms);
                kept.push(label);
                break;
            };
            match (last.occasion, label.occasion) {
                (_, Occasion::StillInside) => break,
                (Occasion::Entering, Occasion::Leaving | Occasion::Returning) => {
                    if last.until_ms <= label.begins_ms + gap_ms {
                        last.text.clone_from(&last.text_if_brief);
                    }
                    break;
                }
                (Occasion::Entering, Occasion::Entering) if last.text_if_brief == label.text_if_brief => {
                    last.until_ms = last.until_ms.max(label.until_ms);
                    break;
                }
                (Occasion::Leaving, Occasion::Leaving) => break,
                _ => {
                    kept.pop();
                }
            }
        }
    }
    kept
}

/// Where each label ends, ms.
fn timed(labels: &[Label], gap_ms: u64) -> Vec<u64> {
    labels
        .iter()
        .enumerate()
        .map(|(index, label)| {
            let chars = visible_chars(&label.text) as u64;
            let wanted_ms = (chars * CHAR_MS).clamp(EASY_MS, LONGEST_MS);
            let room_ms = labels.get(index + 1).map_or(LONGEST_MS, |next| next.begins_ms - gap_ms - label.begins_ms);
            let true_ms = label.until_ms.saturating_sub(label.begins_ms);
            label.begins_ms + wanted_ms.min(room_ms).min(true_ms.max(SHORTEST_MS))
        })
        .collect()
}

/// Where on the picture a label stands: at the top while the film's own captions are at the bottom.
fn place(begins_ms: u64, ends_ms: u64, film: &[Caption]) -> String {
    let mut beside = film.iter().filter(|line| line.begins_ms < ends_ms && line.ends_ms > begins_ms).peekable();
    if beside.peek().is_none() || beside.all(is_at_top) { String::new() } else { "line:0".to_owned() }
}

/// True where a caption's settings put it into the upper half.
fn is_at_top(caption: &Caption) -> bool {
    let line = caption.settings.split_whitespace().find_map(|setting| setting.strip_prefix("line:"));
    let Some(line) = line.and_then(|line| line.split(',').next()) else {
        return false;
    };
    match line.strip_suffix('%') {
        Some(percent) => percent.parse().is_ok_and(|percent: f64| percent < 50.0),
        None => line.parse().is_ok_and(|line: i64| (0..6).contains(&line)),
    }
}

/// A caption of the film: its lines are its own, and say who speaks. One that is a single line, and too long for it,
/// is broken in two where that is enough.
fn within_limits(caption: &Caption) -> Caption {
    let is_one_long_line = !caption.text.contains('\n') && visible_chars(&caption.text) > LINE_CHARS;
    let text = Some(&caption.text).filter(|_| is_one_long_line).and_then(|text| two_lines(text));
    Caption { text: text.unwrap_or_else(|| caption.text.clone()), ..caption.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captions::{parse, to_webvtt};
    use auricle::cue::{Moment, Transition};
    use auricle::listener::{Card, EarFindings, Movement};
    use proptest::prelude::*;

    const FILM: FrameRate = FrameRate { numerator: 24_000, denominator: 1001, drop_frame: false };

    fn state(name: &str, deaf: bool, caption: &str) -> State {
        let ear = EarFindings { deaf, ..EarFindings::default() };
        State {
            name: name.into(),
            about: String::new(),
            caption: caption.into(),
            left: ear.clone(),
            right: ear,
            movement: Movement::Instant,
        }
    }

    fn drummer() -> Listener {
        let states = vec![state("deaf", true, ""), state("muffled", false, "muffled")];
        Listener { name: "the drummer".into(), card: Card::default(), states }
    }

    fn span(state: &str, secs: [f64; 2]) -> CueSpan {
        let at = |secs: f64| (secs * 48_000.0) as u64;
        CueSpan {
            cue: 0,
            listener: "the drummer".into(),
            state: state.into(),
            enter_begins_samples: at(secs[0]),
            enter_ends_samples: at(secs[0]) + 240,
            leave_begins_samples: at(secs[1]) - 240,
            leave_ends_samples: at(secs[1]),
        }
    }

    fn captions(spans: &[CueSpan], film: &[Caption]) -> Vec<Caption> {
        pov_captions(&PovInput {
            spans,
            sample_rate_hz: 48_000,
            cues: &[],
            listeners: &[drummer()],
            frame_rate: Some(FILM),
            length_samples: Some(48_000 * 600),
            film,
        })
    }

    fn texts(captions: &[Caption]) -> Vec<&str> {
        captions.iter().map(|caption| caption.text.as_str()).collect()
    }

    #[test]
    fn labels_stand_at_entering_and_leaving() {
        let found = captions(&[span("deaf", [10.0, 20.0])], &[]);
        assert_eq!(texts(&found), ["[drummer: sound cuts out]", "[full sound returns]"]);
        // 10 s is nearest to frame 240 of 24000/1001, which begins at 10.010 s.
        assert_eq!(found[0].begins_ms, 10_010);
        assert!(found[1].begins_ms.abs_diff(20_000) < 42);
    }

    #[test]
    fn an_implant_that_is_switched_on_says_so() {
        let mut drummer = auricle::presets::get("drummer").expect("a preset");
        drummer.states.iter_mut().for_each(|state| state.caption.clear());
        let spans = ["processor off", "activation day", "one year", "processor off"]
            .iter()
            .enumerate()
            .map(|(at, name)| span(name, [10.0 * at as f64, 10.0 * (at + 1) as f64]));
        let spans: Vec<CueSpan> = spans.map(|span| CueSpan { listener: drummer.name.clone(), ..span }).collect();
        let found = pov_captions(&PovInput {
            spans: &spans,
            sample_rate_hz: 48_000,
            cues: &[],
            listeners: &[drummer],
            frame_rate: None,
            length_samples: Some(48_000 * 600),
            film: &[],
        });
        assert_eq!(
            texts(&found).iter().map(|text| text.replace('\n', " ")).collect::<Vec<_>>(),
            [
                "[drummer: silence, implant off]",
                "[drummer: implant switched on]",
                "[drummer: sound through two cochlear implants]",
                "[drummer: implant switched off]",
                "[full sound returns]"
            ]
        );
    }

    #[test]
    fn a_cue_that_follows_at_once_takes_the_place_of_full_sound() {
        let found = captions(&[span("muffled", [10.0, 20.0]), span("deaf", [20.0, 30.0])], &[]);
        assert_eq!(texts(&found), ["[drummer: muffled]", "[drummer: sound cuts out]", "[full sound returns]"]);
    }

    /// As `captions`, of two listeners of whom the first is heard from `first` and the other from `second`.
    fn of_two(first: [f64; 2], second: [f64; 2]) -> Vec<(u64, u64, String)> {
        let mut other = drummer();
        other.name = "Ann".into();
        let within = CueSpan { listener: other.name.clone(), ..span("deaf", second) };
        let found = pov_captions(&PovInput {
            spans: &[span("muffled", first), within],
            sample_rate_hz: 48_000,
            cues: &[],
            listeners: &[drummer(), other],
            frame_rate: None,
            length_samples: Some(48_000 * 600),
            film: &[],
        });
        found.into_iter().map(|caption| (caption.begins_ms, caption.ends_ms, caption.text)).collect()
    }

    #[test]
    fn lines_of_the_film_stay_its_own() {
        let line = |text: &str| Caption { begins_ms: 1000, ends_ms: 3000, text: text.into(), ..Caption::default() };
        let talk = "- One of them speaks first here.\n- Two answers, and at some length at that.\n- Three!";
        let long = "She said that she would be back before any of us noticed.";
        let found = captions(&[], &[line(talk), line(long)]);
        assert_eq!(found[0].text, talk);
        assert_eq!(found[1].text.lines().count(), 2, "{}", found[1].text);
    }

    #[test]
    fn the_end_of_a_cue_within_another_is_told() {
        let found = of_two([1.0, 20.0], [2.5, 4.0]);
        let texts: Vec<&str> = found.iter().map(|found| found.2.as_str()).collect();
        assert_eq!(
            texts,
            ["[drummer: muffled]", "[Ann: sound cuts out]", "[drummer: muffled]", "[full sound returns]"]
        );
        assert!(found[1].1 <= 4000 && found[2].0.abs_diff(4000) <= 5, "{found:?}");
    }

    #[test]
    fn no_label_outlasts_a_cue_that_is_covered_or_over() {
        // The first ends while the later one goes on: nothing changes then, and its label is gone before.
        let found = of_two([1.0, 3.0], [2.0, 9.0]);
        let texts: Vec<&str> = found.iter().map(|found| found.2.as_str()).collect();
        assert_eq!(texts, ["[drummer: muffled]", "[Ann: sound cuts out]", "[full sound returns]"]);
        assert!(found[0].1 <= 2000, "{found:?}");
        // A moment within another says that it is one, and needs no label for the return.
        let found = of_two([1.0, 20.0], [4.0, 4.5]);
        assert_eq!(found[1].2, "[Ann: sound cuts out for a moment]");
        assert_eq!(found[2].2, "[full sound returns]");
        // The label of a short rest of the outer cue gives way to what lasts.
        let found = of_two([1.0, 4.4], [2.0, 4.0]);
        assert_eq!(found[2], (4395, found[2].1, "[full sound returns]".to_owned()));
        assert!(found[1].1 <= 4000, "{found:?}");
    }

    #[test]
    fn cues_just_long_enough_to_be_read_have_their_labels_and_their_end() {
        let spans = [span("deaf", [1.0, 1.8]), span("muffled", [1.8, 3.1]), span("deaf", [3.1, 4.0])];
        let found = captions(&spans, &[]);
        let texts = texts(&found);
        let (deaf, muffled) = ("[drummer: sound cuts out]", "[drummer: muffled]");
        assert_eq!(texts, [deaf, muffled, deaf, "[full sound returns]"]);
        for (label, begins_ms) in found.iter().zip([1000, 1800, 3100, 4000]) {
            assert!((begins_ms - 22..=begins_ms + LATE_MS + 22).contains(&label.begins_ms), "{found:?}");
        }
        // One that is over sooner is shown for as short as can be read.
        let found = captions(&[span("deaf", [10.0, 10.4])], &[]);
        assert_eq!(found[0].ends_ms - found[0].begins_ms, SHORTEST_MS);
    }

    #[test]
    fn a_brief_cue_says_so_in_one_label() {
        let found = captions(&[span("deaf", [10.0, 10.4])], &[]);
        assert_eq!(texts(&found), ["[drummer: sound cuts out for a moment]"]);
    }

    #[test]
    fn a_long_stay_is_recalled() {
        let found = captions(&[span("deaf", [10.0, 200.0])], &[]);
        assert_eq!(found.iter().filter(|caption| caption.text.contains("cuts out")).count(), 4);
    }

    #[test]
    fn a_label_leaves_the_films_line_its_place() {
        let line = Caption {
            id: Some("7".into()),
            begins_ms: 9500,
            ends_ms: 12_000,
            settings: "line:80%".into(),
            text: "Tell me, is the <u>lord of the universe</u>\nin, or is he out again?".into(),
        };
        let found = captions(&[span("deaf", [10.0, 20.0])], std::slice::from_ref(&line));
        assert_eq!(found[0], line);
        assert_eq!(found[1].settings, "line:0");
        let top = Caption { settings: "line:10%".into(), ..line };
        assert_eq!(captions(&[span("deaf", [10.0, 20.0])], &[top])[1].settings, "");
    }

    #[test]
    fn no_label_outlasts_the_film() {
        let captions = captions(&[span("muffled", [590.0, 599.5])], &[]);
        assert_eq!(texts(&captions), ["[drummer: muffled]", "[full sound returns]"]);
        assert_eq!(captions[1].ends_ms, 600_000);
    }

    #[test]
    fn a_name_gives_way_to_what_is_heard_and_only_then() {
        let long = "woman at the long desk beside the window";
        let text = |name, heard, rings| inside_text(name, heard, rings);
        assert_eq!(text("Ann", "muffled", Some("[ringing]")), "[Ann: muffled]\n[ringing]");
        // All of it, where there are two lines for it.
        assert_eq!(text(long, "muffled", None), "[woman at the long desk\nbeside the window: muffled]");
        assert_eq!(text(long, "muffled", Some("[ringing]")), "[woman at the long\u{2026}: muffled]\n[ringing]");
        let brief = text(long, "hearing fades over the years", Some("[ringing]"));
        assert_eq!(brief, "[woman at\u{2026}: hearing fades over the years]\n[ringing]");
        let heard = "as if the whole of the room were packed in wool and sand";
        assert_eq!(text(long, heard, None).replace('\n', " "), format!("[woman at the long\u{2026}: {heard}]"));
    }

    #[test]
    fn what_is_too_long_is_shortened_at_a_word() {
        let text = fit(&format!("[drummer: {}]", "word ".repeat(40)));
        assert!(text.ends_with("word\u{2026}]"), "{text}");
        assert_eq!(text.lines().count(), 2);
        let unbroken = fit(&"x".repeat(300));
        assert!(unbroken.chars().count() <= LINE_CHARS);
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z ]{0,30}",
            ".{0,120}",
            "[a-z<>&;\\-\\n/ {}]{0,60}",
            Just("--> <b>\u{202e}right to left</b> \u{1f941}".to_owned()),
        ]
    }

    fn any_span() -> impl Strategy<Value = CueSpan> {
        (0_u64..40_000_000, 0_u64..480, 0_u64..9_000_000, 0_u64..480, any_text(), 0_usize..3, 0..3_usize).prop_map(
            |(begins, enters, stays, leaves, name, state, cue)| CueSpan {
                cue,
                listener: if state == 2 { name } else { "the drummer".into() },
                state: ["deaf", "muffled", "unknown"][state].into(),
                enter_begins_samples: begins,
                enter_ends_samples: begins + enters,
                leave_begins_samples: begins + enters + stays,
                leave_ends_samples: begins + enters + stays + leaves,
            },
        )
    }

    fn any_caption() -> impl Strategy<Value = Caption> {
        (0_u64..900_000, 0_u64..9000, any_text(), prop::option::of("[a-z0-9]{1,5}"), any_text()).prop_map(
            |(begins_ms, lasts, text, id, _)| Caption {
                id,
                begins_ms,
                ends_ms: begins_ms + lasts,
                settings: String::new(),
                text: crate::captions::markup::clean(&text, crate::captions::markup::Dialect::WebVtt).0,
            },
        )
    }

    proptest! {
        #[test]
        fn any_cues_and_captions_give_webvtt_within_limits(
            spans in prop::collection::vec(any_span(), 0..12),
            film in prop::collection::vec(any_caption(), 0..12),
            cue_captions in prop::collection::vec(prop::option::of(any_text()), 0..3),
            framed in any::<bool>(),
        ) {
            let transition = Transition { shape: Shape::Cut, ms: 5.0, lead: Moment { numerator: 0, denominator: 1 } };
            let zero = Moment { numerator: 0, denominator: 1 };
            let cues: Vec<Cue> = cue_captions
                .into_iter()
                .map(|caption| Cue {
                    enters: zero, leaves: None, listener: None, state: String::new(), enter: transition,
                    leave: transition, bleed_db: None, tinnitus: true, caption, line: 1, field_lines: Default::default(),
                })
                .collect();
            let frame_rate = framed.then_some(FILM);
            let found = pov_captions(&PovInput {
                spans: &spans, sample_rate_hz: 48_000, cues: &cues, listeners: &[drummer()],
                frame_rate, length_samples: None, film: &film,
            });
            prop_assert!(found.is_sorted_by_key(|caption| caption.begins_ms));
            let labels: Vec<&Caption> =
                found.iter().filter(|caption| caption.id.as_deref().is_some_and(|id| id.starts_with("ears-"))).collect();
            for label in &labels {
                let lasts = label.ends_ms - label.begins_ms;
                prop_assert!((SHORTEST_MS..=LONGEST_MS).contains(&lasts), "{lasts} ms");
                prop_assert!(label.text.lines().count() <= 2 && !label.text.is_empty());
                prop_assert!(label.text.lines().all(|line| visible_chars(line) <= LINE_CHARS), "{}", label.text);
                let near = spans.iter().any(|span| {
                    [span.enter_begins_samples, span.leave_begins_samples]
                        .iter()
                        .any(|samples| (samples / 48).abs_diff(label.begins_ms) <= 3 * 42)
                        || label.begins_ms > span.enter_begins_samples / 48
                });
                prop_assert!(near, "{label:?}");
            }
            for pair in labels.windows(2) {
                prop_assert!(pair[1].begins_ms >= pair[0].ends_ms + gap_ms(frame_rate));
            }
            // Every line of the film is kept in full.
            for line in film.iter().filter(|line| line.ends_ms > line.begins_ms) {
                let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
                let kept = found.iter().any(|caption| {
                    caption.begins_ms == line.begins_ms
                        && caption.ends_ms == line.ends_ms
                        && words(&caption.text) == words(&line.text)
                });
                prop_assert!(kept, "lost {line:?}");
            }
            let read_back = parse(&to_webvtt(&found));
            let written: Vec<&Caption> = found.iter().filter(|caption| !caption.text.is_empty()).collect();
            prop_assert!(read_back.skipped.len() == found.len() - written.len(), "{:?}", read_back.skipped);
            prop_assert_eq!(read_back.captions.iter().collect::<Vec<_>>(), written);
        }

        #[test]
        fn any_file_is_read_without_harm(text in ".{0,400}", lines in "(([0-9:., >-]{0,30}|WEBVTT|NOTE|[a-z<>&]{0,9})\\n){0,20}") {
            for text in [text, lines] {
                let once = parse(&text);
                prop_assert!(once.captions.is_sorted_by_key(|caption| caption.begins_ms));
                let again = parse(&to_webvtt(&once.captions));
                prop_assert_eq!(again.captions, once.captions);
            }
        }
    }
}
