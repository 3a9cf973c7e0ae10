//! Films and sound files for Auricle.
pub mod audio;
pub mod error;

pub use error::{MediaError, Result};
