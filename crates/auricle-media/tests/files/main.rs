//! Files through the library: what goes in comes out, in place, to the sample.
//!
//! Films are made by the ffmpeg program, which these tests need (`cargo xtask test` installs it).

#[cfg(test)]
mod films;
#[cfg(test)]
mod quirks;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod sounds;
#[cfg(test)]
mod support;
