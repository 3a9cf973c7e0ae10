//! Logarithm and exponential in f64 for the expansion's inner loop: plain arithmetic that the compiler
//! vectorises. Together they err by less than 1e-10, where the parity asked for is 1e-6.

/// `a * b + c`, fused where the caller's instruction set has it (`FMA`).
#[inline(always)]
pub(super) fn madd<const FMA: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// sqrt 1/2, the least mantissa.
const SQRT_HALF_BITS: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
/// Low bits that hold the mantissa.
const MANTISSA_BITS: u32 = 52;
/// 2^52: whole numbers stand in the low bits of what is added to it.
const TWO_52: f64 = 4_503_599_627_370_496.0;
/// Terms of the logarithm's series: the next is 2 q^13 / 13 log2 e, 2e-11.
const LOG_TERMS: usize = 13;
/// q of the series below for mantissas from sqrt 1/2 to sqrt 2: ((1 + q) / (1 - q))^2 = 2.
const Q: f64 = (std::f64::consts::SQRT_2 - 1.0) / (std::f64::consts::SQRT_2 + 1.0);
/// m = C (1 + q^2 + 2 q x) for x from -1 to 1.
const C: f64 = std::f64::consts::SQRT_2 / ((1.0 + Q) * (1.0 + Q));

/// Coefficients of log2 C (1 + q^2 + 2 q x) in powers of x: ln (1 + q^2 + 2 q x) is the sum of
/// -2 (-q)^k / k T_k(x) over k from 1, T_k Chebyshev's polynomials.
const LOG: [f64; LOG_TERMS] = {
    // ln C = ln sqrt 2 - 2 ln (1 + q), and 2 ln (1 + q) is the series above at x = 1.
    let mut sum = [0.0; LOG_TERMS];
    let mut before = [0.0; LOG_TERMS];
    let mut now = [0.0; LOG_TERMS];
    before[0] = 1.0;
    now[1] = 1.0;
    let mut power = 1.0;
    let mut k = 1;
    while k < LOG_TERMS {
        power *= -Q;
        let weight = -2.0 * power / k as f64;
        let mut next = [0.0; LOG_TERMS];
        let mut i = 0;
        while i < LOG_TERMS {
            sum[i] += weight * now[i];
            let shifted = if i > 0 { now[i - 1] } else { 0.0 };
            next[i] = 2.0 * shifted - before[i];
            i += 1;
        }
        before = now;
        now = next;
        k += 1;
    }
    // All of the series, not what was kept of it.
    let mut at_one = 0.0;
    let mut power = 1.0;
    let mut k = 1;
    while k < 40 {
        power *= -Q;
        at_one -= 2.0 * power / k as f64;
        k += 1;
    }
    sum[0] += std::f64::consts::LN_2 / 2.0 - at_one;
    let mut i = 0;
    while i < LOG_TERMS {
        sum[i] *= std::f64::consts::LOG2_E;
        i += 1;
    }
    sum
};

/// Base-2 logarithm of a positive, normal number; error below 5e-11 absolute.
#[inline(always)]
pub(super) fn log2<const FMA: bool>(x: f64) -> f64 {
    // Brings the mantissa into [sqrt 1/2, sqrt 2) and the exponent above 0.
    const OFFSET: u64 = (1024 << MANTISSA_BITS) - SQRT_HALF_BITS;
    let bits = x.to_bits().wrapping_add(OFFSET);
    let exponent = f64::from_bits((bits >> MANTISSA_BITS) | TWO_52.to_bits()) - (TWO_52 + 1024.0);
    let m = f64::from_bits((bits & ((1 << MANTISSA_BITS) - 1)) + SQRT_HALF_BITS);
    let place = madd::<FMA>(m, 1.0 / (2.0 * Q * C), -(1.0 + Q * Q) / (2.0 * Q));
    let mut series = LOG[LOG_TERMS - 1];
    let mut i = LOG_TERMS - 1;
    while i > 0 {
        i -= 1;
        series = madd::<FMA>(series, place, LOG[i]);
    }
    exponent + series
}

/// Terms of the exponential's Taylor series: the next is (ln 2 / 2)^10 / 10!, 7e-12.
const EXP_TERMS: usize = 10;
/// (ln 2)^k / k!.
const EXP: [f64; EXP_TERMS] = {
    let mut terms = [1.0; EXP_TERMS];
    let mut k = 1;
    while k < EXP_TERMS {
        terms[k] = terms[k - 1] * std::f64::consts::LN_2 / k as f64;
        k += 1;
    }
    terms
};

/// 2 to the power of `x`, for `x` from -1000 to 1000; error below 1e-11 relative.
#[inline(always)]
pub(super) fn exp2<const FMA: bool>(x: f64) -> f64 {
    // Adding and taking off 1.5 2^52 rounds to the nearest whole number, which then stands in the sum's
    // low bits.
    const ROUND: f64 = 1.5 * TWO_52;
    let rounded = x + ROUND;
    let part = x - (rounded - ROUND);
    let mut series = EXP[EXP_TERMS - 1];
    let mut i = EXP_TERMS - 1;
    while i > 0 {
        i -= 1;
        series = madd::<FMA>(series, part, EXP[i]);
    }
    f64::from_bits(series.to_bits().wrapping_add(rounded.to_bits() << MANTISSA_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log2_agrees_with_its_definition() {
        for k in -4000..4000 {
            let x = 2.0_f64.powf(f64::from(k) * 0.211_3);
            for got in [log2::<true>(x), log2::<false>(x)] {
                assert!((got - x.log2()).abs() < 5e-11, "{x}: {got}");
            }
        }
    }

    #[test]
    fn exp2_agrees_with_its_definition() {
        for k in -4000..4000 {
            let x = f64::from(k) * 0.249_7;
            for got in [exp2::<true>(x), exp2::<false>(x)] {
                assert!((got / x.exp2() - 1.0).abs() < 1e-11, "{x}: {got}");
            }
        }
    }
}
