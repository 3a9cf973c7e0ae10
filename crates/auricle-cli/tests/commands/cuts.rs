//! Films that were cut with `-c copy`: they begin with the keyframe before the cut, and hide what lies between.

use crate::film::{picture_md5, track};
use crate::support::Desk;

/// A film of 6 s with a keyframe every 2 s, and what is left of it from `from_secs` on for 3 s.
fn cut(desk: &Desk, from_secs: &str) {
    let streams = ["testsrc2=s=160x90:r=24:d=6", "anoisesrc=r=44100:d=6:a=0.1:seed=3"];
    desk.film(&streams, "-c:v mpeg4 -g 48 -c:a aac", "whole.mp4");
    desk.ffmpeg(&["-ss", from_secs, "-i", "whole.mp4", "-t", "3", "-c", "copy", "cut.mp4"]);
}

/// Asserts that two tracks of `name` are the same sound from `from` to `to` seconds, to the millisecond of Matroska's
/// clock.
#[track_caller]
fn same(desk: &Desk, name: &str, from: f64, to: f64) {
    let (pov, original) = (track(desk, name, 0), track(desk, name, 1));
    let at = |secs: f64| (secs * 44_100.0) as usize;
    let reference = &original[at(from)..at(to)];
    assert!(reference.iter().any(|sample| sample.abs() > 0.01), "{name}");
    let off = |lag: usize| {
        let there = &pov[at(from) - 45 + lag..][..reference.len()];
        reference.iter().zip(there).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    let best = (0..=90).map(off).fold(f32::INFINITY, f32::min);
    assert!(best < 1e-6, "{name}: off by {best}");
}

#[test]
fn a_film_that_was_cut_without_encoding_it_anew_is_heard_in_sync() {
    // 0.12 s after a keyframe, and 1.8 s: more than a few packets.
    for (from_secs, hidden) in [("2.12", "0.1"), ("3.8", "1.")] {
        let desk = Desk::new();
        cut(&desk, from_secs);
        desk.text(
            "gig.cues.toml",
            "listener = \"preset:N3\"\n[[cue]]\nin = \"1.5 s\"\nout = \"2 s\"\nstate = \"N3\"\n",
        );
        for (output, codec) in [("heard.mp4", "alac"), ("heard.mov", "pcm"), ("heard.mkv", "flac")] {
            let args = ["render", "cut.mp4", "--cues", "gig.cues.toml", "--codec", codec, "-o", output, "--no-report"];
            let ended = desk.auricle(&[&args[..], &["--force"]].concat()).well();
            assert!(ended.out.contains("0 samples off"), "{from_secs} {output}: {}", ended.out);
            assert_eq!(picture_md5(&desk, "cut.mp4"), picture_md5(&desk, output), "{from_secs} {output}");
            // Matroska cannot hide anything: the film begins earlier there, and that is said.
            let told = ended.err.contains(&format!("hides {hidden}"));
            assert_eq!(told, output == "heard.mkv", "{from_secs} {output}: {}", ended.err);
            let zero_secs: f64 = if told { from_secs.parse::<f64>().unwrap() % 2.0 } else { 0.0 };
            same(&desk, output, zero_secs + 0.2, zero_secs + 1.4);
        }
        // Where nothing was hidden, nothing is said.
        let args = ["render", "whole.mp4", "-l", "preset:N3", "-o", "whole.mkv", "--no-report", "--no-captions"];
        let told = desk.auricle(&args).well().err;
        assert!(!told.contains("hides"), "{told}");
    }
}
