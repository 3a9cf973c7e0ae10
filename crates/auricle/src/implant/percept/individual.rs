//! Who hears: what one person's implant adds and takes away, drawn by a seed.
//!
//! Patients who hear with one normal ear and one implant edited a voice until it matched: 3.4 operations each on
//! average, the commonest band- or low-pass filtering, smearing of peaks and a flattened F0 contour, with large
//! differences between people (Dorman et al. 2020, 14 listeners). With arrays of 28 mm some chose a narrow band with
//! smearing and the others a wide one with none (Dorman et al. 2024, 10 listeners). Who has what is drawn after that;
//! the amounts are guesses, as each field says.

use crate::dsp::random::Random;

/// The random streams of a person begin here.
const STREAM: u64 = 0x9e_0000;

/// Insertion at which the shares below add up to 3.4 operations a person, degrees: between the medians of arrays of
/// 24 and of 28 mm (408 and 575), with which the patients of the source heard.
pub const REFERENCE_ANGLE_DEG: f64 = 450.0;
/// Insertion from which nobody hears formants shifted, degrees (Dorman 2020: "less than approximately 500").
pub const NO_SHIFT_FROM_DEG: f64 = 500.0;

/// Share of people whose band is narrow and whose peaks are smeared; the two go together (Dorman 2024). The share is
/// a guess within "most common".
const NARROW: f64 = 0.8;
/// Share of the others who hear a filter nevertheless: a guess.
const WIDE_BUT_FILTERED: f64 = 0.5;
/// Share of people with a flattened F0 contour: a guess within "most common".
const FLATTENED: f64 = 0.7;
/// Share of people with a metallic ring: what is left of 3.4.
const RINGING: f64 = 0.553;
/// Spread of people's limits of the formant shift below [`NO_SHIFT_FROM_DEG`], degrees: at 450 degrees 45 % of
/// people hear a shift, at 300 89 %. A guess that follows "most often".
const LIMIT_SPREAD_DEG: f64 = 250.0;
/// How much shallower than for formants an insertion is that lifts the pitch of voices too, degrees: all five
/// patients with 18.5 mm heard it so (Dorman 2022), of those with 28 mm none (Dorman 2024).
const PITCH_LIMIT_BELOW_DEG: f64 = 120.0;

/// The edges of what processors transmit, Hz: 70 to 8500, as wide as any.
pub(super) const DEVICE_HZ: (f64, f64) = (70.0, 8500.0);

/// One person's operations, as they are once hearing has settled (two years), and what the first days add.
#[derive(Debug, Clone, PartialEq)]
pub struct Individual {
    /// How fast this person's hearing settles: months pass this many times as fast, 0.5 to 2: a guess.
    pub pace: f64,
    /// Upper edge of what is heard, Hz; [`f64::INFINITY`] for no more than the device's own. 2 to 5.7 kHz where the
    /// band is narrow, 5 to 7.5 kHz else: guesses, from "muffled" voices that stay intelligible.
    pub low_pass_hz: f64,
    /// Lower edge, Hz; 0 for no more than the device's own. 150 to 350 Hz for half of those with an upper edge: a guess.
    pub high_pass_hz: f64,
    /// Smearing of spectral peaks: standard deviation in ERB, 0 for none, 0.5 to 2 else. A guess: 0.5 ERB halves the
    /// contrast of ripples 2.7 ERB apart, 2 ERB of those 10.7 apart.
    pub smearing_erb: f64,
    /// Share of the F0 contour's movement that is lost: 0, or 0.3 to 0.95. A guess.
    pub f0_flattening: f64,
    /// Insertion angle from which this person hears no formant shift, degrees, up to [`NO_SHIFT_FROM_DEG`].
    pub shift_limit_deg: f64,
    /// Octaves of formant shift for each 100 degrees short of the limit, 0.2 to 0.4. A guess, about a third of the
    /// mismatch of places (1 to 2 octaves at 18.5 mm, Dorman 2022).
    pub shift_octaves_per_100_deg: f64,
    /// Shift of a voice's pitch for each octave of formant shift beyond its own limit, 0.2 to 0.7. A guess.
    pub pitch_for_formants: f64,
    /// The metallic ring, 0 for none, 0.3 to 0.9 else (as [`super::PerceptControls::ring`]). A guess.
    pub ring: f64,
    /// Its lowest frequency, Hz, 500 to 1100, and how long it takes to fall by 60 dB, ms, 60 to 160. Guesses: the
    /// source names "resonances and ring times" and no numbers.
    pub ring_hz: f64,
    /// See `ring_hz`.
    pub ring_decay_ms: f64,
    /// On the first day, the share of a robot's monotone, 0 to 1, and its pitch, Hz. What people report ("robots"); the
    /// amounts here and below are guesses.
    pub robot: f64,
    /// Pitch of the robot, Hz, 90 to 160.
    pub robot_hz: f64,
    /// On the first day, depth of the buzz, 0 to 1.
    pub buzz: f64,
    /// Rate of the buzz, Hz, 60 to 140.
    pub buzz_hz: f64,
    /// On the first day, share of beeps, 0 to 1.
    pub beeps: f64,
    /// On the first day, share of squeaks, 0 to 1.
    pub squeaks: f64,
}

impl Individual {
    /// The person whom `seed` stands for.
    pub fn new(seed: u64) -> Self {
        let mut stream = STREAM;
        // Each trait has a stream of its own, so that one more trait leaves the others as they are.
        let mut draw = || {
            stream += 1;
            Random::new(seed, stream).uniform_f64()
        };
        let mut between = |low: f64, high: f64| low + (high - low) * draw();
        let narrow = between(0.0, 1.0) <= NARROW;
        let filtered = between(0.0, 1.0) <= WIDE_BUT_FILTERED || narrow;
        let edge_octaves = if narrow { between(11.0, 12.5) } else { between(12.3, 12.87) };
        let band_pass = between(0.0, 1.0) <= 0.5;
        let low_edge_hz = between(150.0, 350.0);
        let (flat, flattening) = (between(0.0, 1.0) <= FLATTENED, between(0.3, 0.95));
        let (rings, ring) = (between(0.0, 1.0) <= RINGING, between(0.3, 0.9));
        let short_of = between(0.0, 1.0);
        let smearing_erb = between(0.5, 2.0);
        // One in so many hears each of the first day's strange sounds.
        let mut first_day = |share: f64, low: f64| {
            let (has, amount) = (between(0.0, 1.0) <= share, between(low, 1.0));
            if has { amount } else { 0.0 }
        };
        let (robot, buzz, beeps, squeaks) =
            (first_day(0.7, 0.4), first_day(0.5, 0.4), first_day(0.6, 0.4), first_day(0.5, 0.4));
        Self {
            pace: libm::exp2(between(-1.0, 1.0)),
            low_pass_hz: if filtered { libm::exp2(edge_octaves) } else { f64::INFINITY },
            high_pass_hz: if filtered && band_pass { low_edge_hz } else { 0.0 },
            smearing_erb: if narrow { smearing_erb } else { 0.0 },
            f0_flattening: if flat { flattening } else { 0.0 },
            shift_limit_deg: NO_SHIFT_FROM_DEG - LIMIT_SPREAD_DEG * short_of * short_of,
            shift_octaves_per_100_deg: between(0.2, 0.4),
            pitch_for_formants: between(0.2, 0.7),
            ring: if rings { ring } else { 0.0 },
            ring_hz: between(500.0, 1100.0),
            ring_decay_ms: between(60.0, 160.0),
            robot,
            robot_hz: between(90.0, 160.0),
            buzz,
            buzz_hz: between(60.0, 140.0),
            beeps,
            squeaks,
        }
    }

    /// How far this person hears formants shifted up with an array inserted by `angle_deg`, octaves; at most 1.
    pub fn formant_shift_octaves(&self, angle_deg: f64) -> f64 {
        (self.shift_octaves_per_100_deg * short_of(self.shift_limit_deg, angle_deg)).min(1.0)
    }

    /// How far this person hears the pitch of voices shifted up, octaves; at most 0.5.
    pub fn pitch_shift_octaves(&self, angle_deg: f64) -> f64 {
        let short = short_of(self.shift_limit_deg - PITCH_LIMIT_BELOW_DEG, angle_deg);
        (self.pitch_for_formants * self.shift_octaves_per_100_deg * short).min(0.5)
    }

    /// Operations of the source's list that this person's match would need once hearing has settled: filtering,
    /// smearing, contour flattening, change of pitch, change of formants, ring.
    pub fn operations(&self, angle_deg: f64) -> usize {
        let has = [
            self.low_pass_hz < DEVICE_HZ.1,
            self.smearing_erb > 0.0,
            self.f0_flattening > 0.0,
            self.pitch_shift_octaves(angle_deg) > 0.0,
            self.formant_shift_octaves(angle_deg) > 0.0,
            self.ring > 0.0,
        ];
        has.into_iter().filter(|has| *has).count()
    }
}

/// Hundreds of degrees by which an insertion falls short of a limit, begun smoothly over the first 40 degrees.
fn short_of(limit_deg: f64, angle_deg: f64) -> f64 {
    const SOFT_DEG: f64 = 40.0;
    let short = (limit_deg - angle_deg).max(0.0);
    0.01 * short * short / (short + SOFT_DEG)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEOPLE: u64 = 4000;

    fn mean(of: impl Fn(&Individual) -> f64) -> f64 {
        (0..PEOPLE).map(|seed| of(&Individual::new(seed))).sum::<f64>() / PEOPLE as f64
    }

    #[test]
    fn people_have_three_point_four_operations_on_average_and_differ() {
        let operations = |angle: f64| mean(|person| person.operations(angle) as f64);
        let average = operations(REFERENCE_ANGLE_DEG);
        assert!((average - 3.4).abs() < 0.05, "{average} operations");
        // Shallow arrays need more, deep ones fewer.
        assert!(operations(270.0) > 4.0 && operations(600.0) < 3.0);
        let counts: Vec<usize> = (0..200).map(|seed| Individual::new(seed).operations(REFERENCE_ANGLE_DEG)).collect();
        assert!(counts.contains(&1) && counts.contains(&5), "everyone is alike: {counts:?}");
        assert_ne!(Individual::new(1), Individual::new(2));
        assert_eq!(Individual::new(1), Individual::new(1));
    }

    #[test]
    fn formants_are_shifted_for_most_short_arrays_and_for_no_long_one() {
        let share = |angle: f64| mean(|person| f64::from(u8::from(person.formant_shift_octaves(angle) > 0.0)));
        assert!(share(270.0) > 0.85 && share(420.0) > 0.5);
        assert_eq!(share(NO_SHIFT_FROM_DEG), 0.0);
        assert_eq!(share(650.0), 0.0);
        let pitch = |angle: f64| mean(|person| f64::from(u8::from(person.pitch_shift_octaves(angle) > 0.0)));
        assert!(pitch(200.0) > 0.7 && pitch(450.0) == 0.0);
        for seed in 0..200 {
            let person = Individual::new(seed);
            let shifts: Vec<f64> = (0..80).map(|i| person.formant_shift_octaves(10.0 * f64::from(i))).collect();
            assert!(shifts.is_sorted_by(|a, b| a >= b), "seed {seed}: deeper is shifted more: {shifts:?}");
        }
    }

    #[test]
    fn narrow_bands_and_smearing_go_together() {
        for seed in 0..500 {
            let person = Individual::new(seed);
            assert!(person.smearing_erb == 0.0 || person.low_pass_hz < 6000.0, "seed {seed}: {person:?}");
        }
    }
}
