//! What a file says of its sound (title, artist, cover), by common names, and what of it an output has not kept.
//!
//! Names are ffmpeg's, in lower case: `title`, `album_artist`, `track` ("3/12"). Ogg says all this of its stream,
//! every other container of the whole file.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::probe::{Container, MediaInfo, Stream, StreamKind};
use crate::tools::{Tools, file_argument, quiet_command, run};

/// What is said of the file's making and not of its sound, or no longer holds of another sound.
const TECHNICAL: [&str; 19] = [
    "encoder",
    "encodersettings",
    "encoding_settings",
    "major_brand",
    "minor_version",
    "compatible_brands",
    "duration",
    "language",
    "handler_name",
    "vendor_id",
    "timecode",
    "bps",
    "number_of_frames",
    "number_of_bytes",
    "tlen",
    "tsse",
    "waveformatextensible_channel_mask",
    "gapless_playback",
    "encoding",
];

/// Beginnings of further such names: statistics of Matroska's writers, loudness as it was, padding as it was.
const TECHNICAL_BEGINNINGS: [&str; 6] = ["_statistics", "replaygain", "r128_", "itunsmpb", "itunnorm", "duration-"];

/// A picture that belongs to a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// Its front cover, and not some other picture.
    pub front: bool,
    /// A few words about it; may be empty.
    pub description: String,
    /// The picture's file: JPEG, PNG.
    pub data: Vec<u8>,
}

/// What a sound file can say of its sound.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// Tags by their common names.
    pub tags: BTreeMap<String, String>,
    /// Pictures, where the file has a place for them.
    pub covers: Vec<Cover>,
}

/// A tag's common name, from any container's.
pub(crate) fn common_name(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    match name.as_str() {
        "albumartist" | "album artist" => "album_artist".to_owned(),
        "tracknumber" => "track".to_owned(),
        "discnumber" => "disc".to_owned(),
        "year" => "date".to_owned(),
        // ID3v2 section 4.8: unsynchronised lyrics.
        "uslt" | "unsyncedlyrics" => "lyrics".to_owned(),
        _ => name,
    }
}

fn is_technical(name: &str) -> bool {
    TECHNICAL.contains(&name) || TECHNICAL_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// The stream whose tags are those of the whole sound, where the container has it so.
pub(crate) fn tagged_stream(info: &MediaInfo) -> Option<&Stream> {
    info.audio_tracks().next().filter(|_| info.format_name.contains("ogg"))
}

/// The tags that are about the sound, by common name.
pub(crate) fn tags(info: &MediaInfo) -> BTreeMap<String, String> {
    let of_stream = tagged_stream(info).into_iter().flat_map(|stream| &stream.tags);
    let all = info.tags.iter().chain(of_stream).map(|(name, value)| (common_name(name), value.trim().to_owned()));
    all.filter(|(name, value)| !is_technical(name) && !value.is_empty()).collect()
}

/// Tags and covers of a source, for a sound file that is made of it.
///
/// # Errors
/// ffmpeg cannot take out a picture.
pub(crate) fn of(tools: &Tools, info: &MediaInfo) -> Result<Metadata> {
    let mut covers = info.covers.clone();
    for stream in cover_streams(info) {
        let description = stream.tag("comment").unwrap_or_default().to_owned();
        covers.push(Cover { front: covers.is_empty(), description, data: picture(tools, info, stream)? });
    }
    Ok(Metadata { tags: tags(info), covers })
}

fn cover_streams(info: &MediaInfo) -> impl Iterator<Item = &Stream> {
    info.streams.iter().filter(|stream| stream.kind == StreamKind::Video && !stream.is_film_picture())
}

/// The file of an attached picture, taken out by ffmpeg.
///
/// # Errors
/// ffmpeg cannot be started, or cannot read the picture.
pub(crate) fn picture(tools: &Tools, info: &MediaInfo, stream: &Stream) -> Result<Vec<u8>> {
    let mut command = quiet_command(&tools.ffmpeg);
    command.args(["-nostdin", "-v", "error", "-i"]).arg(file_argument(&info.path));
    command.args([
        "-map",
        &format!("0:{}", stream.index),
        "-c",
        "copy",
        "-frames:v",
        "1",
        "-f",
        "image2pipe",
        "pipe:1",
    ]);
    run("ffmpeg", &mut command)
}

/// What to say of the tags, covers and chunks of `source` that are not in `output`; `None` where all are. `kind` is
/// the output's: "a WAV file". Pictures left out of films are told of by their plan.
pub(crate) fn lost(source: &MediaInfo, output: &MediaInfo, kind: &str) -> Option<String> {
    let mut lost = Vec::new();
    let there = tags(output);
    // Some containers give a tag another name.
    let is_there = |name: &String, value: &String| there.contains_key(name) || there.values().any(|v| v == value);
    let tags = tags(source);
    let missing: Vec<&str> = tags.iter().filter(|(n, v)| !is_there(n, v)).map(|(name, _)| name.as_str()).collect();
    if !missing.is_empty() {
        lost.push(format!("the tag{} {}", if missing.len() == 1 { "" } else { "s" }, missing.join(", ")));
    }
    if matches!(output.container, Container::Wav | Container::Flac) {
        let covers = source.covers.len() + cover_streams(source).count();
        if covers > output.covers.len() {
            lost.push("cover art".to_owned());
        }
        if source.bext.is_some() && output.bext.is_none() {
            lost.push("the broadcast fields (bext)".to_owned());
        }
    }
    let chunks: Vec<String> = source
        .chunks
        .iter()
        // Peaks of the sound as it was are no loss, and float files of many programs have them.
        .filter(|chunk| !chunk.is_info() && &chunk.id != b"PEAK")
        .filter(|chunk| !output.chunks.iter().any(|kept| kept.id == chunk.id))
        .map(|chunk| String::from_utf8_lossy(&chunk.id).trim().to_owned())
        .collect();
    if !chunks.is_empty() {
        lost.push(format!("the chunk{} {}", if chunks.len() == 1 { "" } else { "s" }, chunks.join(", ")));
    }
    (!lost.is_empty())
        .then(|| format!("left out of what the source says of itself: {}: {kind} does not keep that", lost.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_common_and_technical_ones_are_left_out() {
        assert_eq!(common_name(" ALBUMARTIST"), "album_artist");
        assert_eq!(common_name("TrackNumber"), "track");
        assert_eq!(common_name("USLT"), "lyrics");
        for name in ["encoder", "replaygain_track_gain", "major_brand"] {
            assert!(is_technical(name), "{name}");
        }
        assert!(!is_technical("title") && !is_technical("comment"));
    }
}
