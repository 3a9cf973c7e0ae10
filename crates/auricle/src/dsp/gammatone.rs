//! A complex gammatone filterbank and its synthesis weights: parameters and coefficients.
//!
//! Each band is a cascade of four complex one-pole filters (Hohmann 2002, "Frequency analysis and
//! synthesis using a Gammatone filterbank", Acta Acustica 88). Its published mixer is replaced by one
//! complex weight a band, fitted by regularised least squares so that the bands add up to a pure
//! delay; the same running cost, and 40 dB better.
//!
//! Low bands run at a half or a quarter of the rate (*levels*): less than half the work. What the half-band
//! filters on the way down and up do to a tone is part of each band's response, and so of the fit.

mod fit;

use std::sync::Arc;

use realfft::num_complex::Complex64;

use super::halfband::{HalfBand, WIDTH};
use super::{LANES, control_period_samples, erb};

/// Order of the filters.
pub const STAGES: usize = 4;
/// Bands that share one alignment delay.
pub const SHARE: usize = 8;
/// Bands per ERB.
pub const BANDS_PER_ERB: f64 = 2.0;
/// Lowest centre frequency.
const LOWEST_HZ: f64 = 20.0;
/// Most bands; at two a band this reaches 17.4 kHz.
pub const MAX_BANDS: usize = 80;
/// The delay that the bands add up to, seconds.
///
/// 12 ms holds the reconstruction down to 40 Hz within 0.1 dB; 10 ms would lose 0.1 dB more there.
const DELAY_SECS: f64 = 0.012;
/// Hohmann's a_4 = 5 pi / 16: bandwidth of a fourth-order cascade over that of one stage.
const BANDWIDTH_RATIO: f64 = 5.0 * std::f64::consts::PI / 16.0;
/// Highest centre frequency that a level may have, as a part of its rate.
const HIGHEST_OF_LEVEL: f64 = 0.35;
/// How far above its highest centre a level is kept free of what folds: there the bands' skirts have fallen by
/// 10 dB, and from there on the filters' own fall with them.
const SKIRT: f64 = 1.1;

/// The bank for one sample rate: plain data, in f64.
#[derive(Debug, Clone)]
pub struct Gammatone {
    /// Sample rate, Hz.
    pub sample_rate_hz: u32,
    /// Centre frequencies, Hz, ascending, two an ERB.
    pub centre_hz: Vec<f64>,
    /// Level of each group of [`LANES`] bands: how often the rate is halved for it. Falling.
    pub level: Vec<usize>,
    /// The filters from each level to the next.
    pub half_bands: Arc<[HalfBand]>,
    /// Pole radius of each band at its level's rate, rounded to what running in f32 will use.
    pub radius: Vec<f64>,
    /// Pole angle of each band, radians a sample of its level.
    pub angle: Vec<f64>,
    /// radius e^(i angle).
    pole: Vec<Complex64>,
    /// Samples of its level by which each band's input is delayed, equal within groups of [`SHARE`].
    pub input_delay_samples: Vec<usize>,
    /// Complex weight of each band.
    pub weight: Vec<Complex64>,
    /// The delay that the weighted bands add up to, samples.
    pub delay_samples: usize,
    /// Control period, samples.
    pub period_samples: usize,
}

/// Every band's responses to a tone, the real part of a band at its centre having unit gain.
#[derive(Debug, Clone)]
pub struct Response {
    /// Frequency, Hz; to a negative one the response is that of its mirror image.
    pub frequency_hz: f64,
    /// Mean square of each band's real part for a tone of mean square 1, `[band]`.
    pub power: Vec<f64>,
    /// Weighted real part of each band, as it comes out of the bank, `[band]`; the bank's output is their sum.
    pub synthesis: Vec<Complex64>,
}

impl Gammatone {
    /// Designs the bank; `sample_rate_hz` from 8,000 to 192,000.
    pub fn design(sample_rate_hz: u32) -> Self {
        let rate = f64::from(sample_rate_hz);
        // Up to 0.47 of the rate: bands nearer to half of it would fold onto themselves.
        let highest_hz = 0.47 * rate;
        let first = erb::number(LOWEST_HZ);
        let centre_hz: Vec<f64> = (0..MAX_BANDS)
            .map(|k| erb::frequency_hz(first + k as f64 / BANDS_PER_ERB))
            .take_while(|hz| *hz <= highest_hz)
            .collect();
        let period_samples = control_period_samples(sample_rate_hz);
        let level: Vec<usize> = centre_hz
            .chunks(LANES)
            .map(|group| {
                let fits = |level: &usize| {
                    period_samples >> level >= WIDTH
                        && group[group.len() - 1] <= HIGHEST_OF_LEVEL * rate / f64::from(1_u32 << level)
                };
                (0..8).take_while(fits).last().unwrap_or(0)
            })
            .collect();
        let deepest = level.iter().copied().max().unwrap_or(0);
        let half_bands: Vec<HalfBand> = (1..=deepest)
            .map(|below| {
                let groups = centre_hz.chunks(LANES).zip(&level).filter(|(_, level)| **level >= below);
                let highest_hz = groups.map(|(group, _)| group[group.len() - 1]).fold(0.0, f64::max);
                // A step delays by a period but for one sample, so that whole periods bring gains in step again.
                let pairs = period_samples >> below;
                HalfBand::design(pairs, SKIRT * highest_hz * f64::from(1_u32 << below) / rate)
            })
            .collect();
        let delay_samples = (DELAY_SECS * rate).round() as usize;
        let bands = centre_hz.len();
        let mut bank = Self {
            sample_rate_hz,
            radius: vec![0.0; bands],
            angle: vec![0.0; bands],
            pole: vec![Complex64::ZERO; bands],
            input_delay_samples: Vec::new(),
            weight: vec![Complex64::ZERO; bands],
            level,
            half_bands: half_bands.into(),
            delay_samples,
            period_samples,
            centre_hz,
        };
        for k in 0..bands {
            let hz = bank.centre_hz[k];
            let level_rate = bank.level_rate_hz(k);
            let width = erb::bandwidth_hz(hz) / BANDWIDTH_RATIO;
            bank.radius[k] = f64::from(libm::exp(-std::f64::consts::TAU * width / level_rate) as f32);
            bank.angle[k] = std::f64::consts::TAU * hz / level_rate;
            bank.pole[k] = bank.radius[k] * cis(bank.angle[k]);
        }
        bank.input_delay_samples = bank.alignment();
        bank.fit();
        bank
    }

    /// Number of bands.
    pub fn bands(&self) -> usize {
        self.centre_hz.len()
    }

    /// Number of groups of [`LANES`] bands, the last one filled up with silent bands.
    pub fn groups(&self) -> usize {
        self.bands().div_ceil(LANES)
    }

    /// Number of levels.
    pub fn levels(&self) -> usize {
        self.half_bands.len() + 1
    }

    /// Control periods by which the way up from a level delays: one a step, but for a sample.
    pub fn level_delay_periods(&self, level: usize) -> usize {
        level
    }

    /// Sample rate of band `k`'s level, Hz.
    fn level_rate_hz(&self, k: usize) -> f64 {
        f64::from(self.sample_rate_hz) / f64::from(1_u32 << self.level[k / LANES])
    }

    /// Samples by which the way down to a level, or the way up from it, delays.
    fn level_delay_samples(&self, level: usize) -> usize {
        self.half_bands[..level].iter().enumerate().map(|(step, filter)| filter.delay_samples() << step).sum()
    }

    /// Gain of the way down to a level, or of the way up from it, at `w` radians a sample of level 0.
    fn level_gain(&self, level: usize, w: f64) -> f64 {
        self.half_bands[..level]
            .iter()
            .enumerate()
            .map(|(step, filter)| filter.gain(w * f64::from(1 << step)))
            .product()
    }

    /// Delays that bring each band's envelope peak, 3 / (-ln radius) samples of its level after an impulse, to
    /// the common delay as far as it comes earlier; averaged within groups of [`SHARE`].
    fn alignment(&self) -> Vec<usize> {
        let mut delays = Vec::with_capacity(self.bands());
        for (run, group) in self.radius.chunks(SHARE).enumerate() {
            let level = self.level[run * SHARE / LANES];
            let left = self.delay_samples as f64 - 2.0 * self.level_delay_samples(level) as f64;
            let left = left / f64::from(1 << level);
            let sum: f64 = group.iter().map(|r| (left + 3.0 / libm::log(*r)).max(0.0)).sum();
            let mean = (sum / group.len() as f64).round() as usize;
            delays.extend(std::iter::repeat_n(mean, group.len()));
        }
        delays
    }

    /// Each band's response to e^(i w n), down to where power is measured, handed to `each` with what the way
    /// up adds: `(band, direct, image, up)`. `direct` is that at the frequency itself, `image` that at its
    /// negative; both have a magnitude of 2 at a band's centre.
    fn walk(&self, frequency_hz: f64, mut each: impl FnMut(usize, Complex64, Complex64, Complex64)) {
        let w = std::f64::consts::TAU * frequency_hz / f64::from(self.sample_rate_hz);
        let ways: Vec<(Complex64, Complex64)> = (0..self.levels())
            .map(|level| {
                let way = self.level_gain(level, w) * cis(-w * self.level_delay_samples(level) as f64);
                (cis(-w * f64::from(1 << level)), way)
            })
            .collect();
        let mut delay = (usize::MAX, Complex64::ONE);
        for k in 0..self.bands() {
            let level = self.level[k / LANES];
            let (back, way) = ways[level];
            if k % SHARE == 0 {
                let samples = self.input_delay_samples[k] << level;
                delay = (samples, way * cis(-w * samples as f64));
            }
            let cascade = |back: Complex64| {
                let one = (1.0 - self.radius[k]) / (Complex64::ONE - self.pole[k] * back);
                2.0 * (one * one) * (one * one)
            };
            each(k, cascade(back) * delay.1, cascade(back.conj()) * delay.1.conj(), way);
        }
    }

    /// All bands' responses to a real tone.
    pub fn responses(&self, frequency_hz: f64) -> Response {
        let room = || Vec::with_capacity(self.bands());
        let (mut power, mut synthesis) = (room(), Vec::with_capacity(self.bands()));
        self.walk(frequency_hz, |k, direct, image, up| {
            // The image at the negative frequency ripples about this mean and averages out.
            power.push((direct.norm_sqr() + image.norm_sqr()) / 4.0);
            synthesis.push(0.5 * up * (self.weight[k] * direct + (self.weight[k] * image).conj()));
        });
        Response { frequency_hz, power, synthesis }
    }
}

/// e^(i angle), the same on every machine.
pub(crate) fn cis(angle: f64) -> Complex64 {
    Complex64::new(libm::cos(angle), libm::sin(angle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_add_up_to_a_delay() {
        for rate in [8000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000] {
            let bank = Gammatone::design(rate);
            let (mut worst_db, mut squares) = (0.0_f64, 0.0);
            let (low, high) = (erb::number(45.0), erb::number(15_000.0_f64.min(0.42 * f64::from(rate))));
            let n = 777;
            for i in 0..n {
                let hz = erb::frequency_hz(low + (high - low) * f64::from(i) / f64::from(n));
                let w = std::f64::consts::TAU * hz / f64::from(rate);
                let sum: Complex64 = bank.responses(hz).synthesis.iter().sum();
                let target = Complex64::from_polar(1.0, -w * bank.delay_samples as f64);
                worst_db = worst_db.max((20.0 * sum.norm().log10()).abs());
                squares += (sum - target).norm_sqr();
            }
            let error_db = 10.0 * (squares / f64::from(n)).log10();
            assert!(worst_db < 0.15, "{rate} Hz: ripple {worst_db} dB");
            assert!(error_db < -44.0, "{rate} Hz: error {error_db} dB");
        }
    }

    #[test]
    fn a_band_has_unit_gain_at_its_centre() {
        let bank = Gammatone::design(48_000);
        for k in 10..bank.bands() {
            let power = bank.responses(bank.centre_hz[k]).power[k];
            assert!((power - 1.0).abs() < 0.02, "band {k}: {power}");
        }
    }

    #[test]
    fn poles_agree_with_hohmann() {
        // Hohmann 2002 at 16 kHz and 1 kHz: a = 0.8761422420079817 + 0.3629099992076765 i.
        let width = erb::bandwidth_hz(1000.0) / BANDWIDTH_RATIO;
        let radius = libm::exp(-std::f64::consts::TAU * width / 16_000.0);
        let pole = Complex64::from_polar(radius, std::f64::consts::TAU / 16.0);
        assert!((pole.re - 0.876_142_242_007_981_7).abs() < 1e-6, "{pole}");
        assert!((pole.im - 0.362_909_999_207_676_5).abs() < 1e-6, "{pole}");
        assert!((2.0 * (1.0 - radius).powi(4) / 1.425_606_523_018_025_2e-5 - 1.0).abs() < 1e-5);
    }
}
