//! A bank of tones whose amplitudes move in straight lines from one moment of the control grid to the next.
//!
//! A tone keeps its phase as a number on the unit circle, turned on once a period in f64; within the period it is that
//! number times a table, with samples as lanes. Stretches of [`WIDTH`] samples are put together one after the other, each
//! from all tones, so that sums stay in registers.

use multiversion::{multiversion, target::target_cfg_f};

use crate::dsp::MAX_PERIOD_SAMPLES;
use crate::dsp::math::madd;
use crate::dsp::random::Random;

/// Tones above this part of the rate are not made: they would be too near half of it to pass any filter.
pub(super) const HIGHEST: f64 = 0.475;
/// Random streams of phases begin here.
const STREAM: u64 = 0xc1_0000;
/// Samples of a stretch: a divisor of every period but the shortest, which is half of one and leaves half of its lanes
/// unused.
const WIDTH: usize = 16;
/// Stretches of the longest period.
const STRETCHES: usize = MAX_PERIOD_SAMPLES / WIDTH;

/// cos and sin of a tone's angle at each sample of a stretch.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Table([[f32; WIDTH]; 2]);

/// A tone that sounds in a period.
#[derive(Debug, Clone, Copy)]
struct Sounding {
    tone: usize,
    phase: [f32; 2],
    /// Amplitude at the period's first sample, and its change from sample to sample.
    from: f32,
    step: f32,
}

/// Tones of one rate.
#[derive(Debug, Clone)]
pub(super) struct Tones {
    /// `[stretch][tone]`, flattened.
    tables: Vec<Table>,
    /// cos and sin of a period's angle, `[cos, sin][tone]`.
    turn: [Vec<f64>; 2],
    start: [Vec<f64>; 2],
    phase: [Vec<f64>; 2],
    /// Which tones are low enough for the rate.
    made: Vec<bool>,
    sounding: Vec<Sounding>,
}

impl Tones {
    /// Tones at `frequency_hz` (`None`: none) whose phases are drawn by a seed.
    pub(super) fn new(frequency_hz: &[Option<f64>], sample_rate_hz: u32, period_samples: usize, seed: u64) -> Self {
        let rate = f64::from(sample_rate_hz);
        let angles: Vec<f64> = frequency_hz.iter().map(|hz| std::f64::consts::TAU * hz.unwrap_or(0.0) / rate).collect();
        let tables = (0..period_samples.div_ceil(WIDTH))
            .flat_map(|stretch| angles.iter().map(move |angle| (stretch, angle)))
            .map(|(stretch, angle)| {
                let at = |lane: usize| angle * (stretch * WIDTH + lane) as f64;
                let table = |part: fn(f64) -> f64| std::array::from_fn(|lane| part(at(lane)) as f32);
                Table([table(libm::cos), table(libm::sin)])
            })
            .collect();
        // A stream for each tone: which others there are makes no difference to it.
        let phases = (0..angles.len() as u64).map(|tone| Random::new(seed, STREAM + tone).uniform_f64());
        let phases: Vec<f64> = phases.map(|turns| std::f64::consts::TAU * turns).collect();
        let circle =
            |angles: &[f64]| [libm::cos, libm::sin].map(|part| angles.iter().map(|angle| part(*angle)).collect());
        let start: [Vec<f64>; 2] = circle(&phases);
        let whole: Vec<f64> = angles.iter().map(|angle| angle * period_samples as f64).collect();
        Self {
            tables,
            turn: circle(&whole),
            phase: start.clone(),
            start,
            made: frequency_hz.iter().map(|hz| hz.is_some_and(|hz| hz < HIGHEST * rate)).collect(),
            sounding: Vec::with_capacity(angles.len()),
        }
    }

    pub(super) fn reset(&mut self) {
        self.phase.clone_from(&self.start);
    }

    fn phase(&self, tone: usize) -> [f32; 2] {
        [self.phase[0][tone] as f32, self.phase[1][tone] as f32]
    }

    /// Adds a period to `out`; amplitudes (peak) move from `from` to `to`, `[tone]`.
    pub(super) fn add(&mut self, from: &[f32], to: &[f32], out: &mut [f32]) {
        let per_sample = 1.0 / out.len() as f32;
        self.sounding.clear();
        for (tone, ((from, to), made)) in from.iter().zip(to).zip(&self.made).enumerate() {
            if *made && (*from != 0.0 || *to != 0.0) {
                let step = (to - from) * per_sample;
                self.sounding.push(Sounding { tone, phase: self.phase(tone), from: *from, step });
            }
        }
        add_tones(&self.sounding, &self.tables, self.made.len(), out);
        self.advance();
    }

    /// Adds a period of one tone whose amplitude (peak) at each sample is `envelope`.
    pub(super) fn add_under(&self, tone: usize, envelope: &[f32], out: &mut [f32]) {
        if self.made[tone] {
            add_enveloped(envelope, self.phase(tone), &self.tables[tone..], self.made.len(), out);
        }
    }

    /// Goes on by a period.
    pub(super) fn advance(&mut self) {
        let [re, im] = &mut self.phase;
        turn_on(re, im, &self.turn[0], &self.turn[1]);
    }
}

/// Turns numbers on the unit circle on.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn turn_on(re: &mut [f64], im: &mut [f64], turn_re: &[f64], turn_im: &[f64]) {
    for (((re, im), turn_re), turn_im) in re.iter_mut().zip(im).zip(turn_re).zip(turn_im) {
        let (a, b) = (*re, *im);
        let (new_re, new_im) = (a * turn_re - b * turn_im, a * turn_im + b * turn_re);
        // One Newton step towards length 1, or rounding would add up over hours.
        let scale = 1.5 - 0.5 * (new_re * new_re + new_im * new_im);
        (*re, *im) = (new_re * scale, new_im * scale);
    }
}

/// `out += sum of (from + n step) sin(phase + angle)`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_tones(sounding: &[Sounding], tables: &[Table], tones: usize, out: &mut [f32]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    for (stretch, out) in out.chunks_mut(WIDTH).enumerate().take(STRETCHES) {
        let tables = &tables[stretch * tones..][..tones];
        let mut ramp = [0.0; WIDTH];
        for (lane, n) in ramp.iter_mut().enumerate() {
            *n = (stretch * WIDTH + lane) as f32;
        }
        let mut sum = [0.0; WIDTH];
        for &Sounding { tone, phase: [re, im], from, step } in sounding {
            let Table([cos, sin]) = &tables[tone];
            for lane in 0..WIDTH {
                let amplitude = madd::<FMA>(step, ramp[lane], from);
                let sine = madd::<FMA>(im, cos[lane], re * sin[lane]);
                sum[lane] = madd::<FMA>(amplitude, sine, sum[lane]);
            }
        }
        for (out, sum) in out.iter_mut().zip(sum) {
            *out += sum;
        }
    }
}

/// `out += envelope sin(phase + angle)`; the tables of stretches are `tones` apart.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_enveloped(envelope: &[f32], [re, im]: [f32; 2], tables: &[Table], tones: usize, out: &mut [f32]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    for (stretch, (out, envelope)) in out.chunks_mut(WIDTH).zip(envelope.chunks(WIDTH)).enumerate() {
        let Table([cos, sin]) = &tables[stretch * tones];
        if let (Ok(out), Ok(envelope)) = (<&mut [f32; WIDTH]>::try_from(&mut *out), <&[f32; WIDTH]>::try_from(envelope))
        {
            for lane in 0..WIDTH {
                out[lane] = madd::<FMA>(envelope[lane], madd::<FMA>(im, cos[lane], re * sin[lane]), out[lane]);
            }
        } else {
            for (lane, (out, envelope)) in out.iter_mut().zip(envelope).enumerate() {
                *out = madd::<FMA>(*envelope, madd::<FMA>(im, cos[lane], re * sin[lane]), *out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_are_sines_of_their_definition_and_stay_so() {
        let hz = [Some(997.0), None, Some(60.0), Some(23_000.0)];
        for period in [8_u32, 32, 128] {
            let mut tones = Tones::new(&hz, 48_000, period as usize, 7);
            let phase: Vec<f64> =
                (0..4).map(|tone| std::f64::consts::TAU * Random::new(7, STREAM + tone).uniform_f64()).collect();
            for index in 0..20_000_u32 {
                let mut out = vec![0.0; period as usize];
                let envelope: Vec<f32> = (0..period).map(|n| 0.01 * n as f32).collect();
                tones.add_under(2, &envelope, &mut out);
                tones.add(&[0.5, 1.0, 0.0, 1.0], &[0.25, 1.0, 0.125, 1.0], &mut out);
                for (n, sample) in out.iter().enumerate() {
                    let t = f64::from(index * period + n as u32) / 48_000.0;
                    let part = n as f64 / f64::from(period);
                    let sine = |tone: usize| (std::f64::consts::TAU * hz[tone].unwrap_or(0.0) * t + phase[tone]).sin();
                    let expected = (0.5 - 0.25 * part) * sine(0) + (0.125 * part + f64::from(envelope[n])) * sine(2);
                    assert!((f64::from(*sample) - expected).abs() < 2e-6, "period {index}, {n}: {sample} {expected}");
                }
            }
        }
    }
}
