//! Bass, two guitars and the singer, and the few soft notes under the end card.

use std::f64::consts::TAU;

use super::amp::{bass_amp, guitar_amp};
use super::dsp::{Biquad, RATE_HZ, Stereo, curve, filter, pitch_hz, samples};
use super::space::STAGE;
use super::speech::sing;
use super::strings::Pluck;
use crate::demo::rng::Rng;
use crate::demo::score::{LAST_CHORD_SECS, Note, SONG_BEGINS_SECS, Score};

/// Everyone who is not the drummer.
pub(crate) struct Band {
    /// Bass, centre.
    pub(crate) bass: Stereo,
    /// Two takes of one guitar, left and right.
    pub(crate) guitars: Stereo,
    /// The singer, doubled.
    pub(crate) voice: Stereo,
}

impl Band {
    /// Nobody plays.
    pub(crate) fn silent(length: usize) -> Self {
        Self { bass: Stereo::new(length), guitars: Stereo::new(length), voice: Stereo::new(length) }
    }
}

/// Plays the score.
pub(crate) fn band(score: &Score, length: usize, seed: u64) -> Band {
    let mut band = Band::silent(length);
    let (left, right) = std::thread::scope(|scope| {
        let other = scope.spawn(|| guitar(&score.guitar, length, seed, 1));
        (guitar(&score.guitar, length, seed, 0), other.join().unwrap_or_default())
    });
    band.guitars.add(0, &left, 1.0, -0.82);
    band.guitars.add(0, &right, 1.0, 0.82);
    band.bass.add(0, &bass(&score.bass, length, seed), 1.0, 0.0);
    band.voice.add(0, &sing(&score.voice, length, seed), 1.0, 0.0);
    band.voice.add(samples(0.011), &sing(&score.voice, length, seed + 1), 0.5, -0.45);
    band.voice.add(samples(0.019), &sing(&score.voice, length, seed + 2), 0.5, 0.45);
    band
}

fn place(line: &mut [f32], at_secs: f64, sound: &[f32], level: f64) {
    for (o, x) in line.iter_mut().skip(samples(at_secs)).zip(sound) {
        *o += x * level as f32;
    }
}

fn bass(notes: &[Note], length: usize, seed: u64) -> Vec<f32> {
    let mut rng = Rng::new(seed, 50);
    let mut line = vec![0f32; length];
    for note in notes {
        let pluck = Pluck {
            hz: pitch_hz(note.pitch),
            secs: note.secs,
            velocity: note.velocity,
            pick: rng.range(0.16, 0.22),
            t60_secs: 4.5,
            damping: 0.28,
            buzz_above: 0.62,
        };
        place(&mut line, note.at_secs, &pluck.sound(&mut rng), 0.6);
    }
    bass_amp(&mut line);
    line
}

/// One take of the guitar: chords of root, fifth and octave into one amplifier, so that they beat.
fn guitar(notes: &[Note], length: usize, seed: u64, take: u64) -> Vec<f32> {
    let mut rng = Rng::new(seed, 60 + take);
    let mut line = vec![0f32; length];
    let tuning = 1.0 + rng.spread(0.0009);
    for note in notes {
        let late = rng.spread(0.0035).abs();
        for (string, (interval, level)) in [(0.0, 1.0), (7.0, 0.9), (12.0, 0.75)].iter().enumerate() {
            let pluck = Pluck {
                hz: pitch_hz(note.pitch + interval) * tuning * (1.0 + rng.spread(0.0006)),
                secs: note.secs,
                velocity: note.velocity * rng.range(0.9, 1.0),
                pick: rng.range(0.10, 0.16),
                t60_secs: if note.muted { 0.32 } else { 7.0 },
                damping: if note.muted { 0.46 } else { 0.22 },
                buzz_above: 2.0,
            };
            // A downstroke reaches the strings one after another.
            let at = note.at_secs + late + string as f64 * rng.range(0.001, 0.003);
            let level = level * if note.muted { 0.30 } else { 0.26 };
            place(&mut line, at, &pluck.sound(&mut rng), level);
        }
    }
    feedback(&mut line, take, &mut rng);
    guitar_amp(&mut line);
    line
}

/// The string that the loudspeaker drives: a harmonic that grows out of nothing, before the song and after.
fn feedback(line: &mut [f32], take: u64, rng: &mut Rng) {
    let first = [(0.3, 0.0), (2.2, 0.012), (3.6, 0.06), (SONG_BEGINS_SECS - 0.25, 0.09), (SONG_BEGINS_SECS, 0.0)];
    let last = [(LAST_CHORD_SECS + 0.5, 0.0), (LAST_CHORD_SECS + 1.9, 0.12), (LAST_CHORD_SECS + 2.2, 0.12)];
    let hz = pitch_hz(if take == 0 { 64.0 } else { 71.0 });
    let mut phase = 0.0f64;
    for (i, x) in line.iter_mut().enumerate() {
        let t = i as f64 / RATE_HZ;
        let level = curve(&first, t) + curve(&last, t);
        if level > 0.0 {
            let sway = 1.0 + 0.0025 * (TAU * 4.6 * t).sin() + 0.0006 * rng.signed();
            phase += hz * sway / RATE_HZ;
            let tone = (TAU * phase).sin() + 0.3 * (TAU * 2.0 * phase).sin();
            *x += (tone * level) as f32;
        }
    }
    let mut noise_floor = Biquad::band_pass(900.0, 0.4);
    for x in line {
        *x += (noise_floor.tick(rng.signed()) * 0.0004) as f32;
    }
}

/// A clean arpeggio that closes the film, soft and in the hall.
pub(crate) fn coda(length: usize, at_secs: f64, seed: u64) -> Stereo {
    let mut rng = Rng::new(seed, 70);
    let begin = samples(at_secs);
    let mut dry = Stereo::new(length.saturating_sub(begin));
    for (i, pitch) in [40.0, 47.0, 52.0, 55.0, 59.0, 64.0, 66.0].iter().enumerate() {
        let pluck = Pluck {
            hz: pitch_hz(*pitch),
            secs: 2.4,
            velocity: 0.5,
            pick: 0.3,
            t60_secs: 5.0,
            damping: 0.4,
            buzz_above: 2.0,
        };
        let mut sound = pluck.sound(&mut rng);
        filter(&mut sound, &mut [Biquad::low_pass(2600.0, 0.6)]);
        dry.add(samples(i as f64 * 0.14 + rng.spread(0.006).abs()), &sound, 0.06, -0.5 + 0.16 * i as f64);
    }
    let wet = STAGE.reverberate(&dry);
    dry.mix(&wet, 0.5);
    let mut out = Stereo::new(length);
    out.left[begin.min(length)..].copy_from_slice(&dry.left);
    out.right[begin.min(length)..].copy_from_slice(&dry.right);
    out
}
