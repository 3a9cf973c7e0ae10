//! Beeps and squeaks: tones that the sound sets off, and that end with it.
//!
//! What people tell of the first day is beeps and squeaks in the place of sounds, not beside silence. A beep begins at the
//! place where the (pre-emphasised) spectrum is strongest, stays there for 64 ms while it swells and fades, and follows
//! the level of the sound meanwhile; the next begins wherever the spectrum then is strongest. A squeak glides after
//! bright sounds, an octave above the middle of their spectrum. Both take their power from the sound they stand for.
//! How they sound is a guess; that they follow the input, and are nothing where it is nothing, is not.

use super::PerceptControls;

/// Length of a beep, seconds.
const BEEP_SECS: f32 = 0.064;
/// Most of the sound's power that beeps and squeaks take.
const BEEPS_MOST: f32 = 0.5;
const SQUEAKS_MOST: f32 = 0.4;
/// Places of beeps: where an array of electrodes would have them, in thirds of an octave from this, Hz, so many.
const LOWEST_HZ: f32 = 400.0;
const PLACES: usize = 13;
/// Middle of the spectrum from which a sound squeaks, and from which it does so fully, Hz; and where squeaks stay.
const BRIGHT_HZ: (f32, f32) = (900.0, 2200.0);
const SQUEAK_HZ: (f32, f32) = (1500.0, 7000.0);
/// Memory of a squeak's glide, seconds.
const GLIDE_SECS: f32 = 0.025;
/// Hops between a frame's analysis and the time at which its middle is heard.
const LATE: usize = 3;

/// A tone and the amplitudes that it goes through.
#[derive(Debug, Clone, Copy)]
struct Tone {
    /// Turns, 0 to 1.
    phase: f32,
    hz: f32,
    /// `(Hz, amplitude)` at the ends of the last hops, the newest first.
    ahead: [(f32, f32); LATE],
}

const STILL: Tone = Tone { phase: 0.0, hz: 0.0, ahead: [(0.0, 0.0); LATE] };

/// The tones of one ear.
pub(super) struct Tones {
    rate: f32,
    hop: usize,
    into_hop: usize,
    hop_secs: f32,
    beep: Tone,
    squeak: Tone,
    /// How far into a beep, 0 to 1.
    beep_place: f32,
}

impl Tones {
    pub(super) fn new(sample_rate_hz: u32, hop: usize) -> Self {
        let rate = sample_rate_hz as f32;
        Self { rate, hop, into_hop: 0, hop_secs: hop as f32 / rate, beep: STILL, squeak: STILL, beep_place: 0.0 }
    }

    pub(super) fn reset(&mut self) {
        (self.beep, self.squeak) = (STILL, STILL);
        self.beep_place = 0.0;
        self.into_hop = 0;
    }

    /// Whether there is any tone to follow a frame with.
    pub(super) fn sound(&self, controls: &PerceptControls) -> bool {
        controls.beeps > 0.0 || controls.squeaks > 0.0
    }

    /// Goes on by a hop in which nothing is to be heard.
    pub(super) fn rest(&mut self) {
        self.next((self.beep.ahead[0].0, 0.0), (self.squeak.ahead[0].0, 0.0));
    }

    fn next(&mut self, beep: (f32, f32), squeak: (f32, f32)) {
        self.into_hop = 0;
        for (tone, newest) in [(&mut self.beep, beep), (&mut self.squeak, squeak)] {
            tone.ahead.rotate_right(1);
            tone.ahead[0] = newest;
        }
    }

    /// Follows a frame of mean square `mean_square`, and says what share of its power the tones take. `wanted` is its
    /// envelope in power, `band` what the band's edges leave of it.
    pub(super) fn follow(
        &mut self,
        controls: &PerceptControls,
        mean_square: f32,
        wanted: &[f32],
        band: &[f32],
        bin_hz: f32,
    ) -> f32 {
        if !self.sound(controls) || mean_square <= 0.0 {
            self.rest();
            return 0.0;
        }
        self.beep_place += self.hop_secs / BEEP_SECS;
        let mut beep_hz = self.beep.ahead[0].0;
        if self.beep_place >= 1.0 || beep_hz == 0.0 {
            self.beep_place = 0.0;
            beep_hz = strongest_hz(wanted, band, bin_hz);
        }
        let swell = libm::sinf(std::f32::consts::PI * self.beep_place);
        let beeping = BEEPS_MOST * controls.beeps as f32 * swell * swell;
        let middle_hz = middle_hz(wanted, band, bin_hz);
        let bright = ((middle_hz - BRIGHT_HZ.0) / (BRIGHT_HZ.1 - BRIGHT_HZ.0)).clamp(0.0, 1.0);
        let squeaking = SQUEAKS_MOST * controls.squeaks as f32 * bright * bright * (3.0 - 2.0 * bright);
        let upper_hz = SQUEAK_HZ.1.min(0.4 * self.rate).min(controls.low_pass_hz as f32).max(SQUEAK_HZ.0);
        let goal_hz = (2.0 * middle_hz).clamp(SQUEAK_HZ.0, upper_hz);
        let before_hz = self.squeak.ahead[0].0;
        let share = self.hop_secs / (self.hop_secs + GLIDE_SECS);
        let squeak_hz = if before_hz == 0.0 { goal_hz } else { before_hz + share * (goal_hz - before_hz) };
        // The band's edges weaken what is beyond them; tones are placed within.
        let amplitude = |share: f32| (2.0 * share * mean_square).sqrt();
        self.next((beep_hz, amplitude(beeping)), (squeak_hz, amplitude(squeaking)));
        beeping + squeaking
    }

    /// Adds the tones to a control period; a hop is a whole number of them.
    pub(super) fn add(&mut self, samples: &mut [f32]) {
        let (from, to) =
            (self.into_hop as f32 / self.hop as f32, (self.into_hop + samples.len()) as f32 / self.hop as f32);
        self.into_hop += samples.len();
        for tone in [&mut self.beep, &mut self.squeak] {
            let [_, (_, later), (hz, sooner)] = tone.ahead;
            let (begin, end) = (sooner + from * (later - sooner), sooner + to * (later - sooner));
            if begin <= 0.0 && end <= 0.0 {
                tone.phase = 0.0;
                continue;
            }
            tone.hz = hz;
            let turn = std::f32::consts::TAU * hz / self.rate;
            let (step_re, step_im) = (libm::cosf(turn), libm::sinf(turn));
            let angle = std::f32::consts::TAU * tone.phase;
            let (mut re, mut im) = (libm::cosf(angle), libm::sinf(angle));
            let step = (end - begin) / samples.len() as f32;
            let mut amplitude = begin;
            for sample in samples.iter_mut() {
                *sample += amplitude * im;
                amplitude += step;
                (re, im) = (re * step_re - im * step_im, re * step_im + im * step_re);
            }
            let turns = tone.phase + hz / self.rate * samples.len() as f32;
            tone.phase = turns - turns.floor();
        }
    }
}

/// The place of [`PLACES`] whose third of an octave is strongest, by power times frequency squared.
fn strongest_hz(wanted: &[f32], band: &[f32], bin_hz: f32) -> f32 {
    const THIRD: f32 = 1.259_921;
    const HALF_THIRD: f32 = 1.122_462;
    let mut best = (LOWEST_HZ, -1.0);
    let mut hz = LOWEST_HZ;
    for _ in 0..PLACES {
        let bin = |hz: f32| ((hz / bin_hz + 0.5) as usize).min(wanted.len());
        let (from, to) = (bin(hz / HALF_THIRD), bin(hz * HALF_THIRD));
        let to = to.max(from + 1).min(wanted.len());
        let sum: f32 = (from..to).map(|bin| wanted[bin] * band[bin] * bin as f32 * bin as f32).sum();
        if sum > best.1 {
            best = (hz, sum);
        }
        hz *= THIRD;
    }
    best.0
}

/// Middle of a spectrum, by amplitude rather than power, so that bright parts count beside strong ones.
fn middle_hz(wanted: &[f32], band: &[f32], bin_hz: f32) -> f32 {
    let (mut sum, mut moment) = (0.0, 0.0);
    for (bin, (wanted, band)) in wanted.iter().zip(band).enumerate() {
        let amplitude = (wanted * band).sqrt();
        sum += amplitude;
        moment += amplitude * bin as f32;
    }
    bin_hz * moment / (sum + 1e-20)
}
