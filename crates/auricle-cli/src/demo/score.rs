//! The song: who plays what, when and how hard.
//!
//! 120 beats a minute puts every beat on a frame of 24 a second, so that shots change on the beat.
//! The notes are written on a grid of sixteenths and moved off it a little, seeded, as players do.

use super::rng::Rng;

/// First beat of the first bar, seconds into the film.
pub(crate) const SONG_BEGINS_SECS: f64 = 5.0;
/// The last chord is struck here and rings out.
pub(crate) const LAST_CHORD_SECS: f64 = 29.0;
/// The picture leaves the stage here.
pub(crate) const GIG_ENDS_SECS: f64 = 31.0;
const SIXTEENTH_SECS: f64 = 0.125;
const BARS: usize = 12;

/// One thing a drummer can strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Drum {
    /// Bass drum.
    Kick,
    /// Snare drum.
    Snare,
    /// Hi-hat, pressed shut.
    ClosedHat,
    /// Hi-hat, half open.
    OpenHat,
    /// Crash cymbal, left or right by turns.
    Crash,
    /// Ride cymbal.
    Ride,
    /// High, middle and floor tom.
    TomHigh,
    /// Middle tom.
    TomMid,
    /// Floor tom.
    TomFloor,
    /// Two sticks struck together.
    Sticks,
}

/// One stroke.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    /// Seconds into the film.
    pub(crate) at_secs: f64,
    /// What is struck.
    pub(crate) drum: Drum,
    /// 0..1.
    pub(crate) velocity: f64,
}

/// One note of a stringed instrument or of the singer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Note {
    /// Seconds into the film.
    pub(crate) at_secs: f64,
    /// How long it is held, seconds.
    pub(crate) secs: f64,
    /// MIDI note number (69 is A4, 440 Hz).
    pub(crate) pitch: f64,
    /// 0..1.
    pub(crate) velocity: f64,
    /// Damped by the palm.
    pub(crate) muted: bool,
}

/// Everything that is played.
#[derive(Debug, Clone)]
pub(crate) struct Score {
    /// Strokes in ascending order of time.
    pub(crate) drums: Vec<Stroke>,
    /// The bass.
    pub(crate) bass: Vec<Note>,
    /// Roots of the guitar's power chords.
    pub(crate) guitar: Vec<Note>,
    /// The singer's notes.
    pub(crate) voice: Vec<Note>,
}

/// Chord roots as MIDI numbers on the guitar's low strings.
const E: f64 = 40.0;
const G: f64 = 43.0;
const A: f64 = 45.0;
const B: f64 = 47.0;
const C: f64 = 48.0;
const D: f64 = 38.0;

/// `(sixteenth, root, held for sixteenths, muted)`: two bars of the riff.
const RIFF: [(usize, f64, usize, bool); 21] = [
    (0, E, 2, false),
    (2, E, 1, true),
    (3, E, 1, true),
    (4, E, 1, true),
    (6, G, 2, false),
    (8, E, 1, true),
    (9, E, 1, true),
    (10, E, 1, true),
    (12, A, 2, false),
    (14, G, 2, false),
    (16, E, 2, false),
    (18, E, 1, true),
    (19, E, 1, true),
    (20, E, 1, true),
    (22, G, 2, false),
    (24, C, 4, false),
    (28, D, 2, false),
    (30, D, 1, true),
    (31, D, 1, true),
    (5, E, 1, true),
    (11, E, 1, true),
];

/// The chorus: one open chord to a half bar.
const CHORUS: [f64; 8] = [E, C, G, D, E, C, A, B];

impl Score {
    /// The song as played with this seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed, 1);
        let mut score = Self { drums: drums(&mut rng), bass: Vec::new(), guitar: Vec::new(), voice: voice() };
        for bar in 0..BARS {
            let begins = SONG_BEGINS_SECS + bar as f64 * 2.0;
            if is_chorus(bar) {
                score.chorus_bar(bar, begins, &mut rng);
            } else {
                score.riff_bar(bar, begins, &mut rng);
            }
        }
        score.guitar.push(note(LAST_CHORD_SECS, 2.6, E, 1.0, false));
        score.bass.push(note(LAST_CHORD_SECS, 2.4, E - 12.0, 1.0, false));
        score.guitar.sort_by(|a, b| a.at_secs.total_cmp(&b.at_secs));
        score.bass.sort_by(|a, b| a.at_secs.total_cmp(&b.at_secs));
        score
    }

    fn riff_bar(&mut self, bar: usize, begins: f64, rng: &mut Rng) {
        let half = (bar % 2) * 16;
        for &(step, root, held, muted) in RIFF.iter().filter(|n| n.0 / 16 * 16 == half) {
            let at = begins + (step - half) as f64 * SIXTEENTH_SECS + rng.spread(0.003);
            let velocity = if muted { 0.62 } else { 0.95 } + rng.spread(0.05);
            let secs = held as f64 * SIXTEENTH_SECS;
            self.guitar.push(note(at, secs * 0.97, root, velocity, muted));
            // The bass plays the eighths and lets the guitar's gallop stand alone.
            if step % 2 == 0 || !muted {
                let bass_secs = secs.max(0.2) * 0.95;
                self.bass.push(note(at + 0.002, bass_secs, root - 12.0, velocity, false));
            }
        }
    }

    fn chorus_bar(&mut self, bar: usize, begins: f64, rng: &mut Rng) {
        for half in 0..2 {
            let root = CHORUS[(bar * 2 + half) % CHORUS.len()];
            let at = begins + half as f64 + rng.spread(0.003);
            self.guitar.push(note(at, 0.98, root, 1.0, false));
            for eighth in 0..4 {
                let at = begins + half as f64 + f64::from(eighth) * 0.25 + rng.spread(0.004);
                let velocity = if eighth == 0 { 0.95 } else { 0.8 } + rng.spread(0.05);
                self.bass.push(note(at, 0.23, root - 12.0, velocity, false));
            }
        }
    }
}

fn note(at_secs: f64, secs: f64, pitch: f64, velocity: f64, muted: bool) -> Note {
    Note { at_secs, secs, pitch, velocity: velocity.clamp(0.1, 1.0), muted }
}

fn is_chorus(bar: usize) -> bool {
    bar >= 8
}

fn drums(rng: &mut Rng) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    let mut strike = |rng: &mut Rng, at: f64, drum: Drum, velocity: f64| {
        let late = if drum == Drum::Snare { 0.004 } else { 0.0 };
        strokes.push(Stroke {
            at_secs: at + late + rng.spread(0.0025),
            drum,
            velocity: (velocity + rng.spread(0.04)).clamp(0.05, 1.0),
        });
    };
    for beat in 0..4 {
        strike(rng, SONG_BEGINS_SECS - 2.0 + f64::from(beat) * 0.5, Drum::Sticks, 0.75);
    }
    for bar in 0..BARS {
        let begins = SONG_BEGINS_SECS + bar as f64 * 2.0;
        let fill = bar == 7;
        let kicks: &[usize] = match (is_chorus(bar), bar % 2) {
            (true, _) => &[0, 3, 8, 10],
            (false, 0) => &[0, 2, 6, 8, 11],
            (false, _) => &[0, 2, 6, 8, 10],
        };
        let steps = if fill { 8 } else { 16 };
        for step in 0..steps {
            let at = begins + step as f64 * SIXTEENTH_SECS;
            if kicks.contains(&step) {
                strike(rng, at, Drum::Kick, if step % 8 == 0 { 0.95 } else { 0.8 });
            }
            if step == 4 || step == 12 {
                strike(rng, at, Drum::Snare, 0.93);
            } else if (step == 7 || step == 9) && !is_chorus(bar) {
                strike(rng, at, Drum::Snare, 0.2); // ghost notes
            }
            let crashes = step == 0 && (is_chorus(bar) || bar % 4 == 0);
            if crashes {
                strike(rng, at, Drum::Crash, 0.95);
            } else if is_chorus(bar) && step % 4 == 0 {
                strike(rng, at, Drum::Ride, if step == 8 { 0.9 } else { 0.75 });
            } else if !is_chorus(bar) && step % 2 == 0 {
                let open = step == 14 && bar % 2 == 1;
                let drum = if open { Drum::OpenHat } else { Drum::ClosedHat };
                strike(rng, at, drum, if step % 4 == 0 { 0.85 } else { 0.55 });
            }
        }
        if fill {
            const FILL: [Drum; 8] = [
                Drum::Snare,
                Drum::Snare,
                Drum::TomHigh,
                Drum::TomHigh,
                Drum::TomMid,
                Drum::TomMid,
                Drum::TomFloor,
                Drum::TomFloor,
            ];
            for (step, &drum) in FILL.iter().enumerate() {
                let at = begins + 1.0 + step as f64 * SIXTEENTH_SECS;
                strike(rng, at, drum, 0.72 + 0.035 * step as f64);
                if step % 4 == 0 {
                    strike(rng, at, Drum::Kick, 0.8);
                }
            }
        }
    }
    for (after, drum) in [(0.0, Drum::Kick), (0.0, Drum::Crash), (0.012, Drum::Crash), (0.0, Drum::Snare)] {
        strike(rng, LAST_CHORD_SECS + after, drum, 1.0);
    }
    strokes.sort_by(|a, b| a.at_secs.total_cmp(&b.at_secs));
    strokes
}

/// A wordless line over the riff and, higher, over the chorus: `(beat in the song, beats, pitch)`.
fn voice() -> Vec<Note> {
    const LINE: [(f64, f64, f64); 25] = [
        (8.0, 1.5, 64.0),
        (9.5, 0.5, 67.0),
        (10.0, 1.8, 69.0),
        (12.0, 1.0, 71.0),
        (13.0, 1.0, 69.0),
        (14.0, 1.8, 67.0),
        (16.0, 1.5, 64.0),
        (17.5, 0.5, 67.0),
        (18.0, 1.8, 71.0),
        (20.0, 1.0, 69.0),
        (21.0, 1.0, 67.0),
        (22.0, 1.8, 64.0),
        (24.0, 2.0, 67.0),
        (26.0, 1.8, 69.0),
        (32.0, 2.0, 71.0),
        (34.0, 1.8, 72.0),
        (36.0, 2.0, 71.0),
        (38.0, 1.8, 69.0),
        (40.0, 2.0, 71.0),
        (42.0, 1.8, 72.0),
        (44.0, 2.0, 74.0),
        (46.0, 1.0, 71.0),
        (47.0, 0.9, 69.0),
        (48.0, 3.2, 71.0),
        (28.0, 1.6, 71.0),
    ];
    let mut notes: Vec<Note> = LINE
        .iter()
        .map(|&(beat, beats, pitch)| note(SONG_BEGINS_SECS + beat * 0.5, beats * 0.5, pitch, 0.9, false))
        .collect();
    notes.sort_by(|a, b| a.at_secs.total_cmp(&b.at_secs));
    notes
}
