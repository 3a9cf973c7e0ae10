//! `auricle demo`: the program makes a film of its own, and renders it through the drummer's ears
//! like any user's film.

mod film;
mod hear;
mod picture;
mod plan;
mod rng;
mod score;
mod sheet;
mod sound;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use auricle_media::render::RenderJob;

use crate::args::DemoArgs;
use crate::failure::Failure;
use crate::render::{called_off, listen_to_signals, render_job};
use crate::talk::{Talk, print, print_json, say};

/// The one demo film: another seed would play, cheer and stand in the crowd a little differently.
const SEED: u64 = 7;

/// Time between two lines of progress into a pipe.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Makes the film and its cue sheet, and renders it.
pub(crate) fn run(args: &DemoArgs) -> Result<(), Failure> {
    let mut talk = Talk::new(args.talk);
    listen_to_signals()?;
    let made = make(&args.dir, args.force, &mut talk)?;
    let job = RenderJob { cues: Some(made.cues.clone()), force: args.force, ..RenderJob::new(&made.film, &made.heard) };
    render_job(&job, &mut talk)?;
    if talk.is_for_people() {
        print(&format!(
            "\nOpen {} and watch the banner: amber is outside, what everyone hears; teal is inside, what the drummer\n\
             hears. {} is the same film before. Change {} and render again:\n  auricle render {} --cues {} -o {} --force\n",
            made.heard.display(),
            made.film.display(),
            made.cues.display(),
            made.film.display(),
            made.cues.display(),
            made.heard.display(),
        ));
    }
    Ok(())
}

/// What was made, by path.
struct Made {
    /// The film as everyone hears it.
    film: PathBuf,
    /// Its cue sheet.
    cues: PathBuf,
    /// Where its render belongs.
    heard: PathBuf,
}

/// Makes the film and its cue sheet in `folder`: in a folder of its own inside it, moved into place when whole.
fn make(folder: &Path, force: bool, talk: &mut Talk) -> Result<Made, Failure> {
    let made =
        Made { film: folder.join("film.mp4"), cues: folder.join("demo.cues.toml"), heard: folder.join("heard.mp4") };
    let beside = ["heard.report.html", "heard.pov.vtt"].map(|name| folder.join(name));
    if !force && let Some(path) = [&made.film, &made.cues, &made.heard].into_iter().chain(&beside).find(|p| p.exists())
    {
        return Err(Failure::Usage(format!(
            "{}: exists already; choose another folder, or --force to replace it",
            path.display()
        )));
    }
    film::check_ffmpeg()?;
    let another = |error: std::io::Error| {
        Failure::Failed(format!("{}: cannot write in this folder; choose another: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(another)?;
    let work = tempfile::Builder::new().prefix(".auricle-demo-").tempdir_in(folder).map_err(another)?;
    let mut pace = Pace::new(talk);
    pace.step("the band plays", 0);
    let score = score::Score::new(SEED);
    let mix = sound::film(&score, SEED);
    let cue_sheet = sheet::cue_sheet(SEED);
    let heard = hear::hear(&mix, &cue_sheet)?;
    let painter = picture::Painter::new(&score, &mix, &heard, SEED)
        .ok_or_else(|| Failure::Failed("there is not enough memory for the picture".to_owned()))?;
    film::write(work.path(), &painter, &mix, plan::FRAMES, &mut |done| {
        pace.step("drawing", done);
        !called_off()
    })?;
    pace.talk.end();
    let cues = work.path().join("demo.cues.toml");
    film::put(&cues, cue_sheet.as_bytes())?;
    for (from, to) in [(work.path().join("film.mp4"), &made.film), (cues, &made.cues)] {
        std::fs::File::open(&from)
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&from, to))
            .map_err(|error| Failure::Failed(format!("{}: cannot put this in place: {error}", to.display())))?;
    }
    Ok(made)
}

/// Says how far the making is, in the way the user chose.
struct Pace<'a> {
    talk: &'a mut Talk,
    said: Option<Instant>,
}

impl<'a> Pace<'a> {
    fn new(talk: &'a mut Talk) -> Self {
        Self { talk, said: None }
    }

    /// `doing` has reached this frame.
    fn step(&mut self, doing: &'static str, frame: u32) {
        let due = frame == 0 || self.said.is_none_or(|at| at.elapsed() >= LINE_EVERY);
        match self.talk {
            Talk::Bar(bar) => {
                bar.set_length(u64::from(plan::FRAMES));
                bar.set_position(u64::from(frame));
                bar.set_prefix(doing);
            }
            Talk::Lines(_) if due => say(&format!("{doing}: frame {frame} of {}", plan::FRAMES)),
            Talk::Json(_) if due => {
                print_json(
                    "progress",
                    &serde_json::json!({ "stage": doing, "done_frames": frame, "total_frames": plan::FRAMES }),
                );
            }
            Talk::Lines(_) | Talk::Json(_) | Talk::Quiet => {}
        }
        if due {
            self.said = Some(Instant::now());
        }
    }
}
