//! Sounds of the cases of `crates/auricle/tests/wasm_face`, made in two ways: build, read, compare.

use std::path::Path;

use crate::process::{cargo, run};
use crate::test::Outcome;

/// Where what is compared is written.
pub(crate) const FOLDER: &str = "target/wasm_face";
/// The native program.
pub(crate) const PROGRAM: &str = "target/debug/auricle-wasm-face";

/// Builds the native program and makes the folder.
pub(crate) fn build_native() -> Result<(), String> {
    std::fs::create_dir_all(FOLDER).map_err(|error| format!("{FOLDER}: {error}"))?;
    // Not where a user's CARGO_TARGET_DIR would have it.
    run(cargo()
        .args(["build", "--quiet", "--target-dir", "target", "--package", "auricle-wasm-face", "--bin"])
        .arg("auricle-wasm-face"))
}

/// Adds to `outcome` how many cases of `other`, which is called `what`, are within `tolerance` of the peak of
/// those of `native`. Returns the largest difference, relative to the peak.
pub(crate) fn compare(
    native: &Path,
    other: &Path,
    what: &str,
    tolerance: f64,
    outcome: &mut Outcome,
) -> Result<f64, String> {
    let (native, other) = (read_cases(native)?, read_cases(other)?);
    if native.is_empty() || native.len() != other.len() {
        return Err(format!("{} cases natively, {} {what}", native.len(), other.len()));
    }
    let mut worst = 0.0_f64;
    for (case, (native, other)) in native.iter().zip(&other).enumerate() {
        let difference = difference(native, other).map_err(|message| format!("case {case} {what}: {message}"))?;
        worst = worst.max(difference);
        println!("case {case}: {} samples, largest difference {difference:.2e} of the peak", native.len());
        if difference <= tolerance {
            outcome.passed += 1;
        } else {
            outcome.failed += 1;
        }
    }
    Ok(worst)
}

/// Largest difference, relative to the largest native sample.
fn difference(native: &[f32], other: &[f32]) -> Result<f64, String> {
    if native.len() != other.len() {
        return Err(format!("{} samples natively, {} there", native.len(), other.len()));
    }
    let peak = native.iter().fold(0.0_f64, |peak, x| peak.max(f64::from(x.abs())));
    if peak == 0.0 {
        return Err("came out silent: nothing was compared".to_owned());
    }
    let mut largest = 0.0_f64;
    for (a, b) in native.iter().zip(other) {
        let distance = (f64::from(*a) - f64::from(*b)).abs();
        if !distance.is_finite() {
            return Err("a sample is not finite".to_owned());
        }
        largest = largest.max(distance);
    }
    Ok(largest / peak)
}

/// Reads what the programs write: per case the number of samples (u32) and the samples (f32), all
/// little-endian.
fn read_cases(path: &Path) -> Result<Vec<Vec<f32>>, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let words: Vec<[u8; 4]> = bytes.chunks_exact(4).map(|chunk| [chunk[0], chunk[1], chunk[2], chunk[3]]).collect();
    let mut cases = Vec::new();
    let mut at = 0;
    while let Some(count) = words.get(at) {
        let count = u32::from_le_bytes(*count) as usize;
        let samples = words.get(at + 1..at + 1 + count).ok_or_else(|| format!("{}: broken off", path.display()))?;
        cases.push(samples.iter().map(|word| f32::from_le_bytes(*word)).collect());
        at += 1 + count;
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_difference_is_relative_to_the_peak() {
        assert_eq!(difference(&[2.0, 0.0], &[2.0, 1.0]), Ok(0.5));
        assert!(difference(&[0.0], &[0.0]).is_err());
        assert!(difference(&[1.0], &[f32::NAN]).is_err());
        assert!(difference(&[1.0], &[1.0, 1.0]).is_err());
    }
}
