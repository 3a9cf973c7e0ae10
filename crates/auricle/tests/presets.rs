//! The built-in listeners: complete, free of faults, and what they say they are.

use auricle::listener::{EarFindings, Listener, Movement};
use auricle::presets;

#[test]
fn every_preset_is_there_and_reads_without_a_warning() {
    let names = presets::names();
    assert_eq!(names.len(), 44);
    for name in names {
        let listener = presets::get(name).unwrap_or_else(|| panic!("{name} does not read"));
        let (read, warnings) = Listener::parse(&listener.to_toml(), name).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(read, listener, "{name}");
        // The standard ends at 40 years of exposure, which the preset's card says.
        let expected = usize::from(name == "decline");
        assert_eq!(warnings.0.len(), expected, "{warnings}");
    }
}

#[test]
fn preset_files_read_without_errors() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let (listener, _) = Listener::parse(&text, &name).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(presets::get(&name), Some(listener), "{name} is not built in");
        files += 1;
    }
    assert_eq!(files, 23);
}

#[test]
fn every_card_says_what_it_claims_and_what_not() {
    for name in presets::names() {
        let card = presets::get(name).unwrap().card;
        assert!(!card.summary.is_empty(), "{name}");
        assert!(!card.modelled.is_empty() && !card.evidence.is_empty(), "{name}");
        assert!(card.not_modelled.iter().any(|line| line.contains("nobody's exact hearing")), "{name}");
        // Titles of papers are theirs.
        let all = format!("{:?}", (&card.summary, &card.modelled, &card.not_modelled)).to_lowercase();
        assert!(!all.contains("suffer") && !all.contains("patient"), "{name}");
    }
}

#[test]
fn every_state_can_be_captioned() {
    for name in presets::names() {
        for state in presets::get(name).unwrap().states {
            assert!(!state.caption.is_empty() && !state.about.is_empty(), "{name}/{}", state.name);
        }
    }
}

#[test]
fn names_know_no_case() {
    assert_eq!(presets::get("n3"), presets::get("N3"));
    assert_eq!(presets::get("Drummer"), presets::get("drummer"));
    assert_eq!(presets::get("N8"), None);
    assert_eq!(presets::get(""), None);
}

#[test]
fn the_drummer_tells_the_story_in_order() {
    let drummer = presets::get("drummer").unwrap();
    let states: Vec<&str> = drummer.states.iter().map(|state| state.name.as_str()).collect();
    assert_eq!(
        states,
        [
            "before",
            "dropouts",
            "collapse",
            "muffled",
            "ringing",
            "deaf",
            "processor off",
            "activation day",
            "one month",
            "one year"
        ]
    );
    assert_eq!(drummer.state("").unwrap().name, "before");
    let Movement::Flicker { from, .. } = &drummer.state("dropouts").unwrap().movement else { panic!() };
    assert_eq!(from.as_deref(), Some("before"));
    // Tinnitus belongs to one state only.
    for state in &drummer.states {
        assert_eq!(state.left.tinnitus.is_some(), state.name == "ringing");
    }
    // Each chapter is worse than "before" at every frequency, in both ears; least so in the low hearing that is left.
    let at = |ear: &EarFindings, hz: f64| ear.air.threshold_db_hl(hz);
    let before = drummer.state("before").unwrap();
    for name in ["dropouts", "collapse", "muffled"] {
        let state = drummer.state(name).unwrap();
        for hz in [125.0, 250.0, 500.0, 1e3, 2e3, 4e3, 8e3] {
            assert!(at(&state.left, hz) > at(&before.left, hz) + 15.0, "{name} {hz}");
            assert!(at(&state.right, hz) > at(&before.right, hz) + 15.0, "{name} {hz}");
        }
    }
    let deaf = drummer.state("deaf").unwrap();
    assert!(deaf.left.deaf && deaf.right.deaf);
}

#[test]
fn sudden_losses_meet_the_definition() {
    // At least 30 dB at three or more neighbouring frequencies.
    let sudden = presets::get("sudden-left").unwrap();
    let ears = &sudden.states[0];
    let lost = [500.0, 1e3, 2e3, 4e3]
        .iter()
        .filter(|hz| ears.left.air.threshold_db_hl(**hz) - ears.right.air.threshold_db_hl(**hz) >= 30.0);
    assert!(lost.count() >= 3);
}

#[test]
fn noise_notch_is_a_notch() {
    for ear in [
        presets::get("noise-notch").unwrap().states[0].left.clone(),
        presets::get("drummer").unwrap().states[0].left.clone(),
    ] {
        let at = |hz: f64| ear.air.threshold_db_hl(hz);
        let depth_db = at(4e3) - (at(2e3) + at(8e3)) / 2.0;
        assert!(at(4e3) >= at(2e3) + 10.0 && at(4e3) >= at(8e3) + 10.0);
        assert!((15.0..35.0).contains(&depth_db), "{depth_db}");
    }
}

#[test]
fn conductive_loss_is_all_conductive() {
    let state = &presets::get("conductive").unwrap().states[0];
    for hz in [250.0, 500.0, 1e3, 2e3, 4e3] {
        assert!(state.left.conductive_db(hz) >= 12.0);
        // "A plain attenuation before the cochlea", says the card.
        for ear in [&state.left, &state.right] {
            assert_eq!(ear.sensorineural_db_hl(hz), 0.0);
            let gap_db = ear.conductive_db(hz);
            let said_db = if hz == 2e3 { 18.0..=22.0 } else { 26.0..=35.0 };
            assert!(said_db.contains(&gap_db), "{hz} {gap_db}");
        }
    }
}

#[test]
fn with_hearing_on_one_side_that_side_hears_as_anyone() {
    let state = &presets::get("one-sided").unwrap().states[0];
    assert!(state.right.deaf);
    assert_eq!(state.left, EarFindings::default());
    for hz in [125.0, 250.0, 1e3, 4e3, 8e3, 16e3] {
        assert_eq!(state.left.air.threshold_db_hl(hz), 0.0, "{hz}");
    }
}

/// After the silence: two implants, off at first, then ever longer switched on, of one person each.
#[test]
fn the_drummer_gains_two_implants() {
    let drummer = presets::get("drummer").unwrap();
    let mut last_months = -1.0;
    for name in ["processor off", "activation day", "one month", "one year"] {
        let state = drummer.state(name).unwrap();
        let [left, right] = [&state.left, &state.right].map(|ear| ear.implant.as_ref().unwrap());
        assert!(state.left.deaf && state.right.deaf, "{name}");
        assert_eq!((left.on, right.on), (name != "processor off", name != "processor off"));
        assert_ne!(left.individual, right.individual);
        if left.on {
            assert!(left.months_since_activation > last_months, "{name}");
            last_months = left.months_since_activation;
        }
    }
}

/// One ear acoustic, one electric; one ear both; one ear anyone's.
#[test]
fn implants_stand_beside_other_hearing() {
    let bimodal = &presets::get("bimodal").unwrap().states[0];
    assert!(bimodal.left.implant.is_none() && bimodal.left.air.threshold_db_hl(1000.0) > 60.0);
    assert!(bimodal.right.implant.is_some() && bimodal.right.deaf);
    let both = &presets::get("electro-acoustic").unwrap().states[0];
    assert!(both.left.implant.is_some() && !both.left.deaf);
    assert!(both.left.air.threshold_db_hl(250.0) < 30.0 && both.left.air.threshold_db_hl(1500.0) > 90.0);
    for state in &presets::get("single-sided").unwrap().states {
        assert_eq!(state.right, EarFindings::default());
        assert!(state.left.implant.is_some());
    }
    let two = &presets::get("two-implants").unwrap().states[0];
    assert!(two.left.implant != two.right.implant);
}
