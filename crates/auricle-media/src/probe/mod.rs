//! What is in a file: container, streams, times, chapters, tags.
//!
//! Sound files that are decoded in-process (WAV and its kin, FLAC, MP3, Ogg Vorbis) are probed
//! in-process too, so that no ffmpeg is needed for them; everything else by ffprobe.

mod damage;
mod ffprobe;
mod sound;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use auricle::layout::Layout;
use serde::Serialize;

use crate::audio::SampleFormat;
use crate::error::{MediaError, Result};
use crate::metadata::Cover;
use crate::tools::Tools;
use crate::wav::{Bext, Chunk};

pub(crate) use damage::told_damage;
pub(crate) use ffprobe::{first_packet_secs, first_sample_secs};
pub(crate) use sound::{Sniffed, sniff};

/// An exact fraction: a frame rate (24000/1001) or the unit of timestamps (1/48000).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rational {
    /// Numerator.
    pub num: i64,
    /// Denominator, above 0.
    pub den: i64,
}

impl Rational {
    /// `num/den`; `None` where the denominator is not above 0.
    pub fn new(num: i64, den: i64) -> Option<Self> {
        (den > 0).then_some(Self { num, den })
    }

    /// The nearest double.
    pub fn as_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }
}

impl std::fmt::Display for Rational {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.den == 1 { write!(f, "{}", self.num) } else { write!(f, "{}/{}", self.num, self.den) }
    }
}

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// WAV, RF64, BW64, with or without broadcast chunks.
    Wav,
    /// Native FLAC.
    Flac,
    /// MPEG audio layer III.
    Mp3,
    /// Ogg with one Vorbis stream.
    OggVorbis,
    /// MP4, M4V, M4A, 3GP.
    Mp4,
    /// QuickTime.
    Mov,
    /// Matroska.
    Matroska,
    /// WebM.
    WebM,
    /// Whatever else ffmpeg reads.
    Other,
}

/// The kind of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// Moving pictures, or an attached picture such as cover art.
    Video,
    /// Sound.
    Audio,
    /// Subtitles.
    Subtitle,
    /// Timecode, chapter text, sensor data.
    Data,
    /// A file in the file: a font, a picture.
    Attachment,
    /// Nothing ffprobe has a word for.
    Unknown,
}

/// What an audio stream holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AudioFormat {
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Number of channels.
    pub channels: usize,
    /// The channels; `None` where they have no place in Auricle's layouts.
    pub layout: Option<Layout>,
    /// The layout as the file names it: "5.1(side)".
    pub layout_name: String,
    /// How samples are stored.
    pub sample_format: SampleFormat,
}

/// What a video stream holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VideoFormat {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Pictures per second: the mean where it varies.
    pub frame_rate: Option<Rational>,
    /// Whether the time between pictures varies (the container's two rates differ by over 0.1 %).
    pub variable_frame_rate: bool,
    /// How far it is turned anticlockwise to be seen upright, in degrees, as phones have it; 0 where it is not.
    pub rotation_degrees: i32,
    /// Whether it is cover art or the like, not the film.
    pub attached_picture: bool,
}

/// One stream of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stream {
    /// Its number in the file, from 0.
    pub index: usize,
    /// Its kind.
    pub kind: StreamKind,
    /// ffmpeg's name of its codec: "aac", "h264", "subrip"; empty where it has none.
    pub codec: String,
    /// The container's own code for it ("tmcd", "mp4a"), where it has one.
    pub codec_tag: String,
    /// The dispositions that are set: "default", "comment".
    pub dispositions: Vec<String>,
    /// Its tags: "language", "title", "handler_name", "timecode".
    pub tags: BTreeMap<String, String>,
    /// Unit of its timestamps in seconds.
    pub time_base: Option<Rational>,
    /// When it starts on the file's clock, in seconds.
    pub start_secs: Option<f64>,
    /// How long it is, in seconds, where the container says so of this stream.
    pub duration_secs: Option<f64>,
    /// For audio.
    pub audio: Option<AudioFormat>,
    /// For video.
    pub video: Option<VideoFormat>,
}

impl Stream {
    /// Whether a disposition is set.
    pub fn is(&self, disposition: &str) -> bool {
        self.dispositions.iter().any(|d| d == disposition)
    }

    /// A tag, whatever the case of its name.
    pub fn tag(&self, name: &str) -> Option<&str> {
        find_tag(&self.tags, name)
    }

    /// Whether it is the moving picture of a film.
    pub fn is_film_picture(&self) -> bool {
        self.video.as_ref().is_some_and(|v| !v.attached_picture)
    }

    /// When it ends on the file's clock, in seconds, as far as the container says so of this stream.
    pub(crate) fn end_secs(&self) -> Option<f64> {
        if let Some(duration) = self.duration_secs {
            return Some(self.start_secs.unwrap_or(0.0) + duration);
        }
        // Matroska keeps a stream's end as a tag "HH:MM:SS.fraction".
        parse_clock(self.tag("DURATION")?)
    }
}

/// A chapter mark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chapter {
    /// Start on the file's clock, in seconds.
    pub start_secs: f64,
    /// End on the file's clock, in seconds.
    pub end_secs: f64,
    /// Its title, where it has one.
    pub title: Option<String>,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MediaInfo {
    /// The file.
    pub path: PathBuf,
    /// The kind of file.
    pub container: Container,
    /// Its name in ffmpeg's words: "mov,mp4,m4a,3gp,3g2,mj2".
    pub format_name: String,
    /// Where its clock starts, in seconds: the earliest stream's start.
    pub start_secs: f64,
    /// Duration in seconds from that start, where known.
    pub duration_secs: Option<f64>,
    /// Its streams, in the file's order.
    pub streams: Vec<Stream>,
    /// Its chapters.
    pub chapters: Vec<Chapter>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The broadcast extension of a BWF file.
    pub bext: Option<Bext>,
    /// Pictures of a sound file that was probed in-process; elsewhere they are streams.
    #[serde(skip)]
    pub covers: Vec<Cover>,
    /// What else a WAV file holds: markers, `iXML`, `LIST`.
    #[serde(skip)]
    pub chunks: Vec<Chunk>,
}

impl MediaInfo {
    /// The audio tracks, in the file's order: track 1 is the first.
    pub fn audio_tracks(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|s| s.audio.is_some())
    }

    /// The film's picture: the default one, else the first that is not an attached picture.
    pub fn picture(&self) -> Option<&Stream> {
        let mut pictures = self.streams.iter().filter(|s| s.is_film_picture());
        pictures.clone().find(|s| s.is("default")).or_else(|| pictures.next())
    }

    /// The timecode of the first picture, from a stream's or the file's tag.
    pub fn timecode(&self) -> Option<&str> {
        let of_streams = self.streams.iter().find_map(|s| s.tag("timecode"));
        of_streams.or_else(|| find_tag(&self.tags, "timecode"))
    }

    /// The audio track a user's number means: 1 is the first, `None` the one with the default
    /// disposition, or else the first.
    ///
    /// # Errors
    /// There is no audio, or no such track; names the tracks there are.
    pub fn track(&self, number: Option<usize>) -> Result<&Stream> {
        let tracks: Vec<_> = self.audio_tracks().collect();
        let Some(first) = tracks.first().copied() else {
            return Err(self.broken("has no audio track, so there is nothing to hear; give a file with sound".into()));
        };
        let Some(number) = number else {
            return Ok(tracks.iter().copied().find(|s| s.is("default")).unwrap_or(first));
        };
        number.checked_sub(1).and_then(|i| tracks.get(i)).copied().ok_or_else(|| {
            let names = tracks.iter().enumerate().map(|(i, s)| format!("{} ({})", i + 1, s.summary()));
            let names = names.collect::<Vec<_>>().join(", ");
            MediaError::Usage(format!(
                "{}: no audio track {number}; give one of its tracks, {names}, or leave --track out",
                self.path.display()
            ))
        })
    }

    /// The span of the film on its file's clock that a track is read over, `(zero, end)` in seconds.
    ///
    /// Zero is the first picture's time; without a picture it is the track's own start (`None`: only
    /// decoding tells). The end is the picture's; where the track outlasts the picture by more than a
    /// second (a still with a long sound), it is the track's. `None`: unknown beforehand.
    pub(crate) fn span_secs(&self, track: &Stream) -> (Option<f64>, Option<f64>) {
        let Some(picture) = self.picture() else {
            // MP4's edit lists say to the sample what is padding; elsewhere decoding itself knows.
            let exact = matches!(self.container, Container::Mp4 | Container::Mov);
            return (None, track.end_secs().filter(|_| exact));
        };
        let file_end = self.duration_secs.map(|d| self.start_secs + d);
        let track_end = track.end_secs().or(file_end);
        let zero = picture.start_secs.unwrap_or(self.start_secs);
        let picture_end = picture.end_secs().or(file_end).map(|end| zero + whole_pictures(picture, end - zero));
        let end = match (picture_end, track_end) {
            (Some(picture), Some(track)) if track > picture + 1.0 => Some(track),
            (picture, track) => picture.or(track),
        };
        (Some(zero), end)
    }

    /// The time zero that `track` is read against, on the file's clock, in seconds; without a picture the
    /// clock's own start.
    pub(crate) fn picture_secs(&self, track: &Stream) -> f64 {
        self.span_secs(track).0.unwrap_or(self.start_secs)
    }

    /// How long a track sounds before the first picture, seconds.
    pub(crate) fn sound_before_picture_secs(&self, track: &Stream) -> f64 {
        (self.picture_secs(track) - track.start_secs.unwrap_or(self.start_secs)).max(0.0)
    }

    /// The error for this file.
    pub(crate) fn broken(&self, message: String) -> MediaError {
        MediaError::Broken { path: self.path.clone(), message }
    }
}

impl Stream {
    /// A few words for a list of tracks.
    fn summary(&self) -> String {
        let mut words = vec![self.codec.clone()];
        if let Some(audio) = &self.audio {
            words.push(audio.layout_name.clone());
        }
        words.extend(self.tag("language").filter(|l| *l != "und").map(str::to_owned));
        words.extend(self.tag("title").map(|t| format!("\"{t}\"")));
        words.join(" ")
    }
}

/// Says what is in a file.
///
/// # Errors
/// [`MediaError::Io`] for a missing or unreadable file; [`MediaError::Broken`] for a folder, an empty
/// or damaged file, or one that holds no media; [`MediaError::Tool`] where ffprobe is needed and is
/// missing or too old.
pub fn probe(path: &Path) -> Result<MediaInfo> {
    probe_with(&Tools::default(), path)
}

/// As [`probe`], with the programs to use.
///
/// # Errors
/// As for [`probe`].
pub fn probe_with(tools: &Tools, path: &Path) -> Result<MediaInfo> {
    let head = read_head(path)?;
    match sniff(path, &head)? {
        Sniffed::Film => ffprobe::probe(tools, path),
        kind => match sound::probe(path, kind)? {
            Some(info) => Ok(info),
            None => ffprobe::probe(tools, path),
        },
    }
}

/// A sound that was probed in-process as ffmpeg sees it: covers are streams that it can copy, and tags and chapters
/// are those it will find. Times stay what they are.
pub(crate) fn as_ffmpeg_sees(tools: &Tools, info: MediaInfo) -> MediaInfo {
    if !matches!(info.container, Container::Wav | Container::Flac | Container::Mp3 | Container::OggVorbis) {
        return info;
    }
    // A sound that only the decoder here can read is rendered all the same, without these.
    let Ok(mut seen) = ffprobe::probe(tools, &info.path) else { return info };
    let mut streams = info.streams.clone();
    for stream in std::mem::take(&mut seen.streams) {
        match streams.iter_mut().find(|known| known.index == stream.index) {
            Some(known) => known.tags = stream.tags,
            None if stream.kind == StreamKind::Video && !stream.is_film_picture() => streams.push(stream),
            None => {}
        }
    }
    MediaInfo {
        streams,
        tags: seen.tags,
        chapters: seen.chapters,
        format_name: seen.format_name,
        covers: Vec::new(),
        ..info
    }
}

/// The first bytes of a file, after checking that it is one and has any.
pub(crate) fn read_head(path: &Path) -> Result<Vec<u8>> {
    let io = |doing: &'static str| {
        let path = path.to_owned();
        move |source: std::io::Error| MediaError::Io { path, doing, source }
    };
    let broken = |message: &str| MediaError::Broken { path: path.to_owned(), message: message.to_owned() };
    let metadata = std::fs::metadata(path).map_err(io("cannot open"))?;
    if metadata.is_dir() {
        return Err(broken("is a folder; give a film or a sound file"));
    }
    if !metadata.is_file() {
        return Err(broken("is not an ordinary file (a device or pipe); save it to a file first"));
    }
    if metadata.len() == 0 {
        return Err(broken("is empty (0 bytes); it may not have been copied whole"));
    }
    let file = std::fs::File::open(path).map_err(io("cannot open"))?;
    let mut head = Vec::new();
    file.take(4096).read_to_end(&mut head).map_err(io("cannot read"))?;
    Ok(head)
}

/// A duration as a whole number of pictures, where it is one but for the rounding of its container
/// (Matroska's milliseconds, MP4's movie clock).
fn whole_pictures(picture: &Stream, secs: f64) -> f64 {
    let Some(video) = picture.video.as_ref().filter(|v| !v.variable_frame_rate) else {
        return secs;
    };
    let Some(rate) = video.frame_rate.map(Rational::as_f64) else {
        return secs;
    };
    let whole = (secs * rate).round();
    // Two roundings to a millisecond.
    if ((secs - whole / rate).abs()) < 2.1e-3 && whole > 0.0 { whole / rate } else { secs }
}

/// A tag, whatever the case of its name.
fn find_tag<'a>(tags: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// "00:00:06.153000000" in seconds.
fn parse_clock(text: &str) -> Option<f64> {
    let mut parts = text.splitn(3, ':');
    let hours: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next()?.parse().ok()?;
    let secs: f64 = parts.next()?.trim().parse().ok()?;
    Some(hours * 3600.0 + minutes * 60.0 + secs)
}
