//! Smallest, middle and largest of several runs.

/// Of one quantity over several runs.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    /// Smallest.
    pub(crate) min: f64,
    /// Median; of an even number of runs the mean of the middle two.
    pub(crate) median: f64,
    /// Largest.
    pub(crate) max: f64,
}

/// `None` where there is nothing to sum up.
pub(crate) fn spread(values: &[f64]) -> Option<Spread> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let middle = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 };
    Some(Spread { min, median, max })
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        let of = |values: &[f64]| spread(values).map(|s| (s.min, s.median, s.max));
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some((1.0, 2.0, 3.0)));
        assert_eq!(of(&[4.0, 1.0, 2.0, 3.0]), Some((1.0, 2.5, 4.0)));
        assert_eq!(of(&[]), None);
    }
}
