//! Renders of sound files.

use crate::support::{Desk, Pcm, noise, read_wav, wav};

/// A cue sheet that is inside N3 from 1 s to 2 s.
const MIDDLE: &str = "\
title = \"Middle\"
listener = \"preset:N3\"
seed = 7

[[cue]]
in = \"1 s\"
out = \"2 s\"
state = \"N3\"
";

#[test]
fn a_sound_is_rendered_throughout_with_its_report_and_captions() {
    let desk = Desk::new();
    desk.noise("talk.wav", 1.0);
    desk.auricle(&["render", "talk.wav", "--listener", "preset:N3", "-o", "heard.wav"]).well();
    assert_eq!(desk.names(), ["heard.pov.vtt", "heard.report.html", "heard.wav", "talk.wav"]);
    let (rate, channels, heard) = read_wav(&desk.path("heard.wav"));
    assert_eq!((rate, channels, heard.len()), (48_000, 2, 96_000));
    let source = read_wav(&desk.path("talk.wav")).2;
    let energy = |samples: &[f32]| samples.iter().map(|s| f64::from(s * s)).sum::<f64>();
    assert!(energy(&heard) > 0.0 && energy(&heard) < energy(&source) / 2.0, "N3 hears far less of noise");
    let captions = std::fs::read_to_string(desk.path("heard.pov.vtt")).unwrap();
    assert!(captions.starts_with("WEBVTT"), "{captions}");
}

#[test]
fn styles_and_regions_of_a_caption_file_are_kept() {
    let desk = Desk::new();
    desk.noise("talk.wav", 1.0);
    let blocks = "STYLE\n::cue(.loud) { color: yellow; }\n\nREGION\nid:top\nviewportanchor:0%,0%\n";
    let line = "00:00:00.200 --> 00:00:00.700 region:top\n<c.loud>Hello!</c>\n";
    desk.text("w.vtt", &format!("WEBVTT\n\n{blocks}\n{line}\nREGION\nid:late\n"));
    let args = ["render", "talk.wav", "-l", "preset:N3", "--captions", "w.vtt", "-o", "heard.wav", "--no-report"];
    let told = desk.auricle(&args).well().err;
    assert!(told.contains("w.vtt:13: a REGION block after the first caption"), "{told}");
    let captions = std::fs::read_to_string(desk.path("heard.pov.vtt")).unwrap();
    assert!(captions.starts_with(&format!("WEBVTT\n\n{blocks}")) && captions.contains(line), "{captions}");
}

#[test]
fn a_long_name_leaves_its_caption_room() {
    let desk = Desk::new();
    desk.noise("talk.wav", 1.0);
    let name = "the second violin of the great orchestra of the city, who sits beside the brass and the drums";
    let ear = "{ air = { 250 = 20, 1000 = 40, 4000 = 70 }";
    for (tinnitus, lines) in [
        ("", &["[second violin of the\u{2026}: muffled]"][..]),
        (
            ", tinnitus = { sound = \"tone\", frequency_hz = 6000, level_db_sl = 10 }",
            &["[second violin of the\u{2026}: muffled]", "[high-pitched ringing]"],
        ),
    ] {
        let state = format!("[[state]]\nname = \"now\"\nboth = {ear}{tinnitus} }}\n");
        desk.text("me.toml", &format!("name = \"{name}\"\n{state}"));
        desk.auricle(&["render", "talk.wav", "-l", "me.toml", "-o", "heard.wav", "--no-report", "--force"]).well();
        let captions = std::fs::read_to_string(desk.path("heard.pov.vtt")).unwrap();
        assert!(captions.contains(&lines.join("\n")), "{captions}");
    }
}

#[test]
fn outside_is_the_source_to_the_sample_and_inside_is_not() {
    for (pcm, name) in [(Pcm::Int16, "a.wav"), (Pcm::Int24, "b.wav"), (Pcm::Float32, "c.wav")] {
        let desk = Desk::new();
        let source = noise(2, 144_000, 3);
        desk.bytes(name, &wav(48_000, 2, pcm, &source));
        desk.text("gig.cues.toml", MIDDLE);
        for output in ["out.wav", "out.flac"] {
            desk.auricle(&["render", name, "--cues", "gig.cues.toml", "-o", output, "--no-report", "--no-captions"])
                .well();
            if output == "out.flac" {
                desk.ffmpeg(&["-i", "out.flac", "-c:a", "pcm_s24le", "-bitexact", "flac.wav"]);
            }
            let heard = read_wav(&desk.path(if output == "out.flac" { "flac.wav" } else { output })).2;
            assert_eq!(heard.len(), source.len());
            // A cut takes at most 10 ms on either side.
            let (before, after) = (2 * (48_000 - 480), 2 * (96_000 + 480));
            assert!(heard[..before] == source[..before], "{name} to {output}: before the cue");
            assert!(heard[after..] == source[after..], "{name} to {output}: after the cue");
            assert!(heard[before..after] != source[before..after], "{name} to {output}: inside");
        }
    }
}

#[test]
fn the_same_job_gives_the_same_bytes_on_any_number_of_threads() {
    let desk = Desk::new();
    desk.noise("talk.wav", 2.0);
    desk.text("gig.cues.toml", MIDDLE);
    let render = |output: &str, threads: Option<&str>| {
        let mut command = desk.command(&[
            "render",
            "talk.wav",
            "--cues",
            "gig.cues.toml",
            "--no-report",
            "--no-captions",
            "-o",
            output,
        ]);
        if let Some(threads) = threads {
            command.env("RAYON_NUM_THREADS", threads);
        }
        crate::support::Ended::from(command.output().unwrap()).well();
        std::fs::read(desk.path(output)).unwrap()
    };
    let once = render("1.wav", None);
    assert!(once == render("2.wav", None), "twice");
    assert!(once == render("3.wav", Some("1")), "one thread");
    assert!(once == render("4.wav", Some("3")), "three threads");
}

#[test]
fn odd_rates_and_layouts_keep_their_rate_layout_and_length() {
    for (rate_hz, channels) in
        [(8_000, 1), (11_025, 2), (22_050, 1), (37_800, 2), (44_100, 6), (48_000, 8), (96_000, 2), (192_000, 1)]
    {
        let desk = Desk::new();
        let samples = rate_hz as usize / 4 + 13;
        desk.bytes("odd.wav", &wav(rate_hz, channels, Pcm::Int16, &noise(channels.into(), samples, 5)));
        desk.auricle(&["render", "odd.wav", "--listener", "preset:N2", "-o", "heard.wav", "--no-report"]).well();
        let (heard_rate, heard_channels, heard) = read_wav(&desk.path("heard.wav"));
        assert_eq!((heard_rate, heard_channels, heard.len()), (rate_hz, channels, samples * usize::from(channels)));
    }
}

#[test]
fn rates_and_layouts_that_cannot_be_are_refused() {
    let desk = Desk::new();
    desk.bytes("slow.wav", &wav(6_000, 1, Pcm::Int16, &noise(1, 6_000, 5)));
    desk.auricle(&["render", "slow.wav", "--listener", "preset:N2", "-o", "heard.wav"])
        .fails(1, &["slow.wav", "6000 samples", "8000"]);
    desk.bytes("many.wav", &wav(48_000, 11, Pcm::Int16, &noise(11, 4_800, 5)));
    desk.auricle(&["render", "many.wav", "--listener", "preset:N2", "-o", "heard.wav"])
        .fails(1, &["many.wav", "11 channels"]);
    assert_eq!(desk.names(), ["many.wav", "slow.wav"]);
}

#[test]
fn surround_becomes_two_ears_for_headphones() {
    let desk = Desk::new();
    desk.bytes("film.wav", &wav(48_000, 6, Pcm::Int16, &noise(6, 24_000, 5)));
    desk.auricle(&[
        "render",
        "film.wav",
        "--listener",
        "preset:N2",
        "--layout",
        "stereo",
        "-o",
        "heard.wav",
        "--no-report",
    ])
    .well();
    let (_, channels, heard) = read_wav(&desk.path("heard.wav"));
    assert_eq!((channels, heard.len()), (2, 48_000));
}

#[test]
fn peaks_above_full_scale_survive_in_float_and_are_told_of_elsewhere() {
    let desk = Desk::new();
    let mut loud = noise(2, 48_000, 9);
    loud[2 * 10_000] = 1.75;
    loud[2 * 10_001] = -2.5;
    desk.bytes("loud.wav", &wav(48_000, 2, Pcm::Float32, &loud));
    // Inside only at the end: the peaks lie outside.
    desk.text("gig.cues.toml", &MIDDLE.replace("\"1 s\"", "\"0.9 s\"").replace("\"2 s\"", "\"1 s\""));
    let told =
        desk.auricle(&["render", "loud.wav", "--cues", "gig.cues.toml", "-o", "float.wav", "--no-report"]).well();
    let heard = read_wav(&desk.path("float.wav")).2;
    assert_eq!((heard[2 * 10_000], heard[2 * 10_001]), (1.75, -2.5));
    assert!(told.err.contains("2 samples above full scale"), "{}", told.err);
    assert!(!told.err.contains("clip"), "{}", told.err);

    let told = desk
        .auricle(&["render", "loud.wav", "--cues", "gig.cues.toml", "-o", "int.wav", "--bits", "24", "--no-report"])
        .well();
    let heard = read_wav(&desk.path("int.wav")).2;
    assert!((heard[2 * 10_000] - 1.0).abs() < 1e-6 && heard[2 * 10_001] == -1.0);
    assert!(
        told.err.contains("2 samples of the output above full scale clip") && told.err.contains("--bits float"),
        "{}",
        told.err
    );
}

#[test]
fn samples_that_are_no_numbers_are_refused_or_silenced_where_asked() {
    let desk = Desk::new();
    let mut broken = noise(2, 48_000, 9);
    broken[2 * 24_000] = f32::NAN;
    broken[2 * 24_001 + 1] = f32::INFINITY;
    broken[2 * 24_002] = f32::NEG_INFINITY;
    for (model, rate_hz) in [("msbg", 44_100), ("auricle", 48_000)] {
        desk.bytes("broken.wav", &wav(rate_hz, 2, Pcm::Float32, &broken));
        let args = ["render", "broken.wav", "--listener", "preset:N3", "-o", "heard.wav", "--model", model];
        let words = ["broken.wav: holds 3 samples", "NaN", " s in channel 1", "export it again", "--allow-nan"];
        desk.auricle(&args).fails(1, &words);
        assert_eq!(desk.names(), ["broken.wav"]);
    }
    let args = ["render", "broken.wav", "--listener", "preset:N3", "-o", "heard.wav", "--allow-nan"];
    let told = desk.auricle(&args).well();
    assert!(told.err.contains("3 samples") && told.err.contains("0.500 s in channel 1"), "{}", told.err);
    assert!(read_wav(&desk.path("heard.wav")).2.iter().all(|sample| sample.is_finite()));
}

#[test]
fn names_may_have_spaces_unicode_and_a_leading_dash() {
    let desk = Desk::new();
    desk.noise("-my talk – für Ōe 'n \"q\".wav", 0.3);
    desk.auricle(&[
        "render",
        "--listener",
        "preset:N3",
        "--output=-heard – ŭ $x.flac",
        "--",
        "-my talk – für Ōe 'n \"q\".wav",
    ])
    .well();
    assert_eq!(
        desk.names(),
        ["-heard – ŭ $x.flac", "-heard – ŭ $x.pov.vtt", "-heard – ŭ $x.report.html", "-my talk – für Ōe 'n \"q\".wav"]
    );
}

#[test]
fn progress_and_result_come_as_json_lines() {
    let desk = Desk::new();
    desk.noise("talk.wav", 1.0);
    let told = desk.auricle(&["render", "talk.wav", "--listener", "preset:N3", "-o", "heard.wav", "--json"]).well();
    assert_eq!(told.err, "");
    let lines: Vec<serde_json::Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["type"] == "progress" && line["stage"] == "rendering"), "{}", told.out);
    let result = lines.last().unwrap();
    assert_eq!(result["type"], "result");
    assert_eq!(result["length_samples"], 48_000);
    assert_eq!(result["sample_rate_hz"], 48_000);
    assert_eq!(result["files"].as_array().unwrap().len(), 3);
}

#[test]
fn failures_come_as_json_too() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    desk.text("me.toml", "name = \"me\"\n[[state]]\nname = \"now\"\nboth = { air = { 250 = 300 } }\n");
    for (listener, code) in [("preset:nobody", 2), ("me.toml", 1)] {
        let told = desk.auricle(&["render", "talk.wav", "-l", listener, "-o", "heard.wav", "--json"]);
        assert_eq!(told.code, Some(code), "{told:?}");
        let error: serde_json::Value = serde_json::from_str(told.out.lines().last().unwrap()).unwrap();
        assert_eq!((&error["type"], &error["exit_code"]), (&"error".into(), &code.into()));
        assert!(error["message"].as_str().unwrap().contains(if code == 2 { "nobody" } else { "300" }), "{error}");
        let faults = error["faults"].as_array().unwrap();
        assert_eq!(faults.iter().any(|fault| fault["line"] == 4), code == 1, "{error}");
    }
}

#[test]
fn quiet_says_nothing() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    let told = desk.auricle(&["render", "talk.wav", "--listener", "preset:N3", "-o", "heard.wav", "--quiet"]).well();
    assert_eq!((told.out.as_str(), told.err.as_str()), ("", ""));
}

#[test]
fn without_report_and_captions_there_is_the_sound_alone() {
    let desk = Desk::new();
    desk.noise("talk.wav", 0.2);
    desk.auricle(&["render", "talk.wav", "-l", "preset:N3", "-o", "heard.wav", "--no-report", "--no-captions"]).well();
    assert_eq!(desk.names(), ["heard.wav", "talk.wav"]);
}

#[test]
fn an_ogg_file_that_breaks_off_is_told_of() {
    let desk = Desk::new();
    desk.noise("talk.wav", 3.0);
    desk.ffmpeg(&["-i", "talk.wav", "-c:a", "libvorbis", "whole.ogg"]);
    let whole = std::fs::read(desk.path("whole.ogg")).unwrap();
    desk.bytes("cut.ogg", &whole[..whole.len() / 2]);
    let told = |input: &str, output: &str| {
        desk.auricle(&["render", input, "-l", "preset:N1", "-o", output, "--no-report"]).well().err
    };
    let words = "ends before its sound does";
    assert!(!told("whole.ogg", "1.wav").contains(words));
    let cut = told("cut.ogg", "2.wav");
    assert!(cut.contains("cut.ogg") && cut.contains(words), "{cut}");
}
