//! Voices edited in time: F0 contours flattened and shifted while vowels stay, formants shifted while F0 stays.
//!
//! Pitch-synchronous overlap-add (Moulines & Charpentier 1990): the sound is cross-faded from one copy of itself to the
//! next, one period of the *wanted* pitch after another, each copy delayed so that it shows the same point of the
//! voice's own period as the one before. Fades add up to one, so a delay that does not change leaves the sound as it
//! is to the bit: noise, chords, and voices without anything to flatten pass untouched.
//!
//! Formants are shifted by playing each copy faster about its mark (Lent 1989): a copy shows one or two pulses of the
//! voice, whose resonances are moved and whose rate is not. No gain along frequency could do that to a formant that is
//! narrower than the voice's harmonics are apart. What no voice is found in is left to the spectral stage.
//!
//! ```text
//! heard   |--- wanted period ---|--- wanted period ---|      copies' delays: d, then d + wanted - own, ...
//! copy 1  \\___ fades out        /                            repeated or left out by whole periods, so that they
//! copy 2       ___/ fades in    \\___                         stay within half a period of none
//! ```

use multiversion::multiversion;

use super::pitch::{PitchTracker, vertex};
use crate::dsp::LANES;
use crate::dsp::math::{exp2, log2};
use crate::dsp::ring::Ring;

/// Delay of the sound, seconds: so much of what follows is known when a copy is chosen.
const DELAY_SECS: f64 = 0.017;
/// Length of a fade where there is no pitch, seconds.
const UNVOICED_SECS: f64 = 0.005;
/// Largest change of pitch, octaves.
const MOST_OCTAVES: f32 = 0.8;
/// A voice's mean is that of its first half second and from there on moves with this memory, seconds.
const FIRST_SECS: f32 = 0.5;
const MEAN_SECS: f32 = 6.0;
/// Where F0 is further from it than a voice goes, and stays there for so long, there is another voice: it is followed
/// quickly. What is there for less is a mistake, and counts for nothing.
const FAR_OCTAVES: f32 = 0.5;
const FAR_FOR_SECS: f32 = 0.25;
const FAR_SECS: f32 = 0.2;
/// Memory of how loud voices are, seconds, and how far below that a pitch counts half for the mean: 20 dB.
const LOUD_SECS: f32 = 3.0;
const FAINT: f32 = 0.01;
/// Below this change of period nothing is done, octaves.
const LEAST_OCTAVES: f32 = 1e-4;
/// How far from a whole period the next like point is searched, periods.
const SEARCH: f32 = 0.12;
/// How far copies begin beside the pulses of a voice, periods, before they are moved.
const STEP_TO_PULSE: f32 = 0.2;
/// Time constant of the octaves that are told to the spectral stage, whose frames come half of one later, seconds.
const TELL_SECS: f64 = 0.004;
/// Entries of the table of the fade.
const FADE: usize = 512;

/// What is wanted of a voice.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Bend {
    /// Share of the contour's movement that is lost.
    pub flattening: f32,
    /// Shift of F0, octaves.
    pub f0_octaves: f32,
    /// Shift of formants, octaves.
    pub formant_octaves: f32,
}

/// State of the contour stage.
pub(super) struct Contour {
    delay: usize,
    unvoiced: usize,
    sound: Ring,
    tracker: PitchTracker,
    /// Half a Hann window, 0 to 1 over [`FADE`] steps, one more at the end.
    fade: Vec<f32>,
    /// Seconds between two looks at the pitch.
    look_secs: f32,
    since_look: f32,
    period_secs: f32,
    /// Mean of the contour, log2 of the period in samples, and how long it has been followed, seconds.
    mean: f32,
    followed_secs: f32,
    /// For how long F0 has been far from the mean, and how loud voices have been, mean square.
    far_secs: f32,
    loudness: f32,
    /// The fade under way: its length, where it stands, and the delays of the copies, beyond `delay`.
    length: usize,
    at: usize,
    from: i32,
    to: i32,
    /// How fast the two are played.
    from_speed: f32,
    to_speed: f32,
    /// Octaves of formant shift done here, smoothed.
    moved_octaves: f32,
    tell_share: f32,
    /// What rounding has left over of marks heard (samples, below 1) and of the copy's delay.
    heard_rest: f32,
    lag: f32,
    voiced: bool,
    correlation: Vec<f32>,
    energy: Vec<f32>,
    /// What is compared, followed by zeros where it is not known yet.
    span: Vec<f32>,
}

impl Contour {
    pub(super) fn new(sample_rate_hz: u32, period: usize) -> Self {
        let rate = f64::from(sample_rate_hz);
        let delay = libm::round(DELAY_SECS * rate) as usize;
        let tracker = PitchTracker::new(sample_rate_hz, period, 2.2 * DELAY_SECS + 0.04);
        // A copy is at most a period and a bit older than the sound is heard at.
        let history = delay + 2 * tracker.longest_samples() + period;
        let rows = (2.0 * SEARCH * tracker.longest_samples() as f32 / tracker.factor as f32) as usize + 5;
        let mut contour = Self {
            delay,
            unvoiced: (UNVOICED_SECS * rate) as usize,
            sound: Ring::new(history.max(tracker.history_samples()), period),
            fade: (0..=FADE + 1)
                .map(|n| 0.5 - 0.5 * libm::cos(std::f64::consts::PI * n.min(FADE) as f64 / FADE as f64))
                .map(|value| value as f32)
                .collect(),
            look_secs: 0.0,
            since_look: 0.0,
            period_secs: (period as f64 / rate) as f32,
            mean: 0.0,
            followed_secs: 0.0,
            far_secs: 0.0,
            loudness: 0.0,
            length: 0,
            at: 0,
            from: 0,
            to: 0,
            from_speed: 1.0,
            to_speed: 1.0,
            moved_octaves: 0.0,
            tell_share: (1.0 - libm::exp(-(period as f64) / (TELL_SECS * rate))) as f32,
            heard_rest: 0.0,
            lag: 0.0,
            voiced: false,
            correlation: vec![0.0; rows.next_multiple_of(LANES)],
            energy: vec![0.0; rows.next_multiple_of(LANES)],
            span: vec![0.0; rows.next_multiple_of(LANES) + tracker.longest_samples().div_ceil(tracker.factor) + LANES],
            tracker,
        };
        contour.reset();
        contour
    }

    /// Samples by which the sound lags.
    pub(super) fn latency_samples(&self) -> usize {
        self.delay
    }

    pub(super) fn reset(&mut self) {
        self.sound.reset();
        self.tracker.reset();
        (self.mean, self.followed_secs, self.since_look) = (0.0, 0.0, 0.0);
        (self.far_secs, self.loudness) = (0.0, 0.0);
        (self.length, self.at, self.from, self.to) = (self.unvoiced, 0, 0, 0);
        (self.from_speed, self.to_speed, self.moved_octaves) = (1.0, 1.0, 0.0);
        (self.heard_rest, self.lag, self.voiced) = (0.0, 0.0, false);
    }

    /// Octaves by which formants have been moved in what comes out.
    pub(super) fn moved_octaves(&self) -> f32 {
        self.moved_octaves
    }

    /// F0 of what is heard, Hz at `rate`, where there is one.
    pub(super) fn f0_hz(&self, rate: f32) -> Option<f32> {
        let pitch = self.tracker.pitch;
        (pitch.strength > 0.0).then(|| rate / pitch.period_samples)
    }

    /// One control period in place; `bend` is what is wanted of a voice.
    pub(super) fn process(&mut self, samples: &mut [f32], bend: Bend) {
        self.sound.push().copy_from_slice(samples);
        self.since_look += self.period_secs;
        if self.tracker.hear(&self.sound) {
            self.look_secs = self.since_look;
            self.since_look = 0.0;
            self.follow_mean();
        }
        let mut done = 0;
        while done < samples.len() {
            if self.at == self.length {
                self.next_copy(done, bend);
            }
            let count = (samples.len() - done).min(self.length - self.at);
            self.mix(&mut samples[done..done + count], done);
            self.at += count;
            done += count;
        }
        let moved = if self.to_speed == 1.0 { 0.0 } else { log2(self.to_speed) };
        self.moved_octaves += self.tell_share * (moved - self.moved_octaves);
        if (moved - self.moved_octaves).abs() < 1e-4 {
            self.moved_octaves = moved;
        }
    }

    /// Moves the mean of the contour on: slowly about where the voice is, quickly to where another has begun.
    fn follow_mean(&mut self) {
        let pitch = self.tracker.pitch;
        self.loudness *= 1.0 - self.look_secs / LOUD_SECS;
        if pitch.strength <= 0.0 {
            return;
        }
        if pitch.power > self.loudness {
            // What was followed when all was fainter counts for less.
            self.followed_secs *= (self.loudness / pitch.power).max(FAINT);
            self.loudness = pitch.power;
        }
        let secs = self.look_secs * pitch.strength * pitch.power / (pitch.power + FAINT * self.loudness);
        let period = log2(pitch.period_samples);
        let off = period - self.mean;
        if self.followed_secs < FIRST_SECS {
            self.followed_secs += secs;
            self.mean += secs / self.followed_secs.max(self.look_secs) * off;
            return;
        }
        let far = off.abs() > FAR_OCTAVES;
        self.far_secs = if far { self.far_secs + secs } else { 0.0 };
        let memory = if far { FAR_SECS } else { MEAN_SECS };
        if !far || self.far_secs > FAR_FOR_SECS {
            self.mean += secs / memory * off;
        }
    }

    /// Copies, fading: `samples` begin `done` samples into the period.
    fn mix(&mut self, samples: &mut [f32], done: usize) {
        let sound = self.sound.window();
        let newest = sound.len() - self.sound_period();
        let scale = FADE as f32 / self.length as f32;
        let fade = |at: usize| {
            let place = at as f32 * scale;
            let slot = (place as usize).min(FADE);
            self.fade[slot] + (place - slot as f32) * (self.fade[slot + 1] - self.fade[slot])
        };
        if self.from_speed == 1.0 && self.to_speed == 1.0 {
            let copy = |lag: i32| {
                let begin = (newest + done) as i64 - self.delay as i64 - i64::from(lag);
                let begin = begin.clamp(0, (sound.len() - samples.len()) as i64) as usize;
                &sound[begin..begin + samples.len()]
            };
            let (old, new) = (copy(self.from), copy(self.to));
            if self.from == self.to {
                samples.copy_from_slice(old);
                return;
            }
            for (i, ((out, old), new)) in samples.iter_mut().zip(old).zip(new).enumerate() {
                *out = old + fade(self.at + i) * (new - old);
            }
            return;
        }
        // The old copy's mark is where the fade began, the new one's where it ends.
        let began = (newest + done) as i64 - self.at as i64 - self.delay as i64;
        let old_mark = began - i64::from(self.from);
        let new_mark = began + self.length as i64 - i64::from(self.to);
        // A pulse played faster is shorter, and would be weaker by as much.
        let (old_gain, new_gain) = (self.from_speed.sqrt(), self.to_speed.sqrt());
        for (i, out) in samples.iter_mut().enumerate() {
            let at = self.at + i;
            let old = old_gain * between(sound, old_mark, self.from_speed * at as f32);
            let new = new_gain * between(sound, new_mark, self.to_speed * (at as f32 - self.length as f32));
            *out = old + fade(at) * (new - old);
        }
    }

    fn sound_period(&self) -> usize {
        self.sound.delayed(0).len()
    }

    /// Decides where the next fade leads, at a mark `done` samples into the period.
    fn next_copy(&mut self, done: usize, bend: Bend) {
        self.at = 0;
        self.from = self.to;
        self.from_speed = self.to_speed;
        let pitch = self.tracker.pitch;
        if pitch.strength <= 0.0 || bend == Bend::default() {
            self.to_speed = 1.0;
            self.next_unvoiced(done);
            return;
        }
        self.next_voiced(done, bend);
        // No faster than what is known allows until the copy after next.
        let ahead = self.delay as f32 - self.lag.abs() - 0.06 * self.delay as f32;
        let fastest = 1.0 + (ahead / (1.3 * self.length as f32)).max(0.0);
        let octaves = pitch.strength * bend.formant_octaves;
        self.to_speed = if octaves == 0.0 { 1.0 } else { exp2(octaves).min(fastest) };
    }

    fn next_voiced(&mut self, done: usize, bend: Bend) {
        let pitch = self.tracker.pitch;
        let mut own = pitch.period_samples;
        // Where the copy now heard has its mark, full-rate samples from the newest period's first.
        let mark = done as f32 - self.delay as f32 - self.lag;
        if !self.voiced {
            // The first mark is on a pulse, with the delay there is.
            self.voiced = true;
            let ahead = self.unvoiced as f32 + self.to_pulse(mark + self.unvoiced as f32, own);
            self.set_length(ahead.max(0.5 * self.unvoiced as f32));
            return;
        }
        let mean = self.mean;
        let wanted_of = |own: f32| {
            let off = (bend.flattening * (mean - log2(own)) - bend.f0_octaves).clamp(-MOST_OCTAVES, MOST_OCTAVES);
            pitch.strength * off
        };
        let octaves = wanted_of(own);
        if octaves.abs() < LEAST_OCTAVES {
            let ahead = own + self.to_pulse(mark + own, own).clamp(-STEP_TO_PULSE * own, STEP_TO_PULSE * own);
            self.set_length(ahead);
            return;
        }
        // The next point like the last mark, where enough is known to look for it.
        if self.known(mark + own, 0.3 * own) {
            own += self.like(mark, mark + own, own);
        }
        let heard = own * exp2(wanted_of(own));
        // Whole periods left out or repeated, so that the copy's delay stays least.
        let periods = ((self.lag + heard) / own).round().max(0.0);
        let mut lag = self.lag + heard - periods * own;
        let mut ahead = heard;
        let next = mark + periods * own;
        if self.known(next, 0.5 * own) {
            // Marks wander to the pulses together, which changes no pitch.
            ahead += self.to_pulse(next, own).clamp(-STEP_TO_PULSE * own, STEP_TO_PULSE * own);
        }
        if !lag.is_finite() {
            lag = 0.0;
        }
        self.set_length(ahead);
        self.lag = lag;
        self.to = lag.round() as i32;
    }

    /// Back towards no extra delay, by pieces that fit where the sound is alike, at once where it is not.
    fn next_unvoiced(&mut self, done: usize) {
        self.voiced = false;
        self.heard_rest = 0.0;
        self.length = self.unvoiced;
        if self.to == 0 {
            self.lag = 0.0;
            return;
        }
        let mark = (done + self.unvoiced) as f32 - self.delay as f32;
        let reach = (0.7 * self.lag.abs()).min(0.002 / self.period_secs * self.sound_period() as f32);
        let factor = self.tracker.factor as f32;
        let (moved, likeness) = if reach < factor || !self.known(mark + reach, 0.3 * self.unvoiced as f32) {
            (0.0, 0.0)
        } else {
            self.alike(mark - self.lag, mark, self.unvoiced as f32, reach)
        };
        self.lag = if likeness > 0.5 { -moved } else { 0.0 };
        self.to = self.lag.round() as i32;
    }

    fn set_length(&mut self, ahead: f32) {
        let exact = ahead + self.heard_rest;
        let most = 2.0 * self.tracker.longest_samples() as f32;
        let whole = if exact.is_finite() { exact.round().clamp(8.0, most) } else { self.unvoiced as f32 };
        self.heard_rest = (exact - whole).clamp(-1.0, 1.0);
        self.length = whole as usize;
    }

    /// Whether the low-passed sound is there up to `more` samples after `place` (from the newest period's first).
    fn known(&self, place: f32, more: f32) -> bool {
        let end = self.low_index(place + more) + 2.0;
        end < self.tracker.low.window().len() as f32
    }

    /// Index in the low-rate sound of a place of the full rate, counted from the newest period's first sample.
    fn low_index(&self, place: f32) -> f32 {
        let low = &self.tracker.low;
        let newest = low.window().len() - low.delayed(0).len();
        let factor = self.tracker.factor as f32;
        newest as f32 + (place - (factor - 1.0) + self.tracker.lag_samples) / factor
    }

    /// How much further than `guess` the point is that most resembles `mark`, in samples of the full rate.
    fn like(&mut self, mark: f32, guess: f32, period: f32) -> f32 {
        let (moved, likeness) = self.alike(mark, guess, period, SEARCH * period);
        if likeness > 0.4 { moved } else { 0.0 }
    }

    /// `(how much further than `guess`, how alike)` the most similar point to `mark` within `reach`, compared over
    /// `window` samples, seven tenths of them before the point, where more is known.
    fn alike(&mut self, mark: f32, guess: f32, window: f32, reach: f32) -> (f32, f32) {
        let factor = self.tracker.factor as f32;
        let count = ((window / factor).round() as usize).clamp(4, self.span.len() - self.correlation.len() - LANES);
        let reach = ((reach / factor).ceil() as usize).clamp(1, (self.correlation.len() - 3) / 2);
        let before = (0.7 * count as f32).round();
        let sound = self.tracker.low.window();
        let (mark, guess) = (self.low_index(mark) - before, self.low_index(guess) - before);
        let (from, first) = (mark.round(), guess.round() - reach as f32 - 1.0);
        let rows = 2 * reach + 3;
        if from < 0.0 || first < 0.0 || from as usize + count > sound.len() || first as usize + count > sound.len() {
            return (0.0, 0.0);
        }
        let (from, first) = (from as usize, first as usize);
        let usable = rows.min(sound.len() + 1 - count - first);
        if usable < 3 {
            return (0.0, 0.0);
        }
        // The last lanes look beyond what is known; what they see is not used.
        let there = self.span.len().min(sound.len() - first);
        self.span[..there].copy_from_slice(&sound[first..first + there]);
        self.span[there..].fill(0.0);
        let reference = &sound[from..from + count];
        compare(reference, &self.span, &mut self.correlation, &mut self.energy);
        let own: f32 = reference.iter().map(|x| x * x).sum();
        for (correlation, energy) in self.correlation[..usable].iter_mut().zip(&self.energy) {
            *correlation /= (own * energy).sqrt() + 1e-20;
        }
        let mut best = 1;
        for row in 1..usable - 1 {
            if self.correlation[row] > self.correlation[best] {
                best = row;
            }
        }
        let here = &self.correlation[best - 1..best + 2];
        let at = (first + best) as f32 + vertex(here[0], here[1], here[2]);
        (factor * ((at - guess) - (from as f32 - mark)), here[1])
    }

    /// How far from `place` the energy of a period about it is centred, full-rate samples.
    fn to_pulse(&self, place: f32, period: f32) -> f32 {
        let factor = self.tracker.factor as f32;
        let count = (period / factor).round().max(4.0);
        let first = (self.low_index(place) - 0.5 * count).round();
        let sound = self.tracker.low.window();
        if first < 0.0 || first as usize + count as usize > sound.len() {
            return 0.0;
        }
        let turn = std::f32::consts::TAU / count;
        let (step_re, step_im) = (libm::cosf(turn), libm::sinf(turn));
        // The middle of the stretch is angle 0.
        let (mut re, mut im) = (libm::cosf(-0.5 * turn * count), libm::sinf(-0.5 * turn * count));
        let (mut sum_re, mut sum_im) = (0.0, 0.0);
        for x in &sound[first as usize..first as usize + count as usize] {
            let power = x * x;
            sum_re += power * re;
            sum_im += power * im;
            (re, im) = (re * step_re - im * step_im, re * step_im + im * step_re);
        }
        if sum_re * sum_re + sum_im * sum_im < 1e-24 {
            return 0.0;
        }
        libm::atan2f(sum_im, sum_re) / turn * factor
    }
}

/// The sound `offset` samples from `mark`, on the cubic through four neighbours (Catmull & Rom); what is out of reach is
/// its nearest end.
#[inline]
fn between(sound: &[f32], mark: i64, offset: f32) -> f32 {
    let whole = offset.floor();
    let u = offset - whole;
    let last = sound.len() as i64 - 4;
    let first = (mark + whole as i64 - 1).clamp(0, last) as usize;
    let [a, b, c, d] = [sound[first], sound[first + 1], sound[first + 2], sound[first + 3]];
    b + 0.5 * u * (c - a + u * (2.0 * a - 5.0 * b + 4.0 * c - d + u * (3.0 * (b - c) + d - a)))
}

/// Sums of `reference` with each stretch of `span`, by where it begins, and of the stretches squared. `span` is at least
/// as long as both together, and a register. Without fused multiply-adds, as in the search for a pitch.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn compare(reference: &[f32], span: &[f32], correlation: &mut [f32], energy: &mut [f32]) {
    let rows = correlation.as_chunks_mut::<LANES>().0.iter_mut().zip(energy.as_chunks_mut::<LANES>().0);
    for (block, (correlation, energy)) in rows.enumerate() {
        let (mut sums, mut squares) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        for (x, under) in reference.iter().zip(span[block * LANES..].windows(LANES)) {
            for lane in 0..LANES {
                sums[lane] += *x * under[lane];
                squares[lane] += under[lane] * under[lane];
            }
        }
        (*correlation, *energy) = (sums, squares);
    }
}
