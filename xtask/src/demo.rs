//! `cargo xtask demo`: from a bare machine to a film one can watch.

use std::path::Path;
use std::process::Command;

use crate::process::{cargo, run};
use crate::setup::{self, FFMPEG, FFPROBE};

const FOLDER: &str = "target/demo";

/// Sets up, builds, renders the demo film, and says what to open.
pub(crate) fn demo() -> Result<(), String> {
    setup::tools(&[FFMPEG, FFPROBE])?;
    run(cargo().args(["build", "--release", "--package", "auricle-cli"]))?;
    run(Command::new("target/release/auricle").args(["demo", FOLDER, "--force"]))?;
    let folder = std::env::current_dir().map_err(|error| error.to_string())?.join(FOLDER);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    files.sort();
    println!("\nOpen, in {}:", folder.display());
    let mut told = 0;
    for (ending, what) in [
        (".mp4", "a film"),
        (".report.html", "the report: what happens to the sound, drawn; open it in a browser"),
        (".pov.vtt", "captions that follow whose ears we are in"),
        (".toml", "the cue sheet or listener: change it and render again"),
    ] {
        for name in files.iter().filter_map(|file| file.file_name()?.to_str()).filter(|name| name.ends_with(ending)) {
            println!("  {name:28} {what}");
            told += 1;
        }
    }
    if told == 0 { Err(format!("the demo left nothing to open in {}", Path::new(FOLDER).display())) } else { Ok(()) }
}
