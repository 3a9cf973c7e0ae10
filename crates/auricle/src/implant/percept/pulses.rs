//! A pulse train of unchanging pitch and unit power: what a robot speaks with.
//!
//! A pulse is drawn out: its low frequencies come 6 ms after its high ones, as those of a voice ring on. All at once
//! they would stand high above what a sound of the same level has, and the ceiling would press them down.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex32;

/// How much later than the highest the lowest frequencies come, seconds: half of it below this frequency (exponentially),
/// for voices, half of it evenly up to half the rate, for noise.
const DRAWN_SECS: f64 = 0.006;
const DRAWN_HZ: f64 = 1500.0;
/// Steps between two samples at which a pulse may stand.
const PLACES: usize = 8;

/// The last frame of a pulse train.
pub(super) struct Pulses {
    rate: f32,
    frame: usize,
    /// The last frame, and what pulses have begun beyond it.
    past: Vec<f32>,
    /// One pulse of unit energy at each of [`PLACES`] places, `[place][sample]`.
    shapes: Vec<Vec<f32>>,
    /// Samples until the next pulse, from the newest one.
    until: f32,
}

impl Pulses {
    pub(super) fn new(sample_rate_hz: u32, frame: usize) -> Self {
        let shapes: Vec<Vec<f32>> =
            (0..PLACES).map(|place| shape(sample_rate_hz, frame, place as f64 / PLACES as f64)).collect();
        Self { rate: sample_rate_hz as f32, frame, past: vec![0.0; 2 * frame], shapes, until: 1.0 }
    }

    pub(super) fn reset(&mut self) {
        self.past.fill(0.0);
        self.until = 1.0;
    }

    /// Goes on by `hop` samples at a pitch.
    pub(super) fn advance(&mut self, hop: usize, hz: f32) {
        let (room, period) = (self.past.len(), (self.rate / hz).max(4.0));
        self.past.copy_within(hop.., 0);
        self.past[room - hop..].fill(0.0);
        // One pulse of this energy a period: a mean square of 1.
        let height = period.sqrt();
        while self.until < hop as f32 {
            let slot = self.until as usize;
            let place = ((self.until - slot as f32) * PLACES as f32) as usize;
            let begin = self.frame - hop + slot;
            for (past, sample) in self.past[begin..].iter_mut().zip(&self.shapes[place.min(PLACES - 1)]) {
                *past += height * sample;
            }
            self.until += period;
        }
        self.until -= hop as f32;
    }

    /// The last frame under a window.
    pub(super) fn under(&self, window: &[f32], out: &mut [f32]) {
        for ((out, past), window) in out.iter_mut().zip(&self.past).zip(window) {
            *out = past * window;
        }
    }
}

/// A pulse of unit energy and flat spectrum, `late` of a sample late: phases from the delay
/// `DRAWN_SECS / 2 (e^(-f / DRAWN_HZ) + 1 - f / highest)`, integrated over frequency.
fn shape(sample_rate_hz: u32, frame: usize, late: f64) -> Vec<f32> {
    let rate = f64::from(sample_rate_hz);
    let inverse = RealFftPlanner::<f32>::new().plan_fft_inverse(frame);
    let mut spectrum = inverse.make_input_vec();
    let last = spectrum.len() - 1;
    for (bin, slot) in spectrum.iter_mut().enumerate() {
        let hz = bin as f64 * rate / frame as f64;
        let drawn = 0.5 * DRAWN_SECS * (DRAWN_HZ * (1.0 - libm::exp(-hz / DRAWN_HZ)) + hz - hz * hz / rate);
        // An eighth of the frame in, so that nothing comes before its beginning.
        let begin = 0.125 * frame as f64 + late;
        let angle = -std::f64::consts::TAU * (drawn + begin * bin as f64 / frame as f64);
        *slot = Complex32::new(libm::cos(angle) as f32, libm::sin(angle) as f32);
        if bin == 0 || bin == last {
            *slot = Complex32::new(1.0, 0.0);
        }
    }
    let mut out = inverse.make_output_vec();
    // Lengths are those the plan was made for.
    if inverse.process(&mut spectrum, &mut out).is_err() {
        out.fill(0.0);
    }
    let energy: f32 = out.iter().map(|x| x * x).sum();
    let scale = if energy > 0.0 { 1.0 / energy.sqrt() } else { 0.0 };
    out.iter().map(|x| scale * x).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_train_has_unit_power_and_its_pulses_are_drawn_out() {
        for (rate, frame) in [(8000, 96), (48_000, 512), (192_000, 2048)] {
            let mut pulses = Pulses::new(rate, frame);
            let hop = frame / 4;
            let mut sound = Vec::new();
            for _ in 0..rate as usize / hop {
                pulses.advance(hop, 110.0);
                sound.extend_from_slice(&pulses.past[..hop]);
            }
            let sound = &sound[sound.len() / 4..];
            let power = sound.iter().map(|x| x * x).sum::<f32>() / sound.len() as f32;
            assert!((power - 1.0).abs() < 0.05, "{power} at {rate} Hz");
            let peak = sound.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
            let bare = (rate as f32 / 110.0).sqrt();
            assert!(peak < 0.5 * bare, "{peak} of {bare} at {rate} Hz");
        }
    }
}
