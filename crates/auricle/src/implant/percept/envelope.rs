//! The spectral envelope of a frame: smoothed until no harmonic shows, warped, smeared.
//!
//! All of it is averages of a power spectrum over stretches of frequency, by differences of running sums: a cost per
//! bin that does not depend on the widths, which follow the place and the voice.

/// Passes of a box that make a bell: what three leave of a ripple is within 0.045 of what a Gaussian does.
const PASSES: usize = 3;

/// Running sums of a power spectrum, in f64: speech has 90 dB between its strongest and weakest bins, and a
/// difference of f32 sums would lose the weak ones.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    sums: Vec<f64>,
    scratch: Vec<f32>,
}

impl Envelope {
    /// For spectra of `bins` bins.
    pub(super) fn new(bins: usize) -> Self {
        Self { sums: vec![0.0; bins + 1], scratch: vec![0.0; bins] }
    }

    /// `power` averaged under a triangle that reaches `width` bins to either side (two boxes of that width): at the
    /// spacing of harmonics, these vanish.
    pub(super) fn smooth(&mut self, power: &[f32], width: f32, out: &mut [f32]) {
        let half = |_| 0.5 * width;
        averaged(power, &mut self.sums, half, &mut self.scratch);
        averaged(&self.scratch, &mut self.sums, half, out);
    }

    /// `power` averaged in place under bells of standard deviation `deviations[bin] * scale` bins.
    pub(super) fn smear(&mut self, power: &mut [f32], deviations: &[f32], scale: f32) {
        // A box of width w has variance w^2/12; three of them w^2/4.
        for _ in 0..PASSES {
            self.scratch.copy_from_slice(power);
            averaged(&self.scratch, &mut self.sums, |bin: usize| scale * deviations[bin], power);
        }
    }
}

/// `power` averaged from `half(bin)` below each bin to as much above, as far as there are bins. A bin's power is spread
/// evenly over its width, so that a width of 0 gives the bin itself.
fn averaged(power: &[f32], sums: &mut [f64], half: impl Fn(usize) -> f32, out: &mut [f32]) {
    let mut sum = 0.0;
    for (slot, power) in sums[1..].iter_mut().zip(power) {
        sum += f64::from(*power);
        *slot = sum;
    }
    let bins = power.len();
    let up_to = |place: f32| {
        let slot = (place as usize).min(bins - 1);
        sums[slot] + f64::from(place - slot as f32) * f64::from(power[slot])
    };
    for (bin, out) in out.iter_mut().enumerate() {
        let half = half(bin);
        if half < 0.5 {
            // Within reach of the next bins' edges the weights are a bin and what the stretch has beyond it: no
            // difference of large sums.
            let (before, after) = (power[bin.saturating_sub(1)], power[(bin + 1).min(bins - 1)]);
            let beside = 0.5 * half;
            *out = power[bin] + beside * (before - power[bin] + after - power[bin]);
            continue;
        }
        let centre = bin as f32 + 0.5;
        let (from, to) = ((centre - half).max(0.0), (centre + half).min(bins as f32));
        *out = ((up_to(to) - up_to(from)) / f64::from(to - from)).max(0.0) as f32;
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
        let mut out = vec![0.0; 64];
        let mut sums = vec![0.0; 65];
        for half in [0.0_f32, 0.3, 0.5, 1.0, 2.7, 11.2] {
            averaged(&power, &mut sums, |_| half, &mut out);
            for bin in 0..64 {
                let (from, to) =
                    ((bin as f64 + 0.5 - f64::from(half)).max(0.0), (bin as f64 + 0.5 + f64::from(half)).min(64.0));
                let area: f64 =
                    (0..64).map(|k| f64::from(power[k]) * (to.min(k as f64 + 1.0) - from.max(k as f64)).max(0.0)).sum();
                if half >= 0.5 {
                    assert!((f64::from(out[bin]) - area / (to - from)).abs() < 1e-4, "half {half}, bin {bin}");
                }
            }
        }
        averaged(&power, &mut sums, |_| 0.0, &mut out);
        assert_eq!(out, power);
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
            assert!((depth - gaussian).abs() < 0.045, "{deviation} bins, ripple of {ripple}: {depth}, not {gaussian}");
        }
    }

    #[test]
    fn harmonics_vanish_under_a_triangle_as_wide_as_their_spacing() {
        let mut envelope = Envelope::new(512);
        let power: Vec<f32> = (0..512).map(|bin| if bin % 8 == 4 { 8.0 } else { 0.0 }).collect();
        let mut out = vec![0.0; 512];
        envelope.smooth(&power, 8.0, &mut out);
        assert!(out[20..490].iter().all(|x| (x - 1.0).abs() < 1e-4), "{:?}", &out[20..40]);
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
