//! Short-time Fourier editing of a stream: a frame in, its edited difference out.
//!
//! What is synthesised is the *difference* that the edit makes, added to the delayed input: where
//! nothing is edited, the output is the input, bit for bit.

use multiversion::multiversion;

use super::fft::{LENGTHS, RealFft, Spectrum};

/// Frames that cover each sample.
pub const OVERLAP: usize = 4;
/// Frame length at 44.1 kHz: that of Baer & Moore (1993) and of the MSBG simulator.
const FRAME_AT_44100: f64 = 256.0;

/// Height of the ramp that is laid under the analysis window, from minus half of it to half.
///
/// A tone exactly on a bin leaves bins beside it empty, with rounding noise for phases; an edit that fills
/// them would make noise of the tone. The ramp's jump at the frame's ends gives every bin a direction that
/// goes with the tone, 60 to 70 dB down, and as that of a tone beside a bin does, it points to the ends of the frame,
/// where synthesis has its window closed.
pub const RAMP: f64 = 0.016;

/// Frame length in samples at a rate: as near to 5.8 ms as [`quick_length`] comes.
pub fn frame_samples(sample_rate_hz: u32) -> usize {
    quick_length(FRAME_AT_44100 / 44_100.0 * f64::from(sample_rate_hz))
}

/// The length nearest to `wanted`, by ratio, of those that there are transforms for.
pub fn quick_length(wanted: f64) -> usize {
    let distance = |length: &usize| (libm::log(*length as f64 / wanted).abs() * 1e9) as u64;
    LENGTHS.into_iter().min_by_key(distance).unwrap_or(256)
}

/// Frames a second at a sample rate, Hz.
pub fn frame_rate_hz(sample_rate_hz: u32) -> f64 {
    f64::from(sample_rate_hz) * OVERLAP as f64 / frame_samples(sample_rate_hz) as f64
}

/// A stream cut into overlapping frames and put together again.
pub struct Stft {
    frame: usize,
    window: Vec<f32>,
    /// The window again, scaled for adding up.
    synthesis: Vec<f32>,
    transform: RealFft,
    time: Vec<f32>,
    spectrum: Spectrum,
    /// The last frame of input and of output sums, as rings.
    past: Vec<f32>,
    sums: Vec<f32>,
    position: usize,
    until_frame: usize,
}

impl Stft {
    /// For one sample rate, at rest; the lowest `bins` of a frame's spectrum are to be edited.
    pub fn new(sample_rate_hz: u32, bins: usize) -> Self {
        Self::of_frame(frame_samples(sample_rate_hz), bins)
    }

    /// With frames of `frame` samples, one of [`LENGTHS`], at rest.
    pub fn of_frame(frame: usize, bins: usize) -> Self {
        let transform = RealFft::new(frame, bins);
        let place = |n: usize| n as f64 / frame as f64;
        let hann: Vec<f64> = (0..frame).map(|n| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * place(n))).collect();
        // Frames are put together under Hann squared: what is laid over the sound has to end smoothly, or loud low
        // sounds would be heard 80 dB down at all frequencies. Hann cubed adds up to 5/16 of the overlap; the
        // inverse transform to the frame length.
        let scale = 1.0 / (0.3125 * (OVERLAP * frame) as f64);
        Self {
            frame,
            synthesis: hann.iter().map(|weight| (scale * weight * weight) as f32).collect(),
            window: (0..frame).map(|n| (hann[n] + RAMP * (place(n) - 0.5)) as f32).collect(),
            time: vec![0.0; frame],
            spectrum: transform.spectrum(),
            transform,
            past: vec![0.0; frame],
            sums: vec![0.0; frame],
            position: 0,
            until_frame: frame / OVERLAP,
        }
    }

    /// Samples by which the output lags: one frame.
    pub fn latency_samples(&self) -> usize {
        self.frame
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.past.fill(0.0);
        self.sums.fill(0.0);
        self.position = 0;
        self.until_frame = self.frame / OVERLAP;
    }

    /// Processes a stretch in place. `edit` gets each frame's spectrum and leaves the *difference* to
    /// be added in its place; it returns false where there is none. Where nothing is to be edited anyway
    /// (`active` false) no frame is analysed.
    pub fn process(&mut self, samples: &mut [f32], active: bool, mut edit: impl FnMut(&mut Spectrum) -> bool) {
        let mut rest = samples;
        while !rest.is_empty() {
            let count = rest.len().min(self.until_frame).min(self.frame - self.position);
            let (now, later) = rest.split_at_mut(count);
            let slots = self.position..self.position + count;
            for ((sample, past), sum) in now.iter_mut().zip(&mut self.past[slots.clone()]).zip(&mut self.sums[slots]) {
                let input = *sample;
                *sample = *past + *sum;
                *past = input;
                *sum = 0.0;
            }
            self.position = (self.position + count) % self.frame;
            self.until_frame -= count;
            if self.until_frame == 0 {
                self.until_frame = self.frame / OVERLAP;
                if active {
                    self.one_frame(&mut edit);
                }
            }
            rest = later;
        }
    }

    /// Analyses the last frame of input, edits it and adds the difference to the sums.
    fn one_frame(&mut self, edit: &mut impl FnMut(&mut Spectrum) -> bool) {
        let (new, old) = self.past.split_at(self.position);
        let (first, rest) = self.time.split_at_mut(old.len());
        times(first, old, &self.window);
        times(rest, new, &self.window[old.len()..]);
        self.transform.forward(&self.time, &mut self.spectrum);
        if !edit(&mut self.spectrum) {
            return;
        }
        self.transform.inverse(&self.spectrum, &mut self.time);
        let (new, old) = self.sums.split_at_mut(self.position);
        let (first, rest) = self.time.split_at(old.len());
        add_times(&mut *old, first, &self.synthesis);
        add_times(new, rest, &self.synthesis[first.len()..]);
    }
}

/// `out = a * b`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn times(out: &mut [f32], a: &[f32], b: &[f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = a * b;
    }
}

/// `out += a * b`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_times(out: &mut [f32], a: &[f32], b: &[f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out += a * b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::random::Random;

    #[test]
    fn unedited_is_a_pure_delay() {
        let mut stft = Stft::new(48_000, 94);
        let mut random = Random::new(1, 0);
        let input: Vec<f32> = (0..5000).map(|_| random.bell()).collect();
        let mut output = input.clone();
        stft.process(&mut output, true, |_| false);
        let delay = stft.latency_samples();
        assert_eq!(output[delay..], input[..input.len() - delay]);
        assert!(output[..delay].iter().all(|x| *x == 0.0));
    }

    #[test]
    fn taking_the_spectrum_itself_as_difference_doubles_the_signal() {
        for rate in [8000, 44_100, 48_000, 96_000] {
            let mut stft = Stft::new(rate, frame_samples(rate) / 2 + 1);
            let mut random = Random::new(2, 0);
            let input: Vec<f32> = (0..8000).map(|_| random.bell()).collect();
            let mut output = input.clone();
            for block in output.chunks_mut(37) {
                stft.process(block, true, |_| true);
            }
            let delay = stft.latency_samples();
            for n in 2 * delay..input.len() {
                // The ramp under the window does not add up to nothing, but to little.
                assert!((output[n] - 2.0 * input[n - delay]).abs() < 0.02, "{rate} Hz, sample {n}");
            }
        }
    }
}
