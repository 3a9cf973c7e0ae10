//! What a label says of a state: the user's words where there are any, else words for its findings.

use auricle::cue::Shape;
use auricle::listener::{EarFindings, Movement, State, Tinnitus, TinnitusSound};

/// Thresholds up to here count as hearing well, dB HL (WHO 2021: no impairment below 20).
const WELL_DB_HL: f64 = 20.0;
/// From here on nothing of a film's sound is left: with the model's default calibration its loudest
/// peaks stand near 100 dB SPL.
const NOTHING_DB_HL: f64 = 95.0;

/// Mean thresholds of an ear, dB HL.
#[derive(Debug, Clone, Copy)]
struct Means {
    /// 250 and 500 Hz.
    low: f64,
    /// 1 and 2 kHz.
    middle: f64,
    /// 4 and 8 kHz.
    high: f64,
}

impl Means {
    fn of(ear: &EarFindings) -> Self {
        if ear.deaf {
            return Self { low: 130.0, middle: 130.0, high: 130.0 };
        }
        let mean = |a, b| 0.5 * (ear.air.threshold_db_hl(a) + ear.air.threshold_db_hl(b));
        Self { low: mean(250.0, 500.0), middle: mean(1000.0, 2000.0), high: mean(4000.0, 8000.0) }
    }

    fn least(self) -> f64 {
        self.low.min(self.middle).min(self.high)
    }

    fn most(self) -> f64 {
        self.low.max(self.middle).max(self.high)
    }

    fn average(self) -> f64 {
        (self.low + self.middle + self.high) / 3.0
    }
}

/// "the drummer" as it stands before a colon: "drummer".
pub(super) fn short_name(name: &str) -> &str {
    let name = name.trim();
    let (article, rest) = name.split_at_checked(4).unwrap_or(("", name));
    if article.eq_ignore_ascii_case("the ") { rest.trim() } else { name }
}

/// `name` in at most `chars` characters: whole words as far as there are any, and an ellipsis.
pub(super) fn shortened(name: &str, chars: usize) -> String {
    if name.chars().count() <= chars {
        return name.to_owned();
    }
    // One of them is the ellipsis.
    let room = chars.saturating_sub(1);
    let kept: String = name.chars().take(room).collect();
    let ends_a_word = name.chars().nth(room).is_some_and(char::is_whitespace);
    let words = kept.rfind(char::is_whitespace).filter(|_| !ends_a_word).map_or(kept.as_str(), |space| &kept[..space]);
    // A first word that is itself too long is cut.
    let words = if words.chars().count() * 3 < room { &kept } else { words };
    let words = words.trim_end_matches(|c: char| !c.is_alphanumeric());
    format!("{words}\u{2026}")
}

/// What is heard on entering `state`, without brackets.
pub(super) fn entering(state: &State, shape: Shape) -> String {
    let own = state.caption.trim();
    if !own.is_empty() {
        return own.to_owned();
    }
    let (left, right) = (Means::of(&state.left), Means::of(&state.right));
    let worse = if left.average() >= right.average() { left } else { right };
    if let Some(words) = through_implants(state)
        && !matches!(state.movement, Movement::Flicker { .. })
    {
        return words;
    }
    if switched_off(state) && left.least().min(right.least()) >= NOTHING_DB_HL {
        return "silence, implant off".to_owned();
    }
    match state.movement {
        Movement::Flicker { .. } => return "hearing goes in and out".to_owned(),
        Movement::Decline { .. } => return "hearing fades over the years".to_owned(),
        Movement::Ramp { .. } if worse.most() > WELL_DB_HL => {
            return fading(left, right).to_owned();
        }
        Movement::Ramp { .. } | Movement::Instant => {}
    }
    if shape == Shape::Drift && worse.most() > WELL_DB_HL {
        return fading(left, right).to_owned();
    }
    // One ear apart from the other: 20 dB between the means of the ears (15 to 20 dB is the usual
    // bound for an asymmetry).
    if (left.average() - right.average()).abs() >= 20.0 {
        let (better, better_side, worse_side) =
            if left.average() < right.average() { (left, "left", "right") } else { (right, "right", "left") };
        return match (better.most() <= WELL_DB_HL, worse.least() >= NOTHING_DB_HL) {
            (true, true) => format!("{worse_side} ear cuts out"),
            (true, false) => format!("{worse_side} ear {}", of_ear(worse)),
            (false, true) => format!("{better_side} ear alone, {}", of_ear(better)),
            (false, false) => format!("{}, {worse_side} ear more so", of_ear(better)),
        };
    }
    of_ear(if left.average() <= right.average() { left } else { right }).to_owned()
}

/// How an ear with an implant hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hears {
    /// Without an implant, or with one that is off: as its findings say.
    ByItself,
    /// Through the implant alone.
    Electrically,
    /// Through the implant, beside acoustic hearing of its own.
    Both,
}

impl Hears {
    fn of(ear: &EarFindings) -> Self {
        match ear.implant.as_ref() {
            Some(implant) if implant.on && Means::of(ear).least() < NOTHING_DB_HL => Self::Both,
            Some(implant) if implant.on => Self::Electrically,
            _ => Self::ByItself,
        }
    }
}

/// Words for a state in which an ear hears through an implant that is on; none for any other.
fn through_implants(state: &State) -> Option<String> {
    let (left, right) = (Hears::of(&state.left), Hears::of(&state.right));
    let beside = |ear: &EarFindings, electric: &str, acoustic: &str| {
        let means = Means::of(ear);
        if means.least() >= NOTHING_DB_HL {
            "sound through a cochlear implant".to_owned()
        } else {
            format!("{electric} ear through a cochlear implant, {acoustic} ear {}", of_ear(means))
        }
    };
    Some(match (left, right) {
        (Hears::ByItself, Hears::ByItself) => return None,
        (Hears::ByItself, _) => beside(&state.left, "right", "left"),
        (_, Hears::ByItself) => beside(&state.right, "left", "right"),
        (Hears::Both, Hears::Both) => "what is left, and sound through cochlear implants".to_owned(),
        (Hears::Electrically, Hears::Electrically) => "sound through two cochlear implants".to_owned(),
        _ => "sound through two cochlear implants, with what is left of one ear".to_owned(),
    })
}

/// Whether a state has implants, and all of them are off.
fn switched_off(state: &State) -> bool {
    let mut implants = [&state.left, &state.right].into_iter().filter_map(|ear| ear.implant.as_ref()).peekable();
    implants.peek().is_some() && implants.all(|implant| !implant.on)
}

/// Words for entering `state` straight after `before` of the same listener, where an implant is switched on or off between
/// them; `None` where that is not what happens, or the user has words for it.
pub(super) fn switching(before: &State, state: &State) -> Option<&'static str> {
    if !state.caption.trim().is_empty() {
        return None;
    }
    let wears = |state: &State| state.left.implant.is_some() || state.right.implant.is_some();
    match (switched_off(before), switched_off(state)) {
        (true, false) if wears(state) => Some("implant switched on"),
        (false, true) if wears(before) => Some("implant switched off"),
        _ => None,
    }
}

/// Words for a state that is reached slowly.
fn fading(left: Means, right: Means) -> &'static str {
    if left.least().min(right.least()) >= NOTHING_DB_HL { "sound fades to nothing" } else { "hearing fades" }
}

/// Words for what one ear hears.
fn of_ear(ear: Means) -> &'static str {
    if ear.least() >= NOTHING_DB_HL {
        "sound cuts out"
    } else if ear.most() <= WELL_DB_HL {
        "hears clearly"
    } else if ear.high - ear.low >= 15.0 {
        if ear.low >= 60.0 { "a faint, muffled rumble" } else { "muffled" }
    } else if ear.low - ear.high >= 15.0 {
        "thin, hollow"
    } else if ear.average() >= 60.0 {
        "very faint"
    } else {
        "softer, duller"
    }
}

/// What rings in the ears of `state`, without brackets.
pub(super) fn ringing(state: &State) -> Option<String> {
    let louder = |a: Option<Tinnitus>, b: Option<Tinnitus>| match (a, b) {
        (Some(a), Some(b)) => Some(if a.level_db_sl >= b.level_db_sl { a } else { b }),
        (a, b) => a.or(b),
    };
    let tinnitus = louder(state.left.tinnitus, state.right.tinnitus)?;
    // Matches lie mostly above 3 kHz; below 1 kHz a listener speaks of a hum.
    let pitch = match tinnitus.frequency_hz {
        hz if hz >= 3000.0 => "high-pitched ",
        hz if hz < 1000.0 => "low ",
        _ => "",
    };
    let sound = match tinnitus.sound {
        TinnitusSound::Tone if tinnitus.frequency_hz < 1000.0 => "hum",
        TinnitusSound::Tone => "ringing",
        TinnitusSound::Band { .. } if tinnitus.frequency_hz < 1000.0 => "rushing",
        TinnitusSound::Band { .. } => "hissing",
        TinnitusSound::Noise => return Some("hissing noise".to_owned()),
    };
    let side = match (state.left.tinnitus, state.right.tinnitus) {
        (Some(_), None) => " on the left",
        (None, Some(_)) => " on the right",
        _ => "",
    };
    Some(format!("{pitch}{sound}{side}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use auricle::audiogram::Audiogram;

    fn ear(points: &[(f64, f64)]) -> EarFindings {
        EarFindings { air: Audiogram::from_db_hl(points), ..EarFindings::default() }
    }

    fn state(left: EarFindings, right: EarFindings) -> State {
        State {
            name: String::new(),
            about: String::new(),
            caption: String::new(),
            left,
            right,
            movement: Movement::Instant,
        }
    }

    fn both(points: &[(f64, f64)]) -> String {
        entering(&state(ear(points), ear(points)), Shape::Cut)
    }

    #[test]
    fn findings_have_words() {
        assert_eq!(both(&[]), "hears clearly");
        assert_eq!(both(&[(500.0, 30.0), (4000.0, 35.0)]), "softer, duller");
        assert_eq!(both(&[(250.0, 10.0), (1000.0, 40.0), (4000.0, 80.0)]), "muffled");
        assert_eq!(both(&[(250.0, 60.0), (2000.0, 20.0), (8000.0, 10.0)]), "thin, hollow");
        assert_eq!(both(&[(1000.0, 70.0)]), "very faint");
        assert_eq!(both(&[(1000.0, 100.0)]), "sound cuts out");
        let deaf = EarFindings { deaf: true, ..EarFindings::default() };
        assert_eq!(entering(&state(deaf.clone(), deaf.clone()), Shape::Pop), "sound cuts out");
        assert_eq!(entering(&state(deaf.clone(), deaf.clone()), Shape::Drift), "sound fades to nothing");
        assert_eq!(entering(&state(ear(&[]), deaf), Shape::Cut), "right ear cuts out");
        assert_eq!(short_name("The drummer"), "drummer");
        assert_eq!(short_name("Thea"), "Thea");
    }

    #[test]
    fn implants_hear() {
        let implanted = |on: bool| {
            let listener = auricle::presets::get("drummer").expect("a preset");
            let mut ear = listener.state("one year").expect("a state").left.clone();
            ear.implant.iter_mut().for_each(|implant| implant.on = on);
            ear
        };
        let mut beside = implanted(true);
        beside.deaf = false;
        beside.air = Audiogram::from_db_hl(&[(250.0, 25.0), (1000.0, 85.0), (4000.0, 110.0)]);
        let deaf = EarFindings { deaf: true, ..EarFindings::default() };
        for (left, right, words) in [
            (implanted(true), implanted(true), "sound through two cochlear implants"),
            (deaf.clone(), implanted(true), "sound through a cochlear implant"),
            (implanted(true), ear(&[]), "left ear through a cochlear implant, right ear hears clearly"),
            (
                ear(&[(250.0, 10.0), (1000.0, 40.0), (4000.0, 80.0)]),
                implanted(true),
                "right ear through a cochlear implant, left ear muffled",
            ),
            (beside.clone(), beside, "what is left, and sound through cochlear implants"),
            (implanted(false), implanted(false), "silence, implant off"),
            (implanted(false), ear(&[]), "left ear cuts out"),
        ] {
            assert_eq!(entering(&state(left.clone(), right.clone()), Shape::Cut), words);
            let drifting = entering(&state(left, right), Shape::Drift);
            assert!(!words.contains("implant") || drifting == words, "{drifting}");
        }
        let both = |on| state(implanted(on), implanted(on));
        assert_eq!(switching(&both(false), &both(true)), Some("implant switched on"));
        assert_eq!(switching(&both(true), &both(false)), Some("implant switched off"));
        assert_eq!(switching(&both(true), &both(true)), None);
        assert_eq!(switching(&both(false), &state(deaf.clone(), deaf)), None);
        let mut own = both(true);
        own.caption = "beeps".into();
        assert_eq!(switching(&both(false), &own), None);
    }

    #[test]
    fn a_name_is_shortened_at_a_word() {
        assert_eq!(shortened("Thea", 21), "Thea");
        assert_eq!(shortened("the second violin of the orchestra", 21), "the second violin of\u{2026}");
        assert_eq!(shortened("woman (47, at the desk beside the window)", 21), "woman (47, at the\u{2026}");
        assert_eq!(shortened("woman, forty", 8), "woman\u{2026}");
        assert_eq!(shortened("Donaudampfschifffahrtskapit\u{e4}n", 21), "Donaudampfschifffahr\u{2026}");
        assert_eq!(shortened("A Donaudampfschifffahrtskapit\u{e4}n", 21), "A Donaudampfschifffa\u{2026}");
    }

    #[test]
    fn the_users_own_words_come_first() {
        let mut state = state(ear(&[(1000.0, 100.0)]), ear(&[]));
        state.caption = "  like under water ".into();
        assert_eq!(entering(&state, Shape::Cut), "like under water");
    }

    #[test]
    fn ringing_is_named_by_its_pitch_and_side() {
        let tinnitus = |sound, frequency_hz| Tinnitus { sound, frequency_hz, level_db_sl: 10.0, cap_db_spl: 80.0 };
        let mut state = state(ear(&[]), ear(&[]));
        assert_eq!(ringing(&state), None);
        state.left.tinnitus = Some(tinnitus(TinnitusSound::Tone, 6000.0));
        assert_eq!(ringing(&state).as_deref(), Some("high-pitched ringing on the left"));
        state.right.tinnitus = state.left.tinnitus;
        assert_eq!(ringing(&state).as_deref(), Some("high-pitched ringing"));
        state.left.tinnitus = Some(tinnitus(TinnitusSound::Tone, 200.0));
        state.right.tinnitus = None;
        assert_eq!(ringing(&state).as_deref(), Some("low hum on the left"));
    }
}
