//! The table as Parquet: a column each, written a row group at a time, what is known of the device in its metadata.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auricle::implant::pulse::Pulse;
use parquet::basic::{Compression, ConvertedType, Encoding, GzipLevel, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type};

use super::check::Checker;
use super::guard::guarded;
use super::header::{Header, VERSION_KEY, plain};
use super::parquet_column::{Numbers, Texts};
use super::units::{mode_name, mode_of, short_ticks, ticks, us};
use super::{BATCH_PULSES, COLUMNS, End, MODES, Place, PulseReader, PulseWriter, broken, damaged};
use crate::error::{MediaError, Result};

/// Pulses of a row group: 19 s of ACE.
const GROUP_PULSES: usize = 1 << 17;

/// Writes the table.
pub(super) struct ParquetWriter {
    file: SerializedFileWriter<File>,
    checker: Checker,
    group: Vec<Pulse>,
}

impl ParquetWriter {
    pub(super) fn new(file: File, checker: Checker, header: &Header) -> Result<Self> {
        let begun = SerializedFileWriter::new(file, schema(), Arc::new(properties(header)));
        let file = begun.map_err(failed(checker.path()))?;
        Ok(Self { file, checker, group: Vec::new() })
    }

    fn end_group(&mut self) -> Result<()> {
        if !self.group.is_empty() {
            write_group(&mut self.file, &self.group).map_err(failed(self.checker.path()))?;
            self.group.clear();
        }
        Ok(())
    }
}

fn write_group(file: &mut SerializedFileWriter<File>, pulses: &[Pulse]) -> Result<(), ParquetError> {
    let mut group = file.next_row_group()?;
    let modes = MODES.map(|(mode, name)| (mode, ByteArray::from(name)));
    let mode = |pulse: &Pulse| {
        let known = modes.iter().find(|(mode, _)| *mode == pulse.mode);
        known.map_or_else(|| ByteArray::from(mode_name(pulse.mode)), |(_, name)| name.clone())
    };
    column::<DoubleType>(&mut group, pulses.iter().map(|pulse| us(pulse.onset_ticks)).collect())?;
    column::<Int32Type>(&mut group, pulses.iter().map(|pulse| i32::from(pulse.electrode)).collect())?;
    column::<ByteArrayType>(&mut group, pulses.iter().map(mode).collect())?;
    column::<FloatType>(&mut group, pulses.iter().map(|pulse| pulse.current_ua).collect())?;
    column::<Int32Type>(&mut group, pulses.iter().map(|pulse| i32::from(pulse.current_level)).collect())?;
    column::<DoubleType>(&mut group, pulses.iter().map(|pulse| us(pulse.phase_ticks.into())).collect())?;
    column::<DoubleType>(&mut group, pulses.iter().map(|pulse| us(pulse.gap_ticks.into())).collect())?;
    group.close().map(|_| ())
}

/// Writes the next column of a group.
fn column<T: DataType>(group: &mut SerializedRowGroupWriter<'_, File>, values: Vec<T::T>) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the schema has no such column".to_owned()));
    };
    column.typed::<T>().write_batch(&values, None, None)?;
    column.close()
}

fn schema() -> Arc<Type> {
    let field = |name: &str, physical: Physical, converted: ConvertedType| {
        let field = Type::primitive_type_builder(name, physical);
        field.with_repetition(Repetition::REQUIRED).with_converted_type(converted).build().map(Arc::new)
    };
    let [time, electrode, mode, current, level, phase, gap] = COLUMNS;
    let fields = [
        field(time, Physical::DOUBLE, ConvertedType::NONE),
        field(electrode, Physical::INT32, ConvertedType::UINT_8),
        field(mode, Physical::BYTE_ARRAY, ConvertedType::UTF8),
        field(current, Physical::FLOAT, ConvertedType::NONE),
        field(level, Physical::INT32, ConvertedType::UINT_16),
        field(phase, Physical::DOUBLE, ConvertedType::NONE),
        field(gap, Physical::DOUBLE, ConvertedType::NONE),
    ];
    let fields = fields.into_iter().collect::<Result<Vec<_>, _>>();
    // Names and types are constants, which fit together or fail every test.
    #[expect(clippy::expect_used, reason = "a schema of constants")]
    let schema =
        Type::group_type_builder("electrodogram").with_fields(fields.expect("fields")).build().expect("schema");
    Arc::new(schema)
}

fn properties(header: &Header) -> WriterProperties {
    let said = header.entries().into_iter().map(|(key, value)| KeyValue::new(key, plain(&value)));
    let time = || ColumnPath::from(COLUMNS[0]);
    WriterProperties::builder()
        .set_created_by(concat!("auricle ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(said.collect()))
        .set_compression(Compression::GZIP(GzipLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_PULSES))
        // Times rise: their upper bytes hardly change, which only shows when bytes of one place stand together.
        .set_column_dictionary_enabled(time(), false)
        .set_column_encoding(time(), Encoding::BYTE_STREAM_SPLIT)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build()
}

impl PulseWriter for ParquetWriter {
    fn write(&mut self, pulses: &[Pulse]) -> Result<()> {
        for pulse in pulses {
            self.checker.check(pulse)?;
            self.group.push(*pulse);
            if self.group.len() == GROUP_PULSES {
                self.end_group()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, end: End) -> Result<Vec<String>> {
        self.checker.check_length(end.length_ticks)?;
        self.end_group()?;
        for (key, value) in Header::closing_entries(end, self.checker.count()) {
            self.file.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        }
        self.file.finish().map_err(failed(self.checker.path()))?;
        Ok(Vec::new())
    }
}

/// What could not be written; an error of the system is one of the file's.
fn failed(path: &Path) -> impl Fn(ParquetError) -> MediaError + use<> {
    let path: PathBuf = path.to_owned();
    move |error| {
        let path = path.clone();
        let source = match error {
            ParquetError::External(error) => match error.downcast::<std::io::Error>() {
                Ok(source) => *source,
                Err(other) => std::io::Error::other(other),
            },
            other => std::io::Error::other(other),
        };
        MediaError::Io { path, doing: "cannot write", source }
    }
}

/// Reads the table.
pub(super) struct ParquetReader {
    path: PathBuf,
    file: SerializedFileReader<File>,
    header: Header,
    /// Which column of the file each of [`COLUMNS`] is.
    places: [usize; COLUMNS.len()],
    next_group: usize,
    group: Option<Group>,
    checker: Checker,
}

/// The columns of a row group that is being read.
struct Group {
    /// [`COLUMNS`] without the mode.
    numbers: [Numbers; 6],
    modes: Texts,
    left: u64,
}

/// Which of [`COLUMNS`] the numbers are.
const NUMBERS: [usize; 6] = [0, 1, 3, 4, 5, 6];

impl ParquetReader {
    pub(super) fn open(path: &Path, mut header: Header) -> Result<Self> {
        let file = File::open(path).map_err(|source| MediaError::Io {
            path: path.to_owned(),
            doing: "cannot open",
            source,
        })?;
        let file = guarded(|| SerializedFileReader::new(file)).map_err(|error| {
            broken(path, format!("is damaged or breaks off ({error}); write it again from where it was made"))
        })?;
        let facts = file.metadata().file_metadata();
        let entries: BTreeMap<String, String> = facts
            .key_value_metadata()
            .into_iter()
            .flatten()
            .filter_map(|entry| Some((entry.key.clone(), entry.value.clone()?)))
            .collect();
        header.take(&entries).map_err(|(key, message)| {
            let place = Place { field: format!("metadata, {key}"), ..Place::default() };
            damaged(path, place, message, "put it right, or take the key away; see docs/electrodogram.md")
        })?;
        let rows = u64::try_from(facts.num_rows()).unwrap_or(0);
        if header.pulses.is_some_and(|said| said != rows) && entries.contains_key(VERSION_KEY) {
            let said = header.pulses.unwrap_or(0);
            let help = "write it again, with the metadata put right or left out";
            return Err(broken(path, format!("says that it holds {said} pulses, and holds {rows}; {help}")));
        }
        let chunks = file.metadata().row_groups().iter().flat_map(|group| group.columns());
        let read =
            |kind: Compression| matches!(kind, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_));
        if let Some(kind) = chunks.map(|chunk| chunk.compression()).find(|kind| !read(*kind)) {
            let help = "write it with Snappy or gzip, or without compression";
            return Err(broken(path, format!("is compressed by {kind}, which is not read; {help}")));
        }
        let schema = facts.schema_descr();
        let mut places = [0; COLUMNS.len()];
        for (place, name) in places.iter_mut().zip(COLUMNS) {
            let found = schema.columns().iter().position(|column| column.path().string() == name);
            *place = found.ok_or_else(|| {
                let named: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
                broken(path, format!("has no column {name}; it has {}; see docs/electrodogram.md", named.join(", ")))
            })?;
        }
        let checker = Checker::new(path, header.electrodes);
        Ok(Self { path: path.to_owned(), header, places, next_group: 0, group: None, checker, file })
    }

    /// Opens the next row group; false where there is none.
    fn next_group(&mut self) -> Result<bool> {
        if self.next_group == self.file.num_row_groups() {
            return Ok(false);
        }
        let row = self.checker.count() + 1;
        let path = &self.path;
        let damage = |error: ParquetError| damaged_at(path, row, "", &error);
        let group = guarded(|| self.file.get_row_group(self.next_group)).map_err(damage)?;
        let open = |column: usize| {
            let place = self.places[column];
            let kind = group.metadata().column(place).column_descr_ptr();
            Ok::<_, MediaError>((guarded(|| group.get_column_reader(place)).map_err(damage)?, kind))
        };
        let numbers = |column: usize| {
            let (reader, kind) = open(column)?;
            Numbers::new(reader, &kind).map_err(|said| broken(path, format!("column {}: {said}", COLUMNS[column])))
        };
        let [a, b, c, d, e, f] = NUMBERS;
        let numbers = [numbers(a)?, numbers(b)?, numbers(c)?, numbers(d)?, numbers(e)?, numbers(f)?];
        let (reader, kind) = open(2)?;
        let modes = Texts::new(reader, &kind).map_err(|said| broken(path, format!("column {}: {said}", COLUMNS[2])))?;
        let left = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
        self.group = Some(Group { numbers, modes, left });
        self.next_group += 1;
        Ok(true)
    }

    /// The pulse of row `at` of a batch whose first row is `row`.
    fn pulse(&self, row: u64, values: [f64; 6], mode: &str) -> Result<Pulse> {
        let fault = |column: usize, (message, help): (String, String)| {
            damaged(&self.path, Place::row(row, COLUMNS[column]), message, help)
        };
        let [time, electrode, current_ua, level, phase, gap] = values;
        let whole = |column: usize, value: f64, most: u16| {
            if value.fract() == 0.0 && (0.0..=f64::from(most)).contains(&value) {
                return Ok(value as u16);
            }
            let help = "put it right, or take the row away".to_owned();
            Err(fault(column, (format!("{value} is not a whole number from 0 to {most}"), help)))
        };
        let Some(mode) = mode_of(mode) else {
            let known = MODES.map(|(_, name)| name).join(", ");
            return Err(fault(2, (format!("\"{mode}\" is no mode"), format!("modes are {known}"))));
        };
        Ok(Pulse {
            onset_ticks: ticks(time).map_err(|said| fault(0, said))?,
            electrode: whole(1, electrode, 255)? as u8,
            mode,
            current_ua: current_ua as f32,
            current_level: whole(4, level, 255)?,
            phase_ticks: short_ticks(phase).map_err(|said| fault(5, said))?,
            gap_ticks: short_ticks(gap).map_err(|said| fault(6, said))?,
        })
    }
}

/// An error of Parquet's own, at a row and column.
fn damaged_at(path: &Path, row: u64, column: &str, error: &ParquetError) -> MediaError {
    let help = "the file is damaged; write it again from where it was made";
    damaged(path, Place::row(row, column), format!("cannot be read: {error}"), help)
}

impl PulseReader for ParquetReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, pulses: &mut Vec<Pulse>) -> Result<bool> {
        while self.group.as_ref().is_none_or(|group| group.left == 0) {
            if !self.next_group()? {
                let length_ticks = self.header.length_ticks.unwrap_or(self.checker.ends_ticks());
                self.header.length_ticks = Some(length_ticks);
                self.checker.check_length(length_ticks)?;
                return Ok(false);
            }
        }
        let Some(group) = &mut self.group else { return Ok(false) };
        let count = group.left.min(BATCH_PULSES as u64) as usize;
        let row = self.checker.count() + 1;
        let mut values: [Vec<f64>; 6] = Default::default();
        for ((numbers, values), column) in group.numbers.iter_mut().zip(&mut values).zip(NUMBERS) {
            guarded(|| numbers.read(count, values))
                .map_err(|error| damaged_at(&self.path, row, COLUMNS[column], &error))?;
        }
        let modes =
            guarded(|| group.modes.read(count)).map_err(|error| damaged_at(&self.path, row, COLUMNS[2], &error))?;
        let short = NUMBERS.iter().zip(&values).find(|(_, values)| values.len() != count).map(|(column, _)| *column);
        if let Some(column) = short.or((modes.len() != count).then_some(2)) {
            let message = format!("{count} rows from here are announced, and not all of them hold anything");
            let help = "a cell may be empty (null), or the file be damaged; fill it, or write the file again";
            return Err(damaged(&self.path, Place::row(row, COLUMNS[column]), message, help));
        }
        group.left -= count as u64;
        for at in 0..count {
            let pulse = self.pulse(row + at as u64, values.each_ref().map(|values| values[at]), &modes[at])?;
            self.checker.check(&pulse)?;
            pulses.push(pulse);
        }
        Ok(true)
    }
}
