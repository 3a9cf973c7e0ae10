//! Who says what: the singer's wordless line and the specialist's few words.

use super::dsp::{Biquad, OnePole, filter, pitch_hz, samples};
use super::formant::{Key, Pose, Speaker, vowel};
use crate::demo::rng::Rng;
use crate::demo::score::Note;

const SINGER: Speaker = Speaker { scale: 1.04, open: 0.58, tilt_hz: 7000.0, vibrato: (0.32, 5.4), breathy: 1.6 };
const SPECIALIST: Speaker = Speaker { scale: 1.16, open: 0.62, tilt_hz: 4200.0, vibrato: (0.0, 5.0), breathy: 0.5 };

const AH: Pose = vowel(720.0, 1160.0, 2500.0);
const OH: Pose = vowel(510.0, 880.0, 2420.0);
const EH: Pose = vowel(560.0, 1720.0, 2480.0);

/// One sound of speech: its pose, milliseconds, and pitch as a factor of the speaker's own.
type Phone = (Pose, f64, f64);

const fn quiet(pose: Pose, voicing: f64) -> Pose {
    Pose { voicing, ..pose }
}

const SILENT: Pose = quiet(vowel(500.0, 1500.0, 2500.0), 0.0);
/// A nasal: low first formant, everything above it weak and wide.
const fn nasal(f2: f64) -> Pose {
    Pose {
        formants_hz: [270.0, f2, 2450.0, 3300.0, 4300.0],
        widths_hz: [70.0, 260.0, 320.0, 420.0, 500.0],
        voicing: 0.55,
        breath: 0.0,
        hiss: 0.0,
        hiss_hz: 4000.0,
    }
}
const fn breathed(pose: Pose, breath: f64) -> Pose {
    Pose { voicing: 0.0, breath, ..pose }
}

const AE: Pose = vowel(650.0, 1720.0, 2430.0);
const IH: Pose = vowel(400.0, 1960.0, 2560.0);
const ER: Pose = vowel(450.0, 1300.0, 1650.0);
const IY: Pose = vowel(285.0, 2250.0, 2950.0);
const UW: Pose = vowel(320.0, 1100.0, 2250.0);
const Y: Pose = quiet(vowel(260.0, 2100.0, 2950.0), 0.75);
const UH: Pose = vowel(550.0, 1250.0, 2450.0);
const L: Pose = quiet(vowel(350.0, 1050.0, 2800.0), 0.7);
const OW: Pose = vowel(520.0, 900.0, 2400.0);
const K_SHUT: Pose = SILENT;
const K_BURST: Pose = Pose { hiss: 0.2, hiss_hz: 2000.0, ..breathed(vowel(350.0, 1950.0, 2400.0), 0.4) };

/// "Can you hear me?"
const CAN_YOU_HEAR_ME: [Phone; 14] = [
    (K_SHUT, 30.0, 1.0),
    (K_BURST, 22.0, 1.04),
    (breathed(AE, 1.0), 38.0, 1.05),
    (AE, 120.0, 1.08),
    (nasal(1500.0), 75.0, 1.02),
    (Y, 60.0, 0.98),
    (UW, 90.0, 0.97),
    (breathed(IH, 1.2), 75.0, 1.05),
    (IH, 120.0, 1.2),
    (ER, 120.0, 1.16),
    (nasal(1150.0), 85.0, 1.05),
    (IY, 130.0, 1.2),
    (IY, 120.0, 1.5),
    (quiet(IY, 0.0), 60.0, 1.55),
];

/// "Hello?"
const HELLO: [Phone; 7] = [
    (breathed(UH, 1.1), 70.0, 1.0),
    (UH, 85.0, 1.0),
    (L, 75.0, 1.05),
    (OW, 130.0, 1.12),
    (quiet(vowel(420.0, 850.0, 2350.0), 0.9), 140.0, 1.3),
    (quiet(vowel(380.0, 820.0, 2350.0), 0.5), 60.0, 1.35),
    (quiet(vowel(380.0, 820.0, 2350.0), 0.0), 50.0, 1.35),
];

/// Something the specialist says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// "Hello?"
    Hello,
    /// "Can you hear me?"
    CanYouHearMe,
}

impl Line {
    fn phones(self) -> &'static [Phone] {
        match self {
            Self::Hello => &HELLO,
            Self::CanYouHearMe => &CAN_YOU_HEAR_ME,
        }
    }

    /// What the line says, as captions write it.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Hello => "Hello?",
            Self::CanYouHearMe => "Can you hear me?",
        }
    }

    /// How long it takes, seconds.
    pub(crate) fn secs(self) -> f64 {
        self.phones().iter().map(|p| p.1 * PACE).sum::<f64>() / 1000.0
    }

    /// How far the mouth is open `secs` into the line, 0..1.
    pub(crate) fn mouth(self, secs: f64) -> f64 {
        let mut end = 0.0;
        for &(pose, ms, _) in self.phones() {
            end += ms * PACE / 1000.0;
            if secs < end {
                return ((pose.formants_hz[0] - 240.0) / 420.0 * pose.voicing.min(1.0)).clamp(0.0, 1.0);
            }
        }
        0.0
    }

    /// The line spoken plainly.
    pub(crate) fn speak(self, rng: &mut Rng) -> Vec<f32> {
        let keys = keys_of(self.phones(), 196.0);
        let mut sound = SPECIALIST.say(&keys, rng);
        filter(&mut sound, &mut [Biquad::high_pass(90.0, 0.7), Biquad::peak(3100.0, 0.8, 4.0)]);
        level(&mut sound, 0.1);
        sound
    }
}

/// Slower than talk between friends: the specialist speaks to be understood.
const PACE: f64 = 1.28;

fn keys_of(phones: &[Phone], pitch_hz: f64) -> Vec<Key> {
    let mut keys = Vec::with_capacity(phones.len() * 2);
    let mut at = 0.0;
    for &(pose, ms, pitch) in phones {
        let secs = ms * PACE / 1000.0;
        // Each sound stands still for its middle; between sounds the mouth moves.
        let edge = (secs * 0.34).min(0.034);
        for at_secs in [at + edge, at + secs - edge] {
            keys.push(Key { at_secs, pose, pitch_hz: pitch_hz * pitch });
        }
        at += secs;
    }
    keys
}

/// Brings a sound to this RMS over its louder half.
fn level(sound: &mut [f32], rms: f64) {
    let mut squares: Vec<f64> =
        sound.chunks(480).map(|c| c.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / c.len() as f64).collect();
    squares.sort_by(f64::total_cmp);
    let loud = &squares[squares.len() / 2..];
    let mean = loud.iter().sum::<f64>() / loud.len().max(1) as f64;
    let k = rms / mean.sqrt().max(1e-9);
    for x in sound {
        *x = (f64::from(*x) * k) as f32;
    }
}

/// One take of the singer's line from 0 s of the film on; two takes make a double.
pub(crate) fn sing(notes: &[Note], length: usize, seed: u64) -> Vec<f32> {
    let mut rng = Rng::new(seed, 21);
    let mut sound = vec![0f32; length];
    let mut begin = 0;
    while begin < notes.len() {
        let mut end = begin + 1;
        while end < notes.len() && notes[end].at_secs - notes[end - 1].at_secs - notes[end - 1].secs < 0.15 {
            end += 1;
        }
        let phrase = &notes[begin..end];
        let at = phrase[0].at_secs - 0.03 + rng.spread(0.008);
        let sung = SINGER.say(&phrase_keys(phrase, &mut rng), &mut rng);
        for (o, x) in sound.iter_mut().skip(samples(at)).zip(&sung) {
            *o += x;
        }
        begin = end;
    }
    level(&mut sound, 0.16);
    let mut air = OnePole::new(4000.0);
    for x in &mut sound {
        // Pressed harder than the microphone likes.
        let y = (f64::from(*x) * 2.0).tanh() * 0.5;
        *x = (y * 0.7 + 0.3 * air.tick(y)) as f32;
    }
    filter(
        &mut sound,
        &mut [
            Biquad::high_pass(140.0, 0.7),
            Biquad::peak(3000.0, 0.7, 7.0),
            Biquad::peak(9000.0, 0.5, 9.0),
            Biquad::peak(450.0, 0.7, -2.0),
        ],
    );
    sound
}

fn phrase_keys(phrase: &[Note], rng: &mut Rng) -> Vec<Key> {
    let begins = phrase[0].at_secs;
    let mut keys = Vec::new();
    let scoop = 1.0 - 0.06 * rng.unit();
    for (i, note) in phrase.iter().enumerate() {
        let at = note.at_secs - begins;
        let pitch = pitch_hz(note.pitch);
        let pose = match i % 3 {
            0 => OH,
            1 => EH,
            _ => AH,
        };
        if i == 0 {
            keys.push(Key { at_secs: 0.0, pose: breathed(OH, 0.6), pitch_hz: pitch * scoop });
            keys.push(Key { at_secs: 0.07, pose: quiet(OH, 0.7), pitch_hz: pitch * (1.0 + scoop) / 2.0 });
        }
        keys.push(Key { at_secs: at + 0.13, pose, pitch_hz: pitch });
        let end = at + note.secs;
        keys.push(Key { at_secs: end - 0.05, pose, pitch_hz: pitch * (1.0 + rng.spread(0.003)) });
        if i + 1 == phrase.len() {
            let falling = quiet(pose, 0.35);
            keys.push(Key { at_secs: end + 0.05, pose: falling, pitch_hz: pitch * 0.985 });
            keys.push(Key { at_secs: end + 0.16, pose: breathed(pose, 0.3), pitch_hz: pitch * 0.96 });
        }
    }
    keys
}
