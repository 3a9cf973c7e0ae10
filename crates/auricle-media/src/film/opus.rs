//! Opus in Matroska and WebM: a fault of some ffmpeg versions, found by trying and made good.
//!
//! An Opus track begins with a few milliseconds to be dropped (RFC 7845, pre-skip). Matroska names them
//! (CodecDelay) and a reader takes them off each time stamp, so a writer has to put them on. ffmpeg
//! 5.1 does not: every Opus track it writes or copies comes out that much too early (7 ms for
//! libopus, in Matroska's milliseconds). Which versions do is tried out on a moment of silence, not
//! looked up.

use super::codec::Codec;
use super::plan::{FilmPlan, PlannedStream, Treatment};
use crate::error::{MediaError, Result};
use crate::probe::{StreamKind, first_sample_secs, probe_with};
use crate::tools::{Tools, file_argument, quiet_command, run};

/// What makes Opus tracks start where they should.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct OpusRepair {
    /// Silence to put before a new track, in seconds.
    pub(crate) lead_secs: f64,
    /// Copied tracks to be stamped later: output audio track from 0, seconds.
    pub(crate) copied: Vec<(usize, f64)>,
}

/// What is to be done for the Opus tracks of a plan.
pub(super) fn repair(plan: &FilmPlan) -> Result<OpusRepair> {
    let mut repair = OpusRepair::default();
    let opus = plan.streams.iter().filter(|s| s.kind == StreamKind::Audio).enumerate();
    let opus: Vec<_> = opus.filter(|(_, s)| s.codec == Codec::Opus.probed_name()).collect();
    let suspect = plan.container.is_matroska_family();
    // With no picture and no other sound there is nothing to be early against: the track begins with its file.
    let beside =
        |s: &PlannedStream| s.treatment == Treatment::Copy && matches!(s.kind, StreamKind::Audio | StreamKind::Video);
    let alone = !plan.streams.iter().any(beside);
    if !suspect || opus.is_empty() || alone {
        return Ok(repair);
    }
    let early_secs = early_secs(&plan.tools)?;
    if early_secs <= 0.0 {
        return Ok(repair);
    }
    for (number, planned) in opus {
        if planned.treatment == Treatment::Pov {
            repair.lead_secs = early_secs;
            continue;
        }
        let Some(stream) = plan.source.streams.iter().find(|s| Some(s.index) == planned.source) else { continue };
        // The time of the first packet against that of the first sample kept.
        let first = first_sample_secs(&plan.tools, &plan.source.path, stream)?;
        if let Some((first, start)) = first.zip(stream.start_secs).filter(|(first, start)| first > start) {
            repair.copied.push((number, first - start));
        }
    }
    Ok(repair)
}

/// How much too early this ffmpeg writes Opus into Matroska; 0 where it has no Opus encoder.
fn early_secs(tools: &Tools) -> Result<f64> {
    if tools.encoders(&["libopus"])?.is_empty() {
        return Ok(0.0);
    }
    let trial = tempfile::Builder::new().prefix("auricle-").suffix(".mkv").tempfile();
    let trial = trial.map_err(|source| MediaError::Io {
        path: std::env::temp_dir(),
        doing: "cannot create a file in this folder",
        source,
    })?;
    let mut command = quiet_command(&tools.ffmpeg);
    command.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "0.2"]);
    command.args(["-map", "0", "-map", "0", "-c:a:0", "libopus", "-c:a:1", "pcm_s16le", "-f", "matroska", "-y"]);
    run("ffmpeg", command.arg(file_argument(trial.path())))?;
    let info = probe_with(tools, trial.path())?;
    let start = |track| first_sample_secs(tools, trial.path(), info.track(Some(track))?);
    Ok(start(2)?.zip(start(1)?).map_or(0.0, |(pcm, opus)| (pcm - opus).max(0.0)))
}
