//! The report of a render: what was done to the sound, so that it can be seen, and everything needed
//! to render it again.
//!
//! [`Recorder`] listens in while the render runs and hands back [`Measurements`].

use std::path::Path;

mod columns;
mod input;
mod loudness;
mod measurements;
mod recorder;
mod reduce;
mod sections;
mod spectra;
mod true_peak;

pub use input::{FileFacts, FileText, InputForReport, ReportListener, SoundFacts};
pub use measurements::{
    Measurements, OCTAVES_HZ, Peak, SectionLevels, SideLevels, SpanLevels, Spectrogram, Waveform,
};
pub use recorder::{Recorder, RecorderConfig};

/// Writes a file beside its place, syncs it and renames it over `path`.
pub(crate) fn write_beside(
    path: &Path,
    write: impl FnOnce(&mut std::fs::File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As any file the user makes: the umask takes off what it takes off.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder
        .prefix(".auricle-")
        .suffix(".tmp")
        .tempfile_in(folder)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
