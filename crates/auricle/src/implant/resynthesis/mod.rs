//! From pulses to sound: what the device transmits, made audible through a carrier.
//!
//! ```text
//! pulses -- level of sound that each current stands for -- power of each electrode, on the control grid
//!                                                            |
//!                                     spread of excitation --+-- tones, bands of noise --> sound
//! ```
//! Levels are absolute: a current is turned back into the level of sound of which the device's map makes it, and
//! nothing looks at more of the sound than the moment. Spread moves power, it makes none. What a device loses of
//! level (channels that are not among the maxima, gain control, sounds beyond its range) stays lost.
//!
//! Everything hangs on the absolute sample index, so that the size of blocks cannot matter.

mod bursts;
mod course;
mod design;
mod levels;
mod noise;
mod spread;
mod tones;

#[cfg(test)]
mod tests;

pub use design::{SPIRAL_TONES, spiral_hz};
pub use levels::LevelTable;

use std::iter::Peekable;

use super::cochlea::Placement;
use super::params::{Carrier, Places};
use super::pulse::{Pulse, PulseSink, TICKS_PER_SEC};
use crate::dsp::{MAX_PERIOD_SAMPLES, control_period_samples};
use crate::listener::DeadRegion;
use bursts::Bursts;
use course::Course;
use design::Design;
use multiversion::{multiversion, target::target_cfg_f};
use noise::NoiseBands;
use tones::Tones;

/// Sample rates that sound can be made at, Hz.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;
/// Pulses of one electrode may lie this far apart, seconds.
const INTERVALS_SECS: std::ops::RangeInclusive<f64> = 2e-5..=0.1;

/// Electrodes may be held back by this, seconds.
const DELAYS_SECS: std::ops::RangeInclusive<f64> = 0.0..=0.02;

/// What a resynthesis cannot be made of.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ResynthesisError {
    /// A rate outside [`RATES_HZ`].
    #[error("a sample rate of {0} Hz cannot be made; 8000 to 192000 Hz can")]
    SampleRate(u32),
    /// Lists of different lengths.
    #[error("{what} are given for {given} electrodes; the array has {electrodes}")]
    Electrodes {
        /// Of what.
        what: &'static str,
        /// How many there are.
        given: usize,
        /// How many there must be.
        electrodes: usize,
    },
    /// A band that is none.
    #[error(
        "electrode {electrode} has a band from {low_hz} to {high_hz} Hz about {centre_hz} Hz; they must ascend from more than 0"
    )]
    Band {
        /// The electrode, from 1 at the base.
        electrode: usize,
        /// Lower edge, Hz.
        low_hz: f64,
        /// Centre, Hz.
        centre_hz: f64,
        /// Upper edge, Hz.
        high_hz: f64,
    },
    /// Pulses too dense or too rare.
    #[error("electrode {electrode} has a pulse every {interval_secs} s; 20 microseconds to 0.1 s can be made audible")]
    Interval {
        /// The electrode, from 1 at the base.
        electrode: usize,
        /// From pulse to pulse, seconds.
        interval_secs: f64,
    },
    /// A delay that is none, or more than there is room for.
    #[error("electrode {electrode} is held back by {delay_secs} s; 0 to 0.02 s can be")]
    Delay {
        /// The electrode, from 1 at the base.
        electrode: usize,
        /// The delay, seconds.
        delay_secs: f64,
    },
    /// A fall that is none.
    #[error("excitation cannot fall by {0} dB/mm; it must be more than 0")]
    Spread(f64),
}

/// The part of the sound that an electrode stands for, and how its pulses tell of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Channel {
    /// Lower edge of its band, Hz.
    pub low_hz: f64,
    /// Centre, Hz.
    pub centre_hz: f64,
    /// Upper edge, Hz.
    pub high_hz: f64,
    /// Time from one pulse of a steady sound to the next, seconds.
    pub interval_secs: f64,
    /// Whether the times of its pulses are those of the sound's own waves, and are to be heard as such; between other
    /// pulses, which come by the clock, sound goes on.
    pub fine: bool,
    /// By how much its sound is held back, seconds (0 to 20 ms): what others of the device come later.
    pub delay_secs: f64,
}

/// What a resynthesis is made for; lists are `[electrode]`, base to apex.
#[derive(Debug, Clone, PartialEq)]
pub struct ResynthesisParams<'a> {
    /// What carries the envelopes.
    pub carrier: Carrier,
    /// Which places the carriers have.
    pub places: Places,
    /// Where the electrodes lie.
    pub placement: Placement,
    /// What they stand for; `None` for electrodes that are not used.
    pub channels: Vec<Option<Channel>>,
    /// What their currents stand for.
    pub levels: LevelTable,
    /// Fall of excitation along the array, dB/mm; infinite where none spreads.
    pub spread_db_per_mm: f64,
    /// Places where nothing is alive.
    pub dead: &'a [DeadRegion],
    /// Of phases and noise.
    pub seed: u64,
}

impl ResynthesisParams<'_> {
    fn check(&self) -> Result<(), ResynthesisError> {
        let electrodes = self.placement.place_hz.len();
        for (what, given) in [("channels", self.channels.len()), ("levels", self.levels.electrodes())] {
            if given != electrodes {
                return Err(ResynthesisError::Electrodes { what, given, electrodes });
            }
        }
        for (index, channel) in self.channels.iter().enumerate() {
            let Some(Channel { low_hz, centre_hz, high_hz, interval_secs, delay_secs, .. }) = *channel else {
                continue;
            };
            let electrode = index + 1;
            let ascends = 0.0 < low_hz && low_hz < centre_hz && centre_hz < high_hz && high_hz.is_finite();
            if !ascends {
                return Err(ResynthesisError::Band { electrode, low_hz, centre_hz, high_hz });
            }
            if !INTERVALS_SECS.contains(&interval_secs) {
                return Err(ResynthesisError::Interval { electrode, interval_secs });
            }
            if !DELAYS_SECS.contains(&delay_secs) {
                return Err(ResynthesisError::Delay { electrode, delay_secs });
            }
        }
        if self.spread_db_per_mm.is_nan() || self.spread_db_per_mm <= 0.0 {
            return Err(ResynthesisError::Spread(self.spread_db_per_mm));
        }
        Ok(())
    }
}

/// What makes the sound.
#[derive(Debug, Clone)]
enum Synthesis {
    Tones(Tones),
    Noise(NoiseBands),
    Bursts(Box<Bursts>),
}

/// Pulses in, sound out, streaming.
///
/// Before [`Self::process`] makes a stretch of samples, all pulses whose onsets lie before its end have to have been
/// given, in the order of their onsets; pulses may be given up to 25 ms ahead. Real-time safe after construction.
#[derive(Debug, Clone)]
pub struct Resynthesis {
    synthesis: Synthesis,
    course: Course,
    levels: LevelTable,
    /// The next electrode towards the apex that is used, `[electrode]`.
    neighbour: Vec<Option<usize>>,
    /// `[electrode]`.
    delay_samples: Vec<f64>,
    /// Power weights `[electrode][carrier]`, flattened.
    weights: Vec<f32>,
    carriers: usize,
    /// Amplitude of each carrier for a power of 1: the peak of a tone, the RMS of noise.
    per_root_power: f32,
    /// Amplitudes at the last moment of the control grid and at the next, `[carrier]`.
    from: Vec<f32>,
    to: Vec<f32>,
    latency_samples: usize,
    samples_per_tick: f64,
    /// A pulse that another may yet join.
    pending: Option<Pulse>,
    period_samples: usize,
    period: [f32; MAX_PERIOD_SAMPLES],
    /// Samples of the period that have been given out.
    given: usize,
    /// Samples made from pulses at hand.
    made: u64,
}

impl Resynthesis {
    /// For one implant and sample rate, at rest.
    ///
    /// # Errors
    /// [`ResynthesisError`] where the rate is outside [`RATES_HZ`], lists have different lengths, or a number cannot be.
    pub fn new(params: &ResynthesisParams, sample_rate_hz: u32) -> Result<Self, ResynthesisError> {
        if !RATES_HZ.contains(&sample_rate_hz) {
            return Err(ResynthesisError::SampleRate(sample_rate_hz));
        }
        let design = Design::new(params)?;
        let period_samples = control_period_samples(sample_rate_hz);
        let rate = f64::from(sample_rate_hz);
        let of_channels = |of: fn(&Channel) -> f64, none: f64| -> Vec<f64> {
            params.channels.iter().map(|channel| channel.as_ref().map_or(none, of)).collect()
        };
        let delay_samples = of_channels(|channel| channel.delay_secs, 0.0).iter().map(|secs| secs * rate).collect();
        let course = Course::new(&params.channels, sample_rate_hz, period_samples);
        let tones = || Tones::new(&design.frequency_hz, sample_rate_hz, period_samples, params.seed);
        let synthesis = match params.carrier {
            Carrier::Spiral | Carrier::Sine => Synthesis::Tones(tones()),
            Carrier::Noise => Synthesis::Noise(NoiseBands::new(&design.edges_hz, sample_rate_hz, params.seed)),
            Carrier::Bursts => {
                let intervals = of_channels(|channel| channel.interval_secs, 1e-3);
                let bursts = Bursts::new(&design.frequency_hz, &intervals, tones(), sample_rate_hz);
                Synthesis::Bursts(Box::new(bursts))
            }
        };
        let reach_samples = match &synthesis {
            Synthesis::Bursts(bursts) => bursts.longest_half_samples() + 1,
            _ => course.longest_half_samples(),
        };
        let carriers = design.frequency_hz.len();
        Ok(Self {
            per_root_power: if params.carrier == Carrier::Noise { 1.0 } else { std::f32::consts::SQRT_2 },
            synthesis,
            // A moment at the end of a period must be known when the period begins.
            latency_samples: reach_samples + period_samples,
            course,
            levels: params.levels.clone(),
            neighbour: neighbours(&params.channels),
            delay_samples,
            weights: design.weights,
            carriers,
            from: vec![0.0; carriers],
            to: vec![0.0; carriers],
            samples_per_tick: rate / TICKS_PER_SEC as f64,
            pending: None,
            period_samples,
            period: [0.0; MAX_PERIOD_SAMPLES],
            given: period_samples,
            made: 0,
        })
    }

    /// Samples by which the sound of a pulse, in its middle, comes after the pulse's onset.
    pub fn latency_samples(&self) -> usize {
        self.latency_samples
    }

    /// Forgets everything heard so far: the next sample is the first.
    pub fn reset(&mut self) {
        match &mut self.synthesis {
            Synthesis::Tones(tones) => tones.reset(),
            Synthesis::Noise(noise) => noise.reset(),
            Synthesis::Bursts(bursts) => bursts.reset(),
        }
        self.course.reset();
        self.from.fill(0.0);
        self.to.fill(0.0);
        self.pending = None;
        self.given = self.period_samples;
        self.made = 0;
    }

    /// Makes the next samples; `out` of any length, 0 included.
    pub fn process(&mut self, out: &mut [f32]) {
        self.settle();
        let mut rest = out;
        while !rest.is_empty() {
            if self.given == self.period_samples {
                self.next_period();
            }
            let (now, later) = rest.split_at_mut(rest.len().min(self.period_samples - self.given));
            now.copy_from_slice(&self.period[self.given..self.given + now.len()]);
            self.given += now.len();
            rest = later;
        }
    }

    /// Makes the next samples from pulses that are at hand, of any device: takes those that are due from `pulses`, which
    /// come in the order of their onsets, and leaves the rest.
    pub fn process_pulses(&mut self, pulses: &mut Peekable<impl Iterator<Item = Pulse>>, out: &mut [f32]) {
        for block in out.chunks_mut(self.period_samples) {
            self.made += block.len() as u64;
            let end_ticks = (self.made as f64 / self.samples_per_tick) as u64;
            while let Some(pulse) = pulses.next_if(|pulse| pulse.onset_ticks <= end_ticks) {
                self.pulse(pulse);
            }
            self.process(block);
        }
    }

    /// Renders a period.
    fn next_period(&mut self) {
        let out = &mut self.period[..self.period_samples];
        out.fill(0.0);
        self.given = 0;
        if let Synthesis::Bursts(bursts) = &mut self.synthesis {
            bursts.add(out);
        } else {
            let powers = self.course.take();
            self.to.fill(0.0);
            for (power, weights) in powers.iter_mut().zip(self.weights.chunks_exact(self.carriers)) {
                if *power != 0.0 {
                    add_times(&mut self.to, *power, weights);
                    *power = 0.0;
                }
            }
            roots(&mut self.to, self.per_root_power);
            match &mut self.synthesis {
                Synthesis::Tones(tones) => tones.add(&self.from, &self.to, out),
                Synthesis::Noise(noise) => noise.add(&self.from, &self.to, out),
                Synthesis::Bursts(_) => {}
            }
            std::mem::swap(&mut self.from, &mut self.to);
        }
        // What is left of tones that cancel each other may be denormal.
        for sample in out {
            if sample.abs() < FAINTEST {
                *sample = 0.0;
            }
        }
    }

    /// Takes a pulse that stands alone, or two neighbours that fire at once as one between them.
    fn pair(&mut self, first: Pulse, second: Option<Pulse>) {
        let total_ua = first.current_ua + second.map_or(0.0, |pulse| pulse.current_ua);
        // The level of a pair is that of its sum on the more apical of both, to which the channel belongs.
        let apical = second.map_or(first.electrode, |second| first.electrode.max(second.electrode));
        for pulse in [Some(first), second].into_iter().flatten() {
            let electrode = usize::from(pulse.electrode).wrapping_sub(1);
            let (rms, share) = if second.is_none() {
                (self.levels.rms(electrode, pulse.current_level), 1.0)
            } else {
                (self.levels.rms_of_current(usize::from(apical) - 1, total_ua), pulse.current_ua / total_ua)
            };
            if rms > 0.0 && share > 0.0 && electrode < self.levels.electrodes() {
                let onset_samples = pulse.onset_ticks as f64 * self.samples_per_tick;
                let at_samples = onset_samples + self.latency_samples as f64 + self.delay_samples[electrode];
                match &mut self.synthesis {
                    Synthesis::Bursts(bursts) => bursts.burst(electrode, at_samples, rms * share.sqrt()),
                    _ => self.course.add(electrode, at_samples, rms * rms * share),
                }
            }
        }
    }

    /// Whether two electrodes, counted from 1, are neighbours among those that are used.
    fn beside(&self, a: u8, b: u8) -> bool {
        let apical_of = |electrode: u8| self.neighbour.get(usize::from(electrode).wrapping_sub(1)).copied().flatten();
        apical_of(a.min(b)) == Some(usize::from(a.max(b)).wrapping_sub(1))
    }

    fn settle(&mut self) {
        if let Some(pulse) = self.pending.take() {
            self.pair(pulse, None);
        }
    }
}

impl PulseSink for Resynthesis {
    /// Takes a pulse. One that comes in the same tick as the one before, on the electrode beside it, shares a place
    /// between both with it: their currents add up, and their power goes to both as the current is shared (current
    /// steering). An electrode that there is not is silent.
    fn pulse(&mut self, pulse: Pulse) {
        match self.pending {
            Some(before)
                if before.onset_ticks == pulse.onset_ticks && self.beside(before.electrode, pulse.electrode) =>
            {
                self.pending = None;
                self.pair(before, Some(pulse));
            }
            _ => {
                self.settle();
                self.pending = Some(pulse);
            }
        }
    }
}

/// The next electrode towards the apex that is used, `[electrode]`.
fn neighbours(channels: &[Option<Channel>]) -> Vec<Option<usize>> {
    let next = |electrode: usize| (electrode + 1..channels.len()).find(|other| channels[*other].is_some());
    (0..channels.len()).map(next).collect()
}

/// Output below this is silence, 600 dB under full scale.
const FAINTEST: f32 = 1e-30;

/// `sum += power * weights`.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_times(sum: &mut [f32], power: f32, weights: &[f32]) {
    const FMA: bool = target_cfg_f!(target_feature = "fma");
    for (sum, weight) in sum.iter_mut().zip(weights) {
        *sum = crate::dsp::math::madd::<FMA>(power, *weight, *sum);
    }
}

/// Amplitudes of powers, those of less than -200 dB FS being none.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma"))]
fn roots(powers: &mut [f32], scale: f32) {
    for power in powers {
        *power = if *power < 1e-20 { 0.0 } else { scale * power.sqrt() };
    }
}
