//! Curves through points that rise or fall wherever the points do: piecewise cubic Hermite interpolation with the
//! slopes of Fritsch & Butland (1984).

/// A smooth curve through points; beyond them it goes on in a straight line.
#[derive(Debug, Clone, PartialEq)]
pub struct Monotone {
    x: Vec<f64>,
    y: Vec<f64>,
    slope: Vec<f64>,
}

impl Monotone {
    /// Through `points`, `(x, y)` with x strictly ascending; `None` where it does not, where there are fewer than two
    /// or where a number is not finite.
    pub fn new(points: &[(f64, f64)]) -> Option<Self> {
        let finite = points.iter().all(|(x, y)| x.is_finite() && y.is_finite());
        if points.len() < 2 || !finite || !points.is_sorted_by(|a, b| a.0 < b.0) {
            return None;
        }
        let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let width: Vec<f64> = x.windows(2).map(|w| w[1] - w[0]).collect();
        let secant: Vec<f64> = y.windows(2).zip(&width).map(|(w, width)| (w[1] - w[0]) / width).collect();
        let last = x.len() - 1;
        let slope = (0..=last)
            .map(|i| {
                if i == 0 || i == last {
                    // The curve's own end would need a third point and could turn round; the secant never does.
                    return secant[if i == 0 { 0 } else { last - 1 }];
                }
                let (before, after) = (secant[i - 1], secant[i]);
                if before * after <= 0.0 {
                    return 0.0;
                }
                // The harmonic mean of both secants, weighted by how far each reaches.
                let (w1, w2) = (2.0 * width[i] + width[i - 1], width[i] + 2.0 * width[i - 1]);
                (w1 + w2) / (w1 / before + w2 / after)
            })
            .collect();
        Some(Self { x, y, slope })
    }

    /// The curve at `x`.
    pub fn at(&self, x: f64) -> f64 {
        let last = self.x.len() - 1;
        if x <= self.x[0] {
            return self.y[0] + self.slope[0] * (x - self.x[0]);
        }
        if x >= self.x[last] {
            return self.y[last] + self.slope[last] * (x - self.x[last]);
        }
        let i = self.x.partition_point(|point| *point <= x) - 1;
        let width = self.x[i + 1] - self.x[i];
        let t = (x - self.x[i]) / width;
        let (t2, t3) = (t * t, t * t * t);
        (2.0 * t3 - 3.0 * t2 + 1.0) * self.y[i]
            + (t3 - 2.0 * t2 + t) * width * self.slope[i]
            + (3.0 * t2 - 2.0 * t3) * self.y[i + 1]
            + (t3 - t2) * width * self.slope[i + 1]
    }

    /// Where between `low` and `high` the curve reaches `y`: of a curve that rises or falls throughout, its inverse.
    pub fn inverse(&self, y: f64, low: f64, high: f64) -> f64 {
        let rises = self.at(high) > self.at(low);
        let (mut low, mut high) = (low, high);
        // Fifty halvings leave less than rounding of any range that is looked at.
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            if (self.at(middle) < y) == rises {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_goes_through_its_points_and_along_lines() {
        let points = [(0.0, 1.0), (1.0, 3.0), (4.0, 3.5), (5.0, 9.0)];
        let curve = Monotone::new(&points).expect("points ascend");
        for (x, y) in points {
            assert!((curve.at(x) - y).abs() < 1e-12);
        }
        let line = Monotone::new(&[(0.0, 1.0), (1.0, 3.0), (4.0, 9.0)]).expect("points ascend");
        for x in [-3.0, 0.3, 2.2, 7.0] {
            assert!((line.at(x) - (1.0 + 2.0 * x)).abs() < 1e-12);
        }
        assert!(Monotone::new(&[(0.0, 1.0)]).is_none());
        assert!(Monotone::new(&[(0.0, 1.0), (0.0, 2.0)]).is_none());
        assert!(Monotone::new(&[(0.0, 1.0), (1.0, f64::NAN)]).is_none());
    }

    proptest! {
        #[test]
        fn it_never_turns_between_points_that_fall(steps in prop::collection::vec((0.01..5.0_f64, 0.0..9.0_f64), 2..12)) {
            let mut points = vec![(0.0, 0.0)];
            for (dx, dy) in steps {
                let (x, y) = points[points.len() - 1];
                points.push((x + dx, y - dy));
            }
            let curve = Monotone::new(&points).expect("points ascend");
            let end = points[points.len() - 1].0;
            let values: Vec<f64> = (0..=500).map(|i| curve.at(end * f64::from(i) / 500.0)).collect();
            prop_assert!(values.windows(2).all(|w| w[1] <= w[0] + 1e-9));
        }
    }
}
