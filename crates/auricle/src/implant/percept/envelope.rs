//! The spectral envelope of a frame: smoothed until no harmonic shows, warped, smeared.
//!
//! All of it is averages of a power spectrum over stretches of frequency, by differences of running sums: a cost per
//! bin that does not depend on the widths, which follow the place and the voice.

use multiversion::multiversion;

/// Half of a box over the standard deviation of two of them in a row: a box from -h to h has variance h^2/3.
const HALF_OVER_DEVIATION: f32 = 1.224_744_9;

/// Averages of power spectra of one length.
///
/// Running sums are f64: speech has 90 dB between its strongest and weakest bins, and a difference of f32 sums would
/// lose the weak ones.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    /// Sum of the bins before each, and of all.
    sums: Vec<f64>,
    scratch: Vec<f32>,
    /// Stretches of the last smearing, which changes seldom, and the scale that they are for.
    stretches: Vec<Stretch>,
    scale: f32,
}

/// A stretch of the spectrum in bins, `from` below `to`: the bins that the ends lie in, how far into them, and one over
/// the width.
#[derive(Debug, Clone, Copy, Default)]
struct Stretch {
    from: u32,
    to: u32,
    into_from: f32,
    into_to: f32,
    over_width: f32,
}

impl Stretch {
    /// From `half` below the middle of `bin` to as much above, as far as there are bins. A bin's power is spread evenly
    /// over its width, which adds its own square: a `half` of 0 is the bin itself.
    fn about(bin: usize, half: f32, bins: usize) -> Self {
        let half = (half * half + 0.25).sqrt();
        let centre = bin as f32 + 0.5;
        let (from, to) = ((centre - half).max(0.0), (centre + half).min(bins as f32));
        let slot = |place: f32| (place as usize).min(bins - 1);
        Self {
            from: slot(from) as u32,
            to: slot(to) as u32,
            into_from: from - slot(from) as f32,
            into_to: to - slot(to) as f32,
            over_width: 1.0 / (to - from),
        }
    }

    fn average(&self, power: &[f32], sums: &[f64]) -> f32 {
        let up_to = |slot: u32, into: f32| sums[slot as usize] + f64::from(into * power[slot as usize]);
        ((up_to(self.to, self.into_to) - up_to(self.from, self.into_from)) as f32 * self.over_width).max(0.0)
    }
}

impl Envelope {
    /// For spectra of `bins` bins.
    pub(super) fn new(bins: usize) -> Self {
        Self {
            sums: vec![0.0; bins + 1],
            scratch: vec![0.0; bins],
            stretches: vec![Stretch::default(); bins],
            scale: f32::NAN,
        }
    }

    /// `power` averaged under a triangle that reaches `width` bins to either side (two boxes of that width): at the
    /// spacing of harmonics, these vanish.
    pub(super) fn smooth(&mut self, power: &[f32], width: f32, out: &mut [f32]) {
        add_up(power, &mut self.sums);
        evenly(power, &self.sums, 0.5 * width, &mut self.scratch);
        add_up(&self.scratch, &mut self.sums);
        evenly(&self.scratch, &self.sums, 0.5 * width, out);
    }

    /// `power` averaged in place under bells (two boxes) of standard deviation `deviations[bin] * scale` bins.
    pub(super) fn smear(&mut self, power: &mut [f32], deviations: &[f32], scale: f32) {
        let bins = power.len();
        if self.scale != scale {
            self.scale = scale;
            for (bin, (stretch, deviation)) in self.stretches.iter_mut().zip(deviations).enumerate() {
                *stretch = Stretch::about(bin, HALF_OVER_DEVIATION * scale * deviation, bins);
            }
        }
        add_up(power, &mut self.sums);
        for (out, stretch) in self.scratch.iter_mut().zip(&self.stretches) {
            *out = stretch.average(power, &self.sums);
        }
        add_up(&self.scratch, &mut self.sums);
        for (out, stretch) in power.iter_mut().zip(&self.stretches) {
            *out = stretch.average(&self.scratch, &self.sums);
        }
    }
}

fn add_up(power: &[f32], sums: &mut [f64]) {
    let mut sum = 0.0;
    for (slot, power) in sums[1..].iter_mut().zip(power) {
        sum += f64::from(*power);
        *slot = sum;
    }
}

/// Averages over stretches of one width, [`Stretch::about`] of `half`: away from the ends all lie in their bins alike.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn evenly(power: &[f32], sums: &[f64], half: f32, out: &mut [f32]) {
    let bins = power.len();
    let reach = (half + 2.0) as usize;
    let (first, last) = (reach.min(bins), bins.saturating_sub(reach).max(reach.min(bins)));
    for (bin, out) in out.iter_mut().enumerate() {
        if bin < first || bin >= last {
            *out = Stretch::about(bin, half, bins).average(power, sums);
        }
    }
    if first >= last {
        return;
    }
    let middle = Stretch::about(first, half, bins);
    let count = last - first;
    let (from, to) = (middle.from as usize, middle.to as usize);
    let ends = sums[from..from + count].iter().zip(&power[from..from + count]);
    let begins = sums[to..to + count].iter().zip(&power[to..to + count]);
    for ((out, (from, at_from)), (to, at_to)) in out[first..last].iter_mut().zip(ends).zip(begins) {
        let sum = (to + f64::from(middle.into_to * at_to)) - (from + f64::from(middle.into_from * at_from));
        *out = (sum as f32 * middle.over_width).max(0.0);
    }
}

/// `out[bin] = power[bin / ratio]`, between bins by ratio of powers' roots: an envelope with its features `ratio` times as
/// high. What would come from beyond the last bin is the last bin.
pub(super) fn warp(power: &[f32], ratio: f32, out: &mut [f32]) {
    let last = power.len() - 1;
    let step = 1.0 / ratio;
    for (bin, out) in out.iter_mut().enumerate() {
        let place = bin as f32 * step;
        let slot = (place as usize).min(last);
        let rest = (place - slot as f32).min(1.0);
        *out = power[slot] + rest * (power[(slot + 1).min(last)] - power[slot]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn an_average_is_that_of_its_definition() {
        let power: Vec<f32> = (0..64).map(|bin| ((bin * 37 + 11) % 29) as f32).collect();
        let (mut sums, mut even) = (vec![0.0; 65], vec![0.0; 64]);
        add_up(&power, &mut sums);
        for half in [0.0_f64, 0.3, 0.5, 1.0, 2.7, 11.2, 80.0] {
            evenly(&power, &sums, half as f32, &mut even);
            let reach = (half * half + 0.25).sqrt();
            for (bin, even) in even.iter().enumerate() {
                let (from, to) = ((bin as f64 + 0.5 - reach).max(0.0), (bin as f64 + 0.5 + reach).min(64.0));
                let area: f64 =
                    (0..64).map(|k| f64::from(power[k]) * (to.min(k as f64 + 1.0) - from.max(k as f64)).max(0.0)).sum();
                let exact = area / (to - from);
                let one = Stretch::about(bin, half as f32, 64).average(&power, &sums);
                for got in [one, *even] {
                    assert!((f64::from(got) - exact).abs() < 1e-4, "half {half}, bin {bin}: {got}, not {exact}");
                }
            }
        }
        evenly(&power, &sums, 0.0, &mut even);
        assert!(even.iter().zip(&power).all(|(a, b)| (a - b).abs() < 1e-6 * b.max(1.0)));
    }

    #[test]
    fn a_bell_takes_from_ripples_what_a_gaussian_does() {
        let bins = 1024;
        for (deviation, ripple) in [(4.0, 40.0), (8.0, 40.0), (12.0, 40.0), (5.0, 100.0)] {
            let mut envelope = Envelope::new(bins);
            let mut power: Vec<f32> =
                (0..bins).map(|bin| (1.0 + 0.8 * (2.0 * PI * bin as f64 / ripple).cos()) as f32).collect();
            envelope.smear(&mut power, &vec![deviation as f32; bins], 1.0);
            let middle = &power[300..700];
            let (most, least) = middle.iter().fold((0.0_f32, 9.0_f32), |(a, b), x| (a.max(*x), b.min(*x)));
            let depth = f64::from((most - least) / (most + least)) / 0.8;
            let gaussian = (-2.0 * (PI * deviation / ripple).powi(2)).exp();
            assert!((depth - gaussian).abs() < 0.07, "{deviation} bins, ripple of {ripple}: {depth}, not {gaussian}");
        }
    }

    #[test]
    fn harmonics_vanish_under_a_triangle_as_wide_as_their_spacing() {
        let mut envelope = Envelope::new(512);
        let power: Vec<f32> = (0..512).map(|bin| if bin % 8 == 4 { 8.0 } else { 0.0 }).collect();
        let mut out = vec![0.0; 512];
        envelope.smooth(&power, 8.0, &mut out);
        // The box is the root of 65/64 as wide as their spacing.
        assert!(out[20..490].iter().all(|x| (x - 1.0).abs() < 0.01), "{:?}", &out[20..40]);
    }

    #[test]
    fn a_warped_peak_is_where_it_should_be() {
        let power: Vec<f32> = (0..400).map(|bin| (-((bin as f32 - 100.0) / 9.0).powi(2)).exp()).collect();
        let mut out = vec![0.0; 400];
        for ratio in [0.8_f32, 1.0, 1.3, 2.0] {
            warp(&power, ratio, &mut out);
            let peak = (0..400).max_by(|a, b| out[*a].total_cmp(&out[*b])).unwrap();
            assert!((peak as f32 - 100.0 * ratio).abs() <= 1.0, "{ratio}: at {peak}");
        }
    }
}
