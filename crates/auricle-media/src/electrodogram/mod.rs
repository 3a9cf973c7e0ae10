//! Electrodograms as files: tables of pulses, the two formats of research, and a picture.
//!
//! ```text
//!   table     .parquet .csv     one row a pulse, and what is known of the device: exact
//!   sequence  .csv              Nucleus-like: clinical levels and periods, from onset to onset
//!   matrix    .npy .mat         `elData`: microamperes, [electrode][sample of 18 us]
//! ```
//!
//! [`open`] knows a file by its content; [`create`] writes one in a streaming way, into a file that
//! [`PendingOutput`](crate::PendingOutput) has made. Memory does not grow with the length of either. Whatever is read or
//! written passes a check: order, range, electrodes that there are, and that no charge stays. The formats are
//! described in `docs/electrodogram.md`.

mod check;
mod csv;
pub(crate) mod currents;
pub(crate) mod device;
mod guard;
pub(crate) mod header;
mod job;
mod make;
mod mat;
mod matrix;
mod matrix_file;
mod matrix_pulses;
mod npy;
mod parquet;
mod parquet_column;
mod picture;
mod sequence;
mod sound;
mod text;
mod units;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use auricle::fault::{Fault, Faults, Severity};
use auricle::implant::params::Implant;
use auricle::implant::pulse::Pulse;

use crate::error::{MediaError, Result};

pub use check::Checker;
pub use header::{Header, Provenance};
pub use job::{Ear, ElectrodeSummary, ElectrodogramJob, ElectrodogramSummary, Input, WrittenFile};
pub use make::make;
pub use matrix::{SAMPLE_RATE_HZ, SAMPLE_TICKS};
pub use picture::{ElectrodogramPicture, PictureText};
pub use units::{MODES, mode_name};

/// The columns of the table, in the order in which they are written.
pub const COLUMNS: [&str; 7] =
    ["time_us", "electrode", "mode", "current_ua", "current_level", "phase_width_us", "phase_gap_us"];

/// Pulses that are handed on at once.
const BATCH_PULSES: usize = 8192;

/// The formats of electrodograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The table as Parquet.
    Parquet,
    /// The table as text.
    Csv,
    /// Clinical levels and periods as text.
    Sequence,
    /// `elData` as numpy keeps arrays.
    Npy,
    /// `elData` as MATLAB keeps variables (level 5).
    Mat,
}

impl Format {
    /// The format of a table to be written, by its name's ending.
    ///
    /// # Errors
    /// [`MediaError::Usage`]: another ending.
    pub fn of_table(path: &Path) -> Result<Self> {
        match ending(path).as_str() {
            "parquet" | "pq" => Ok(Self::Parquet),
            "csv" => Ok(Self::Csv),
            other => Err(MediaError::Usage(format!(
                "{}: {}; an electrodogram is written as .parquet or .csv{}",
                path.display(),
                said(other),
                if ["npy", "mat"].contains(&other) { " (for this one there is --export)" } else { "" }
            ))),
        }
    }

    /// The format of research to be exported to, by the name's ending.
    ///
    /// # Errors
    /// [`MediaError::Usage`]: another ending.
    pub fn of_export(path: &Path) -> Result<Self> {
        match ending(path).as_str() {
            "csv" => Ok(Self::Sequence),
            "npy" => Ok(Self::Npy),
            "mat" => Ok(Self::Mat),
            other => Err(MediaError::Usage(format!(
                "{}: {}; exports are .csv (a sequence of clinical levels), .npy and .mat (the matrix elData)",
                path.display(),
                said(other)
            ))),
        }
    }

    /// The format of a file that is there, by its content.
    ///
    /// # Errors
    /// The file cannot be read; it is none of them, which is said with what it looks like.
    pub fn detect(path: &Path) -> Result<Self> {
        let io = |doing: &'static str| move |source| MediaError::Io { path: path.to_owned(), doing, source };
        if path.is_dir() {
            return Err(broken(path, "is a folder; name an electrodogram file"));
        }
        let mut head = Vec::new();
        File::open(path).map_err(io("cannot open"))?.take(4096).read_to_end(&mut head).map_err(io("cannot read"))?;
        if head.is_empty() {
            return Err(broken(path, "is empty; write it again from where it was made"));
        }
        if head.starts_with(b"PAR1") {
            return Ok(Self::Parquet);
        }
        if head.starts_with(b"\x93NUMPY") {
            return Ok(Self::Npy);
        }
        if head.starts_with(b"\x89HDF") || head.starts_with(b"MATLAB 7.3") {
            return Err(broken(
                path,
                "is HDF5 (MATLAB 7.3), which is not read; save elData with save(\"FILE.mat\", \"elData\", \"-v7\")",
            ));
        }
        if head.starts_with(b"MATLAB 5.0") {
            return Ok(Self::Mat);
        }
        if head.iter().take(1024).any(|byte| *byte < 9 || (14..32).contains(byte)) {
            let said = "is no electrodogram: neither Parquet, CSV, .npy nor .mat; see docs/electrodogram.md";
            return Err(broken(path, said));
        }
        Ok(text::kind(&head))
    }
}

/// What a file's name ends with, in lower case; empty where it has no ending.
fn ending(path: &Path) -> String {
    path.extension().map_or_else(String::new, |ending| ending.to_string_lossy().to_ascii_lowercase())
}

fn said(ending: &str) -> String {
    if ending.is_empty() { "has no ending".to_owned() } else { format!("ends in .{ending}") }
}

/// An electrodogram that is read from its beginning to its end.
pub trait PulseReader: Send {
    /// What is known of it; its length only once all is read.
    fn header(&self) -> &Header;
    /// Puts the next pulses, in the order of their onsets, at the end of `pulses`; false at the end only.
    ///
    /// # Errors
    /// The file is damaged; says in which row and column.
    fn read(&mut self, pulses: &mut Vec<Pulse>) -> Result<bool>;
}

/// An electrodogram that is written from its beginning to its end.
pub trait PulseWriter: Send {
    /// Appends pulses, in the order of their onsets.
    ///
    /// # Errors
    /// The format cannot hold them; they break a rule; the disk is full.
    fn write(&mut self, pulses: &[Pulse]) -> Result<()>;
    /// Completes the file. What is not kept as it was is said in words.
    ///
    /// # Errors
    /// As for [`Self::write`].
    fn finish(self: Box<Self>, end: End) -> Result<Vec<String>>;
}

/// What is known of an electrodogram when all of it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// How long it lasts, ticks.
    pub length_ticks: u64,
    /// Samples of the sound it was made of.
    pub source_samples: Option<u64>,
}

/// Opens an electrodogram of any format; `device` is what made it, where the file itself does not say.
///
/// # Errors
/// As for [`Format::detect`]; its beginning is damaged.
pub fn open(path: &Path, device: Option<&Implant>) -> Result<Box<dyn PulseReader>> {
    let header = device.map(Header::of).unwrap_or_default();
    Ok(match Format::detect(path)? {
        Format::Parquet => Box::new(parquet::ParquetReader::open(path, header)?),
        Format::Csv => Box::new(csv::CsvReader::open(path, header)?),
        Format::Sequence => Box::new(sequence::SequenceReader::open(path, header)?),
        Format::Npy => Box::new(matrix::MatrixReader::new(path, npy::open(path)?, header)?),
        Format::Mat => Box::new(matrix::MatrixReader::new(path, mat::open(path)?, header)?),
    })
}

/// Begins an electrodogram in the file at `path`, which is emptied; `named` is what messages call it.
///
/// # Errors
/// The file cannot be written.
pub fn create(format: Format, path: &Path, named: &Path, header: &Header) -> Result<Box<dyn PulseWriter>> {
    let file = File::create(path).map_err(|source| MediaError::Io {
        path: named.to_owned(),
        doing: "cannot create",
        source,
    })?;
    let checker = Checker::new(named, header.electrodes);
    Ok(match format {
        Format::Parquet => Box::new(parquet::ParquetWriter::new(file, checker, header)?),
        Format::Csv => Box::new(csv::CsvWriter::new(file, checker, header)?),
        Format::Sequence => Box::new(sequence::SequenceWriter::new(file, checker)?),
        Format::Npy => Box::new(matrix::MatrixWriter::begin(file, checker, header, npy::head)?),
        Format::Mat => Box::new(matrix::MatrixWriter::begin(file, checker, header, mat::head)?),
    })
}

/// The error of a file that is not what it should be.
fn broken(path: &Path, message: impl Into<String>) -> MediaError {
    MediaError::Broken { path: path.to_owned(), message: message.into() }
}

/// The error of a place in a file: a line of text (from 1) and a column of it in characters, or else a place in words.
fn damaged(path: &Path, at: Place, message: impl Into<String>, help: impl Into<String>) -> MediaError {
    MediaError::Faults(Faults(vec![Fault {
        severity: Severity::Error,
        file: path.display().to_string(),
        line: at.line,
        column: at.column,
        field: at.field,
        message: message.into(),
        help: help.into(),
    }]))
}

/// Where in an electrodogram something is.
#[derive(Debug, Clone, Default)]
struct Place {
    line: Option<usize>,
    column: Option<usize>,
    field: String,
}

impl Place {
    /// In a row, from 1, of what has no lines.
    fn row(row: u64, column: &str) -> Self {
        let field = if column.is_empty() { format!("row {row}") } else { format!("row {row}, {column}") };
        Self { field, ..Self::default() }
    }
}

/// A file that cannot be written.
fn cannot_write(path: &Path) -> impl Fn(std::io::Error) -> MediaError + use<> {
    let path: PathBuf = path.to_owned();
    move |source| MediaError::Io { path: path.clone(), doing: "cannot write", source }
}

#[cfg(test)]
mod tests;
