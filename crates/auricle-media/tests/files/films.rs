//! Films: read, written with a new track, read again.

use std::path::{Path, PathBuf};

use auricle_media::audio::AudioWriter;
use auricle_media::film::{Codec, FilmPlan, FilmSpec, FilmWriter, LeftOut, Tracks};
use auricle_media::probe::{MediaInfo, StreamKind};
use auricle_media::{PendingOutput, RenderRecord, Tools, Verifier, VerifyReport, open_audio, probe};

use crate::support::{ffmpeg, packets, read_all, shared};

/// Copies a film with its own sound as the new track, verified; what was written and the output.
pub(crate) fn pass_through(source: &Path, output: &Path, codec: Option<Codec>, tracks: Tracks) -> Passed {
    let tools = Tools::default();
    let info = probe(source).unwrap();
    let reader = open_audio(source, None).unwrap();
    let (rate, layout, length) = (reader.sample_rate_hz(), reader.layout().clone(), reader.length_samples());
    let samples = read_all(reader);
    assert!(length.is_none_or(|n| n == samples[0].len() as u64));
    let spec = FilmSpec {
        source: &info,
        track: None,
        tracks,
        codec,
        sample_rate_hz: rate,
        layout: &layout,
        length_samples: length,
        early_samples: 0,
        title: TITLE,
    };
    let plan = FilmPlan::new(&tools, &spec, output).unwrap();
    let pending = PendingOutput::create(output, &[source], false).unwrap();
    let mut writer = Box::new(FilmWriter::start(&plan, pending.path()).unwrap());
    let mut record = RenderRecord::new(rate, &layout, length, plan.stored());
    for start in (0..samples[0].len()).step_by(4801) {
        let end = (start + 4801).min(samples[0].len());
        let views: Vec<&[f32]> = samples.iter().map(|c| &c[start..end]).collect();
        writer.write(&views).unwrap();
        record.push(&views).unwrap();
    }
    writer.finish().unwrap();
    let whole = 0..samples[0].len() as u64;
    let verifier = Verifier {
        tools: &tools,
        source: &info,
        track: None,
        record: &record,
        outside: std::slice::from_ref(&whole),
        cancel: None,
    };
    let report = verifier.film(&plan, pending.path()).unwrap();
    pending.commit().unwrap();
    Passed { samples, info: probe(output).unwrap(), report, left_out: plan.left_out().to_vec() }
}

pub(crate) struct Passed {
    pub(crate) samples: Vec<Vec<f32>>,
    pub(crate) info: MediaInfo,
    pub(crate) report: VerifyReport,
    pub(crate) left_out: Vec<LeftOut>,
}

const TITLE: &str = "Through the listener's ears";

/// Whether two sounds agree better in their middle as they stand than shifted by any of a few lags
/// that encoders, frames and clocks are known to cause.
fn stands(a: &[f32], b: &[f32]) -> bool {
    let middle = a.len() / 2;
    let window = &a[middle..middle + 8192];
    let alike = |lag: i64| {
        let start = (middle as i64 + lag) as usize;
        window.iter().zip(&b[start..]).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>()
    };
    [1, 2, 44, 48, 312, 336, 576, 1024, 1105, 2048].iter().all(|l| alike(0) < alike(*l) && alike(0) < alike(-l))
}

/// A film of 3 s: moving picture, noise that never repeats.
fn make_film(folder: &Path, name: &str, words: &str) -> PathBuf {
    ffmpeg(
        folder,
        &format!(
            "-f lavfi -i testsrc2=s=96x64:r=24000/1001:d=3 -f lavfi -i \
             anoisesrc=d=3:r=48000:c=pink:seed=5,aformat=channel_layouts=stereo,volume=0.5 {words} {name}"
        ),
    );
    folder.join(name)
}

#[test]
fn every_container_keeps_picture_and_sound_in_place() {
    let folder = tempfile::tempdir().unwrap();
    for (name, output, make, codec, exact) in [
        ("a.mp4", "a out.mp4", "-c:v libx264 -c:a aac", None, false),
        ("b.mov", "b out.mov", "-c:v libx264 -c:a pcm_s16le", None, true),
        ("c.mkv", "c out.mkv", "-c:v libx264 -c:a flac", None, true),
        ("c2.mkv", "c2 out.mkv", "-c:v libx264 -c:a pcm_s24le", Some(Codec::PcmF32), true),
        ("c3.mkv", "c3 out.mkv", "-c:v libx264 -c:a libopus", Some(Codec::Opus), false),
        ("d.webm", "d out.webm", "-c:v libvpx -c:a libopus", None, false),
        ("e.mp4", "e out.mp4", "-c:v libx264 -c:a aac", Some(Codec::Alac), true),
        ("f.mkv", "f out.mp4", "-c:v libx264 -c:a aac", Some(Codec::Flac), true),
    ] {
        let source = make_film(folder.path(), name, make);
        let output = folder.path().join(output);
        let Passed { samples: written, info, report, .. } = pass_through(&source, &output, codec, Tracks::Both);
        let label = output.display();
        assert_eq!((report.offset_samples, report.every_sample), (Some(0), exact), "{label}");
        assert_eq!(report.exact_outside_samples, exact.then_some(written[0].len() as u64), "{label}");
        assert_eq!(packets(&source, "-map 0:v"), packets(&output, "-map 0:v"), "{label}");
        let tracks: Vec<_> = info.audio_tracks().collect();
        assert_eq!(tracks.len(), 2, "{label}");
        assert!(tracks[0].is("default") && !tracks[1].is("default"), "{label}");
        assert!(!tracks[0].is("hearing_impaired"));
        let named = tracks[0].tag("title").or(tracks[0].tag("handler_name"));
        assert_eq!(named, Some(TITLE), "{label}");
        let back = read_all(open_audio(&output, None).unwrap());
        assert_eq!(back[0].len(), written[0].len(), "{label}");
        assert!(stands(&written[0], &back[0]), "{label}");
        if exact {
            // Of lossy sources only their 24-bit rounding is left.
            let differences = written[0].iter().zip(&back[0]).map(|(a, b)| (a - b).abs());
            assert!(differences.fold(0.0, f32::max) <= 0.5 / 8_388_608.0, "{label}");
        }
        let original = read_all(open_audio(&output, Some(2)).unwrap());
        assert!(stands(&written[0], &original[0]), "{label}");
    }
}

#[test]
fn real_films_pass_through() {
    let folder = tempfile::tempdir().unwrap();
    for (name, output) in [
        ("video/his_girl_friday_6s.mkv", "a.mkv"),
        ("video/his_girl_friday_6s.mp4", "b.mp4"),
        ("video/bigbuckbunny_5s_surround51.mp4", "c.mp4"),
        ("video/bigbuckbunny_5s_surround51.mp4", "c.mov"),
        ("video/bigbuckbunny_0-30s.webm", "d.webm"),
        ("video/sintel_film_rooftops_26s.mp4", "e.mp4"),
        ("video/sintel_film_rooftops_26s.mp4", "e.mkv"),
    ] {
        let Some(source) = shared(name) else { continue };
        let output = folder.path().join(output);
        let Passed { samples: written, info, report, .. } = pass_through(&source, &output, None, Tracks::Both);
        assert_eq!(report.offset_samples, Some(0), "{name}");
        assert_eq!(packets(&source, "-map 0:v"), packets(&output, "-map 0:v"), "{name}");
        let before = probe(&source).unwrap();
        for kind in [StreamKind::Video, StreamKind::Subtitle, StreamKind::Attachment] {
            let count = |info: &MediaInfo| info.streams.iter().filter(|s| s.kind == kind).count();
            assert_eq!(count(&before), count(&info), "{name} {kind:?}");
        }
        let back = read_all(open_audio(&output, None).unwrap());
        assert_eq!(back[0].len(), written[0].len(), "{name}");
        assert!(stands(&written[0], &back[0]), "{name} -> {}", output.display());
        let original = read_all(open_audio(&output, Some(2)).unwrap());
        assert!(stands(&written[0], &original[0]), "{name} original -> {}", output.display());
    }
}
