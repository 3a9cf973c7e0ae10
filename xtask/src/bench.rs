//! `cargo xtask bench`: how fast, beside what could be reached at best on the same machine.
//!
//! Medians of several runs and ratios taken within one run, the two sides in turn, because a shared
//! machine's speed drifts. Nothing here passes or fails.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{cargo, run, shown};
use crate::setup::{self, FFMPEG, FFPROBE};
use crate::stats::{Spread, spread};
use crate::wasm;

const FOLDER: &str = "target/bench";
const AURICLE: &str = "target/release/auricle";
const ROUNDS: usize = 5;
/// Wall time of a render over that of ffmpeg's own work, at most.
const GOAL_RATIO: f64 = 2.5;
/// Peak memory of a render, at most.
const GOAL_MIB: f64 = 200.0;

/// Runs the parts named, or all.
pub(crate) fn bench(parts: &[&str]) -> Result<(), String> {
    if let Some(unknown) = parts.iter().find(|part| !["chain", "implant", "percept", "wasm", "render"].contains(part)) {
        return Err(format!(
            "no part of bench is called {unknown:?}; there are chain, implant, percept, wasm and render"
        ));
    }
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    setup::tools(&[FFMPEG, FFPROBE])?;
    println!("processor: {}", processor());
    if wanted("chain") {
        run(cargo().args(["bench", "--package", "auricle", "--bench", "chain"]))?;
    }
    if wanted("implant") {
        run(cargo().args(["bench", "--package", "auricle", "--bench", "implant"]))?;
        run(cargo().args(["bench", "--package", "auricle", "--bench", "implant_sound"]))?;
    }
    if wanted("percept") {
        run(cargo().args(["bench", "--package", "auricle", "--bench", "percept"]))?;
    }
    if wanted("wasm") {
        wasm::build()?;
        run(Command::new("node").arg("crates/auricle/tests/wasm_face/bench.mjs").arg(wasm::BUILT))?;
    }
    if wanted("render") {
        run(cargo().args(["build", "--release", "--package", "auricle-cli"]))?;
        std::fs::create_dir_all(FOLDER).map_err(|error| format!("{FOLDER}: {error}"))?;
        render("180 s of 720p, stereo 48 kHz, generated", &generated_film()?)?;
        let trailer = Path::new("../shared/media/video/sintel_trailer_52s.mp4");
        if trailer.is_file() {
            render("trailer of Sintel, 52 s, stereo 44.1 kHz", trailer)?;
        } else {
            println!("real recordings: not present, generated film only");
        }
    }
    Ok(())
}

fn processor() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        info.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(": ")).map(|(_, value)| value)
    };
    let widest = ["avx512f", "avx2", "avx", "asimd"]
        .into_iter()
        .find(|flag| field("flags").or(field("Features")).is_some_and(|flags| flags.split(' ').any(|f| f == *flag)));
    format!("{}, {cores} cores, {}", field("model name").unwrap_or("unknown"), widest.unwrap_or("baseline vectors"))
}

/// Three minutes with a moving picture and noise that comes and goes, so that no stage can rest.
fn generated_film() -> Result<PathBuf, String> {
    let film = Path::new(FOLDER).join("film.mp4");
    if film.is_file() {
        return Ok(film);
    }
    let part = Path::new(FOLDER).join("film.part.mp4");
    run(Command::new("ffmpeg")
        .args(["-y", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=180"])
        .args(["-f", "lavfi", "-i", "anoisesrc=color=pink:sample_rate=48000:amplitude=0.3:seed=1:duration=180"])
        .args(["-f", "lavfi", "-i", "anoisesrc=color=pink:sample_rate=48000:amplitude=0.3:seed=2:duration=180"])
        .args(["-filter_complex", "[1:a][2:a]join=inputs=2:channel_layout=stereo,tremolo=f=4:d=0.8[a]"])
        .args(["-map", "0:v", "-map", "[a]", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"])
        .args(["-c:a", "aac", "-b:a", "192k"])
        .arg(&part))?;
    std::fs::rename(&part, &film).map_err(|error| format!("{}: {error}", film.display()))?;
    Ok(film)
}

/// One film through auricle and through ffmpeg, in turn.
fn render(what: &str, film: &Path) -> Result<(), String> {
    println!("\nrender: {what}; inside a preset:N3 from beginning to end, report and captions included");
    let (heard, floor) = (Path::new(FOLDER).join("heard.mp4"), Path::new(FOLDER).join("floor.mp4"));
    let auricle = || {
        let mut command = Command::new(AURICLE);
        command.arg("render").arg(film).args(["--listener", "preset:N3", "--force", "--quiet", "-o"]).arg(&heard);
        command
    };
    let ffmpeg = || {
        let mut command = Command::new("ffmpeg");
        command.args(["-y", "-v", "error", "-i"]).arg(film);
        command.args(["-map", "0:v", "-map", "0:a", "-c:v", "copy", "-c:a", "aac", "-b:a", "256k"]).arg(&floor);
        command
    };
    // What an encoder of AAC takes depends on the sound: the same work on what is heard, encoded as a render does.
    let same_sound = || {
        let mut command = Command::new("ffmpeg");
        command.args(["-y", "-v", "error", "-i"]).arg(film).arg("-i").arg(&heard);
        command.args(["-map", "0:v", "-map", "1:a:0", "-c:v", "copy", "-c:a", "aac", "-aac_pns", "0", "-b:a", "256k"]);
        command.arg(&floor);
        command
    };
    println!("  A  {}\n  B  {}\n  C  {}", shown(&auricle()), shown(&ffmpeg()), shown(&same_sound()));
    let (mut ours, mut theirs, mut ratios, mut memory) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut same, mut same_ratios) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let a = timed(&mut auricle())?;
        let b = timed(&mut ffmpeg())?;
        let c = timed(&mut same_sound())?;
        same.push(c.secs);
        same_ratios.push(a.secs / c.secs);
        ours.push(a.secs);
        theirs.push(b.secs);
        ratios.push(a.secs / b.secs);
        memory.extend(a.peak_mib);
    }
    let row = |name: &str, values: &[f64], unit: &str| {
        if let Some(Spread { min, median, max }) = spread(values) {
            println!("  {name:34} min {min:8.2}  median {median:8.2}  max {max:8.2} {unit}");
        }
    };
    row("A  auricle render", &ours, "s");
    row("B  ffmpeg decode, AAC, mux (floor)", &theirs, "s");
    row("C  the same of what is heard", &same, "s");
    row("A / B, in each round", &ratios, &format!("x (goal: at most {GOAL_RATIO})"));
    row("A / C, in each round", &same_ratios, "x");
    row("peak memory of auricle itself", &memory, &format!("MiB (goal: under {GOAL_MIB})"));
    Ok(())
}

struct Timed {
    secs: f64,
    /// `None` where the system does not tell.
    peak_mib: Option<f64>,
}

fn timed(command: &mut Command) -> Result<Timed, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", shown(command));
    let began = Instant::now();
    // Only stdin and stdout are taken, so that what goes wrong is seen.
    let mut child = Command::new(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let mut peak_mib = None;
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            let secs = began.elapsed().as_secs_f64();
            return if status.success() {
                Ok(Timed { secs, peak_mib })
            } else {
                Err(format!("`{}` failed ({status})", shown(command)))
            };
        }
        peak_mib = resident_peak_mib(child.id()).or(peak_mib);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The high-water mark of one process, without its children.
fn resident_peak_mib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
