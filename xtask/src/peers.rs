//! `cargo xtask peers`: accuracy and speed beside pyclarity's MSBG, in one run on the same input.
//!
//! Fails where the parity simulator is not pyclarity's to 120 dB; speeds are told, and pass or fail nothing. Then STOI and
//! ESTOI beside pystoi's, which must agree within 1e-3.

use std::path::Path;
use std::process::Command;

use crate::process::{answer, cargo, run};
use crate::setup;

const VENV: &str = "target/peers/venv";
/// The peer and the one version that parity is with.
const PYCLARITY: &str = "pyclarity==0.9.0";
/// What of its dependencies the simulator needs; all of them would be a gigabyte.
const NEEDED: [&str; 6] = ["numpy", "scipy", "soundfile", "tqdm", "numba", "pandas"];
/// What STOI and ESTOI are compared with.
const PYSTOI: &str = "pystoi==0.4.1";
const MEDIA: &str = "../shared/media";
const PAGE: &str = "docs/peers.md";

/// Sets up both sides, runs them, and writes the page.
pub(crate) fn peers() -> Result<(), String> {
    let python = setup::venv(VENV, &[&NEEDED, &["--no-deps", PYCLARITY], &[PYSTOI]])?;
    run(cargo().args(["build", "--release", "--package", "auricle", "--example", "peer"]))?;
    let mut command = Command::new(&python);
    command.args(["xtask/peers/peers.py", "--auricle", "target/release/examples/peer", "--output", PAGE]);
    command.arg("--rustc").arg(answer(Command::new("rustc").arg("--version"))?);
    run(with_media(&mut command))?;
    run(cargo().args(["build", "--release", "--package", "auricle", "--example", "peer_stoi"]))?;
    let mut command = Command::new(&python);
    command.args(["xtask/peers/stoi.py", "--auricle", "target/release/examples/peer_stoi"]);
    run(with_media(&mut command))
}

/// Gives `command` the real recordings where they are.
fn with_media(command: &mut Command) -> &mut Command {
    if Path::new(MEDIA).is_dir() {
        command.args(["--media", MEDIA]);
    } else {
        println!("real recordings: not present, generated sounds only");
    }
    command
}
