//! The lag at which two sounds agree best.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// Correlations at lags `-margin..=margin`, summed over windows that each count by their own energy.
pub(super) struct Correlation {
    margin: usize,
    sum: Vec<f64>,
    energy_reference: f64,
    energy_candidate: f64,
    pub(super) windows: usize,
}

/// Energy of a first difference below which a window is silence: -100 dB FS.
const SILENCE: f64 = 1e-10;
/// An agreement this close to the best counts as the best: tones agree with themselves every period.
const AS_GOOD: f64 = 0.9995;

impl Correlation {
    /// For lags of up to `margin` samples either way.
    pub(super) fn new(margin: usize) -> Self {
        Self { margin, sum: vec![0.0; 2 * margin + 1], energy_reference: 0.0, energy_candidate: 0.0, windows: 0 }
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
        let energy = |samples: &[f32]| samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
        let middle = &candidate[self.margin..self.margin + reference.len()];
        let (own, other) = (energy(&reference), energy(middle));
        if own < SILENCE * reference.len() as f64 {
            return;
        }
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
        for (sum, lag) in self.sum.iter_mut().zip(&lags) {
            *sum += f64::from(*lag) / size as f64 / own;
        }
        self.energy_reference += 1.0;
        self.energy_candidate += other / own;
        self.windows += 1;
    }

    /// The lag of best agreement (above 0: the candidate is late) and how good it is, from 0 to 1;
    /// `None` where all was silence.
    pub(super) fn best(&self) -> Option<(i64, f64)> {
        if self.windows == 0 {
            return None;
        }
        let (index, best) = self.sum.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let scale = (self.energy_reference * self.energy_candidate).sqrt().max(1e-30);
        let here = self.sum[self.margin];
        if here >= AS_GOOD * best {
            return Some((0, here / scale));
        }
        Some((index as i64 - self.margin as i64, best / scale))
    }
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
    fn silence_has_no_lag_and_another_sound_no_agreement() {
        let mut correlation = Correlation::new(100);
        correlation.add(&[0.0; 1000], &[0.0; 1200]);
        assert_eq!(correlation.best(), None);
        let sound = noise(20_000);
        correlation.add(&sound[..4000], &sound[8000..12_200]);
        assert!(correlation.best().unwrap().1 < 0.2);
    }
}
