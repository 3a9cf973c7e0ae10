//! Reading the samples of a WAV file.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use auricle::layout::Layout;

use super::header::{Codec, PcmFormat, WavHeader};
use crate::audio::{AudioReader, SampleFormat};
use crate::channels;
use crate::error::{MediaError, Result};

/// Bytes read from the file at once.
const BUFFER_BYTES: usize = 256 << 10;

/// Reads a WAV file from its beginning to its end.
///
/// Integers become floats by division by full scale: exact up to 24 bits; of 32-bit integers and
/// 64-bit floats the nearest float is kept.
#[derive(Debug)]
pub struct WavReader<R = File> {
    source: BufReader<R>,
    header: WavHeader,
    pcm: PcmFormat,
    layout: Layout,
    /// Samples per channel read so far.
    at: u64,
    raw: Vec<u8>,
}

impl WavReader<File> {
    /// Opens a file.
    ///
    /// # Errors
    /// As for [`WavHeader::read`]; and where samples are compressed or the layout has no place here.
    pub fn open(path: &Path) -> Result<Self> {
        let header = WavHeader::read(path)?;
        let file = File::open(path).map_err(|e| io(path, "cannot open", e))?;
        Self::new(file, header)
    }
}

impl<R: Read + Seek> WavReader<R> {
    pub(crate) fn new(source: R, header: WavHeader) -> Result<Self> {
        let broken = |message: String| MediaError::Broken { path: header.path.clone(), message };
        let Codec::Pcm(pcm) = header.codec else {
            return Err(broken("holds compressed sound, not plain samples".into()));
        };
        let Some(layout) = header.layout() else {
            return Err(broken(match header.channel_mask {
                Some(mask) => format!(
                    "has {} channels with speaker mask {mask:#x}; Auricle hears {}",
                    header.channels,
                    channels::SUPPORTED
                ),
                None => format!("has {} channels; Auricle hears {}", header.channels, channels::SUPPORTED),
            }));
        };
        let mut source = BufReader::with_capacity(BUFFER_BYTES, source);
        source.seek(SeekFrom::Start(header.data_offset)).map_err(|e| io(&header.path, "cannot read", e))?;
        Ok(Self { source, header, pcm, layout, at: 0, raw: Vec::new() })
    }

    /// Its header.
    pub fn header(&self) -> &WavHeader {
        &self.header
    }
}

impl<R: Read + Seek + Send> AudioReader for WavReader<R> {
    fn sample_rate_hz(&self) -> u32 {
        self.header.sample_rate_hz
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn sample_format(&self) -> SampleFormat {
        self.pcm.sample_format()
    }

    fn length_samples(&self) -> Option<u64> {
        Some(self.header.length_samples())
    }

    fn read(&mut self, channels: &mut [&mut [f32]]) -> Result<usize> {
        let wanted = channels.first().map_or(0, |c| c.len()) as u64;
        let left = self.header.length_samples() - self.at;
        let count = wanted.min(left) as usize;
        let block = self.pcm.bytes * channels.len();
        self.raw.resize(count * block, 0);
        self.source.read_exact(&mut self.raw).map_err(|source| {
            if source.kind() == std::io::ErrorKind::UnexpectedEof {
                let message = format!("became shorter while it was read, near sample {}", self.at);
                return MediaError::Broken { path: self.header.path.clone(), message };
            }
            io(&self.header.path, "cannot read", source)
        })?;
        for (index, channel) in channels.iter_mut().enumerate() {
            decode(self.pcm, &self.raw, index, block, &mut channel[..count]);
        }
        self.at += count as u64;
        Ok(count)
    }
}

/// Takes one channel out of interleaved blocks.
fn decode(pcm: PcmFormat, raw: &[u8], channel: usize, block: usize, out: &mut [f32]) {
    let at = channel * pcm.bytes;
    let samples = raw.chunks_exact(block).map(|b| &b[at..at + pcm.bytes]);
    match (pcm.float, pcm.bytes) {
        (false, 1) => fill(out, samples, |b| (f32::from(b[0]) - 128.0) / 128.0),
        (false, 2) => fill(out, samples, |b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0),
        (false, 3) => fill(out, samples, |b| i32::from_le_bytes([0, b[0], b[1], b[2]]) as f32 / 2_147_483_648.0),
        (false, _) => fill(out, samples, |b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]) as f32 / 2_147_483_648.0),
        (true, 8) => {
            fill(out, samples, |b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32)
        }
        (true, _) => fill(out, samples, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
    }
}

fn fill<'a>(out: &mut [f32], samples: impl Iterator<Item = &'a [u8]>, convert: impl Fn(&[u8]) -> f32) {
    for (out, bytes) in out.iter_mut().zip(samples) {
        *out = convert(bytes);
    }
}

fn io(path: &Path, doing: &'static str, source: std::io::Error) -> MediaError {
    MediaError::Io { path: path.to_owned(), doing, source }
}
