//! The percept renderer: does each operation do what it says, measured on what comes out; and do the laws hold.
//!
//! Everything is held on signals made here; where `../shared/media` has real recordings, `real_speech` uses them too.
#![expect(clippy::print_stdout, reason = "what is measured is worth reading where a test passes too")]

mod support;

mod allocation;
mod glides;
mod laws;
mod level;
mod operations;
mod real_speech;
