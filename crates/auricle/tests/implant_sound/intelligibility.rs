//! Check 7: how well speech is understood, by bands and with spread.
#![expect(clippy::print_stdout, reason = "the figures are for who runs it with --nocapture")]

use auricle::ear::Stage;
use auricle::implant::cochlea::Placement;
use auricle::implant::params::{Array, Carrier, Filterbank, Implant, Places, ProcessorParams, Strategy};
use auricle::measure::stoi::ShortTime;

use crate::speech::{self, Sentences};
use crate::support::{heard, implant, information};

/// Mean STOI and ESTOI of the sentences through an implant.
fn understood(set: &Sentences, implant: &Implant) -> (f64, f64) {
    let mut path = information(implant, speech::RATE_HZ);
    let latency = path.latency_samples();
    let (mut stoi, mut estoi) = (0.0, 0.0);
    for clean in &set.spoken {
        path.reset();
        let mut sound = clean.clone();
        sound.resize(clean.len() + latency, 0.0);
        let out = heard(&mut path, &sound, 480);
        let measured = ShortTime::new(clean, &out[latency..], speech::RATE_HZ).expect("sentences are long enough");
        stoi += measured.stoi();
        estoi += measured.estoi();
    }
    let count = set.spoken.len() as f64;
    (stoi / count, estoi / count)
}

/// As Shannon et al. (1995) found: four bands and more are understood, one is not.
#[test]
fn noise_bands_are_the_better_understood_the_more_there_are() {
    for set in speech::sentences() {
        let estoi = [1, 2, 4, 8, 12].map(|channels| {
            let strategy = Strategy::Cis { filterbank: Filterbank::Fourier };
            let implant = Implant {
                processor: ProcessorParams { strategy, channels: Some(channels), ..ProcessorParams::ace() },
                spread_db_per_mm: f64::INFINITY,
                ..implant(Carrier::Noise, Places::Matched)
            };
            understood(&set, &implant).1
        });
        println!("{}: ESTOI {estoi:.3?} of 1, 2, 4, 8, 12 bands", set.name);
        assert!(estoi.windows(2).all(|w| w[1] > w[0] - 0.02), "{}: {estoi:?}", set.name);
        assert!(estoi[0] < 0.15 && estoi[4] > estoi[0] + 0.3, "{}: {estoi:?}", set.name);
    }
}

/// Friesen et al. (2001): implant users gain little from more than a few electrodes; listeners to sound without spread
/// do. 2.7 dB/mm along the array are the -8 dB an octave of SPIRAL: 4.9 octaves of bands over 14.7 mm.
#[test]
fn spread_makes_a_plateau_of_electrodes() {
    for set in speech::sentences() {
        let gain_of_22_over_4 = |spread_db_per_mm: f64| {
            let [few, many] = [4, 22].map(|channels| {
                let strategy = Strategy::Ace { maxima: channels.min(8) };
                let implant = Implant {
                    processor: ProcessorParams { strategy, channels: Some(channels), ..ProcessorParams::ace() },
                    spread_db_per_mm,
                    ..implant(Carrier::Spiral, Places::Matched)
                };
                understood(&set, &implant).0
            });
            println!("{}: STOI {few:.3} of 4, {many:.3} of 22 electrodes at {spread_db_per_mm} dB/mm", set.name);
            many - few
        };
        let (spread, sharp) = (gain_of_22_over_4(8.0 * 4.93 / 14.7), gain_of_22_over_4(f64::INFINITY));
        // The buzz of the generated sentences has less to lose between its few resonances.
        let most = if set.name == "real" { 0.05 } else { 0.08 };
        assert!(spread <= most, "{}: {spread} with spread", set.name);
        assert!(sharp >= 0.10, "{}: {sharp} without", set.name);
    }
}

/// Of any array: more contacts further apart, and less spread, are more channels, and never more than contacts.
#[test]
fn effective_channels_of_the_arrays_are_those_that_listeners_use() {
    for (array, contacts) in [
        (Array::ContourAdvance, 22.0),
        (Array::Standard, 12.0),
        (Array::Flex24, 12.0),
        (Array::Flex28, 12.0),
        (Array::Sixteen, 16.0),
    ] {
        let placed = Placement::new(&array, None, &[]).expect("a usual array");
        let channels = [1.2, 2.8, 3.7].map(|spread_db_per_mm| placed.effective_channels(spread_db_per_mm, &[]));
        println!("{array:?}: {channels:.1?} channels at 1.2, 2.8, 3.7 dB/mm");
        assert!(channels.is_sorted() && channels[0] > 4.0 && channels[2] < contacts, "{array:?}: {channels:?}");
    }
}
