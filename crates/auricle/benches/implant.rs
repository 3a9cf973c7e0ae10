//! How many times faster than real time the implant's device makes pulses of sound at 48 kHz, one ear, one core:
//! `cargo xtask bench implant`.
#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(dead_code, reason = "the devices and signals of the tests, of which this one does not need all")]

#[path = "../tests/implant_device/support.rs"]
mod support;

use std::hint::black_box;
use std::time::Instant;

use auricle::implant::params::{Array, Filterbank, Implant, ProcessorParams, Strategy};
use auricle::implant::processor::Processor;
use auricle::implant::pulse::Pulse;

const RATE_HZ: u32 = 48_000;
const ROUNDS: usize = 9;
const SOUND_SECS: usize = 20;
/// Samples of a call when a file is rendered.
const BLOCK: usize = 1024;
/// The slowest that ACE may be, times real time.
const GOAL: f64 = 1000.0;
/// Samples of a block as live hosts hand them out, and how many are timed.
const LIVE_BLOCK: usize = 64;
const LIVE_BLOCKS: usize = 100_000;

fn devices() -> Vec<(&'static str, Implant)> {
    let cis = ProcessorParams { strategy: Strategy::Cis { filterbank: Filterbank::Fourier }, ..ProcessorParams::ace() };
    vec![
        ("ACE, 22 channels, 8 maxima, 868 pps", support::ace()),
        ("CIS, 22 Fourier bands", support::implant(Array::ContourAdvance, cis)),
        ("CIS, 12 gammatone bands", support::implant(Array::Standard, ProcessorParams::cis())),
        ("current steering, 15 channels, 1852 pps", support::implant(Array::Sixteen, ProcessorParams::f120())),
        ("fine structure on 4 of 12", support::implant(Array::Flex28, ProcessorParams::fs4())),
    ]
}

/// Seconds of sound for each second of computing.
fn speed(processor: &mut Processor, sound: &[f32]) -> f64 {
    processor.reset();
    let (mut pulses, mut charge) = (0_usize, 0.0_f32);
    let began = Instant::now();
    for now in sound.chunks(BLOCK) {
        processor.process(now, &mut |pulse: Pulse| {
            pulses += 1;
            charge += pulse.current_ua;
        });
    }
    let secs = began.elapsed().as_secs_f64();
    black_box((pulses, charge));
    sound.len() as f64 / f64::from(RATE_HZ) / secs
}

/// The slowest of [`LIVE_BLOCKS`] blocks and the slowest but one in ten thousand, as parts of a block's own duration.
fn slowest_blocks(processor: &mut Processor, sound: &[f32]) -> (f64, f64) {
    let mut charge = 0.0_f32;
    let mut secs: Vec<f64> = sound
        .chunks_exact(LIVE_BLOCK)
        .cycle()
        .take(LIVE_BLOCKS)
        .map(|now| {
            let began = Instant::now();
            processor.process(now, &mut |pulse: Pulse| charge += pulse.current_ua);
            began.elapsed().as_secs_f64()
        })
        .collect();
    black_box(charge);
    secs.sort_by(f64::total_cmp);
    let period = LIVE_BLOCK as f64 / f64::from(RATE_HZ);
    (secs[LIVE_BLOCKS - 1] / period, secs[LIVE_BLOCKS - 1 - LIVE_BLOCKS / 10_000] / period)
}

fn row(name: &str, values: &mut [f64], unit: &str) -> f64 {
    values.sort_by(f64::total_cmp);
    let (min, median, max) = (values[0], values[values.len() / 2], values[values.len() - 1]);
    println!("  {name:44} min {min:9.1}  median {median:9.1}  max {max:9.1} {unit}");
    median
}

fn main() {
    let sound = support::babble(RATE_HZ, SOUND_SECS as f64, 65.0, 1);
    let devices = devices();
    let mut processors: Vec<Processor> =
        devices.iter().map(|(_, implant)| support::processor(implant, RATE_HZ)).collect();
    let mut speeds = vec![Vec::new(); devices.len()];
    for _ in 0..ROUNDS {
        for (processor, speeds) in processors.iter_mut().zip(&mut speeds) {
            speeds.push(speed(processor, &sound));
        }
    }
    println!("implant: sound to pulses, one ear, one core, 48 kHz, {SOUND_SECS} s of sound, {ROUNDS} rounds");
    let mut medians = Vec::new();
    for ((name, _), speeds) in devices.iter().zip(&mut speeds) {
        medians.push(row(name, speeds, "x real time"));
    }
    let verdict = if medians[0] >= GOAL { "reached" } else { "missed" };
    println!("  goal: at least {GOAL} x real time for ACE: {verdict} with {:.0} x", medians[0]);
    let (worst, nearly) = slowest_blocks(&mut processors[0], &sound);
    println!(
        "  blocks of {LIVE_BLOCK}, ACE: worst of {LIVE_BLOCKS} {:.2} % of its duration, one in 10,000 {:.2} %",
        100.0 * worst,
        100.0 * nearly
    );
    for rate_hz in [44_100, 48_000, 192_000] {
        let mut set_ups: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let began = Instant::now();
                black_box(support::processor(&devices[0].1, rate_hz));
                1000.0 * began.elapsed().as_secs_f64()
            })
            .collect();
        row(&format!("set-up of ACE for {rate_hz} Hz"), &mut set_ups, "ms");
    }
}
