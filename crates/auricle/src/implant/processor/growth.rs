//! Loudness growth: from the magnitude of a channel to the part of the electrode's range, 0 at T to 1 at C.
//!
//! ```text
//! v = ln(1 + alpha r) / ln(1 + alpha),   r = (u - B) / (S - B), held to 0..1
//! ```

/// The growth function of a device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    base: f64,
    saturation: f64,
    alpha: f64,
    /// 1 / (S - B) and 1 / ln(1 + alpha).
    per_range: f64,
    per_log: f64,
}

impl Growth {
    /// From its coefficient: T below or at magnitude `base` (B), C from `saturation` (S) on; 0 < B < S, alpha > 0.
    pub fn new(base: f64, saturation: f64, alpha: f64) -> Self {
        Self { base, saturation, alpha, per_range: 1.0 / (saturation - base), per_log: 1.0 / libm::log1p(alpha) }
    }

    /// From its steepness Q: by how many percent v falls below 1 when the sound falls 10 dB below saturation,
    /// v(S / sqrt 10) = 1 - Q/100. S must be more than 10 dB above B.
    ///
    /// Swanson (2008): Q = 20 gives alpha = 416.2 for B = 4/256 and S = 150/256, and 340.83 for a range of 40 dB.
    pub fn with_steepness(base: f64, saturation: f64, steepness_percent: f64) -> Self {
        let r = (saturation / 10.0_f64.sqrt() - base) / (saturation - base);
        let target = 1.0 - 0.01 * steepness_percent;
        // v at a fixed r rises with alpha, from r to 1; half the interval of ln alpha at a time.
        let (mut low, mut high) = (-20.0, 60.0);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            let alpha = libm::exp(middle);
            if libm::log1p(alpha * r) < target * libm::log1p(alpha) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Self::new(base, saturation, libm::exp(0.5 * (low + high)))
    }

    /// In proportion to decibels: v = ln(u / B) / ln(S / B), which is the growth of alpha = S / B - 1.
    pub fn logarithmic(base: f64, saturation: f64) -> Self {
        Self::new(base, saturation, saturation / base - 1.0)
    }

    /// Alpha.
    pub fn coefficient(&self) -> f64 {
        self.alpha
    }

    /// The magnitude below which nothing is stimulated.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// The magnitude from which on stimulation is at C.
    pub fn saturation(&self) -> f64 {
        self.saturation
    }

    /// v of a magnitude, 0 to 1.
    pub fn value(&self, magnitude: f64) -> f64 {
        let r = ((magnitude - self.base) * self.per_range).clamp(0.0, 1.0);
        libm::log(1.0 + self.alpha * r) * self.per_log
    }

    /// The magnitude that has a v from 0 to 1 (others are held to that).
    pub fn magnitude(&self, value: f64) -> f64 {
        let r = libm::expm1(value.clamp(0.0, 1.0) / self.per_log) / self.alpha;
        self.base + r * (self.saturation - self.base)
    }
}
