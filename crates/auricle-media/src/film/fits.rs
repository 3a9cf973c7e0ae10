//! Whether the output's container can hold the pictures and sounds that are copied into it.

use std::path::Path;
use std::process::Stdio;

use super::codec::FilmContainer;
use super::plan::{FilmPlan, Treatment};
use crate::error::{MediaError, Result};
use crate::probe::{Stream, StreamKind, probe_with};
use crate::tools::{Running, file_argument, quiet_command};

/// What WebM holds (WebM Container Guidelines, "Supported codecs").
const WEBM: [&str; 5] = ["vp8", "vp9", "av1", "vorbis", "opus"];

/// What ffmpeg's writers of MP4 and QuickTime say of a codec that they have no place for.
const REFUSALS: [&str; 4] = [
    "not currently supported in container",
    "muxing is currently not supported",
    "only supported in",
    "not supported in",
];

/// Refuses what cannot be copied, before anything is rendered; says what to do.
///
/// # Errors
/// [`MediaError::Usage`] that names the stream; ffmpeg cannot be started.
pub(super) fn check(plan: &FilmPlan, destination: &Path) -> Result<()> {
    for planned in plan.streams.iter().filter(|s| s.treatment == Treatment::Copy) {
        let source = plan.source.streams.iter().find(|s| Some(s.index) == planned.source);
        let Some(stream) = source.filter(|s| s.is_film_picture() || s.kind == StreamKind::Audio) else { continue };
        let fits = match plan.container {
            FilmContainer::WebM => WEBM.contains(&stream.codec.as_str()),
            // Matroska has a place for whatever ffmpeg reads.
            FilmContainer::Matroska | FilmContainer::Mka => true,
            // What MP4 and QuickTime take grows with ffmpeg's versions: this one is asked.
            FilmContainer::Mp4 | FilmContainer::M4a | FilmContainer::Mov => is_taken(plan, stream)?,
        };
        if !fits {
            return Err(refusal(plan, stream, destination));
        }
    }
    Ok(())
}

/// Whether ffmpeg begins a file of the output's kind with the stream: nothing but its beginning is made.
fn is_taken(plan: &FilmPlan, stream: &Stream) -> Result<bool> {
    let mut command = quiet_command(&plan.tools.ffmpeg);
    command.args(["-nostdin", "-v", "error", "-i"]).arg(file_argument(&plan.source.path));
    command.args(["-map", &format!("0:{}", stream.index), "-c", "copy", "-t", "0", "-strict", "experimental"]);
    let trial = tempfile::Builder::new().prefix("auricle-").suffix(".mp4").tempfile();
    let trial = trial.map_err(|source| MediaError::Io {
        path: std::env::temp_dir(),
        doing: "cannot create a file in this folder",
        source,
    })?;
    // An index that stands first is written though no packet is.
    command.args(["-movflags", "+empty_moov", "-f", plan.container.muxer(), "-y"]).arg(file_argument(trial.path()));
    let mut running = Running::start("ffmpeg", command.stdout(Stdio::null()))?;
    running.wait()?;
    // Whatever else it may have to say of a file without packets does not matter here.
    let said = running.said();
    if REFUSALS.iter().any(|words| said.contains(words)) {
        return Ok(false);
    }
    // Some are written under names that nobody reads: WMA in QuickTime. Others need a packet to begin.
    let read = probe_with(&plan.tools, trial.path()).ok();
    Ok(read
        .is_none_or(|info| info.streams.first().is_none_or(|read| !read.codec.is_empty() || stream.codec.is_empty())))
}

fn refusal(plan: &FilmPlan, stream: &Stream, destination: &Path) -> MediaError {
    let name = destination.display();
    let what = if stream.kind == StreamKind::Audio { "sound" } else { "picture" };
    let codec = if stream.codec.is_empty() { "an unknown codec" } else { &stream.codec };
    let instead = if plan.container == FilmContainer::WebM { ".mkv or .mp4" } else { ".mkv" };
    let or = if stream.index == plan.listened { ", or leave the original sound out (--tracks pov)" } else { "" };
    MediaError::Usage(format!(
        "{name}: {} cannot hold the film's {what} (stream {}, {codec}), which is copied as it is; give the output a name \
         that ends in {instead}{or}",
        plan.container.described(),
        stream.index
    ))
}
