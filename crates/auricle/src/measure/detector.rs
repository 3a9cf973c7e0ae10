//! The one who listens to what comes out: an ear of normal hearing, as plain as can be.
//!
//! Through a simulation listens a person who hears normally. In silence that person hears a tone when the level of
//! all that comes out (its RMS) reaches 0 dB HL at the tone's frequency: the reference threshold of ISO 389-7 in the
//! field of the calibration. That is how thresholds are defined and how a sound level meter would read them.
//!
//! Where something else sounds, a tinnitus, the tone's own power has to reach that threshold and half the power (-3 dB:
//! Moore, Glasberg & Baer 1997, above 1 kHz) of what else comes through one auditory filter at the tone's frequency: a
//! gammatone of fourth order and one ERB (Glasberg & Moore 1990). That is the power spectrum model of masking (Fletcher
//! 1940; Patterson & Moore 1986).
//!
//! What is left out: smearing throws part of a tone into side tones, which a normal ear hears at places of their own.
//! [`Filters`] says what a bank of auditory filters would hear instead, and where.

use super::bench::{Bench, rms_db_fs};
use crate::dsp::erb;
use crate::level::Calibration;

/// Power of a tone that is just heard, re that of what else comes through its filter.
pub const JUST_HEARD: f64 = 0.5;
/// Powers below this are silence, re full scale: -200 dB FS.
const SILENT: f64 = 1e-20;

/// A complex gammatone of fourth order whose gain is 1 at its centre (Hohmann 2002, equations 1 to 7).
#[derive(Debug, Clone)]
pub struct AuditoryFilter {
    pole: (f64, f64),
    gain: f64,
}

impl AuditoryFilter {
    /// One ERB wide (times `width`) round `centre_hz`.
    pub fn new(centre_hz: f64, width: f64, sample_rate_hz: u32) -> Self {
        let rate = f64::from(sample_rate_hz);
        // A gammatone of order 4 is as wide as an ERB where b is ERB / (5 pi / 16).
        let b_hz = width * erb::bandwidth_hz(centre_hz) / (5.0 * std::f64::consts::PI / 16.0);
        let radius = libm::exp(-std::f64::consts::TAU * b_hz / rate);
        let angle = std::f64::consts::TAU * centre_hz / rate;
        Self { pole: (radius * libm::cos(angle), radius * libm::sin(angle)), gain: 2.0 * libm::pow(1.0 - radius, 4.0) }
    }

    /// Calls `each` with the squared magnitude of the filtered sound, halved so that a tone's is its mean square.
    pub fn run(&self, samples: &[f32], mut each: impl FnMut(f64)) {
        let (re, im) = self.pole;
        let mut state = [(0.0_f64, 0.0_f64); 4];
        for sample in samples {
            let (mut x, mut y) = (self.gain * f64::from(*sample), 0.0);
            for (a, b) in &mut state {
                (x, y) = (x + re * *a - im * *b, y + re * *b + im * *a);
                (*a, *b) = (x, y);
            }
            each(0.5 * (x * x + y * y));
        }
    }

    /// Mean square of the last `last` of the filtered samples.
    pub fn power(&self, samples: &[f32], last: usize) -> f64 {
        let (mut sum, mut count) = (0.0, 0_usize);
        let first = samples.len().saturating_sub(last);
        self.run(samples, |power| {
            if count >= first {
                sum += power;
            }
            count += 1;
        });
        sum / last.min(samples.len()).max(1) as f64
    }
}

/// A normal ear that listens for a tone.
#[derive(Debug, Clone)]
pub struct Detector {
    frequency_hz: f64,
    calibration: Calibration,
    /// Power of the faintest tone that is heard in silence.
    threshold: f64,
    /// Power of all that sounds while no tone is played.
    background: f64,
    /// What of it comes through the auditory filter at the tone.
    masker: f64,
}

/// One tone as it was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// By how much the tone exceeds what is just heard, dB; below 0 it is not heard.
    pub excess_db: f64,
    /// Level of the tone as it came out, dB HL at its frequency.
    pub level_db_hl: f64,
}

impl Detector {
    /// A listener for tones of `frequency_hz`; listens to the silence first.
    pub fn new(bench: &mut Bench, frequency_hz: f64) -> Self {
        let calibration = bench.calibration;
        let quiet = bench.quiet();
        let last = bench.reading_samples();
        let audible = |power: f64| if power < SILENT { 0.0 } else { power };
        let filter = AuditoryFilter::new(frequency_hz, 1.0, bench.sample_rate_hz);
        Self {
            frequency_hz,
            calibration,
            threshold: libm::pow(10.0, calibration.db_hl_to_db_fs(0.0, frequency_hz) / 10.0),
            background: audible(mean_square(&quiet, last)),
            masker: audible(filter.power(&quiet, last)),
        }
    }

    /// Level that comes through the filter while no tone is played, dB HL; `None` in silence.
    pub fn masker_db_hl(&self) -> Option<f64> {
        (self.masker > 0.0).then(|| self.db_hl(self.masker))
    }

    /// Listens to a tone of `level_db_hl`.
    ///
    /// Where something else sounds the tone is played twice, upright and upside down, and the mean is taken: one can
    /// neither add to the tone nor take from it by the chance of its phase, as a clinic's pulsed tone cannot.
    pub fn listen(&self, bench: &mut Bench, level_db_hl: f64) -> Heard {
        let last = bench.reading_samples();
        let polarities: &[f64] = if self.background > 0.0 { &[1.0, -1.0] } else { &[1.0] };
        let mut whole = 0.0;
        for polarity in polarities {
            let heard = bench.tone(self.frequency_hz, level_db_hl, *polarity);
            whole += mean_square(&heard, last) / polarities.len() as f64;
        }
        let tone = (whole - self.background).max(SILENT);
        let needed = self.threshold + JUST_HEARD * self.masker;
        Heard { excess_db: 10.0 * libm::log10(tone / needed), level_db_hl: self.db_hl(tone) }
    }

    fn db_hl(&self, power: f64) -> f64 {
        self.calibration.db_fs_to_db_hl(10.0 * libm::log10(power), self.frequency_hz)
    }
}

/// Mean square of the last `last` samples.
fn mean_square(samples: &[f32], last: usize) -> f64 {
    libm::pow(10.0, rms_db_fs(&samples[samples.len().saturating_sub(last)..]) / 10.0)
}

/// A normal ear's auditory filters: one at a tone's frequency and others whole ERBs away.
#[derive(Debug, Clone)]
pub struct Filters {
    filters: Vec<(f64, AuditoryFilter)>,
}

/// What the most excited of the filters hears.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Centre of the filter, Hz.
    pub frequency_hz: f64,
    /// Level behind it, dB HL at its own frequency.
    pub level_db_hl: f64,
}

impl Filters {
    /// Up to `reach` ERB on either side of `frequency_hz`.
    ///
    /// A gammatone is 12 dB down an ERB from its centre, more than reference thresholds change on the way: a tone
    /// alone is always heard at its own place.
    pub fn around(frequency_hz: f64, reach: u32, sample_rate_hz: u32) -> Self {
        let number = erb::number(frequency_hz);
        let range = 25.0..(0.45 * f64::from(sample_rate_hz)).min(16_000.0);
        let reach = i64::from(reach);
        let filters = (-reach..=reach)
            .map(|away| if away == 0 { frequency_hz } else { erb::frequency_hz(number + away as f64) })
            .filter(|hz| range.contains(hz))
            .map(|hz| (hz, AuditoryFilter::new(hz, 1.0, sample_rate_hz)))
            .collect();
        Self { filters }
    }

    /// The place at which the end of `heard` stands out most.
    pub fn place(&self, bench: &Bench, heard: &[f32]) -> Place {
        let level = |(hz, filter): &(f64, AuditoryFilter)| {
            let power = filter.power(heard, bench.reading_samples()).max(SILENT);
            let level_db_hl = bench.calibration.db_fs_to_db_hl(10.0 * libm::log10(power), *hz);
            Place { frequency_hz: *hz, level_db_hl }
        };
        let nowhere = Place { frequency_hz: 0.0, level_db_hl: f64::NEG_INFINITY };
        self.filters.iter().map(level).fold(
            nowhere,
            |best, next| {
                if next.level_db_hl > best.level_db_hl { next } else { best }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the definition: power of white noise behind the filter is that of a rectangle one ERB wide.
    #[test]
    fn the_filter_is_one_erb_wide_and_has_unit_gain() {
        for hz in [125.0, 1000.0, 6000.0] {
            let filter = AuditoryFilter::new(hz, 1.0, 48_000);
            let mut impulse = vec![0.0; 48_000];
            impulse[0] = 1.0;
            // The sum of the response's square is the integral of the power response; the halved complex output
            // holds one side of the spectrum at twice its power.
            let mut energy = 0.0;
            filter.run(&impulse, |power| energy += power);
            let width_hz = energy * 48_000.0 / 2.0;
            assert!((width_hz / erb::bandwidth_hz(hz) - 1.0).abs() < 0.03, "{hz} Hz: {width_hz}");
            let tone: Vec<f32> =
                (0..48_000).map(|n| (std::f64::consts::TAU * hz * f64::from(n) / 48_000.0).sin() as f32).collect();
            assert!((filter.power(&tone, 9600) - 0.5).abs() < 1e-4, "{hz} Hz");
        }
    }

    /// A stage that makes everything softer by a known amount and may hum.
    struct Dull {
        gain: f32,
        hum: f32,
        at: usize,
    }

    impl crate::ear::Stage for Dull {
        fn latency_samples(&self) -> usize {
            0
        }
        fn reset(&mut self) {
            self.at = 0;
        }
        fn process(&mut self, ear: &mut [f32]) {
            for sample in ear {
                let turns = 1000.0 / 48_000.0 * self.at as f64;
                self.at += 1;
                *sample = self.gain * *sample + self.hum * (std::f64::consts::TAU * turns).sin() as f32;
            }
        }
    }

    fn threshold_of(stage: Dull, hz: f64) -> f64 {
        use crate::measure::audiometer;
        let mut bench = Bench::new(Box::new(stage), 48_000, Calibration::default());
        let detector = Detector::new(&mut bench, hz);
        let found =
            audiometer::threshold(audiometer::Limits::default(), |level| detector.listen(&mut bench, level).excess_db);
        found.threshold_db_hl.expect("a threshold")
    }

    #[test]
    fn the_threshold_of_a_stage_that_attenuates_is_its_attenuation() {
        for (gain_db, hz) in [(0.0, 125.0), (-23.4, 1000.0), (-61.7, 8000.0)] {
            let gain = 10.0_f32.powf(gain_db / 20.0);
            let threshold = threshold_of(Dull { gain, hum: 0.0, at: 0 }, hz);
            assert!((threshold + f64::from(gain_db)).abs() < 0.02, "{hz} Hz: {threshold} for {gain_db}");
        }
    }

    /// A hum of 42.4 dB SPL, 40 dB HL at 1 kHz: there a tone has to come within 3 dB of it, in the same phase or any
    /// other, and an octave away nothing changes.
    #[test]
    fn what_else_sounds_masks_at_its_own_place() {
        let hum = 2.0_f32.sqrt() * 10.0_f32.powf((42.4 - 100.0) / 20.0);
        let at = threshold_of(Dull { gain: 1.0, hum, at: 0 }, 1000.0);
        assert!((at - 37.0).abs() < 0.1, "{at}");
        let away = threshold_of(Dull { gain: 1.0, hum, at: 0 }, 4000.0);
        assert!(away.abs() < 0.5, "{away}");
    }

    #[test]
    fn a_tone_is_heard_at_its_own_place() {
        for hz in [125.0, 1000.0, 6000.0, 8000.0] {
            let mut bench = Bench::new(Box::new(Dull { gain: 1.0, hum: 0.0, at: 0 }), 48_000, Calibration::default());
            let heard = bench.tone(hz, 30.0, 1.0);
            let place = Filters::around(hz, 12, 48_000).place(&bench, &heard);
            assert!(place.frequency_hz == hz && (place.level_db_hl - 30.0).abs() < 0.1, "{hz} Hz: {place:?}");
        }
    }
}
