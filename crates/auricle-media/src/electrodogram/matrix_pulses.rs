//! From columns of currents to pulses.

use std::collections::BTreeMap;

use auricle::implant::processor::current::CurrentScale;
use auricle::implant::pulse::{Mode, Pulse};

use super::matrix::SAMPLE_TICKS;
use super::units::{current_level, usual_scale};

/// Longest gap between two phases, samples: 1 ms. What comes later is no second phase.
const MAX_GAP_SAMPLES: u32 = 56;

/// What is wrong with a matrix, and where.
pub(super) struct Fault {
    /// From 1.
    pub(super) electrode: usize,
    /// From 0.
    pub(super) sample: u64,
    pub(super) message: String,
}

/// Where an electrode is in a pulse.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Idle,
    /// In the first phase.
    First {
        begins: u64,
        ua: f64,
        samples: u32,
    },
    /// Between the phases.
    Gap {
        begins: u64,
        ua: f64,
        samples: u32,
        gap: u32,
    },
    /// In the second phase.
    Second {
        begins: u64,
        ua: f64,
        samples: u32,
        gap: u32,
        done: u32,
    },
}

/// Puts pulses together.
pub(super) struct Assembly {
    states: Vec<State>,
    scale: CurrentScale,
    /// Pulses that are whole, by onset and electrode, until no earlier one can come.
    whole: BTreeMap<(u64, u8), Pulse>,
    /// Sign of first phases, of the first of all.
    sign: Option<f64>,
    sample: u64,
}

impl Assembly {
    pub(super) fn new(electrodes: u8) -> Self {
        let states = vec![State::Idle; usize::from(electrodes)];
        Self { states, scale: usual_scale(electrodes), whole: BTreeMap::new(), sign: None, sample: 0 }
    }

    /// Takes the currents of all electrodes at the next sample; pulses that are whole go to `pulses`, in order.
    ///
    /// # Errors
    /// A current is no number; charge stays.
    pub(super) fn column(&mut self, currents: &[f64], pulses: &mut Vec<Pulse>) -> Result<(), Fault> {
        for (index, ua) in currents.iter().enumerate() {
            let state = self.states[index];
            if *ua == 0.0 && state == State::Idle {
                continue;
            }
            let next = self.step(index, state, *ua);
            self.states[index] =
                next.map_err(|message| Fault { electrode: index + 1, sample: self.sample, message })?;
        }
        self.sample += 1;
        let begun = self.states.iter().filter_map(|state| match state {
            State::Idle => None,
            State::First { begins, .. } | State::Gap { begins, .. } | State::Second { begins, .. } => Some(*begins),
        });
        let before = begun.min().unwrap_or(self.sample);
        while let Some(entry) = self.whole.first_entry()
            && entry.key().0 < before
        {
            pulses.push(entry.remove());
        }
        Ok(())
    }

    /// Ends the matrix.
    ///
    /// # Errors
    /// A pulse is not whole.
    pub(super) fn finish(&mut self, pulses: &mut Vec<Pulse>) -> Result<(), Fault> {
        if let Some(index) = self.states.iter().position(|state| *state != State::Idle) {
            let message = "the matrix ends within a pulse: charge would stay".to_owned();
            return Err(Fault { electrode: index + 1, sample: self.sample, message });
        }
        pulses.extend(std::mem::take(&mut self.whole).into_values());
        Ok(())
    }

    fn step(&mut self, index: usize, state: State, ua: f64) -> Result<State, String> {
        if !ua.is_finite() || ua.abs() > f64::from(f32::MAX) {
            return Err(format!("{ua} is no current"));
        }
        match state {
            State::Idle if ua == 0.0 => Ok(State::Idle),
            State::Idle => {
                // Which sign is cathodic differs; within one matrix it is one.
                if *self.sign.get_or_insert(ua.signum()) != ua.signum() {
                    return Err(format!(
                        "a pulse begins with {ua} uA, where those before it begin with the other sign: charge would stay"
                    ));
                }
                Ok(State::First { begins: self.sample, ua, samples: 1 })
            }
            State::First { begins, ua: first, samples } if ua == first => {
                Ok(State::First { begins, ua: first, samples: samples + 1 })
            }
            State::First { begins, ua: first, samples } if ua == 0.0 => {
                Ok(State::Gap { begins, ua: first, samples, gap: 1 })
            }
            State::First { begins, ua: first, samples } => self.second(index, (begins, first, samples, 0), ua),
            State::Gap { begins, ua: first, samples, gap } if ua == 0.0 => {
                if gap == MAX_GAP_SAMPLES {
                    return Err(format!("no second phase follows the first one, of {first} uA: charge would stay"));
                }
                Ok(State::Gap { begins, ua: first, samples, gap: gap + 1 })
            }
            State::Gap { begins, ua: first, samples, gap } => self.second(index, (begins, first, samples, gap), ua),
            State::Second { begins, ua: first, samples, gap, done } => {
                if ua != -first {
                    return Err(format!(
                        "the second phase goes on with {ua} uA after {done} of {samples} samples of {} uA: charge would stay",
                        -first
                    ));
                }
                Ok(self.done(index, (begins, first, samples, gap), done + 1))
            }
        }
    }

    /// Begins the second phase with `ua`.
    fn second(&mut self, index: usize, pulse: (u64, f64, u32, u32), ua: f64) -> Result<State, String> {
        if ua != -pulse.1 {
            return Err(format!("{ua} uA follow a first phase of {} uA: charge would stay", pulse.1));
        }
        Ok(self.done(index, pulse, 1))
    }

    /// The state after `done` samples of the second phase.
    fn done(&mut self, index: usize, (begins, ua, samples, gap): (u64, f64, u32, u32), done: u32) -> State {
        if done < samples {
            return State::Second { begins, ua, samples, gap, done };
        }
        let ticks = SAMPLE_TICKS as u32;
        // Rows are at most 128.
        let electrode = index as u8 + 1;
        let pulse = Pulse {
            onset_ticks: begins * SAMPLE_TICKS,
            electrode,
            mode: Mode::Mp1And2,
            current_level: current_level(self.scale, ua.abs()),
            current_ua: ua.abs() as f32,
            phase_ticks: samples.saturating_mul(ticks),
            gap_ticks: gap.saturating_mul(ticks),
        };
        self.whole.insert((begins, electrode), pulse);
        State::Idle
    }
}
