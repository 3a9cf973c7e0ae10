//! The new track against what was rendered and against the source.

use std::ops::Range;
use std::sync::atomic::Ordering;

use super::correlate::Correlation;
use super::record::{Digest, Stored, Window, append_mix};
use super::{Verifier, VerifyReport, failed, streams};
use crate::audio::AudioReader;
use crate::channels;
use crate::decode::{FfmpegReader, Span, open_audio_as_it_is, open_from_its_start};
use crate::error::{MediaError, Result};
use crate::film::FilmPlan;
use crate::pcm::quantise_24;
use crate::probe::{Container, MediaInfo, first_sample_secs};

/// Samples per channel compared at once.
const BLOCK: usize = 8192;
/// Largest lag that is looked for, in samples.
const MARGIN: usize = 4800;
/// Least agreement of a lossy track with what was rendered.
const LEAST_AGREEMENT: f64 = 0.3;
/// How much longer or shorter a lossy track may be: two packets of the longest kind.
const LOSSY_PACKETS_SAMPLES: u64 = 2 * 2048;
/// The rounding of two times in milliseconds, where a track does not begin with its file.
const CLOCK_SECS: f64 = 2.1e-3;

/// Reads the first track of `info`, once, beside the source.
pub(super) fn check(
    verifier: &Verifier<'_>,
    info: &MediaInfo,
    plan: Option<&FilmPlan>,
    lossless: bool,
) -> Result<VerifyReport> {
    let record = verifier.record;
    let fail = |message: String| failed(&info.path, message);
    let (lead, early) = plan.map_or((0, 0), |plan| (plan.lead_samples(), plan.early_samples()));
    let unhidden = plan.is_some_and(|plan| plan.unhidden_secs > 0.0);
    let limit = if lead + early > 0 || unhidden { (CLOCK_SECS * f64::from(record.sample_rate_hz)) as i64 } else { 0 };
    let zero_secs = plan.map_or(Ok(None), |plan| streams::zero_secs(plan, info))?;
    let mut written = open(verifier, info, zero_secs, lossless.then_some(lead), early, limit)?;
    let channels = record.digests.len();
    if written.layout().channels() != channels {
        return Err(fail(format!("the new track has {} channels instead of {channels}", written.layout().channels())));
    }
    let mut source = match verifier.outside {
        [] => None,
        _ if early > 0 => Some(open_from_its_start(verifier.tools, verifier.source, verifier.track)?.0),
        _ => Some(open_audio_as_it_is(verifier.tools, verifier.source, verifier.track)?),
    };
    if source.as_ref().is_some_and(|s| s.layout().channels() != channels) {
        return Err(fail("outside sections were named for a sound whose layout was changed".into()));
    }
    let mut listener = Listener::new(verifier);
    let mut ours = vec![vec![0.0_f32; BLOCK]; channels];
    let mut theirs = ours.clone();
    let mut at = 0_u64;
    loop {
        if verifier.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            return Err(MediaError::Cancelled);
        }
        let mut count = fill(written.as_mut(), &mut ours).map_err(|e| fail(format!("it cannot be read back: {e}")))?;
        // A lossy track may have some padding at its end, which nobody rendered.
        if !lossless {
            count = count.min((record.written + LOSSY_PACKETS_SAMPLES).saturating_sub(at) as usize);
        }
        if count == 0 {
            break;
        }
        let source_count = match &mut source {
            Some(source) => fill(source.as_mut(), &mut theirs)?,
            None => 0,
        };
        // Samples that are not finite are put right by whoever renders; how is not judged here.
        for (theirs, ours) in theirs.iter_mut().zip(&ours) {
            theirs.iter_mut().zip(ours).filter(|(t, _)| !t.is_finite()).for_each(|(t, o)| *t = *o);
        }
        let views: Vec<&[f32]> = ours.iter().map(|c| &c[..count]).collect();
        let source_views: Vec<&[f32]> = theirs.iter().map(|c| &c[..source_count.min(count)]).collect();
        if lossless {
            listener.exact(at, &views, &source_views, source.is_some()).map_err(fail)?;
        }
        listener.gather(at, &views, &source_views);
        at += count as u64;
    }
    let tolerance = if lossless { 0 } else { LOSSY_PACKETS_SAMPLES };
    if at.abs_diff(record.written) > tolerance {
        return Err(fail(format!("the new track has {at} samples, {} were rendered", record.written)));
    }
    let every_sample = lossless && record.stored != Stored::Lossy;
    if every_sample && listener.digests != record.digests {
        return Err(fail("the new track's samples are not those that were rendered".into()));
    }
    let exact_outside = listener.exact_outside;
    let (mut best, windows) = listener.offset();
    if every_sample {
        // Every sample is in its place: nothing that repeats itself can say otherwise.
        best = best.map(|_| (0, 1.0));
    }
    if let Some((lag, _)) = best.filter(|b| b.0.abs() > limit) {
        let ms = lag as f64 / f64::from(record.sample_rate_hz) * 1e3;
        return Err(fail(format!("the new track is {lag} samples ({ms:.2} ms) off the picture")));
    }
    if let Some((_, agreement)) = best.filter(|b| b.1 < LEAST_AGREEMENT) {
        return Err(fail(format!("the new track is not what was rendered (agreement {agreement:.2} of 1)")));
    }
    Ok(VerifyReport {
        identical_streams: 0,
        length_samples: record.written,
        every_sample,
        exact_outside_samples: lossless.then_some(exact_outside),
        offset_samples: best.map(|b| b.0),
        windows,
    })
}

/// The new track, at the rate it was rendered at, from `early` samples before the film's time zero, at `zero_secs`
/// on its clock where that is known, to its own end.
///
/// Where it is known how many samples stand before that (`lead`, lossless codecs), the container's
/// times are checked against it and may differ by their rounding, `limit` samples; elsewhere they tell.
fn open(
    verifier: &Verifier<'_>,
    info: &MediaInfo,
    zero_secs: Option<f64>,
    lead: Option<u64>,
    early: u64,
    limit: i64,
) -> Result<Box<dyn AudioReader>> {
    if matches!(info.container, Container::Wav | Container::Flac) {
        return open_audio_as_it_is(verifier.tools, info, Some(1));
    }
    let mut stream = info.track(Some(1))?.clone();
    let Some(audio) = stream.audio.as_mut() else {
        return Err(failed(&info.path, "its first audio track has no sound".into()));
    };
    let layout = audio.layout.clone().or_else(|| channels::from_count(audio.channels));
    let Some(layout) = layout else {
        return Err(failed(&info.path, format!("its new track has the layout \"{}\"", audio.layout_name)));
    };
    // Opus keeps no rate but its own: what was rendered at another is compared at that.
    audio.sample_rate_hz = verifier.record.sample_rate_hz;
    let mut span = Span::of(verifier.tools, info, &stream)?;
    if let Some((zero, first)) = zero_secs.zip(first_sample_secs(verifier.tools, &info.path, &stream)?) {
        span = Span::against(&stream, first, (zero, None));
    }
    let lead_samples = span.lead_samples + early as i64;
    let mut span = Span { early_samples: early, lead_samples, length_samples: None, track_end_samples: None };
    if let Some(lead) = lead.map(|lead| -(lead as i64)) {
        let off = span.lead_samples - lead;
        if off.abs() > limit {
            return Err(failed(&info.path, format!("the new track starts {off} samples off the picture")));
        }
        span.lead_samples = lead;
    }
    let rate = verifier.record.sample_rate_hz;
    Ok(Box::new(FfmpegReader::open_at(verifier.tools, info, &stream, span, rate, layout)?))
}

/// Reads until the buffers are full or the sound ends.
fn fill(reader: &mut dyn AudioReader, buffers: &mut [Vec<f32>]) -> Result<usize> {
    let mut done = 0;
    while done < BLOCK {
        let mut views: Vec<&mut [f32]> = buffers.iter_mut().map(|b| &mut b[done..]).collect();
        match reader.read(&mut views)? {
            0 => break,
            count => done += count,
        }
    }
    Ok(done)
}

/// What is gathered while the track goes by.
struct Listener<'a> {
    outside: &'a [Range<u64>],
    stored: Stored,
    digests: Vec<Digest>,
    exact_outside: u64,
    /// What was rendered, and around it what was read back and what the source has there.
    windows: Vec<(Window, Vec<f32>, Vec<f32>)>,
}

impl<'a> Listener<'a> {
    fn new(verifier: &Verifier<'a>) -> Self {
        let record = verifier.record;
        Self {
            outside: verifier.outside,
            stored: record.stored,
            digests: vec![Digest::EMPTY; record.digests.len()],
            exact_outside: 0,
            windows: record.windows().into_iter().map(|w| (w, Vec::new(), Vec::new())).collect(),
        }
    }

    /// Digests what was read and compares outside sections with the source, sample by sample.
    fn exact(
        &mut self,
        at: u64,
        ours: &[&[f32]],
        source: &[&[f32]],
        has_source: bool,
    ) -> std::result::Result<(), String> {
        for (digest, channel) in self.digests.iter_mut().zip(ours) {
            digest.update(self.stored, channel);
        }
        if !has_source {
            return Ok(());
        }
        let count = ours.first().map_or(0, |c| c.len());
        let there = source.first().map_or(0, |c| c.len());
        for span in self.outside {
            let from = (span.start.max(at) - at).min(count as u64) as usize;
            let to = (span.end.max(at) - at).min(count as u64) as usize;
            if to > there.max(from) {
                return Err(format!("outside, the source ends before the new track, at sample {}", at + there as u64));
            }
            for (channel, (ours, source)) in ours.iter().zip(source).enumerate() {
                let differs = |index: &usize| match self.stored {
                    Stored::Int24 => quantise_24(ours[*index]) != quantise_24(source[*index]),
                    _ => ours[*index] != source[*index],
                };
                if let Some(index) = (from..to).find(differs) {
                    return Err(format!(
                        "outside, sample {} of channel {} is {} instead of the source's {}",
                        at + index as u64,
                        channel + 1,
                        ours[index],
                        source[index]
                    ));
                }
            }
            self.exact_outside += (to - from.min(to)) as u64;
        }
        Ok(())
    }

    /// Copies what belongs to the surroundings of a window.
    fn gather(&mut self, at: u64, ours: &[&[f32]], source: &[&[f32]]) {
        for (window, around, there) in &mut self.windows {
            // A sound has nothing before its first sample: silence stands for it.
            let early = (MARGIN as u64).saturating_sub(window.start) as usize;
            if around.is_empty() {
                around.resize(early, 0.0);
                there.resize(early, 0.0);
            }
            let wanted = window.start.saturating_sub(MARGIN as u64)..window.start + (window.mix.len() + MARGIN) as u64;
            for (out, channels) in [(around, ours), (there, source)] {
                let count = channels.first().map_or(0, |c| c.len()) as u64;
                let from = (wanted.start.max(at) - at).min(count) as usize;
                let to = (wanted.end.max(at) - at).min(count) as usize;
                if from < to {
                    append_mix(out, channels, from..to);
                }
            }
        }
    }

    /// The worse of the lags against what was rendered and, outside, against the source.
    fn offset(self) -> (Option<(i64, f64)>, usize) {
        let mut rendered = Correlation::new(MARGIN);
        let mut source = Correlation::new(MARGIN);
        for (window, mut around, mut there) in self.windows {
            let size = window.mix.len() + 2 * MARGIN;
            around.resize(size, 0.0);
            there.resize(size, 0.0);
            rendered.add(&window.mix, &around);
            let span = window.start..window.start + window.mix.len() as u64;
            if self.outside.iter().any(|o| o.start <= span.start && span.end <= o.end) {
                // The source's own sound is the reference, and what was read back moves.
                source.add(&there[MARGIN..MARGIN + window.mix.len()], &around);
            }
        }
        let windows = rendered.windows + source.windows;
        let worst = match (rendered.best(), source.best()) {
            (Some(a), Some(b)) => Some(if b.0.abs() > a.0.abs() || b.1 < a.1 { b } else { a }),
            (a, b) => a.or(b),
        };
        (worst, windows)
    }
}
