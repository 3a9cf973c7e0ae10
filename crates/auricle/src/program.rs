//! A cue sheet and its listeners, compiled for one sample rate: whose ears at which sample.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cue::{CueSheet, CueSpan, Moment, Shape, Transition};
use crate::dsp::math::amplitude;
use crate::ear::Blend;
use crate::ear::design::{EarDesign, EarModel};
use crate::fault::{Fault, Faults, Severity};
use crate::level::Calibration;
use crate::listener::{EarFindings, Listener, Movement, State};
use crate::movement::{self, Between, Course};

/// How long a listener's state runs before its cue, seconds: envelopes, level restoring and tinnitus
/// are in their stride when the cue begins.
const PRE_ROLL_SECS: f64 = 0.5;
/// Designs along a decline; thresholds move linearly in dB between them.
const DECLINE_STEPS: usize = 9;
/// What "to the end of the film" is taken as where its length is unknown: six hours.
const UNKNOWN_LENGTH_SECS: u64 = 6 * 3600;

/// What an [`Audition`](crate::audition::Audition) plays: cues on the sample grid.
#[derive(Debug, Clone)]
pub struct Program {
    pub(crate) model: Arc<EarModel>,
    pub(crate) voices: Vec<Voice>,
    pub(crate) seed: u64,
    spans: Vec<CueSpan>,
}

/// One listener of a program.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    /// Left and right ear of each design; the first is healthy.
    pub designs: Vec<[Arc<EarDesign>; 2]>,
    /// The listener's cues, one after the other.
    pub plays: Vec<Play>,
    pre_roll_samples: u64,
}

/// One cue as it is played.
#[derive(Debug, Clone)]
pub(crate) struct Play {
    /// Begins and ends of entering and leaving.
    pub enter_begins: u64,
    pub enter_ends: u64,
    pub leave_begins: u64,
    pub leave_ends: u64,
    enter: Shape,
    leave: Shape,
    /// Amplitude of the clear sound that stays.
    pub bleed: f32,
    tinnitus: bool,
    course: Course,
    /// The design and span of the morph from the cue before, where that one leaves as this enters.
    morph: Option<usize>,
}

impl Program {
    /// Compiles a cue sheet.
    ///
    /// `listeners` gives for every reference of the sheet ("preset:drummer", a path) its listener.
    /// `length_samples`, where known, is where a cue ends that runs to the end of the film.
    /// `sample_rate_hz` is from 8,000 to 192,000; outside, [`Audition`](crate::audition::Audition) says so.
    ///
    /// # Errors
    /// Every cue whose listener or state is unknown, as a fault.
    pub fn compile(
        sheet: &CueSheet,
        listeners: &[(String, Listener)],
        sample_rate_hz: u32,
        length_samples: Option<u64>,
    ) -> Result<Self, Faults> {
        let faults = sheet.check_against(listeners, &sheet.title);
        if faults.has_errors() {
            return Err(faults);
        }
        let end = length_samples.unwrap_or(UNKNOWN_LENGTH_SECS * u64::from(sample_rate_hz));
        let mut builders: Vec<(&str, VoiceBuilder<'_>)> = Vec::new();
        let model = Arc::new(EarModel::new(sample_rate_hz, sheet.calibration));
        let mut spans = Vec::with_capacity(sheet.cues.len());
        for (index, cue) in sheet.cues.iter().enumerate() {
            let reference = sheet.listener_of(cue).unwrap_or_default();
            let Some((_, listener)) = listeners.iter().find(|(name, _)| name == reference) else {
                continue;
            };
            let Some(state) = listener.state(&cue.state) else { continue };
            // `in` is the first moment that is not wholly outside, `out` the first that is again: a cue
            // enters after the one and leaves before the other.
            let (enter_begins, enters) = transition(cue.enters, cue.enter, sample_rate_hz);
            let (leave_ends, leaves) = match cue.leaves {
                Some(leaves) => transition(leaves, cue.leave, sample_rate_hz),
                None => (end, 0),
            };
            // Leads and the end of the film may make them cross: then entering gives way to leaving.
            let leave_ends = leave_ends.max(enter_begins);
            let leave_begins = leave_ends.saturating_sub(leaves).max(enter_begins);
            let enter_ends = (enter_begins + enters).min(leave_begins);
            let span = CueSpan {
                cue: index,
                listener: listener.name.clone(),
                state: state.name.clone(),
                enter_begins_samples: enter_begins,
                enter_ends_samples: enter_ends,
                leave_begins_samples: leave_begins,
                leave_ends_samples: leave_ends,
            };
            let position = builders.iter().position(|(name, _)| *name == reference);
            let position = position.unwrap_or_else(|| {
                builders.push((reference, VoiceBuilder::new(&model, listener, sheet.seed)));
                builders.len() - 1
            });
            builders[position].1.add(&span, cue, state, end);
            spans.push(span);
        }
        let mut voices: Vec<Voice> = builders.into_iter().map(|(_, builder)| builder.voice).collect();
        hand_over(&mut voices);
        Ok(Self { model, voices, seed: sheet.seed, spans })
    }

    /// Inside `listener`'s state `state` (empty: its first) from the first sample to the last.
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
        let Some(state) = listener.state(state) else {
            return Err(unknown_state(listener, state));
        };
        let model = Arc::new(EarModel::new(sample_rate_hz, calibration));
        let end = u64::MAX;
        let span = CueSpan {
            cue: 0,
            listener: listener.name.clone(),
            state: state.name.clone(),
            enter_begins_samples: 0,
            enter_ends_samples: 0,
            leave_begins_samples: end,
            leave_ends_samples: end,
        };
        let mut builder = VoiceBuilder::new(&model, listener, seed);
        let known_end = UNKNOWN_LENGTH_SECS * u64::from(sample_rate_hz);
        let course = builder.course(state, (0, known_end), 0);
        builder.voice.plays.push(Play {
            enter_begins: 0,
            enter_ends: 0,
            leave_begins: end,
            leave_ends: end,
            enter: Shape::Cut,
            leave: Shape::Cut,
            bleed: 0.0,
            tinnitus: true,
            course,
            morph: None,
        });
        let voices = vec![builder.voice];
        Ok(Self { model, voices, seed, spans: vec![span] })
    }

    /// The cues on the sample grid, in order of entering.
    pub fn spans(&self) -> &[CueSpan] {
        &self.spans
    }

    /// The rate the program was compiled for.
    pub fn sample_rate_hz(&self) -> u32 {
        self.model.bank.sample_rate_hz
    }
}

/// Moment of a transition, its lead taken off, and its length, in samples.
fn transition(at: Moment, transition: Transition, sample_rate_hz: u32) -> (u64, u64) {
    let moment = at.minus(transition.lead).unwrap_or(at);
    let sample = u64::try_from(moment.to_samples(sample_rate_hz)).unwrap_or(0);
    (sample, (transition.ms * 1e-3 * f64::from(sample_rate_hz)).round() as u64)
}

/// The fault of a state that a listener does not have.
fn unknown_state(listener: &Listener, state: &str) -> Faults {
    let names: Vec<&str> = listener.states.iter().map(|state| state.name.as_str()).collect();
    Faults(vec![Fault {
        severity: Severity::Error,
        file: listener.name.clone(),
        line: None,
        column: None,
        field: "state".into(),
        message: format!("there is no state \"{state}\""),
        help: format!("the states are: {}", names.join(", ")),
    }])
}

/// Where one listener's cue leaves at the very sample at which another's enters, sound goes from ears
/// to ears: the one who is left stays until the other is wholly there.
fn hand_over(voices: &mut [Voice]) {
    let enters: Vec<(usize, u64, u64)> = voices
        .iter()
        .enumerate()
        .flat_map(|(v, voice)| voice.plays.iter().map(move |p| (v, p.enter_begins, p.enter_ends)))
        .collect();
    for (v, voice) in voices.iter_mut().enumerate() {
        for play in &mut voice.plays {
            let next = enters.iter().find(|(w, begins, _)| *w != v && *begins == play.leave_ends);
            if let Some((_, _, ends)) = next
                && play.leave != Shape::Drift
            {
                play.leave_begins = *ends;
                play.leave_ends = *ends;
            }
        }
    }
}

/// Collects the designs and cues of one listener.
struct VoiceBuilder<'a> {
    model: &'a Arc<EarModel>,
    listener: &'a Listener,
    seed: u64,
    by_name: BTreeMap<String, usize>,
    voice: Voice,
}

impl<'a> VoiceBuilder<'a> {
    fn new(model: &'a Arc<EarModel>, listener: &'a Listener, seed: u64) -> Self {
        let rate = f64::from(model.bank.sample_rate_hz);
        let mut builder = Self {
            model,
            listener,
            seed,
            by_name: BTreeMap::new(),
            voice: Voice { designs: Vec::new(), plays: Vec::new(), pre_roll_samples: (PRE_ROLL_SECS * rate) as u64 },
        };
        builder.design([&EarFindings::default(), &EarFindings::default()]);
        builder
    }

    /// Designs both ears and returns their index.
    fn design(&mut self, ears: [&EarFindings; 2]) -> usize {
        let left = Arc::new(EarDesign::new(self.model, ears[0]));
        let right = if ears[0] == ears[1] { Arc::clone(&left) } else { Arc::new(EarDesign::new(self.model, ears[1])) };
        self.voice.designs.push([left, right]);
        self.voice.designs.len() - 1
    }

    /// The design of a named state's findings; that of healthy ears for `None`.
    fn named(&mut self, name: Option<&str>) -> usize {
        let Some(state) = name.and_then(|name| self.listener.state(name)) else { return 0 };
        if let Some(index) = self.by_name.get(&state.name) {
            return *index;
        }
        let index = self.design([&state.left, &state.right]);
        self.by_name.insert(state.name.clone(), index);
        index
    }

    /// The movement of a state entered at `begins` and left at `ends`, the `number`-th cue.
    fn course(&mut self, state: &State, (begins, ends): (u64, u64), number: u64) -> Course {
        let rate = f64::from(self.model.bank.sample_rate_hz);
        let until = |secs: Option<f64>| secs.map_or(ends, |secs| begins + (secs * rate).round() as u64).max(begins + 1);
        match &state.movement {
            Movement::Instant => Course::Still(self.named(Some(&state.name))),
            Movement::Ramp { from, secs } => Course::Through {
                designs: vec![self.named(from.as_deref()), self.named(Some(&state.name))],
                begins_samples: begins,
                ends_samples: until(*secs),
            },
            Movement::Flicker { from, mean_on_secs, mean_off_secs, slope_ms, depth } => {
                let slope_samples = (slope_ms * 1e-3 * rate).round() as u64;
                Course::Flicker {
                    on: self.named(from.as_deref()),
                    off: self.named(Some(&state.name)),
                    depth: *depth as f32,
                    toggles_samples: movement::flicker_toggles(
                        self.seed,
                        number,
                        (begins, ends),
                        (mean_on_secs * rate, mean_off_secs * rate),
                        slope_samples,
                    ),
                    slope_samples,
                }
            }
            Movement::Decline { from_age_years, to_age_years, sex, exposure, secs } => {
                let designs = (0..DECLINE_STEPS)
                    .map(|step| {
                        let part = step as f64 / (DECLINE_STEPS - 1) as f64;
                        let age = from_age_years + part * (to_age_years - from_age_years);
                        let [left, right] = [&state.left, &state.right]
                            .map(|ear| movement::aged(ear, *sex, *from_age_years, age, *exposure));
                        self.design([&left, &right])
                    })
                    .collect();
                Course::Through { designs, begins_samples: begins, ends_samples: until(*secs) }
            }
        }
    }

    /// Adds a cue; cues come in order of entering.
    fn add(&mut self, span: &CueSpan, cue: &crate::cue::Cue, state: &State, end: u64) {
        let number = self.voice.plays.len() as u64;
        let begins = span.enter_begins_samples;
        // Left at the very sample at which the next one enters: morph from state to state.
        let before = self.voice.plays.last_mut().filter(|play| play.leave_ends == begins);
        let morph = before.map(|play| {
            play.leave_begins = begins;
            play.leave_ends = begins;
            play.leave = Shape::Cut;
            play.course.at(begins)
        });
        let morph = morph.map(|between| if between.mix < 0.5 { between.from } else { between.to });
        let course_begins = if morph.is_some() { span.enter_ends_samples } else { begins };
        let course = self.course(state, (course_begins, span.leave_ends_samples.min(end)), number);
        self.voice.plays.push(Play {
            enter_begins: begins,
            enter_ends: span.enter_ends_samples,
            leave_begins: span.leave_begins_samples,
            leave_ends: span.leave_ends_samples,
            enter: cue.enter.shape,
            leave: cue.leave.shape,
            bleed: cue.bleed_db.map_or(0.0, |db| amplitude(db) as f32),
            tinnitus: cue.tinnitus,
            course,
            morph,
        });
    }
}

impl Voice {
    /// The cue that is or will be next at `sample`, with its state already running; `None` while the
    /// listener's ears need not run.
    pub(crate) fn play_at(&self, sample: u64) -> Option<&Play> {
        let next = self.plays.partition_point(|play| play.leave_ends <= sample);
        self.plays.get(next).filter(|play| sample + self.pre_roll_samples >= play.enter_begins)
    }
}

impl Voice {
    /// The cues that are not over by sample `first`.
    pub(crate) fn plays_from(&self, first: i64) -> &[Play] {
        let first = u64::try_from(first).unwrap_or(0);
        &self.plays[self.plays.partition_point(|play| play.leave_ends <= first)..]
    }
}

impl Play {
    /// The condition of both ears at `sample`.
    pub(crate) fn blend_at(&self, sample: u64) -> Blend {
        let Between { from, to, mix } = match self.morph {
            Some(before) if sample < self.enter_ends => Between {
                from: before,
                to: self.course.at(self.enter_ends).from,
                mix: part(sample, self.enter_begins, self.enter_ends),
            },
            _ => self.course.at(sample),
        };
        let mut onset = 1.0_f32;
        if self.enter == Shape::Drift && self.morph.is_none() {
            onset = onset.min(part(sample, self.enter_begins, self.enter_ends));
        }
        if self.leave == Shape::Drift {
            onset = onset.min(1.0 - part(sample, self.leave_begins, self.leave_ends));
        }
        let tinnitus = f32::from(u8::from(self.tinnitus));
        Blend { from, to, mix, onset, tinnitus }
    }

    /// How much of the listener's hearing is heard at `sample`, 0 outside to 1 inside.
    #[inline]
    pub(crate) fn presence_at(&self, sample: u64) -> f32 {
        if sample < self.enter_begins || sample >= self.leave_ends {
            return 0.0;
        }
        // Drifts and morphs move the ears themselves; only cuts and pops fade between sounds.
        let fades_in = self.enter != Shape::Drift && self.morph.is_none();
        if fades_in && sample < self.enter_ends {
            return part(sample, self.enter_begins, self.enter_ends);
        }
        if self.leave != Shape::Drift && sample >= self.leave_begins {
            return 1.0 - part(sample, self.leave_begins, self.leave_ends);
        }
        1.0
    }
}

/// How far `sample` is from `begins` (0) to `ends` (1).
#[inline]
fn part(sample: u64, begins: u64, ends: u64) -> f32 {
    if sample >= ends {
        1.0
    } else if sample <= begins {
        0.0
    } else {
        ((sample - begins) as f64 / (ends - begins) as f64) as f32
    }
}
