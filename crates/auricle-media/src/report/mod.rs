//! The report of a render: what was done to the sound, so that it can be seen, and everything needed
//! to render it again.
//!
//! [`Recorder`] listens in while the render runs and hands back [`Measurements`]; [`render_html`] makes
//! one HTML file of them and of what is known of the render ([`InputForReport`]).

pub(crate) mod audiogram;
mod change;
mod clock;
pub(crate) mod colour;
pub(crate) mod columns;
mod implant;
mod input;
mod listeners;
mod loudness;
mod measurements;
pub(crate) mod page;
pub(crate) mod picture;
mod place_map;
mod recorder;
mod reduce;
mod sections;
mod spectra;
mod stimulation;
mod strip;
mod tables;
pub(crate) mod text;
mod timeline;
pub(crate) mod words;

pub use audiogram::{AudiogramOptions, Ears, Measured, audiogram_svg, measured_audiogram_svg};
pub use implant::implant_in_words;
pub use input::{FileFacts, FileText, InputForReport, ReportListener, SoundFacts};
pub use measurements::{
    Measurements, OCTAVES_HZ, Peak, SectionLevels, SideLevels, SpanLevels, Spectrogram, Stimulation, Waveform,
};
pub use page::render_html;
pub use recorder::{Recorder, RecorderConfig};
pub use stimulation::Worn;
