//! `cargo xtask demo | test | bench | card | peers`: everything that one does with this repository, set-up included.
//!
//! Standard library only, so that a machine with nothing but Rust builds it in a second. Each step
//! prints the command it runs; what is present is not set up again; what is missing and cannot be had
//! is a failure that says what to do.

mod bench;
mod compare;
mod demo;
mod instruction_sets;
mod peers;
mod process;
mod rtsan;
mod setup;
mod stats;
mod test;
mod wasm;

use std::path::Path;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask demo             set up, build, render the demo film through its listener's ears, say what to open
cargo xtask test [GROUP...]  set up the rest and run every check, or only the groups named
cargo xtask bench [PART...]  measure speed, beside its floor where there is one: chain, implant, wasm, render
cargo xtask card             measure the ten standard audiograms through the simulation, and write docs/card.md and docs/card.svg
cargo xtask peers            measure accuracy and speed beside pyclarity's MSBG, and write docs/peers.md

Groups of test: set-up fmt clippy doc tests doc-tests rtsan wasm instruction-sets oracle real-media";

fn main() -> ExitCode {
    // The manifest's folder as cargo gives it at run time, so that a checkout can be moved.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest).parent().unwrap_or(Path::new("."));
    if let Err(error) = std::env::set_current_dir(root) {
        eprintln!("xtask: cannot enter {}: {error}", root.display());
        return ExitCode::FAILURE;
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["demo"] => demo::demo().map(|()| ExitCode::SUCCESS),
        ["test", groups @ ..] => test::test(groups),
        // A test that writes instead of comparing, where it is told to.
        ["card"] => process::run(process::cargo().env("AURICLE_WRITE_CARD", "1").args([
            "test",
            "--release",
            "--package",
            "auricle",
            "--test",
            "card",
        ]))
        .map(|()| ExitCode::SUCCESS),
        ["peers"] => peers::peers().map(|()| ExitCode::SUCCESS),
        ["bench", parts @ ..] => bench::bench(parts).map(|()| ExitCode::SUCCESS),
        [] | ["help" | "-h" | "--help"] => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("xtask: cannot read {:?}\n\n{HELP}", args.join(" "));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(code) => code,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
