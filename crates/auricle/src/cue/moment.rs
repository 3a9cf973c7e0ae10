//! Exact moments: seconds as a fraction, so that frames of 24000/1001 and samples of 44.1 kHz meet
//! without rounding.

use std::cmp::Ordering;
use std::fmt;

use super::{FrameRate, Moment};

impl Moment {
    /// The first frame.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// `numerator / denominator` seconds in lowest terms; `None` where the denominator is not above 0.
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        Self::from_wide(numerator.into(), denominator.into())
    }

    /// The moment at which frame `frames` begins, frames counted from 0; `None` beyond what a fraction
    /// of 64 bits holds, which takes thousands of years.
    pub fn from_frames(frames: i64, rate: FrameRate) -> Option<Self> {
        Self::from_wide(i128::from(frames) * i128::from(rate.denominator), rate.numerator.into())
    }

    /// `samples` at `sample_rate_hz`; `None` where the rate is 0.
    pub fn from_samples(samples: i64, sample_rate_hz: u32) -> Option<Self> {
        Self::new(samples, sample_rate_hz.into())
    }

    /// `numerator / denominator` in lowest terms, where that fits.
    pub(crate) fn from_wide(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator <= 0 {
            return None;
        }
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?;
        Some(Self {
            numerator: i64::try_from(numerator / divisor).ok()?,
            denominator: i64::try_from(denominator / divisor).ok()?,
        })
    }

    /// This moment and `span` later; `None` where the sum does not fit a fraction of 64 bits.
    pub fn plus(self, span: Self) -> Option<Self> {
        let left = i128::from(self.numerator) * i128::from(span.denominator);
        let right = i128::from(span.numerator) * i128::from(self.denominator);
        Self::from_wide(left + right, i128::from(self.denominator) * i128::from(span.denominator))
    }

    /// This moment less `span`; `None` where the difference does not fit a fraction of 64 bits.
    pub fn minus(self, span: Self) -> Option<Self> {
        self.plus(Self { numerator: span.numerator.checked_neg()?, ..span })
    }

    /// Seconds, rounded to the nearest f64.
    pub fn secs(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The nearest sample at `sample_rate_hz`, the later one of two equally near; may be negative.
    pub fn to_samples(self, sample_rate_hz: u32) -> i64 {
        let denominator = i128::from(self.denominator.max(1));
        let twice = 2 * i128::from(self.numerator) * i128::from(sample_rate_hz) + denominator;
        // |numerator * rate| < 2^95, so that the quotient can only leave i64 for moments beyond any film.
        let samples = twice.div_euclid(2 * denominator);
        i64::try_from(samples).unwrap_or(if samples < 0 { i64::MIN } else { i64::MAX })
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Moment {}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    /// By time: 1/2 and 2/4 are the same moment.
    fn cmp(&self, other: &Self) -> Ordering {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        let right = i128::from(other.numerator) * i128::from(self.denominator);
        left.cmp(&right)
    }
}

impl Default for Moment {
    fn default() -> Self {
        Self::ZERO
    }
}

impl fmt::Display for Moment {
    /// Hours, minutes and seconds to the millisecond: "00:01:02.500".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.to_samples(1_000);
        let (sign, ms) = (if ms < 0 { "-" } else { "" }, ms.unsigned_abs());
        let (secs, ms) = (ms / 1_000, ms % 1_000);
        write!(f, "{sign}{:02}:{:02}:{:02}.{ms:03}", secs / 3_600, secs / 60 % 60, secs % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moment(numerator: i64, denominator: i64) -> Moment {
        Moment::new(numerator, denominator).unwrap()
    }

    #[test]
    fn fractions_are_reduced_and_compared_by_time() {
        assert_eq!(moment(6, 4).numerator, 3);
        assert_eq!(moment(6, 4).denominator, 2);
        assert_eq!(moment(-6, 4), Moment { numerator: -12, denominator: 8 });
        assert!(moment(1, 3) < moment(1_001, 3_000));
        assert_eq!(Moment::new(1, 0), None);
        assert_eq!(Moment::new(1, -2), None);
    }

    #[test]
    fn frame_24000_of_23_976_is_1001_seconds_in() {
        let rate = FrameRate { numerator: 24_000, denominator: 1_001, drop_frame: false };
        assert_eq!(Moment::from_frames(24_000, rate), Moment::new(1_001, 1));
        assert_eq!(Moment::from_frames(1, rate).unwrap().to_samples(48_000), 2_002);
        assert_eq!(Moment::from_frames(-1, rate).unwrap().to_samples(48_000), -2_002);
    }

    #[test]
    fn nearest_sample_and_ties() {
        assert_eq!(moment(1, 2).to_samples(1), 1);
        assert_eq!(moment(-1, 2).to_samples(1), 0);
        assert_eq!(moment(1, 3).to_samples(48_000), 16_000);
        assert_eq!(moment(49, 100_000).to_samples(1_000), 0);
        assert_eq!(moment(i64::MAX, 1).to_samples(192_000), i64::MAX);
    }

    #[test]
    fn overflow_is_an_answer_not_a_panic() {
        let huge = moment(i64::MAX, 1);
        assert_eq!(huge.plus(moment(1, 1)), None);
        assert_eq!(Moment { numerator: i64::MIN, denominator: 1 }.minus(huge), None);
    }

    #[test]
    fn moments_read_as_clock_times() {
        assert_eq!(moment(125, 2).to_string(), "00:01:02.500");
        assert_eq!(moment(-1, 4).to_string(), "-00:00:00.250");
    }

    proptest! {
        #[test]
        fn plus_and_minus_undo_each_other(
            a in -1_000_000_i64..1_000_000, b in 1_i64..100_000, c in -1_000_000_i64..1_000_000, d in 1_i64..100_000,
        ) {
            let (x, y) = (moment(a, b), moment(c, d));
            prop_assert_eq!(x.plus(y).unwrap().minus(y), Some(x));
        }

        #[test]
        fn samples_come_back(samples in -10_000_000_000_i64..10_000_000_000, rate in 1_u32..=192_000) {
            prop_assert_eq!(Moment::from_samples(samples, rate).unwrap().to_samples(rate), samples);
        }
    }
}
