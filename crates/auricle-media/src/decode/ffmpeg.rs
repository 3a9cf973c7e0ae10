//! Sound decoded by an ffmpeg child process, as 32-bit float through a pipe.
//!
//! A decoder that meets damage passes over it and ends well: what it says meanwhile is counted (`complaints`).

use std::io::Read;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use auricle::layout::Layout;

use super::complaints::Complaints;
use super::{Span, broken, holes};
use crate::audio::{AudioReader, Damage, SampleFormat};
use crate::channels;
use crate::error::{MediaError, Result};
use crate::probe::{MediaInfo, Stream};
use crate::tools::{Running, Tools, ended_by, file_argument, quiet_command};

/// Bytes that are read from the pipe at once.
const BLOCK_BYTES: usize = 128 << 10;
/// Blocks that may wait: with them the decoder works ahead while the model computes.
const BLOCKS: usize = 8;
/// A track that ends more than this before its stated end has broken off.
const BROKEN_OFF_SECS: f64 = 0.5;

/// Reads one track through ffmpeg; see the text of [`super`] for its alignment.
pub(crate) struct FfmpegReader {
    path: PathBuf,
    child: Running,
    blocks: Option<Receiver<std::io::Result<Vec<u8>>>>,
    reading: Option<JoinHandle<()>>,
    sample_rate_hz: u32,
    layout: Layout,
    sample_format: SampleFormat,
    span: Span,
    /// Samples per channel delivered.
    at: u64,
    /// Samples per channel of silence still to come before the track.
    silence: u64,
    /// Samples per channel of the track still to be left out.
    skip: u64,
    /// Samples per channel decoded so far.
    decoded: u64,
    /// Interleaved bytes not yet delivered, from `used` on.
    pending: Vec<u8>,
    used: usize,
    ended: bool,
    complaints: Complaints,
}

impl FfmpegReader {
    /// Starts the decoder.
    pub(crate) fn open(tools: &Tools, info: &MediaInfo, stream: &Stream, span: Span) -> Result<Self> {
        let Some((audio, layout)) = stream.audio.as_ref().and_then(|a| Some((a, a.layout.clone()?))) else {
            return Err(info.broken(format!("stream {} is not a sound Auricle hears", stream.index)));
        };
        Self::open_at(tools, info, stream, span, audio.sample_rate_hz, layout)
    }

    /// As [`open`](Self::open), converted to another rate, which `span` then counts in.
    pub(crate) fn open_at(
        tools: &Tools,
        info: &MediaInfo,
        stream: &Stream,
        span: Span,
        sample_rate_hz: u32,
        layout: Layout,
    ) -> Result<Self> {
        let mut command = quiet_command(&tools.ffmpeg);
        // Each complaint is to be counted: equal ones are not to be summed up.
        command.args(["-nostdin", "-v", "repeat+error", "-i"]).arg(file_argument(&info.path));
        command.args(["-map", &format!("0:{}", stream.index)]);
        // A stream may change its rate or layout on the way; what is promised here stays.
        let fill = holes::fill();
        let mut filter = format!("aresample={sample_rate_hz}:{fill},aformat=sample_rates={sample_rate_hz}");
        let stated = stream.audio.as_ref().map_or("", |a| &a.layout_name);
        if channels::from_name(stated).as_ref() != Some(&layout) || !stated.ends_with(" channels") {
            filter.push_str(&format!(":channel_layouts={}", channels::to_name(&layout)));
        }
        command.args(["-af", &filter, "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"]);
        let received = Arc::new(AtomicU64::new(0));
        let complaints = Complaints::of(&stream.codec);
        let mut hearing = complaints.hearing(Arc::clone(&received));
        let mut child = Running::start_heard("ffmpeg", command.stdout(Stdio::piped()), move |line| hearing.hear(line))?;
        let (sender, blocks) = sync_channel(BLOCKS);
        let stdout = child.child.stdout.take();
        let reading = std::thread::spawn(move || {
            if let Some(stdout) = stdout {
                pump(stdout, &sender, &received);
            }
        });
        Ok(Self {
            path: info.path.clone(),
            child,
            blocks: Some(blocks),
            reading: Some(reading),
            sample_rate_hz,
            layout,
            sample_format: stream.audio.as_ref().map_or(SampleFormat::Lossy, |a| a.sample_format),
            span,
            at: 0,
            silence: span.lead_samples.max(0) as u64,
            skip: (-span.lead_samples).max(0) as u64,
            decoded: 0,
            pending: Vec::new(),
            used: 0,
            ended: false,
            complaints,
        })
    }

    fn block_bytes(&self) -> usize {
        4 * self.layout.channels()
    }

    /// Makes whole sample blocks available; 0 at the track's end only.
    fn available(&mut self) -> Result<usize> {
        let block = self.block_bytes();
        while (self.pending.len() - self.used) / block == 0 && !self.ended {
            let next = self.blocks.as_ref().and_then(|b| b.recv().ok());
            match next {
                Some(Ok(bytes)) => {
                    self.pending.drain(..self.used);
                    self.used = 0;
                    self.pending.extend_from_slice(&bytes);
                }
                Some(Err(source)) => {
                    return Err(MediaError::Tool { program: "ffmpeg", message: format!("lost contact: {source}") });
                }
                None => self.end()?,
            }
            // What lies before the film's first sample is dropped as it comes.
            let skipped = self.skip.min(((self.pending.len() - self.used) / block) as u64);
            self.used += skipped as usize * block;
            self.skip -= skipped;
            self.decoded += skipped;
        }
        Ok((self.pending.len() - self.used) / block)
    }

    /// The decoder has ended: did it end well, and was that all?
    fn end(&mut self) -> Result<()> {
        self.ended = true;
        let status = self.child.wait()?;
        let said = self.child.said();
        if !status.success() {
            let message = if said.is_empty() { format!("ffmpeg {}", ended_by(status)) } else { said };
            return Err(broken(&self.path, format!("cannot be decoded: {message}")));
        }
        if self.decoded == 0 && (self.pending.len() - self.used) == 0 {
            return Err(broken(&self.path, format!("its audio decodes to nothing; it may be damaged ({said})")));
        }
        Ok(())
    }

    /// Refuses a track that ends well before the container says it does.
    fn check_end(&self) -> Result<()> {
        let rate = f64::from(self.sample_rate_hz);
        let end = (self.decoded as i64 + self.span.lead_samples).max(0) as u64;
        let promised = self.span.track_end_samples.unwrap_or(0);
        if (promised.saturating_sub(end)) as f64 <= BROKEN_OFF_SECS * rate {
            return Ok(());
        }
        let said = self.complaints.heard().map_or_else(|| self.child.said(), |(_, _, said)| said);
        let detail = if said.is_empty() { String::new() } else { format!(" ({said})") };
        Err(broken(
            &self.path,
            format!(
                "broke off: its audio should last {:.3} s, {:.3} s are there; copy it again{detail}",
                promised as f64 / rate,
                end as f64 / rate
            ),
        ))
    }
}

impl AudioReader for FfmpegReader {
    fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn sample_format(&self) -> SampleFormat {
        self.sample_format
    }

    fn length_samples(&self) -> Option<u64> {
        self.span.length_samples
    }

    fn damage(&self) -> Option<Damage> {
        let (count, first_bytes, said) = self.complaints.heard()?;
        let first_samples = (first_bytes / self.block_bytes() as u64) as i64 + self.span.lead_samples;
        Some(Damage { count, first_secs: first_samples as f64 / f64::from(self.sample_rate_hz), said })
    }

    fn read(&mut self, out: &mut [&mut [f32]]) -> Result<usize> {
        let left = self.span.length_samples.map_or(u64::MAX, |n| n - self.at);
        let wanted = (out.first().map_or(0, |c| c.len()) as u64).min(left) as usize;
        let mut done = 0;
        while done < wanted {
            let room = wanted - done;
            if self.silence > 0 {
                let count = self.silence.min(room as u64) as usize;
                out.iter_mut().for_each(|c| c[done..done + count].fill(0.0));
                self.silence -= count as u64;
                done += count;
                continue;
            }
            let count = self.available()?.min(room);
            if count == 0 {
                if self.decoded > 0 {
                    self.check_end()?;
                }
                if self.span.length_samples.is_none() {
                    break;
                }
                self.silence = u64::MAX;
                continue;
            }
            let block = self.block_bytes();
            let bytes = &self.pending[self.used..self.used + count * block];
            for (index, channel) in out.iter_mut().enumerate() {
                let places = bytes.chunks_exact(block).map(|b| &b[4 * index..4 * index + 4]);
                for (sample, b) in channel[done..done + count].iter_mut().zip(places) {
                    *sample = f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                }
            }
            self.used += count * block;
            self.decoded += count as u64;
            done += count;
        }
        self.at += done as u64;
        Ok(done)
    }
}

impl Drop for FfmpegReader {
    fn drop(&mut self) {
        // Without a receiver the thread stops at its next block; without the child it has none to read.
        self.blocks = None;
        let _ = self.child.child.kill();
        if let Some(reading) = self.reading.take() {
            let _ = reading.join();
        }
    }
}

/// Moves a pipe's bytes into blocks until it ends or nobody wants them.
fn pump(mut pipe: impl Read, sender: &SyncSender<std::io::Result<Vec<u8>>>, received: &AtomicU64) {
    loop {
        let mut bytes = vec![0; BLOCK_BYTES];
        match pipe.read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => {
                bytes.truncate(count);
                received.fetch_add(count as u64, Ordering::Relaxed);
                if sender.send(Ok(bytes)).is_err() {
                    return;
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => {
                // Nobody may be left to hear it.
                let _ = sender.send(Err(e));
                return;
            }
        }
    }
}
