//! Files through the library: what goes in comes out, in place, to the sample.
//!
//! Films are made by the ffmpeg program, which these tests need (`cargo xtask test` installs it).

mod films;
mod quirks;
mod refusals;
mod sounds;
mod support;
