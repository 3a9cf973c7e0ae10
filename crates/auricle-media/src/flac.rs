//! Writing FLAC files (RFC 9639), block by block; the only place that knows flac-codec.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use auricle::layout::Layout;
use flac_codec::Error;
use flac_codec::encode::{FlacSampleWriter, Options};
use flac_codec::metadata::{Picture, PictureType};

use crate::audio::AudioWriter;
use crate::channels;
use crate::error::{MediaError, Result};
use crate::metadata::Metadata;
use crate::pcm::quantise_24;

/// Bits of each sample.
const BITS: u32 = 24;
/// Largest cover that is written: a block of 24 bits less what stands before the picture in it.
const MOST_COVER_BYTES: usize = (1 << 24) - (1 << 16);

/// Writes a 24-bit FLAC file; peaks over full scale are clipped.
pub struct FlacWriter {
    path: PathBuf,
    encoder: FlacSampleWriter<BufWriter<File>>,
    /// The same file, for syncing it when the encoder has let go of it.
    file: File,
    channels: usize,
    interleaved: Vec<i32>,
}

impl FlacWriter {
    /// Begins a file at `path`, which is made or emptied.
    ///
    /// # Errors
    /// The file cannot be made; FLAC cannot hold the layout.
    pub fn create(path: &Path, sample_rate_hz: u32, layout: &Layout) -> Result<Self> {
        Self::create_with(path, sample_rate_hz, layout, &Metadata::default())
    }

    /// As [`create`](Self::create), with tags and covers; those that FLAC has no place for are passed over.
    ///
    /// # Errors
    /// As for [`create`](Self::create).
    pub fn create_with(path: &Path, sample_rate_hz: u32, layout: &Layout, metadata: &Metadata) -> Result<Self> {
        let Some(mask) = channels::to_mask(layout) else {
            let order = channels::to_name(layout);
            return Err(MediaError::Usage(format!("FLAC cannot hold channels in the order {order}")));
        };
        let create = |source| MediaError::Io { path: path.to_owned(), doing: "cannot create", source };
        let file = File::create(path).map_err(create)?;
        let sink = BufWriter::with_capacity(256 << 10, file.try_clone().map_err(create)?);
        let channels = layout.channels();
        let mut options = Options::default();
        if channels > 2 {
            // RFC 9639, section 8.6.2: which speakers, where the number alone does not say.
            options = options.tag("WAVEFORMATEXTENSIBLE_CHANNEL_MASK", format!("0x{mask:04X}"));
        }
        for (name, value) in metadata.tags.iter().flat_map(|(name, value)| comments(name, value)) {
            options = options.tag(&name, value);
        }
        for cover in &metadata.covers {
            let kind = if cover.front { PictureType::FrontCover } else { PictureType::Other };
            let picture = Picture::new(kind, cover.description.as_str(), cover.data.as_slice());
            // A block's size has 24 bits (RFC 9639, section 8.1).
            if let Some(picture) = picture.ok().filter(|_| cover.data.len() < MOST_COVER_BYTES) {
                options = options.picture(picture);
            }
        }
        let encoder = FlacSampleWriter::new(sink, options, sample_rate_hz, BITS, channels as u8, None)
            .map_err(|e| failed(path, e))?;
        Ok(Self { path: path.to_owned(), encoder, file, channels, interleaved: Vec::new() })
    }
}

impl AudioWriter for FlacWriter {
    fn write(&mut self, channels: &[&[f32]]) -> Result<()> {
        let count = channels.first().map_or(0, |c| c.len());
        if channels.len() != self.channels || channels.iter().any(|c| c.len() != count) {
            let given = channels.len();
            let message = format!("a block of {given} channels was given to a FLAC file of {}", self.channels);
            return Err(MediaError::Usage(message));
        }
        self.interleaved.resize(count * self.channels, 0);
        for (index, channel) in channels.iter().enumerate() {
            let places = self.interleaved.iter_mut().skip(index).step_by(self.channels);
            for (place, sample) in places.zip(channel.iter()) {
                *place = quantise_24(*sample);
            }
        }
        self.encoder.write(&self.interleaved).map_err(|e| failed(&self.path, e))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let Self { path, encoder, file, .. } = *self;
        encoder.finalize().map_err(|e| failed(&path, e))?;
        file.sync_all().map_err(|source| MediaError::Io { path, doing: "cannot write", source })
    }
}

/// A tag as Vorbis comments: names are capitals, numbers and their totals stand apart ("Vorbis I comment field and
/// header specification", and what players agree on beyond it).
fn comments(name: &str, value: &str) -> Vec<(String, String)> {
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let counted = |number: &str, total: &str| match value.split_once('/') {
        Some((n, of)) => vec![own(number, n.trim()), own(total, of.trim())],
        None => vec![own(number, value)],
    };
    match name {
        "track" => counted("TRACKNUMBER", "TRACKTOTAL"),
        "disc" => counted("DISCNUMBER", "DISCTOTAL"),
        "album_artist" => vec![own("ALBUMARTIST", value)],
        // Printable ASCII but "=" and "~".
        _ if name.bytes().all(|byte| (0x20..0x7E).contains(&byte) && byte != b'=') => {
            vec![own(&name.to_ascii_uppercase(), value)]
        }
        _ => Vec::new(),
    }
}

fn failed(path: &Path, error: Error) -> MediaError {
    match error {
        Error::Io(source) => MediaError::Io { path: path.to_owned(), doing: "cannot write", source },
        Error::NoSamples => MediaError::Usage(format!("{}: there is no sound to write", path.display())),
        other => MediaError::Usage(format!("{}: FLAC cannot hold this sound: {other}", path.display())),
    }
}
