//! Bands of noise: white noise through a filter for each band, bands as lanes.
//!
//! Each band has a noise of its own: bands overlap, and of one noise they would cancel where they do.

use multiversion::{multiversion, target::target_cfg_f};
use realfft::num_complex::Complex64;

use crate::dsp::math::madd;
use crate::dsp::random::Random;
use crate::dsp::{LANES, Lanes};

/// Order of the Butterworth low-pass that each band-pass is made of: 18 dB an octave on either side.
const ORDER: usize = 3;
/// Bands end at this part of the rate at the latest, and those that begin above it are not made.
const HIGHEST: f64 = 0.475;
/// Random streams of the noise begin here.
const STREAM: u64 = 0xc2_0000;
/// States below this are set to zero between periods, long before they become denormal.
const FLUSH: f32 = 1e-18;

/// Coefficients of [`LANES`] bands: second-order sections g (1 - z^-2) / (1 + a1 z^-1 + a2 z^-2).
#[derive(Debug, Clone)]
struct Group {
    /// `[section][a1, a2][band]`.
    poles: [[Lanes; 2]; ORDER],
    /// Gain of the whole to unit RMS, `[band]`; 0 for a band that is not made.
    gain: Lanes,
}

/// Bands of one rate.
#[derive(Debug, Clone)]
pub(super) struct NoiseBands {
    groups: Vec<Group>,
    /// `[group][section][delay][band]`.
    state: Vec<[[Lanes; 2]; ORDER]>,
    /// Marsaglia's 32-bit shift registers, `[group][band]`.
    random: Vec<[u32; LANES]>,
    start: Vec<[u32; LANES]>,
}

impl NoiseBands {
    /// Bands between `edges_hz` (`None`: none), by a seed.
    pub(super) fn new(edges_hz: &[Option<[f64; 2]>], sample_rate_hz: u32, seed: u64) -> Self {
        let groups: Vec<Group> = edges_hz
            .chunks(LANES)
            .map(|edges| {
                let mut group = Group { poles: [[[0.0; LANES]; 2]; ORDER], gain: [0.0; LANES] };
                for (lane, edges) in edges.iter().enumerate() {
                    let rate = f64::from(sample_rate_hz);
                    let Some([low, high]) = edges.map(|[low, high]| [low / rate, (high / rate).min(HIGHEST)]) else {
                        continue;
                    };
                    // A band too narrow to be one is not made either.
                    if !(low > 0.0 && low * 1.001 < high) {
                        continue;
                    }
                    let sections = band_pass(low, high);
                    for (poles, section) in group.poles.iter_mut().zip(&sections) {
                        for (slot, value) in poles.iter_mut().zip(section) {
                            slot[lane] = *value as f32;
                        }
                    }
                    group.gain[lane] = (1.0 / noise_power(&sections, low, high).sqrt()) as f32;
                }
                group
            })
            .collect();
        let start: Vec<[u32; LANES]> = (0..groups.len())
            .map(|group| {
                // Any state but 0 is good.
                std::array::from_fn(|lane| {
                    Random::new(seed, STREAM + (group * LANES + lane) as u64).next_u64() as u32 | 1
                })
            })
            .collect();
        Self { state: vec![[[[0.0; LANES]; 2]; ORDER]; groups.len()], groups, random: start.clone(), start }
    }

    pub(super) fn reset(&mut self) {
        self.state.fill([[[0.0; LANES]; 2]; ORDER]);
        self.random.copy_from_slice(&self.start);
    }

    /// Adds a period to `out`; the bands' RMS moves from `from` to `to`, `[band]`. Where all of it is silence, time
    /// stands still.
    pub(super) fn add(&mut self, from: &[f32], to: &[f32], out: &mut [f32]) {
        if from.iter().chain(to).all(|rms| *rms == 0.0) {
            return;
        }
        let states = self.state.iter_mut().zip(&mut self.random);
        for (index, (group, (state, random))) in self.groups.iter().zip(states).enumerate() {
            let lanes = |values: &[f32]| -> Lanes {
                std::array::from_fn(|lane| values.get(index * LANES + lane).map_or(0.0, |rms| rms * group.gain[lane]))
            };
            add_group(group, state, random, [&lanes(from), &lanes(to)], out);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_group(
    group: &Group,
    state: &mut [[Lanes; 2]; ORDER],
    random: &mut [u32; LANES],
    [from, to]: [&Lanes; 2],
    out: &mut [f32],
) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    /// Whole numbers of 32 bits to unit variance: sqrt 3 over 2^31.
    const UNIT: f32 = 1.732_050_8 / 2_147_483_648.0;
    let mut gain = *from;
    let mut step = [0.0; LANES];
    for lane in 0..LANES {
        step[lane] = (to[lane] - from[lane]) / out.len() as f32;
    }
    let mut z = *state;
    let mut bits = *random;
    for out in out {
        let mut x = [0.0; LANES];
        for lane in 0..LANES {
            let mut next = bits[lane];
            next ^= next << 13;
            next ^= next >> 17;
            next ^= next << 5;
            bits[lane] = next;
            x[lane] = next as i32 as f32 * UNIT;
        }
        for (z, [a1, a2]) in z.iter_mut().zip(&group.poles) {
            let [z1, z2] = z;
            for lane in 0..LANES {
                let y = x[lane] + z1[lane];
                z1[lane] = madd::<FMA>(-a1[lane], y, z2[lane]);
                z2[lane] = madd::<FMA>(-a2[lane], y, -x[lane]);
                x[lane] = y;
            }
        }
        for lane in 0..LANES {
            x[lane] *= gain[lane];
            gain[lane] += step[lane];
        }
        // A row that the compiler cannot see through is added up by itself, not number by number with others.
        let x = std::hint::black_box(&x);
        let (mut eight, mut four) = ([0.0; 8], [0.0; 4]);
        for i in 0..8 {
            eight[i] = x[i] + x[i + 8];
        }
        for i in 0..4 {
            four[i] = eight[i] + eight[i + 4];
        }
        *out += (four[0] + four[2]) + (four[1] + four[3]);
    }
    for value in z.iter_mut().flatten().flatten() {
        *value = if value.abs() < FLUSH { 0.0 } else { *value };
    }
    (*state, *random) = (z, bits);
}

/// Butterworth band-pass between `low` and `high`, parts of the rate: a1 and a2 of its sections.
///
/// The analogue low-pass has poles at even angles on the left half of the unit circle; s becomes (s^2 + w0^2) / (s b),
/// and the bilinear transform, with the edges where they should be, brings it to z = (1 + s) / (1 - s).
fn band_pass(low: f64, high: f64) -> [[f64; 2]; ORDER] {
    let [low, high] = [low, high].map(|edge| libm::tan(std::f64::consts::PI * edge));
    let (width, centre_squared) = (high - low, low * high);
    let mut sections = [[0.0; 2]; ORDER];
    let mut next = 0;
    let digital = |s: Complex64| (1.0 + s) / (1.0 - s);
    // Of each pair of conjugate poles one is enough; the real one gives one section.
    for k in 0..ORDER.div_ceil(2) {
        let angle = std::f64::consts::PI * (2 * k + 1 + ORDER) as f64 / (2 * ORDER) as f64;
        let half = 0.5 * width * Complex64::new(libm::cos(angle), libm::sin(angle));
        let root = (half * half - centre_squared).sqrt();
        let [first, second] = [half + root, half - root].map(digital);
        let real = 2 * k + 1 == ORDER;
        if real {
            sections[next] = [-(first + second).re, (first * second).re];
            next += 1;
        } else {
            for pole in [first, second] {
                sections[next] = [-2.0 * pole.re, pole.norm_sqr()];
                next += 1;
            }
        }
    }
    sections
}

/// Power of white noise of power 1 behind the sections: the mean of |H|^2 over frequency, by the trapezoidal rule in
/// logarithmic steps about the band.
fn noise_power(sections: &[[f64; 2]; ORDER], low: f64, high: f64) -> f64 {
    const STEPS: usize = 4000;
    let gain = |frequency: f64| {
        let back = Complex64::cis(-std::f64::consts::TAU * frequency);
        sections
            .iter()
            .map(|[a1, a2]| ((1.0 - back * back) / (1.0 + back * (a1 + back * a2))).norm_sqr())
            .product::<f64>()
    };
    // At 18 dB an octave less than a ten-thousandth lies more than three octaves beyond the edges.
    let (from, to) = (libm::log(low / 8.0), libm::log((high * 8.0).min(0.4999)));
    let step = (to - from) / STEPS as f64;
    let sum: f64 = (0..=STEPS)
        .map(|i| {
            let frequency = libm::exp(from + step * i as f64);
            let weight = if i == 0 || i == STEPS { 0.5 } else { 1.0 };
            weight * frequency * gain(frequency)
        })
        .sum();
    2.0 * step * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A filter's gain in dB, from its definition.
    fn gain_db(sections: &[[f64; 2]; ORDER], frequency: f64) -> f64 {
        let z = Complex64::cis(std::f64::consts::TAU * frequency).inv();
        let h: Complex64 = sections.iter().map(|[a1, a2]| (1.0 - z * z) / (1.0 + z * (a1 + z * a2))).product();
        20.0 * h.norm().log10()
    }

    #[test]
    fn bands_are_3_db_down_at_their_edges_and_flat_between() {
        for (low, high) in [(0.01, 0.012), (0.1, 0.2), (0.002, 0.003), (0.3, 0.45)] {
            let sections = band_pass(low, high);
            let tan = |x: f64| (std::f64::consts::PI * x).tan();
            let middle_db = gain_db(&sections, (tan(low) * tan(high)).sqrt().atan() / std::f64::consts::PI);
            for edge in [low, high] {
                let down_db = middle_db - gain_db(&sections, edge);
                assert!((down_db - 3.01).abs() < 0.02, "{low} to {high}: {down_db} dB at {edge}");
            }
            assert!(middle_db - gain_db(&sections, low / 2.0) > 15.0);
        }
    }

    #[test]
    fn bands_have_the_rms_that_was_asked_for() {
        let edges =
            [Some([200.0, 320.0]), None, Some([1_000.0, 2_000.0]), Some([3_000.0, 40_000.0]), Some([30e3, 40e3])];
        for (band, expected) in [(0, 0.25), (1, 0.0), (2, 0.25), (3, 0.25), (4, 0.0)] {
            let mut noise = NoiseBands::new(&edges, 48_000, 1);
            let mut rms = [0.0; 5];
            rms[band] = 0.25;
            let mut sum = 0.0;
            for period in 0..30_000 {
                let mut out = [0.0; 32];
                noise.add(&rms, &rms, &mut out);
                if period >= 3_000 {
                    sum += out.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
                }
            }
            let found = (sum / (27_000.0 * 32.0)).sqrt();
            assert!((found - expected).abs() <= 0.03 * expected, "band {band}: {found}");
        }
    }
}
