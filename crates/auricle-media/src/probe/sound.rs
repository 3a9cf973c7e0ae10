//! Probing sound files in-process, and telling them from films by their first bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::{AudioFormat, Container, MediaInfo, Rational, Stream, StreamKind};
use crate::audio::AudioReader;
use crate::channels;
use crate::decode::SoundReader;
use crate::error::{MediaError, Result};
use crate::metadata::{Cover, Metadata};
use crate::wav::{Bext, Chunk, Codec, WavHeader};

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sniffed {
    /// RIFF, RF64 or BW64 of the kind WAVE.
    Wav,
    /// Native FLAC.
    Flac,
    /// MPEG audio layer III, perhaps behind an ID3 tag.
    Mp3,
    /// Ogg whose only stream is Vorbis.
    OggVorbis,
    /// Anything else: ffmpeg's business.
    Film,
}

/// Tells the kind of a file by its first bytes, never by its name.
pub(crate) fn sniff(path: &Path, head: &[u8]) -> Result<Sniffed> {
    if head.len() >= 12 && [&b"RIFF"[..], b"RF64", b"BW64"].contains(&&head[..4]) && &head[8..12] == b"WAVE" {
        return Ok(Sniffed::Wav);
    }
    if head.starts_with(b"fLaC") {
        return Ok(Sniffed::Flac);
    }
    if head.starts_with(b"OggS") {
        return Ok(sniff_ogg(head));
    }
    if head.len() >= 10 && head.starts_with(b"ID3") {
        // ID3v2.4 section 3.1: four bytes of seven bits each, header not counted.
        let size = head[6..10].iter().fold(0_u64, |size, b| (size << 7) | u64::from(b & 0x7F));
        let footer = if head[5] & 0x10 != 0 { 10 } else { 0 };
        let after = read_at(path, 10 + size + footer)?;
        return Ok(if is_layer_3(&after) { Sniffed::Mp3 } else { Sniffed::Film });
    }
    Ok(if is_layer_3(head) { Sniffed::Mp3 } else { Sniffed::Film })
}

/// The four bytes at a place; fewer at the end.
fn read_at(path: &Path, offset: u64) -> Result<Vec<u8>> {
    let io = |source| MediaError::Io { path: path.to_owned(), doing: "cannot read", source };
    let mut file = File::open(path).map_err(io)?;
    file.seek(SeekFrom::Start(offset)).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(4).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// A valid frame header of layer III (ISO 11172-3, 2.4.1.3): sync, layer bits 01, rate and bit rate set.
fn is_layer_3(bytes: &[u8]) -> bool {
    let [a, b, c, ..] = bytes else { return false };
    *a == 0xFF && b & 0xE0 == 0xE0 && b & 0x18 != 0x08 && b & 0x06 == 0x02 && c & 0xF0 != 0xF0 && c & 0x0C != 0x0C
}

/// The first pages of an Ogg file each begin one stream (RFC 3533, section 4): one alone, of Vorbis?
fn sniff_ogg(head: &[u8]) -> Sniffed {
    let mut streams = 0;
    let mut rest = head;
    let mut vorbis = false;
    while rest.len() > 27 && rest.starts_with(b"OggS") && rest[5] & 0x02 != 0 {
        let segments = usize::from(rest[26]);
        let Some(table) = rest.get(27..27 + segments) else {
            break;
        };
        let size: usize = table.iter().map(|s| usize::from(*s)).sum();
        let Some(body) = rest.get(27 + segments..) else {
            break;
        };
        streams += 1;
        vorbis |= body.starts_with(b"\x01vorbis");
        let Some(next) = body.get(size..) else { break };
        rest = next;
    }
    if streams == 1 && vorbis { Sniffed::OggVorbis } else { Sniffed::Film }
}

/// What is in a sound file; `None` where it is one only ffmpeg can decode (ADPCM in WAV).
pub(super) fn probe(path: &Path, kind: Sniffed) -> Result<Option<MediaInfo>> {
    let (container, codec, audio, length, about) = match kind {
        Sniffed::Wav => {
            let header = WavHeader::read(path)?;
            let Codec::Pcm(format) = header.codec else {
                return Ok(None);
            };
            let layout = header.layout();
            let audio = AudioFormat {
                sample_rate_hz: header.sample_rate_hz,
                channels: usize::from(header.channels),
                layout_name: layout.as_ref().map_or_else(|| format!("{} channels", header.channels), channels::to_name),
                layout,
                sample_format: format.sample_format(),
            };
            let tags = header.chunks.iter().flat_map(Chunk::tags).collect();
            let length = header.length_samples();
            let about = About { tags, covers: Vec::new(), bext: header.bext, chunks: header.chunks };
            (Container::Wav, format.codec_name(), audio, Some(length), about)
        }
        _ => {
            let mut reader = SoundReader::open(path)?;
            let Metadata { tags, covers } = reader.metadata();
            let (container, codec) = match kind {
                Sniffed::Flac => (Container::Flac, "flac"),
                Sniffed::Mp3 => (Container::Mp3, "mp3"),
                _ => (Container::OggVorbis, "vorbis"),
            };
            let audio = AudioFormat {
                sample_rate_hz: reader.sample_rate_hz(),
                channels: reader.layout().channels(),
                layout: Some(reader.layout().clone()),
                layout_name: channels::to_name(reader.layout()),
                sample_format: reader.sample_format(),
            };
            (container, codec, audio, reader.length_samples(), About { tags, covers, bext: None, chunks: Vec::new() })
        }
    };
    let rate = f64::from(audio.sample_rate_hz);
    let duration_secs = length.map(|n| n as f64 / rate);
    let stream = Stream {
        index: 0,
        kind: StreamKind::Audio,
        codec: codec.to_owned(),
        codec_tag: String::new(),
        dispositions: vec!["default".to_owned()],
        tags: BTreeMap::new(),
        time_base: Rational::new(1, i64::from(audio.sample_rate_hz)),
        start_secs: Some(0.0),
        duration_secs,
        audio: Some(audio),
        video: None,
    };
    Ok(Some(MediaInfo {
        path: path.to_owned(),
        container,
        format_name: codec.to_owned(),
        start_secs: 0.0,
        duration_secs,
        streams: vec![stream],
        chapters: Vec::new(),
        tags: about.tags,
        bext: about.bext,
        covers: about.covers,
        chunks: about.chunks,
    }))
}

/// What a sound file says besides its sound.
struct About {
    tags: BTreeMap<String, String>,
    covers: Vec<Cover>,
    bext: Option<Bext>,
    chunks: Vec<Chunk>,
}
