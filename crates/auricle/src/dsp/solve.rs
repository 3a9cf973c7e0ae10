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

/// Solves `aᵀ x = b` for the `x` of least norm by Householder reflections of `a`, in place.
///
/// `a` is `[row][column]`, flattened, with at least as many rows as its `n` columns, which are
/// independent; `b` is `[row][right-hand side]`, flattened, of which the first `n` rows are given; all of
/// its rows, as many as `a` has, become `x`. The error grows with the condition of `a`, not with its
/// square, as it would by way of `aᵀ a` (Golub and Van Loan, Matrix Computations, 5.6.2).
///
/// # Panics
/// Where the lengths of `a` and `b` are not multiples of `n` and of the number of rows.
pub fn least_norm(a: &mut [f64], n: usize, b: &mut [f64]) {
    let rows = a.len() / n;
    let width = b.len() / rows;
    // a = Q R: column j of the reflected a is a column of R down to the diagonal, and below it the reflection
    // that made it so, whose first entry stands in `heads`.
    let mut heads = vec![0.0; n];
    let mut dots = vec![0.0; n.max(width)];
    for j in 0..n {
        let norm = libm::sqrt((j..rows).map(|i| a[i * n + j] * a[i * n + j]).sum());
        let diagonal = if a[j * n + j] > 0.0 { -norm } else { norm };
        heads[j] = a[j * n + j] - diagonal;
        a[j * n + j] = diagonal;
        let scale = -1.0 / (diagonal * heads[j]);
        let entry = |a: &[f64], i: usize| if i == j { heads[j] } else { a[i * n + j] };
        dots.fill(0.0);
        for i in j..rows {
            let factor = entry(a, i);
            for (dot, value) in dots[j + 1..n].iter_mut().zip(&a[i * n + j + 1..(i + 1) * n]) {
                *dot += factor * value;
            }
        }
        for i in j..rows {
            let factor = scale * entry(a, i);
            for (value, dot) in a[i * n + j + 1..(i + 1) * n].iter_mut().zip(&dots[j + 1..n]) {
                *value -= factor * dot;
            }
        }
    }
    // Rᵀ y = b, forwards.
    for i in 0..n {
        let (solved, rest) = b.split_at_mut(i * width);
        let row = &mut rest[..width];
        for k in 0..i {
            let factor = a[k * n + i];
            for (value, solved) in row.iter_mut().zip(&solved[k * width..(k + 1) * width]) {
                *value -= factor * solved;
            }
        }
        let diagonal = a[i * n + i];
        row.iter_mut().for_each(|value| *value /= diagonal);
    }
    // x = Q (y, 0).
    b[n * width..].fill(0.0);
    for j in (0..n).rev() {
        let scale = -1.0 / (a[j * n + j] * heads[j]);
        let entry = |i: usize| if i == j { heads[j] } else { a[i * n + j] };
        dots.fill(0.0);
        for i in j..rows {
            let factor = entry(i);
            for (dot, value) in dots.iter_mut().zip(&b[i * width..(i + 1) * width]) {
                *dot += factor * value;
            }
        }
        for i in j..rows {
            let factor = scale * entry(i);
            for (value, dot) in b[i * width..(i + 1) * width].iter_mut().zip(&dots) {
                *value -= factor * dot;
            }
        }
    }
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

    #[test]
    fn the_solution_of_least_norm_solves_and_lies_in_the_rows() {
        let (rows, n, width) = (9, 6, 4);
        let at = |i: usize, j: usize| ((i * 7 + j * 3) as f64 * 0.9).sin() + f64::from(u8::from(i == j));
        let given: Vec<f64> = (0..rows * n).map(|k| at(k / n, k % n)).collect();
        let want: Vec<f64> = (0..rows * width).map(|k| (k as f64 * 1.3).cos()).collect();
        let (mut a, mut x) = (given.clone(), want.clone());
        least_norm(&mut a, n, &mut x);
        for r in 0..width {
            for j in 0..n {
                let got: f64 = (0..rows).map(|i| given[i * n + j] * x[i * width + r]).sum();
                assert!((got - want[j * width + r]).abs() < 1e-12, "{got}");
            }
            // Of least norm: a combination of a's columns, which is what solving again from it leaves alone.
            let (mut a, mut again) = (given.clone(), vec![0.0; rows]);
            for j in 0..n {
                again[j] = (0..rows).map(|i| given[i * n + j] * x[i * width + r]).sum();
            }
            least_norm(&mut a, n, &mut again);
            let other: f64 = (0..rows).map(|i| x[i * width + r].powi(2)).sum();
            let least: f64 = again.iter().map(|x| x * x).sum();
            assert!((other - least).abs() < 1e-11);
        }
        // A known one: x1 + x2 + x3 = 3.
        let mut known = [3.0, 0.0, 0.0];
        least_norm(&mut [1.0, 1.0, 1.0], 1, &mut known);
        assert!(known.iter().all(|x| (x - 1.0).abs() < 1e-15), "{known:?}");
    }
}
