//! Signals that a law is held over, made the same way on every machine.

use super::cases::RATE_HZ;

/// Uniform noise from a seed: SplitMix64 (Steele, Lea and Flood 2014), values in -1..1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        // The upper 24 bits fill an f32's mantissa.
        (z >> 40) as f32 / 8_388_608.0 - 1.0
    }
}

/// White noise of an RMS, in dB FS.
pub(crate) fn noise(samples: usize, rms_db_fs: f64, seed: u64) -> Vec<f32> {
    let mut source = Noise(seed);
    // Uniform noise of peak 1 has an RMS of 1/sqrt 3.
    let peak = (10.0_f64.powf(rms_db_fs / 20.0) * 3.0_f64.sqrt()) as f32;
    (0..samples).map(|_| peak * source.next()).collect()
}

/// A sine of an RMS, in dB FS, faded in over 20 ms so that it has no click of its own.
pub(crate) fn tone(samples: usize, rate_hz: u32, frequency_hz: f64, rms_db_fs: f64) -> Vec<f32> {
    let peak = 10.0_f64.powf(rms_db_fs / 20.0) * std::f64::consts::SQRT_2;
    let fade_samples = f64::from(rate_hz) * 0.02;
    (0..samples)
        .map(|n| {
            let phase = std::f64::consts::TAU * frequency_hz * n as f64 / f64::from(rate_hz);
            (peak * (n as f64 / fade_samples).min(1.0) * phase.sin()) as f32
        })
        .collect()
}

/// One sample of full scale, the others 0.
pub(crate) fn impulse(samples: usize, at: usize) -> Vec<f32> {
    (0..samples).map(|n| if n == at { 1.0 } else { 0.0 }).collect()
}

/// Noise that comes in syllables, four a second, with pauses: what speech does to envelopes.
pub(crate) fn syllables(samples: usize, rate_hz: u32, rms_db_fs: f64, seed: u64) -> Vec<f32> {
    let mut out = noise(samples, rms_db_fs, seed);
    for (n, x) in out.iter_mut().enumerate() {
        let phase = (n as f64 / f64::from(rate_hz) * 4.0).fract();
        // Half of each quarter second sounds, under a raised cosine.
        let envelope = if phase < 0.5 { 0.5 - 0.5 * (std::f64::consts::TAU * phase * 2.0).cos() } else { 0.0 };
        *x *= envelope as f32;
    }
    out
}

/// A second of each kind at [`RATE_HZ`], `[channel][sample]`, no two channels alike.
pub(crate) fn seconds(channels: usize) -> Vec<(&'static str, Vec<Vec<f32>>)> {
    let samples = RATE_HZ as usize;
    let per_channel = |make: &dyn Fn(usize) -> Vec<f32>| (0..channels).map(make).collect::<Vec<_>>();
    vec![
        ("noise", per_channel(&|c| noise(samples, -26.0, 100 + c as u64))),
        ("syllables", per_channel(&|c| syllables(samples, RATE_HZ, -20.0, 200 + c as u64))),
        ("tone", per_channel(&|c| tone(samples, RATE_HZ, 440.0 * (c + 1) as f64, -30.0))),
        ("impulse", per_channel(&|c| impulse(samples, 7001 + 977 * c))),
    ]
}
