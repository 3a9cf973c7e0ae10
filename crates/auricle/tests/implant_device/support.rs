//! Devices, signals, and what pulses are looked at by.

use auricle::implant::params::{Array, Carrier, Filterbank, Implant, Places, ProcessorParams, Sound, Strategy};
use auricle::implant::processor::Processor;
use auricle::implant::pulse::Pulse;
use auricle::level::Calibration;

/// A device on an array, with nothing else that is remarkable.
pub(crate) fn implant(array: Array, processor: ProcessorParams) -> Implant {
    Implant {
        array,
        insertion_angle_deg: None,
        disabled: Vec::new(),
        processor,
        spread_db_per_mm: 2.8,
        sound: Sound::Information { carrier: Carrier::Spiral, places: Places::Shifted },
        months_since_activation: 12.0,
        individual: 0,
        delay_ms: 0.0,
        on: true,
    }
}

/// ACE on 22 electrodes.
pub(crate) fn ace() -> Implant {
    implant(Array::ContourAdvance, ProcessorParams::ace())
}

/// Every strategy on an array that it is made for.
pub(crate) fn all() -> [(&'static str, Implant); 5] {
    let fourier = Strategy::Cis { filterbank: Filterbank::Fourier };
    [
        ("ACE", ace()),
        (
            "CIS of Fourier bands",
            implant(Array::ContourAdvance, ProcessorParams { strategy: fourier, ..ProcessorParams::ace() }),
        ),
        ("CIS of gammatone bands", implant(Array::Standard, ProcessorParams::cis())),
        ("F120", implant(Array::Sixteen, ProcessorParams::f120())),
        ("FS4", implant(Array::Flex28, ProcessorParams::fs4())),
    ]
}

pub(crate) fn processor(implant: &Implant, rate_hz: u32) -> Processor {
    Processor::new(implant, rate_hz, Calibration::default()).expect("a device that there can be")
}

/// All pulses of a sound from a processor at rest.
pub(crate) fn pulses(processor: &mut Processor, sound: &[f32]) -> Vec<Pulse> {
    in_blocks(processor, sound, 4096)
}

pub(crate) fn in_blocks(processor: &mut Processor, sound: &[f32], block: usize) -> Vec<Pulse> {
    processor.reset();
    let mut pulses = Vec::new();
    for now in sound.chunks(block) {
        processor.process(now, &mut |pulse: Pulse| pulses.push(pulse));
    }
    pulses
}

/// Amplitude of a sine of a level, full scale (RMS 1) being 100 dB SPL.
pub(crate) fn amplitude(level_db_spl: f64) -> f64 {
    std::f64::consts::SQRT_2 * 10.0_f64.powf((level_db_spl - 100.0) / 20.0)
}

/// A sine from its zero crossing on.
pub(crate) fn tone(rate_hz: u32, secs: f64, hz: f64, level_db_spl: f64) -> Vec<f32> {
    let step = std::f64::consts::TAU * hz / f64::from(rate_hz);
    (0..(secs * f64::from(rate_hz)) as usize)
        .map(|n| (amplitude(level_db_spl) * (step * n as f64).sin()) as f32)
        .collect()
}

/// A sine that glides from one frequency to another at even octaves a second.
pub(crate) fn sweep(rate_hz: u32, secs: f64, from_hz: f64, to_hz: f64, level_db_spl: f64) -> Vec<f32> {
    let growth = (to_hz / from_hz).ln() / secs;
    (0..(secs * f64::from(rate_hz)) as usize)
        .map(|n| {
            let t = n as f64 / f64::from(rate_hz);
            let phase = std::f64::consts::TAU * from_hz * ((growth * t).exp() - 1.0) / growth;
            (amplitude(level_db_spl) * phase.sin()) as f32
        })
        .collect()
}

/// White noise of a level from a seed: SplitMix64 (Steele, Lea and Flood 2014), uniform.
pub(crate) fn noise(samples: usize, level_db_spl: f64, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let peak = 3.0_f64.sqrt() * 10.0_f64.powf((level_db_spl - 100.0) / 20.0);
    (0..samples)
        .map(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            (peak * ((z >> 11) as f64 / 4_503_599_627_370_496.0 - 1.0)) as f32
        })
        .collect()
}

/// What is like speech to a device: a voice of harmonics whose formants move, syllables of it, and hisses between.
pub(crate) fn babble(rate_hz: u32, secs: f64, level_db_spl: f64, seed: u64) -> Vec<f32> {
    let samples = (secs * f64::from(rate_hz)) as usize;
    let hiss = noise(samples, level_db_spl - 6.0, seed);
    let mut phase = 0.0;
    let mut sound: Vec<f64> = (0..samples)
        .map(|n| {
            let t = n as f64 / f64::from(rate_hz);
            let f0 = 120.0 + 30.0 * (2.3 * t).sin() + 12.0 * (11.0 * t).sin();
            phase += f0 / f64::from(rate_hz);
            let formants = [550.0 + 250.0 * (3.1 * t).sin(), 1500.0 + 600.0 * (1.7 * t).sin(), 2700.0];
            let syllable = (0.5 - 0.5 * (std::f64::consts::TAU * 3.7 * t).cos()).powi(2);
            let voice: f64 = (1..=40)
                .map(|h| {
                    let hz = f64::from(h) * f0;
                    let gain: f64 = formants.iter().map(|formant| 1.0 / (1.0 + ((hz - formant) / 90.0).powi(2))).sum();
                    let passes = if hz < 0.45 * f64::from(rate_hz) { 1.0 } else { 0.0 };
                    passes * gain * (std::f64::consts::TAU * f64::from(h) * phase).sin()
                })
                .sum();
            let hissing = f64::from(u8::from((0.6..0.8).contains(&(1.85 * t).fract())));
            0.3 * amplitude(level_db_spl) * syllable * voice + hissing * f64::from(hiss[n])
        })
        .collect();
    let rms = (sound.iter().map(|x| x * x).sum::<f64>() / samples as f64).sqrt();
    let gain = 10.0_f64.powf((level_db_spl - 100.0) / 20.0) / rms;
    sound.iter_mut().for_each(|x| *x *= gain);
    sound.iter().map(|x| *x as f32).collect()
}

/// A chord of plucked strings, again and again.
pub(crate) fn music(rate_hz: u32, secs: f64, level_db_spl: f64) -> Vec<f32> {
    let samples = (secs * f64::from(rate_hz)) as usize;
    let notes = [196.0, 246.9, 293.7, 392.0, 523.3, 880.0];
    let sound: Vec<f64> = (0..samples)
        .map(|n| {
            let t = n as f64 / f64::from(rate_hz);
            notes
                .iter()
                .enumerate()
                .map(|(i, hz)| {
                    let since = (t + 0.11 * i as f64) % 0.9;
                    let partials = (1..=12).filter(|p| f64::from(*p) * hz < 0.45 * f64::from(rate_hz));
                    partials
                        .map(|p| {
                            let hz = hz * f64::from(p);
                            (-since * (2.0 + 0.9 * f64::from(p))).exp() / f64::from(p)
                                * (std::f64::consts::TAU * hz * t).sin()
                        })
                        .sum::<f64>()
                })
                .sum()
        })
        .collect();
    let rms = (sound.iter().map(|x| x * x).sum::<f64>() / samples as f64).sqrt();
    let gain = 10.0_f64.powf((level_db_spl - 100.0) / 20.0) / rms;
    sound.iter().map(|x| (gain * x) as f32).collect()
}
