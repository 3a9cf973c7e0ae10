//! The information path of an implant: the laws that hold for it, levels, latency, modulation, intelligibility.

mod intelligibility;
mod laws;
mod levels;
mod modulation;
mod speech;
mod support;
