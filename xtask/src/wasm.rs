//! The same chain, compiled for WebAssembly and natively, must give the same sound.
//!
//! `crates/auricle/tests/wasm_face` renders a few signals that it makes itself; Node runs its wasm,
//! a native program runs its Rust, and the samples are compared.

use std::path::Path;
use std::process::Command;

use crate::compare::{FOLDER, PROGRAM, build_native, compare};
use crate::process::{cargo, run};
use crate::test::Outcome;

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
        "--target-dir",
        "target",
        "--target",
        "wasm32-unknown-unknown",
        "--package",
        "auricle-wasm-face",
        "--lib",
    ]))
}

/// Builds both, runs both, compares.
pub(crate) fn wasm() -> Result<Outcome, String> {
    build_native()?;
    let (native, wasm) = (Path::new(FOLDER).join("native.f32"), Path::new(FOLDER).join("wasm.f32"));
    build()?;
    run(Command::new(PROGRAM).arg(&native))?;
    run(Command::new("node").arg("crates/auricle/tests/wasm_face/run.mjs").arg(BUILT).arg(&wasm))?;
    let mut outcome = Outcome::default();
    let worst = compare(&native, &wasm, "in WebAssembly", TOLERANCE, &mut outcome)?;
    outcome.note = format!("largest difference {worst:.1e} of the peak, {TOLERANCE:.0e} allowed");
    Ok(outcome)
}
