//! The memory of a render does not grow with the film.

use std::process::Stdio;
use std::time::Duration;

use crate::support::{Desk, Pcm, noise, wav};

/// The highest resident memory of process `pid` so far, in MB (Linux, `VmHWM`).
fn peak_mb(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// Renders `samples` of 5.1 at 16 kHz with report and captions and gives the peak memory in MB.
fn render_peak_mb(samples: usize) -> f64 {
    let desk = Desk::new();
    desk.bytes("long.wav", &wav(16_000, 6, Pcm::Int16, &noise(6, samples, 21)));
    peak_mb_of(&desk, &["render", "long.wav", "-l", "preset:N3", "-o", "heard.wav"])
}

/// Runs a command that has to succeed and gives its peak memory in MB.
pub(crate) fn peak_mb_of(desk: &Desk, args: &[&str]) -> f64 {
    let mut child = desk.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak: f64 = 0.0;
    loop {
        peak = peak.max(peak_mb(child.id()).unwrap_or(0.0));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return peak;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn twenty_minutes_of_surround_take_under_200_mb_and_no_more_than_one_minute_does() {
    let one_minute = render_peak_mb(60 * 16_000);
    let twenty_minutes = render_peak_mb(20 * 60 * 16_000);
    assert!(twenty_minutes < 200.0, "{twenty_minutes} MB");
    assert!(twenty_minutes < one_minute + 40.0, "{one_minute} MB for a minute, {twenty_minutes} MB for twenty");
}
