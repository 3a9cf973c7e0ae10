//! ACE, and CIS by the same bins: a spectrum a frame, of whose channels the strongest are stimulated.
//!
//! ```text
//! last 128 samples -- Hann -- Fourier -- powers of channels -- n maxima -- growth, map -- n pulses, base to apex
//! ```
//! A frame is complete with its last sample, and its pulses are spread evenly from the end of that sample to where
//! the next frame's begin. A channel below the base of growth is no maximum; a frame that has fewer maxima than
//! it has pulses is filled up with idle ones, without current, on the lowest channels that are no maxima. Of
//! equals the lower channel is taken.

use super::super::pulse::{Mode, Pulse, PulseSink, TICKS_PER_SEC};
use super::bands::{ACE_FIRST_BIN, ace_bins};
use super::growth::Growth;
use super::map::{Map, Range};
use super::settings::Shape;
use super::spectrum::{Runs, Spectrum};

/// The sampling rate: a clock of 5 MHz divided by 320.
pub(super) const RATE_HZ: u32 = 15_625;
/// Samples of a frame.
pub(super) const FRAME: usize = 128;
/// Most channels.
pub(super) const MOST_CHANNELS: usize = 22;
/// Ticks of a sample.
const SAMPLE_TICKS: u64 = TICKS_PER_SEC / RATE_HZ as u64;

/// Frames, maxima, pulses.
pub(super) struct Ace {
    spectrum: Spectrum,
    runs: Runs,
    shape: Shape,
    /// `[channel]`, the lowest first.
    electrodes: Vec<(u8, Range)>,
    /// Weighted power of each channel, `[channel]`; below the base 0.
    powers: Vec<f64>,
    /// Place of each channel among all, the strongest 0.
    ranks: Vec<u64>,
    /// Onset of each maximum within its frame.
    slot_ticks: Vec<u64>,
    base_power: f64,
    /// Samples from frame to frame.
    hop: usize,
    until_frame: usize,
    /// Frames that there have been.
    frames: u64,
}

impl Ace {
    /// `electrodes` with their ranges, base to apex.
    pub(super) fn new(electrodes: &[(u8, Range)], maxima: usize, hop: usize, shape: Shape, growth: &Growth) -> Self {
        let channels = electrodes.len();
        Self {
            spectrum: Spectrum::new(FRAME),
            runs: Runs::new(ACE_FIRST_BIN, &ace_bins(channels)),
            shape,
            electrodes: electrodes.iter().rev().copied().collect(),
            powers: vec![0.0; channels],
            ranks: vec![0; channels],
            slot_ticks: (0..maxima as u64).map(|slot| slot * hop as u64 * SAMPLE_TICKS / maxima as u64).collect(),
            base_power: growth.base() * growth.base(),
            hop,
            until_frame: hop,
            frames: 0,
        }
    }

    pub(super) fn reset(&mut self) {
        self.spectrum.reset();
        self.until_frame = self.hop;
        self.frames = 0;
    }

    pub(super) fn runs(&self) -> &Runs {
        &self.runs
    }

    /// Ticks from frame to frame.
    pub(super) fn frame_ticks(&self) -> u64 {
        self.hop as u64 * SAMPLE_TICKS
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
                self.until_frame = self.hop;
                self.frames += 1;
                self.frame(map, sink);
            }
        }
    }

    fn frame(&mut self, map: &Map, sink: &mut impl PulseSink) {
        self.spectrum.transform();
        self.runs.powers(&self.spectrum.bins, &mut self.powers);
        for power in &mut self.powers {
            if *power < self.base_power {
                *power = 0.0;
            }
        }
        self.rank();
        let began = self.frames * self.frame_ticks();
        let maxima = self.slot_ticks.len() as u64;
        let mut slots = self.slot_ticks.iter();
        for channel in (0..self.electrodes.len()).rev() {
            if self.ranks[channel] >= maxima {
                continue;
            }
            let Some(slot_ticks) = slots.next() else { return };
            let (electrode, range) = self.electrodes[channel];
            let level = map.level(range, self.powers[channel].sqrt());
            sink.pulse(Pulse {
                onset_ticks: began + slot_ticks,
                electrode,
                mode: Mode::Mp1And2,
                current_level: level.unwrap_or(0),
                current_ua: level.map_or(0.0, |level| map.current_ua(level)),
                phase_ticks: self.shape.phase_ticks,
                gap_ticks: self.shape.gap_ticks,
            });
        }
    }

    /// Finds how many channels are stronger than each, or as strong and lower.
    ///
    /// Each pair is compared once, without a branch: of levels that come in no order every second one would be guessed
    /// wrong.
    fn rank(&mut self) {
        self.ranks.fill(0);
        for lower in 0..self.powers.len() {
            let power = self.powers[lower];
            let (ranks, higher_ranks) = self.ranks.split_at_mut(lower + 1);
            let mut stronger = 0;
            for (higher, rank) in self.powers[lower + 1..].iter().zip(higher_ranks) {
                let beaten = u64::from(*higher > power);
                stronger += beaten;
                *rank += 1 - beaten;
            }
            ranks[lower] += stronger;
        }
    }
}
