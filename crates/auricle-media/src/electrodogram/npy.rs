//! `.npy`, the form in which numpy keeps an array (NEP 1, versions 1.0 and 2.0): a magic text, a Python dictionary that
//! says type and shape, and the numbers.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use super::broken;
use super::matrix_file::{Order, Source, Stored};
use crate::error::{MediaError, Result};

/// What files of the kind begin with.
const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Length of what stands before the numbers: room for any shape, and a multiple of 64.
const HEAD_BYTES: usize = 128;
/// Most of a dictionary that is read, bytes.
const MAX_DICTIONARY_BYTES: usize = 1 << 16;
/// Most rows that are taken for electrodes, where a matrix may lie on its side.
const MOST_ELECTRODES: u64 = 128;

/// What stands before the numbers.
pub(super) fn head(rows: usize, columns: u64) -> Result<Vec<u8>, String> {
    let dictionary = format!("{{'descr': '<f8', 'fortran_order': True, 'shape': ({rows}, {columns}), }}");
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&[1, 0]);
    head.extend_from_slice(&((HEAD_BYTES - 10) as u16).to_le_bytes());
    head.extend_from_slice(dictionary.as_bytes());
    head.resize(HEAD_BYTES - 1, b' ');
    head.push(b'\n');
    Ok(head)
}

/// Opens the matrix in the file at `path`.
///
/// # Errors
/// It is none, or not one of numbers; it breaks off.
pub(super) fn open(path: &Path) -> Result<Source> {
    let io = |doing: &'static str| move |source| MediaError::Io { path: path.to_owned(), doing, source };
    let mut file = File::open(path).map_err(io("cannot open"))?;
    let breaks_off = |_| broken(path, "breaks off within its first lines; write it again from where it was made");
    let mut fixed = [0; 8];
    file.read_exact(&mut fixed).map_err(breaks_off)?;
    let length = if fixed[6] == 1 {
        let mut length = [0; 2];
        file.read_exact(&mut length).map_err(breaks_off)?;
        usize::from(u16::from_le_bytes(length))
    } else {
        let mut length = [0; 4];
        file.read_exact(&mut length).map_err(breaks_off)?;
        u32::from_le_bytes(length) as usize
    };
    if length > MAX_DICTIONARY_BYTES {
        return Err(broken(path, "is damaged: its first line has no end; write it again from where it was made"));
    }
    let mut dictionary = vec![0; length];
    file.read_exact(&mut dictionary).map_err(breaks_off)?;
    let dictionary = String::from_utf8_lossy(&dictionary).into_owned();
    let data_at = file.stream_position().map_err(io("cannot read"))?;
    let no_matrix = |said: String| broken(path, format!("{said}; elData is a matrix of numbers, [electrode][sample]"));

    let kind = value(&dictionary, "descr").unwrap_or_default();
    let stored = match kind.trim_matches(['\'', '"']) {
        "<f8" => Stored::Float64,
        "<f4" => Stored::Float32,
        "<i4" => Stored::Int32,
        "<i2" => Stored::Int16,
        "|i1" => Stored::Int8,
        other => return Err(no_matrix(format!("holds an array of type {other}, where <f8 or <f4 is needed"))),
    };
    let shape = value(&dictionary, "shape").unwrap_or_default();
    let sides: Option<Vec<u64>> =
        shape.split(',').map(str::trim).filter(|side| !side.is_empty()).map(|side| side.parse().ok()).collect();
    let Some([first, second]) = sides.as_deref() else {
        return Err(no_matrix(format!("holds an array of shape ({shape})")));
    };
    let by_columns = value(&dictionary, "fortran_order").unwrap_or_default() == "True";
    // A matrix on its side, [sample][electrode], is the same numbers in the other order.
    let on_its_side = *first > MOST_ELECTRODES && *second <= MOST_ELECTRODES;
    let (rows, columns) = if on_its_side { (*second, *first) } else { (*first, *second) };
    let there = file.metadata().map_err(io("cannot read"))?.len().saturating_sub(data_at);
    let needed = rows.checked_mul(columns).and_then(|numbers| numbers.checked_mul(stored.bytes() as u64));
    let Some(_) = needed.filter(|needed| *needed <= there) else {
        let message =
            format!("breaks off: {rows} electrodes of {columns} samples are announced, {there} bytes are there");
        return Err(broken(path, format!("{message}; write it again from where it was made")));
    };
    let order = if by_columns != on_its_side {
        Order::Columns(Box::new(BufReader::with_capacity(256 << 10, file)))
    } else {
        Order::Rows { file, data_at }
    };
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    Ok(Source { path: path.to_owned(), rows, columns, stored, order, at: 0 })
}

/// The value of a key of the dictionary; that of a tuple without its brackets.
fn value(dictionary: &str, key: &str) -> Option<String> {
    let quoted = ["'", "\""].map(|quote| format!("{quote}{key}{quote}"));
    let rest = quoted.iter().find_map(|key| dictionary.split_once(key.as_str())).map(|(_, rest)| rest)?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let value = match rest.strip_prefix('(') {
        Some(tuple) => tuple.split(')').next(),
        None => rest.split([',', '}']).next(),
    };
    value.map(|value| value.trim().to_owned())
}
