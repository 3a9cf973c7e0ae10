//! Auricle: a listener's hearing as a signal processor.
pub mod aging;
pub mod audiogram;
pub mod audition;
pub mod cue;
pub mod dsp;
pub mod ear;
pub mod fault;
mod form;
pub mod implant;
pub mod layout;
pub mod level;
pub mod listener;
pub mod measure;
mod movement;
pub mod msbg;
pub mod noise_exposure;
pub mod presets;
pub mod program;
