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
