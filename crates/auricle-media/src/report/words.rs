//! Sentences for what a listener file and a cue sheet say in numbers. All return plain text.

use auricle::cue::{Cue, Shape, Transition};
use auricle::listener::{EarFindings, Movement, Sex, Smearing, State};

use super::text::{count, duration, number};

/// How the state moves, one sentence.
pub(crate) fn movement(movement: &Movement) -> String {
    let from = |from: &Option<String>| {
        from.as_ref().map_or_else(|| "healthy hearing".to_owned(), |name| format!("\u{201c}{name}\u{201d}"))
    };
    let over = |secs: &Option<f64>| {
        secs.map_or_else(|| "over the whole of the cue".to_owned(), |secs| format!("over {}", duration(secs)))
    };
    match movement {
        Movement::Instant => "At once: these findings hold from the first moment.".to_owned(),
        Movement::Ramp { from: left, secs } => {
            format!("A ramp: thresholds move from {} to these findings {}.", from(left), over(secs))
        }
        Movement::Flicker { from: left, mean_on_secs, mean_off_secs, slope_ms, depth } => format!(
            "Flicker: hearing goes in and out at random. In ({}) for {} on average, out for {}; a change takes {} ms; \
             a drop-out goes {} % of the way to these findings. The seed decides when.",
            from(left),
            duration(*mean_on_secs),
            duration(*mean_off_secs),
            number(*slope_ms, 0),
            number(depth * 100.0, 0)
        ),
        Movement::Decline { from_age_years, to_age_years, sex, exposure, secs } => {
            let sex = match sex {
                Sex::Female => "women",
                Sex::Male => "men",
            };
            let noise = exposure.map_or_else(String::new, |exposure| {
                format!(
                    ", with noise of {} dB(A) over eight hours a day (ISO 1999), {} of it before",
                    number(exposure.level_ex_8h_db, 0),
                    count(exposure.years_before.round() as u64, "year")
                )
            });
            format!(
                "Decline: from {} to {} years of age (ISO 7029, median of {sex}){noise}, {}.",
                number(*from_age_years, 0),
                number(*to_age_years, 0),
                over(secs)
            )
        }
    }
}

/// Smearing of both ears, one sentence; empty where there is none to speak of.
pub(super) fn smearing(state: &State) -> String {
    if state.left.deaf && state.right.deaf {
        return String::new();
    }
    let of = |ear: &EarFindings| {
        let spectral = match ear.smearing {
            Smearing::FromLoss => "filters broadened as the loss has it".to_owned(),
            Smearing::Off => "filters as sharp as healthy ones".to_owned(),
            Smearing::Broadening(factor) => format!("filters {} times as wide as healthy ones", number(factor, 1)),
        };
        if ear.temporal_smearing_ms > 0.0 {
            format!("{spectral}, envelopes averaged over {} ms", number(ear.temporal_smearing_ms, 0))
        } else {
            spectral
        }
    };
    let (left, right) = (of(&state.left), of(&state.right));
    if left == right { format!("Smearing: {left}.") } else { format!("Smearing: right ear {right}; left ear {left}.") }
}

/// "by a hard cut (5 ms)", "as a pop of 80 ms, 83 ms before the picture".
pub(super) fn transition(transition: &Transition) -> String {
    let shape = match transition.shape {
        Shape::Cut => format!("by a hard cut ({} ms)", number(transition.ms, 0)),
        Shape::Pop => format!("as a pop of {} ms", number(transition.ms, 0)),
        Shape::Drift => format!("as a drift of {}", duration(transition.ms / 1000.0)),
    };
    let lead_ms = 1000.0 * transition.lead.numerator as f64 / transition.lead.denominator.max(1) as f64;
    match lead_ms {
        ms if ms >= 0.5 => format!("{shape}, {} ms before the picture", number(ms, 0)),
        ms if ms <= -0.5 => format!("{shape}, {} ms after the picture", number(-ms, 0)),
        _ => shape,
    }
}

/// What else a cue asks for: "clear sound bleeds through at −30 dB".
pub(super) fn extras(cue: &Cue, state: Option<&State>) -> Vec<String> {
    let mut extras = Vec::new();
    if let Some(bleed_db) = cue.bleed_db {
        extras.push(format!("clear sound bleeds through at {} dB", number(bleed_db, 0)));
    }
    if !cue.tinnitus && state.is_some_and(|state| state.left.tinnitus.or(state.right.tinnitus).is_some()) {
        extras.push("tinnitus is left out".to_owned());
    }
    extras
}

/// A listener within a sentence: "drummer" is "the drummer", "Thea" stays.
pub(super) fn who(name: &str) -> String {
    let has_article = ["the ", "a ", "an "].iter().any(|article| name.to_lowercase().starts_with(article));
    if has_article || !name.starts_with(char::is_lowercase) { name.to_owned() } else { format!("the {name}") }
}
