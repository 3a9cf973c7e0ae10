//! What a render is asked for, what it tells on the way, and what came of it.

use std::path::PathBuf;

use auricle::level::Field;
use auricle::msbg::Position;
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
    /// Which model hears.
    pub model: Model,
    /// Audio track of the input, from 1; `None`: the default one.
    pub track: Option<usize>,
    /// Channels of the output.
    pub layout: OutputLayout,
    /// Audio tracks of a film; `None`: both where there is a picture, else the mix alone.
    pub tracks: Option<Tracks>,
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
    /// Take samples that are no numbers for silence; without it they are an error.
    pub allow_nan: bool,
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
            model: Model::default(),
            track: None,
            layout: OutputLayout::default(),
            tracks: None,
            codec: None,
            format: None,
            full_scale_db_spl: None,
            field: None,
            seed: None,
            captions: None,
            write_report: true,
            write_captions: true,
            allow_nan: false,
            force: false,
        }
    }
}

impl RenderJob {
    /// A command that renders the same again, quoted for a POSIX shell.
    pub fn command_line(&self) -> String {
        let mut words = vec!["auricle".to_owned(), "render".to_owned()];
        let mut option = |name: &str, value: Option<String>| {
            words.extend(value.map(|value| format!("{name}={value}")));
        };
        let path = |path: &PathBuf| path.display().to_string();
        option("--listener", self.listener.clone());
        option("--state", self.state.clone());
        option("--cues", self.cues.as_ref().map(path));
        if let Model::Msbg(position) = self.model {
            option("--model", Some("msbg".to_owned()));
            option("--position", Some(position.name().to_owned()));
        }
        option("--track", self.track.map(|track| track.to_string()));
        option("--layout", (self.layout == OutputLayout::Stereo).then(|| "stereo".to_owned()));
        let tracks = |tracks| if tracks == Tracks::Pov { "pov" } else { "both" }.to_owned();
        option("--tracks", self.tracks.map(tracks));
        option("--codec", self.codec.map(|codec| codec.name().to_owned()));
        let bits = |format| if format == WavFormat::Int24 { "24" } else { "float" }.to_owned();
        option("--bits", self.format.map(bits));
        option("--full-scale-db-spl", self.full_scale_db_spl.map(|level| level.to_string()));
        let field = |field| if field == Field::Free { "free" } else { "diffuse" }.to_owned();
        option("--field", self.field.map(field));
        option("--seed", self.seed.map(|seed| seed.to_string()));
        option("--captions", self.captions.as_ref().map(path));
        option("--output", Some(path(&self.output)));
        words.extend((!self.write_report).then(|| "--no-report".to_owned()));
        words.extend(self.allow_nan.then(|| "--allow-nan".to_owned()));
        words.extend((!self.write_captions).then(|| "--no-captions".to_owned()));
        words.extend(["--".to_owned(), path(&self.input)]);
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
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

/// Which model hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Model {
    /// Auricle's own.
    #[default]
    Own,
    /// The MSBG simulator ([`auricle::msbg`]), the sound coming from a position.
    Msbg(Position),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_can_be_given_to_a_shell() {
        let mut job = RenderJob::new("-my film's.mp4", "heard.mp4");
        job.listener = Some("preset:N3".to_owned());
        job.seed = Some(7);
        let line = job.command_line();
        assert_eq!(line, r"auricle render --listener=preset:N3 --seed=7 --output=heard.mp4 -- '-my film'\''s.mp4'");
    }
}
