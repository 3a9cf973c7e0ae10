//! How a command that did not do what it was asked for ends.

use std::process::ExitCode;

use auricle::fault::{Fault, Faults};
use auricle_media::MediaError;

use crate::talk::{print_json, say};

/// Why a command ends without success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line asks for something that cannot be done: exit code 2.
    Usage(String),
    /// It was tried and failed: exit code 1.
    Failed(String),
    /// Files of the user's are faulty: exit code 1.
    Faults(Faults),
    /// As `Failed`, and everything has been said already.
    Said,
    /// Called off with Ctrl-C: exit code 130.
    Cancelled,
}

/// A failure as a program sees it.
#[derive(serde::Serialize)]
pub(crate) struct Error<'a> {
    pub(crate) exit_code: u8,
    pub(crate) message: String,
    pub(crate) faults: &'a [Fault],
}

impl Failure {
    /// Says on standard error what went wrong and, where a program listens, as JSON on standard output;
    /// gives the exit code.
    pub(crate) fn report(self, json: bool) -> ExitCode {
        let (exit_code, message, faults) = match &self {
            Self::Said => return ExitCode::from(1),
            Self::Usage(message) => (2, format!("error: {message}"), &[][..]),
            Self::Failed(message) => (1, format!("error: {message}"), &[][..]),
            Self::Faults(faults) => (1, faults.to_string(), &faults.0[..]),
            Self::Cancelled => (130, "cancelled; nothing was written".to_owned(), &[][..]),
        };
        say(&message);
        if json {
            print_json("error", &Error { exit_code, message, faults });
        }
        ExitCode::from(exit_code)
    }
}

impl From<MediaError> for Failure {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Usage(message) => Self::Usage(message),
            MediaError::Cancelled => Self::Cancelled,
            MediaError::Faults(faults) => Self::Faults(faults),
            other => Self::Failed(other.to_string()),
        }
    }
}
