//! The gammatone bank while it runs.
//!
//! A band is run in the frame that turns with its own centre: the input is multiplied by e^(-i b t),
//! after which the four stages are *real* one-pole filters of a complex signal, half the work of
//! complex ones and free of drift. t counts from the start of each control period; at its end the
//! states are turned on by e^(i b T), so no phase ever grows.
//!
//! ```text
//! x[n-d] --(x)-->[1/(1-r z^-1)]^4--> v --(x)--> Re --> y
//!         e^(-ibt)                       c e^(ibt)
//! ```

use multiversion::{multiversion, target::target_cfg_f};

use super::gammatone::{Gammatone, SHARE, STAGES};
use super::math::madd;
use super::ring::Ring;
use super::{LANES, Lanes};

/// States below this (on a scale where 0 dB FS is at least 1) are set to zero once a period, long
/// before they become denormal.
const FLUSH: f32 = 1e-18;

/// Output below this is silence, 600 dB under full scale: what is left of decaying bands that cancel each other
/// may be denormal.
const FAINTEST: f32 = 1e-30;

/// Complex numbers, `[re, im][band]`, on a cache line: split loads would halve the speed.
#[derive(Debug, Clone)]
#[repr(align(64))]
struct Turn([Lanes; 2]);

/// Coefficients of a group of [`LANES`] bands.
#[derive(Debug, Clone)]
struct Group {
    radius: Lanes,
    /// e^(-i b t) for each sample of a period, `[sample][re, im][band]`.
    down: Vec<Turn>,
    /// c e^(i b t), with the gain of the stages, `[sample][re, im][band]`.
    up: Vec<Turn>,
    /// e^(i b T), `[re, im][band]`.
    turn: [Lanes; 2],
    /// Squared magnitude of v to mean square of the band's real part.
    power_scale: Lanes,
    /// Input delay of each run of [`SHARE`] bands, samples.
    delay_samples: [usize; LANES / SHARE],
}

/// Coefficients of the bank in f32.
#[derive(Debug, Clone)]
pub struct BankCoeffs {
    groups: Vec<Group>,
    period_samples: usize,
}

/// What one running bank remembers: four complex stages a band.
#[derive(Debug, Clone)]
pub struct BankState {
    groups: Vec<[[Lanes; 2]; STAGES]>,
    /// Sums of the groups while a period is put together, `[sample][lane]`.
    sums: Vec<Lanes>,
}

impl BankCoeffs {
    /// From a design, each band's input delayed by `extra_delay_samples` of its [`SHARE`] group more
    /// than the design says.
    pub fn new(design: &Gammatone, extra_delay_samples: impl Fn(usize) -> usize) -> Self {
        let period = design.period_samples;
        let groups = (0..design.groups())
            .map(|g| {
                let band = |lane: usize| {
                    let k = g * LANES + lane;
                    (k < design.bands()).then_some(k)
                };
                let lanes = |f: &dyn Fn(usize) -> f64| -> Lanes {
                    std::array::from_fn(|lane| band(lane).map_or(0.0, |k| f(k) as f32))
                };
                let gain = |k: usize| 2.0 * libm::pow(1.0 - design.radius[k], STAGES as f64);
                Group {
                    radius: lanes(&|k| design.radius[k]),
                    down: (0..period)
                        .map(|t| {
                            Turn([
                                lanes(&|k| libm::cos(design.angle[k] * t as f64)),
                                lanes(&|k| -libm::sin(design.angle[k] * t as f64)),
                            ])
                        })
                        .collect(),
                    up: (0..period)
                        .map(|t| {
                            let turned = |k: usize| {
                                let phase = design.angle[k] * t as f64;
                                let (sin, cos) = (libm::sin(phase), libm::cos(phase));
                                let w = design.weight[k] * gain(k);
                                (w.re * cos - w.im * sin, w.re * sin + w.im * cos)
                            };
                            Turn([lanes(&|k| turned(k).0), lanes(&|k| turned(k).1)])
                        })
                        .collect(),
                    turn: [
                        lanes(&|k| libm::cos(design.angle[k] * period as f64)),
                        lanes(&|k| libm::sin(design.angle[k] * period as f64)),
                    ],
                    power_scale: lanes(&|k| gain(k) * gain(k) / (2.0 * period as f64)),
                    delay_samples: std::array::from_fn(|run| {
                        let first = g * LANES + run * SHARE;
                        if first < design.bands() {
                            design.input_delay_samples[first] + extra_delay_samples(first / SHARE)
                        } else {
                            0
                        }
                    }),
                }
            })
            .collect();
        Self { groups, period_samples: period }
    }

    /// The longest delay any band reads, samples.
    pub fn history_samples(&self) -> usize {
        self.groups.iter().flat_map(|g| g.delay_samples).max().unwrap_or(0)
    }

    /// A bank at rest.
    pub fn state(&self) -> BankState {
        BankState {
            groups: vec![[[[0.0; LANES]; 2]; STAGES]; self.groups.len()],
            sums: vec![[0.0; LANES]; self.period_samples],
        }
    }
}

impl BankState {
    /// Forgets everything.
    pub fn reset(&mut self) {
        self.groups.fill([[[0.0; LANES]; 2]; STAGES]);
    }
}

/// Mean square of each band's real part over one period of `input`, `[group][band]`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub fn power(coeffs: &BankCoeffs, state: &mut BankState, input: &Ring, power: &mut [Lanes]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    for ((group, stages), power) in coeffs.groups.iter().zip(&mut state.groups).zip(power) {
        let mut sum = [0.0; LANES];
        run::<FMA>(group, stages, input, coeffs.period_samples, |_, re, im| {
            sum = madds::<FMA>(re, re, &sum);
            sum = madds::<FMA>(im, im, &sum);
        });
        for lane in 0..LANES {
            power[lane] = sum[lane] * group.power_scale[lane];
        }
    }
}

/// Gains of one band group over a period: linear from `from` by `step` a sample.
#[derive(Debug, Clone, Copy)]
pub struct GainRamp {
    /// Gain at the first sample.
    pub from: Lanes,
    /// Change from sample to sample.
    pub step: Lanes,
}

/// Adds the weighted bands, each times its gain, to one period of `output`, and measures the bands'
/// mean squares before gain as [`power`] does.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub fn synthesise(
    coeffs: &BankCoeffs,
    state: &mut BankState,
    input: &Ring,
    gains: &[GainRamp],
    output: &mut [f32],
    power: &mut [Lanes],
) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let period = coeffs.period_samples;
    let bands = &mut state.sums;
    bands.fill([0.0; LANES]);
    for (((group, stages), ramp), power) in coeffs.groups.iter().zip(&mut state.groups).zip(gains).zip(power) {
        let mut sum = [0.0; LANES];
        let mut gain = ramp.from;
        run::<FMA>(group, stages, input, period, |t, re, im| {
            let Turn([up_re, up_im]) = &group.up[t];
            let out = &mut bands[t];
            sum = madds::<FMA>(re, re, &sum);
            sum = madds::<FMA>(im, im, &sum);
            let real = madds::<FMA>(re, up_re, &times(im, up_im).map(|x| -x));
            *out = madds::<FMA>(&gain, &real, out);
            for (gain, step) in gain.iter_mut().zip(&ramp.step) {
                *gain += step;
            }
        });
        for lane in 0..LANES {
            power[lane] = sum[lane] * group.power_scale[lane];
        }
    }
    for (out, bands) in output.iter_mut().zip(&*bands) {
        let sum = *out + across(bands);
        *out = if sum.abs() < FAINTEST { 0.0 } else { sum };
    }
}

/// `a * b`, lane by lane.
#[inline(always)]
fn times(a: &Lanes, b: &Lanes) -> Lanes {
    let mut product = [0.0; LANES];
    for lane in 0..LANES {
        product[lane] = a[lane] * b[lane];
    }
    product
}

/// `a * b + c`, lane by lane.
#[inline(always)]
fn madds<const FMA: bool>(a: &Lanes, b: &Lanes, c: &Lanes) -> Lanes {
    let mut sum = [0.0; LANES];
    for lane in 0..LANES {
        sum[lane] = madd::<FMA>(a[lane], b[lane], c[lane]);
    }
    sum
}

/// The sum of a register in a fixed order, halves added to halves.
#[inline(always)]
fn across(lanes: &Lanes) -> f32 {
    let mut eight = [0.0; 8];
    for i in 0..8 {
        eight[i] = lanes[i] + lanes[i + 8];
    }
    let four = [eight[0] + eight[4], eight[1] + eight[5], eight[2] + eight[6], eight[3] + eight[7]];
    (four[0] + four[2]) + (four[1] + four[3])
}

/// Runs one group over one period and hands each sample's v to `each`.
#[inline(always)]
fn run<const FMA: bool>(
    group: &Group,
    stages: &mut [[Lanes; 2]; STAGES],
    input: &Ring,
    period: usize,
    mut each: impl FnMut(usize, &Lanes, &Lanes),
) {
    let radius = group.radius;
    let mut z = *stages;
    let early = &input.delayed(group.delay_samples[0])[..period];
    let late = &input.delayed(group.delay_samples[1])[..period];
    let down = &group.down[..period];
    for t in 0..period {
        let mut x = [early[t]; LANES];
        x[SHARE..].fill(late[t]);
        let Turn([down_re, down_im]) = &down[t];
        let mut re = times(&x, down_re);
        let mut im = times(&x, down_im);
        for [state_re, state_im] in &mut z {
            re = madds::<FMA>(&radius, state_re, &re);
            im = madds::<FMA>(&radius, state_im, &im);
            *state_re = re;
            *state_im = im;
        }
        each(t, &re, &im);
    }
    let [turn_re, turn_im] = &group.turn;
    for stage in &mut z {
        for lane in 0..LANES {
            let (re, im) = (stage[0][lane], stage[1][lane]);
            let turned_re = madd::<FMA>(re, turn_re[lane], -(im * turn_im[lane]));
            let turned_im = madd::<FMA>(re, turn_im[lane], im * turn_re[lane]);
            stage[0][lane] = if turned_re.abs() < FLUSH { 0.0 } else { turned_re };
            stage[1][lane] = if turned_im.abs() < FLUSH { 0.0 } else { turned_im };
        }
    }
    *stages = z;
}

/// Which of the compiled instruction sets the kernels take on this machine, by its number of registers'
/// lanes: 16 (AVX-512), 8 (AVX2 with FMA) or 4 (portable).
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub fn instruction_set_lanes() -> usize {
    const WIDE: usize = 8 * target_cfg_f!(target_feature = "avx512f") as usize;
    const FUSED: usize = 4 * target_cfg_f!(target_feature = "fma") as usize;
    4 + FUSED + WIDE
}

/// The name of that instruction set.
pub fn instruction_set() -> &'static str {
    match instruction_set_lanes() {
        16 => "AVX-512",
        8 => "AVX2 with FMA",
        _ => "portable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs `period`-sized pieces of `signal` and returns the output and the last power.
    fn run_bank(design: &Gammatone, signal: &[f32], gain: f32) -> (Vec<f32>, Vec<Lanes>) {
        let coeffs = BankCoeffs::new(design, |_| 0);
        let mut state = coeffs.state();
        let period = design.period_samples;
        let mut ring = Ring::new(coeffs.history_samples(), period);
        let ramp = vec![GainRamp { from: [gain; LANES], step: [0.0; LANES] }; design.groups()];
        let mut powers = vec![[0.0; LANES]; design.groups()];
        let mut output = vec![0.0; signal.len()];
        for (x, y) in signal.chunks_exact(period).zip(output.chunks_exact_mut(period)) {
            ring.push().copy_from_slice(x);
            synthesise(&coeffs, &mut state, &ring, &ramp, y, &mut powers);
        }
        (output, powers)
    }

    #[test]
    fn an_impulse_comes_back_as_the_designed_response() {
        let design = Gammatone::design(48_000);
        let mut impulse = vec![0.0; 16_384];
        impulse[0] = 1.0;
        let (output, _) = run_bank(&design, &impulse, 1.0);
        for hz in [60.0, 250.0, 1000.0, 4000.0, 12_000.0] {
            let w = std::f64::consts::TAU * hz / 48_000.0;
            let measured: realfft::num_complex::Complex64 = output
                .iter()
                .enumerate()
                .map(|(n, y)| f64::from(*y) * realfft::num_complex::Complex64::from_polar(1.0, -w * n as f64))
                .sum();
            let designed: realfft::num_complex::Complex64 =
                (0..design.bands()).map(|k| design.synthesis_response(k, hz)).sum();
            assert!((measured - designed).norm() < 2e-5, "{hz} Hz: {measured} for {designed}");
        }
    }

    #[test]
    fn power_is_the_mean_square_of_a_band() {
        let design = Gammatone::design(44_100);
        let k = 40;
        let w = std::f64::consts::TAU * design.centre_hz[k] / 44_100.0;
        let tone: Vec<f32> = (0..32_768).map(|n| (0.1 * 2.0_f64.sqrt() * (w * f64::from(n)).sin()) as f32).collect();
        let (_, powers) = run_bank(&design, &tone, 0.0);
        for j in k - 6..k + 7 {
            let expected = 0.01 * design.power_response(j, design.centre_hz[k]);
            let measured = f64::from(powers[j / LANES][j % LANES]);
            assert!((measured / expected - 1.0).abs() < 0.01, "band {j}: {measured} {expected}");
        }
    }

    #[test]
    fn the_widest_instruction_set_is_taken() {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
            assert!(instruction_set_lanes() >= 8);
        }
    }
}
