//! Writing FLAC files (RFC 9639), block by block; the only place that knows flac-codec.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use auricle::layout::Layout;
use flac_codec::Error;
use flac_codec::encode::{FlacSampleWriter, Options};

use crate::audio::AudioWriter;
use crate::channels;
use crate::error::{MediaError, Result};
use crate::pcm::quantise_24;

/// Bits of each sample.
const BITS: u32 = 24;

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

fn failed(path: &Path, error: Error) -> MediaError {
    match error {
        Error::Io(source) => MediaError::Io { path: path.to_owned(), doing: "cannot write", source },
        Error::NoSamples => MediaError::Usage(format!("{}: there is no sound to write", path.display())),
        other => MediaError::Usage(format!("{}: FLAC cannot hold this sound: {other}", path.display())),
    }
}
