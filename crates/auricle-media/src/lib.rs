//! Films and sound files for Auricle.
pub mod audio;
pub mod captions;
pub mod error;
pub mod report;

pub use error::{MediaError, Result};
