//! The demo's parts: quick checks that need neither the whole film nor a listener.

use std::process::Command;

use auricle::cue::{CueSheet, Moment};

use super::picture::{Painter, canvas, cards, font, overlay};
use super::plan::{self, FPS, FRAMES, HEIGHT, INSIDE, WIDTH};
use super::score::Score;
use super::sound::{self, dsp};
use super::{SEED, film, sheet};

const END_SECS: f64 = FRAMES as f64 / FPS as f64;

/// Integrated loudness in LUFS and true peak in dBTP of part of a mix.
fn loudness(mix: &dsp::Stereo, from_secs: f64, to_secs: f64) -> (f64, f64) {
    let (from, to) = (dsp::samples(from_secs), dsp::samples(to_secs));
    let mode = ebur128::Mode::I | ebur128::Mode::TRUE_PEAK;
    let mut meter = ebur128::EbuR128::new(2, 48_000, mode).unwrap();
    meter.add_frames_planar_f32(&[&mix.left[from..to], &mix.right[from..to]]).unwrap();
    let peak = meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap());
    (meter.loudness_global().unwrap(), 20.0 * peak.log10())
}

#[test]
fn the_same_seed_plays_the_same_samples_and_another_does_not() {
    let play = |seed| sound::until(&Score::new(seed), seed, 5.6);
    let first = play(SEED);
    assert!(first == play(SEED));
    assert!(first != play(SEED + 1));
}

#[test]
fn the_gig_is_loud_clean_and_begins_softly() {
    let mix = sound::until(&Score::new(SEED), SEED, 9.0);
    assert!(mix.left.iter().chain(&mix.right).all(|x| x.is_finite()));
    let (gig, peak) = loudness(&mix, 5.0, 9.0);
    assert!((-16.0..-12.5).contains(&gig), "{gig} LUFS");
    assert!(peak < -1.0, "{peak} dBTP");
    let (before, _) = loudness(&mix, 0.0, 3.0);
    assert!(before < gig - 6.0, "{before} LUFS before the song");
    assert_eq!((mix.left[0], mix.right[0]), (0.0, 0.0));
}

#[test]
fn the_room_lies_some_25_db_below_the_gig() {
    let room = sound::quiet(dsp::samples(END_SECS), SEED);
    assert!(room.left.iter().chain(&room.right).all(|x| x.is_finite()));
    let (line_secs, _) = plan::LINES[3];
    let (voice, _) = loudness(&room, line_secs, line_secs + 1.5);
    assert!((-44.0..-36.0).contains(&voice), "{voice} LUFS");
    let (idle, _) = loudness(&room, 33.0, 34.5);
    assert!(idle < voice - 8.0, "{idle} LUFS between the lines");
}

#[test]
fn no_two_strokes_sound_alike() {
    let mut score = Score::new(SEED);
    score.drums.retain(|s| s.drum == super::score::Drum::Snare && s.velocity > 0.85);
    let length = dsp::samples(13.0);
    let (kit, _) = sound::kit::kit(&score.drums, length, SEED);
    let stroke = |i: usize| {
        let at = dsp::samples(score.drums[i].at_secs);
        kit.left[at..at + 2400].to_vec()
    };
    assert!(stroke(0) != stroke(1) && stroke(1) != stroke(2));
}

#[test]
fn cues_shots_and_lines_lie_on_frames_within_the_film_and_in_order() {
    let mut last = 0.0;
    for cue in &INSIDE {
        let (from, to) = cue.span_secs;
        assert!(last <= from && from < to && to <= plan::END_CARD_SECS, "{}", cue.state);
        for secs in [from, to] {
            assert!((secs * f64::from(FPS)).fract() == 0.0, "{secs} is between frames");
        }
        assert_eq!(plan::inside(from).map(|c| c.state), Some(cue.state));
        last = to;
    }
    for (at, line) in plan::LINES {
        assert!(at + line.secs() < plan::END_CARD_SECS);
    }
}

#[test]
fn the_cue_sheet_is_without_fault_for_the_drummer() {
    let text = sheet::cue_sheet(SEED);
    let (cues, warnings) = CueSheet::parse(&text, "demo.cues.toml").unwrap();
    assert!(warnings.0.is_empty(), "{warnings}");
    assert_eq!(cues.cues.len(), INSIDE.len());
    let listener = auricle::presets::get("drummer").unwrap();
    let listeners = [(plan::LISTENER.to_owned(), listener)];
    let faults = cues.check_against(&listeners, "demo.cues.toml");
    assert!(faults.0.is_empty(), "{faults}");
    let end = Moment { numerator: i64::from(FRAMES), denominator: i64::from(FPS) };
    assert!(cues.check_length(end, "demo.cues.toml").0.is_empty());
}

#[test]
fn outside_the_drummer_hears_the_film_and_deaf_he_hears_nothing() {
    let mut mix = dsp::Stereo::new(dsp::samples(END_SECS));
    let mut rng = super::rng::Rng::new(SEED, 0);
    for x in mix.left.iter_mut().chain(&mut mix.right) {
        *x = (0.2 * rng.signed()) as f32;
    }
    let heard = super::hear::hear(&mix, &sheet::cue_sheet(SEED)).unwrap();
    let part = |sound: &dsp::Stereo, from, to| sound.left[dsp::samples(from)..dsp::samples(to)].to_vec();
    assert!(part(&heard, 2.0, 12.9) == part(&mix, 2.0, 12.9));
    let peak = |sound: &[f32]| sound.iter().fold(0f32, |m, x| m.max(x.abs()));
    assert!(peak(&part(&heard, 22.0, 26.5)) < 0.1 * peak(&part(&mix, 22.0, 26.5)));
    assert!(peak(&part(&heard, 38.5, 41.0)) < 1e-6);
}

#[test]
fn the_alphabet_has_every_character_that_is_written() {
    let mut said: Vec<String> = cards::WORDS.iter().map(|&w| w.to_owned()).collect();
    said.extend(INSIDE.iter().map(|c| format!("{} {}", c.banner, c.caption)));
    said.push("INSIDE: THE DRUMMER OUTSIDE what everyone hears THE FILM WHAT HE HEARS 00:00:01:23 456789".to_owned());
    for frame in 0..FRAMES {
        let at_secs = f64::from(frame) / f64::from(FPS);
        said.push(plan::shot(at_secs).0.name().to_owned());
        said.extend(overlay::words(at_secs).map(|w| w.0));
    }
    for text in said {
        for c in text.chars() {
            let glyph = font::glyph(c);
            assert!(glyph.is_some(), "no {c:?} for {text:?}");
            assert!(c == ' ' || glyph.and_then(|g| canvas::shape(g.1)).is_some(), "{c:?} does not draw");
        }
    }
}

#[test]
fn a_frame_is_a_function_of_its_number_and_shows_whose_ears_these_are() {
    let score = Score::new(SEED);
    let painter = Painter::new(&score, &dsp::Stereo::new(48_000), &dsp::Stereo::new(48_000), SEED).unwrap();
    let draw = |number: u32| {
        let mut canvas = canvas::Canvas::new(WIDTH, HEIGHT).unwrap();
        // What was there before must not show through.
        canvas.pixmap.fill(tiny_skia::Color::WHITE);
        painter.frame(number, &mut canvas);
        canvas.pixmap
    };
    let outside = draw(10 * FPS);
    let inside = draw(22 * FPS);
    assert!(outside.data() == draw(10 * FPS).data());
    assert!(outside.data() != draw(10 * FPS + 2).data());
    let corner = |pixmap: &tiny_skia::Pixmap| {
        let p = pixmap.pixel(8, 8).unwrap();
        u32::from_be_bytes([0, p.red(), p.green(), p.blue()])
    };
    assert_eq!((corner(&outside), corner(&inside)), (canvas::INK, canvas::TEAL));
    assert!(inside.pixels().iter().all(|p| p.alpha() == 255));
}

#[test]
fn a_second_of_film_has_picture_sound_subtitles_and_chapters() {
    let folder = tempfile::tempdir().unwrap();
    let score = Score::new(SEED);
    let mix = dsp::Stereo::new(48_000);
    let painter = Painter::new(&score, &mix, &mix, SEED).unwrap();
    let mut told = 0;
    let mut tell = |done| {
        told = done;
        true
    };
    film::write(folder.path(), &painter, &mix, FPS, &mut tell).unwrap();
    assert_eq!(told, FPS);
    let probe = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-show_chapters", "-show_entries"])
        .args(["stream=codec_name,width,nb_read_frames:stream_tags=language", "-of", "json"])
        .arg(folder.path().join("film.mp4"))
        .output()
        .unwrap();
    let seen: serde_json::Value = serde_json::from_slice(&probe.stdout).unwrap();
    let streams = seen["streams"].as_array().unwrap();
    let named = |name: &str| streams.iter().find(|s| s["codec_name"] == name).unwrap();
    assert_eq!(named("h264")["nb_read_frames"], "24");
    assert_eq!(named("h264")["width"], 1280);
    assert_eq!(named("aac")["tags"]["language"], "eng");
    assert_eq!(named("mov_text")["tags"]["language"], "eng");
    assert_eq!(seen["chapters"].as_array().unwrap().len(), 4);
}

#[test]
fn calling_off_leaves_no_film() {
    let folder = tempfile::tempdir().unwrap();
    let score = Score::new(SEED);
    let mix = dsp::Stereo::new(48_000);
    let painter = Painter::new(&score, &mix, &mix, SEED).unwrap();
    let outcome = film::write(folder.path(), &painter, &mix, FPS, &mut |done| done < 3);
    assert!(matches!(outcome, Err(crate::failure::Failure::Cancelled)));
}
