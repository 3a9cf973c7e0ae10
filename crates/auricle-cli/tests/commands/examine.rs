//! `auricle examine`: what it says, what it writes, and how it ends.

use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use crate::support::Desk;

/// Half the usual rate is examined in half the time.
const RATE: &str = "24000";

fn names_and_attributes(node: &Handle, found: &mut Vec<(String, String)>) {
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes: Vec<String> =
            attrs.borrow().iter().map(|attribute| format!("{}={}", attribute.name.local, attribute.value)).collect();
        found.push((name.local.to_string(), attributes.join(" ")));
    }
    for child in node.children.borrow().iter() {
        names_and_attributes(child, found);
    }
}

#[test]
fn a_listener_measures_as_claimed_for_people_programs_and_on_a_card() {
    let desk = Desk::new();
    let told = desk.auricle(&["examine", "preset:N4", "--rate", RATE, "--card", "n4.html"]).well();
    for word in ["both ears", "stated dB HL", "met ", "all bars are met", "n4.html", "not a score", "louder"] {
        assert!(told.out.contains(word), "no {word:?} in:\n{}", told.out);
    }
    assert!(!told.out.contains("MISSED"), "{}", told.out);

    let html = std::fs::read_to_string(desk.path("n4.html")).unwrap();
    let dom = html5ever::parse_document(RcDom::default(), Default::default()).one(html.as_str());
    assert!(dom.errors.borrow().is_empty(), "{:?}", dom.errors.borrow());
    let mut elements = Vec::new();
    names_and_attributes(&dom.document, &mut elements);
    let count = |name: &str| elements.iter().filter(|(element, _)| element == name).count();
    assert_eq!((count("script"), count("link"), count("img")), (0, 0, 0));
    assert!(count("svg") >= 2 && count("table") >= 4);
    let outside = |text: &str| text.contains("http") && !text.contains("www.w3.org/2000/svg");
    assert!(!elements.iter().any(|(_, attributes)| outside(attributes)), "the card needs something from outside");
    assert!(
        html.contains("Off-frequency listening") && html.contains("Measured through the simulation by the left ear")
    );

    let told = desk.auricle(&["examine", "preset:N4", "--rate", RATE, "--json"]).well();
    assert_eq!(told.out.lines().count(), 1);
    let json: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (&json["type"], &json["met"], &json["sample_rate_hz"]),
        (&"examination".into(), &true.into(), &24_000.into())
    );
    assert_eq!(json["right"]["outcome"], "as_the_left");
    let row = &json["left"]["air"][1];
    let (stated, measured) = (row["stated_db_hl"].as_f64().unwrap(), row["threshold_db_hl"].as_f64().unwrap());
    assert!((stated - measured).abs() < 0.8, "{row}");
    assert_eq!(json["noise"].as_array().unwrap().len(), 3);
}

#[test]
fn a_bar_that_is_missed_is_told_by_the_exit_code() {
    let desk = Desk::new();
    // A cliff of 25 dB within a tenth of an octave: a neighbouring place hears those tones first.
    desk.text(
        "cliff.toml",
        "name = \"cliff\"\n[[state]]\nname = \"now\"\nboth = { air = { 1000 = 10, 1070 = 35, 1145 = 60, 1225 = 85 } }\n",
    );
    let told = desk.auricle(&["examine", "cliff.toml", "--rate", RATE, "--card", "cliff.html"]);
    assert_eq!(told.code, Some(1), "{}{}", told.out, told.err);
    assert!(told.out.contains("MISSED threshold error by air"), "{}", told.out);
    let html = std::fs::read_to_string(desk.path("cliff.html")).unwrap();
    assert!(html.contains("bars missed"));
}

#[test]
fn one_deaf_ear_leaves_the_other_to_be_examined() {
    let desk = Desk::new();
    let told = desk.auricle(&["examine", "preset:one-sided", "--rate", RATE, "--card", "one.html"]).well();
    assert!(
        told.out.contains("right ear: not examined: it hears nothing") && told.out.contains("left ear"),
        "{}",
        told.out
    );
    assert!(std::fs::read_to_string(desk.path("one.html")).unwrap().contains("The right ear was not examined"));
}

#[test]
fn two_deaf_ears_cannot_be_examined() {
    let desk = Desk::new();
    desk.auricle(&["examine", "preset:drummer/deaf", "--card", "deaf.html"])
        .fails(2, &["drummer", "deaf", "neither ear hears", "--state"]);
    assert!(desk.names().is_empty());
}

#[test]
fn an_implant_is_examined_in_the_sound_field() {
    let desk = Desk::new();
    let told = desk.auricle(&["examine", "preset:implant-ace", "--card", "ace.html"]).well();
    for word in
        ["both ears: implant, ACE", "868.1 pulses", "implied dB HL", "22 of 22", "8.6 effective", "all bars are met"]
    {
        assert!(told.out.contains(word), "no {word:?} in:\n{}", told.out);
    }
    for check in 1..=8 {
        // Check 7 is about speech that listeners would know; no device fails it alone.
        assert_eq!(told.out.contains(&format!("met    {check}: ")), check != 7, "check {check} in:\n{}", told.out);
    }
    assert!(!told.out.contains("noise against the law") && !told.out.contains("by air"), "{}", told.out);
    let html = std::fs::read_to_string(desk.path("ace.html")).unwrap();
    let dom = html5ever::parse_document(RcDom::default(), Default::default()).one(html.as_str());
    assert!(dom.errors.borrow().is_empty(), "{:?}", dom.errors.borrow());
    assert!(html.contains("Both ears: the implant") && html.contains("implied by T") && html.contains("<svg"));

    let told = desk.auricle(&["examine", "preset:implant-ace", "--json"]).well();
    let json: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((&json["left"]["outcome"], &json["right"]["outcome"]), (&"by_implant".into(), &"as_the_left".into()));
    let row = &json["left_implant"]["sound_field"][4];
    let (implied, measured) = (row["implied_db_hl"].as_f64().unwrap(), row["threshold_db_hl"].as_f64().unwrap());
    assert!(row["frequency_hz"] == 1000.0 && (implied - measured).abs() < 1.0, "{row}");
    assert_eq!((&json["met"], &json["right_implant"]), (&true.into(), &serde_json::Value::Null));
}

#[test]
fn each_ear_is_examined_by_what_it_has() {
    let desk = Desk::new();
    let told = desk.auricle(&["examine", "preset:bimodal", "--rate", RATE, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((&json["left"]["outcome"], &json["left_implant"]), (&"examined".into(), &serde_json::Value::Null));
    assert_eq!((&json["right"]["outcome"], &json["right_implant"]["strategy"]), (&"by_implant".into(), &"ACE".into()));
    assert_eq!(json["right_implant"]["delay_ms"], 5.0);

    let told = desk.auricle(&["examine", "preset:electro-acoustic", "--rate", RATE, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(json["left"]["outcome"], "examined");
    assert_eq!(json["left_implant"]["strategy"], "fine structure");
    // Acoustically alone: with the implant, 2 kHz would be heard.
    let row = json["left"]["air"].as_array().unwrap().iter().find(|row| row["frequency_hz"] == 2000.0).unwrap();
    assert!(row["threshold_db_hl"].as_f64().is_none_or(|threshold| threshold > 90.0), "{row}");
}

#[test]
fn a_processor_that_is_off_cannot_be_examined() {
    let desk = Desk::new();
    desk.auricle(&["examine", "preset:drummer", "--state", "processor off", "--card", "off.html"])
        .fails(2, &["drummer", "processor off", "neither ear hears", "--state"]);
    assert!(desk.names().is_empty());
    let told = desk.auricle(&["examine", "preset:single-sided/off", "--rate", RATE]).well();
    assert!(told.out.contains("left ear: not examined: its processor is off"), "{}", told.out);
}

#[test]
fn a_map_that_lets_no_level_through_is_told_by_the_exit_code() {
    let desk = Desk::new();
    desk.text(
        "flat.toml",
        "name = \"flat\"\n[[state]]\nname = \"now\"\n[state.both.implant]\nstrategy = \"ace\"\nt_levels = 200\nc_levels = 200\n",
    );
    let told = desk.auricle(&["examine", "flat.toml", "--rate", RATE]);
    assert_eq!(told.code, Some(1), "{}{}", told.out, told.err);
    assert!(told.out.contains("MISSED level of tones") && told.err.contains("missed"), "{}", told.out);
}

#[test]
fn a_moving_state_is_examined_by_its_own_findings_and_speech_may_be_the_users() {
    let desk = Desk::new();
    desk.noise("me.wav", 1.0);
    let told = desk.auricle(&["examine", "preset:flicker", "--speech", "me.wav", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert!(json["notes"][0].as_str().unwrap().contains("moves"), "{}", json["notes"]);
    assert!(json["speech_source"].as_str().unwrap().contains("me.wav"));
}

#[test]
fn bad_input() {
    let desk = Desk::new();
    desk.text("broken.toml", "name = \"me\"\n[[state]\n");
    desk.text("high.toml", "name = \"me\"\n[[state]]\nname = \"now\"\nboth = { air = { 250 = 300 } }\n");
    desk.text("there.html", "mine");
    desk.text("talk.txt", "This is not a sound.\n");
    desk.noise("talk.wav", 0.2);
    let before = desk.names();
    let examine = |args: &[&str]| desk.auricle(&[&["examine"], args].concat());
    examine(&["preset:drumer"]).fails(2, &["drumer", "drummer"]);
    examine(&["preset:drummer/colapse"]).fails(2, &["colapse", "collapse"]);
    examine(&["preset:drummer"]).fails(2, &["--state", "collapse"]);
    examine(&["nobody.toml"]).fails(1, &["nobody.toml"]);
    examine(&["broken.toml"]).fails(1, &["broken.toml:2"]);
    examine(&["high.toml"]).fails(1, &["high.toml:4", "300"]);
    examine(&["preset:N3", "--rate", "100"]).fails(2, &["--rate 100", "8000"]);
    examine(&["preset:N3", "--full-scale-db-spl", "nan"]).fails(2, &["--full-scale-db-spl"]);
    examine(&["preset:N3", "--card", "there.html"]).fails(2, &["there.html", "--force"]);
    examine(&["high.toml", "--card", "high.toml", "--force"]).fails(2, &["high.toml", "input"]);
    examine(&["preset:N3", "--card", "nowhere/card.html"]).fails(2, &["nowhere"]);
    examine(&["preset:N3", "--speech", "lost.wav"]).fails(1, &["lost.wav"]);
    examine(&["preset:N3", "--speech", "talk.txt"]).fails(1, &["talk.txt"]);
    examine(&["preset:N3", "--speech", "talk.wav", "--rate", "22050"]).fails(2, &["--rate 22050", "48000"]);
    assert_eq!(desk.names(), before);
}
