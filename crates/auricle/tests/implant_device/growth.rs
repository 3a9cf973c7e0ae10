//! Growth and currents against the published numbers.

use auricle::implant::params::ProcessorParams;
use auricle::implant::processor::current::CurrentScale;
use auricle::implant::processor::growth::Growth;

use crate::support::{ace, processor};

#[test]
fn coefficients_are_the_published_ones() {
    let forty_db = Growth::with_steepness(0.01, 1.0, 20.0);
    assert!((forty_db.coefficient() - 340.83).abs() < 0.01, "{}", forty_db.coefficient());
    let nucleus = Growth::with_steepness(4.0 / 256.0, 150.0 / 256.0, 20.0);
    assert!((nucleus.coefficient() - 416.206).abs() < 0.01, "{}", nucleus.coefficient());
    for growth in [forty_db, nucleus] {
        let ten_db_below = growth.value(growth.saturation() / 10.0_f64.sqrt());
        assert!((ten_db_below - 0.8).abs() < 0.001, "{ten_db_below}");
    }
    // The device's own: 40 dB from T to C.
    let device = processor(&ace(), 48_000).growth();
    assert!((device.coefficient() - 340.83).abs() < 0.01, "{}", device.coefficient());
    assert!((20.0 * (device.saturation() / device.base()).log10() - 40.0).abs() < 1e-9);
}

#[test]
fn growth_rises_from_0_to_1_and_goes_back() {
    for growth in
        [Growth::with_steepness(0.01, 1.0, 20.0), Growth::new(0.001, 0.5, 500.0), Growth::logarithmic(0.001, 1.0)]
    {
        assert_eq!(growth.value(0.0), 0.0);
        assert_eq!(growth.value(growth.base()), 0.0);
        assert!((growth.value(growth.saturation()) - 1.0).abs() < 1e-12);
        assert!((growth.value(9.0 * growth.saturation()) - 1.0).abs() < 1e-12);
        let ratio = growth.saturation() / growth.base();
        let mut before = -1.0;
        for i in 0..=1000 {
            let magnitude = growth.base() * ratio.powf(f64::from(i) / 1000.0);
            let value = growth.value(magnitude);
            assert!(value > before, "{value} after {before}");
            before = value;
            let back = growth.magnitude(value);
            assert!((back / magnitude - 1.0).abs() < 1e-6, "{magnitude} comes back as {back}");
        }
    }
    let logarithmic = Growth::logarithmic(0.001, 1.0);
    assert!((logarithmic.value(0.1) - 2.0 / 3.0).abs() < 1e-12);
}

#[test]
fn currents_are_the_published_ones() {
    for (level, current_ua) in [(0.0, 17.5), (100.0, 106.5), (150.0, 262.7), (200.0, 648.1), (255.0, 1750.0)] {
        let got = CurrentScale::CIC4.current_ua(level);
        assert!((got / current_ua - 1.0).abs() < 1e-3, "{level}: {got} uA");
    }
    assert!((CurrentScale::CIC3.current_ua(0.0) - 10.0).abs() < 1e-9);
    assert!((CurrentScale::CIC3.current_ua(255.0) - 1750.0).abs() < 1e-9);
    for params in [ProcessorParams::cis(), ProcessorParams::f120(), ProcessorParams::fs4()] {
        let uas = [params.t_levels[0], params.c_levels[0]].map(|level| CurrentScale::LINEAR.current_ua(level));
        assert_eq!(uas, [60.0, 600.0]);
    }
    for scale in [CurrentScale::CIC4, CurrentScale::CIC3, CurrentScale::LINEAR] {
        for level in 0..=255 {
            let current_ua = scale.current_ua(f64::from(level));
            assert!((scale.level(current_ua) - f64::from(level)).abs() < 1e-6, "{scale:?} at {level}");
            assert!(level == 0 || current_ua > scale.current_ua(f64::from(level - 1)));
        }
    }
}
