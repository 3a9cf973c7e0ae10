//! Samples as numbers: between floats and the integers of files.
//!
//! One quantiser serves every integer output (WAV, FLAC, the film's lossless tracks), so that the
//! same sound is the same bytes whatever holds it. It does not dither: 24 bits put the error at
//! -146 dB FS, below any converter's noise, and an undithered outside is the source's exactly.

/// Full scale of 24-bit integers.
pub(crate) const FULL_SCALE_24: f32 = 8_388_608.0;

/// Nearest 24-bit integer to a sample (ties to even), clipped at full scale; not a number is 0.
///
/// Exact for every sample that came from 24 bits or fewer.
pub fn quantise_24(sample: f32) -> i32 {
    // Adding 1.5 * 2^52 leaves no bits for a fraction, so the sum is rounded as IEEE 754 rounds: to
    // nearest even. Unlike `round_ties_even` it needs no call into libm on a baseline x86-64.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let scaled = (f64::from(sample) * f64::from(FULL_SCALE_24)).clamp(-8_388_608.0, 8_388_607.0);
    ((scaled + ROUND) - ROUND) as i32
}

/// The sample a 24-bit integer stands for.
pub fn dequantise_24(value: i32) -> f32 {
    value as f32 / FULL_SCALE_24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_24_bit_value_survives() {
        for value in (-8_388_608..=8_388_607).step_by(7).chain([-8_388_608, 8_388_607, -1, 0, 1]) {
            assert_eq!(quantise_24(dequantise_24(value)), value);
        }
    }

    #[test]
    fn over_full_scale_clips_and_not_a_number_is_silence() {
        assert_eq!(quantise_24(1.5), 8_388_607);
        assert_eq!(quantise_24(-1.5), -8_388_608);
        assert_eq!(quantise_24(f32::INFINITY), 8_388_607);
        assert_eq!(quantise_24(f32::NAN), 0);
        assert_eq!(quantise_24(0.5 / FULL_SCALE_24), 0);
        assert_eq!(quantise_24(1.5 / FULL_SCALE_24), 2);
    }
}
