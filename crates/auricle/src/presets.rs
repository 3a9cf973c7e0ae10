//! The built-in listeners.
//!
//! The standard audiograms and the medians by age and noise are computed from their tables and
//! formulas; the others are listener files in `presets/`. Each carries its card: what is modelled, what
//! is not, the evidence, and that it is nobody's exact hearing.

use crate::audiogram::{Audiogram, STANDARD_NAMES, Threshold, standard};
use crate::listener::{Card, EarFindings, Listener, Sex, State};
use crate::{aging, noise_exposure};

/// Presets that are listener files: name and text.
const FILES: [(&str, &str); 23] = [
    ("noise-notch", include_str!("../presets/noise-notch.toml")),
    ("conductive", include_str!("../presets/conductive.toml")),
    ("one-sided", include_str!("../presets/one-sided.toml")),
    ("sudden-left", include_str!("../presets/sudden-left.toml")),
    ("sudden-both", include_str!("../presets/sudden-both.toml")),
    ("flicker", include_str!("../presets/flicker.toml")),
    ("meniere", include_str!("../presets/meniere.toml")),
    ("profound", include_str!("../presets/profound.toml")),
    ("deaf", include_str!("../presets/deaf.toml")),
    ("decline", include_str!("../presets/decline.toml")),
    ("tinnitus", include_str!("../presets/tinnitus.toml")),
    ("implant-ace", include_str!("../presets/implant-ace.toml")),
    ("implant-cis", include_str!("../presets/implant-cis.toml")),
    ("implant-current-steering", include_str!("../presets/implant-current-steering.toml")),
    ("implant-fine-structure", include_str!("../presets/implant-fine-structure.toml")),
    ("implant-first-year", include_str!("../presets/implant-first-year.toml")),
    ("implant-short-array", include_str!("../presets/implant-short-array.toml")),
    ("implant-long-array", include_str!("../presets/implant-long-array.toml")),
    ("electro-acoustic", include_str!("../presets/electro-acoustic.toml")),
    ("bimodal", include_str!("../presets/bimodal.toml")),
    ("single-sided", include_str!("../presets/single-sided.toml")),
    ("two-implants", include_str!("../presets/two-implants.toml")),
    ("drummer", include_str!("../presets/drummer.toml")),
];

/// Presets by age: name, age in years, sex.
const AGES: [(&str, f64, Sex); 10] = [
    ("age-40-female", 40.0, Sex::Female),
    ("age-50-female", 50.0, Sex::Female),
    ("age-60-female", 60.0, Sex::Female),
    ("age-70-female", 70.0, Sex::Female),
    ("age-80-female", 80.0, Sex::Female),
    ("age-40-male", 40.0, Sex::Male),
    ("age-50-male", 50.0, Sex::Male),
    ("age-60-male", 60.0, Sex::Male),
    ("age-70-male", 70.0, Sex::Male),
    ("age-80-male", 80.0, Sex::Male),
];

/// The preset of years of noise.
const NOISE_YEARS: &str = "noise-years";

/// What every card has to say.
const NOBODY: &str = "This is nobody's exact hearing: one plausible example, not a person and not an average.";

const RECRUITMENT: &str = "Moore and Glasberg (1993), Simulation of the effects of loudness recruitment and threshold elevation on the intelligibility of speech in quiet and in a background of speech, Journal of the Acoustical Society of America 94(4), 2050-2062";

const ISO_7029: &str =
    "ISO 7029:2017, Acoustics - Statistical distribution of hearing thresholds related to age and gender";

const ISO_1999: &str = "ISO 1999:2013, Acoustics - Estimation of noise-induced hearing loss";

/// Names of the built-in listeners, in the order in which to show them.
pub fn names() -> Vec<&'static str> {
    let files = || FILES.iter().map(|(name, _)| *name);
    // The one that tells the story first, then by kind.
    let story = files().filter(|name| *name == "drummer");
    story
        .chain(STANDARD_NAMES)
        .chain(AGES.iter().map(|(name, ..)| *name))
        .chain([NOISE_YEARS])
        .chain(files().filter(|name| *name != "drummer"))
        .collect()
}

/// The built-in listener called `name`; case does not matter.
///
/// Where a listener has several states, the first is the one to use unless another is named.
pub fn get(name: &str) -> Option<Listener> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    if let Some(known) = STANDARD_NAMES.into_iter().find(|known| is(known)) {
        return Some(standard_listener(known, standard(known)?));
    }
    if let Some(&(known, age_years, sex)) = AGES.iter().find(|(known, ..)| is(known)) {
        return Some(listener_of_age(known, age_years, sex));
    }
    if is(NOISE_YEARS) {
        return Some(noise_years());
    }
    let (file, text) = FILES.iter().find(|(known, _)| is(known))?;
    // A test parses every file, so that none can fail here.
    Listener::parse(text, &format!("preset:{file}")).ok().map(|(listener, _)| listener)
}

/// One state in which both ears have `air`.
fn both_ears(name: &str, about: &str, caption: &str, air: Audiogram) -> State {
    let ear = EarFindings { air, ..EarFindings::default() };
    State {
        name: name.to_owned(),
        about: about.to_owned(),
        caption: caption.to_owned(),
        left: ear.clone(),
        right: ear,
        ..State::default()
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn standard_listener(name: &str, air: Audiogram) -> Listener {
    let (shape, caption) = match name {
        "N1" => ("a very mild loss, flat to moderately sloping", "slightly dulled"),
        "N2" => ("a mild loss, flat to moderately sloping", "dulled"),
        "N3" => ("a moderate loss, flat to moderately sloping", "quiet and dull"),
        "N4" => ("a moderate to severe loss, flat to moderately sloping", "faint and dull"),
        "N5" | "N6" => ("a severe loss, flat to moderately sloping", "faint, muffled"),
        "N7" => ("a profound loss, flat to moderately sloping", "almost nothing"),
        "S1" => ("a very mild loss at low frequencies, steeply sloping", "high sounds dulled"),
        "S2" => ("a mild loss at low frequencies, steeply sloping", "high sounds gone"),
        _ => ("a moderate to severe loss, steeply sloping", "faint, high sounds gone"),
    };
    Listener {
        name: format!("{name} listener"),
        card: Card {
            summary: format!("Both ears have the standard audiogram {name}: {shape}."),
            modelled: owned(&[
                "Thresholds in both ears, taken as sensorineural",
                "Recruitment, and auditory filters as wide as the loss makes them",
            ]),
            not_modelled: owned(&[
                NOBODY,
                "Differences between the ears, dead regions, tinnitus: the standard audiogram states none",
            ]),
            evidence: owned(&[
                "Bisgaard, Vlaming and Dahlquist (2010), Standard audiograms for the IEC 60118-15 measurement procedure, Trends in Amplification 14(2), 113-120",
                RECRUITMENT,
            ]),
        },
        states: vec![both_ears(name, &format!("The standard audiogram {name}."), caption, air)],
    }
}

fn listener_of_age(name: &str, age_years: f64, sex: Sex) -> Listener {
    let person = match sex {
        Sex::Female => "woman",
        Sex::Male => "man",
    };
    let mut not_modelled = owned(&[
        NOBODY,
        "Half of all people of this age hear better than the median, half worse",
        "Noise, illness, and what age does to understanding beyond thresholds",
    ]);
    if let Some(warning) = aging::age_warning(age_years) {
        not_modelled.push(format!("The highest frequencies with certainty: {warning}"));
    }
    let state = both_ears(
        &format!("age {age_years}"),
        &format!("The median {person} of {age_years}."),
        "high sounds dulled",
        aging::median_audiogram(sex, age_years),
    );
    Listener {
        name: format!("{person} of {age_years}"),
        card: Card {
            summary: format!(
                "A {person} of {age_years} with the median thresholds of people without ear disease ({name})."
            ),
            modelled: owned(&[
                "The median deviation from the thresholds of 18-year-olds, 125 Hz to 8 kHz",
                "Recruitment, and auditory filters as wide as the loss makes them",
            ]),
            not_modelled,
            evidence: owned(&[ISO_7029, RECRUITMENT]),
        },
        states: vec![state],
    }
}

/// A working life from 20 years of age at 95 dB(A): after 10, 20, 30 and 40 years.
fn noise_years() -> Listener {
    const LEVEL_EX_8H_DB: f64 = 95.0;
    const FROM_AGE_YEARS: f64 = 20.0;
    let states = [10.0, 20.0, 30.0, 40.0].map(|years| {
        let age_db = aging::median_shift_db(Sex::Male, FROM_AGE_YEARS + years);
        let points = aging::FREQUENCIES_HZ.into_iter().zip(age_db).map(|(hz, age_db_hl)| {
            let noise_db = noise_exposure::median_shift_at_db(LEVEL_EX_8H_DB, years, hz);
            let db_hl = noise_exposure::combine_db_hl(age_db_hl, noise_db);
            (hz, Threshold::DbHl(libm::round(db_hl * 10.0) / 10.0))
        });
        both_ears(
            &format!("{years} years"),
            &format!("After {years} years at 95 dB(A), at {} years of age.", FROM_AGE_YEARS + years),
            "high sounds dulled",
            Audiogram { points: points.collect() },
        )
    });
    Listener {
        name: "worker in noise".to_owned(),
        card: Card {
            summary: "A man who has worked in 95 dB(A) a day since he was 20: one state after every ten years."
                .to_owned(),
            modelled: owned(&[
                "The median shift by noise (ISO 1999) on top of the median shift by age (ISO 7029), combined as ISO 1999 says",
                "Recruitment, and auditory filters as wide as the loss makes them",
            ]),
            not_modelled: owned(&[
                NOBODY,
                "Populations, not persons: at the same noise some keep their hearing and some lose far more",
                "Music, which may differ from industrial noise",
                "Noise below 500 Hz and above 6 kHz, of which ISO 1999 says nothing: its outer values are kept",
            ]),
            evidence: owned(&[ISO_1999, ISO_7029, RECRUITMENT]),
        },
        states: states.into(),
    }
}
