//! What a decoder complains of while it decodes, counted and placed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// ffmpeg's words for a packet that could not be decoded: of versions up to 6 and from 7 on.
const PACKET_LOST: [&str; 2] = ["Error while decoding stream", "Error submitting packet to decoder"];
/// Names of decoders that are not those of their codecs.
const DECODERS: [(&str, &str); 3] = [("mp3", "mp3float"), ("mp2", "mp2float"), ("dts", "dca")];

/// What was heard so far.
#[derive(Debug, Clone)]
pub(super) struct Complaints {
    /// How the decoder's own lines begin: "[aac @".
    beginnings: Vec<String>,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Debug, Default)]
struct Heard {
    /// Lines of the program about packets that are lost.
    packets: u64,
    /// Lines of the decoder itself.
    lines: u64,
    /// What had been decoded when the first came, in bytes, and its words.
    first: Option<(u64, String)>,
}

/// Hears one program's lines.
pub(super) struct Hearing {
    complaints: Complaints,
    /// What it has decoded, in bytes.
    received: Arc<AtomicU64>,
}

impl Complaints {
    /// Of the decoder of a codec.
    pub(super) fn of(codec: &str) -> Self {
        let others = DECODERS.iter().filter(|(name, _)| *name == codec).map(|(_, decoder)| *decoder);
        let beginnings = std::iter::once(codec).chain(others).map(|name| format!("[{name} @")).collect();
        Self { beginnings, heard: Arc::default() }
    }

    /// Who hears a program that has decoded `received` bytes so far.
    pub(super) fn hearing(&self, received: Arc<AtomicU64>) -> Hearing {
        Hearing { complaints: self.clone(), received }
    }

    /// How many packets were lost, or how often the decoder complained where it lost none; what had been decoded by then,
    /// in bytes; and the first words. `None` where all went well.
    pub(super) fn heard(&self) -> Option<(u64, u64, String)> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, said) = heard.first.clone()?;
        Some((if heard.packets > 0 { heard.packets } else { heard.lines }, bytes, said))
    }
}

impl Hearing {
    /// Takes in a line of the program's error output.
    pub(super) fn hear(&mut self, line: &str) {
        let lost = PACKET_LOST.iter().any(|words| line.contains(words));
        let own = self.complaints.beginnings.iter().any(|beginning| line.starts_with(beginning));
        if !lost && !own {
            return;
        }
        let mut heard = self.complaints.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.packets += u64::from(lost);
        heard.lines += u64::from(own);
        // "[aac @ 0x5581a] words": the address says nothing.
        let words = line.split_once("] ").filter(|_| own).map_or(line, |(_, words)| words);
        let bytes = self.received.load(Ordering::Relaxed);
        heard.first.get_or_insert_with(|| (bytes, words.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_packets_are_counted_and_other_streams_are_not() {
        let complaints = Complaints::of("aac");
        let received = Arc::new(AtomicU64::new(0));
        let mut hearing = complaints.hearing(Arc::clone(&received));
        hearing.hear("[h264 @ 0x55] no frame!");
        assert_eq!(complaints.heard(), None);
        received.store(4800, Ordering::Relaxed);
        for line in ["[aac @ 0x55] Prediction is not allowed.", "Error while decoding stream #0:1: Invalid data"] {
            hearing.hear(line);
        }
        received.store(9600, Ordering::Relaxed);
        hearing.hear("[aac @ 0x55] Reserved bit set.");
        assert_eq!(complaints.heard(), Some((1, 4800, "Prediction is not allowed.".to_owned())));
    }

    #[test]
    fn a_decoder_that_goes_on_is_heard_by_its_lines() {
        let complaints = Complaints::of("mp3");
        let mut hearing = complaints.hearing(Arc::default());
        for _ in 0..3 {
            hearing.hear("[mp3float @ 0x55] overread, skip -5 enddists: -4 -4");
        }
        assert_eq!(complaints.heard().map(|heard| heard.0), Some(3));
    }
}
