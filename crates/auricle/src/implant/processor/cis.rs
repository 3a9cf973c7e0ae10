//! CIS of gammatone bands, and fine structure: the most apical channels fire at the zero crossings of their bands.
//!
//! ```text
//! CIS            |  12  |  11  |  10  | ...                a slot a channel, base to apex, the same each cycle
//! fine structure |  12  | fine |  11  | fine | ...         every other slot for whichever fine channel has crossed
//! ```
//! A pulse of the cycle carries the envelope of its moment, and is idle where that is below the base of growth. A
//! fine channel has a pulse for each rise of its band's wave through zero, with the envelope of that moment, in
//! the first slot there is; of several that wait, the one that has waited longest comes first. One that crosses
//! again while it waits has one pulse of it, the later.

use super::super::pulse::{Mode, Pulse, PulseSink, TICKS_PER_SEC};
use super::gammatone::Gammatone;
use super::map::{Map, Range};
use super::settings::Shape;

/// The sampling rate, chosen for this project: 500 ticks, well above twice the highest band.
pub(super) const RATE_HZ: u32 = 20_000;
/// Most channels.
pub(super) const MOST_CHANNELS: usize = 12;
/// Most channels with fine structure.
pub(super) const MOST_FINE: usize = 4;
/// Ticks of a sample.
pub(super) const SAMPLE_TICKS: u64 = TICKS_PER_SEC / RATE_HZ as u64;

/// A crossing that has no pulse yet.
#[derive(Debug, Clone, Copy)]
struct Crossing {
    ticks: u64,
    envelope: f64,
}

/// Filters and the cycle of slots.
pub(super) struct Cis {
    filters: Gammatone,
    shape: Shape,
    /// `[channel]`, the lowest first.
    electrodes: Vec<(u8, Range)>,
    /// Of the lowest channels, those with fine structure.
    waiting: Vec<Option<Crossing>>,
    last_wave: Vec<f64>,
    slots: u64,
    cycle_ticks: u64,
    /// The next slot, and its onset.
    cycle: u64,
    slot: u64,
    onset_ticks: u64,
    /// Samples taken.
    samples: u64,
}

/// Slots of a cycle.
pub(super) fn slots(channels: usize, fine_channels: usize) -> usize {
    let cyclic = channels - fine_channels;
    if fine_channels == 0 { cyclic } else { cyclic + cyclic.max(1) }
}

impl Cis {
    /// `electrodes` with their ranges, base to apex; a cycle lasts `cycle_samples`.
    pub(super) fn new(
        filters: Gammatone,
        electrodes: &[(u8, Range)],
        fine_channels: usize,
        cycle_samples: usize,
        shape: Shape,
    ) -> Self {
        let mut cis = Self {
            filters,
            shape,
            electrodes: electrodes.iter().rev().copied().collect(),
            waiting: vec![None; fine_channels],
            last_wave: vec![0.0; fine_channels],
            slots: slots(electrodes.len(), fine_channels) as u64,
            cycle_ticks: cycle_samples as u64 * SAMPLE_TICKS,
            cycle: 0,
            slot: 0,
            onset_ticks: 0,
            samples: 0,
        };
        cis.reset();
        cis
    }

    pub(super) fn reset(&mut self) {
        self.filters.reset();
        self.waiting.fill(None);
        self.last_wave.fill(0.0);
        (self.cycle, self.slot, self.onset_ticks, self.samples) = (1, 0, self.cycle_ticks, 0);
    }

    pub(super) fn filters(&self) -> &Gammatone {
        &self.filters
    }

    /// Greatest magnitude that pulses of a channel have of a tone of amplitude 1.
    pub(super) fn loudest_gain(&self, channel: usize, frequency_hz: f64) -> f64 {
        if channel < self.waiting.len() {
            self.filters.crossing_gain(channel, frequency_hz)
        } else {
            self.filters.peak_gain(channel, frequency_hz)
        }
    }

    /// Ticks from one pulse of a channel that fires by the cycle to its next.
    pub(super) fn cycle_ticks(&self) -> u64 {
        self.cycle_ticks
    }

    /// Takes samples of the device.
    pub(super) fn process(&mut self, samples: &[f64], map: &Map, sink: &mut impl PulseSink) {
        for x in samples {
            self.filters.step(*x);
            self.find_crossings();
            self.samples += 1;
            // What is known at the end of this sample is sent until the end of the next.
            while self.onset_ticks < (self.samples + 1) * SAMPLE_TICKS {
                self.send(map, sink);
                self.slot += 1;
                if self.slot == self.slots {
                    (self.cycle, self.slot) = (self.cycle + 1, 0);
                }
                self.onset_ticks = self.cycle * self.cycle_ticks + self.slot * self.cycle_ticks / self.slots;
            }
        }
    }

    /// Looks for rises through zero between the last sample and this one.
    #[inline]
    fn find_crossings(&mut self) {
        for (channel, (waiting, last)) in self.waiting.iter_mut().zip(&mut self.last_wave).enumerate() {
            let wave = self.filters.wave(channel);
            if *last < 0.0 && wave >= 0.0 {
                // Where a straight line between the two crosses.
                let ago = (wave / (wave - *last) * SAMPLE_TICKS as f64) as u64;
                let ticks = (self.samples * SAMPLE_TICKS).saturating_sub(ago);
                *waiting = Some(Crossing { ticks, envelope: self.filters.envelope(channel) });
            }
            *last = wave;
        }
    }

    /// The slot's pulse, if it has one.
    fn send(&mut self, map: &Map, sink: &mut impl PulseSink) {
        let fine = self.waiting.len();
        let cyclic = self.electrodes.len() - fine;
        let of_cycle = if fine == 0 {
            Some(self.slot as usize)
        } else {
            self.slot.is_multiple_of(2).then_some(self.slot as usize / 2)
        };
        if let Some(place) = of_cycle.filter(|place| *place < cyclic) {
            let channel = self.electrodes.len() - 1 - place;
            let level = map.level(self.electrodes[channel].1, self.filters.envelope(channel));
            self.pulse(channel, level, map, sink);
            return;
        }
        while let Some(channel) = self.longest_waiting() {
            let Some(crossing) = self.waiting[channel].take() else { return };
            let level = map.level(self.electrodes[channel].1, crossing.envelope);
            if level.is_some() {
                self.pulse(channel, level, map, sink);
                return;
            }
        }
    }

    fn longest_waiting(&self) -> Option<usize> {
        (0..self.waiting.len())
            .filter_map(|channel| self.waiting[channel].map(|crossing| (crossing.ticks, channel)))
            .min()
            .map(|(_, channel)| channel)
    }

    fn pulse(&self, channel: usize, level: Option<u16>, map: &Map, sink: &mut impl PulseSink) {
        sink.pulse(Pulse {
            onset_ticks: self.onset_ticks,
            electrode: self.electrodes[channel].0,
            mode: Mode::Mp1And2,
            current_level: level.unwrap_or(0),
            current_ua: level.map_or(0.0, |level| map.current_ua(level)),
            phase_ticks: self.shape.phase_ticks,
            gap_ticks: self.shape.gap_ticks,
        });
    }
}
