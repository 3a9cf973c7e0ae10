//! Current steering: each channel fires two neighbouring electrodes at once, with the current shared between them as
//! its strongest frequency lies between theirs, and at the rhythm of that frequency.
//!
//! ```text
//! last 256 samples -- Hann -- Fourier --+-- power of the channel ---------- envelope --(x)-- growth, map --(x)-- two pulses
//!                                       +-- strongest bin, interpolated --+-- carrier --'                   |
//!                                                                         +-- share of each electrode ------'
//! ```
//! After Nogueira et al. (2009): frames, bins, cycles, nine places between two electrodes, a carrier at the spectral
//! peak. That the carrier is a square wave whose depth falls from whole to none between a quarter and half of the
//! stimulation rate is this project's choice, and so is how the peak is interpolated.

use super::super::pulse::{Mode, Pulse, PulseSink, TICKS_PER_SEC};
use super::bands::{STEERING_FIRST_BIN, steering_bins};
use super::growth::Growth;
use super::map::{Map, Range};
use super::settings::Shape;
use super::spectrum::{Runs, Spectrum};

/// The sampling rate.
pub(super) const RATE_HZ: u32 = 17_400;
/// Samples of a frame, and from one to the next.
pub(super) const FRAME: usize = 256;
const HOP: usize = 20;
/// Most channels, between one electrode more.
pub(super) const MOST_CHANNELS: usize = 15;
/// Steps from one electrode to its neighbour: nine places.
const STEPS: f64 = 8.0;

/// One channel, and what the last frame has to say about it.
#[derive(Debug, Clone, Copy)]
struct Channel {
    apical: (u8, Range),
    basal: (u8, Range),
    envelope: f64,
    /// The strongest frequency, cycles a stimulation cycle.
    peak: f64,
    /// The basal electrode's part of the current, 0 to 1.
    share: f64,
    /// The range between both.
    range: Range,
    /// Phase of the carrier, cycles.
    phase: f64,
}

/// Frames, and cycles of stimulation.
pub(super) struct CurrentSteering {
    spectrum: Spectrum,
    runs: Runs,
    shape: Shape,
    /// The lowest first.
    channels: Vec<Channel>,
    powers: Vec<f64>,
    /// The magnitude below which nothing is stimulated.
    base: f64,
    cycle_ticks: u64,
    /// Onset of each channel within a cycle, base to apex.
    slot_ticks: Vec<u64>,
    /// The next cycle.
    cycle: u64,
    until_frame: usize,
    samples: u64,
}

/// The end of the device's `samples` first samples.
fn ticks(samples: u64) -> u64 {
    samples * TICKS_PER_SEC / u64::from(RATE_HZ)
}

impl CurrentSteering {
    /// `electrodes` with their ranges, base to apex, one more than channels.
    pub(super) fn new(electrodes: &[(u8, Range)], cycle_ticks: u64, shape: Shape, growth: &Growth) -> Self {
        let channels: Vec<Channel> = electrodes
            .windows(2)
            .rev()
            .map(|pair| Channel {
                apical: pair[1],
                basal: pair[0],
                envelope: 0.0,
                peak: 0.0,
                share: 0.0,
                range: pair[1].1,
                phase: 0.0,
            })
            .collect();
        Self {
            spectrum: Spectrum::new(FRAME),
            runs: Runs::new(STEERING_FIRST_BIN, &steering_bins(channels.len())),
            shape,
            powers: vec![0.0; channels.len()],
            slot_ticks: (0..channels.len() as u64).map(|slot| slot * cycle_ticks / channels.len() as u64).collect(),
            channels,
            base: growth.base(),
            cycle_ticks,
            cycle: 0,
            until_frame: HOP,
            samples: 0,
        }
    }

    pub(super) fn reset(&mut self) {
        self.spectrum.reset();
        for channel in &mut self.channels {
            (channel.envelope, channel.peak, channel.share, channel.phase) = (0.0, 0.0, 0.0, 0.0);
            channel.range = channel.apical.1;
        }
        (self.cycle, self.until_frame, self.samples) = (0, HOP, 0);
    }

    pub(super) fn runs(&self) -> &Runs {
        &self.runs
    }

    pub(super) fn cycle_ticks(&self) -> u64 {
        self.cycle_ticks
    }

    /// Takes samples of the device.
    pub(super) fn process(&mut self, samples: &[f64], map: &Map, sink: &mut impl PulseSink) {
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.until_frame));
            self.spectrum.push(now);
            self.until_frame -= now.len();
            rest = later;
            if self.until_frame == 0 {
                self.until_frame = HOP;
                self.samples += HOP as u64;
                self.frame();
                // Cycles that begin before the next frame is complete are made of this one.
                self.cycle = self.cycle.max(ticks(self.samples).div_ceil(self.cycle_ticks));
                while self.cycle * self.cycle_ticks < ticks(self.samples + HOP as u64) {
                    self.stimulate(map, sink);
                    self.cycle += 1;
                }
            }
        }
    }

    fn frame(&mut self) {
        self.spectrum.transform();
        let bins = &self.spectrum.bins;
        self.runs.powers(bins, &mut self.powers);
        let per_cycle = self.cycle_ticks as f64 / TICKS_PER_SEC as f64 * f64::from(RATE_HZ) / FRAME as f64;
        for (index, channel) in self.channels.iter_mut().enumerate() {
            channel.envelope = self.powers[index].sqrt();
            // Nothing is heard of its frequency.
            if channel.envelope < self.base {
                continue;
            }
            let mut peak = (0, 0.0);
            for bin in self.runs.bins(index) {
                let power = self.runs.of_bin(bin);
                if power > peak.1 {
                    peak = (bin, power);
                }
            }
            let (low, _, high) = self.runs.edges(index);
            let place = (peak.0 as f64 + offset(peak.0, |bin| bins[bin].norm_sqr())).clamp(low, high);
            channel.peak = place * per_cycle;
            channel.share = f64::from(((place - low) / (high - low) * STEPS + 0.5) as u8) / STEPS;
            channel.range = channel.apical.1.towards(channel.basal.1, channel.share);
        }
    }

    /// One cycle, each channel once.
    fn stimulate(&mut self, map: &Map, sink: &mut impl PulseSink) {
        let began = self.cycle * self.cycle_ticks;
        for (channel, slot_ticks) in self.channels.iter_mut().rev().zip(&self.slot_ticks) {
            channel.phase += channel.peak;
            channel.phase -= f64::from(channel.phase as u32);
            let low = if channel.phase < 0.5 { 0.0 } else { depth(channel.peak) };
            let level = map.level(channel.range, channel.envelope * (1.0 - low)).unwrap_or(0);
            let basal_level = (channel.share * f64::from(level) + 0.5) as u16;
            for (electrode, level) in [(channel.basal.0, basal_level), (channel.apical.0, level - basal_level)] {
                sink.pulse(Pulse {
                    onset_ticks: began + slot_ticks,
                    electrode,
                    mode: Mode::Mp1And2,
                    current_level: level,
                    current_ua: if level == 0 { 0.0 } else { map.current_ua(level) },
                    phase_ticks: self.shape.phase_ticks,
                    gap_ticks: self.shape.gap_ticks,
                });
            }
        }
    }
}

/// How deep the carrier of a frequency, in cycles a stimulation cycle, is: 1 up to a quarter, 0 from a half on.
fn depth(frequency: f64) -> f64 {
    (2.0 - 4.0 * frequency).clamp(0.0, 1.0)
}

/// How far from `bin`, at most half a bin, a tone lies whose strongest bin it is: under a Hann window its neighbour
/// has r of its magnitude when the tone is (2 r - 1) / (r + 1) away on that side.
fn offset(bin: usize, power: impl Fn(usize) -> f64) -> f64 {
    let (below, above) = (power(bin - 1), power(bin + 1));
    let r = (below.max(above) / power(bin)).sqrt();
    ((2.0 * r - 1.0) / (r + 1.0)).clamp(0.0, 0.5) * if above > below { 1.0 } else { -1.0 }
}
