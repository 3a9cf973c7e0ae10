//! What an examination has to show.

use serde::Serialize;

use super::examination::{EarExamination, ThresholdRow};
use crate::audiogram::Audiogram;

/// Steps between neighbouring frequencies up to which an audiogram is held to the strict bars, dB: the steepest of the
/// standard audiograms (S1 from 3 to 4 kHz).
const STANDARD_STEP_DB: f64 = 25.0;
/// Steps up to which it is held to bars at all, dB.
const STEEPEST_STEP_DB: f64 = 30.0;

/// One bar, and what was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// What is measured: "threshold error by air, RMS".
    pub name: String,
    /// What came of it.
    pub measured: f64,
    /// The most that it may be.
    pub limit: f64,
    /// "dB", "%", "ms", "samples", or empty for a count or a part.
    pub unit: &'static str,
    /// Whether the bar is met.
    pub met: bool,
}

impl Bar {
    pub(super) fn new(name: impl Into<String>, measured: f64, limit: f64, unit: &'static str) -> Self {
        // NaN meets no bar.
        Self { name: name.into(), measured, limit, unit, met: measured <= limit }
    }

    /// What was measured, with as many digits as the limit asks for: counts whole, decibels and percents in hundredths,
    /// and where the limit is finer than that, as a power of ten.
    pub fn measured_text(&self) -> String {
        match (self.unit, self.limit) {
            (_, limit) if limit > 0.0 && limit < 0.05 => format!("{:.1e}", self.measured),
            ("" | "samples", _) => format!("{:.0}", self.measured),
            _ => format!("{:.2}", self.measured),
        }
    }
}

/// How strictly an ear's thresholds are held to its audiogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strictness {
    /// As the standard audiograms: 0.3 dB RMS and 0.8 dB worst; output level 1.5 and 3.
    Standard,
    /// Steps up to 30 dB from one frequency to the next: 1 dB RMS and 3 dB worst; output level and growth, which depend
    /// on the neighbours of a place as much as on itself, are told and not held.
    Steep,
    /// Steeper than that: told and not held. On such a slope a neighbouring place hears a tone first, in any ear.
    Unbounded,
}

impl Strictness {
    /// That of an audiogram.
    pub fn of(audiogram: &Audiogram) -> Self {
        let db_hl = |index: usize| audiogram.points.get(index).map_or(0.0, |(_, threshold)| threshold.db_hl().max(0.0));
        let steepest =
            (1..audiogram.points.len()).map(|index| (db_hl(index) - db_hl(index - 1)).abs()).fold(0.0, f64::max);
        match steepest {
            step if step <= STANDARD_STEP_DB => Self::Standard,
            step if step <= STEEPEST_STEP_DB => Self::Steep,
            _ => Self::Unbounded,
        }
    }

    /// Most that thresholds may be off, dB: RMS and worst.
    fn threshold_db(self) -> Option<(f64, f64)> {
        match self {
            Self::Standard => Some((0.3, 0.8)),
            Self::Steep => Some((1.0, 3.0)),
            Self::Unbounded => None,
        }
    }

    /// Most that the level of a tone at threshold may be off, dB: RMS and worst.
    fn output_db(self) -> Option<(f64, f64)> {
        (self == Self::Standard).then_some((1.5, 3.0))
    }
}

/// Root of the mean square and greatest size of what counts; `None` where nothing does.
pub fn rms_and_worst(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (mut sum, mut worst, mut count) = (0.0, 0.0_f64, 0);
    for value in values {
        sum += value * value;
        worst = worst.max(value.abs());
        count += 1;
    }
    (count > 0).then(|| ((sum / f64::from(count)).sqrt(), worst))
}

/// All bars of an ear.
pub(super) fn bars(ear: &EarExamination) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut pair = |name: &str, found: Option<(f64, f64)>, limits: Option<(f64, f64)>| {
        if let (Some((rms, worst)), Some((most_rms, most_worst))) = (found, limits) {
            bars.push(Bar::new(format!("{name}, RMS"), rms, most_rms, "dB"));
            bars.push(Bar::new(format!("{name}, worst"), worst, most_worst, "dB"));
        }
    };
    let errors = |rows: &[ThresholdRow]| rms_and_worst(rows.iter().filter_map(ThresholdRow::counted_error_db));
    pair("threshold error by air", errors(&ear.air), ear.strictness.threshold_db());
    pair(
        "level of a tone at threshold",
        rms_and_worst(ear.air.iter().filter_map(|row| row.output_db_hl)),
        ear.strictness.output_db(),
    );
    if let Some(bone) = &ear.bone {
        pair("threshold error by bone", errors(bone), ear.strictness.threshold_db());
    }
    let worst = |values: Vec<f64>| rms_and_worst(values.into_iter()).map(|(_, worst)| worst);
    let mut single = |name: &str, measured: Option<f64>, limit: f64, unit: &'static str| {
        if let Some(measured) = measured {
            bars.push(Bar::new(name, measured, limit, unit));
        }
    };
    let held = ear.strictness == Strictness::Standard;
    let slopes = ear.growth.iter().filter(|_| held).filter_map(|growth| growth.slope_error_percent()).collect();
    single("recruitment: slope against C/(C-H), worst", worst(slopes), 2.0, "%");
    let returns = ear.growth.iter().filter(|_| held).filter_map(|growth| growth.return_error_db).collect();
    single("tones 2 dB above full recovery, worst", worst(returns), 1.0, "dB");
    let failing = ear.growth.iter().filter(|growth| !growth.monotone).count();
    single("frequencies at which more in is not more out", (!ear.growth.is_empty()).then_some(failing as f64), 0.0, "");
    let smearing = ear.smearing.as_ref();
    single("smearing: change of tones, worst", smearing.map(|smearing| smearing.worst_tone_db()), 0.3, "dB");
    single("smearing: change of noise", smearing.map(|smearing| smearing.noise_db.abs()), 0.5, "dB");
    let late = ear.latency.measured_samples.abs_diff(ear.latency.stated_samples);
    single("latency: measured less stated", Some(late as f64), 0.0, "samples");
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audiogram::{STANDARD_NAMES, standard};

    #[test]
    fn standard_audiograms_are_held_to_the_strict_bars_and_cliffs_to_none() {
        for name in STANDARD_NAMES {
            assert_eq!(Strictness::of(&standard(name).unwrap()), Strictness::Standard, "{name}");
        }
        let step = |db: f64| Audiogram::from_db_hl(&[(1000.0, 50.0), (2000.0, 50.0 + db)]);
        assert_eq!(Strictness::of(&step(30.0)), Strictness::Steep);
        assert_eq!(Strictness::of(&step(-31.0)), Strictness::Unbounded);
    }

    #[test]
    fn nothing_measured_meets_no_bar() {
        assert!(!Bar::new("x", f64::NAN, 1.0, "dB").met);
        assert!(Bar::new("x", 1.0, 1.0, "dB").met && !Bar::new("x", 1.01, 1.0, "dB").met);
        assert_eq!(rms_and_worst([3.0, -4.0].into_iter()), Some((12.5_f64.sqrt(), 4.0)));
        assert_eq!(rms_and_worst(std::iter::empty()), None);
    }
}
