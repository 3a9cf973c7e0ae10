//! The lag at which two sounds agree best, each stretch held against its own level: where a tone swells,
//! the louder stretch a few periods on would else seem to agree better.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// Agreement (the cosine between two stretches) at lags `-margin..=margin`, summed over windows.
pub(super) struct Correlation {
    margin: usize,
    sum: Vec<f64>,
    pub(super) windows: usize,
}

/// Energy of a first difference below which a window is silence: -100 dB FS.
const SILENCE: f64 = 1e-10;
/// An agreement this close to the best counts as the best: tones agree with themselves every period.
const AS_GOOD: f64 = 0.9995;
/// A stretch of the candidate this much weaker than the one at lag 0 is taken as if it were as strong, so
/// that near-silence cannot agree by chance: energy ratio.
const WEAKEST: f64 = 1e-3;

impl Correlation {
    /// For lags of up to `margin` samples either way.
    pub(super) fn new(margin: usize) -> Self {
        Self { margin, sum: vec![0.0; 2 * margin + 1], windows: 0 }
    }

    /// Takes in a window: `candidate` begins `margin` samples before `reference` and ends as many after.
    ///
    /// Both are differenced first, which takes away the low frequencies that agree at every lag.
    pub(super) fn add(&mut self, reference: &[f32], candidate: &[f32]) {
        if reference.len() < 2 || candidate.len() != reference.len() + 2 * self.margin {
            return;
        }
        let reference = difference(reference);
        let candidate = difference(candidate);
        let own = energy(&reference);
        if own < SILENCE * reference.len() as f64 {
            return;
        }
        let weakest = WEAKEST * energy(&candidate[self.margin..self.margin + reference.len()]);
        let size = (candidate.len() + reference.len()).next_power_of_two();
        let mut planner = RealFftPlanner::<f32>::new();
        let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
        let spectrum = |samples: &[f32]| {
            let mut padded = samples.to_vec();
            padded.resize(size, 0.0);
            let mut out = vec![Complex::new(0.0_f32, 0.0); size / 2 + 1];
            // Lengths are the planner's own, the only thing that could be wrong.
            forward.process(&mut padded, &mut out).map(|()| out)
        };
        let (Ok(mut cross), Ok(reference_spectrum)) = (spectrum(&candidate), spectrum(&reference)) else { return };
        for (c, r) in cross.iter_mut().zip(&reference_spectrum) {
            *c *= r.conj();
        }
        // The ends of a real spectrum are real; rounding may say otherwise, which the inverse refuses.
        let last = cross.len() - 1;
        cross[0].im = 0.0;
        cross[last].im = 0.0;
        let mut lags = vec![0.0_f32; size];
        if inverse.process(&mut cross, &mut lags).is_err() {
            return;
        }
        let mut there = energy(&candidate[..reference.len()]);
        for (index, (sum, lag)) in self.sum.iter_mut().zip(&lags).enumerate() {
            *sum += f64::from(*lag) / size as f64 / (own * there.max(weakest)).sqrt().max(1e-30);
            // The next lag's stretch begins and ends one sample later.
            if let Some(entering) = candidate.get(index + reference.len()) {
                there += f64::from(*entering).powi(2) - f64::from(candidate[index]).powi(2);
            }
        }
        self.windows += 1;
    }

    /// The lag of best agreement (above 0: the candidate is late) and how good it is, from 0 to 1;
    /// `None` where all was silence.
    pub(super) fn best(&self) -> Option<(i64, f64)> {
        if self.windows == 0 {
            return None;
        }
        let (index, best) = self.sum.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let scale = self.windows as f64;
        let here = self.sum[self.margin];
        if here >= AS_GOOD * best {
            return Some((0, here / scale));
        }
        Some((index as i64 - self.margin as i64, best / scale))
    }
}

fn energy(samples: &[f32]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum()
}

fn difference(samples: &[f32]) -> Vec<f32> {
    samples.windows(2).map(|pair| pair[1] - pair[0]).chain([0.0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(count: usize) -> Vec<f32> {
        let mut state = 7_u32;
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn a_shift_is_found_by_its_definition() {
        let sound = noise(30_000);
        for shift in [-1024_i64, -1, 0, 1, 1105] {
            let mut correlation = Correlation::new(2000);
            let at = (10_000 - 2000 - shift) as usize;
            correlation.add(&sound[10_000..18_000], &sound[at..at + 12_000]);
            let (lag, agreement) = correlation.best().unwrap();
            assert_eq!(lag, shift);
            assert!(agreement > 0.99);
        }
    }

    #[test]
    fn a_swelling_tone_does_not_agree_better_with_its_louder_self() {
        let tone = |i: usize| (i as f32 / 14_000.0).powi(2) * (i as f32 * std::f32::consts::TAU / 100.0).sin();
        let sound: Vec<f32> = (0..14_000).map(tone).collect();
        let mut correlation = Correlation::new(2000);
        correlation.add(&sound[3000..11_000], &sound[1000..13_000]);
        let (lag, agreement) = correlation.best().unwrap();
        assert!(lag == 0 && agreement > 0.999, "{lag} {agreement}");
    }

    #[test]
    fn silence_has_no_lag_and_another_sound_no_agreement() {
        let mut correlation = Correlation::new(100);
        correlation.add(&[0.0; 1000], &[0.0; 1200]);
        assert_eq!(correlation.best(), None);
        let sound = noise(20_000);
        correlation.add(&sound[..4000], &sound[8000..12_200]);
        assert!(correlation.best().unwrap().1 < 0.2);
    }
}
