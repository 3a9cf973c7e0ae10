//! The built-in listeners, and the schemas.

use crate::support::Desk;

#[test]
fn the_list_names_every_listener_and_show_gives_a_file_that_passes_check() {
    let desk = Desk::new();
    let list = desk.auricle(&["listeners", "--json"]).well();
    let names: Vec<String> = list
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["name"].as_str().unwrap().to_owned())
        .collect();
    for name in ["N1", "N7", "S3", "drummer"] {
        assert!(names.iter().any(|listed| listed == name), "{names:?}");
    }
    let table = desk.auricle(&["listeners"]).well();
    for name in &names {
        assert!(table.out.contains(name.as_str()), "{}", table.out);
        let shown = desk.auricle(&["listeners", "show", name]).well();
        assert!(shown.out.contains("not modelled"), "{}", shown.out);
        let file = format!("{name}.toml");
        desk.text(&file, &shown.out);
        desk.auricle(&["check", &file]).well();
    }
}

#[test]
fn show_says_what_an_implant_is() {
    let desk = Desk::new();
    let shown = desk.auricle(&["listeners", "show", "drummer"]).well().out;
    let card: String = shown.lines().map(|line| line.trim_start_matches(['#', ' '])).collect::<Vec<_>>().join(" ");
    for words in [
        "deaf left: hears nothing",
        "processor off left: nothing by air; cochlear implant, processor off",
        "activation day right: nothing by air; cochlear implant, processor on; activation day; strategy ACE with 8 maxima",
        "inserted to 390 degrees",
        "heard here as percept (what people with one normal ear say it sounds like)",
    ] {
        assert!(card.contains(words), "{words}: {card}");
    }
    let beside = desk.auricle(&["listeners", "show", "electro-acoustic"]).well().out;
    assert!(beside.contains("one year left: 125 20, 250 25") && beside.contains("cochlear implant"), "{beside}");
}

#[test]
fn a_listener_that_is_not_there_is_answered_with_those_that_are() {
    let desk = Desk::new();
    desk.auricle(&["listeners", "show", "drumer"]).fails(2, &["drumer", "drummer"]);
}

#[test]
fn schemas_are_json_schemas() {
    let desk = Desk::new();
    for (of, field) in [("listener", "state"), ("cues", "cue")] {
        let schema: serde_json::Value = serde_json::from_str(&desk.auricle(&["schema", of]).well().out).unwrap();
        assert!(schema["$schema"].as_str().unwrap().contains("json-schema.org"), "{of}");
        assert!(schema["properties"][field].is_object(), "{of}");
    }
    desk.auricle(&["schema", "films"]).fails(2, &["films", "listener", "cues"]);
}

#[test]
fn help_has_an_example_for_every_command() {
    let desk = Desk::new();
    for command in ["render", "listeners", "check", "schema", "demo"] {
        let help = desk.auricle(&[command, "--help"]).well().out;
        assert!(help.contains("Example") && help.contains(&format!("auricle {command}")), "{help}");
    }
    desk.auricle(&[]).fails(2, &["render"]);
    desk.auricle(&["rendr"]).fails(2, &["render"]);
}

#[test]
fn output_into_a_closed_pipe_is_no_failure() {
    let desk = Desk::new();
    let script = "\"$0\" schema listener | head -c 10 > /dev/null; exit \"${PIPESTATUS[0]}\"";
    let output = std::process::Command::new("bash").args(["-c", script, crate::support::AURICLE]).output().unwrap();
    crate::support::Ended::from(output).well();
    drop(desk);
}
