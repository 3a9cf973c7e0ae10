//! Law 6, on the way: between two states of hearing every in-between is between them.
//!
//! Of two ears of which one hears less at every frequency. Where each hears better somewhere, a tone in between may be
//! heard by the good places of either and by none of an ear halfway, which has lost half at both.

use std::sync::Arc;

use auricle::audiogram::{Audiogram, Threshold};
use auricle::ear::design::{EarDesign, EarModel};
use auricle::ear::{Blend, Ear, Stage};
use auricle::level::Calibration;
use auricle::listener::EarFindings;
use auricle::measure::audiometer::{self, Limits};
use auricle::measure::bench::Bench;
use auricle::measure::detector::Detector;
use proptest::prelude::*;

use crate::support::cases::RATE_HZ;
use crate::support::listeners::sharp;

/// What a threshold may lie outside the two ends', dB: each is read to a quarter of a decibel.
const THRESHOLD_TOLERANCE_DB: f64 = 0.5;
/// What a level may, dB: where loudness grows tenfold, a tenth of it in threshold.
const LEVEL_TOLERANCE_DB: f64 = 1.0;
/// Frequencies at which the audiograms are drawn, Hz.
const OCTAVES_HZ: [f64; 6] = [250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0];

/// An ear that stays between two of its designs. Takes whole periods, as many as go into a block, and silence for the
/// rest of it.
struct Staying {
    ear: Ear,
    mix: f32,
    heard: u64,
}

impl Stage for Staying {
    fn latency_samples(&self) -> usize {
        self.ear.latency_samples()
    }

    fn reset(&mut self) {
        self.ear.reset();
        self.heard = 0;
    }

    fn process(&mut self, ear: &mut [f32]) {
        let blend = Blend { from: 0, to: 1, mix: self.mix, onset: 1.0, tinnitus: 1.0 };
        let mut periods = ear.chunks_exact_mut(self.ear.period_samples());
        for period in &mut periods {
            self.ear.input(0).copy_from_slice(period);
            self.ear.run(blend, self.heard);
            self.heard += period.len() as u64;
            period.copy_from_slice(self.ear.output(0));
        }
        periods.into_remainder().fill(0.0);
    }
}

/// A place to examine an ear `mix` of the way from one set of findings to another.
fn between(ends: &[EarFindings; 2], mix: f32) -> Bench {
    let model = Arc::new(EarModel::new(RATE_HZ, Calibration::default()));
    let designs = ends.iter().map(|findings| Arc::new(EarDesign::new(&model, findings))).collect();
    let ear = Ear::new(Arc::clone(&model), designs, &[1.0], 1);
    Bench::new(Box::new(Staying { ear, mix, heard: 0 }), RATE_HZ, model.calibration)
}

fn findings(thresholds_db_hl: impl Iterator<Item = f64>) -> EarFindings {
    let points = OCTAVES_HZ.into_iter().zip(thresholds_db_hl.map(Threshold::DbHl)).collect();
    EarFindings { air: Audiogram { points }, ..EarFindings::default() }
}

/// Asserts that the second of three values is between the first and the last.
fn assert_between([less, middle, more]: [f64; 3], tolerance: f64, what: &str) -> Result<(), TestCaseError> {
    prop_assert!(
        middle >= less.min(more) - tolerance && middle <= less.max(more) + tolerance,
        "{what}: {middle:.2} between {less:.2} and {more:.2}"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn thresholds_and_levels_of_an_ear_on_its_way(
        first_db_hl in 0.0..60.0_f64,
        steps_db in prop::array::uniform5(-12.0..20.0_f64),
        more_db in prop::array::uniform6(0.0..40.0_f64),
        mix in 0.02..0.98_f32,
        frequency_hz in 250.0..8000.0_f64,
        level_db_hl in 20.0..100.0_f64,
        smeared in any::<bool>(),
    ) {
        let mut thresholds = vec![first_db_hl];
        for step in steps_db {
            thresholds.push((thresholds[thresholds.len() - 1] + step).clamp(0.0, 90.0));
        }
        let less = findings(thresholds.iter().copied());
        let more = findings(thresholds.iter().zip(more_db).map(|(less, more)| (less + more).min(100.0)));
        let ends = if smeared { [less, more] } else { [sharp(less), sharp(more)] };
        let mut benches = [0.0, mix, 1.0].map(|mix| between(&ends, mix));
        let thresholds = benches.each_mut().map(|bench| {
            let detector = Detector::new(bench, frequency_hz);
            let found = audiometer::threshold(Limits::default(), |level| detector.listen(bench, level).excess_db);
            found.threshold_db_hl.expect("up to 100 dB HL every tone is heard")
        });
        assert_between(thresholds, THRESHOLD_TOLERANCE_DB, "threshold, dB HL")?;
        let levels = benches.each_mut().map(|bench| {
            let detector = Detector::new(bench, frequency_hz);
            // What is far below hearing counts as one level.
            detector.listen(bench, level_db_hl).level_db_hl.max(-10.0)
        });
        assert_between(levels, LEVEL_TOLERANCE_DB, "level, dB HL")?;
    }
}
