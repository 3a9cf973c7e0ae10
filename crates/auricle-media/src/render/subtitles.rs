//! The film's own subtitles, which the captions of a render are merged with.

use super::job::RenderJob;
use crate::captions::{self, Caption};
use crate::error::Result;
use crate::probe::{MediaInfo, Stream, StreamKind};
use crate::tools::{Tools, file_argument, quiet_command, run};

/// Subtitle codecs that are text.
const TEXT: [&str; 6] = ["subrip", "webvtt", "ass", "ssa", "mov_text", "text"];

/// The film's captions and what deserves a look about them.
#[derive(Debug, Default)]
pub(super) struct FilmCaptions {
    /// In the file's order, from the film's first picture.
    pub(super) captions: Vec<Caption>,
    /// Those of the film's own that are over before its first picture, from the start of its clock.
    pub(super) before_picture: Vec<Caption>,
    /// How a caption file says that captions look and where they stand.
    pub(super) blocks: Vec<String>,
    /// Lines that were passed over, and why.
    pub(super) warnings: Vec<String>,
}

impl FilmCaptions {
    /// The captions that go with the sound of `job`: its caption file's, else those of the film's
    /// default or first text subtitles, else none.
    ///
    /// # Errors
    /// The caption file cannot be read.
    pub(super) fn of(job: &RenderJob, info: &MediaInfo) -> Result<Self> {
        if !job.write_captions {
            return Ok(Self::default());
        }
        if let Some(path) = &job.captions {
            let transcript = captions::read(path)?;
            let name = path.display();
            let warnings =
                transcript.skipped.iter().map(|skipped| format!("{name}:{}: {}", skipped.line, skipped.message));
            return Ok(Self {
                warnings: warnings.collect(),
                blocks: transcript.blocks,
                captions: transcript.captions,
                before_picture: Vec::new(),
            });
        }
        let texts =
            || info.streams.iter().filter(|s| s.kind == StreamKind::Subtitle && TEXT.contains(&s.codec.as_str()));
        let default = texts().find(|stream| stream.dispositions.iter().any(|set| set == "default"));
        let Some(stream) = default.or_else(|| texts().next()) else { return Ok(Self::default()) };
        // A film whose subtitles are damaged can still be heard.
        Ok(taken_out(info, stream).unwrap_or_else(|error| Self {
            warnings: vec![format!("the film's subtitles are not in the captions: {error}")],
            ..Self::default()
        }))
    }
}

/// A text subtitle stream, by way of ffmpeg.
fn taken_out(info: &MediaInfo, stream: &Stream) -> Result<FilmCaptions> {
    let mut command = quiet_command(&Tools::default().ffmpeg);
    command.args(["-nostdin", "-v", "error", "-i"]).arg(file_argument(&info.path));
    // As WebVTT has it where it is WebVTT. Of anything else ffmpeg's WebVTT forgets where on the picture it stands;
    // its SRT says so.
    let (codec, format) = if stream.codec == "webvtt" { ("copy", "webvtt") } else { ("srt", "srt") };
    command.args(["-map", &format!("0:{}", stream.index), "-c:s", codec, "-f", format, "pipe:1"]);
    let text = run("ffmpeg", &mut command)?;
    let captions = captions::parse(&String::from_utf8_lossy(&text)).captions;
    // ffmpeg counts from the start of the file's clock, captions count from the first picture.
    let picture_secs = info.picture().and_then(|picture| picture.start_secs).unwrap_or(info.start_secs);
    let before_ms = ((picture_secs - info.start_secs) * 1e3).round().max(0.0) as u64;
    let (before_picture, mut captions): (Vec<_>, Vec<_>) =
        captions.into_iter().partition(|caption| caption.ends_ms <= before_ms);
    for caption in &mut captions {
        caption.begins_ms = caption.begins_ms.saturating_sub(before_ms);
        caption.ends_ms -= before_ms;
    }
    Ok(FilmCaptions { captions, before_picture, ..FilmCaptions::default() })
}
