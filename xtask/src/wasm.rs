//! The same chain, compiled for WebAssembly and natively, must give the same sound.
//!
//! `crates/auricle/tests/wasm_face` renders a few signals that it makes itself; Node runs its wasm,
//! a native program runs its Rust, and the samples are compared.

use std::path::Path;
use std::process::Command;

use crate::process::{cargo, run};
use crate::test::Outcome;

const FOLDER: &str = "target/wasm_face";

/// Largest difference allowed, relative to the case's peak.
const TOLERANCE: f64 = 1e-5;

/// Where [`build`] leaves the module.
pub(crate) const BUILT: &str = "target/wasm32-unknown-unknown/release/auricle_wasm_face.wasm";

/// Builds the chain for WebAssembly.
pub(crate) fn build() -> Result<(), String> {
    // RUSTFLAGS would replace the flags of .cargo/config.toml, SIMD among them.
    run(cargo().env_remove("RUSTFLAGS").args([
        "build",
        "--release",
        "--target",
        "wasm32-unknown-unknown",
        "--package",
        "auricle-wasm-face",
        "--lib",
    ]))
}

/// Builds both, runs both, compares.
pub(crate) fn wasm() -> Result<Outcome, String> {
    std::fs::create_dir_all(FOLDER).map_err(|error| format!("{FOLDER}: {error}"))?;
    let (native, wasm) = (Path::new(FOLDER).join("native.f32"), Path::new(FOLDER).join("wasm.f32"));
    build()?;
    run(cargo().args(["run", "--quiet", "--package", "auricle-wasm-face", "--"]).arg(&native))?;
    run(Command::new("node").arg("crates/auricle/tests/wasm_face/run.mjs").arg(BUILT).arg(&wasm))?;
    let (native, wasm) = (read_cases(&native)?, read_cases(&wasm)?);
    if native.is_empty() || native.len() != wasm.len() {
        return Err(format!("{} cases natively, {} in WebAssembly", native.len(), wasm.len()));
    }
    let mut outcome = Outcome::default();
    let mut worst = 0.0_f64;
    for (case, (native, wasm)) in native.iter().zip(&wasm).enumerate() {
        let difference = difference(native, wasm)?;
        worst = worst.max(difference);
        println!("case {case}: {} samples, largest difference {difference:.2e} of the peak", native.len());
        if difference <= TOLERANCE {
            outcome.passed += 1;
        } else {
            outcome.failed += 1;
        }
    }
    outcome.note = format!("largest difference {worst:.1e} of the peak, {TOLERANCE:.0e} allowed");
    Ok(outcome)
}

/// Largest difference, relative to the largest native sample.
fn difference(native: &[f32], wasm: &[f32]) -> Result<f64, String> {
    if native.len() != wasm.len() {
        return Err(format!("{} samples natively, {} in WebAssembly", native.len(), wasm.len()));
    }
    let peak = native.iter().fold(0.0_f64, |peak, x| peak.max(f64::from(x.abs())));
    if peak == 0.0 {
        return Err("a case came out silent: nothing was compared".to_owned());
    }
    let mut largest = 0.0_f64;
    for (a, b) in native.iter().zip(wasm) {
        let distance = (f64::from(*a) - f64::from(*b)).abs();
        if !distance.is_finite() {
            return Err("a sample is not finite".to_owned());
        }
        largest = largest.max(distance);
    }
    Ok(largest / peak)
}

/// Reads what both programs write: per case the number of samples (u32) and the samples (f32), all
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
