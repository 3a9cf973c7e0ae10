//! The model's process and reset under the real-time sanitizer: no allocation, lock or system call.
//!
//! The sanitizer's library comes with stable Rust; `rtsan-standalone` finds it by `RTSAN_LIB_PATH`.
//! It changes how the test is built, hence a target folder of its own.

use std::path::Path;
use std::process::Command;

use crate::process::{answer, cargo};
use crate::test::{Outcome, cargo_test};

/// Runs the one test that is written for the sanitizer.
pub(crate) fn rtsan() -> Result<Outcome, String> {
    let folder = answer(Command::new("rustc").args(["--print", "target-libdir"]))?;
    let library = Path::new(&folder).join("librustc-stable_rt.rtsan.a");
    if !library.is_file() {
        return Err(format!(
            "this Rust has no real-time sanitizer ({} is missing): use the stable toolchain of rustup, \
             1.95 or later, on x86-64 or arm64 Linux",
            library.display()
        ));
    }
    cargo_test(cargo().env("RTSAN_ENABLE", "1").env("RTSAN_LIB_PATH", library).args([
        "test",
        "--target-dir",
        "target/rtsan",
        "--package",
        "auricle",
        "--test",
        "law_7_sanitizer",
    ]))
}
