//! Sound out of any file, as one [`AudioReader`].
//!
//! # Alignment
//! *Sample 0 is the picture's time zero*: the time of the film's first picture, wherever it stands on
//! the file's clock. A track that starts later is preceded by silence; of one that starts earlier,
//! what comes before the picture is left out. The last sample is the picture's end: a track that
//! ends earlier is followed by silence, one that goes on is cut there, unless it outlasts the picture
//! by more than a second (a still with a long sound), when it is read to its own end. Who makes a film
//! of it reads what comes before the picture too (`open_from_its_start`). Encoder delay
//! and edit lists are honoured, so that sample *n* is heard *n*/rate seconds after the first picture.
//!
//! Containers such as Matroska keep times in milliseconds: a track whose stated start differs from
//! the picture's by no more than one such unit starts with it.
//!
//! Where a track's times go on and its sound does not, silence stands for it, so that what follows stays in sync.
//!
//! A file without a film picture begins with its first sample and ends with its last.

mod checked;
mod complaints;
mod ffmpeg;
mod holes;
mod sound;
mod tags;

use std::path::Path;

use crate::audio::AudioReader;
use crate::error::{MediaError, Result};
use crate::probe::{Container, MediaInfo, Stream, first_sample_secs, probe_with};
use crate::tools::Tools;
use crate::wav::WavReader;

use checked::Checked;
pub(crate) use ffmpeg::FfmpegReader;
pub(crate) use holes::{HoleSearch, Holes};
pub(crate) use sound::SoundReader;

/// Lowest and highest rate the model runs at, in Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// Opens an audio track of any film or sound, aligned as this module's text says.
///
/// `track` counts the audio tracks as a user does, from 1; `None` takes the one with the default
/// disposition, or else the first. Samples that are not finite are an error when they are read.
///
/// # Errors
/// As for [`probe`](crate::probe::probe); no audio or no such track; a layout other than mono,
/// stereo, 5.1, 7.1 and those close to them; a rate outside 8-192 kHz.
pub fn open_audio(path: &Path, track: Option<usize>) -> Result<Box<dyn AudioReader>> {
    let tools = Tools::default();
    open_audio_of(&tools, &probe_with(&tools, path)?, track)
}

/// As [`open_audio`], of a file that was probed before.
///
/// # Errors
/// As for [`open_audio`].
pub fn open_audio_of(tools: &Tools, info: &MediaInfo, track: Option<usize>) -> Result<Box<dyn AudioReader>> {
    let reader = open_audio_as_it_is(tools, info, track)?;
    Ok(Box::new(Checked::new(&info.path, reader)))
}

/// As [`open_audio_of`]; samples that are not finite are passed on, for whoever puts them right.
///
/// # Errors
/// As for [`open_audio`].
pub fn open_audio_as_it_is(tools: &Tools, info: &MediaInfo, track: Option<usize>) -> Result<Box<dyn AudioReader>> {
    open(tools, info, track, Span::of)
}

/// As [`open_audio_as_it_is`], with what the track sounds before the first picture; and how many of the
/// samples that is. Sample 0 is then that many before the picture's time zero.
///
/// # Errors
/// As for [`open_audio`].
pub(crate) fn open_from_its_start(
    tools: &Tools,
    info: &MediaInfo,
    track: Option<usize>,
) -> Result<(Box<dyn AudioReader>, u64)> {
    let mut early_samples = 0;
    let reader = open(tools, info, track, |tools, info, stream| {
        let span = Span::from_its_start(tools, info, stream)?;
        early_samples = span.early_samples;
        Ok(span)
    })?;
    Ok((reader, early_samples))
}

fn open(
    tools: &Tools,
    info: &MediaInfo,
    track: Option<usize>,
    span: impl FnOnce(&Tools, &MediaInfo, &Stream) -> Result<Span>,
) -> Result<Box<dyn AudioReader>> {
    let stream = info.track(track)?;
    check_format(info, stream)?;
    Ok(match info.container {
        Container::Wav => Box::new(WavReader::open(&info.path)?),
        Container::Flac | Container::Mp3 | Container::OggVorbis => Box::new(SoundReader::open(&info.path)?),
        _ => {
            let span = span(tools, info, stream)?;
            Box::new(FfmpegReader::open(tools, info, stream, span)?)
        }
    })
}

/// Refuses rates and layouts that cannot be heard.
fn check_format(info: &MediaInfo, stream: &Stream) -> Result<()> {
    let Some(audio) = &stream.audio else {
        return Err(info.broken(format!("stream {} is not audio", stream.index)));
    };
    if audio.sample_rate_hz == 0 || audio.channels == 0 {
        return Err(info.broken(format!(
            "is no sound file, or its beginning is damaged: it begins like {}, and nothing in it can be read as that",
            if stream.codec.is_empty() { "a sound" } else { &stream.codec }
        )));
    }
    if !RATES_HZ.contains(&audio.sample_rate_hz) {
        return Err(info.broken(format!(
            "has {} samples per second; Auricle hears 8000 to 192000; convert it first, for example: \
             ffmpeg -i IN -c:v copy -ar 48000 OUT",
            audio.sample_rate_hz
        )));
    }
    if audio.layout.is_none() {
        return Err(info.broken(format!(
            "has the channel layout \"{}\" ({} channels); Auricle hears {}",
            audio.layout_name,
            audio.channels,
            crate::channels::SUPPORTED
        )));
    }
    Ok(())
}

/// Where a track's samples stand against those that are read of it, in samples per channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// How many of the samples that are read come before the picture's time zero.
    pub(crate) early_samples: u64,
    /// Silence before the track's first decoded sample; below 0: how many of its samples come before
    /// the first that is read and are left out.
    pub(crate) lead_samples: i64,
    /// Length of the whole; `None`: to the track's end.
    pub(crate) length_samples: Option<u64>,
    /// Where the track's own last sample should stand, as far as the container says.
    pub(crate) track_end_samples: Option<u64>,
}

impl Span {
    /// The span of a track as this module's text says.
    pub(crate) fn of(tools: &Tools, info: &MediaInfo, stream: &Stream) -> Result<Self> {
        let Some(first) = first_sample_secs(tools, &info.path, stream)? else {
            let number = info.audio_tracks().position(|s| s.index == stream.index).map_or(0, |i| i + 1);
            return Err(info.broken(format!(
                "audio track {number} holds no sound that can be decoded ({}); choose another track or repair the file",
                if stream.codec.is_empty() { "unknown codec" } else { &stream.codec }
            )));
        };
        let (zero, end) = info.span_secs(stream);
        Ok(Self::against(stream, first, (zero.unwrap_or(first), end)))
    }

    /// The span of a track whose first sample is heard at `first`, of a film from `zero` to `end` (where that is
    /// known), all in seconds on the file's clock.
    pub(crate) fn against(stream: &Stream, first: f64, (zero, end): (f64, Option<f64>)) -> Self {
        let rate = stream.audio.as_ref().map_or(0.0, |a| f64::from(a.sample_rate_hz));
        let tick = stream.time_base.map_or(0.0, super::probe::Rational::as_f64);
        let offset = first - zero;
        // Half a tick is the rounding of either time; a coarse clock cannot place a sample better.
        let lead = if tick * rate > 1.0 && offset.abs() <= tick * 1.001 { 0.0 } else { offset * rate };
        let samples = |secs: f64| ((secs - zero) * rate).round().max(0.0) as u64;
        Self {
            early_samples: 0,
            lead_samples: lead.round() as i64,
            length_samples: end.map(samples).filter(|n| *n > 0),
            track_end_samples: stream.end_secs().map(samples),
        }
    }

    /// As [`Self::of`], begun with what the track sounds before the first picture.
    pub(crate) fn from_its_start(tools: &Tools, info: &MediaInfo, stream: &Stream) -> Result<Self> {
        let span = Self::of(tools, info, stream)?;
        let rate = stream.audio.as_ref().map_or(0.0, |a| f64::from(a.sample_rate_hz));
        // A film that keeps the source's clock has no place for sound before that clock's start.
        let room = (info.picture_secs(stream) - info.start_secs) * rate;
        let early_samples = (-span.lead_samples).min(room.round() as i64).max(0);
        Ok(Self {
            early_samples: early_samples as u64,
            lead_samples: span.lead_samples + early_samples,
            length_samples: span.length_samples.map(|length| length + early_samples as u64),
            track_end_samples: span.track_end_samples.map(|end| end + early_samples as u64),
        })
    }
}

/// The error of a file that is not what it should be.
pub(crate) fn broken(path: &Path, message: String) -> MediaError {
    MediaError::Broken { path: path.to_owned(), message }
}
