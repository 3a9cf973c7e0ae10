//! Films and sound files for Auricle.
pub mod audio;
pub mod captions;
mod channels;
pub mod decode;
pub mod error;
pub mod pcm;
pub mod probe;
pub mod report;
pub mod tools;
pub mod wav;

pub use decode::{open_audio, open_audio_of};
pub use error::{MediaError, Result};
pub use probe::{MediaInfo, probe};
