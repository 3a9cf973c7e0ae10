//! Sounds and pictures that containers name otherwise, cannot place, or cannot hold.

use crate::film::{PICTURE, SOUND, picture_md5};
use crate::support::{Desk, Ended};

/// Renders `input` to `output` without captions and report.
fn render(desk: &Desk, input: &str, output: &str, more: &[&str]) -> Ended {
    let args = ["render", input, "-l", "preset:N3", "-o", output, "--no-report", "--no-captions"];
    desk.auricle(&[&args[..], more].concat())
}

#[test]
fn mpeg_sound_of_layer_2_goes_into_mp4() {
    let desk = Desk::new();
    // Packets of H.264 are wrapped anew on the way from a transport stream to MP4; those of the sound are not.
    for (film, picture) in [("film.ts", "mpeg2video -bf 0"), ("broadcast.ts", "libx264")] {
        desk.film(&[PICTURE, SOUND], &format!("-c:v {picture} -c:a mp2 -b:a 384k"), film);
        for output in ["heard.mp4", "heard.mov"] {
            let ended = render(&desk, film, output, &["--force"]).well();
            assert!(ended.out.contains("2 streams of the source unchanged"), "{film} {output}: {}", ended.out);
        }
    }
}

#[test]
fn a_sound_that_nobody_could_read_back_is_refused_before_any_work() {
    let desk = Desk::new();
    desk.film(&[PICTURE, SOUND], "-c:v mpeg4 -c:a wmav2 -ac 2", "film.asf");
    let words = ["heard.mov", "cannot hold the film's sound (stream 1, wmav2)", ".mkv", "--tracks pov"];
    render(&desk, "film.asf", "heard.mov", &[]).fails(2, &words);
    assert_eq!(desk.names(), ["film.asf"]);
    render(&desk, "film.asf", "heard.mov", &["--tracks", "pov"]).well();
}

#[test]
fn program_streams_go_into_matroska() {
    let desk = Desk::new();
    for (name, words) in [("film.vob", "-c:a mp2"), ("film.mpg", "-c:a ac3")] {
        desk.film(&[PICTURE, SOUND], &format!("-c:v mpeg2video -bf 2 {words} -f vob"), name);
        let ended = render(&desk, name, "heard.mkv", &["--force"]).well();
        assert!(ended.out.contains(" 0 samples off"), "{name}: {}", ended.out);
        assert_eq!(picture_md5(&desk, name), picture_md5(&desk, "heard.mkv"), "{name}");
    }
}

#[test]
fn tracks_of_mp4_are_placed_to_the_sample() {
    let desk = Desk::new();
    for (name, words) in
        [("film.ts", "-c:v mpeg2video -bf 0 -c:a aac"), ("film.vob", "-c:v mpeg2video -bf 2 -c:a mp2 -f vob")]
    {
        desk.film(&[PICTURE, SOUND], words, name);
        for output in ["heard.mp4", "heard.mov"] {
            let ended = render(&desk, name, output, &["--force"]).well();
            assert!(ended.out.contains(" 0 samples off"), "{name} to {output}: {}", ended.out);
            assert!(!ended.err.contains("off the source"), "{name} to {output}: {}", ended.err);
        }
    }
}

#[test]
fn a_file_for_sound_alone_has_no_picture() {
    let desk = Desk::new();
    desk.film(&[PICTURE, SOUND], "-c:v mpeg4 -c:a pcm_s16le", "film.mov");
    for output in ["heard.m4a", "heard.mka"] {
        let more: &[&str] = if output == "heard.m4a" { &["--tracks", "pov"] } else { &[] };
        let ended = render(&desk, "film.mov", output, more).well();
        let streams = desk.ffprobe(output, &["-show_entries", "stream=codec_type"]);
        assert!(streams.contains("audio") && !streams.contains("video"), "{output}: {streams}");
        assert!(ended.err.contains("picture (stream 0, mpeg4)"), "{output}: {}", ended.err);
    }
    // Sound that begins before or after the picture is where it was.
    desk.film(&[&format!("-itsoffset 0.4 {PICTURE}"), SOUND], "-c:v mpeg4 -c:a pcm_s16le", "late.mkv");
    desk.film(&[PICTURE, &format!("-itsoffset 0.4 {SOUND}")], "-c:v mpeg4 -c:a pcm_s16le", "early.mkv");
    for input in ["late.mkv", "early.mkv"] {
        for tracks in ["pov", "both"] {
            let ended = render(&desk, input, "heard.mka", &["--tracks", tracks, "--force"]).well();
            assert!(ended.out.contains(" 0 samples off"), "{input}, {tracks}: {}", ended.out);
        }
    }
}

#[test]
fn a_rate_that_aac_does_not_hold_becomes_the_next_higher_and_is_told_of() {
    let desk = Desk::new();
    for (rate_hz, stored_hz) in [("37800", "44100"), ("44056", "44100"), ("48000", "48000")] {
        let name = format!("{rate_hz}.wav");
        desk.film(&[&format!("anoisesrc=r={rate_hz}:d=1:a=0.1:seed=3")], "-c:a pcm_s16le", &name);
        let ended = render(&desk, &name, "heard.m4a", &["--force"]).well();
        let rate = desk.ffprobe("heard.m4a", &["-show_entries", "stream=sample_rate"]);
        assert!(rate.contains(&format!("sample_rate={stored_hz}")), "{rate_hz}: {rate}");
        let told = ended.err.contains(&format!("{rate_hz} samples per second, which aac does not hold"));
        assert_eq!(told, rate_hz != stored_hz, "{rate_hz}: {}", ended.err);
    }
}
