//! How hearing moves once a state is entered: at once, by a ramp, in and out, over the years.

use crate::aging;
use crate::dsp::random::Random;
use crate::listener::{EarFindings, Exposure, Sex};
use crate::noise_exposure;

/// Where hearing stands between two designs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Between {
    /// Index of the design left.
    pub from: usize,
    /// Index of the design entered.
    pub to: usize,
    /// 0 at `from`, 1 at `to`.
    pub mix: f32,
}

impl Between {
    /// All of one design.
    pub(crate) fn at(design: usize) -> Self {
        Self { from: design, to: design, mix: 1.0 }
    }
}

/// A movement on the sample grid.
#[derive(Debug, Clone)]
pub(crate) enum Course {
    /// One design throughout.
    Still(usize),
    /// Through designs at equal distances of time.
    Through {
        /// Two or more designs.
        designs: Vec<usize>,
        /// First sample of the movement.
        begins_samples: u64,
        /// Sample at which the last design is reached.
        ends_samples: u64,
    },
    /// In and out.
    Flicker {
        /// While hearing is in.
        on: usize,
        /// While it is out.
        off: usize,
        /// How far out, 0 to 1.
        depth: f32,
        /// Samples at which hearing begins to go out, in, out, ...
        toggles_samples: Vec<u64>,
        /// Samples a change takes.
        slope_samples: u64,
    },
}

impl Course {
    /// Where hearing stands at `sample`.
    pub(crate) fn at(&self, sample: u64) -> Between {
        match self {
            Self::Still(design) => Between::at(*design),
            Self::Through { designs, begins_samples, ends_samples } => {
                let steps = designs.len() - 1;
                let length = ends_samples.saturating_sub(*begins_samples).max(1);
                let past = sample.saturating_sub(*begins_samples).min(length);
                let position = past as f64 / length as f64 * steps as f64;
                let step = (position as usize).min(steps - 1);
                let mix = (position - step as f64) as f32;
                Between { from: designs[step], to: designs[step + 1], mix }
            }
            Self::Flicker { on, off, depth, toggles_samples, slope_samples } => {
                let passed = toggles_samples.partition_point(|toggle| *toggle <= sample);
                let out = if passed == 0 {
                    0.0
                } else {
                    let since = sample - toggles_samples[passed - 1];
                    let moved = (since as f64 / (*slope_samples).max(1) as f64).min(1.0) as f32;
                    // An odd number of changes: on the way out.
                    if passed % 2 == 1 { moved } else { 1.0 - moved }
                };
                Between { from: *on, to: *off, mix: depth * out }
            }
        }
    }
}

/// Random streams of flicker begin here.
const STREAM: u64 = 0xf1_0000;

/// Seeded moments at which hearing goes out and in again, from `begins` until `ends`.
///
/// Times in and out are exponentially distributed about their means, as those of anything that may
/// happen at any moment; a change is always given the time it takes.
pub(crate) fn flicker_toggles(
    seed: u64,
    stream: u64,
    (begins, ends): (u64, u64),
    mean_samples: (f64, f64),
    slope_samples: u64,
) -> Vec<u64> {
    let mut random = Random::new(seed, STREAM + stream);
    let mut toggles = Vec::new();
    let mut now = begins;
    let mut hearing = true;
    loop {
        let mean = if hearing { mean_samples.0 } else { mean_samples.1 };
        let drawn = -mean * libm::log(random.uniform_f64());
        now += (drawn.round() as u64).max(slope_samples).max(1);
        if now >= ends {
            return toggles;
        }
        toggles.push(now);
        hearing = !hearing;
    }
}

/// The findings of one ear at `age_years` of a life that began with `young` ears.
///
/// Age by ISO 7029 counted from `from_age_years`, noise by ISO 1999 from `years_before` on, combined as
/// ISO 1999 says; a loss that was there in youth is added in dB.
pub(crate) fn aged(
    young: &EarFindings,
    sex: Sex,
    from_age_years: f64,
    age_years: f64,
    exposure: Option<Exposure>,
) -> EarFindings {
    let mut frequencies_hz: Vec<f64> = aging::FREQUENCIES_HZ.to_vec();
    frequencies_hz.extend(young.air.points.iter().map(|(hz, _)| *hz));
    frequencies_hz.sort_by(f64::total_cmp);
    frequencies_hz.dedup();
    let shift_db = |hz: f64| {
        let age_db = aging::median_shift_at_db(sex, age_years, hz);
        match exposure {
            None => age_db,
            Some(Exposure { level_ex_8h_db, years_before }) => {
                let years = years_before + (age_years - from_age_years).max(0.0);
                let noise_db = noise_exposure::median_shift_at_db(level_ex_8h_db, years, hz);
                noise_exposure::combine_db_hl(age_db, noise_db)
            }
        }
    };
    let older = |audiogram: &crate::audiogram::Audiogram, frequencies_hz: &[f64]| {
        crate::audiogram::Audiogram::from_db_hl(
            &frequencies_hz.iter().map(|hz| (*hz, audiogram.threshold_db_hl(*hz) + shift_db(*hz))).collect::<Vec<_>>(),
        )
    };
    EarFindings {
        air: older(&young.air, &frequencies_hz),
        bone: young.bone.as_ref().map(|bone| older(bone, &frequencies_hz)),
        ..young.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_passes_through_its_designs_in_order() {
        let course = Course::Through { designs: vec![3, 5, 8], begins_samples: 100, ends_samples: 300 };
        assert_eq!(course.at(0), Between { from: 3, to: 5, mix: 0.0 });
        assert_eq!(course.at(150), Between { from: 3, to: 5, mix: 0.5 });
        assert_eq!(course.at(200), Between { from: 5, to: 8, mix: 0.0 });
        assert_eq!(course.at(9999), Between { from: 5, to: 8, mix: 1.0 });
    }

    #[test]
    fn flicker_keeps_its_mean_times() {
        let (on, off) = (4800.0, 2400.0);
        let toggles = flicker_toggles(7, 0, (0, 48_000 * 3600), (on, off), 100);
        let out: u64 = toggles.chunks_exact(2).map(|pair| pair[1] - pair[0]).sum();
        let pairs = toggles.len() as f64 / 2.0;
        let mean_out = out as f64 / pairs;
        assert!((mean_out / off - 1.0).abs() < 0.03, "{mean_out}");
        let mean_cycle = (48_000.0 * 3600.0) / pairs;
        assert!((mean_cycle / (on + off) - 1.0).abs() < 0.03, "{mean_cycle}");
        assert_ne!(toggles, flicker_toggles(8, 0, (0, 48_000 * 3600), (on, off), 100));
    }

    #[test]
    fn years_of_noise_add_to_years_of_age() {
        let young = EarFindings::default();
        let quiet = aged(&young, Sex::Male, 20.0, 60.0, None);
        assert!((quiet.air.threshold_db_hl(4000.0) - 20.2).abs() < 0.1);
        let exposure = Exposure { level_ex_8h_db: 90.0, years_before: 0.0 };
        let noisy = aged(&young, Sex::Male, 40.0, 60.0, Some(exposure));
        // ISO 1999: 20 years at 90 dB give 12.9 dB at 4 kHz; combined 20.2 + 12.9 - 20.2 * 12.9 / 120.
        assert!((noisy.air.threshold_db_hl(4000.0) - 30.9).abs() < 0.2);
    }
}
