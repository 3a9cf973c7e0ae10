//! What the drummer hears of the mix, so that the picture can show it beside what everyone hears.
//!
//! The same cue sheet and the same model as the render that follows; nothing here is heard.

use auricle::audition::Audition;
use auricle::cue::CueSheet;
use auricle::fault::Faults;
use auricle::layout::Layout;
use auricle::program::Program;

use super::plan;
use super::sound::dsp::{RATE_HZ, Stereo};
use crate::failure::Failure;

const BLOCK: usize = 4096;

/// Plays `mix` through the cue sheet; same length, latency taken out.
///
/// # Errors
/// The cue sheet or the listener is at fault, which would be a fault of this program.
pub(crate) fn hear(mix: &Stereo, cue_sheet: &str) -> Result<Stereo, Failure> {
    let (sheet, _) = CueSheet::parse(cue_sheet, "demo.cues.toml").map_err(fault)?;
    let name = plan::LISTENER.trim_start_matches("preset:");
    let listener =
        auricle::presets::get(name).ok_or_else(|| Failure::Failed(format!("there is no preset \"{name}\"")))?;
    let length = mix.left.len();
    let listeners = [(plan::LISTENER.to_owned(), listener)];
    let program = Program::compile(&sheet, &listeners, RATE_HZ as u32, Some(length as u64)).map_err(fault)?;
    let mut audition = Audition::new(&program, &Layout::stereo(), &Layout::stereo())
        .map_err(|error| Failure::Failed(error.to_string()))?;
    let late = audition.latency_samples();
    let (mut left, mut right) = (mix.left.clone(), mix.right.clone());
    left.resize(length + late, 0.0);
    right.resize(length + late, 0.0);
    let mut heard = Stereo::new(length + late);
    let blocks = left.chunks(BLOCK).zip(right.chunks(BLOCK));
    let outs = heard.left.chunks_mut(BLOCK).zip(heard.right.chunks_mut(BLOCK));
    for ((l, r), (out_l, out_r)) in blocks.zip(outs) {
        audition.process(&[l, r], &mut [out_l, out_r]);
    }
    heard.left.drain(..late);
    heard.right.drain(..late);
    Ok(heard)
}

fn fault(faults: Faults) -> Failure {
    Failure::Failed(faults.to_string())
}
