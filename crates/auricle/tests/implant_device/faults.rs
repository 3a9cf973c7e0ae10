//! What no device can do is refused with what, where and what to do; what it can do with less, it does.

use auricle::implant::params::{Array, Implant, ProcessorParams, Strategy};
use auricle::implant::processor::{Processor, ProcessorError};
use auricle::level::{Calibration, Field};

use crate::support::{ace, all, babble, implant, processor, pulses};

fn refused(change: impl Fn(&mut Implant)) -> String {
    let mut implant = ace();
    change(&mut implant);
    match Processor::new(&implant, 48_000, Calibration::default()) {
        Ok(_) => panic!("{implant:?} is no device"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn faults_say_what_where_and_what_to_do() {
    type Change = fn(&mut Implant);
    let cases: [(Change, &[&str]); 19] = [
        (|i| i.processor.t_levels = vec![210.0], &["electrode 1", "T level (210)", "C level (200)"]),
        (
            |i| {
                i.processor.t_levels = vec![100.0; 22];
                i.processor.t_levels[4] = 201.0;
            },
            &["electrode 5", "201"],
        ),
        (|i| i.processor.c_levels = vec![256.0], &["C level", "256", "0 to 255"]),
        (|i| i.processor.t_levels = vec![f64::NAN], &["T level", "NaN"]),
        (|i| i.processor.t_levels = vec![100.0; 12], &["12 T levels for 22 electrodes"]),
        (|i| i.processor.c_levels = Vec::new(), &["0 C levels"]),
        (|i| i.processor.channels = Some(23), &["23 channels", "1 to 22"]),
        (|i| i.processor.channels = Some(0), &["0 channels"]),
        (|i| i.processor.strategy = Strategy::Ace { maxima: 23 }, &["23 maxima of 22 channels"]),
        (|i| i.processor.strategy = Strategy::Ace { maxima: 0 }, &["0 maxima"]),
        (|i| i.processor.rate_pps = Some(2400.0), &["2400", "8 pulses of 69 us", "to 1736.1", "fewer maxima"]),
        (|i| i.processor.rate_pps = Some(100.0), &["100 pulses a second", "122.1"]),
        (|i| i.processor.phase_us = Some(-1.0), &["phase of -1 us"]),
        (|i| i.processor.volume = 1.2, &["volume of 1.2", "0 to 1"]),
        (|i| i.processor.sensitivity_db = f64::INFINITY, &["sensitivity of inf dB"]),
        (|i| i.disabled = vec![23], &["electrode 23", "1 to 22"]),
        (|i| i.disabled = (1..=22).collect(), &["0 of 22 electrodes"]),
        (|i| i.array = Array::Angles(vec![10.0, 60.0, 60.0]), &["angle 3", "60"]),
        (|i| i.insertion_angle_deg = Some(-4.0), &["insertion angle of -4"]),
    ];
    for (change, words) in cases {
        let message = refused(change);
        for word in words {
            assert!(message.contains(word), "{word:?} is not in: {message}");
        }
    }
    let message = refused(|i| {
        i.array = Array::Sixteen;
        i.disabled = (2..=16).collect();
        i.processor = ProcessorParams::f120();
    });
    assert!(message.contains("1 of 16") && message.contains("at least 2"), "{message}");
    let message = refused(|i| {
        i.array = Array::Flex28;
        i.processor =
            ProcessorParams { strategy: Strategy::FineStructure { fine_channels: 5 }, ..ProcessorParams::fs4() };
    });
    assert!(message.contains("5 of 12") && message.contains("1 to 4"), "{message}");
    let message = refused(|i| {
        i.processor.strategy = Strategy::Ace { maxima: 22 };
        i.processor.phase_us = Some(200.0);
    });
    assert!(message.contains("22 pulses of 419 us") && message.contains("8192 us"), "{message}");
}

#[test]
fn rates_and_calibrations_out_of_range_are_refused() {
    for hz in [0, 7999, 192_001] {
        let error = Processor::new(&ace(), hz, Calibration::default()).err();
        assert_eq!(error, Some(ProcessorError::SampleRate { hz }));
    }
    let calibration = Calibration { full_scale_db_spl: f64::NAN, field: Field::Free };
    assert!(matches!(Processor::new(&ace(), 48_000, calibration), Err(ProcessorError::Calibration { .. })));
}

#[test]
fn a_rate_as_told_is_taken_again() {
    for (name, mut implant) in all() {
        let told = processor(&implant, 48_000).rate_pps();
        // As a file might round it.
        for rate in [told, (told * 100.0).round() / 100.0] {
            implant.processor.rate_pps = Some(rate);
            let again = processor(&implant, 48_000).rate_pps();
            assert!((again / told - 1.0).abs() < 1e-3, "{name}: {rate} becomes {again}");
        }
    }
}

#[test]
fn without_some_electrodes_the_others_share_the_range() {
    for (name, mut implant) in all() {
        let whole = processor(&implant, 48_000).bands().to_vec();
        implant.disabled = vec![2, 5];
        let mut device = processor(&implant, 48_000);
        let bands = device.bands().to_vec();
        assert_eq!(bands.len(), whole.len() - 2, "{name}");
        assert!((bands[0].low_hz - whole[0].low_hz).abs() < 40.0, "{name}: {:?}", bands[0]);
        let (last, whole_last) = (bands[bands.len() - 1], whole[whole.len() - 1]);
        assert!((last.high_hz / whole_last.high_hz - 1.0).abs() < 0.1, "{name}: {last:?}");
        if !name.contains("gammatone") {
            // Bands meet.
            assert!(bands.windows(2).all(|pair| (pair[0].high_hz - pair[1].low_hz).abs() < 1e-6), "{name}");
        }
        for pulse in pulses(&mut device, &babble(48_000, 0.5, 70.0, 8)) {
            assert!(![2, 5].contains(&pulse.electrode), "{name}: {pulse:?}");
        }
    }
}

#[test]
fn arrays_of_any_size_work() {
    for contacts in [2, 3, 5, 13, 19, 31] {
        let angles: Vec<f64> = (1..=contacts).map(|i| 500.0 * f64::from(i) / f64::from(contacts)).collect();
        for mut params in
            [ProcessorParams::ace(), ProcessorParams::cis(), ProcessorParams::f120(), ProcessorParams::fs4()]
        {
            match &mut params.strategy {
                Strategy::Ace { maxima } => *maxima = (contacts as usize).min(8),
                Strategy::FineStructure { fine_channels } => *fine_channels = (contacts as usize).min(4),
                _ => {}
            }
            let implant = implant(Array::Angles(angles.clone()), params);
            let mut device = processor(&implant, 48_000);
            let sounding =
                pulses(&mut device, &babble(48_000, 0.3, 70.0, 8)).iter().any(|pulse| pulse.current_ua > 0.0);
            assert!(sounding, "{implant:?}");
            let electrodes: Vec<u8> = device.bands().iter().map(|band| band.electrode).collect();
            assert!(electrodes.is_sorted_by(|a, b| a > b), "lowest is most apical: {electrodes:?}");
        }
    }
}

#[test]
fn volume_and_sensitivity_do_what_they_say() {
    let sound = babble(48_000, 1.0, 60.0, 11);
    let mean = |implant: &Implant| {
        let pulses = pulses(&mut processor(implant, 48_000), &sound);
        let sounding: Vec<f64> =
            pulses.iter().filter(|p| p.current_ua > 0.0).map(|p| f64::from(p.current_level)).collect();
        (sounding.len(), sounding.iter().sum::<f64>() / sounding.len() as f64)
    };
    for (name, plain) in all() {
        let mut half = plain.clone();
        half.processor.volume = 0.5;
        let mut keen = plain.clone();
        keen.processor.sensitivity_db = 6.0;
        let (count, level) = mean(&plain);
        if name != "F120" {
            // Half of the way from T to what it was.
            let t = plain.processor.t_levels[0];
            assert_eq!(mean(&half).0, count, "{name}");
            assert!((mean(&half).1 - (t + 0.5 * (level - t))).abs() < 0.6, "{name}: {} of {level}", mean(&half).1);
        }
        assert!(mean(&keen).0 >= count && mean(&keen).1 > level, "{name}");
        for hz in [500.0, 2000.0] {
            let threshold = |implant: &Implant| processor(implant, 48_000).threshold_db_spl(hz).expect("in range");
            assert!((threshold(&plain) - threshold(&keen) - 6.0).abs() < 1e-9, "{name}");
            assert!((threshold(&plain) - threshold(&half)).abs() < 1e-9, "{name}");
        }
    }
}
