//! What a command says while it works: a bar on a terminal, a line now and then into a pipe, JSON
//! lines for programs, or nothing.

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use auricle_media::render::{Progress, Stage};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::TalkArgs;
use crate::failure::Failure;

/// Time between two lines into a pipe.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Time between two JSON objects.
const JSON_EVERY: Duration = Duration::from_millis(200);

/// Shows the progress of a render in the way the user chose.
pub(crate) enum Talk {
    /// A bar on the terminal, on standard error.
    Bar(ProgressBar),
    /// Plain lines on standard error.
    Lines(Pace),
    /// JSON lines on standard output.
    Json(Pace),
    /// Nothing.
    Quiet,
}

/// When something was last said, and about what.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last: Option<(Stage, Instant)>,
}

impl Pace {
    /// True where `stage` is new or `every` has gone by since something was last said.
    fn due(&mut self, stage: Stage, every: Duration) -> bool {
        let due = self.last.is_none_or(|(said, at)| said != stage || at.elapsed() >= every);
        if due {
            self.last = Some((stage, Instant::now()));
        }
        due
    }
}

impl Talk {
    /// The way of talking that `args` and the terminal ask for.
    pub(crate) fn new(args: TalkArgs) -> Self {
        if args.json {
            Self::Json(Pace::default())
        } else if args.quiet {
            Self::Quiet
        } else if std::io::stderr().is_terminal() {
            Self::Bar(bar())
        } else {
            Self::Lines(Pace::default())
        }
    }

    /// Shows how far a render is.
    pub(crate) fn progress(&mut self, progress: &Progress) {
        match self {
            Self::Bar(bar) => {
                bar.set_length((progress.total_secs.unwrap_or(0.0) * 1000.0) as u64);
                bar.set_position((progress.done_secs * 1000.0) as u64);
                bar.set_prefix(doing(progress.stage));
                bar.set_message(figures(progress));
            }
            Self::Lines(pace) => {
                if pace.due(progress.stage, LINE_EVERY) {
                    let mut line = doing(progress.stage).to_owned();
                    let figures = figures(progress);
                    if !figures.is_empty() {
                        line = format!("{line}: {figures}");
                    }
                    say(&line);
                }
            }
            Self::Json(pace) => {
                if pace.due(progress.stage, JSON_EVERY) {
                    print_json("progress", progress);
                }
            }
            Self::Quiet => {}
        }
    }

    /// Takes the bar away, so that what follows stands alone.
    pub(crate) fn end(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }

    /// True where a result is to be shown for people to read.
    pub(crate) fn is_for_people(&self) -> bool {
        matches!(self, Self::Bar(_) | Self::Lines(_))
    }

    /// True where a result is to be shown as JSON.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{prefix:10} {bar:30} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    bar
}

/// What a stage is called.
fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Checking => "checking",
        Stage::Rendering => "rendering",
        Stage::Finishing => "finishing",
        Stage::Verifying => "verifying",
        Stage::Reporting => "reporting",
    }
}

/// "0:12 of 1:40, 95x real time, 0:01 left".
fn figures(progress: &Progress) -> String {
    if progress.stage != Stage::Rendering || progress.done_secs <= 0.0 {
        return String::new();
    }
    let mut text = clock(progress.done_secs);
    if let Some(total_secs) = progress.total_secs {
        text += &format!(" of {}", clock(total_secs));
    }
    text += &format!(", {:.0}x real time", progress.speed);
    if let Some(left_secs) = progress.left_secs {
        text += &format!(", {} left", clock(left_secs));
    }
    text
}

/// "1 sample", "2 samples".
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Seconds as "1:02:03" or "2:03".
pub(crate) fn clock(secs: f64) -> String {
    let secs = secs.round().max(0.0) as u64;
    let (hours, minutes, seconds) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A line for people, on standard error. A closed pipe is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Why standard output could not take what was written to it, the first time that it could not.
static UNWRITTEN: OnceLock<String> = OnceLock::new();

/// Text that was asked for, on standard output.
pub(crate) fn print(text: &str) {
    put(text.as_bytes());
}

/// One JSON object on a line of standard output, `{"type": kind, ...value}`.
pub(crate) fn print_json(kind: &str, value: &impl serde::Serialize) {
    #[derive(serde::Serialize)]
    struct Line<'a, T> {
        r#type: &'a str,
        #[serde(flatten)]
        value: &'a T,
    }
    match serde_json::to_vec(&Line { r#type: kind, value }) {
        Ok(mut line) => {
            line.push(b'\n');
            put(&line);
        }
        Err(error) => unwritten(&error.to_string()),
    }
}

/// A closed pipe (`| head`) is no reason to complain: who read has what they wanted. Anything else is told when
/// the command ends, by [`all_written`]: the work it is about need not stop for it.
fn put(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => unwritten(&error.to_string()),
        _ => {}
    }
}

fn unwritten(why: &str) {
    // Only the first counts.
    let _ = UNWRITTEN.set(why.to_owned());
}

/// Fails where standard output did not take all that was written to it.
pub(crate) fn all_written() -> Result<(), Failure> {
    match UNWRITTEN.get() {
        None => Ok(()),
        Some(why) => Err(Failure::Failed(format!(
            "standard output: cannot write all of what was to be told: {why}; make room, or write somewhere else"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_a_clock() {
        assert_eq!([clock(0.4), clock(62.0), clock(3723.0)], ["0:00", "1:02", "1:02:03"]);
    }
}
