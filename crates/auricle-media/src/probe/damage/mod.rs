//! Damage to sound files, found by walking through their pages or frames.
//!
//! Decoders pass over what they cannot make sense of, and what follows comes early: nothing in their samples tells.
//! What is written here does: every Ogg page has a checksum and a number, every MP3 frame ends where the next begins.

mod mp3;
mod ogg;

use std::io::Read;

use super::{Container, MediaInfo};
use crate::error::Result;

/// What to tell of a sound file that is not whole but can be heard.
///
/// # Errors
/// [`MediaError::Broken`](crate::MediaError::Broken) where what follows the damage would be out of sync;
/// [`MediaError::Io`](crate::MediaError::Io) where the file cannot be read.
pub(crate) fn told_damage(info: &MediaInfo) -> Result<Vec<String>> {
    let name = info.path.display();
    let cut = format!("{name}: the file ends before its sound does; it may not have been copied whole");
    if info.container == Container::Mp3 {
        let found = mp3::walk(&info.path)?;
        let mut told = Vec::new();
        if let Some(first_secs) = found.first_secs {
            let places = if found.places == 1 { "a place".to_owned() } else { format!("{} places", found.places) };
            told.push(format!(
                "{name}: is damaged in {places}, the first at {first_secs:.2} s: {} bytes there are no sound, and what \
                 follows comes about {:.2} s early; copy it again, or export it again from where it was made",
                found.bytes, found.lost_secs
            ));
        }
        told.extend(found.breaks_off.then_some(cut));
        return Ok(told);
    }
    if info.container != Container::OggVorbis && !info.format_name.contains("ogg") {
        return Ok(Vec::new());
    }
    let found = ogg::walk(&info.path)?;
    let mut told = Vec::new();
    if found.places > 0 {
        let rate_hz = match info.audio_tracks().next() {
            // RFC 7845 section 4: Opus counts at 48 kHz whatever its source's rate.
            Some(track) if track.codec == "opus" => 48_000.0,
            track => track.and_then(|t| t.audio.as_ref()).map_or(48_000.0, |a| f64::from(a.sample_rate_hz)),
        };
        let places = if found.places == 1 { "a place".to_owned() } else { format!("{} places", found.places) };
        let message = format!(
            "is damaged in {places}, the first after {:.2} s: pages are missing there or are not what was written (by their \
             checksums)",
            found.first_samples as f64 / rate_hz
        );
        if info.container == Container::OggVorbis {
            return Err(info.broken(format!(
                "{message}, and what follows would be out of sync; copy it again, or, to hear what is left of it, convert it: \
                 ffmpeg -i IN mended.wav"
            )));
        }
        told.push(format!("{name}: {message}; copy it again"));
    }
    told.extend(found.breaks_off.then_some(cut));
    Ok(told)
}

/// A file that is walked through: what was read and not yet passed.
struct Walk<R> {
    file: R,
    window: Vec<u8>,
    at: usize,
}

impl<R: Read> Walk<R> {
    /// Bytes that are read at once.
    const CHUNK: usize = 256 << 10;

    fn new(file: R) -> Self {
        Self { file, window: Vec::new(), at: 0 }
    }

    /// What lies ahead: at least `count` bytes but at the file's end.
    fn ahead(&mut self, count: usize) -> std::io::Result<&[u8]> {
        if self.window.len() - self.at < count {
            self.window.drain(..self.at);
            self.at = 0;
            (&mut self.file).take(count.max(Self::CHUNK) as u64).read_to_end(&mut self.window)?;
        }
        Ok(&self.window[self.at..])
    }

    /// Passes as many bytes of what lies ahead.
    fn pass(&mut self, count: usize) {
        self.at = (self.at + count).min(self.window.len());
    }

    /// Passes as many bytes, which may lie beyond what was read.
    fn pass_far(&mut self, count: u64) -> std::io::Result<()> {
        let here = ((self.window.len() - self.at) as u64).min(count);
        self.pass(here as usize);
        std::io::copy(&mut (&mut self.file).take(count - here), &mut std::io::sink()).map(|_| ())
    }
}
