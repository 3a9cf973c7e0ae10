//! Every instruction set that kernels are compiled for must give the same sound.
//!
//! Which one is taken is found out from the processor at run time and cannot be chosen; so the program runs
//! natively, and in QEMU on processors that have less.

use std::path::Path;
use std::process::Command;

use crate::compare::{FOLDER, PROGRAM, build_native, compare};
use crate::process::{answer, shown};
use crate::setup::QEMU;
use crate::test::Outcome;

/// Samples of a case per channel, 0.2 s: what QEMU does in seconds, and as far as into the first cue.
const SAMPLES: &str = "9600";

/// A processor that QEMU makes, and what the kernels have to do on it.
struct Emulated {
    /// What `-cpu` is given, less what QEMU would warn that it does not have.
    cpu: &'static str,
    /// What the program says it took.
    instruction_set: &'static str,
    /// Cases by name; all where none is named.
    cases: &'static [&'static str],
    /// Largest difference allowed from the native run, relative to the case's peak.
    tolerance: f64,
}

const EMULATED: [Emulated; 2] = [
    // Without fused multiply-add each product of the banks is rounded once more: measured 1.5e-6, some 25 roundings of a
    // 32-bit float at its peak, in thresholds that move, and 1.3e-6 in temporal smearing by itself, where levels become
    // gains of up to 20 dB; all else stays below 1e-6, transforms being the same to the bit.
    Emulated { cpu: "Nehalem", instruction_set: "portable", cases: &[], tolerance: 2e-6 },
    // QEMU does AVX2 at a two-hundredth of the processor's speed: as many cases as it takes for every kernel.
    Emulated {
        cpu: "Haswell-noTSX,-pcid,-x2apic,-tsc-deadline,-invpcid",
        instruction_set: "AVX2 with FMA",
        cases: &["an ear, S2", "decline", "MSBG, none", "MSBG, severe"],
        tolerance: 1e-6,
    },
];

/// Builds, runs on every processor, compares.
pub(crate) fn instruction_sets() -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    if !cfg!(target_arch = "x86_64") {
        outcome.ignored = EMULATED.len();
        outcome.note = "not an x86-64 machine: only the portable kernels are compiled".to_owned();
        return Ok(outcome);
    }
    build_native()?;
    let mut notes = Vec::new();
    for emulated in &EMULATED {
        let name = emulated.cpu.split(',').next().unwrap_or_default();
        let native_file = Path::new(FOLDER).join(format!("{name}-native.f32"));
        let file = Path::new(FOLDER).join(format!("{name}.f32"));
        let native = taken(Command::new(PROGRAM).arg(&native_file).arg(SAMPLES).args(emulated.cases))?;
        if has_avx2() && native == "portable" {
            return Err("the processor has AVX2 with FMA, and the kernels took the portable path".to_owned());
        }
        let mut qemu = Command::new(QEMU.program);
        let set = taken(qemu.args(["-cpu", emulated.cpu, PROGRAM]).arg(&file).arg(SAMPLES).args(emulated.cases))?;
        if set != emulated.instruction_set {
            return Err(format!(
                "on QEMU's {name} the kernels took {set:?}, not {:?}; QEMU has AVX2 from 7.2 on: see `{} --version`",
                emulated.instruction_set, QEMU.program
            ));
        }
        let worst = compare(&native_file, &file, &format!("on {name}"), emulated.tolerance, &mut outcome)?;
        notes.push(format!("{set} within {worst:.1e} of {native}, {:.0e} allowed", emulated.tolerance));
    }
    outcome.note = notes.join("; ");
    Ok(outcome)
}

/// Runs the program; the instruction set that it took.
fn taken(command: &mut Command) -> Result<String, String> {
    println!("$ {}", shown(command));
    let set = answer(command)?;
    println!("{set}");
    Ok(set)
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}
