//! A film or sound through a listener's ears, end to end: checks, then the stream, then verification,
//! report and captions, and everything put in place together at the last.
//!
//! The command line, a page or a program fills in a [`RenderJob`] and calls [`render`].

mod destinations;
mod feed;
mod job;
mod page;
mod script;
mod stream;
mod subtitles;
mod summary;
mod target;
mod tell;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use auricle::audition::Audition;
use auricle::layout::Layout;
use auricle::level::{MAX_FULL_SCALE_DB_SPL, MIN_FULL_SCALE_DB_SPL};
use auricle::listener::Listener;

use crate::atomic::PendingOutput;
use crate::audio::AudioReader;
use crate::captions::{PovInput, pov_captions, to_webvtt};
use crate::decode::open_audio_as_it_is;
use crate::error::{MediaError, Result};
use crate::probe::{MediaInfo, probe};
use crate::report::{Recorder, RecorderConfig, render_html};
use crate::tools::Tools;

use destinations::Destinations;
use feed::Feed;
use page::within;
use subtitles::FilmCaptions;
use summary::sample_warnings;
use target::{Kind, Sound, Target};
use tell::Teller;

pub use feed::SourceFindings;
pub use job::{OutputLayout, Progress, RenderJob, Stage};
pub use script::{Script, ScriptFile, load_listener};
pub use summary::{RenderSummary, RenderedFile};

/// Renders `job`.
///
/// `progress` is called on this thread, many times a second. Setting `cancel` from any thread ends the
/// render within a block of sound, cleaned up.
///
/// # Errors
/// [`MediaError::Faults`] with everything that is wrong in listener files and cue sheet;
/// [`MediaError::Usage`] where the job asks for what cannot be; [`MediaError::Cancelled`]; and whatever
/// reading, writing and verifying run into. Nothing is at the destination then that was not before.
pub fn render(job: &RenderJob, progress: &mut dyn FnMut(Progress), cancel: &AtomicBool) -> Result<RenderSummary> {
    let began = Instant::now();
    let mut teller = Teller::new(progress);
    teller.stage(Stage::Checking);
    let kind = Kind::of(&job.output)?;
    check_choices(job)?;
    let mut script = Script::load(job)?;
    let opened = open(job, &mut script);
    // Faults of the user's own files first: where there are any, the film's own troubles can wait.
    if script.faults.has_errors() {
        return Err(MediaError::Faults(script.faults));
    }
    let Source { info, reader } = opened?;
    let film_captions = FilmCaptions::of(job, &info)?;

    let length_samples = reader.length_samples();
    let output_layout = match job.layout {
        OutputLayout::Same => reader.layout().clone(),
        OutputLayout::Stereo => Layout::stereo(),
    };
    let source_layout = reader.layout().clone();
    let sound = Sound {
        sample_rate_hz: reader.sample_rate_hz(),
        layout: &output_layout,
        length_samples,
        source_format: reader.sample_format(),
    };
    let program = script.program(sound.sample_rate_hz, length_samples)?;
    let mut audition =
        Audition::new(&program, &source_layout, &output_layout).map_err(|error| info.broken(error.to_string()))?;
    let target = Target::choose(job, kind, &info, &sound, &script.title_of_track())?;
    let destinations = Destinations::create(job, &script)?;
    let mut writer = target.writer(destinations.media.path(), &info, &sound)?;

    let mut recorder = Recorder::new(RecorderConfig {
        sample_rate_hz: sound.sample_rate_hz,
        source: source_layout.clone(),
        output: output_layout.clone(),
        spans: program.spans().to_vec(),
        length_samples,
    });
    let inputs = summary::inputs(job, &script);
    let hashing = thread::spawn(move || {
        inputs.iter().map(|(role, path)| RenderedFile::read(role, path, path)).collect::<Result<Vec<_>>>()
    });
    let mut feed = Feed::new(reader, output_layout.channels(), audition.latency_samples());
    teller.begin_sound(sound.sample_rate_hz, length_samples);
    stream::run(
        &mut feed,
        &mut audition,
        &mut |source, heard| recorder.push(source, heard),
        &mut |heard| writer.write(heard),
        cancel,
        &mut |done_samples| teller.rendered(done_samples),
    )?;
    let findings = feed.findings();
    if findings.length_samples == 0 {
        return Err(info.broken("holds no sound: its audio has no samples".to_owned()));
    }
    let rendering_secs = teller.elapsed_secs();
    let go_on = || if cancel.load(Ordering::Relaxed) { Err(MediaError::Cancelled) } else { Ok(()) };

    teller.stage(Stage::Finishing);
    writer.finish()?;
    go_on()?;
    teller.stage(Stage::Verifying);
    go_on()?;

    teller.stage(Stage::Reporting);
    let mut measurements = recorder.finish();
    // The recorder saw the source put right.
    measurements.before.non_finite_samples = findings.non_finite_samples;
    measurements.before.non_finite_first_samples = findings.first_non_finite_samples;
    let above = measurements.after.over_samples;
    let mut warnings = sample_warnings(&findings, above, target.holds_peaks(), sound.sample_rate_hz);
    warnings.extend(script.faults.0.iter().map(ToString::to_string));
    warnings.extend(target.left_out().iter().map(|left_out| left_out.why.clone()));
    warnings.extend(film_captions.warnings);

    let spans = within(program.spans(), findings.length_samples);
    let mut files = vec![RenderedFile::read("output", destinations.media.path(), &job.output)?];
    if let Some(pending) = &destinations.captions {
        let listeners: Vec<Listener> = script.listeners.iter().map(|(_, listener)| listener.clone()).collect();
        let captions = pov_captions(&PovInput {
            spans: &spans,
            sample_rate_hz: sound.sample_rate_hz,
            cues: &script.sheet.cues,
            listeners: &listeners,
            frame_rate: script.sheet.picture.frame_rate,
            length_samples: Some(findings.length_samples),
            film: &film_captions.captions,
        });
        fill(pending, &to_webvtt(&captions))?;
        files.push(RenderedFile::read("captions", pending.path(), pending.destination())?);
    }
    let mut summary = RenderSummary {
        sample_rate_hz: sound.sample_rate_hz,
        length_samples: findings.length_samples,
        latency_samples: audition.latency_samples(),
        stored_as: target.describe(),
        source: findings,
        before: measurements.before,
        after: measurements.after,
        clipped_samples: if target.holds_peaks() { 0 } else { above },
        spans,
        streams: target.streams().to_vec(),
        left_out: target.left_out().to_vec(),
        inputs: hashing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?,
        files,
        warnings,
        rendering_secs,
        wall_secs: 0.0,
        speed: findings.length_samples as f64 / f64::from(sound.sample_rate_hz) / rendering_secs.max(1e-9),
        source_layout,
        output_layout,
    };
    if let Some(pending) = &destinations.report {
        let input = page::input_for_report(job, &script, &info, &summary, measurements);
        fill(pending, &render_html(&input))?;
        summary.files.push(RenderedFile::read("report", pending.path(), pending.destination())?);
    }
    go_on()?;
    destinations.commit()?;
    summary.wall_secs = began.elapsed().as_secs_f64();
    Ok(summary)
}

/// Refuses what no listener and no film could make possible.
fn check_choices(job: &RenderJob) -> Result<()> {
    let range = MIN_FULL_SCALE_DB_SPL..=MAX_FULL_SCALE_DB_SPL;
    if let Some(level) = job.full_scale_db_spl.filter(|level| !range.contains(level)) {
        return Err(MediaError::Usage(format!(
            "--full-scale-db-spl {level}: full scale stands for {MIN_FULL_SCALE_DB_SPL} to {MAX_FULL_SCALE_DB_SPL} dB SPL"
        )));
    }
    if job.state.is_some() && job.cues.is_some() {
        return Err(MediaError::Usage(
            "--state: the cue sheet says which state is heard when; leave it out".to_owned(),
        ));
    }
    Ok(())
}

/// Writes a text into a pending output.
fn fill(pending: &PendingOutput, text: &str) -> Result<()> {
    std::fs::write(pending.path(), text).map_err(|source| MediaError::Io {
        path: pending.destination().to_owned(),
        doing: "cannot write",
        source,
    })
}

/// The source, ready to be read.
struct Source {
    info: MediaInfo,
    reader: Box<dyn AudioReader>,
}

/// Opens the source, and adds to the script's faults what does not fit it.
fn open(job: &RenderJob, script: &mut Script) -> Result<Source> {
    let info = probe(&job.input)?;
    let reader = open_audio_as_it_is(&Tools::default(), &info, job.track)?;
    if reader.length_samples() == Some(0) {
        return Err(info.broken("holds no sound: its audio has no samples".to_owned()));
    }
    let faults = script.check_film(script::length(reader.as_ref()), &info);
    script.faults.0.extend(faults.0);
    Ok(Source { info, reader })
}
