//! Ringing that no one else hears.
//!
//! In the clinic a tinnitus is matched with an outside sound, some dB above the ear's own threshold
//! there (dB SL). What that match sounds like to the listener is what recruitment makes of it, and that
//! is the level rendered: r times the sensation level, in dB HL, never above the matched level itself
//! and never above the cap.
//!
//! Of a tone and of a band that is the level of all of it. Broadband noise is heard where it was matched
//! through one auditory filter: there, within the equivalent rectangular bandwidth of a healthy one (as who
//! listens has), it has the level that a tone of the same match would have, and the same density from
//! 125 Hz to 12 kHz. At a rate too low for all of that the rest is missing and the density stays.

use super::recruitment::growth;
use crate::audiogram;
use crate::dsp::biquad::Biquad;
use crate::dsp::erb;
use crate::dsp::random::Random;
use crate::level::Calibration;
use crate::listener::{self, EarFindings, TinnitusSound};

/// Edges of broadband noise, Hz: the frequencies of an audiogram, and half an octave beyond them.
const NOISE_HZ: (f64, f64) = (125.0, 12_000.0);

/// Bandwidth of a rectangle that passes as much of white noise as the two filters at those edges: a Butterworth
/// filter of order n passes (pi / 2n) / sin(pi / 2n) of its corner frequency. The order is 2 below and 4 above.
const NOISE_BANDWIDTH_HZ: f64 = 1.026_172 * NOISE_HZ.1 - 1.110_721 * NOISE_HZ.0;

/// Part of the sample rate up to which a sound can be relied on to hold a frequency: converters between rates
/// and to analogue roll off above.
const HELD: f64 = 0.45;

/// The highest frequency at which sound of this rate can hold a ringing, Hz.
pub fn highest_hz(sample_rate_hz: u32) -> f64 {
    HELD * f64::from(sample_rate_hz)
}

/// Whether sound of this rate can hold a tinnitus: a tone or the middle of a band beyond what it holds would
/// have to be another one, and is left out. Of broadband noise it holds a part.
pub fn is_held(sound: TinnitusSound, frequency_hz: f64, sample_rate_hz: u32) -> bool {
    sound == TinnitusSound::Noise || frequency_hz <= highest_hz(sample_rate_hz)
}

/// A tinnitus with its level worked out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TinnitusParams {
    /// What it is like.
    pub sound: TinnitusSound,
    /// Frequency, Hz.
    pub frequency_hz: f64,
    /// RMS at which it is rendered, 1.0 being digital full scale; of broadband noise that of its whole band.
    pub rms: f64,
}

impl TinnitusParams {
    /// Works out the level of a tinnitus in an ear.
    pub fn new(found: listener::Tinnitus, ear: &EarFindings, calibration: Calibration) -> Self {
        let hz = found.frequency_hz;
        let air_db_hl = ear.air.threshold_db_hl(hz).max(0.0);
        let cochlea_db_hl = audiogram::sensorineural_db_hl(&ear.air, ear.bone.as_ref(), hz).max(0.0);
        let recruited = f64::from(growth(cochlea_db_hl as f32)) * found.level_db_sl;
        let level_db_hl = recruited.min(air_db_hl + found.level_db_sl);
        let wider_db = match found.sound {
            TinnitusSound::Noise => 10.0 * libm::log10(NOISE_BANDWIDTH_HZ / erb::bandwidth_hz(hz)),
            TinnitusSound::Tone | TinnitusSound::Band { .. } => 0.0,
        };
        let level_db_spl = (calibration.db_hl_to_db_spl(level_db_hl, hz) + wider_db).min(found.cap_db_spl);
        let rms = crate::dsp::math::amplitude(calibration.db_spl_to_db_fs(level_db_spl));
        Self { sound: found.sound, frequency_hz: hz, rms }
    }
}

/// Random streams of tinnitus begin here.
const STREAM: u64 = 0x71_0000;

/// A generator.
pub(super) struct Tinnitus {
    params: TinnitusParams,
    /// Radians a sample.
    angle: f64,
    /// Two complex one-poles round the centre of a band: radius and gain to unit RMS.
    radius: f32,
    band_gain: f32,
    state: [[f32; 2]; 2],
    /// The edges of broadband noise, as far as the rate holds them, and its gain to unit RMS of the whole band.
    edges: Vec<Biquad>,
    noise_gain: f32,
    /// Gain at the last period's end.
    gain: f32,
    noise: Random,
    seed: (u64, u64),
}

impl Tinnitus {
    pub(super) fn new(params: TinnitusParams, sample_rate_hz: u32, seed: u64, stream: u64) -> Self {
        let rate = f64::from(sample_rate_hz);
        let frequency_hz = params.frequency_hz;
        let bandwidth_hz = match params.sound {
            TinnitusSound::Band { bandwidth_octaves } => {
                let half = libm::exp2(0.5 * bandwidth_octaves);
                frequency_hz * (half - 1.0 / half)
            }
            _ => 0.0,
        };
        // Two equal one-poles in a row are 3 dB down at 0.644 of one's half-width.
        let radius = libm::exp(-std::f64::consts::PI * bandwidth_hz / (0.644 * rate));
        // White noise of unit variance through 1/(1-az^-1)^2: variance (1+r^2)/(1-r^2)^3 of the complex
        // output, of which the real part is taken: half of it.
        let r2 = radius * radius;
        let variance = 0.5 * (1.0 + r2) / libm::pow((1.0 - r2).max(1e-9), 3.0);
        Self {
            params,
            angle: std::f64::consts::TAU * frequency_hz / rate,
            radius: radius as f32,
            band_gain: (1.0 / variance.sqrt()) as f32,
            state: [[0.0; 2]; 2],
            edges: match params.sound {
                TinnitusSound::Noise => noise_edges(rate),
                TinnitusSound::Tone | TinnitusSound::Band { .. } => Vec::new(),
            },
            // White noise of unit variance has its power evenly up to half the rate.
            noise_gain: (0.5 * rate / NOISE_BANDWIDTH_HZ).sqrt() as f32,
            gain: 0.0,
            noise: Random::new(seed, STREAM + stream),
            seed: (seed, STREAM + stream),
        }
    }

    pub(super) fn reset(&mut self) {
        self.state = [[0.0; 2]; 2];
        self.edges.iter_mut().for_each(Biquad::reset);
        self.gain = 0.0;
        self.noise = Random::new(self.seed.0, self.seed.1);
    }

    /// Adds a period that ends at `level` (0 to 1) and whose first sample is sample `begin_samples` of the
    /// programme; the level moves linearly from where the last period left it.
    pub(super) fn add(&mut self, out: &mut [f32], level: f32, begin_samples: u64) {
        let mut gain = self.gain;
        let target = level * self.params.rms as f32;
        let step = (target - gain) / out.len() as f32;
        self.gain = target;
        let mut next_gain = || {
            gain += step;
            gain
        };
        match self.params.sound {
            TinnitusSound::Tone => {
                if target == 0.0 && step == 0.0 {
                    return;
                }
                // The phase comes from the absolute sample, so that no start and no block can shift it.
                let turns = self.angle / std::f64::consts::TAU * begin_samples as f64;
                let phase = std::f64::consts::TAU * (turns - turns.floor());
                let (mut sin, mut cos) = (libm::sin(phase) as f32, libm::cos(phase) as f32);
                let (step_sin, step_cos) = (libm::sin(self.angle) as f32, libm::cos(self.angle) as f32);
                for sample in out {
                    *sample += next_gain() * std::f32::consts::SQRT_2 * sin;
                    (sin, cos) = (sin * step_cos + cos * step_sin, cos * step_cos - sin * step_sin);
                }
            }
            TinnitusSound::Noise => {
                for sample in out {
                    let noise = self.edges.iter_mut().fold(f64::from(self.noise.bell()), |x, edge| edge.next(x));
                    *sample += next_gain() * self.noise_gain * noise as f32;
                }
            }
            TinnitusSound::Band { .. } => {
                let (sin, cos) = (libm::sin(self.angle) as f32, libm::cos(self.angle) as f32);
                let (a_re, a_im) = (self.radius * cos, self.radius * sin);
                for sample in out {
                    let (mut re, mut im) = (self.noise.bell(), 0.0);
                    for state in &mut self.state {
                        let [s_re, s_im] = *state;
                        re += a_re * s_re - a_im * s_im;
                        im += a_re * s_im + a_im * s_re;
                        *state = [re, im];
                    }
                    *sample += next_gain() * self.band_gain * re;
                }
            }
        }
    }
}

/// The filters at the edges of broadband noise; none at an edge that this rate does not hold.
fn noise_edges(rate_hz: f64) -> Vec<Biquad> {
    // Quality factors of Butterworth filters of order 2 and 4: 1 / (2 cos(pi / 2n (2k + 1))).
    let mut edges = vec![Biquad::high_pass(NOISE_HZ.0 / rate_hz, std::f64::consts::FRAC_1_SQRT_2)];
    if NOISE_HZ.1 < 0.49 * rate_hz {
        edges.extend([0.541_196_1, 1.306_563].map(|quality| Biquad::low_pass(NOISE_HZ.1 / rate_hz, quality)));
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audiogram::{Audiogram, Threshold};

    /// Noise matched at 3 kHz, rendered for `secs` at a rate.
    fn hiss(sample_rate_hz: u32, secs: u32) -> (TinnitusParams, Vec<f32>) {
        let air = Audiogram { points: vec![(1000.0, Threshold::DbHl(60.0))] };
        let ear = EarFindings { air, ..EarFindings::default() };
        let found = listener::Tinnitus {
            sound: TinnitusSound::Noise,
            frequency_hz: 3000.0,
            level_db_sl: 15.0,
            cap_db_spl: 70.0,
        };
        let params = TinnitusParams::new(found, &ear, Calibration::default());
        let mut heard = vec![0.0; (sample_rate_hz * secs) as usize];
        let mut generator = Tinnitus::new(params, sample_rate_hz, 1, 0);
        for (number, period) in heard.chunks_mut(32).enumerate() {
            generator.add(period, 1.0, 32 * number as u64);
        }
        (params, heard)
    }

    /// Level of a band of `heard`, dB FS, by the power of its Fourier sums.
    fn band_db_fs(heard: &[f32], sample_rate_hz: u32, (from_hz, to_hz): (f64, f64)) -> f64 {
        let mut planner = realfft::RealFftPlanner::<f64>::new();
        let fft = planner.plan_fft_forward(heard.len());
        let mut input: Vec<f64> = heard.iter().map(|x| f64::from(*x)).collect();
        let mut spectrum = fft.make_output_vec();
        fft.process(&mut input, &mut spectrum).unwrap();
        let bin_hz = f64::from(sample_rate_hz) / heard.len() as f64;
        let power: f64 = spectrum
            .iter()
            .enumerate()
            .filter(|(bin, _)| (from_hz..to_hz).contains(&(*bin as f64 * bin_hz)))
            .map(|(_, value)| value.norm_sqr())
            .sum();
        10.0 * (2.0 * power / (heard.len() as f64).powi(2)).log10()
    }

    #[test]
    fn broadband_noise_is_the_same_sound_at_every_rate() {
        let rates = [8000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000];
        let heard = rates.map(|rate| hiss(rate, 4).1);
        let level = |at: usize, band| band_db_fs(&heard[at], rates[at], band);
        for (at, rate) in rates.iter().enumerate() {
            for (band, least_rate) in
                [((500.0, 3500.0), 8000), ((3500.0, 7000.0), 16_000), ((7000.0, 10_000.0), 22_050)]
            {
                if *rate >= least_rate {
                    let apart = level(at, band) - level(5, band);
                    assert!(apart.abs() < 0.6, "{rate} Hz, {band:?}: {apart} dB from what it is at 48 kHz");
                }
            }
        }
        // Nothing to speak of above what ears hear.
        assert!(level(7, (24_000.0, 96_000.0)) < level(7, (7000.0, 10_000.0)) - 20.0);
    }

    #[test]
    fn broadband_noise_is_as_loud_where_it_was_matched_as_a_tone_would_be() {
        let (params, heard) = hiss(48_000, 8);
        let calibration = Calibration::default();
        // 60 dB HL and 15 dB SL; growth by the law of recruitment, against a healthy threshold at 3 kHz.
        let tone_db_fs =
            calibration.db_spl_to_db_fs(calibration.db_hl_to_db_spl(f64::from(growth(60.0)) * 15.0, 3000.0));
        let half_hz = 0.5 * erb::bandwidth_hz(3000.0);
        let found_db_fs = band_db_fs(&heard, 48_000, (3000.0 - half_hz, 3000.0 + half_hz));
        assert!((found_db_fs - tone_db_fs).abs() < 0.5, "{found_db_fs} dB FS, {tone_db_fs} expected");
        let all_db_fs = band_db_fs(&heard, 48_000, (0.0, 24_000.0));
        assert!((all_db_fs - 20.0 * params.rms.log10()).abs() < 0.2, "{all_db_fs} dB FS in all");
    }
}
