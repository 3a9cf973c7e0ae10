//! What goes into the output film: every stream of the source, and the point-of-audition track.

use std::path::Path;

use auricle::layout::Layout;
use serde::Serialize;

use super::codec::{Codec, FilmContainer};
use super::opus::OpusRepair;
use crate::error::Result;
use crate::probe::{Container, MediaInfo, Stream, StreamKind, first_packet_secs};
use crate::tools::Tools;
use crate::verify::Stored;

/// Which audio tracks the output has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tracks {
    /// The point-of-audition mix first and default; the track it was made from second; the others after.
    Both,
    /// The point-of-audition mix in place of the track it was made from; the others after.
    Pov,
}

/// What the user wants written.
#[derive(Debug, Clone)]
pub struct FilmSpec<'a> {
    /// The film the sound was taken from.
    pub source: &'a MediaInfo,
    /// Which of its audio tracks, as for [`open_audio`](crate::open_audio).
    pub track: Option<usize>,
    /// Which tracks the output has.
    pub tracks: Tracks,
    /// The codec; `None`: the usual one of the container.
    pub codec: Option<Codec>,
    /// Rate of what will be written.
    pub sample_rate_hz: u32,
    /// Channels of what will be written.
    pub layout: &'a Layout,
    /// Samples per channel that will be written, where known: checked at the end.
    pub length_samples: Option<u64>,
    /// How many of them come before the first picture.
    pub early_samples: u64,
    /// The track's name: "Through the drummer's ears".
    pub title: &'a str,
}

/// What becomes of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// The rendered sound.
    Pov,
    /// Packets as they are.
    Copy,
    /// Text subtitles in the form this container knows.
    Convert,
    /// Cover art, which Matroska keeps as an attached file.
    Attach,
}

/// A stream of the output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedStream {
    /// The source's stream; `None` for the rendered sound.
    pub source: Option<usize>,
    /// Its kind.
    pub kind: StreamKind,
    /// What becomes of it.
    pub treatment: Treatment,
    /// Its codec as ffprobe will name it; empty where it has no name.
    pub codec: String,
}

/// A stream that the output cannot hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// The source's stream.
    pub source: usize,
    /// What it is and why it stays behind, for the user.
    pub why: String,
}

/// How the output will be made; all that can be refused is refused while planning.
#[derive(Debug, Clone)]
pub struct FilmPlan {
    pub(crate) tools: Tools,
    pub(crate) source: MediaInfo,
    pub(crate) container: FilmContainer,
    pub(crate) codec: Codec,
    pub(crate) sample_rate_hz: u32,
    pub(crate) layout: Layout,
    pub(crate) length_samples: Option<u64>,
    pub(crate) title: String,
    pub(crate) language: Option<String>,
    /// The source's stream that is listened to.
    pub(crate) listened: usize,
    /// In the output's order.
    pub(crate) streams: Vec<PlannedStream>,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) opus: OpusRepair,
    /// Silence before the first sample: from the start of the source's clock to where that stands.
    pub(crate) lead_samples: u64,
    /// Samples that are written before those of the first picture.
    pub(crate) early_samples: u64,
    /// How long the pictures last, in seconds, that the source hides before its first one and the output cannot hide.
    pub(crate) unhidden_secs: f64,
}

impl FilmPlan {
    /// Plans the output `destination` (its name tells the container).
    ///
    /// # Errors
    /// A container or codec that cannot hold what it should; no such track; ffmpeg missing.
    pub fn new(tools: &Tools, spec: &FilmSpec<'_>, destination: &Path) -> Result<Self> {
        let container = FilmContainer::of(destination)?;
        tools.check()?;
        let codec = container.choose(tools, spec.codec, spec.sample_rate_hz, spec.layout)?;
        let track = spec.source.track(spec.track)?;
        let lead = (spec.source.picture_secs(track) - spec.source.start_secs) * f64::from(spec.sample_rate_hz);
        let mut plan = Self {
            tools: tools.clone(),
            source: spec.source.clone(),
            container,
            codec,
            sample_rate_hz: spec.sample_rate_hz,
            layout: spec.layout.clone(),
            length_samples: spec.length_samples,
            title: spec.title.to_owned(),
            language: track.tag("language").map(str::to_owned),
            listened: track.index,
            streams: Vec::new(),
            left_out: Vec::new(),
            opus: OpusRepair::default(),
            lead_samples: (lead.round().max(0.0) as u64).saturating_sub(spec.early_samples),
            early_samples: spec.early_samples,
            unhidden_secs: 0.0,
        };
        plan.place_streams(track, spec.tracks);
        super::fits::check(&plan, destination)?;
        plan.unhidden_secs = plan.find_unhidden_secs()?;
        plan.opus = super::opus::repair(&plan)?;
        plan.lead_samples += (plan.opus.lead_secs * f64::from(spec.sample_rate_hz)).round() as u64;
        Ok(plan)
    }

    /// The codec of the point-of-audition track.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// How the codec keeps samples: what a [`RenderRecord`](crate::verify::RenderRecord) needs to know.
    pub fn stored(&self) -> Stored {
        match self.codec {
            Codec::PcmF32 => Stored::Float32,
            codec if codec.is_24_bit() => Stored::Int24,
            _ => Stored::Lossy,
        }
    }

    /// Silence the writer puts before the first sample, in samples per channel.
    pub fn lead_samples(&self) -> u64 {
        self.lead_samples
    }

    /// Samples per channel that are written before those of the first picture.
    pub fn early_samples(&self) -> u64 {
        self.early_samples
    }

    /// How long the output's clock runs before the first picture, as the source's does, in seconds.
    pub(crate) fn before_picture_secs(&self) -> f64 {
        let listened = self.source.streams.iter().find(|s| s.index == self.listened);
        listened.map_or(0.0, |track| self.source.picture_secs(track) - self.source.start_secs)
    }

    /// Samples per second of the point-of-audition track as it is stored.
    pub fn stored_rate_hz(&self) -> u32 {
        self.codec.stored_rate_hz(self.sample_rate_hz)
    }

    /// A film that was cut without encoding it anew begins with the keyframe before the cut, and an edit list of MP4 or
    /// QuickTime hides what comes before it. Matroska hides nothing: there the film begins that much earlier.
    fn find_unhidden_secs(&self) -> Result<f64> {
        let hides = matches!(self.source.container, Container::Mp4 | Container::Mov);
        let Some(picture) = self.source.picture().filter(|_| hides && self.container.is_matroska_family()) else {
            return Ok(0.0);
        };
        if self.container.is_for_sound() {
            return Ok(0.0);
        }
        let packet = first_packet_secs(&self.tools, &self.source.path, picture)?;
        Ok(packet.map_or(0.0, |packet| (picture.start_secs.unwrap_or(self.source.start_secs) - packet).max(0.0)))
    }

    /// The output's container.
    pub fn container(&self) -> FilmContainer {
        self.container
    }

    /// The output's streams, in order.
    pub fn streams(&self) -> &[PlannedStream] {
        &self.streams
    }

    /// What of the source the output cannot hold; the user should be told.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Streams keep the source's order; the audio tracks stand together where the first one stood.
    fn place_streams(&mut self, track: &Stream, tracks: Tracks) {
        let source = self.source.clone();
        let mut audio_placed = false;
        for stream in &source.streams {
            if stream.kind != StreamKind::Audio {
                self.place(stream);
                continue;
            }
            if audio_placed {
                continue;
            }
            audio_placed = true;
            self.streams.push(PlannedStream {
                source: None,
                kind: StreamKind::Audio,
                treatment: Treatment::Pov,
                codec: self.codec.probed_name().to_owned(),
            });
            if tracks == Tracks::Both {
                self.place(track);
            }
            source.audio_tracks().filter(|s| s.index != track.index).for_each(|s| self.place(s));
        }
        // Attached pictures come last: ffmpeg numbers them after the streams it maps.
        self.streams.sort_by_key(|s| s.treatment == Treatment::Attach);
    }

    fn place(&mut self, stream: &Stream) {
        match self.treatment(stream) {
            Ok((treatment, codec)) => self.streams.push(PlannedStream {
                source: Some(stream.index),
                kind: stream.kind,
                treatment,
                codec: codec.to_owned(),
            }),
            Err(Some(why)) => self.left_out.push(LeftOut { source: stream.index, why }),
            Err(None) => {}
        }
    }

    /// What becomes of a stream and its codec afterwards; `Err(None)`: the writer makes it anew by
    /// itself; `Err(Some(why))`: it stays behind.
    fn treatment<'a>(&self, stream: &'a Stream) -> std::result::Result<(Treatment, &'a str), Option<String>> {
        let container = self.container;
        let codec = stream.codec.as_str();
        let keeps = |what: &str| {
            let names = [Some(codec), Some(stream.codec_tag.as_str()), stream.tag("filename")];
            let named = names.into_iter().flatten().find(|name| !name.is_empty());
            let named = named.map_or(String::new(), |name| format!(", {name}"));
            Err(Some(format!("{what} (stream {}{named}): {} cannot hold it", stream.index, container.described())))
        };
        match stream.kind {
            StreamKind::Video if !stream.is_film_picture() => match container {
                // QuickTime has no place for it that ffmpeg would write.
                FilmContainer::WebM | FilmContainer::Mov => keeps("cover art"),
                FilmContainer::Matroska | FilmContainer::Mka => Ok((Treatment::Attach, codec)),
                _ if ["mjpeg", "png", "bmp"].contains(&codec) => Ok((Treatment::Copy, codec)),
                _ => keeps("cover art"),
            },
            StreamKind::Video if container.is_for_sound() => keeps("picture"),
            // These cannot stay behind: whether the container holds them is checked by themselves.
            StreamKind::Video | StreamKind::Audio => Ok((Treatment::Copy, codec)),
            StreamKind::Subtitle => {
                let text = ["mov_text", "subrip", "webvtt", "ass", "ssa", "text"].contains(&codec);
                let own = match container {
                    FilmContainer::Mp4 | FilmContainer::M4a | FilmContainer::Mov => "mov_text",
                    FilmContainer::Matroska | FilmContainer::Mka => "subrip",
                    FilmContainer::WebM => "webvtt",
                };
                let copied = match container {
                    FilmContainer::Matroska | FilmContainer::Mka => codec != "mov_text" && codec != "eia_608",
                    FilmContainer::Mp4 => codec == own || codec == "dvd_subtitle",
                    _ => codec == own,
                };
                if copied {
                    Ok((Treatment::Copy, codec))
                } else if text {
                    Ok((Treatment::Convert, own))
                } else {
                    keeps("subtitles")
                }
            }
            StreamKind::Data if container.is_mp4_family() && stream.codec_tag == "tmcd" => Err(None),
            StreamKind::Data if container.is_mp4_family() && self.is_chapter_text(stream) => Err(None),
            StreamKind::Data if self.is_chapter_text(stream) => Err(None),
            StreamKind::Data if container.is_mp4_family() && stream.codec_tag == "gpmd" => Ok((Treatment::Copy, codec)),
            // Its timecode is a tag of the picture too, which the copy keeps.
            StreamKind::Data if stream.codec_tag == "tmcd" => Err(None),
            StreamKind::Data => keeps("data"),
            StreamKind::Attachment if matches!(container, FilmContainer::Matroska | FilmContainer::Mka) => {
                Ok((Treatment::Copy, codec))
            }
            StreamKind::Attachment => keeps("attached file"),
            StreamKind::Unknown => keeps("a stream of an unknown kind"),
        }
    }

    /// QuickTime keeps chapter titles as a text track, which the writer makes from the chapters.
    fn is_chapter_text(&self, stream: &Stream) -> bool {
        matches!(self.source.container, Container::Mp4 | Container::Mov)
            && stream.codec_tag == "text"
            && !self.source.chapters.is_empty()
    }
}
