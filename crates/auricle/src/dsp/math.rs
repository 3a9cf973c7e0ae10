//! Logarithm and exponential for inner loops: plain arithmetic that the compiler vectorises and that
//! gives the same bits on every machine.

/// Base-2 logarithm of a positive, normal number; error below 2e-7 absolute or 1e-7 relative.
///
/// With m the mantissa brought into [sqrt 1/2, sqrt 2) and x = m - 1, the polynomial x P(x) of degree 8 whose
/// greatest error there is least (5e-8, found by repeatedly reweighted least squares); no division, which
/// would cost more than all the rest.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    const SQRT_HALF_BITS: i32 = 0x3f35_04f3;
    const P: [f32; 8] = [
        1.442_694_8,
        -0.721_357_15,
        0.480_939_44,
        -0.360_087_2,
        0.286_707_5,
        -0.250_069_14,
        0.236_890_09,
        -0.145_743_83,
    ];
    let bits = x.to_bits() as i32 - SQRT_HALF_BITS;
    let exponent = bits >> 23;
    let x = f32::from_bits(((bits & 0x007f_ffff) + SQRT_HALF_BITS) as u32) - 1.0;
    let series = P[0] + x * (P[1] + x * (P[2] + x * (P[3] + x * (P[4] + x * (P[5] + x * (P[6] + x * P[7]))))));
    exponent as f32 + x * series
}

/// 2 to the power of `x`, for `x` from -126 to 126 (clamped); error below 3e-7 relative.
///
/// The Taylor series of e^(f ln 2) for the fraction f in [-1/2, 1/2], to the seventh power.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    let x = x.clamp(-126.0, 126.0);
    // Adding and taking off 1.5 * 2^23 rounds to the nearest whole number, which then stands in the low
    // bits of the sum.
    const ROUND: f32 = 12_582_912.0;
    let rounded = x + ROUND;
    let whole = rounded - ROUND;
    let y = (x - whole) * std::f32::consts::LN_2;
    let series = 1.0
        + y * (1.0
            + y * (0.5
                + y * (1.0 / 6.0 + y * (1.0 / 24.0 + y * (1.0 / 120.0 + y * (1.0 / 720.0 + y * (1.0 / 5040.0)))))));
    series * f32::from_bits(rounded.to_bits().wrapping_add(127) << 23)
}

/// Decibels of a power, 10 lg p.
#[inline(always)]
pub fn power_to_db(power: f32) -> f32 {
    const DB_PER_OCTAVE: f32 = 3.010_3;
    DB_PER_OCTAVE * log2(power)
}

/// Amplitude of a gain in decibels, 10^(db/20).
#[inline(always)]
pub fn db_to_amplitude(db: f32) -> f32 {
    const OCTAVES_PER_DB: f32 = 0.166_096_4;
    exp2(db * OCTAVES_PER_DB)
}

/// `a * b + c`, fused where the caller's instruction set has it (`FMA`).
#[inline(always)]
pub fn madd<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// 10^(db/20) in f64, for design.
pub fn amplitude(db: f64) -> f64 {
    libm::exp(db * (std::f64::consts::LN_10 / 20.0))
}

/// The modified Bessel function of order 0, by its power series.
pub(crate) fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut k = 1.0;
    while term > 1e-17 * sum {
        term *= (0.5 * x / k) * (0.5 * x / k);
        sum += term;
        k += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log2_agrees_with_its_definition() {
        let mut x = 1.2e-38_f32;
        while x < 1e38 {
            let exact = f64::from(x).log2();
            let error = (f64::from(log2(x)) - exact).abs();
            assert!(error < 2e-7 + 1e-7 * exact.abs(), "log2({x}) is off by {error}");
            x *= 1.0137;
        }
    }

    #[test]
    fn exp2_agrees_with_its_definition() {
        let mut x = -125.9_f32;
        while x < 125.9 {
            let exact = f64::from(x).exp2();
            let error = (f64::from(exp2(x)) / exact - 1.0).abs();
            assert!(error < 3e-7, "exp2({x}) is off by {error}");
            x += 0.0173;
        }
        assert_eq!(exp2(0.0), 1.0);
        assert!(exp2(f32::NEG_INFINITY) > 0.0);
    }
}
