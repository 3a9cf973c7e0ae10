//! Reads a listener file from its text.

use toml::de::DeValue;

use super::form::{AIR_LIMIT_DB_HL, BONE_LIMIT_DB_HL, LISTENER, no_response_limit};
use super::{
    Card, DEFAULT_TINNITUS_CAP_DB_SPL, DeadRegion, EarFindings, Exposure, Listener, Movement, Sex, Smearing, State,
    Tinnitus, TinnitusSound, implant,
};
use crate::audiogram::{Audiogram, BONE_WORSE_THAN_AIR_DB, PointError, Threshold, standard};
use crate::fault::Faults;
use crate::form::check::{check, frequency};
use crate::form::source::{Source, quote};
use crate::form::view::{View, item, number};
use crate::form::{closest, list_of_words};
use crate::{aging, noise_exposure};

impl Listener {
    /// Reads the listener file `text` of the file called `file_name` (for messages only).
    ///
    /// The faults beside the listener are warnings.
    ///
    /// # Errors
    /// Every fault of the file, in the order of its lines; at least one of them an error.
    pub fn parse(text: &str, file_name: &str) -> Result<(Self, Faults), Faults> {
        let mut source = Source::new(file_name, text);
        let document = source.parse();
        check(&mut source, &LISTENER, &document);
        let listener = read(&mut source, &View::root(&document));
        source.finish(Some(listener))
    }
}

fn read(source: &mut Source<'_>, root: &View<'_, '_>) -> Listener {
    let card = root.table("card").map(|card| Card {
        summary: card.words("summary"),
        modelled: card.texts("modelled"),
        not_modelled: card.texts("not_modelled"),
        evidence: card.texts("evidence"),
    });
    let views = root.tables("state");
    check_names(source, &views);
    let states = views.iter().map(|view| read_state(source, view)).collect();
    Listener { name: root.words("name"), card: card.unwrap_or_default(), states }
}

/// State names are unique, and movements come from states that exist.
fn check_names(source: &mut Source<'_>, states: &[View<'_, '_>]) {
    let names: Vec<&str> = states.iter().filter_map(|state| state.text("name")).collect();
    let mut seen = std::collections::BTreeSet::new();
    for state in states {
        let Some(name) = state.text("name") else {
            continue;
        };
        if !seen.insert(name) {
            let message = format!("there are two states called {}", quote(name));
            source.error(state.span_of("name"), &state.path_of("name"), message, "give one another name");
        }
        let Some(movement) = state.table("movement") else {
            continue;
        };
        let Some(from) = movement.text("from") else {
            continue;
        };
        let (span, path) = (movement.span_of("from"), movement.path_of("from"));
        if from == name {
            let help = "name another state, or leave `from` out for healthy hearing";
            source.error(span, &path, "hearing cannot come from the state it goes to", help);
        } else if !names.contains(&from) {
            let others = || names.iter().copied().filter(|other| *other != name);
            let help = match closest(from, others()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if others().next().is_none() => "leave `from` out for healthy hearing".to_owned(),
                None => format!("it can be {}", list_of_words(others())),
            };
            source.error(span, &path, format!("there is no state {}", quote(from)), help);
        }
    }
}

fn read_state(source: &mut Source<'_>, view: &View<'_, '_>) -> State {
    let both = view.table("both").map(|both| read_ear(source, &both));
    let mut ear = |side: &str| match (&both, view.table(side)) {
        (_, Some(ear)) => read_ear(source, &ear),
        (Some(both), None) => both.clone(),
        (None, None) => EarFindings::default(),
    };
    let (left, right) = (ear("left"), ear("right"));
    State {
        name: view.words("name"),
        about: view.words("about"),
        caption: view.words("caption"),
        left,
        right,
        movement: view.table("movement").map(|movement| read_movement(source, &movement)).unwrap_or_default(),
    }
}

fn read_ear(source: &mut Source<'_>, view: &View<'_, '_>) -> EarFindings {
    let air = match view.text("air") {
        Some(name) => standard(name).unwrap_or_default(),
        None => view.table("air").map(|air| read_audiogram(source, &air, AIR_LIMIT_DB_HL)).unwrap_or_default(),
    };
    let bone = view.table("bone").map(|bone| read_audiogram(source, &bone, BONE_LIMIT_DB_HL));
    if let Some(bone) = &bone {
        warn_of_bone_worse_than_air(source, view, &air, bone);
    }
    let implant = view.table("implant").and_then(|implant| implant::read(source, &implant));
    EarFindings {
        air,
        bone,
        dead: read_dead_regions(source, view),
        smearing: match (view.text("smearing"), view.number("smearing")) {
            (Some("off"), _) => Smearing::Off,
            (None, Some(broadening)) => Smearing::Broadening(broadening),
            _ => Smearing::FromLoss,
        },
        temporal_smearing_ms: view.number("temporal_smearing_ms").unwrap_or(0.0),
        tinnitus: view.table("tinnitus").and_then(|tinnitus| read_tinnitus(&tinnitus)),
        deaf: view.flag("deaf").unwrap_or(implant.is_some() && !view.has("air")),
        implant,
    }
}

fn read_audiogram(source: &mut Source<'_>, view: &View<'_, '_>, limit_db_hl: f64) -> Audiogram {
    let mut audiogram = Audiogram::default();
    let mut keys = Vec::new();
    for (key, value) in view.fields() {
        let threshold = match value.get_ref() {
            DeValue::String(text) if text == "no response" => Some(Threshold::NoResponse { limit_db_hl }),
            DeValue::String(text) => no_response_limit(text).map(|limit_db_hl| Threshold::NoResponse { limit_db_hl }),
            other => number(other).map(Threshold::DbHl),
        };
        // What is unreadable has been reported; the rest is still worth checking.
        if let (Some(hz), Some(threshold)) = (frequency(key.get_ref()), threshold) {
            audiogram.points.push((hz, threshold));
            keys.push(key);
        }
    }
    for (i, error) in audiogram.point_errors() {
        if let PointError::NotAscending { .. } = error {
            let path = view.path_of(keys[i].get_ref());
            source.error(keys[i].span(), &path, error.to_string(), "is a digit missing?");
        }
    }
    audiogram
}

fn warn_of_bone_worse_than_air(source: &mut Source<'_>, view: &View<'_, '_>, air: &Audiogram, bone: &Audiogram) {
    for (hz, threshold) in &bone.points {
        let (Threshold::DbHl(bone_db_hl), air_db_hl) = (*threshold, air.threshold_db_hl(*hz)) else {
            continue;
        };
        if bone_db_hl > air_db_hl + BONE_WORSE_THAN_AIR_DB {
            let message = format!(
                "at {hz} Hz bone conduction ({bone_db_hl} dB HL) is worse than air conduction ({air_db_hl:.0} dB HL), which cannot be"
            );
            source.warning(view.span_of("bone"), &view.path_of("bone"), message, "are the two exchanged?");
        }
    }
}

fn read_dead_regions(source: &mut Source<'_>, view: &View<'_, '_>) -> Vec<DeadRegion> {
    let path = view.path_of("dead");
    let mut regions: Vec<DeadRegion> = Vec::new();
    for (i, value) in view.list("dead").iter().enumerate() {
        let edges: Vec<f64> = value
            .get_ref()
            .as_array()
            .map(|edges| edges.iter().filter_map(|edge| number(edge.get_ref())).collect())
            .unwrap_or_default();
        let [from_hz, to_hz] = edges[..] else {
            continue;
        };
        if from_hz >= to_hz {
            let message = format!("a dead region cannot go from {from_hz} Hz to {to_hz} Hz");
            source.error(value.span(), &item(&path, i), message, "write the lower edge first");
        } else if regions.last().is_some_and(|last| last.to_hz > from_hz) {
            let message = "dead regions have to ascend and must not overlap";
            source.error(value.span(), &item(&path, i), message, "put them in order, or make one of two");
        }
        regions.push(DeadRegion { from_hz, to_hz });
    }
    regions
}

fn read_tinnitus(view: &View<'_, '_>) -> Option<Tinnitus> {
    let sound = match view.text("sound")? {
        "tone" => TinnitusSound::Tone,
        "band" => TinnitusSound::Band { bandwidth_octaves: view.number("bandwidth_octaves")? },
        _ => TinnitusSound::Noise,
    };
    Some(Tinnitus {
        sound,
        frequency_hz: view.number("frequency_hz")?,
        level_db_sl: view.number("level_db_sl")?,
        cap_db_spl: view.number("cap_db_spl").unwrap_or(DEFAULT_TINNITUS_CAP_DB_SPL),
    })
}

fn read_movement(source: &mut Source<'_>, view: &View<'_, '_>) -> Movement {
    read_known_movement(source, view).unwrap_or_default()
}

/// `None` where something that has been reported is missing.
fn read_known_movement(source: &mut Source<'_>, view: &View<'_, '_>) -> Option<Movement> {
    let from = view.text("from").map(str::to_owned);
    match view.text("kind")? {
        "ramp" => Some(Movement::Ramp { from, secs: view.number("secs") }),
        "flicker" => {
            let (mean_on_secs, mean_off_secs) = (view.number("mean_on_secs")?, view.number("mean_off_secs")?);
            let slope_ms = view.number("slope_ms").unwrap_or(40.0);
            if slope_ms > 1_000.0 * mean_on_secs.min(mean_off_secs) {
                let message = "a change takes longer than hearing stays in or out on the mean";
                let help = "shorten slope_ms, or lengthen mean_on_secs and mean_off_secs";
                source.error(view.span_of("slope_ms"), &view.path_of("slope_ms"), message, help);
            }
            let depth = view.number("depth").unwrap_or(1.0);
            Some(Movement::Flicker { from, mean_on_secs, mean_off_secs, slope_ms, depth })
        }
        "decline" => read_decline(source, view),
        _ => Some(Movement::Instant),
    }
}

fn read_decline(source: &mut Source<'_>, view: &View<'_, '_>) -> Option<Movement> {
    let exposure = view.table("exposure").and_then(|exposure| {
        let level_ex_8h_db = exposure.number("level_ex_8h_db")?;
        Some(Exposure { level_ex_8h_db, years_before: exposure.number("years_before").unwrap_or(0.0) })
    });
    let (from_age_years, to_age_years) = (view.number("from_age_years")?, view.number("to_age_years")?);
    let (span, path) = (view.span_of("to_age_years"), view.path_of("to_age_years"));
    if to_age_years <= from_age_years {
        let message = format!("hearing cannot decline from {from_age_years} to {to_age_years} years");
        source.error(span, &path, message, "let to_age_years be above from_age_years");
    } else {
        for (name, age_years) in [("from_age_years", from_age_years), ("to_age_years", to_age_years)] {
            if let Some(warning) = aging::age_warning(age_years) {
                source.warning(view.span_of(name), &view.path_of(name), warning, "");
            }
        }
        if let Some(exposure) = exposure {
            let years = exposure.years_before + to_age_years - from_age_years;
            if let Some(warning) = noise_exposure::exposure_warning(exposure.level_ex_8h_db, years) {
                source.warning(view.span_of("exposure"), &view.path_of("exposure"), warning, "");
            }
        }
    }
    let sex = if view.text("sex")? == "female" { Sex::Female } else { Sex::Male };
    Some(Movement::Decline { from_age_years, to_age_years, sex, exposure, secs: view.number("secs") })
}
