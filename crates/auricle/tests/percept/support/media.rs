//! Real recordings beside the repository.

use std::path::Path;

/// A mono recording of 16-bit PCM as `(Hz, samples)`, or `None` after saying that it is not there.
pub(crate) fn speech(name: &str) -> Option<(u32, Vec<f32>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media/speech").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("real recording: {name}: NOT THERE, this part did not run");
        return None;
    };
    println!("real recording: {name}: used");
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    let (mut at, mut rate_hz) = (12, 0);
    while at + 8 <= bytes.len() {
        let (kind, size) = (&bytes[at..at + 4], word(at + 4) as usize);
        if kind == b"fmt " {
            assert_eq!(word(at + 8), 0x0001_0001, "{name} is not mono PCM");
            rate_hz = word(at + 12);
        }
        if kind == b"data" {
            let data = &bytes[at + 8..bytes.len().min(at + 8 + size)];
            let sample = |pair: &[u8]| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0;
            return Some((rate_hz, data.chunks_exact(2).map(sample).collect()));
        }
        at += 8 + size + size % 2;
    }
    panic!("{name} has no data");
}
