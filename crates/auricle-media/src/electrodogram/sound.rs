//! From pulses back to sound: what the device transmits, written to a sound file.

use std::path::Path;

use auricle::implant::information::resynthesis_params;
use auricle::implant::params::{Carrier, Implant, Places, Sound};
use auricle::implant::processor::Processor;
use auricle::implant::pulse::{Pulse, PulseSink, TICKS_PER_SEC};
use auricle::implant::resynthesis::Resynthesis;
use auricle::layout::Layout;
use auricle::level::Calibration;
use auricle::listener::DeadRegion;

use super::ending;
use super::job::ElectrodogramJob;
use crate::audio::AudioWriter;
use crate::error::{MediaError, Result};
use crate::flac::FlacWriter;
use crate::wav::{WavFormat, WavOptions, WavWriter};

/// Sample rate where neither the user nor a source says another, Hz.
pub(super) const USUAL_RATE_HZ: u32 = 48_000;
/// Samples made at once.
const BLOCK_SAMPLES: usize = 4096;
/// How far pulses are given ahead of the sound, parts of a second; twice as much would be too far.
const AHEAD: u64 = 100;

/// The kinds of sound files that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Wav,
    Flac,
}

impl Kind {
    /// By the name's ending.
    ///
    /// # Errors
    /// [`MediaError::Usage`]: another ending.
    pub(super) fn of(path: &Path) -> Result<Self> {
        match ending(path).as_str() {
            "wav" | "wave" | "rf64" | "bwf" => Ok(Self::Wav),
            "flac" => Ok(Self::Flac),
            _ => Err(MediaError::Usage(format!(
                "{}: an electrodogram's sound is written as .wav or .flac",
                path.display()
            ))),
        }
    }
}

/// Pulses in, a sound file out.
pub(super) struct SoundSink {
    resynthesis: Resynthesis,
    writer: Box<dyn AudioWriter>,
    sample_rate_hz: u32,
    /// Samples made so far, those that are left out at the beginning with them.
    made: u64,
    /// Samples that are left out at the beginning: by as many the sound lags the source.
    late: u64,
    peak: f32,
    block: Vec<f32>,
}

impl SoundSink {
    /// Begins the file at `path`, of pulses that `implant` makes; `from_source`: their times count from the beginning of a
    /// source, with which the sound is to be in step.
    ///
    /// # Errors
    /// [`MediaError::Usage`] where the device or the rate cannot be; the file cannot be made.
    pub(super) fn new(
        job: &ElectrodogramJob,
        (path, kind): (&Path, Kind),
        implant: &Implant,
        dead: &[DeadRegion],
        (calibration, sample_rate_hz): (Calibration, u32),
        from_source: bool,
    ) -> Result<Self> {
        let (carrier, places) = match implant.sound {
            Sound::Information { carrier, places } => (carrier, places),
            Sound::Percept => (Carrier::Spiral, Places::Shifted),
        };
        let sound =
            Sound::Information { carrier: job.carrier.unwrap_or(carrier), places: job.places.unwrap_or(places) };
        let implant = Implant { sound, ..implant.clone() };
        let cannot = |error: &dyn std::fmt::Display| MediaError::Usage(format!("no sound can be made: {error}"));
        let processor = Processor::new(&implant, sample_rate_hz, calibration).map_err(|error| cannot(&error))?;
        let params = resynthesis_params(&implant, dead, &processor, calibration, job.seed).map_err(|e| cannot(&e))?;
        let resynthesis = Resynthesis::new(&params, sample_rate_hz).map_err(|error| cannot(&error))?;
        // Pulses of a frame follow one another through it: the middle of what they tell is half a frame later.
        let processing_secs = processor.latency_ticks() as f64 / TICKS_PER_SEC as f64 + 0.5 / processor.rate_pps();
        let processing = if from_source { (processing_secs * f64::from(sample_rate_hz)).round() as u64 } else { 0 };
        let layout = Layout::mono();
        let writer: Box<dyn AudioWriter> = match kind {
            // Nothing is clipped, however loud.
            Kind::Wav => {
                Box::new(WavWriter::create(path, sample_rate_hz, &layout, WavOptions::new(WavFormat::Float32))?)
            }
            Kind::Flac => Box::new(FlacWriter::create(path, sample_rate_hz, &layout)?),
        };
        let late = processing + resynthesis.latency_samples() as u64;
        let block = vec![0.0; BLOCK_SAMPLES];
        Ok(Self { resynthesis, writer, sample_rate_hz, made: 0, late, peak: 0.0, block })
    }

    /// Takes the next pulses.
    ///
    /// # Errors
    /// The disk is full.
    pub(super) fn take(&mut self, pulses: &[Pulse]) -> Result<()> {
        for pulse in pulses {
            // All pulses before this one have been given: sound up to it can be made.
            let due = self.samples(pulse.onset_ticks);
            if due > self.made + u64::from(self.sample_rate_hz) / AHEAD {
                self.make(due)?;
            }
            self.resynthesis.pulse(*pulse);
        }
        Ok(())
    }

    /// Makes the rest of the sound, `length_samples` in all, and completes the file; the highest sample, 1.0 at full scale.
    ///
    /// # Errors
    /// The disk is full.
    pub(super) fn finish(mut self, length_samples: u64) -> Result<f32> {
        self.make(length_samples + self.late)?;
        self.writer.finish()?;
        Ok(self.peak)
    }

    /// Samples before the moment `ticks`.
    pub(super) fn samples(&self, ticks: u64) -> u64 {
        (u128::from(ticks) * u128::from(self.sample_rate_hz) / u128::from(TICKS_PER_SEC)) as u64
    }

    fn make(&mut self, until: u64) -> Result<()> {
        while self.made < until {
            // Below the block's length.
            let count = (until - self.made).min(BLOCK_SAMPLES as u64) as usize;
            let block = &mut self.block[..count];
            self.resynthesis.process(block);
            // Below the block's length, too.
            let left_out = self.late.saturating_sub(self.made).min(count as u64) as usize;
            let heard = &block[left_out..];
            self.peak = heard.iter().fold(self.peak, |peak, sample| peak.max(sample.abs()));
            if !heard.is_empty() {
                self.writer.write(&[heard])?;
            }
            self.made += count as u64;
        }
        Ok(())
    }
}
