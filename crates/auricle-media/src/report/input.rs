//! Everything a report is written from.

use auricle::cue::{CueSheet, CueSpan};
use auricle::listener::Listener;

use super::measurements::Measurements;

/// Everything a report is written from; whoever renders fills it in.
///
/// All text is plain text: it is escaped where it enters the page.
#[derive(Debug, Clone)]
pub struct InputForReport {
    /// What the report is called: the cue sheet's title, or the film's name.
    pub title: String,
    /// "auricle 0.1.0".
    pub program_version: String,
    /// Version of the model, that is of the crate `auricle`.
    pub model_version: String,
    /// Version of the ffmpeg that took part; `None` where none did.
    pub ffmpeg_version: Option<String>,
    /// A command that renders the same again, quoted for a shell.
    pub command_line: String,
    /// The source.
    pub source: SoundFacts,
    /// The render.
    pub output: SoundFacts,
    /// The cue sheet; without cues where the whole film is inside.
    pub sheet: CueSheet,
    /// The cues on the sample grid; `cue` counts in `sheet.cues` (and may point beyond them where the
    /// whole film is inside).
    pub spans: Vec<CueSpan>,
    /// Every listener in use, in order of appearance.
    pub listeners: Vec<ReportListener>,
    /// What the recorder found.
    pub measurements: Measurements,
    /// Latency of the model, taken out of the output.
    pub latency_samples: u64,
    /// Files that took part, the output included.
    pub files: Vec<FileFacts>,
    /// Listener files and cue sheet in full.
    pub texts: Vec<FileText>,
    /// Further rows of "render it again": `(name, value)`, such as codec, channel layout or checks.
    pub facts: Vec<(String, String)>,
    /// What becomes of samples above full scale, as "they clip: write floating point"; `None`: they survive.
    pub clipping: Option<String>,
    /// What deserves a look: resampling, skipped captions. Clipping and NaN need not be said here.
    pub warnings: Vec<String>,
}

/// The source's or the render's sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundFacts {
    /// Name of the file, without folders.
    pub file_name: String,
    /// "5.1", "stereo".
    pub layout: String,
    /// "aac, 192 kb/s", "pcm_s24le".
    pub codec: String,
    /// Samples per second of the file.
    pub sample_rate_hz: u32,
}

/// A listener in use.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportListener {
    /// How the cue sheet refers to it: "preset:drummer", "drummer.toml".
    pub reference: String,
    /// The listener.
    pub listener: Listener,
}

/// A file that took part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// What it was: "film", "cue sheet", "output".
    pub role: String,
    /// Its name as the user gave it.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

/// A text file in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileText {
    /// Its name as the user gave it.
    pub name: String,
    /// Its text.
    pub text: String,
}
