//! Growth of loudness: level out against level in, from threshold to where nothing is lost any more.

use serde::Serialize;

use super::bench::{Bench, rms_db_fs};
use crate::ear::recruitment;
use crate::listener::EarFindings;

/// The stretch in which the slope is read begins this far above threshold and ends this far below full recovery, dB:
/// the bend at its end is not the slope.
const FROM_THRESHOLD_DB: f64 = 3.0;
const BEFORE_RECOVERY_DB: f64 = 4.0;
/// Tones of which the slope is made, as many as make a line sure.
const SLOPE_TONES: usize = 6;
/// A stretch shorter than this has no slope to speak of, dB.
const SHORTEST_DB: f64 = 3.0;
/// Full recovery is looked at this far above, dB.
const ABOVE_RECOVERY_DB: f64 = 2.0;
/// A tone may come out softer than a softer one by as much as f32 rounds, dB.
const ROUNDING_DB: f64 = 0.01;
/// No tone is played above this, dB HL.
const STRONGEST_DB_HL: f64 = 135.0;

/// How a tone grows in one ear.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Growth {
    /// Frequency of the tone, Hz.
    pub frequency_hz: f64,
    /// Threshold by air, as stated, dB HL.
    pub threshold_db_hl: f64,
    /// Level from which on the cochlea loses nothing, dB HL at the ear: C and the conductive part.
    pub recovery_db_hl: f64,
    /// Conductive part, dB.
    pub conductive_db: f64,
    /// `[level in, level out]`, dB HL, ascending.
    pub points: Vec<[f64; 2]>,
    /// Growth as measured, dB per dB; `None` where there is no room to measure it.
    pub slope: Option<f64>,
    /// Growth as claimed: C/(C-H).
    pub claimed_slope: f64,
    /// Level of a tone 2 dB above full recovery less what it should be, dB.
    pub return_error_db: Option<f64>,
    /// Whether more in was always more out.
    pub monotone: bool,
}

impl Growth {
    /// Slope over the claimed one, less 1, in percent.
    pub fn slope_error_percent(&self) -> Option<f64> {
        self.slope.map(|slope| 100.0 * (slope / self.claimed_slope - 1.0))
    }
}

/// Plays tones of `frequency_hz` from below threshold to above full recovery.
pub fn growth(bench: &mut Bench, findings: &EarFindings, frequency_hz: f64) -> Growth {
    let threshold_db_hl = findings.air.threshold_db_hl(frequency_hz).max(0.0);
    let conductive_db = findings.conductive_db(frequency_hz);
    let cochlea_db_hl = findings.sensorineural_db_hl(frequency_hz).max(0.0) as f32;
    let recovery_db_hl = f64::from(recruitment::recovery_db_hl(cochlea_db_hl)) + conductive_db;
    let mut out_db_hl = |level_db_hl: f64| {
        let heard = bench.tone(frequency_hz, level_db_hl, 1.0);
        let reading = &heard[heard.len() - bench.reading_samples()..];
        bench.calibration.db_fs_to_db_hl(rms_db_fs(reading), frequency_hz)
    };
    let (from, to) = (threshold_db_hl + FROM_THRESHOLD_DB, recovery_db_hl - BEFORE_RECOVERY_DB);
    let mut points = Vec::new();
    let mut slope = None;
    if to - from >= SHORTEST_DB && to <= STRONGEST_DB_HL {
        let level = |n: usize| from + (to - from) * n as f64 / (SLOPE_TONES - 1) as f64;
        points.extend((0..SLOPE_TONES).map(|n| [level(n), out_db_hl(level(n))]));
        slope = Some(line_slope(&points));
    }
    let above = recovery_db_hl + ABOVE_RECOVERY_DB;
    let mut others = vec![threshold_db_hl - 3.0, threshold_db_hl, threshold_db_hl + 1.5, recovery_db_hl, above];
    others.push(above + 5.0);
    others.retain(|level| *level <= STRONGEST_DB_HL);
    points.extend(others.into_iter().map(|level| [level, out_db_hl(level)]));
    points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let returned = points.iter().find(|point| point[0] == above);
    Growth {
        frequency_hz,
        threshold_db_hl,
        recovery_db_hl,
        conductive_db,
        slope,
        claimed_slope: f64::from(recruitment::growth(cochlea_db_hl)),
        return_error_db: returned.map(|point| point[1] - (point[0] - conductive_db)),
        monotone: points.windows(2).all(|pair| pair[1][1] >= pair[0][1] - ROUNDING_DB),
        points,
    }
}

/// Slope of the line that is nearest to all points (least squares).
fn line_slope(points: &[[f64; 2]]) -> f64 {
    let count = points.len() as f64;
    let mean = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / count;
    let (x, y) = (mean(0), mean(1));
    let product: f64 = points.iter().map(|point| (point[0] - x) * (point[1] - y)).sum();
    let square: f64 = points.iter().map(|point| (point[0] - x).powi(2)).sum();
    product / square
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_line_is_its_slope() {
        let line: Vec<[f64; 2]> = (0..6).map(f64::from).map(|x| [x, 3.0 - 2.5 * x]).collect();
        assert!((line_slope(&line) + 2.5).abs() < 1e-12);
        let scattered = [[0.0, 0.1], [1.0, 0.9], [2.0, 2.1], [3.0, 2.9]];
        assert!((line_slope(&scattered) - 0.96).abs() < 1e-12);
    }
}
