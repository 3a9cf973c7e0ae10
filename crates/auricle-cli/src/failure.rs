//! How a command that did not do what it was asked for ends.

use std::process::ExitCode;

use auricle_media::MediaError;

use crate::talk::say;

/// Why a command ends without success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line asks for something that cannot be done: exit code 2.
    Usage(String),
    /// It was tried and failed: exit code 1.
    Failed(String),
    /// As `Failed`, and everything has been said already.
    Said,
    /// Called off with Ctrl-C: exit code 130.
    Cancelled,
}

impl Failure {
    /// Says on standard error what went wrong, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Usage(message) => {
                say(&format!("error: {message}"));
                ExitCode::from(2)
            }
            Self::Failed(message) => {
                say(&format!("error: {message}"));
                ExitCode::from(1)
            }
            Self::Said => ExitCode::from(1),
            Self::Cancelled => {
                say("cancelled; nothing was written");
                ExitCode::from(130)
            }
        }
    }
}

impl From<MediaError> for Failure {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Usage(message) => Self::Usage(message),
            MediaError::Cancelled => Self::Cancelled,
            MediaError::Faults(faults) => {
                say(&faults.to_string());
                Self::Said
            }
            other => Self::Failed(other.to_string()),
        }
    }
}
