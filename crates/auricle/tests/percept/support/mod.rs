//! Voices and other signals, rulers to measure them by, recordings, and a runner.

pub(crate) mod measure;
pub(crate) mod media;
pub(crate) mod run;
pub(crate) mod voice;
