//! `cargo xtask demo`: from a bare machine to a film one can watch.

use std::process::Command;

use crate::process::{cargo, run};
use crate::setup::{self, FFMPEG, FFPROBE};

/// Sets up, builds, and has the program make and render its demo film; it says itself what to open.
pub(crate) fn demo() -> Result<(), String> {
    setup::tools(&[FFMPEG, FFPROBE])?;
    run(cargo().args(["build", "--release", "--package", "auricle-cli"]))?;
    run(Command::new("target/release/auricle").args(["demo", "target/demo", "--force"]))
}
