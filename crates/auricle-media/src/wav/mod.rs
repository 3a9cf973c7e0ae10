//! WAV, RF64 and broadcast WAV, read and written by this crate's own code.
//!
//! RIFF/WAVE (Microsoft, "Multimedia Programming Interface and Data Specifications 1.0"),
//! WAVE_FORMAT_EXTENSIBLE (Microsoft, "Multiple Channel Audio Data and WAVE Files"), RF64 and BW64
//! (EBU Tech 3306, ITU-R BS.2088), bext (EBU Tech 3285).

mod bext;
mod header;
mod info;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use bext::Bext;
pub(crate) use header::Codec;
pub use header::{Chunk, PcmFormat, WavHeader};
pub use read::WavReader;
pub use write::{WavFormat, WavOptions, WavWriter};
