//! Films whose sound begins before their first picture: nothing of it is lost, and all stays in sync.

use crate::film::{LATE, PICTURE, SOUND, picture_md5, track};
use crate::support::{Desk, read_wav};

/// How long the sound of these films runs before the first picture, in samples.
const EARLY_SAMPLES: usize = 19_200;

/// A film whose picture begins 0.4 s after its sound, at `picture_secs` on its clock.
fn early(desk: &Desk, picture_secs: f64, codec: &str, name: &str) {
    let picture = format!("-itsoffset {picture_secs:.1} {PICTURE}");
    let sound = format!("-itsoffset {:.1} {SOUND}", picture_secs - 0.4);
    let words = format!("-c:v mpeg4 -c:a {codec} -vsync passthrough -copyts -avoid_negative_ts disabled");
    desk.film(&[&picture, &sound], &words, name);
    let streams = desk.ffprobe(name, &["-show_entries", "stream=start_time"]);
    let starts: Vec<f64> = streams.lines().map(|line| line.split('=').nth(1).unwrap().parse().unwrap()).collect();
    // AAC may have its padding before that.
    assert!((starts[0] - starts[1] - 0.4).abs() < 0.03, "{name}: {starts:?}");
}

/// The first sample, per channel, at which two tracks differ by more than 24 bits round.
fn differ_at(a: &[f32], b: &[f32]) -> Option<usize> {
    a.iter().zip(b).position(|(a, b)| (a - b).abs() > 2e-7)
}

#[test]
fn sound_before_the_picture_is_in_the_new_track_as_it_was() {
    for (picture_secs, source_codec, source, codec, output) in [
        (0.4, "pcm_s16le", "film.mkv", "pcm", "heard.mkv"),
        (0.0, "pcm_s16le", "negative.mkv", "flac", "heard.mkv"),
        (10.4, "pcm_s16le", "shifted.mkv", "flac", "heard.mkv"),
        (0.4, "pcm_s16le", "film.mov", "pcm", "heard.mov"),
        (10.4, "pcm_s16le", "shifted.mov", "pcm", "heard.mkv"),
        (0.0, "pcm_s16le", "negative.mkv", "pcm", "heard.mov"),
        (0.4, "aac", "film.mp4", "alac", "heard.mp4"),
        (10.4, "aac", "shifted.mp4", "flac", "heard.mp4"),
    ] {
        let desk = Desk::new();
        let label = format!("{source} to {codec} in {output}");
        early(&desk, picture_secs, source_codec, source);
        desk.text("gig.cues.toml", LATE);
        let ended = desk.auricle(&["render", source, "--cues", "gig.cues.toml", "--codec", codec, "-o", output]).well();
        assert!(!ended.err.contains("warning"), "{label}: {}", ended.err);
        assert!(ended.out.contains("0 samples off"), "{label}: {}", ended.out);
        assert_eq!(picture_md5(&desk, source), picture_md5(&desk, output), "{label}");
        let (pov, original) = (track(&desk, output, 0), track(&desk, output, 1));
        let loud = |samples: &[f32]| samples.iter().any(|sample| sample.abs() > 0.01);
        assert!(loud(&pov[2000..EARLY_SAMPLES]) && loud(&pov[EARLY_SAMPLES..]), "{label}");
        let starts = desk.ffprobe(output, &["-select_streams", "v", "-show_entries", "stream=start_time"]);
        let picture_secs: f64 = starts.trim().split('=').nth(1).unwrap().parse().unwrap();
        // The cue begins two seconds after the first picture; a container's clock may round by a millisecond.
        let begins = differ_at(&pov, &original).unwrap();
        let cue = ((picture_secs + 2.0) * 48_000.0).round() as usize;
        assert!((cue - 96..cue + 480).contains(&begins), "{label}: inside from {begins} instead of {cue}");
        // To the picture's end, and no longer.
        let due = EARLY_SAMPLES + 4 * 48_000;
        assert!(pov.len().abs_diff(due) <= 1100, "{label}: {} samples instead of {due}", pov.len());
        let duration = desk.ffprobe(output, &["-show_entries", "format=duration"]);
        let secs: f64 = duration.trim().split('=').nth(1).unwrap().parse().unwrap();
        assert!((secs - 4.4).abs() < 0.03, "{label}: {secs} s");
        let page = std::fs::read_to_string(desk.path("heard.report.html")).unwrap();
        assert!(page.contains("sound before the first picture"), "{label}");
    }
}

#[test]
fn a_lossy_track_keeps_it_too() {
    for (output, codec) in [("heard.mp4", "aac"), ("heard.mkv", "opus"), ("heard.m4a", "aac"), ("heard.mov", "aac")] {
        let desk = Desk::new();
        early(&desk, 0.4, "aac", "film.mp4");
        desk.text("gig.cues.toml", LATE);
        desk.auricle(&["render", "film.mp4", "--cues", "gig.cues.toml", "--codec", codec, "-o", output]).well();
        let (pov, original) = (track(&desk, output, 0), track(&desk, output, 1));
        let energy = |samples: &[f32]| samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
        let reference = &original[4000..EARLY_SAMPLES];
        let alike = |lag: usize| {
            let there = &pov[4000 - 48 + lag..][..reference.len()];
            let product: f64 = reference.iter().zip(there).map(|(a, b)| f64::from(a * b)).sum();
            product / (energy(reference) * energy(there)).sqrt()
        };
        // Within a millisecond, the unit of Matroska's clock.
        let best = (0..=96).map(alike).fold(0.0, f64::max);
        assert!(best > 0.9, "{output}: {best}");
    }
}

#[test]
fn sound_alone_keeps_the_films_clock() {
    let desk = Desk::new();
    early(&desk, 0.4, "pcm_s16le", "film.mkv");
    desk.text("gig.cues.toml", LATE);
    let args = ["render", "film.mkv", "--cues", "gig.cues.toml", "--codec", "alac", "--tracks", "pov"];
    desk.auricle(&[&args[..], &["-o", "heard.m4a"]].concat()).well();
    let (pov, original) = (track(&desk, "heard.m4a", 0), track(&desk, "film.mkv", 0));
    let begins = differ_at(&pov, &original).unwrap();
    let cue = EARLY_SAMPLES + 2 * 48_000;
    assert!((cue..cue + 480).contains(&begins), "{begins} instead of {cue}");
}

#[test]
fn who_hears_throughout_hears_that_too_and_captions_follow_the_films_clock() {
    let desk = Desk::new();
    early(&desk, 0.4, "pcm_s16le", "film.mkv");
    desk.auricle(&["render", "film.mkv", "-l", "preset:N3", "--codec", "pcm", "-o", "heard.mkv"]).well();
    let (pov, original) = (track(&desk, "heard.mkv", 0), track(&desk, "heard.mkv", 1));
    assert!(differ_at(&pov, &original).unwrap() < 480);
    desk.text("gig.cues.toml", LATE);
    desk.auricle(&["render", "film.mkv", "--cues", "gig.cues.toml", "-o", "cued.mkv"]).well();
    let captions = std::fs::read_to_string(desk.path("cued.pov.vtt")).unwrap();
    assert!(captions.contains("00:00:02.400 -->"), "{captions}");
}

#[test]
fn a_sound_file_begins_with_the_picture_and_says_what_it_leaves_out() {
    let desk = Desk::new();
    early(&desk, 0.4, "pcm_s16le", "film.mkv");
    desk.text("gig.cues.toml", LATE);
    let ended = desk.auricle(&["render", "film.mkv", "--cues", "gig.cues.toml", "-o", "heard.wav"]).well();
    assert!(ended.err.contains("0.40 s of sound lie before the first picture"), "{}", ended.err);
    let heard = read_wav(&desk.path("heard.wav")).2;
    assert_eq!(heard.len(), 4 * 48_000);
    let original = track(&desk, "film.mkv", 0);
    let begins = differ_at(&heard, &original[EARLY_SAMPLES..]).unwrap();
    assert!((2 * 48_000..2 * 48_000 + 480).contains(&begins), "{begins}");
}
