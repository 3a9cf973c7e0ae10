//! A film or sound through a listener's ears, end to end: checks, then the stream, then verification,
//! captions and report, and everything put in place together at the last.
//!
//! The command line, a page or a program fills in a [`RenderJob`] and calls [`render`].

mod destinations;
mod feed;
mod job;
mod msbg;
mod page;
mod places;
mod prepared;
mod script;
mod stream;
mod subtitles;
mod summary;
mod target;
mod tell;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use auricle::cue::CueSpan;
use auricle::listener::Listener;

use crate::atomic::PendingOutput;
use crate::audio::{AudioReader, AudioWriter, Damage};
use crate::captions::{PovInput, pov_captions, to_webvtt_with};
use crate::decode::HoleSearch;
use crate::electrodogram::Ear;
use crate::error::{MediaError, Result};
use crate::metadata;
use crate::probe::probe;
use crate::report::{Measurements, Recorder, RecorderConfig, Worn, render_html};
use crate::tools::Tools;
use crate::verify::{RenderRecord, Verifier};

use feed::Feed;
use prepared::{Hearing, Prepared, no_samples};
use tell::Teller;

pub use feed::SourceFindings;
pub use job::{Model, OutputLayout, Progress, RenderJob, Stage};
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
    let go_on = || if cancel.load(Ordering::Relaxed) { Err(MediaError::Cancelled) } else { Ok(()) };
    let mut teller = Teller::new(progress);
    teller.stage(Stage::Checking);
    let (prepared, reader, hearing) = Prepared::new(job)?;
    go_on()?;
    let destinations = &prepared.destinations;
    let hashing = hash_inputs(job, &prepared);
    let holes = HoleSearch::start(&Tools::default(), &prepared.info, prepared.info.track(job.track)?);
    let rendered =
        sound(job, &prepared, reader, hearing, &mut teller, cancel).map_err(|error| destinations.named(error))?;

    teller.stage(Stage::Finishing);
    rendered.writer.finish().map_err(|error| destinations.named(error))?;
    go_on()?;
    teller.stage(Stage::Verifying);
    let verifier = Verifier {
        tools: &Tools::default(),
        source: &prepared.info,
        track: job.track,
        record: &rendered.record,
        outside: &prepared.outside(&rendered.findings),
        cancel: Some(cancel),
    };
    let verified = prepared.target.verify(&verifier, destinations.media.path());
    let verified = verified.map_err(|error| destinations.named(error))?;
    go_on()?;

    teller.stage(Stage::Reporting);
    let mut summary = RenderSummary::new(
        job,
        &prepared,
        rendered.findings,
        &rendered.measurements,
        verified,
        rendered.latency_samples,
    );
    let written = probe(destinations.media.path()).map_err(|error| destinations.named(error))?;
    summary.warnings.extend(rendered.damage.map(|damage| summary::damage_warning(&damage, &prepared.sound)));
    summary.warnings.extend(summary::offset_warning(&summary.verified, &prepared.sound));
    summary.warnings.extend(prepared.target.changes(&written));
    summary.warnings.extend(metadata::lost(&prepared.info, &written, prepared.target.kind()));
    summary.warnings.extend(summary::hole_warnings(&holes.finish()?));
    summary.tell_speed(rendered.rendering_secs);
    summary.files.push(RenderedFile::read("output", destinations.media.path(), &job.output)?);
    if let Some(pending) = &destinations.captions {
        fill(pending, &captions(&prepared, &summary))?;
        summary.files.push(RenderedFile::read("captions", pending.path(), pending.destination())?);
    }
    summary.inputs = hashing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    if let Some(pending) = &destinations.report {
        let input = page::input_for_report(job, &prepared, &summary, rendered.measurements);
        fill(pending, &render_html(&input))?;
        summary.files.push(RenderedFile::read("report", pending.path(), pending.destination())?);
    }
    go_on()?;
    prepared.destinations.commit()?;
    summary.wall_secs = began.elapsed().as_secs_f64();
    Ok(summary)
}

/// The sound, rendered and handed to its writer, which is still to finish.
struct Rendered {
    writer: Box<dyn AudioWriter>,
    record: RenderRecord,
    measurements: Measurements,
    findings: SourceFindings,
    /// What of the source could not be decoded.
    damage: Option<Damage>,
    latency_samples: usize,
    rendering_secs: f64,
}

/// Renders the sound from `reader` through `hearing` into the output's writer.
fn sound(
    job: &RenderJob,
    prepared: &Prepared,
    reader: Box<dyn AudioReader>,
    hearing: Hearing,
    teller: &mut Teller<'_>,
    cancel: &AtomicBool,
) -> Result<Rendered> {
    let sound = &prepared.sound;
    let mut writer = prepared.target.writer(prepared.destinations.media.path(), &prepared.info, sound)?;
    let mut record =
        RenderRecord::new(sound.sample_rate_hz, &sound.layout, sound.length_samples, prepared.target.stored());
    let spans = prepared.spans(None);
    let mut recorder = Recorder::new(RecorderConfig {
        sample_rate_hz: sound.sample_rate_hz,
        source: prepared.source_layout.clone(),
        output: sound.layout.clone(),
        worn: if prepared.destinations.report.is_some() { worn(prepared, &spans) } else { Vec::new() },
        spans,
        length_samples: sound.length_samples.map(|length| length.saturating_sub(sound.early_samples)),
    });
    let latency_samples = hearing.latency_samples();
    // What is heard at once holds nothing back.
    let flush_samples = if matches!(hearing, Hearing::Live(_)) { latency_samples } else { 0 };
    let mut feed = Feed::new(reader, sound.layout.channels(), flush_samples);
    if !job.allow_nan {
        feed = feed.refusing(cancel, |findings| summary::non_finite_error(findings, &prepared.info, sound));
    }
    teller.begin_sound(sound.sample_rate_hz, sound.length_samples);
    // The report begins with the picture, as its times do.
    let mut early_left = usize::try_from(sound.early_samples).unwrap_or(usize::MAX);
    let measure: stream::Measure<'_> = &mut |source, heard| {
        let early = early_left.min(source.first().map_or(0, |channel| channel.len()));
        early_left -= early;
        recorder.push(&from_sample(early, source), &from_sample(early, heard));
    };
    let write: stream::Write<'_> = &mut |heard| {
        record.push(heard)?;
        writer.write(heard)
    };
    let progress = &mut |done_samples| teller.rendered(done_samples);
    match hearing {
        Hearing::Live(mut audition) => stream::run(&mut feed, &mut audition, measure, write, cancel, progress)?,
        Hearing::Whole(ears) => ears.run(&mut feed, &prepared.info, measure, write, cancel, progress)?,
    }
    let findings = feed.findings();
    if findings.length_samples == 0 {
        return Err(no_samples(&prepared.info));
    }
    let mut measurements = recorder.finish();
    // The recorder saw the source after it was put right.
    measurements.before.non_finite_samples = findings.non_finite_samples;
    let from_picture = |at_samples: u64| at_samples.saturating_sub(sound.early_samples);
    measurements.before.non_finite_first_samples = findings.first_non_finite_samples.map(from_picture);
    let damage = feed.damage();
    Ok(Rendered {
        writer,
        record,
        measurements,
        findings,
        damage,
        latency_samples,
        rendering_secs: teller.elapsed_secs(),
    })
}

/// The implants that are on during `spans`.
fn worn(prepared: &Prepared, spans: &[CueSpan]) -> Vec<Worn> {
    let calibration = prepared.script.sheet.calibration;
    let of_span = |(span, cue): (usize, &CueSpan)| {
        let listener =
            prepared.script.listeners.iter().map(|(_, listener)| listener).find(|who| who.name == cue.listener);
        let state = listener.and_then(|listener| listener.state(&cue.state));
        let ears = state.map(|state| [(Ear::Left, &state.left), (Ear::Right, &state.right)]);
        let worn = ears.into_iter().flatten().filter_map(move |(ear, findings)| {
            let implant = findings.implant.clone().filter(|implant| implant.on)?;
            Some(Worn { span, ear, implant, calibration })
        });
        worn.collect::<Vec<_>>()
    };
    spans.iter().enumerate().flat_map(of_span).collect()
}

/// What of a block, `[channel][sample]`, is left from sample `from` on.
fn from_sample<'a>(from: usize, block: &[&'a [f32]]) -> Vec<&'a [f32]> {
    block.iter().map(|channel| &channel[from..]).collect()
}

/// Hashes everything that is read, beside the rendering.
fn hash_inputs(job: &RenderJob, prepared: &Prepared) -> JoinHandle<Result<Vec<RenderedFile>>> {
    let inputs = summary::inputs(job, &prepared.script);
    thread::spawn(move || inputs.iter().map(|(role, path)| RenderedFile::read(role, path, path)).collect())
}

/// The captions that follow the ears, merged with the film's own, as WebVTT.
///
/// Players count them from where the output begins: a film's clock may begin before its first picture.
fn captions(prepared: &Prepared, summary: &RenderSummary) -> String {
    let Prepared { script, film_captions, .. } = prepared;
    let listeners: Vec<Listener> = script.listeners.iter().map(|(_, listener)| listener.clone()).collect();
    let mut captions = pov_captions(&PovInput {
        spans: &summary.spans,
        sample_rate_hz: summary.sample_rate_hz,
        cues: &script.sheet.cues,
        listeners: &listeners,
        frame_rate: script.sheet.picture.frame_rate,
        length_samples: Some(summary.length_samples),
        film: &film_captions.captions,
    });
    let before_picture_ms = prepared.target.before_picture_ms();
    if before_picture_ms > 0 {
        for caption in &mut captions {
            caption.begins_ms += before_picture_ms;
            caption.ends_ms += before_picture_ms;
        }
        captions.splice(0..0, film_captions.before_picture.iter().cloned());
    }
    to_webvtt_with(&film_captions.blocks, &captions)
}

/// Writes a text into a pending output.
fn fill(pending: &PendingOutput, text: &str) -> Result<()> {
    std::fs::write(pending.path(), text).map_err(|source| MediaError::Io {
        path: pending.destination().to_owned(),
        doing: "cannot write",
        source,
    })
}
