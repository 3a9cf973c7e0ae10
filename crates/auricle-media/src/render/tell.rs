//! Tells how far a render is.

use std::time::Instant;

use super::job::{Progress, Stage};

/// Turns samples into [`Progress`].
pub(super) struct Teller<'a> {
    progress: &'a mut dyn FnMut(Progress),
    sample_rate_hz: f64,
    total_secs: Option<f64>,
    began: Instant,
    done_secs: f64,
    speed: f64,
}

impl<'a> Teller<'a> {
    pub(super) fn new(progress: &'a mut dyn FnMut(Progress)) -> Self {
        Self { progress, sample_rate_hz: 1.0, total_secs: None, began: Instant::now(), done_secs: 0.0, speed: 0.0 }
    }

    /// A stage other than rendering begins.
    pub(super) fn stage(&mut self, stage: Stage) {
        self.tell(stage, None);
    }

    /// Sound begins to be rendered, `length_samples` of it.
    pub(super) fn begin_sound(&mut self, sample_rate_hz: u32, length_samples: Option<u64>) {
        self.sample_rate_hz = f64::from(sample_rate_hz);
        self.total_secs = length_samples.map(|length| length as f64 / self.sample_rate_hz);
        self.began = Instant::now();
        self.tell(Stage::Rendering, None);
    }

    /// So many samples have been rendered.
    pub(super) fn rendered(&mut self, done_samples: u64) {
        self.done_secs = done_samples as f64 / self.sample_rate_hz;
        self.speed = self.done_secs / self.elapsed_secs().max(1e-9);
        let left_secs = self.total_secs.filter(|_| self.speed > 0.0);
        let left_secs = left_secs.map(|total| (total - self.done_secs).max(0.0) / self.speed);
        self.tell(Stage::Rendering, left_secs);
    }

    /// Seconds since sound began to be rendered.
    pub(super) fn elapsed_secs(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn tell(&mut self, stage: Stage, left_secs: Option<f64>) {
        (self.progress)(Progress {
            stage,
            done_secs: self.done_secs,
            total_secs: self.total_secs,
            speed: self.speed,
            left_secs,
        });
    }
}
