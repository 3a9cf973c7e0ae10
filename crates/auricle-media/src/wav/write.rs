//! Writing WAV files, which become RF64 where they outgrow 4 GiB.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use auricle::layout::Layout;

use super::{Bext, Chunk};
use crate::audio::AudioWriter;
use crate::channels;
use crate::error::{MediaError, Result};
use crate::pcm::quantise_24;

/// Bytes handed to the file at once.
const BUFFER_BYTES: usize = 256 << 10;
/// Size of the ds64 chunk's content, and of the JUNK chunk that keeps its place (EBU Tech 3306).
const DS64_BYTES: u32 = 28;

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WavFormat {
    /// 24-bit integer, clipped at full scale.
    Int24,
    /// 32-bit float, nothing clipped.
    Float32,
}

/// What goes into a WAV file besides its samples.
#[derive(Debug, Clone)]
pub struct WavOptions {
    /// How samples are written.
    pub format: WavFormat,
    /// The broadcast extension, as read from the source: its time reference still holds where the
    /// first sample is the same.
    pub bext: Option<Bext>,
    /// Further chunks, written after the samples.
    pub chunks: Vec<Chunk>,
    /// Largest size a RIFF file may have in bytes; above it the file becomes RF64. For tests.
    pub(crate) riff_limit_bytes: u64,
}

impl WavOptions {
    /// Samples only.
    pub fn new(format: WavFormat) -> Self {
        Self { format, bext: None, chunks: Vec::new(), riff_limit_bytes: u64::from(u32::MAX) }
    }
}

/// Writes a WAV file.
#[derive(Debug)]
pub struct WavWriter<W: Write + Seek = File> {
    path: PathBuf,
    sink: BufWriter<W>,
    options: WavOptions,
    channels: usize,
    /// Where the number of samples of the `fact` chunk stands (float only).
    fact_at: Option<u64>,
    /// Where the samples begin.
    data_at: u64,
    data_bytes: u64,
    raw: Vec<u8>,
}

impl WavWriter<File> {
    /// Begins a file at `path`, which is made or emptied (give a [`PendingOutput`]'s path).
    ///
    /// [`PendingOutput`]: crate::atomic::PendingOutput
    ///
    /// # Errors
    /// The file cannot be made; the layout has no speaker mask.
    pub fn create(path: &Path, sample_rate_hz: u32, layout: &Layout, options: WavOptions) -> Result<Self> {
        let file = File::create(path).map_err(|source| MediaError::Io {
            path: path.to_owned(),
            doing: "cannot create",
            source,
        })?;
        Self::new(file, path, sample_rate_hz, layout, options)
    }
}

impl<W: Write + Seek> WavWriter<W> {
    pub(crate) fn new(sink: W, path: &Path, sample_rate_hz: u32, layout: &Layout, options: WavOptions) -> Result<Self> {
        let mask = channels::to_mask(layout).ok_or_else(|| {
            MediaError::Usage(format!("WAV cannot hold channels in the order {}", channels::to_name(layout)))
        })?;
        let mut writer = Self {
            path: path.to_owned(),
            sink: BufWriter::with_capacity(BUFFER_BYTES, sink),
            channels: layout.channels(),
            options,
            fact_at: None,
            data_at: 0,
            data_bytes: 0,
            raw: Vec::new(),
        };
        writer.begin(sample_rate_hz, mask).map_err(|e| writer.io(e))?;
        Ok(writer)
    }

    fn sample_bytes(&self) -> usize {
        match self.options.format {
            WavFormat::Int24 => 3,
            WavFormat::Float32 => 4,
        }
    }

    /// Writes everything up to the first sample.
    fn begin(&mut self, sample_rate_hz: u32, mask: u32) -> std::io::Result<()> {
        let bytes = self.sample_bytes();
        let channels = self.channels as u16;
        let block = channels * bytes as u16;
        let tag: u16 = if self.options.format == WavFormat::Float32 { 3 } else { 1 };
        // Two channels need no mask, and the plain form is read by everything.
        let extensible = channels > 2;
        let mut head = Vec::new();
        head.extend_from_slice(b"RIFF\0\0\0\0WAVEJUNK");
        head.extend_from_slice(&DS64_BYTES.to_le_bytes());
        head.extend_from_slice(&[0; DS64_BYTES as usize]);
        head.extend_from_slice(b"fmt ");
        head.extend_from_slice(&(if extensible { 40_u32 } else { 16 }).to_le_bytes());
        head.extend_from_slice(&(if extensible { 0xFFFE } else { tag }).to_le_bytes());
        head.extend_from_slice(&channels.to_le_bytes());
        head.extend_from_slice(&sample_rate_hz.to_le_bytes());
        head.extend_from_slice(&(sample_rate_hz.saturating_mul(u32::from(block))).to_le_bytes());
        head.extend_from_slice(&block.to_le_bytes());
        head.extend_from_slice(&(bytes as u16 * 8).to_le_bytes());
        if extensible {
            head.extend_from_slice(&22_u16.to_le_bytes());
            head.extend_from_slice(&(bytes as u16 * 8).to_le_bytes());
            head.extend_from_slice(&mask.to_le_bytes());
            head.extend_from_slice(&tag.to_le_bytes());
            head.extend_from_slice(&[0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        }
        if tag == 3 {
            head.extend_from_slice(b"fact\x04\0\0\0");
            self.fact_at = Some(head.len() as u64);
            head.extend_from_slice(&[0; 4]);
        }
        if let Some(bext) = &self.options.bext {
            append_chunk(&mut head, *b"bext", bext.bytes());
        }
        head.extend_from_slice(b"data\0\0\0\0");
        self.data_at = head.len() as u64;
        self.sink.write_all(&head)
    }

    /// Writes what follows the samples, then the sizes; returns the sink for syncing.
    pub(crate) fn complete(mut self) -> Result<W> {
        self.end().map_err(|e| self.io(e))?;
        let path = self.path;
        self.sink.into_inner().map_err(|e| MediaError::Io { path, doing: "cannot write", source: e.into_error() })
    }

    fn end(&mut self) -> std::io::Result<()> {
        let mut tail = Vec::new();
        if self.data_bytes & 1 == 1 {
            tail.push(0);
        }
        for chunk in &self.options.chunks {
            append_chunk(&mut tail, chunk.id, &chunk.data);
        }
        self.sink.write_all(&tail)?;
        let samples = self.data_bytes / (self.channels * self.sample_bytes()) as u64;
        let riff_bytes = self.data_at + self.data_bytes + tail.len() as u64 - 8;
        let large = riff_bytes > self.options.riff_limit_bytes;
        let short = |size: u64| if large { u32::MAX } else { size as u32 }.to_le_bytes();
        self.sink.seek(SeekFrom::Start(4))?;
        self.sink.write_all(&short(riff_bytes))?;
        self.sink.seek(SeekFrom::Start(self.data_at - 4))?;
        self.sink.write_all(&short(self.data_bytes))?;
        if let Some(at) = self.fact_at {
            self.sink.seek(SeekFrom::Start(at))?;
            self.sink.write_all(&short(samples))?;
        }
        if large {
            self.sink.seek(SeekFrom::Start(0))?;
            self.sink.write_all(b"RF64")?;
            self.sink.seek(SeekFrom::Start(12))?;
            self.sink.write_all(b"ds64")?;
            self.sink.seek(SeekFrom::Start(20))?;
            for size in [riff_bytes, self.data_bytes, samples] {
                self.sink.write_all(&size.to_le_bytes())?;
            }
        }
        self.sink.flush()
    }

    fn io(&self, source: std::io::Error) -> MediaError {
        MediaError::Io { path: self.path.clone(), doing: "cannot write", source }
    }

    pub(super) fn append(&mut self, channels: &[&[f32]]) -> Result<()> {
        let count = channels.first().map_or(0, |c| c.len());
        if channels.len() != self.channels || channels.iter().any(|c| c.len() != count) {
            return Err(MediaError::Usage(format!(
                "a block of {} channels was given to a WAV file of {}",
                channels.len(),
                self.channels
            )));
        }
        let bytes = self.sample_bytes();
        let block = bytes * self.channels;
        self.raw.resize(count * block, 0);
        for (index, channel) in channels.iter().enumerate() {
            let places = self.raw.chunks_exact_mut(block).map(|b| &mut b[index * bytes..(index + 1) * bytes]);
            for (place, sample) in places.zip(channel.iter()) {
                match self.options.format {
                    WavFormat::Int24 => place.copy_from_slice(&quantise_24(*sample).to_le_bytes()[..3]),
                    WavFormat::Float32 => place.copy_from_slice(&sample.to_le_bytes()),
                }
            }
        }
        self.sink.write_all(&self.raw).map_err(|e| self.io(e))?;
        self.data_bytes += self.raw.len() as u64;
        Ok(())
    }
}

impl AudioWriter for WavWriter<File> {
    fn write(&mut self, channels: &[&[f32]]) -> Result<()> {
        self.append(channels)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let path = self.path.clone();
        let file = self.complete()?;
        file.sync_all().map_err(|source| MediaError::Io { path, doing: "cannot write", source })
    }
}

fn append_chunk(out: &mut Vec<u8>, id: [u8; 4], data: &[u8]) {
    out.extend_from_slice(&id);
    out.extend_from_slice(&(data.len() as u32).to_le_bytes());
    out.extend_from_slice(data);
    if data.len() & 1 == 1 {
        out.push(0);
    }
}
