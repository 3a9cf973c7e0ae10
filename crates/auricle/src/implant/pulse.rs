//! The pulse: what an electrodogram is a table of.

/// Ticks of the clock on which pulses lie, per second: 0.1 microseconds each.
///
/// Fine enough for every quantity of the devices modelled: 25 and 7 microseconds (ACE), 30 and 2.1 (CIS), cycles of
/// 540 (current steering), samples of 64 (15,625 Hz).
pub const TICKS_PER_SEC: u64 = 10_000_000;

/// Current levels of a device's clinical scale, from 0 to this.
pub const MAX_CURRENT_LEVEL: u16 = 255;

/// Where a pulse's current returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// The ball electrode under the temporalis muscle.
    Mp1,
    /// The plate on the receiver's case.
    Mp2,
    /// Both at once: the ordinary monopolar mode.
    Mp1And2,
    /// The neighbouring electrode of the array.
    Bipolar,
}

/// One biphasic pulse, cathodic phase first, both phases of one width and one current: no charge stays.
///
/// Two electrodes that fire at once are two pulses of one onset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pulse {
    /// Onset of the first phase, in ticks from the first sample of the sound that was taken in.
    pub onset_ticks: u64,
    /// The electrode, from 1 at the base of the cochlea (highest frequency) to the apex.
    pub electrode: u8,
    /// Where the current returns.
    pub mode: Mode,
    /// Current on the device's clinical scale, 0 (none) to [`MAX_CURRENT_LEVEL`].
    pub current_level: u16,
    /// Current, microamperes.
    pub current_ua: f32,
    /// Width of each phase, in ticks.
    pub phase_ticks: u32,
    /// Time between the phases, in ticks.
    pub gap_ticks: u32,
}

impl Pulse {
    /// Ticks from the onset of the first phase to the end of the second.
    pub fn duration_ticks(&self) -> u64 {
        2 * u64::from(self.phase_ticks) + u64::from(self.gap_ticks)
    }
}

/// What takes pulses as they are made, in the order of their onsets.
pub trait PulseSink {
    /// Takes one pulse. Called on the audio thread: real-time safe.
    fn pulse(&mut self, pulse: Pulse);
}

impl<F: FnMut(Pulse)> PulseSink for F {
    fn pulse(&mut self, pulse: Pulse) {
        self(pulse);
    }
}
