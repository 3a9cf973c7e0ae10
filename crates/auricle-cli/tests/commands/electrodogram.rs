//! Electrodograms: of sound, into every format and back, to sound; and what cannot be.

use crate::memory::peak_mb_of;
use crate::support::{Desk, Pcm, noise, read_wav, wav};

const ACE: &str = "preset:implant-ace";
const STEERED: &str = "preset:implant-current-steering";

/// The rows of a table: time, electrode, mode, current, level, width, gap.
fn rows(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn read(desk: &Desk, name: &str) -> String {
    std::fs::read_to_string(desk.path(name)).unwrap()
}

#[test]
fn a_sound_becomes_a_table_a_sequence_a_picture_and_a_sound() {
    let desk = Desk::new();
    desk.noise("talk.wav", 1.0);
    let mut args = vec!["electrodogram", "talk.wav", "--listener", ACE, "-o", "talk.csv", "--picture", "talk.svg"];
    args.extend(["--export", "nucleus.csv", "--sound", "heard.wav"]);
    let told = desk.auricle(&args).well();
    assert_eq!(desk.names(), ["heard.wav", "nucleus.csv", "talk.csv", "talk.svg", "talk.wav"]);
    for words in ["talk.csv: the table", "pulses in 0:01", "of 22 electrodes", "microamperes", "(ace)"] {
        assert!(told.out.contains(words), "no {words:?} in {}", told.out);
    }
    let table = read(&desk, "talk.csv");
    for line in
        ["# auricle_electrodogram = 1", "# implant.strategy = \"ace\"", "# source = \"talk.wav\"", "# ear = \"left\""]
    {
        assert!(table.contains(line), "no {line:?} in {}", &table[..2000]);
    }
    // Eight pulses a frame, some 870 to 900 frames a second, and nothing outside T and C (106.5 and 648.1 uA).
    let pulses = rows(&table);
    assert!((6500..7500).contains(&pulses.len()), "{}", pulses.len());
    let currents: Vec<f64> = pulses.iter().map(|row| row[3].parse().unwrap()).collect();
    assert!(currents.iter().all(|ua| *ua == 0.0 || (106.0..649.0).contains(ua)));
    assert!(pulses.iter().all(|row| (row[5].as_str(), row[6].as_str()) == ("25.0", "7.0")));

    let sequence = read(&desk, "nucleus.csv");
    let first = format!("{},-3,{},25.0,7.0,", pulses[0][1], pulses[0][4]);
    assert!(sequence.lines().nth(2).unwrap().starts_with(&first), "{first}");

    let picture = read(&desk, "talk.svg");
    for words in
        ["<svg xmlns=", "Electrodogram of talk.wav", "base, high  1", "apex, low  22", "time, seconds", "sound"]
    {
        assert!(picture.contains(words), "no {words:?}");
    }
    assert!(picture.len() < 200_000 && !picture.replace("http://www.w3.org/2000/svg", "").contains("http"));

    let (rate, channels, heard) = read_wav(&desk.path("heard.wav"));
    assert_eq!((rate, channels, heard.len()), (48_000, 1, 48_000));
    let rms =
        |samples: &[f32]| samples.iter().map(|s| f64::from(s * s)).sum::<f64>().sqrt() / (samples.len() as f64).sqrt();
    assert!(rms(&heard[12_000..36_000]) > 0.005, "{}", rms(&heard));
}

#[test]
fn tables_go_from_format_to_format_and_back_the_same_to_the_byte() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.7);
    desk.auricle(&["electrodogram", "talk.wav", "-l", ACE, "-o", "a.csv", "--quiet"]).well();
    desk.auricle(&["electrodogram", "--from", "a.csv", "-o", "b.parquet"]).well();
    desk.auricle(&["electrodogram", "--from", "b.parquet", "-o", "c.csv"]).well();
    assert!(read(&desk, "a.csv") == read(&desk, "c.csv"));
    // What is made of the file is what is made of the sound.
    desk.auricle(&["electrodogram", "talk.wav", "-l", ACE, "-o", "d.parquet", "--sound", "d.wav"]).well();
    desk.auricle(&["electrodogram", "--from", "d.parquet", "--sound", "b.wav"]).well();
    let [of_sound, of_file] = ["d.wav", "b.wav"].map(|name| read_wav(&desk.path(name)).2);
    assert_eq!(of_sound.len(), of_file.len());
    assert!(of_sound == of_file);
}

#[test]
fn current_steering_goes_through_the_matrix_pulse_for_pulse() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.5);
    let mut args = vec!["electrodogram", "talk.wav", "-l", STEERED, "-o", "a.csv"];
    args.extend(["--export", "eldata.npy", "--export", "eldata.mat"]);
    let told = desk.auricle(&args).well();
    assert!(!told.err.contains("note: ") || told.err.contains("both ears have this device"), "{}", told.err);
    let times = |text: &str| -> Vec<Vec<String>> {
        rows(text).into_iter().map(|row| [&row[0], &row[1], &row[3]].map(String::clone).to_vec()).collect()
    };
    let sort = |mut rows: Vec<Vec<String>>| {
        // Of two that fire at once the order is the reader's.
        rows.sort_by(|a, b| {
            let key = |row: &[String]| (row[0].parse::<f64>().unwrap(), row[1].parse::<u8>().unwrap());
            key(a).partial_cmp(&key(b)).unwrap()
        });
        rows
    };
    let stimulating = |rows: Vec<Vec<String>>| rows.into_iter().filter(|row| row[2] != "0").collect::<Vec<_>>();
    let expected = sort(stimulating(times(&read(&desk, "a.csv"))));
    assert!(expected.len() > 10_000, "{}", expected.len());
    for matrix in ["eldata.npy", "eldata.mat"] {
        desk.auricle(&["electrodogram", "--from", matrix, "-o", "b.csv", "--force"]).well();
        assert!(sort(times(&read(&desk, "b.csv"))) == expected, "{matrix}");
    }
    desk.auricle(&["electrodogram", "--from", "eldata.mat", "-l", STEERED, "--sound", "heard.flac"]).well();
    desk.auricle(&["electrodogram", "talk.wav", "-l", STEERED, "--export", "s.csv"])
        .fails(1, &["s.csv", "at once", ".npy"]);
    assert!(!desk.names().contains(&"s.csv".to_owned()));
}

#[test]
fn programs_are_told_in_json() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.5);
    let told = desk.auricle(&["electrodogram", "talk.wav", "-l", ACE, "-o", "a.parquet", "--json"]).well();
    let last: serde_json::Value = serde_json::from_str(told.out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["strategy"], &last["ear"]), (&"result".into(), &"ace".into(), &"left".into()));
    let electrodes = last["electrodes"].as_array().unwrap();
    let pulses: u64 = electrodes.iter().map(|electrode| electrode["pulses"].as_u64().unwrap()).sum();
    assert_eq!((electrodes.len(), Some(pulses)), (22, last["pulses"].as_u64()));
    assert_eq!((&electrodes[21]["t_level"], &electrodes[21]["c_level"]), (&100.0.into(), &200.0.into()));
    assert_eq!(last["files"][0]["role"], "electrodogram");
}

#[test]
fn whose_device_is_clear_or_asked_for() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.3);
    let run = |args: &[&str]| desk.auricle(&[&["electrodogram", "talk.wav", "-o", "e.csv", "--force"], args].concat());
    run(&["-l", "preset:N3"]).fails(2, &["preset:N3", "neither ear has an implant", "preset:implant-ace"]);
    run(&["-l", "preset:two-implants"]).fails(2, &["different implants", "--ear left"]);
    run(&["-l", "preset:two-implants", "--ear", "right"]).well();
    assert!(read(&desk, "e.csv").contains("# ear = \"right\""));
    run(&["-l", "preset:bimodal", "--ear", "left"]).fails(2, &["--ear left", "other side", "--ear right"]);
    run(&["-l", "preset:bimodal"]).well();
    run(&["-l", "preset:implant-first-year"]).fails(2, &["several states", "--state"]);
    run(&["-l", "nobody.toml"]).fails(1, &["nobody.toml"]);
    run(&["-l", "preset:implant-acd"]).fails(2, &["implant-acd", "implant-ace"]);
    desk.text(
        "off.toml",
        "name = \"me\"\n[[state]]\nname = \"now\"\n[state.left.implant]\nstrategy = \"ace\"\nprocessor = \"off\"\n",
    );
    let told = run(&["-l", "off.toml"]).well();
    assert!(told.err.contains("switched off") && told.out.contains("0 pulses"), "{}{}", told.out, told.err);
    assert!(rows(&read(&desk, "e.csv")).is_empty());
    desk.text(
        "fast.toml",
        "name = \"me\"\n[[state]]\nname = \"now\"\n[state.left.implant]\nstrategy = \"ace\"\nrate_pps = 5000\n",
    );
    run(&["-l", "fast.toml"]).fails(1, &["fast.toml:4", "5000 pulses a second", "1736"]);
}

#[test]
fn what_cannot_be_asked_for() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.3);
    desk.text("there.csv", "mine\n");
    desk.text("talk.txt", "This is not a sound.\n");
    let before = desk.names();
    let run = |args: &[&str]| desk.auricle(&[&["electrodogram"], args].concat());
    run(&[]).fails(2, &["--listener"]);
    run(&["talk.wav", "-o", "e.csv"]).fails(2, &["--listener"]);
    run(&["talk.wav", "-l", ACE]).fails(2, &["say what to write", "--picture"]);
    run(&["talk.wav", "-l", ACE, "-o", "e.txt"]).fails(2, &["e.txt", ".parquet or .csv"]);
    run(&["talk.wav", "-l", ACE, "-o", "e.npy"]).fails(2, &["e.npy", "--export"]);
    run(&["talk.wav", "-l", ACE, "--export", "e.h5"]).fails(2, &["e.h5", ".npy and .mat"]);
    run(&["talk.wav", "-l", ACE, "--sound", "e.mp3"]).fails(2, &["e.mp3", ".wav or .flac"]);
    run(&["talk.wav", "-l", ACE, "-o", "there.csv"]).fails(2, &["there.csv", "--force"]);
    run(&["talk.wav", "-l", ACE, "-o", "e.csv", "--export", "e.csv"]).fails(2, &["e.csv", "twice"]);
    run(&["talk.wav", "-l", ACE, "-o", "nowhere/e.csv"]).fails(2, &["nowhere"]);
    run(&["talk.wav", "-l", ACE, "--sound", "talk.wav", "--force"]).fails(2, &["talk.wav", "input"]);
    run(&["talk.wav", "-l", ACE, "-o", "e.csv", "--carrier", "sine"]).fails(2, &["--carrier", "--sound"]);
    run(&["talk.wav", "-l", ACE, "--sound", "e.wav", "--rate", "100"]).fails(2, &["100 Hz", "8000"]);
    run(&["talk.wav", "-l", ACE, "-o", "e.csv", "--full-scale-db-spl", "nan"]).fails(2, &["--full-scale-db-spl"]);
    run(&["talk.wav", "-l", ACE, "-o", "e.csv", "--track", "2"]).fails(2, &["track 2"]);
    run(&["talk.wav", "--from", "there.csv", "-o", "e.csv"]).fails(2, &["--from"]);
    run(&["lost.wav", "-l", ACE, "-o", "e.csv"]).fails(1, &["lost.wav"]);
    run(&["talk.txt", "-l", ACE, "-o", "e.csv"]).fails(1, &["talk.txt"]);
    run(&["--from", "lost.csv", "-o", "e.csv"]).fails(1, &["lost.csv"]);
    run(&["--from", "talk.wav", "-o", "e.csv"]).fails(1, &["talk.wav", "no electrodogram"]);
    run(&["--from", "there.csv", "-o", "e.csv"]).fails(1, &["there.csv:1", "no column time_us"]);
    assert_eq!(desk.names(), before);
}

#[test]
fn damaged_electrodograms_leave_nothing_behind() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.5);
    desk.auricle(&["electrodogram", "talk.wav", "-l", ACE, "-o", "a.parquet", "--export", "a.npy"]).well();
    for name in ["a.parquet", "a.npy"] {
        let whole = std::fs::read(desk.path(name)).unwrap();
        desk.bytes(name, &whole[..whole.len() / 2]);
    }
    let columns = "time_us,electrode,mode,current_ua,current_level,phase_width_us,phase_gap_us";
    let good = "0,1,MP1+2,100,99,25,7";
    desk.text("far.csv", &format!("{columns}\n{good}\n100,23,MP1+2,100,99,25,7\n"));
    desk.text("charge.csv", &format!("{columns}\n{good}\n20,1,MP1+2,100,99,25,7\n"));
    desk.text("late.csv", &format!("{columns}\n{}{good}\n", "9,2,MP1,1,1,1,1\n".replace('9', "1e6")));
    let before = desk.names();
    let run = |name: &str| {
        desk.auricle(&["electrodogram", "--from", name, "-o", "b.parquet", "--sound", "b.wav", "--picture", "b.svg"])
    };
    run("a.parquet").fails(1, &["a.parquet", "breaks off"]);
    run("a.npy").fails(1, &["a.npy", "breaks off"]);
    run("far.csv").fails(1, &["far.csv:3:5", "electrode 23", "22"]);
    run("charge.csv").fails(1, &["charge.csv:3:1", "charge would stay"]);
    run("late.csv").fails(1, &["late.csv:3:1", "sort the rows"]);
    assert_eq!(desk.names(), before);
}

#[test]
fn memory_does_not_grow_with_the_sound() {
    let peak_mb = |secs: usize| {
        let desk = Desk::new();
        desk.bytes("long.wav", &wav(16_000, 1, Pcm::Int16, &noise(1, secs * 16_000, 3)));
        let mut args = vec!["electrodogram", "long.wav", "-l", ACE, "-o", "e.parquet", "--export", "e.csv"];
        args.extend(["--picture", "e.svg"]);
        let made = peak_mb_of(&desk, &args);
        let read = peak_mb_of(&desk, &["electrodogram", "--from", "e.parquet", "-o", "f.csv", "--picture", "f.svg"]);
        assert!(std::fs::metadata(desk.path("e.svg")).unwrap().len() < 200_000);
        made.max(read)
    };
    let (one_minute, ten_minutes) = (peak_mb(60), peak_mb(600));
    assert!(ten_minutes < 120.0 && ten_minutes < one_minute + 15.0, "{one_minute} MB, then {ten_minutes} MB");
}
