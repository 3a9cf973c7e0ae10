//! Whether the streams of the output are those that were planned, with the source's packets.

use super::failed;
use crate::error::{MediaError, Result};
use crate::film::{FilmContainer, FilmPlan, PlannedStream, Treatment};
use crate::probe::{Container, MediaInfo, StreamKind, first_sample_secs};
use crate::tools::{Tools, file_argument, quiet_command, run};

/// Compares the streams by kind, in order; and chapters and timecode.
pub(super) fn check_streams(plan: &FilmPlan, info: &MediaInfo) -> Result<()> {
    let fail = |message: String| Err(failed(&info.path, message));
    for (kind, name) in [
        (StreamKind::Video, "video"),
        (StreamKind::Audio, "audio"),
        (StreamKind::Subtitle, "subtitle"),
        (StreamKind::Attachment, "attached file"),
    ] {
        let planned: Vec<_> = plan.streams().iter().filter(|s| s.kind == kind).map(|s| s.codec.as_str()).collect();
        let found: Vec<_> = info.streams.iter().filter(|s| s.kind == kind).map(|s| s.codec.as_str()).collect();
        // MP4 has one name for the layers of MPEG sound (object type 0x6B), and readers take the usual one.
        let layers = ["mp1", "mp2", "mp3"];
        let same_name =
            |a: &str, b: &str| plan.container().is_mp4_family() && layers.contains(&a) && layers.contains(&b);
        let alike = planned.iter().zip(&found).all(|(a, b)| a == b || a.is_empty() || same_name(a, b));
        if planned.len() != found.len() || !alike {
            return fail(format!("its {name} streams are [{}] instead of [{}]", found.join(", "), planned.join(", ")));
        }
    }
    if let Some(track) = info.audio_tracks().next().filter(|t| t.is("hearing_impaired")) {
        return fail(format!("stream {} is marked for the hearing impaired, which it is not made for", track.index));
    }
    for planned in plan.streams().iter().filter(|s| s.kind == StreamKind::Subtitle) {
        let source = plan.source.streams.iter().find(|s| Some(s.index) == planned.source);
        let Some((source, output)) = source.zip(plan.placed(info, planned)) else { continue };
        if source.is("default") != output.is("default") {
            let [is, was] = [output, source].map(|s| if s.is("default") { "shown" } else { "not shown" });
            return fail(format!("its subtitles (stream {}) are {is} unasked, in the source {was}", output.index));
        }
    }
    if info.chapters.len() != plan.source.chapters.len() {
        return fail(format!("it has {} chapters instead of {}", info.chapters.len(), plan.source.chapters.len()));
    }
    let keeps_timecode = plan.container() != FilmContainer::WebM && !plan.container().is_for_sound();
    if keeps_timecode && plan.source.picture().is_some() && info.timecode() != plan.source.timecode() {
        let name = |timecode: Option<&str>| timecode.unwrap_or("none").to_owned();
        let (found, due) = (name(info.timecode()), name(plan.source.timecode()));
        return fail(format!("its timecode is {found} instead of {due}"));
    }
    Ok(())
}

/// Compares the packets of every stream that was copied; how many there are.
pub(super) fn check_packets(plan: &FilmPlan, info: &MediaInfo) -> Result<usize> {
    let copied: Vec<_> = plan.streams().iter().filter(|s| is_hashed(s)).collect();
    if copied.is_empty() {
        return Ok(0);
    }
    let sources: Vec<_> = copied.iter().filter_map(|s| s.source).collect();
    let outputs: Vec<_> = copied.iter().filter_map(|s| plan.placed(info, s)).map(|s| s.index).collect();
    // Those of the streams named, by their place among the copied ones, that are not the same.
    let differing = |decode: bool, among: Vec<usize>| -> Result<Vec<usize>> {
        let of = |all: &[usize]| -> Vec<usize> { among.iter().filter_map(|place| all.get(*place).copied()).collect() };
        let (from, to) = (of(&sources), of(&outputs));
        // One reads the source while the other reads the output.
        let (a, b) = std::thread::scope(|scope| {
            let source = scope.spawn(|| hashes(&plan.tools, &plan.source, &from, decode));
            let output = hashes(&plan.tools, info, &to, decode);
            (source.join(), output)
        });
        let Ok(a) = a else { return Ok(among) };
        let (a, b) = (a?, b?);
        let same = |number: usize| a.get(number).is_some() && a.get(number) == b.get(number);
        Ok(among.into_iter().enumerate().filter(|(number, _)| !same(*number)).map(|(_, place)| place).collect())
    };
    let mut different = differing(false, (0..sources.len()).collect())?;
    // Transport streams and AVI wrap packets in another way, which the copy undoes: then what they
    // decode to has to be the same.
    if !different.is_empty() && plan.source.container == Container::Other {
        different = differing(true, different)?;
    }
    let Some(different) = different.first().copied() else { return Ok(copied.len()) };
    let stream = copied.get(different).and_then(|s| s.source).unwrap_or(0);
    Err(failed(&info.path, format!("the packets of stream {stream} of the source were changed by copying")))
}

/// Where the film's time zero stands on the output's clock, in seconds. Without a picture a sound that was copied tells, or
/// the container's clock. `None`: it is the first picture's time, or there is nothing but the new track, which then begins
/// with itself.
pub(super) fn zero_secs(plan: &FilmPlan, info: &MediaInfo) -> Result<Option<f64>> {
    if let Some(picture) = info.picture() {
        // What the source hides before its first picture comes first here.
        let begins = picture.start_secs.unwrap_or(info.start_secs);
        return Ok((plan.unhidden_secs > 0.0).then_some(begins + plan.unhidden_secs));
    }
    let copied = plan.streams().iter().find(|s| s.kind == StreamKind::Audio && s.treatment == Treatment::Copy);
    let Some(planned) = copied else {
        // MP4 and its like begin their clock where the source's begins, and so does a sound before which silence is put.
        let before_secs = plan.before_picture_secs();
        let begins = plan.container().is_mp4_family() || (plan.container().is_for_sound() && before_secs > 0.0);
        return Ok(begins.then_some(before_secs));
    };
    let source = plan.source.streams.iter().find(|s| Some(s.index) == planned.source);
    let Some((source, output)) = source.zip(plan.placed(info, planned)) else { return Ok(None) };
    let before = first_sample_secs(&plan.tools, &plan.source.path, source)?;
    let after = first_sample_secs(&plan.tools, &info.path, output)?;
    let zero = plan.source.start_secs + plan.before_picture_secs();
    Ok(after.zip(before).map(|(after, before)| after - before + zero))
}

/// Whether a stream has packets that must come through unchanged.
fn is_hashed(stream: &PlannedStream) -> bool {
    let copied = matches!(stream.treatment, Treatment::Copy | Treatment::Attach);
    // MP4 fills the gaps between subtitles with empty packets of its own.
    copied && stream.kind != StreamKind::Attachment && stream.codec != "mov_text"
}

/// MD5 of each stream's packets, or of what they decode to.
fn hashes(tools: &Tools, info: &MediaInfo, streams: &[usize], decode: bool) -> Result<Vec<String>> {
    let mut command = quiet_command(&tools.ffmpeg);
    command.args(["-nostdin", "-v", "error", "-i"]).arg(file_argument(&info.path));
    for index in streams {
        command.args(["-map", &format!("0:{index}")]);
    }
    if decode {
        command.args(["-vsync", "passthrough"]);
    } else {
        command.args(["-c", "copy"]);
    }
    command.args(["-f", "streamhash", "-hash", "md5", "pipe:1"]);
    let output = run("ffmpeg", &mut command)?;
    let text = String::from_utf8(output)
        .map_err(|_| MediaError::Tool { program: "ffmpeg", message: "its hashes cannot be read".to_owned() })?;
    // A line reads "0,v,MD5=...".
    Ok(text.lines().filter_map(|l| l.split_once("MD5=")).map(|(_, hash)| hash.trim().to_owned()).collect())
}
