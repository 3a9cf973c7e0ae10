//! The report of a render: what [`crate::report`] is told of it.

use std::path::Path;

use auricle::layout::Layout;

use super::job::{Model, RenderJob};
use super::prepared::Prepared;
use super::script::Script;
use super::summary::{RenderSummary, RenderedFile};
use crate::channels;
use crate::probe::Container;
use crate::report::{FileFacts, FileText, InputForReport, Measurements, ReportListener, SoundFacts};
use crate::tools::Tools;

/// Everything the report of `job` is written from.
pub(super) fn input_for_report(
    job: &RenderJob,
    prepared: &Prepared,
    summary: &RenderSummary,
    measurements: Measurements,
) -> InputForReport {
    let Prepared { script, info, .. } = prepared;
    let source_codec = info.track(job.track).map(|track| track.codec.clone()).unwrap_or_default();
    let sound = |path: &Path, layout: &Layout, codec: String| SoundFacts {
        file_name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        layout: channels::to_name(layout),
        codec,
        sample_rate_hz: summary.sample_rate_hz,
    };
    let title = if script.sheet.title.is_empty() {
        job.input.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    } else {
        script.sheet.title.clone()
    };
    let with_ffmpeg = !summary.streams.is_empty()
        || !matches!(info.container, Container::Wav | Container::Flac | Container::Mp3 | Container::OggVorbis);
    InputForReport {
        title,
        program_version: format!("auricle {}", env!("CARGO_PKG_VERSION")),
        model_version: env!("CARGO_PKG_VERSION").to_owned(),
        ffmpeg_version: if with_ffmpeg { Tools::default().check().ok() } else { None },
        command_line: job.command_line(),
        source: sound(&job.input, &summary.source_layout, source_codec),
        output: sound(&job.output, &summary.output_layout, summary.stored_as.clone()),
        sheet: script.sheet.clone(),
        spans: summary.spans.clone(),
        listeners: script
            .listeners
            .iter()
            .map(|(reference, listener)| ReportListener { reference: reference.clone(), listener: listener.clone() })
            .collect(),
        measurements,
        latency_samples: summary.latency_samples as u64,
        files: summary.inputs.iter().chain(&summary.files).map(facts_of_file).collect(),
        texts: script
            .files
            .iter()
            .map(|file| FileText { name: file.path.display().to_string(), text: file.text.clone() })
            .collect(),
        facts: facts(job, script, summary),
        clipping: summary.clipping(prepared),
        warnings: summary.warnings_beside_samples(prepared),
    }
}

fn facts_of_file(file: &RenderedFile) -> FileFacts {
    FileFacts {
        role: file.role.to_owned(),
        name: file.path.display().to_string(),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
    }
}

/// What the command line said in place of the cue sheet, and what became of the streams.
fn facts(job: &RenderJob, script: &Script, summary: &RenderSummary) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let Model::Msbg(position) = job.model {
        let lag = if summary.streams.is_empty() { "left in the output, as pyclarity leaves it" } else { "taken out" };
        fact(
            "model",
            format!("MSBG, position {}; its lag of {} samples {lag}", position.name(), summary.latency_samples),
        );
    }
    let instead =
        if job.cues.is_some() { "given with the render, in place of the cue sheet's" } else { "given with the render" };
    if job.seed.is_some() {
        fact("seed", format!("{} ({instead})", script.sheet.seed));
    }
    if let Some(level) = job.full_scale_db_spl {
        fact("calibration", format!("RMS 1.0 = {level} dB SPL ({instead})"));
    }
    if job.field.is_some() {
        fact("sound field", format!("{:?} ({instead})", script.sheet.calibration.field).to_lowercase());
    }
    if let (Some(listener), true) = (&job.listener, job.cues.is_some()) {
        fact("listener", format!("{listener} ({instead})"));
    }
    if summary.early_samples > 0 {
        let secs = summary.early_samples as f64 / f64::from(summary.sample_rate_hz);
        fact("sound before the first picture", format!("{secs:.3} s, kept, not drawn: times count from the picture"));
    }
    if let Some(track) = job.track {
        fact("audio track", track.to_string());
    }
    fact("sound stored as", summary.stored_as.clone());
    let verified = &summary.verified;
    if verified.identical_streams > 0 {
        fact("checked: streams", format!("{} copied, packets identical to the source's", verified.identical_streams));
    }
    if verified.every_sample {
        fact("checked: sound", "read back, every sample as it was rendered".to_owned());
    }
    if let Some(exact) = verified.exact_outside_samples.filter(|exact| *exact > 0) {
        fact("checked: outside", format!("{exact} samples a channel exactly the source's"));
    }
    if let Some(offset) = verified.offset_samples {
        fact("checked: offset", format!("{offset} samples against the source, on {} windows", verified.windows));
    }
    for left_out in &summary.left_out {
        fact("left out", left_out.why.clone());
    }
    facts
}
