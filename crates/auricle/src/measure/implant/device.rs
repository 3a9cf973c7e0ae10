//! Growth and currents of a device against the published numbers.

use crate::implant::processor::Processor;
use crate::implant::processor::current::CurrentScale;
use crate::implant::processor::growth::Growth;
use crate::measure::bars::Bar;

/// Levels and currents of the 22-electrode devices (microamperes, one decimal), as published.
const CIC4_UA: [(f64, f64); 4] = [(100.0, 106.5), (150.0, 262.7), (200.0, 648.1), (255.0, 1750.0)];
/// Those of the scale in proportion to current: this project's, by the published range of 60 to 600.
const LINEAR_UA: [(f64, f64); 2] = [(20.0, 60.0), (200.0, 600.0)];

/// Check 4, and the currents of check 3.
pub(super) fn bars(processor: &Processor) -> Vec<Bar> {
    let growth = processor.growth();
    let scale = processor.current_scale();
    let table: &[(f64, f64)] = if matches!(scale, CurrentScale::Linear { .. }) { &LINEAR_UA } else { &CIC4_UA };
    let off = table.iter().map(|(level, ua)| 100.0 * (scale.current_ua(*level) / ua - 1.0).abs()).fold(0.0, f64::max);
    let forty_db = Growth::with_steepness(0.01, 1.0, 20.0);
    let nucleus = Growth::with_steepness(4.0 / 256.0, 150.0 / 256.0, 20.0);
    let ten_db_below = |growth: &Growth| growth.value(growth.saturation() / 10.0_f64.sqrt());
    let steep = [forty_db, nucleus].iter().map(|growth| (ten_db_below(growth) - 0.8).abs()).fold(0.0, f64::max);
    vec![
        Bar::new("3: currents of levels against the published ones, worst", off, 0.1, "%"),
        Bar::new("4: growth over 40 dB, coefficient less 340.83", (forty_db.coefficient() - 340.83).abs(), 0.01, ""),
        Bar::new("4: growth over 31.48 dB, coefficient less 416.21", (nucleus.coefficient() - 416.21).abs(), 0.01, ""),
        Bar::new("4: growth 10 dB below saturation less 0.8", steep, 0.001, ""),
        Bar::new("4: this device's growth and back, worst part lost", round_trip(&growth), 1e-6, ""),
    ]
}

/// How much of a magnitude is lost on the way through growth and back, worst.
fn round_trip(growth: &Growth) -> f64 {
    let ratio = growth.saturation() / growth.base();
    (0..=1000)
        .map(|step| growth.base() * libm::pow(ratio, f64::from(step) / 1000.0))
        .map(|magnitude| (growth.magnitude(growth.value(magnitude)) / magnitude - 1.0).abs())
        .fold(0.0, f64::max)
}
