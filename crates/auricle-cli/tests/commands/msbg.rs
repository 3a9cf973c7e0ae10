//! `auricle render --model msbg`.

use auricle::audiogram;
use auricle::msbg::{Msbg, MsbgParams, Position};

use crate::support::{Desk, Pcm, noise, read_wav, wav};

const RATE_HZ: u32 = 44_100;
const QUIETLY: [&str; 2] = ["--no-report", "--no-captions"];

/// One channel of interleaved samples.
fn channel(samples: &[f32], channels: usize, index: usize) -> Vec<f64> {
    samples.iter().skip(index).step_by(channels).copied().map(f64::from).collect()
}

fn heard(name: &str, position: Position, sound: &[f64]) -> Vec<f32> {
    let air = audiogram::standard(name).expect("a standard audiogram");
    let ear = Msbg::new(&MsbgParams { position, ..MsbgParams::new(air) }).expect("an ear that MSBG knows");
    ear.process(&[sound]).expect("a sound that MSBG hears")[0].iter().map(|sample| *sample as f32).collect()
}

#[test]
fn a_sound_file_gets_what_the_library_gives_each_ear() {
    let desk = Desk::new();
    let source = noise(2, 30_001, 3);
    desk.bytes("talk.wav", &wav(RATE_HZ, 2, Pcm::Int16, &source));
    desk.text(
        "two.toml",
        "name = \"two\"\n[[state]]\nname = \"now\"\n[state.left]\nair = \"N2\"\n[state.right]\nair = \"N4\"\n",
    );
    let args =
        ["render", "talk.wav", "--model", "msbg", "--position", "itu", "--listener", "two.toml", "-o", "heard.wav"];
    desk.auricle(&args).well();
    assert!(desk.path("heard.report.html").is_file());
    let (rate_hz, channels, out) = read_wav(&desk.path("heard.wav"));
    assert_eq!((rate_hz, channels), (RATE_HZ, 2));
    for (index, name) in ["N2", "N4"].into_iter().enumerate() {
        let expected = heard(name, Position::Itu, &channel(&source, 2, index));
        let got: Vec<f32> = out.iter().skip(index).step_by(2).copied().collect();
        assert!(got == expected, "{name}: {} samples for {}", got.len(), expected.len());
    }
}

#[test]
fn a_film_is_in_sync_and_as_long_as_its_picture() {
    let desk = Desk::new();
    desk.ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=160x90:rate=25:duration=2",
        "-f",
        "lavfi",
        "-i",
        "anoisesrc=color=pink:sample_rate=44100:amplitude=0.5:seed=3:duration=2",
        "-c:v",
        "libx264",
        "-c:a",
        "pcm_s16le",
        "film.mkv",
    ]);
    let mut args =
        vec!["render", "film.mkv", "--model", "msbg", "--listener", "preset:N3", "--tracks", "pov", "-o", "out.mkv"];
    args.extend(QUIETLY);
    desk.auricle(&args).well();
    desk.ffmpeg(&["-i", "film.mkv", "-c:a", "pcm_f32le", "-bitexact", "source.wav"]);
    desk.ffmpeg(&["-i", "out.mkv", "-c:a", "pcm_f32le", "-bitexact", "heard.wav"]);
    let source = channel(&read_wav(&desk.path("source.wav")).2, 1, 0);
    let got = channel(&read_wav(&desk.path("heard.wav")).2, 1, 0);
    assert_eq!((source.len(), got.len()), (88_200, 88_200));
    let expected = heard("N3", Position::FreeField, &source);
    // 1272 samples: two filters of 1015, one of 133, and smearing.
    for (n, got) in got.iter().enumerate().take(80_000) {
        assert!((got - f64::from(expected[n + 1272])).abs() < 3e-7, "sample {n}");
    }
}

#[test]
fn mono_gets_a_channel_for_each_ear_that_differs() {
    let desk = Desk::new();
    let source = noise(1, 20_000, 5);
    desk.bytes("talk.wav", &wav(RATE_HZ, 1, Pcm::Float32, &source));
    let render = |listener: &str, layout: &str, output: &str| {
        desk.auricle(&["render", "talk.wav", "--model", "msbg", "-l", listener, "--layout", layout, "-o", output])
    };
    render("preset:N1", "same", "one.wav").well();
    assert_eq!(read_wav(&desk.path("one.wav")).1, 1);
    desk.text("two.toml", "name = \"two\"\n[[state]]\nname = \"now\"\n[state.left]\nair = \"N2\"\n");
    render("two.toml", "same", "two.wav").fails(2, &["ears differ", "--layout stereo"]);
    render("two.toml", "stereo", "two.wav").well();
    let (_, channels, out) = read_wav(&desk.path("two.wav"));
    assert_eq!(channels, 2);
    // The right ear hears as anyone: not smeared, hence as long as the source and then silent.
    assert!(channel(&out, 2, 1)[20_000..].iter().all(|sample| *sample == 0.0));
    assert!(channel(&out, 2, 0)[20_000..].iter().any(|sample| *sample != 0.0));
}

#[test]
fn what_msbg_cannot_do_is_said_before_anything_is_written() {
    let desk = Desk::new();
    desk.noise("48.wav", 0.5);
    desk.bytes("talk.wav", &wav(RATE_HZ, 2, Pcm::Int16, &noise(2, 20_000, 3)));
    desk.bytes("six.wav", &wav(RATE_HZ, 6, Pcm::Int16, &noise(6, 20_000, 3)));
    desk.bytes("short.wav", &wav(RATE_HZ, 1, Pcm::Int16, &noise(1, 440, 3)));
    desk.bytes("silent.wav", &wav(RATE_HZ, 2, Pcm::Int16, &[0.0; 40_000]));
    desk.bytes(
        "faint.wav",
        &wav(RATE_HZ, 1, Pcm::Float32, &noise(1, 20_000, 3).iter().map(|x| x * 1e-4).collect::<Vec<_>>()),
    );
    desk.text("gig.cues.toml", "listener = \"preset:N3\"\n[[cue]]\nin = \"0.1 s\"\nout = \"0.2 s\"\n");
    desk.text(
        "deep.toml",
        "name = \"deep\"\n[[state]]\nname = \"now\"\n[state.both]\nair = { 1000 = 60, 4000 = 105 }\n",
    );
    desk.text("deaf.toml", "name = \"deaf\"\n[[state]]\nname = \"now\"\n[state.both]\ndeaf = true\n");
    let names = desk.names();
    let fails = |input: &str, more: &[&str], code: i32, words: &[&str]| {
        let mut args = vec!["render", input, "--model", "msbg", "-o", "out.wav"];
        args.extend(more);
        desk.auricle(&args).fails(code, words);
        assert_eq!(desk.names(), names, "{input} {more:?}");
    };
    let n3 = ["--listener", "preset:N3"];
    fails("48.wav", &n3, 1, &["44100", "48000", "ffmpeg", "-ar 44100"]);
    fails("six.wav", &n3, 1, &["6 channels", "mono or stereo", "-ac 2"]);
    fails("short.wav", &n3, 1, &["440 samples", "441"]);
    fails("silent.wav", &n3, 1, &["left ear", "silent", "-80 dB"]);
    fails("faint.wav", &n3, 1, &["too quiet", "-80 dB"]);
    fails("talk.wav", &["--cues", "gig.cues.toml"], 2, &["--cues", "no cues"]);
    fails("talk.wav", &["--listener", "preset:N3", "--seed", "4"], 2, &["--seed", "random"]);
    fails("talk.wav", &["--listener", "preset:N3", "--field", "diffuse"], 2, &["--field", "--position"]);
    fails("talk.wav", &["--listener", "deep.toml"], 2, &["deep.toml, left ear", "105 dB HL at 4000 Hz", "80 to 90"]);
    fails("talk.wav", &["--listener", "deaf.toml"], 2, &["deaf.toml", "left ear hears nothing"]);
    let implanted = ["--listener", "preset:drummer", "--state", "one year"];
    fails("talk.wav", &implanted, 2, &["left ear has a cochlear implant", "one year", "leave --model out"]);
    let own = ["render", "talk.wav", "--listener", "preset:N3", "--position", "df", "-o", "out.wav"];
    desk.auricle(&own).fails(2, &["--position", "--model msbg"]);
}

#[test]
fn what_msbg_leaves_out_of_a_listener_is_told() {
    let desk = Desk::new();
    desk.bytes("talk.wav", &wav(RATE_HZ, 2, Pcm::Int16, &noise(2, 20_000, 3)));
    desk.text(
        "rich.toml",
        "name = \"rich\"\n[[state]]\nname = \"now\"\n[state.both]\nair = { 1000 = 60 }\nbone = { 1000 = 20 }\ndead = [[3000, \
         8000]]\ntinnitus = { sound = \"tone\", frequency_hz = 3700, level_db_sl = 10 }\n",
    );
    let ended = desk.auricle(&["render", "talk.wav", "--model", "msbg", "-l", "rich.toml", "-o", "heard.wav"]).well();
    for words in ["warning", "bone conduction", "dead regions", "tinnitus"] {
        assert!(ended.err.contains(words), "no {words} in {}", ended.err);
    }
}
