//! The information path of an implant: levels, latency, modulation, intelligibility.

mod scratch;
mod support;
