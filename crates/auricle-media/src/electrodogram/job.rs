//! What is asked of an electrodogram, and what comes of it.

use std::path::PathBuf;

use auricle::implant::params::{Carrier, Places};
use serde::Serialize;

/// Where the pulses come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A film or sound, whose audio track (from 1; `None`: the one players choose) a processor hears.
    Sound {
        /// The film or sound.
        path: PathBuf,
        /// The track.
        track: Option<usize>,
    },
    /// An electrodogram in a file.
    Pulses(PathBuf),
}

impl Input {
    /// The file.
    pub fn path(&self) -> &PathBuf {
        match self {
            Self::Sound { path, .. } | Self::Pulses(path) => path,
        }
    }
}

/// One of the ears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ear {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

impl Ear {
    /// "left", "right".
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// What is to be made of which pulses.
#[derive(Debug, Clone, PartialEq)]
pub struct ElectrodogramJob {
    /// Where the pulses come from.
    pub input: Input,
    /// Whose device: a listener file, `preset:NAME` or `preset:NAME/STATE`. Sound needs one; an electrodogram whose file says
    /// what made it needs none.
    pub listener: Option<String>,
    /// The state, where the reference does not name it and there are several.
    pub state: Option<String>,
    /// The ear, where both have different implants.
    pub ear: Option<Ear>,
    /// What an RMS of 1.0 stands for, dB SPL; `None`: what the file says, or 100.
    pub full_scale_db_spl: Option<f64>,
    /// The table to write, `.parquet` or `.csv`.
    pub output: Option<PathBuf>,
    /// Files of research to write: `.csv` a sequence, `.npy` and `.mat` the matrix.
    pub exports: Vec<PathBuf>,
    /// The picture to write, SVG.
    pub picture: Option<PathBuf>,
    /// The sound to write, `.wav` or `.flac`: what is transmitted.
    pub sound: Option<PathBuf>,
    /// Its sample rate, Hz; `None`: that of the source, or 48,000.
    pub sound_rate_hz: Option<u32>,
    /// What carries it; `None`: the listener's own, or SPIRAL.
    pub carrier: Option<Carrier>,
    /// Where its carriers lie; `None`: as the listener's, or shifted.
    pub places: Option<Places>,
    /// Seed of its phases and noise.
    pub seed: u64,
    /// Replace files that exist.
    pub force: bool,
}

impl ElectrodogramJob {
    /// Of `input`, with every choice left to its default and nothing to be written yet.
    pub fn new(input: Input) -> Self {
        Self {
            input,
            listener: None,
            state: None,
            ear: None,
            full_scale_db_spl: None,
            output: None,
            exports: Vec::new(),
            picture: None,
            sound: None,
            sound_rate_hz: None,
            carrier: None,
            places: None,
            seed: 0,
            force: false,
        }
    }
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenFile {
    /// "electrodogram", "export", "picture" or "sound".
    pub role: &'static str,
    /// Where it is.
    pub path: PathBuf,
}

/// What is told of one electrode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ElectrodeSummary {
    /// From 1 at the base.
    pub electrode: u8,
    /// Its pulses that have a current.
    pub pulses: u64,
    /// Those that have none.
    pub idle: u64,
    /// Lowest current of them, microamperes.
    pub lowest_ua: Option<f32>,
    /// Highest current of them, microamperes.
    pub highest_ua: Option<f32>,
    /// Threshold level, clinical units.
    pub t_level: Option<f64>,
    /// Comfort level, clinical units.
    pub c_level: Option<f64>,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ElectrodogramSummary {
    /// The strategy: "ace"; `None` where nobody says.
    pub strategy: Option<&'static str>,
    /// Which ear's device it is.
    pub ear: Option<Ear>,
    /// Pulses per second on each channel, as the processor makes them.
    pub rate_pps: Option<f64>,
    /// How long it lasts, seconds.
    pub length_secs: f64,
    /// Pulses that have a current.
    pub pulses: u64,
    /// Those that have none: frames in which there is nothing to be said.
    pub idle: u64,
    /// `[electrode]`, base to apex.
    pub electrodes: Vec<ElectrodeSummary>,
    /// Highest sample of the sound that was written, dB FS; `None` without sound or where it is silent.
    pub sound_peak_db_fs: Option<f64>,
    /// What was written.
    pub files: Vec<WrittenFile>,
    /// What deserves to be known.
    pub notes: Vec<String>,
    /// Seconds of sound or electrodogram per second of work.
    pub speed: f64,
}
