//! ACE against an independent reference in Python, pulse for pulse.
//!
//! Run by `cargo xtask test oracle`, which finds a Python with numpy and names it in `AURICLE_PYTHON`; no part of a plain
//! `cargo test`. Own signals always; the WAV files of `../shared/media` (speech, music, environment) where they are.

#[expect(dead_code, reason = "what the tests of the device use, of which this one does not need all")]
#[path = "implant_device/support.rs"]
mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use auricle::dsp::resample::Resampler;
use auricle::implant::params::{Implant, Strategy};
use auricle::implant::pulse::Pulse;
use support::{ace, babble, music, noise, processor, pulses, sweep};

const RATE_HZ: u32 = 15_625;
/// Part of the pulses that have to agree; times of all of them have to.
const AGREEING: f64 = 0.999;

/// Pulses of the reference for the same device and samples.
fn reference(name: &str, implant: &Implant, samples: &[f32]) -> Vec<(u64, u8, u16, f64)> {
    let python = std::env::var_os("AURICLE_PYTHON")
        .expect("AURICLE_PYTHON names no Python with numpy: run this by `cargo xtask test oracle`");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = |kind: &str| folder.join(format!("oracle_{}.{kind}", name.replace(['/', ' '], "_")));
    let processor = processor(implant, RATE_HZ);
    // Base to apex.
    let electrodes: Vec<u8> = processor.bands().iter().rev().map(|band| band.electrode).collect();
    let levels: Vec<(f64, f64)> =
        electrodes.iter().map(|electrode| processor.levels(*electrode).expect("an electrode")).collect();
    let (t, c): (Vec<f64>, Vec<f64>) = levels.into_iter().unzip();
    let Strategy::Ace { maxima } = implant.processor.strategy else { panic!("{name}: not ACE") };
    let settings = serde_json::json!({
        "electrodes": electrodes, "t": t, "c": c, "maxima": maxima,
        "rate_pps": implant.processor.rate_pps.unwrap_or(900.0), "volume": implant.processor.volume,
        "sensitivity_db": implant.processor.sensitivity_db, "full_scale_db_spl": 100.0,
    });
    std::fs::write(file("json"), settings.to_string()).expect("the target folder is writable");
    let bytes: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
    std::fs::write(file("f32"), bytes).expect("the target folder is writable");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/ace.py");
    let status = Command::new(&python).arg(script).args([file("json"), file("f32"), file("txt")]).status();
    assert!(status.as_ref().is_ok_and(|status| status.success()), "{}: {status:?}", python.display());
    let text = std::fs::read_to_string(file("txt")).expect("the reference wrote its pulses");
    text.lines()
        .map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            let [onset, electrode, level, ua] = fields[..] else { panic!("{line}") };
            (
                onset.parse().expect("ticks"),
                electrode.parse().expect("an electrode"),
                level.parse().expect("a level"),
                ua.parse().expect("microamperes"),
            )
        })
        .collect()
}

/// Compares, and says how well they agree.
fn compare(name: &str, implant: &Implant, samples: &[f32]) {
    let expected = reference(name, implant, samples);
    let got: Vec<Pulse> = pulses(&mut processor(implant, RATE_HZ), samples);
    assert_eq!(got.len(), expected.len(), "{name}: pulses");
    let (mut electrodes, mut within_one, mut same) = (0_usize, 0_usize, 0_usize);
    let mut differences = String::new();
    for (pulse, (onset, electrode, level, ua)) in got.iter().zip(&expected) {
        assert_eq!(pulse.onset_ticks, *onset, "{name}: {pulse:?}");
        let alike = pulse.electrode == *electrode;
        let idle_alike = (pulse.current_ua == 0.0) == (*ua == 0.0);
        electrodes += usize::from(alike);
        within_one += usize::from(alike && idle_alike && pulse.current_level.abs_diff(*level) <= 1);
        same += usize::from(alike && idle_alike && pulse.current_level == *level);
        if alike && pulse.current_level == *level {
            assert!((f64::from(pulse.current_ua) - ua).abs() <= 1e-3 * ua, "{name}: {pulse:?} of {ua} uA");
        } else if differences.len() < 1000 {
            let _ = writeln!(differences, "{pulse:?}, expected {electrode} at {level}");
        }
    }
    let sounding = expected.iter().filter(|(.., ua)| *ua > 0.0).count();
    let part = |count: usize| count as f64 / got.len() as f64;
    println!(
        "{name}: {} pulses, {sounding} of them not idle: electrodes {:.5}, within one unit {:.5}, identical {:.5}",
        got.len(),
        part(electrodes),
        part(within_one),
        part(same)
    );
    assert!(!got.is_empty(), "{name}: no pulses");
    assert!(part(electrodes) >= AGREEING && part(within_one) >= AGREEING, "{name}:\n{differences}");
}

#[test]
fn own_signals_agree() {
    let mut clipped = babble(RATE_HZ, 2.0, 110.0, 5);
    clipped.iter_mut().for_each(|x| *x = x.clamp(-1.0, 1.0));
    let mut ending = music(RATE_HZ, 1.0, 80.0);
    ending.resize(3 * RATE_HZ as usize, 0.0);
    for (name, sound) in [
        ("speech", babble(RATE_HZ, 4.0, 65.0, 1)),
        ("soft speech", babble(RATE_HZ, 2.0, 42.0, 2)),
        ("clipped speech", clipped),
        ("music", music(RATE_HZ, 4.0, 75.0)),
        ("music that ends", ending),
        ("sweep", sweep(RATE_HZ, 4.0, 100.0, 7800.0, 60.0)),
        ("noise", noise(2 * RATE_HZ as usize, 65.0, 3)),
        ("silence", vec![0.0; RATE_HZ as usize]),
        ("too short for a frame and a half", noise(26, 65.0, 4)),
    ] {
        compare(name, &ace(), &sound);
    }
}

#[test]
fn other_maps_agree() {
    let sound = [babble(RATE_HZ, 2.0, 68.0, 7), sweep(RATE_HZ, 2.0, 150.0, 7600.0, 55.0)].concat();
    let with = |change: &dyn Fn(&mut Implant)| {
        let mut implant = ace();
        change(&mut implant);
        implant
    };
    for (name, implant) in [
        ("two electrodes off", with(&|implant| implant.disabled = vec![3, 17])),
        ("one electrode off", with(&|implant| implant.disabled = vec![22])),
        ("sixteen channels", with(&|implant| implant.processor.channels = Some(16))),
        ("twelve channels", with(&|implant| implant.processor.channels = Some(12))),
        ("eight channels, all of them", with(&|implant| implant.processor.channels = Some(8))),
        (
            "four channels, two maxima",
            with(&|implant| {
                implant.processor.channels = Some(4);
                implant.processor.strategy = Strategy::Ace { maxima: 2 };
            }),
        ),
        (
            "twelve maxima at 500 pps, a map of its own",
            with(&|implant| {
                implant.processor.strategy = Strategy::Ace { maxima: 12 };
                implant.processor.rate_pps = Some(500.0);
                implant.processor.t_levels = (0..22).map(|i| 90.0 + f64::from(i * 7 % 13)).collect();
                implant.processor.c_levels = (0..22).map(|i| 170.0 + f64::from(i * 5 % 31)).collect();
                implant.processor.volume = 0.8;
                implant.processor.sensitivity_db = 6.0;
            }),
        ),
    ] {
        compare(name, &implant, &sound);
    }
}

#[test]
fn real_recordings_agree() {
    let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media");
    if !media.is_dir() {
        println!("real recordings: not present");
        return;
    }
    let mut checked = 0;
    for folder in ["speech", "music", "environment"] {
        let entries = std::fs::read_dir(media.join(folder)).expect("the folder of recordings can be read");
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        let wavs = paths.iter().filter(|path| path.extension().is_some_and(|kind| kind == "wav"));
        for path in wavs.take(8) {
            let Some((rate_hz, sound)) = first_channel(&std::fs::read(path).expect("a recording can be read")) else {
                continue;
            };
            let sound = &sound[..sound.len().min(12 * rate_hz as usize)];
            let mut samples = Vec::new();
            match Resampler::new(rate_hz, RATE_HZ) {
                Some(mut resampler) => resampler.process(sound, |x| samples.push(x)),
                None => samples.extend_from_slice(sound),
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            compare(&name, &ace(), &samples);
            println!("real recording checked: {name}");
            checked += 1;
        }
    }
    assert!(checked > 0, "{} has no WAV of 16 bits", media.display());
}

/// Rate and first channel of a RIFF WAVE file of 16-bit integers.
fn first_channel(bytes: &[u8]) -> Option<(u32, Vec<f32>)> {
    let (mut at, mut format) = (12, None);
    loop {
        let size = u32::from_le_bytes(bytes.get(at + 4..at + 8)?.try_into().ok()?) as usize;
        let body = bytes.get(at + 8..(at + 8 + size).min(bytes.len()))?;
        match &bytes[at..at + 4] {
            b"fmt " if body[14] == 16 && body[0] == 1 => {
                format = Some((usize::from(body[2]), u32::from_le_bytes(body[4..8].try_into().ok()?)));
            }
            b"data" => {
                let (channels, rate_hz) = format?;
                let frames = body.chunks_exact(2 * channels);
                return Some((
                    rate_hz,
                    frames.map(|f| f32::from(i16::from_le_bytes([f[0], f[1]])) / 32_768.0).collect(),
                ));
            }
            _ => {}
        }
        at += 8 + size + size % 2;
    }
}
