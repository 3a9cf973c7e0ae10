//! A bank of tones whose amplitudes move in straight lines from one moment of the control grid to the next.
//!
//! A tone keeps its phase as a number on the unit circle, turned on once a period in f64; within the period it is that
//! number times a table, with samples as lanes.

use multiversion::{multiversion, target::target_cfg_f};

use crate::dsp::math::madd;
use crate::dsp::random::Random;

/// Tones above this part of the rate are not made: they would be too near half of it to pass any filter.
pub(super) const HIGHEST: f64 = 0.475;
/// Random streams of phases begin here.
const STREAM: u64 = 0xc1_0000;

/// Tones of one rate.
#[derive(Debug, Clone)]
pub(super) struct Tones {
    /// cos and sin of each sample's angle, `[tone][cos, sin][sample]`, flattened.
    tables: Vec<f32>,
    /// cos and sin of a period's angle, `[tone]`.
    turn: Vec<[f64; 2]>,
    start: Vec<[f64; 2]>,
    /// Which tones are low enough for the rate.
    made: Vec<bool>,
    period_samples: usize,
    phase: Vec<[f64; 2]>,
}

impl Tones {
    /// Tones at `frequency_hz` (`None`: none) whose phases are drawn by a seed.
    pub(super) fn new(frequency_hz: &[Option<f64>], sample_rate_hz: u32, period_samples: usize, seed: u64) -> Self {
        let rate = f64::from(sample_rate_hz);
        let (mut tables, mut turn, mut start, mut made) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (tone, hz) in frequency_hz.iter().enumerate() {
            let angle = std::f64::consts::TAU * hz.unwrap_or(0.0) / rate;
            for table in [libm::cos, libm::sin] {
                tables.extend((0..period_samples).map(|n| table(angle * n as f64) as f32));
            }
            let whole = angle * period_samples as f64;
            turn.push([libm::cos(whole), libm::sin(whole)]);
            // A stream for each tone: which others there are makes no difference to it.
            let phase = std::f64::consts::TAU * Random::new(seed, STREAM + tone as u64).uniform_f64();
            start.push([libm::cos(phase), libm::sin(phase)]);
            made.push(hz.is_some_and(|hz| hz < HIGHEST * rate));
        }
        Self { tables, turn, phase: start.clone(), start, made, period_samples }
    }

    pub(super) fn reset(&mut self) {
        self.phase.copy_from_slice(&self.start);
    }

    /// Adds a period to `out`; amplitudes (peak) move from `from` to `to`, `[tone]`.
    pub(super) fn add(&mut self, from: &[f32], to: &[f32], out: &mut [f32]) {
        let amplitudes = |tone: usize| if self.made[tone] { [from[tone], to[tone]] } else { [0.0; 2] };
        for (tone, table) in self.tables.chunks_exact(2 * self.period_samples).enumerate() {
            let ends = amplitudes(tone);
            if ends != [0.0; 2] {
                add_tone(ends, self.phase[tone].map(|part| part as f32), table, out);
            }
        }
        self.advance();
    }

    /// Adds a period of one tone whose amplitude (peak) at each sample is `envelope`.
    pub(super) fn add_under(&self, tone: usize, envelope: &[f32], out: &mut [f32]) {
        if self.made[tone] {
            let table = &self.tables[2 * tone * self.period_samples..][..2 * self.period_samples];
            add_enveloped(envelope, self.phase[tone].map(|part| part as f32), table, out);
        }
    }

    /// Goes on by a period.
    pub(super) fn advance(&mut self) {
        for ([re, im], [turn_re, turn_im]) in self.phase.iter_mut().zip(&self.turn) {
            let (a, b) = (*re, *im);
            let (new_re, new_im) = (a * turn_re - b * turn_im, a * turn_im + b * turn_re);
            // One Newton step towards length 1, or rounding would add up over hours.
            let scale = 1.5 - 0.5 * (new_re * new_re + new_im * new_im);
            (*re, *im) = (new_re * scale, new_im * scale);
        }
    }
}

/// `out += (from .. to) sin(phase + angle)`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_tone([from, to]: [f32; 2], [re, im]: [f32; 2], table: &[f32], out: &mut [f32]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let (cos, sin) = table.split_at(out.len());
    let step = (to - from) / out.len() as f32;
    for (n, ((out, cos), sin)) in out.iter_mut().zip(cos).zip(sin).enumerate() {
        let amplitude = madd::<FMA>(step, n as f32, from);
        *out = madd::<FMA>(amplitude, madd::<FMA>(im, *cos, re * sin), *out);
    }
}

/// `out += envelope sin(phase + angle)`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_enveloped(envelope: &[f32], [re, im]: [f32; 2], table: &[f32], out: &mut [f32]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let (cos, sin) = table.split_at(out.len());
    for (((out, amplitude), cos), sin) in out.iter_mut().zip(envelope).zip(cos).zip(sin) {
        *out = madd::<FMA>(*amplitude, madd::<FMA>(im, *cos, re * sin), *out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_are_sines_of_their_definition_and_stay_so() {
        let hz = [Some(997.0), None, Some(60.0), Some(23_000.0)];
        let mut tones = Tones::new(&hz, 48_000, 32, 7);
        let phase: Vec<f64> =
            (0..4).map(|tone| std::f64::consts::TAU * Random::new(7, STREAM + tone).uniform_f64()).collect();
        for period in 0..20_000_u32 {
            let mut out = [0.0; 32];
            tones.add(&[0.5, 1.0, 0.0, 1.0], &[0.25, 1.0, 0.125, 1.0], &mut out);
            for (n, sample) in out.iter().enumerate() {
                let t = f64::from(period * 32 + n as u32) / 48_000.0;
                let part = n as f64 / 32.0;
                let sine = |tone: usize| (std::f64::consts::TAU * hz[tone].unwrap_or(0.0) * t + phase[tone]).sin();
                let expected = (0.5 - 0.25 * part) * sine(0) + 0.125 * part * sine(2);
                assert!((f64::from(*sample) - expected).abs() < 1e-6, "period {period}, {n}: {sample} {expected}");
            }
        }
    }
}
