//! What FLAC, MP3 and Ogg Vorbis files say of their sound, as symphonia reads it.

use symphonia::core::formats::FormatReader;
use symphonia::core::meta::{MetadataContainer, MetadataRevision, RawValue, StandardTag, StandardVisualKey, Tag};

use crate::metadata::{Cover, Metadata, common_name};

/// Tags and covers of an open file.
///
/// A file may say the same in several places: an ID3v1 tag cuts what stands whole in the ID3v2 tag, so the longer counts.
pub(super) fn metadata(format: &mut dyn FormatReader) -> Metadata {
    let mut all = Metadata::default();
    let mut log = format.metadata();
    loop {
        if let Some(revision) = log.current() {
            let of_revision = of_revision(revision);
            for (name, value) in of_revision.tags {
                let kept = all.tags.entry(name).or_default();
                if kept.len() < value.len() {
                    *kept = value;
                }
            }
            for cover in of_revision.covers {
                if !all.covers.contains(&cover) {
                    all.covers.push(cover);
                }
            }
        }
        if log.pop().is_none() {
            return all;
        }
    }
}

fn of_revision(revision: &MetadataRevision) -> Metadata {
    let mut found = Metadata::default();
    let per_track = revision.per_track.iter().map(|track| &track.metadata);
    for container in std::iter::once(&revision.media).chain(per_track) {
        gather(container, &mut found);
    }
    // What FLAC and Ogg call a description is the comment of other containers, to ffmpeg as well.
    if !found.tags.contains_key("comment")
        && let Some(description) = found.tags.remove("description")
    {
        found.tags.insert("comment".to_owned(), description);
    }
    // "3" of "12" is "3/12", as other containers have it.
    for (number, total) in [("track", "track_total"), ("disc", "disc_total")] {
        if let Some(total) = found.tags.remove(total)
            && let Some(number) = found.tags.get_mut(number)
            && !number.contains('/')
        {
            *number = format!("{number}/{total}");
        }
    }
    found
}

fn gather(container: &MetadataContainer, found: &mut Metadata) {
    for (name, value) in container.tags.iter().filter_map(named) {
        let kept = found.tags.entry(name).or_default();
        if kept.is_empty() {
            *kept = value;
        } else if *kept != value {
            // Several artists, say.
            *kept = format!("{kept};{value}");
        }
    }
    for visual in &container.visuals {
        let description = visual.tags.iter().find_map(|tag| match &tag.std {
            Some(StandardTag::Description(text) | StandardTag::Comment(text)) => Some(text.to_string()),
            _ => None,
        });
        found.covers.push(Cover {
            front: matches!(visual.usage, None | Some(StandardVisualKey::FrontCover)),
            description: description.unwrap_or_default(),
            data: visual.data.to_vec(),
        });
    }
}

/// A tag's common name and its text; `None` where it is no text.
fn named(tag: &Tag) -> Option<(String, String)> {
    let (name, value) = match &tag.std {
        Some(StandardTag::TrackTitle(text)) => ("title", text.to_string()),
        Some(StandardTag::Artist(text)) => ("artist", text.to_string()),
        Some(StandardTag::Album(text)) => ("album", text.to_string()),
        Some(StandardTag::AlbumArtist(text)) => ("album_artist", text.to_string()),
        Some(StandardTag::Comment(text)) => ("comment", text.to_string()),
        Some(StandardTag::Description(text)) => ("description", text.to_string()),
        Some(StandardTag::Genre(text)) => ("genre", text.to_string()),
        Some(StandardTag::Composer(text)) => ("composer", text.to_string()),
        Some(StandardTag::Copyright(text)) => ("copyright", text.to_string()),
        Some(StandardTag::Lyrics(text)) => ("lyrics", text.to_string()),
        Some(StandardTag::Encoder(text) | StandardTag::EncoderSettings(text)) => ("encoder", text.to_string()),
        Some(StandardTag::RecordingDate(text) | StandardTag::ReleaseDate(text)) => ("date", text.to_string()),
        Some(StandardTag::RecordingYear(year) | StandardTag::ReleaseYear(year)) => ("date", year.to_string()),
        Some(StandardTag::TrackNumber(number)) => ("track", number.to_string()),
        Some(StandardTag::TrackTotal(number)) => ("track_total", number.to_string()),
        Some(StandardTag::DiscNumber(number)) => ("disc", number.to_string()),
        Some(StandardTag::DiscTotal(number)) => ("disc_total", number.to_string()),
        _ => return raw(tag),
    };
    Some((name.to_owned(), value))
}

/// A tag under the name its file gives it.
fn raw(tag: &Tag) -> Option<(String, String)> {
    let value = match &tag.raw.value {
        RawValue::String(text) => text.to_string(),
        RawValue::StringList(texts) => texts.join(";"),
        RawValue::UnsignedInt(number) => number.to_string(),
        RawValue::SignedInt(number) => number.to_string(),
        _ => return None,
    };
    // ID3v2 section 4.2.6: text that the file names itself.
    let own = tag.raw.sub_fields.iter().flatten().find(|field| field.field == "DESCRIPTION");
    let name = match own.map(|field| &field.value) {
        Some(RawValue::String(name)) if tag.raw.key == "TXXX" => name,
        _ => &tag.raw.key,
    };
    Some((common_name(name), value))
}
