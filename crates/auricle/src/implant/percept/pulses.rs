//! A pulse train of unchanging pitch and unit power: what a robot speaks with.

/// The last frame of a pulse train.
pub(super) struct Pulses {
    rate: f32,
    /// The newest sample last.
    past: Vec<f32>,
    /// Samples until the next pulse, from the newest one.
    until: f32,
}

impl Pulses {
    pub(super) fn new(sample_rate_hz: u32, frame: usize) -> Self {
        Self { rate: sample_rate_hz as f32, past: vec![0.0; frame], until: 1.0 }
    }

    pub(super) fn reset(&mut self) {
        self.past.fill(0.0);
        self.until = 1.0;
    }

    /// Goes on by `hop` samples at a pitch.
    pub(super) fn advance(&mut self, hop: usize, hz: f32) {
        let (frame, period) = (self.past.len(), (self.rate / hz).max(4.0));
        self.past.copy_within(hop.., 0);
        self.past[frame - hop..].fill(0.0);
        // One pulse a period: a mean square of 1.
        let height = period.sqrt();
        while self.until < hop as f32 {
            // Between two samples it is shared out, which leaves pitch exact; high up it weakens by 3 dB at worst.
            let slot = self.until as usize;
            let rest = self.until - slot as f32;
            let at = frame - hop + slot;
            self.past[at] += height * (1.0 - rest);
            if slot + 1 < hop {
                self.past[at + 1] += height * rest;
            }
            self.until += period;
        }
        self.until -= hop as f32;
    }

    /// The last frame under a window.
    pub(super) fn under(&self, window: &[f32], out: &mut [f32]) {
        for ((out, past), window) in out.iter_mut().zip(&self.past).zip(window) {
            *out = past * window;
        }
    }
}
