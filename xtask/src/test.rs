//! `cargo xtask test`: every check, in groups; one that fails does not keep the later ones from running.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::process::{cargo, duration, run, run_watched};
use crate::setup::{self, FFMPEG, FFPROBE, NODE, QEMU};
use crate::{instruction_sets, rtsan, wasm};

/// What a group found: counts where it counts, and a remark for its line of the summary.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Tests passed.
    pub(crate) passed: usize,
    /// Tests failed; any makes the group fail.
    pub(crate) failed: usize,
    /// Tests not run.
    pub(crate) ignored: usize,
    /// Something the summary should say.
    pub(crate) note: String,
}

type Group = (&'static str, fn() -> Result<Outcome, String>);

const GROUPS: [Group; 11] = [
    ("set-up", set_up),
    ("fmt", || checked(cargo().args(["fmt", "--all", "--check"]))),
    ("clippy", || checked(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))),
    ("doc", || checked(cargo().env("RUSTDOCFLAGS", "-Dwarnings").args(["doc", "--workspace", "--no-deps"]))),
    ("tests", || {
        cargo_test(cargo().args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests", "--examples"]))
    }),
    ("doc-tests", || cargo_test(cargo().args(["test", "--workspace", "--no-fail-fast", "--doc"]))),
    ("rtsan", rtsan::rtsan),
    ("wasm", wasm::wasm),
    ("instruction-sets", instruction_sets::instruction_sets),
    ("oracle", oracle),
    ("real-media", real_media),
];

/// Runs the groups named, or all of them, and ends with a line for each.
pub(crate) fn test(names: &[&str]) -> Result<ExitCode, String> {
    if let Some(unknown) = names.iter().find(|name| !GROUPS.iter().any(|group| group.0 == **name)) {
        let known: Vec<_> = GROUPS.iter().map(|group| group.0).collect();
        return Err(format!("no group of tests is called {unknown:?}; there are {}", known.join(", ")));
    }
    let started = Instant::now();
    let mut lines = Vec::new();
    let (mut groups_passed, mut groups_failed) = (0, 0);
    let mut total = Outcome::default();
    for (name, group) in GROUPS.iter().filter(|group| names.is_empty() || names.contains(&group.0)) {
        println!("\n== {name}");
        let began = Instant::now();
        let result = group();
        let secs = began.elapsed().as_secs_f64();
        let (good, said) = match &result {
            Err(message) => {
                println!("{name}: {message}");
                (false, message.clone())
            }
            Ok(outcome) => {
                total.passed += outcome.passed;
                total.failed += outcome.failed;
                total.ignored += outcome.ignored;
                (outcome.failed == 0, outcome.line())
            }
        };
        if good {
            groups_passed += 1;
        } else {
            groups_failed += 1;
        }
        lines.push(format!("{} {name:16} {:>12}  {said}", if good { "ok  " } else { "FAIL" }, duration(secs)));
    }
    println!("\n== summary");
    for line in lines {
        println!("{line}");
    }
    let ignored = if total.ignored == 0 { String::new() } else { format!(", {} not run", total.ignored) };
    println!(
        "groups: {groups_passed} passed, {groups_failed} failed; tests: {} passed, {} failed{ignored}; {}",
        total.passed,
        total.failed,
        duration(started.elapsed().as_secs_f64())
    );
    Ok(if groups_failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Outcome {
    fn line(&self) -> String {
        let mut parts = Vec::new();
        if self.passed + self.failed > 0 {
            parts.push(format!("{} passed, {} failed", self.passed, self.failed));
        }
        if self.ignored > 0 {
            parts.push(format!("{} not run", self.ignored));
        }
        if !self.note.is_empty() {
            parts.push(self.note.clone());
        }
        parts.join("; ")
    }
}

fn set_up() -> Result<Outcome, String> {
    let mut tools = vec![FFMPEG, FFPROBE, NODE];
    if cfg!(target_arch = "x86_64") {
        tools.push(QEMU);
    }
    // Each is tried even if an earlier one fails, so that one run shows all that is missing.
    let numpy = setup::python_with_numpy().map(drop);
    let faults: Vec<String> = [setup::tools(&tools), numpy, setup::rust_components(), setup::wasm_target()]
        .into_iter()
        .filter_map(Result::err)
        .collect();
    if faults.is_empty() { Ok(Outcome::default()) } else { Err(faults.join("; ")) }
}

fn checked(command: &mut Command) -> Result<Outcome, String> {
    run(command).map(|()| Outcome::default())
}

/// Runs `cargo test` and adds up what its test programs report.
pub(crate) fn cargo_test(command: &mut Command) -> Result<Outcome, String> {
    counted(command, |_, _| {})
}

fn counted(command: &mut Command, mut each_line: impl FnMut(&str, &mut Outcome)) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    let good = run_watched(command, |line| {
        add_result_line(line, &mut outcome);
        each_line(line, &mut outcome);
    })?;
    if !good && outcome.failed == 0 {
        return Err("did not build, or a test program ended before its time: see above".to_owned());
    }
    Ok(outcome)
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out`.
fn add_result_line(line: &str, outcome: &mut Outcome) {
    let Some(counts) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else { return };
    for count in counts.1.split("; ") {
        let Some((number, what)) = count.split_once(' ') else { continue };
        let Ok(number) = number.parse::<usize>() else { continue };
        match what {
            "passed" => outcome.passed += number,
            "failed" => outcome.failed += number,
            "ignored" => outcome.ignored += number,
            _ => {}
        }
    }
}

const REAL_MEDIA: &str = "../shared/media";

/// Renders real films and sounds where `../shared/media` has them, generated ones everywhere.
fn real_media() -> Result<Outcome, String> {
    with_recordings(cargo().args(["test", "--package", "auricle-cli", "--test", "real_media", "--", "--nocapture"]))
}

/// The implant's pulses against a reference in Python: generated sounds everywhere, recordings where they are.
fn oracle() -> Result<Outcome, String> {
    with_recordings(cargo().env("AURICLE_PYTHON", setup::python_with_numpy()?).args([
        "test",
        "--package",
        "auricle",
        "--test",
        "implant_oracle",
        "--",
        "--nocapture",
    ]))
}

/// Runs a test program that says which real recordings it checked.
fn with_recordings(command: &mut Command) -> Result<Outcome, String> {
    let present = Path::new(REAL_MEDIA).is_dir();
    // By name: a film may be rendered in several ways.
    let mut checked = BTreeSet::new();
    let mut outcome = counted(command, |line, _| {
        if let Some((_, name)) = line.split_once("real recording checked: ") {
            checked.insert(name.to_owned());
        }
    })?;
    if outcome.passed + outcome.failed == 0 {
        return Err("the test program ran no test".to_owned());
    }
    outcome.note = if present {
        format!("real recordings: checked {} files", checked.len())
    } else {
        "real recordings: not present, own signals only".to_owned()
    };
    if present && checked.is_empty() && outcome.failed == 0 {
        return Err(format!("{REAL_MEDIA} is there, but none of its files was checked"));
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::{Outcome, add_result_line};

    #[test]
    fn results_of_test_programs_add_up() {
        let mut outcome = Outcome::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 20 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        ] {
            add_result_line(line, &mut outcome);
        }
        assert_eq!((outcome.passed, outcome.failed, outcome.ignored), (23, 2, 1));
        assert_eq!(outcome.line(), "23 passed, 2 failed; 1 not run");
    }
}
