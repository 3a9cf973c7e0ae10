//! The implant's device: pulses as the strategies, the map and the clock say they are.

mod ace;
mod faults;
mod growth;
mod strategies;
mod support;
mod time;
