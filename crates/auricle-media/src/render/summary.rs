//! What came of a render, for people and for programs.

use std::path::{Path, PathBuf};

use auricle::cue::CueSpan;
use auricle::layout::Layout;
use serde::Serialize;

use super::feed::SourceFindings;
use super::job::RenderJob;
use super::prepared::Prepared;
use super::script::Script;
use super::target::{Sound, Target};
use crate::audio::{Damage, SampleFormat};
use crate::decode::Holes;
use crate::error::{MediaError, Result};
use crate::film::{LeftOut, PlannedStream};
use crate::hash::sha256_file;
use crate::probe::MediaInfo;
use crate::report::{Measurements, SideLevels};
use crate::verify::{Stored, VerifyReport};

/// What came of a render.
#[derive(Debug, Clone, Serialize)]
pub struct RenderSummary {
    /// Samples per second of the sound.
    pub sample_rate_hz: u32,
    /// Samples per channel that were rendered, from the first picture on.
    pub length_samples: u64,
    /// Samples per channel that were rendered before the first picture.
    pub early_samples: u64,
    /// Samples by which the model lagged; taken out of the output, but for MSBG's to a sound file.
    pub latency_samples: usize,
    /// Channels of the source.
    pub source_layout: Layout,
    /// Channels of the output.
    pub output_layout: Layout,
    /// How the output's sound is stored.
    pub stored_as: String,
    /// What the source was found to hold.
    pub source: SourceFindings,
    /// Loudness and peaks of the source.
    pub before: SideLevels,
    /// Loudness and peaks of the output.
    pub after: SideLevels,
    /// Samples, over all channels, that the output's format clips; 0 where it holds any.
    pub clipped_samples: u64,
    /// The cues on the sample grid.
    pub spans: Vec<CueSpan>,
    /// Streams of a film, in the output's order; empty for a sound file.
    pub streams: Vec<PlannedStream>,
    /// Streams of the source that the output's container cannot hold.
    pub left_out: Vec<LeftOut>,
    /// What verification measured.
    pub verified: VerifyReport,
    /// What was read.
    pub inputs: Vec<RenderedFile>,
    /// What was written, the film or sound first.
    pub files: Vec<RenderedFile>,
    /// What deserves a look.
    pub warnings: Vec<String>,
    /// Seconds that rendering the sound took.
    pub rendering_secs: f64,
    /// Seconds from beginning to end.
    pub wall_secs: f64,
    /// Seconds of sound rendered per second.
    pub speed: f64,
}

/// What to say of a track that sounds before the first picture, where the output is a sound file, which begins
/// with that; a frame's worth is how films are cut.
fn early_sound_warning(info: &MediaInfo, track: Option<usize>) -> Option<String> {
    let early_secs = info.sound_before_picture_secs(info.track(track).ok()?);
    (early_secs > 0.05).then(|| {
        format!(
            "{early_secs:.2} s of sound lie before the first picture and are left out: a sound file begins with the \
             picture; write a film (.mkv, .mov, .mp4) to keep them"
        )
    })
}

impl RenderSummary {
    /// What is known when the output has been verified; files and times are still to be filled in.
    pub(super) fn new(
        job: &RenderJob,
        prepared: &Prepared,
        findings: SourceFindings,
        measurements: &Measurements,
        verified: VerifyReport,
        latency_samples: usize,
    ) -> Self {
        let Prepared { script, sound, target, film_captions, .. } = prepared;
        let clipped_samples = if target.stored() == Stored::Float32 { 0 } else { measurements.after.over_samples };
        let length_samples = findings.length_samples.saturating_sub(sound.early_samples);
        let mut warnings = sample_warnings(&findings, clipped_samples, target.stored(), sound);
        if matches!(target, Target::Wav(_) | Target::Flac) {
            warnings.extend(early_sound_warning(&prepared.info, job.track));
        }
        warnings.extend(prepared.damage.iter().cloned());
        warnings.extend(script.faults.0.iter().map(ToString::to_string));
        warnings.extend(target.left_out().iter().map(|left_out| left_out.why.clone()));
        warnings.extend(film_captions.warnings.iter().cloned());
        Self {
            sample_rate_hz: sound.sample_rate_hz,
            length_samples: verified.length_samples.saturating_sub(sound.early_samples),
            early_samples: sound.early_samples,
            latency_samples,
            source_layout: prepared.source_layout.clone(),
            output_layout: sound.layout.clone(),
            stored_as: target.describe(),
            source: findings,
            before: measurements.before,
            after: measurements.after,
            clipped_samples,
            spans: prepared.spans(Some(length_samples)),
            streams: target.streams().to_vec(),
            left_out: target.left_out().to_vec(),
            verified,
            inputs: Vec::new(),
            files: Vec::new(),
            warnings,
            rendering_secs: 0.0,
            wall_secs: 0.0,
            speed: 0.0,
        }
    }

    /// What the report's own measurements do not say: of the samples it knows more.
    pub(super) fn warnings_beside_samples(&self, prepared: &Prepared) -> Vec<String> {
        let stored = prepared.target.stored();
        let of_samples = sample_warnings(&self.source, self.clipped_samples, stored, &prepared.sound);
        self.warnings.iter().filter(|warning| !of_samples.contains(warning)).cloned().collect()
    }

    /// What becomes of samples above full scale, and what to do; `None` where they survive.
    pub(super) fn clipping(&self, prepared: &Prepared) -> Option<String> {
        let stored = prepared.target.stored();
        (stored != Stored::Float32).then(|| format!("they clip{}", against_clipping(stored)))
    }

    /// Notes that rendering the sound took `rendering_secs`.
    pub(super) fn tell_speed(&mut self, rendering_secs: f64) {
        self.rendering_secs = rendering_secs;
        self.speed = (self.length_samples + self.early_samples) as f64
            / f64::from(self.sample_rate_hz)
            / rendering_secs.max(1e-9);
    }
}

/// A file that took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RenderedFile {
    /// What it is: "source", "cue sheet", "listener", "captions", "output", "report".
    pub role: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
}

impl RenderedFile {
    /// Weighs and hashes the file at `path`, which will be called `name`.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(role: &'static str, path: &Path, name: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(path).map_err(|source| MediaError::Io {
            path: path.to_owned(),
            doing: "cannot open",
            source,
        })?;
        Ok(Self { role, path: name.to_owned(), bytes: metadata.len(), sha256: sha256_file(path)? })
    }
}

/// The files that `job` reads: `(role, path)`, the source first.
pub(super) fn inputs(job: &RenderJob, script: &Script) -> Vec<(&'static str, PathBuf)> {
    let mut inputs = vec![("source", job.input.clone())];
    inputs.extend(script.files.iter().map(|file| (file.role, file.path.clone())));
    inputs.extend(job.captions.clone().map(|path| ("captions", path)));
    inputs
}

/// What to say of a source whose decoder met damage.
pub(super) fn damage_warning(damage: &Damage, sound: &Sound) -> String {
    let first_secs = damage.first_secs - sound.early_samples as f64 / f64::from(sound.sample_rate_hz);
    format!(
        "the source's sound is damaged: {} could not be decoded, the first at about {:.1} s ({}), and what is heard there is \
         silence or noise; copy the source again, or export it again from where it was made",
        counted(damage.count, "packet", "packets"),
        first_secs.max(0.0),
        damage.said
    )
}

/// What to say of a track that does not lie where it should to the sample, in a container whose clock is too coarse.
pub(super) fn offset_warning(verified: &VerifyReport, sound: &Sound) -> Option<String> {
    let samples = verified.offset_samples.filter(|samples| *samples != 0)?;
    Some(format!(
        "the new track lies {} ({:.2} ms) off the source's, as near as this container's clock and this version of ffmpeg \
         come; write .mkv, or install a newer ffmpeg",
        counted(samples.unsigned_abs(), "sample", "samples"),
        samples as f64 / f64::from(sound.sample_rate_hz) * 1e3
    ))
}

/// What to say of holes in the source's sound.
pub(super) fn hole_warnings(holes: &Holes) -> Vec<String> {
    let mut warnings = Vec::new();
    if holes.count > 0 {
        warnings.push(format!(
            "the source's sound has {}, {:.2} s in all, the first at {:.2} s: silent in the new track, so that what follows \
             stays in sync",
            counted(holes.count as u64, "hole", "holes"),
            holes.secs,
            holes.first_secs
        ));
    }
    if holes.overlaps > 0 {
        warnings.push(format!(
            "the source's sound steps back in time, {}: what was there twice is there once in the new track",
            counted(holes.overlaps as u64, "time", "times")
        ));
    }
    warnings
}

/// The error of a source with samples that are no numbers.
pub(super) fn non_finite_error(findings: &SourceFindings, info: &MediaInfo, sound: &Sound) -> MediaError {
    info.broken(format!(
        "{}: export it again from where it was made, or give --allow-nan to have silence in {} place",
        non_finite(findings, sound),
        if findings.non_finite_samples == 1 { "its" } else { "their" }
    ))
}

/// "holds 2 samples that are no numbers (NaN or infinite), the first at 0.500 s in channel 1", by the picture's time.
fn non_finite(findings: &SourceFindings, sound: &Sound) -> String {
    let at_samples = findings.first_non_finite_samples.unwrap_or(0) as f64 - sound.early_samples as f64;
    format!(
        "holds {} (NaN or infinite), the first at {:.3} s in channel {}",
        counted(findings.non_finite_samples, "sample that is no number", "samples that are no numbers"),
        at_samples / f64::from(sound.sample_rate_hz),
        findings.first_non_finite_channel.unwrap_or(1)
    )
}

/// What deserves a look about the samples of the source and of the output.
fn sample_warnings(findings: &SourceFindings, clipped_samples: u64, stored: Stored, sound: &Sound) -> Vec<String> {
    let mut warnings = Vec::new();
    if findings.non_finite_samples > 0 {
        warnings.push(format!(
            "the source {}; {} silent in the output: export the source again from where it was made",
            non_finite(findings, sound),
            if findings.non_finite_samples == 1 { "it is" } else { "they are" }
        ));
    }
    if findings.above_full_scale_samples > 0 {
        warnings.push(format!(
            "the source has {} above full scale (peak {:+.1} dB FS)",
            samples(findings.above_full_scale_samples),
            20.0 * findings.peak.log10()
        ));
    }
    if let Some(at_samples) = findings.first_implausible_samples.filter(|_| sound.source_format == SampleFormat::Lossy)
    {
        let at_secs = (at_samples as f64 - sound.early_samples as f64) / f64::from(sound.sample_rate_hz);
        warnings.push(format!(
            "such a peak (the first at {at_secs:.2} s) is most likely damage to the source, not its sound: listen there with \
             care, and copy the source again"
        ));
    }
    if clipped_samples > 0 {
        let clip = if clipped_samples == 1 { "clips" } else { "clip" };
        warnings.push(format!(
            "{} of the output above full scale {clip}{}",
            samples(clipped_samples),
            against_clipping(stored)
        ));
    }
    warnings
}

/// When samples above full scale clip, and what to do about it: what stands behind "they clip".
fn against_clipping(stored: Stored) -> String {
    let when = if stored == Stored::Lossy { " when it is played" } else { "" };
    format!(
        "{when}: write floating point (--bits float to .wav, --codec pcm_f32 to .mov or .mkv), or lower the source's level"
    )
}

/// "1 sample", "2 samples".
fn samples(count: u64) -> String {
    counted(count, "sample", "samples")
}

/// A number with its noun.
fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sample_is_one() {
        let one = SourceFindings {
            length_samples: 48_000,
            non_finite_samples: 1,
            first_non_finite_samples: Some(24_000),
            first_non_finite_channel: Some(2),
            first_implausible_samples: None,
            above_full_scale_samples: 1,
            peak: 2.0,
        };
        let sound = Sound {
            sample_rate_hz: 48_000,
            layout: Layout::mono(),
            length_samples: None,
            early_samples: 0,
            source_format: SampleFormat::Float,
        };
        let told = sample_warnings(&one, 1, Stored::Int24, &sound).join("\n");
        for words in
            ["1 sample that is no number", "0.500 s in channel 2; it is silent", "1 sample above", "full scale clips:"]
        {
            assert!(told.contains(words), "no {words} in: {told}");
        }
        assert!(!told.contains("damage"), "{told}");
        let lossy = Sound { source_format: SampleFormat::Lossy, ..sound.clone() };
        let loud = SourceFindings { first_implausible_samples: Some(36_000), ..one };
        assert!(sample_warnings(&loud, 0, Stored::Lossy, &lossy).join("\n").contains("(the first at 0.75 s)"));
        let two = SourceFindings { non_finite_samples: 2, ..one };
        let told = sample_warnings(&two, 2, Stored::Lossy, &sound).join("\n");
        for words in ["2 samples that are no numbers", "they are silent", "full scale clip when it is played:"] {
            assert!(told.contains(words), "no {words} in: {told}");
        }
    }
}
