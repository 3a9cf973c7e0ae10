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
//!
//! Groups of low bands run at a half or a quarter of the rate, on the lower levels of a [`Pyramid`]; what they
//! make is brought up again level by level.

use multiversion::{multiversion, target::target_cfg_f};

use super::gammatone::{Gammatone, SHARE, STAGES};
use super::halfband::{Doubler, HalfBand, WIDTH};
use super::math::madd;
use super::pyramid::Pyramid;
use super::{Aligned, LANES, Lanes};

/// States below this (on a scale where 0 dB FS is at least 1) are set to zero once in [`FLUSH_EVERY`] periods, long
/// before they become denormal.
const FLUSH: f32 = 1e-18;
/// Meanwhile the fastest band falls by ten powers of ten at most.
const FLUSH_EVERY: u32 = 2;
/// Where sums of squares begin: the squares of small states are denormal, which costs nothing once they are added to
/// this, and so would the mean squares of low bands be. 260 dB under full scale in the highest band, less in others.
const NOTHING: Lanes = [1e-20; LANES];

/// Output below this is silence, 600 dB under full scale: what is left of decaying bands that cancel each other
/// may be denormal.
const FAINTEST: f32 = 1e-30;

/// Complex numbers, `[re, im][band]`.
type Turn = Aligned<[Lanes; 2]>;

/// The complex stages of a group of bands, `[re, im][stage][band]`.
type Stages = [[Lanes; STAGES]; 2];

/// Stages that have heard nothing.
const AT_REST: Aligned<Stages> = Aligned([[[0.0; LANES]; STAGES]; 2]);

/// Coefficients of a group of [`LANES`] bands.
#[derive(Debug, Clone)]
struct Group {
    /// How often the rate is halved for it.
    level: usize,
    radius: Aligned<Lanes>,
    /// e^(-i b t) for each sample of a period, `[sample][re, im][band]`.
    down: Vec<Turn>,
    /// c e^(i b t), with the gain of the stages, `[sample][re, -im][band]`.
    up: Vec<Turn>,
    /// e^(i b T), `[re, im][stage][band]`, the same for each stage.
    turn: Aligned<Stages>,
    /// Squared magnitude of v to mean square of the band's real part.
    power_scale: Aligned<Lanes>,
    /// Input delay of each run of [`SHARE`] bands, samples of its level.
    delay_samples: [usize; LANES / SHARE],
}

/// Coefficients of the bank in f32.
#[derive(Debug, Clone)]
pub struct BankCoeffs {
    groups: Vec<Group>,
    half_bands: std::sync::Arc<[HalfBand]>,
    period_samples: usize,
}

/// What one running bank remembers: four complex stages a band, and the way up.
#[derive(Debug, Clone)]
pub struct BankState {
    groups: Vec<Aligned<Stages>>,
    /// Periods until states are next looked at for what is too small.
    until_flush: u32,
    /// `[level]`, for the way up to it.
    doublers: Vec<Doubler>,
    /// Sums of the groups of each level while a period is put together, the lowest level's samples first,
    /// `[sample][lane]`; what is half added up of them; and what they add up to.
    sums: Vec<Aligned<Lanes>>,
    quarters: Vec<[f32; 4]>,
    levels: Vec<f32>,
}

impl BankCoeffs {
    /// From a design, each band's input delayed by about `extra_delay_samples` of its [`SHARE`] group more
    /// than the design says.
    pub fn new(design: &Gammatone, extra_delay_samples: impl Fn(usize) -> usize) -> Self {
        let groups = (0..design.groups())
            .map(|g| {
                let level = design.level[g];
                let period = design.period_samples >> level;
                let band = |lane: usize| {
                    let k = g * LANES + lane;
                    (k < design.bands()).then_some(k)
                };
                let lanes = |f: &dyn Fn(usize) -> f64| -> Lanes {
                    std::array::from_fn(|lane| band(lane).map_or(0.0, |k| f(k) as f32))
                };
                let gain = |k: usize| 2.0 * libm::pow(1.0 - design.radius[k], STAGES as f64);
                let turned = |k: usize, t: usize| {
                    let phase = design.angle[k] * t as f64;
                    let (sin, cos) = (libm::sin(phase), libm::cos(phase));
                    let w = design.weight[k] * gain(k);
                    [w.re * cos - w.im * sin, w.re * sin + w.im * cos]
                };
                Group {
                    level,
                    radius: Aligned(lanes(&|k| design.radius[k])),
                    down: (0..period)
                        .map(|t| {
                            Aligned([
                                lanes(&|k| libm::cos(design.angle[k] * t as f64)),
                                lanes(&|k| -libm::sin(design.angle[k] * t as f64)),
                            ])
                        })
                        .collect(),
                    up: (0..period)
                        .map(|t| Aligned([lanes(&|k| turned(k, t)[0]), lanes(&|k| -turned(k, t)[1])]))
                        .collect(),
                    turn: Aligned([
                        [lanes(&|k| libm::cos(design.angle[k] * period as f64)); STAGES],
                        [lanes(&|k| libm::sin(design.angle[k] * period as f64)); STAGES],
                    ]),
                    power_scale: Aligned(lanes(&|k| gain(k) * gain(k) / (2.0 * period as f64))),
                    delay_samples: std::array::from_fn(|run| {
                        let first = g * LANES + run * SHARE;
                        if first < design.bands() {
                            let extra = extra_delay_samples(first / SHARE);
                            design.input_delay_samples[first] + (extra + (1 << level) / 2) / (1 << level)
                        } else {
                            0
                        }
                    }),
                }
            })
            .collect();
        Self { groups, half_bands: design.half_bands.clone(), period_samples: design.period_samples }
    }

    /// The past that a bank reads, `delay_samples` of it at level 0 at least.
    pub fn past(&self, delay_samples: usize) -> Pyramid {
        let mut history = vec![0; self.half_bands.len() + 1];
        history[0] = delay_samples;
        for group in &self.groups {
            let longest = group.delay_samples.into_iter().max().unwrap_or(0);
            history[group.level] = history[group.level].max(longest);
        }
        Pyramid::new(self.half_bands.clone(), &history, self.period_samples)
    }

    /// A bank at rest.
    pub fn state(&self) -> BankState {
        let samples: usize = (0..=self.half_bands.len()).map(|level| self.period_samples >> level).sum();
        let doubler = |(level, filter): (usize, &HalfBand)| Doubler::new(filter, self.period_samples >> (level + 1));
        BankState {
            groups: vec![AT_REST; self.groups.len()],
            until_flush: FLUSH_EVERY,
            doublers: self.half_bands.iter().enumerate().map(doubler).collect(),
            sums: vec![Aligned([0.0; LANES]); samples],
            quarters: vec![[0.0; 4]; samples],
            levels: vec![0.0; samples],
        }
    }
}

impl BankState {
    /// Forgets everything.
    pub fn reset(&mut self) {
        self.groups.fill(AT_REST);
        self.until_flush = FLUSH_EVERY;
        self.doublers.iter_mut().for_each(Doubler::reset);
    }

    /// Drops what is too small from the stages, once in [`FLUSH_EVERY`] periods.
    fn flush(&mut self) {
        self.until_flush -= 1;
        if self.until_flush == 0 {
            self.until_flush = FLUSH_EVERY;
            flush(&mut self.groups);
        }
    }
}

/// Mean square of each band's real part over one period of `input`, `[group][band]`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub fn power(coeffs: &BankCoeffs, state: &mut BankState, input: &Pyramid, power: &mut [Lanes]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    // The highest first: they do not wait for the rate to be halved.
    for ((group, stages), power) in coeffs.groups.iter().zip(&mut state.groups).zip(power).rev() {
        let (mut z, [early, late], radius) = (stages.0, group.inputs(input), group.radius.0);
        // Two sums, because each waits for its last addition.
        let (mut sum_re, mut sum_im) = (NOTHING, NOTHING);
        for ((down, early), late) in group.down.as_chunks::<WIDTH>().0.iter().zip(early).zip(late) {
            for t in 0..WIDTH {
                let [re, im] = advance::<FMA>(&mut z, &radius, early[t], late[t], &down[t]);
                sum_re = madds::<FMA>(&re, &re, &sum_re);
                sum_im = madds::<FMA>(&im, &im, &sum_im);
            }
        }
        *power = times(&plus(&sum_re, &sum_im), &group.power_scale);
        stages.0 = z;
    }
    turn(&coeffs.groups, &mut state.groups);
    state.flush();
}

/// Adds the weighted bands, each times its gain, to one period of `output`, and measures the bands'
/// mean squares before gain as [`power`] does. Gains move linearly over the period, `[group][from, to]`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub fn synthesise(
    coeffs: &BankCoeffs,
    state: &mut BankState,
    input: &Pyramid,
    gains: &[[&Lanes; 2]],
    output: &mut [f32],
    power: &mut [Lanes],
) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let BankState { groups: states, doublers, sums, quarters, levels, .. } = state;
    // The highest level first: it does not wait for the rate to be halved. Levels fall as bands rise.
    let (mut next, mut rows) = (coeffs.groups.len(), &mut sums[..]);
    for level in 0..=coeffs.half_bands.len() {
        let groups = coeffs.groups[..next].iter().rev().take_while(|group| group.level == level).count();
        let (below, sums) = rows.split_at_mut(rows.len() - (coeffs.period_samples >> level));
        for g in next - groups..next {
            let (group, stages) = (&coeffs.groups[g], &mut states[g]);
            power[g] = if g == next - groups {
                add_group::<FMA, true>(group, stages, input, gains[g], sums)
            } else {
                add_group::<FMA, false>(group, stages, input, gains[g], sums)
            };
        }
        if groups == 0 {
            sums.fill(Aligned([0.0; LANES]));
        }
        (next, rows) = (next - groups, below);
    }
    across(sums, quarters, levels);
    let mut rest = &mut levels[..];
    for (level, (doubler, filter)) in doublers.iter_mut().zip(coeffs.half_bands.iter()).enumerate().rev() {
        let (below, above) = rest.split_at_mut(coeffs.period_samples >> (level + 1));
        doubler.add::<FMA>(filter, below, &mut above[..coeffs.period_samples >> level]);
        rest = above;
    }
    for (out, bands) in output.iter_mut().zip(rest) {
        let sum = *out + *bands;
        *out = if sum.abs() < FAINTEST { 0.0 } else { sum };
    }
    turn(&coeffs.groups, &mut state.groups);
    state.flush();
}

/// Runs a group of a level, of which the `FIRST` sets the sums. Returns the bands' mean squares.
#[inline(always)]
fn add_group<const FMA: bool, const FIRST: bool>(
    group: &Group,
    stages: &mut Aligned<Stages>,
    input: &Pyramid,
    [from, to]: [&Lanes; 2],
    sums: &mut [Aligned<Lanes>],
) -> Lanes {
    let period = group.up.len();
    let per_sample = 1.0 / period as f32;
    let mut gain = *from;
    let mut step = [0.0; LANES];
    for lane in 0..LANES {
        step[lane] = (to[lane] - from[lane]) * per_sample;
    }
    let (mut z, [early, late], radius) = (stages.0, group.inputs(input), group.radius.0);
    let (mut sum_re, mut sum_im) = (NOTHING, NOTHING);
    let (down, up, sums) = (group.down.as_chunks().0, group.up.as_chunks().0, sums.as_chunks_mut().0);
    for ((((down, up), sums), early), late) in down.iter().zip(up).zip(sums).zip(early).zip(late) {
        let (down, up, sums): (&[Turn; WIDTH], &[Turn; WIDTH], &mut [Aligned<Lanes>; WIDTH]) = (down, up, sums);
        for t in 0..WIDTH {
            let [re, im] = advance::<FMA>(&mut z, &radius, early[t], late[t], &down[t]);
            sum_re = madds::<FMA>(&re, &re, &sum_re);
            sum_im = madds::<FMA>(&im, &im, &sum_im);
            let [up_re, minus_up_im] = &up[t].0;
            let real = madds::<FMA>(&re, up_re, &times(&im, minus_up_im));
            sums[t].0 = if FIRST { times(&gain, &real) } else { madds::<FMA>(&gain, &real, &sums[t]) };
            gain = plus(&gain, &step);
        }
    }
    stages.0 = z;
    times(&plus(&sum_re, &sum_im), &group.power_scale)
}

/// `a + b`, lane by lane.
#[inline(always)]
fn plus(a: &Lanes, b: &Lanes) -> Lanes {
    let mut sum = [0.0; LANES];
    for lane in 0..LANES {
        sum[lane] = a[lane] + b[lane];
    }
    sum
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

/// The sum of each row over its lanes, halves added to halves; `quarters` has room for as many rows.
///
/// Left to itself the compiler would work on many rows at once and put their columns together number by number,
/// at three times the cost; a row that it cannot see through is added up by itself.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn across(rows: &[Aligned<Lanes>], quarters: &mut [[f32; 4]], sums: &mut [f32]) {
    for (Aligned(lanes), quarter) in rows.iter().zip(quarters.iter_mut()) {
        let lanes = std::hint::black_box(lanes);
        for i in 0..4 {
            quarter[i] = (lanes[i] + lanes[i + 8]) + (lanes[i + 4] + lanes[i + 12]);
        }
    }
    for (quarter, sum) in quarters.iter().zip(sums) {
        *sum = (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
    }
}

impl Group {
    /// A period of what each run of [`SHARE`] bands hears.
    #[inline(always)]
    fn inputs<'a>(&self, input: &'a Pyramid) -> [&'a [[f32; WIDTH]]; 2] {
        self.delay_samples.map(|delay| input.delayed(self.level, delay).as_chunks().0)
    }
}

/// Takes the stages one sample on and returns v, `[re, im]`.
#[inline(always)]
fn advance<const FMA: bool>(stages: &mut Stages, radius: &Lanes, early: f32, late: f32, down: &Turn) -> [Lanes; 2] {
    let mut x = [early; LANES];
    x[SHARE..].fill(late);
    let mut re = times(&x, &down[0]);
    let mut im = times(&x, &down[1]);
    let [stages_re, stages_im] = stages;
    for (state_re, state_im) in stages_re.iter_mut().zip(stages_im) {
        re = madds::<FMA>(radius, state_re, &re);
        im = madds::<FMA>(radius, state_im, &im);
        *state_re = re;
        *state_im = im;
    }
    [re, im]
}

/// Brings the stages at the end of a period to where the next one sees them from.
///
/// One plain loop a group, over tables as long as it: written by stage and band, the compiler would gather number by
/// number.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn turn(groups: &[Group], states: &mut [Aligned<Stages>]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    for (group, stages) in groups.iter().zip(states) {
        let (Aligned([re, im]), Aligned([turn_re, turn_im])) = (stages, &group.turn);
        let state = re.as_flattened_mut().iter_mut().zip(im.as_flattened_mut());
        let turns = turn_re.as_flattened().iter().zip(turn_im.as_flattened());
        for ((re, im), (turn_re, turn_im)) in state.zip(turns) {
            let (a, b) = (*re, *im);
            *re = madd::<FMA>(a, *turn_re, -(b * turn_im));
            *im = madd::<FMA>(a, *turn_im, b * turn_re);
        }
    }
}

/// Drops what is too small.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn flush(states: &mut [Aligned<Stages>]) {
    for Aligned(stages) in states {
        for state in stages.as_flattened_mut().as_flattened_mut() {
            *state = if state.abs() < FLUSH { 0.0 } else { *state };
        }
    }
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
        let mut past = coeffs.past(0);
        let gain = [gain; LANES];
        let gains = vec![[&gain; 2]; design.groups()];
        let mut powers = vec![[0.0; LANES]; design.groups()];
        let mut output = vec![0.0; signal.len()];
        for (x, y) in signal.chunks_exact(period).zip(output.chunks_exact_mut(period)) {
            past.push().copy_from_slice(x);
            past.descend();
            synthesise(&coeffs, &mut state, &past, &gains, y, &mut powers);
        }
        (output, powers)
    }

    #[test]
    fn an_impulse_comes_back_as_the_designed_response() {
        let design = Gammatone::design(48_000);
        let mut impulse = vec![0.0; 16_384];
        impulse[0] = 1.0;
        let (output, _) = run_bank(&design, &impulse, 1.0);
        for hz in [60.0, 250.0, 1000.0, 4000.0, 13_000.0] {
            let w = std::f64::consts::TAU * hz / 48_000.0;
            let measured: realfft::num_complex::Complex64 = output
                .iter()
                .enumerate()
                .map(|(n, y)| f64::from(*y) * realfft::num_complex::Complex64::from_polar(1.0, -w * n as f64))
                .sum();
            let designed: realfft::num_complex::Complex64 = design.responses(hz).synthesis.iter().sum();
            // What folds and the images of it are -70 dB.
            assert!((measured - designed).norm() < 3e-4, "{hz} Hz: {measured} for {designed}");
        }
    }

    #[test]
    fn power_is_the_mean_square_of_a_band() {
        let design = Gammatone::design(44_100);
        let k = 40;
        let w = std::f64::consts::TAU * design.centre_hz[k] / 44_100.0;
        let response = design.responses(design.centre_hz[k]);
        let tone: Vec<f32> = (0..32_768).map(|n| (0.1 * 2.0_f64.sqrt() * (w * f64::from(n)).sin()) as f32).collect();
        let (_, powers) = run_bank(&design, &tone, 0.0);
        for j in k - 6..k + 7 {
            let expected = 0.01 * response.power[j];
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
