//! FLAC, MP3 and Ogg Vorbis decoded in-process; with `tags` the only place that knows symphonia.

use std::fs::File;
use std::path::{Path, PathBuf};

use auricle::layout::Layout;
use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_FLAC, CODEC_ID_MP3};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType, probe::Hint};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use super::broken;
use crate::audio::{AudioReader, Damage, SampleFormat};
use crate::channels;
use crate::error::{MediaError, Result};
use crate::metadata::Metadata;

/// Damaged packets in a row that are passed over (as silence of their length) before giving up.
const MOST_DAMAGED: u32 = 8;

/// Reads a sound file from its beginning to its end; encoder delay and padding left out.
pub(crate) struct SoundReader {
    path: PathBuf,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track_id: u32,
    sample_rate_hz: u32,
    layout: Layout,
    sample_format: SampleFormat,
    length: Option<u64>,
    /// Decoded and not yet delivered, `[channel][sample]`, from `used` on.
    pending: Vec<Vec<f32>>,
    used: usize,
    at: u64,
    ended: bool,
    damage: Option<Damage>,
}

impl SoundReader {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|source| MediaError::Io {
            path: path.to_owned(),
            doing: "cannot open",
            source,
        })?;
        let source = MediaSourceStream::new(Box::new(file), Default::default());
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), source, FormatOptions::default(), MetadataOptions::default())
            .map_err(|e| match e {
                Error::Unsupported(_) => {
                    broken(path, "is no sound file, or its beginning is damaged; copy or export it again".into())
                }
                e => broken(path, format!("is damaged near its beginning ({e}); copy or export it again")),
            })?;
        let track = format.default_track(TrackType::Audio);
        let Some((track, params)) = track.and_then(|t| Some((t, t.codec_params.as_ref()?.audio()?))) else {
            return Err(broken(path, "holds no sound that can be decoded".into()));
        };
        // Without the encoder's own count (LAME's tag) an MP3's length is only guessed from bit rates,
        // and must not cut the sound. The other formats are exact.
        let exact = params.codec != CODEC_ID_MP3 || track.delay.is_some();
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default().gapless(exact))
            .map_err(|e| broken(path, format!("cannot be decoded ({e})")))?;
        let Some(sample_rate_hz) = params.sample_rate.filter(|r| *r > 0) else {
            return Err(broken(path, "does not say how many samples per second it has; it is damaged".into()));
        };
        let Some(channels) = params.channels.as_ref().or_else(|| decoder.codec_params().channels.as_ref()) else {
            return Err(broken(path, "does not say how many channels it has; it is damaged".into()));
        };
        let layout = layout(channels).ok_or_else(|| {
            broken(
                path,
                format!("has {} channels ({channels}); Auricle hears {}", channels.count(), channels::SUPPORTED),
            )
        })?;
        let bits = params.bits_per_sample.filter(|_| params.codec == CODEC_ID_FLAC);
        Ok(Self {
            path: path.to_owned(),
            track_id: track.id,
            sample_rate_hz,
            sample_format: bits.map_or(SampleFormat::Lossy, |bits| SampleFormat::Int(bits.min(32) as u16)),
            length: track.num_frames.filter(|n| exact && *n > 0),
            pending: vec![Vec::new(); layout.channels()],
            layout,
            decoder,
            format,
            used: 0,
            at: 0,
            ended: false,
            damage: None,
        })
    }

    /// What the file says of its sound.
    pub(crate) fn metadata(&mut self) -> Metadata {
        super::tags::metadata(self.format.as_mut())
    }

    /// Decodes until there is something to deliver; false at the end.
    fn decode(&mut self) -> Result<bool> {
        let mut damaged = 0;
        while !self.ended {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => {
                    self.ended = true;
                    break;
                }
                // The end of a file in the middle of a packet reads as this.
                Err(Error::IoError(e)) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
                    self.ended = true;
                    break;
                }
                Err(e) => return Err(self.damaged(&e)),
            };
            if packet.track_id != self.track_id {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(decoded) => {
                    if decoded.num_planes() != self.pending.len() || decoded.spec().rate() != self.sample_rate_hz {
                        return Err(broken(
                            &self.path,
                            format!("changes its rate or channels at sample {}; convert it first", self.at),
                        ));
                    }
                    if decoded.frames() == 0 {
                        continue;
                    }
                    decoded.copy_to_vecs_planar(&mut self.pending);
                    self.used = 0;
                    return Ok(true);
                }
                Err(e @ (Error::DecodeError(_) | Error::IoError(_))) => {
                    damaged += 1;
                    if damaged > MOST_DAMAGED {
                        return Err(self.damaged(&e));
                    }
                    let first_secs = self.at as f64 / f64::from(self.sample_rate_hz);
                    let first = || Damage { count: 0, first_secs, said: e.to_string() };
                    self.damage.get_or_insert_with(first).count += 1;
                    // Silence keeps everything after the damage in its place.
                    let length = packet.dur.get() as usize;
                    self.pending.iter_mut().for_each(|c| {
                        c.clear();
                        c.resize(length, 0.0);
                    });
                    self.used = 0;
                    if length > 0 {
                        return Ok(true);
                    }
                }
                Err(e) => return Err(self.damaged(&e)),
            }
        }
        if let Some(promised) = self.length.filter(|n| self.at < *n) {
            return Err(broken(
                &self.path,
                format!(
                    "broke off or is damaged: its header promises {promised} samples per channel, {} are there; copy it again",
                    self.at
                ),
            ));
        }
        Ok(false)
    }

    fn damaged(&self, error: &Error) -> MediaError {
        let secs = self.at as f64 / f64::from(self.sample_rate_hz);
        broken(&self.path, format!("is damaged at sample {} ({secs:.3} s): {error}; copy it again", self.at))
    }
}

impl AudioReader for SoundReader {
    fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn sample_format(&self) -> SampleFormat {
        self.sample_format
    }

    fn length_samples(&self) -> Option<u64> {
        self.length
    }

    fn damage(&self) -> Option<Damage> {
        self.damage.clone()
    }

    fn read(&mut self, out: &mut [&mut [f32]]) -> Result<usize> {
        let left = self.length.map_or(u64::MAX, |n| n.saturating_sub(self.at));
        let wanted = (out.first().map_or(0, |c| c.len()) as u64).min(left) as usize;
        let mut done = 0;
        while done < wanted {
            let available = self.pending.first().map_or(0, Vec::len) - self.used;
            if available == 0 {
                if !self.decode()? {
                    break;
                }
                continue;
            }
            let count = available.min(wanted - done);
            for (channel, decoded) in out.iter_mut().zip(&self.pending) {
                channel[done..done + count].copy_from_slice(&decoded[self.used..self.used + count]);
            }
            self.used += count;
            self.at += count as u64;
            done += count;
        }
        Ok(done)
    }
}

/// Symphonia delivers channels in the order of the bits of its positions, which for the first
/// eighteen are WAVE's.
fn layout(channels: &Channels) -> Option<Layout> {
    match channels {
        Channels::Positioned(positions) => channels::from_mask(u32::try_from(positions.bits()).ok()?),
        Channels::Discrete(count) => channels::from_count(usize::from(*count)),
        _ => None,
    }
}
