//! A cochlear implant, from the microphone to the electrodes to what it sounds like.
//!
//! ```text
//!            processor                 cochlea under stimulation
//!  sound ------------------ pulses ------------------------------ resynthesis -- sound   information
//!    |    front end, bands,    |       places, spread of            tones, bursts,
//!    |    strategy, growth     |       excitation, dead regions     noise bands
//!    |                         +-- electrodogram: a table of events, exchanged as files
//!    |
//!    +-- percept: filters, smearing, flat melody, shift, ring --------------------- sound   percept
//! ```
//!
//! The information renderer makes audible what the device transmits and the nerve can tell apart; the percept
//! renderer what people with one normal ear say that it sounds like. They answer different questions, and each
//! result says by which of them it was made.

mod check;
pub mod cochlea;
pub mod information;
pub mod params;
pub mod percept;
pub mod processor;
pub mod pulse;
pub mod resynthesis;
