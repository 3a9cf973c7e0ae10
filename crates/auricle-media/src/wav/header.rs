//! The header of a WAV file: every chunk before, after and around the samples.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use auricle::layout::Layout;

use super::Bext;
use crate::audio::SampleFormat;
use crate::channels;
use crate::error::{MediaError, Result};

/// Largest chunk besides the samples that is kept; larger ones are passed over.
const KEEP_BYTES: u64 = 4 << 20;
/// Most chunks that are walked: a real file has a few dozen, a damaged one may claim millions.
const MOST_CHUNKS: usize = 4096;
/// A size that says "look in ds64", or, without one, "not known when this was written".
const UNKNOWN: u64 = 0xFFFF_FFFF;
/// The tail of every sub-format that stands for a plain format tag (KSDATAFORMAT_SUBTYPE_PCM and kin).
const SUBFORMAT_TAIL: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

/// How PCM samples are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PcmFormat {
    /// Bytes of one sample, 1 to 4 (integer) or 4 or 8 (float).
    pub bytes: usize,
    /// Bits that carry signal, left-justified in those bytes.
    pub valid_bits: u16,
    /// IEEE float instead of integer.
    pub float: bool,
}

impl PcmFormat {
    /// In the words of [`SampleFormat`].
    pub fn sample_format(self) -> SampleFormat {
        if self.float { SampleFormat::Float } else { SampleFormat::Int(self.valid_bits) }
    }

    /// In ffmpeg's words.
    pub(crate) fn codec_name(self) -> &'static str {
        match (self.float, self.bytes) {
            (true, 8) => "pcm_f64le",
            (true, _) => "pcm_f32le",
            (false, 1) => "pcm_u8",
            (false, 2) => "pcm_s16le",
            (false, 3) => "pcm_s24le",
            (false, _) => "pcm_s32le",
        }
    }
}

/// What the samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Plain samples.
    Pcm(PcmFormat),
    /// A compressed format with this tag (2 = ADPCM, 6 = A-law, 85 = MP3).
    Other,
}

/// A chunk that is not the format or the samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its name: `iXML`, `cue `, `LIST`.
    pub id: [u8; 4],
    /// Its content, without padding.
    pub data: Vec<u8>,
}

/// The header of a WAV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WavHeader {
    pub(crate) path: PathBuf,
    pub(crate) codec: Codec,
    /// Number of channels.
    pub channels: u16,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// The speakers, where the file names them.
    pub channel_mask: Option<u32>,
    /// Bytes of one sample of all channels.
    pub(crate) block_bytes: u64,
    /// Where the samples begin.
    pub(crate) data_offset: u64,
    /// Whole blocks of samples, as bytes.
    pub(crate) data_bytes: u64,
    /// The broadcast extension.
    pub bext: Option<Bext>,
    /// The other chunks, in the file's order, those over 4 MiB left out.
    pub chunks: Vec<Chunk>,
}

/// Sizes over 4 GiB (EBU Tech 3306, section 4).
struct Ds64 {
    data_bytes: u64,
    table: Vec<([u8; 4], u64)>,
}

/// Walks the chunks of a file.
struct Walker<'a, R> {
    source: &'a mut R,
    path: &'a Path,
    file_bytes: u64,
}

impl WavHeader {
    /// Reads the header of a file.
    ///
    /// Recovered silently: a RIFF size that lies, a data size of 0 or 0xFFFFFFFF as streaming writers
    /// leave it (the samples then go on to the file's end), an odd chunk without its padding byte, a
    /// last block that is not whole.
    ///
    /// # Errors
    /// [`MediaError::Broken`]: no format, no samples, zero channels, a rate of 0, or fewer samples
    /// than the header promises (says how many there are).
    pub fn read(path: &Path) -> Result<Self> {
        let io = |source| MediaError::Io { path: path.to_owned(), doing: "cannot open", source };
        let mut file = File::open(path).map_err(io)?;
        let file_bytes = file.metadata().map_err(io)?.len();
        Self::parse(&mut std::io::BufReader::new(&mut file), path, file_bytes)
    }

    /// As [`read`](Self::read), from any source; `path` is for messages.
    pub(crate) fn parse<R: Read + Seek>(source: &mut R, path: &Path, file_bytes: u64) -> Result<Self> {
        Walker { source, path, file_bytes }.walk()
    }

    /// Samples per channel.
    pub fn length_samples(&self) -> u64 {
        self.data_bytes / self.block_bytes
    }

    /// The channels; `None` where their number or speakers have no place in Auricle's layouts.
    ///
    /// A mask with more speakers than channels counts for its first ones; one with fewer says nothing.
    pub fn layout(&self) -> Option<Layout> {
        let channels = u32::from(self.channels);
        let Some(mut mask) = self.channel_mask.filter(|m| m.count_ones() >= channels) else {
            return channels::from_count(usize::from(self.channels));
        };
        while mask.count_ones() > channels {
            mask &= !(1 << (31 - mask.leading_zeros()));
        }
        channels::from_mask(mask)
    }
}

impl<R: Read + Seek> Walker<'_, R> {
    fn walk(mut self) -> Result<WavHeader> {
        let head: [u8; 12] = self.array(0)?.ok_or_else(|| self.broken("is too short for a WAV file".into()))?;
        if ![&b"RIFF"[..], b"RF64", b"BW64"].contains(&&head[..4]) || &head[8..] != b"WAVE" {
            return Err(self.broken("is not a WAV file".into()));
        }
        let mut format = None;
        let mut data = None;
        let mut ds64 = None;
        let mut bext = None;
        let mut chunks = Vec::new();
        let mut at = 12;
        for _ in 0..MOST_CHUNKS {
            let Some(chunk) = self.array::<8>(at)? else {
                break;
            };
            let id = [chunk[0], chunk[1], chunk[2], chunk[3]];
            let stated = u64::from(u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]));
            let body = at + 8;
            let there = self.file_bytes.saturating_sub(body);
            if &id == b"data" && data.is_none() {
                let size = self.data_size(stated, body, ds64.as_ref())?;
                data = Some((body, size));
                at = self.next(body, size.min(there))?;
                continue;
            }
            let from_table = ds64.as_ref().filter(|_| stated == UNKNOWN).and_then(|d: &Ds64| d.size_of(id));
            let size = from_table.unwrap_or(stated);
            if size > there {
                // A chunk that claims more than the file holds ends the walk; the samples may be known.
                break;
            }
            if size <= KEEP_BYTES {
                let content = self.bytes(body, size)?;
                match &id {
                    b"fmt " => format = format.or(Some(content)),
                    b"ds64" => ds64 = ds64.or_else(|| Ds64::parse(&content)),
                    b"bext" => bext = bext.or_else(|| Bext::parse(&content)),
                    b"JUNK" | b"junk" | b"FLLR" | b"PAD " | b"fact" | b"data" => {}
                    _ => chunks.push(Chunk { id, data: content }),
                }
            }
            at = self.next(body, size)?;
        }
        let Some(format) = format else {
            return Err(self.broken("has no format chunk (`fmt `); it is damaged near its beginning".into()));
        };
        let Some((data_offset, promised)) = data else {
            return Err(self.broken("has no samples (no `data` chunk); it broke off or is damaged".into()));
        };
        let mut header = self.format(&format)?;
        let there = self.file_bytes.saturating_sub(data_offset).min(promised);
        let block = header.block_bytes;
        if matches!(header.codec, Codec::Pcm(_)) && promised / block > there / block {
            return Err(self.broken(format!(
                "broke off: its header promises {} samples per channel, {} are there ({:.3} of {:.3} s); \
                 copy it again, or keep what is there with: ffmpeg -i IN -c copy OUT",
                promised / block,
                there / block,
                (there / block) as f64 / f64::from(header.sample_rate_hz),
                (promised / block) as f64 / f64::from(header.sample_rate_hz),
            )));
        }
        header.data_offset = data_offset;
        header.data_bytes = there / block * block;
        header.bext = bext;
        header.chunks = chunks;
        Ok(header)
    }

    /// How many bytes of samples there should be, for a `data` chunk that begins at `body`.
    fn data_size(&mut self, stated: u64, body: u64, ds64: Option<&Ds64>) -> Result<u64> {
        let rest = self.file_bytes.saturating_sub(body);
        match (stated, ds64) {
            (UNKNOWN, Some(ds64)) if ds64.data_bytes != 0 || rest == 0 => Ok(ds64.data_bytes),
            (UNKNOWN, _) => Ok(rest),
            (0, _) => Ok(if self.is_chain(body)? { 0 } else { rest }),
            _ => Ok(stated),
        }
    }

    /// Whether chunks follow one another from `at` to the file's end: then a size of 0 is meant.
    fn is_chain(&mut self, mut at: u64) -> Result<bool> {
        for _ in 0..MOST_CHUNKS {
            if at >= self.file_bytes {
                return Ok(true);
            }
            let Some(chunk) = self.array::<8>(at)? else {
                return Ok(false);
            };
            if !is_id(&chunk[..4]) {
                return Ok(false);
            }
            let size = u64::from(u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]));
            at = at + 8 + size + (size & 1);
        }
        Ok(false)
    }

    /// Where the chunk after one of `size` bytes at `body` begins.
    fn next(&mut self, body: u64, size: u64) -> Result<u64> {
        let end = body.saturating_add(size);
        if size & 1 == 0 {
            return Ok(end);
        }
        // Some writers leave the padding byte out: then a name stands right here and none one further.
        let unpadded = self.array::<4>(end)?.is_some_and(|id| is_id(&id));
        let padded = self.array::<4>(end + 1)?.is_some_and(|id| is_id(&id));
        Ok(if unpadded && !padded { end } else { end + 1 })
    }

    /// Reads the format chunk.
    fn format(&self, format: &[u8]) -> Result<WavHeader> {
        let u16_at = |at: usize| Some(u16::from_le_bytes(format.get(at..at + 2)?.try_into().ok()?));
        let u32_at = |at: usize| Some(u32::from_le_bytes(format.get(at..at + 4)?.try_into().ok()?));
        let short = || self.broken("has a format chunk that is too short; it is damaged".into());
        let mut tag = u16_at(0).ok_or_else(short)?;
        let channels = u16_at(2).ok_or_else(short)?;
        let sample_rate_hz = u32_at(4).ok_or_else(short)?;
        let block = u16_at(12).ok_or_else(short)?;
        let bits = u16_at(14).unwrap_or(0);
        let mut valid_bits = bits;
        let mut channel_mask = None;
        if tag == 0xFFFE {
            let tail = format.get(26..40).ok_or_else(short)?;
            valid_bits = u16_at(18).filter(|v| *v > 0 && *v <= bits).unwrap_or(bits);
            channel_mask = u32_at(20).filter(|m| *m != 0);
            let sub = u16_at(24).ok_or_else(short)?;
            tag = if tail == SUBFORMAT_TAIL { sub } else { 0 };
        }
        if channels == 0 {
            return Err(self.broken("says it has 0 channels; its header is damaged".into()));
        }
        if sample_rate_hz == 0 {
            return Err(self.broken("says it has 0 samples per second; its header is damaged".into()));
        }
        let (codec, block_bytes) = match tag {
            1 | 3 => {
                let pcm = self.pcm(tag == 3, channels, block, bits, valid_bits)?;
                (Codec::Pcm(pcm), u64::from(channels) * pcm.bytes as u64)
            }
            _ => (Codec::Other, u64::from(block.max(1))),
        };
        Ok(WavHeader {
            path: self.path.to_owned(),
            codec,
            channels,
            sample_rate_hz,
            channel_mask,
            block_bytes,
            data_offset: 0,
            data_bytes: 0,
            bext: None,
            chunks: Vec::new(),
        })
    }

    /// The bytes of one sample, from the block size where it fits and the bits where it does not.
    fn pcm(&self, float: bool, channels: u16, block: u16, bits: u16, valid_bits: u16) -> Result<PcmFormat> {
        let by_bits = usize::from(bits.div_ceil(8));
        let by_block = usize::from(block / channels);
        let whole = block.is_multiple_of(channels) && by_block >= by_bits && by_block <= 8;
        let bytes = if whole && by_block > 0 { by_block } else { by_bits };
        let fits = if float { matches!(bytes, 4 | 8) } else { matches!(bytes, 1..=4) };
        if !fits || valid_bits == 0 {
            let kind = if float { "float" } else { "integer" };
            return Err(self.broken(format!(
                "has {bits}-bit {kind} samples in blocks of {block} bytes, which no WAV file has; its header is damaged"
            )));
        }
        Ok(PcmFormat { bytes, valid_bits, float })
    }

    /// `N` bytes at a place, or `None` where the file ends before.
    fn array<const N: usize>(&mut self, at: u64) -> Result<Option<[u8; N]>> {
        if at.checked_add(N as u64).is_none_or(|end| end > self.file_bytes) {
            return Ok(None);
        }
        let bytes = self.bytes(at, N as u64)?;
        Ok(bytes.try_into().ok())
    }

    fn bytes(&mut self, at: u64, size: u64) -> Result<Vec<u8>> {
        let io = |source| MediaError::Io { path: self.path.to_owned(), doing: "cannot read", source };
        self.source.seek(SeekFrom::Start(at)).map_err(io)?;
        let mut bytes = Vec::new();
        let mut part = self.source.by_ref().take(size);
        part.read_to_end(&mut bytes).map_err(io)?;
        Ok(bytes)
    }

    fn broken(&self, message: String) -> MediaError {
        MediaError::Broken { path: self.path.to_owned(), message }
    }
}

impl Ds64 {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let u64_at = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let data_bytes = u64_at(8)?;
        let mut table = Vec::new();
        for entry in bytes.get(28..).unwrap_or_default().chunks_exact(12) {
            let id = [entry[0], entry[1], entry[2], entry[3]];
            let size = u64::from_le_bytes(entry[4..12].try_into().ok()?);
            table.push((id, size));
        }
        Some(Self { data_bytes, table })
    }

    fn size_of(&self, id: [u8; 4]) -> Option<u64> {
        self.table.iter().find(|entry| entry.0 == id).map(|entry| entry.1)
    }
}

/// Whether four bytes look like a chunk's name.
fn is_id(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| (0x20..0x7F).contains(b)) && bytes[0] != b' '
}
