//! The ffmpeg and ffprobe programs as child processes: found, checked, fed, drained and ended.
//!
//! Everything that starts a child goes through here, so that four things hold everywhere: no shell
//! is involved, a file name can never be read as an option or a protocol, the error output is
//! always drained (a full pipe would stop the child), and no child outlives the value that holds it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::error::{MediaError, Result};

/// Oldest ffmpeg whose options and edit-list handling this crate relies on.
const OLDEST_VERSION: (u32, u32) = (4, 4);

/// What to do where ffmpeg is missing; the end of each such message.
const INSTALL: &str = "install ffmpeg 4.4 or newer (Debian, Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; \
     Windows: winget install ffmpeg)";

/// Lines of a child's error output that are kept for a message.
const STDERR_LINES: usize = 12;

/// The two programs, by name (looked up in `PATH`) or by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// The ffmpeg program.
    pub ffmpeg: PathBuf,
    /// The ffprobe program.
    pub ffprobe: PathBuf,
}

impl Default for Tools {
    fn default() -> Self {
        Self { ffmpeg: PathBuf::from("ffmpeg"), ffprobe: PathBuf::from("ffprobe") }
    }
}

impl Tools {
    /// Checks that both programs start and are new enough; returns ffmpeg's version text ("5.1.9").
    ///
    /// # Errors
    /// [`MediaError::Tool`] that names the program and says what to install.
    pub fn check(&self) -> Result<String> {
        check_version("ffprobe", &self.ffprobe)?;
        check_version("ffmpeg", &self.ffmpeg)
    }

    /// Whether this ffmpeg can be told the clock of an MP4 file (from 5.0 on).
    pub(crate) fn has_movie_timescale(&self) -> bool {
        let help = run("ffmpeg", quiet_command(&self.ffmpeg).args(["-hide_banner", "-h", "muxer=mp4"]));
        help.is_ok_and(|help| String::from_utf8_lossy(&help).contains("-movie_timescale"))
    }

    /// The names of the encoders this ffmpeg was built with that are among `wanted`.
    ///
    /// # Errors
    /// ffmpeg could not be started.
    pub(crate) fn encoders(&self, wanted: &[&str]) -> Result<Vec<String>> {
        let output = run("ffmpeg", quiet_command(&self.ffmpeg).args(["-hide_banner", "-encoders"]))?;
        let text = String::from_utf8_lossy(&output);
        // A line reads " A..... flac      FLAC (Free Lossless Audio Codec)".
        let names = text.lines().filter_map(|line| line.split_whitespace().nth(1));
        Ok(names.filter(|name| wanted.contains(name)).map(str::to_owned).collect())
    }
}

/// Starts `program -version` and reads what it says.
fn check_version(program: &'static str, path: &Path) -> Result<String> {
    let output = run(program, quiet_command(path).arg("-version"))?;
    let text = String::from_utf8_lossy(&output);
    let version = text.split_whitespace().nth(2).unwrap_or_default().to_owned();
    match parse_version(&version) {
        Some(found) if found < OLDEST_VERSION => {
            Err(MediaError::Tool { program, message: format!("version {version} is too old: {INSTALL}") })
        }
        // A build from the development branch calls itself "N-112233-g...": taken as new.
        _ => Ok(version),
    }
}

/// "5.1.9-0+deb12u1" and "n6.0" to their first two numbers.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim_start_matches('n').split(|c: char| !c.is_ascii_digit());
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    Some((major, minor))
}

/// A command without input whose language is not the user's, so that messages can be read.
///
/// The child gets a process group of its own: Ctrl-C on a terminal then reaches this program alone,
/// which ends its children in order instead of racing with them.
pub(crate) fn quiet_command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).env("LC_ALL", "C").env("AV_LOG_FORCE_NOCOLOR", "1");
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// A path as an argument that ffmpeg can only take for a local file: `file:` stops a leading dash
/// from being an option, and `a:b.mp4` or `concat|x` from being a protocol.
pub(crate) fn file_argument(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// Runs a command to its end and returns what it printed.
pub(crate) fn run(program: &'static str, command: &mut Command) -> Result<Vec<u8>> {
    let mut running = Running::start(program, command.stdout(Stdio::piped()))?;
    let mut output = Vec::new();
    if let Some(mut stdout) = running.child.stdout.take() {
        stdout.read_to_end(&mut output).map_err(|e| running.lost(&e))?;
    }
    let status = running.wait()?;
    if status.success() { Ok(output) } else { Err(running.failure(status)) }
}

/// A child process that is killed and reaped when dropped, with the tail of its error output.
#[derive(Debug)]
pub(crate) struct Running {
    program: &'static str,
    pub(crate) child: Child,
    tail: Arc<Mutex<VecDeque<String>>>,
    drain: Option<JoinHandle<()>>,
    ended: bool,
}

impl Running {
    /// Starts `command` with its error output drained by a thread.
    pub(crate) fn start(program: &'static str, command: &mut Command) -> Result<Self> {
        Self::start_heard(program, command, |_| {})
    }

    /// As [`start`](Self::start); `hear` is told every line of the error output as it comes, on the thread that
    /// drains it.
    pub(crate) fn start_heard(
        program: &'static str,
        command: &mut Command,
        mut hear: impl FnMut(&str) + Send + 'static,
    ) -> Result<Self> {
        let mut child = command.stderr(Stdio::piped()).spawn().map_err(|source| {
            let message = if source.kind() == std::io::ErrorKind::NotFound {
                format!("not found: {INSTALL}")
            } else {
                format!("cannot be started ({source}): {INSTALL}")
            };
            MediaError::Tool { program, message }
        })?;
        let tail = Arc::new(Mutex::new(VecDeque::new()));
        let drain = child.stderr.take().map(|stderr| {
            let tail = Arc::clone(&tail);
            std::thread::spawn(move || keep_tail(stderr, &tail, &mut hear))
        });
        Ok(Self { program, child, tail, drain, ended: false })
    }

    /// Waits for the child's end and for the rest of its error output.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait().map_err(|e| self.lost(&e))?;
        self.ended = true;
        if let Some(drain) = self.drain.take() {
            // The thread only reads and cannot fail in a way that matters here.
            let _ = drain.join();
        }
        Ok(status)
    }

    /// The error for a child that ended with `status`, in its own words.
    pub(crate) fn failure(&self, status: ExitStatus) -> MediaError {
        let said = self.said();
        let message = if said.is_empty() { ended_by(status) } else { format!("{said} ({})", ended_by(status)) };
        MediaError::Tool { program: self.program, message }
    }

    /// The last lines of its error output, joined.
    pub(crate) fn said(&self) -> String {
        let tail = self.tail.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tail.iter().cloned().collect::<Vec<_>>().join("; ")
    }

    /// The error for a pipe that broke.
    fn lost(&self, source: &std::io::Error) -> MediaError {
        MediaError::Tool { program: self.program, message: format!("lost contact: {source}") }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            // It may have ended by itself; either way it must be reaped.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if let Some(drain) = self.drain.take() {
            let _ = drain.join();
        }
    }
}

/// How a program ended, and what to do where something else ended it: "ended with exit status: 1", "was ended by signal
/// 9 (...)".
pub(crate) fn ended_by(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        // The numbers are the same on every Unix this runs on.
        let why = match signal {
            9 => "somebody killed it, or the system did because memory ran out: close other programs, and render again",
            15 | 2 | 1 => "something asked it to end: render again",
            _ => "it crashed: install another version of it, and render again",
        };
        return format!("was ended by signal {signal} ({why})");
    }
    format!("ended with {status}")
}

/// Reads to the end, keeping the last few distinct lines.
fn keep_tail(stderr: impl Read, tail: &Mutex<VecDeque<String>>, hear: &mut impl FnMut(&str)) {
    let mut reader = BufReader::new(stderr);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without an end must not grow without limit.
        match (&mut reader).take(4096).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        hear(&text);
        let mut tail = tail.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if text.is_empty() || tail.back() == Some(&text) {
            continue;
        }
        if tail.len() == STDERR_LINES {
            tail.pop_front();
        }
        tail.push_back(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_releases_and_builds() {
        assert_eq!(parse_version("5.1.9-0+deb12u1"), Some((5, 1)));
        assert_eq!(parse_version("n6.0"), Some((6, 0)));
        assert_eq!(parse_version("7"), Some((7, 0)));
        assert_eq!(parse_version("N-112233-gabcdef"), None);
    }

    #[test]
    fn a_missing_program_says_what_to_install() {
        let tools = Tools { ffmpeg: "no-such-ffmpeg".into(), ffprobe: "no-such-ffprobe".into() };
        let message = tools.check().unwrap_err().to_string();
        assert!(message.starts_with("ffprobe: not found: install ffmpeg"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn an_old_version_is_refused_with_its_number() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("old");
        std::fs::write(&old, "#!/bin/sh\necho 'ffmpeg version 4.2.7-0ubuntu0.1 Copyright'\n").unwrap();
        std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o755)).unwrap();
        let message = check_version("ffmpeg", &old).unwrap_err().to_string();
        assert!(message.contains("4.2.7") && message.contains("too old"), "{message}");
    }

    #[test]
    fn a_file_name_is_never_an_option_or_a_protocol() {
        assert_eq!(file_argument(Path::new("-y.mp4")), OsString::from("file:-y.mp4"));
        assert_eq!(file_argument(Path::new("a:b c.mp4")), OsString::from("file:a:b c.mp4"));
    }
}
