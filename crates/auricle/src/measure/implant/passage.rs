//! What comes through the information path: levels, modulation, latency (check 6, and check 8 of the sound).
//!
//! Measured on sines at the centres of the bands, whatever carrier or percept the listener has: what those add on
//! purpose is not to be mistaken for what the device loses.

use serde::Serialize;

use super::signals::Signals;
use crate::ear::Stage;
use crate::implant::information::{Information, InformationError};
use crate::implant::params::{Carrier, Filterbank, Implant, Places, Sound, Strategy};
use crate::measure::bars::Bar;
use crate::measure::bench::{SEED, rms_db_fs};

/// Frequencies of tones whose level is told, Hz, and their level, dB SPL: less than what is compressed.
const TONES_HZ: [f64; 4] = [500.0, 1000.0, 2000.0, 4000.0];
const TONE_DB_SPL: f64 = 50.0;
/// Modulated tone, Hz, the depth of its modulation, and by what it is modulated, Hz.
const MODULATED_HZ: f64 = 1000.0;
const DEPTH: f64 = 0.5;
const MODULATION_HZ: [f64; 5] = [4.0, 10.0, 20.0, 100.0, 300.0];
/// The tone by whose slow modulation latency is found, Hz.
const LATENCY_HZ: f64 = 1500.0;
const SLOW_HZ: f64 = 10.0;
const SECS: f64 = 2.0;
/// A click before each sound, which lifts the cap on true peaks for longer than the sound lasts.
const CLICK: f32 = 0.9;
/// Blocks into which sound is cut, samples.
const BLOCKS: [usize; 3] = [64, 480, 1000];

/// Level of a tone that goes in and of what comes out, dB SPL.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ToneRow {
    /// Frequency, Hz.
    pub frequency_hz: f64,
    /// In, dB SPL.
    pub in_db_spl: f64,
    /// Out, dB SPL.
    pub out_db_spl: f64,
}

/// How much of the modulation of a tone's amplitude comes out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ModulationRow {
    /// Frequency of the modulation, Hz.
    pub modulation_hz: f64,
    /// Depth out over depth in.
    pub passed: f64,
}

/// What was found.
pub(super) struct Passage {
    pub(super) tones: Vec<ToneRow>,
    pub(super) modulation: Vec<ModulationRow>,
    pub(super) stated_latency_ms: f64,
    pub(super) measured_latency_ms: f64,
    pub(super) bars: Vec<Bar>,
}

/// Sends tones through the path of an implant.
pub(super) fn examine(implant: &Implant, signals: &Signals) -> Result<Passage, InformationError> {
    let sound = Sound::Information { carrier: Carrier::Sine, places: Places::Matched };
    let implant = Implant { sound, ..implant.clone() };
    let rate = f64::from(signals.sample_rate_hz);
    let mut path = Information::new(&implant, &[], signals.sample_rate_hz, signals.calibration, SEED)?;
    let highest_hz = 0.4 * rate;
    let mut tones = Vec::new();
    for frequency_hz in TONES_HZ.into_iter().filter(|hz| *hz < highest_hz) {
        let out = heard(&mut path, signals.tone(0.8, frequency_hz, TONE_DB_SPL, |_| 1.0), 480);
        let out_db_spl = signals.calibration.db_fs_to_db_spl(rms_db_fs(&out[out.len() / 2..]));
        tones.push(ToneRow { frequency_hz, in_db_spl: TONE_DB_SPL, out_db_spl });
    }
    let modulation = MODULATION_HZ
        .map(|modulation_hz| ModulationRow {
            modulation_hz,
            passed: modulated(&mut path, signals, MODULATED_HZ, modulation_hz).0 / DEPTH,
        })
        .to_vec();
    let stated_latency_secs = path.latency_samples() as f64 / rate;
    let (_, lag_secs) = modulated(&mut path, signals, LATENCY_HZ, SLOW_HZ);
    // A lag is known but for whole periods.
    let periods = ((stated_latency_secs - lag_secs) * SLOW_HZ).round();
    let measured_latency_ms = 1e3 * (lag_secs + periods / SLOW_HZ);
    let mut bars = bars(&implant, &tones, &modulation);
    bars.push(blocks(&mut path, signals));
    Ok(Passage { tones, modulation, stated_latency_ms: 1e3 * stated_latency_secs, measured_latency_ms, bars })
}

/// Depth and lag, seconds, of the modulation with which a tone of `hz` comes through.
fn modulated(path: &mut Information, signals: &Signals, hz: f64, modulation_hz: f64) -> (f64, f64) {
    let envelope = |secs: f64| 1.0 + DEPTH * libm::sin(std::f64::consts::TAU * modulation_hz * secs);
    let out = heard(path, signals.tone(SECS, hz, TONE_DB_SPL, envelope), 480);
    modulation_of(&out, modulation_hz, f64::from(signals.sample_rate_hz))
}

/// What comes out of a path that was at rest, as late as it does, after a click.
fn heard(path: &mut Information, mut sound: Vec<f32>, block: usize) -> Vec<f32> {
    if let Some(first) = sound.first_mut() {
        *first = CLICK;
    }
    path.reset();
    sound.chunks_mut(block).for_each(|block| path.process(block));
    sound
}

/// Depth of a modulation in the second half of a sound, and its lag behind a sine, seconds: by the line of its power
/// there, which for an amplitude of 1 + m sin is 2 m / (1 + m^2 / 2).
fn modulation_of(sound: &[f32], modulation_hz: f64, rate: f64) -> (f64, f64) {
    let begin = sound.len() / 2;
    let cycles = ((sound.len() - begin) as f64 * modulation_hz / rate).floor();
    let length = (cycles * rate / modulation_hz) as usize;
    let (mut mean, mut re, mut im) = (0.0, 0.0, 0.0);
    for (n, sample) in sound.iter().enumerate().skip(begin).take(length) {
        let power = f64::from(*sample) * f64::from(*sample);
        let angle = std::f64::consts::TAU * modulation_hz * n as f64 / rate;
        mean += power;
        re += power * libm::cos(angle);
        im += power * libm::sin(angle);
    }
    let line = 2.0 * libm::hypot(re, im) / mean;
    let depth = (2.0 - (4.0 - 2.0 * line * line).max(0.0).sqrt()) / line;
    let turns = libm::atan2(-re, im) / std::f64::consts::TAU;
    (depth, turns.rem_euclid(1.0) / modulation_hz)
}

/// Level, and modulation where it is that of the published figures.
fn bars(implant: &Implant, tones: &[ToneRow], modulation: &[ModulationRow]) -> Vec<Bar> {
    // Current steering beats with the wave below 900 Hz; fine structure does in its own bands.
    let lowest_hz = match implant.processor.strategy {
        Strategy::CurrentSteering | Strategy::FineStructure { .. } => 900.0,
        Strategy::Ace { .. } | Strategy::Cis { .. } => 0.0,
    };
    let held = tones.iter().filter(|tone| tone.frequency_hz >= lowest_hz);
    let off = held.map(|tone| (tone.out_db_spl - tone.in_db_spl).abs()).fold(0.0, f64::max);
    let mut bars = vec![Bar::new("level of tones of 50 dB SPL that come through, worst error", off, 1.5, "dB")];
    // The others' bands follow faster than the published figures, which are those of a frame of 128 samples.
    if !matches!(implant.processor.strategy, Strategy::Ace { .. } | Strategy::Cis { filterbank: Filterbank::Fourier }) {
        return bars;
    }
    let passed = |hz: f64| modulation.iter().find(|row| row.modulation_hz == hz).map_or(f64::NAN, |row| row.passed);
    let slow = [4.0, 10.0, 20.0].map(|hz| 100.0 * (1.0 - passed(hz)).abs()).into_iter().fold(0.0, f64::max);
    bars.push(Bar::new("6: modulation of 4 to 20 Hz that is lost, worst", slow, 5.0, "%"));
    bars.push(Bar::new("6: modulation of 100 Hz, apart from 65 %", 100.0 * (passed(100.0) - 0.65).abs(), 10.0, "%"));
    bars.push(Bar::new("6: modulation of 300 Hz that passes", 100.0 * passed(300.0), 5.0, "%"));
    bars
}

/// Samples that come out otherwise where the sound is cut otherwise.
fn blocks(path: &mut Information, signals: &Signals) -> Bar {
    let speech = signals.speech(0.5);
    let whole = heard(path, speech.clone(), speech.len());
    let differ: usize = BLOCKS
        .into_iter()
        .map(|block| heard(path, speech.clone(), block))
        .map(|cut| whole.iter().zip(&cut).filter(|(a, b)| a.to_bits() != b.to_bits()).count())
        .sum();
    Bar::new("8: samples that differ in blocks of 64, 480 and 1000 samples", differ as f64, 0.0, "")
}
