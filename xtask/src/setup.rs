//! What the machine must have, and how a Debian machine with Rust gets it.
//!
//! A linker is not among it: without one, cargo could not have built this program.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{answer, cargo, find_program, run};

/// A program from outside, and the Debian packages that bring it.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    /// What is looked for on PATH.
    pub(crate) program: &'static str,
    packages: &'static [&'static str],
}

/// Decodes and muxes films; its package brings ffprobe too.
pub(crate) const FFMPEG: Tool = Tool { program: "ffmpeg", packages: &["ffmpeg"] };
/// Reads what a film holds.
pub(crate) const FFPROBE: Tool = Tool { program: "ffprobe", packages: &["ffmpeg"] };
/// Runs the model's WebAssembly in the tests.
pub(crate) const NODE: Tool = Tool { program: "node", packages: &["nodejs"] };

/// Runs the model on other processors than the machine's; only x86-64 has several instruction sets to tell apart.
pub(crate) const QEMU: Tool = Tool { program: "qemu-x86_64", packages: &["qemu-user"] };

/// Runs Pythons of their own for what is compared with.
const PYTHON: Tool = Tool { program: "python3", packages: &["python3", "python3-venv"] };

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Installs what is missing of `tools`, in one call of apt-get.
pub(crate) fn tools(tools: &[Tool]) -> Result<(), String> {
    let missing: Vec<Tool> = tools.iter().copied().filter(|tool| find_program(tool.program).is_none()).collect();
    let names = |tools: &[Tool]| tools.iter().map(|tool| tool.program).collect::<Vec<_>>().join(", ");
    if missing.is_empty() {
        println!("set-up: {}: present", names(tools));
        return Ok(());
    }
    let mut packages: Vec<&str> = missing.iter().flat_map(|tool| tool.packages.iter().copied()).collect();
    packages.dedup();
    let by_hand = install(&names(&missing), &packages)?;
    match missing.iter().find(|tool| find_program(tool.program).is_none()) {
        None => Ok(()),
        Some(tool) => Err(format!("{} is still not on PATH; {by_hand}", tool.program)),
    }
}

/// Installs Debian packages, because `names` are missing; what to do where that was of no use.
fn install(names: &str, packages: &[&str]) -> Result<String, String> {
    let by_hand = format!("install the Debian packages {} (or their like) and run again", packages.join(" "));
    if find_program("apt-get").is_none() {
        return Err(format!("{names} missing, and this machine has no apt-get: {by_hand}"));
    }
    println!("set-up: {names}: missing");
    let failed = |message: String| format!("{message}; {by_hand}");
    // A stale list of packages asks mirrors for versions they no longer have.
    run(apt_get()?.args(["-qq", "update"])).map_err(failed)?;
    run(apt_get()?.args(["-qq", "install", "-y", "--no-install-recommends"]).args(packages)).map_err(failed)?;
    Ok(by_hand)
}

/// The interpreter of a Python that has numpy: the one on PATH, or else Debian's own.
pub(crate) fn python_with_numpy() -> Result<&'static str, String> {
    let found = || {
        let has_numpy = |python: &&str| answer(Command::new(python).args(["-c", "import numpy"])).is_ok();
        [PYTHON.program, "/usr/bin/python3"].into_iter().find(has_numpy)
    };
    if let Some(python) = found() {
        println!("set-up: numpy: present");
        return Ok(python);
    }
    let by_hand = install("numpy", &["python3", "python3-numpy"])?;
    found().ok_or_else(|| format!("python3 still has no numpy; {by_hand}"))
}

/// apt-get with the rights it needs; asks for a password only where someone can type one.
fn apt_get() -> Result<Command, String> {
    const QUIETLY: &str = "DEBIAN_FRONTEND=noninteractive";
    if answer(Command::new("id").arg("-u"))? == "0" {
        let mut command = Command::new("env");
        command.args([QUIETLY, "apt-get"]);
        return Ok(command);
    }
    if find_program("sudo").is_none() {
        return Err("apt-get needs root, and this machine has no sudo: run `cargo xtask` as root once, \
                    or have the packages installed"
            .to_owned());
    }
    let mut command = Command::new("sudo");
    if !std::io::stdin().is_terminal() {
        command.arg("-n");
    }
    command.args(["env", QUIETLY, "apt-get"]);
    Ok(command)
}

/// Adds rustfmt and clippy, which rustup's minimal profile leaves out.
pub(crate) fn rust_components() -> Result<(), String> {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if answer(cargo().args([subcommand, "--version"])).is_ok() {
            println!("set-up: {component}: present");
            continue;
        }
        rustup(&["component", "add", component])?;
    }
    Ok(())
}

/// Adds the standard library for WebAssembly.
pub(crate) fn wasm_target() -> Result<(), String> {
    if has_wasm_target() {
        println!("set-up: {WASM_TARGET}: present");
        return Ok(());
    }
    rustup(&["target", "add", WASM_TARGET])?;
    if has_wasm_target() {
        return Ok(());
    }
    Err(format!("rustup added {WASM_TARGET}, but not to the compiler that cargo uses; see `rustup show`"))
}

/// Not by what rustup lists: a compiler from elsewhere has the target too if its library is there.
fn has_wasm_target() -> bool {
    answer(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]))
        .is_ok_and(|folder| Path::new(&folder).is_dir())
}

/// A Python environment in `folder` with what each call of pip in `installs` is given; its interpreter.
///
/// What was installed is written down in it, and done again where it is to be something else.
pub(crate) fn venv(folder: &str, installs: &[&[&str]]) -> Result<PathBuf, String> {
    let python = Path::new(folder).join("bin/python");
    let stamp = Path::new(folder).join("installed");
    let wanted = installs.iter().map(|install| install.join(" ")).collect::<Vec<_>>().join("\n");
    if python.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("set-up: {folder}: present");
        return Ok(python);
    }
    tools(&[PYTHON])?;
    run(Command::new(PYTHON.program).args(["-m", "venv", "--clear", folder]))
        .map_err(|message| format!("{message}; install the Debian package python3-venv (or its like) and run again"))?;
    for install in installs {
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(*install))
        .map_err(|message| format!("{message}; it needs a package index: see `pip config list`"))?;
    }
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(python)
}

fn rustup(args: &[&str]) -> Result<(), String> {
    let wanted = args.last().copied().unwrap_or_default();
    if find_program("rustup").is_none() {
        return Err(format!(
            "{wanted} is missing, and there is no rustup to add it: install Rust by https://rustup.rs, \
             or your distribution's package for {wanted}"
        ));
    }
    run(Command::new("rustup").args(args)).map_err(|message| {
        format!(
            "{message}; {wanted} must come from where your Rust came from: see `rustup show` and its network settings"
        )
    })
}
