//! A complex gammatone filterbank and its synthesis weights: parameters and coefficients.
//!
//! Each band is a cascade of four complex one-pole filters (Hohmann 2002, "Frequency analysis and
//! synthesis using a Gammatone filterbank", Acta Acustica 88). Its published mixer is replaced by one
//! complex weight a band, fitted by regularised least squares so that the bands add up to a pure
//! delay; the same running cost, and 40 dB better.

use realfft::num_complex::Complex64;

use super::{LANES, control_period_samples, erb, solve};

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
/// Frequencies over which the weights are fitted, evenly on the ERB scale.
const FIT_POINTS: usize = 1000;
/// Range of the fit; fitting beyond the bank's reach would inflate the weights at its edges.
const FIT_HZ: (f64, f64) = (40.0, 15_500.0);
/// Weight of staying near Hohmann's phases against the fit.
const REGULARISATION: f64 = 1e-3;

/// The bank for one sample rate: plain data, in f64.
#[derive(Debug, Clone)]
pub struct Gammatone {
    /// Sample rate, Hz.
    pub sample_rate_hz: u32,
    /// Centre frequencies, Hz, ascending, two an ERB.
    pub centre_hz: Vec<f64>,
    /// Pole radius of each band, rounded to what running in f32 will use.
    pub radius: Vec<f64>,
    /// Pole angle of each band, radians a sample.
    pub angle: Vec<f64>,
    /// Samples by which each band's input is delayed, equal within groups of [`SHARE`].
    pub input_delay_samples: Vec<usize>,
    /// Complex weight of each band.
    pub weight: Vec<Complex64>,
    /// The delay that the weighted bands add up to, samples.
    pub delay_samples: usize,
    /// Control period, samples.
    pub period_samples: usize,
}

/// Every band's responses to a real tone.
#[derive(Debug, Clone)]
pub struct Response {
    /// Frequency, Hz; of a negative one the response is that of its mirror image.
    pub frequency_hz: f64,
    /// As [`Gammatone::power_response`], `[band]`.
    pub power: Vec<f64>,
    /// As [`Gammatone::synthesis_response`], `[band]`.
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
        let radius: Vec<f64> = centre_hz
            .iter()
            .map(|hz| {
                let width = erb::bandwidth_hz(*hz) / BANDWIDTH_RATIO;
                f64::from(libm::exp(-std::f64::consts::TAU * width / rate) as f32)
            })
            .collect();
        let angle = centre_hz.iter().map(|hz| std::f64::consts::TAU * hz / rate).collect();
        let delay_samples = (DELAY_SECS * rate).round() as usize;
        let mut bank = Self {
            sample_rate_hz,
            input_delay_samples: alignment(&radius, delay_samples),
            weight: vec![Complex64::ZERO; centre_hz.len()],
            centre_hz,
            radius,
            angle,
            delay_samples,
            period_samples: control_period_samples(sample_rate_hz),
        };
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

    /// Response of band `k`'s analysis filter to e^(i w n) at `frequency_hz` (negative ones too); the
    /// real part of a band has unit gain at its centre, so the magnitude there is 2 for a complex input.
    fn analysis(&self, k: usize, frequency_hz: f64) -> Complex64 {
        let w = std::f64::consts::TAU * frequency_hz / f64::from(self.sample_rate_hz);
        let pole = Complex64::from_polar(self.radius[k], self.angle[k] - w);
        let one = (1.0 - self.radius[k]) / (Complex64::ONE - pole);
        2.0 * one.powu(STAGES as u32) * Complex64::from_polar(1.0, -w * self.input_delay_samples[k] as f64)
    }

    /// Mean square of band `k`'s real part for a tone of mean square 1 at `frequency_hz`.
    pub fn power_response(&self, k: usize, frequency_hz: f64) -> f64 {
        // The image at the negative frequency ripples about this mean and averages out.
        let (direct, image) = (self.analysis(k, frequency_hz), self.analysis(k, -frequency_hz));
        (direct.norm_sqr() + image.norm_sqr()) / 4.0
    }

    /// Response of band `k`, weighted, to a real tone: the bank's output is the sum over bands.
    pub fn synthesis_response(&self, k: usize, frequency_hz: f64) -> Complex64 {
        let (direct, image) = (self.analysis(k, frequency_hz), self.analysis(k, -frequency_hz));
        0.5 * (self.weight[k] * direct + (self.weight[k] * image).conj())
    }

    /// All bands' responses at once.
    pub fn responses(&self, frequency_hz: f64) -> Response {
        let rate = f64::from(self.sample_rate_hz);
        let w = std::f64::consts::TAU * frequency_hz / rate;
        let back = Complex64::cis(-w);
        let mut delay = (0, Complex64::ONE);
        let mut response = Response {
            frequency_hz,
            power: Vec::with_capacity(self.bands()),
            synthesis: Vec::with_capacity(self.bands()),
        };
        for k in 0..self.bands() {
            if delay.0 != self.input_delay_samples[k] {
                delay = (self.input_delay_samples[k], Complex64::cis(-w * self.input_delay_samples[k] as f64));
            }
            let pole = self.radius[k] * Complex64::cis(self.angle[k]);
            let at = |back: Complex64, delay: Complex64| {
                let one = (1.0 - self.radius[k]) / (Complex64::ONE - pole * back);
                let two = one * one;
                2.0 * two * two * delay
            };
            let (direct, image) = (at(back, delay.1), at(back.conj(), delay.1.conj()));
            response.power.push((direct.norm_sqr() + image.norm_sqr()) / 4.0);
            response.synthesis.push(0.5 * (self.weight[k] * direct + (self.weight[k] * image).conj()));
        }
        response
    }

    /// Fits the weights: minimises |A c - e^(-i w D)|^2 + mu |c - c_H|^2 over complex c.
    fn fit(&mut self) {
        let bands = self.bands();
        let unknowns = 2 * bands;
        let rate = f64::from(self.sample_rate_hz);
        let low = erb::number(FIT_HZ.0);
        let high = erb::number(FIT_HZ.1.min(0.45 * rate));
        let published: Vec<Complex64> = (0..bands)
            .map(|k| {
                let ahead = self.delay_samples - self.input_delay_samples[k];
                Complex64::from_polar(1.0, -self.angle[k] * ahead as f64)
            })
            .collect();
        let mut normal = vec![0.0; unknowns * unknowns];
        let mut right = vec![0.0; unknowns];
        let (mut along, mut length) = (0.0, 0.0);
        let mut rows = [vec![0.0; unknowns], vec![0.0; unknowns]];
        for point in 0..FIT_POINTS {
            let hz = erb::frequency_hz(low + (high - low) * point as f64 / (FIT_POINTS - 1) as f64);
            let w = std::f64::consts::TAU * hz / rate;
            let target = Complex64::from_polar(1.0, -w * self.delay_samples as f64);
            let mut sum = Complex64::ZERO;
            for k in 0..bands {
                let (direct, image) = (self.analysis(k, hz), self.analysis(k, -hz).conj());
                let real = 0.5 * (direct + image);
                let imaginary = Complex64::I * 0.5 * (direct - image);
                rows[0][k] = real.re;
                rows[1][k] = real.im;
                rows[0][bands + k] = imaginary.re;
                rows[1][bands + k] = imaginary.im;
                sum += real * published[k].re + imaginary * published[k].im;
            }
            along += (sum * target.conj()).re;
            length += sum.norm_sqr();
            for (row, aim) in rows.iter().zip([target.re, target.im]) {
                for i in 0..unknowns {
                    let factor = row[i];
                    right[i] += factor * aim;
                    for (entry, other) in normal[i * unknowns..].iter_mut().zip(&row[..=i]) {
                        *entry += factor * other;
                    }
                }
            }
        }
        // The published weights, scaled to the level that fits best, are where the fit is held.
        let scale = along / length;
        let trace: f64 = (0..unknowns).map(|i| normal[i * unknowns + i]).sum();
        let mu = REGULARISATION * trace / unknowns as f64;
        for i in 0..unknowns {
            normal[i * unknowns + i] += mu;
            let held = if i < bands { published[i].re } else { published[i - bands].im };
            right[i] += mu * scale * held;
        }
        // Positive definite by the regularisation.
        let solved = solve::cholesky(&mut normal, &mut right);
        debug_assert!(solved, "regularised normal equations are positive definite");
        for k in 0..bands {
            self.weight[k] = Complex64::new(right[k], right[bands + k]);
        }
    }
}

/// Delays that bring each band's envelope peak, 3 / (-ln radius) samples after an impulse, to the
/// common delay as far as it comes earlier; averaged within groups of [`SHARE`].
fn alignment(radius: &[f64], delay_samples: usize) -> Vec<usize> {
    let mut delays = Vec::with_capacity(radius.len());
    for group in radius.chunks(SHARE) {
        let sum: f64 = group.iter().map(|r| (delay_samples as f64 + 3.0 / libm::log(*r)).max(0.0)).sum();
        let mean = (sum / group.len() as f64).round() as usize;
        delays.extend(std::iter::repeat_n(mean, group.len()));
    }
    delays
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
                let sum: Complex64 = (0..bank.bands()).map(|k| bank.synthesis_response(k, hz)).sum();
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
            let power = bank.power_response(k, bank.centre_hz[k]);
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
