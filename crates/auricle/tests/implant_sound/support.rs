//! Implants, sounds and measures for the tests of what an implant sounds like.

use auricle::ear::Stage;
use auricle::implant::information::Information;
use auricle::implant::params::{Array, Carrier, Implant, Places, ProcessorParams, Sound};
use auricle::level::Calibration;

pub(crate) const RATE_HZ: u32 = 48_000;

/// An ordinary implant: 22 electrodes, ACE.
pub(crate) fn implant(carrier: Carrier, places: Places) -> Implant {
    Implant {
        array: Array::ContourAdvance,
        insertion_angle_deg: None,
        disabled: Vec::new(),
        processor: ProcessorParams::ace(),
        spread_db_per_mm: 2.8,
        sound: Sound::Information { carrier, places },
        months_since_activation: 12.0,
        individual: 1,
        delay_ms: 0.0,
        on: true,
    }
}

/// Every strategy on an array that it is made for.
pub(crate) fn strategies() -> [(&'static str, Implant); 4] {
    let of = |array, processor| Implant { array, processor, ..implant(Carrier::Sine, Places::Matched) };
    [
        ("ACE", of(Array::ContourAdvance, ProcessorParams::ace())),
        ("CIS", of(Array::Standard, ProcessorParams::cis())),
        ("F120", of(Array::Sixteen, ProcessorParams::f120())),
        ("FS4", of(Array::Standard, ProcessorParams::fs4())),
    ]
}

/// Its information path at `rate_hz`, full scale being 100 dB SPL.
pub(crate) fn information(implant: &Implant, rate_hz: u32) -> Information {
    Information::new(implant, &[], rate_hz, Calibration::default(), 7).expect("an ordinary implant")
}

/// What comes out, in blocks of `block`, as late as it does.
pub(crate) fn heard(information: &mut Information, sound: &[f32], block: usize) -> Vec<f32> {
    let mut sound = sound.to_vec();
    for block in sound.chunks_mut(block) {
        information.process(block);
    }
    sound
}

/// RMS level, dB SPL at full scale of 100.
pub(crate) fn db_spl(samples: &[f32]) -> f64 {
    let power = samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len() as f64;
    100.0 + 10.0 * power.max(1e-30).log10()
}

/// A tone of `level_db_spl`.
pub(crate) fn tone(hz: f64, level_db_spl: f64, rate_hz: u32, secs: f64) -> Vec<f32> {
    let peak = 2.0_f64.sqrt() * 10.0_f64.powf((level_db_spl - 100.0) / 20.0);
    let step = std::f64::consts::TAU * hz / f64::from(rate_hz);
    (0..(secs * f64::from(rate_hz)) as usize).map(|n| (peak * (step * n as f64).sin()) as f32).collect()
}

/// Depth of the modulation of a sound's amplitude at `modulation_hz`, and by how much it lags a sine there, seconds: of
/// the sound's second half, by the line of its power there, which for an amplitude of 1 + m sin is 2 m / (1 + m^2 / 2).
pub(crate) fn modulation(sound: &[f32], modulation_hz: f64, rate_hz: u32) -> (f64, f64) {
    let rate = f64::from(rate_hz);
    let begin = sound.len() / 2;
    let cycles = ((sound.len() - begin) as f64 * modulation_hz / rate).floor();
    let length = (cycles * rate / modulation_hz) as usize;
    let (mut mean, mut re, mut im) = (0.0, 0.0, 0.0);
    for (n, sample) in sound.iter().enumerate().skip(begin).take(length) {
        let power = f64::from(*sample).powi(2);
        let angle = std::f64::consts::TAU * modulation_hz * n as f64 / rate;
        mean += power;
        re += power * angle.cos();
        im += power * angle.sin();
    }
    let line = 2.0 * re.hypot(im) / mean;
    let depth = (2.0 - (4.0 - 2.0 * line * line).max(0.0).sqrt()) / line;
    let turns = (-re).atan2(im) / std::f64::consts::TAU;
    (depth, turns.rem_euclid(1.0) / modulation_hz)
}
