//! Probing by the ffprobe program.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{AudioFormat, Chapter, Container, MediaInfo, Rational, Stream, StreamKind, VideoFormat};
use crate::audio::SampleFormat;
use crate::channels;
use crate::error::{MediaError, Result};
use crate::tools::{Tools, file_argument, quiet_command, run};

/// ffprobe's JSON; what a container does not say is absent.
#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    streams: Vec<RawStream>,
    #[serde(default)]
    chapters: Vec<RawChapter>,
    format: Option<RawFormat>,
}

#[derive(Deserialize)]
struct RawFormat {
    #[serde(default)]
    format_name: String,
    start_time: Option<String>,
    duration: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RawChapter {
    start_time: Option<String>,
    end_time: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RawStream {
    index: usize,
    #[serde(default)]
    codec_name: String,
    #[serde(default)]
    codec_type: String,
    #[serde(default)]
    codec_tag_string: String,
    sample_fmt: Option<String>,
    sample_rate: Option<String>,
    channels: Option<usize>,
    channel_layout: Option<String>,
    bits_per_sample: Option<u16>,
    bits_per_raw_sample: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    r_frame_rate: Option<String>,
    avg_frame_rate: Option<String>,
    time_base: Option<String>,
    start_pts: Option<i64>,
    duration_ts: Option<i64>,
    #[serde(default)]
    disposition: BTreeMap<String, u8>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    side_data_list: Vec<RawSideData>,
}

#[derive(Deserialize)]
struct RawSideData {
    rotation: Option<f64>,
}

/// Probes any file ffmpeg reads.
pub(super) fn probe(tools: &Tools, path: &Path) -> Result<MediaInfo> {
    let mut command = quiet_command(&tools.ffprobe);
    command.args(["-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_chapters", "-i"]);
    command.arg(file_argument(path));
    let broken = |message: String| MediaError::Broken { path: path.to_owned(), message };
    let json = run("ffprobe", &mut command).map_err(|error| explain(tools, path, error))?;
    // A program of another age may answer in another way.
    let report: Report = serde_json::from_slice(&json).map_err(|e| match tools.check() {
        Ok(_) => broken(format!("ffprobe's answer cannot be read ({e})")),
        Err(tool) => tool,
    })?;
    let Some(format) = report.format else {
        return Err(broken("holds no film and no sound that ffmpeg knows".into()));
    };
    if report.streams.is_empty() {
        return Err(broken("holds no stream at all; it may be damaged".into()));
    }
    Ok(MediaInfo {
        path: path.to_owned(),
        container: container(&format, path),
        start_secs: parse(format.start_time.as_deref()).unwrap_or(0.0),
        duration_secs: parse(format.duration.as_deref()),
        format_name: format.format_name,
        streams: report.streams.into_iter().map(stream).collect(),
        chapters: report.chapters.into_iter().map(chapter).collect(),
        tags: format.tags,
        bext: None,
        covers: Vec::new(),
        chunks: Vec::new(),
    })
}

/// Turns ffprobe's failure on a file into words about the file; a missing program stays one.
fn explain(tools: &Tools, path: &Path, error: MediaError) -> MediaError {
    let MediaError::Tool { message, .. } = &error else {
        return error;
    };
    if let Err(tool) = tools.check() {
        return tool;
    }
    // By its name alone ffprobe takes any file for MP4; one that is begins with a box of these kinds.
    let boxes = [&b"ftyp"[..], b"mdat", b"moov", b"wide", b"free", b"skip"];
    let begins_as_mp4 =
        super::read_head(path).is_ok_and(|head| head.get(4..8).is_some_and(|kind| boxes.contains(&kind)));
    let why = if message.contains("moov atom not found") && begins_as_mp4 {
        "is not a whole film: its index (moov) is missing, as when a copy or recording broke off; \
         copy it again, or repair it"
            .to_owned()
    } else if ["Invalid data found", "moov atom not found", "Failed to read frame size"]
        .iter()
        .any(|w| message.contains(w))
    {
        "is not a film or sound that ffmpeg can read, or its beginning is damaged".to_owned()
    } else {
        format!("cannot be read: {message}")
    };
    MediaError::Broken { path: path.to_owned(), message: why }
}

/// Which container; MP4 and QuickTime share a demuxer and differ by brand, Matroska and WebM by name.
fn container(format: &RawFormat, path: &Path) -> Container {
    let names: Vec<_> = format.format_name.split(',').collect();
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    if names.contains(&"mp4") {
        let brand = format.tags.get("major_brand").map(|b| b.trim().to_owned());
        if brand.as_deref() == Some("qt") || (brand.is_none() && extension.as_deref() == Some("mov")) {
            return Container::Mov;
        }
        return Container::Mp4;
    }
    if names.contains(&"matroska") {
        // The demuxer does not say which; every WebM file is a Matroska file.
        return if extension.as_deref() == Some("webm") { Container::WebM } else { Container::Matroska };
    }
    Container::Other
}

fn stream(raw: RawStream) -> Stream {
    let time_base = rational(raw.time_base.as_deref());
    let secs = |ticks: Option<i64>| Some(ticks? as f64 * time_base?.as_f64());
    let dispositions: Vec<_> = raw.disposition.iter().filter(|d| *d.1 != 0).map(|d| d.0.clone()).collect();
    let kind = match raw.codec_type.as_str() {
        "video" => StreamKind::Video,
        "audio" => StreamKind::Audio,
        "subtitle" => StreamKind::Subtitle,
        "data" => StreamKind::Data,
        "attachment" => StreamKind::Attachment,
        _ => StreamKind::Unknown,
    };
    Stream {
        index: raw.index,
        kind,
        audio: (kind == StreamKind::Audio).then(|| audio(&raw)),
        video: (kind == StreamKind::Video).then(|| video(&raw)),
        start_secs: secs(raw.start_pts),
        duration_secs: secs(raw.duration_ts.filter(|d| *d > 0)),
        codec: if raw.codec_name == "unknown" { String::new() } else { raw.codec_name },
        codec_tag: if raw.codec_tag_string.starts_with('[') { String::new() } else { raw.codec_tag_string },
        dispositions,
        tags: raw.tags,
        time_base,
    }
}

fn audio(raw: &RawStream) -> AudioFormat {
    let channels = raw.channels.unwrap_or(0);
    let named = raw.channel_layout.clone().filter(|n| n != "unknown");
    let layout_name = named.clone().unwrap_or_else(|| format!("{channels} channels"));
    AudioFormat {
        sample_rate_hz: raw.sample_rate.as_deref().and_then(|r| r.parse().ok()).unwrap_or(0),
        channels,
        layout: channels::from_name(&layout_name).filter(|l| l.channels() == channels),
        layout_name,
        sample_format: sample_format(raw),
    }
}

/// Integer codecs keep every bit, PCM float every float; the rest are lossy.
fn sample_format(raw: &RawStream) -> SampleFormat {
    let lossless = raw.codec_name.starts_with("pcm_")
        || ["flac", "alac", "wavpack", "tta", "ape", "truehd", "mlp", "shorten", "tak"]
            .contains(&raw.codec_name.as_str());
    if !lossless || ["pcm_alaw", "pcm_mulaw", "pcm_vidc"].contains(&raw.codec_name.as_str()) {
        return SampleFormat::Lossy;
    }
    if raw.sample_fmt.as_deref().is_some_and(|f| f.starts_with("flt") || f.starts_with("dbl")) {
        return SampleFormat::Float;
    }
    let raw_bits = raw.bits_per_raw_sample.as_deref().and_then(|b| b.parse().ok()).filter(|b| *b > 0);
    let stored = raw.bits_per_sample.filter(|b| *b > 0);
    let by_format = if raw.sample_fmt.as_deref().is_some_and(|f| f.starts_with("s16")) { 16 } else { 24 };
    SampleFormat::Int(raw_bits.or(stored).unwrap_or(by_format))
}

fn video(raw: &RawStream) -> VideoFormat {
    let average = rational(raw.avg_frame_rate.as_deref()).filter(|r| r.num > 0);
    let base = rational(raw.r_frame_rate.as_deref()).filter(|r| r.num > 0);
    let varies = match (average, base) {
        (Some(a), Some(b)) => (a.as_f64() / b.as_f64() - 1.0).abs() > 1e-3,
        _ => false,
    };
    VideoFormat {
        width: raw.width.unwrap_or(0),
        height: raw.height.unwrap_or(0),
        // Where it is constant the base rate is the exact one: averages carry the rounding of timestamps.
        frame_rate: if varies { average } else { base.or(average) },
        variable_frame_rate: varies,
        rotation_degrees: raw.side_data_list.iter().find_map(|data| data.rotation).map_or(0, |r| r.round() as i32),
        attached_picture: ["attached_pic", "still_image", "timed_thumbnails"]
            .iter()
            .any(|name| raw.disposition.get(*name).is_some_and(|d| *d != 0)),
    }
}

fn chapter(raw: RawChapter) -> Chapter {
    let start_secs = parse(raw.start_time.as_deref()).unwrap_or(0.0);
    Chapter {
        start_secs,
        end_secs: parse(raw.end_time.as_deref()).unwrap_or(start_secs),
        title: raw.tags.get("title").cloned(),
    }
}

fn parse(text: Option<&str>) -> Option<f64> {
    text?.parse().ok().filter(|v: &f64| v.is_finite())
}

fn rational(text: Option<&str>) -> Option<Rational> {
    let (num, den) = text?.split_once('/')?;
    Rational::new(num.parse().ok()?, den.parse().ok()?)
}

/// When the first decoded sample of a stream is heard, in seconds on the file's clock.
///
/// A stream's stated start is that of its first packet; what a decoder then drops (encoder delay,
/// edit lists) is only seen on its frames, whose times ffmpeg moves along.
pub(crate) fn first_sample_secs(tools: &Tools, path: &Path, stream: &Stream) -> Result<Option<f64>> {
    #[derive(Deserialize)]
    struct Frames {
        #[serde(default)]
        frames: Vec<Frame>,
    }
    #[derive(Deserialize)]
    struct Frame {
        best_effort_timestamp: Option<i64>,
    }
    let found = |interval: &str| -> Result<Option<i64>> {
        let mut command = quiet_command(&tools.ffprobe);
        command.args(["-v", "error", "-of", "json", "-read_intervals", interval]);
        command.args(["-show_entries", "frame=best_effort_timestamp", "-select_streams", &stream.index.to_string()]);
        command.arg("-i").arg(file_argument(path));
        let json = run("ffprobe", &mut command).map_err(|error| explain(tools, path, error))?;
        let frames: Frames = serde_json::from_slice(&json).map_err(|e| unreadable(&e))?;
        Ok(frames.frames.iter().find_map(|frame| frame.best_effort_timestamp))
    };
    let mut first = None;
    for interval in FIRST_PACKETS {
        first = found(interval)?;
        if first.is_some() {
            break;
        }
    }
    Ok(first.zip(stream.time_base).map(|(ticks, base)| ticks as f64 * base.as_f64()))
}

/// How many packets of a track are read to find its first sample, each where those before were not enough. The first few
/// can decode to nothing (an encoder's delay longer than a packet); all that a film hides before its beginning
/// does, as where it was cut without encoding it anew: then a keyframe's distance of them, seconds or minutes.
const FIRST_PACKETS: [&str; 3] = ["%+#12", "%+#4096", "%"];

/// When the first packet of a stream stands on the file's clock, in seconds; it may be one that is hidden.
pub(crate) fn first_packet_secs(tools: &Tools, path: &Path, stream: &Stream) -> Result<Option<f64>> {
    #[derive(Deserialize)]
    struct Packets {
        #[serde(default)]
        packets: Vec<Packet>,
    }
    #[derive(Deserialize)]
    struct Packet {
        pts: Option<i64>,
    }
    let mut command = quiet_command(&tools.ffprobe);
    command.args(["-v", "error", "-of", "json", "-read_intervals", "%+#1", "-show_entries", "packet=pts"]);
    command.args(["-select_streams", &stream.index.to_string(), "-i"]).arg(file_argument(path));
    let json = run("ffprobe", &mut command).map_err(|error| explain(tools, path, error))?;
    let packets: Packets = serde_json::from_slice(&json).map_err(|e| unreadable(&e))?;
    let first = packets.packets.first().and_then(|packet| packet.pts);
    Ok(first.zip(stream.time_base).map(|(ticks, base)| ticks as f64 * base.as_f64()))
}

fn unreadable(error: &serde_json::Error) -> MediaError {
    MediaError::Tool { program: "ffprobe", message: format!("its answer cannot be read ({error})") }
}
