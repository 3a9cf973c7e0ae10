//! The scale of equivalent rectangular bandwidths (Glasberg & Moore 1990).

/// 24.7 Hz, the bandwidth at 0 Hz.
const ERB_AT_ZERO_HZ: f64 = 24.7;
/// Quality factor far above that.
const QUALITY: f64 = 9.265;

/// Equivalent rectangular bandwidth of the healthy auditory filter at `frequency_hz`, in Hz.
pub fn bandwidth_hz(frequency_hz: f64) -> f64 {
    ERB_AT_ZERO_HZ + frequency_hz / QUALITY
}

/// ERB-number of `frequency_hz`: how many bandwidths lie below it.
pub fn number(frequency_hz: f64) -> f64 {
    QUALITY * libm::log(1.0 + frequency_hz / (ERB_AT_ZERO_HZ * QUALITY))
}

/// Frequency in Hz of an ERB-number; the inverse of [`number`].
pub fn frequency_hz(number: f64) -> f64 {
    (libm::exp(number / QUALITY) - 1.0) * ERB_AT_ZERO_HZ * QUALITY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_and_frequency_are_inverse() {
        for hz in [20.0, 125.0, 1000.0, 8000.0, 17_000.0] {
            assert!((frequency_hz(number(hz)) - hz).abs() < 1e-9 * hz);
        }
    }

    #[test]
    fn number_is_the_integral_of_one_over_bandwidth() {
        let (from, to, steps) = (50.0, 4000.0, 200_000);
        let width = (to - from) / f64::from(steps);
        let sum: f64 = (0..steps).map(|i| width / bandwidth_hz(from + (f64::from(i) + 0.5) * width)).sum();
        assert!((sum - (number(to) - number(from))).abs() < 1e-6);
    }
}
