//! Speech to measure with: noise of speech's spectrum and of its ups and downs, and the spectrum of what came out.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex64;

use super::tables::{Effort, Procedure};
use crate::dsp::random::Random;
use crate::level::Calibration;

/// Random streams of speech begin here.
const STREAM: u64 = 0x5b_0000;
/// Standard deviation of the level in each band, dB: from softest to loudest hundredth that makes the 30 dB which the
/// standard gives to speech (clause 5.8).
const LEVELS_DB: f64 = 6.5;
/// Syllables come and go at 1 to 12 Hz, most at 4 (Houtgast & Steeneken 1985).
const SYLLABLES_HZ: (f64, f64) = (1.0, 12.0);
/// Sinusoids that a course of levels is made of.
const PARTIALS: usize = 24;
/// Part of a band's course that all bands share.
const SHARED: f64 = 0.6;
/// Length of a frame of analysis, seconds: its lines lie closer than the narrowest band is wide.
const FRAME_SECS: f64 = 0.3;

/// Noise with the spectrum of speech in third octaves, whose bands rise and fall as syllables do, partly together.
///
/// In the manner of the ICRA noises (Dreschler et al. 2001), which take speech's envelope from a recording; here it is
/// drawn, so that nothing but a seed is needed.
#[derive(Debug, Clone)]
pub struct Modulated {
    /// The sound, RMS 1.0 being digital full scale.
    pub samples: Vec<f32>,
}

impl Modulated {
    /// Some `secs` of speech-like noise at the level of `effort`.
    pub fn new(effort: Effort, calibration: Calibration, sample_rate_hz: u32, secs: f64, seed: u64) -> Self {
        let rate = f64::from(sample_rate_hz);
        let length = ((secs * rate) as usize).max(2).next_power_of_two();
        let table = Procedure::ThirdOctaves.table();
        let mut inverse_planner = RealFftPlanner::<f64>::new();
        let inverse = inverse_planner.plan_fft_inverse(length);
        let course = |stream: u64| course(length, rate, &mut Random::new(seed, STREAM + stream));
        let shared = course(0);
        let mut samples = vec![0.0_f64; length];
        let mut spectrum = inverse.make_input_vec();
        let mut band = inverse.make_output_vec();
        for (number, (hz, level)) in table.centre_hz.iter().zip(table.speech_db_spl[effort as usize]).enumerate() {
            let (from_hz, to_hz) = third_octave_hz(*hz);
            let mut random = Random::new(seed, STREAM + 100 + number as u64);
            spectrum.fill(Complex64::ZERO);
            for (line, slot) in spectrum.iter_mut().enumerate() {
                if (from_hz..to_hz).contains(&(line as f64 * rate / length as f64)) && line < length / 2 {
                    *slot = Complex64::cis(std::f64::consts::TAU * random.uniform_f64());
                }
            }
            // The slices are of the lengths that the plan made them with.
            if inverse.process(&mut spectrum, &mut band).is_err() {
                continue;
            }
            let own = course(1 + number as u64);
            for ((sample, shared), own) in band.iter_mut().zip(&shared).zip(&own) {
                let level_db = LEVELS_DB * (SHARED.sqrt() * shared + (1.0 - SHARED).sqrt() * own);
                *sample *= crate::dsp::math::amplitude(level_db);
            }
            let mean_square = band.iter().map(|x| x * x).sum::<f64>() / length as f64;
            let wanted_db_fs = calibration.db_spl_to_db_fs(level + 10.0 * libm::log10(to_hz - from_hz));
            let gain = crate::dsp::math::amplitude(wanted_db_fs) / mean_square.sqrt().max(f64::MIN_POSITIVE);
            for (sum, sample) in samples.iter_mut().zip(&band) {
                *sum += gain * sample;
            }
        }
        Self { samples: samples.iter().map(|sample| *sample as f32).collect() }
    }
}

/// A slow, bell-shaped course of zero mean and unit variance, `[sample]`.
fn course(length: usize, rate: f64, random: &mut Random) -> Vec<f64> {
    let (lowest, highest) = SYLLABLES_HZ;
    let mut values = vec![0.0; length];
    for partial in 0..PARTIALS {
        let place = (partial as f64 + random.uniform_f64()) / PARTIALS as f64;
        let hz = lowest * libm::pow(highest / lowest, place);
        let turn = Complex64::cis(std::f64::consts::TAU * hz / rate);
        let mut phasor = Complex64::cis(std::f64::consts::TAU * random.uniform_f64());
        for value in &mut values {
            *value += phasor.re;
            phasor *= turn;
        }
    }
    let scale = (2.0 / PARTIALS as f64).sqrt();
    values.iter_mut().for_each(|value| *value *= scale);
    values
}

/// Limits of the third octave round `centre_hz`, Hz.
fn third_octave_hz(centre_hz: f64) -> (f64, f64) {
    let half = libm::exp2(1.0 / 6.0);
    (centre_hz / half, centre_hz * half)
}

/// Mean spectrum levels of `samples` in the 18 third octaves of the standard, dB SPL; [`super::QUIET_DB_SPL`] at least.
///
/// Bands that the sample rate has no room for count as quiet.
pub fn spectrum_levels_db_spl(samples: &[f32], sample_rate_hz: u32, calibration: Calibration) -> Vec<f64> {
    let rate = f64::from(sample_rate_hz);
    let frame = ((FRAME_SECS * rate) as usize).max(2).next_power_of_two();
    let mut planner = RealFftPlanner::<f64>::new();
    let forward = planner.plan_fft_forward(frame);
    let window: Vec<f64> =
        (0..frame).map(|n| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * n as f64 / frame as f64)).collect();
    let mut input = forward.make_input_vec();
    let mut spectrum = forward.make_output_vec();
    let mut power = vec![0.0; spectrum.len()];
    // The first frame begins half before the sound and the last one ends after it, so that every sample counts alike.
    let half = frame / 2;
    for number in 0..samples.len().div_ceil(half) + 1 {
        let (begin, lead) = if number == 0 { (0, half) } else { ((number - 1) * half, 0) };
        let part = &samples[begin.min(samples.len())..(begin + frame - lead).min(samples.len())];
        input.fill(0.0);
        for ((slot, sample), window) in input[lead..].iter_mut().zip(part).zip(&window[lead..]) {
            *slot = f64::from(*sample) * window;
        }
        if forward.process(&mut input, &mut spectrum).is_ok() {
            for (sum, line) in power.iter_mut().zip(&spectrum) {
                *sum += line.norm_sqr();
            }
        }
    }
    // Parseval: both halves of the spectrum, over the frame, the squared window's mean of 3/8 and the overlap of two.
    let mean = 2.0 / (frame as f64 * 0.375 * 2.0 * samples.len().max(1) as f64);
    let table = Procedure::ThirdOctaves.table();
    let level = |hz: &f64| {
        let (from_hz, to_hz) = third_octave_hz(*hz);
        let line = |hz: f64| ((hz * frame as f64 / rate).ceil() as usize).min(power.len());
        let sum: f64 = power[line(from_hz)..line(to_hz)].iter().sum();
        let width_hz = (line(to_hz) - line(from_hz)) as f64 * rate / frame as f64;
        let spectrum_level = 10.0 * libm::log10((mean * sum).max(1e-30) / width_hz.max(1.0));
        calibration.db_fs_to_db_spl(spectrum_level).max(super::QUIET_DB_SPL)
    };
    table.centre_hz.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_spectrum_of_speech_and_its_ups_and_downs() {
        let calibration = Calibration::default();
        let speech = Modulated::new(Effort::Raised, calibration, 44_100, 5.0, 1);
        let levels = spectrum_levels_db_spl(&speech.samples, 44_100, calibration);
        let expected = Procedure::ThirdOctaves.table().speech_db_spl[Effort::Raised as usize];
        for ((level, expected), hz) in levels.iter().zip(expected).zip(Procedure::ThirdOctaves.table().centre_hz) {
            // Syllables spread a band into its neighbours; of raised speech 250 Hz is 5 dB above 200 Hz.
            assert!((level - expected).abs() < 1.5, "{hz} Hz: {level} for {expected}");
        }
        // Levels over 125 ms of all bands together.
        let mut short: Vec<f64> = speech
            .samples
            .chunks_exact(44_100 / 8)
            .map(|part| part.iter().map(|x| f64::from(x * x)).sum::<f64>())
            .map(|power| 10.0 * power.log10())
            .collect();
        short.sort_by(f64::total_cmp);
        let range = short[short.len() * 9 / 10] - short[short.len() / 10];
        assert!((6.0..20.0).contains(&range), "{range} dB between tenth and ninetieth percentile");
    }

    #[test]
    fn a_band_of_noise_has_its_spectrum_level() {
        // White noise of RMS 1: 100 dB SPL over 24 kHz.
        let mut random = Random::new(1, 1);
        let white: Vec<f32> = (0..96_000).map(|_| random.bell()).collect();
        let levels = spectrum_levels_db_spl(&white, 48_000, Calibration::default());
        let expected = 100.0 - 10.0 * 24_000.0_f64.log10();
        let mean = levels.iter().sum::<f64>() / levels.len() as f64;
        assert!((mean - expected).abs() < 0.2, "{mean} for {expected}");
        assert!(spectrum_levels_db_spl(&white, 12_000, Calibration::default())[17] < -49.0);
    }
}
