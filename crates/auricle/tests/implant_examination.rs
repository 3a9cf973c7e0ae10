//! The examination of implants: devices measure as their maps say, and pulses that break a law are found.

use auricle::implant::params::{Array, Filterbank, Implant, ProcessorParams, Sound, Strategy};
use auricle::implant::processor::Processor;
use auricle::implant::pulse::Pulse;
use auricle::level::{Calibration, Field};
use auricle::measure::implant::{PulseCounts, PulseLaws};
use auricle::measure::{Bar, ImplantExamination, examine_implant};

const RATE_HZ: u32 = 48_000;

fn implant(array: Array, processor: ProcessorParams) -> Implant {
    Implant {
        array,
        insertion_angle_deg: None,
        disabled: Vec::new(),
        processor,
        spread_db_per_mm: 2.8,
        sound: Sound::Percept,
        months_since_activation: 12.0,
        individual: 0,
        delay_ms: 0.0,
        on: true,
    }
}

fn fourier_cis() -> ProcessorParams {
    ProcessorParams { strategy: Strategy::Cis { filterbank: Filterbank::Fourier }, ..ProcessorParams::ace() }
}

/// Every strategy on an array that it is made for.
fn all() -> [(&'static str, Implant); 5] {
    [
        ("ACE", implant(Array::ContourAdvance, ProcessorParams::ace())),
        ("CIS of Fourier bands", implant(Array::ContourAdvance, fourier_cis())),
        ("CIS of gammatone bands", implant(Array::Standard, ProcessorParams::cis())),
        ("current steering", implant(Array::Sixteen, ProcessorParams::f120())),
        ("fine structure", implant(Array::Flex28, ProcessorParams::fs4())),
    ]
}

fn examined(implant: &Implant, rate_hz: u32) -> ImplantExamination {
    examine_implant(implant, &[], rate_hz, Calibration::default()).expect("an implant that there can be")
}

fn missed(found: &ImplantExamination) -> Vec<&Bar> {
    found.bars.iter().filter(|bar| !bar.met).collect()
}

#[test]
fn every_strategy_measures_as_its_map_says() {
    for (name, implant) in all() {
        for rate_hz in [44_100, 48_000] {
            let found = examined(&implant, rate_hz);
            assert_eq!(missed(&found), Vec::<&Bar>::new(), "{name} at {rate_hz} Hz");
            assert_eq!(found.strategy, name);
            let tested = found.sound_field.iter().filter(|row| row.implied_db_hl.is_some());
            let errors: Vec<f64> = tested.map(|row| row.error_db.expect("a threshold")).collect();
            assert!(errors.len() >= 9 && errors.iter().all(|db| db.abs() <= 0.25), "{name}, {rate_hz} Hz: {errors:?}");
        }
    }
}

/// A microphone that is 12 dB less sensitive hears 12 dB later.
#[test]
fn thresholds_move_with_the_microphone() {
    let implant = all()[0].1.clone();
    let found = examined(&implant, RATE_HZ);
    let mut softer = implant.clone();
    softer.processor.sensitivity_db = -12.0;
    let moved = examined(&softer, RATE_HZ);
    assert_eq!(missed(&moved), Vec::<&Bar>::new());
    for (row, moved) in found.sound_field.iter().zip(&moved.sound_field).filter(|(row, _)| row.found.is_some()) {
        let threshold = |found: Option<auricle::measure::Found>| found.and_then(|found| found.threshold_db_hl);
        let (here, there) = (threshold(row.found).expect("heard"), threshold(moved.found).expect("heard"));
        assert!((10.0..40.0).contains(&here), "{row:?}");
        assert!((there - here - 12.0).abs() <= 0.25, "{} Hz: {here} and {there}", row.frequency_hz);
    }
    // No band reaches 125 Hz and 8 kHz, and nothing is claimed there.
    let unreached: Vec<f64> =
        found.sound_field.iter().filter(|row| row.found.is_none()).map(|row| row.frequency_hz).collect();
    assert_eq!(unreached, [125.0, 8000.0]);
}

#[test]
fn places_channels_and_the_field_are_told() {
    let mut implant = all()[0].1.clone();
    implant.disabled = vec![1, 2];
    let found = examined(&implant, RATE_HZ);
    assert_eq!(missed(&found), Vec::<&Bar>::new());
    let off: Vec<u8> = found.electrodes.iter().filter(|row| !row.stimulated).map(|row| row.electrode).collect();
    assert_eq!(off, [1, 2]);
    let apex = found.electrodes[21];
    assert!((1.3..1.8).contains(&apex.mismatch_octaves.expect("a band")), "{apex:?}");
    assert!((7.0..8.6).contains(&found.effective_channels), "{}", found.effective_channels);
    let diffuse = Calibration { field: Field::Diffuse, ..Calibration::default() };
    let diffuse = examine_implant(&implant, &[], RATE_HZ, diffuse).expect("an implant");
    assert!(diffuse.sound_field[6].implied_db_hl != found.sound_field[6].implied_db_hl);
}

/// T at C: all that is heard is heard at C, so that no level comes through as it was. The map is possible, and missed.
#[test]
fn a_map_without_a_range_is_missed() {
    let mut implant = all()[0].1.clone();
    implant.processor.t_levels = vec![200.0];
    let found = examined(&implant, RATE_HZ);
    let names: Vec<&str> = missed(&found).into_iter().map(|bar| bar.name.as_str()).collect();
    assert!(names.iter().any(|name| name.starts_with("level of tones")), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("6:")), "{names:?}");
}

#[test]
fn what_cannot_be_says_so() {
    let mut implant = all()[0].1.clone();
    implant.processor.t_levels = vec![220.0];
    let error = examine_implant(&implant, &[], RATE_HZ, Calibration::default()).expect_err("T above C");
    assert!(error.to_string().contains("220"), "{error}");
}

/// What a device makes of a tone, and how it is counted after `change`.
fn counted(implant: &Implant, change: impl FnOnce(&mut Vec<Pulse>)) -> PulseCounts {
    let mut processor = Processor::new(implant, RATE_HZ, Calibration::default()).expect("a device");
    let sound: Vec<f32> = (0..24_000).map(|n| (0.02 * (0.13 * f64::from(n)).sin()) as f32).collect();
    let mut pulses = Vec::new();
    processor.process(&sound, &mut |pulse: Pulse| pulses.push(pulse));
    change(&mut pulses);
    PulseLaws::of(implant, &processor).count(&processor, &pulses)
}

#[test]
fn every_law_that_is_broken_is_counted() {
    let [(_, ace), .., (_, steering), _] = all();
    let sound = counted(&ace, |_| {});
    let none = |counts: &PulseCounts| {
        [counts.wrong_frames, counts.not_base_to_apex, counts.not_together, counts.too_close, counts.outside_range]
    };
    assert_eq!(none(&sound), [0; 5]);
    assert_eq!(sound.pulses, 8 * (sound.frames + 1));
    assert_eq!(counted(&ace, |pulses| _ = pulses.remove(100)).wrong_frames, 1);
    let swapped = counted(&ace, |pulses| {
        let electrode = pulses[80].electrode;
        pulses[80].electrode = pulses[81].electrode;
        pulses[81].electrode = electrode;
    });
    assert_eq!(swapped.not_base_to_apex, 1);
    let twice = counted(&ace, |pulses| pulses[81].electrode = pulses[80].electrode);
    assert_eq!(twice.not_base_to_apex, 1);
    assert_eq!(counted(&ace, |pulses| pulses[80].onset_ticks = pulses[79].onset_ticks + 600).too_close, 1);
    let loud = |pulses: &mut Vec<Pulse>| {
        let pulse = pulses.iter_mut().find(|pulse| pulse.current_ua > 0.0).expect("a pulse that is heard");
        pulse.current_level = 201;
    };
    assert_eq!(counted(&ace, loud).outside_range, 1);
    let slow = counted(&ace, |pulses| pulses.iter_mut().for_each(|pulse| pulse.onset_ticks += pulse.onset_ticks / 500));
    let told = counted(&ace, |_| {}).rate_pps.expect("frames");
    assert!((slow.rate_pps.expect("frames") / told - 0.998).abs() < 1e-4);
    assert_eq!(none(&counted(&steering, |_| {})), [0; 5]);
    assert_eq!(counted(&steering, |pulses| _ = pulses.remove(1)).not_together, 1);
}
