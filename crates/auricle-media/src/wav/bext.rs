//! The broadcast extension chunk (EBU Tech 3285, version 2).

use serde::Serialize;

/// Size of the fixed part of the chunk; the coding history follows.
const FIXED_BYTES: usize = 602;

/// What a broadcast WAV says of itself. The chunk is kept whole, so that fields not named here (UMID,
/// loudness) are written back as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bext {
    /// Free text.
    pub description: String,
    /// Who made it.
    pub originator: String,
    /// Their reference for it.
    pub originator_reference: String,
    /// "yyyy-mm-dd".
    pub origination_date: String,
    /// "hh:mm:ss".
    pub origination_time: String,
    /// First sample's count since midnight.
    pub time_reference_samples: u64,
    #[serde(skip)]
    raw: Vec<u8>,
}

impl Bext {
    /// Reads the chunk's bytes; `None` where they are too few.
    pub fn parse(raw: &[u8]) -> Option<Self> {
        let text = |range: std::ops::Range<usize>| {
            let bytes = raw.get(range)?;
            let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
            Some(String::from_utf8_lossy(&bytes[..end]).trim_end().to_owned())
        };
        if raw.len() < FIXED_BYTES {
            return None;
        }
        Some(Self {
            description: text(0..256)?,
            originator: text(256..288)?,
            originator_reference: text(288..320)?,
            origination_date: text(320..330)?,
            origination_time: text(330..338)?,
            time_reference_samples: u64::from_le_bytes(raw.get(338..346)?.try_into().ok()?),
            raw: raw.to_vec(),
        })
    }

    /// The chunk's bytes, as they were read.
    pub fn bytes(&self) -> &[u8] {
        &self.raw
    }

    /// The same with another first sample, for a sound that begins elsewhere or has another rate.
    #[must_use]
    pub fn with_time_reference(mut self, samples: u64) -> Self {
        self.time_reference_samples = samples;
        if let Some(field) = self.raw.get_mut(338..346) {
            field.copy_from_slice(&samples.to_le_bytes());
        }
        self
    }
}
