//! The formats of research, byte by byte where their descriptions say what the bytes are.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::*;
use crate::electrodogram::matrix::SAMPLE_TICKS;

/// Sixteen electrodes.
fn sixteen() -> Header {
    Header { electrodes: 16, ..Header::default() }
}

/// `elData` of the steered pulses, `[column][electrode]`, by its definition.
fn by_definition(pulses: &[Pulse], columns: usize) -> Vec<[f64; 16]> {
    let mut matrix = vec![[0.0; 16]; columns];
    for pulse in pulses {
        let at = (pulse.onset_ticks / SAMPLE_TICKS) as usize;
        let row = usize::from(pulse.electrode) - 1;
        matrix[at][row] = -f64::from(pulse.current_ua);
        matrix[at + 1][row] = f64::from(pulse.current_ua);
    }
    matrix
}

fn bytes_of(matrix: &[[f64; 16]]) -> Vec<u8> {
    matrix.iter().flatten().flat_map(|ua| ua.to_le_bytes()).collect()
}

#[test]
fn a_npy_file_is_what_its_description_says() {
    let (_folder, path) = place("eldata.npy");
    let pulses = steered(600);
    let columns = 20 * 30 + 11;
    assert!(written(&path, Format::Npy, &sixteen(), &pulses, columns as u64 * 180).unwrap().is_empty());
    // NEP 1: magic, version, length of the dictionary, dictionary padded to a multiple of 64 and ended by a newline.
    let dictionary = format!("{{'descr': '<f8', 'fortran_order': True, 'shape': (16, {columns}), }}");
    let mut expected = b"\x93NUMPY\x01\x00".to_vec();
    expected.extend_from_slice(&118_u16.to_le_bytes());
    expected.extend_from_slice(format!("{dictionary:<117}\n").as_bytes());
    assert_eq!(expected.len(), 128);
    expected.extend(bytes_of(&by_definition(&pulses, columns)));
    assert!(std::fs::read(&path).unwrap() == expected);
}

/// A variable of a MAT-file: name, class, type of the numbers, rows and columns, the numbers' bytes.
type Variable<'a> = (&'a str, u32, u32, [u32; 2], Vec<u8>);

/// A MAT-file as its description says, of these variables.
fn mat(variables: &[Variable<'_>], compressed: bool) -> Vec<u8> {
    let mut file = b"MATLAB 5.0 MAT-file, made by hand".to_vec();
    file.resize(124, b' ');
    file.extend_from_slice(&[0x00, 0x01, b'I', b'M']);
    for (name, class, kind, [rows, columns], numbers) in variables {
        let mut content = Vec::new();
        let mut element = |kind: u32, bytes: &[u8]| {
            content.extend_from_slice(&kind.to_le_bytes());
            content.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            content.extend_from_slice(bytes);
            content.resize(content.len().next_multiple_of(8), 0);
        };
        element(6, &[class.to_le_bytes(), [0; 4]].concat());
        element(5, &[rows.to_le_bytes(), columns.to_le_bytes()].concat());
        element(1, name.as_bytes());
        element(*kind, numbers);
        let matrix = [14_u32.to_le_bytes(), (content.len() as u32).to_le_bytes()].concat();
        let matrix = [matrix, content].concat();
        if compressed {
            let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
            deflated.write_all(&matrix).unwrap();
            let deflated = deflated.finish().unwrap();
            file.extend_from_slice(&15_u32.to_le_bytes());
            file.extend_from_slice(&(deflated.len() as u32).to_le_bytes());
            file.extend_from_slice(&deflated);
        } else {
            file.extend_from_slice(&matrix);
        }
    }
    file
}

#[test]
fn a_mat_file_is_what_its_description_says() {
    let (_folder, path) = place("eldata.mat");
    let pulses = steered(90);
    written(&path, Format::Mat, &sixteen(), &pulses, 90 * 180).unwrap();
    let mut expected = mat(&[("elData", 6, 9, [16, 90], bytes_of(&by_definition(&pulses, 90)))], false);
    let ours = std::fs::read(&path).unwrap();
    // The text at the beginning is anyone's own.
    expected[..116].copy_from_slice(&ours[..116]);
    expected[116..124].fill(0);
    assert!(ours == expected);
}

#[test]
fn matrices_come_back_as_the_pulses_they_were_made_of() {
    for (name, format) in [("eldata.npy", Format::Npy), ("eldata.mat", Format::Mat)] {
        let (_folder, path) = place(name);
        let pulses = steered(12_000);
        let length = 400 * 5400 + 77 * 180;
        written(&path, format, &sixteen(), &pulses, length).unwrap();
        let (read_header, read_pulses) = read(&path).unwrap();
        assert_eq!((read_header.electrodes, read_header.length_ticks), (16, Some(length)));
        assert!(read_pulses == pulses, "{name}");
    }
}

#[test]
fn matrices_of_other_programs_are_read_however_they_are_stored() {
    let pulses = steered(600);
    let matrix = by_definition(&pulses, 700);
    let npy = |kind: &str, by_columns: &str, shape: &str, numbers: Vec<u8>| {
        let dictionary = format!("{{'descr': '{kind}', 'fortran_order': {by_columns}, 'shape': ({shape}), }}");
        [b"\x93NUMPY\x01\x00\x76\x00".as_slice(), format!("{dictionary:<117}\n").as_bytes(), &numbers].concat()
    };
    let by_rows = |size: usize, number: fn(f64) -> Vec<u8>| {
        let bytes: Vec<u8> = (0..16).flat_map(|row| matrix.iter().flat_map(move |ua| number(ua[row]))).collect();
        assert_eq!(bytes.len(), size * 16 * 700);
        bytes
    };
    let float = |ua: f64| (ua as f32).to_le_bytes().to_vec();
    let double = |ua: f64| ua.to_le_bytes().to_vec();
    let eighths: Vec<u8> = matrix.iter().flatten().flat_map(|ua| ((ua * 8.0) as i16).to_le_bytes()).collect();
    let other = || ("fs", 6, 9, [1, 1], 55_555.6_f64.to_le_bytes().to_vec());
    let el_data = |numbers: Vec<u8>, kind| ("elData", 6, kind, [16, 700], numbers);
    let flipped: Vec<[f64; 16]> = matrix.iter().map(|column| column.map(|ua| -ua)).collect();
    let files = [
        ("by rows", npy("<f8", "False", "16, 700", by_rows(8, double)), 1.0),
        ("single", npy("<f4", "False", "16, 700", by_rows(4, float)), 1.0),
        ("on its side", npy("<f8", "False", "700, 16", bytes_of(&matrix)), 1.0),
        ("on its side, by columns", npy("<f8", "True", "700, 16", by_rows(8, double)), 1.0),
        ("anodic first", npy("<f8", "True", "16, 700", bytes_of(&flipped)), 1.0),
        ("compressed", mat(&[other(), el_data(bytes_of(&matrix), 9)], true), 1.0),
        ("behind another", mat(&[other(), el_data(bytes_of(&matrix), 9), other()], false), 1.0),
        ("of another name", mat(&[("e", 6, 9, [16, 700], bytes_of(&matrix))], true), 1.0),
        ("as integers", mat(&[el_data(eighths, 3)], true), 8.0),
    ];
    for (name, bytes, scale) in files {
        let (_folder, path) = place("theirs");
        std::fs::write(&path, bytes).unwrap();
        let (_, read_pulses) = read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let same = |(a, b): (&Pulse, &Pulse)| {
            (a.onset_ticks, a.electrode, a.current_ua) == (b.onset_ticks, b.electrode, b.current_ua * scale)
        };
        assert!(read_pulses.len() == pulses.len() && read_pulses.iter().zip(&pulses).all(same), "{name}");
    }
}

#[test]
fn pulses_off_the_samples_are_moved_told_of_and_balanced() {
    let (_folder, path) = place("ace.npy");
    let pulses = pulses(4000);
    let notes = written(&path, Format::Npy, &Header::default(), &pulses, 1 << 24).unwrap();
    assert!(notes[0].contains("4000 pulses were moved") && notes[1].contains("lengths"), "{notes:?}");
    let bytes = std::fs::read(&path).unwrap();
    let numbers: Vec<f64> = bytes[128..].chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
    for electrode in 0..22 {
        let row: Vec<f64> = numbers.iter().skip(electrode).step_by(22).copied().collect();
        // Sums of currents and their opposites are exact.
        assert!(row.iter().any(|ua| *ua != 0.0) || electrode > 20, "{electrode}");
        let charge: f64 =
            row.iter().filter(|ua| **ua > 0.0).sum::<f64>() + row.iter().filter(|ua| **ua < 0.0).sum::<f64>();
        assert_eq!(charge, 0.0);
    }
    let (_, moved) = read(&path).unwrap();
    assert_eq!(moved.len(), pulses.len());
    assert!(
        moved
            .iter()
            .zip(&pulses)
            .all(|(a, b)| a.onset_ticks.abs_diff(b.onset_ticks) <= 90 && a.current_ua == b.current_ua)
    );
}

#[test]
fn a_sequence_is_the_text_that_it_should_be_and_comes_back() {
    let (_folder, path) = place("nucleus.csv");
    let pulses = pulses(3);
    assert!(written(&path, Format::Sequence, &Header::default(), &pulses, 5003).unwrap().is_empty());
    let expected = "electrodes,modes,current_levels,phase_widths_us,phase_gaps_us,periods_us\n\
                    0,-3,0,25.0,7.0,0.3\n1,-3,100,25.0,7.0,144.0\n3,-3,113,25.0,7.0,144.0\n5,-3,126,25.0,7.0,212.0\n";
    assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    assert_eq!(Format::detect(&path).unwrap(), Format::Sequence);
    let (read_header, read_pulses) = read(&path).unwrap();
    assert_eq!((read_header.electrodes, read_header.length_ticks), (22, Some(5003)));
    assert_eq!(read_pulses, pulses);

    let (_folder, path) = place("long.csv");
    let pulses = super::pulses(30_000);
    written(&path, Format::Sequence, &Header::default(), &pulses, 1 << 27).unwrap();
    assert!(read(&path).unwrap().1 == pulses);
}

#[test]
fn what_a_format_cannot_hold_is_refused_with_another() {
    let (_folder, path) = place("e.csv");
    let error = written(&path, Format::Sequence, &sixteen(), &steered(2), 1000).unwrap_err().to_string();
    assert!(error.contains("two electrodes at once") && error.contains(".npy"), "{error}");
    let bipolar = Pulse { mode: Mode::Bipolar, ..pulses(1)[0] };
    let error = written(&path, Format::Sequence, &Header::default(), &[bipolar], 1000).unwrap_err().to_string();
    assert!(error.contains("bipolar") && error.contains("row 1"), "{error}");
    let other = Pulse { current_ua: 500.0, ..pulses(1)[0] };
    let notes = written(&path, Format::Sequence, &Header::default(), &[other], 1000).unwrap();
    assert!(notes[0].starts_with("1 of 1 pulses"), "{notes:?}");
    // Half an hour in a .mat file: 5.6 GB.
    let (_folder, path) = place("e.mat");
    let error = written(&path, Format::Mat, &sixteen(), &[], 30 * 60 * 10_000_000).unwrap_err().to_string();
    assert!(error.contains("10 minutes") && error.contains(".npy"), "{error}");
}
