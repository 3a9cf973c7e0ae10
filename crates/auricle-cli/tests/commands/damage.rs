//! Sounds with damage in their middle: nothing of it passes without a word, and nothing goes out of sync without one.

use crate::support::{Desk, Dice, read_wav};

/// Fills `count` bytes of `name` from its middle on.
fn damage(desk: &Desk, name: &str, count: usize, with: u8) {
    let mut bytes = std::fs::read(desk.path(name)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + count].fill(with);
    desk.bytes(name, &bytes);
}

/// What is said of `input`, which is heard all the same.
fn told(desk: &Desk, input: &str, output: &str) -> String {
    desk.auricle(&["render", input, "-l", "preset:N1", "-o", output, "--no-report", "--force"]).well().err
}

#[test]
fn an_ogg_file_with_damaged_pages_is_refused_with_the_time() {
    let desk = Desk::new();
    desk.noise("talk.wav", 4.0);
    desk.ffmpeg(&["-i", "talk.wav", "-c:a", "libvorbis", "talk.ogg"]);
    assert!(!told(&desk, "talk.ogg", "whole.wav").contains("damaged"));
    damage(&desk, "talk.ogg", 60, 0x5A);
    let words = ["talk.ogg", "is damaged in a place, the first after ", "checksums", "ffmpeg -i IN"];
    desk.auricle(&["render", "talk.ogg", "-l", "preset:N1", "-o", "heard.wav"]).fails(1, &words);
    assert!(!desk.path("heard.wav").exists());
}

#[test]
fn packets_that_a_film_or_sound_has_lost_are_told_of_and_what_follows_stays_in_sync() {
    let desk = Desk::new();
    desk.film(&["anoisesrc=r=48000:d=6:a=0.1:seed=3"], "-c:a aac -b:a 128k", "talk.m4a");
    assert!(!told(&desk, "talk.m4a", "whole.wav").contains("warning"));
    damage(&desk, "talk.m4a", 4000, 0xFF);
    let said = told(&desk, "talk.m4a", "heard.wav");
    assert!(said.contains("the source's sound is damaged: ") && said.contains("could not be decoded"), "{said}");
    let first: f64 = said.split("the first at about ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((first - 3.0).abs() < 1.0, "{said}");
    // A healthy listener in the damaged film and in the whole one: after the damage they are the same.
    let (whole, heard) = (read_wav(&desk.path("whole.wav")).2, read_wav(&desk.path("heard.wav")).2);
    assert_eq!(whole.len(), heard.len());
    let late = 4 * 48_000..5 * 48_000;
    let off = whole[late.clone()].iter().zip(&heard[late]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(off < 1e-3, "off by {off}");
}

#[test]
fn an_mp3_file_with_bytes_that_are_no_sound_is_told_of() {
    let desk = Desk::new();
    desk.noise("talk.wav", 4.0);
    let plain = ["-i", "talk.wav", "-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0", "talk.mp3"];
    desk.ffmpeg(&plain);
    let whole = std::fs::read(desk.path("talk.mp3")).unwrap();
    assert!(!told(&desk, "talk.mp3", "whole.wav").contains("talk.mp3"));
    damage(&desk, "talk.mp3", 3000, 0xAA);
    let said = told(&desk, "talk.mp3", "heard.wav");
    assert!(
        said.contains("talk.mp3: is damaged in a place, the first at 2.") || said.contains("first at 1.9"),
        "{said}"
    );
    assert!(said.contains("bytes there are no sound, and what follows comes about 0.19 s early"), "{said}");
    // Cut in the middle of a frame.
    desk.bytes("cut.mp3", &whole[..whole.len() / 2 + 100]);
    let said = told(&desk, "cut.mp3", "cut.wav");
    assert!(said.contains("cut.mp3: the file ends before its sound does"), "{said}");
    // With LAME's count of samples the file itself says that some are missing.
    desk.ffmpeg(&["-i", "talk.wav", "-c:a", "libmp3lame", "-b:a", "128k", "counted.mp3"]);
    damage(&desk, "counted.mp3", 3000, 0xAA);
    desk.auricle(&["render", "counted.mp3", "-l", "preset:N1", "-o", "counted.wav"])
        .fails(1, &["broke off or is damaged", "samples per channel"]);
}

#[test]
fn bytes_that_only_begin_like_a_sound_are_none() {
    let desk = Desk::new();
    let mut dice = Dice(5);
    let mut bytes = vec![0xFF, 0xFB, 0x90, 0x00];
    bytes.extend((0..20_000).map(|_| (dice.roll() >> 56) as u8 & 0x7F));
    desk.bytes("random.mp3", &bytes);
    // By its name alone ffmpeg takes this for MP3.
    desk.bytes("noise.mp3", &bytes[4..]);
    for name in ["random.mp3", "noise.mp3"] {
        let ended = desk.auricle(&["render", name, "-l", "preset:N3", "-o", "heard.wav"]);
        assert!(!ended.fails(1, &[name, "is no"]).err.contains("convert it first"));
    }
    assert_eq!(desk.names(), ["noise.mp3", "random.mp3"]);
}
