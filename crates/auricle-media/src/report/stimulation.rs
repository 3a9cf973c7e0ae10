//! What implants are sent while a render runs: a processor for each implanted ear that is inside, on that ear's own
//! signal.
//!
//! Pulses are kept as the mean current by column and electrode, so that a film takes no more memory than a word. A
//! processor runs while a cue with it is heard and begins afresh with each, as the ear's own does.

use std::ops::Range;

use auricle::cue::{CueSpan, uncovered};
use auricle::implant::cochlea::angles_deg;
use auricle::implant::params::{Implant, Sound};
use auricle::implant::processor::Processor;
use auricle::implant::pulse::{Pulse, TICKS_PER_SEC};
use auricle::level::Calibration;

use super::columns::Columns;
use super::measurements::Stimulation;
use crate::electrodogram::Ear;
use crate::electrodogram::currents::{CurrentRange, Currents};

/// An implant that is on during a cue.
#[derive(Debug, Clone, PartialEq)]
pub struct Worn {
    /// The cue: an index into the recorder's spans.
    pub span: usize,
    /// On which side.
    pub ear: Ear,
    /// The device.
    pub implant: Implant,
    /// How loud the sound is.
    pub calibration: Calibration,
}

/// All implanted ears.
pub(super) struct Implants {
    ears: Vec<ImplantedEar>,
}

/// One ear of one listener.
struct ImplantedEar {
    listener: String,
    ear: Ear,
    electrodes: u8,
    columns: Columns<Currents>,
    range: CurrentRange,
    pulses: u64,
    devices: Vec<Device>,
    /// When which of the devices is heard; ascending, and none overlaps another of its device.
    stretches: Vec<Stretch>,
    /// The first stretch that is not over.
    first: usize,
}

/// A processor, and what it was made of.
struct Device {
    implant: Implant,
    processor: Processor,
    latency_ticks: u64,
}

struct Stretch {
    device: usize,
    heard: Range<u64>,
    /// Until when the processor runs, so that the last of the sound becomes pulses too.
    runs_until: u64,
}

impl Implants {
    /// Those of `worn` that can be built, with at most `limit` columns of `column_samples` each.
    pub(super) fn new(
        sample_rate_hz: u32,
        spans: &[CueSpan],
        worn: &[Worn],
        (limit, column_samples): (usize, u64),
    ) -> Self {
        let mut ears: Vec<ImplantedEar> = Vec::new();
        for worn in worn.iter().filter(|worn| worn.implant.on) {
            let Some(span) = spans.get(worn.span) else { continue };
            let electrodes = u8::try_from(angles_deg(&worn.implant.array).len()).unwrap_or(u8::MAX);
            let heard = uncovered(spans, worn.span, span.enter_begins_samples..span.leave_ends_samples);
            let known = ears
                .iter()
                .position(|ear| ear.listener == span.listener && ear.ear == worn.ear && ear.electrodes == electrodes);
            let index = known.unwrap_or_else(|| {
                ears.push(ImplantedEar {
                    listener: span.listener.clone(),
                    ear: worn.ear,
                    electrodes,
                    columns: Columns::new(limit, column_samples),
                    range: CurrentRange::default(),
                    pulses: 0,
                    devices: Vec::new(),
                    stretches: Vec::new(),
                    first: 0,
                });
                ears.len() - 1
            });
            ears[index].wear(sample_rate_hz, worn, heard);
        }
        ears.retain(|ear| !ear.stretches.is_empty());
        for ear in &mut ears {
            ear.put_in_order(sample_rate_hz);
        }
        Self { ears }
    }

    /// Takes the next of the signals that reach the ears, left first; `at` is their first sample.
    pub(super) fn push(&mut self, sample_rate_hz: u32, at: u64, signals: &[Vec<f32>; 2]) {
        for ear in &mut self.ears {
            let signal = match ear.ear {
                Ear::Left => &signals[0],
                Ear::Right => &signals[1],
            };
            ear.push(u64::from(sample_rate_hz), at, signal);
        }
    }

    pub(super) fn finish(self) -> Vec<Stimulation> {
        let ears = self.ears.into_iter().map(|ear| Stimulation {
            listener: ear.listener,
            ear: ear.ear,
            electrodes: ear.electrodes,
            column_samples: ear.columns.column_samples,
            current_ua: ear.columns.entries.into_iter().map(|column| column.means_ua()).collect(),
            range_ua: ear.range.0,
            pulses: ear.pulses,
        });
        ears.collect()
    }
}

impl ImplantedEar {
    fn wear(&mut self, sample_rate_hz: u32, worn: &Worn, heard: Vec<Range<u64>>) {
        let implant = as_sent(&worn.implant);
        let known = self.devices.iter().position(|device| device.implant == implant);
        let device = known.or_else(|| {
            let processor = Processor::new(&implant, sample_rate_hz, worn.calibration).ok()?;
            let latency_ticks = processor.latency_ticks();
            self.devices.push(Device { implant, processor, latency_ticks });
            Some(self.devices.len() - 1)
        });
        if let Some(device) = device {
            self.stretches.extend(heard.into_iter().map(|heard| Stretch { device, runs_until: heard.end, heard }));
        }
    }

    /// Joins what follows at once on one device, and lets processors run on until the last pulse is out.
    fn put_in_order(&mut self, sample_rate_hz: u32) {
        self.stretches.sort_by_key(|stretch| stretch.heard.start);
        let mut joined: Vec<Stretch> = Vec::new();
        for stretch in std::mem::take(&mut self.stretches) {
            match joined.iter_mut().rev().find(|before| before.device == stretch.device) {
                Some(before) if before.heard.end >= stretch.heard.start => {
                    before.heard.end = before.heard.end.max(stretch.heard.end);
                }
                _ => joined.push(stretch),
            }
        }
        for index in 0..joined.len() {
            let device = joined[index].device;
            let latency = (self.devices[device].latency_ticks * u64::from(sample_rate_hz)).div_ceil(TICKS_PER_SEC);
            let next = joined[index + 1..].iter().find(|next| next.device == device);
            let free_until = next.map_or(u64::MAX, |next| next.heard.start);
            joined[index].runs_until = joined[index].heard.end.saturating_add(latency).min(free_until);
        }
        self.stretches = joined;
    }

    fn push(&mut self, rate: u64, at: u64, signal: &[f32]) {
        let end = at + signal.len() as u64;
        while self.stretches.get(self.first).is_some_and(|stretch| stretch.runs_until <= at) {
            self.first += 1;
        }
        let Self { columns, range, pulses, devices, stretches, first, electrodes, .. } = self;
        let electrodes = usize::from(*electrodes);
        for stretch in stretches[*first..].iter().take_while(|stretch| stretch.heard.start < end) {
            let (begins, ends) = (at.max(stretch.heard.start), end.min(stretch.runs_until));
            if begins >= ends {
                continue;
            }
            let Device { processor, latency_ticks, .. } = &mut devices[stretch.device];
            if begins == stretch.heard.start {
                processor.reset();
            }
            // A column without a pulse is silence, not an absence.
            let mut column_at = begins;
            while column_at < ends.min(stretch.heard.end) {
                let (column, left) = columns.at(column_at);
                column.begin(electrodes);
                column_at += left;
            }
            // Both within a block, which is in memory.
            let part = &signal[(begins - at) as usize..(ends - at) as usize];
            processor.process(part, &mut |pulse: Pulse| {
                let ticks = pulse.onset_ticks.saturating_sub(*latency_ticks);
                let moment =
                    stretch.heard.start + (u128::from(ticks) * u128::from(rate) / u128::from(TICKS_PER_SEC)) as u64;
                let known = (1..=electrodes).contains(&usize::from(pulse.electrode));
                if pulse.current_ua > 0.0 && known && moment < stretch.heard.end {
                    columns.at(moment).0.take(electrodes, pulse.electrode, pulse.current_ua);
                    range.take(pulse.current_ua);
                    *pulses += 1;
                }
            });
        }
    }
}

/// What of a device decides on its pulses; the rest as in all.
fn as_sent(implant: &Implant) -> Implant {
    Implant {
        months_since_activation: 0.0,
        individual: 0,
        delay_ms: 0.0,
        sound: Sound::Percept,
        insertion_angle_deg: None,
        ..implant.clone()
    }
}
