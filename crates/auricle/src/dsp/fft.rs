//! The discrete Fourier transform of a short real frame, real and imaginary parts apart.
//!
//! Frames of fifty to two thousand samples, a power of two long or three times one, are what smearing runs on, and where
//! a general library spends most of its time between passes. Here every pass is a plain loop over separate arrays,
//! compiled for wide registers like the rest of the chain, and nothing in it is fused: all instruction sets give the
//! same bits.
//!
//! ```text
//! z[m] = x[2m] + i x[2m+1]            half as many complex numbers
//! Z = DFT(z)                          Stockham's passes of 4, at last of 2 or 3: no reordering by bits
//! X[k] = E + e^(-2 pi i k/N) O        E = (Z[k] + Z*[M-k]) / 2, O = (Z[k] - Z*[M-k]) / 2i
//! ```

use multiversion::multiversion;

use super::{Aligned, LANES};

/// Lengths of frames that there are transforms for, samples.
pub const LENGTHS: [usize; 12] = [48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048];

/// Room for one part of the complex numbers, and for the first again after the last.
type Part = Box<Aligned<[f32; LENGTHS[11] / 2 + LANES]>>;

/// One pass: `n / radix` butterflies that stand `stride` apart in what they make.
struct Pass {
    radix: usize,
    stride: usize,
    /// How many butterflies.
    count: usize,
    /// e^(-2 pi i j p / n) of each butterfly, `[j - 1][re, im]`, one array after another.
    turns: Vec<f32>,
}

/// Frequencies of a frame, from 0 Hz to half the sample rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// Real parts, `[bin]`.
    pub re: Vec<f32>,
    /// Imaginary parts, `[bin]`.
    pub im: Vec<f32>,
}

/// The transform of one length, and room to work in.
pub struct RealFft {
    half: usize,
    bins: usize,
    passes: Vec<Pass>,
    /// e^(2 pi i k / N), `[re, im][bin]`.
    turn: [Vec<f32>; 2],
    /// What is transformed, `[re, im][m]`, and what a pass makes of it.
    z: [Part; 2],
    made: [Part; 2],
}

impl RealFft {
    /// For frames of one of [`LENGTHS`]. Of the spectrum the lowest `bins` are worked out, at most `length / 2 + 1`;
    /// the others stay 0.
    ///
    /// # Panics
    /// With any other length, or more bins.
    pub fn new(length: usize, bins: usize) -> Self {
        let half = length / 2;
        assert!(LENGTHS.contains(&length) && bins <= half + 1, "no transform of {length} samples to {bins} bins");
        let mut passes = Vec::new();
        let (mut left, mut stride) = (half, 1);
        while left > 1 {
            let radix = [4, 2].into_iter().find(|radix| left.is_multiple_of(*radix)).unwrap_or(3);
            let mut turns = Vec::with_capacity(2 * (radix - 1) * (half / radix));
            for j in 1..radix {
                let angles = (0..half / radix).map(|c| std::f64::consts::TAU * (j * (c / stride)) as f64 / left as f64);
                turns.extend(angles.clone().map(|angle| libm::cos(angle) as f32));
                turns.extend(angles.map(|angle| -libm::sin(angle) as f32));
            }
            passes.push(Pass { radix, stride, count: half / radix, turns });
            left /= radix;
            stride *= radix;
        }
        let turn = [libm::cos, libm::sin].map(|part: fn(f64) -> f64| {
            (0..half).map(|k| part(std::f64::consts::TAU * k as f64 / length as f64) as f32).collect()
        });
        let parts =
            || [Box::new(Aligned([0.0; LENGTHS[11] / 2 + LANES])), Box::new(Aligned([0.0; LENGTHS[11] / 2 + LANES]))];
        Self { half, bins, passes, turn, z: parts(), made: parts() }
    }

    /// An empty spectrum of this length.
    pub fn spectrum(&self) -> Spectrum {
        Spectrum { re: vec![0.0; self.half + 1], im: vec![0.0; self.half + 1] }
    }

    /// The spectrum of `time`, `[sample]`.
    pub fn forward(&mut self, time: &[f32], spectrum: &mut Spectrum) {
        let half = self.half;
        let ([re, im], [made_re, made_im]) = (&mut self.z, &mut self.made);
        transform_frame(
            time,
            &mut re[..half],
            &mut im[..half],
            &self.passes,
            &mut made_re[..half],
            &mut made_im[..half],
        );
        (re[half], im[half]) = (re[0], im[0]);
        // Whole registers of bins, of which those too many are taken back.
        let top = self.bins.next_multiple_of(LANES).min(half);
        unfold(&re[..=half], &im[..=half], &self.turn, &mut spectrum.re[..top], &mut spectrum.im[..top]);
        let wanted = self.bins.min(top);
        spectrum.re[wanted..top].fill(0.0);
        spectrum.im[wanted..top].fill(0.0);
        if self.bins > half {
            spectrum.re[half] = re[0] - im[0];
        }
    }

    /// The frame of a spectrum, times its length; the imaginary parts of the first and the last bin are to be 0.
    pub fn inverse(&mut self, spectrum: &Spectrum, time: &mut [f32]) {
        let half = self.half;
        let ([re, im], [made_re, made_im]) = (&mut self.z, &mut self.made);
        let (re, im) = (&mut re[..half], &mut im[..half]);
        fold(&spectrum.re[..=half], &spectrum.im[..=half], &self.turn, re, im);
        transform_back(re, im, &self.passes, &mut made_re[..half], &mut made_im[..half], time);
    }
}

/// Takes `time` apart into even and odd samples and transforms them.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn transform_frame(
    time: &[f32],
    re: &mut [f32],
    im: &mut [f32],
    passes: &[Pass],
    made_re: &mut [f32],
    made_im: &mut [f32],
) {
    for ((pair, re), im) in time.chunks_exact(2).zip(&mut *re).zip(&mut *im) {
        *re = pair[0];
        *im = pair[1];
    }
    transform(re, im, passes, made_re, made_im);
}

/// Transforms back, real and imaginary parts changing places, and puts even and odd samples together.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn transform_back(
    re: &mut [f32],
    im: &mut [f32],
    passes: &[Pass],
    made_re: &mut [f32],
    made_im: &mut [f32],
    time: &mut [f32],
) {
    transform(im, re, passes, made_re, made_im);
    for ((pair, re), im) in time.chunks_exact_mut(2).zip(re).zip(im) {
        pair[0] = *re;
        pair[1] = *im;
    }
}

/// Calls a function made for a number of butterflies that is known when it is compiled: then the compiler sees that
/// arrays do not overlap. These are the numbers that frames of [`LENGTHS`] need.
macro_rules! for_count {
    ($count:expr, $function:ident, $numbers:tt, $arguments:tt) => {
        for_count!(@each $count, $function, $numbers, $arguments)
    };
    (@each $count:expr, $function:ident, [$($number:literal)*], $arguments:tt) => {
        match $count {
            $($number => for_count!(@call $function, $number, $arguments),)*
            _ => debug_assert!(false, "{} butterflies", $count),
        }
    };
    (@call $function:ident, $number:literal, ($($argument:expr),*)) => { $function::<$number>($($argument),*) };
}

/// All passes, in place.
#[inline(always)]
fn transform(re: &mut [f32], im: &mut [f32], passes: &[Pass], made_re: &mut [f32], made_im: &mut [f32]) {
    for Pass { radix, stride, count, turns } in passes {
        match radix {
            4 => for_count!(*count, fours, [6 8 12 16 24 32 48 64 96 128 192 256], (re, im, turns, made_re, made_im)),
            3 => for_count!(*count, threes, [8 16 32 64 128 256], (re, im, turns, made_re, made_im)),
            _ => for_count!(*count, twos, [12 16 48 64 192 256], (re, im, turns, made_re, made_im)),
        }
        for (made, z) in [(&*made_re, &mut *re), (&*made_im, &mut *im)] {
            match (*radix, *stride) {
                _ if radix * stride == z.len() => z.copy_from_slice(made),
                (4, 1) => interleave(made, z),
                (4, 4) => in_runs::<4>(made, z),
                (4, 16) => in_runs::<16>(made, z),
                _ => in_order(made, z, *radix, *stride),
            }
        }
    }
}

/// Butterflies of four; x holds their inputs, `[input][butterfly]`, y gets their outputs likewise.
#[inline(always)]
fn fours<const COUNT: usize>(x_re: &[f32], x_im: &[f32], turns: &[f32], y_re: &mut [f32], y_im: &mut [f32]) {
    let ([a0_re, a1_re, a2_re, a3_re], [a0_im, a1_im, a2_im, a3_im]) =
        (x_re.as_chunks::<COUNT>().0, x_im.as_chunks::<COUNT>().0)
    else {
        return;
    };
    let [w1_re, w1_im, w2_re, w2_im, w3_re, w3_im] = turns.as_chunks::<COUNT>().0 else { return };
    let ([y0_re, y1_re, y2_re, y3_re], [y0_im, y1_im, y2_im, y3_im]) =
        (y_re.as_chunks_mut::<COUNT>().0, y_im.as_chunks_mut::<COUNT>().0)
    else {
        return;
    };
    for c in 0..COUNT {
        let (even_re, even_im) = (a0_re[c] + a2_re[c], a0_im[c] + a2_im[c]);
        let (odd_re, odd_im) = (a1_re[c] + a3_re[c], a1_im[c] + a3_im[c]);
        let (across_re, across_im) = (a0_re[c] - a2_re[c], a0_im[c] - a2_im[c]);
        // -i (a1 - a3)
        let (turned_re, turned_im) = (a1_im[c] - a3_im[c], a3_re[c] - a1_re[c]);
        y0_re[c] = even_re + odd_re;
        y0_im[c] = even_im + odd_im;
        let (re, im) = (across_re + turned_re, across_im + turned_im);
        y1_re[c] = re * w1_re[c] - im * w1_im[c];
        y1_im[c] = re * w1_im[c] + im * w1_re[c];
        let (re, im) = (even_re - odd_re, even_im - odd_im);
        y2_re[c] = re * w2_re[c] - im * w2_im[c];
        y2_im[c] = re * w2_im[c] + im * w2_re[c];
        let (re, im) = (across_re - turned_re, across_im - turned_im);
        y3_re[c] = re * w3_re[c] - im * w3_im[c];
        y3_im[c] = re * w3_im[c] + im * w3_re[c];
    }
}

/// Butterflies of three, likewise.
#[inline(always)]
fn threes<const COUNT: usize>(x_re: &[f32], x_im: &[f32], turns: &[f32], y_re: &mut [f32], y_im: &mut [f32]) {
    const SIN_120: f32 = 0.866_025_4;
    let ([a0_re, a1_re, a2_re], [a0_im, a1_im, a2_im]) = (x_re.as_chunks::<COUNT>().0, x_im.as_chunks::<COUNT>().0)
    else {
        return;
    };
    let [w1_re, w1_im, w2_re, w2_im] = turns.as_chunks::<COUNT>().0 else { return };
    let ([y0_re, y1_re, y2_re], [y0_im, y1_im, y2_im]) =
        (y_re.as_chunks_mut::<COUNT>().0, y_im.as_chunks_mut::<COUNT>().0)
    else {
        return;
    };
    for c in 0..COUNT {
        let (sum_re, sum_im) = (a1_re[c] + a2_re[c], a1_im[c] + a2_im[c]);
        let (middle_re, middle_im) = (a0_re[c] - 0.5 * sum_re, a0_im[c] - 0.5 * sum_im);
        // -i sin 120° (a1 - a2)
        let (turned_re, turned_im) = (SIN_120 * (a1_im[c] - a2_im[c]), SIN_120 * (a2_re[c] - a1_re[c]));
        y0_re[c] = a0_re[c] + sum_re;
        y0_im[c] = a0_im[c] + sum_im;
        let (re, im) = (middle_re + turned_re, middle_im + turned_im);
        y1_re[c] = re * w1_re[c] - im * w1_im[c];
        y1_im[c] = re * w1_im[c] + im * w1_re[c];
        let (re, im) = (middle_re - turned_re, middle_im - turned_im);
        y2_re[c] = re * w2_re[c] - im * w2_im[c];
        y2_im[c] = re * w2_im[c] + im * w2_re[c];
    }
}

/// Butterflies of two, likewise.
#[inline(always)]
fn twos<const COUNT: usize>(x_re: &[f32], x_im: &[f32], turns: &[f32], y_re: &mut [f32], y_im: &mut [f32]) {
    let ([a0_re, a1_re], [a0_im, a1_im]) = (x_re.as_chunks::<COUNT>().0, x_im.as_chunks::<COUNT>().0) else { return };
    let [w1_re, w1_im] = turns.as_chunks::<COUNT>().0 else { return };
    let ([y0_re, y1_re], [y0_im, y1_im]) = (y_re.as_chunks_mut::<COUNT>().0, y_im.as_chunks_mut::<COUNT>().0) else {
        return;
    };
    for c in 0..COUNT {
        y0_re[c] = a0_re[c] + a1_re[c];
        y0_im[c] = a0_im[c] + a1_im[c];
        let (re, im) = (a0_re[c] - a1_re[c], a0_im[c] - a1_im[c]);
        y1_re[c] = re * w1_re[c] - im * w1_im[c];
        y1_im[c] = re * w1_im[c] + im * w1_re[c];
    }
}

/// Puts what a pass has made in order: output j of butterfly q + stride p to q + stride (radix p + j).
#[inline(always)]
fn in_order(made: &[f32], z: &mut [f32], radix: usize, stride: usize) {
    let count = z.len() / radix;
    for (p, out) in z.chunks_exact_mut(radix * stride).enumerate() {
        for (j, run) in out.chunks_exact_mut(stride).enumerate() {
            run.copy_from_slice(&made[j * count + p * stride..][..stride]);
        }
    }
}

/// [`in_order`] for fours of stride 1.
#[inline(always)]
fn interleave(made: &[f32], z: &mut [f32]) {
    let count = made.len() / 4;
    let ((y0, rest), (y2, y3)) = (made.split_at(count), made[2 * count..].split_at(count));
    for ((((four, y0), y1), y2), y3) in z.chunks_exact_mut(4).zip(y0).zip(rest).zip(y2).zip(y3) {
        four[0] = *y0;
        four[1] = *y1;
        four[2] = *y2;
        four[3] = *y3;
    }
}

/// [`in_order`] for fours of a stride that is known.
#[inline(always)]
fn in_runs<const STRIDE: usize>(made: &[f32], z: &mut [f32]) {
    let runs = made.as_chunks::<STRIDE>().0;
    let count = runs.len() / 4;
    for (p, out) in z.as_chunks_mut::<STRIDE>().0.chunks_exact_mut(4).enumerate() {
        for (j, run) in out.iter_mut().enumerate() {
            *run = runs[j * count + p];
        }
    }
}

/// From the transform of pairs, `[0..=half]` with the last like the first, to the lowest bins of the frame's.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn unfold(z_re: &[f32], z_im: &[f32], [cos, sin]: &[Vec<f32>; 2], re: &mut [f32], im: &mut [f32]) {
    let (bins, all) = (re.len(), z_re.len());
    let (far_re, far_im) = (&z_re[all - bins..], &z_im[all - bins..all]);
    let (z_re, z_im, im) = (&z_re[..bins], &z_im[..bins], &mut im[..bins]);
    let (cos, sin) = (&cos[..bins], &sin[..bins]);
    for k in 0..bins {
        let (far_re, far_im) = (far_re[bins - 1 - k], far_im[bins - 1 - k]);
        let (even_re, even_im) = (0.5 * (z_re[k] + far_re), 0.5 * (z_im[k] - far_im));
        let (odd_re, odd_im) = (0.5 * (z_im[k] + far_im), 0.5 * (far_re - z_re[k]));
        re[k] = even_re + (cos[k] * odd_re + sin[k] * odd_im);
        im[k] = even_im + (cos[k] * odd_im - sin[k] * odd_re);
    }
}

/// The way back of [`unfold`], times two, from all bins.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn fold(re: &[f32], im: &[f32], [cos, sin]: &[Vec<f32>; 2], z_re: &mut [f32], z_im: &mut [f32]) {
    let half = z_re.len();
    let (far_re, far_im) = (&re[1..half + 1], &im[1..half + 1]);
    let (re, im, z_im) = (&re[..half], &im[..half], &mut z_im[..half]);
    let (cos, sin) = (&cos[..half], &sin[..half]);
    for k in 0..half {
        let (far_re, far_im) = (far_re[half - 1 - k], far_im[half - 1 - k]);
        let (sum_re, sum_im) = (re[k] + far_re, im[k] - far_im);
        let (rest_re, rest_im) = (re[k] - far_re, im[k] + far_im);
        z_re[k] = sum_re - (cos[k] * rest_im + sin[k] * rest_re);
        z_im[k] = sum_im + (cos[k] * rest_re - sin[k] * rest_im);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::random::Random;

    fn noise(length: usize) -> Vec<f32> {
        let mut random = Random::new(3, length as u64);
        (0..length).map(|_| random.bell()).collect()
    }

    #[test]
    fn a_spectrum_is_the_sum_that_defines_it() {
        for length in LENGTHS {
            let time = noise(length);
            let mut fft = RealFft::new(length, length / 2 + 1);
            let mut spectrum = fft.spectrum();
            fft.forward(&time, &mut spectrum);
            for k in 0..=length / 2 {
                let angle = |n: usize| std::f64::consts::TAU * (k * n % length) as f64 / length as f64;
                let sum = |part: fn(f64) -> f64| -> f64 {
                    time.iter().enumerate().map(|(n, x)| f64::from(*x) * part(angle(n))).sum()
                };
                let error = (f64::from(spectrum.re[k]) - sum(f64::cos)).abs()
                    + (f64::from(spectrum.im[k]) + sum(f64::sin)).abs();
                assert!(error < 2e-6 * (length as f64).sqrt() * 4.0, "{length}, bin {k}: {error}");
            }
        }
    }

    #[test]
    fn there_and_back_is_the_frame_times_its_length() {
        for length in LENGTHS {
            let time = noise(length);
            let mut fft = RealFft::new(length, length / 2 + 1);
            let mut spectrum = fft.spectrum();
            fft.forward(&time, &mut spectrum);
            let mut back = vec![0.0; length];
            fft.inverse(&spectrum, &mut back);
            for (n, (back, time)) in back.iter().zip(&time).enumerate() {
                assert!((back / length as f32 - time).abs() < 2e-6, "{length}, sample {n}: {back} for {time}");
            }
        }
    }

    #[test]
    fn bins_that_are_not_asked_for_stay_empty() {
        let mut fft = RealFft::new(256, 94);
        let mut spectrum = fft.spectrum();
        fft.forward(&noise(256), &mut spectrum);
        assert!(spectrum.re[93] != 0.0);
        assert!(spectrum.re[94..].iter().chain(&spectrum.im[94..]).all(|x| *x == 0.0));
    }
}
