//! Loss of temporal resolution: envelopes that blur.
//!
//! In each band the envelope is replaced by its mean over a stated time: the gain is the root of the
//! slow mean square over the fast one. The mean level stays; modulations faster than the time vanish.
//! Spectral smearing is separate (`smearing`).

use super::Bands;
use super::recruitment::SILENCE;
use crate::dsp::gammatone::MAX_BANDS;
use crate::dsp::math::power_to_db;

/// Most that an envelope is raised or lowered, dB: beyond it, silence would be filled with the noise of
/// the recording.
const REACH_DB: f32 = 20.0;

/// The slow mean squares of an ear's bands.
pub(super) struct TemporalSmearing {
    period_ms: f32,
    slow: Bands,
    /// Whether `slow` is being kept up; else it begins anew from the fast ones.
    running: bool,
}

impl TemporalSmearing {
    pub(super) fn new(period_secs: f64) -> Self {
        Self { period_ms: (1e3 * period_secs) as f32, slow: [0.0; MAX_BANDS], running: false }
    }

    pub(super) fn reset(&mut self) {
        self.slow = [0.0; MAX_BANDS];
        self.running = false;
    }

    /// Adds the gains for averaging over `time_ms` (0: none) to `gains`, dB.
    pub(super) fn add_gains(&mut self, fast: &Bands, time_ms: f32, gains: &mut Bands) {
        if time_ms <= 0.0 {
            self.running = false;
            return;
        }
        if !self.running {
            self.running = true;
            self.slow = *fast;
        }
        // First-order, in the form that stays below 1 for any time.
        let share = self.period_ms / (self.period_ms + time_ms);
        for k in 0..MAX_BANDS {
            self.slow[k] += share * (fast[k] - self.slow[k]);
            if self.slow[k] < SILENCE * 1e-6 {
                self.slow[k] = 0.0;
            }
            let ratio_db = power_to_db((self.slow[k] + SILENCE) / (fast[k] + SILENCE));
            gains[k] += ratio_db.clamp(-REACH_DB, REACH_DB);
        }
    }
}
