//! The numbers of a matrix in a file, column by column, however they are stored.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::broken;
use crate::error::{MediaError, Result};

/// How a number is stored, lowest byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Float32,
    Float64,
}

impl Stored {
    /// Bytes of a number.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Int8 | Self::UInt8 => 1,
            Self::Int16 | Self::UInt16 => 2,
            Self::Int32 | Self::UInt32 | Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }

    /// The number in as many bytes as it has.
    fn number(self, bytes: &[u8]) -> f64 {
        // A number's bytes, with zeros above; the slices that come here have the length of the number.
        let mut padded = [0; 8];
        for (to, from) in padded.iter_mut().zip(bytes) {
            *to = *from;
        }
        let [a, b, c, d, ..] = padded;
        match self {
            Self::Int8 => f64::from(a as i8),
            Self::UInt8 => f64::from(a),
            Self::Int16 => f64::from(i16::from_le_bytes([a, b])),
            Self::UInt16 => f64::from(u16::from_le_bytes([a, b])),
            Self::Int32 => f64::from(i32::from_le_bytes([a, b, c, d])),
            Self::UInt32 => f64::from(u32::from_le_bytes([a, b, c, d])),
            Self::Float32 => f64::from(f32::from_le_bytes([a, b, c, d])),
            Self::Float64 => f64::from_le_bytes(padded),
        }
    }
}

/// In which order the numbers stand.
pub(super) enum Order {
    /// One column after the other.
    Columns(Box<dyn Read + Send>),
    /// One row after the other, the first from this byte on.
    Rows {
        /// The file.
        file: File,
        /// Where the numbers begin.
        data_at: u64,
    },
}

/// A matrix that is read column by column.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) rows: usize,
    pub(super) columns: u64,
    pub(super) stored: Stored,
    pub(super) order: Order,
    /// Columns read so far.
    pub(super) at: u64,
}

impl Source {
    /// Appends up to `most` columns to `values`, `[column][row]`, and says how many; 0 at the end only.
    ///
    /// # Errors
    /// The file breaks off.
    pub(super) fn read(&mut self, most: usize, values: &mut Vec<f64>) -> Result<usize> {
        let count = (self.columns - self.at).min(most as u64) as usize;
        if count == 0 {
            return Ok(0);
        }
        let size = self.stored.bytes();
        let mut raw = vec![0; count * self.rows * size];
        let read = match &mut self.order {
            Order::Columns(reader) => reader.read_exact(&mut raw),
            Order::Rows { file, data_at } => {
                read_rows(file, *data_at, &mut raw, (self.rows, self.columns), self.at, size)
            }
        };
        read.map_err(|error| unreadable(&self.path, error, self.at))?;
        let stored = self.stored;
        match self.order {
            Order::Columns(_) => values.extend(raw.chunks_exact(size).map(|bytes| stored.number(bytes))),
            Order::Rows { .. } => values.extend((0..count * self.rows).map(|n| {
                let at = ((n % self.rows) * count + n / self.rows) * size;
                stored.number(&raw[at..at + size])
            })),
        }
        self.at += count as u64;
        Ok(count)
    }
}

/// Reads the same stretch of every row.
fn read_rows(
    file: &mut File,
    data_at: u64,
    raw: &mut [u8],
    (rows, columns): (usize, u64),
    at: u64,
    size: usize,
) -> std::io::Result<()> {
    let stretch = raw.len() / rows;
    for (row, part) in raw.chunks_exact_mut(stretch).enumerate() {
        file.seek(SeekFrom::Start(data_at + (row as u64 * columns + at) * size as u64))?;
        file.read_exact(part)?;
    }
    Ok(())
}

/// The error of numbers that cannot be read, from column `at` on.
pub(super) fn unreadable(path: &Path, error: std::io::Error, at: u64) -> MediaError {
    match error.kind() {
        ErrorKind::UnexpectedEof => {
            broken(path, format!("breaks off after sample {at} at the latest; write it again from where it was made"))
        }
        ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            broken(path, format!("is damaged ({error}), after sample {at}; write it again from where it was made"))
        }
        _ => MediaError::Io { path: path.to_owned(), doing: "cannot read", source: error },
    }
}
