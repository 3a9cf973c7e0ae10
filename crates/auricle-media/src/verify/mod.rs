//! After writing: is it what it should be?
//!
//! The output is read back before it is put in place. Checked are its streams, the packets of every
//! copied stream, the new track's length, and where the new track stands: in lossless codecs every
//! sample against what was rendered, and outside sections against the source; in lossy ones the lag of
//! best agreement, which has to be 0.

mod correlate;
mod record;
mod sound;
mod streams;

use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use crate::error::{MediaError, Result};
use crate::film::FilmPlan;
use crate::probe::{MediaInfo, probe_with};
use crate::tools::Tools;

pub use record::{RenderRecord, Stored};

/// What an output is held against.
#[derive(Debug, Clone)]
pub struct Verifier<'a> {
    /// The programs to use.
    pub tools: &'a Tools,
    /// The file the sound was taken from.
    pub source: &'a MediaInfo,
    /// Which of its audio tracks, as for [`open_audio`](crate::open_audio).
    pub track: Option<usize>,
    /// What was handed to the writer, what comes before the first picture included.
    pub record: &'a RenderRecord,
    /// Where what was handed to the writer is the source's own sound, in samples: outside sections
    /// without their fades. Empty where there are none, or where the layout was changed.
    pub outside: &'a [Range<u64>],
    /// Set from elsewhere to call the check off.
    pub cancel: Option<&'a AtomicBool>,
}

/// What was checked, and found right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifyReport {
    /// Streams whose packets are the source's, bit for bit.
    pub identical_streams: usize,
    /// Length of the new track, in samples.
    pub length_samples: u64,
    /// Whether every sample was compared with what was rendered.
    pub every_sample: bool,
    /// Outside samples per channel that are exactly the source's; `None` for lossy codecs.
    pub exact_outside_samples: Option<u64>,
    /// Lag of the new track against what was rendered, and, outside, against the source, in samples;
    /// `None` where every window was silent.
    pub offset_samples: Option<i64>,
    /// Windows the lag was measured on.
    pub windows: usize,
}

impl Verifier<'_> {
    /// Checks a film.
    ///
    /// # Errors
    /// [`MediaError::Verification`] names the check that failed and by how much.
    pub fn film(&self, plan: &FilmPlan, written: &Path) -> Result<VerifyReport> {
        let info = read_back(self.tools, written)?;
        streams::check_streams(plan, &info)?;
        let identical_streams = streams::check_packets(plan, &info)?;
        let mut report = sound::check(self, &info, Some(plan), plan.codec().is_lossless())?;
        report.identical_streams = identical_streams;
        Ok(report)
    }

    /// Checks a sound file.
    ///
    /// # Errors
    /// As for [`film`](Self::film).
    pub fn sound(&self, written: &Path) -> Result<VerifyReport> {
        let info = read_back(self.tools, written)?;
        sound::check(self, &info, None, true)
    }
}

/// What is in the file that was written.
fn read_back(tools: &Tools, written: &Path) -> Result<MediaInfo> {
    probe_with(tools, written).map_err(|error| match error {
        MediaError::Io { source, .. } if source.kind() == ErrorKind::NotFound => MediaError::Broken {
            path: written.to_owned(),
            message:
                "was removed while it was being made, or the folder it was made in was; make the folder again, and \
                      render again"
                    .to_owned(),
        },
        error => failed(written, format!("it cannot be read back: {error}")),
    })
}

fn failed(path: &Path, message: String) -> MediaError {
    MediaError::Verification { path: path.to_owned(), message }
}
