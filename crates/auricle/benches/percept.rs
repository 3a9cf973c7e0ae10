//! How many times faster than real time the percept renderer runs on one core, one ear at 48 kHz, beside what the
//! core could do at best: `cargo xtask bench percept`.
//!
//! All of it is measured in turn within one run, several times over, because the speed of a shared machine drifts; the
//! ratios are what to compare.
#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::hint::black_box;
use std::time::Instant;

use auricle::dsp::bank;
use auricle::dsp::random::Random;
use auricle::implant::percept::{Percept, PerceptControls, PerceptParams};
use realfft::RealFftPlanner;

const RATE_HZ: u32 = 48_000;
const ROUNDS: usize = 9;
const SOUND_SECS: usize = 10;
/// The slowest that it may be, times real time.
const GOAL: f64 = 50.0;
/// Samples of a block as live hosts hand them out.
const LIVE_BLOCK: usize = 64;
/// Samples of a control period, which is what the product hands over at a time.
const PERIOD: usize = 32;

/// A gliding buzz in syllables, with hiss: everything that the renderer looks for is there.
fn voice() -> Vec<f32> {
    let mut random = Random::new(1, 0);
    let mut turns = 0.0_f64;
    (0..SOUND_SECS * RATE_HZ as usize)
        .map(|n| {
            let t = n as f64 / f64::from(RATE_HZ);
            turns += 140.0 * (0.3 * (5.0 * t).sin()).exp2() / f64::from(RATE_HZ);
            let buzz: f64 = (1..12).map(|k| (std::f64::consts::TAU * f64::from(k) * turns).sin() / f64::from(k)).sum();
            let loud = 0.5 - 0.5 * (std::f64::consts::TAU * 4.0 * t).cos();
            (0.1 * loud * buzz) as f32 + 0.01 * random.bell()
        })
        .collect()
}

/// Seconds of sound for each second of computing.
fn speed(percept: &mut Percept, controls: &PerceptControls, input: &[f32], output: &mut [f32]) -> f64 {
    percept.reset();
    output.copy_from_slice(input);
    let began = Instant::now();
    for block in output.chunks_mut(PERIOD) {
        percept.process(controls, block);
    }
    let secs = began.elapsed().as_secs_f64();
    black_box(output);
    input.len() as f64 / f64::from(RATE_HZ) / secs
}

/// As if all there were to it were three transforms a frame (sound, its way back, and the robot's pulses).
fn transforms() -> f64 {
    const FRAME: usize = 512;
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(FRAME), planner.plan_fft_inverse(FRAME));
    let (mut time, mut spectrum) = (vec![0.1; FRAME], forward.make_output_vec());
    let mut scratch = forward.make_scratch_vec();
    scratch.resize(forward.get_scratch_len().max(inverse.get_scratch_len()), Default::default());
    let frames = SOUND_SECS * RATE_HZ as usize / (FRAME / 4);
    let began = Instant::now();
    for _ in 0..frames {
        for _ in 0..2 {
            forward.process_with_scratch(black_box(&mut time), &mut spectrum, &mut scratch).expect("lengths fit");
        }
        inverse.process_with_scratch(black_box(&mut spectrum), &mut time, &mut scratch).expect("lengths fit");
        time.fill(0.1);
    }
    SOUND_SECS as f64 / began.elapsed().as_secs_f64()
}

/// The slowest of all blocks of the sound in all rounds, and the slowest of them by each one's quickest round: what the
/// work itself takes, whoever else was on the machine; as parts of a block's own duration.
fn slowest_blocks(percept: &mut Percept, controls: &PerceptControls, input: &[f32]) -> (f64, f64) {
    let mut quickest = vec![f64::INFINITY; input.len() / LIVE_BLOCK];
    let mut worst = 0.0_f64;
    let mut block = [0.0; LIVE_BLOCK];
    for _ in 0..ROUNDS {
        // The same sound from the same state: the same block does the same work each round.
        percept.reset();
        for (quickest, samples) in quickest.iter_mut().zip(input.chunks_exact(LIVE_BLOCK)) {
            block.copy_from_slice(samples);
            let began = Instant::now();
            percept.process(controls, &mut block);
            black_box(&mut block);
            let secs = began.elapsed().as_secs_f64();
            *quickest = quickest.min(secs);
            worst = worst.max(secs);
        }
    }
    let period = LIVE_BLOCK as f64 / f64::from(RATE_HZ);
    (worst / period, quickest.into_iter().fold(0.0, f64::max) / period)
}

fn row(name: &str, values: &mut [f64], unit: &str) -> f64 {
    values.sort_by(f64::total_cmp);
    let (min, median, max) = (values[0], values[values.len() / 2], values[values.len() - 1]);
    println!("  {name:44} min {min:9.1}  median {median:9.1}  max {max:9.1} {unit}");
    median
}

fn main() {
    let of = |months_since_activation: f64, individual: u64| {
        PerceptControls::of(&PerceptParams { months_since_activation, insertion_angle_deg: 380.0, individual })
    };
    let everything = PerceptControls {
        ring: 1.0,
        robot: 0.5,
        buzz: 0.5,
        beeps: 0.5,
        squeaks: 0.5,
        f0_flattening: 0.7,
        ..of(0.0, 1)
    };
    let cases = [
        ("nothing to do", PerceptControls::CLEAR),
        ("a year", of(12.0, 1)),
        ("the first day", of(0.0, 1)),
        ("everything at once", everything),
    ];
    let input = voice();
    let mut output = input.clone();
    let mut percept = Percept::new(RATE_HZ);
    let mut floors = Vec::new();
    let mut speeds = vec![Vec::new(); cases.len()];
    for _ in 0..ROUNDS {
        floors.push(transforms());
        for ((_, controls), speeds) in cases.iter().zip(&mut speeds) {
            speeds.push(speed(&mut percept, controls, &input, &mut output));
        }
    }
    println!(
        "percept: one core, one ear, 48 kHz, {SOUND_SECS} s of sound, {ROUNDS} rounds; kernels: {}",
        bank::instruction_set()
    );
    let floor = row("floor: three transforms a frame", &mut floors, "x real time");
    let mut slowest = f64::INFINITY;
    for ((name, _), speeds) in cases.iter().zip(&mut speeds) {
        let median = row(name, speeds, "x real time");
        println!("  {:44} {:5.1} % of the floor's speed", "", 100.0 * median / floor);
        slowest = slowest.min(median);
    }
    let verdict = if slowest >= GOAL { "reached" } else { "missed" };
    println!("  goal: at least {GOAL} x real time: {verdict} with {slowest:.0} x");
    let (worst, own) = slowest_blocks(&mut percept, &everything, &input);
    println!(
        "  blocks of {LIVE_BLOCK}, everything at once: worst {:.1} % of its duration, by each block's quickest of {ROUNDS} rounds {:.1} % (goal: under 20 %)",
        100.0 * worst,
        100.0 * own
    );
    let mut set_ups: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            black_box(Percept::new(RATE_HZ));
            1000.0 * began.elapsed().as_secs_f64()
        })
        .collect();
    row("set-up", &mut set_ups, "ms");
}
