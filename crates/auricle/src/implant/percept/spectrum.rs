//! All that is done to a frame's spectrum: formants moved, peaks smeared, a robot's pulses in place of the sound's own.
//!
//! Frames of 10.7 ms, a quarter of one apart, edited by gains that are smooth along frequency and so short in time.
//! Everything goes by the envelope E of the frame's power: the envelope that is wanted, T, is E moved and smeared; the
//! sound's own fine structure is scaled by sqrt(T/E), which leaves harmonics where they are, and a robot's pulses by
//! sqrt(T). The frame's power, as the band's edges let it through, stays what it was.

use multiversion::multiversion;

use super::PerceptControls;
use super::envelope::{self, Envelope};
use super::pulses::Pulses;
use super::tones::Tones;
use crate::dsp::fft::{self, RealFft};
use crate::dsp::math::exp2;
use crate::dsp::stft::{OVERLAP, Stft, quick_length};
use crate::dsp::{LANES, control_period_samples, erb};

/// Length of a frame, seconds: two periods of a low voice, too short to see its harmonics apart, long enough to see
/// its formants.
const FRAME_SECS: f64 = 0.0107;
/// Reach of the smoothing that takes harmonics out of the envelope where no pitch is found, and its limits, Hz.
const SMOOTH_HZ: f32 = 120.0;
const SMOOTH_LIMITS_HZ: (f32, f32) = (100.0, 400.0);
/// Largest gain of the sound's fine structure, power: 30 dB. Beyond it a recording's own noise would be heard.
const MOST_GAIN: f32 = 1000.0;
/// Largest gain that restores a frame's power, power: 20 dB.
const MOST_RESTORING: f32 = 100.0;
/// Averaging of the powers that levels are kept by, seconds, and the most that is given back: 2.5 dB.
const KEEP_SECS: f64 = 0.1;
const MOST_KEEPING: f32 = 1.334;
/// Frames from one that is made to the one whose middle is heard.
const LATE: usize = 3;
/// Frequencies above this are left as they are, Hz: nobody hears them, implant or not.
const HIGHEST_HZ: f64 = 20_000.0;
/// Power of a bin below which there is nothing.
const NOTHING: f32 = 1e-20;

/// State of the spectral stage.
pub(super) struct Spectrum {
    stft: Stft,
    frame: Frame,
    /// What came out of the transform, mean square, averaged; and the gain in force.
    got: f32,
    gain: f32,
    /// Share of a period in the averages.
    share: f32,
}

/// What is known of a voice in the sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice {
    /// Its F0, if there is one.
    pub f0_hz: Option<f32>,
    /// Octaves by which formants are still to be moved.
    pub left_octaves: f32,
}

/// What a frame's edit works with.
struct Frame {
    bin_hz: f32,
    hop: usize,
    /// Sum of the analysis window squared: power of a bin that noise of unit variance gives.
    window_power: f32,
    /// ERB of each bin's frequency, in bins.
    erb_bins: Vec<f32>,
    power: Vec<f32>,
    envelope: Vec<f32>,
    wanted: Vec<f32>,
    band: Vec<f32>,
    /// Edges that `band` was made for.
    band_of: (f64, f64),
    averages: Envelope,
    pulses: Pulses,
    window: Vec<f32>,
    forward: RealFft,
    time: Vec<f32>,
    carrier: fft::Spectrum,
    /// Mean squares that the last frames were given, the newest first, and their average as of when they are heard; `None`
    /// where the last frame was left as it is.
    given: [f32; LATE],
    due: Option<f32>,
}

impl Spectrum {
    pub(super) fn new(sample_rate_hz: u32) -> Self {
        let rate = f64::from(sample_rate_hz);
        let length = frame_samples(sample_rate_hz);
        let bin_hz = rate / length as f64;
        let bins = (length / 2 + 1).min((HIGHEST_HZ / bin_hz) as usize);
        let stft = Stft::of_frame(length, bins);
        let hann = |n: usize| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * n as f64 / length as f64);
        let forward = RealFft::new(length, bins);
        Self {
            stft,
            frame: Frame {
                bin_hz: bin_hz as f32,
                hop: length / OVERLAP,
                window_power: (0..length).map(|n| hann(n) * hann(n)).sum::<f64>() as f32,
                erb_bins: (0..bins).map(|bin| (erb::bandwidth_hz(bin as f64 * bin_hz) / bin_hz) as f32).collect(),
                power: vec![0.0; bins],
                envelope: vec![0.0; bins],
                wanted: vec![0.0; bins],
                band: vec![1.0; bins],
                band_of: (0.0, 0.0),
                averages: Envelope::new(bins),
                pulses: Pulses::new(sample_rate_hz, length),
                window: (0..length).map(|n| hann(n) as f32).collect(),
                time: vec![0.0; length],
                carrier: forward.spectrum(),
                forward,
                given: [0.0; LATE],
                due: None,
            },
            got: 0.0,
            gain: 1.0,
            share: (1.0 - libm::exp(-(control_period_samples(sample_rate_hz) as f64) / (KEEP_SECS * rate))) as f32,
        }
    }

    /// Samples by which the sound lags.
    pub(super) fn latency_samples(&self) -> usize {
        self.stft.latency_samples()
    }

    pub(super) fn reset(&mut self) {
        self.stft.reset();
        self.frame.pulses.reset();
        self.frame.given = [0.0; LATE];
        self.frame.due = None;
        (self.got, self.gain) = (0.0, 1.0);
    }

    /// One control period in place; `tones` hears what there is to follow.
    pub(super) fn process(&mut self, samples: &mut [f32], controls: &PerceptControls, voice: Voice, tones: &mut Tones) {
        let Self { stft, frame, .. } = self;
        stft.process(samples, true, |spectrum| frame.edit(spectrum, controls, voice, tones));
        self.keep_level(samples);
    }

    /// Gives back what frames take from each other: edited apart, they do not fully agree where they overlap.
    fn keep_level(&mut self, samples: &mut [f32]) {
        let goal = if let Some(due) = &mut self.frame.due {
            let power = samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32;
            *due += self.share * (self.frame.given[LATE - 1] - *due);
            self.got += self.share * (power - self.got);
            if self.got < NOTHING || *due < NOTHING {
                (self.got, *due) = (0.0, 0.0);
                1.0
            } else {
                (*due / self.got).sqrt().clamp(1.0, MOST_KEEPING)
            }
        } else {
            self.got = 0.0;
            1.0
        };
        if goal == 1.0 && self.gain == 1.0 {
            return;
        }
        let step = (goal - self.gain) / samples.len() as f32;
        for sample in samples.iter_mut() {
            self.gain += step;
            *sample *= self.gain;
        }
        self.gain = goal;
    }
}

/// Samples of a frame.
pub(super) fn frame_samples(sample_rate_hz: u32) -> usize {
    quick_length(FRAME_SECS * f64::from(sample_rate_hz)).max(32)
}

impl Frame {
    /// Replaces the spectrum by the difference that is to be made; false where there is none.
    fn edit(
        &mut self,
        spectrum: &mut fft::Spectrum,
        controls: &PerceptControls,
        voice: Voice,
        tones: &mut Tones,
    ) -> bool {
        self.pulses.advance(self.hop, controls.robot_hz as f32);
        let shifts = voice.left_octaves != 0.0;
        let smears = controls.smearing_erb > 0.0;
        let robot = controls.robot as f32;
        self.given.rotate_right(1);
        self.given[0] = 0.0;
        if !(shifts || smears || robot > 0.0 || tones.sound(controls)) {
            tones.rest();
            self.due = None;
            return false;
        }
        self.follow_band(controls);
        for ((power, re), im) in self.power.iter_mut().zip(&spectrum.re).zip(&spectrum.im) {
            let here = re * re + im * im;
            *power = if here < NOTHING { 0.0 } else { here };
        }
        let width_hz = voice.f0_hz.unwrap_or(SMOOTH_HZ).clamp(SMOOTH_LIMITS_HZ.0, SMOOTH_LIMITS_HZ.1);
        self.averages.smooth(&self.power, width_hz / self.bin_hz, &mut self.envelope);
        if shifts {
            envelope::warp(&self.envelope, exp2(voice.left_octaves), &mut self.wanted);
        } else {
            self.wanted.copy_from_slice(&self.envelope);
        }
        if smears {
            self.averages.smear(&mut self.wanted, &self.erb_bins, controls.smearing_erb as f32);
        }
        let [there, own, wanted, all_own, all_wanted] = powers(&self.power, &self.envelope, &self.wanted, &self.band);
        // Half the spectrum holds half the power; a frame's is that of its samples under the window.
        let to_mean_square = 2.0 / (self.window_power * (self.window.len() as f32));
        let mean_square = to_mean_square * there;
        let tonal = tones.follow(controls, mean_square, &self.wanted, &self.band, self.bin_hz);
        let restoring = |got: f32| (there / (got + NOTHING)).min(MOST_RESTORING);
        let natural = (1.0 - tonal) * (1.0 - robot) * restoring(own);
        let spoken = (1.0 - tonal) * robot * restoring(wanted);
        self.given[0] = to_mean_square * (natural * all_own + spoken * all_wanted);
        self.due = self.due.or(Some(0.0));
        if robot <= 0.0 {
            scale(spectrum, &self.envelope, &self.wanted, natural);
            return true;
        }
        self.pulses.under(&self.window, &mut self.time);
        self.forward.forward(&self.time, &mut self.carrier);
        let carried = spoken / self.window_power;
        scale_and_add(spectrum, &self.envelope, &self.wanted, natural, &self.carrier, carried);
        true
    }

    /// The share of power that the edges of the band let through, by bin.
    fn follow_band(&mut self, controls: &PerceptControls) {
        let edges = (controls.high_pass_hz, controls.low_pass_hz);
        if self.band_of == edges {
            return;
        }
        self.band_of = edges;
        let (low_hz, high_hz) = (edges.0.max(1.0) as f32, edges.1 as f32);
        for (bin, share) in self.band.iter_mut().enumerate() {
            let hz = (bin as f32).max(0.25) * self.bin_hz;
            *share = 1.0 / ((1.0 + eighth(low_hz / hz)) * (1.0 + eighth(hz / high_hz)));
        }
    }
}

/// The eighth power, as in the response of Butterworth filters of the fourth order; kept finite.
fn eighth(x: f32) -> f32 {
    let x = x.min(1e4);
    let square = x * x;
    let fourth = square * square;
    fourth * fourth
}

/// Gain in power of a bin's own fine structure: wanted over own, to the power of 5/4.
///
/// By the plain ratio a fifth of a ripple 1 kHz wide would stay, because the own envelope is smoothed and frames that
/// overlap do not agree: with 5/4 of it in dB what comes out is what is wanted (measured: `tests/percept/operations.rs`).
#[inline(always)]
fn gain(envelope: f32, wanted: f32) -> f32 {
    let ratio = wanted / (envelope + NOTHING);
    (ratio * ratio.sqrt().sqrt()).min(MOST_GAIN)
}

/// Power in the band as it is, with the fine structure scaled, and of the wanted envelope; and the last two of all.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn powers(power: &[f32], envelope: &[f32], wanted: &[f32], band: &[f32]) -> [f32; 5] {
    // A register of sums side by side, added in a fixed order, so that every machine gets the same.
    let mut sums = [[0.0_f32; LANES]; 5];
    let parts = power.chunks(LANES).zip(envelope.chunks(LANES)).zip(wanted.chunks(LANES)).zip(band.chunks(LANES));
    for (((power, envelope), wanted), band) in parts {
        let bins = power.iter().zip(envelope).zip(wanted).zip(band);
        for (lane, (((power, envelope), wanted), band)) in bins.enumerate() {
            let own = power * gain(*envelope, *wanted);
            sums[0][lane] += power * band;
            sums[1][lane] += own * band;
            sums[2][lane] += wanted * band;
            sums[3][lane] += own;
            sums[4][lane] += wanted;
        }
    }
    sums.map(|lanes| lanes.iter().sum())
}

/// The difference that scaling by the wanted envelope and `share` of power makes.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn scale(spectrum: &mut fft::Spectrum, envelope: &[f32], wanted: &[f32], share: f32) {
    let bins = spectrum.re.iter_mut().zip(&mut spectrum.im);
    for (((re, im), envelope), wanted) in bins.zip(envelope).zip(wanted) {
        let more = (share * gain(*envelope, *wanted)).sqrt() - 1.0;
        *re *= more;
        *im *= more;
    }
}

/// The same, with a carrier of `carried` power under the wanted envelope added.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn scale_and_add(
    spectrum: &mut fft::Spectrum,
    envelope: &[f32],
    wanted: &[f32],
    share: f32,
    carrier: &fft::Spectrum,
    carried: f32,
) {
    let bins = spectrum.re.iter_mut().zip(&mut spectrum.im);
    let carriers = carrier.re.iter().zip(&carrier.im);
    for ((((re, im), envelope), wanted), (carrier_re, carrier_im)) in bins.zip(envelope).zip(wanted).zip(carriers) {
        let more = (share * gain(*envelope, *wanted)).sqrt() - 1.0;
        let pulse = (carried * wanted).sqrt();
        *re = *re * more + pulse * carrier_re;
        *im = *im * more + pulse * carrier_im;
    }
}
