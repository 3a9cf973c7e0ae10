//! The film as output: every stream of the source as it was, and one more to hear.
//!
//! [`FilmPlan`] decides what goes in and refuses what cannot; [`FilmWriter`] runs ffmpeg, which copies
//! the source's packets and encodes the rendered sound as it comes through a pipe. Kept by copying:
//! picture, the other audio, subtitles, chapters, attached files, cover art, tags. MP4 and QuickTime
//! writers make the timecode track and the chapter track anew from the picture's `timecode` tag and the
//! chapters, so those two data tracks are not copied but are in the output. Subtitles change their
//! form, not their text, where the output's container differs from the source's.

mod codec;
mod enabled;
mod fits;
mod kept;
mod language;
mod opus;
mod plan;
mod write;

pub use codec::{Codec, FilmContainer};
pub use plan::{FilmPlan, FilmSpec, LeftOut, PlannedStream, Tracks, Treatment};
pub use write::FilmWriter;
