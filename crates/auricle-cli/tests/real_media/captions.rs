//! The captions that follow the ears.

use std::path::Path;

use crate::run::{CUES, ffmpeg, output};
use crate::webvtt::{self, VttCue};

/// Longest line of a label, characters, and most lines (the usual broadcasters' limit).
const LINE_CHARACTERS: usize = 42;
const LINES: usize = 2;

fn read(path: &Path) -> Vec<VttCue> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    webvtt::parse(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", path.display()))
}

fn is_label(cue: &VttCue) -> bool {
    cue.lines.iter().any(|line| line.contains('['))
}

/// Well formed, inside the film, with a label at each place where the ears change.
pub(crate) fn check(path: &Path, length_secs: f64) {
    let cues = read(path);
    let length_ms = (length_secs * 1000.0).ceil() as u64 + 100;
    for cue in &cues {
        assert!(cue.to_ms <= length_ms, "{cue:?} outlasts the film of {length_ms} ms");
    }
    let labels: Vec<&VttCue> = cues.iter().filter(|cue| is_label(cue)).collect();
    for label in &labels {
        for line in label.lines.iter().filter(|line| line.contains('[')) {
            assert!(line.chars().count() <= LINE_CHARACTERS, "{line:?} is longer than {LINE_CHARACTERS}");
        }
        assert!(label.lines.iter().filter(|line| line.contains('[')).count() <= LINES, "{label:?}");
    }
    // Between two cues that follow each other too fast for a label to be read, 5/6 s, none is due.
    let back_between = (CUES[1].0 - CUES[0].1) * length_secs > 1.0;
    for (which, (from, to)) in CUES.into_iter().enumerate() {
        for change in [Some(from), Some(to).filter(|_| which == 1 || back_between)].into_iter().flatten() {
            let change_ms = change * length_secs * 1000.0;
            let near = |label: &&&VttCue| (label.from_ms as f64 - change_ms).abs() < 300.0;
            assert!(
                labels.iter().any(|label| near(&label)),
                "no label where the ears change, at {change_ms} ms: {cues:?}"
            );
        }
    }
}

/// The film's own subtitles are all in the captions.
pub(crate) fn check_holds_subtitles(path: &Path, film: &Path) {
    let own = output(ffmpeg().arg("-i").arg(film).args(["-map", "0:s:0", "-f", "webvtt", "-"]));
    let own = webvtt::parse(&String::from_utf8_lossy(&own)).expect("the film's own subtitles");
    assert!(!own.is_empty(), "a film without subtitles shows nothing here");
    let cues = read(path);
    for line in own.iter().flat_map(|cue| &cue.lines) {
        assert!(cues.iter().any(|cue| cue.lines.contains(line)), "{line:?} is lost: {cues:?}");
    }
}
