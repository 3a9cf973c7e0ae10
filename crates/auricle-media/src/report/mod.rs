//! The report of a render: what was done to the sound, so that it can be seen, and everything needed
//! to render it again.
//!
//! [`Recorder`] listens in while the render runs and hands back [`Measurements`]; [`write`] makes one
//! HTML file of them and of what is known of the render ([`InputForReport`]).

use std::path::Path;

mod audiogram;
mod change;
mod clock;
mod colour;
mod columns;
mod input;
mod listeners;
mod loudness;
mod measurements;
mod page;
mod picture;
mod recorder;
mod reduce;
mod sections;
mod spectra;
mod tables;
mod text;
mod timeline;
mod true_peak;
mod words;

pub use audiogram::{AudiogramOptions, Ears, audiogram_svg};
pub use input::{FileFacts, FileText, InputForReport, ReportListener, SoundFacts};
pub use measurements::{Measurements, OCTAVES_HZ, Peak, SectionLevels, SideLevels, SpanLevels, Spectrogram, Waveform};
pub use page::{render_html, write};
pub use recorder::{Recorder, RecorderConfig};

/// Writes a file beside its place, syncs it and renames it over `path`.
pub(crate) fn write_beside(
    path: &Path,
    write: impl FnOnce(&mut std::fs::File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As any file the user makes: the umask takes off what it takes off.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(".auricle-").suffix(".tmp").tempfile_in(folder)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
