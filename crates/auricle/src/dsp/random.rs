//! Seeded random numbers, the same on every machine.

/// SplitMix64 (Steele, Lea & Flood 2014): one 64-bit state, any seed is good.
#[derive(Debug, Clone)]
pub struct Random(u64);

/// The odd constant of SplitMix64, 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// A sequence of its own for each `(seed, stream)`.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(mix(seed ^ mix(stream.wrapping_mul(GOLDEN).wrapping_add(1))))
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Uniform in (0, 1], 53 bits.
    pub fn uniform_f64(&mut self) -> f64 {
        ((self.next_u64() >> 11) + 1) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Zero mean, unit variance: the sum of four uniform numbers, which is normal enough for noise.
    pub fn bell(&mut self) -> f32 {
        let bits = self.next_u64();
        let sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
        // Four uniforms on 0..65535: mean 131070, variance 4 (65536^2 - 1) / 12.
        (sum as f32 - 131_070.0) * (1.732_050_8 / 65_536.0)
    }
}

/// The finaliser of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bell_has_zero_mean_and_unit_variance() {
        let mut random = Random::new(7, 1);
        let n = 200_000;
        let values: Vec<f64> = (0..n).map(|_| f64::from(random.bell())).collect();
        let mean = values.iter().sum::<f64>() / f64::from(n);
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.01, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.01, "variance {variance}");
    }

    #[test]
    fn streams_of_one_seed_differ() {
        assert_ne!(Random::new(7, 0).next_u64(), Random::new(7, 1).next_u64());
        assert_ne!(Random::new(7, 0).next_u64(), Random::new(8, 0).next_u64());
    }
}
