//! A cue sheet and its listeners, compiled for one sample rate: whose ears at which sample.

use crate::cue::{CueSheet, CueSpan};
use crate::fault::Faults;
use crate::level::Calibration;
use crate::listener::Listener;

/// What an [`Audition`](crate::audition::Audition) plays: cues on the sample grid.
#[derive(Debug, Clone)]
pub struct Program {
    sample_rate_hz: u32,
    spans: Vec<CueSpan>,
}

impl Program {
    /// Compiles a cue sheet.
    ///
    /// `listeners` gives for every reference of the sheet ("preset:drummer", a path) its listener.
    /// `length_samples`, where known, is where a cue ends that runs to the end of the film.
    ///
    /// # Errors
    /// Every cue whose listener or state is unknown, as a fault.
    pub fn compile(
        sheet: &CueSheet,
        listeners: &[(String, Listener)],
        sample_rate_hz: u32,
        length_samples: Option<u64>,
    ) -> Result<Self, Faults> {
        let _ = (sheet, listeners, length_samples);
        Ok(Self {
            sample_rate_hz,
            spans: Vec::new(),
        })
    }

    /// Inside `listener`'s state `state` from the first sample to the last.
    ///
    /// # Errors
    /// The state is unknown.
    pub fn throughout(
        listener: &Listener,
        state: &str,
        calibration: Calibration,
        seed: u64,
        sample_rate_hz: u32,
    ) -> Result<Self, Faults> {
        let _ = (listener, state, calibration, seed);
        Ok(Self {
            sample_rate_hz,
            spans: Vec::new(),
        })
    }

    /// The cues on the sample grid, in order of entering.
    pub fn spans(&self) -> &[CueSpan] {
        &self.spans
    }

    /// The rate the program was compiled for.
    pub fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }
}
