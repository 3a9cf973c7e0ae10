//! Who we are inside: a card for each listener, an audiogram for each state in use.

use std::fmt::Write as _;

use auricle::listener::{EarFindings, State};

use super::audiogram::{AudiogramOptions, Ears, audiogram_svg, in_words};
use super::implant::renderer;
use super::input::{InputForReport, ReportListener};
use super::place_map::PlaceMap;
use super::text::{Html, user};
use super::words;

/// All listeners in use.
pub(super) fn listeners(input: &InputForReport) -> String {
    let mut out = String::new();
    for who in &input.listeners {
        card(&mut out, who);
        let used: Vec<&State> = who
            .listener
            .states
            .iter()
            .filter(|state| {
                input.spans.iter().any(|span| span.listener == who.listener.name && span.state == state.name)
            })
            .collect();
        // The sheet may name a listener whose cues all lie beyond the end.
        let shown = if used.is_empty() { who.listener.states.iter().collect() } else { used };
        out.push_str("<div class=\"states\">");
        let mut maps = Vec::new();
        for state in shown {
            draw_state(&mut out, who, state, &mut maps);
        }
        out.push_str("</div></article>");
    }
    out
}

fn card(out: &mut String, who: &ReportListener) {
    let card = &who.listener.card;
    let _ = write!(out, "<article class=\"listener\"><h3>{}</h3>", user(&who.listener.name));
    if !card.summary.is_empty() {
        let _ = write!(out, "<p>{}</p>", user(&card.summary));
    }
    let _ = write!(
        out,
        "<p class=\"claim\">A model from findings: it is nobody\u{2019}s exact hearing, and no diagnosis.</p><p class=\"note\">Described by \
         <code>{}</code>.</p><div class=\"card\">",
        Html(&who.reference)
    );
    for (title, items) in
        [("Modelled", &card.modelled), ("Not modelled", &card.not_modelled), ("Evidence", &card.evidence)]
    {
        let _ = write!(out, "<section><h4>{title}</h4>");
        if items.is_empty() {
            out.push_str("<p>The listener file does not say.</p>");
        } else {
            out.push_str("<ul>");
            for item in items {
                let _ = write!(out, "<li>{}</li>", user(item));
            }
            out.push_str("</ul>");
        }
        out.push_str("</section>");
    }
    out.push_str("</div>");
}

/// `maps` are the place maps drawn so far of this listener.
fn draw_state(out: &mut String, who: &ReportListener, state: &State, maps: &mut Vec<DrawnMap>) {
    let _ = write!(out, "<section class=\"state\"><h4>{}</h4>", user(&state.name));
    if !state.about.is_empty() {
        let _ = write!(out, "<p>{}</p>", user(&state.about));
    }
    let title = format!("{}, {}", who.listener.name, state.name);
    // Hatchings and bone symbols of two ears that differ would cover each other.
    let crowded = |ear: &EarFindings| !ear.dead.is_empty() || ear.bone.is_some();
    let apart = state.left != state.right && (crowded(&state.left) || crowded(&state.right));
    let charts: &[(Ears, &str)] =
        if apart { &[(Ears::Right, "Right ear"), (Ears::Left, "Left ear")] } else { &[(Ears::Both, "")] };
    out.push_str("<div class=\"charts\">");
    for (ears, name) in charts {
        let title = if name.is_empty() { title.clone() } else { format!("{title}, {}", name.to_lowercase()) };
        let options = AudiogramOptions { title: &title, ears: *ears, standalone: false };
        out.push_str("<div>");
        if !name.is_empty() {
            let _ = write!(out, "<p class=\"ear\">{name}</p>");
        }
        out.push_str(&audiogram_svg(&state.left, &state.right, &options));
        out.push_str("</div>");
    }
    out.push_str("</div>");
    implants(out, &title, state, maps);
    for words in [words::movement(&state.movement), words::smearing(state)] {
        if !words.is_empty() {
            let _ = write!(out, "<p>{}</p>", Html(&words));
        }
    }
    let _ = write!(
        out,
        "<dl class=\"ears\"><dt>Right ear</dt><dd>{}</dd><dt>Left ear</dt><dd>{}</dd></dl></section>",
        Html(&in_words(&state.right)),
        if state.left == state.right {
            "as the right ear".to_owned()
        } else {
            Html(&in_words(&state.left)).to_string()
        }
    );
}

/// A place map on the page, and under which state and ear it stands.
struct DrawnMap {
    map: PlaceMap,
    state: String,
    ear: &'static str,
}

/// What made the implants of a state audible, and where their electrodes lie.
fn implants(out: &mut String, title: &str, state: &State, maps: &mut Vec<DrawnMap>) {
    let ears = [("Right ear", &state.right), ("Left ear", &state.left)];
    let implanted: Vec<_> =
        ears.into_iter().filter_map(|(name, ear)| Some((name, ear, ear.implant.as_ref()?))).collect();
    let mut sounds: Vec<String> = Vec::new();
    for (_, _, implant) in implanted.iter().filter(|(_, _, implant)| implant.on) {
        let words = renderer(implant.sound);
        if !sounds.contains(&words) {
            sounds.push(words);
        }
    }
    if !sounds.is_empty() {
        let _ = write!(
            out,
            "<p><strong>The implant is heard here as {}.</strong> An implant never has one sound: this is a model of it, and nobody\u{2019}s \
             exact hearing.</p>",
            Html(&sounds.join("; and as "))
        );
    } else if !implanted.is_empty() {
        out.push_str("<p><strong>The processor is off: nothing comes through the implant.</strong></p>");
    }
    let mut drawn = String::new();
    let mut elsewhere: Vec<(&str, String, &str)> = Vec::new();
    for (name, ear, implant) in &implanted {
        let Some(map) = PlaceMap::of(implant, &ear.dead) else { continue };
        if let Some(known) = maps.iter().find(|known| known.map == map) {
            elsewhere.push((name, known.state.clone(), known.ear));
            continue;
        }
        let whose = format!("{title}, {}", name.to_lowercase());
        let _ = write!(
            drawn,
            "<div><p class=\"ear\">{name}: where the electrodes lie</p>{}<p>{}</p></div>",
            map.svg(&whose),
            Html(&map.summary())
        );
        maps.push(DrawnMap { map, state: state.name.clone(), ear: name });
    }
    let same = |(name, state, ear): &(&str, String, &str)| name == ear && *state == elsewhere[0].1;
    if !elsewhere.is_empty() && elsewhere.len() == implanted.len() && elsewhere.iter().all(same) {
        let state = user(&elsewhere[0].1);
        let _ = write!(out, "<p class=\"ear\">Electrodes as under \u{201c}{state}\u{201d}.</p>");
    } else {
        for (name, state, ear) in &elsewhere {
            let _ = write!(
                out,
                "<p class=\"ear\">{name}: electrodes as under \u{201c}{}\u{201d}, {}.</p>",
                user(state),
                ear.to_lowercase()
            );
        }
    }
    if !drawn.is_empty() {
        let _ = write!(out, "<div class=\"charts\">{drawn}</div>");
    }
}
