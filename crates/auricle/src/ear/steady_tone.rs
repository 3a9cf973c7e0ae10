//! What a steady tone becomes in an ear: exact, in the frequency domain, without audio.
//!
//! A tone's band powers are constant, so its gains are too. Smearing turns it into itself and a few tones
//! beside it, as many periods of the frames' rate away, each of which passes through the bank on its own:
//!
//! ```text
//! tone --+-- band powers -- law -- gains -----------------+
//!        |                                                v
//!        +-- smearing: tones at f + m R, a_m -- restored, bands x gains, added up
//! ```

use realfft::num_complex::Complex64;

use super::Bands;
use super::control::restoring_db;
use super::design::{EarDesign, EarModel};
use super::recruitment::{Law, tone_gains_db};
use crate::dsp::gammatone::{Gammatone, MAX_BANDS, Response};
use crate::dsp::math::amplitude;
use crate::dsp::stft;

/// Tones that smearing makes on either side of one.
pub(super) const SIDES: usize = 4;
/// Components of a smeared tone: itself, then those below and above by turns.
pub(super) const COMPONENTS: usize = 1 + 2 * SIDES;
/// Power of a component, re the tone, that nothing is lost by leaving out.
const FAINT: f64 = 1e-7;

/// Periods of the frames' rate by which each component lies beside the tone.
pub(super) const OFFSETS: [i32; COMPONENTS] = [0, -1, 1, -2, 2, -3, 3, -4, 4];

/// A tone and what the bank makes of it, smeared or not; the same for all ears of a model.
#[derive(Debug, Clone)]
pub(crate) struct SteadyTone {
    /// Frequency, Hz.
    pub(super) frequency_hz: f64,
    /// dB FS to dB HL there.
    to_db_hl: f64,
    /// The bank's responses to each component, turned back by its delay.
    responses: Vec<Response>,
}

/// What an ear's smearing does to a tone.
struct Smeared {
    /// Powers of the components, re the tone.
    power: [f64; COMPONENTS],
    /// Level restoring of each band, dB.
    restoring_db: Bands,
}

/// A tone in an ear of which all but the thresholds is settled.
pub(super) struct ToneInEar<'a> {
    tone: &'a SteadyTone,
    smeared: Option<Smeared>,
}

impl SteadyTone {
    /// A tone for `bank`, of which a level of 0 dB FS is `to_db_hl`.
    pub(super) fn new(bank: &Gammatone, frequency_hz: f64, to_db_hl: f64) -> Self {
        let rate = f64::from(bank.sample_rate_hz);
        let responses = OFFSETS
            .iter()
            .map(|offset| bank.responses(frequency_hz + f64::from(*offset) * stft::frame_rate_hz(bank.sample_rate_hz)))
            .map(|mut response| {
                let turn =
                    Complex64::cis(std::f64::consts::TAU * response.frequency_hz / rate * bank.delay_samples as f64);
                response.synthesis.iter_mut().for_each(|weight| *weight *= turn);
                response
            })
            .collect();
        Self { frequency_hz, to_db_hl, responses }
    }

    /// Mean square in each band for a tone of mean square 1.
    pub(super) fn power(&self) -> &[f64] {
        &self.responses[0].power
    }
}

impl<'a> ToneInEar<'a> {
    /// `tone` as `design` smears it.
    pub(super) fn new(model: &EarModel, design: &EarDesign, tone: &'a SteadyTone) -> Self {
        let rate = model.bank.sample_rate_hz;
        let smeared = design.smear.as_ref().and_then(|matrix| {
            let power = matrix.tone(tone.frequency_hz, rate)?;
            let (mut before, mut after) = ([0.0; MAX_BANDS], [0.0; MAX_BANDS]);
            for (slot, power) in before.iter_mut().zip(tone.power()) {
                *slot = *power as f32;
            }
            for (share, response) in power.iter().zip(&tone.responses) {
                for (slot, band) in after.iter_mut().zip(&response.power) {
                    *slot += (share * band) as f32;
                }
            }
            let mut restoring = [0.0; MAX_BANDS];
            restoring_db(&before, &after, &mut restoring);
            Some(Smeared { power, restoring_db: restoring })
        });
        Self { tone, smeared }
    }

    /// `tone` where nothing smears it.
    pub(super) fn sharp(tone: &'a SteadyTone) -> Self {
        Self { tone, smeared: None }
    }

    /// Powers of the components that come out, re the tone at `level_db_hl`, under a `law` that may have moved
    /// since.
    pub(super) fn output_powers(&self, law: &Law, design: &EarDesign, level_db_hl: f64) -> [f64; COMPONENTS] {
        let tone = self.tone;
        let level_db_fs = level_db_hl - tone.to_db_hl;
        let mut gains = tone_gains_db(law, tone.power(), level_db_fs);
        if let Some(smeared) = &self.smeared {
            for (gain, restoring) in gains.iter_mut().zip(&smeared.restoring_db) {
                *gain += restoring;
            }
        }
        let mut linear = [0.0; MAX_BANDS];
        let bands = tone.power().len();
        let mut beside = f64::INFINITY;
        for ((slot, gain), dead) in linear.iter_mut().zip(gains).zip(design.dead).take(bands) {
            *slot = if dead > 0.5 { 0.0 } else { amplitude(f64::from(gain)) };
            beside = beside.min(*slot);
        }
        let shares = self.smeared.as_ref().map_or(&WHOLE, |smeared| &smeared.power);
        std::array::from_fn(|m| {
            if shares[m] <= FAINT {
                return 0.0;
            }
            let response = &tone.responses[m].synthesis;
            let weighted = response.iter().zip(&linear).map(|(s, gain)| (gain - beside) * s);
            shares[m] * (weighted.sum::<Complex64>() + beside).norm_sqr()
        })
    }

    /// Level that comes out for `level_db_hl`, dB HL at the tone's frequency; see [`Self::output_powers`].
    pub(super) fn output_db_hl(&self, law: &Law, design: &EarDesign, level_db_hl: f64) -> f64 {
        let power: f64 = self.output_powers(law, design, level_db_hl).iter().sum();
        level_db_hl + 10.0 * libm::log10(power.max(1e-24))
    }

    /// Level from which on the tone comes out above 0 dB HL, dB HL; `near` is a first guess.
    pub(super) fn threshold_db_hl(&self, law: &Law, design: &EarDesign, near: f64) -> f64 {
        let output_db_hl = |level_db_hl: f64| self.output_db_hl(law, design, level_db_hl);
        let (mut low, mut high) = RANGE_DB_HL;
        let mut level = near.clamp(low + 1.0, high - 1.0);
        for _ in 0..24 {
            let output = output_db_hl(level);
            if output.abs() < 1e-3 {
                break;
            }
            if output < 0.0 {
                low = level
            } else {
                high = level
            }
            // Output grows by at least 1 dB per dB, so a step of the error never falls short by far;
            // Newton with the growth that the last level shows, kept inside the bracket.
            let slope = (output_db_hl(level + 0.05) - output) / 0.05;
            let next = level - output / slope.max(0.5);
            level = if next > low && next < high { next } else { 0.5 * (low + high) };
            if high - low < 1e-3 {
                break;
            }
        }
        level
    }
}

/// Components of a tone that is not smeared.
const WHOLE: [f64; COMPONENTS] = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];

/// Levels between which a threshold is looked for, dB HL.
const RANGE_DB_HL: (f64, f64) = (-10.0, 150.0);
