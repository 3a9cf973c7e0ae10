//! The film's sound: every instrument struck, plucked or spoken by the program itself.

mod amp;
mod band;
mod crowd;
mod cymbals;
pub(crate) mod dsp;
mod formant;
pub(crate) mod kit;
mod master;
mod quiet;
mod skins;
mod space;
pub(crate) mod speech;
mod strings;

use dsp::{Biquad, Stereo, curve, gain, samples};

use super::plan;
use super::score::{GIG_ENDS_SECS, SONG_BEGINS_SECS, Score};

/// Where the film ends, seconds.
const END_SECS: f64 = plan::FRAMES as f64 / plan::FPS as f64;

/// The whole film's sound at 48 kHz, peaks below full scale.
pub(crate) fn film(score: &Score, seed: u64) -> Stereo {
    until(score, seed, END_SECS)
}

/// The film's sound from its beginning to `secs`.
pub(crate) fn until(score: &Score, seed: u64, secs: f64) -> Stereo {
    let length = samples(secs);
    let gig_length = samples(secs.min(GIG_ENDS_SECS));
    let (mut gig, quiet) = std::thread::scope(|scope| {
        let quiet = scope.spawn(|| quiet(length, seed));
        let gig = gig(score, gig_length, seed);
        (gig, quiet.join().unwrap_or_else(|_| Stereo::new(length)))
    });
    master::squeeze(&mut gig);
    let mut out = quiet;
    for (o, x) in out.left.iter_mut().zip(&gig.left) {
        *o += x;
    }
    for (o, x) in out.right.iter_mut().zip(&gig.right) {
        *o += x;
    }
    // The film begins and ends in silence.
    out.shape(|t| curve(&[(0.0, 0.0), (0.6, 1.0), (END_SECS - 1.2, 1.0), (END_SECS - 0.05, 0.0)], t));
    master::limit(&mut out);
    out
}

/// The quiet room and the notes under the end card.
pub(crate) fn quiet(length: usize, seed: u64) -> Stereo {
    let mut out = Stereo::new(length);
    if length > samples(GIG_ENDS_SECS) {
        let room = quiet::room(length, (GIG_ENDS_SECS, plan::END_CARD_SECS + 0.3), seed);
        // A conversation lies some 25 dB below a gig.
        out.mix(&room, gain(-9.0));
        out.mix(&band::coda(length, plan::END_CARD_SECS + 0.25, seed), gain(-1.0));
    }
    out
}

/// The band, its crowd and the hall, before the master.
fn gig(score: &Score, length: usize, seed: u64) -> Stereo {
    let ((drums, kit_room), band, mut crowd) = std::thread::scope(|scope| {
        let strings = scope.spawn(|| band::band(score, length, seed));
        let crowd = scope.spawn(|| crowd::crowd(length, seed));
        let drums = kit::kit(&score.drums, length, seed);
        (
            drums,
            strings.join().unwrap_or_else(|_| band::Band::silent(length)),
            crowd.join().unwrap_or_else(|_| Stereo::new(length)),
        )
    });
    crowd.filter(&[Biquad::high_pass(160.0, 0.7)]);
    let mut send = kit_room;
    send.mix(&band.guitars, 0.10);
    send.mix(&band.voice, 0.55);
    send.mix(&crowd, 0.5);
    let hall = space::STAGE.reverberate(&send);
    let mut out = Stereo::new(length);
    out.mix(&drums, gain(0.0));
    out.mix(&band.bass, gain(4.5));
    out.mix(&band.guitars, gain(-15.5));
    out.mix(&band.voice, gain(1.0));
    out.mix(&crowd, gain(-3.0));
    out.mix(&hall, gain(-8.0));
    // The last frames die down so that the cut to the room is felt, not clicked.
    let end = GIG_ENDS_SECS;
    out.shape(|t| {
        let lift = curve(&[(SONG_BEGINS_SECS - 0.1, 0.8), (SONG_BEGINS_SECS, 1.0)], t);
        lift * curve(&[(end - 0.006, 1.0), (end - 0.001, 0.0)], t)
    });
    out
}
