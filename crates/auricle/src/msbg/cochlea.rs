//! Steps 4 to 7: the impaired cochlea. Bands, their envelopes, the expansion, and their sum.
//!
//! Each group of [`LANES`] bands goes over the whole sound in chunks. The envelope's low-pass runs
//! backwards too; its memory is short, so that what it remembers at the end of some chunks is known from
//! those that follow, instead of from the end of the sound, and what is held at once does not grow with
//! the sound:
//!
//! ```text
//! forward:  gammatone, high-pass, |x|, low-pass ──────────────►│
//! backward:          │◄── low-pass, expansion ──│◄── memory ───│
//!                    └──── chunks made ─────────┘
//! ```

use super::bank::{Band, Bank};
use super::envelope::{LowPass, PAD_SAMPLES};
use super::expansion::{CATCH_UP_DB_SPL, LEAST_ENVELOPE, growth};
use super::kernel::{self, CHUNK, Coeffs, ForwardState, LANES, Lanes, LowPassState};
use super::{bank, position};

/// Least and most chunks that are made in one go backwards: long beside what the low-pass remembers, and
/// both together no more than a second-level cache holds.
const STRIDE_CHUNKS: (usize, usize) = (8, 12);
/// What may be left of sound that the low-pass's memory leaves out.
const REMAINDER: f64 = 1e-11;

/// The cochlea of one ear.
pub(super) struct Cochlea {
    groups: Vec<Group>,
    /// Gain that makes the sum of all bands as loud as the input.
    pub(super) recombination_gain: f64,
}

/// [`LANES`] bands; those that a last group lacks are silent.
struct Group {
    coeffs: Coeffs,
    /// Samples by which each band's output is moved forward.
    advance_samples: [usize; LANES],
    /// Chunks after which the backward filter has forgotten what was before.
    memory_chunks: usize,
}

impl Cochlea {
    /// For a bank and thresholds, `(Hz, dB HL)`; an amplitude of 1 RMS is `full_scale_db_spl`.
    pub(super) fn new(bank: &Bank, thresholds: &[(f64, f64)], full_scale_db_spl: f64, sample_rate_hz: f64) -> Self {
        let bands = bank.bands(sample_rate_hz);
        let groups = bands.chunks(LANES).map(|bands| Group::new(bands, thresholds, full_scale_db_spl, sample_rate_hz));
        Self { groups: groups.collect(), recombination_gain: libm::pow(10.0, -bank.recombination_db / 20.0) }
    }

    /// The sum of all bands of `sound` after expansion, as long as that; [`Self::recombination_gain`] is
    /// left to whoever comes next.
    pub(super) fn hear(&self, sound: &[f64]) -> Vec<f64> {
        let mut heard = vec![0.0; sound.len()];
        for group in &self.groups {
            group.hear(sound, &mut heard);
        }
        heard
    }
}

impl Group {
    fn new(bands: &[Band], thresholds: &[(f64, f64)], full_scale_db_spl: f64, sample_rate_hz: f64) -> Self {
        let low_passes: Vec<LowPass> = bands
            .iter()
            .map(|band| LowPass::elliptic(0.75 * bank::erb_hz(band.centre_hz).min(100.0), sample_rate_hz))
            .collect();
        let of_band = |f: &dyn Fn(&Band, &LowPass) -> f64| -> Lanes {
            std::array::from_fn(|lane| bands.get(lane).map_or(0.0, |band| f(band, &low_passes[lane])))
        };
        let exponents: Vec<f64> =
            bands.iter().map(|band| growth(position::interpolate(thresholds, band.centre_hz)) - 1.0).collect();
        let catch_up = libm::pow(10.0, (CATCH_UP_DB_SPL - full_scale_db_spl) / 20.0);
        let memory_samples = low_passes.iter().map(|low_pass| low_pass.memory_samples(REMAINDER)).max().unwrap_or(0);
        let memory_chunks = memory_samples.div_ceil(CHUNK);
        // Filters run with b0 = 1; what they lack is made good here. Bands that are not there have an
        // envelope that never moves.
        let lacking: Lanes = std::array::from_fn(|lane| {
            bands.get(lane).map_or(1.0, |band| band.gain * low_passes[lane].gain * low_passes[lane].gain)
        });
        let of_lane = |f: &dyn Fn(usize) -> f64, absent: f64| -> Lanes {
            std::array::from_fn(|lane| if lane < bands.len() { f(lane) } else { absent })
        };
        let greatest = of_lane(&|lane| catch_up / lacking[lane], 1.0);
        let series: Vec<_> = exponents.iter().map(|exponent| kernel::binomial_series(*exponent)).collect();
        let mut coeffs = Coeffs {
            zero: of_band(&|band, _| -band.zero),
            poles: [0, 1].map(|i| of_band(&|band, _| -band.poles[i])),
            high_pass_zeros: [0, 1].map(|i| of_band(&|band, _| band.high_pass_zeros[i])),
            high_pass_poles: [0, 1].map(|i| of_band(&|band, _| -band.high_pass_poles[i])),
            envelope_zero: of_band(&|_, low_pass| low_pass.zero),
            envelope_poles: [0, 1].map(|i| of_band(&|_, low_pass| -low_pass.poles[i])),
            envelope_steady: of_band(&|_, low_pass| low_pass.steady()),
            bounds: [of_lane(&|lane| LEAST_ENVELOPE / lacking[lane], 1.0), greatest],
            gain_log2: of_lane(
                &|lane| libm::log2(bands[lane].gain) - exponents[lane] * libm::log2(greatest[lane]),
                -1000.0,
            ),
            exponent: of_lane(&|lane| exponents[lane], 0.0),
            series: std::array::from_fn(|k| of_lane(&|lane| series[lane].0[k], 0.0)),
            series_reach: series.iter().fold(f64::INFINITY, |least, series| least.min(series.1)),
            response: Vec::new(),
        };
        coeffs.response = response(&coeffs, memory_chunks * CHUNK);
        Self {
            coeffs,
            advance_samples: std::array::from_fn(|lane| bands.get(lane).map_or(0, |band| band.advance_samples)),
            memory_chunks,
        }
    }

    /// Adds this group's bands of `sound` to `heard`, which is as long.
    fn hear(&self, sound: &[f64], heard: &mut [f64]) {
        // Where nothing is lost, loudness grows as it should whatever the envelope.
        if self.coeffs.exponent.iter().all(|exponent| *exponent == 0.0) {
            self.pass(sound, heard);
        } else {
            self.expand(sound, heard);
        }
    }

    /// [`Self::hear`] without expansion.
    fn pass(&self, sound: &[f64], heard: &mut [f64]) {
        let mut forward = Forward::new(self, sound);
        let mut bands = vec![[0.0; LANES]; CHUNK];
        let mut levels = bands.clone();
        for (chunk, heard) in heard.chunks_mut(CHUNK).enumerate() {
            let samples = heard.len();
            forward.run(chunk * CHUNK, &mut bands[..samples], &mut levels[..samples]);
            kernel::sum(&self.coeffs, &bands[..samples], heard);
        }
    }

    /// [`Self::hear`] with expansion.
    fn expand(&self, sound: &[f64], heard: &mut [f64]) {
        let length = sound.len();
        let chunks = length.div_ceil(CHUNK);
        let stride = self.memory_chunks.clamp(STRIDE_CHUNKS.0, STRIDE_CHUNKS.1);
        let slots = stride + self.memory_chunks;
        // `[slot][sample]`: chunk c is in slot c % slots.
        let mut bands = vec![vec![[0.0; LANES]; CHUNK]; slots];
        let mut levels = bands.clone();
        let mut forward = Forward::new(self, sound);
        let mut made = 0;
        for first in (0..chunks).step_by(stride) {
            let end = chunks.min(first + slots);
            for chunk in made..end {
                let samples = CHUNK.min(length - chunk * CHUNK);
                let slot = chunk % slots;
                forward.run(chunk * CHUNK, &mut bands[slot][..samples], &mut levels[slot][..samples]);
            }
            made = end;
            let wanted = chunks.min(first + stride);
            let samples_of = |chunk: usize| CHUNK.min(length - chunk * CHUNK);
            let mut back = if end == chunks {
                let last = |n: usize| bands[n / CHUNK % slots][n % CHUNK].map(f64::abs);
                let mut back = self.turn_round(&mut { forward.state }, &std::array::from_fn(|i| last(length - 1 - i)));
                for chunk in (wanted..end).rev() {
                    kernel::warm_up(&self.coeffs, &mut back, &levels[chunk % slots][..samples_of(chunk)]);
                }
                back
            } else {
                let mut output = [[0.0; LANES]; 2];
                for (chunk, response) in (wanted..end).zip(self.coeffs.response.windows(CHUNK + 1).step_by(CHUNK)) {
                    kernel::remember(response, &levels[chunk % slots], &mut output);
                }
                let next = &levels[wanted % slots];
                LowPassState::after([next[0], next[1]], output)
            };
            for chunk in (first..wanted).rev() {
                let (samples, slot) = (samples_of(chunk), chunk % slots);
                let to = &mut heard[chunk * CHUNK..][..samples];
                kernel::expand(&self.coeffs, &mut back, &bands[slot][..samples], &levels[slot][..samples], to);
            }
        }
    }

    /// The backward filter at the sound's end: the forward one goes on over the mirror image of `last`,
    /// the last magnitudes, latest first; back from there.
    fn turn_round(&self, forward: &mut ForwardState, last: &[Lanes; PAD_SAMPLES + 1]) -> LowPassState {
        let levels: [Lanes; PAD_SAMPLES] = std::array::from_fn(|i| {
            let mirrored = std::array::from_fn(|lane| 2.0 * last[0][lane] - last[i + 1][lane]);
            forward.low_pass().sample(&self.coeffs, &mirrored)
        });
        let mut back = LowPassState::steady(&self.coeffs, &levels[PAD_SAMPLES - 1]);
        for level in levels.iter().rev() {
            back.sample(&self.coeffs, level);
        }
        back
    }
}

/// [`Coeffs::response`] over `length_samples`.
fn response(coeffs: &Coeffs, length_samples: usize) -> Vec<Lanes> {
    let mut state = LowPassState::after([[0.0; LANES]; 2], [[0.0; LANES]; 2]);
    let mut response = vec![[0.0; LANES]];
    response.extend((0..length_samples).map(|n| state.sample(coeffs, &[f64::from(u8::from(n == 0)); LANES])));
    response
}

/// The forward half of a group on its way through a sound.
struct Forward<'a> {
    group: &'a Group,
    sound: &'a [f64],
    state: ForwardState,
    inputs: Vec<Lanes>,
}

impl<'a> Forward<'a> {
    /// At the sound's beginning, the low-pass having come over the mirror image of the first samples.
    fn new(group: &'a Group, sound: &'a [f64]) -> Self {
        let coeffs = &group.coeffs;
        let mut begin = Self { group, sound, state: ForwardState::default(), inputs: vec![[0.0; LANES]; CHUNK] };
        // A band that is moved forward by n samples has heard the first n when the output begins.
        for n in 0..group.advance_samples.iter().copied().max().unwrap_or(0) {
            let longest = group.advance_samples[0];
            let input = std::array::from_fn(|lane| {
                let late = longest - group.advance_samples[lane];
                n.checked_sub(late).and_then(|n| sound.get(n)).copied().unwrap_or(0.0)
            });
            begin.state.gammatone(coeffs, &input);
        }
        let mut ahead = begin.state;
        let first: [Lanes; PAD_SAMPLES + 1] = std::array::from_fn(|n| {
            let band = ahead.gammatone(coeffs, &begin.input(n));
            let ends = begin.ends();
            let moved = std::array::from_fn(|lane| if n < ends[lane] { band[lane] } else { 0.0 });
            ahead.high_pass(coeffs, &moved).map(f64::abs)
        });
        let mirrored = |n: usize| -> Lanes { std::array::from_fn(|lane| 2.0 * first[0][lane] - first[n][lane]) };
        let low_pass = begin.state.low_pass();
        *low_pass = LowPassState::steady(coeffs, &mirrored(PAD_SAMPLES));
        for n in (1..=PAD_SAMPLES).rev() {
            low_pass.sample(coeffs, &mirrored(n));
        }
        begin
    }

    /// Input of every band for sample `n` of the output; silence after the sound's end.
    fn input(&self, n: usize) -> Lanes {
        self.group.advance_samples.map(|advance| self.sound.get(n + advance).copied().unwrap_or(0.0))
    }

    /// Where each band's output ends; what follows is silence, not what rings on.
    fn ends(&self) -> [usize; LANES] {
        self.group.advance_samples.map(|advance| self.sound.len().saturating_sub(advance))
    }

    /// From sample `from` on: the bands' outputs and their low-passed magnitudes, `[sample]`.
    fn run(&mut self, from: usize, bands: &mut [Lanes], levels: &mut [Lanes]) {
        let samples = bands.len();
        let ends = self.ends();
        let whole = ends.iter().all(|end| from + samples <= *end);
        let inputs = &mut self.inputs[..samples];
        if whole {
            let of_lane = self.group.advance_samples.map(|advance| &self.sound[from + advance..][..samples]);
            for (n, input) in inputs.iter_mut().enumerate() {
                *input = std::array::from_fn(|lane| of_lane[lane][n]);
            }
        } else {
            for (n, input) in inputs.iter_mut().enumerate() {
                *input = self
                    .group
                    .advance_samples
                    .map(|advance| self.sound.get(from + n + advance).copied().unwrap_or(0.0));
            }
        }
        let ends = ends.map(|end| end.saturating_sub(from) as f64);
        kernel::forward(&self.group.coeffs, &mut self.state, inputs, &ends, bands, levels);
    }
}
