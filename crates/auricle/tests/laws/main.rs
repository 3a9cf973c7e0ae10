//! The nine laws: what holds for everything in the model, one property a file.
//!
//! They are held over the whole [`Audition`](auricle::audition::Audition), for the cases and signals of
//! [`support`]. A new condition of hearing joins all of them by being listed in [`support::cases`].

#[expect(dead_code, reason = "what the tests of the implant's device use, of which laws do not need all")]
#[path = "../implant_device/support.rs"]
mod implant_device;
mod support;

mod law_1_blocks;
mod law_2_reset;
mod law_3_healthy;
mod law_4_silence;
mod law_5_latency;
mod law_6_between;
mod law_6_monotone;
mod law_7_allocation;
mod law_8_seed;
mod law_9_level;
