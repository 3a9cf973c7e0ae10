//! Films and sound files for Auricle.
pub mod atomic;
pub mod audio;
pub mod captions;
mod channels;
pub mod decode;
pub mod error;
pub mod film;
pub mod flac;
pub mod hash;
pub mod metadata;
pub mod pcm;
pub mod probe;
pub mod render;
pub mod report;
pub mod tools;
pub mod verify;
pub mod wav;

pub use atomic::PendingOutput;
pub use decode::{open_audio, open_audio_of};
pub use error::{MediaError, Result};
pub use film::{Codec, FilmContainer, FilmPlan, FilmSpec, FilmWriter, Tracks};
pub use flac::FlacWriter;
pub use hash::sha256_file;
pub use probe::{MediaInfo, probe};
pub use tools::Tools;
pub use verify::{RenderRecord, Stored, Verifier, VerifyReport};
pub use wav::{WavFormat, WavOptions, WavWriter};
