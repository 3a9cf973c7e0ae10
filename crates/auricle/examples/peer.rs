//! Auricle's side of `cargo xtask peers`: answers orders, one a line on standard input, with a line of
//! JSON each, so that it and the peer can be timed in turn within one run.
//!
//! ```text
//! msbg POSITION FULL_SCALE_DB_SPL AUDIOGRAM IN OUT   the parity simulator, one ear
//! ear FULL_SCALE_DB_SPL AUDIOGRAM IN OUT             Auricle's own model, both ears alike, each hearing IN
//! about                                              version, instruction set, standard audiograms, 0 dB HL
//! ```
//! An audiogram is `HZ:DB_HL,HZ:DB_HL,...`; sounds are files of 64-bit floats in the machine's order, mono,
//! 44.1 kHz. `secs` is the time that processing took, for one ear; design and files are not in it.
#![expect(clippy::print_stdout, reason = "it answers on standard output")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use auricle::audiogram::{self, Audiogram};
use auricle::audition::Audition;
use auricle::dsp::bank;
use auricle::layout::Layout;
use auricle::level::{Calibration, Field, reference_threshold_db_spl};
use auricle::listener::{Card, EarFindings, Listener, State};
use auricle::msbg::{Msbg, MsbgParams, Position, SAMPLE_RATE_HZ};
use auricle::program::Program;

type Answer = Result<String, Box<dyn Error>>;

fn thresholds_of(text: &str) -> Result<Audiogram, Box<dyn Error>> {
    let point = |point: &str| -> Result<(f64, f64), Box<dyn Error>> {
        let (hz, db_hl) = point.split_once(':').ok_or("a point is HZ:DB_HL")?;
        Ok((hz.parse()?, db_hl.parse()?))
    };
    Ok(Audiogram::from_db_hl(&text.split(',').map(point).collect::<Result<Vec<_>, _>>()?))
}

fn read(path: &str) -> Result<Vec<f64>, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    Ok(bytes.as_chunks().0.iter().map(|sample| f64::from_ne_bytes(*sample)).collect())
}

fn write(path: &str, samples: &[f64]) -> Result<(), Box<dyn Error>> {
    Ok(std::fs::write(path, samples.iter().flat_map(|sample| sample.to_ne_bytes()).collect::<Vec<u8>>())?)
}

fn msbg(position: &str, full_scale: &str, thresholds: &str, input: &str, output: &str) -> Answer {
    let position = Position::NAMED.iter().find(|named| named.0 == position).ok_or("no such position")?.1;
    let ear = Msbg::new(&MsbgParams {
        position,
        full_scale_db_spl: full_scale.parse()?,
        ..MsbgParams::new(thresholds_of(thresholds)?)
    })?;
    let sound = read(input)?;
    let began = Instant::now();
    let heard = ear.process(&[&sound])?;
    let secs = began.elapsed().as_secs_f64();
    write(output, &heard[0])?;
    Ok(format!(r#"{{"secs": {secs}, "latency_samples": {}, "class": "{:?}"}}"#, ear.latency_samples(), ear.class()))
}

fn ear(full_scale: &str, thresholds: &str, input: &str, output: &str) -> Answer {
    const BLOCK: usize = 1024;
    let findings = EarFindings { air: thresholds_of(thresholds)?, ..EarFindings::default() };
    let state = State { name: "now".to_owned(), left: findings.clone(), right: findings, ..State::default() };
    let listener = Listener { name: "the listener".to_owned(), card: Card::default(), states: vec![state] };
    let calibration = Calibration { full_scale_db_spl: full_scale.parse()?, field: Field::Free };
    let program = Program::throughout(&listener, "now", calibration, 0, SAMPLE_RATE_HZ, None)?;
    let mut audition = Audition::new(&program, &Layout::stereo(), &Layout::stereo())?;
    let mut sound: Vec<f32> = read(input)?.iter().map(|sample| *sample as f32).collect();
    sound.resize(sound.len() + audition.latency_samples(), 0.0);
    let mut heard = vec![vec![0.0_f32; sound.len()]; 2];
    let began = Instant::now();
    let [left, right] = heard.as_mut_slice() else { return Err("two ears".into()) };
    for ((input, left), right) in sound.chunks(BLOCK).zip(left.chunks_mut(BLOCK)).zip(right.chunks_mut(BLOCK)) {
        audition.process(&[input, input], &mut [left, right]);
    }
    let secs = began.elapsed().as_secs_f64() / 2.0;
    write(output, &heard[0][audition.latency_samples()..].iter().map(|x| f64::from(*x)).collect::<Vec<_>>())?;
    Ok(format!(r#"{{"secs": {secs}, "latency_samples": {}}}"#, audition.latency_samples()))
}

/// What the measurements of tones need to know.
fn about() -> String {
    let points = |name: &&str| {
        let audiogram = audiogram::standard(name).unwrap_or_default();
        audiogram.points.iter().map(|(hz, threshold)| [*hz, threshold.db_hl()]).collect::<Vec<_>>()
    };
    let audiograms: Vec<_> = audiogram::STANDARD_NAMES.iter().map(|name| (name, points(name))).collect();
    let hz = [250.0, 500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0];
    serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "instruction_set": bank::instruction_set(),
        "audiograms": audiograms,
        "zero_db_hl_in_db_spl": hz.map(|hz| [hz, reference_threshold_db_spl(Field::Free, hz)]),
    })
    .to_string()
}

fn answer(order: &str) -> Answer {
    match order.split('\t').collect::<Vec<_>>().as_slice() {
        ["msbg", position, full_scale, thresholds, input, output] => {
            msbg(position, full_scale, thresholds, input, output)
        }
        ["ear", full_scale, thresholds, input, output] => ear(full_scale, thresholds, input, output),
        ["about"] => Ok(about()),
        _ => Err(format!("no such order: {order:?}").into()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    for order in std::io::stdin().lock().lines() {
        println!("{}", answer(&order?)?);
        std::io::stdout().flush()?;
    }
    Ok(())
}
