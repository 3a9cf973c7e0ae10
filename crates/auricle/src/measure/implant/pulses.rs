//! What holds for the pulses of a device, counted where it does not (checks 1 to 3, 5 and 8).

use serde::Serialize;

use super::signals::Signals;
use crate::implant::params::{Filterbank, Implant, Strategy};
use crate::implant::processor::{Processor, ProcessorError};
use crate::implant::pulse::{Pulse, TICKS_PER_SEC};
use crate::measure::bars::Bar;

/// Length of speech-like noise and of silence, seconds.
const SPEECH_SECS: f64 = 2.0;
const SILENCE_SECS: f64 = 0.5;
/// The sweep through all bands: seconds, dB SPL, and the time in which the strongest pulse is looked for.
const SWEEP_SECS: f64 = 8.0;
const SWEEP_DB_SPL: f64 = 55.0;
const WINDOW_TICKS: u64 = TICKS_PER_SEC / 50;
/// Blocks into which sound is cut, samples.
const BLOCKS: [usize; 3] = [1, 7, 480];

/// How a device's pulses have to follow one another.
#[derive(Debug, Clone, PartialEq)]
pub struct PulseLaws {
    /// Pulses a frame (ACE) or cycle.
    pub per_frame: usize,
    /// Pulses of one onset: 2 with current steering.
    pub at_once: usize,
    /// Ticks from frame to frame, as told.
    pub frame_ticks: u64,
    /// Least time from the end of a pulse to the next onset, ticks.
    pub pause_ticks: u64,
    /// Electrodes that fire when their own band says, in no frame.
    pub free_running: Vec<u8>,
}

impl PulseLaws {
    /// Those of an implant's strategy.
    pub fn of(implant: &Implant, processor: &Processor) -> Self {
        let bands = processor.bands();
        let (per_frame, at_once, fine) = match implant.processor.strategy {
            Strategy::Ace { maxima } => (maxima, 1, 0),
            Strategy::Cis { filterbank: Filterbank::Fourier | Filterbank::Gammatone } => (bands.len(), 1, 0),
            Strategy::CurrentSteering => (2 * bands.len(), 2, 0),
            Strategy::FineStructure { fine_channels } => (bands.len() - fine_channels, 1, fine_channels),
        };
        Self {
            per_frame,
            at_once,
            frame_ticks: (TICKS_PER_SEC as f64 / processor.rate_pps()).round() as u64,
            // 12 microseconds, in which electrodes are connected to ground; sources of their own need none.
            pause_ticks: if at_once == 2 { 0 } else { 120 },
            free_running: bands[..fine].iter().map(|band| band.electrode).collect(),
        }
    }

    /// Counts `pulses`, all that a device made of one sound.
    pub fn count(&self, processor: &Processor, pulses: &[Pulse]) -> PulseCounts {
        let mut counts = PulseCounts { pulses: pulses.len(), ..PulseCounts::default() };
        let groups: Vec<&[Pulse]> = pulses.chunk_by(|a, b| a.onset_ticks == b.onset_ticks).collect();
        counts.not_together = groups.iter().filter(|group| group.len() != self.at_once).count();
        counts.too_close = groups
            .windows(2)
            .filter(|pair| {
                pair[0][0].onset_ticks + pair[0][0].duration_ticks() + self.pause_ticks > pair[1][0].onset_ticks
            })
            .count();
        counts.outside_range = groups.iter().filter(|group| !in_range(processor, group)).count();
        if self.per_frame == 0 {
            return counts;
        }
        let framed: Vec<&Pulse> = pulses.iter().filter(|pulse| !self.free_running.contains(&pulse.electrode)).collect();
        let frame_of = |pulse: &Pulse| pulse.onset_ticks / self.frame_ticks.max(1);
        let frames: Vec<&[&Pulse]> = framed.chunk_by(|a, b| frame_of(a) == frame_of(b)).collect();
        // The last may not have ended when the sound did.
        let whole = &frames[..frames.len().saturating_sub(1)];
        counts.frames = whole.len();
        counts.wrong_frames = whole.iter().filter(|frame| frame.len() != self.per_frame).count();
        // A channel is known by the first of its electrodes.
        let channels =
            |frame: &[&Pulse]| -> Vec<u8> { frame.iter().step_by(self.at_once).map(|p| p.electrode).collect() };
        counts.not_base_to_apex =
            whole.iter().filter(|frame| !channels(frame).is_sorted_by(|basal, apical| basal < apical)).count();
        // By the pulses alone, whatever rate is told.
        let firsts: Vec<u64> = framed.chunks_exact(self.per_frame).map(|frame| frame[0].onset_ticks).collect();
        if let [first, .., last] = firsts[..]
            && last > first
        {
            counts.rate_pps = Some((firsts.len() - 1) as f64 * TICKS_PER_SEC as f64 / (last - first) as f64);
        }
        counts
    }
}

/// Pulses of a sound, and what is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct PulseCounts {
    /// Pulses.
    pub pulses: usize,
    /// Whole frames.
    pub frames: usize,
    /// Frames with more or fewer pulses than there should be.
    pub wrong_frames: usize,
    /// Frames that do not go strictly from base to apex, or stimulate a channel twice.
    pub not_base_to_apex: usize,
    /// Onsets of more or fewer electrodes than fire at once.
    pub not_together: usize,
    /// Pulses that come too soon after another.
    pub too_close: usize,
    /// Pulses with a current that is not within T and C.
    pub outside_range: usize,
    /// Frames a second, by the pulses; `None` where there are too few, or none.
    pub rate_pps: Option<f64>,
}

/// Whether what fires at once is idle or within the range of its electrode, or between those of its two.
fn in_range(processor: &Processor, group: &[Pulse]) -> bool {
    let sum: f64 = group.iter().map(|pulse| f64::from(pulse.current_level)).sum();
    if group.iter().all(|pulse| pulse.current_ua == 0.0) {
        return sum == 0.0;
    }
    let ranges: Vec<(f64, f64)> = group.iter().filter_map(|pulse| processor.levels(pulse.electrode)).collect();
    // Levels are whole: half a unit beside.
    let low = ranges.iter().map(|(t_level, _)| *t_level).fold(f64::INFINITY, f64::min) - 0.5;
    let high = ranges.iter().map(|(_, c_level)| *c_level).fold(f64::NEG_INFINITY, f64::max) + 0.5;
    ranges.len() == group.len() && (low..=high).contains(&sum)
}

/// All pulses of a sound from a processor at rest, in blocks.
fn pulses_of(processor: &mut Processor, sound: &[f32], block: usize) -> Vec<Pulse> {
    processor.reset();
    let mut pulses = Vec::new();
    for now in sound.chunks(block.max(1)) {
        processor.process(now, &mut |pulse: Pulse| pulses.push(pulse));
    }
    pulses
}

/// Checks 1, 2, 3, 5 and 8.
pub(super) fn bars(
    implant: &Implant,
    laws: &PulseLaws,
    signals: &Signals,
) -> Result<(PulseCounts, Vec<Bar>), ProcessorError> {
    let mut processor = Processor::new(implant, signals.sample_rate_hz, signals.calibration)?;
    let speech = signals.speech(SPEECH_SECS);
    let whole = pulses_of(&mut processor, &speech, speech.len());
    let counts = laws.count(&processor, &whole);
    let silence = pulses_of(&mut processor, &vec![0.0; signals.samples(SILENCE_SECS)], 4096);
    let sounding = silence.iter().filter(|pulse| pulse.current_ua > 0.0).count();
    let count = |name: &str, number: usize| Bar::new(name, number as f64, 0.0, "");
    let mut bars = Vec::new();
    if laws.per_frame > 0 {
        bars.push(count(&format!("1: frames that have not exactly {} pulses", laws.per_frame), counts.wrong_frames));
        bars.push(count("1: frames not strictly from base to apex, each channel once", counts.not_base_to_apex));
    }
    bars.push(count("1: pulses with current in silence", sounding));
    if carries_no_wave(implant) {
        bars.push(count(
            "1: idle pulses on the electrode of a tone 20 dB above T",
            idle_in_tones(&mut processor, signals),
        ));
    }
    if laws.per_frame > 0 {
        let rate_pps = counts.rate_pps.unwrap_or(f64::NAN);
        bars.push(Bar::new(
            "2: channel rate against what is told",
            100.0 * (rate_pps / processor.rate_pps() - 1.0).abs(),
            0.1,
            "%",
        ));
    }
    bars.push(count("2: pulses too close to the next (2 phases, gap, 12 us)", counts.too_close));
    let together = if laws.at_once == 2 { "exactly two electrodes" } else { "exactly one electrode" };
    bars.push(count(&format!("2: onsets without {together}"), counts.not_together));
    bars.push(count("3: pulses outside T to C", counts.outside_range));
    let astray = astray_in_sweep(&mut processor, signals);
    bars.push(count("5: electrodes that a sweep misses or meets out of order", astray));
    let differ = BLOCKS.into_iter().map(|block| differing(&whole, &pulses_of(&mut processor, &speech, block))).sum();
    bars.push(count("8: pulses that differ in blocks of 1, 7 and 480 samples", differ));
    Ok((counts, bars))
}

/// Whether a steady tone is steady on its electrode: carriers and zero crossings are not.
fn carries_no_wave(implant: &Implant) -> bool {
    matches!(implant.processor.strategy, Strategy::Ace { .. } | Strategy::Cis { .. })
}

/// Pulses without current on the electrodes of tones that are well above the base level, once they are steady.
fn idle_in_tones(processor: &mut Processor, signals: &Signals) -> usize {
    let bands = processor.bands().to_vec();
    bands
        .iter()
        .map(|band| {
            // What T implies is said for the microphone as it is; signals are as loud to the device as they say.
            let Some(threshold_db_spl) = processor.threshold_db_spl(band.centre_hz) else { return 0 };
            let level_db_spl = threshold_db_spl + signals.sensitivity_db + 20.0;
            let sound = signals.tone(0.15, band.centre_hz, level_db_spl, |_| 1.0);
            let pulses = pulses_of(processor, &sound, 4096);
            let steady = pulses.iter().filter(|pulse| pulse.onset_ticks > TICKS_PER_SEC / 20);
            let own: Vec<&Pulse> = steady.filter(|pulse| pulse.electrode == band.electrode).collect();
            // No pulse at all is as bad as an idle one.
            own.iter().filter(|pulse| pulse.current_ua == 0.0).count() + usize::from(own.is_empty())
        })
        .sum()
}

/// How far a sweep's strongest electrodes, one after the other, are from being the channels' from apex to base.
fn astray_in_sweep(processor: &mut Processor, signals: &Signals) -> usize {
    let nyquist_hz = 0.5 * f64::from(signals.sample_rate_hz);
    let bands: Vec<_> = processor.bands().iter().filter(|band| band.high_hz < 0.9 * nyquist_hz).copied().collect();
    let ([first, .., last] | [first @ last]) = &bands[..] else { return 0 };
    let expected: Vec<u8> = bands.iter().map(|band| band.electrode).collect();
    let to_hz = if bands.len() == 1 { first.high_hz } else { last.centre_hz };
    let sound = signals.sweep(SWEEP_SECS, first.centre_hz, to_hz, SWEEP_DB_SPL);
    let pulses = pulses_of(processor, &sound, 4096);
    let mut visited: Vec<u8> = Vec::new();
    for window in pulses.chunk_by(|a, b| a.onset_ticks / WINDOW_TICKS == b.onset_ticks / WINDOW_TICKS) {
        let groups = window.chunk_by(|a, b| a.onset_ticks == b.onset_ticks);
        let strongest = groups
            .filter_map(|group| Some((part_of_range(processor, group)?, group.last()?.electrode)))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, electrode)) = strongest
            && visited.last() != Some(&electrode)
        {
            visited.push(electrode);
        }
    }
    let astray = visited.iter().zip(&expected).filter(|(visited, expected)| visited != expected).count();
    astray + visited.len().abs_diff(expected.len())
}

/// Where between T and C what fires at once lies, 0 to 1; `None` where it is idle.
fn part_of_range(processor: &Processor, group: &[Pulse]) -> Option<f64> {
    let sum: f64 = group.iter().map(|pulse| f64::from(pulse.current_level)).sum();
    if group.iter().all(|pulse| pulse.current_ua == 0.0) {
        return None;
    }
    let weighed = |of: fn((f64, f64)) -> f64| -> f64 {
        group
            .iter()
            .filter_map(|pulse| Some(of(processor.levels(pulse.electrode)?) * f64::from(pulse.current_level) / sum))
            .sum()
    };
    let (t_level, c_level) = (weighed(|(t_level, _)| t_level), weighed(|(_, c_level)| c_level));
    Some(if c_level > t_level { (sum - t_level) / (c_level - t_level) } else { 1.0 })
}

/// Pulses that one run has otherwise than another.
fn differing(one: &[Pulse], other: &[Pulse]) -> usize {
    one.iter().zip(other).filter(|(a, b)| a != b).count() + one.len().abs_diff(other.len())
}
