//! `auricle demo`: the program makes a film of its own, and renders it through the drummer's ears
//! like any user's film.

mod film;
mod picture;
mod plan;
mod rng;
mod score;
mod sheet;
mod sound;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The one demo film: another seed would play, cheer and stand in the crowd a little differently.
const SEED: u64 = 7;

/// What was made, by path.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// The film as everyone hears it.
    pub(crate) film: PathBuf,
    /// Its cue sheet.
    pub(crate) cues: PathBuf,
    /// Where its render belongs.
    pub(crate) heard: PathBuf,
}

/// How far the making is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    /// The band plays.
    Sound,
    /// Of so many frames, so many are drawn.
    Picture {
        /// Drawn.
        done: u32,
        /// Of.
        of: u32,
    },
}

/// Makes the film and its cue sheet in `folder`; `tell` hears of each step and answers whether to go on.
///
/// Everything is made in a folder of its own inside `folder` and moved into place when whole.
///
/// # Errors
/// ffmpeg is missing or fails; `folder` cannot be written; a file exists and `force` is not set; the
/// work was called off.
pub(crate) fn make(folder: &Path, force: bool, tell: &mut dyn FnMut(Step) -> bool) -> anyhow::Result<Made> {
    let made = Made {
        film: folder.join("film.mp4"),
        cues: folder.join("demo.cues.toml"),
        heard: folder.join("heard.mp4"),
    };
    if !force {
        for path in [&made.film, &made.cues, &made.heard] {
            if path.exists() {
                bail!("{}: exists already; choose another folder, or --force to replace it", path.display());
            }
        }
    }
    film::check_ffmpeg()?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{}: cannot make this folder; choose another", folder.display()))?;
    let work = tempfile::Builder::new()
        .prefix(".auricle-demo-")
        .tempdir_in(folder)
        .with_context(|| format!("{}: cannot write here; choose another folder", folder.display()))?;
    if !tell(Step::Sound) {
        bail!("cancelled; nothing was written");
    }
    let score = score::Score::new(SEED);
    let mix = sound::film(&score, SEED);
    let painter = picture::Painter::new(&score, &mix, SEED).context("no memory for the picture")?;
    film::write(work.path(), &painter, &mix, &mut |done| tell(Step::Picture { done, of: plan::FRAMES }))?;
    let cues = work.path().join("demo.cues.toml");
    std::fs::write(&cues, sheet::cue_sheet(SEED)).with_context(|| format!("{}: cannot write", cues.display()))?;
    for (from, to) in [(work.path().join("film.mp4"), &made.film), (cues, &made.cues)] {
        settle(&from).and_then(|()| std::fs::rename(&from, to)).with_context(|| format!("{}: cannot write", to.display()))?;
    }
    Ok(made)
}

/// Waits until a file is on the disk.
fn settle(path: &Path) -> std::io::Result<()> {
    std::fs::File::open(path)?.sync_all()
}
