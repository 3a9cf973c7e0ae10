//! Text files of comma-separated values, line by line, with the place of every cell.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::{COLUMNS, Format, Place, damaged, sequence};
use crate::error::{MediaError, Result};

/// Longest line, bytes: many times what any row takes.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// Whether a file that begins with `head` is a table or a sequence: by the names of its columns. One that is neither
/// is taken for a table, whose reader says what is missing.
pub(super) fn kind(head: &[u8]) -> Format {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.trim_start_matches('\u{feff}').lines().map(str::trim);
    let names = lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let share = |columns: &[&str]| names.split(',').filter(|name| columns.contains(&unquoted(name))).count();
    if share(&sequence::COLUMNS) > share(&COLUMNS) { Format::Sequence } else { Format::Csv }
}

/// Lines of a file, in memory that does not grow.
pub(super) struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    line: Vec<u8>,
    /// Lines read so far.
    pub(super) number: usize,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|source| MediaError::Io {
            path: path.to_owned(),
            doing: "cannot open",
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            reader: BufReader::with_capacity(256 << 10, file),
            line: Vec::new(),
            number: 0,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the next line the [`Self::current`] one; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool> {
        self.line.clear();
        let mut limited = (&mut self.reader).take(MAX_LINE_BYTES);
        let count = limited.read_until(b'\n', &mut self.line).map_err(|source| MediaError::Io {
            path: self.path.clone(),
            doing: "cannot read",
            source,
        })?;
        if count == 0 {
            return Ok(false);
        }
        self.number += 1;
        let is_text = std::str::from_utf8(&self.line).is_ok() && !self.line.contains(&0);
        if count as u64 == MAX_LINE_BYTES || !is_text {
            return Err(self.fault(None, "", "this line is no text", "write the file again from where it was made"));
        }
        Ok(true)
    }

    /// The current line, without what ends it.
    pub(super) fn current(&self) -> &str {
        let text = std::str::from_utf8(&self.line).unwrap_or_default();
        let text = if self.number == 1 { text.trim_start_matches('\u{feff}') } else { text };
        text.trim_end_matches(['\n', '\r'])
    }

    /// An error of the current line and of a cell of it, from 0.
    pub(super) fn fault(&self, cell: Option<usize>, field: &str, message: &str, help: &str) -> MediaError {
        damaged(&self.path, self.place(cell, field), message, help)
    }

    /// Where the current line and a cell of it are.
    pub(super) fn place(&self, cell: Option<usize>, field: &str) -> Place {
        let column = cell.and_then(|cell| {
            let before: usize = self.current().split(',').take(cell).map(|cell| cell.chars().count() + 1).sum();
            self.current()
                .split(',')
                .nth(cell)
                .map(|text| before + text.chars().count() - text.trim_start().chars().count() + 1)
        });
        Place { line: Some(self.number), column, field: field.to_owned() }
    }
}

/// A cell's content: without spaces and quotes around it.
pub(super) fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell)
}

/// Which cell each of `wanted` is in.
///
/// # Errors
/// A name is missing, or there twice.
pub(super) fn columns<const N: usize>(lines: &Lines, wanted: [&str; N]) -> Result<[usize; N]> {
    let names: Vec<&str> = lines.current().split(',').map(unquoted).collect();
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(wanted) {
        let mut found = names.iter().enumerate().filter(|(_, known)| **known == name);
        *place = match (found.next(), found.next()) {
            (Some((at, _)), None) => at,
            (Some(_), Some((at, _))) => {
                return Err(lines.fault(Some(at), name, "this column is there twice", "take one of them away"));
            }
            (None, _) => {
                let semicolons = lines.current().contains(';');
                let help = if semicolons { "separate the columns by commas; " } else { "" };
                let help = format!("{help}the first line names the columns: {}", wanted.join(","));
                return Err(lines.fault(None, "", &format!("there is no column {name}"), &help));
            }
        };
    }
    Ok(places)
}

/// The cells of the current line, which has to have as many as the first one had.
///
/// # Errors
/// It has more or fewer.
pub(super) fn cells<'a, const N: usize>(lines: &'a Lines, places: &[usize; N], count: usize) -> Result<[&'a str; N]> {
    let mut cells = [""; N];
    let mut found = 0;
    for (at, cell) in lines.current().split(',').enumerate() {
        found += 1;
        for (to, _) in places.iter().enumerate().filter(|(_, place)| **place == at) {
            cells[to] = unquoted(cell);
        }
    }
    if found != count {
        let message = format!("{found} cells, where the first line names {count} columns");
        let help = "the file may have broken off here; write it again from where it was made";
        return Err(lines.fault(None, "", &message, help));
    }
    Ok(cells)
}

/// The number in a cell.
///
/// # Errors
/// It is none, or not finite.
pub(super) fn number(lines: &Lines, cell: usize, name: &str, text: &str) -> Result<f64> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => {
            let message =
                if text.is_empty() { "nothing stands here".to_owned() } else { format!("\"{text}\" is no number") };
            Err(lines.fault(Some(cell), name, &message, "put a number here"))
        }
    }
}

/// The whole number in a cell, from `least` to `most`.
///
/// # Errors
/// It is none.
pub(super) fn whole(lines: &Lines, cell: usize, name: &str, text: &str, (least, most): (i64, i64)) -> Result<i64> {
    let number = number(lines, cell, name, text)?;
    if number.fract() != 0.0 || !(least as f64..=most as f64).contains(&number) {
        let message = format!("{text} is not a whole number from {least} to {most}");
        return Err(lines.fault(Some(cell), name, &message, "put it right, or take the row away"));
    }
    Ok(number as i64)
}
