//! Two ears and the outside, driven by cues: the type that every front end holds.
//!
//! ```text
//! in --+-- delay ------------------------- outside --+
//!      |                                             +-- faded by the cue --> out
//!      +-- left ear, right ear of each listener -----+
//! ```
//!
//! Everything works in control periods on the absolute sample grid; blocks of any size are gathered
//! into them. A listener's ears run only while a cue of theirs is near.

mod side;

use crate::dsp::MAX_PERIOD_SAMPLES;
use crate::dsp::ring::Ring;
use crate::layout::{Layout, Reach};
use crate::program::{Play, Program};
use side::{Heard, Side};

/// Why an [`Audition`] cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AuditionError {
    /// The sample rate is outside what the model covers.
    #[error("a sample rate of {0} Hz is outside 8000 to 192000 Hz; resample the sound first")]
    SampleRate(u32),
    /// The output can be the input's layout or stereo.
    #[error("{output} channels cannot be made of {input}; choose the input's layout or stereo")]
    Layout {
        /// Channels in.
        input: usize,
        /// Channels out.
        output: usize,
    },
}

/// Runs two pieces of work, side by side if it can; the results do not depend on it.
pub trait Join: Sync {
    /// Runs `a` and `b` and returns when both are done.
    fn join(&self, a: impl FnOnce() + Send, b: impl FnOnce() + Send);
}

/// One after the other, on the calling thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct InTurn;

impl Join for InTurn {
    fn join(&self, a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
        a();
        b();
    }
}

/// Sample rates that the model covers, Hz.
pub const SAMPLE_RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// Two ears plus the outside.
///
/// Left and right groups of channels feed their ear, centre, LFE and mono both; a channel that both
/// ears hear comes out as the mean of what they make of it (6 dB down where one of them is deaf, about
/// what binaural loudness loses with one ear).
pub struct Audition {
    program: Program,
    period: usize,
    /// The input's delayed channels, `[channel]`.
    outside: Vec<Ring>,
    ear_latency: usize,
    output: Output,
    listeners: Vec<[Side; 2]>,
    /// Input that has been taken and not yet heard, `[channel][sample]`.
    pending: Vec<Vec<f32>>,
    pending_samples: usize,
    /// Output that is ready, `[channel][sample]`.
    ready: Vec<Vec<f32>>,
    ready_samples: usize,
    periods: u64,
    /// First cue, in order of entering, that is not over.
    cursor: usize,
}

/// What comes out.
enum Output {
    /// The input's own channels, each with the ears it reaches.
    Same(Vec<Reach>),
    /// Left and right ear; weights `[ear][channel]` of the outside.
    Ears([Vec<f32>; 2]),
}

impl Audition {
    /// Samples that are worked on at a time; longer blocks are cut into pieces of this length.
    pub const MAX_BLOCK_SAMPLES: usize = 8192;

    /// Builds the chain; all memory it will ever use is allocated here.
    ///
    /// # Errors
    /// [`AuditionError`] where rate or layouts cannot be served.
    pub fn new(program: &Program, input: &Layout, output: &Layout) -> Result<Self, AuditionError> {
        let rate = program.sample_rate_hz();
        if !SAMPLE_RATES_HZ.contains(&rate) {
            return Err(AuditionError::SampleRate(rate));
        }
        let channels = input.channels();
        let plan =
            if output == input {
                Output::Same(input.0.iter().map(|channel| channel.reach()).collect())
            } else if *output == Layout::stereo() {
                Output::Ears([Reach::Left, Reach::Right].map(|ear| {
                    input.0.iter().map(|c| if hears(ear, c.reach()) { c.ear_weight() } else { 0.0 }).collect()
                }))
            } else {
                return Err(AuditionError::Layout { input: channels, output: output.channels() });
            };
        if channels == 0 {
            return Err(AuditionError::Layout { input: 0, output: output.channels() });
        }
        let model = &program.model;
        let period = model.bank.period_samples;
        let room = Self::MAX_BLOCK_SAMPLES + 2 * period;
        let to_ears = matches!(plan, Output::Ears(_));
        let listeners = program
            .voices
            .iter()
            .enumerate()
            .map(|(number, voice)| {
                [Reach::Left, Reach::Right]
                    .map(|ear| Side::new(program, voice, number as u64, ear, input, to_ears, room))
            })
            .collect();
        let ear_latency = model.latency_samples();
        let mut audition = Self {
            period,
            outside: vec![Ring::new(ear_latency, period); channels],
            ear_latency,
            output: plan,
            listeners,
            pending: vec![vec![0.0; room]; channels],
            pending_samples: 0,
            ready: vec![vec![0.0; room]; output.channels()],
            ready_samples: period,
            periods: 0,
            cursor: 0,
            program: program.clone(),
        };
        audition.reset();
        Ok(audition)
    }

    /// Samples by which output lags input.
    pub fn latency_samples(&self) -> usize {
        self.ear_latency + self.period
    }

    /// Forgets everything heard so far and goes back to the first sample. Real-time safe.
    pub fn reset(&mut self) {
        self.outside.iter_mut().for_each(Ring::reset);
        self.listeners.iter_mut().flatten().for_each(Side::reset);
        self.ready.iter_mut().for_each(|channel| channel.fill(0.0));
        self.pending_samples = 0;
        self.ready_samples = self.period;
        self.periods = 0;
        self.cursor = 0;
    }

    /// Processes one block: `input` and `output` are `[channel][sample]`, all of one length. Real-time
    /// safe. Channels beyond those it was built for are left as they are.
    pub fn process(&mut self, input: &[&[f32]], output: &mut [&mut [f32]]) {
        self.process_on(&InTurn, input, output);
    }

    /// As [`Self::process`], the two ears as two pieces of work for `join`.
    pub fn process_on(&mut self, join: &impl Join, input: &[&[f32]], output: &mut [&mut [f32]]) {
        let length = input.iter().map(|channel| channel.len()).min().unwrap_or(0);
        let mut done = 0;
        while done < length {
            let count = (length - done).min(Self::MAX_BLOCK_SAMPLES);
            for (pending, channel) in self.pending.iter_mut().zip(input) {
                let slots = &mut pending[self.pending_samples..self.pending_samples + count];
                for (slot, sample) in slots.iter_mut().zip(&channel[done..done + count]) {
                    *slot = tame(*sample);
                }
            }
            self.pending_samples += count;
            self.run_periods(join);
            for (ready, channel) in self.ready.iter_mut().zip(output.iter_mut()) {
                channel[done..done + count].copy_from_slice(&ready[..count]);
                ready.copy_within(count..self.ready_samples, 0);
            }
            self.ready_samples -= count;
            done += count;
        }
    }

    /// Hears every whole period that is pending.
    fn run_periods(&mut self, join: &impl Join) {
        let count = self.pending_samples / self.period;
        if count == 0 {
            return;
        }
        let samples = count * self.period;
        let (first, pending) = (self.periods, &self.pending);
        for (voice, [left, right]) in self.program.voices.iter().zip(&mut self.listeners) {
            join.join(|| left.run(voice, pending, first, count), || right.run(voice, pending, first, count));
        }
        for period in 0..count {
            self.mix(period);
        }
        for pending in &mut self.pending {
            pending.copy_within(samples..self.pending_samples, 0);
        }
        self.pending_samples -= samples;
        self.periods += count as u64;
        self.ready_samples += samples;
    }

    /// Writes the output of the `number`-th period of this block.
    fn mix(&mut self, number: usize) {
        let period = self.period;
        let slots = number * period..(number + 1) * period;
        for (ring, pending) in self.outside.iter_mut().zip(&self.pending) {
            ring.push().copy_from_slice(&pending[slots.clone()]);
        }
        let out = self.ready_samples + number * period..self.ready_samples + (number + 1) * period;
        // Sample of the source at which this period's output begins; before 0 the chain fills up.
        let first = ((self.periods + number as u64) * period as u64) as i64 - self.ear_latency as i64;
        let order = &self.program.order;
        while order.get(self.cursor).is_some_and(|turn| self.program.play(turn).leave_ends as i64 <= first) {
            self.cursor += 1;
        }
        let mut outside = [0.0; MAX_PERIOD_SAMPLES];
        let outside = &mut outside[..period];
        for (channel, ready) in self.ready.iter_mut().enumerate() {
            match &self.output {
                Output::Same(_) => outside.copy_from_slice(self.outside[channel].delayed(self.ear_latency)),
                Output::Ears(weights) => {
                    outside.fill(0.0);
                    for (ring, weight) in self.outside.iter().zip(&weights[channel]) {
                        for (sum, x) in outside.iter_mut().zip(ring.delayed(self.ear_latency)) {
                            *sum += weight * x;
                        }
                    }
                }
            }
            let ready = &mut ready[out.clone()];
            ready.copy_from_slice(outside);
            // In order of entering, so that the cue that began last lies on top.
            for turn in &order[self.cursor..] {
                let play = self.program.play(turn);
                if play.enter_begins as i64 >= first + period as i64 {
                    break;
                }
                let sides = &self.listeners[turn.voice];
                let [left, right] = match &self.output {
                    Output::Same(reach) => {
                        sides.each_ref().map(|side| side.heard(channel, reach[channel], slots.clone()))
                    }
                    Output::Ears(_) => {
                        let mut ears = [None, None];
                        ears[channel] = sides[channel].ear(slots.clone());
                        ears
                    }
                };
                Inside { left, right }.over(ready, outside, play, first);
            }
        }
    }
}

/// What one listener hears of one channel: one ear's version, or both.
struct Inside<'a> {
    left: Option<Heard<'a>>,
    right: Option<Heard<'a>>,
}

impl Inside<'_> {
    /// Of sample `n`, all and the tinnitus in it: the mean where both ears hear it.
    #[inline]
    fn sample(&self, n: usize) -> (f32, f32) {
        match (&self.left, &self.right) {
            (Some(left), Some(right)) => {
                (0.5 * (left.sound[n] + right.sound[n]), 0.5 * (left.ringing_at(n) + right.ringing_at(n)))
            }
            (Some(only), None) | (None, Some(only)) => (only.sound[n], only.ringing_at(n)),
            (None, None) => (0.0, 0.0),
        }
    }

    /// Fades from what `out` holds to the inside as the cue says; `out[0]` is sample `first`.
    fn over(&self, out: &mut [f32], outside: &[f32], play: &Play, first: i64) {
        if let Ok(begins) = u64::try_from(first)
            && play.is_whole(begins, begins + out.len() as u64)
        {
            match (&self.left, &self.right) {
                (Some(left), Some(right)) => {
                    for ((sample, left), right) in out.iter_mut().zip(left.sound).zip(right.sound) {
                        *sample = 0.5 * (left + right);
                    }
                }
                (Some(only), None) | (None, Some(only)) => out.copy_from_slice(only.sound),
                (None, None) => out.fill(0.0),
            }
            return;
        }
        for (n, (sample, outside)) in out.iter_mut().zip(outside).enumerate() {
            let Ok(now) = u64::try_from(first + n as i64) else { continue };
            let presence = play.presence_at(now);
            if presence == 0.0 {
                continue;
            }
            let (mut heard, ringing) = self.sample(n);
            let bleed = play.bleed_at(now);
            if bleed > 0.0 {
                // The clear sound takes the place of as much of what the ears let through: added on top, healthy
                // ears would hear more than there is (laws 3 and 9). Tinnitus is no part of that sound and stays.
                heard += bleed * (outside - (heard - ringing));
            }
            // Ends exactly at the inside, not within rounding of it.
            *sample = if presence >= 1.0 { heard } else { *sample + presence * (heard - *sample) };
        }
    }
}

/// Whether ear `ear` hears a channel of this reach.
fn hears(ear: Reach, reach: Reach) -> bool {
    reach == Reach::Both || reach == ear
}

/// Highest amplitude that enters an ear, 60 dB above full scale: what lies beyond is not sound.
const LOUDEST: f32 = 1000.0;

/// Amplitude below which an ear's input counts as silence, 400 dB under full scale: denormal numbers would
/// make every filter a hundred times slower.
const SOFTEST: f32 = 1e-20;

/// A tame sample as an ear takes it.
#[inline(always)]
pub(crate) fn audible(sample: f32) -> f32 {
    if sample.abs() < SOFTEST { 0.0 } else { sample }
}

/// A sample that cannot poison what remembers it: NaN and infinity become silence.
#[inline(always)]
pub(crate) fn tame(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-LOUDEST, LOUDEST) } else { 0.0 }
}
