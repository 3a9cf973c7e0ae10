//! The report of a render: what was done to the sound, so that it can be seen, and everything needed
//! to render it again.
//!
//! [`Recorder`] listens in while the render runs and hands back [`Measurements`].

mod columns;
mod loudness;
mod measurements;
mod recorder;
mod reduce;
mod sections;
mod spectra;
mod true_peak;

pub use measurements::{
    Measurements, OCTAVES_HZ, Peak, SectionLevels, SideLevels, SpanLevels, Spectrogram, Waveform,
};
pub use recorder::{Recorder, RecorderConfig};
