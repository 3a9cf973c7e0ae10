//! What a render is asked for, what it tells on the way, and what came of it.

use std::path::PathBuf;

use auricle::level::Field;
use serde::Serialize;

use crate::film::{Codec, Tracks};
use crate::wav::WavFormat;


/// Everything a render is asked for; the command line, a program or a page fills it in.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderJob {
    /// The film or sound.
    pub input: PathBuf,
    /// The file to write; its extension says which kind.
    pub output: PathBuf,
    /// Whose ears: a listener file, `preset:NAME` or `preset:NAME/STATE`; stands for the cue sheet's own listener.
    pub listener: Option<String>,
    /// The listener's state, where no cue sheet says; may be left out where there is only one.
    pub state: Option<String>,
    /// The cue sheet; without one, inside throughout.
    pub cues: Option<PathBuf>,
    /// Audio track of the input, from 1; `None`: the default one.
    pub track: Option<usize>,
    /// Channels of the output.
    pub layout: OutputLayout,
    /// Audio tracks of a film.
    pub tracks: Tracks,
    /// How a film's sound is stored; `None`: what suits the container.
    pub codec: Option<Codec>,
    /// Sample format of WAV files and of PCM in films; `None`: float where the source is, else 24-bit.
    pub format: Option<WavFormat>,
    /// Stands for the cue sheet's `calibration.full_scale_db_spl`, in dB SPL.
    pub full_scale_db_spl: Option<f64>,
    /// Stands for the cue sheet's `calibration.field`.
    pub field: Option<Field>,
    /// Stands for the cue sheet's seed.
    pub seed: Option<u64>,
    /// The film's own subtitles, where they are not in the film.
    pub captions: Option<PathBuf>,
    /// Write `NAME.report.html` beside the output.
    pub write_report: bool,
    /// Write `NAME.pov.vtt` beside the output.
    pub write_captions: bool,
    /// Replace files that exist.
    pub force: bool,
}

impl RenderJob {
    /// A render of `input` to `output` with every choice left to its default; who listens is still to be said.
    pub fn new(input: impl Into<PathBuf>, output: impl Into<PathBuf>) -> Self {
        Self {
            input: input.into(),
            output: output.into(),
            listener: None,
            state: None,
            cues: None,
            track: None,
            layout: OutputLayout::default(),
            tracks: Tracks::Both,
            codec: None,
            format: None,
            full_scale_db_spl: None,
            field: None,
            seed: None,
            captions: None,
            write_report: true,
            write_captions: true,
            force: false,
        }
    }
}

/// Channels of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputLayout {
    /// Those of the input.
    #[default]
    Same,
    /// Two ears, for headphones.
    Stereo,
}

/// Where a render is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Reading listener, cues and film; nothing is written yet.
    Checking,
    /// Sound is being rendered.
    Rendering,
    /// The file is being completed.
    Finishing,
    /// What was written is compared with what should have been.
    Verifying,
    /// The report and captions are being written.
    Reporting,
}

/// How far a render is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Progress {
    /// Where it is.
    pub stage: Stage,
    /// Seconds of the film that are rendered.
    pub done_secs: f64,
    /// Seconds of film there are, where that is known beforehand.
    pub total_secs: Option<f64>,
    /// Seconds of film per second, since rendering began; 0 before.
    pub speed: f64,
    /// Seconds of waiting left, where that can be said.
    pub left_secs: Option<f64>,
}
