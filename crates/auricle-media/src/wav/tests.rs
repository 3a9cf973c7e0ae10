//! Headers as they should be, as they should not be, and as they are anyway.

use std::io::Cursor;
use std::path::Path;

use auricle::layout::Layout;
use proptest::prelude::*;

use super::*;
use crate::audio::AudioReader;
use crate::error::{MediaError, Result};

/// A chunk with its padding.
fn chunk(id: &[u8; 4], size: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = [&id[..], &size.to_le_bytes(), data].concat();
    if data.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// A format chunk of plain 16-bit samples.
fn format(channels: u16, rate: u32) -> Vec<u8> {
    let block = channels * 2;
    let mut data = [1_u16.to_le_bytes(), channels.to_le_bytes()].concat();
    data.extend_from_slice(&rate.to_le_bytes());
    data.extend_from_slice(&(rate.wrapping_mul(u32::from(block))).to_le_bytes());
    data.extend_from_slice(&block.to_le_bytes());
    data.extend_from_slice(&16_u16.to_le_bytes());
    chunk(b"fmt ", 16, &data)
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"RIFF\0\0\0\0WAVE".to_vec(), chunks.concat()].concat()
}

fn parse(bytes: &[u8]) -> Result<WavHeader> {
    WavHeader::parse(&mut Cursor::new(bytes), Path::new("test.wav"), bytes.len() as u64)
}

fn message(bytes: &[u8]) -> String {
    parse(bytes).unwrap_err().to_string()
}

fn read_all(bytes: &[u8]) -> Result<Vec<Vec<f32>>> {
    let mut reader = WavReader::new(Cursor::new(bytes), parse(bytes)?)?;
    let channels = reader.layout().channels();
    let mut all = vec![Vec::new(); channels];
    let mut block = vec![vec![0.0; 333]; channels];
    loop {
        let mut views: Vec<&mut [f32]> = block.iter_mut().map(Vec::as_mut_slice).collect();
        let count = reader.read(&mut views)?;
        if count == 0 {
            return Ok(all);
        }
        for (all, block) in all.iter_mut().zip(&block) {
            all.extend_from_slice(&block[..count]);
        }
    }
}

fn write(sound: &[Vec<f32>], layout: &Layout, options: WavOptions) -> Vec<u8> {
    let sink = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(sink, Path::new("test.wav"), 48_000, layout, options).unwrap();
    let views: Vec<&[f32]> = sound.iter().map(Vec::as_slice).collect();
    writer.append(&views).unwrap();
    writer.complete().unwrap().into_inner()
}

#[test]
fn sizes_that_streaming_writers_leave_mean_the_rest_of_the_file() {
    for size in [0, u32::MAX] {
        let bytes = riff(&[format(2, 48_000), chunk(b"data", size, &[1; 400])]);
        assert_eq!(parse(&bytes).unwrap().length_samples(), 100, "{size:#x}");
    }
}

#[test]
fn a_size_of_0_is_meant_where_other_chunks_follow() {
    let list = chunk(b"LIST", 4, b"INFO");
    assert_eq!(parse(&riff(&[format(1, 8_000), chunk(b"data", 0, &[]), list])).unwrap().length_samples(), 0);
    assert_eq!(parse(&riff(&[format(1, 8_000), chunk(b"data", 0, &[])])).unwrap().length_samples(), 0);
}

#[test]
fn a_file_that_broke_off_says_how_much_is_there() {
    let text = message(&riff(&[format(2, 48_000), chunk(b"data", 4000, &[1; 400])]));
    assert!(text.contains("promises 1000 samples per channel, 100 are there"), "{text}");
}

#[test]
fn a_last_block_that_is_not_whole_is_left_out() {
    let bytes = riff(&[format(2, 48_000), chunk(b"data", 7, &[1; 7])]);
    assert_eq!(parse(&bytes).unwrap().length_samples(), 1);
}

#[test]
fn damaged_headers_say_what_is_wrong() {
    assert!(message(b"RIFF").contains("too short"));
    assert!(message(b"RIFF\0\0\0\0AVI hello there").contains("not a WAV"));
    assert!(message(&riff(&[format(0, 48_000), chunk(b"data", 4, &[0; 4])])).contains("0 channels"));
    assert!(message(&riff(&[format(1, 0), chunk(b"data", 4, &[0; 4])])).contains("0 samples per second"));
    assert!(message(&riff(&[format(1, 48_000)])).contains("no samples"));
    assert!(message(&riff(&[chunk(b"data", 4, &[0; 4])])).contains("no format chunk"));
    assert!(message(&riff(&[chunk(b"fmt ", 4, &[1, 0, 1, 0]), chunk(b"data", 4, &[0; 4])])).contains("too short"));
    let mut bits = format(1, 48_000);
    bits[22] = 77;
    bits[20] = 0;
    assert!(message(&riff(&[bits, chunk(b"data", 4, &[0; 4])])).contains("no WAV file has"));
    // A chunk that claims more than there is, before the samples.
    let lying = riff(&[format(1, 48_000), chunk(b"LIST", 1 << 30, b"INFO"), chunk(b"data", 4, &[0; 4])]);
    assert!(message(&lying).contains("no samples"));
}

#[test]
fn odd_chunks_are_followed_with_and_without_padding() {
    let data = chunk(b"data", 4, &[0; 4]);
    let padded = riff(&[chunk(b"note", 3, b"abc"), format(1, 48_000), data.clone()]);
    let unpadded = riff(&[b"note\x03\0\0\0abc".to_vec(), format(1, 48_000), data]);
    for bytes in [padded, unpadded] {
        let header = parse(&bytes).unwrap();
        assert_eq!(header.length_samples(), 2);
        assert_eq!(header.chunks, [Chunk { id: *b"note", data: b"abc".to_vec() }]);
    }
}

#[test]
fn a_layout_without_a_place_is_named() {
    let bytes = riff(&[format(5, 48_000), chunk(b"data", 20, &[0; 20])]);
    let text = read_all(&bytes).unwrap_err().to_string();
    assert!(text.contains("5 channels") && text.contains("convert it first"), "{text}");
}

#[test]
fn past_the_limit_it_becomes_rf64_and_reads_the_same() {
    let sound: Vec<Vec<f32>> = (0..2).map(|c| (0..1001).map(|i| (i as f32 + c as f32) / 4096.0).collect()).collect();
    for format in [WavFormat::Int24, WavFormat::Float32] {
        let mut options = WavOptions::new(format);
        options.riff_limit_bytes = 1000;
        let bytes = write(&sound, &Layout::stereo(), options.clone());
        assert_eq!(&bytes[..4], b"RF64");
        assert_eq!(&bytes[12..16], b"ds64");
        assert_eq!(u64::from_le_bytes(bytes[20..28].try_into().unwrap()), bytes.len() as u64 - 8);
        assert_eq!(u64::from_le_bytes(bytes[36..44].try_into().unwrap()), 1001);
        assert_eq!(read_all(&bytes).unwrap(), sound);
        options.riff_limit_bytes = u64::from(u32::MAX);
        let small = write(&sound, &Layout::stereo(), options);
        assert_eq!(&small[..4], b"RIFF");
        assert_eq!(&small[12..16], b"JUNK");
        assert_eq!(read_all(&small).unwrap(), sound);
    }
}

/// A file of which only the header is real: everything after it reads as zeros.
struct Sparse {
    head: Vec<u8>,
    bytes: u64,
    at: u64,
}

impl std::io::Read for Sparse {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = (out.len() as u64).min(self.bytes.saturating_sub(self.at)) as usize;
        for (index, byte) in out[..count].iter_mut().enumerate() {
            *byte = self.head.get(self.at as usize + index).copied().unwrap_or(0);
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl std::io::Seek for Sparse {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        if let std::io::SeekFrom::Start(at) = to {
            self.at = at;
        }
        Ok(self.at)
    }
}

#[test]
fn sizes_over_4_gib_are_read() {
    let data_bytes = 6_220_800_000_u64; // two hours of 5.1 at 24 bit, 48 kHz
    let mut ds64 = (data_bytes + 72).to_le_bytes().to_vec();
    ds64.extend_from_slice(&data_bytes.to_le_bytes());
    ds64.extend_from_slice(&[0; 12]);
    let head = [
        b"RF64\xFF\xFF\xFF\xFFWAVE".to_vec(),
        chunk(b"ds64", 28, &ds64),
        format(2, 48_000),
        b"data\xFF\xFF\xFF\xFF".to_vec(),
    ]
    .concat();
    let bytes = head.len() as u64 + data_bytes;
    let mut whole = Sparse { head: head.clone(), bytes, at: 0 };
    let header = WavHeader::parse(&mut whole, Path::new("test.wav"), bytes).unwrap();
    assert_eq!(header.length_samples(), data_bytes / 4);
    let mut cut = Sparse { head, bytes: bytes - 4_000_000_000, at: 0 };
    let text = WavHeader::parse(&mut cut, Path::new("test.wav"), bytes - 4_000_000_000).unwrap_err().to_string();
    assert!(text.contains("1555200000 samples per channel, 555200000 are there"), "{text}");
}

#[test]
fn the_broadcast_extension_goes_through_and_its_time_can_be_moved() {
    let mut raw = vec![0; 602];
    raw[..5].copy_from_slice(b"Reel4");
    raw[256..261].copy_from_slice(b"Mixer");
    raw[320..338].copy_from_slice(b"2026-03-0110:20:30");
    raw[338..346].copy_from_slice(&172_800_000_u64.to_le_bytes());
    raw.extend_from_slice(b"A=PCM,F=48000\r\n");
    let mut options = WavOptions::new(WavFormat::Int24);
    options.bext = Bext::parse(&raw);
    options.chunks.push(Chunk { id: *b"iXML", data: b"<x/>a".to_vec() });
    let bytes = write(&[vec![0.0; 3]], &Layout::mono(), options);
    let header = parse(&bytes).unwrap();
    let bext = header.bext.unwrap();
    assert_eq!((bext.description.as_str(), bext.originator.as_str()), ("Reel4", "Mixer"));
    assert_eq!(bext.time_reference_samples, 172_800_000);
    assert_eq!(bext.bytes(), raw);
    assert_eq!(header.chunks, [Chunk { id: *b"iXML", data: b"<x/>a".to_vec() }]);
    let moved = bext.with_time_reference(7);
    assert_eq!(Bext::parse(moved.bytes()).unwrap().time_reference_samples, 7);
}

#[test]
fn a_block_of_other_channels_is_refused() {
    let sink = Cursor::new(Vec::new());
    let options = WavOptions::new(WavFormat::Int24);
    let mut writer = WavWriter::new(sink, Path::new("test.wav"), 48_000, &Layout::stereo(), options).unwrap();
    assert!(matches!(writer.append(&[&[0.0]]), Err(MediaError::Usage(_))));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        layout in prop_oneof![
            Just(Layout::mono()), Just(Layout::stereo()), Just(Layout::surround_5_1()), Just(Layout::surround_7_1())
        ],
        values in prop::collection::vec(-8_388_608_i32..=8_388_607, 0..600),
        float in any::<bool>(),
    ) {
        let length = values.len() / layout.channels();
        let sound: Vec<Vec<f32>> =
            values.chunks(length.max(1)).take(layout.channels()).map(|c| c.iter().map(|v| *v as f32 / 8_388_608.0).collect()).collect();
        prop_assume!(sound.len() == layout.channels() && sound.iter().all(|c| c.len() == length));
        let format = if float { WavFormat::Float32 } else { WavFormat::Int24 };
        let bytes = write(&sound, &layout, WavOptions::new(format));
        let header = parse(&bytes).unwrap();
        prop_assert_eq!(header.layout(), Some(layout));
        prop_assert_eq!(read_all(&bytes).unwrap(), sound);
    }

    #[test]
    fn floats_go_through_bit_for_bit(bits in prop::collection::vec(any::<u32>(), 1..200)) {
        let sound = vec![bits.iter().map(|b| f32::from_bits(*b)).collect::<Vec<_>>()];
        let bytes = write(&sound, &Layout::mono(), WavOptions::new(WavFormat::Float32));
        let back: Vec<u32> = read_all(&bytes).unwrap()[0].iter().map(|s| s.to_bits()).collect();
        prop_assert_eq!(back, bits);
    }

    #[test]
    fn no_bytes_whatever_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), place in 0_usize..120, byte in any::<u8>()) {
        let _ = read_all(&bytes);
        // Nearly right is where the dangers are.
        let mut near = riff(&[format(2, 48_000), chunk(b"bext", 10, &[7; 10]), chunk(b"data", 40, &[3; 40])]);
        near.extend_from_slice(&bytes);
        let place = place % near.len();
        near[place] = byte;
        let _ = read_all(&near);
        near.truncate(place);
        let _ = read_all(&near);
    }
}
