//! A small seeded generator for everything the demo leaves to chance.

/// SplitMix64 (Steele, Lea and Flood 2014): one 64-bit state, no bad seeds.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    /// An independent sequence for each pair of `seed` and `stream`.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = Self(seed ^ stream.wrapping_mul(0xD134_2543_DE82_EF95));
        rng.next();
        rng
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in -1..1: white noise of RMS 0.577.
    pub(crate) fn signed(&mut self) -> f64 {
        self.unit() * 2.0 - 1.0
    }

    /// Uniform in `from..to`.
    pub(crate) fn range(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }

    /// Near-Gaussian with the given standard deviation (sum of six uniforms).
    pub(crate) fn spread(&mut self, deviation: f64) -> f64 {
        let sum: f64 = (0..6).map(|_| self.signed()).sum();
        sum * deviation / 2f64.sqrt()
    }
}
