//! Files that are damaged or were never right: what, where, what to do; and never a crash.

use super::*;

const COLUMNS: &str = "time_us,electrode,mode,current_ua,current_level,phase_width_us,phase_gap_us\n";
const SEQUENCE: &str = "electrodes,modes,current_levels,phase_widths_us,phase_gaps_us,periods_us\n";

/// Asserts that a file of these bytes is refused with all of these words.
#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, words: &[&str]) {
    let (_folder, path) = place("e.csv");
    std::fs::write(&path, bytes).unwrap();
    let error = read(&path).map(|(_, pulses)| pulses.len()).unwrap_err().to_string();
    for word in ["e.csv"].iter().chain(words) {
        assert!(error.contains(word), "no {word:?} in {error}");
    }
}

#[test]
fn every_fault_of_a_table_is_named_by_line_and_column() {
    let rows = |rows: &str| format!("{COLUMNS}0,1,MP1+2,100,99,25,7\n{rows}\n");
    for (row, words) in [
        ("100,1,MP1+2,abc,99,25,7", &["e.csv:3:13", "current_ua", "\"abc\" is no number"][..]),
        ("100,1,MP1+2,nan,99,25,7", &["e.csv:3:13", "current_ua", "\"nan\""]),
        ("100,1,MP1+2,,99,25,7", &["e.csv:3:13", "nothing stands here"]),
        ("100,1,MP1+2,-5,99,25,7", &["e.csv:3:13", "-5 is no current", "without a sign"]),
        ("-3,1,MP1+2,100,99,25,7", &["e.csv:3:1", "time_us", "below 0"]),
        ("100.04,1,MP1+2,100,99,25,7", &["e.csv:3:1", "0.1 us", "100.0 us"]),
        ("100,23,MP1+2,100,99,25,7", &["e.csv:3:5", "electrode 23", "which has 22", "--listener"]),
        ("100,0,MP1+2,100,99,25,7", &["e.csv:3:5", "electrode 0"]),
        ("100,1.5,MP1+2,100,99,25,7", &["e.csv:3:5", "electrode", "1.5"]),
        ("100,1,MP3,100,99,25,7", &["e.csv:3:7", "\"MP3\"", "MP1, MP2, MP1+2, BP"]),
        ("100,1,MP1+2,100,256,25,7", &["e.csv:3:17", "current_level", "256"]),
        ("100,1,MP1+2,100,99,0,7", &["e.csv:3:20", "phase_width_us", "no width"]),
        ("100,1,MP1+2,100,99,25,-7", &["e.csv:3:23", "phase_gap_us", "below 0"]),
        ("100,1,MP1+2,100,99,1e12,7", &["e.csv:3:20", "phase_width_us"]),
        ("100,1,MP1+2,100,99,25", &["e.csv:3", "6 cells", "7 columns", "broken off"]),
        ("50,1,MP1+2,100,99,25,7", &["e.csv:3:1", "cuts off that of row 1", "57.0 us", "charge would stay"]),
        ("100,2,MP1,1,1,25,7\n99.9,3,MP1,1,1,25,7", &["e.csv:4:1", "before the row above", "sort the rows"]),
    ] {
        refused(rows(row), words);
    }
}

#[test]
fn wrong_headers_are_told() {
    refused("", &["is empty"]);
    refused("\n\n", &["holds no table"]);
    refused("time,electrode\n1,2\n", &["no column time_us", "the first line names the columns"]);
    refused(COLUMNS.replace(',', ";"), &["no column time_us", "separate the columns by commas"]);
    refused(COLUMNS.replace("mode", "time_us"), &["e.csv:1", "time_us", "twice"]);
    refused(format!("# electrodes = 500\n{COLUMNS}"), &["e.csv:1", "electrodes", "1 to 128"]);
    refused(format!("# electrodes = many\n{COLUMNS}"), &["e.csv:1", "\"many\" is no number"]);
    refused(format!("# auricle_electrodogram = 2\n{COLUMNS}"), &["e.csv:1", "version 2"]);
    refused(format!("# clock_us = 0.2\n{COLUMNS}"), &["clock_us", "0.1 us"]);
    refused(format!("# x\n# implant.strategy = \"acd\"\n{COLUMNS}"), &["e.csv:2", "implant.strategy", "acd"]);
    refused(format!("{COLUMNS}0,1,MP1,1,1,25,7\n# pulses = 2\n"), &["holds 2 pulses, and holds 1"]);
    refused(format!("{COLUMNS}90,1,MP1,1,1,25,7\n# length_us = 2\n"), &["lasts 2.0 us", "at 90.0 us"]);
    refused(b"PK\x03\x04\x00\x00".as_slice(), &["is no electrodogram"]);
    refused([COLUMNS.as_bytes(), b"\xff\xfe,1\n"].concat(), &["e.csv:2", "no text"]);
    refused(b"\x89HDF\r\n\x1a\n".as_slice(), &["HDF5", "-v7"]);
}

#[test]
fn faults_of_a_sequence_are_named() {
    let rows = |row: &str| format!("{SEQUENCE}1,-3,100,25,7,100\n{row}\n");
    for (row, words) in [
        ("2,-3,100,25,7,-100", &["e.csv:3:15", "periods_us", "below 0"][..]),
        ("2,-3,100,25,7,0", &["e.csv:3:15", "a period of 0"]),
        ("2,-3,100,25,7,56", &["e.csv:3:15", "57.0 us", "charge would stay"]),
        ("2,-4,100,25,7,100", &["e.csv:3:3", "modes", "-4 is no mode", "-3 (MP1+2)"]),
        ("23,-3,100,25,7,100", &["e.csv:3:1", "electrodes", "electrode 23"]),
        ("2,-3,300,25,7,100", &["e.csv:3:6", "current_levels", "300"]),
        ("2,-3,100,nan,7,100", &["e.csv:3:10", "phase_widths_us", "nan"]),
        ("2,-3,100,25,7", &["e.csv:3", "5 cells"]),
    ] {
        refused(rows(row), words);
    }
    refused(SEQUENCE, &["holds no rows"]);
    // Idle: its electrode and mode do not matter.
    let (_folder, path) = place("idle.csv");
    std::fs::write(&path, rows("0,0,0,25,7,12.5")).unwrap();
    let (header, pulses) = read(&path).unwrap();
    assert_eq!((header.length_ticks, pulses.len()), (Some(1125), 1));
}

/// A matrix of two electrodes with these currents on the second.
fn matrix(currents: &[f64]) -> Vec<u8> {
    let dictionary = format!("{{'descr': '<f8', 'fortran_order': True, 'shape': (2, {}), }}", currents.len());
    let head = [b"\x93NUMPY\x01\x00\x76\x00".as_slice(), format!("{dictionary:<117}\n").as_bytes()].concat();
    let numbers = currents.iter().flat_map(|ua| [0.0_f64.to_le_bytes(), ua.to_le_bytes()].concat());
    [head, numbers.collect()].concat()
}

#[test]
fn matrices_in_which_charge_would_stay_are_refused() {
    refused(matrix(&[-5.0, 4.0]), &["electrode 2, sample 1 (18 us)", "4 uA follow a first phase of -5 uA", "charge"]);
    refused(matrix(&[-5.0, -5.0, 5.0, 0.0]), &["electrode 2, sample 3", "after 1 of 2 samples"]);
    refused(matrix(&[0.0, -5.0, 0.0, 0.0]), &["ends within a pulse"]);
    refused(matrix(&[&[-5.0][..], &[0.0; 80]].concat()), &["no second phase"]);
    refused(matrix(&[-5.0, 5.0, 5.0, -5.0]), &["sample 2", "other sign"]);
    refused(matrix(&[-5.0, f64::NAN]), &["sample 1", "NaN is no current"]);
    refused(matrix(&[f64::INFINITY]), &["sample 0", "inf is no current"]);
}

#[test]
fn matrices_that_are_none_are_refused() {
    let npy = |dictionary: &str| {
        [b"\x93NUMPY\x01\x00\x76\x00".as_slice(), format!("{dictionary:<117}\n").as_bytes()].concat()
    };
    refused(npy("{'descr': '<c16', 'fortran_order': True, 'shape': (2, 3), }"), &["type <c16"]);
    refused(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3, 4), }"), &["shape (2, 3, 4)"]);
    refused(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 300), }"), &["breaks off", "300 samples"]);
    refused(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (99999999999, 99999999999), }"), &["breaks off"]);
    refused(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (200, 0), }"), &["matrix of 0 by 200"]);
}

#[test]
fn a_file_that_breaks_off_anywhere_is_told_and_crashes_nothing() {
    let formats = [Format::Parquet, Format::Csv, Format::Npy, Format::Mat];
    for format in formats {
        let (_folder, path) = place("whole");
        let pulses = if format == Format::Parquet || format == Format::Csv { pulses(60) } else { steered(60) };
        written(&path, format, &header(), &pulses, 1 << 18).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in (0..whole.len() - 1).step_by(whole.len() / 400 + 1) {
            std::fs::write(&path, &whole[..length]).unwrap();
            let error = read(&path).map(|(_, pulses)| pulses.len());
            assert!(error.is_err(), "{format:?} cut at {length} of {}: {error:?}", whole.len());
        }
    }
}

#[test]
fn bytes_that_flip_crash_nothing() {
    for format in [Format::Parquet, Format::Mat, Format::Npy, Format::Csv, Format::Sequence] {
        let (_folder, path) = place("whole");
        let pulses = if format == Format::Mat || format == Format::Npy { steered(20) } else { pulses(20) };
        written(&path, format, &header(), &pulses, 40_000).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let mut refused = 0;
        for at in (0..whole.len().min(6000)).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= [0x01, 0x80, 0xFF][at % 3];
            std::fs::write(&path, &bytes).unwrap();
            refused += usize::from(read(&path).is_err());
        }
        assert!(refused > 0, "{format:?}");
    }
}
