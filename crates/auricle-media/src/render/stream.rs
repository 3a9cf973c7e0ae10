//! The stream of a render: read, hear, measure, write, each on its own thread.
//!
//! ```text
//! feed ──► hearing (the caller's thread, two ears side by side) ──► measure ──► write ─┐
//!   ▲                                                                                   │
//!   └──────────────────────────────── empty blocks ─────────────────────────────────────┘
//! ```
//!
//! A fixed number of blocks goes round, so memory does not grow with the film. Every stage works on
//! the blocks in their order, so the output does not depend on how the threads are scheduled.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use auricle::audition::{Audition, Join};

use super::feed::Feed;
use crate::error::{MediaError, Result};

/// Samples per channel that travel together: 85 ms at 48 kHz, short enough for a prompt Ctrl-C.
pub(super) const BLOCK_SAMPLES: usize = 4096;

/// Blocks in circulation: two for each stage, so that none waits for a neighbour's short hitch.
const BLOCKS: usize = 8;

/// The two ears on two threads of rayon's pool.
pub(super) struct SideBySide;

impl Join for SideBySide {
    fn join(&self, a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
        rayon::join(a, b);
    }
}

/// A piece of the film on its way through the stages.
pub(super) struct Block {
    /// The source, `[channel][sample]`; after hearing, as late as `heard`.
    pub(super) source: Vec<Vec<f32>>,
    /// What is heard, `[channel][sample]`.
    pub(super) heard: Vec<Vec<f32>>,
    /// Samples per channel that are in use.
    pub(super) length: usize,
    /// Samples at the front that lie before the film's first (the model's latency).
    skip: usize,
}

impl Block {
    fn new(source_channels: usize, heard_channels: usize) -> Self {
        let silence = |channels| vec![vec![0.0; BLOCK_SAMPLES]; channels];
        Self { source: silence(source_channels), heard: silence(heard_channels), length: 0, skip: 0 }
    }
}

/// What looks at the aligned sound: `(source, heard)`, each `[channel][sample]`, both of one length and
/// from the same moment.
pub(super) type Measure<'a> = &'a mut (dyn FnMut(&[&[f32]], &[&[f32]]) + Send);

/// What takes the sound that is heard, `[channel][sample]`.
pub(super) type Write<'a> = &'a mut (dyn FnMut(&[&[f32]]) -> Result<()> + Send);

/// Runs the whole film from `feed` through `audition` into `measure` and `write`.
///
/// `progress` is called on this thread with the number of samples heard so far.
///
/// # Errors
/// The first stage that failed, upstream first; [`MediaError::Cancelled`] where `cancel` was set.
pub(super) fn run(
    feed: &mut Feed<'_>,
    audition: &mut Audition,
    measure: Measure<'_>,
    write: Write<'_>,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<()> {
    let (empty_tx, empty_rx) = sync_channel(BLOCKS);
    let (fed_tx, fed_rx) = sync_channel(BLOCKS);
    let (heard_tx, heard_rx) = sync_channel(BLOCKS);
    let (measured_tx, measured_rx) = sync_channel(BLOCKS);
    for _ in 0..BLOCKS {
        // The queue holds every block there is: sending into it cannot fail or wait.
        let _ = empty_tx.send(Block::new(feed.source_channels(), feed.heard_channels()));
    }
    let latency_samples = audition.latency_samples();

    let outcome = thread::scope(|scope| {
        let fed = scope.spawn(move || feed_stage(feed, cancel, &empty_rx, &fed_tx));
        let measured = scope.spawn(move || measure_stage(measure, &heard_rx, &measured_tx));
        let written = scope.spawn(move || write_stage(write, &measured_rx, &empty_tx));
        hearing_stage(audition, latency_samples, cancel, &fed_rx, &heard_tx, progress);
        // Both ends of the middle close here, so that the stages on either side come to their end.
        drop((fed_rx, heard_tx));
        finished(measured);
        finished(fed).and(finished(written))
    });
    if cancel.load(Ordering::Relaxed) {
        return Err(MediaError::Cancelled);
    }
    outcome
}

/// What a stage came to; its panic goes on here.
fn finished<T>(stage: thread::ScopedJoinHandle<'_, T>) -> T {
    stage.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn feed_stage(
    feed: &mut Feed<'_>,
    cancel: &AtomicBool,
    empty: &Receiver<Block>,
    fed: &SyncSender<Block>,
) -> Result<()> {
    while let Ok(mut block) = empty.recv() {
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        block.length = feed.fill(&mut block.source)?;
        if block.length == 0 || fed.send(block).is_err() {
            break;
        }
    }
    Ok(())
}

fn hearing_stage(
    audition: &mut Audition,
    latency_samples: usize,
    cancel: &AtomicBool,
    fed: &Receiver<Block>,
    heard: &SyncSender<Block>,
    progress: &mut dyn FnMut(u64),
) {
    let mut delays: Option<Vec<Delay>> = None;
    let mut before_first = latency_samples;
    let mut done_samples = 0;
    while let Ok(mut block) = fed.recv() {
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        let length = block.length;
        {
            let source: Vec<&[f32]> = block.source.iter().map(|channel| &channel[..length]).collect();
            let mut out: Vec<&mut [f32]> = block.heard.iter_mut().map(|channel| &mut channel[..length]).collect();
            audition.process_on(&SideBySide, &source, &mut out);
        }
        let delays = delays.get_or_insert_with(|| block.source.iter().map(|_| Delay::new(latency_samples)).collect());
        for (delay, channel) in delays.iter_mut().zip(&mut block.source) {
            delay.process(&mut channel[..length]);
        }
        block.skip = before_first.min(length);
        before_first -= block.skip;
        done_samples += (length - block.skip) as u64;
        if heard.send(block).is_err() {
            break;
        }
        progress(done_samples);
    }
}

fn measure_stage(measure: Measure<'_>, heard: &Receiver<Block>, measured: &SyncSender<Block>) {
    while let Ok(block) = heard.recv() {
        let used = block.skip..block.length;
        if !used.is_empty() {
            let source: Vec<&[f32]> = block.source.iter().map(|channel| &channel[used.clone()]).collect();
            let heard: Vec<&[f32]> = block.heard.iter().map(|channel| &channel[used.clone()]).collect();
            measure(&source, &heard);
        }
        if measured.send(block).is_err() {
            break;
        }
    }
}

fn write_stage(write: Write<'_>, measured: &Receiver<Block>, empty: &SyncSender<Block>) -> Result<()> {
    while let Ok(block) = measured.recv() {
        let used = block.skip..block.length;
        if !used.is_empty() {
            let heard: Vec<&[f32]> = block.heard.iter().map(|channel| &channel[used.clone()]).collect();
            write(&heard)?;
        }
        // At the film's end nobody waits for empty blocks any more.
        let _ = empty.send(block);
    }
    Ok(())
}

/// Holds the source back by the model's latency, so that both can be measured against each other.
struct Delay {
    /// The last samples, `[sample]`, of the delay's length.
    ring: Vec<f32>,
    position: usize,
}

impl Delay {
    fn new(samples: usize) -> Self {
        Self { ring: vec![0.0; samples], position: 0 }
    }

    fn process(&mut self, channel: &mut [f32]) {
        let mut rest = channel;
        while !rest.is_empty() && !self.ring.is_empty() {
            let stretch = rest.len().min(self.ring.len() - self.position);
            let (now, later) = rest.split_at_mut(stretch);
            now.swap_with_slice(&mut self.ring[self.position..self.position + stretch]);
            self.position = (self.position + stretch) % self.ring.len();
            rest = later;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_holds_samples_back_by_its_length_whatever_the_blocks() {
        for samples in [0, 1, 3, 10] {
            let input: Vec<f32> = (1..=23).map(|i| i as f32).collect();
            let mut delayed = input.clone();
            let mut delay = Delay::new(samples);
            for block in delayed.chunks_mut(7) {
                delay.process(block);
            }
            let expected: Vec<f32> = std::iter::repeat_n(0.0, samples).chain(input).take(23).collect();
            assert_eq!(delayed, expected, "delay of {samples}");
        }
    }
}
