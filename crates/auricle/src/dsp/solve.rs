//! Least squares for design: small dense systems in f64.

/// Solves `a x = b` for a symmetric positive definite `a` (`[row][column]`, order `n`, flattened) by
/// Cholesky decomposition, in place; `b` becomes `x`.
///
/// Returns false where `a` is not positive definite to working precision.
#[must_use]
pub fn cholesky(a: &mut [f64], b: &mut [f64]) -> bool {
    let n = b.len();
    for j in 0..n {
        for k in 0..j {
            let factor = a[j * n + k];
            a[j * n + j] -= factor * factor;
        }
        let pivot = a[j * n + j];
        if pivot.is_nan() || pivot <= 0.0 {
            return false;
        }
        let pivot = pivot.sqrt();
        a[j * n + j] = pivot;
        for i in j + 1..n {
            let (upper, lower) = a.split_at_mut(i * n);
            let (row_j, row_i) = (&upper[j * n..j * n + j], &mut lower[..n]);
            let dot: f64 = row_j.iter().zip(&row_i[..j]).map(|(x, y)| x * y).sum();
            row_i[j] = (row_i[j] - dot) / pivot;
        }
    }
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i * n + i];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cholesky_solves_what_it_is_given() {
        let n = 12;
        let at = |i: usize, j: usize| 1.0 / (1.0 + i as f64 + j as f64) + f64::from(u8::from(i == j));
        let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin()).collect();
        let mut a: Vec<f64> = (0..n * n).map(|k| at(k / n, k % n)).collect();
        let mut b: Vec<f64> = (0..n).map(|i| (0..n).map(|j| at(i, j) * x[j]).sum()).collect();
        assert!(cholesky(&mut a, &mut b));
        for (got, want) in b.iter().zip(&x) {
            assert!((got - want).abs() < 1e-10);
        }
        assert!(!cholesky(&mut [0.0], &mut [1.0]));
    }
}
