//! Short-time objective intelligibility: how alike the envelopes of clean and of processed speech are.
//!
//! STOI: Taal, Hendriks, Heusdens & Jensen (2011), IEEE Trans. Audio Speech Lang. Process. 19, 2125. ESTOI: Jensen & Taal
//! (2016), IEEE/ACM Trans. Audio Speech Lang. Process. 24, 2009. Resampling and the removal of silent frames are done
//! as the reference implementation and pystoi do them, so that results agree with published ones; `cargo xtask peers`
//! compares.
//!
//! ```text
//! clean ---+-- 10 kHz -- frames within 40 dB of the loudest -- 15 third octaves -- stretches of 384 ms --+-- correlation
//! heard ---+-- 10 kHz --- the same frames ------------------------ from 150 Hz --------------------------+
//! ```

use realfft::RealFftPlanner;

/// Rate at which everything is measured, Hz.
const RATE_HZ: u32 = 10_000;
/// Samples of a frame, from one to the next, and of its transform.
const FRAME: usize = 256;
const HOP: usize = FRAME / 2;
const TRANSFORM: usize = 512;
/// Third octaves, and the centre of the lowest, Hz.
const BANDS: usize = 15;
const LOWEST_HZ: f64 = 150.0;
/// Frames of a stretch: 384 ms.
const STRETCH: usize = 30;
/// Frames more than this below the loudest are silent, dB.
const RANGE_DB: f64 = 40.0;
/// Least signal-to-distortion ratio of a time-frequency unit in STOI, dB (beta).
const LEAST_SDR_DB: f64 = -15.0;
/// Keeps what is silent from being divided by.
const TINY: f64 = f64::EPSILON;

/// Why two sounds cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoiError {
    /// Sounds of different lengths.
    #[error(
        "the clean sound has {clean} samples, the other {heard}: they must be as long, and in time with each other"
    )]
    Lengths {
        /// Samples of the clean sound.
        clean: usize,
        /// Samples of the other.
        heard: usize,
    },
    /// Too little that is not silent.
    #[error(
        "the clean speech has {frames} frames of 25.6 ms that are not silent; {STRETCH} are needed, about half a second"
    )]
    TooShort {
        /// Frames there are.
        frames: usize,
    },
    /// No sample rate.
    #[error("sound at a sample rate of {0} Hz cannot be measured; from 8000 Hz on it can")]
    SampleRate(u32),
}

/// Envelopes of clean speech and of what became of it.
#[derive(Debug, Clone)]
pub struct ShortTime {
    /// `[frame][band]`.
    clean: Vec<[f64; BANDS]>,
    heard: Vec<[f64; BANDS]>,
}

impl ShortTime {
    /// Of `clean` speech and what is `heard` of it, aligned, mono, at `sample_rate_hz` (8000 or more); levels do not matter.
    ///
    /// # Errors
    /// [`StoiError`] where the sounds differ in length or have less than half a second that is not silent.
    pub fn new(clean: &[f32], heard: &[f32], sample_rate_hz: u32) -> Result<Self, StoiError> {
        if clean.len() != heard.len() {
            return Err(StoiError::Lengths { clean: clean.len(), heard: heard.len() });
        }
        if sample_rate_hz < 8_000 {
            return Err(StoiError::SampleRate(sample_rate_hz));
        }
        let [clean, heard] = [clean, heard].map(|sound| resample(sound, sample_rate_hz));
        let (clean, heard) = without_silence(&clean, &heard);
        let [clean, heard] = [clean, heard].map(|sound| third_octaves(&sound));
        if clean.len() < STRETCH {
            return Err(StoiError::TooShort { frames: clean.len() });
        }
        Ok(Self { clean, heard })
    }

    /// STOI, 0 (or a little below) to 1.
    pub fn stoi(&self) -> f64 {
        let clip = 1.0 + crate::dsp::math::amplitude(-LEAST_SDR_DB);
        self.mean_over_stretches(|clean, heard| {
            let mut sum = 0.0;
            for band in 0..BANDS {
                let mut x: [f64; STRETCH] = std::array::from_fn(|t| clean[t][band]);
                let mut y: [f64; STRETCH] = std::array::from_fn(|t| heard[t][band]);
                let scale = norm(&x) / (norm(&y) + TINY);
                for (y, x) in y.iter_mut().zip(&x) {
                    *y = (*y * scale).min(*x * clip);
                }
                centre(&mut x);
                centre(&mut y);
                sum += dot(&x, &y);
            }
            sum / BANDS as f64
        })
    }

    /// ESTOI, 0 (or a little below) to 1.
    pub fn estoi(&self) -> f64 {
        self.mean_over_stretches(|clean, heard| {
            let [clean, heard] = [clean, heard].map(|frames| {
                // Rows over time first, columns over bands then.
                let mut frames: [[f64; BANDS]; STRETCH] = std::array::from_fn(|t| frames[t]);
                for band in 0..BANDS {
                    let mut row: [f64; STRETCH] = std::array::from_fn(|t| frames[t][band]);
                    centre(&mut row);
                    for (frame, value) in frames.iter_mut().zip(row) {
                        frame[band] = value;
                    }
                }
                frames.iter_mut().for_each(|frame| centre(frame));
                frames
            });
            clean.iter().zip(&heard).map(|(x, y)| dot(x, y)).sum::<f64>() / STRETCH as f64
        })
    }

    fn mean_over_stretches(&self, of: impl Fn(&[[f64; BANDS]], &[[f64; BANDS]]) -> f64) -> f64 {
        let stretches = self.clean.windows(STRETCH).zip(self.heard.windows(STRETCH));
        let count = self.clean.len() - STRETCH + 1;
        stretches.map(|(clean, heard)| of(clean, heard)).sum::<f64>() / count as f64
    }
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

/// Takes the mean off and brings the length to 1.
fn centre(x: &mut [f64]) {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    x.iter_mut().for_each(|x| *x -= mean);
    let scale = 1.0 / (norm(x) + TINY);
    x.iter_mut().for_each(|x| *x *= scale);
}

/// The Hann window whose ends are not zero: sin^2 (pi (n + 1) / (N + 1)).
fn window() -> [f64; FRAME] {
    std::array::from_fn(|n| libm::sin(std::f64::consts::PI * (n + 1) as f64 / (FRAME + 1) as f64).powi(2))
}

/// Beginnings of frames; one that ends with the last sample is left out, as the reference does.
fn frames(samples: usize) -> impl Iterator<Item = usize> {
    (0..samples.saturating_sub(FRAME)).step_by(HOP)
}

/// Both sounds with the frames left out in which the clean one is silent, put together again.
fn without_silence(clean: &[f64], heard: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let window = window();
    let windowed = |sound: &[f64], at: usize| -> Vec<f64> {
        sound[at..at + FRAME].iter().zip(&window).map(|(x, weight)| x * weight).collect()
    };
    let levels: Vec<f64> =
        frames(clean.len()).map(|at| 20.0 * libm::log10(norm(&windowed(clean, at)) + TINY)).collect();
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let kept: Vec<usize> = frames(clean.len())
        .zip(&levels)
        .filter(|(_, level)| loudest - RANGE_DB - **level < 0.0)
        .map(|(at, _)| at)
        .collect();
    let together = |sound: &[f64]| {
        let mut sum = vec![0.0; if kept.is_empty() { 0 } else { (kept.len() - 1) * HOP + FRAME }];
        for (place, at) in kept.iter().enumerate() {
            for (sum, x) in sum[place * HOP..].iter_mut().zip(windowed(sound, *at)) {
                *sum += x;
            }
        }
        sum
    };
    (together(clean), together(heard))
}

/// Magnitudes in third octaves, `[frame][band]`.
fn third_octaves(sound: &[f64]) -> Vec<[f64; BANDS]> {
    let window = window();
    let fourier = RealFftPlanner::<f64>::new().plan_fft_forward(TRANSFORM);
    let (mut input, mut bins) = (fourier.make_input_vec(), fourier.make_output_vec());
    // The bin nearest to an edge; of two the lower.
    let bin = |hz: f64| libm::ceil(hz * TRANSFORM as f64 / f64::from(RATE_HZ) - 0.5) as usize;
    let edge = |sixths: usize| bin(LOWEST_HZ * libm::pow(2.0, (sixths as f64 - 1.0) / 6.0));
    frames(sound.len())
        .map(|at| {
            input.fill(0.0);
            for ((slot, x), weight) in input.iter_mut().zip(&sound[at..at + FRAME]).zip(&window) {
                *slot = x * weight;
            }
            // The slices are of the lengths that the plan made them with.
            let done = fourier.process(&mut input, &mut bins);
            debug_assert!(done.is_ok(), "buffers are made by the transform itself");
            std::array::from_fn(|band| {
                bins[edge(2 * band)..edge(2 * band + 2)].iter().map(|x| x.norm_sqr()).sum::<f64>().sqrt()
            })
        })
        .collect()
}

/// At 10 kHz, by the windowed sinc that Octave's `resample` uses: Kaiser's window, 60 dB, a transition of a tenth of the
/// lower Nyquist frequency.
fn resample(sound: &[f32], sample_rate_hz: u32) -> Vec<f64> {
    const REJECTION_DB: f64 = 60.0;
    if sample_rate_hz == RATE_HZ {
        return sound.iter().map(|x| f64::from(*x)).collect();
    }
    let common = greatest_common_divisor(sample_rate_hz, RATE_HZ);
    let (up, down) = ((RATE_HZ / common) as usize, (sample_rate_hz / common) as usize);
    let cutoff = 0.5 / up.max(down) as f64;
    let half = libm::ceil((REJECTION_DB - 8.0) / (28.714 * cutoff / 10.0));
    let beta = 0.1102 * (REJECTION_DB - 8.7);
    let taps: Vec<f64> = (0..=2 * half as usize)
        .map(|n| {
            let t = n as f64 - half;
            let x = std::f64::consts::TAU * cutoff * t;
            let sinc = if t == 0.0 { 1.0 } else { libm::sin(x) / x };
            sinc * crate::dsp::math::bessel_i0(beta * (1.0 - (t / half).powi(2)).max(0.0).sqrt())
        })
        .collect();
    let scale = up as f64 / taps.iter().sum::<f64>();
    let half = half as usize;
    (0..(sound.len() * up).div_ceil(down))
        .map(|k| {
            // Samples n with |k down - n up| <= half.
            let middle = k * down;
            let first = middle.saturating_sub(half).div_ceil(up);
            let last = ((middle + half) / up).min(sound.len() - 1);
            let sum: f64 = (first..=last).map(|n| taps[middle + half - n * up] * f64::from(sound[n])).sum();
            scale * sum
        })
        .collect()
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Calibration;
    use crate::measure::intelligibility::{Effort, Modulated};

    fn speech(rate: u32) -> Vec<f32> {
        Modulated::new(Effort::Normal, Calibration::default(), rate, 3.0, 5).samples
    }

    fn noisy(clean: &[f32], snr_db: f64) -> Vec<f32> {
        let mut random = crate::dsp::random::Random::new(3, 0);
        let power = clean.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / clean.len() as f64;
        let rms = (power * 10.0_f64.powf(-snr_db / 10.0)).sqrt() as f32;
        clean.iter().map(|x| x + rms * random.bell()).collect()
    }

    #[test]
    fn speech_itself_is_understood_and_less_of_it_less_in_noise() {
        for rate in [8_000, 10_000, 16_000, 44_100, 48_000] {
            let clean = speech(rate);
            let of = |heard: &[f32]| ShortTime::new(&clean, heard, rate).expect("three seconds are enough");
            let same = of(&clean);
            assert!((same.stoi() - 1.0).abs() < 1e-9 && (same.estoi() - 1.0).abs() < 1e-9, "{rate}");
            let measured: Vec<(f64, f64)> =
                [20.0, 5.0, -10.0].map(|snr| of(&noisy(&clean, snr))).iter().map(|m| (m.stoi(), m.estoi())).collect();
            assert!(measured.windows(2).all(|w| w[0].0 > w[1].0 && w[0].1 > w[1].1), "{rate}: {measured:?}");
            let louder: Vec<f32> = clean.iter().map(|x| 3.0 * x).collect();
            assert!((of(&louder).stoi() - 1.0).abs() < 1e-5, "{rate}: level does not matter");
        }
    }

    #[test]
    fn silence_in_the_clean_speech_is_left_out() {
        let clean = speech(10_000);
        let gap = vec![0.0; 20_000];
        let heard = noisy(&clean, 5.0);
        let with_gap: Vec<f32> = [&clean[..15_000], &gap, &clean[15_000..]].concat();
        let noise_in_gap: Vec<f32> = gap.iter().map(|_| 0.01).collect();
        let heard_gap: Vec<f32> = [&heard[..15_000], &noise_in_gap, &heard[15_000..]].concat();
        let whole = ShortTime::new(&clean, &heard, 10_000).expect("long enough").stoi();
        let gapped = ShortTime::new(&with_gap, &heard_gap, 10_000).expect("long enough").stoi();
        // Were the gap counted, two fifths of all stretches would be noise.
        assert!((whole - gapped).abs() < 0.05, "{whole} {gapped}");
    }

    #[test]
    fn a_tone_survives_resampling_and_what_would_fold_does_not() {
        for rate in [16_000_u32, 44_100, 48_000] {
            for (hz, expected) in [(1_000.0, 1.0), (4_000.0, 1.0), (6_000.0, 0.0)] {
                let tone: Vec<f32> = (0..rate)
                    .map(|n| (std::f64::consts::TAU * hz * f64::from(n) / f64::from(rate)).sin() as f32)
                    .collect();
                let out = resample(&tone, rate);
                assert_eq!(out.len(), 10_000);
                for (n, y) in out.iter().enumerate().take(9_000).skip(1_000) {
                    let exact = expected * (std::f64::consts::TAU * hz * n as f64 / 10_000.0).sin();
                    assert!((y - exact).abs() < 3e-3, "{rate} Hz, {hz} Hz, {n}: {y} {exact}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let lengths = StoiError::Lengths { clean: 2, heard: 1 };
        assert_eq!(ShortTime::new(&[0.0; 2], &[0.0; 1], 10_000).err(), Some(lengths));
        assert_eq!(ShortTime::new(&[], &[], 10_000).err(), Some(StoiError::TooShort { frames: 0 }));
        let short = ShortTime::new(&[0.1; 3_000], &[0.1; 3_000], 10_000).err();
        assert!(matches!(short, Some(StoiError::TooShort { frames: 1..30 })), "{short:?}");
        assert_eq!(ShortTime::new(&[0.1; 3_000], &[0.1; 3_000], 10).err(), Some(StoiError::SampleRate(10)));
    }
}
