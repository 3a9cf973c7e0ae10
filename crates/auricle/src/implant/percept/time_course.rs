//! How strange an implant still sounds, by months since it was switched on.
//!
//! Ratings of sound quality rise to the first month, from there to the sixth, and hardly after it (Berg, Tamati &
//! Moberly: 339 adults at 1, 6 and 12 months). The numbers between are guesses on a logarithmic axis of time.

/// A week, in months.
pub const WEEK_MONTHS: f64 = 7.0 / 30.44;

const KNOTS: usize = 7;
/// Months at which strangeness is stated.
const MONTHS: [f64; KNOTS] = [0.0, WEEK_MONTHS, 1.0, 3.0, 6.0, 12.0, 24.0];
/// What is left of the first day's difference to settled hearing.
const STRANGENESS: [f64; KNOTS] = [1.0, 0.74, 0.45, 0.2, 0.07, 0.02, 0.0];
/// What is left of beeps, squeaks, robots and buzz: people tell of them for days and weeks, not for months.
const FIRST_SOUNDS: [f64; KNOTS] = [1.0, 0.55, 0.2, 0.05, 0.012, 0.003, 0.0];

/// What is left of the first day after `months`, 1 to 0; without a corner anywhere, 0 from 24 months on.
pub fn strangeness(months: f64) -> f64 {
    monotone(&STRANGENESS, months)
}

/// The same for the first day's own sounds, which go sooner.
pub fn first_sounds(months: f64) -> f64 {
    monotone(&FIRST_SOUNDS, months)
}

/// The axis: logarithmic, beginning at the first day.
fn axis(months: f64) -> f64 {
    libm::log1p(months / WEEK_MONTHS)
}

/// Monotone cubic interpolation of falling `values` at [`MONTHS`] on [`axis`]: slopes are Fritsch and Butland's
/// (1984) weighted harmonic means, those at the ends are 0.
fn monotone(values: &[f64; KNOTS], months: f64) -> f64 {
    let months = if months.is_nan() { 0.0 } else { months.clamp(0.0, MONTHS[KNOTS - 1]) };
    let x = axis(months);
    let at = MONTHS.map(axis);
    let width = |i: usize| at[i + 1] - at[i];
    let rise = |i: usize| (values[i + 1] - values[i]) / width(i);
    let slope = |i: usize| {
        if i == 0 || i == KNOTS - 1 {
            return 0.0;
        }
        let (before, after) = (rise(i - 1), rise(i));
        let (a, b) = (2.0 * width(i) + width(i - 1), width(i) + 2.0 * width(i - 1));
        (a + b) / (a / before + b / after)
    };
    let i = (1..KNOTS - 1).rev().find(|i| x >= at[*i]).unwrap_or(0);
    let u = (x - at[i]) / width(i);
    let (v, h) = (1.0 - u, width(i));
    values[i] * v * v * (1.0 + 2.0 * u)
        + values[i + 1] * u * u * (1.0 + 2.0 * v)
        + h * u * v * (slope(i) * v - slope(i + 1) * u)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangeness_is_met_at_its_knots_and_falls_without_a_corner() {
        for (course, values) in [(strangeness as fn(f64) -> f64, STRANGENESS), (first_sounds, FIRST_SOUNDS)] {
            for (months, value) in MONTHS.iter().zip(values) {
                assert!((course(*months) - value).abs() < 1e-12, "{months} months");
            }
            assert_eq!(course(60.0), 0.0);
            assert_eq!(course(f64::NAN), 1.0);
            // On the logarithmic axis: never rising, and no slope that jumps.
            let months = |i: f64| WEEK_MONTHS * libm::expm1(axis(24.0) * i / 4000.0);
            let steps: Vec<f64> =
                (0..4000).map(|i| course(months(f64::from(i) + 1.0)) - course(months(f64::from(i)))).collect();
            assert!(steps.iter().all(|step| *step <= 0.0));
            let corner = steps.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
            let steepest = steps.iter().map(|step| step.abs()).fold(0.0, f64::max);
            assert!(corner < 0.02 * steepest, "a corner of {corner} where {steepest} is the steepest");
        }
    }
}
