//! Loudness of one side of a render, outside and inside apart.
//!
//! ebur128 filters and weights the channels; the gating of EBU R 128 is done here, over blocks that
//! lie wholly within a section, so that one pass serves the whole, the outside and the inside. Blocks
//! are counted in a histogram, so that memory does not grow with the film.

use auricle::dsp::true_peak::{TruePeak, highest};
use auricle::layout::{Channel, Layout};
use ebur128::{EbuR128, Mode};

use super::measurements::{SectionLevels, SideLevels};
use super::sections::{Section, Sections};

/// Blocks quieter than this never count (ITU-R BS.1770-4), LUFS.
const ABSOLUTE_GATE_LUFS: f64 = -70.0;
/// Louder blocks are counted in the last bin, LUFS.
const CEILING_LUFS: f64 = 30.0;
/// Width of a bin, LU: a hundredth of what is reported.
const BIN_LU: f64 = 0.01;
/// Sub-blocks of 100 ms in a momentary block (400 ms).
const MOMENTARY: usize = 4;
/// Sub-blocks in a short-term block (3 s).
const SHORT_TERM: usize = 30;

/// Counts of blocks by loudness.
#[derive(Debug, Default)]
struct Histogram(Vec<u32>);

impl Histogram {
    fn add(&mut self, lufs: f64) {
        if lufs < ABSOLUTE_GATE_LUFS {
            return;
        }
        if self.0.is_empty() {
            self.0.resize(((CEILING_LUFS - ABSOLUTE_GATE_LUFS) / BIN_LU) as usize, 0);
        }
        let bin = ((lufs - ABSOLUTE_GATE_LUFS) / BIN_LU) as usize;
        let last = self.0.len() - 1;
        self.0[bin.min(last)] += 1;
    }

    /// `(loudness of the bin's middle in LUFS, count)` of every bin at or above `gate_lufs`.
    fn above(&self, gate_lufs: f64) -> impl Iterator<Item = (f64, u32)> + '_ {
        self.0
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(bin, count)| (ABSOLUTE_GATE_LUFS + (bin as f64 + 0.5) * BIN_LU, *count))
            .filter(move |(lufs, _)| *lufs >= gate_lufs)
    }

    fn mean_lufs(&self, gate_lufs: f64) -> Option<f64> {
        let (energy, count) = self.above(gate_lufs).fold((0.0, 0_u64), |(sum, n), (lufs, count)| {
            (sum + to_energy(lufs) * f64::from(count), n + u64::from(count))
        });
        (count > 0).then(|| to_lufs(energy / count as f64))
    }

    /// Integrated loudness: the mean above 10 LU under the mean (BS.1770-4, equation 7).
    fn integrated_lufs(&self) -> Option<f64> {
        let ungated = self.mean_lufs(ABSOLUTE_GATE_LUFS)?;
        self.mean_lufs(ungated - 10.0)
    }

    /// Loudness range: 10th to 95th percentile above 20 LU under the mean (EBU Tech 3342).
    fn range_lu(&self) -> Option<f64> {
        let gate = self.mean_lufs(ABSOLUTE_GATE_LUFS)? - 20.0;
        let count: u64 = self.above(gate).map(|(_, count)| u64::from(count)).sum();
        let percentile = |share: f64| {
            let rank = (share * count.saturating_sub(1) as f64).round() as u64;
            let mut seen = 0;
            self.above(gate).find_map(|(lufs, count)| {
                seen += u64::from(count);
                (seen > rank).then_some(lufs)
            })
        };
        Some(percentile(0.95)? - percentile(0.10)?)
    }
}

/// BS.1770-4, equation 2.
fn to_lufs(energy: f64) -> f64 {
    10.0 * energy.log10() - 0.691
}

fn to_energy(lufs: f64) -> f64 {
    10.0_f64.powf((lufs + 0.691) / 10.0)
}

fn to_db(amplitude: f32) -> Option<f64> {
    (amplitude > 0.0).then(|| 20.0 * f64::from(amplitude).log10())
}

/// What one section has gathered.
#[derive(Debug, Default)]
struct Gathered {
    length_samples: u64,
    blocks: u64,
    momentary: Histogram,
    momentary_max_lufs: Option<f64>,
    short_term: Histogram,
    true_peak: f32,
    sample_peak: f32,
}

impl Gathered {
    fn levels(&self) -> SectionLevels {
        SectionLevels {
            length_samples: self.length_samples,
            loudness_blocks: self.blocks,
            integrated_lufs: self.momentary.integrated_lufs(),
            range_lu: self.short_term.range_lu(),
            momentary_max_lufs: self.momentary_max_lufs,
            true_peak_dbtp: to_db(self.true_peak),
            sample_peak_db_fs: to_db(self.sample_peak),
        }
    }
}

/// Meters one side.
pub(super) struct Loudness {
    /// `None` where ebur128 does not take the rate or the number of channels.
    meter: Option<EbuR128>,
    true_peak: Vec<TruePeak>,
    sub_block_samples: u64,
    /// Energy of the last 100 ms blocks and the one section each lay in, newest last.
    recent: std::collections::VecDeque<(f64, Option<Section>)>,
    /// Of the sub-block under way: the section of its every sample so far, or `None` if they differ.
    current: Option<Section>,
    whole: Gathered,
    outside: Gathered,
    inside: Gathered,
    over_samples: u64,
    highest: f32,
    highest_at_samples: u64,
}

impl Loudness {
    pub(super) fn new(sample_rate_hz: u32, layout: &Layout) -> Self {
        let channels = layout.channels();
        let meter = u32::try_from(channels)
            .ok()
            .and_then(|channels| EbuR128::new(channels, sample_rate_hz, Mode::M).ok())
            .and_then(|mut meter| meter.set_channel_map(&channel_map(layout)).ok().map(|()| meter));
        Self {
            meter,
            true_peak: vec![TruePeak::new(); channels],
            sub_block_samples: u64::from(sample_rate_hz / 10).max(1),
            recent: std::collections::VecDeque::with_capacity(SHORT_TERM),
            current: None,
            whole: Gathered::default(),
            outside: Gathered::default(),
            inside: Gathered::default(),
            over_samples: 0,
            highest: 0.0,
            highest_at_samples: 0,
        }
    }

    /// Takes `[channel][sample]` beginning at sample `at`; all samples finite.
    pub(super) fn push(&mut self, mut at: u64, channels: &[&[f32]], sections: &mut Sections) {
        let length = channels.first().map_or(0, |channel| channel.len());
        let mut done = 0;
        while done < length {
            let (section, section_begins, section_ends) = sections.at(at);
            let into_block = at % self.sub_block_samples;
            let left = (self.sub_block_samples - into_block).min(section_ends - at);
            let n = usize::try_from(left).unwrap_or(usize::MAX).min(length - done);
            // The filters ring for a moment after a change: what follows one within 100 ms is no
            // measure of the new section.
            let settled = section_begins == 0 || at >= section_begins + self.sub_block_samples;
            let section_here = settled.then_some(section);
            if into_block == 0 {
                self.current = section_here;
            } else if self.current != section_here {
                self.current = None;
            }
            self.peaks(at, channels, done..done + n, section);
            if let Some(meter) = &mut self.meter {
                let part: Vec<&[f32]> = channels.iter().map(|channel| &channel[done..done + n]).collect();
                // Refused only where the number of channels differs from that of `new`.
                if meter.add_frames_planar_f32(&part).is_err() {
                    self.meter = None;
                }
            }
            at += n as u64;
            done += n;
            if at.is_multiple_of(self.sub_block_samples) {
                self.end_sub_block();
            }
        }
    }

    fn peaks(&mut self, at: u64, channels: &[&[f32]], range: std::ops::Range<usize>, section: Section) {
        let apart = match section {
            Section::Outside => Some(&mut self.outside),
            Section::Inside => Some(&mut self.inside),
            Section::Between => None,
        };
        // `whole` is never below `apart`.
        let known = apart.as_ref().map_or(self.whole.true_peak, |apart| apart.true_peak);
        let (mut true_peak, mut sample_peak) = (known, 0.0_f32);
        for (channel, meter) in channels.iter().zip(&mut self.true_peak) {
            let part = &channel[range.clone()];
            true_peak = true_peak.max(meter.push(part, true_peak));
            let peak = highest(part);
            sample_peak = sample_peak.max(peak);
            if peak > 1.0 {
                self.over_samples += part.iter().filter(|sample| sample.abs() > 1.0).count() as u64;
            }
            if peak > self.highest {
                self.highest = peak;
                let offset = part.iter().position(|sample| sample.abs() == peak).unwrap_or(0);
                self.highest_at_samples = at + offset as u64;
            }
        }
        for gathered in [Some(&mut self.whole), apart].into_iter().flatten() {
            gathered.length_samples += range.len() as u64;
            gathered.true_peak = gathered.true_peak.max(true_peak);
            gathered.sample_peak = gathered.sample_peak.max(sample_peak);
        }
    }

    fn end_sub_block(&mut self) {
        let Some(meter) = &self.meter else { return };
        let energy = meter.loudness_window(100).map_or(0.0, to_energy);
        if self.recent.len() == SHORT_TERM {
            self.recent.pop_front();
        }
        self.recent.push_back((energy, self.current));
        for (blocks, short_term) in [(MOMENTARY, false), (SHORT_TERM, true)] {
            if self.recent.len() < blocks {
                continue;
            }
            let window = || self.recent.iter().skip(self.recent.len() - blocks);
            let lufs = to_lufs(window().map(|(energy, _)| energy).sum::<f64>() / blocks as f64);
            let first = window().next().and_then(|(_, section)| *section);
            let within = first.filter(|_| window().all(|(_, section)| *section == first));
            let apart = match within {
                Some(Section::Outside) => Some(&mut self.outside),
                Some(Section::Inside) => Some(&mut self.inside),
                Some(Section::Between) | None => None,
            };
            for gathered in [Some(&mut self.whole), apart].into_iter().flatten() {
                if short_term {
                    gathered.short_term.add(lufs);
                } else {
                    gathered.blocks += 1;
                    gathered.momentary.add(lufs);
                    if lufs >= ABSOLUTE_GATE_LUFS {
                        gathered.momentary_max_lufs =
                            Some(gathered.momentary_max_lufs.map_or(lufs, |max: f64| max.max(lufs)));
                    }
                }
            }
        }
    }

    pub(super) fn finish(self) -> SideLevels {
        SideLevels {
            whole: self.whole.levels(),
            outside: self.outside.levels(),
            inside: self.inside.levels(),
            over_samples: self.over_samples,
            highest_at_samples: self.highest_at_samples,
            non_finite_samples: 0,
            non_finite_first_samples: None,
        }
    }
}

/// Weights of BS.1770-4, table 3: surrounds +1.5 dB, LFE none; backs count as surrounds only where
/// there are no sides.
fn channel_map(layout: &Layout) -> Vec<ebur128::Channel> {
    let has_sides = layout.0.contains(&Channel::SideLeft);
    layout
        .0
        .iter()
        .map(|channel| match channel {
            Channel::Mono | Channel::FrontCentre => ebur128::Channel::Center,
            Channel::FrontLeft => ebur128::Channel::Left,
            Channel::FrontRight => ebur128::Channel::Right,
            Channel::Lfe => ebur128::Channel::Unused,
            Channel::SideLeft => ebur128::Channel::LeftSurround,
            Channel::SideRight => ebur128::Channel::RightSurround,
            Channel::BackLeft if has_sides => ebur128::Channel::Mp135,
            Channel::BackRight if has_sides => ebur128::Channel::Mm135,
            Channel::BackLeft => ebur128::Channel::LeftSurround,
            Channel::BackRight => ebur128::Channel::RightSurround,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::TruePeak;

    #[test]
    fn true_peak_agrees_with_ebur128_and_does_not_depend_on_blocks() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let mut smooth = 0.0;
        let signal: Vec<f32> = (0..48_000)
            .map(|_| {
                smooth += 0.3 * (noise() - smooth);
                smooth
            })
            .collect();
        let mut whole = TruePeak::new();
        let ours = whole.push(&signal, 0.0);
        for block in [1, 7, 64, 1000] {
            let mut meter = TruePeak::new();
            let peak = signal.chunks(block).fold(0.0, |peak: f32, chunk| peak.max(meter.push(chunk, peak)));
            assert_eq!(peak, ours, "blocks of {block}");
        }
        let mut reference = ebur128::EbuR128::new(1, 48_000, ebur128::Mode::TRUE_PEAK).unwrap();
        reference.add_frames_f32(&signal).unwrap();
        let theirs = reference.true_peak(0).unwrap();
        let apart_db = 20.0 * (f64::from(ours) / theirs).log10();
        assert!(apart_db.abs() < 0.1, "{apart_db} dB from ebur128");
    }
}
