//! The MSBG simulator in a render: both ears, the whole sound in memory.
//!
//! To a sound file goes what pyclarity would give for each ear, sample for sample: as late and as long. A
//! film has to be in sync: there each ear's lag is cut off and the sound ends where the source does.

use std::sync::atomic::{AtomicBool, Ordering};

use auricle::fault::{Fault, Severity};
use auricle::layout::{Channel, Layout, Reach};
use auricle::listener::{EarFindings, Movement, Smearing, State};
use auricle::msbg::{FULL_SCALE_DB_SPL, Msbg, MsbgError, MsbgParams, Position};

use super::feed::Feed;
use super::job::RenderJob;
use super::script::Script;
use super::stream::{BLOCK_SAMPLES, Measure, Write};
use super::target::Sound;
use crate::error::{MediaError, Result};
use crate::probe::MediaInfo;

/// An ear and the channels it hears and makes.
struct Side {
    name: &'static str,
    ear: Msbg,
    /// Channel of the source.
    from: usize,
    /// Channel of the output.
    to: usize,
}

/// The ears of a listener, for the channels there are.
pub(super) struct MsbgEars {
    sides: Vec<Side>,
    in_sync: bool,
    warnings: Vec<Fault>,
}

impl MsbgEars {
    /// The ears that `job` names, of a sound that comes from `position` in channels of `source`.
    ///
    /// # Errors
    /// [`MediaError::Usage`] where the listener's hearing or the channels are none that MSBG knows; another
    /// rate than its own.
    pub(super) fn new(
        script: &Script,
        position: Position,
        job: &RenderJob,
        info: &MediaInfo,
        source: &Layout,
        sound: &Sound,
        in_sync: bool,
    ) -> Result<Self> {
        let Some((listener, state)) = &script.throughout else {
            return Err(MediaError::Usage("--cues: MSBG hears a whole sound at once; it knows no cues".to_owned()));
        };
        let state = listener.state(state).ok_or_else(|| MediaError::Usage(format!("no state \"{state}\"")))?;
        let wanted = wanted(source, &sound.layout, state, info)?;
        let reference = script.sheet.listener.as_deref().unwrap_or(&listener.name);
        let side = |(left, from, to): (bool, usize, usize)| {
            let (name, findings) = if left { ("left", &state.left) } else { ("right", &state.right) };
            if findings.implant.is_some() {
                return Err(MediaError::Usage(format!(
                    "{reference}: the {name} ear has a cochlear implant in the state \"{}\", and MSBG knows acoustic hearing \
                     only; leave --model out, or choose a state without one",
                    state.name
                )));
            }
            if findings.deaf {
                return Err(MediaError::Usage(format!(
                    "{reference}: the {name} ear hears nothing, and MSBG has no deaf ear; leave --model out"
                )));
            }
            let params = MsbgParams {
                audiogram: findings.air.clone(),
                position,
                full_scale_db_spl: job.full_scale_db_spl.unwrap_or(FULL_SCALE_DB_SPL),
                sample_rate_hz: sound.sample_rate_hz,
            };
            let ear = Msbg::new(&params).map_err(|error| match error {
                MsbgError::SampleRate { .. } => info.broken(error.to_string()),
                _ => MediaError::Usage(format!("{reference}, {name} ear: {error}")),
            })?;
            Ok(Side { name, ear, from, to })
        };
        let sides = wanted.into_iter().map(side).collect::<Result<Vec<_>>>()?;
        let warnings = left_out(reference, state);
        Ok(Self { sides, in_sync, warnings })
    }

    /// What of the listener is not heard.
    pub(super) fn warnings(&self) -> Vec<Fault> {
        self.warnings.clone()
    }

    /// Samples by which the simulator lags; the later ear's, where one is smeared and the other is not.
    pub(super) fn latency_samples(&self) -> usize {
        self.sides.iter().map(|side| side.ear.latency_samples()).max().unwrap_or(0)
    }

    /// Runs all of `feed` through the ears, and the result into `measure` and `write`.
    ///
    /// `progress` is called with the number of samples that are written.
    ///
    /// # Errors
    /// A sound that MSBG cannot hear; whatever reading and writing run into; [`MediaError::Cancelled`].
    pub(super) fn run(
        &self,
        feed: &mut Feed<'_>,
        info: &MediaInfo,
        measure: Measure<'_>,
        write: Write<'_>,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let go_on = || if cancel.load(Ordering::Relaxed) { Err(MediaError::Cancelled) } else { Ok(()) };
        let mut source: Vec<Vec<f32>> = vec![Vec::new(); feed.source_channels()];
        let mut block = vec![vec![0.0; BLOCK_SAMPLES]; feed.source_channels()];
        loop {
            go_on()?;
            let count = feed.fill(&mut block)?;
            if count == 0 {
                break;
            }
            for (channel, block) in source.iter_mut().zip(&block) {
                channel.extend_from_slice(&block[..count]);
            }
        }
        let length = source[0].len();
        if length == 0 {
            // Said where every render says it.
            return Ok(());
        }
        let mut heard = vec![Vec::new(); feed.heard_channels()];
        let hear = |side: &Side| -> Result<Vec<f32>> {
            let sound: Vec<f64> = source[side.from].iter().copied().map(f64::from).collect();
            let mut heard =
                side.ear.process(&[&sound]).map_err(|error| info.broken(format!("{} ear: {error}", side.name)))?;
            drop(sound);
            Ok(heard.swap_remove(0).iter().map(|sample| *sample as f32).collect())
        };
        let (first, second) = match self.sides.as_slice() {
            [left, right] => rayon::join(|| Some(hear(left)), || Some(hear(right))),
            sides => (sides.first().map(hear), None),
        };
        for (side, sound) in self.sides.iter().zip([first, second].into_iter().flatten()) {
            heard[side.to] = sound?;
        }
        go_on()?;
        if self.in_sync {
            for side in &self.sides {
                let late = side.ear.latency_samples().min(heard[side.to].len());
                heard[side.to].drain(..late);
            }
        }
        let longest = if self.in_sync { length } else { heard.iter().map(Vec::len).max().unwrap_or(0) };
        for channel in &mut heard {
            channel.resize(longest, 0.0);
        }
        for channel in &mut source {
            if !self.in_sync {
                channel.splice(0..0, std::iter::repeat_n(0.0, self.latency_samples()));
            }
            channel.resize(longest, 0.0);
        }
        for from in (0..longest).step_by(BLOCK_SAMPLES) {
            go_on()?;
            let until = longest.min(from + BLOCK_SAMPLES);
            let of = |channels: &'_ [Vec<f32>]| -> Vec<Vec<f32>> {
                channels.iter().map(|channel| channel[from..until].to_vec()).collect()
            };
            let (source, heard) = (of(&source), of(&heard));
            let heard: Vec<&[f32]> = heard.iter().map(Vec::as_slice).collect();
            measure(&source.iter().map(Vec::as_slice).collect::<Vec<_>>(), &heard);
            write(&heard)?;
            progress(until as u64);
        }
        Ok(())
    }
}

/// Which ears are needed, `(left, channel of the source, channel of the output)`.
fn wanted(source: &Layout, output: &Layout, state: &State, info: &MediaInfo) -> Result<Vec<(bool, usize, usize)>> {
    let one_audiogram = state.left.air == state.right.air;
    match (source.0.as_slice(), output.0.as_slice()) {
        ([Channel::Mono], [Channel::Mono]) if one_audiogram => Ok(vec![(true, 0, 0)]),
        ([Channel::Mono], [Channel::Mono]) => Err(MediaError::Usage(
            "the sound is mono and the listener's ears differ: give --layout stereo, which makes a channel for each ear"
                .to_owned(),
        )),
        ([Channel::Mono], [_, _]) => Ok(vec![(true, 0, 0), (false, 0, 1)]),
        ([left, right], [_, _]) if (left.reach(), right.reach()) == (Reach::Left, Reach::Right) => {
            Ok(vec![(true, 0, 0), (false, 1, 1)])
        }
        _ => Err(info.broken(format!(
            "has {} channels; MSBG hears mono or stereo, a channel an ear; convert it first, for example: ffmpeg -i IN \
             -c:v copy -ac 2 OUT",
            source.channels()
        ))),
    }
}

/// What of a state MSBG does not know, as warnings.
fn left_out(reference: &str, state: &State) -> Vec<Fault> {
    let mut unknown = Vec::new();
    let either = |has: &dyn Fn(&EarFindings) -> bool| has(&state.left) || has(&state.right);
    for (there, what) in [
        (either(&|ear| ear.bone.is_some()), "bone conduction (all of the loss counts as sensorineural)"),
        (either(&|ear| !ear.dead.is_empty()), "dead regions"),
        (
            either(&|ear| ear.smearing != Smearing::FromLoss),
            "the stated smearing (it follows from the class of the loss)",
        ),
        (either(&|ear| ear.temporal_smearing_ms > 0.0), "temporal smearing"),
        (either(&|ear| ear.tinnitus.is_some()), "tinnitus"),
        (state.movement != Movement::Instant, "movement (the state is heard as it is stated)"),
    ] {
        if there {
            unknown.push(what);
        }
    }
    if unknown.is_empty() {
        return Vec::new();
    }
    vec![Fault {
        severity: Severity::Warning,
        file: reference.to_owned(),
        line: None,
        column: None,
        field: String::new(),
        message: format!("MSBG knows audiograms only; left out: {}", unknown.join(", ")),
        help: "leave --model out to hear them".to_owned(),
    }]
}
