//! `.mat`, level 5: the form in which MATLAB keeps variables ("MAT-File Format", MathWorks; versions 5 to 7).
//!
//! Written is one matrix of doubles called `elData`, not compressed, so that it can be written as it comes. Read is the
//! matrix of that name, or the only one there is; compressed or not, stored in any of the types of numbers.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::ZlibDecoder;

use super::broken;
use super::matrix_file::{Order, Source, Stored, unreadable};
use crate::error::{MediaError, Result};

/// The variable.
const NAME: &str = "elData";
/// Bytes before the first variable.
const FILE_HEAD_BYTES: usize = 128;
/// Most of a variable's name or shape that is read, bytes.
const MAX_SMALL_BYTES: u32 = 1024;

// Types of data elements (table 1-1 of the format).
const INT8: u32 = 1;
const INT32: u32 = 5;
const UINT32: u32 = 6;
const DOUBLE: u32 = 9;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
// Classes of arrays (table 1-3).
const CLASS_SPARSE: u8 = 5;
const CLASS_DOUBLE: u8 = 6;
/// Bit of the flags of an array that has imaginary parts (figure 1-5).
const COMPLEX: u8 = 0x08;
const CLASSES_OF_NUMBERS: std::ops::RangeInclusive<u8> = CLASS_DOUBLE..=13;

/// What stands before the numbers.
pub(super) fn head(rows: usize, columns: u64) -> Result<Vec<u8>, String> {
    let numbers = (rows as u64).checked_mul(columns).and_then(|numbers| u32::try_from(numbers.checked_mul(8)?).ok());
    // Flags, shape, name and the tag of the numbers.
    let around = 16 + 16 + 16 + 8;
    let (Some(data_bytes), Ok(width)) = (numbers.filter(|bytes| *bytes < u32::MAX - around), i32::try_from(columns))
    else {
        let minutes = f64::from(u32::MAX) / (rows as f64 * 8.0) / super::SAMPLE_RATE_HZ / 60.0;
        return Err(format!(
            "cannot hold this much: a .mat file has room for {minutes:.0} minutes of {rows} electrodes; export .npy instead"
        ));
    };
    let text = concat!(
        "MATLAB 5.0 MAT-file, written by auricle ",
        env!("CARGO_PKG_VERSION"),
        "; elData in uA, 18 us a sample"
    );
    let mut head = text.as_bytes().to_vec();
    head.resize(FILE_HEAD_BYTES - 12, b' ');
    // No data of a subsystem; version 1.0, lowest byte first.
    head.extend_from_slice(&[0; 8]);
    head.extend_from_slice(&0x0100_u16.to_le_bytes());
    head.extend_from_slice(b"IM");
    let mut words = |words: &[u32]| words.iter().for_each(|word| head.extend_from_slice(&word.to_le_bytes()));
    words(&[MATRIX, around + data_bytes]);
    words(&[UINT32, 8, u32::from(CLASS_DOUBLE), 0]);
    words(&[INT32, 8, rows as u32, width as u32]);
    words(&[INT8, NAME.len() as u32]);
    head.extend_from_slice(NAME.as_bytes());
    head.extend_from_slice(&[0; 2]);
    head.extend_from_slice(&DOUBLE.to_le_bytes());
    head.extend_from_slice(&data_bytes.to_le_bytes());
    Ok(head)
}

/// Opens the matrix in the file at `path`.
///
/// # Errors
/// There is none, or several of other names; the file breaks off or is damaged.
pub(super) fn open(path: &Path) -> Result<Source> {
    let io = |doing: &'static str| move |source| MediaError::Io { path: path.to_owned(), doing, source };
    let mut file = File::open(path).map_err(io("cannot open"))?;
    let length = file.metadata().map_err(io("cannot read"))?.len();
    let mut head = [0; FILE_HEAD_BYTES];
    file.read_exact(&mut head).map_err(|error| unreadable(path, error, 0))?;
    if &head[126..128] != b"IM" {
        let advice = "save it again on a machine of the usual kind";
        return Err(broken(path, format!("has its highest bytes first, which is not read; {advice}")));
    }
    let mut matrices: Vec<Source> = Vec::new();
    let mut names = Vec::new();
    let mut at = FILE_HEAD_BYTES as u64;
    while at + 8 <= length {
        file.seek(SeekFrom::Start(at)).map_err(io("cannot read"))?;
        let (kind, bytes) = tag(&mut file).map_err(|error| unreadable(path, error, 0))?;
        at += 8;
        if at + u64::from(bytes) > length {
            return Err(broken(path, "breaks off within a variable; write it again from where it was made"));
        }
        if [MATRIX, COMPRESSED].contains(&kind) {
            let (name, matrix) = variable(path, at, (kind, bytes))?;
            match matrix {
                Ok(matrix) if name == NAME => return Ok(matrix),
                Err(why) if name == NAME => return Err(broken(path, format!("its variable {NAME} {why}"))),
                matrix => matrices.extend(matrix.ok()),
            }
            names.push(name);
        }
        at += u64::from(bytes);
    }
    match (matrices.pop(), names.len()) {
        (Some(matrix), 1) => Ok(matrix),
        (_, 0) => Err(broken(path, "holds no variables; save the matrix elData in it")),
        _ => Err(broken(path, format!("holds no variable {NAME}, but {}; call the matrix {NAME}", names.join(", ")))),
    }
}

/// A data element's type and the bytes that follow; small elements do not come where this is used.
fn tag(reader: &mut impl Read) -> std::io::Result<(u32, u32)> {
    Ok((word(reader)?, word(reader)?))
}

fn word(reader: &mut impl Read) -> std::io::Result<u32> {
    let mut bytes = [0; 4];
    reader.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// A data element whose content is short: its type and content. Up to four bytes stand in the tag itself.
fn small(reader: &mut impl Read) -> std::io::Result<(u32, Vec<u8>)> {
    let first = word(reader)?;
    if first >> 16 != 0 {
        let mut content = [0; 4];
        reader.read_exact(&mut content)?;
        let bytes = (first >> 16).min(4) as usize;
        return Ok((first & 0xFFFF, content[..bytes].to_vec()));
    }
    let bytes = word(reader)?;
    if bytes > MAX_SMALL_BYTES {
        return Err(std::io::Error::new(ErrorKind::InvalidData, "a name or shape without end"));
    }
    let mut content = vec![0; bytes.next_multiple_of(8) as usize];
    reader.read_exact(&mut content)?;
    content.truncate(bytes as usize);
    Ok((first, content))
}

/// The variable whose content begins at byte `at` of the file: its name, and its matrix, or why that is none.
fn variable(path: &Path, at: u64, (kind, bytes): (u32, u32)) -> Result<(String, Result<Source, String>)> {
    let unreadable = |error| unreadable(path, error, 0);
    let mut file = File::open(path).map_err(unreadable)?;
    file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    let inside = BufReader::with_capacity(256 << 10, file.take(bytes.into()));
    let mut reader: Box<dyn Read + Send> = if kind == COMPRESSED {
        let mut inflated = ZlibDecoder::new(inside);
        if tag(&mut inflated).map_err(unreadable)?.0 != MATRIX {
            return Ok((String::new(), Err("is no matrix".to_owned())));
        }
        Box::new(inflated)
    } else {
        Box::new(inside)
    };
    let (_, flags) = small(&mut reader).map_err(unreadable)?;
    let (_, shape) = small(&mut reader).map_err(unreadable)?;
    let (_, name) = small(&mut reader).map_err(unreadable)?;
    let name = String::from_utf8_lossy(&name).trim_end_matches('\0').to_owned();
    let class = flags.first().copied().unwrap_or(0);
    if class == CLASS_SPARSE {
        let advice = "is sparse; save it whole, with elData = full(elData)";
        return Ok((name, Err(advice.to_owned())));
    }
    if !CLASSES_OF_NUMBERS.contains(&class) || flags.get(1).is_some_and(|flags| flags & COMPLEX != 0) {
        return Ok((name, Err("is no matrix of real numbers".to_owned())));
    }
    let sides: Vec<u64> = shape
        .chunks_exact(4)
        .map(|side| side.iter().rev().fold(0, |side, byte| (side << 8) | u64::from(*byte)))
        .collect();
    let [rows, columns] = sides[..] else {
        return Ok((name, Err(format!("has {} dimensions, where [electrode][sample] is needed", sides.len()))));
    };
    let first = word(&mut reader).map_err(unreadable)?;
    // Up to four bytes of numbers stand in the tag itself: a matrix of one pulse at least has more.
    let data_bytes = if first >> 16 == 0 { word(&mut reader).map_err(unreadable)? } else { 0 };
    let stored = match first {
        INT8 => Stored::Int8,
        2 => Stored::UInt8,
        3 => Stored::Int16,
        4 => Stored::UInt16,
        INT32 => Stored::Int32,
        UINT32 => Stored::UInt32,
        7 => Stored::Float32,
        DOUBLE => Stored::Float64,
        _ => return Ok((name, Err(format!("is too small, or stores its numbers as type {first}, which is not read")))),
    };
    if rows.checked_mul(columns).and_then(|n| n.checked_mul(stored.bytes() as u64)) != Some(data_bytes.into()) {
        return Ok((name, Err(format!("is damaged: {rows} by {columns} numbers do not take {data_bytes} bytes"))));
    }
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let order = Order::Columns(reader);
    Ok((name, Ok(Source { path: path.to_owned(), rows, columns, stored, order, at: 0 })))
}
