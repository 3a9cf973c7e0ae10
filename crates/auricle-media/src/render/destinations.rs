//! The files a render puts in place: the film or sound, `NAME.report.html` and `NAME.pov.vtt`.

use std::path::{Path, PathBuf};

use super::job::RenderJob;
use super::script::Script;
use crate::atomic::PendingOutput;
use crate::error::{MediaError, Result};

/// The outputs of a render, none of them in place yet; dropped, all are gone.
pub(super) struct Destinations {
    /// The film or sound.
    pub(super) media: PendingOutput,
    /// The report.
    pub(super) report: Option<PendingOutput>,
    /// The captions.
    pub(super) captions: Option<PendingOutput>,
}

impl Destinations {
    /// Makes sure that every output of `job` can be written, before any work is done.
    ///
    /// # Errors
    /// As for [`PendingOutput::create`].
    pub(super) fn create(job: &RenderJob, script: &Script) -> Result<Self> {
        let mut inputs: Vec<&Path> = vec![&job.input];
        inputs.extend(script.files.iter().map(|file| file.path.as_path()));
        inputs.extend(job.captions.as_deref());
        let pending = |path: &Path| PendingOutput::create(path, &inputs, job.force);
        let beside = |wanted: bool, ending: &str| wanted.then(|| pending(&beside(&job.output, ending))).transpose();
        Ok(Self {
            media: pending(&job.output)?,
            report: beside(job.write_report, "report.html")?,
            captions: beside(job.write_captions, "pov.vtt")?,
        })
    }

    /// `error` with the output called by the name the user gave it.
    pub(super) fn named(&self, error: MediaError) -> MediaError {
        let (hidden, output) = (self.media.path(), self.media.destination());
        let renamed = |path: PathBuf| if path == hidden { output.to_owned() } else { path };
        match error {
            MediaError::Io { path, doing, source } => MediaError::Io { path: renamed(path), doing, source },
            MediaError::Broken { path, message } => MediaError::Broken { path: renamed(path), message },
            MediaError::Verification { path, message } => MediaError::Verification { path: renamed(path), message },
            MediaError::Tool { program, message } => {
                let [hidden, output] = [hidden, output].map(|path| path.display().to_string());
                MediaError::Tool { program, message: message.replace(&hidden, &output) }
            }
            other => other,
        }
    }

    /// Puts all of them in place, the film or sound last: where it stands, the others do.
    ///
    /// # Errors
    /// As for [`PendingOutput::commit`].
    pub(super) fn commit(self) -> Result<()> {
        for pending in [self.captions, self.report, Some(self.media)].into_iter().flatten() {
            pending.commit()?;
        }
        Ok(())
    }
}

/// `folder/NAME.ext` to `folder/NAME.ending`.
fn beside(output: &Path, ending: &str) -> PathBuf {
    let mut name = output.file_stem().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    output.with_file_name(name)
}
