//! What the model is fed: the source, finite, followed by as much silence as the model holds back.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::stream::BLOCK_SAMPLES;
use crate::audio::{AudioReader, Damage};
use crate::error::{MediaError, Result};

/// A peak that no mix has and damaged packets of lossy codecs decode to: +12 dB FS.
pub(super) const IMPLAUSIBLE_PEAK: f32 = 4.0;

/// What was found in the source while it was read.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct SourceFindings {
    /// Samples per channel that were read.
    pub length_samples: u64,
    /// Highest absolute sample value, 1.0 at full scale.
    pub peak: f32,
    /// Samples above full scale, over all channels.
    pub above_full_scale_samples: u64,
    /// NaN or infinite samples, over all channels; each was replaced by silence.
    pub non_finite_samples: u64,
    /// Where the first of them stands, in samples from the beginning.
    pub first_non_finite_samples: Option<u64>,
    /// In which channel, counted from 1.
    pub first_non_finite_channel: Option<usize>,
    /// Where the first sample stands that is louder than any sound is made (+12 dB FS), in samples from the
    /// beginning.
    pub first_implausible_samples: Option<u64>,
}

/// Reads the source to its end and beyond.
pub(super) struct Feed<'a> {
    reader: Box<dyn AudioReader>,
    heard_channels: usize,
    /// The source is over.
    ended: bool,
    /// Silence still to come after it.
    flush_samples: usize,
    findings: SourceFindings,
    refusal: Option<Refusal<'a>>,
}

/// What becomes of samples that are no numbers where they are not put right.
struct Refusal<'a> {
    /// Calls the counting off.
    cancel: &'a AtomicBool,
    /// The error, from what was found in the whole source.
    error: Box<dyn Fn(&SourceFindings) -> MediaError + Send + 'a>,
}

impl<'a> Feed<'a> {
    /// Feeds `reader`, then `latency_samples` of silence; `heard_channels` come out of the model.
    pub(super) fn new(reader: Box<dyn AudioReader>, heard_channels: usize, latency_samples: usize) -> Self {
        Self {
            reader,
            heard_channels,
            ended: false,
            flush_samples: latency_samples,
            findings: SourceFindings::default(),
            refusal: None,
        }
    }

    /// The same, which ends with `error` of all that is in the source where that holds samples that are no numbers;
    /// `cancel` ends the counting of them.
    pub(super) fn refusing(
        mut self,
        cancel: &'a AtomicBool,
        error: impl Fn(&SourceFindings) -> MediaError + Send + 'a,
    ) -> Self {
        self.refusal = Some(Refusal { cancel, error: Box::new(error) });
        self
    }

    /// Channels of the source.
    pub(super) fn source_channels(&self) -> usize {
        self.reader.layout().channels()
    }

    /// Channels of the output.
    pub(super) fn heard_channels(&self) -> usize {
        self.heard_channels
    }

    /// What the source was found to hold.
    pub(super) fn findings(&self) -> SourceFindings {
        self.findings
    }

    /// What of the source could not be decoded.
    pub(super) fn damage(&self) -> Option<Damage> {
        self.reader.damage()
    }

    /// Fills the front of `block`, `[channel][sample]`, and returns how many samples per channel; 0 at
    /// the end only.
    ///
    /// # Errors
    /// The source broke off or is damaged, or holds samples that are refused.
    pub(super) fn fill(&mut self, block: &mut [Vec<f32>]) -> Result<usize> {
        let mut filled = 0;
        while filled < BLOCK_SAMPLES && !self.ended {
            let mut channels: Vec<&mut [f32]> = block.iter_mut().map(|channel| &mut channel[filled..]).collect();
            let read = self.reader.read(&mut channels)?;
            self.findings.inspect_all(&mut channels, read);
            self.ended = read == 0;
            filled += read;
        }
        if self.findings.non_finite_samples > 0
            && let Some(refusal) = self.refusal.take()
        {
            return Err(self.refuse(block, &refusal));
        }
        let silence = self.flush_samples.min(BLOCK_SAMPLES - filled);
        for channel in block {
            channel[filled..filled + silence].fill(0.0);
        }
        self.flush_samples -= silence;
        Ok(filled + silence)
    }

    /// Reads on to the source's end, into `block`, so that the error can say how many there are.
    fn refuse(&mut self, block: &mut [Vec<f32>], refusal: &Refusal<'_>) -> MediaError {
        while !refusal.cancel.load(Ordering::Relaxed) {
            let mut channels: Vec<&mut [f32]> = block.iter_mut().map(Vec::as_mut_slice).collect();
            // A source that breaks off as well is told of when it has been mended.
            let Ok(read @ 1..) = self.reader.read(&mut channels) else { break };
            self.findings.inspect_all(&mut channels, read);
        }
        (refusal.error)(&self.findings)
    }
}

impl SourceFindings {
    /// Measures the next `read` samples of every channel, and silences what is not finite.
    fn inspect_all(&mut self, channels: &mut [&mut [f32]], read: usize) {
        for (index, channel) in channels.iter_mut().enumerate() {
            self.inspect(&mut channel[..read], index + 1);
        }
        self.length_samples += read as u64;
    }

    /// Measures a stretch of one channel, by its number from 1, that begins at `length_samples`.
    fn inspect(&mut self, stretch: &mut [f32], channel: usize) {
        let mut peak = self.peak;
        let mut above = 0;
        let mut finite = true;
        for sample in &*stretch {
            let magnitude = sample.abs();
            finite &= magnitude < f32::INFINITY;
            above += u64::from(magnitude > 1.0);
            peak = peak.max(magnitude);
        }
        if self.first_implausible_samples.is_none() && peak > IMPLAUSIBLE_PEAK {
            let place = stretch.iter().position(|sample| sample.is_finite() && sample.abs() > IMPLAUSIBLE_PEAK);
            self.first_implausible_samples = place.map(|place| self.length_samples + place as u64);
        }
        if finite {
            self.peak = peak;
            self.above_full_scale_samples += above;
            return;
        }
        // Rare: once more, sample by sample.
        for (i, sample) in stretch.iter_mut().enumerate() {
            let magnitude = sample.abs();
            if magnitude.is_finite() {
                self.peak = self.peak.max(magnitude);
                self.above_full_scale_samples += u64::from(magnitude > 1.0);
            } else {
                *sample = 0.0;
                self.non_finite_samples += 1;
                let at_samples = self.length_samples + i as u64;
                if self.first_non_finite_samples.is_none_or(|first| at_samples < first) {
                    self.first_non_finite_samples = Some(at_samples);
                    self.first_non_finite_channel = Some(channel);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use auricle::layout::Layout;

    use super::*;
    use crate::audio::SampleFormat;

    /// 1, 2, 3, ... in blocks of an awkward size.
    struct Counting {
        layout: Layout,
        next: u64,
        length: u64,
    }

    impl AudioReader for Counting {
        fn sample_rate_hz(&self) -> u32 {
            48_000
        }
        fn layout(&self) -> &Layout {
            &self.layout
        }
        fn sample_format(&self) -> SampleFormat {
            SampleFormat::Float
        }
        fn length_samples(&self) -> Option<u64> {
            None
        }
        fn read(&mut self, channels: &mut [&mut [f32]]) -> Result<usize> {
            let left = usize::try_from(self.length - self.next).unwrap();
            let read = left.min(channels[0].len()).min(1000);
            for channel in channels {
                for (i, sample) in channel[..read].iter_mut().enumerate() {
                    *sample = (self.next + i as u64 + 1) as f32;
                }
            }
            self.next += read as u64;
            Ok(read)
        }
    }

    #[test]
    fn the_source_is_followed_by_the_latency() {
        for (source, latency) in [(0, 0), (0, 5), (10_000, 760), (8192, 8192), (1, 20_000)] {
            let reader = Box::new(Counting { layout: Layout::mono(), next: 0, length: source });
            let mut feed = Feed::new(reader, 1, latency);
            let mut block = vec![vec![f32::NAN; BLOCK_SAMPLES]];
            let mut fed = Vec::new();
            loop {
                let filled = feed.fill(&mut block).unwrap();
                fed.extend_from_slice(&block[0][..filled]);
                if filled == 0 {
                    break;
                }
            }
            let expected: Vec<f32> = (1..=source).map(|i| i as f32).chain(std::iter::repeat_n(0.0, latency)).collect();
            assert!(fed == expected, "{source} {latency}");
            assert_eq!(feed.findings().length_samples, source);
        }
    }

    #[test]
    fn what_is_not_finite_is_silenced_counted_and_located() {
        let mut findings = SourceFindings { length_samples: 1000, ..SourceFindings::default() };
        let mut left = [0.5, 2.0, f32::NAN, -3.0];
        let mut right = [0.5, f32::NEG_INFINITY, 0.0, 0.0];
        findings.inspect(&mut left, 1);
        findings.inspect(&mut right, 2);
        assert_eq!((left, right), ([0.5, 2.0, 0.0, -3.0], [0.5, 0.0, 0.0, 0.0]));
        assert_eq!(findings.non_finite_samples, 2);
        assert_eq!((findings.first_non_finite_samples, findings.first_non_finite_channel), (Some(1001), Some(2)));
        assert_eq!(findings.above_full_scale_samples, 2);
        assert_eq!(findings.peak, 3.0);
        assert_eq!(findings.first_implausible_samples, None);
        findings.length_samples = 2000;
        findings.inspect(&mut [0.1, -5.0, 6.0], 1);
        assert_eq!(findings.first_implausible_samples, Some(2001));
    }
}
