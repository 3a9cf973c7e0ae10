//! What of the rendered sound is kept for verification: a digest, and a few windows.

use auricle::layout::Layout;
use serde::Serialize;

use crate::error::{MediaError, Result};
use crate::pcm::quantise_24;

/// Samples of a window.
pub(super) const WINDOW: usize = 1 << 16;
/// Parts of the sound of which each gives its loudest window.
const PARTS: u64 = 6;
/// Length of a part where the whole length is not known, in seconds; the number of parts then grows to
/// twice that of above and no further.
const PART_SECS: u64 = 300;

/// How the output keeps samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stored {
    /// As 24-bit integers.
    Int24,
    /// As 32-bit floats.
    Float32,
    /// Not exactly.
    Lossy,
}

/// A digest of one channel that finds any difference that happens by accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest(u64);

impl Digest {
    pub(super) const EMPTY: Self = Self(0xCBF2_9CE4_8422_2325);

    /// Takes in samples as they are stored.
    pub(super) fn update(&mut self, stored: Stored, samples: &[f32]) {
        for sample in samples {
            let word = match stored {
                Stored::Int24 => quantise_24(*sample) as u32,
                // Both zeros sound the same, and not every codec tells them apart.
                _ => (*sample + 0.0).to_bits(),
            };
            self.0 = (self.0 ^ u64::from(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        }
    }
}

/// A stretch of the sound, all channels mixed into one.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) start: u64,
    pub(super) mix: Vec<f32>,
    energy: f64,
    part: u64,
}

/// Keeps of the rendered sound what verification needs; memory does not grow with its length.
///
/// The render loop gives it every block it gives the writer.
#[derive(Debug, Clone)]
pub struct RenderRecord {
    pub(super) stored: Stored,
    pub(super) sample_rate_hz: u32,
    pub(super) digests: Vec<Digest>,
    pub(super) written: u64,
    part_samples: u64,
    windows: Vec<Window>,
    current: Vec<f32>,
}

impl RenderRecord {
    /// For a sound of a rate, layout and (where known) length.
    pub fn new(sample_rate_hz: u32, layout: &Layout, length_samples: Option<u64>, stored: Stored) -> Self {
        let part = length_samples.map_or(u64::from(sample_rate_hz) * PART_SECS, |n| n.div_ceil(PARTS));
        Self {
            stored,
            sample_rate_hz,
            digests: vec![Digest::EMPTY; layout.channels()],
            written: 0,
            part_samples: part.max(WINDOW as u64),
            windows: Vec::new(),
            current: Vec::with_capacity(WINDOW),
        }
    }

    /// Takes in a block, `[channel][sample]`.
    ///
    /// # Errors
    /// The block has another number of channels than was announced.
    pub fn push(&mut self, channels: &[&[f32]]) -> Result<()> {
        let count = channels.first().map_or(0, |c| c.len());
        if channels.len() != self.digests.len() || channels.iter().any(|c| c.len() != count) {
            let (given, due) = (channels.len(), self.digests.len());
            return Err(MediaError::Usage(format!("a block of {given} channels was recorded for a sound of {due}")));
        }
        if self.stored != Stored::Lossy {
            for (digest, channel) in self.digests.iter_mut().zip(channels) {
                digest.update(self.stored, channel);
            }
        }
        let mut at = 0;
        while at < count {
            let take = (WINDOW - self.current.len()).min(count - at);
            append_mix(&mut self.current, channels, at..at + take);
            at += take;
            self.written += take as u64;
            if self.current.len() == WINDOW {
                self.keep();
            }
        }
        Ok(())
    }

    /// The windows that are kept, with a last one of a short sound.
    pub(super) fn windows(&self) -> Vec<Window> {
        let mut windows = self.windows.clone();
        if windows.is_empty() && !self.current.is_empty() {
            windows.push(Window { start: 0, energy: energy(&self.current), mix: self.current.clone(), part: 0 });
        }
        windows
    }

    /// Keeps a full window where it is the loudest of its part.
    fn keep(&mut self) {
        let start = self.written - WINDOW as u64;
        let part = start / self.part_samples;
        let energy = energy(&self.current);
        let room = self.windows.len() < 2 * PARTS as usize;
        match self.windows.iter_mut().find(|w| w.part == part) {
            Some(window) if window.energy < energy => {
                window.mix.copy_from_slice(&self.current);
                (window.start, window.energy) = (start, energy);
            }
            Some(_) => {}
            None if room => {
                self.windows.push(Window { start, mix: self.current.clone(), energy, part });
            }
            None => {}
        }
        self.current.clear();
    }
}

/// Appends channels mixed into one, each with a weight of its own, so that nothing cancels that is
/// alike in two.
pub(super) fn append_mix(out: &mut Vec<f32>, channels: &[&[f32]], range: std::ops::Range<usize>) {
    let start = out.len();
    out.resize(start + range.len(), 0.0);
    for (index, channel) in channels.iter().enumerate() {
        let weight = 1.0 + 0.17 * index as f32;
        for (mix, sample) in out[start..].iter_mut().zip(&channel[range.clone()]) {
            *mix += weight * sample;
        }
    }
}

fn energy(samples: &[f32]) -> f64 {
    samples.iter().map(|s| f64::from(*s).powi(2)).sum()
}
