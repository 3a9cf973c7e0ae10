//! Everything a render knows before its first sample: read, checked, and room made for the outputs.

use std::ops::Range;

use auricle::audition::Audition;
use auricle::cue::CueSpan;
use auricle::layout::Layout;
use auricle::level::{MAX_FULL_SCALE_DB_SPL, MIN_FULL_SCALE_DB_SPL};
use auricle::program::Program;

use super::destinations::Destinations;
use super::feed::SourceFindings;
use super::job::{Model, OutputLayout, RenderJob};
use super::msbg::MsbgEars;
use super::script::{Script, length};
use super::subtitles::FilmCaptions;
use super::target::{Kind, Sound, Target};
use crate::audio::AudioReader;
use crate::decode::{open_audio_as_it_is, open_from_its_start};
use crate::error::{MediaError, Result};
use crate::probe::{MediaInfo, as_ffmpeg_sees, probe, told_damage};
use crate::tools::Tools;

/// What hears.
pub(super) enum Hearing {
    /// Auricle's own model, block by block.
    Live(Box<Audition>),
    /// The MSBG simulator, the whole sound at once.
    Whole(MsbgEars),
}

impl Hearing {
    /// Samples by which it lags.
    pub(super) fn latency_samples(&self) -> usize {
        match self {
            Self::Live(audition) => audition.latency_samples(),
            Self::Whole(ears) => ears.latency_samples(),
        }
    }
}

/// A render that can begin.
pub(super) struct Prepared {
    pub(super) script: Script,
    pub(super) info: MediaInfo,
    /// What to tell of a source that is not whole, which is heard as far as it is there.
    pub(super) damage: Vec<String>,
    pub(super) film_captions: FilmCaptions,
    pub(super) source_layout: Layout,
    pub(super) sound: Sound,
    pub(super) program: Program,
    pub(super) target: Target,
    pub(super) destinations: Destinations,
}

impl Prepared {
    /// Checks everything that can be checked, the cheap before the dear, and opens the source.
    ///
    /// # Errors
    /// As for [`render`](super::render).
    pub(super) fn new(job: &RenderJob) -> Result<(Self, Box<dyn AudioReader>, Hearing)> {
        let kind = Kind::of(&job.output)?;
        check_choices(job)?;
        let mut script = Script::load(job)?;
        let opened = open(job, kind, &mut script);
        // Faults of the user's own files first: where there are any, the film's own troubles can wait.
        if script.faults.has_errors() {
            return Err(MediaError::Faults(script.faults));
        }
        let (info, reader, early_samples) = opened?;
        let source_layout = reader.layout().clone();
        let sound = Sound {
            sample_rate_hz: reader.sample_rate_hz(),
            layout: match job.layout {
                OutputLayout::Same => source_layout.clone(),
                OutputLayout::Stereo => Layout::stereo(),
            },
            length_samples: reader.length_samples(),
            early_samples,
            source_format: reader.sample_format(),
        };
        if job.model == Model::Own {
            script.leave_out_tinnitus(sound.sample_rate_hz);
        }
        let program = script.program(sound.sample_rate_hz, sound.length_samples, early_samples)?;
        let hearing = match job.model {
            Model::Own => {
                let audition = Audition::new(&program, &source_layout, &sound.layout);
                Hearing::Live(Box::new(audition.map_err(|error| info.broken(error.to_string()))?))
            }
            Model::Msbg(position) => {
                let in_sync = matches!(kind, Kind::Film(_));
                let ears = MsbgEars::new(&script, position, job, &info, &source_layout, &sound, in_sync)?;
                script.faults.0.extend(ears.warnings());
                Hearing::Whole(ears)
            }
        };
        let damage = told_damage(&info)?;
        let target = Target::choose(job, kind, &info, &sound, &script.title_of_track())?;
        let film_captions = FilmCaptions::of(job, &info)?;
        let destinations = Destinations::create(job, &script)?;
        let prepared =
            Self { damage, script, info, film_captions, source_layout, sound, program, target, destinations };
        Ok((prepared, reader, hearing))
    }

    /// The cues from the first picture on; where the film's length from there is known, one that lasts to the
    /// end ends there.
    pub(super) fn spans(&self, length_samples: Option<u64>) -> Vec<CueSpan> {
        let early_samples = self.sound.early_samples;
        self.spans_within(length_samples.map_or(u64::MAX, |length| length + early_samples), early_samples)
    }

    /// The cues, none of them beyond `end_samples`, counted from sample `from_samples`.
    fn spans_within(&self, end_samples: u64, from_samples: u64) -> Vec<CueSpan> {
        let counted = |at_samples: u64| at_samples.min(end_samples).saturating_sub(from_samples);
        let within = |span: &CueSpan| CueSpan {
            enter_begins_samples: counted(span.enter_begins_samples),
            enter_ends_samples: counted(span.enter_ends_samples),
            leave_begins_samples: counted(span.leave_begins_samples),
            leave_ends_samples: counted(span.leave_ends_samples),
            ..span.clone()
        };
        self.program.spans().iter().map(within).collect()
    }

    /// Where the output is the source's own sound, in samples of what is read: what lies outside, fades not
    /// included. Nowhere, where the layout was changed or samples of the source had to be put right.
    pub(super) fn outside(&self, findings: &SourceFindings) -> Vec<Range<u64>> {
        if self.source_layout != self.sound.layout || findings.non_finite_samples > 0 {
            return Vec::new();
        }
        let mut spans = self.spans_within(findings.length_samples, 0);
        spans.sort_by_key(|span| span.enter_begins_samples);
        let mut outside = Vec::new();
        let mut from = 0;
        for span in spans {
            if from < span.enter_begins_samples {
                outside.push(from..span.enter_begins_samples);
            }
            from = from.max(span.leave_ends_samples);
        }
        if from < findings.length_samples {
            outside.push(from..findings.length_samples);
        }
        outside
    }
}

/// Opens the source, and adds to the script's faults what does not fit it; how many samples are read before
/// the first picture's.
///
/// A film gets all of them: its other streams keep their clock. A sound file begins with the picture, so that
/// it can be laid against it.
fn open(job: &RenderJob, kind: Kind, script: &mut Script) -> Result<(MediaInfo, Box<dyn AudioReader>, u64)> {
    let info = probe(&job.input)?;
    let tools = Tools::default();
    let (reader, early_samples) = match kind {
        Kind::Film(_) => open_from_its_start(&tools, &info, job.track)?,
        Kind::Wav | Kind::Flac => (open_audio_as_it_is(&tools, &info, job.track)?, 0),
    };
    if reader.length_samples() == Some(0) {
        return Err(no_samples(&info));
    }
    script.check_film(length(reader.as_ref(), early_samples), &info);
    let info = if let Kind::Film(_) = kind { as_ffmpeg_sees(&tools, info) } else { info };
    Ok((info, reader, early_samples))
}

/// The error of a sound that turns out to have none.
pub(super) fn no_samples(info: &MediaInfo) -> MediaError {
    info.broken("holds no sound: its audio has no samples".to_owned())
}

/// Refuses what no listener and no film could make possible.
fn check_choices(job: &RenderJob) -> Result<()> {
    let range = MIN_FULL_SCALE_DB_SPL..=MAX_FULL_SCALE_DB_SPL;
    if let Some(level) = job.full_scale_db_spl.filter(|level| !range.contains(level)) {
        return Err(MediaError::Usage(format!(
            "--full-scale-db-spl {level}: full scale stands for {MIN_FULL_SCALE_DB_SPL} to {MAX_FULL_SCALE_DB_SPL} dB SPL"
        )));
    }
    if let Model::Msbg(_) = job.model {
        for (given, option, why) in [
            (job.cues.is_some(), "--cues", "MSBG hears a whole sound at once; it knows no cues"),
            (job.field.is_some(), "--field", "MSBG knows where sound comes from instead: --position ff, df or itu"),
            (job.seed.is_some(), "--seed", "nothing in MSBG is random"),
        ] {
            if given {
                return Err(MediaError::Usage(format!("{option}: {why}; leave it out, or leave --model out")));
            }
        }
    }
    if job.state.is_some() && job.cues.is_some() {
        return Err(MediaError::Usage(
            "--state: the cue sheet says which state is heard when; leave it out".to_owned(),
        ));
    }
    Ok(())
}
