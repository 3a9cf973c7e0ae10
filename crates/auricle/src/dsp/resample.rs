//! From one sampling rate to another: a windowed sinc at the exact phase of every output, streaming.
//!
//! ```text
//! y[k] = sum over n of x[n] h(k M/L - D - n),   h(t) = 2 c sinc(2 c t) Kaiser(t / D)
//! ```
//! with L/M the ratio of the rates in lowest terms, D half the filter's length in samples of the input, and
//! c the lower of the two Nyquist frequencies. Time is kept as a whole number and L-ths, so that nothing ever drifts.

use multiversion::{multiversion, target::target_cfg_f};

use super::LANES;
use super::math::{bessel_i0, madd};

/// Part of the lower Nyquist frequency up to which sound passes whole; as far above it begins the stop band.
const PASS: f64 = 0.9;
/// Attenuation of what would fold into the pass band, dB.
const STOP_DB: f64 = 80.0;
/// Phases that are stored at most. With more than that (rates of hardly a common factor) the filter is interpolated
/// between the two nearest, whose error is below (pi / 512)^2 / 8, 106 dB down.
const MAX_PHASES: u64 = 1024;
/// Phases stored where they are interpolated between.
const COARSE_PHASES: u64 = 512;
/// Input samples gathered before those that are no longer needed are dropped.
const ROOM: usize = 4096;
/// Outputs computed in one go.
const AT_ONCE: usize = 64;

/// A stream on its way from one rate to another.
#[derive(Debug, Clone)]
pub struct Resampler {
    /// `[phase][tap]`, the oldest sample's tap first; one row more than phases.
    taps: Vec<f32>,
    /// Taps of a phase, a multiple of twice [`LANES`].
    length: usize,
    /// Sound not done with, `length - 1` samples of the past first.
    samples: Vec<f32>,
    filled: usize,
    time: Time,
}

impl Resampler {
    /// From `from_hz` to `to_hz`, at rest; `None` where they are the same and nothing is to be done.
    pub fn new(from_hz: u32, to_hz: u32) -> Option<Self> {
        if from_hz == to_hz {
            return None;
        }
        let common = u64::from(greatest_common_divisor(from_hz, to_hz));
        let (up, down) = (u64::from(to_hz) / common, u64::from(from_hz) / common);
        // Kaiser's formulas (Kaiser 1974): length N = (A - 8) / (2.285 dw), beta = 0.1102 (A - 8.7).
        let cutoff = 0.5 * (f64::from(to_hz) / f64::from(from_hz)).min(1.0);
        let transition = std::f64::consts::TAU * cutoff * 2.0 * (1.0 - PASS);
        let length = (libm::ceil((STOP_DB - 8.0) / (2.285 * transition)) as usize).next_multiple_of(2 * LANES);
        let beta = 0.1102 * (STOP_DB - 8.7);
        let half = length as f64 / 2.0;
        let at = |t: f64| {
            let place = (t / half).clamp(-1.0, 1.0);
            let x = 2.0 * cutoff * t;
            let sinc =
                if x.abs() < 1e-9 { 1.0 } else { libm::sin(std::f64::consts::PI * x) / (std::f64::consts::PI * x) };
            sinc * bessel_i0(beta * libm::sqrt(1.0 - place * place))
        };
        let phases = if up <= MAX_PHASES { up } else { COARSE_PHASES };
        let mut taps = Vec::with_capacity((phases as usize + 1) * length);
        for row in 0..=phases {
            let first = row as f64 / phases as f64 + half - 1.0;
            let values: Vec<f64> = (0..length).map(|tap| at(first - tap as f64)).collect();
            // Each phase passes 0 Hz whole, so that a steady level has no ripple at the phases' rate.
            let sum: f64 = values.iter().sum();
            taps.extend(values.iter().map(|value| (value / sum) as f32));
        }
        let samples = vec![0.0; length - 1 + ROOM];
        let step = ((down / up) as usize, down % up);
        let time = Time { up, phases, step, newest: length - 1, part: 0 };
        Some(Self { taps, length, samples, filled: length - 1, time })
    }

    /// Samples of the input by which what comes out lags it.
    pub fn delay_samples(&self) -> usize {
        self.length / 2
    }

    /// Forgets everything. Real-time safe.
    pub fn reset(&mut self) {
        self.samples.fill(0.0);
        self.filled = self.length - 1;
        (self.time.newest, self.time.part) = (self.filled, 0);
    }

    /// Takes the whole of `input` and hands out samples at the other rate as they are complete: output k after
    /// input sample floor(k M/L). Real-time safe.
    pub fn process(&mut self, input: &[f32], mut output: impl FnMut(f32)) {
        let mut rest = input;
        while !rest.is_empty() {
            if self.filled == self.samples.len() {
                self.drop_past();
            }
            let (now, later) = rest.split_at(rest.len().min(self.samples.len() - self.filled));
            self.samples[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            rest = later;
            while self.time.newest < self.filled {
                let mut made = [0.0; AT_ONCE];
                let samples = &self.samples[..self.filled];
                let count = outputs(&self.taps, self.length, samples, &mut self.time, &mut made);
                made[..count].iter().for_each(|sample| output(*sample));
            }
        }
    }

    /// Moves what the next outputs look back on to the front.
    fn drop_past(&mut self) {
        // The next output may lie ahead of all that there is, but by far less than a filter is long.
        let keep_from = self.time.newest + 1 - self.length;
        self.samples.copy_within(keep_from..self.filled, 0);
        self.filled -= keep_from;
        self.time.newest -= keep_from;
    }
}

/// Where the next output lies.
#[derive(Debug, Clone, Copy)]
struct Time {
    /// L of L/M.
    up: u64,
    phases: u64,
    /// From one output to the next: whole samples, and L-ths of one.
    step: (usize, u64),
    /// Where among the samples the newest of the next output lies, and L-ths of a sample after it.
    newest: usize,
    part: u64,
}

/// Outputs until samples or room end; how many.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn outputs(taps: &[f32], length: usize, samples: &[f32], time: &mut Time, out: &mut [f32; AT_ONCE]) -> usize {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let mut count = 0;
    for out in out.iter_mut() {
        if time.newest >= samples.len() {
            break;
        }
        let past = &samples[time.newest + 1 - length..=time.newest];
        // Divisions cost as much as all the rest.
        let (row, between) = if time.phases == time.up {
            (time.part, 0)
        } else {
            (time.part * time.phases / time.up, time.part * time.phases % time.up)
        };
        let rows = &taps[row as usize * length..];
        let here = dot::<FMA>(&rows[..length], past);
        *out = here;
        if between != 0 {
            let next = dot::<FMA>(&rows[length..2 * length], past);
            *out += (next - here) * (between as f32 / time.up as f32);
        }
        count += 1;
        time.newest += time.step.0;
        time.part += time.step.1;
        if time.part >= time.up {
            time.newest += 1;
            time.part -= time.up;
        }
    }
    count
}

/// Sum of products, in twice [`LANES`] sums side by side that are then halved into one.
#[inline(always)]
fn dot<const FMA: bool>(taps: &[f32], samples: &[f32]) -> f32 {
    // Two names and not an array of arrays, which would stay in memory.
    let (mut even, mut odd) = ([0.0_f32; LANES], [0.0_f32; LANES]);
    let pairs = taps.as_chunks::<{ 2 * LANES }>().0.iter().zip(samples.as_chunks::<{ 2 * LANES }>().0);
    for (taps, samples) in pairs {
        for lane in 0..LANES {
            even[lane] = madd::<FMA>(taps[lane], samples[lane], even[lane]);
            odd[lane] = madd::<FMA>(taps[LANES + lane], samples[LANES + lane], odd[lane]);
        }
    }
    for lane in 0..LANES {
        even[lane] += odd[lane];
    }
    sum(&even)
}

/// All lanes added up in halves. Apart from the loop before it: inlined, its shape is what the compiler would give the
/// loop's registers, two lanes wide.
#[inline(never)]
fn sum(lanes: &[f32; LANES]) -> f32 {
    let eight: [f32; LANES / 2] = std::array::from_fn(|lane| lanes[lane] + lanes[lane + LANES / 2]);
    let four: [f32; LANES / 4] = std::array::from_fn(|lane| eight[lane] + eight[lane + LANES / 4]);
    (four[0] + four[2]) + (four[1] + four[3])
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(resampler: &mut Resampler, input: &[f32], block: usize) -> Vec<f32> {
        let mut out = Vec::new();
        for now in input.chunks(block) {
            resampler.process(now, |sample| out.push(sample));
        }
        out
    }

    #[test]
    fn a_tone_comes_out_at_its_own_time() {
        for (from, to) in [
            (48_000, 15_625),
            (44_100, 15_625),
            (8000, 15_625),
            (16_000, 15_625),
            (22_050, 17_400),
            (192_000, 20_000),
            (44_101, 15_625),
            (8001, 20_000),
        ] {
            let mut resampler = Resampler::new(from, to).expect("two rates");
            for part in [0.03, 0.31, 0.62, 0.88] {
                let hz = part * 0.5 * f64::from(from.min(to));
                let w = std::f64::consts::TAU * hz;
                let input: Vec<f32> =
                    (0..from / 4).map(|n| (w * f64::from(n) / f64::from(from)).sin() as f32).collect();
                resampler.reset();
                let out = run(&mut resampler, &input, 1000);
                assert_eq!(out.len(), (u64::from(from / 4) * u64::from(to)).div_ceil(u64::from(from)) as usize);
                let delay_secs = resampler.delay_samples() as f64 / f64::from(from);
                let skip = (2.0 * delay_secs * f64::from(to)) as usize + 2;
                for (k, y) in out.iter().enumerate().skip(skip) {
                    let expected = (w * (k as f64 / f64::from(to) - delay_secs)).sin();
                    let error = (f64::from(*y) - expected).abs();
                    assert!(error < 3e-4, "{from} to {to} Hz, {hz} Hz: {error} at {k}");
                }
            }
        }
    }

    #[test]
    fn what_would_fold_is_stopped() {
        for (from, to) in [(48_000, 15_625), (44_100, 17_400), (96_000, 20_000)] {
            let mut resampler = Resampler::new(from, to).expect("two rates");
            for part in [1.11, 1.5, 1.9] {
                let w = std::f64::consts::PI * part * f64::from(to) / f64::from(from);
                let input: Vec<f32> = (0..from / 4).map(|n| (w * f64::from(n)).sin() as f32).collect();
                resampler.reset();
                let out = run(&mut resampler, &input, 4096);
                let peak = out[out.len() / 4..].iter().fold(0.0_f32, |peak, y| peak.max(y.abs()));
                assert!(peak < 1.5e-4, "{from} to {to} Hz: {part} of Nyquist comes out at {peak}");
            }
        }
    }

    #[test]
    fn blocks_do_not_matter() {
        let input: Vec<f32> = (0..30_000).map(|n| ((n * n) % 1999) as f32 / 1000.0 - 1.0).collect();
        for (from, to) in [(48_000, 15_625), (8000, 20_000), (192_000, 15_625), (191_999, 15_625)] {
            let mut resampler = Resampler::new(from, to).expect("two rates");
            let whole = run(&mut resampler, &input, input.len());
            for block in [1, 7, 480, 5000] {
                resampler.reset();
                assert_eq!(run(&mut resampler, &input, block), whole, "{from} to {to} Hz in blocks of {block}");
            }
        }
    }
}
