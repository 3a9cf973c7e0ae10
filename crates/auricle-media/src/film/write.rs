//! The ffmpeg child process that puts the film together while the sound is rendered.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::enabled::enable_subtitles;
use super::language;
use super::plan::{FilmPlan, PlannedStream, Treatment};
use crate::atomic::HiddenFile;
use crate::audio::AudioWriter;
use crate::channels;
use crate::error::{MediaError, Result};
use crate::metadata;
use crate::pcm::quantise_24;
use crate::probe::{Container, Stream, StreamKind};
use crate::tools::{Running, ended_by, file_argument, quiet_command};

/// Blocks that may wait for the encoder, so that the model can work ahead.
const BLOCKS: usize = 8;
/// What ffmpeg leaves out of a file's tags when it copies the others.
const FORGOTTEN: [&str; 4] = ["creation_time", "company_name", "product_name", "product_version"];
/// What the track that was listened to is called, where it has no title of its own.
const ORIGINAL: &str = "Original sound";
/// Samples per channel of silence that are written at once.
const SILENCE: usize = 4096;

/// Makes the film out of the source's streams and the rendered blocks it is given.
///
/// Dropped before [`finish`](AudioWriter::finish) it ends ffmpeg; the file at the path it was given is
/// then worth nothing (a [`PendingOutput`](crate::atomic::PendingOutput) removes it).
pub struct FilmWriter {
    path: PathBuf,
    child: Running,
    blocks: Option<SyncSender<Vec<u8>>>,
    feeding: Option<JoinHandle<std::io::Result<()>>>,
    channels: usize,
    as_integer: bool,
    /// Which subtitles are shown unasked, `[subtitle track]`, where ffmpeg has to be put right about it.
    subtitles_enabled: Vec<bool>,
    expected: Option<u64>,
    written: u64,
    /// Cover art on its way from the source into a Matroska file.
    _attached: Vec<HiddenFile>,
}

impl FilmWriter {
    /// Starts ffmpeg, which writes to `path`.
    ///
    /// # Errors
    /// ffmpeg cannot be started, or cover art cannot be taken out of the source.
    pub fn start(plan: &FilmPlan, path: &Path) -> Result<Self> {
        let mut attached = Vec::new();
        let mut attach = Vec::new();
        for planned in plan.streams.iter().filter(|s| s.treatment == Treatment::Attach) {
            let Some(stream) = planned.source.and_then(|i| source_stream(plan, i)) else {
                continue;
            };
            let file = take_picture(plan, stream, path)?;
            attach_arguments(&mut attach, plan, stream, file.path(), attached.len());
            attached.push(file);
        }
        let mut command = quiet_command(&plan.tools.ffmpeg);
        command.args(arguments(plan)).args(attach);
        command.args(["-f", plan.container.muxer(), "-y"]).arg(file_argument(path));
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = Running::start("ffmpeg", &mut command)?;
        let (blocks, waiting) = sync_channel::<Vec<u8>>(BLOCKS);
        let pipe = child.child.stdin.take();
        let feeding = std::thread::spawn(move || {
            let Some(mut pipe) = pipe else { return Ok(()) };
            for block in waiting {
                pipe.write_all(&block)?;
            }
            pipe.flush()
        });
        let mut writer = Self {
            path: path.to_owned(),
            child,
            blocks: Some(blocks),
            feeding: Some(feeding),
            channels: plan.layout.channels(),
            as_integer: plan.codec.is_24_bit(),
            subtitles_enabled: subtitles_enabled(plan),
            expected: plan.length_samples,
            written: 0,
            _attached: attached,
        };
        writer.lead(plan.lead_samples)?;
        Ok(writer)
    }

    /// Writes the silence before the first sample.
    fn lead(&mut self, mut samples: u64) -> Result<()> {
        while samples > 0 {
            let count = samples.min(SILENCE as u64);
            self.send(vec![0; count as usize * self.channels * 4])?;
            samples -= count;
        }
        Ok(())
    }

    fn send(&mut self, bytes: Vec<u8>) -> Result<()> {
        let sent = self.blocks.as_ref().is_some_and(|b| b.send(bytes).is_ok());
        if sent { Ok(()) } else { Err(self.end().err().unwrap_or_else(|| self.stopped(""))) }
    }

    /// Lets ffmpeg finish and says how that went.
    fn end(&mut self) -> Result<()> {
        self.blocks = None;
        let fed = self.feeding.take().map(|f| f.join());
        let status = self.child.wait()?;
        let said = self.child.said();
        // It ends in peace when the last bytes of a file did not fit, and only says so.
        if is_over_size_limit(status) {
            return Err(self.stopped("File too large"));
        }
        let lost = ["No space left", "File too large", "Error writing trailer", "Input/output error"];
        if !status.success() && said.is_empty() {
            return Err(self.stopped(&ended_by(status)));
        }
        if !status.success() || lost.iter().any(|words| said.contains(words)) {
            return Err(self.stopped(&said));
        }
        match fed {
            None | Some(Ok(Ok(()))) => Ok(()),
            _ => Err(self.stopped(&said)),
        }
    }

    fn stopped(&self, said: &str) -> MediaError {
        let hint = if said.contains("No space left") {
            "the disk is full; free some space or write elsewhere: "
        } else if said.contains("File too large") {
            "a file may not be that large here; raise the limit (ulimit -f) or write elsewhere: "
        } else if said.contains("codec not currently supported in container") || said.contains("Only VP8") {
            "the container of the output cannot hold a stream of the source; write .mkv instead: "
        } else {
            ""
        };
        let said = if said.is_empty() { "it stopped reading what it was given" } else { said };
        MediaError::Tool {
            program: "ffmpeg",
            message: format!("could not write {}: {hint}{said}", self.path.display()),
        }
    }
}

/// Whether a program was ended for writing beyond a limit on the size of files: signal SIGXFSZ, 25 on
/// every Unix this runs on.
fn is_over_size_limit(status: ExitStatus) -> bool {
    #[cfg(unix)]
    return std::os::unix::process::ExitStatusExt::signal(&status) == Some(25);
    #[cfg(not(unix))]
    return status.code().is_none();
}

impl AudioWriter for FilmWriter {
    fn write(&mut self, channels: &[&[f32]]) -> Result<()> {
        let count = channels.first().map_or(0, |c| c.len());
        if channels.len() != self.channels || channels.iter().any(|c| c.len() != count) {
            let given = channels.len();
            return Err(MediaError::Usage(format!(
                "a block of {given} channels was given to a film of {}",
                self.channels
            )));
        }
        let mut bytes = vec![0; count * channels.len() * 4];
        let block = channels.len() * 4;
        for (index, channel) in channels.iter().enumerate() {
            let places = bytes.chunks_exact_mut(block).map(|b| &mut b[4 * index..4 * index + 4]);
            for (place, sample) in places.zip(channel.iter()) {
                let word = if self.as_integer {
                    // Quantised here, as for WAV and FLAC files, and not by ffmpeg, which truncates.
                    (quantise_24(*sample) << 8).to_le_bytes()
                } else {
                    sample.to_le_bytes()
                };
                place.copy_from_slice(&word);
            }
        }
        self.written += count as u64;
        self.send(bytes)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.end()?;
        enable_subtitles(&self.path, &self.subtitles_enabled).map_err(|source| MediaError::Io {
            path: self.path.clone(),
            doing: "cannot write",
            source,
        })?;
        match self.expected {
            Some(expected) if expected != self.written => Err(MediaError::Verification {
                path: self.path.clone(),
                message: format!("{} samples per channel were written, {expected} were announced", self.written),
            }),
            _ => Ok(()),
        }
    }
}

impl Drop for FilmWriter {
    fn drop(&mut self) {
        self.blocks = None;
        // The feeding thread may be waiting for ffmpeg to read: it wakes when ffmpeg is gone.
        let _ = self.child.child.kill();
        if let Some(feeding) = self.feeding.take() {
            let _ = feeding.join();
        }
    }
}

pub(super) fn source_stream(plan: &FilmPlan, index: usize) -> Option<&Stream> {
    plan.source.streams.iter().find(|s| s.index == index)
}

/// ffmpeg's arguments but for attached pictures and the output.
///
/// No `-shortest`: it cuts up to 85 ms off the new track. No `-copyts`: without it every stream is
/// moved by the same amount, so that the source's clock starts at 0 and all keep their distances.
fn arguments(plan: &FilmPlan) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    let mut add = |words: &[&str]| arguments.extend(words.iter().map(OsString::from));
    add(&["-nostdin", "-v", "error"]);
    if plan.source.container == Container::Other {
        // Program streams and AVI leave times out, which Matroska needs.
        add(&["-fflags", "+genpts"]);
    }
    add(&["-i"]);
    let source = file_argument(&plan.source.path);
    let rate = plan.sample_rate_hz.to_string();
    let count = plan.layout.channels().to_string();
    let format = if plan.codec.is_24_bit() { "s32le" } else { "f32le" };
    let mut tail: Vec<String> = Vec::new();
    let mut say = |words: &[&str]| tail.extend(words.iter().map(|w| (*w).to_owned()));
    say(&["-f", format, "-ar", &rate, "-ac", &count, "-i", "pipe:0"]);
    let mapped = || plan.streams.iter().filter(|s| s.treatment != Treatment::Attach);
    for stream in mapped() {
        match stream.source {
            Some(index) => say(&["-map", &format!("0:{index}")]),
            None => say(&["-map", "1:a:0"]),
        }
    }
    if let Some(stream) = metadata::tagged_stream(&plan.source) {
        // Ogg says of its stream what every other container says of the file.
        say(&["-map_metadata:g", &format!("0:s:{}", stream.index)]);
    }
    say(&["-c", "copy"]);
    for (number, stream) in of_kind(plan, StreamKind::Subtitle).enumerate() {
        if stream.treatment == Treatment::Convert {
            let encoder = if stream.codec == "subrip" { "srt" } else { &stream.codec };
            say(&[&format!("-c:s:{number}"), encoder]);
        }
    }
    let encoder = plan.codec.encoder(&plan.layout);
    say(&encoder.iter().map(String::as_str).collect::<Vec<_>>());
    // The pipe has no layout: each channel is given its place by number.
    let places = (0..plan.layout.channels()).map(|i| i.to_string()).collect::<Vec<_>>().join("|");
    let written = channels::to_name(&plan.codec.written_layout(&plan.layout));
    say(&["-filter:a:0", &format!("channelmap=map={places}:channel_layout={written}")]);
    say(&["-flags:a:0", "+bitexact", "-strict", "experimental"]);
    let stored_rate_hz = plan.stored_rate_hz();
    if stored_rate_hz != plan.sample_rate_hz {
        say(&["-ar:a:0", &stored_rate_hz.to_string()]);
    }
    for (key, value) in [
        ("title", Some(plan.title.as_str())),
        ("handler_name", Some(plan.title.as_str())),
        ("language", plan.language.as_deref().map(|own| language::written(plan.container, own))),
    ] {
        if let Some(value) = value {
            say(&["-metadata:s:a:0", &format!("{key}={value}")]);
        }
    }
    for (number, stream) in of_kind(plan, StreamKind::Audio).enumerate() {
        let own = stream.source.and_then(|i| source_stream(plan, i));
        let flags = match own {
            // Never hearing_impaired: players would choose it for those who are.
            None => "default+comment".to_owned(),
            Some(own) => own.dispositions.iter().filter(|d| *d != "default").cloned().collect::<Vec<_>>().join("+"),
        };
        let flags = if flags.is_empty() { "0" } else { &flags };
        say(&[&format!("-disposition:a:{number}"), flags]);
    }
    for (number, stream) in mapped().enumerate() {
        let own = stream.source.and_then(|i| source_stream(plan, i)).and_then(|own| own.tag("language"));
        if let Some((own, written)) = own.map(|own| (own, language::written(plan.container, own)))
            && own != written
        {
            say(&[&format!("-metadata:s:{number}"), &format!("language={written}")]);
        }
    }
    for key in FORGOTTEN {
        // Without being told ffmpeg takes them for words about the copy.
        if let Some(value) = plan.source.tags.get(key) {
            say(&["-metadata", &format!("{key}={value}")]);
        }
    }
    say(&name_of_original(plan).iter().map(String::as_str).collect::<Vec<_>>());
    for (number, secs) in &plan.opus.copied {
        say(&[&format!("-bsf:a:{number}"), &format!("setts=ts=TS+({secs})/TB")]);
    }
    // A sparse stream (subtitles) must not make ffmpeg give up on the others meanwhile.
    say(&["-max_muxing_queue_size", "8192", "-fflags", "+bitexact"]);
    if plan.container.is_mp4_family() && has_own_tags(plan) {
        say(&["-movflags", "+use_metadata_tags"]);
    }
    if plan.container.is_mp4_family() {
        say(&clock(plan).iter().map(String::as_str).collect::<Vec<_>>());
    }
    if plan.container.is_matroska_family() {
        // Some versions make the first of a kind the default where none is.
        say(&["-default_mode", "passthrough"]);
    }
    arguments.push(source);
    arguments.extend(tail.into_iter().map(OsString::from));
    arguments
}

/// The clock on which MP4 and QuickTime place their tracks: one that both the new track's samples and the picture's ticks
/// are on. Of itself it has milliseconds, by which everything would be off. Nothing where this ffmpeg has no such choice.
fn clock(plan: &FilmPlan) -> Vec<String> {
    if !plan.tools.has_movie_timescale() {
        return Vec::new();
    }
    let ticks = plan.source.picture().and_then(|picture| picture.time_base).filter(|base| base.num == 1);
    let length_secs = plan.source.duration_secs.unwrap_or(0.0).max(60.0);
    vec![
        "-movie_timescale".to_owned(),
        clock_hz(plan.stored_rate_hz().into(), ticks.map(|t| t.den), length_secs).to_string(),
    ]
}

/// Ticks per second for a track of a rate beside a picture of so many ticks per second.
fn clock_hz(rate_hz: i64, ticks_hz: Option<i64>, length_secs: f64) -> i64 {
    let Some(ticks_hz) = ticks_hz else { return rate_hz };
    let common_hz = rate_hz / gcd(rate_hz, ticks_hz) * ticks_hz;
    // Times of 32 bits are what every player reads; the finer of the two is half a sample off at most.
    if common_hz as f64 * length_secs < f64::from(u32::MAX) { common_hz } else { rate_hz.max(ticks_hz) }
}

/// Greatest common divisor (Euclid).
fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The name of the track that is listened to, where the output keeps it: its own, or one that tells it
/// from the new one, with which it shares its language.
fn name_of_original(plan: &FilmPlan) -> Vec<String> {
    let listened = of_kind(plan, StreamKind::Audio).position(|s| s.source == Some(plan.listened));
    let Some(number) = listened else { return Vec::new() };
    let own = source_stream(plan, plan.listened).and_then(own_name);
    let name = own.unwrap_or(ORIGINAL);
    let named = |key| [format!("-metadata:s:a:{number}"), format!("{key}={name}")];
    ["title", "handler_name"].into_iter().flat_map(named).collect()
}

/// The name of a track as people gave it. MP4 keeps it as its handler's name, where writers put words
/// of their own when there is none: "SoundHandler", "Core Media Audio", "GPAC ISO Audio Handler".
fn own_name(stream: &Stream) -> Option<&str> {
    let by_program = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.contains("handler") || name.contains("media") || name == "soun" || name == "sound"
    };
    let handler = || stream.tag("handler_name").map(str::trim).filter(|name| !by_program(name));
    let title = stream.tag("title").map(str::trim).filter(|title| !title.is_empty());
    title.or_else(handler).filter(|name| !name.is_empty())
}

fn of_kind(plan: &FilmPlan, kind: StreamKind) -> impl Iterator<Item = &PlannedStream> {
    plan.streams.iter().filter(move |s| s.kind == kind && s.treatment != Treatment::Attach)
}

/// Which of the output's subtitles are the source's default; empty where the writer keeps that by itself.
fn subtitles_enabled(plan: &FilmPlan) -> Vec<bool> {
    if !plan.container.is_mp4_family() {
        return Vec::new();
    }
    let is_default = |index| source_stream(plan, index).is_some_and(|stream| stream.is("default"));
    of_kind(plan, StreamKind::Subtitle).map(|planned| planned.source.is_some_and(is_default)).collect()
}

/// Whether the source has tags that MP4's own list does not name (a camera's, a studio's), which
/// are only kept when asked for.
fn has_own_tags(plan: &FilmPlan) -> bool {
    plan.source.tags.keys().any(|key| key.contains('.'))
}

/// Takes an attached picture out of the source, into a file beside the output.
fn take_picture(plan: &FilmPlan, stream: &Stream, beside: &Path) -> Result<HiddenFile> {
    let file = HiddenFile::beside(beside)?;
    let picture = metadata::picture(&plan.tools, &plan.source, stream)?;
    std::fs::write(file.path(), picture).map_err(|source| MediaError::Io {
        path: file.path().to_owned(),
        doing: "cannot write",
        source,
    })?;
    Ok(file)
}

/// `-attach` and the names it needs; `number` counts among the attached pictures of the output.
fn attach_arguments(out: &mut Vec<OsString>, plan: &FilmPlan, stream: &Stream, file: &Path, number: usize) {
    // Attachments that are copied stand before those that are attached.
    let number = number + of_kind(plan, StreamKind::Attachment).count();
    let (extension, mime) = match stream.codec.as_str() {
        "png" => ("png", "image/png"),
        "bmp" => ("bmp", "image/bmp"),
        _ => ("jpg", "image/jpeg"),
    };
    let own = stream.tag("filename").map_or_else(|| format!("cover.{extension}"), str::to_owned);
    let mime = stream.tag("mimetype").unwrap_or(mime);
    out.push("-attach".into());
    out.push(file.into());
    for (key, value) in [("mimetype", mime), ("filename", &own)] {
        out.push(format!("-metadata:s:t:{number}").into());
        out.push(format!("{key}={value}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_has_the_samples_and_the_pictures_on_it() {
        assert_eq!(clock_hz(48_000, Some(90_000), 60.0), 720_000);
        assert_eq!(clock_hz(48_000, Some(90_000), 7200.0), 90_000);
        assert_eq!(clock_hz(48_000, Some(24_000), 7200.0), 48_000);
        assert_eq!(clock_hz(44_100, Some(12_800), 7200.0), 44_100);
        assert_eq!(clock_hz(44_100, None, 60.0), 44_100);
    }
}
