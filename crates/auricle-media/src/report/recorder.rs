//! Listens in while a render runs, and measures what the report shows.

use auricle::cue::CueSpan;
use auricle::layout::{Layout, Reach};

use super::columns::{Columns, Merge};
use super::loudness::Loudness;
use super::measurements::{Measurements, Peak, SideLevels, Waveform};
use super::reduce;
use super::sections::Sections;
use super::spectra::Spectra;
use super::stimulation::{Implants, Worn};

/// Most columns of waveform and spectrogram.
const COLUMNS: usize = 1200;
/// Samples per channel taken at once; bounds the memory of any block.
const CHUNK_SAMPLES: usize = 8192;

/// What a [`Recorder`] must know beforehand.
#[derive(Debug, Clone)]
pub struct RecorderConfig {
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Channels of `before`.
    pub source: Layout,
    /// Channels of `after`.
    pub output: Layout,
    /// The cues on the sample grid, in any order.
    pub spans: Vec<CueSpan>,
    /// Length in samples where it is known; a wrong one costs resolution, nothing else.
    pub length_samples: Option<u64>,
    /// Implants that are on during the cues.
    pub worn: Vec<Worn>,
}

/// Measures source and render side by side, block by block, in memory that does not grow.
///
/// The mix that reaches each ear is made of the channels by [`auricle::layout`]'s weights. Inside is
/// what is wholly inside (`enter_ends..leave_begins`), outside what is wholly outside; fades are in
/// neither but in the whole.
pub struct Recorder {
    sample_rate_hz: u32,
    at_samples: u64,
    before: Side,
    after: Side,
    waveform: Columns<PeakPair>,
    spectra: Spectra,
    implants: Implants,
}

impl Recorder {
    /// Ready for the first sample.
    pub fn new(config: RecorderConfig) -> Self {
        // Without a length: half a second of columns, which are merged as the sound goes on.
        let length = config.length_samples.unwrap_or(u64::from(config.sample_rate_hz) / 2);
        let column_samples = length.div_ceil(COLUMNS as u64).max(16);
        Self {
            sample_rate_hz: config.sample_rate_hz,
            at_samples: 0,
            before: Side::new(config.sample_rate_hz, &config.source, &config.spans),
            after: Side::new(config.sample_rate_hz, &config.output, &config.spans),
            waveform: Columns::new(COLUMNS, column_samples),
            spectra: Spectra::new(config.sample_rate_hz, &config.spans, COLUMNS, column_samples),
            implants: Implants::new(config.sample_rate_hz, &config.spans, &config.worn, (COLUMNS, column_samples)),
        }
    }

    /// Takes the next block: source and render (`[channel][sample]`), aligned, all of one length.
    ///
    /// Samples that one has beyond the other, and channels beyond the layout's, are not measured.
    /// NaN and infinite samples are counted and measured as 0.
    pub fn push(&mut self, before: &[&[f32]], after: &[&[f32]]) {
        let length = before.iter().chain(after).map(|channel| channel.len()).min().unwrap_or(0);
        let mut from = 0;
        while from < length {
            let n = (length - from).min(CHUNK_SAMPLES);
            self.before.take(self.at_samples, before, from..from + n);
            self.after.take(self.at_samples, after, from..from + n);
            let [left_before, right_before] = &self.before.ears;
            let [left_after, right_after] = &self.after.ears;
            self.spectra.push([left_before, right_before, left_after, right_after]);
            self.implants.push(self.sample_rate_hz, self.at_samples, &self.before.ears);
            let mut offset = 0;
            while offset < n {
                let (pair, left) = self.waveform.at(self.at_samples + offset as u64);
                let end = usize::try_from(left).map_or(n, |left| n.min(offset + left));
                pair.before.add(&self.before.ears, offset..end);
                pair.after.add(&self.after.ears, offset..end);
                offset = end;
            }
            self.at_samples += n as u64;
            from += n;
        }
    }

    /// What was measured.
    pub fn finish(self) -> Measurements {
        let (spectrogram, spans) = self.spectra.finish(self.at_samples);
        let side =
            |pick: fn(&PeakPair) -> &PeakSum| self.waveform.entries.iter().map(|pair| pick(pair).peak()).collect();
        Measurements {
            sample_rate_hz: self.sample_rate_hz,
            length_samples: self.at_samples,
            waveform: Waveform {
                column_samples: self.waveform.column_samples,
                before: side(|pair| &pair.before),
                after: side(|pair| &pair.after),
            },
            spectrogram,
            spans,
            stimulation: self.implants.finish(),
            before: self.before.finish(),
            after: self.after.finish(),
        }
    }
}

/// Source and render of one column.
#[derive(Default)]
struct PeakPair {
    before: PeakSum,
    after: PeakSum,
}

impl Merge for PeakPair {
    fn merge(&mut self, next: &Self) {
        self.before.merge(&next.before);
        self.after.merge(&next.after);
    }
}

/// A [`Peak`] in the making.
#[derive(Default)]
struct PeakSum {
    min: f32,
    max: f32,
    squares: f64,
    samples: u64,
}

impl PeakSum {
    fn add(&mut self, ears: &[Vec<f32>; 2], range: std::ops::Range<usize>) {
        for ear in ears {
            let part = &ear[range.clone()];
            let (low, high, squares) = reduce::spread(part);
            self.min = self.min.min(low);
            self.max = self.max.max(high);
            self.squares += squares;
            self.samples += part.len() as u64;
        }
    }

    fn peak(&self) -> Peak {
        let rms = (self.squares / self.samples.max(1) as f64).sqrt() as f32;
        Peak { min: self.min, max: self.max, rms }
    }
}

impl Merge for PeakSum {
    fn merge(&mut self, next: &Self) {
        self.min = self.min.min(next.min);
        self.max = self.max.max(next.max);
        self.squares += next.squares;
        self.samples += next.samples;
    }
}

/// The source or the render.
struct Side {
    layout: Layout,
    sections: Sections,
    loudness: Loudness,
    /// The chunk's samples, all finite, `[channel][sample]`.
    clean: Vec<Vec<f32>>,
    /// The chunk as it reaches the ears, left first.
    ears: [Vec<f32>; 2],
    non_finite_samples: u64,
    non_finite_first_samples: Option<u64>,
}

impl Side {
    fn new(sample_rate_hz: u32, layout: &Layout, spans: &[CueSpan]) -> Self {
        Self {
            layout: layout.clone(),
            sections: Sections::new(spans),
            loudness: Loudness::new(sample_rate_hz, layout),
            clean: vec![Vec::with_capacity(CHUNK_SAMPLES); layout.channels()],
            ears: std::array::from_fn(|_| Vec::with_capacity(CHUNK_SAMPLES)),
            non_finite_samples: 0,
            non_finite_first_samples: None,
        }
    }

    fn take(&mut self, at: u64, channels: &[&[f32]], range: std::ops::Range<usize>) {
        for clean in &mut self.clean {
            // A channel the caller left out is silent.
            clean.clear();
            clean.resize(range.len(), 0.0);
        }
        for (clean, channel) in self.clean.iter_mut().zip(channels) {
            clean.copy_from_slice(&channel[range.clone()]);
            if reduce::all_finite(clean) {
                continue;
            }
            for (offset, sample) in clean.iter_mut().enumerate().filter(|(_, sample)| !sample.is_finite()) {
                *sample = 0.0;
                self.non_finite_samples += 1;
                let here = at + offset as u64;
                self.non_finite_first_samples =
                    Some(self.non_finite_first_samples.map_or(here, |first| first.min(here)));
            }
        }
        for ear in &mut self.ears {
            ear.clear();
            ear.resize(range.len(), 0.0);
        }
        let [left, right] = &mut self.ears;
        for (clean, channel) in self.clean.iter().zip(&self.layout.0) {
            let weight = channel.ear_weight();
            let add = |ear: &mut Vec<f32>| {
                for (mixed, sample) in ear.iter_mut().zip(clean) {
                    *mixed += weight * sample;
                }
            };
            match channel.reach() {
                Reach::Left => add(left),
                Reach::Right => add(right),
                Reach::Both => {
                    add(left);
                    add(right);
                }
            }
        }
        let clean: Vec<&[f32]> = self.clean.iter().map(Vec::as_slice).collect();
        self.loudness.push(at, &clean, &mut self.sections);
    }

    fn finish(self) -> SideLevels {
        SideLevels {
            non_finite_samples: self.non_finite_samples,
            non_finite_first_samples: self.non_finite_first_samples,
            ..self.loudness.finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{OCTAVES_HZ, Spectrogram};

    const RATE_HZ: u32 = 48_000;

    fn span(moments: [u64; 4]) -> CueSpan {
        CueSpan {
            cue: 0,
            listener: "drummer".into(),
            state: "collapse".into(),
            enter_begins_samples: moments[0],
            enter_ends_samples: moments[1],
            leave_begins_samples: moments[2],
            leave_ends_samples: moments[3],
        }
    }

    fn config(layout: &Layout, spans: Vec<CueSpan>, length_samples: Option<u64>) -> RecorderConfig {
        RecorderConfig {
            sample_rate_hz: RATE_HZ,
            source: layout.clone(),
            output: layout.clone(),
            spans,
            length_samples,
            worn: Vec::new(),
        }
    }

    fn sine(hz: f64, peak: f64, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|n| (peak * (std::f64::consts::TAU * hz * n as f64 / f64::from(RATE_HZ)).sin()) as f32)
            .collect()
    }

    /// A loud tone, 26 dB softer wholly inside (2-6 s of 10 s).
    fn cue_of_a_tone(block: usize, length_samples: Option<u64>) -> Measurements {
        let before = sine(1000.0, 0.5, 480_000);
        let span = span([96_000 - 480, 96_000, 288_000, 288_480]);
        let after: Vec<f32> = before
            .iter()
            .enumerate()
            .map(|(n, x)| if (95_520..288_480).contains(&n) { 0.05 * x } else { *x })
            .collect();
        let mut recorder = Recorder::new(config(&Layout::stereo(), vec![span], length_samples));
        for (x, y) in before.chunks(block).zip(after.chunks(block)) {
            recorder.push(&[x, x], &[y, y]);
        }
        recorder.finish()
    }

    #[test]
    fn outside_and_inside_are_measured_apart() {
        let m = cue_of_a_tone(4096, Some(480_000));
        // A 1 kHz sine of peak 0.5 in both channels of stereo: -6.02 dB FS, about -6 LUFS.
        let whole = m.before.whole.integrated_lufs.unwrap();
        assert!((whole + 6.02).abs() < 0.15, "{whole} LUFS");
        let inside = m.after.inside.integrated_lufs.unwrap();
        let outside = m.after.outside.integrated_lufs.unwrap();
        assert!((outside - whole).abs() < 0.05, "{outside} LUFS outside");
        assert!((inside - (whole - 26.02)).abs() < 0.05, "{inside} LUFS inside");
        assert!((m.after.inside.true_peak_dbtp.unwrap() + 32.04).abs() < 0.1);
        assert_eq!(m.after.inside.length_samples, 288_000 - 96_000);
        assert_eq!(m.after.outside.length_samples, 480_000 - (288_480 - 95_520));
        assert_eq!(m.after.whole.length_samples, 480_000);
        // In the octave of 1 kHz the cue takes 26 dB in both ears.
        let octave = OCTAVES_HZ.iter().position(|hz| *hz == 1000.0).unwrap();
        for ear in 0..2 {
            let before = m.spans[0].before_db_fs[ear][octave];
            assert!((before + 9.03).abs() < 0.1, "{before} dB FS");
            let change = m.spans[0].after_db_fs[ear][octave] - before;
            assert!((change + 26.02).abs() < 0.1, "{change} dB");
        }
    }

    #[test]
    fn what_another_listener_hears_over_a_cue_is_not_the_cues() {
        // One cue takes 40 dB, from 2 to 8 s; from 4 to 6 s another lies over it that takes nothing.
        let before = sine(1000.0, 0.5, 480_000);
        let beneath = span([96_000, 96_000, 384_000, 384_000]);
        let over = CueSpan { listener: "Ann".into(), ..span([192_000, 192_480, 287_520, 288_000]) };
        let soft = |n: usize| (96_000..192_000).contains(&n) || (288_000..384_000).contains(&n);
        let after: Vec<f32> = before.iter().enumerate().map(|(n, x)| if soft(n) { 0.01 * x } else { *x }).collect();
        let mut recorder = Recorder::new(config(&Layout::mono(), vec![beneath, over], Some(480_000)));
        recorder.push(&[&before], &[&after]);
        let m = recorder.finish();
        let octave = OCTAVES_HZ.iter().position(|hz| *hz == 1000.0).unwrap();
        for (span, db) in [(0, -40.0), (1, 0.0)] {
            let change = m.spans[span].after_db_fs[0][octave] - m.spans[span].before_db_fs[0][octave];
            assert!((change - db).abs() < 0.1, "cue {span}: {change} dB");
        }
    }

    #[test]
    fn the_tone_stands_at_its_place_in_the_spectrogram() {
        let m = cue_of_a_tone(1000, Some(480_000));
        let s = &m.spectrogram;
        let band = s.centres_hz.iter().position(|hz| *hz >= 1000.0).unwrap();
        let at = |secs: u64| usize::try_from(secs * 48_000 / s.column_samples).unwrap();
        let level = |side: &[Vec<Vec<f32>>; 2], column: usize| side[0][column][band - 1].max(side[0][column][band]);
        assert!((level(&s.before_db_fs, at(4)) + 9.0).abs() < 2.5);
        assert!((level(&s.after_db_fs, at(4)) + 35.0).abs() < 2.5);
        assert!((level(&s.after_db_fs, at(8)) + 9.0).abs() < 2.5);
        assert!(level(&s.before_db_fs, at(4)) - s.before_db_fs[0][at(4)][20] > 60.0, "nothing two octaves below");
    }

    #[test]
    fn neither_blocks_nor_a_wrong_length_change_what_is_measured() {
        let whole = cue_of_a_tone(480_000, Some(480_000));
        let blocks = cue_of_a_tone(777, Some(480_000));
        assert_eq!((&blocks.before, &blocks.after), (&whole.before, &whole.after));
        assert!(blocks.spectrogram == whole.spectrogram && blocks.spans == whole.spans);
        for (a, b) in blocks.waveform.after.iter().zip(&whole.waveform.after) {
            assert!(a.min == b.min && a.max == b.max && (a.rms - b.rms).abs() < 1e-5);
        }
        for length in [None, Some(1000), Some(1 << 40)] {
            let other = cue_of_a_tone(4096, length);
            assert_eq!((&other.before, &other.after), (&whole.before, &whole.after));
            assert!(other.waveform.before.len() <= COLUMNS && other.spectrogram.before_db_fs[0].len() <= COLUMNS);
            let inside = |m: &Measurements| m.spans[0].after_db_fs[0][4] - m.spans[0].before_db_fs[0][4];
            assert!((inside(&other) - inside(&whole)).abs() < 0.1);
        }
    }

    #[test]
    fn agrees_with_ebur128s_own_gating() {
        let mut state = 7_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        // Noise whose level wanders over 40 dB, so that both gates have something to do.
        let left: Vec<f32> = (0..120 * RATE_HZ)
            .map(|n| {
                let db = -25.0 + 20.0 * (n as f32 / RATE_HZ as f32 * 0.1).sin();
                noise() * 10.0_f32.powf(db / 20.0)
            })
            .collect();
        let right: Vec<f32> = left.iter().map(|x| 0.3 * x).collect();
        let mut recorder = Recorder::new(config(&Layout::stereo(), vec![], None));
        recorder.push(&[&left, &right], &[&left, &right]);
        let ours = recorder.finish().before.whole;
        let modes = ebur128::Mode::I | ebur128::Mode::LRA;
        let mut reference = ebur128::EbuR128::new(2, RATE_HZ, modes).unwrap();
        reference.add_frames_planar_f32(&[&left, &right]).unwrap();
        let apart = ours.integrated_lufs.unwrap() - reference.loudness_global().unwrap();
        assert!(apart.abs() < 0.02, "integrated {apart} LU apart");
        let apart = ours.range_lu.unwrap() - reference.loudness_range().unwrap();
        assert!(apart.abs() < 0.5, "range {apart} LU apart");
    }

    #[test]
    fn impossible_samples_are_counted_and_do_no_harm() {
        let mut sound = sine(500.0, 0.25, 96_000);
        sound[1000] = f32::NAN;
        sound[2000] = f32::INFINITY;
        sound[3000] = 1.5;
        let mut recorder = Recorder::new(config(&Layout::mono(), vec![], None));
        recorder.push(&[&sound], &[&sound]);
        let m = recorder.finish();
        assert_eq!((m.before.non_finite_samples, m.before.non_finite_first_samples), (2, Some(1000)));
        assert_eq!((m.before.over_samples, m.before.highest_at_samples), (1, 3000));
        assert!(m.spectrogram.before_db_fs.iter().flatten().flatten().all(|level| level.is_finite()));
        assert!(
            m.waveform.before.iter().all(|peak| peak.min.is_finite() && peak.max.is_finite() && peak.rms.is_finite())
        );
    }

    #[test]
    fn silence_and_the_shortest_sounds_have_measurements() {
        for length in [0, 1, 100, 5000, 96_000] {
            let silence = vec![0.0; length];
            let layout = Layout::surround_7_1();
            let channels = vec![silence.as_slice(); layout.channels()];
            let mut recorder = Recorder::new(config(&layout, vec![span([0, 10, 20, 30])], Some(length as u64)));
            recorder.push(&channels, &channels);
            let m = recorder.finish();
            assert_eq!(m.length_samples, length as u64);
            assert_eq!(m.before.whole.integrated_lufs, None);
            assert!(
                m.spectrogram.after_db_fs.iter().flatten().flatten().all(|level| *level == Spectrogram::FLOOR_DB_FS)
            );
        }
    }

    #[test]
    fn every_rate_is_measured() {
        for rate in [8000, 11_025, 16_000, 22_050, 44_100, 88_200, 96_000, 192_000] {
            let sound: Vec<f32> = (0..rate * 4)
                .map(|n| (std::f64::consts::TAU * 1000.0 * f64::from(n) / f64::from(rate)).sin() as f32 * 0.1)
                .collect();
            let mut recorder =
                Recorder::new(RecorderConfig { sample_rate_hz: rate, ..config(&Layout::mono(), vec![], None) });
            recorder.push(&[&sound], &[&sound]);
            let m = recorder.finish();
            // -20 dB FS peak at 1 kHz in one channel: -23 LUFS.
            let lufs = m.before.whole.integrated_lufs.unwrap();
            assert!((lufs + 23.03).abs() < 0.2, "{lufs} LUFS at {rate} Hz");
        }
    }
}
