//! Writing FLAC files, block by block; the only place that knows flacenc.
//!
//! RFC 9639. flacenc encodes a frame at a time; this module writes the header, which it completes with
//! the length, the frame sizes and the samples' MD5 when the sound has ended.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use auricle::layout::Layout;
use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, StreamInfo};
use flacenc::config;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};

use crate::audio::AudioWriter;
use crate::channels;
use crate::error::{MediaError, Result};
use crate::pcm::quantise_24;

/// Bits of each sample.
const BITS: usize = 24;
/// Samples per channel of a frame: the reference encoder's choice for up to 48 kHz.
const BLOCK: usize = 4096;
/// Where the stream information's content begins, after "fLaC" and the block's header.
const INFO_AT: u64 = 8;

/// Writes a 24-bit FLAC file; peaks over full scale are clipped.
pub struct FlacWriter {
    path: PathBuf,
    sink: BufWriter<File>,
    config: Verified<config::Encoder>,
    info: StreamInfo,
    frame: FrameBuf,
    /// Counts and digests the samples.
    context: Context,
    channels: usize,
    sample_rate_hz: u32,
    /// Interleaved bytes of a frame that is not yet full.
    raw: Vec<u8>,
    frames: usize,
    smallest_frame: usize,
    largest_frame: usize,
    bits: ByteSink,
}

impl FlacWriter {
    /// Begins a file at `path`, which is made or emptied.
    ///
    /// # Errors
    /// The file cannot be made; FLAC cannot hold the layout.
    pub fn create(path: &Path, sample_rate_hz: u32, layout: &Layout) -> Result<Self> {
        let channels = layout.channels();
        let refused =
            |why: String| MediaError::Usage(format!("FLAC cannot hold this sound: {why}"));
        let mask = channels::to_mask(layout).ok_or_else(|| {
            refused(format!(
                "channels in the order {}",
                channels::to_name(layout)
            ))
        })?;
        let info = StreamInfo::new(sample_rate_hz as usize, channels, BITS)
            .map_err(|e| refused(e.to_string()))?;
        let frame = FrameBuf::with_size(channels, BLOCK).map_err(|e| refused(e.to_string()))?;
        let config = config::Encoder::default()
            .into_verified()
            .map_err(|(_, e)| refused(e.to_string()))?;
        let file = File::create(path).map_err(|source| MediaError::Io {
            path: path.to_owned(),
            doing: "cannot create",
            source,
        })?;
        let mut writer = Self {
            path: path.to_owned(),
            sink: BufWriter::with_capacity(256 << 10, file),
            config,
            info,
            frame,
            context: Context::new(BITS, channels),
            channels,
            sample_rate_hz,
            raw: Vec::with_capacity(BLOCK * channels * BITS / 8),
            frames: 0,
            smallest_frame: usize::MAX,
            largest_frame: 0,
            bits: ByteSink::new(),
        };
        let head = writer.head(mask);
        writer.sink.write_all(&head).map_err(|e| writer.io(e))?;
        Ok(writer)
    }

    /// Everything before the first frame. Surround layouts name their speakers in the comment block,
    /// as RFC 9639 section 8.6.2 has it.
    fn head(&self, mask: u32) -> Vec<u8> {
        let mut comments = Vec::new();
        let vendor = "Auricle";
        comments.extend_from_slice(&(vendor.len() as u32).to_le_bytes());
        comments.extend_from_slice(vendor.as_bytes());
        let speakers =
            (self.channels > 2).then(|| format!("WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x{mask:04X}"));
        comments.extend_from_slice(&(u32::from(speakers.is_some())).to_le_bytes());
        if let Some(text) = speakers {
            comments.extend_from_slice(&(text.len() as u32).to_le_bytes());
            comments.extend_from_slice(text.as_bytes());
        }
        let mut head = b"fLaC\0\0\0\x22".to_vec();
        head.extend_from_slice(&self.stream_info());
        // Block type 4, the last one.
        head.push(0x84);
        head.extend_from_slice(&(comments.len() as u32).to_be_bytes()[1..]);
        head.extend_from_slice(&comments);
        head
    }

    /// The content of the stream information block (RFC 9639, section 8.2).
    fn stream_info(&self) -> [u8; 34] {
        let mut info = [0; 34];
        let block = (BLOCK as u16).to_be_bytes();
        info[0..2].copy_from_slice(&block);
        info[2..4].copy_from_slice(&block);
        if self.frames > 0 {
            info[4..7].copy_from_slice(&(self.smallest_frame as u32).to_be_bytes()[1..]);
            info[7..10].copy_from_slice(&(self.largest_frame as u32).to_be_bytes()[1..]);
        }
        let samples = self.context.total_samples() as u64 & 0xF_FFFF_FFFF;
        let packed = (u64::from(self.sample_rate_hz) << 44)
            | ((self.channels as u64 - 1) << 41)
            | ((BITS as u64 - 1) << 36)
            | samples;
        info[10..18].copy_from_slice(&packed.to_be_bytes());
        if self.frames > 0 {
            info[18..34].copy_from_slice(&self.context.md5_digest());
        }
        info
    }

    /// Encodes and writes what has been gathered.
    fn encode(&mut self) -> Result<()> {
        let failed = |path: &Path, why: String| MediaError::Broken {
            path: path.to_owned(),
            message: format!("the FLAC encoder failed: {why}"),
        };
        self.frame
            .fill_le_bytes(&self.raw, BITS / 8)
            .map_err(|e| failed(&self.path, e.to_string()))?;
        self.context
            .fill_le_bytes(&self.raw, BITS / 8)
            .map_err(|e| failed(&self.path, e.to_string()))?;
        self.raw.clear();
        let frame =
            flacenc::encode_fixed_size_frame(&self.config, &self.frame, self.frames, &self.info)
                .map_err(|e| failed(&self.path, e.to_string()))?;
        self.bits.clear();
        frame
            .write(&mut self.bits)
            .map_err(|e| failed(&self.path, e.to_string()))?;
        let bytes = self.bits.as_slice();
        self.smallest_frame = self.smallest_frame.min(bytes.len());
        self.largest_frame = self.largest_frame.max(bytes.len());
        self.frames += 1;
        self.sink.write_all(bytes).map_err(|source| MediaError::Io {
            path: self.path.clone(),
            doing: "cannot write",
            source,
        })
    }

    fn io(&self, source: std::io::Error) -> MediaError {
        MediaError::Io {
            path: self.path.clone(),
            doing: "cannot write",
            source,
        }
    }
}

impl AudioWriter for FlacWriter {
    fn write(&mut self, channels: &[&[f32]]) -> Result<()> {
        let count = channels.first().map_or(0, |c| c.len());
        if channels.len() != self.channels || channels.iter().any(|c| c.len() != count) {
            let given = channels.len();
            let message = format!(
                "a block of {given} channels was given to a FLAC file of {}",
                self.channels
            );
            return Err(MediaError::Usage(message));
        }
        let full = BLOCK * self.channels * BITS / 8;
        for sample in 0..count {
            for channel in channels {
                self.raw
                    .extend_from_slice(&quantise_24(channel[sample]).to_le_bytes()[..3]);
            }
            if self.raw.len() == full {
                self.encode()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if !self.raw.is_empty() {
            self.encode()?;
        }
        let info = self.stream_info();
        let mut complete = || {
            self.sink.seek(SeekFrom::Start(INFO_AT))?;
            self.sink.write_all(&info)?;
            self.sink.flush()?;
            self.sink.get_ref().sync_all()
        };
        complete().map_err(|source| MediaError::Io {
            path: self.path.clone(),
            doing: "cannot write",
            source,
        })
    }
}
