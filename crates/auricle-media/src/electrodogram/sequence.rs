//! The sequence of research: clinical levels, and the time from each onset to the next.
//!
//! `electrodes,modes,current_levels,phase_widths_us,phase_gaps_us,periods_us`; modes -1 (MP1), -2 (MP2), -3 (MP1+2). A
//! row of level 0 is idle: it takes its period, and nothing is stimulated. Currents are those of the level on the CIC4
//! scale. What is not in it: currents of other scales, bipolar modes, two electrodes at once, and the device.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use auricle::implant::processor::current::CurrentScale;
use auricle::implant::pulse::{Mode, Pulse};

use super::check::Checker;
use super::header::Header;
use super::text::{Lines, cells, columns, number, whole};
use super::units::{current_ua, short_ticks, ticks, us_text};
use super::{BATCH_PULSES, End, Place, PulseReader, PulseWriter, broken, cannot_write, damaged};
use crate::error::Result;

/// The columns, in the order in which they are written.
pub(super) const COLUMNS: [&str; 6] =
    ["electrodes", "modes", "current_levels", "phase_widths_us", "phase_gaps_us", "periods_us"];

/// Modes and their numbers.
const MODES: [(Mode, i64); 3] = [(Mode::Mp1, -1), (Mode::Mp2, -2), (Mode::Mp1And2, -3)];
/// How far a current may be from its level's before it is told of: the least step of the scale is 1.8 %.
const SAME_CURRENT: f32 = 0.01;

/// Writes a sequence.
pub(super) struct SequenceWriter {
    sink: BufWriter<File>,
    checker: Checker,
    /// The last pulse, whose period is known when the next one comes.
    last: Option<Pulse>,
    /// Pulses whose current is not the level's.
    other_currents: u64,
}

impl SequenceWriter {
    pub(super) fn new(file: File, checker: Checker) -> Result<Self> {
        let mut sink = BufWriter::with_capacity(256 << 10, file);
        writeln!(sink, "{}", COLUMNS.join(",")).map_err(cannot_write(checker.path()))?;
        Ok(Self { sink, checker, last: None, other_currents: 0 })
    }

    /// Ends the last pulse, or the time before the first one, at `next_ticks`.
    fn end_period(&mut self, next_ticks: u64) -> Result<()> {
        let written = match self.last {
            Some(pulse) => {
                let mode = MODES.iter().find(|(mode, _)| *mode == pulse.mode).map_or(0, |(_, code)| *code);
                row(
                    &mut self.sink,
                    [i64::from(pulse.electrode), mode, i64::from(pulse.current_level)],
                    &pulse,
                    next_ticks,
                )
            }
            None if next_ticks > 0 => {
                // Idle: what follows says when it begins.
                let idle = Pulse { phase_ticks: 250, gap_ticks: 70, ..IDLE };
                row(&mut self.sink, [0, -3, 0], &idle, next_ticks)
            }
            None => Ok(()),
        };
        written.map_err(cannot_write(self.checker.path()))
    }

    fn refuse(&self, column: &str, message: &str, help: &str) -> Result<()> {
        Err(damaged(self.checker.path(), Place::row(self.checker.count(), column), message, help))
    }
}

/// What an idle row has of a pulse.
const IDLE: Pulse = Pulse {
    onset_ticks: 0,
    electrode: 0,
    mode: Mode::Mp1And2,
    current_level: 0,
    current_ua: 0.0,
    phase_ticks: 0,
    gap_ticks: 0,
};

fn row(sink: &mut impl Write, [electrode, mode, level]: [i64; 3], pulse: &Pulse, next: u64) -> std::io::Result<()> {
    let (width, gap) = (us_text(pulse.phase_ticks.into()), us_text(pulse.gap_ticks.into()));
    writeln!(sink, "{electrode},{mode},{level},{width},{gap},{}", us_text(next - pulse.onset_ticks))
}

impl PulseWriter for SequenceWriter {
    fn write(&mut self, pulses: &[Pulse]) -> Result<()> {
        let instead = "export the matrix elData instead (.npy or .mat), or keep the table";
        for pulse in pulses {
            self.checker.check(pulse)?;
            if pulse.mode == Mode::Bipolar {
                self.refuse("mode", "a bipolar pulse cannot be said in a sequence", instead)?;
            }
            if self.last.is_some_and(|last| last.onset_ticks == pulse.onset_ticks) {
                let message =
                    "two electrodes at once cannot be said in a sequence, which has one pulse after the other";
                self.refuse("time_us", message, instead)?;
            }
            if pulse.current_level == 0 && pulse.current_ua > 0.0 {
                self.refuse("current_level", "level 0 with a current would be read as idle", instead)?;
            }
            let level_ua = current_ua(CurrentScale::CIC4, pulse.current_level);
            if pulse.current_level > 0 && (pulse.current_ua / level_ua - 1.0).abs() > SAME_CURRENT {
                self.other_currents += 1;
            }
            self.end_period(pulse.onset_ticks)?;
            self.last = Some(*pulse);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, end: End) -> Result<Vec<String>> {
        // Its last period ends with the whole, and no earlier than its pulse.
        let ends = end.length_ticks.max(self.last.map_or(0, |last| last.onset_ticks + last.duration_ticks()));
        self.end_period(ends)?;
        self.sink.flush().map_err(cannot_write(self.checker.path()))?;
        let others = self.other_currents;
        let note = format!(
            "{others} of {} pulses have a current that is not their level's on the CIC4 scale; a sequence keeps the level",
            self.checker.count()
        );
        Ok((others > 0).then_some(note).into_iter().collect())
    }
}

/// Reads a sequence.
pub(super) struct SequenceReader {
    lines: Lines,
    header: Header,
    places: [usize; COLUMNS.len()],
    /// Cells of a line.
    width: usize,
    checker: Checker,
    /// When the next row begins.
    at_ticks: u64,
    rows: u64,
}

impl SequenceReader {
    pub(super) fn open(path: &Path, header: Header) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        while lines.advance()? {
            let text = lines.current().trim();
            if !text.is_empty() && !text.starts_with('#') {
                break;
            }
        }
        let places = columns(&lines, COLUMNS)?;
        let width = lines.current().split(',').count();
        let checker = Checker::new(path, header.electrodes);
        Ok(Self { lines, header, places, width, checker, at_ticks: 0, rows: 0 })
    }

    /// The current line's pulse, where it is not idle, and its period in ticks.
    fn row(&self) -> Result<(Option<Pulse>, u64)> {
        let lines = &self.lines;
        let cells = cells(lines, &self.places, self.width)?;
        let whole = |column: usize, range| whole(lines, self.places[column], COLUMNS[column], cells[column], range);
        let fault = |column: usize, message: &str, help: &str| {
            lines.fault(Some(self.places[column]), COLUMNS[column], message, help)
        };
        let us = |column: usize| number(lines, self.places[column], COLUMNS[column], cells[column]);
        let short = |column: usize| -> Result<u32> {
            short_ticks(us(column)?).map_err(|(message, help)| fault(column, &message, &help))
        };
        let period_us = us(5)?;
        let period = ticks(period_us).map_err(|(message, help)| fault(5, &message, &help))?;
        if period == 0 {
            return Err(fault(5, "a period of 0", "periods go from an onset to the next one, in microseconds"));
        }
        let current_level = whole(2, (0, 255))? as u16;
        let code = whole(1, (-1000, 1000))?;
        let electrode = whole(0, (0, 255))? as u8;
        let (phase_ticks, gap_ticks) = (short(3)?, short(4)?);
        if current_level == 0 {
            return Ok((None, period));
        }
        let Some((mode, _)) = MODES.iter().find(|(_, known)| *known == code) else {
            let message = format!("{code} is no mode");
            return Err(fault(1, &message, "modes are -1 (MP1), -2 (MP2) and -3 (MP1+2)"));
        };
        let pulse = Pulse {
            onset_ticks: self.at_ticks,
            electrode,
            mode: *mode,
            current_level,
            current_ua: current_ua(CurrentScale::CIC4, current_level),
            phase_ticks,
            gap_ticks,
        };
        if pulse.duration_ticks() > period {
            let message = format!(
                "a period of {} us, in which the pulse itself takes {} us: it would be cut off, and charge would stay",
                us_text(period),
                us_text(pulse.duration_ticks())
            );
            return Err(fault(5, &message, "make the period at least as long as two phases and the gap"));
        }
        Ok((Some(pulse), period))
    }
}

impl PulseReader for SequenceReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, pulses: &mut Vec<Pulse>) -> Result<bool> {
        for _ in 0..BATCH_PULSES {
            if !self.lines.advance()? {
                if self.rows == 0 {
                    return Err(broken(self.lines.path(), "holds no rows; write it again from where it was made"));
                }
                self.header.length_ticks = Some(self.at_ticks);
                return Ok(false);
            }
            if self.lines.current().trim().is_empty() {
                continue;
            }
            let (pulse, period) = self.row()?;
            if let Some(pulse) = pulse {
                let (lines, places) = (&self.lines, &self.places);
                self.checker.check_at(&pulse, |_, name| {
                    // Its columns are those of the table in the plural, but for the time.
                    let column =
                        COLUMNS.iter().position(|known| name.get(..5).is_some_and(|name| known.starts_with(name)));
                    lines.place(column.map(|column| places[column]), column.map_or(name, |column| COLUMNS[column]))
                })?;
                pulses.push(pulse);
            }
            self.at_ticks += period;
            self.rows += 1;
        }
        Ok(true)
    }
}
