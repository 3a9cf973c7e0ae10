//! From who hears, and since when, to the quantities that the renderer is driven by.

use super::individual::{DEVICE_HZ, Individual};
use super::time_course::{first_sounds, strangeness};

/// Whose percept, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerceptParams {
    /// Months since the processor was switched on for the first time, 0 (that day) and up. From 24 on next to nothing
    /// changes; the slowest have settled at 48.
    pub months_since_activation: f64,
    /// How far round the cochlea the array reaches, degrees from the round window: about 250 for 18.5 mm, 380 for a
    /// Contour Advance, 408 for 24 mm, 575 for 28 mm, 641 for 31.5 mm.
    pub insertion_angle_deg: f64,
    /// The person, as a seed: the same number is the same person in every run and at every age of the implant.
    pub individual: u64,
}

/// What the renderer does to sound: one continuous quantity an operation.
///
/// Values beyond the ranges given are brought within them by the renderer; what is not a number counts as
/// [`Self::CLEAR`]'s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerceptControls {
    /// Lower edge of the band, Hz, where the response is 3 dB down; 24 dB an octave. Nothing is filtered up to 10 Hz,
    /// all is from 20 Hz on.
    pub high_pass_hz: f64,
    /// Upper edge, Hz, likewise. Nothing is filtered from 0.45 of the sample rate on.
    pub low_pass_hz: f64,
    /// Standard deviation of the weights over which the envelope of the power spectrum is averaged, in ERB of the
    /// place (Glasberg & Moore 1990), 0 to 8. A ripple of the envelope, one cycle every R Hz, keeps about
    /// exp(-2 (pi s / R)^2) of its depth in power, s being this many bandwidths in Hz.
    pub smearing_erb: f64,
    /// Share of the F0 contour that is lost, 0 to 1: what is heard is the contour's own slow mean plus what is left of
    /// its movement in octaves. Only where F0 can be found.
    pub f0_flattening: f64,
    /// Shift of F0, octaves, -0.5 to 0.5. Only where F0 can be found.
    pub f0_shift_octaves: f64,
    /// Shift of the spectral envelope, octaves, -1 to 1; F0 stays.
    pub formant_shift_octaves: f64,
    /// Metallic ring: gain of each resonance at its frequency beside the sound itself, 0 to 1.
    pub ring: f64,
    /// Frequency of the lowest resonance, Hz, 100 to 4000.
    pub ring_hz: f64,
    /// Time in which the ring falls by 60 dB, ms, 10 to 500.
    pub ring_decay_ms: f64,
    /// Share of the sound's power that is carried by a pulse train of unchanging pitch, 0 to 1.
    pub robot: f64,
    /// That pitch, Hz, 40 to 400.
    pub robot_hz: f64,
    /// Depth of a buzz laid over everything, 0 to 1.
    pub buzz: f64,
    /// Its rate, Hz, 20 to 300.
    pub buzz_hz: f64,
    /// Share of beeps, 0 to 1: tones of 64 ms, each at the place that is strongest as it begins, with up to half of the
    /// sound's power.
    pub beeps: f64,
    /// Share of squeaks, 0 to 1: a tone that follows bright sounds about, with up to 0.4 of their power.
    pub squeaks: f64,
}

impl PerceptControls {
    /// Nothing is done: sound comes out as it was, delayed.
    pub const CLEAR: Self = Self {
        high_pass_hz: 0.0,
        low_pass_hz: 1e5,
        smearing_erb: 0.0,
        f0_flattening: 0.0,
        f0_shift_octaves: 0.0,
        formant_shift_octaves: 0.0,
        ring: 0.0,
        ring_hz: 800.0,
        ring_decay_ms: 100.0,
        robot: 0.0,
        robot_hz: 120.0,
        buzz: 0.0,
        buzz_hz: 100.0,
        beeps: 0.0,
        squeaks: 0.0,
    };

    /// What someone hears at some time.
    ///
    /// Each quantity goes from what it is on the first day to what it settles at, along
    /// [`strangeness`] (beeps, squeaks, robot and buzz along [`first_sounds`]), without a corner in time on a
    /// logarithmic axis. What it settles at is the person's ([`Individual`]). What the first day is like is known from
    /// what people tell only; its amounts here are guesses:
    /// - the band is half an octave narrower above and begins a third of an octave higher;
    /// - peaks are smeared by 0.8 ERB more, at everybody's;
    /// - the contour is flat to at least 0.8;
    /// - formants are a fifth higher than they stay where they stay shifted, and nowhere else: with short arrays the shift
    ///   persists from 8 to 35 months (Dorman 2022), and from 500 degrees on there is none (Dorman 2020);
    /// - the ring is at least 0.5: "metallic" is among what is told of first days most.
    pub fn of(params: &PerceptParams) -> Self {
        let person = Individual::new(params.individual);
        let months = params.months_since_activation * person.pace;
        let (strange, first) = (strangeness(months), first_sounds(months));
        let from_to = |first_day: f64, settled: f64| settled + strange * (first_day - settled);
        let from_to_hz = |first_day: f64, settled: f64| {
            libm::exp2(from_to(libm::log2(first_day.max(1.0)), libm::log2(settled.max(1.0))))
        };
        let low_pass_hz = person.low_pass_hz.min(DEVICE_HZ.1);
        let high_pass_hz = person.high_pass_hz.max(DEVICE_HZ.0);
        let shift = person.formant_shift_octaves(params.insertion_angle_deg);
        let pitch = person.pitch_shift_octaves(params.insertion_angle_deg);
        Self {
            high_pass_hz: from_to_hz(1.26 * high_pass_hz, high_pass_hz),
            low_pass_hz: from_to_hz(low_pass_hz / std::f64::consts::SQRT_2, low_pass_hz),
            smearing_erb: from_to(person.smearing_erb + 0.8, person.smearing_erb),
            f0_flattening: from_to(person.f0_flattening.max(0.8), person.f0_flattening),
            f0_shift_octaves: from_to(1.2 * pitch, pitch).min(0.5),
            formant_shift_octaves: from_to(1.2 * shift, shift).min(1.0),
            ring: from_to(person.ring.max(0.5), person.ring),
            ring_hz: person.ring_hz,
            ring_decay_ms: person.ring_decay_ms,
            robot: first * person.robot,
            robot_hz: person.robot_hz,
            buzz: first * person.buzz,
            buzz_hz: person.buzz_hz,
            beeps: first * person.beeps,
            squeaks: first * person.squeaks,
        }
    }

    /// Between two: `a` at `mix` 0, `b` at 1; frequencies and times move by ratio, all else linearly.
    pub fn between(a: &Self, b: &Self, mix: f64) -> Self {
        let (a, b) = (a.values(), b.values());
        Self::of_values(std::array::from_fn(|i| QUANTITIES[i].between(a[i], b[i], mix)))
    }

    /// Within the ranges that the fields state.
    pub(super) fn within_ranges(&self) -> Self {
        let (values, clear) = (self.values(), Self::CLEAR.values());
        Self::of_values(std::array::from_fn(|i| {
            if values[i].is_nan() { clear[i] } else { values[i].clamp(QUANTITIES[i].least, QUANTITIES[i].most) }
        }))
    }

    /// All quantities, in the order of [`QUANTITIES`].
    pub(super) fn values(&self) -> [f64; QUANTITIES.len()] {
        [
            self.high_pass_hz,
            self.low_pass_hz,
            self.smearing_erb,
            self.f0_flattening,
            self.f0_shift_octaves,
            self.formant_shift_octaves,
            self.ring,
            self.ring_hz,
            self.ring_decay_ms,
            self.robot,
            self.robot_hz,
            self.buzz,
            self.buzz_hz,
            self.beeps,
            self.squeaks,
        ]
    }

    /// The inverse of [`Self::values`].
    pub(super) fn of_values(values: [f64; QUANTITIES.len()]) -> Self {
        let [
            high_pass_hz,
            low_pass_hz,
            smearing_erb,
            f0_flattening,
            f0_shift_octaves,
            formant_shift_octaves,
            ring,
            ring_hz,
            ring_decay_ms,
            robot,
            robot_hz,
            buzz,
            buzz_hz,
            beeps,
            squeaks,
        ] = values;
        Self {
            high_pass_hz,
            low_pass_hz,
            smearing_erb,
            f0_flattening,
            f0_shift_octaves,
            formant_shift_octaves,
            ring,
            ring_hz,
            ring_decay_ms,
            robot,
            robot_hz,
            buzz,
            buzz_hz,
            beeps,
            squeaks,
        }
    }
}

const fn linear(least: f64, most: f64) -> Quantity {
    Quantity { least, most, by_ratio: false }
}

const fn ratio(least: f64, most: f64) -> Quantity {
    Quantity { least, most, by_ratio: true }
}

/// Ranges of the quantities of [`PerceptControls::values`], and how they move.
pub(super) const QUANTITIES: [Quantity; 15] = [
    ratio(0.0, 20_000.0),
    ratio(100.0, 1e5),
    linear(0.0, 8.0),
    linear(0.0, 1.0),
    linear(-0.5, 0.5),
    linear(-1.0, 1.0),
    linear(0.0, 1.0),
    ratio(100.0, 4000.0),
    ratio(10.0, 500.0),
    linear(0.0, 1.0),
    ratio(40.0, 400.0),
    linear(0.0, 1.0),
    ratio(20.0, 300.0),
    linear(0.0, 1.0),
    linear(0.0, 1.0),
];

/// How a quantity moves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantity {
    least: f64,
    most: f64,
    by_ratio: bool,
}

/// No edge below 10 Hz filters anything: to a ratio, 0 is 1 Hz.
const LEAST_HZ: f64 = 1.0;
/// Distance at which a glide is over, and the ratio less one.
const ARRIVED: f64 = 1e-4;

impl Quantity {
    /// Whether a glide from `from` to `to` has nothing to do any more.
    pub(super) fn arrived(self, from: f64, to: f64) -> bool {
        if self.by_ratio {
            (from.max(LEAST_HZ) - to.max(LEAST_HZ)).abs() <= ARRIVED * to.max(LEAST_HZ)
        } else {
            (from - to).abs() <= ARRIVED
        }
    }

    /// `a` at `mix` 0, `b` at 1, exactly.
    pub(super) fn between(self, a: f64, b: f64, mix: f64) -> f64 {
        if mix <= 0.0 || a == b {
            a
        } else if mix >= 1.0 {
            b
        } else if self.by_ratio {
            let (a, b) = (libm::log2(a.max(LEAST_HZ)), libm::log2(b.max(LEAST_HZ)));
            libm::exp2(a + mix * (b - a))
        } else {
            a + mix * (b - a)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::time_course::WEEK_MONTHS;
    use super::*;

    fn at(months_since_activation: f64, insertion_angle_deg: f64, individual: u64) -> PerceptControls {
        PerceptControls::of(&PerceptParams { months_since_activation, insertion_angle_deg, individual })
    }

    #[test]
    fn hearing_moves_to_what_it_settles_at_and_never_back() {
        for person in 0..60 {
            let steps: Vec<PerceptControls> =
                (0..400).map(|i| at(WEEK_MONTHS * libm::expm1(0.0125 * f64::from(i)), 300.0, person)).collect();
            for pair in steps.windows(2) {
                let (before, now) = (pair[0].values(), pair[1].values());
                for (index, (old, new)) in before.into_iter().zip(now).enumerate() {
                    // Only the upper edge rises.
                    let towards = if index == 1 { new - old } else { old - new };
                    assert!(towards >= -1e-9, "person {person}, quantity {index}: {old} to {new}");
                    // No leap either: a 400th of the axis at a time.
                    let leap = (new - old).abs() / old.abs().max(1.0);
                    assert!(leap < 0.02, "person {person}, quantity {index} leaps: {old} to {new}");
                }
            }
            let (first, settled) = (at(0.0, 300.0, person), at(48.0, 300.0, person));
            assert!(first.low_pass_hz < settled.low_pass_hz && first.smearing_erb > settled.smearing_erb);
            assert_eq!([settled.robot, settled.buzz, settled.beeps, settled.squeaks], [0.0; 4]);
            assert_eq!(settled, at(600.0, 300.0, person));
        }
    }

    #[test]
    fn a_short_array_stays_shifted_and_a_long_one_never_is() {
        for person in 0..100 {
            let (early, late) = (at(8.0, 250.0, person), at(35.0, 250.0, person));
            let moved = early.formant_shift_octaves - late.formant_shift_octaves;
            assert!(moved <= 0.05 * early.formant_shift_octaves + 1e-12, "person {person}: down by {moved} octaves");
            for months in [0.0, 0.5, 6.0, 24.0] {
                let deep = at(months, 500.0, person);
                assert_eq!([deep.formant_shift_octaves, deep.f0_shift_octaves], [0.0, 0.0]);
            }
        }
    }

    #[test]
    fn between_reaches_both_ends_exactly_and_stays_between() {
        let (a, b) = (at(0.0, 300.0, 1), at(12.0, 420.0, 2));
        assert_eq!(PerceptControls::between(&a, &b, 0.0), a);
        assert_eq!(PerceptControls::between(&a, &b, 1.0), b);
        let half = PerceptControls::between(&a, &b, 0.5).values();
        for ((a, b), half) in a.values().into_iter().zip(b.values()).zip(half) {
            assert!(half >= a.min(b) && half <= a.max(b), "{a} {half} {b}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_brought_within_it() {
        let odd = PerceptControls { ring: f64::NAN, beeps: 7.0, low_pass_hz: -3.0, ..PerceptControls::CLEAR };
        let tame = odd.within_ranges();
        assert_eq!((tame.ring, tame.beeps, tame.low_pass_hz), (0.0, 1.0, 100.0));
        assert_eq!(PerceptControls::CLEAR.within_ranges(), PerceptControls::CLEAR);
    }
}
