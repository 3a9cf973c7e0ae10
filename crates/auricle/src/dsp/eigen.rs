//! Eigenvalues of small symmetric matrices, by Jacobi's rotations.

/// Sweeps after which any matrix of the sizes met here is diagonal to rounding: convergence is quadratic.
const SWEEPS: usize = 30;

/// Eigenvalues of a symmetric `matrix`, `[row][column]` flattened, of order `order`; in no order. Only the upper half
/// is read.
pub fn symmetric(matrix: &[f64], order: usize) -> Vec<f64> {
    let mut a = matrix.to_vec();
    let at = |i: usize, j: usize| if i < j { i * order + j } else { j * order + i };
    for _ in 0..SWEEPS {
        let off: f64 =
            (0..order).flat_map(|i| (i + 1..order).map(move |j| (i, j))).map(|(i, j)| a[at(i, j)].powi(2)).sum();
        let diagonal: f64 = (0..order).map(|i| a[at(i, i)].powi(2)).sum();
        if off <= 1e-30 * diagonal {
            break;
        }
        for p in 0..order {
            for q in p + 1..order {
                let entry = a[at(p, q)];
                if entry == 0.0 {
                    continue;
                }
                // The smaller of the two angles that make the entry vanish: tan t, from cot 2t.
                let cotangent = (a[at(q, q)] - a[at(p, p)]) / (2.0 * entry);
                let t = cotangent.signum() / (cotangent.abs() + (cotangent * cotangent + 1.0).sqrt());
                let t = if cotangent == 0.0 { 1.0 } else { t };
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                a[at(p, p)] -= t * entry;
                a[at(q, q)] += t * entry;
                a[at(p, q)] = 0.0;
                for k in (0..order).filter(|k| *k != p && *k != q) {
                    let (kp, kq) = (a[at(k, p)], a[at(k, q)]);
                    a[at(k, p)] = c * kp - s * kq;
                    a[at(k, q)] = s * kp + c * kq;
                }
            }
        }
    }
    (0..order).map(|i| a[at(i, i)]).collect()
}

#[cfg(test)]
mod tests {
    use super::symmetric;

    #[test]
    fn second_differences_have_the_eigenvalues_of_their_closed_form() {
        // 2 on the diagonal, -1 beside it: 2 - 2 cos(k pi / (n + 1)).
        for order in [1, 2, 3, 10, 32] {
            let mut matrix = vec![0.0; order * order];
            for i in 0..order {
                matrix[i * order + i] = 2.0;
                if i + 1 < order {
                    matrix[i * order + i + 1] = -1.0;
                    matrix[(i + 1) * order + i] = -1.0;
                }
            }
            let mut found = symmetric(&matrix, order);
            found.sort_by(f64::total_cmp);
            for (k, value) in found.iter().enumerate() {
                let angle = std::f64::consts::PI * (k + 1) as f64 / (order + 1) as f64;
                assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-12, "order {order}, {k}: {value}");
            }
        }
    }
}
