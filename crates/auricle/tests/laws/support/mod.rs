//! What the laws are held over: cases (who listens, when, in which layout), signals, and a runner.

pub(crate) mod cases;
pub(crate) mod levels;
pub(crate) mod listeners;
pub(crate) mod run;
pub(crate) mod signals;
