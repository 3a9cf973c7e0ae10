//! The film's cue sheet, written as a person would write it.

use std::fmt::Write as _;

use super::plan::{self, FPS, FULL_SCALE_DB_SPL, INSIDE, LISTENER};

/// The cue sheet as TOML.
pub(crate) fn cue_sheet(seed: u64) -> String {
    let mut text = format!(
        "# When the demo film is heard from inside. Change it and render again:\n\
         #   auricle render film.mp4 --cues demo.cues.toml -o heard.mp4 --force\n\
         title    = \"Inside the drummer's ears\"\n\
         listener = \"{LISTENER}\"    # auricle listeners show drummer\n\
         seed     = {seed}                   # of everything left to chance: when hearing flickers, how ringing sounds\n\
         \n\
         [calibration]\n\
         full_scale_db_spl = {FULL_SCALE_DB_SPL:?}   # a club: the gig lies near 95 dB SPL, the voice in the quiet room near 70\n\
         \n\
         [picture]\n\
         frame_rate = \"{FPS}\"\n\
         start      = \"00:00:00:00\"\n",
    );
    for cue in &INSIDE {
        let (from, to) = cue.span_secs;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n# {}\n[[cue]]\nin      = \"{}\"\nout     = \"{}\"\nstate   = \"{}\"\ncaption = \"{}\"\n{}",
            cue.why,
            timecode(from),
            timecode(to),
            cue.state,
            cue.caption,
            cue.toml,
        );
    }
    text
}

fn timecode(secs: f64) -> String {
    let frame = plan::frame_at(secs);
    format!("00:{:02}:{:02}:{:02}", frame / FPS / 60, frame / FPS % 60, frame % FPS)
}
