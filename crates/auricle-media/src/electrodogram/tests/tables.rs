//! Tables come back as they were.

use super::*;

#[test]
fn tables_come_back_bit_for_bit() {
    for (name, format) in [("e.parquet", Format::Parquet), ("e.csv", Format::Csv)] {
        let (_folder, path) = place(name);
        // More than a row group of Parquet, and the last one not full.
        let pulses = pulses(140_001);
        let length = pulses.last().unwrap().onset_ticks + 123_457;
        assert!(written(&path, format, &header(), &pulses, length).unwrap().is_empty());
        assert_eq!(Format::detect(&path).unwrap(), format);
        let (read_header, read_pulses) = read(&path).unwrap();
        let expected = Header { length_ticks: Some(length), pulses: Some(140_001), ..header() };
        assert_eq!(read_header, expected, "{name}");
        assert!(read_pulses == pulses, "{name}");
    }
}

#[test]
fn a_parquet_table_takes_fewer_bytes_than_the_twelve_a_pulse_of_plain_numbers() {
    let (_folder, path) = place("e.parquet");
    let pulses = pulses(100_000);
    written(&path, Format::Parquet, &header(), &pulses, 1 << 40).unwrap();
    let bytes = std::fs::metadata(&path).unwrap().len();
    assert!(bytes < 800_000, "{bytes} bytes");
}

#[test]
fn silence_is_an_electrodogram_too() {
    for (name, format) in [("e.parquet", Format::Parquet), ("e.csv", Format::Csv)] {
        let (_folder, path) = place(name);
        written(&path, format, &header(), &[], 98_765).unwrap();
        let (read_header, read_pulses) = read(&path).unwrap();
        assert_eq!((read_header.length_ticks, read_pulses.len()), (Some(98_765), 0));
    }
}

#[test]
fn all_modes_all_strategies_and_two_electrodes_at_once_are_kept() {
    let mut at_once = steered(300);
    at_once[7].mode = Mode::Bipolar;
    for strategy in [Strategy::CurrentSteering, Strategy::FineStructure { fine_channels: 2 }] {
        for array in [Array::Sixteen, Array::Angles((0..16).map(|n| 20.0 + f64::from(n) * 25.5).collect())] {
            let mut device = implant();
            device.processor.strategy = strategy;
            device.processor.t_levels = vec![20.0];
            device.disabled.clear();
            device.insertion_angle_deg = None;
            device.sound = Sound::Percept;
            device.on = false;
            device.array = array;
            for (name, format) in [("e.parquet", Format::Parquet), ("e.csv", Format::Csv)] {
                let (_folder, path) = place(name);
                written(&path, format, &Header::of(&device), &at_once, 1 << 20).unwrap();
                let (read_header, read_pulses) = read(&path).unwrap();
                assert_eq!(read_header.implant.as_ref(), Some(&device));
                assert!(read_pulses == at_once);
            }
        }
    }
}

#[test]
fn a_table_of_anyones_needs_the_columns_only() {
    let (_folder, path) = place("theirs.csv");
    let text = "\u{feff}\"electrode\", mode ,time_us,note,current_ua,current_level,phase_width_us,phase_gap_us\r\n\
                22,mp1+2,0,first,106.5,100,25,7\r\n\r\n# a remark\r\n 1,MP1,144.0,second,1e2,99,25.0,7.0\r\n";
    std::fs::write(&path, text).unwrap();
    let (read_header, read_pulses) = read(&path).unwrap();
    assert_eq!((read_header.electrodes, read_header.implant), (22, None));
    // It lasts to the end of its last pulse.
    assert_eq!(read_header.length_ticks, Some(1440 + 570));
    assert_eq!(read_pulses.len(), 2);
    assert_eq!((read_pulses[0].electrode, read_pulses[0].mode), (22, Mode::Mp1And2));
    assert_eq!((read_pulses[1].onset_ticks, read_pulses[1].current_ua), (1440, 100.0));
}

#[test]
fn the_text_of_a_table_is_as_documented() {
    let (_folder, path) = place("e.csv");
    let one = Pulse { onset_ticks: 12_345, current_ua: 0.3, ..pulses(1)[0] };
    written(&path, Format::Csv, &Header { electrodes: 22, ..Header::default() }, &[one], 20_000).unwrap();
    let expected = "# auricle_electrodogram = 1\n# clock_us = 0.1\n# electrodes = 22\n\
                    time_us,electrode,mode,current_ua,current_level,phase_width_us,phase_gap_us\n\
                    1234.5,1,MP1+2,0.3,100,25.0,7.0\n# length_us = 2000.0\n# pulses = 1\n";
    assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
}
