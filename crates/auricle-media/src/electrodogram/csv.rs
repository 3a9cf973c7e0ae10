//! The table as text: comments that say what it is, a line of names, a line a pulse, and comments that close it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use auricle::implant::pulse::Pulse;

use super::check::Checker;
use super::header::{Header, VERSION_KEY, plain};
use super::text::{Lines, cells, columns, number, whole};
use super::units::{mode_name, mode_of, short_ticks, ticks, us_text};
use super::{BATCH_PULSES, COLUMNS, End, MODES, Place, PulseReader, PulseWriter, broken, cannot_write, damaged};
use crate::error::Result;

/// Writes the table.
pub(super) struct CsvWriter {
    sink: BufWriter<File>,
    checker: Checker,
}

impl CsvWriter {
    pub(super) fn new(file: File, checker: Checker, header: &Header) -> Result<Self> {
        let mut sink = BufWriter::with_capacity(256 << 10, file);
        let mut begin = || {
            for (key, value) in header.entries() {
                writeln!(sink, "# {key} = {value}")?;
            }
            writeln!(sink, "{}", COLUMNS.join(","))
        };
        begin().map_err(cannot_write(checker.path()))?;
        Ok(Self { sink, checker })
    }
}

impl PulseWriter for CsvWriter {
    fn write(&mut self, pulses: &[Pulse]) -> Result<()> {
        for pulse in pulses {
            self.checker.check(pulse)?;
            // The shortest decimal that names this current and no other.
            writeln!(
                self.sink,
                "{},{},{},{},{},{},{}",
                us_text(pulse.onset_ticks),
                pulse.electrode,
                mode_name(pulse.mode),
                pulse.current_ua,
                pulse.current_level,
                us_text(pulse.phase_ticks.into()),
                us_text(pulse.gap_ticks.into())
            )
            .map_err(cannot_write(self.checker.path()))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, end: End) -> Result<Vec<String>> {
        self.checker.check_length(end.length_ticks)?;
        let mut close = || {
            for (key, value) in Header::closing_entries(end, self.checker.count()) {
                writeln!(self.sink, "# {key} = {value}")?;
            }
            self.sink.flush()
        };
        close().map_err(cannot_write(self.checker.path()))?;
        Ok(Vec::new())
    }
}

/// Reads the table.
pub(super) struct CsvReader {
    lines: Lines,
    header: Header,
    said: Said,
    places: [usize; COLUMNS.len()],
    /// Cells of a line.
    width: usize,
    checker: Checker,
    ended: bool,
}

impl CsvReader {
    pub(super) fn open(path: &Path, mut header: Header) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        let mut said = Said::default();
        loop {
            if !lines.advance()? {
                return Err(broken(
                    path,
                    "holds no table; the first line names the columns, see docs/electrodogram.md",
                ));
            }
            match comment(lines.current()) {
                Some(comment) => said.take(lines.number, comment),
                None if lines.current().trim().is_empty() => {}
                None => break,
            }
        }
        said.tell(&mut header, path)?;
        let places = columns(&lines, COLUMNS)?;
        let width = lines.current().split(',').count();
        let checker = Checker::new(path, header.electrodes);
        Ok(Self { lines, header, said, places, width, checker, ended: false })
    }

    fn pulse(&self) -> Result<Pulse> {
        let cells = cells(&self.lines, &self.places, self.width)?;
        let [time, electrode, mode, current, level, width, gap] = self.places;
        let lines = &self.lines;
        let us = |place: usize, name: usize| number(lines, place, COLUMNS[name], cells[name]);
        let fault = |place: usize, name: usize| {
            move |(message, help): (String, String)| lines.fault(Some(place), COLUMNS[name], &message, &help)
        };
        let Some(mode) = mode_of(cells[2]) else {
            let known = MODES.map(|(_, name)| name).join(", ");
            let message = format!("\"{}\" is no mode", cells[2]);
            return Err(lines.fault(Some(mode), COLUMNS[2], &message, &format!("modes are {known}")));
        };
        Ok(Pulse {
            onset_ticks: ticks(us(time, 0)?).map_err(fault(time, 0))?,
            electrode: whole(lines, electrode, COLUMNS[1], cells[1], (0, 255))? as u8,
            mode,
            // Rounded once: by way of a double the last bit could change.
            current_ua: us(current, 3).map(|ua| cells[3].parse().unwrap_or(ua as f32))?,
            current_level: whole(lines, level, COLUMNS[4], cells[4], (0, 255))? as u16,
            phase_ticks: short_ticks(us(width, 5)?).map_err(fault(width, 5))?,
            gap_ticks: short_ticks(us(gap, 6)?).map_err(fault(gap, 6))?,
        })
    }

    /// Whether what closes the file is there and true.
    fn close(&mut self) -> Result<()> {
        self.ended = true;
        self.said.tell(&mut self.header, self.lines.path())?;
        let (path, count) = (self.lines.path(), self.checker.count());
        match self.header.pulses {
            Some(said) if said != count => Err(broken(
                path,
                format!(
                    "says at its end that it holds {said} pulses, and holds {count}; put \"# pulses\" right, or write it again"
                ),
            )),
            None if self.said.entries.contains_key(VERSION_KEY) => Err(broken(
                path,
                format!(
                    "breaks off after {count} pulses: the lines that close it are missing; write it again from where it was made"
                ),
            )),
            _ => {
                let length_ticks = self.header.length_ticks.unwrap_or(self.checker.ends_ticks());
                self.header.length_ticks = Some(length_ticks);
                self.checker.check_length(length_ticks)
            }
        }
    }
}

impl PulseReader for CsvReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, pulses: &mut Vec<Pulse>) -> Result<bool> {
        for _ in 0..BATCH_PULSES {
            if self.ended || !self.lines.advance()? {
                if !self.ended {
                    self.close()?;
                }
                return Ok(false);
            }
            if let Some(said) = comment(self.lines.current()) {
                self.said.take(self.lines.number, said);
            } else if !self.lines.current().trim().is_empty() {
                let pulse = self.pulse()?;
                let places = &self.places;
                let lines = &self.lines;
                self.checker.check_at(&pulse, |_, name| {
                    let cell = COLUMNS.iter().position(|known| *known == name).map(|column| places[column]);
                    lines.place(cell, name)
                })?;
                pulses.push(pulse);
            }
        }
        Ok(true)
    }
}

/// What a comment says.
fn comment(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix('#').map(str::trim)
}

/// What the comments of a file say, and in which lines.
#[derive(Default)]
struct Said {
    /// Without quotes.
    entries: BTreeMap<String, String>,
    lines: BTreeMap<String, usize>,
}

impl Said {
    /// Takes a comment of the form `key = value`; others are the user's own.
    fn take(&mut self, line: usize, said: &str) {
        let Some((key, value)) = said.split_once('=') else { return };
        let (key, value) = (key.trim().to_owned(), value.trim());
        let value = plain(value);
        self.lines.insert(key.clone(), line);
        self.entries.insert(key, value);
    }

    /// Tells `header` all that has been said so far.
    ///
    /// # Errors
    /// Something that was said cannot be; the line is named.
    fn tell(&self, header: &mut Header, path: &Path) -> Result<()> {
        header.take(&self.entries).map_err(|(key, message)| {
            let place = Place { line: self.lines.get(&key).copied(), field: key, ..Place::default() };
            let help = "put it right, or take the line away; see docs/electrodogram.md";
            damaged(path, place, message, help)
        })
    }
}
