//! Holes in a track: moments at which its time stamps go on and its sound does not, as where films were put
//! together whose sound was shorter than their picture.
//!
//! The decoder fills them by itself ([`fill`]). Where they are is read from the packets' times, beside the
//! rendering: the user should know of a silence that nobody made.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::error::Result;
use crate::probe::{Container, MediaInfo, Stream};
use crate::tools::{Running, Tools, file_argument, quiet_command};

/// From this on time stamps are believed over the count of samples, in seconds: sound that is 45 ms early
/// is seen to be (ITU-R BT.1359-1). Clocks of milliseconds and cameras' jitter stay below.
const LEAST_SECS: f64 = 0.04;

/// The words of ffmpeg's resampler that fill holes with silence and cut what overlaps; in a track without either
/// they change no sample.
pub(super) fn fill() -> String {
    format!("async=1:min_hard_comp={LEAST_SECS}")
}

/// What was found in a track.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Holes {
    /// How many.
    pub(crate) count: usize,
    /// All of them together, in seconds.
    pub(crate) secs: f64,
    /// Where the first begins, in seconds from the picture's time zero.
    pub(crate) first_secs: f64,
    /// How often a packet begins before the one before it has ended; what overlaps is left out.
    pub(crate) overlaps: usize,
}

/// Looks for holes on a thread of its own; dropped, it stops.
pub(crate) struct HoleSearch {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Holes>>>,
}

impl HoleSearch {
    /// Begins to look through the packets of a track.
    pub(crate) fn start(tools: &Tools, info: &MediaInfo, stream: &Stream) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        // What is decoded in-process has no time stamps to disagree with.
        let timeless =
            matches!(info.container, Container::Wav | Container::Flac | Container::Mp3 | Container::OggVorbis);
        let thread = (!timeless).then(|| {
            let (tools, info, stream, stop) = (tools.clone(), info.clone(), stream.clone(), Arc::clone(&stop));
            std::thread::spawn(move || search(&tools, &info, &stream, &stop))
        });
        Self { stop, thread }
    }

    /// Waits for what is found.
    ///
    /// # Errors
    /// ffprobe could not be started.
    pub(crate) fn finish(mut self) -> Result<Holes> {
        let found = self.thread.take().map(JoinHandle::join);
        found.map_or(Ok(Holes::default()), |found| found.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }
}

impl Drop for HoleSearch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Nobody is left to hear what it found.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

fn search(tools: &Tools, info: &MediaInfo, stream: &Stream, stop: &AtomicBool) -> Result<Holes> {
    let mut command = quiet_command(&tools.ffprobe);
    command.args(["-v", "error", "-of", "csv=p=0", "-show_entries", "packet=pts_time,duration_time"]);
    command.args(["-select_streams", &stream.index.to_string(), "-i"]).arg(file_argument(&info.path));
    let mut running = Running::start("ffprobe", command.stdout(Stdio::piped()))?;
    let Some(stdout) = running.child.stdout.take() else { return Ok(Holes::default()) };
    let lines = BufReader::new(stdout).lines().map_while(std::io::Result::ok);
    let lines = lines.take_while(|_| !stop.load(Ordering::Relaxed));
    let framed = !stream.codec.starts_with("pcm_") && stream.codec != "vorbis";
    Ok(found_in(lines, framed, info.picture_secs(stream)))
}

/// The holes of a track by the `lines` "time,duration" of its packets, in seconds, either of them "N/A".
///
/// `framed`: its packets are all about as long. MP4 keeps no packet's end but the next one's beginning, so that the
/// packet before a hole is said to last until after it.
fn found_in(lines: impl Iterator<Item = String>, framed: bool, zero_secs: f64) -> Holes {
    let mut holes = Holes::default();
    let mut usual: Option<f64> = None;
    let mut ends: Option<f64> = None;
    for line in lines {
        let mut numbers = line.split(',').map(|number| number.trim().parse::<f64>().ok());
        let (Some(begins), Some(lasts)) = (numbers.next(), numbers.next()) else { continue };
        if let Some((begins, ends)) = begins.zip(ends) {
            if begins - ends > LEAST_SECS {
                if holes.count == 0 {
                    holes.first_secs = ends - zero_secs;
                }
                holes.count += 1;
                holes.secs += begins - ends;
            }
            holes.overlaps += usize::from(ends - begins > LEAST_SECS);
        }
        // The longest that is no hole: a camera's packets may be short and long by turns.
        let lasts = lasts.map(|lasts| usual.filter(|usual| framed && lasts - usual > LEAST_SECS).unwrap_or(lasts));
        usual = lasts.zip(usual).map(|(lasts, usual)| lasts.max(usual)).or(lasts).or(usual);
        ends = begins.or(ends).zip(lasts).map(|(begins, lasts)| begins + lasts);
    }
    holes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&str]) -> Holes {
        found_in(lines.iter().map(|line| (*line).to_owned()), true, 1.0)
    }

    #[test]
    fn holes_are_where_a_packet_begins_late() {
        let holes = found(&["1.0,0.1", "1.101,0.1", "", "1.7,0.1", "1.8,0.1", "2.0,0.1", "2.1,0.1"]);
        assert_eq!((holes.count, holes.overlaps), (2, 0));
        assert!((holes.first_secs - 0.201).abs() < 1e-9 && (holes.secs - 0.599).abs() < 1e-9, "{holes:?}");
        assert_eq!(found(&["1.0,0.1", "1.0,0.1", "1.1,0.1"]).overlaps, 1);
    }

    #[test]
    fn a_packet_that_lasts_into_a_hole_is_not_longer_than_others() {
        let lines = ["1.0,0.02", "1.02,0.02", "1.04,0.52", "1.56,0.02", "1.58,0.02"];
        let holes = found(&lines);
        assert_eq!(holes.count, 1);
        assert!((holes.first_secs - 0.06).abs() < 1e-9 && (holes.secs - 0.5).abs() < 1e-9, "{holes:?}");
        assert_eq!(found(&["1.0,0.02", "1.02,0.005", "1.025,0.039", "1.064,0.001", "1.065,0.045"]), Holes::default());
        // Where packets are of any length, it is one.
        assert_eq!(found_in(lines.iter().map(|line| (*line).to_owned()), false, 1.0), Holes::default());
    }

    #[test]
    fn what_the_file_does_not_say_is_no_hole() {
        assert_eq!(found(&["1.0,N/A", "5.0,N/A", "N/A,0.1", "9.0,0.1"]), Holes::default());
        assert_eq!(found(&["1.0,0.1", "N/A,0.1", "1.2,0.1"]), Holes::default());
    }
}
