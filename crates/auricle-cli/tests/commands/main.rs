//! The commands as a user runs them: what they write, what they say, and how they end.
#![expect(clippy::unwrap_used, reason = "a test ends where what it stands on fails")]

mod bad_input;
mod check;
mod containers;
mod cuts;
mod damage;
mod destination;
mod early;
mod electrodogram;
mod examine;
mod film;
mod film_words;
mod holes;
mod interrupted;
mod listeners;
mod memory;
mod msbg;
mod sound;
mod support;
mod tags;
mod told;
mod tools;
