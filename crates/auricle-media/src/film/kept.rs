//! What a film says of its tracks and chapters, and what of it the output, read back, says otherwise.
//!
//! Packets are compared while verifying; these are words about them, whose loss should be told and is no failure.

use super::plan::{FilmPlan, PlannedStream, Treatment};
use super::{language, write};
use crate::probe::{Chapter, MediaInfo, Stream, StreamKind};

/// By how much a chapter may be moved before it is worth telling of, in seconds.
const CHAPTER_SECS: f64 = 0.02;

impl FilmPlan {
    /// What is otherwise in the output than in the source, for the user.
    pub(crate) fn changes(&self, output: &MediaInfo) -> Vec<String> {
        let mut changes = Vec::new();
        changes.extend(self.changed_rate());
        changes.extend(self.unhidden());
        changes.extend(self.lost_rotation(output));
        changes.extend(self.lost_languages(output));
        changes.extend(self.moved_chapters(output));
        changes
    }

    fn changed_rate(&self) -> Option<String> {
        let (from, to) = (self.sample_rate_hz, self.stored_rate_hz());
        (from != to).then(|| {
            format!(
                "the source has {from} samples per second, which {} does not hold: the new track has {to}; --codec flac, pcm \
                 or alac, where the container holds it, keeps the rate",
                self.codec.name()
            )
        })
    }

    fn unhidden(&self) -> Option<String> {
        (self.unhidden_secs > 0.0).then(|| {
            format!(
                "the source hides {:.2} s of picture and sound before its beginning (it was cut without encoding it anew); {} \
                 cannot: the film begins that much earlier, silent in the new track; write .mp4 or .mov to keep them hidden",
                self.unhidden_secs,
                self.container.described()
            )
        })
    }

    fn lost_rotation(&self, output: &MediaInfo) -> Option<String> {
        let rotation = |info: &MediaInfo| {
            let picture = info.picture()?.video.as_ref()?;
            Some(picture.rotation_degrees.rem_euclid(360))
        };
        let (was, is) = rotation(&self.source).zip(rotation(output))?;
        (was != is).then(|| {
            format!(
                "the picture is turned by {was} degrees in the source and by {is} in the output: this version of ffmpeg keeps \
                 that in .mp4 and .mov alone; write one of those"
            )
        })
    }

    fn lost_languages(&self, output: &MediaInfo) -> Option<String> {
        let lost = |planned: &PlannedStream| {
            let own = write::source_stream(self, planned.source.unwrap_or(self.listened))?.tag("language")?;
            let there = self.placed(output, planned)?.tag("language").unwrap_or("und");
            (own != "und" && !language::is_same(own, there)).then(|| own.to_owned())
        };
        let mut lost: Vec<String> =
            self.streams().iter().filter(|s| s.treatment != Treatment::Attach).filter_map(lost).collect();
        lost.sort();
        lost.dedup();
        let (noun, no) = if lost.len() == 1 { ("language", "it") } else { ("languages", "them") };
        (!lost.is_empty()).then(|| {
            format!(
                "left out: the {noun} {} of the source's tracks: {} has no name for {no}",
                lost.join(", "),
                self.container.described()
            )
        })
    }

    fn moved_chapters(&self, output: &MediaInfo) -> Option<String> {
        let before = |chapter: &Chapter| chapter.start_secs - self.source.start_secs + self.unhidden_secs;
        let after = |chapter: &Chapter| chapter.start_secs - output.start_secs.min(0.0);
        let pairs = self.source.chapters.iter().zip(&output.chapters);
        let moved = pairs
            .map(|(was, is)| after(is) - before(was))
            .fold(0.0_f64, |most, m| if m.abs() > most.abs() { m } else { most });
        (moved.abs() > CHAPTER_SECS).then(|| {
            format!(
                "chapters begin up to {:.2} s {} than in the source: this version of ffmpeg writes them so into {}; begin the \
                 first one at 0, or write .mkv",
                moved.abs(),
                if moved < 0.0 { "earlier" } else { "later" },
                self.container.described()
            )
        })
    }

    /// The output's stream of a planned one: they correspond by kind and order.
    pub(crate) fn placed<'a>(&self, output: &'a MediaInfo, planned: &PlannedStream) -> Option<&'a Stream> {
        let alike = |kind: StreamKind| move |stream: &&PlannedStream| stream.kind == kind;
        let order = self.streams().iter().filter(alike(planned.kind)).position(|s| std::ptr::eq(s, planned))?;
        output.streams.iter().filter(|s| s.kind == planned.kind).nth(order)
    }
}
