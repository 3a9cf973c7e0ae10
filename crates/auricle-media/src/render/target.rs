//! What the output is: a sound file written here, or a film that ffmpeg puts together.

use std::path::Path;

use auricle::layout::Layout;

use super::job::{Model, RenderJob};
use crate::audio::{AudioWriter, SampleFormat};
use crate::error::{MediaError, Result};
use crate::film::{Codec, FilmContainer, FilmPlan, FilmSpec, FilmWriter, LeftOut, PlannedStream, Tracks};
use crate::flac::FlacWriter;
use crate::metadata;
use crate::probe::{Container, MediaInfo};
use crate::tools::Tools;
use crate::verify::{Stored, Verifier, VerifyReport};
use crate::wav::{Chunk, WavFormat, WavOptions, WavWriter};

/// The kinds of output, by their names' extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// WAV, which becomes RF64 where it outgrows 4 GiB.
    Wav,
    /// FLAC.
    Flac,
    /// A film, or sound in a film's container.
    Film(FilmContainer),
}

/// The output, decided in full.
pub(super) enum Target {
    /// WAV.
    Wav(WavFormat),
    /// FLAC.
    Flac,
    /// A film.
    Film(Box<FilmPlan>),
}

/// The sound that goes into the output.
#[derive(Debug, Clone)]
pub(super) struct Sound {
    /// Samples per second.
    pub(super) sample_rate_hz: u32,
    /// Channels that are written.
    pub(super) layout: Layout,
    /// Samples per channel, where known.
    pub(super) length_samples: Option<u64>,
    /// How many of them come before the first picture.
    pub(super) early_samples: u64,
    /// How the source stores its samples.
    pub(super) source_format: SampleFormat,
}

impl Kind {
    /// The kind that `output`'s name asks for.
    ///
    /// # Errors
    /// Its extension is none that is known; names those that are.
    pub(super) fn of(output: &Path) -> Result<Self> {
        let extension = output.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("wav" | "wave" | "bwf" | "rf64") => Ok(Self::Wav),
            Some("flac") => Ok(Self::Flac),
            _ => FilmContainer::of(output).map(Self::Film),
        }
    }
}

impl Target {
    /// Decides how the output of `job` is stored; `title` is the name of a film's new track.
    ///
    /// # Errors
    /// [`MediaError::Usage`] where choices do not go together; what [`FilmPlan::new`] refuses.
    pub(super) fn choose(job: &RenderJob, kind: Kind, info: &MediaInfo, sound: &Sound, title: &str) -> Result<Self> {
        let usage = |message: String| Err(MediaError::Usage(message));
        match (kind, job.codec, job.format) {
            (Kind::Wav, None, format) => {
                // MSBG's output is for comparing with: 24 bits would leave less of it than its parity.
                let float = sound.source_format == SampleFormat::Float || job.model != Model::Own;
                Ok(Self::Wav(format.unwrap_or(if float { WavFormat::Float32 } else { WavFormat::Int24 })))
            }
            (Kind::Flac, _, Some(WavFormat::Float32)) => {
                usage("--bits float: FLAC holds integers only; write a .wav file, or leave --bits out".to_owned())
            }
            (Kind::Flac, None | Some(Codec::Flac), _) => Ok(Self::Flac),
            (Kind::Wav | Kind::Flac, Some(codec), _) => {
                usage(format!("--codec {}: is for films; a .wav or .flac file is what its name says", codec.name()))
            }
            (Kind::Film(container), codec, format) => {
                let codec = film_codec(container, codec, format, sound.source_format)?;
                let spec = FilmSpec {
                    source: info,
                    track: job.track,
                    // A sound without picture gets no second track: its original is a file of its own.
                    tracks: job.tracks.unwrap_or(if info.picture().is_some() { Tracks::Both } else { Tracks::Pov }),
                    codec,
                    sample_rate_hz: sound.sample_rate_hz,
                    layout: &sound.layout,
                    length_samples: sound.length_samples,
                    early_samples: sound.early_samples,
                    title,
                };
                Ok(Self::Film(Box::new(FilmPlan::new(&Tools::default(), &spec, &job.output)?)))
            }
        }
    }

    /// Begins the output at `path`.
    ///
    /// # Errors
    /// The file cannot be made, ffmpeg cannot be started.
    pub(super) fn writer(&self, path: &Path, info: &MediaInfo, sound: &Sound) -> Result<Box<dyn AudioWriter>> {
        Ok(match self {
            Self::Wav(format) => {
                // The first sample is the source's, so its time reference still holds.
                let options = WavOptions { bext: info.bext.clone(), chunks: chunks(info), ..WavOptions::new(*format) };
                Box::new(WavWriter::create(path, sound.sample_rate_hz, &sound.layout, options)?)
            }
            Self::Flac => {
                let metadata = metadata::of(&Tools::default(), info)?;
                Box::new(FlacWriter::create_with(path, sound.sample_rate_hz, &sound.layout, &metadata)?)
            }
            Self::Film(plan) => Box::new(FilmWriter::start(plan, path)?),
        })
    }

    /// How the output keeps samples.
    pub(super) fn stored(&self) -> Stored {
        match self {
            Self::Wav(WavFormat::Float32) => Stored::Float32,
            Self::Wav(WavFormat::Int24) | Self::Flac => Stored::Int24,
            Self::Film(plan) => plan.stored(),
        }
    }

    /// Reads the output at `path` back and holds it against what was rendered.
    ///
    /// # Errors
    /// [`MediaError::Verification`] where it is not what it should be.
    pub(super) fn verify(&self, verifier: &Verifier<'_>, path: &Path) -> Result<VerifyReport> {
        match self {
            Self::Wav(_) | Self::Flac => verifier.sound(path),
            Self::Film(plan) => verifier.film(plan, path),
        }
    }

    /// How long the output lasts before the first picture, in ms.
    pub(super) fn before_picture_ms(&self) -> u64 {
        if let Self::Film(plan) = self {
            ((plan.before_picture_secs() + plan.unhidden_secs) * 1e3).round().max(0.0) as u64
        } else {
            0
        }
    }

    /// Streams of a film, in the output's order.
    pub(super) fn streams(&self) -> &[PlannedStream] {
        if let Self::Film(plan) = self { plan.streams() } else { &[] }
    }

    /// What of the source stays behind.
    pub(super) fn left_out(&self) -> &[LeftOut] {
        if let Self::Film(plan) = self { plan.left_out() } else { &[] }
    }

    /// What is otherwise in the output, read back as `written`, than in the source, for the user.
    pub(super) fn changes(&self, written: &MediaInfo) -> Vec<String> {
        if let Self::Film(plan) = self { plan.changes(written) } else { Vec::new() }
    }

    /// What kind of file it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Wav(_) => "a WAV file",
            Self::Flac => "a FLAC file",
            Self::Film(plan) => plan.container().described(),
        }
    }

    /// How the sound is stored, in a few words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Wav(WavFormat::Int24) => "PCM, 24 bit".to_owned(),
            Self::Wav(WavFormat::Float32) => "PCM, 32-bit float".to_owned(),
            Self::Flac => "FLAC, 24 bit".to_owned(),
            Self::Film(plan) => plan.codec().name().to_owned(),
        }
    }
}

/// The chunks of a WAV file that is made of a source: those of its own that hold for any sound of its length (markers
/// and their names, production notes), or its tags. What describes levels or channels as they were stays behind.
fn chunks(info: &MediaInfo) -> Vec<Chunk> {
    const KEPT: [&[u8; 4]; 6] = [b"LIST", b"cue ", b"plst", b"iXML", b"id3 ", b"ID3 "];
    if info.container == Container::Wav {
        return info.chunks.iter().filter(|chunk| KEPT.contains(&&chunk.id)).cloned().collect();
    }
    Chunk::info(&metadata::tags(info)).into_iter().collect()
}

/// The codec to ask of a film's container; `None` leaves it to the container.
fn film_codec(
    container: FilmContainer,
    codec: Option<Codec>,
    format: Option<WavFormat>,
    source_format: SampleFormat,
) -> Result<Option<Codec>> {
    let pcm = matches!(codec.or(container.codecs().first().copied()), Some(Codec::Pcm | Codec::PcmF32));
    match (codec, format) {
        (None | Some(Codec::Pcm | Codec::PcmF32), Some(WavFormat::Float32)) => Ok(Some(Codec::PcmF32)),
        (Some(codec), Some(WavFormat::Float32)) => Err(MediaError::Usage(format!(
            "--bits float: {} holds no floating point; give --codec pcm, or leave --bits out",
            codec.name()
        ))),
        (Some(Codec::PcmF32), Some(WavFormat::Int24)) => {
            Err(MediaError::Usage("--bits 24: pcm_f32 is floating point; give --codec pcm".to_owned()))
        }
        // A source in float may have peaks above full scale: they survive wherever they can.
        (_, None) if pcm && source_format == SampleFormat::Float => Ok(Some(Codec::PcmF32)),
        (codec, _) => Ok(codec),
    }
}
