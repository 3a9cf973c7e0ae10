//! From frames and samples to a film file: ffmpeg as a child process, fed through a pipe.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use crate::failure::Failure;

use super::picture::Painter;
use super::picture::canvas::Canvas;
use super::plan::{self, FPS, FRAMES, HEIGHT, WIDTH};
use super::score::{GIG_ENDS_SECS, SONG_BEGINS_SECS};
use super::sound::dsp::Stereo;

const INSTALL: &str = "install ffmpeg (Debian, Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; \
     Windows: winget install ffmpeg)";

/// Frames that may wait for ffmpeg, per worker: 3.7 MB each.
const WAITING: usize = 3;

/// Ends the child if it is dropped before it has ended.
struct Ffmpeg(Child);

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        // Both fail only where the child has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Fails with what to install where ffmpeg cannot be started.
///
/// # Errors
/// There is no ffmpeg in `PATH`.
pub(crate) fn check_ffmpeg() -> Result<(), Failure> {
    Command::new("ffmpeg")
        .arg("-version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map(|_| ())
        .map_err(not_started)
}

fn not_started(error: std::io::Error) -> Failure {
    Failure::Failed(format!("ffmpeg: cannot be started ({error}); {INSTALL}"))
}

/// Writes the first `frames` of the film, and `mix`, to `folder/film.mp4`, with its raw parts beside it; `tell` hears how many frames
/// are done and answers whether to go on.
///
/// # Errors
/// A file could not be written; ffmpeg failed (with what it said); the work was called off.
pub(crate) fn write(
    folder: &Path,
    painter: &Painter,
    mix: &Stereo,
    frames: u32,
    tell: &mut dyn FnMut(u32) -> bool,
) -> Result<(), Failure> {
    put(&folder.join("sound.f32"), &interleaved(mix))?;
    put(&folder.join("film.srt"), srt().as_bytes())?;
    put(&folder.join("chapters.txt"), chapters().as_bytes())?;
    let mut child = Ffmpeg(start(folder)?);
    let mut pipe = child.0.stdin.take().ok_or_else(no_pipe)?;
    let mut errors = child.0.stderr.take().ok_or_else(no_pipe)?;
    // The error output is drained while frames are written: a full pipe would stop the child.
    let said = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = errors.read_to_string(&mut text);
        text
    });
    let fed = feed(painter, &mut pipe, frames, tell);
    drop(pipe);
    if let Fed::CalledOff = fed {
        return Err(Failure::Cancelled);
    }
    let status = child.0.wait().map_err(|error| Failure::Failed(format!("ffmpeg: did not end: {error}")))?;
    let said = said.join().unwrap_or_default();
    if let (true, Fed::All) = (status.success(), &fed) {
        return Ok(());
    }
    let said = said.trim();
    if said.contains("libx264") {
        return Err(Failure::Failed(format!("ffmpeg: this build cannot write H.264 (libx264); {INSTALL}")));
    }
    Err(Failure::Failed(format!("ffmpeg: could not make the film ({status}): {said}")))
}

fn no_pipe() -> Failure {
    Failure::Failed("ffmpeg: started without its pipes".to_owned())
}

enum Fed {
    All,
    PipeBroke,
    CalledOff,
    NoSurface,
}

/// Draws frames on all but one of the cores, at least one, and writes them in order.
fn feed(painter: &Painter, pipe: &mut impl Write, frames: u32, tell: &mut dyn FnMut(u32) -> bool) -> Fed {
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(1, 4)) as u32;
    std::thread::scope(|scope| {
        let lanes: Vec<mpsc::Receiver<Vec<u8>>> = (0..workers)
            .map(|worker| {
                let (send, receive) = mpsc::sync_channel(WAITING);
                scope.spawn(move || {
                    let Some(mut canvas) = Canvas::new(WIDTH, HEIGHT) else { return };
                    for number in (worker..frames).step_by(workers as usize) {
                        painter.frame(number, &mut canvas);
                        // Nobody listens any more once the pipe is broken.
                        if send.send(canvas.pixmap.data().to_vec()).is_err() {
                            return;
                        }
                    }
                });
                receive
            })
            .collect();
        for number in 0..frames {
            let Ok(frame) = lanes[(number % workers) as usize].recv() else { return Fed::NoSurface };
            if pipe.write_all(&frame).is_err() {
                return Fed::PipeBroke;
            }
            if !tell(number + 1) {
                return Fed::CalledOff;
            }
        }
        Fed::All
    })
}

fn start(folder: &Path) -> Result<Child, Failure> {
    let mut command = Command::new("ffmpeg");
    command.current_dir(folder);
    let size = format!("{WIDTH}x{HEIGHT}");
    let rate = FPS.to_string();
    command.args(["-v", "error", "-nostdin", "-y"]);
    command.args(["-f", "rawvideo", "-pix_fmt", "rgba", "-video_size", &size, "-framerate", &rate, "-i", "pipe:0"]);
    command.args(["-f", "f32le", "-ar", "48000", "-ac", "2", "-i", "sound.f32"]);
    command.args(["-i", "film.srt", "-i", "chapters.txt"]);
    command.args(["-map", "0:v", "-map", "1:a", "-map", "2:s", "-map_metadata", "3", "-map_chapters", "3"]);
    command.args(["-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"]);
    command.args(["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "48", "-tune", "animation"]);
    command.args(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]);
    // Noise substitution makes ffmpeg's encoder ring a decibel over full scale at drum strokes.
    command.args(["-c:a", "aac", "-b:a", "192k", "-aac_pns", "0", "-metadata:s:a:0", "language=eng"]);
    command.args(["-metadata:s:a:0", "handler_name=Film sound"]);
    // What is said is also burnt in, so the subtitles wait until they are asked for.
    command.args(["-c:s", "mov_text", "-disposition:s:0", "0", "-metadata:s:s:0", "language=eng"]);
    command.args(["-metadata:s:s:0", "handler_name=English"]);
    // The same film, byte for byte, each time it is made on one machine.
    command.args(["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]);
    command.args(["-movflags", "+faststart", "film.mp4"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    // A group of its own: Ctrl-C reaches this program alone, which then ends its child in order.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(not_started)
}

/// Writes a file whole.
///
/// # Errors
/// The disk is full, the folder is gone.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::Failed(format!("{}: cannot write: {error}", path.display())))
}

/// 32-bit samples, left and right by turns, as ffmpeg reads them.
fn interleaved(mix: &Stereo) -> Vec<u8> {
    mix.left.iter().zip(&mix.right).flat_map(|(l, r)| [l.to_le_bytes(), r.to_le_bytes()]).flatten().collect()
}

fn clock(secs: f64) -> String {
    let ms = (secs * 1000.0).round() as u64;
    format!("{:02}:{:02}:{:02},{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

/// The film's own subtitles as SRT.
pub(crate) fn srt() -> String {
    let mut text = String::new();
    for (i, line) in plan::subtitles().iter().enumerate() {
        let (from, to) = line.span_secs;
        // Writing to a string cannot fail.
        let _ = write!(text, "{}\n{} --> {}\n{}\n\n", i + 1, clock(from), clock(to), line.text);
    }
    text
}

fn chapters() -> String {
    let end = f64::from(FRAMES) / f64::from(FPS);
    let parts = [
        (0.0, SONG_BEGINS_SECS, "Title"),
        (SONG_BEGINS_SECS, GIG_ENDS_SECS, "The gig"),
        (GIG_ENDS_SECS, plan::END_CARD_SECS, "The quiet room"),
        (plan::END_CARD_SECS, end, "End"),
    ];
    let mut text = ";FFMETADATA1\ntitle=Auricle: inside the drummer's ears\n".to_owned();
    for (from, to, name) in parts {
        let (from, to) = ((from * 1000.0) as u64, (to * 1000.0) as u64);
        let _ = write!(text, "[CHAPTER]\nTIMEBASE=1/1000\nSTART={from}\nEND={to}\ntitle={name}\n");
    }
    text
}
