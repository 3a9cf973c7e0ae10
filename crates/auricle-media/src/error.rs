//! What can go wrong with media, and what to do about it.

use std::io::ErrorKind;
use std::path::PathBuf;

/// Why a film or sound could not be read, written or rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// A file could not be opened, read, created, written or renamed.
    #[error("{}: {doing}: {source}{}", path.display(), advice(doing, source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: "cannot open".
        doing: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {message}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        message: String,
    },
    /// Files the user wrote have faults; all of them are told.
    #[error("{0}")]
    Faults(#[from] auricle::fault::Faults),
    /// The user asked for something that cannot be done.
    #[error("{0}")]
    Usage(String),
    /// ffmpeg or ffprobe is missing, too old, or failed.
    #[error("{program}: {message}")]
    Tool {
        /// "ffmpeg" or "ffprobe".
        program: &'static str,
        /// What it said, and what to do.
        message: String,
    },
    /// What was written is not what should have been; nothing was put in place.
    #[error("{}: verification failed: {message}", path.display())]
    Verification {
        /// The output.
        path: PathBuf,
        /// Which check, and by how much.
        message: String,
    },
    /// The work was called off.
    #[error("cancelled; nothing was written")]
    Cancelled,
}

/// Result of this crate's calls.
pub type Result<T, E = MediaError> = std::result::Result<T, E>;

/// What to do about a failure of the system, as the end of a message; empty where nothing can be said.
fn advice(doing: &str, error: &std::io::Error) -> &'static str {
    let reading = ["cannot open", "cannot read", "cannot read captions"].contains(&doing);
    match error.kind() {
        ErrorKind::NotFound if reading => "; check the name, and the folder it is looked for in",
        ErrorKind::NotFound => "; was its folder removed meanwhile? Make it again, or write elsewhere",
        ErrorKind::PermissionDenied if reading => {
            "; give yourself the right to read it (chmod u+r), or have its owner do so"
        }
        ErrorKind::PermissionDenied => {
            "; write to another folder, or give yourself the right to write here (chmod u+w)"
        }
        ErrorKind::ReadOnlyFilesystem => "; nothing can be written here, so write elsewhere",
        ErrorKind::StorageFull => "; free some space, or write elsewhere",
        ErrorKind::QuotaExceeded => "; free some of your quota, or write elsewhere",
        ErrorKind::FileTooLarge => "; raise the limit on the size of files (ulimit -f), or write elsewhere",
        _ => "",
    }
}
