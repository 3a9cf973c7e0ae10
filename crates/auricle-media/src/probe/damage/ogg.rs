//! Through the pages of an Ogg file (RFC 3533, section 6).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Walk;
use crate::error::{MediaError, Result};

/// A page's header before its table of segments, bytes.
const HEADER: usize = 27;
/// The most bytes a page can have: header, 255 segments and their sizes.
const LONGEST_PAGE: usize = HEADER + 255 + 255 * 255;

/// What is wrong with an Ogg file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct OggDamage {
    /// Its last page is cut, or is not the last of its stream. What was lost cannot be known then.
    pub(super) breaks_off: bool,
    /// How often pages are missing, or are not what their checksum says, between pages that are whole.
    pub(super) places: usize,
    /// The position that the last whole page before the first of them states, in its codec's samples.
    pub(super) first_samples: u64,
}

/// Reads a file from end to end.
pub(super) fn walk(path: &Path) -> Result<OggDamage> {
    let io = |source| MediaError::Io { path: path.to_owned(), doing: "cannot read", source };
    through(File::open(path).map_err(io)?).map_err(io)
}

fn through(file: impl Read) -> std::io::Result<OggDamage> {
    let table = crc_table();
    let mut walk = Walk::new(file);
    let mut damage = OggDamage { breaks_off: true, ..OggDamage::default() };
    // Number of the next page of each stream, by the stream's own number.
    let mut next: BTreeMap<u32, u32> = BTreeMap::new();
    let mut samples = 0;
    let mut lost = false;
    loop {
        let ahead = walk.ahead(LONGEST_PAGE)?;
        if ahead.is_empty() {
            break;
        }
        if !ahead.starts_with(b"OggS") {
            let skip = ahead.windows(4).position(|word| word == b"OggS").unwrap_or_else(|| ahead.len().max(4) - 3);
            (lost, damage.breaks_off) = (true, true);
            walk.pass(skip);
            continue;
        }
        let size = page_size(ahead);
        let Some(page) = size.and_then(|size| ahead.get(..size)).filter(|page| crc(&table, page) == u32_at(page, 22))
        else {
            (lost, damage.breaks_off) = (true, true);
            walk.pass(4);
            continue;
        };
        let (flags, stream, number) = (page[5], u32_at(page, 14), u32_at(page, 18));
        let in_order = next.insert(stream, number.wrapping_add(1)).is_none_or(|due| due == number || flags & 2 != 0);
        if lost || !in_order {
            damage.first_samples = if damage.places == 0 { samples } else { damage.first_samples };
            damage.places += 1;
        }
        lost = false;
        damage.breaks_off = flags & 4 == 0;
        let position = u64::from(u32_at(page, 6)) | u64::from(u32_at(page, 10)) << 32;
        // A page on which no packet ends has none.
        samples = if position == u64::MAX { samples } else { position };
        let size = page.len();
        walk.pass(size);
    }
    Ok(damage)
}

/// How long the page that begins here says it is; `None` where its header is cut.
fn page_size(page: &[u8]) -> Option<usize> {
    let segments = usize::from(*page.get(26)?);
    let sizes = page.get(HEADER..HEADER + segments)?;
    Some(HEADER + segments + sizes.iter().map(|size| usize::from(*size)).sum::<usize>())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))
}

/// The checksum of a page, whose own place in it counts as zero: polynomial 0x04c11db7, nothing reflected.
fn crc(table: &[u32; 256], page: &[u8]) -> u32 {
    page.iter().enumerate().fold(0, |crc, (at, byte)| {
        let byte = if (22..26).contains(&at) { 0 } else { *byte };
        crc << 8 ^ table[usize::from((crc >> 24) as u8 ^ byte)]
    })
}

fn crc_table() -> [u32; 256] {
    std::array::from_fn(|byte| {
        (0..8).fold((byte as u32) << 24, |crc, _| if crc >> 31 == 1 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of one packet; its flags: 2 first, 4 last.
    fn page(number: u32, flags: u8, samples: u64) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend_from_slice(&samples.to_le_bytes());
        page.extend_from_slice(&7_u32.to_le_bytes());
        page.extend_from_slice(&number.to_le_bytes());
        page.extend_from_slice(&[0, 0, 0, 0, 1, 100]);
        page.extend((0..100).map(|i| i as u8 ^ number as u8));
        let crc = crc(&crc_table(), &page).to_le_bytes();
        page[22..26].copy_from_slice(&crc);
        page
    }

    fn pages() -> Vec<Vec<u8>> {
        vec![page(0, 2, 0), page(1, 0, 480), page(2, 0, 960), page(3, 4, 1440)]
    }

    #[test]
    fn a_whole_file_has_no_damage() {
        assert_eq!(through(&pages().concat()[..]).unwrap(), OggDamage::default());
        // One stream after another, as radio has it.
        assert_eq!(through(&[pages(), pages()].concat().concat()[..]).unwrap(), OggDamage::default());
    }

    #[test]
    fn a_flipped_byte_and_a_missing_page_are_found_with_their_place() {
        let damaged = OggDamage { breaks_off: false, places: 1, first_samples: 480 };
        let mut flipped = pages();
        flipped[2][60] ^= 1;
        assert_eq!(through(&flipped.concat()[..]).unwrap(), damaged);
        let mut missing = pages();
        missing.remove(2);
        assert_eq!(through(&missing.concat()[..]).unwrap(), damaged);
        let mut header = pages();
        header[2][0] = b'x';
        assert_eq!(through(&header.concat()[..]).unwrap(), damaged);
    }

    #[test]
    fn a_cut_file_breaks_off_and_is_not_damaged_elsewhere() {
        let whole = pages().concat();
        for length in [whole.len() - 1, whole.len() - 127, 300] {
            let cut = OggDamage { breaks_off: true, ..OggDamage::default() };
            assert_eq!(through(&whole[..length]).unwrap(), cut, "{length}");
        }
    }
}
