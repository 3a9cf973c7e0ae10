//! The specialist's examination: what a simulated ear measures as, against what it says that it is.
//!
//! ```text
//! audiometer -- tones --> bench: an ear, rendered --> detector: a normal ear that listens
//!      ^                                                             |
//!      +------------------------ heard, by so many dB ---------------+
//! ```
//!
//! [`examination::examine`] runs all of it on one ear and holds the results to the [`bars`]; each measure is a module
//! of its own and returns plain data. Everything is measured on rendered `f32` sound, as a listener would get it, and
//! is the same on every run.

pub mod audiometer;
pub mod bandwidth;
pub mod bars;
pub mod bench;
pub mod detector;
pub mod examination;
pub mod implant;
pub mod intelligibility;
pub mod latency;
pub mod noise;
pub mod recruitment;
pub mod smearing;
pub mod stoi;

pub use audiometer::Found;
pub use bandwidth::Bandwidth;
pub use bars::{Bar, Strictness, rms_and_worst};
pub use examination::{CannotExamine, EarExamination, SpeechRow, ThresholdRow, examine};
pub use implant::{ImplantExamination, examine_implant};
pub use intelligibility::Effort;
pub use latency::Latency;
pub use noise::{InFilter, NoiseGrowth, noise_growth};
pub use recruitment::Growth;
pub use smearing::Neutrality;
