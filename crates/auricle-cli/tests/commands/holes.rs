//! Films with a hole in their sound: what follows it stays in sync, and the hole is told of.

use crate::film::{LATE, track};
use crate::support::{Desk, read_wav};

/// A film of two pieces put together, the first with half a second less of sound than of picture.
fn with_hole(desk: &Desk, container: &str, codec: &str) -> String {
    let noise = |secs: &str, seed: u32| format!("anoisesrc=r=48000:d={secs}:a=0.1:seed={seed}");
    let words = format!("-c:v mpeg2video -bf 0 -c:a {codec}");
    let piece = |number: usize| format!("{number}.{container}");
    desk.film(&["testsrc2=s=160x90:r=25:d=1.6", &noise("1.1", 3)], &words, &piece(1));
    desk.film(&["testsrc2=s=160x90:r=25:d=2.4", &noise("2.4", 4)], &words, &piece(2));
    desk.text("pieces.txt", &format!("file {}\nduration 1.6\nfile {}\n", piece(1), piece(2)));
    let film = format!("film.{container}");
    desk.ffmpeg(&["-f", "concat", "-i", "pieces.txt", "-c", "copy", &film]);
    film
}

#[test]
fn what_follows_a_hole_stays_in_sync() {
    for (container, codec) in [("mkv", "pcm_s16le"), ("mp4", "aac"), ("ts", "mp2")] {
        let desk = Desk::new();
        let film = with_hole(&desk, container, codec);
        // The cue begins after the hole, at 2 s.
        desk.text("gig.cues.toml", LATE);
        let ended =
            desk.auricle(&["render", &film, "--cues", "gig.cues.toml", "--codec", "flac", "-o", "heard.mkv"]).well();
        assert!(ended.err.contains("the source's sound has 1 hole, 0."), "{film}: {}", ended.err);
        assert!(
            ended.err.contains("the first at 1.1") || ended.err.contains("the first at 1.0"),
            "{film}: {}",
            ended.err
        );
        assert!(ended.out.contains("0 samples off"), "{film}: {}", ended.out);
        let page = std::fs::read_to_string(desk.path("heard.report.html")).unwrap();
        assert!(page.contains("sound has 1 hole"), "{film}");

        let (pov, original) = (track(&desk, "heard.mkv", 0), track(&desk, "heard.mkv", 1));
        let loud = |samples: &[f32]| samples.iter().any(|sample| sample.abs() > 0.01);
        let at = |secs: f64| (secs * 48_000.0) as usize;
        assert!(loud(&pov[..at(1.0)]) && loud(&pov[at(1.7)..at(1.9)]), "{film}");
        assert!(!loud(&pov[at(1.25)..at(1.5)]), "{film}: the hole is not silent");
        // The two agree on both sides of the hole, to the millisecond of Matroska's clock.
        for (from, to) in [(0.3, 1.0), (1.7, 1.99), (3.1, 3.9)] {
            let reference = &original[at(from)..at(to)];
            let off = |lag: usize| {
                let there = &pov[at(from) - 48 + lag..][..reference.len()];
                reference.iter().zip(there).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
            };
            let best = (0..=96).map(off).fold(f32::INFINITY, f32::min);
            assert!(best < 1e-6, "{film}, {from} s: off by {best}");
        }
    }
}

#[test]
fn a_sound_file_made_from_it_is_as_long_as_the_picture() {
    let desk = Desk::new();
    let film = with_hole(&desk, "mkv", "pcm_s16le");
    let ended = desk.auricle(&["render", &film, "-l", "preset:N3", "-o", "heard.wav", "--no-report"]).well();
    assert!(ended.err.contains("hole"), "{}", ended.err);
    assert_eq!(read_wav(&desk.path("heard.wav")).2.len(), 4 * 48_000);
}

#[test]
fn a_film_without_holes_has_none() {
    let desk = Desk::new();
    for (container, codec) in [("mkv", "aac"), ("mp4", "aac"), ("mov", "pcm_s16le"), ("mkv", "libopus"), ("ts", "mp2")]
    {
        let film = format!("whole.{container}");
        let words = format!("-c:v mpeg4 -c:a {codec}");
        desk.film(&[crate::film::PICTURE, crate::film::SOUND], &words, &film);
        let args = ["render", &film, "-l", "preset:N1", "--codec", "flac", "-o", "heard.mkv", "--no-report", "--force"];
        let ended = desk.auricle(&args).well();
        assert!(!ended.err.contains("warning"), "{film}: {}", ended.err);
    }
}
