//! A cue sheet and its listeners, compiled for one sample rate: whose ears at which sample.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cue::{CueSheet, CueSpan, Moment, Shape, Transition};
use crate::dsp::math::amplitude;
use crate::ear::Blend;
use crate::ear::design::{EarDesign, EarModel};
use crate::ear::electric::ElectricDesign;
use crate::fault::{Fault, Faults, Severity};
use crate::implant::params::Implant;
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
    /// Every cue, in order of entering.
    pub(crate) order: Vec<Turn>,
    spans: Vec<CueSpan>,
}

/// One cue of one listener of a program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// Index of the listener.
    pub voice: usize,
    play: usize,
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
    leave: Shape,
    /// Whether entering and leaving fade between sounds: cuts and pops do, and a drift does that has another
    /// listener's hearing under it; other drifts move the ears themselves.
    fades: [bool; 2],
    /// Amplitude of the clear sound that stays.
    bleed: f32,
    /// 1 where tinnitus is heard, else 0.
    tinnitus: f32,
    course: Course,
    /// What is morphed from, where a cue of the same listener leaves as this one enters.
    morph: Option<Morph>,
}

/// What the cue before leaves behind.
#[derive(Debug, Clone, Copy)]
struct Morph {
    design: usize,
    bleed: f32,
    tinnitus: f32,
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
        let played = sheet.cues.iter().filter_map(|cue| {
            let reference = sheet.listener_of(cue).unwrap_or_default();
            let (_, listener) = listeners.iter().find(|(name, _)| name == reference)?;
            Some((listener, listener.state(&cue.state)?))
        });
        let model = Arc::new(model_for(played, sample_rate_hz, sheet.calibration)?);
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
            let builder = &mut builders[position].1;
            if builder.joins(&span, cue) {
                // Lead or lag move the moment at which one state gives way to the next.
                let before: &mut CueSpan = &mut spans[builder.last_span];
                before.leave_begins_samples = span.enter_begins_samples.max(before.enter_begins_samples);
                before.leave_ends_samples = before.leave_begins_samples;
                before.enter_ends_samples = before.enter_ends_samples.min(before.leave_begins_samples);
            }
            builder.add(&span, cue, state, end);
            builder.last_span = spans.len();
            spans.push(span);
        }
        let mut voices: Vec<Voice> = builders.into_iter().map(|(_, builder)| builder.voice).collect();
        hand_over(&mut voices);
        fade_over_others(&mut voices);
        let order = in_order(&voices);
        Ok(Self { model, voices, seed: sheet.seed, order, spans })
    }

    /// Inside `listener`'s state `state` (empty: its first) from the first sample to the last, which is sample
    /// `length_samples` where that is known; a movement without a duration takes that long.
    ///
    /// # Errors
    /// The state is unknown.
    pub fn throughout(
        listener: &Listener,
        state: &str,
        calibration: Calibration,
        seed: u64,
        sample_rate_hz: u32,
        length_samples: Option<u64>,
    ) -> Result<Self, Faults> {
        let Some(state) = listener.state(state) else {
            return Err(unknown_state(listener, state));
        };
        let model = Arc::new(model_for([(listener, state)].into_iter(), sample_rate_hz, calibration)?);
        // The last sample there can be, in the signed arithmetic of the grid.
        let end = i64::MAX as u64;
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
        let known_end = length_samples.unwrap_or(UNKNOWN_LENGTH_SECS * u64::from(sample_rate_hz));
        let course = builder.course(state, (0, known_end), 0);
        builder.voice.plays.push(Play {
            enter_begins: 0,
            enter_ends: 0,
            leave_begins: end,
            leave_ends: end,
            leave: Shape::Cut,
            fades: [true, true],
            bleed: 0.0,
            tinnitus: 1.0,
            course,
            morph: None,
        });
        let voices = vec![builder.voice];
        let order = in_order(&voices);
        Ok(Self { model, voices, seed, order, spans: vec![span] })
    }

    /// The cues on the sample grid, in order of entering.
    pub fn spans(&self) -> &[CueSpan] {
        &self.spans
    }

    /// A cue of [`Self::order`].
    #[inline]
    pub(crate) fn play(&self, turn: &Turn) -> &Play {
        &self.voices[turn.voice].plays[turn.play]
    }

    /// The rate the program was compiled for.
    pub fn sample_rate_hz(&self) -> u32 {
        self.model.bank.sample_rate_hz
    }
}

/// What all ears of a program share: they lag as much as the slowest of them.
///
/// # Errors
/// Every implant that cannot be built.
fn model_for<'a>(
    played: impl Iterator<Item = (&'a Listener, &'a State)>,
    sample_rate_hz: u32,
    calibration: Calibration,
) -> Result<EarModel, Faults> {
    let mut faults = Faults::default();
    let mut slowest_samples = 0;
    for (listener, state) in played {
        let from = match &state.movement {
            Movement::Ramp { from, .. } | Movement::Flicker { from, .. } => from.as_deref(),
            Movement::Instant | Movement::Decline { .. } => None,
        };
        for state in [Some(state), from.and_then(|from| listener.state(from))].into_iter().flatten() {
            for (side, ear) in [("left", &state.left), ("right", &state.right)] {
                if let Some(Err(error)) = ear.implant.as_ref().map(Implant::check) {
                    faults.0.push(Fault {
                        severity: Severity::Error,
                        file: listener.name.clone(),
                        line: None,
                        column: None,
                        field: format!("{}.{side}.implant", state.name),
                        message: error.to_string(),
                        help: String::new(),
                    });
                } else if let Some(electric) = ElectricDesign::new(ear, calibration) {
                    slowest_samples = slowest_samples.max(electric.latency_samples(sample_rate_hz));
                }
            }
        }
    }
    if faults.has_errors() {
        return Err(faults);
    }
    Ok(EarModel::new(sample_rate_hz, calibration).lagging_at_least(slowest_samples))
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

/// Every cue in order of entering, the sheet's first listener first where two enter at once.
fn in_order(voices: &[Voice]) -> Vec<Turn> {
    let mut order: Vec<Turn> = voices
        .iter()
        .enumerate()
        .flat_map(|(voice, of)| (0..of.plays.len()).map(move |play| Turn { voice, play }))
        .collect();
    order.sort_by_key(|turn| voices[turn.voice].plays[turn.play].enter_begins);
    order
}

/// A drift begins and ends with healthy ears, which sound like the outside. Over another listener's cue that
/// would be a leap to the full room and back, so there it fades between the two as a pop does, only slower.
fn fade_over_others(voices: &mut [Voice]) {
    let spans: Vec<(usize, u64, u64)> = voices
        .iter()
        .enumerate()
        .flat_map(|(v, voice)| voice.plays.iter().map(move |p| (v, p.enter_begins, p.leave_ends)))
        .collect();
    for (v, voice) in voices.iter_mut().enumerate() {
        for play in &mut voice.plays {
            let begins = play.enter_begins;
            let under = |at: u64| spans.iter().any(|(w, from, to)| *w != v && *from < begins && *to > at);
            play.fades[0] |= under(begins);
            play.fades[1] |= under(play.leave_begins);
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
    /// `out` of the last cue, and its place among all cues.
    last_leaves: Option<Moment>,
    last_span: usize,
}

impl<'a> VoiceBuilder<'a> {
    fn new(model: &'a Arc<EarModel>, listener: &'a Listener, seed: u64) -> Self {
        let rate = f64::from(model.bank.sample_rate_hz);
        let mut builder = Self {
            model,
            listener,
            seed,
            by_name: BTreeMap::new(),
            last_leaves: None,
            last_span: 0,
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

    /// The design of a moment between two designs.
    fn stand_at(&mut self, Between { from, to, mix }: Between) -> usize {
        if mix <= 0.0 || from == to {
            return from;
        }
        if mix >= 1.0 {
            return to;
        }
        let designs = &self.voice.designs;
        let [left, right] =
            [0, 1].map(|side| Arc::new(EarDesign::between(&designs[from][side], &designs[to][side], mix)));
        self.voice.designs.push([left, right]);
        self.voice.designs.len() - 1
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

    /// Whether a cue follows the last one without the outside in between: its `in` is that one's `out`, or its
    /// lead takes it before that one's end.
    fn joins(&self, span: &CueSpan, cue: &crate::cue::Cue) -> bool {
        self.voice
            .plays
            .last()
            .is_some_and(|last| self.last_leaves == Some(cue.enters) || last.leave_ends >= span.enter_begins_samples)
    }

    /// Adds a cue; cues come in order of entering.
    fn add(&mut self, span: &CueSpan, cue: &crate::cue::Cue, state: &State, end: u64) {
        let number = self.voice.plays.len() as u64;
        let begins = span.enter_begins_samples;
        // Morph from state to state.
        let joins = self.joins(span, cue);
        self.last_leaves = cue.leaves;
        let before = self.voice.plays.last_mut().filter(|_| joins);
        let morph = before.map(|play| {
            play.leave_begins = begins.max(play.enter_begins);
            play.leave_ends = play.leave_begins;
            play.enter_ends = play.enter_ends.min(play.leave_begins);
            play.leave = Shape::Cut;
            play.fades[1] = true;
            (play.course.at(begins), play.bleed, play.tinnitus)
        });
        let morph = morph.map(|(stands, bleed, tinnitus)| Morph { design: self.stand_at(stands), bleed, tinnitus });
        let course_begins = if morph.is_some() { span.enter_ends_samples } else { begins };
        let course = self.course(state, (course_begins, span.leave_ends_samples.min(end)), number);
        self.voice.plays.push(Play {
            enter_begins: begins,
            enter_ends: span.enter_ends_samples,
            leave_begins: span.leave_begins_samples,
            leave_ends: span.leave_ends_samples,
            leave: cue.leave.shape,
            fades: [cue.enter.shape != Shape::Drift, cue.leave.shape != Shape::Drift],
            bleed: cue.bleed_db.map_or(0.0, |db| amplitude(db) as f32),
            tinnitus: f32::from(u8::from(cue.tinnitus)),
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

impl Play {
    /// The condition of both ears at `sample`.
    pub(crate) fn blend_at(&self, sample: u64) -> Blend {
        let entered = part(sample, self.enter_begins, self.enter_ends);
        let Between { from, to, mix } = match self.morph {
            Some(before) if sample < self.enter_ends => {
                Between { from: before.design, to: self.course.at(self.enter_ends).from, mix: entered }
            }
            _ => self.course.at(sample),
        };
        let mut onset = 1.0_f32;
        if !self.fades[0] && self.morph.is_none() {
            onset = onset.min(entered);
        }
        if !self.fades[1] {
            onset = onset.min(1.0 - part(sample, self.leave_begins, self.leave_ends));
        }
        let tinnitus =
            self.morph.map_or(self.tinnitus, |before| before.tinnitus + entered * (self.tinnitus - before.tinnitus));
        Blend { from, to, mix, onset, tinnitus }
    }

    /// Amplitude of the clear sound that stays, at `sample`.
    #[inline]
    pub(crate) fn bleed_at(&self, sample: u64) -> f32 {
        match self.morph {
            Some(before) if sample < self.enter_ends => {
                before.bleed + part(sample, self.enter_begins, self.enter_ends) * (self.bleed - before.bleed)
            }
            _ => self.bleed,
        }
    }

    /// Whether nothing but the listener's hearing is heard from `begins` up to `ends`.
    #[inline]
    pub(crate) fn is_whole(&self, begins: u64, ends: u64) -> bool {
        begins >= self.enter_ends && ends <= self.leave_begins && self.bleed == 0.0
    }

    /// How much of the listener's hearing is heard at `sample`, 0 outside to 1 inside.
    #[inline]
    pub(crate) fn presence_at(&self, sample: u64) -> f32 {
        if sample < self.enter_begins || sample >= self.leave_ends {
            return 0.0;
        }
        if self.fades[0] && self.morph.is_none() && sample < self.enter_ends {
            return part(sample, self.enter_begins, self.enter_ends);
        }
        if self.fades[1] && sample >= self.leave_begins {
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
