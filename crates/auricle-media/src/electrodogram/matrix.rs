//! The matrix of research, `elData`: currents in microamperes, `[electrode][sample]`, a sample each 18 us.
//!
//! A phase is a run of samples of one current, the first phase negative (cathodic), the second positive and as long, with
//! zeros between them for the gap. Pulses of a table need not lie on samples: they are moved to the nearest one, and
//! phases and gaps get the nearest number of them; how many were is said. Charge stays balanced to the last bit.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use auricle::implant::pulse::{Mode, Pulse, TICKS_PER_SEC};

use super::check::Checker;
use super::header::{Header, MAX_ELECTRODES};
use super::matrix_file::Source;
use super::matrix_pulses::Assembly;
use super::units::{us, us_text};
use super::{End, Place, PulseReader, PulseWriter, broken, cannot_write, damaged};
use crate::error::Result;

/// Ticks of a sample: 18 us.
pub const SAMPLE_TICKS: u64 = 180;
/// Samples per second: 55,556, more exactly 1/(18 us).
pub const SAMPLE_RATE_HZ: f64 = TICKS_PER_SEC as f64 / SAMPLE_TICKS as f64;
/// Columns that are held or read at once.
const BLOCK_COLUMNS: usize = 4096;

/// What stands before the numbers of a matrix of so many rows and columns, always of one length; or why there can be none.
pub(super) type Head = fn(rows: usize, columns: u64) -> Result<Vec<u8>, String>;

/// Writes a matrix, column by column, as doubles.
pub(super) struct MatrixWriter {
    sink: BufWriter<File>,
    checker: Checker,
    head: Head,
    rows: usize,
    /// Columns that are not written yet, `[column][electrode]`, microamperes.
    open: VecDeque<Vec<f64>>,
    /// Columns that are.
    written: u64,
    /// Pulses that were moved, and the furthest of them, in ticks.
    moved: (u64, u64),
    /// Pulses whose phases or gaps are of another length.
    reshaped: u64,
}

impl MatrixWriter {
    pub(super) fn begin(file: File, checker: Checker, header: &Header, head: Head) -> Result<Self> {
        let rows = usize::from(header.electrodes);
        let mut sink = BufWriter::with_capacity(256 << 10, file);
        let bytes = head(rows, 0).map_err(|message| broken(checker.path(), message))?;
        sink.write_all(&bytes).map_err(cannot_write(checker.path()))?;
        Ok(Self { sink, checker, head, rows, open: VecDeque::new(), written: 0, moved: (0, 0), reshaped: 0 })
    }

    /// Writes the columns before `column`.
    fn write_until(&mut self, column: u64) -> Result<()> {
        let zeros = vec![0.0; self.rows];
        while self.written < column {
            let values = self.open.pop_front().unwrap_or_else(|| zeros.clone());
            for value in values {
                self.sink.write_all(&value.to_le_bytes()).map_err(cannot_write(self.checker.path()))?;
            }
            self.written += 1;
        }
        Ok(())
    }

    /// Puts a phase of `count` samples of `ua` into a row, from `column` on.
    fn put(&mut self, row: usize, column: u64, count: u64, ua: f64) -> Result<()> {
        for at in column..column + count {
            let index = usize::try_from(at - self.written).unwrap_or(usize::MAX);
            if self.open.len() <= index {
                self.open.resize_with(index + 1, || vec![0.0; self.rows]);
            }
            let place = &mut self.open[index][row];
            if *place != 0.0 {
                let message = "on samples of 18 us this pulse and the one before it on its electrode overlap";
                let help = "export the sequence instead (.csv), or keep the table";
                return Err(damaged(self.checker.path(), Place::row(self.checker.count(), "time_us"), message, help));
            }
            *place = ua;
        }
        Ok(())
    }
}

/// The number of samples nearest to so many ticks.
fn samples(ticks: u64) -> u64 {
    (ticks + SAMPLE_TICKS / 2) / SAMPLE_TICKS
}

impl PulseWriter for MatrixWriter {
    fn write(&mut self, pulses: &[Pulse]) -> Result<()> {
        for pulse in pulses {
            self.checker.check(pulse)?;
            let begins = samples(pulse.onset_ticks);
            self.write_until(begins)?;
            let phase = samples(pulse.phase_ticks.into()).max(1);
            let gap = samples(pulse.gap_ticks.into());
            let moved_ticks = pulse.onset_ticks.abs_diff(begins * SAMPLE_TICKS);
            self.moved = (self.moved.0 + u64::from(moved_ticks > 0), self.moved.1.max(moved_ticks));
            let same = phase * SAMPLE_TICKS == u64::from(pulse.phase_ticks)
                && gap * SAMPLE_TICKS == u64::from(pulse.gap_ticks);
            self.reshaped += u64::from(!same);
            let (row, ua) = (usize::from(pulse.electrode) - 1, f64::from(pulse.current_ua));
            self.put(row, begins, phase, -ua)?;
            self.put(row, begins + phase + gap, phase, ua)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, end: End) -> Result<Vec<String>> {
        let columns = end.length_ticks.div_ceil(SAMPLE_TICKS).max(self.written + self.open.len() as u64);
        let head = (self.head)(self.rows, columns).map_err(|message| broken(self.checker.path(), message))?;
        self.write_until(columns)?;
        let mut patch = || {
            self.sink.seek(SeekFrom::Start(0))?;
            self.sink.write_all(&head)?;
            self.sink.flush()
        };
        patch().map_err(cannot_write(self.checker.path()))?;
        let count = self.checker.count();
        let mut notes = Vec::new();
        if self.moved.0 > 0 {
            let furthest = us_text(self.moved.1);
            let pulses = self.moved.0;
            notes.push(format!("{pulses} of {count} pulses were moved to samples of 18 us, by {furthest} us at most"));
        }
        if self.reshaped > 0 {
            let pulses = self.reshaped;
            notes.push(format!("{pulses} of {count} pulses have phases or gaps of other lengths than in the table"));
        }
        Ok(notes)
    }
}

/// Reads a matrix.
pub(super) struct MatrixReader {
    path: PathBuf,
    source: Source,
    header: Header,
    assembly: Assembly,
    checker: Checker,
}

impl MatrixReader {
    pub(super) fn new(path: &Path, source: Source, device: Header) -> Result<Self> {
        let electrodes = u8::try_from(source.rows).ok().filter(|rows| (1..=MAX_ELECTRODES).contains(rows));
        let Some(electrodes) = electrodes else {
            return Err(broken(
                path,
                format!(
                    "holds a matrix of {} by {}; elData has a row for each electrode, 1 to {MAX_ELECTRODES} of them",
                    source.rows, source.columns
                ),
            ));
        };
        let length_ticks = source.columns.checked_mul(SAMPLE_TICKS);
        let header = Header { electrodes, length_ticks, ..device };
        let checker = Checker::new(path, electrodes);
        Ok(Self { path: path.to_owned(), assembly: Assembly::new(electrodes), source, header, checker })
    }
}

impl PulseReader for MatrixReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, pulses: &mut Vec<Pulse>) -> Result<bool> {
        let first = pulses.len();
        let mut block = Vec::new();
        let count = self.source.read(BLOCK_COLUMNS, &mut block)?;
        let fault = |fault: super::matrix_pulses::Fault| {
            let at = format!(
                "electrode {}, sample {} ({} us)",
                fault.electrode,
                fault.sample,
                us(fault.sample * SAMPLE_TICKS)
            );
            let help = "each pulse has a negative phase and a positive one of the same current and length";
            damaged(&self.path, Place { field: at, ..Place::default() }, fault.message, help)
        };
        for column in block.chunks_exact(self.source.rows) {
            self.assembly.column(column, pulses).map_err(fault)?;
        }
        if count == 0 {
            self.assembly.finish(pulses).map_err(fault)?;
        }
        for pulse in &mut pulses[first..] {
            pulse.mode = Mode::Mp1And2;
            self.checker.check(pulse)?;
        }
        Ok(count > 0)
    }
}
