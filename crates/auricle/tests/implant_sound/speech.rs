//! Sentences: spoken by a buzz and a hiss, and real ones too where `../shared/media` is there.

use std::path::Path;

use auricle::dsp::random::Random;

/// Rate of all of it, Hz.
pub(crate) const RATE_HZ: u32 = 16_000;

/// A set of sentences and whose they are.
pub(crate) struct Sentences {
    pub(crate) name: &'static str,
    /// Samples, at 65 dB SPL where full scale is 100.
    pub(crate) spoken: Vec<Vec<f32>>,
}

/// Generated sentences, and real ones where they are.
pub(crate) fn sentences() -> Vec<Sentences> {
    let mut all = vec![Sentences { name: "generated", spoken: (1..4).map(generated).collect() }];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media/speech");
    if folder.is_dir() {
        let sentence = |name: &&str| {
            let bytes = std::fs::read(folder.join(name)).expect("the recordings are whole");
            read(&bytes).expect("it is a mono WAV file of 16 bits at 16 kHz")
        };
        let spoken =
            ["arctic_aew_a0001.wav", "arctic_aew_a0002.wav", "arctic_aew_a0003.wav"].iter().map(sentence).collect();
        all.push(Sentences { name: "real", spoken });
    }
    for samples in all.iter_mut().flat_map(|set| &mut set.spoken) {
        let power = samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len() as f64;
        let scale = (10.0_f64.powf((65.0 - 100.0) / 10.0) / power).sqrt() as f32;
        samples.iter_mut().for_each(|x| *x *= scale);
    }
    all
}

/// Samples of a mono WAV file of 16 bits at [`RATE_HZ`]; `None` for any other.
fn read(bytes: &[u8]) -> Option<Vec<f32>> {
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (mut at, mut fits) = (12, false);
    while at + 8 <= bytes.len() {
        let (size, body) = (number(at + 4)? as usize, at + 8);
        match &bytes[at..at + 4] {
            b"fmt " => {
                fits = bytes.get(body..body + 4)? == [1, 0, 1, 0]
                    && number(body + 4)? == RATE_HZ
                    && bytes.get(body + 14..body + 16)? == [16, 0];
            }
            b"data" if fits => {
                let end = (body + size).min(bytes.len());
                let samples = bytes[body..end].as_chunks::<2>().0.iter();
                return Some(samples.map(|x| f32::from(i16::from_le_bytes(*x)) / 32_768.0).collect());
            }
            _ => {}
        }
        at = body + size + size % 2;
    }
    None
}

/// Vowels and what lies between them: a buzz whose pitch falls over the sentence through three resonances that glide
/// from one vowel to the next, hiss between some of them, and stops.
fn generated(seed: u64) -> Vec<f32> {
    /// Formants of i, a, u, e and o, Hz (Peterson & Barney 1952, men).
    const VOWELS_HZ: [[f64; 3]; 5] = [
        [270.0, 2290.0, 3010.0],
        [730.0, 1090.0, 2440.0],
        [300.0, 870.0, 2240.0],
        [530.0, 1840.0, 2480.0],
        [570.0, 840.0, 2410.0],
    ];
    const WIDTHS_HZ: [f64; 3] = [70.0, 100.0, 140.0];
    const SYLLABLES: usize = 14;
    const SYLLABLE: usize = RATE_HZ as usize / 5;
    let rate = f64::from(RATE_HZ);
    let mut random = Random::new(seed, 0);
    let mut draw = |below: usize| (random.next_u64() % below as u64) as usize;
    let plan: Vec<(usize, usize)> = (0..=SYLLABLES).map(|_| (draw(VOWELS_HZ.len()), draw(4))).collect();
    let mut noise = Random::new(seed, 1);
    let mut resonances = [[0.0_f64; 2]; 3];
    let (mut phase, mut hiss_before) = (0.0, 0.0);
    let mut sound = Vec::with_capacity(SYLLABLES * SYLLABLE);
    for (syllable, pair) in plan.windows(2).enumerate() {
        let [(vowel, onset), (next, _)] = [pair[0], pair[1]];
        for n in 0..SYLLABLE {
            let place = n as f64 / SYLLABLE as f64;
            let through = (syllable as f64 + place) / SYLLABLES as f64;
            phase += (140.0 - 50.0 * through) / rate;
            let buzz = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase -= f64::floor(phase);
            // The first 30 % of a syllable are its onset: a hiss, a stop with its burst, or a soft one.
            let voiced = ((place - 0.3) / 0.1).clamp(0.0, 1.0) * ((1.0 - place) / 0.15).clamp(0.0, 1.0);
            let white = f64::from(noise.bell());
            let hiss = white - hiss_before;
            hiss_before = white;
            let onset_level = match onset {
                0 => 0.05 * (std::f64::consts::PI * (place / 0.3).min(1.0)).sin(),
                1 if place > 0.22 && place < 0.28 => 0.12,
                _ => 0.0,
            };
            let mut voice = voiced.max(if onset == 3 { 0.1 } else { 0.0 }) * buzz;
            for (formant, state) in resonances.iter_mut().enumerate() {
                let glide = ((place - 0.6) / 0.4).clamp(0.0, 1.0);
                let hz = VOWELS_HZ[vowel][formant] * (1.0 - glide) + VOWELS_HZ[next][formant] * glide;
                let radius = (-std::f64::consts::PI * WIDTHS_HZ[formant] / rate).exp();
                let (a1, a2) = (2.0 * radius * (std::f64::consts::TAU * hz / rate).cos(), -radius * radius);
                let y = (1.0 - a1 - a2) * voice + a1 * state[0] + a2 * state[1];
                *state = [y, state[0]];
                voice = y;
            }
            sound.push((4.0 * voice + onset_level * hiss) as f32);
        }
    }
    sound
}

#[test]
fn generated_sentences_are_speech_like() {
    for seed in 1..4 {
        let sound = generated(seed);
        let level = |part: &[f32]| part.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / part.len() as f64;
        let frames: Vec<f64> = sound.chunks(320).map(|frame| 10.0 * level(frame).max(1e-12).log10()).collect();
        let loudest = frames.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let quiet = frames.iter().filter(|level| **level < loudest - 20.0).count() as f64 / frames.len() as f64;
        assert!((0.1..0.7).contains(&quiet), "{quiet} of the frames are quiet");
    }
}
