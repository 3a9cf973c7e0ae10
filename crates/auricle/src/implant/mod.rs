//! Hearing with a cochlear implant.

pub mod percept;
