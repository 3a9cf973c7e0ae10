//! Captions that follow whose ears we are in: read WebVTT and SRT, label the cues, write WebVTT.
//!
//! Times are milliseconds from the film's first frame, as in WebVTT.

mod labels;
mod markup;
mod pov;
mod read;
mod write;

pub use pov::{PovInput, pov_captions};
pub use read::{Skipped, Transcript, parse, read};
pub use write::{to_webvtt, to_webvtt_with};

/// One caption.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caption {
    /// The identifier its file gave it.
    pub id: Option<String>,
    /// First moment shown, ms.
    pub begins_ms: u64,
    /// First moment no longer shown, ms; above `begins_ms`.
    pub ends_ms: u64,
    /// WebVTT cue settings: "line:0 align:start"; may be empty.
    pub settings: String,
    /// WebVTT cue text: may hold tags and entities, lines are joined by `\n`, none is empty.
    pub text: String,
}
