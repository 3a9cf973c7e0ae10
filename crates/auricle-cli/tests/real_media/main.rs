//! The program on films and sounds: real recordings where `../shared/media` has them, generated ones
//! everywhere. `cargo xtask test real-media` runs it and counts what was real.
//!
//! Each film is rendered with two cues, cut in and out: first through a wall (a sloping conductive loss,
//! which a reader of levels can predict exactly), then by a preset's ears. What is checked needs no
//! listening: nothing but the sound has changed, outside is the source, inside has the levels that the
//! audiogram says, and report and captions are well formed.
#![expect(clippy::print_stdout, reason = "which recordings were there is told, not assumed")]

mod captions;
mod film;
mod generated;
mod levels;
mod report;
mod run;
mod sound;
mod webvtt;

use film::{Exactness, Film};
use run::recording;
use sound::Sound;

/// Checks a film of the collection, or says that it is not there; the generated ones are checked anyway.
fn real_film(path: &str, film: impl FnOnce(std::path::PathBuf) -> Film) {
    match recording(path) {
        Some(input) => {
            film(input).check();
            println!("real recording checked: {path}");
        }
        None => println!("real recording not present, generated ones are checked instead: {path}"),
    }
}

fn real_sound(path: &str, output: &'static str) {
    match recording(path) {
        Some(input) => {
            Sound { input, output }.check();
            println!("real recording checked: {path}");
        }
        None => println!("real recording not present, generated ones are checked instead: {path}"),
    }
}

#[test]
fn trailer_into_lossless_float() {
    real_film("video/sintel_trailer_52s.mp4", |input| Film {
        args: &["--codec", "pcm", "--bits", "float"],
        ..Film::new(input, "heard.mkv", Exactness::Exact)
    });
}

#[test]
fn excerpt_into_mp4() {
    real_film("video/sintel_film_rooftops_26s.mp4", |input| Film::new(input, "heard.mp4", Exactness::Lossy));
}

#[test]
fn surround_into_flac() {
    real_film("video/bigbuckbunny_5s_surround51.mp4", |input| Film {
        args: &["--codec", "flac"],
        ..Film::new(input, "heard.mkv", Exactness::Bits24)
    });
}

#[test]
fn surround_for_headphones() {
    real_film("video/bigbuckbunny_5s_surround51.mp4", |input| Film {
        args: &["--layout", "stereo"],
        ..Film::new(input, "heard.mp4", Exactness::OtherLayout)
    });
}

#[test]
fn dialogue_into_mp4() {
    real_film("video/his_girl_friday_6s.mp4", |input| Film::new(input, "heard.mp4", Exactness::Lossy));
}

#[test]
fn dialogue_with_its_subtitles() {
    real_film("video/his_girl_friday_6s.mkv", |input| Film {
        args: &["--codec", "flac"],
        subtitles: true,
        ..Film::new(input, "heard.mkv", Exactness::Bits24)
    });
}

#[test]
fn dialogue_into_mov() {
    real_film("video/his_girl_friday_6s.mp4", |input| Film::new(input, "heard.mov", Exactness::Bits24));
}

#[test]
fn web_film_into_matroska() {
    real_film("video/bigbuckbunny_0-30s.webm", |input| Film {
        args: &["--codec", "flac"],
        ..Film::new(input, "heard.mkv", Exactness::Bits24)
    });
}

#[test]
fn metal_band() {
    real_sound("music/sectoid_metal_madness_song.ogg", "heard.wav");
}

#[test]
fn metal_band_guitar_alone() {
    real_sound("music/sectoid_metal_madness_guitar.ogg", "heard.flac");
}

#[test]
fn stem_of_drums() {
    real_sound("music/mdn_band_drums.mp3", "heard.wav");
}

#[test]
fn stem_of_bass() {
    real_sound("music/mdn_band_bassguitar.mp3", "heard.wav");
}

#[test]
fn cello() {
    real_sound("music/sms_cello-phrase.wav", "heard.wav");
}

#[test]
fn slide_guitar() {
    real_sound("music/sp_guit_e_slide.flac", "heard.flac");
}

#[test]
fn generated_film_in_stereo() {
    Film::new(generated::stereo_mp4(), "heard.mp4", Exactness::Lossy).check();
}

#[test]
fn generated_film_with_every_kind_of_stream() {
    Film {
        args: &["--codec", "flac"],
        subtitles: true,
        ..Film::new(generated::crowded_mkv(), "heard.mkv", Exactness::Exact)
    }
    .check();
}

#[test]
fn generated_sound_at_96_khz() {
    Sound { input: generated::wav_96_khz(), output: "heard.wav" }.check();
}

#[test]
fn a_render_repeats_bit_for_bit() {
    let input = generated::wav_96_khz();
    let render = |name: &str| {
        let folder = run::folder(name);
        let output = folder.join("heard.wav");
        let cues = run::write_cues(&folder, 8.0);
        run::auricle(&["render"], &input, &["--cues"], &cues, &output);
        std::fs::read(output).expect("what was rendered")
    };
    assert!(render("repeat-1") == render("repeat-2"), "two renders of one film differ");
}
