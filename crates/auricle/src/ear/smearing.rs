//! Broader auditory filters: spectral smearing.
//!
//! Baer & Moore's idea (1993): an impaired ear's excitation pattern is what a healthy ear would get from
//! a spectrum smeared beforehand. Each frame's power spectrum is replaced by a weighted mean over the
//! place's broader filter; phases are kept. Rows are built by place, never by source (a source-based
//! kernel would leak into better places), and columns add up to one, so that no power is pushed upward.

use std::sync::Arc;

use multiversion::{multiversion, target::target_cfg_f};
use realfft::num_complex::Complex64;

use super::Blend;
use super::design::EarDesign;
use super::steady_tone::{COMPONENTS, OFFSETS};
use crate::dsp::fft::Spectrum;
use crate::dsp::math::madd;
use crate::dsp::stft::{self, Stft};
use crate::dsp::{Aligned, LANES, erb};
use crate::listener;

/// Kates: loss of outer hair cells beyond which filters do not broaden further, dB.
const WIDEST_LOSS_DB: f64 = 50.0;
/// Broadening below which a place counts as sharp.
const SHARP: f64 = 1.001;
/// How much broader than healthy a filter is after `loss_db` of outer hair cell loss (Kates):
/// 1 + H/50 + 2 (H/50)^6, H up to 50 dB.
pub fn broadening(loss_db: f64) -> f64 {
    let h = loss_db.clamp(0.0, WIDEST_LOSS_DB) / WIDEST_LOSS_DB;
    1.0 + h + 2.0 * h.powi(6)
}

/// Places, and sources, that a matrix has room for: seven registers of sums.
const PLACES: usize = 7 * LANES;
/// Sources whose shares are added up apart from each other: each addition waits for the one before.
const APART: usize = 4;
/// Where those sums begin, 300 dB under full scale: what is fainter would be denormal.
const NOTHING: f32 = 1e-30;
/// Frequencies above this stay as they are: there the cochlea's bands end.
const HIGHEST_HZ: f64 = 17_500.0;
/// Entries below this are left out: -90 dB of a bin's power.
const FAINTEST: f64 = 1e-9;

/// Power from each frequency to each place.
#[derive(Debug, Clone)]
pub struct SmearMatrix {
    /// For each register of places the sources that it has something of; most have nothing of most.
    blocks: Vec<Block>,
}

/// What [`LANES`] places get from a stretch of sources.
#[derive(Debug, Clone)]
struct Block {
    first_source: usize,
    /// `[pair of sources][place]`, a multiple of [`APART`] sources, rounded to 8 bits (0.01 dB): so that the matrix leaves
    /// room in the fastest cache. Of a pair the first stands in the upper half.
    shares: Vec<Aligned<[u32; LANES]>>,
}

/// A share as it is kept: the upper half of its bits, rounded.
fn rounded(share: f64) -> u32 {
    ((share as f32).to_bits() + 0x8000) >> 16
}

/// Both shares of a pair.
#[inline(always)]
fn shares(pair: u32) -> [f32; 2] {
    [f32::from_bits(pair & 0xffff_0000), f32::from_bits(pair << 16)]
}

/// Bins of a frame that are smeared.
fn smeared_bins(sample_rate_hz: u32) -> usize {
    let frame = stft::frame_samples(sample_rate_hz);
    let highest = (HIGHEST_HZ * frame as f64 / f64::from(sample_rate_hz)) as usize + 1;
    // Half the sample rate itself carries no sound and is left as it is.
    highest.min(frame / 2).min(PLACES)
}

/// Frequencies of a matrix's places at a sample rate, Hz.
pub(super) fn places_hz(sample_rate_hz: u32) -> Vec<f64> {
    let step_hz = f64::from(sample_rate_hz) / stft::frame_samples(sample_rate_hz) as f64;
    (0..smeared_bins(sample_rate_hz)).map(|bin| bin as f64 * step_hz).collect()
}

/// How much broader than healthy the filter of each place is, where `loss_db_hl` gives the sensorineural loss by
/// frequency in Hz.
pub(super) fn broadenings(
    sample_rate_hz: u32,
    smearing: listener::Smearing,
    loss_db_hl: impl Fn(f64) -> f64,
) -> Vec<f64> {
    let of_place = |hz: f64| match smearing {
        listener::Smearing::Off => 1.0,
        listener::Smearing::Broadening(factor) => factor,
        listener::Smearing::FromLoss => broadening(loss_db_hl(hz.max(20.0))),
    };
    places_hz(sample_rate_hz).into_iter().map(of_place).collect()
}

impl SmearMatrix {
    /// For a rate, with filters `widths` times as broad as healthy ones at `places_hz`; `None` where none is
    /// broader.
    pub fn design(sample_rate_hz: u32, widths: &[f64]) -> Option<Self> {
        let places = places_hz(sample_rate_hz);
        let bins = places.len();
        let hz = |bin: usize| places[bin];
        if widths.iter().all(|width| *width < SHARP) {
            return None;
        }
        // Rows by place: rounded exponentials (1+g) e^-g of unit area, as wide as the extra width.
        let mut rows = vec![0.0; bins * bins];
        for (i, row) in rows.chunks_exact_mut(bins).enumerate() {
            if widths[i] < SHARP {
                row[i] = 1.0;
                continue;
            }
            let scale = 4.0 / (erb::bandwidth_hz(hz(i)) * 2.0 * (widths[i] - 1.0));
            for (j, entry) in row.iter_mut().enumerate() {
                let g = scale * (hz(j) - hz(i)).abs();
                *entry = (1.0 + g) * libm::exp(-g);
            }
            let area: f64 = row.iter().sum();
            row.iter_mut().for_each(|entry| *entry /= area);
        }
        // Columns, by source, to unit sum; no denormal numbers among the faint entries.
        for j in 0..bins {
            let sum: f64 = (0..bins).map(|i| rows[i * bins + j]).sum();
            for i in 0..bins {
                let share = rows[i * bins + j] / sum;
                rows[i * bins + j] = if share < FAINTEST { 0.0 } else { share };
            }
        }
        let entry = |i: usize, j: usize| if i < bins && j < bins { rounded(rows[i * bins + j]) } else { 0 };
        let block = |places: usize| {
            let heard = |j: &usize| (0..LANES).any(|lane| entry(places + lane, *j) != 0);
            let first_source = (0..bins).find(heard).unwrap_or(0);
            let end = (0..bins).rfind(heard).map_or(first_source, |last| last + 1);
            let end = first_source + (end - first_source).next_multiple_of(APART);
            let pair = |j: usize| {
                Aligned(std::array::from_fn(|lane| (entry(places + lane, j) << 16) | entry(places + lane, j + 1)))
            };
            Block { first_source, shares: (first_source..end).step_by(2).map(pair).collect() }
        };
        Some(Self { blocks: (0..bins).step_by(LANES).map(block).collect() })
    }

    /// Share of `source` that place `place` gets.
    fn entry(&self, place: usize, source: usize) -> f64 {
        let pair = |block: &Block| {
            let number = source.checked_sub(block.first_source)?;
            Some(f64::from(shares(block.shares.get(number / 2)?[place % LANES])[number % 2]))
        };
        self.blocks.get(place / LANES).and_then(pair).unwrap_or(0.0)
    }

    /// What a steady tone of power 1 becomes: powers at the tone's frequency plus [`OFFSETS`] times the frames'
    /// rate. `None` so low that its negative frequency has a part in each frame.
    ///
    /// With K the analysis window's spectrum and d_i the distance of bin i from the tone, bin i is brought to
    /// M_i = sqrt(sum_j S_ij |K(d_j)|^2) in the direction of K(d_i); the synthesis window (spectrum L) and overlapping
    /// make of that the sum over i of M_i K(d_i)/|K(d_i)| L(d_i - m OVERLAP) 3/5 at m frame rates beside the tone.
    pub(super) fn tone(&self, frequency_hz: f64, sample_rate_hz: u32) -> Option<[f64; COMPONENTS]> {
        /// Bins from the centre of a window's spectrum beyond which there is nothing to speak of.
        const REACH: f64 = 8.0;
        let frame = stft::frame_samples(sample_rate_hz) as f64;
        let bins = smeared_bins(sample_rate_hz);
        let centre = frequency_hz * frame / f64::from(sample_rate_hz);
        if centre < LOWEST_TONE_BINS {
            return None;
        }
        let near = |middle: f64| {
            let first = (middle - REACH).ceil().max(0.0) as usize;
            first..((middle + REACH).floor().max(0.0) as usize + 1).min(bins)
        };
        let sources: Vec<(usize, f64)> = near(centre).map(|j| (j, analysed(j as f64 - centre).norm_sqr())).collect();
        let magnitude = |i: usize| {
            let power: f64 = sources.iter().map(|(j, power)| self.entry(i, *j) * power).sum();
            power.sqrt()
        };
        let component = |offset: i32| {
            let shift = f64::from(offset) * stft::OVERLAP as f64;
            let sum: Complex64 = near(centre + shift)
                .map(|i| {
                    let distance = i as f64 - centre;
                    let own = analysed(distance);
                    own * (magnitude(i) * hann_squared(distance - shift) / own.norm().max(1e-12))
                })
                .sum();
            (0.6 * sum).norm_sqr()
        };
        Some(OFFSETS.map(component))
    }
}

/// Below this many bins a tone is left out of [`SmearMatrix::tone`].
const LOWEST_TONE_BINS: f64 = 3.0;

/// The spectrum of the analysis window, Hann and its ramp, `bins` bins from its centre, re its peak; the delay to
/// the window's middle is taken out.
fn analysed(bins: f64) -> Complex64 {
    let hann = sinc(bins) + 0.5 * (sinc(bins - 1.0) + sinc(bins + 1.0));
    let angle = std::f64::consts::PI * bins;
    // The integral of u e^(-2 pi i u d) over u from -1/2 to 1/2, which is odd in d and vanishes at 0.
    let ramp = if angle.abs() < 1e-3 { -angle / 6.0 } else { 0.5 * (libm::cos(angle) - sinc(bins)) / angle };
    Complex64::new(hann, 2.0 * stft::RAMP * ramp)
}

/// The spectrum of the synthesis window, Hann squared, likewise; it is real.
fn hann_squared(bins: f64) -> f64 {
    sinc(bins) + (2.0 * (sinc(bins - 1.0) + sinc(bins + 1.0)) + 0.5 * (sinc(bins - 2.0) + sinc(bins + 2.0))) / 3.0
}

/// sin(pi x) / (pi x).
fn sinc(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    if angle.abs() < 1e-6 { 1.0 } else { libm::sin(angle) / angle }
}

/// What is left of a blend's smearing on the way to health, where `total` of it is due.
///
/// Halfway to health an ear has narrower filters, not half of its broadest ones: mixed in proportion, the
/// far skirts of those would be heard as noise once thresholds have come down to them. The fourth power of
/// the whole (this times `total`) keeps them inaudible throughout.
pub(super) fn share_in_force(total: f32) -> f32 {
    total * total * total
}

/// The power of each bin.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn powers(re: &[f32], im: &[f32], power: &mut [f32]) {
    for ((power, re), im) in power.iter_mut().zip(re).zip(im) {
        let sum = re * re + im * im;
        // Below -300 dB there is nothing to smear but denormal numbers.
        *power = if sum < 1e-30 { 0.0 } else { sum };
    }
}

/// `sum[i] += weight * sum over j of S[i][j] power[j]`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_product(matrix: &SmearMatrix, power: &[f32], weight: f32, sum: &mut [f32; PLACES]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    for (block, sum) in matrix.blocks.iter().zip(sum.as_chunks_mut::<LANES>().0) {
        // Four names and not an array, which would stay in memory.
        let (mut a, mut b, mut c, mut d) = ([NOTHING; LANES], [NOTHING; LANES], [NOTHING; LANES], [NOTHING; LANES]);
        let powers = power[block.first_source..].as_chunks::<APART>().0;
        for (pairs, power) in block.shares.as_chunks::<{ APART / 2 }>().0.iter().zip(powers) {
            for lane in 0..LANES {
                let [first, second] = shares(pairs[0].0[lane]);
                a[lane] = madd::<FMA>(power[0], first, a[lane]);
                b[lane] = madd::<FMA>(power[1], second, b[lane]);
            }
            for lane in 0..LANES {
                let [first, second] = shares(pairs[1].0[lane]);
                c[lane] = madd::<FMA>(power[2], first, c[lane]);
                d[lane] = madd::<FMA>(power[3], second, d[lane]);
            }
        }
        for lane in 0..LANES {
            sum[lane] = madd::<FMA>(weight, (a[lane] + b[lane]) + (c[lane] + d[lane]), sum[lane]);
        }
    }
}

/// Replaces each bin by what brings it to magnitude `sqrt(smeared + sharp * power)` in its own
/// direction: the difference, not the sum.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn difference(re: &mut [f32], im: &mut [f32], power: &[f32], smeared: &[f32], sharp: f32) {
    // Keeps the direction of a silent bin finite.
    const TINY: f32 = 1e-30;
    for (((re, im), power), smeared) in re.iter_mut().zip(im).zip(power).zip(smeared) {
        let magnitude = (smeared + sharp * power).sqrt();
        let more = magnitude / (*re * *re + *im * *im + TINY).sqrt() - 1.0;
        *re *= more;
        *im *= more;
    }
}

/// The running smear of one channel.
pub struct Smearing {
    stft: Stft,
    bins: usize,
    /// Of each bin, with zeros after them.
    power: Vec<f32>,
    smeared: Aligned<[f32; PLACES]>,
}

impl Smearing {
    /// At rest, for a sample rate.
    pub fn new(sample_rate_hz: u32) -> Self {
        let bins = smeared_bins(sample_rate_hz);
        Self {
            stft: Stft::new(sample_rate_hz, bins),
            bins,
            power: vec![0.0; bins + APART],
            smeared: Aligned([0.0; PLACES]),
        }
    }

    /// Samples by which the output lags.
    pub fn latency_samples(&self) -> usize {
        self.stft.latency_samples()
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.stft.reset();
    }

    /// Smears a stretch in place, as an ear between two designs does.
    pub fn smear(&mut self, samples: &mut [f32], designs: &[Arc<EarDesign>], blend: Blend) {
        let Self { stft, bins, power, smeared } = self;
        let smears = |index: usize| blend.weight(index) > 0.0 && designs[index].smear.is_some();
        let active = smears(blend.from) || smears(blend.to);
        stft.process(samples, active, |Spectrum { re, im }| {
            powers(re, im, &mut power[..*bins]);
            // Up to two matrices, and what is left of the sharp spectrum.
            let mut sharp = 1.0_f32;
            smeared.fill(0.0);
            let parts = [blend.from, blend.to];
            let parts = if blend.from == blend.to { &parts[..1] } else { &parts[..] };
            let smears = |index: &usize| designs[*index].smear.is_some();
            let total: f32 = parts.iter().filter(|index| smears(index)).map(|index| blend.weight(*index)).sum();
            for index in parts {
                let weight = blend.weight(*index) * share_in_force(total);
                if let Some(matrix) = &designs[*index].smear
                    && weight > 0.0
                {
                    add_product(matrix, power, weight, smeared);
                    sharp -= weight;
                }
            }
            if sharp >= 1.0 {
                return false;
            }
            difference(re, im, &power[..*bins], &smeared[..*bins], sharp.max(0.0));
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadening_is_that_of_kates() {
        assert_eq!(broadening(0.0), 1.0);
        assert_eq!(broadening(50.0), 4.0);
        assert_eq!(broadening(90.0), 4.0);
    }

    fn of(loss_db_hl: impl Fn(f64) -> f64) -> Option<SmearMatrix> {
        SmearMatrix::design(44_100, &broadenings(44_100, listener::Smearing::FromLoss, loss_db_hl))
    }

    #[test]
    fn no_power_is_made_or_lost() {
        let matrix = of(|hz| hz / 100.0).unwrap();
        let bins = smeared_bins(44_100);
        for source in 0..bins {
            let mut power = vec![0.0; bins + APART];
            power[source] = 1.0;
            let mut smeared = [0.0; PLACES];
            add_product(&matrix, &power, 1.0, &mut smeared);
            let sum: f32 = smeared.iter().sum();
            // 0.01 dB, by rounding.
            assert!((sum - 1.0).abs() < 0.002, "source {source}: {sum}");
            assert!(smeared.iter().all(|entry| *entry >= 0.0));
        }
        assert!(of(|_| 0.0).is_none());
    }
}
