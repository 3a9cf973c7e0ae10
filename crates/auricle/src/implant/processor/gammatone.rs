//! Band-pass filters whose output is an envelope and a phase: gammatone filters of the fourth order, complex.
//!
//! ```text
//! z[n] = 2 ((1 - r) / (1 - r e^(i w) D))^4 x[n],   r = e^(-2 pi b / fs),   D a delay of one sample
//! ```
//! so that |z| of a tone of amplitude 1 in the middle of the band is 1. b is such that a band is 3 dB down at
//! its edges: (1 + (d/b)^2)^-4 = 1/2 at d = 0.435 b.

use multiversion::multiversion;
use realfft::num_complex::Complex64;

/// Filters that run side by side.
pub(super) const MOST_BANDS: usize = 16;
/// Order of the filters.
const STAGES: usize = 4;
/// Samples after which remainders are looked at.
const TIDY_EVERY: usize = 64;
/// What is left of a state below this is nothing; keeps denormal numbers out.
const NOTHING: f64 = 1e-30;

type Bands = [f64; MOST_BANDS];

/// The filters of all channels.
pub(super) struct Gammatone {
    rate_hz: f64,
    /// Real and imaginary part of each pole, and 1 - r.
    pole: [Bands; 2],
    feed: Bands,
    /// `[stage]`, real and imaginary.
    state: [[Bands; 2]; STAGES],
    until_tidy: usize,
}

impl Gammatone {
    /// Filters by their centres and edges, Hz: at most [`MOST_BANDS`].
    pub(super) fn new(rate_hz: f64, bands: &[(f64, f64, f64)]) -> Self {
        let mut filters = Self {
            rate_hz,
            pole: [[0.0; MOST_BANDS]; 2],
            feed: [0.0; MOST_BANDS],
            state: [[[0.0; MOST_BANDS]; 2]; STAGES],
            until_tidy: TIDY_EVERY,
        };
        let half_power = libm::sqrt(libm::pow(2.0, 0.25) - 1.0);
        for (band, (low_hz, centre_hz, high_hz)) in bands.iter().enumerate() {
            let width_hz = 0.5 * (high_hz - low_hz) / half_power;
            let radius = libm::exp(-std::f64::consts::TAU * width_hz / rate_hz);
            let w = std::f64::consts::TAU * centre_hz / rate_hz;
            filters.pole[0][band] = radius * libm::cos(w);
            filters.pole[1][band] = radius * libm::sin(w);
            filters.feed[band] = 1.0 - radius;
        }
        filters
    }

    pub(super) fn reset(&mut self) {
        self.state = [[[0.0; MOST_BANDS]; 2]; STAGES];
        self.until_tidy = TIDY_EVERY;
    }

    /// Takes one sample.
    #[inline]
    pub(super) fn step(&mut self, x: f64) {
        step(&self.pole, &self.feed, &mut self.state, x);
        self.until_tidy -= 1;
        if self.until_tidy == 0 {
            self.until_tidy = TIDY_EVERY;
            for value in self.state.as_flattened_mut().as_flattened_mut() {
                if value.abs() < NOTHING {
                    *value = 0.0;
                }
            }
        }
    }

    /// The real part of a band's output.
    #[inline]
    pub(super) fn wave(&self, band: usize) -> f64 {
        self.state[STAGES - 1][0][band]
    }

    /// The magnitude of a band's output.
    #[inline]
    pub(super) fn envelope(&self, band: usize) -> f64 {
        let [re, im] = &self.state[STAGES - 1];
        (re[band] * re[band] + im[band] * im[band]).sqrt()
    }

    /// Magnitude of a band for a tone of amplitude 1, its image at the negative frequency aside.
    pub(super) fn gain(&self, band: usize, frequency_hz: f64) -> f64 {
        let power = self.stage(band, frequency_hz).norm_sqr();
        power * power
    }

    /// Greatest magnitude of a band in the course of a tone of amplitude 1: its image at the negative frequency, which
    /// wide low bands let through, comes and goes twice a period.
    pub(super) fn peak_gain(&self, band: usize, frequency_hz: f64) -> f64 {
        self.gain(band, frequency_hz) + self.gain(band, -frequency_hz)
    }

    /// Magnitude of a band at the moments at which its wave rises through zero, of a tone of amplitude 1.
    ///
    /// With z = a e^(iwt) + b e^(-iwt) the real part vanishes where |z| is | |a|^2 - |b|^2 | / |a + b*|.
    pub(super) fn crossing_gain(&self, band: usize, frequency_hz: f64) -> f64 {
        let response = |hz: f64| {
            let stage = self.stage(band, hz);
            stage * stage * (stage * stage)
        };
        let (tone, image) = (response(frequency_hz), response(-frequency_hz));
        (tone.norm_sqr() - image.norm_sqr()).abs() / (tone + image.conj()).norm()
    }

    /// Response of one stage of a band.
    fn stage(&self, band: usize, frequency_hz: f64) -> Complex64 {
        let w = std::f64::consts::TAU * frequency_hz / self.rate_hz;
        let back = Complex64::new(libm::cos(w), -libm::sin(w));
        let pole = Complex64::new(self.pole[0][band], self.pole[1][band]);
        self.feed[band] / (Complex64::ONE - pole * back)
    }

    /// Seconds by which the envelope of a tone in the middle of a band lags: r / (1 - r) samples a stage.
    pub(super) fn delay_secs(&self, band: usize) -> f64 {
        STAGES as f64 * (1.0 - self.feed[band]) / self.feed[band] / self.rate_hz
    }
}

/// One sample through all stages; the input is doubled, since half a real tone lies at its negative frequency.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn step(pole: &[Bands; 2], feed: &Bands, state: &mut [[Bands; 2]; STAGES], x: f64) {
    let mut re = [2.0 * x; MOST_BANDS];
    let mut im = [0.0; MOST_BANDS];
    for [past_re, past_im] in state {
        for band in 0..MOST_BANDS {
            let (last_re, last_im) = (past_re[band], past_im[band]);
            re[band] = feed[band] * re[band] + (pole[0][band] * last_re - pole[1][band] * last_im);
            im[band] = feed[band] * im[band] + (pole[0][band] * last_im + pole[1][band] * last_re);
            past_re[band] = re[band];
            past_im[band] = im[band];
        }
    }
}
