//! How excitation spreads: which part of an electrode's power each carrier gets.

/// Power weights `[electrode][carrier]`, flattened, of electrodes at `from_mm` and carriers at `to_mm` along the array:
/// 10^(-s |x - y| / 10), in parts of their sum, so that an electrode's power stays what it is however far it spreads
/// (its C level was found with all of its spread).
///
/// A carrier that is `None` lies where nothing is alive and gets nothing: what an electrode excites is what survives
/// beside it. Infinite `spread_db_per_mm` is no spread: the nearest carrier gets all.
pub(super) fn weights(from_mm: &[f64], to_mm: &[Option<f64>], spread_db_per_mm: f64) -> Vec<f32> {
    let mut weights = Vec::with_capacity(from_mm.len() * to_mm.len());
    for from in from_mm {
        let apart_mm = |to: &Option<f64>| to.map_or(f64::INFINITY, |to| (to - from).abs());
        let nearest_mm = to_mm.iter().map(apart_mm).fold(f64::INFINITY, f64::min);
        let row: Vec<f64> = to_mm
            .iter()
            .map(|to| {
                let beyond_mm = apart_mm(to) - nearest_mm;
                if to.is_none() {
                    0.0
                } else if beyond_mm == 0.0 {
                    1.0
                } else {
                    libm::pow(10.0, -0.1 * spread_db_per_mm * beyond_mm)
                }
            })
            .collect();
        let sum: f64 = row.iter().sum();
        // 150 dB down is nothing, and no number to calculate slowly with.
        let share = |weight: &f64| if *weight > 1e-15 * sum { weight / sum } else { 0.0 };
        weights.extend(row.iter().map(|weight| share(weight) as f32));
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fall_as_said_and_add_up() {
        let to = [Some(0.0), Some(1.0), None, Some(3.0)];
        let found = weights(&[0.0, 2.0], &to, 3.0);
        for row in found.chunks(4) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert_eq!(row[2], 0.0);
        }
        let fall_db = 10.0 * (f64::from(found[1]) / f64::from(found[0])).log10();
        assert!((fall_db + 3.0).abs() < 1e-4, "{fall_db} dB");
        assert_eq!(found[5], found[7], "the second electrode is as far from both");
        assert_eq!(weights(&[0.9], &to, f64::INFINITY), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(weights(&[0.9], &[None, None], 3.0), [0.0, 0.0]);
    }
}
