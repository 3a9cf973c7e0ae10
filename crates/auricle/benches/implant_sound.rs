//! How many times faster than real time the information path of an implant runs on one core, one ear at 48 kHz:
//! `cargo xtask bench implant`, beside the device alone.
//!
//! All of it is measured in turn within one run, several times over, because the speed of a shared machine drifts.
#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::hint::black_box;
use std::time::Instant;

use auricle::dsp::bank;
use auricle::ear::Stage;
use auricle::implant::information::{Information, resynthesis_params};
use auricle::implant::params::{Array, Carrier, Implant, Places, ProcessorParams, Sound};
use auricle::implant::processor::Processor;
use auricle::implant::pulse::{Pulse, PulseSink, TICKS_PER_SEC};
use auricle::implant::resynthesis::Resynthesis;
use auricle::level::Calibration;
use auricle::measure::intelligibility::{Effort, Modulated};

const RATE_HZ: u32 = 48_000;
const ROUNDS: usize = 7;
const SOUND_SECS: f64 = 10.0;
/// The slowest that the whole path with the bank of tones may be, times real time.
const GOAL: f64 = 150.0;
/// Samples of a block as live hosts hand them out, and how many are timed.
const LIVE_BLOCK: usize = 64;
const LIVE_BLOCKS: usize = 100_000;

fn implant(carrier: Carrier) -> Implant {
    Implant {
        array: Array::ContourAdvance,
        insertion_angle_deg: None,
        disabled: Vec::new(),
        processor: ProcessorParams::ace(),
        spread_db_per_mm: 2.8,
        sound: Sound::Information { carrier, places: Places::Shifted },
        months_since_activation: 12.0,
        individual: 0,
        delay_ms: 0.0,
        on: true,
    }
}

fn information(carrier: Carrier) -> Information {
    Information::new(&implant(carrier), &[], RATE_HZ, Calibration::default(), 1).expect("an ordinary implant")
}

fn row(name: &str, mut speeds: Vec<f64>) -> f64 {
    speeds.sort_by(f64::total_cmp);
    let (min, median, max) = (speeds[0], speeds[speeds.len() / 2], speeds[speeds.len() - 1]);
    println!("  {name:44} min {min:9.1}  median {median:9.1}  max {max:9.1} x real time");
    median
}

/// Seconds that `work` takes.
fn secs(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

/// Makes the sound of `pulses`, in blocks.
fn resynthesise(resynthesis: &mut Resynthesis, pulses: &[Pulse], samples: usize) {
    const BLOCK: usize = 480;
    let (mut out, mut next) = ([0.0; BLOCK], 0);
    resynthesis.reset();
    for block in 0..samples / BLOCK {
        let end_ticks = ((block + 1) * BLOCK) as u64 * TICKS_PER_SEC / u64::from(RATE_HZ);
        while next < pulses.len() && pulses[next].onset_ticks <= end_ticks {
            resynthesis.pulse(pulses[next]);
            next += 1;
        }
        resynthesis.process(black_box(&mut out));
    }
}

/// The slowest of [`LIVE_BLOCKS`] blocks and the slowest but one in ten thousand, as parts of a block's own duration.
fn slowest_blocks(path: &mut Information, sound: &[f32]) -> (f64, f64) {
    let blocks = sound.as_chunks::<LIVE_BLOCK>().0;
    let mut times: Vec<f64> = (0..LIVE_BLOCKS)
        .map(|block| {
            let mut block = blocks[block % blocks.len()];
            secs(|| path.process(black_box(&mut block)))
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let period = LIVE_BLOCK as f64 / f64::from(RATE_HZ);
    (times[LIVE_BLOCKS - 1] / period, times[LIVE_BLOCKS - 1 - LIVE_BLOCKS / 10_000] / period)
}

fn main() {
    let speech = Modulated::new(Effort::Normal, Calibration::default(), RATE_HZ, SOUND_SECS, 1).samples;
    let sound_secs = speech.len() as f64 / f64::from(RATE_HZ);
    let carriers = [Carrier::Spiral, Carrier::Bursts, Carrier::Noise, Carrier::Sine];
    let mut processor =
        Processor::new(&implant(Carrier::Spiral), RATE_HZ, Calibration::default()).expect("an ordinary implant");
    let mut pulses = Vec::new();
    processor.process(&speech, &mut |pulse: Pulse| pulses.push(pulse));
    let params = resynthesis_params(&implant(Carrier::Spiral), &[], &processor, Calibration::default(), 1);
    let mut resynthesis =
        Resynthesis::new(&params.expect("an ordinary implant"), RATE_HZ).expect("at an ordinary rate");
    let mut paths = carriers.map(information);
    let (mut device, mut sound, mut whole) = (Vec::new(), Vec::new(), carriers.map(|_| Vec::new()));
    let mut heard = speech.clone();
    for _ in 0..ROUNDS {
        processor.reset();
        device.push(sound_secs / secs(|| processor.process(&speech, &mut |pulse: Pulse| _ = black_box(pulse))));
        sound.push(sound_secs / secs(|| resynthesise(&mut resynthesis, &pulses, speech.len())));
        for (path, speeds) in paths.iter_mut().zip(&mut whole) {
            path.reset();
            heard.copy_from_slice(&speech);
            speeds.push(sound_secs / secs(|| heard.chunks_mut(1024).for_each(|block| path.process(block))));
        }
    }
    println!(
        "implant: one core, 48 kHz, {sound_secs:.0} s of sound, {ROUNDS} rounds; kernels: {}",
        bank::instruction_set()
    );
    row("sound to pulses (ACE, 22 electrodes)", device);
    row("pulses to sound (SPIRAL, 80 tones)", sound);
    let medians: Vec<f64> = carriers
        .iter()
        .zip(whole)
        .map(|(carrier, speeds)| row(&format!("sound to sound, {carrier:?}"), speeds))
        .collect();
    let verdict = if medians[0] >= GOAL { "reached" } else { "missed" };
    println!("  goal: at least {GOAL} x real time with the bank of tones: {verdict} with {:.0} x", medians[0]);
    let (worst, nearly) = slowest_blocks(&mut paths[0], &speech);
    println!(
        "  blocks of {LIVE_BLOCK}, SPIRAL: worst of {LIVE_BLOCKS} {:.1} % of its duration, one in 10,000 {:.1} %",
        100.0 * worst,
        100.0 * nearly
    );
    println!("  set-up, SPIRAL: {:.1} ms", 1e3 * secs(|| _ = black_box(information(Carrier::Spiral))));
    println!("  latency, SPIRAL: {} samples", paths[0].latency_samples());
}
