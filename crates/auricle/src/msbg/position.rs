//! Steps 1 and 8: from the sound source to the cochlea, and back.
//!
//! What a source's sound becomes on its way to the eardrum, less what the middle ear makes of it, as one
//! linear-phase filter; after the cochlea its inverse turns the result into a sound for loudspeakers again.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex64;

use super::fir::kaiser;
use crate::dsp::math::amplitude;

/// Where the sound comes from: which transfer to the eardrum is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Position {
    /// A source in front of the listener in a free field (`ff`).
    #[default]
    FreeField,
    /// A diffuse field (`df`).
    DiffuseField,
    /// A telephone's earpiece, ear reference point to eardrum (ITU-T P.58; `itu`).
    Itu,
}

impl Position {
    /// Every position with its short name.
    pub const NAMED: [(&str, Self); 3] = [("ff", Self::FreeField), ("df", Self::DiffuseField), ("itu", Self::Itu)];

    /// Its short name: "ff", "df" or "itu".
    pub fn name(self) -> &'static str {
        match self {
            Self::FreeField => "ff",
            Self::DiffuseField => "df",
            Self::Itu => "itu",
        }
    }
}

/// Frequencies of the tables below, Hz.
const GRID_HZ: [f64; 41] = [
    0.0, 20.0, 25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0, 630.0,
    750.0, 800.0, 1000.0, 1250.0, 1500.0, 1600.0, 2000.0, 2500.0, 3000.0, 3150.0, 4000.0, 5000.0, 6000.0, 6300.0,
    8000.0, 9000.0, 10_000.0, 11_200.0, 12_500.0, 14_000.0, 15_000.0, 16_000.0, 20_000.0, 48_000.0,
];

/// Attenuation by the middle ear at [`GRID_HZ`], dB (Moore, Glasberg, Baer 1997, with later changes of its authors).
const MIDDLE_EAR_DB: [f64; 41] = [
    50.0, 39.6, 32.0, 25.85, 21.4, 18.5, 15.9, 14.1, 12.4, 11.0, 9.6, 8.3, 7.4, 6.2, 4.8, 3.8, 3.3, 2.9, 2.6, 2.6, 4.5,
    5.4, 6.1, 8.5, 10.4, 7.3, 7.0, 6.6, 7.0, 9.2, 10.2, 12.2, 10.8, 10.1, 12.7, 15.0, 18.2, 23.8, 32.3, 50.0, 50.0,
];

/// Free field to eardrum at [`GRID_HZ`], dB (Shaw 1974; ISO 226 above).
const FREE_FIELD_DB: [f64; 41] = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.3, 0.5, 0.9, 1.4, 1.6, 1.7, 2.5, 2.7, 2.6, 2.6, 3.2, 5.2, 6.6,
    12.0, 16.8, 15.3, 15.2, 14.2, 10.7, 7.1, 6.4, 1.8, -0.9, -1.6, 1.9, 4.9, 2.0, -2.0, 2.5, 2.5, 2.5,
];

/// Diffuse field to eardrum at [`GRID_HZ`], dB.
const DIFFUSE_FIELD_DB: [f64; 41] = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.3, 0.4, 0.5, 1.0, 1.6, 1.7, 2.2, 2.7, 2.9, 3.8, 5.3, 6.8, 7.2,
    10.2, 14.9, 14.5, 14.4, 12.7, 10.8, 8.9, 8.7, 8.5, 6.2, 5.0, 4.5, 4.0, 3.3, 2.6, 2.0, 2.0, 2.0,
];

/// Ear reference point to eardrum, `(Hz, dB)` (ITU-T P.58).
const ITU_HZ_DB: [(f64, f64); 24] = [
    (0.0, 0.0),
    (100.0, 0.0),
    (125.0, 0.0),
    (160.0, 0.0),
    (200.0, 0.0),
    (250.0, 0.3),
    (315.0, 0.2),
    (400.0, 0.5),
    (500.0, 0.6),
    (630.0, 0.7),
    (800.0, 1.1),
    (1000.0, 1.7),
    (1250.0, 2.6),
    (1600.0, 4.2),
    (2000.0, 6.5),
    (2500.0, 9.4),
    (3150.0, 10.3),
    (4000.0, 6.6),
    (5000.0, 3.2),
    (6300.0, 3.3),
    (8000.0, 16.0),
    (10_000.0, 14.4),
    (20_000.0, 14.4),
    (48_000.0, 14.4),
];

/// Length of the grid that the response is sampled on, from 0 to the Nyquist frequency.
const RESPONSE_POINTS: usize = 513;
/// Shape of the Kaiser window over the filter.
const WINDOW_BETA: f64 = 4.0;

/// Taps of the filter: 23 ms at any rate, and odd, so that its delay is whole.
pub(super) fn taps(sample_rate_hz: f64) -> usize {
    2 * (sample_rate_hz / 16_000.0 * 368.0 / 2.0) as usize + 1
}

/// Interpolates `(Hz, value)` linearly in Hz, flat beyond the ends.
pub(super) fn interpolate(points: &[(f64, f64)], hz: f64) -> f64 {
    let above = points.partition_point(|point| point.0 <= hz);
    match (above.checked_sub(1).map(|below| points[below]), points.get(above)) {
        (Some((low_hz, low)), Some(&(high_hz, high))) => low + (hz - low_hz) / (high_hz - low_hz) * (high - low),
        (Some((_, value)), None) | (None, Some(&(_, value))) => value,
        (None, None) => 0.0,
    }
}

/// Gain from the source to the cochlea, `(Hz, dB)`, from 0 Hz to the Nyquist frequency.
fn correction_db(position: Position, sample_rate_hz: f64) -> Vec<(f64, f64)> {
    let to_eardrum = |i: usize| match position {
        Position::FreeField => FREE_FIELD_DB[i],
        Position::DiffuseField => DIFFUSE_FIELD_DB[i],
        Position::Itu => interpolate(&ITU_HZ_DB, GRID_HZ[i]),
    };
    let all: Vec<_> = (0..GRID_HZ.len()).map(|i| (GRID_HZ[i], to_eardrum(i) - MIDDLE_EAR_DB[i])).collect();
    let nyquist_hz = sample_rate_hz / 2.0;
    let at_nyquist = (nyquist_hz, interpolate(&all, nyquist_hz));
    all.into_iter().filter(|point| point.0 < nyquist_hz).chain([at_nyquist]).collect()
}

/// The filter from the source to the cochlea, or its inverse: `[tap]`, [`taps`] of them, linear phase.
///
/// Frequency sampling as MATLAB's `fir2` does it: the amplitude, linear between the points, on
/// [`RESPONSE_POINTS`] points; delayed by half the filter's length; transformed; cut off; windowed.
pub(super) fn source_to_cochlea(position: Position, sample_rate_hz: f64, inverse: bool) -> Vec<f64> {
    let sign = if inverse { -1.0 } else { 1.0 };
    let points: Vec<(f64, f64)> =
        correction_db(position, sample_rate_hz).iter().map(|&(hz, db)| (hz, amplitude(sign * db))).collect();
    // fir2 counts the grid from 1: a break at the part f of the Nyquist frequency is its point trunc(f n).
    let mut response = [0.0; RESPONSE_POINTS];
    let mut first = 0;
    for pair in points.windows(2) {
        let last = (pair[1].0 / (sample_rate_hz / 2.0) * RESPONSE_POINTS as f64) as usize;
        let between = response.get_mut(first..last).unwrap_or_default();
        let span = between.len().saturating_sub(1).max(1) as f64;
        for (k, value) in between.iter_mut().enumerate() {
            let part = k as f64 / span;
            *value = part * pair[1].1 + (1.0 - part) * pair[0].1;
        }
        first = last;
    }
    let taps = taps(sample_rate_hz);
    let delay = (taps - 1) as f64 / 2.0;
    let last = (RESPONSE_POINTS - 1) as f64;
    let mut spectrum: Vec<Complex64> = (0..RESPONSE_POINTS)
        .map(|k| {
            let turn = delay * std::f64::consts::PI * k as f64 / last;
            Complex64::new(response[k] * libm::cos(turn), -response[k] * libm::sin(turn))
        })
        .collect();
    // Both ends of a real signal's spectrum are real.
    spectrum[0].im = 0.0;
    spectrum[RESPONSE_POINTS - 1].im = 0.0;
    let length = 2 * (RESPONSE_POINTS - 1);
    let mut impulse = vec![0.0; length];
    // Cannot fail: lengths fit, both ends are real.
    let _ = RealFftPlanner::<f64>::new().plan_fft_inverse(length).process(&mut spectrum, &mut impulse);
    (0..taps).map(|n| impulse[n] / length as f64 * kaiser(n, taps, WINDOW_BETA)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response_db(filter: &[f64], hz: f64) -> f64 {
        let turn = std::f64::consts::TAU * hz / 44_100.0;
        let sum: Complex64 = filter.iter().enumerate().map(|(n, h)| Complex64::from_polar(*h, -turn * n as f64)).sum();
        20.0 * sum.norm().log10()
    }

    /// Responses of pyclarity 0.9.0's filter at these frequencies.
    #[test]
    fn the_free_field_filter_has_its_published_response() {
        let filter = source_to_cochlea(Position::FreeField, 44_100.0, false);
        assert_eq!(filter.len(), 1015);
        let expected = [
            (100.0, -10.42),
            (250.0, -5.30),
            (500.0, -1.68),
            (1000.0, -0.08),
            (2000.0, 3.65),
            (4000.0, 7.58),
            (8000.0, -10.41),
            (16_000.0, -29.79),
        ];
        for (hz, db) in expected {
            let got = response_db(&filter, hz);
            assert!((got - db).abs() < 0.006, "{hz} Hz: {got} dB for {db}");
        }
    }

    #[test]
    fn there_and_back_is_flat_where_the_ear_lets_anything_through() {
        for (name, position) in Position::NAMED {
            assert_eq!(position.name(), name);
            let there = source_to_cochlea(position, 44_100.0, false);
            let back = source_to_cochlea(position, 44_100.0, true);
            for hz in [250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0] {
                let both = response_db(&there, hz) + response_db(&back, hz);
                assert!(both.abs() < 0.35, "{name} at {hz} Hz: {both} dB");
            }
        }
    }

    #[test]
    fn filters_are_symmetric() {
        let filter = source_to_cochlea(Position::Itu, 44_100.0, true);
        for n in 0..filter.len() {
            assert!((filter[n] - filter[filter.len() - 1 - n]).abs() < 1e-11);
        }
    }
}
