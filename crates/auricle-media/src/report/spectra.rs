//! Spectra along time, and by cue: long frames, few of them.
//!
//! Frames of 85 ms (a power of two of samples) under a Hann window are taken at most one frame length
//! apart, so that every sample counts, and as close as the columns of a short film ask. Each spectrum
//! is folded into bands of equal width on the ERB-number scale (Glasberg & Moore 1990) for the
//! picture, and into octaves for the cues.

use std::ops::Range;
use std::sync::Arc;

use auricle::cue::{CueSpan, uncovered};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::columns::{Columns, Merge};
use super::measurements::{OCTAVES_HZ, SpanLevels, Spectrogram};

/// Bands of the picture.
const BANDS: usize = 128;
/// Lowest band, Hz.
const LOWEST_HZ: f64 = 50.0;
/// Highest band, Hz; lower where the sample rate is.
const HIGHEST_HZ: f64 = 16_000.0;
/// Length of a frame, seconds; rounded up to a power of two of samples.
const FRAME_SECS: f64 = 0.064;
/// Left before, right before, left after, right after.
const SIGNALS: usize = 4;

type OctavePowers = [f64; OCTAVES_HZ.len()];
/// One frame's power by band and by octave.
type Folded = ([f32; BANDS], OctavePowers);

/// ERB number (Glasberg & Moore 1990, equation 4), in Cams.
fn erb_number(hz: f64) -> f64 {
    21.4 * (0.004_37 * hz + 1.0).log10()
}

fn erb_number_to_hz(cams: f64) -> f64 {
    (10.0_f64.powf(cams / 21.4) - 1.0) / 0.004_37
}

fn to_db(power: f64) -> f32 {
    if power > 0.0 {
        (10.0 * power.log10()).max(f64::from(Spectrogram::FLOOR_DB_FS)) as f32
    } else {
        Spectrogram::FLOOR_DB_FS
    }
}

/// Power sums of one column.
struct Column {
    frames: u32,
    /// `[signal][band]`.
    powers: Box<[[f32; BANDS]; SIGNALS]>,
}

impl Default for Column {
    fn default() -> Self {
        Self { frames: 0, powers: Box::new([[0.0; BANDS]; SIGNALS]) }
    }
}

impl Merge for Column {
    fn merge(&mut self, next: &Self) {
        self.frames += next.frames;
        for (sums, others) in self.powers.iter_mut().zip(next.powers.iter()) {
            for (sum, other) in sums.iter_mut().zip(others) {
                *sum += other;
            }
        }
    }
}

/// Power sums of one cue.
#[derive(Default, Clone)]
struct CuePowers {
    frames: u64,
    /// `[signal][octave]`.
    powers: [OctavePowers; SIGNALS],
}

/// What is heard of a cue while wholly inside, samples.
struct Stretch {
    begins: u64,
    ends: u64,
    /// Without what other listeners' cues lie over; ascending.
    heard: Vec<Range<u64>>,
    /// Of frames that lie within what is heard to their last sample.
    whole_frames: CuePowers,
    /// Of frames with their middle in it: all that a short cue has.
    other_frames: CuePowers,
}

impl Stretch {
    fn powers(&self) -> &CuePowers {
        if self.whole_frames.frames > 0 { &self.whole_frames } else { &self.other_frames }
    }
}

/// Turns four signals into spectra.
pub(super) struct Spectra {
    columns: Columns<Column>,
    stretches: Vec<Stretch>,
    /// The first stretch that is not over; stretches are looked at from here on.
    first_stretch: usize,
    /// Indices of `stretches` in order of their beginnings.
    order: Vec<usize>,
    longest_hop: u64,
    shortest_hop: u64,
    frame_samples: usize,
    window: Vec<f32>,
    /// Mean square of a bin: this times the squared magnitude.
    scale: f32,
    fft: Arc<dyn RealToComplex<f32>>,
    scratch: Vec<Complex<f32>>,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    power: Vec<f32>,
    /// `(first bin, weights)` of each band.
    bands: Vec<(usize, Vec<f32>)>,
    centres_hz: Vec<f32>,
    /// Bins of each octave.
    octaves: Vec<Range<usize>>,
    /// Samples not yet done with, `[signal][sample]`.
    pending: [Vec<f32>; SIGNALS],
    /// Sample at the front of `pending`; negative before the start.
    pending_begins: i64,
    next_centre: u64,
}

impl Spectra {
    /// `limit` columns at most; `column_samples` each to begin with.
    pub(super) fn new(sample_rate_hz: u32, spans: &[CueSpan], limit: usize, column_samples: u64) -> Self {
        let rate = f64::from(sample_rate_hz);
        let frame_samples = ((rate * FRAME_SECS) as usize).next_power_of_two().max(64);
        let window: Vec<f32> = (0..frame_samples)
            .map(|n| {
                let phase = std::f64::consts::TAU * (n as f64 + 0.5) / frame_samples as f64;
                (0.5 - 0.5 * phase.cos()) as f32
            })
            .collect();
        let window_power: f64 = window.iter().map(|w| f64::from(*w).powi(2)).sum();
        let bin_hz = rate / frame_samples as f64;
        let (centres_hz, bands) = bands(rate, bin_hz);
        let bins = frame_samples / 2 + 1;
        let octaves = OCTAVES_HZ
            .iter()
            .map(|centre| {
                let edge = |hz: f64| ((hz / bin_hz).round() as usize).min(bins);
                edge(centre * std::f64::consts::FRAC_1_SQRT_2)..edge(centre * std::f64::consts::SQRT_2)
            })
            .collect();
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(frame_samples);
        let stretches: Vec<Stretch> = spans
            .iter()
            .enumerate()
            .map(|(index, span)| {
                // A cue that is never wholly inside is measured over all of itself.
                let (begins, ends) = if span.leave_begins_samples > span.enter_ends_samples {
                    (span.enter_ends_samples, span.leave_begins_samples)
                } else {
                    (span.enter_begins_samples, span.leave_ends_samples)
                };
                let heard = uncovered(spans, index, begins..ends);
                Stretch { begins, ends, heard, whole_frames: CuePowers::default(), other_frames: CuePowers::default() }
            })
            .collect();
        let mut order: Vec<usize> = (0..stretches.len()).collect();
        order.sort_by_key(|index| stretches[*index].begins);
        let shortest_hop = (frame_samples / 8) as u64;
        let half = (frame_samples / 2) as i64;
        let mut spectra = Self {
            columns: Columns::new(limit, column_samples.max(shortest_hop)),
            stretches,
            first_stretch: 0,
            order,
            longest_hop: frame_samples as u64,
            shortest_hop,
            frame_samples,
            window,
            scale: (2.0 / (frame_samples as f64 * window_power)) as f32,
            scratch: fft.make_scratch_vec(),
            frame: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            fft,
            power: vec![0.0; bins],
            bands,
            centres_hz,
            octaves,
            // The first frame reaches back to before the start, where there is silence.
            pending: std::array::from_fn(|_| vec![0.0; frame_samples / 2]),
            pending_begins: -half,
            next_centre: 0,
        };
        spectra.next_centre = spectra.hop() / 2;
        spectra
    }

    fn hop(&self) -> u64 {
        self.columns.column_samples.clamp(self.shortest_hop, self.longest_hop)
    }

    /// Takes the next samples of the four signals, all of one length.
    pub(super) fn push(&mut self, signals: [&[f32]; SIGNALS]) {
        for (pending, signal) in self.pending.iter_mut().zip(signals) {
            pending.extend_from_slice(signal);
        }
        let half = self.frame_samples as i64 / 2;
        let ends = self.pending_begins + self.pending[0].len() as i64;
        while self.next_centre as i64 + half <= ends {
            self.take_frame(self.next_centre);
            self.next_centre += self.hop();
        }
        let done = (self.next_centre as i64 - half - self.pending_begins).max(0);
        let done = usize::try_from(done).unwrap_or(0).min(self.pending[0].len());
        for pending in &mut self.pending {
            pending.drain(..done);
        }
        self.pending_begins += done as i64;
    }

    fn take_frame(&mut self, centre: u64) {
        let from = (centre as i64 - self.frame_samples as i64 / 2 - self.pending_begins) as usize;
        while let Some(index) = self.order.get(self.first_stretch) {
            if self.stretches[*index].ends > centre {
                break;
            }
            self.first_stretch += 1;
        }
        let inside: Vec<usize> = self.order[self.first_stretch..]
            .iter()
            .copied()
            .take_while(|index| self.stretches[*index].begins <= centre)
            .filter(|index| self.stretches[*index].ends > centre)
            .collect();
        let mut folded: [Folded; SIGNALS] = [([0.0; BANDS], [0.0; OCTAVES_HZ.len()]); SIGNALS];
        for signal in 0..SIGNALS {
            let frame = from..from + self.frame_samples;
            let samples = &self.pending[signal][frame.clone()];
            // Outside, the render is the source; in mono, both ears hear the same.
            if let Some(same) = (0..signal).find(|other| self.pending[*other][frame.clone()] == *samples) {
                folded[signal] = folded[same];
                continue;
            }
            for ((x, sample), w) in self.frame.iter_mut().zip(samples).zip(&self.window) {
                *x = sample * w;
            }
            // Fails only for buffers of a wrong length, and these come from the plan itself.
            if self.fft.process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch).is_err() {
                return;
            }
            for (power, bin) in self.power.iter_mut().zip(&self.spectrum) {
                *power = bin.norm_sqr() * self.scale;
            }
            let (bands, octaves) = &mut folded[signal];
            for (sum, (first, weights)) in bands.iter_mut().zip(&self.bands) {
                *sum = self.power[*first..].iter().zip(weights).map(|(power, weight)| power * weight).sum();
            }
            for (octave, bins) in octaves.iter_mut().zip(&self.octaves) {
                *octave = f64::from(self.power[bins.clone()].iter().sum::<f32>());
            }
        }
        self.add(centre, &folded, &inside);
    }

    fn add(&mut self, centre: u64, folded: &[Folded; SIGNALS], inside: &[usize]) {
        let reach = self.frame_samples as u64 / 2;
        let (column, _) = self.columns.at(centre);
        column.frames += 1;
        for (sums, (bands, _)) in column.powers.iter_mut().zip(folded) {
            for (sum, band) in sums.iter_mut().zip(bands) {
                *sum += band;
            }
        }
        for index in inside {
            let stretch = &mut self.stretches[*index];
            let next = stretch.heard.partition_point(|heard| heard.end <= centre);
            let Some(heard) = stretch.heard.get(next).filter(|heard| heard.start <= centre) else { continue };
            let within = centre >= heard.start + reach && centre + reach <= heard.end;
            let cue = if within { &mut stretch.whole_frames } else { &mut stretch.other_frames };
            cue.frames += 1;
            for (sums, (_, octaves)) in cue.powers.iter_mut().zip(folded) {
                for (sum, octave) in sums.iter_mut().zip(octaves) {
                    *sum += octave;
                }
            }
        }
    }

    /// The pictures and the cues' levels; silence stands after the last sample.
    pub(super) fn finish(mut self, length_samples: u64) -> (Spectrogram, Vec<SpanLevels>) {
        let silence = vec![0.0; self.frame_samples / 2];
        while self.next_centre < length_samples {
            self.push([&silence; SIGNALS]);
            if self.pending_begins > length_samples as i64 {
                break;
            }
        }
        // Frames centred beyond the end would make a column of silence.
        let columns = usize::try_from(length_samples.div_ceil(self.columns.column_samples)).unwrap_or(usize::MAX);
        self.columns.entries.truncate(columns);
        let side = |signal: usize| -> Vec<Vec<f32>> {
            self.columns
                .entries
                .iter()
                .map(|column| {
                    let frames = f64::from(column.frames.max(1));
                    column.powers[signal].iter().map(|power| to_db(f64::from(*power) / frames)).collect()
                })
                .collect()
        };
        let spans = self
            .stretches
            .iter()
            .map(|stretch| {
                let cue = stretch.powers();
                let level = |signal: usize| cue.powers[signal].map(|power| to_db(power / cue.frames.max(1) as f64));
                SpanLevels { frames: cue.frames, before_db_fs: [level(0), level(1)], after_db_fs: [level(2), level(3)] }
            })
            .collect();
        let spectrogram = Spectrogram {
            column_samples: self.columns.column_samples,
            centres_hz: self.centres_hz.clone(),
            before_db_fs: [side(0), side(1)],
            after_db_fs: [side(2), side(3)],
        };
        (spectrogram, spans)
    }
}

/// Centres of the bands in Hz, and for each its first bin and weights: triangles on the ERB-number
/// scale that reach to the neighbours' centres, at low frequencies at least one bin to either side.
fn bands(rate_hz: f64, bin_hz: f64) -> (Vec<f32>, Vec<(usize, Vec<f32>)>) {
    let highest_hz = HIGHEST_HZ.min(rate_hz * 0.5 * 0.95);
    let (low, high) = (erb_number(LOWEST_HZ), erb_number(highest_hz));
    let spacing = (high - low) / (BANDS - 1) as f64;
    let bins = (rate_hz / bin_hz / 2.0) as usize;
    (0..BANDS)
        .map(|band| {
            let cams = low + spacing * band as f64;
            let centre_hz = erb_number_to_hz(cams);
            let below_hz = (centre_hz - erb_number_to_hz(cams - spacing)).max(bin_hz);
            let above_hz = (erb_number_to_hz(cams + spacing) - centre_hz).max(bin_hz);
            let first = ((centre_hz - below_hz) / bin_hz).ceil().max(0.0) as usize;
            let last = (((centre_hz + above_hz) / bin_hz).floor() as usize).min(bins);
            let weights = (first..=last)
                .map(|bin| {
                    let offset_hz = bin as f64 * bin_hz - centre_hz;
                    let reach_hz = if offset_hz < 0.0 { below_hz } else { above_hz };
                    (1.0 - offset_hz.abs() / reach_hz).max(0.0) as f32
                })
                .collect();
            (centre_hz as f32, (first, weights))
        })
        .unzip()
}
