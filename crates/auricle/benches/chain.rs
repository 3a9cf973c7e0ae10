//! How many times faster than real time the acoustic chain runs on one core, stereo at 48 kHz, beside what
//! the core could do at best: `cargo xtask bench chain`.
//!
//! All of it is measured in turn within one run, several times over, because the speed of a shared machine
//! drifts; the ratios are what to compare.
#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(dead_code, reason = "the cases and signals of the laws, of which this one does not need all")]

#[path = "../tests/laws/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::Instant;

use auricle::dsp::gammatone::{Gammatone, STAGES};
use auricle::dsp::{LANES, Lanes, bank};
use auricle::listener::EarFindings;
use multiversion::{multiversion, target::target_cfg_f};
use support::cases::{self, Case, RATE_HZ};
use support::run::Subject;
use support::{listeners, signals};

const ROUNDS: usize = 9;
const SOUND_SECS: usize = 10;
/// The slowest that the whole chain may be, times real time.
const GOAL: f64 = 250.0;
/// Independent sums: latency times throughput of a multiply-add on today's cores (4 cycles, 2 a cycle).
const SUMS: usize = 8;

/// Multiply-adds that depend on nothing but themselves, in as many lanes as the chain's kernels use.
///
/// The sums are eight names and not an array, which the compiler would leave in memory.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn multiply_adds(sums: &mut [Lanes; SUMS], times: usize, a: &Lanes, b: &Lanes) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let (a, b) = (*a, *b);
    let [mut s0, mut s1, mut s2, mut s3, mut s4, mut s5, mut s6, mut s7] = *sums;
    macro_rules! step {
        ($($sum:ident),*) => {$(
            for lane in 0..LANES {
                // Without the instruction, mul_add is a call into libm.
                $sum[lane] = if FMA { $sum[lane].mul_add(a[lane], b[lane]) } else { $sum[lane] * a[lane] + b[lane] };
            }
        )*};
    }
    for _ in 0..times {
        step!(s0, s1, s2, s3, s4, s5, s6, s7);
    }
    *sums = [s0, s1, s2, s3, s4, s5, s6, s7];
}

/// Floating-point operations a second, a multiply-add counting as two.
fn peak_flops() -> f64 {
    const TIMES: usize = 20_000_000;
    let mut sums = [[1.0; LANES]; SUMS];
    let began = Instant::now();
    multiply_adds(&mut sums, TIMES, &black_box([0.999; LANES]), &black_box([0.001; LANES]));
    let secs = began.elapsed().as_secs_f64();
    black_box(sums);
    (2 * TIMES * SUMS * LANES) as f64 / secs
}

/// Seconds of sound for each second of computing.
fn speed(subject: &mut Subject, input: &[Vec<f32>], output: &mut [Vec<f32>]) -> f64 {
    const BLOCK: usize = 1024;
    subject.reset();
    let began = Instant::now();
    for at in (0..input[0].len()).step_by(BLOCK) {
        let until = (at + BLOCK).min(input[0].len());
        let from: Vec<&[f32]> = input.iter().map(|channel| &channel[at..until]).collect();
        let mut to: Vec<&mut [f32]> = output.iter_mut().map(|channel| &mut channel[at..until]).collect();
        subject.process(&from, &mut to);
    }
    let secs = began.elapsed().as_secs_f64();
    black_box(output);
    input[0].len() as f64 / f64::from(RATE_HZ) / secs
}

/// Samples of a block as live hosts hand them out, and how many are timed.
const LIVE_BLOCK: usize = 64;
const LIVE_BLOCKS: usize = 100_000;

/// The slowest of [`LIVE_BLOCKS`] blocks and the slowest but one in ten thousand, as parts of a block's own duration.
fn slowest_blocks(subject: &mut Subject, input: &[Vec<f32>]) -> (f64, f64) {
    let mut output = vec![vec![0.0; LIVE_BLOCK]; input.len()];
    let per_round = input[0].len() / LIVE_BLOCK;
    let mut secs: Vec<f64> = (0..LIVE_BLOCKS)
        .map(|block| {
            let at = block % per_round * LIVE_BLOCK;
            let from: Vec<&[f32]> = input.iter().map(|channel| &channel[at..at + LIVE_BLOCK]).collect();
            let mut to: Vec<&mut [f32]> = output.iter_mut().map(Vec::as_mut_slice).collect();
            let began = Instant::now();
            subject.process(&from, &mut to);
            began.elapsed().as_secs_f64()
        })
        .collect();
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
    let all: Vec<Case> = vec![
        cases::alike("pass-through: healthy ears", EarFindings::default()),
        cases::alike("N3, the whole chain", listeners::n3()),
        cases::alike("S2, the whole chain", listeners::s2()),
        cases::alike("N3 without smearing", listeners::sharp(listeners::n3())),
        cases::throughout("flicker, the whole chain moving", listeners::flickering()),
        cases::cues(auricle::layout::Layout::surround_5_1(), auricle::layout::Layout::surround_5_1()),
    ];
    let mut subjects: Vec<Subject> = all.iter().map(Case::subject).collect();
    let mut peaks = Vec::new();
    let mut speeds = vec![Vec::new(); all.len()];
    for _ in 0..ROUNDS {
        peaks.push(peak_flops() / 1e9);
        for ((case, subject), speeds) in all.iter().zip(&mut subjects).zip(&mut speeds) {
            let input: Vec<Vec<f32>> = (0..case.layout.channels())
                .map(|c| signals::syllables(SOUND_SECS * RATE_HZ as usize, RATE_HZ, -20.0, c as u64))
                .collect();
            let mut output = input.clone();
            speeds.push(speed(subject, &input, &mut output));
        }
    }

    println!("chain: one core, 48 kHz, {SOUND_SECS} s of sound, {ROUNDS} rounds; kernels: {}", bank::instruction_set());
    let peak = row("f32 multiply-add peak of the core", &mut peaks, "GFLOP/s");
    let mut medians = Vec::new();
    for (case, speeds) in all.iter().zip(&mut speeds) {
        medians.push(row(case.name, speeds, "x real time"));
    }
    // Of one ear and sample, two banks (one reads levels, one makes sound), each in the frame that turns
    // with its bands: 2 multiplications to turn the input, 2 multiply-adds a stage, 2 for power; the one
    // that makes sound 2 more for weights and 1 for gain. Smearing's transforms are not in this floor.
    // Low bands run at a part of the rate, and only that part is counted; the half-band filters are not.
    let bank = Gammatone::design(RATE_HZ);
    let bands: f64 = (0..bank.bands()).map(|k| 0.5_f64.powi(bank.level[k / LANES] as i32)).sum();
    let flops_per_sample = bands * f64::from((2 * (2 + 2 * 2 * STAGES + 4) + 6) as u32);
    let floor = peak * 1e9 / (2.0 * f64::from(RATE_HZ) * flops_per_sample);
    println!(
        "  floor: the arithmetic of {} bands in two banks, two ears, at that peak: {floor:.0} x real time",
        bank.bands()
    );
    for (case, median) in all.iter().zip(&medians).skip(1) {
        println!("  {:44} {:5.1} % of the floor's speed", case.name, 100.0 * median / floor);
    }
    let slowest = medians[1].min(medians[2]);
    let verdict = if slowest >= GOAL { "reached" } else { "missed" };
    println!("  goal: at least {GOAL} x real time for the whole chain: {verdict} with {slowest:.0} x");
    let input = vec![signals::syllables(SOUND_SECS * RATE_HZ as usize, RATE_HZ, -20.0, 1); 2];
    let (worst, nearly) = slowest_blocks(&mut subjects[1], &input);
    println!(
        "  blocks of {LIVE_BLOCK}, N3: worst of {LIVE_BLOCKS} {:.1} % of its duration, one in 10,000 {:.1} % (goal: worst under 20 %)",
        100.0 * worst,
        100.0 * nearly
    );
    let mut set_ups: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            black_box(all[2].subject());
            1000.0 * began.elapsed().as_secs_f64()
        })
        .collect();
    row("set-up: bank, S2 in both ears, the whole chain", &mut set_ups, "ms");
}
