//! Who we are inside: a card for each listener, an audiogram for each state in use.

use std::fmt::Write as _;

use auricle::listener::{EarFindings, State};

use super::audiogram::{AudiogramOptions, Ears, audiogram_svg, in_words};
use super::input::{InputForReport, ReportListener};
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
        for state in shown {
            draw_state(&mut out, who, state);
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

fn draw_state(out: &mut String, who: &ReportListener, state: &State) {
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
    let _ = write!(
        out,
        "</div><p>{}</p><p>{}</p><dl class=\"ears\"><dt>Right ear</dt><dd>{}</dd><dt>Left ear</dt><dd>{}</dd></dl></section>",
        Html(&words::movement(&state.movement)),
        Html(&words::smearing(state)),
        Html(&in_words(&state.right)),
        if state.left == state.right {
            "as the right ear".to_owned()
        } else {
            Html(&in_words(&state.left)).to_string()
        }
    );
}
