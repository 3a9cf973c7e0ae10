//! Columns of a Parquet file as numbers or texts, whichever types the program that wrote them chose.

use std::sync::Arc;

use parquet::basic::{ConvertedType, Repetition};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

/// A column of numbers.
pub(super) struct Numbers {
    reader: Reader,
    /// Levels say which rows hold something.
    optional: bool,
    /// Stored integers are this many times the number (decimals).
    divisor: f64,
}

enum Reader {
    Int32(ColumnReaderImpl<Int32Type>),
    Int64(ColumnReaderImpl<Int64Type>),
    Float(ColumnReaderImpl<FloatType>),
    Double(ColumnReaderImpl<DoubleType>),
}

/// Whether rows may be empty.
fn is_optional(kind: &ColumnDescriptor) -> Result<bool, String> {
    if kind.max_rep_level() > 0 || kind.max_def_level() > 1 {
        return Err("holds lists; a row is to hold one value".to_owned());
    }
    Ok(kind.self_type().get_basic_info().repetition() == Repetition::OPTIONAL)
}

impl Numbers {
    /// A column whose kind is `kind`.
    ///
    /// # Errors
    /// It holds no numbers; says what it holds.
    pub(super) fn new(reader: ColumnReader, kind: &Arc<ColumnDescriptor>) -> Result<Self, String> {
        let optional = is_optional(kind)?;
        let is_decimal = kind.converted_type() == ConvertedType::DECIMAL;
        let divisor = if is_decimal { 10_f64.powi(kind.type_scale()) } else { 1.0 };
        let reader = match reader {
            ColumnReader::Int32ColumnReader(reader) => Reader::Int32(reader),
            ColumnReader::Int64ColumnReader(reader) => Reader::Int64(reader),
            ColumnReader::FloatColumnReader(reader) => Reader::Float(reader),
            ColumnReader::DoubleColumnReader(reader) => Reader::Double(reader),
            _ => return Err(format!("holds {}, not numbers", kind.physical_type())),
        };
        Ok(Self { reader, optional, divisor })
    }

    /// Puts the next `count` numbers into `numbers`, fewer where rows hold nothing.
    pub(super) fn read(&mut self, count: usize, numbers: &mut Vec<f64>) -> Result<(), ParquetError> {
        let optional = self.optional;
        match &mut self.reader {
            Reader::Int32(reader) => numbers.extend(values(reader, count, optional)?.into_iter().map(f64::from)),
            Reader::Int64(reader) => numbers.extend(values(reader, count, optional)?.into_iter().map(|n| n as f64)),
            Reader::Float(reader) => numbers.extend(values(reader, count, optional)?.into_iter().map(f64::from)),
            Reader::Double(reader) => numbers.extend(values(reader, count, optional)?),
        }
        if self.divisor != 1.0 {
            numbers.iter_mut().for_each(|number| *number /= self.divisor);
        }
        Ok(())
    }
}

/// A column of texts.
pub(super) struct Texts {
    reader: ColumnReaderImpl<ByteArrayType>,
    optional: bool,
}

impl Texts {
    /// A column whose kind is `kind`.
    ///
    /// # Errors
    /// It holds no texts; says what it holds.
    pub(super) fn new(reader: ColumnReader, kind: &Arc<ColumnDescriptor>) -> Result<Self, String> {
        let optional = is_optional(kind)?;
        match reader {
            ColumnReader::ByteArrayColumnReader(reader) => Ok(Self { reader, optional }),
            _ => Err(format!("holds {}, not text", kind.physical_type())),
        }
    }

    /// The next `count` texts, fewer where rows hold nothing.
    pub(super) fn read(&mut self, count: usize) -> Result<Vec<String>, ParquetError> {
        let texts = values(&mut self.reader, count, self.optional)?;
        Ok(texts.iter().map(|text| String::from_utf8_lossy(text.data()).into_owned()).collect())
    }
}

/// The next `count` rows of a column, without those that hold nothing.
fn values<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    optional: bool,
) -> Result<Vec<T::T>, ParquetError> {
    let mut values = Vec::with_capacity(count);
    let mut levels = Vec::new();
    let mut done = 0;
    while done < count {
        let levels = optional.then_some(&mut levels);
        let (records, _, _) = reader.read_records(count - done, levels, None, &mut values)?;
        if records == 0 {
            break;
        }
        done += records;
    }
    Ok(values)
}
