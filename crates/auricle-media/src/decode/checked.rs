//! A reader that refuses samples which are not finite.

use std::path::{Path, PathBuf};

use auricle::layout::Layout;

use super::broken;
use crate::audio::{AudioReader, Damage, SampleFormat};
use crate::error::Result;

/// Passes another reader on, and stops at the first sample that is not a finite number.
pub(crate) struct Checked {
    path: PathBuf,
    inner: Box<dyn AudioReader>,
    at: u64,
}

impl Checked {
    pub(crate) fn new(path: &Path, inner: Box<dyn AudioReader>) -> Self {
        Self { path: path.to_owned(), inner, at: 0 }
    }
}

impl AudioReader for Checked {
    fn sample_rate_hz(&self) -> u32 {
        self.inner.sample_rate_hz()
    }

    fn layout(&self) -> &Layout {
        self.inner.layout()
    }

    fn sample_format(&self) -> SampleFormat {
        self.inner.sample_format()
    }

    fn length_samples(&self) -> Option<u64> {
        self.inner.length_samples()
    }

    fn damage(&self) -> Option<Damage> {
        self.inner.damage()
    }

    fn read(&mut self, channels: &mut [&mut [f32]]) -> Result<usize> {
        let count = self.inner.read(channels)?;
        for (number, channel) in channels.iter().enumerate() {
            let samples = &channel[..count];
            // A product with 0 is 0 for finite numbers only; the sum of products vectorises.
            if samples.iter().map(|s| s * 0.0).sum::<f32>() == 0.0 {
                continue;
            }
            let place = samples.iter().position(|s| !s.is_finite()).unwrap_or(0);
            let sample = self.at + place as u64;
            return Err(broken(
                &self.path,
                format!(
                    "sample {sample} ({:.3} s) of channel {} is {}, not a sound; export it again from where it was made",
                    sample as f64 / f64::from(self.sample_rate_hz()),
                    number + 1,
                    samples[place]
                ),
            ));
        }
        self.at += count as u64;
        Ok(count)
    }
}
