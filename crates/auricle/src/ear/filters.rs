//! How broad an ear's filters can be: no broader than its audiogram allows.
//!
//! Broadening follows loss (Kates), but an audiogram also bounds it from its slopes. A tone at a bad place
//! is heard through a better place beside it as far as that one's filter takes it in; had the filter been as broad
//! as its loss alone suggests, the audiometer would have found the better threshold at both. Where the derived
//! filters contradict the audiogram, the better place's are narrowed until they do not.

use super::design::{EarDesign, EarModel};
use super::recruitment::Law;
use super::smearing::{SmearMatrix, places_hz};
use super::steady_tone::{COMPONENTS, OFFSETS, SteadyTone, ToneInEar};
use crate::audiogram::Audiogram;
use crate::dsp::stft;

/// How much louder than through sharp filters a tone at its stated threshold may come out, dB; calibration takes
/// care of the rest.
const ALLOWED_DB: f64 = 1.0;
/// Part of a tone's power from which on a component is what makes it too loud.
const NOTABLE: f64 = 0.05;
/// What is left of a filter's broadening after each round.
const NARROWER: f64 = 0.7;
/// Rounds at most; broadening is down to a twentieth by then.
const ROUNDS: usize = 8;
/// Loss below which a place has no better one beside it to be heard through, dB.
const LOSS_FROM_DB: f64 = 5.0;

/// Narrows `broadening` (one a place of [`places_hz`]) and the design's smearing with it until tones at the
/// thresholds of `air` are heard where they should be.
pub(super) fn narrow(
    model: &EarModel,
    design: &mut EarDesign,
    broadening: &mut [f64],
    air: &Audiogram,
    stated: &[SteadyTone],
) {
    let rate = model.bank.sample_rate_hz;
    let places = places_hz(rate);
    let reach_hz = 0.75 * stft::frame_rate_hz(rate);
    let law = Law::new(&model.recruitment, &design.threshold_db_hl, &design.conductive_db);
    for _ in 0..ROUNDS {
        let mut left = vec![1.0; places.len()];
        for tone in model.tones.iter().chain(stated) {
            let level_db_hl = air.threshold_db_hl(tone.frequency_hz);
            if level_db_hl < LOSS_FROM_DB {
                continue;
            }
            for offset_hz in leaks_hz(model, design, &law, tone, level_db_hl) {
                let leak_hz = (tone.frequency_hz + offset_hz).abs();
                for (left, hz) in left.iter_mut().zip(&places) {
                    if (hz - leak_hz).abs() < reach_hz {
                        *left = NARROWER;
                    }
                }
            }
        }
        if left.iter().all(|left| *left == 1.0) {
            return;
        }
        for (broadening, left) in broadening.iter_mut().zip(&left) {
            *broadening = 1.0 + (*broadening - 1.0) * left;
        }
        design.smear = SmearMatrix::design(rate, broadening);
    }
}

/// Where, beside a tone at its threshold, smearing makes it louder than it may be, Hz re the tone.
fn leaks_hz(model: &EarModel, design: &EarDesign, law: &Law, tone: &SteadyTone, level_db_hl: f64) -> Vec<f64> {
    let smeared = ToneInEar::new(model, design, tone);
    let powers = smeared.output_powers(law, design, level_db_hl);
    let total: f64 = powers.iter().sum();
    let sharp: f64 = ToneInEar::sharp(tone).output_powers(law, design, level_db_hl).iter().sum();
    if 10.0 * libm::log10(total / sharp.max(1e-24)) <= ALLOWED_DB {
        return Vec::new();
    }
    let frame_rate_hz = stft::frame_rate_hz(model.bank.sample_rate_hz);
    (1..COMPONENTS).filter(|m| powers[*m] > NOTABLE * total).map(|m| f64::from(OFFSETS[m]) * frame_rate_hz).collect()
}
