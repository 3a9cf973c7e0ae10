//! What overlapping bands add to a level, taken off again.
//!
//! A tone in the middle of a narrow band is in both bands beside it too, a quarter of its power each; electrodes' levels
//! are those of tones in the middle of their bands, so the powers of all electrodes would add up to 1.8 dB too much.
//! Each channel's power gets a factor with which tones anywhere in its band come out right on average, and with
//! that noises too: what adds up to 1 at every frequency adds up to the power of any spectrum.

use crate::implant::processor::Processor;

/// Frequencies looked at in each band.
const POINTS: usize = 16;
/// Rounds of correction; each leaves a small part of the error of the one before.
const ROUNDS: usize = 40;

/// Factors of the channels' powers, `[channel]`, lowest first.
pub(super) fn power_factors(processor: &Processor) -> Vec<f64> {
    let bands = processor.bands();
    // Power in each channel, re that of a tone in its middle, of a tone at points evenly in each band:
    // `[channel of the tone][point][channel]`.
    let leaks: Vec<Vec<Vec<f64>>> = bands
        .iter()
        .map(|band| {
            (0..POINTS)
                .map(|point| {
                    let hz = band.low_hz + (band.high_hz - band.low_hz) * (point as f64 + 0.5) / POINTS as f64;
                    let power = |channel: usize| {
                        let own = processor.gain(channel, bands[channel].centre_hz);
                        (processor.gain(channel, hz) / own).powi(2)
                    };
                    (0..bands.len()).map(power).collect()
                })
                .collect()
        })
        .collect();
    let mut factors = vec![1.0; bands.len()];
    for _ in 0..ROUNDS {
        let wanted: Vec<f64> = leaks
            .iter()
            .map(|points| {
                let level =
                    |leak: &Vec<f64>| libm::log(leak.iter().zip(&factors).map(|(leak, factor)| leak * factor).sum());
                libm::exp(-points.iter().map(level).sum::<f64>() / POINTS as f64)
            })
            .collect();
        for (factor, wanted) in factors.iter_mut().zip(wanted) {
            *factor *= wanted;
        }
    }
    factors
}
