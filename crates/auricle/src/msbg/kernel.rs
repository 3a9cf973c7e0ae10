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
///
/// Of each pair, one is the last value and the other the one before it, which changes from sample to
/// sample: the older makes room for the new, and nothing has to be moved. Loops take samples in twos;
/// between them the first of each pair is the last value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ForwardState {
    input: [Lanes; 2],
    /// Outputs of each section.
    sections: [[Lanes; 2]; SECTIONS],
    /// Outputs of the last section as they were moved forward.
    band: [Lanes; 2],
    high_pass: [Lanes; 2],
    low_pass: LowPassState,
}

/// What a low-pass of envelopes remembers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LowPassState {
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

impl ForwardState {
    /// One sample of the gammatone filters, the last values being those at `LAST`.
    #[inline(always)]
    fn gammatone_with<const FMA: bool, const LAST: usize>(&mut self, c: &Coeffs, input: &Lanes) -> Lanes {
        let mut x = *input;
        let mut past = self.input[LAST];
        self.input[1 - LAST] = x;
        for section in &mut self.sections {
            let new = madds::<FMA>(&c.zero, &past, &x);
            x = madds::<FMA>(&c.poles[0], &section[LAST], &madds::<FMA>(&c.poles[1], &section[1 - LAST], &new));
            past = section[LAST];
            section[1 - LAST] = x;
        }
        x
    }

    /// One sample of the high-pass, after the band has been moved forward.
    #[inline(always)]
    fn high_pass_with<const FMA: bool, const LAST: usize>(&mut self, c: &Coeffs, band: &Lanes) -> Lanes {
        let [zero, zeros] = &c.high_pass_zeros;
        let new = madds::<FMA>(zero, &self.band[LAST], &madds::<FMA>(zeros, &self.band[1 - LAST], band));
        let [pole, poles] = &c.high_pass_poles;
        let y = madds::<FMA>(pole, &self.high_pass[LAST], &madds::<FMA>(poles, &self.high_pass[1 - LAST], &new));
        self.band[1 - LAST] = *band;
        self.high_pass[1 - LAST] = y;
        y
    }

    /// One sample of the gammatone filters, by itself.
    pub(super) fn gammatone(&mut self, c: &Coeffs, input: &Lanes) -> Lanes {
        let output = self.gammatone_with::<false, 0>(c, input);
        self.input.swap(0, 1);
        self.sections.iter_mut().for_each(|section| section.swap(0, 1));
        output
    }

    /// One sample of the high-pass, by itself.
    pub(super) fn high_pass(&mut self, c: &Coeffs, band: &Lanes) -> Lanes {
        let output = self.high_pass_with::<false, 0>(c, band);
        self.band.swap(0, 1);
        self.high_pass.swap(0, 1);
        output
    }

    /// The low-pass at the end of this.
    pub(super) fn low_pass(&mut self) -> &mut LowPassState {
        &mut self.low_pass
    }

    /// One sample of all of it: the band and its level.
    #[inline(always)]
    fn sample_with<const FMA: bool, const LAST: usize>(&mut self, c: &Coeffs, input: &Lanes) -> (Lanes, Lanes) {
        let moved = self.gammatone_with::<FMA, LAST>(c, input);
        let band = self.high_pass_with::<FMA, LAST>(c, &moved);
        let level = self.low_pass.sample_with::<FMA, LAST>(c, &band.map(f64::abs));
        (band, level)
    }
}

impl LowPassState {
    /// As if `input` had always been there.
    pub(super) fn steady(c: &Coeffs, input: &Lanes) -> Self {
        let output = std::array::from_fn(|lane| input[lane] * c.envelope_steady[lane]);
        Self { input: [*input; 2], output: [output; 2] }
    }

    /// As it is after `input`, the latest first, with its own outputs there.
    pub(super) fn after(input: [Lanes; 2], output: [Lanes; 2]) -> Self {
        Self { input, output }
    }

    /// One sample.
    #[inline(always)]
    fn sample_with<const FMA: bool, const LAST: usize>(&mut self, c: &Coeffs, x: &Lanes) -> Lanes {
        let new = madds::<FMA>(&c.envelope_zero, &self.input[LAST], &plus(x, &self.input[1 - LAST]));
        let [pole, poles] = &c.envelope_poles;
        let y = madds::<FMA>(pole, &self.output[LAST], &madds::<FMA>(poles, &self.output[1 - LAST], &new));
        self.input[1 - LAST] = *x;
        self.output[1 - LAST] = y;
        y
    }

    /// One sample, by itself.
    pub(super) fn sample(&mut self, c: &Coeffs, x: &Lanes) -> Lanes {
        let y = self.sample_with::<false, 0>(c, x);
        self.input.swap(0, 1);
        self.output.swap(0, 1);
        y
    }
}

/// An envelope within its bounds: the elliptic filter overshoots, so that one may even be negative.
#[inline(always)]
fn bounded(c: &Coeffs, envelope: &Lanes) -> Lanes {
    let [least, greatest] = &c.bounds;
    let mut within = [0.0; LANES];
    for lane in 0..LANES {
        let above = if envelope[lane] > least[lane] { envelope[lane] } else { least[lane] };
        within[lane] = if above < greatest[lane] { above } else { greatest[lane] };
    }
    within
}

fn flush(states: &mut [Lanes]) {
    for value in states.iter_mut().flatten() {
        if value.abs() < FLUSH {
            *value = 0.0;
        }
    }
}

/// Bands of `inputs` and their low-passed magnitudes, `[sample]`; gammatone filters give nothing from
/// sample `ends` of a lane on.
pub(super) fn forward(
    coeffs: &Coeffs,
    state: &mut ForwardState,
    inputs: &[Lanes],
    ends: &Lanes,
    bands: &mut [Lanes],
    levels: &mut [Lanes],
) {
    if ends.iter().all(|end| *end >= inputs.len() as f64) && inputs.len().is_multiple_of(2) {
        forward_pairs(coeffs, state, inputs, bands, levels);
    } else {
        for (n, ((input, band), level)) in inputs.iter().zip(bands).zip(levels).enumerate() {
            let moved = state.gammatone(coeffs, input);
            let moved = std::array::from_fn(|lane| if (n as f64) < ends[lane] { moved[lane] } else { 0.0 });
            *band = state.high_pass(coeffs, &moved);
            *level = state.low_pass.sample(coeffs, &band.map(f64::abs));
        }
    }
    state.sections.iter_mut().for_each(|section| flush(section));
    flush(&mut state.band);
    flush(&mut state.high_pass);
    flush(&mut state.low_pass.output);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn forward_pairs(c: &Coeffs, state: &mut ForwardState, inputs: &[Lanes], bands: &mut [Lanes], levels: &mut [Lanes]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    // A copy, which stays in registers.
    let mut s = *state;
    let pairs = inputs.as_chunks::<2>().0.iter().zip(bands.as_chunks_mut::<2>().0).zip(levels.as_chunks_mut::<2>().0);
    for ((inputs, bands), levels) in pairs {
        (bands[0], levels[0]) = s.sample_with::<FMA, 0>(c, &inputs[0]);
        (bands[1], levels[1]) = s.sample_with::<FMA, 1>(c, &inputs[1]);
    }
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
pub(super) fn warm_up(coeffs: &Coeffs, state: &mut LowPassState, levels: &[Lanes]) {
    for level in levels.iter().rev() {
        state.sample(coeffs, level);
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

/// The bands as loud as they are, summed up and added to `heard`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub(super) fn sum(c: &Coeffs, bands: &[Lanes], heard: &mut [f64]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let gain = raised::<FMA>(c, &[1.0; LANES]);
    for (band, heard) in bands.iter().zip(heard) {
        *heard += across(&times(band, &gain));
    }
}

/// The backward low-pass over `levels`, `[sample]`, from the last to the first; the bands times what
/// expansion makes of their envelopes, summed up and added to `heard`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
pub(super) fn expand(c: &Coeffs, state: &mut LowPassState, bands: &[Lanes], levels: &[Lanes], heard: &mut [f64]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    let mut s = *state;
    let (bands, last_bands) = bands.as_chunks::<RUN>();
    let (levels, last_levels) = levels.as_chunks::<RUN>();
    let (heard, last_heard) = heard.as_chunks_mut::<RUN>();
    for ((band, level), heard) in last_bands.iter().zip(last_levels).zip(last_heard).rev() {
        let envelope = bounded(c, &s.sample(c, level));
        *heard += across(&times(band, &raised::<FMA>(c, &envelope)));
    }
    for ((bands, levels), heard) in bands.iter().zip(levels).zip(heard).rev() {
        let mut envelopes = [[0.0; LANES]; RUN];
        let pairs = envelopes.as_chunks_mut::<2>().0.iter_mut().zip(levels.as_chunks::<2>().0);
        for (envelopes, levels) in pairs.rev() {
            envelopes[1] = bounded(c, &s.sample_with::<FMA, 0>(c, &levels[1]));
            envelopes[0] = bounded(c, &s.sample_with::<FMA, 1>(c, &levels[0]));
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
                // Left to itself the compiler would work on all samples at once and gather their lanes number by
                // number; what it cannot see through is added up by itself.
                *heard += across(std::hint::black_box(&times(&times(band, &gain), &power)));
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
