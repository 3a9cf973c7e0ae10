//! The loops over samples of [`cochlea`](super::cochlea), [`LANES`] bands side by side.
//!
//! All filters are run with b0 = 1 as direct forms I, whose only loop is one multiply-add deep; a
//! section's past inputs are the past outputs of the one before it.

use multiversion::{multiversion, target::target_cfg_f};

use super::power::{exp2, log2, madd};

/// Bands computed side by side: the width of one AVX-512 register of f64.
pub(super) const LANES: usize = 8;
/// One register's worth of bands.
pub(super) type Lanes = [f64; LANES];
/// Samples that are worked on together: of bands and levels, what half of a first-level cache holds.
pub(super) const CHUNK: usize = 512;
/// Samples of an envelope that are raised to a power by way of the one in their middle.
const RUN: usize = 16;
/// Terms of the binomial series by which they are, after the first.
const SERIES_TERMS: usize = 6;
/// What the series may leave out, relative.
const SERIES_ERROR: f64 = 1e-9;
/// Gammatone sections.
const SECTIONS: usize = 4;
/// States below this are set to zero once a chunk, long before they become denormal.
const FLUSH: f64 = 1e-60;

/// Coefficients of a group of bands; poles with their sign turned, to be added.
#[derive(Debug, Clone)]
pub(super) struct Coeffs {
    pub(super) zero: Lanes,
    pub(super) poles: [Lanes; 2],
    pub(super) high_pass_zeros: [Lanes; 2],
    pub(super) high_pass_poles: [Lanes; 2],
    pub(super) envelope_zero: Lanes,
    pub(super) envelope_poles: [Lanes; 2],
    /// Gain of the envelope's low-pass at 0 Hz.
    pub(super) envelope_steady: Lanes,
    /// Least and greatest envelope that is told apart, as it comes out of the filters.
    pub(super) bounds: [Lanes; 2],
    /// What makes the sound of a greatest envelope as loud as it is, log2: gain that the filters lack, less
    /// the exponent times the greatest envelope.
    pub(super) gain_log2: Lanes,
    /// Growth less 1.
    pub(super) exponent: Lanes,
    /// Powers of (1 + x) to the exponent, `[power - 1]`.
    pub(super) series: [Lanes; SERIES_TERMS],
    /// Greatest |x| for which that series is good.
    pub(super) series_reach: f64,
    /// What the backward low-pass makes of one sample, so many samples before it, `[samples + 1]`; the first
    /// is 0.
    pub(super) response: Vec<Lanes>,
}

/// Coefficients of (1 + x)^`exponent` in powers of x from the first on, and the greatest |x| for which
/// they are good.
pub(super) fn binomial_series(exponent: f64) -> ([f64; SERIES_TERMS], f64) {
    let mut terms = [0.0; SERIES_TERMS];
    let mut term = 1.0;
    for (k, to) in terms.iter_mut().enumerate() {
        term *= (exponent - k as f64) / (k + 1) as f64;
        *to = term;
    }
    let omitted = SERIES_TERMS as f64;
    let next = (term * (exponent - omitted) / (omitted + 1.0)).abs();
    // Half the error for the first term left out, half for those after it, which at a quarter are smaller.
    let reach = if next > 0.0 { libm::pow(SERIES_ERROR / (2.0 * next), 1.0 / (omitted + 1.0)) } else { 0.25 };
    (terms, reach.min(0.25))
}

/// What the forward half remembers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ForwardState {
    input: Lanes,
    /// Last and last but one output of each section.
    sections: [[Lanes; 2]; SECTIONS],
    /// Last outputs of the last section as they were moved forward.
    band: [Lanes; 2],
    high_pass: [Lanes; 2],
    magnitude: [Lanes; 2],
    level: [Lanes; 2],
}

/// What the backward low-pass remembers.
#[derive(Debug, Clone, Copy)]
pub(super) struct BackState {
    input: [Lanes; 2],
    output: [Lanes; 2],
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

#[inline(always)]
fn plus(a: &Lanes, b: &Lanes) -> Lanes {
    let mut sum = [0.0; LANES];
    for lane in 0..LANES {
        sum[lane] = a[lane] + b[lane];
    }
    sum
}

/// One sample of the envelope's low-pass.
#[inline(always)]
fn low_pass<const FMA: bool>(c: &Coeffs, x: &Lanes, past: &[Lanes; 2], outputs: &[Lanes; 2]) -> Lanes {
    let new = madds::<FMA>(&c.envelope_zero, &past[0], &plus(x, &past[1]));
    madds::<FMA>(&c.envelope_poles[0], &outputs[0], &madds::<FMA>(&c.envelope_poles[1], &outputs[1], &new))
}

impl ForwardState {
    /// One sample of the gammatone filters.
    #[inline(always)]
    fn gammatone_with<const FMA: bool>(&mut self, c: &Coeffs, input: &Lanes) -> Lanes {
        let mut past = self.input;
        let mut x = *input;
        self.input = x;
        for section in &mut self.sections {
            let new = madds::<FMA>(&c.zero, &past, &x);
            let [last, before] = *section;
            let y = madds::<FMA>(&c.poles[0], &last, &madds::<FMA>(&c.poles[1], &before, &new));
            past = last;
            *section = [y, last];
            x = y;
        }
        x
    }

    /// One sample of the high-pass, after the band has been moved forward.
    #[inline(always)]
    fn high_pass_with<const FMA: bool>(&mut self, c: &Coeffs, band: &Lanes) -> Lanes {
        let [x1, x2] = self.band;
        let [y1, y2] = self.high_pass;
        let new = madds::<FMA>(&c.high_pass_zeros[0], &x1, &madds::<FMA>(&c.high_pass_zeros[1], &x2, band));
        let y = madds::<FMA>(&c.high_pass_poles[0], &y1, &madds::<FMA>(&c.high_pass_poles[1], &y2, &new));
        self.band = [*band, x1];
        self.high_pass = [y, y1];
        y
    }

    /// One sample of the envelope's low-pass.
    #[inline(always)]
    fn low_pass_with<const FMA: bool>(&mut self, c: &Coeffs, magnitude: &Lanes) -> Lanes {
        let level = low_pass::<FMA>(c, magnitude, &self.magnitude, &self.level);
        self.magnitude = [*magnitude, self.magnitude[0]];
        self.level = [level, self.level[0]];
        level
    }

    /// One sample of the gammatone filters.
    pub(super) fn gammatone(&mut self, c: &Coeffs, input: &Lanes) -> Lanes {
        self.gammatone_with::<false>(c, input)
    }

    /// One sample of the high-pass.
    pub(super) fn high_pass(&mut self, c: &Coeffs, band: &Lanes) -> Lanes {
        self.high_pass_with::<false>(c, band)
    }

    /// One sample of the envelope's low-pass.
    pub(super) fn low_pass(&mut self, c: &Coeffs, magnitude: &Lanes) -> Lanes {
        self.low_pass_with::<false>(c, magnitude)
    }

    /// The low-pass as if `magnitude` had always been there.
    pub(super) fn settle(&mut self, c: &Coeffs, magnitude: &Lanes) {
        let level = std::array::from_fn(|lane| magnitude[lane] * c.envelope_steady[lane]);
        (self.magnitude, self.level) = ([*magnitude; 2], [level; 2]);
    }
}

impl BackState {
    /// As if `level` had always been there.
    pub(super) fn steady(c: &Coeffs, level: &Lanes) -> Self {
        let output = std::array::from_fn(|lane| level[lane] * c.envelope_steady[lane]);
        Self { input: [*level; 2], output: [output; 2] }
    }

    #[inline(always)]
    fn low_pass_with<const FMA: bool>(&mut self, c: &Coeffs, level: &Lanes) -> Lanes {
        let envelope = low_pass::<FMA>(c, level, &self.input, &self.output);
        self.input = [*level, self.input[0]];
        self.output = [envelope, self.output[0]];
        envelope
    }

    /// One sample, within bounds: the elliptic filter overshoots, so that an envelope may even be negative.
    #[inline(always)]
    fn envelope_with<const FMA: bool>(&mut self, c: &Coeffs, level: &Lanes) -> Lanes {
        let mut envelope = self.low_pass_with::<FMA>(c, level);
        let [least, greatest] = &c.bounds;
        for lane in 0..LANES {
            let above = if envelope[lane] > least[lane] { envelope[lane] } else { least[lane] };
            envelope[lane] = if above < greatest[lane] { above } else { greatest[lane] };
        }
        envelope
    }

    /// As it is before `input` samples, the nearest first, with its own outputs there.
    pub(super) fn before(input: [Lanes; 2], output: [Lanes; 2]) -> Self {
        Self { input, output }
    }

    /// One sample.
    pub(super) fn low_pass(&mut self, c: &Coeffs, level: &Lanes) -> Lanes {
        self.low_pass_with::<false>(c, level)
    }
}

fn flush(states: &mut [Lanes]) {
    for value in states.iter_mut().flatten() {
        if value.abs() < FLUSH {
            *value = 0.0;
        }
    }
}

/// Bands of `inputs` and their low-passed magnitudes, `[sample]`; gammatone filters give nothing from
/// sample `ends[lane]` on.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub(super) fn forward(
    coeffs: &Coeffs,
    state: &mut ForwardState,
    inputs: &[Lanes],
    ends: &Lanes,
    bands: &mut [Lanes],
    levels: &mut [Lanes],
) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    // A copy, which stays in registers.
    let (c, mut s) = (coeffs, *state);
    let whole = ends.iter().all(|end| *end >= inputs.len() as f64);
    for (n, ((input, band), level)) in inputs.iter().zip(bands).zip(levels).enumerate() {
        let mut moved = s.gammatone_with::<FMA>(c, input);
        if !whole {
            for lane in 0..LANES {
                moved[lane] = if (n as f64) < ends[lane] { moved[lane] } else { 0.0 };
            }
        }
        let heard = s.high_pass_with::<FMA>(c, &moved);
        *band = heard;
        *level = s.low_pass_with::<FMA>(c, &heard.map(f64::abs));
    }
    s.sections.iter_mut().for_each(|section| flush(section));
    flush(&mut s.band);
    flush(&mut s.high_pass);
    flush(&mut s.level);
    *state = s;
}

/// Adds to `sums` what stretches of `response` make of `levels`, `[sample]`: of the first and of the
/// second sample before them where they begin.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub(super) fn remember(response: &[Lanes], levels: &[Lanes], sums: &mut [Lanes; 2]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    // Several sums, so that none has to wait for itself.
    const SUMS: usize = 4;
    let mut first = [[0.0; LANES]; SUMS];
    let mut second = [[0.0; LANES]; SUMS];
    let (earlier, later) = (&response[..levels.len()], &response[1..]);
    let quads = levels.as_chunks::<SUMS>().0.iter().zip(earlier.as_chunks::<SUMS>().0).zip(later.as_chunks::<SUMS>().0);
    for ((levels, earlier), later) in quads {
        for q in 0..SUMS {
            first[q] = madds::<FMA>(&levels[q], &later[q], &first[q]);
            second[q] = madds::<FMA>(&levels[q], &earlier[q], &second[q]);
        }
    }
    for (sum, parts) in sums.iter_mut().zip([first, second]) {
        *sum = parts.iter().fold(*sum, |sum, part| plus(&sum, part));
    }
}

/// The backward low-pass over `levels`, `[sample]`, from the last to the first.
pub(super) fn warm_up(coeffs: &Coeffs, state: &mut BackState, levels: &[Lanes]) {
    for level in levels.iter().rev() {
        state.low_pass(coeffs, level);
    }
    flush(&mut state.output);
}

/// `value` raised to the exponents, and with the gains.
#[inline(always)]
fn raised<const FMA: bool>(c: &Coeffs, value: &Lanes) -> Lanes {
    let mut gain = [0.0; LANES];
    for lane in 0..LANES {
        let log2_gain = madd::<FMA>(c.exponent[lane], log2::<FMA>(value[lane]), c.gain_log2[lane]);
        gain[lane] = exp2::<FMA>(if log2_gain > -1000.0 { log2_gain } else { -1000.0 });
    }
    gain
}

/// The backward low-pass over `levels`, `[sample]`, from the last to the first; the bands times what
/// expansion makes of their envelopes, summed up and added to `heard`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub(super) fn expand(coeffs: &Coeffs, state: &mut BackState, bands: &[Lanes], levels: &[Lanes], heard: &mut [f64]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let mut s = *state;
    let c = coeffs;
    let (bands, last_bands) = bands.as_chunks::<RUN>();
    let (levels, last_levels) = levels.as_chunks::<RUN>();
    let (heard, last_heard) = heard.as_chunks_mut::<RUN>();
    for ((band, level), heard) in last_bands.iter().zip(last_levels).zip(last_heard).rev() {
        let envelope = s.envelope_with::<FMA>(c, level);
        *heard += across(&times(band, &raised::<FMA>(c, &envelope)));
    }
    for ((bands, levels), heard) in bands.iter().zip(levels).zip(heard).rev() {
        let mut envelopes = [[0.0; LANES]; RUN];
        for (envelope, level) in envelopes.iter_mut().zip(levels).rev() {
            *envelope = s.envelope_with::<FMA>(c, level);
        }
        // An envelope changes little in so short a time: about its middle a few terms of the binomial series
        // say what its power is.
        let middle = envelopes[RUN / 2];
        let over = middle.map(|envelope| 1.0 / envelope);
        let mut farthest = [0.0; LANES];
        for envelope in &mut envelopes {
            *envelope = madds::<FMA>(envelope, &over, &[-1.0; LANES]);
            for lane in 0..LANES {
                let distance = envelope[lane].abs();
                farthest[lane] = if distance > farthest[lane] { distance } else { farthest[lane] };
            }
        }
        if farthest.iter().all(|distance| *distance <= c.series_reach) {
            let gain = raised::<FMA>(c, &middle);
            for ((band, x), heard) in bands.iter().zip(&envelopes).zip(heard) {
                let mut power = c.series[SERIES_TERMS - 1];
                for term in c.series[..SERIES_TERMS - 1].iter().rev() {
                    power = madds::<FMA>(&power, x, term);
                }
                power = madds::<FMA>(&power, x, &[1.0; LANES]);
                *heard += across(&times(&times(band, &gain), &power));
            }
        } else {
            for ((band, x), heard) in bands.iter().zip(&envelopes).zip(heard) {
                let envelope = madds::<FMA>(x, &middle, &middle);
                *heard += across(&times(band, &raised::<FMA>(c, &envelope)));
            }
        }
    }
    flush(&mut s.output);
    *state = s;
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

/// The sum of a register, halves added to halves.
#[inline(always)]
fn across(lanes: &Lanes) -> f64 {
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}
