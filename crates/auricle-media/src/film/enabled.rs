//! Which subtitles of an MP4 or QuickTime file are shown unasked.
//!
//! A track there is enabled or not (ISO/IEC 14496-12 section 8.3.2), which is what readers take for the
//! default disposition. ffmpeg's writer enables the first subtitles of a file in which none are
//! the default, and has no option against it: the flag is taken back in the finished file.

use std::fs::{File, OpenOptions};
use std::io::{Read, Result, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

/// What a track of subtitles says of itself: text in MP4 and in QuickTime, pictures, closed captions.
const SUBTITLES: [&[u8; 4]; 5] = [b"sbtl", b"text", b"subt", b"subp", b"clcp"];
/// The bit of a track's flags that says it is enabled.
const ENABLED: u8 = 1;

/// A box of the file.
struct Part {
    kind: [u8; 4],
    /// Where what is in it stands, in bytes.
    body: Range<u64>,
}

/// Disables those subtitle tracks of the file at `path` for which `wanted`, `[subtitle track]`, is false.
///
/// # Errors
/// The file cannot be read or written.
pub(super) fn enable_subtitles(path: &Path, wanted: &[bool]) -> Result<()> {
    if wanted.iter().all(|wanted| *wanted) {
        return Ok(());
    }
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let whole = 0..file.metadata()?.len();
    let mut subtitles = Vec::new();
    for index in parts(&mut file, whole, *b"moov")? {
        for track in parts(&mut file, index, *b"trak")? {
            if is_subtitles(&mut file, track.clone())? {
                subtitles.extend(parts(&mut file, track, *b"tkhd")?.first().cloned());
            }
        }
    }
    // A track of chapter titles says the same of itself and comes after all of them.
    for (header, _) in subtitles.iter().zip(wanted).filter(|(_, wanted)| !**wanted) {
        // A version of one byte, then flags of three, the lowest last.
        let at = SeekFrom::Start(header.start + 3);
        let mut flags = [0];
        file.seek(at)?;
        file.read_exact(&mut flags)?;
        file.seek(at)?;
        file.write_all(&[flags[0] & !ENABLED])?;
    }
    Ok(())
}

/// Whether a track is one of subtitles.
fn is_subtitles(file: &mut File, track: Range<u64>) -> Result<bool> {
    let Some(media) = parts(file, track, *b"mdia")?.pop() else { return Ok(false) };
    let Some(handler) = parts(file, media, *b"hdlr")?.pop() else { return Ok(false) };
    // After version and flags, and four bytes of another meaning in each of the two formats.
    let mut kind = [0; 4];
    file.seek(SeekFrom::Start(handler.start + 8))?;
    file.read_exact(&mut kind)?;
    Ok(SUBTITLES.contains(&&kind))
}

/// The bodies of the boxes of one kind that stand in `within`, in order.
fn parts(file: &mut File, within: Range<u64>, kind: [u8; 4]) -> Result<Vec<Range<u64>>> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at + 8 <= within.end {
        let part = part(file, at, within.end)?;
        at = part.body.end;
        if part.kind == kind {
            found.push(part.body);
        }
    }
    Ok(found)
}

/// The box that begins at `at` and ends no later than `end`.
fn part(file: &mut File, at: u64, end: u64) -> Result<Part> {
    let mut head = [0; 8];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut head)?;
    let [a, b, c, d, kind @ ..] = head;
    let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
        // To the end of the file.
        0 => (8, end - at),
        1 => {
            let mut large = [0; 8];
            file.read_exact(&mut large)?;
            (16, u64::from_be_bytes(large))
        }
        size => (8, size.into()),
    };
    // A box never ends before its header does, nor after what it stands in.
    let body = at + header..at.saturating_add(size.max(header)).min(end).max(at + header);
    Ok(Part { kind, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(8 + body.len() as u32).to_be_bytes()[..], kind, body].concat()
    }

    fn track(handler: &[u8; 4]) -> Vec<u8> {
        let handler = part(b"hdlr", &[&[0; 8][..], handler].concat());
        part(b"trak", &[part(b"tkhd", &[0, 0, 0, 3, 9, 9]), part(b"mdia", &handler)].concat())
    }

    #[test]
    fn only_subtitles_that_are_not_wanted_are_disabled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mp4");
        // The media stand first, in a box with a size of 64 bits.
        let media = [&1_u32.to_be_bytes()[..], b"mdat", &19_u64.to_be_bytes(), b"abc"].concat();
        let tracks = [track(b"vide"), track(b"sbtl"), track(b"soun"), track(b"sbtl"), track(b"text")].concat();
        let before = [media, part(b"moov", &[part(b"mvhd", b"xx"), tracks].concat())].concat();
        std::fs::write(&path, &before).unwrap();
        enable_subtitles(&path, &[true, true]).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), before);
        enable_subtitles(&path, &[false, true]).unwrap();
        let after = std::fs::read(&path).unwrap();
        let changed: Vec<usize> = (0..before.len()).filter(|at| before[*at] != after[*at]).collect();
        let headers: Vec<usize> =
            before.windows(4).enumerate().filter(|(_, w)| w == b"tkhd").map(|(at, _)| at).collect();
        assert_eq!(changed, [headers[1] + 7]);
        assert_eq!(after[changed[0]], 2);
    }
}
