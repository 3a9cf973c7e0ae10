//! Sound as it flows between files and the model: planar f32 blocks.

use auricle::layout::Layout;

use crate::error::Result;

/// How samples are stored in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleFormat {
    /// Integer PCM of this many bits.
    Int(u16),
    /// IEEE float.
    Float,
    /// A lossy codec.
    Lossy,
}

/// What of a sound could not be decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Damage {
    /// How many of its packets, or how often the decoder complained where it does not say of which.
    pub count: u64,
    /// About when the first of them is heard, in seconds from sample 0; below 0 where that is before.
    pub first_secs: f64,
    /// The decoder's first words on it.
    pub said: String,
}

/// A sound that is read from its beginning to its end.
pub trait AudioReader: Send {
    /// Samples per second.
    fn sample_rate_hz(&self) -> u32;
    /// The channels, in the order of `read`.
    fn layout(&self) -> &Layout;
    /// How the source stores its samples.
    fn sample_format(&self) -> SampleFormat;
    /// Length in samples per channel, where it is known beforehand.
    fn length_samples(&self) -> Option<u64>;
    /// Fills the front of each channel's buffer (`[channel][sample]`, all of one length) and returns
    /// how many samples per channel were read; 0 at the end only.
    ///
    /// # Errors
    /// The file broke off or is damaged; says where.
    fn read(&mut self, channels: &mut [&mut [f32]]) -> Result<usize>;
    /// What of the sound that was read so far could not be decoded, and is silent or wrong; `None` where nothing is
    /// known to be.
    fn damage(&self) -> Option<Damage> {
        None
    }
}

/// A sound that is written from its beginning to its end.
pub trait AudioWriter: Send {
    /// Appends one block, `[channel][sample]`.
    ///
    /// # Errors
    /// The disk is full, the encoder died.
    fn write(&mut self, channels: &[&[f32]]) -> Result<()>;
    /// Completes the file (headers, flush, sync to disk).
    ///
    /// # Errors
    /// As for `write`.
    fn finish(self: Box<Self>) -> Result<()>;
}
