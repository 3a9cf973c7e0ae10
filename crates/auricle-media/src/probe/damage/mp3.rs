//! Through the frames of an MP3 file (ISO/IEC 11172-3 section 2.4.1.3, 13818-3 section 2.4.2.3), which have no checksum
//! that is ever used: what can be seen is where one does not begin where the one before it ends.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Walk;
use crate::error::{MediaError, Result};

/// Kilobits per second by the header's index, of MPEG-1 and of the lower rates.
const KBIT_S: [[u32; 15]; 2] = [
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
/// Samples per second of MPEG-1; MPEG-2 has half, MPEG-2.5 a quarter.
const RATES_HZ: [u32; 3] = [44_100, 48_000, 32_000];
/// Beginnings of what may follow the sound: ID3v1, APE, Lyrics3 and ID3v2 tags.
const TAGS: [&[u8]; 4] = [b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3"];
/// Bytes after the last frame that are worth telling of: less is what programs leave behind.
const LEAST_TAIL: u64 = 4096;

/// What is wrong with an MP3 file.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Mp3Damage {
    /// Its last frame is cut.
    pub(super) breaks_off: bool,
    /// How often there are bytes between frames that are none.
    pub(super) places: usize,
    /// How many such bytes.
    pub(super) bytes: u64,
    /// How much sound they would be at the bit rate before them, in seconds.
    pub(super) lost_secs: f64,
    /// When the first of them come, in seconds.
    pub(super) first_secs: Option<f64>,
}

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    /// Version and rate, which are the same throughout a file.
    kind: (u8, u8),
    bytes: usize,
    samples: u32,
    rate_hz: u32,
}

impl Frame {
    /// The frame that begins here; `None` where none of layer III with a stated bit rate does.
    fn at(bytes: &[u8]) -> Option<Self> {
        let [0xFF, b, c, ..] = bytes else { return None };
        let (version, layer) = (b >> 3 & 3, b >> 1 & 3);
        if b & 0xE0 != 0xE0 || version == 1 || layer != 1 {
            return None;
        }
        let kbit_s = *KBIT_S[usize::from(version != 3)].get(usize::from(c >> 4)).filter(|rate| **rate > 0)?;
        let rate_hz = RATES_HZ.get(usize::from(c >> 2 & 3))? >> [2, 0, 1, 0][usize::from(version)];
        let samples = if version == 3 { 1152 } else { 576 };
        let bytes = (samples / 8 * kbit_s * 1000 / rate_hz + u32::from(c >> 1 & 1)) as usize;
        Some(Self { kind: (version, c >> 2 & 3), bytes, samples, rate_hz })
    }
}

/// Reads a file from end to end.
pub(super) fn walk(path: &Path) -> Result<Mp3Damage> {
    let io = |source| MediaError::Io { path: path.to_owned(), doing: "cannot read", source };
    through(File::open(path).map_err(io)?).map_err(io)
}

fn through(file: impl Read) -> std::io::Result<Mp3Damage> {
    let mut walk = Walk::new(file);
    let mut damage = Mp3Damage::default();
    let mut first: Option<Frame> = None;
    let mut last: Option<Frame> = None;
    let mut secs = 0.0;
    // Bytes since the last frame that are none, and whether any is not 0.
    let (mut stray, mut says) = (0_u64, false);
    loop {
        let ahead = walk.ahead(8192)?;
        if ahead.is_empty() {
            break;
        }
        // Only what a file's end can hold is judged by itself: a tag's bytes look like anything.
        if let Some(size) = id3_size(ahead) {
            walk.pass_far(size)?;
            continue;
        }
        if is_tag(ahead) {
            break;
        }
        let frame = Frame::at(ahead).filter(|frame| first.is_none_or(|first| first.kind == frame.kind));
        // In the middle of something else, two bytes look like a frame's beginning soon; another has to follow.
        let follows = |frame: &Frame| {
            let next = ahead.get(frame.bytes..).unwrap_or_default();
            next.len() < 4 || Frame::at(next).is_some_and(|next| next.kind == frame.kind) || is_tag(next)
        };
        let Some(frame) = frame.filter(|frame| stray == 0 || follows(frame)) else {
            stray += 1;
            says |= ahead[0] != 0;
            walk.pass(1);
            continue;
        };
        if stray > 0 && first.is_some() {
            damage.add(stray, secs, last);
        }
        (stray, says) = (0, false);
        damage.breaks_off = frame.bytes > ahead.len();
        secs += f64::from(frame.samples) / f64::from(frame.rate_hz);
        first = first.or(Some(frame));
        last = Some(frame);
        walk.pass(frame.bytes);
    }
    if says && first.is_some() && stray > LEAST_TAIL {
        damage.add(stray, secs, last);
    }
    Ok(damage)
}

impl Mp3Damage {
    fn add(&mut self, bytes: u64, secs: f64, before: Option<Frame>) {
        self.places += 1;
        self.bytes += bytes;
        self.first_secs = self.first_secs.or(Some(secs));
        let lasts = |frame: Frame| f64::from(frame.samples) / f64::from(frame.rate_hz) / frame.bytes as f64;
        self.lost_secs += bytes as f64 * before.map_or(0.0, lasts);
    }
}

fn is_tag(bytes: &[u8]) -> bool {
    TAGS.iter().any(|tag| bytes.starts_with(tag))
}

/// How long the ID3v2 tag is that begins here (its section 3.1: four bytes of seven bits each, header not counted).
fn id3_size(bytes: &[u8]) -> Option<u64> {
    let head = bytes.get(..10).filter(|head| head.starts_with(b"ID3"))?;
    let size = head[6..10].iter().fold(0_u64, |size, byte| size << 7 | u64::from(byte & 0x7F));
    Some(10 + size + if head[5] & 0x10 != 0 { 10 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of MPEG-1 at 128 kbit/s and 48 kHz: 384 bytes, 24 ms each.
    fn frames(count: usize) -> Vec<u8> {
        [&[0xFF, 0xFB, 0x94, 0x00][..], &[0x55; 380]].concat().repeat(count)
    }

    #[test]
    fn a_whole_file_has_no_damage() {
        let tag = |name: &[u8]| [name, &[b'x'; 120]].concat();
        let id3 = [&b"ID3\x04\0\0\0\0\x01\x05"[..], &[b'y'; 133]].concat();
        for file in [
            frames(50),
            [frames(50), tag(b"TAGtitle")].concat(),
            [frames(50), tag(b"APETAGEX")].concat(),
            [id3.clone(), frames(50)].concat(),
            [frames(20), id3, frames(20)].concat(),
            [frames(50), vec![0; 9000]].concat(),
            [frames(50), vec![7; 90]].concat(),
            [frames(50), vec![0; 9000], tag(b"TAGtitle")].concat(),
        ] {
            assert_eq!(through(&file[..]).unwrap(), Mp3Damage::default());
        }
    }

    #[test]
    fn bytes_between_frames_are_found_with_their_time() {
        let mut file = frames(50);
        file[384 * 20..384 * 22 + 100].fill(0xAA);
        let damage = through(&file[..]).unwrap();
        assert_eq!((damage.places, damage.bytes, damage.breaks_off), (1, 3 * 384, false));
        assert!((damage.first_secs.unwrap() - 0.48).abs() < 1e-9 && (damage.lost_secs - 0.072).abs() < 1e-9);
        let tail = [frames(50), vec![0xAA; 9000]].concat();
        assert_eq!(through(&tail[..]).unwrap().places, 1);
    }

    #[test]
    fn a_cut_frame_breaks_off() {
        let file = frames(50);
        assert!(through(&file[..file.len() - 100]).unwrap().breaks_off);
        assert!(!through(&file[..file.len() - 384]).unwrap().breaks_off);
    }
}
