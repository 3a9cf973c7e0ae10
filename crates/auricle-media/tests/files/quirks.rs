//! Films as they come: cover art, chapters, timecode, attached files, other clocks, other containers.

use std::path::Path;

use auricle_media::film::Tracks;
use auricle_media::probe::StreamKind;
use auricle_media::{open_audio, probe};

use crate::films::{Passed, pass_through};
use crate::support::{ffmpeg, packets, read_all};

const PICTURE: &str = "-f lavfi -i testsrc2=s=96x64:r=25:d=2";
const NOISE: &str = "-f lavfi -i anoisesrc=d=2:r=48000:c=pink:seed=5,aformat=channel_layouts=stereo";

/// Two pictures, a subtitle and chapters to put into films.
fn ingredients(folder: &Path) {
    ffmpeg(folder, "-f lavfi -i color=red:s=32x32 -frames:v 1 -update 1 cover.jpg");
    std::fs::write(folder.join("sub.srt"), "1\n00:00:00,500 --> 00:00:01,500\nHello\n").unwrap();
    std::fs::write(folder.join("font.ttf"), b"not really a font").unwrap();
    let chapter = |start: u32, end: u32, title: &str| {
        format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n")
    };
    let text = format!(";FFMETADATA1\ntitle=The gig\n{}{}", chapter(0, 1000, "One"), chapter(1000, 2000, "Two"));
    std::fs::write(folder.join("chapters.txt"), text).unwrap();
}

#[test]
fn mp4_keeps_cover_chapters_timecode_and_every_track() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    ingredients(at);
    ffmpeg(at, &format!("{PICTURE} {NOISE} -c:v libx264 -timecode 01:00:00:00 -c:a aac plain.mov"));
    ffmpeg(
        at,
        "-i plain.mov -i chapters.txt -i cover.jpg -i sub.srt -map 0:v -map 0:a -map 0:a -map 3 -map 2:v \
         -map_metadata 1 -map_chapters 1 -c copy -c:s mov_text -disposition:v:1 attached_pic \
         -disposition:a:0 0 -disposition:a:1 default -metadata:s:a:0 language=eng -metadata:s:a:1 language=fre \
         -metadata:s:s:0 language=ger film.mp4",
    );
    let before = probe(&at.join("film.mp4")).unwrap();
    assert_eq!(before.timecode(), Some("01:00:00:00"));
    assert_eq!(before.track(None).unwrap().tag("language"), Some("fre"));
    for (output, tracks, languages) in
        [("both.mp4", Tracks::Both, vec!["fre", "fre", "eng"]), ("pov.mp4", Tracks::Pov, vec!["fre", "eng"])]
    {
        let Passed { info, left_out, .. } = pass_through(&at.join("film.mp4"), &at.join(output), None, tracks);
        assert!(left_out.is_empty(), "{left_out:?}");
        let found: Vec<_> = info.audio_tracks().filter_map(|t| t.tag("language")).collect();
        assert_eq!(found, languages);
        assert_eq!(info.timecode(), Some("01:00:00:00"));
        assert_eq!(info.tags.get("title").map(String::as_str), Some("The gig"));
        let titles: Vec<_> = info.chapters.iter().filter_map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, ["One", "Two"]);
        let cover = info.streams.iter().find(|s| s.is("attached_pic")).unwrap();
        assert!(!cover.is_film_picture() && info.picture().is_some());
        assert_eq!(packets(&at.join("film.mp4"), "-map 0:v"), packets(&at.join(output), "-map 0:v"));
    }
}

#[test]
fn mov_keeps_its_timecode_track() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    ffmpeg(at, &format!("{PICTURE} {NOISE} -c:v mpeg4 -timecode 10:20:30:05 -c:a pcm_s24le film.mov"));
    let Passed { info, .. } = pass_through(&at.join("film.mov"), &at.join("out.mov"), None, Tracks::Both);
    assert_eq!(info.timecode(), Some("10:20:30:05"));
    assert!(info.streams.iter().any(|s| s.codec_tag == "tmcd"));
}

#[test]
fn matroska_keeps_cover_attached_files_chapters_and_subtitles() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    ingredients(at);
    ffmpeg(
        at,
        &format!(
            "{PICTURE} {NOISE} -i chapters.txt -i sub.srt -map 0 -map 1 -map 3 -map_metadata 2 -map_chapters 2 \
             -c:v libx264 -c:a flac -c:s srt -attach font.ttf -metadata:s:t:0 mimetype=font/ttf \
             -attach cover.jpg -metadata:s:t:1 mimetype=image/jpeg -metadata:s:t:1 filename=poster.jpg film.mkv"
        ),
    );
    let Passed { info, left_out, .. } = pass_through(&at.join("film.mkv"), &at.join("out.mkv"), None, Tracks::Both);
    assert!(left_out.is_empty(), "{left_out:?}");
    let font = info.streams.iter().find(|s| s.kind == StreamKind::Attachment).unwrap();
    assert_eq!((font.tag("filename"), font.tag("mimetype")), (Some("font.ttf"), Some("font/ttf")));
    let cover = info.streams.iter().find(|s| s.is("attached_pic")).unwrap();
    assert_eq!(cover.tag("filename"), Some("poster.jpg"));
    assert_eq!(info.chapters.len(), 2);
    assert!(info.streams.iter().any(|s| s.codec == "subrip"));
    assert_eq!(packets(&at.join("film.mkv"), "-map 0:v"), packets(&at.join("out.mkv"), "-map 0:v"));

    // What MP4 cannot hold is said; text subtitles change their form.
    let Passed { info, left_out, .. } = pass_through(&at.join("film.mkv"), &at.join("out.mp4"), None, Tracks::Pov);
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    assert!(left_out[0].why.contains("attached file"), "{left_out:?}");
    assert!(info.streams.iter().any(|s| s.codec == "mov_text"));
    let Passed { info, .. } = pass_through(&at.join("out.mp4"), &at.join("again.mkv"), None, Tracks::Pov);
    assert!(info.streams.iter().any(|s| s.codec == "subrip"));
}

/// A film whose sound is a click at a second after its first picture, made from tracks on clocks of
/// their own; where the click is heard.
fn click_at(folder: &Path, name: &str, picture_clock: &str, sound_clock: &str, silence_ms: u32) -> usize {
    let click =
        format!("aevalsrc=exprs=if(eq(n\\,0)\\,0.9\\,0):s=48000:d=1,adelay={silence_ms}:all=1,apad=whole_dur=3");
    ffmpeg(
        folder,
        &format!(
            "{picture_clock} -f lavfi -i testsrc2=s=96x64:r=25:d=3 {sound_clock} -f lavfi -i {click} -t 12 -map 0 \
             -map 1 -vsync passthrough -c:v mpeg4 -c:a pcm_s16le -copyts {name}"
        ),
    );
    let sound = read_all(open_audio(&folder.join(name), None).unwrap());
    assert_eq!(sound[0].len(), 3 * 48_000, "{name}");
    sound[0].iter().position(|s| s.abs() > 0.5).unwrap()
}

#[test]
fn sample_0_is_the_first_picture_whatever_the_clocks_say() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (name, picture, sound, silence_ms) in [
        ("plain.mkv", "", "", 1000),
        ("late_sound.mkv", "", "-itsoffset 0.4", 600),
        ("late_picture.mkv", "-itsoffset 0.4", "", 1400),
        ("late_both.mkv", "-itsoffset 7", "-itsoffset 7.25", 750),
        ("late_sound.mov", "", "-itsoffset 0.4", 600),
        ("late_picture.mov", "-itsoffset 0.4", "", 1400),
    ] {
        assert_eq!(click_at(at, name, picture, sound, silence_ms), 48_000, "{name}");
        let source = at.join(name);
        let output = at.join(format!("out {name}"));
        let Passed { report, .. } = pass_through(&source, &output, None, Tracks::Both);
        assert!(report.every_sample);
        for track in [1, 2] {
            let sound = read_all(open_audio(&output, Some(track)).unwrap());
            let click = sound[0].iter().position(|s| s.abs() > 0.5).unwrap() as i64;
            // MP4's family keeps the beginning of a track in milliseconds, here whole ones.
            assert!((click - 48_000).abs() <= 1, "{name} track {track}: {click}");
        }
    }
}

#[test]
fn a_transport_stream_with_its_late_clock_becomes_a_film_in_sync() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    ffmpeg(at, &format!("{PICTURE} {NOISE} -c:v libx264 -bf 0 -c:a mp2 -b:a 384k film.ts"));
    assert!(probe(&at.join("film.ts")).unwrap().start_secs > 1.0);
    let Passed { report, .. } = pass_through(&at.join("film.ts"), &at.join("out.mkv"), None, Tracks::Both);
    assert!(report.every_sample);
    assert_eq!(report.offset_samples, Some(0));
}

#[test]
fn a_variable_frame_rate_is_kept_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    ffmpeg(
        at,
        &format!("{PICTURE} {NOISE} -vf select=not(mod(n\\,3))+lt(n\\,20) -vsync vfr -c:v libx264 -c:a aac vfr.mp4"),
    );
    let info = probe(&at.join("vfr.mp4")).unwrap();
    assert!(info.picture().unwrap().video.as_ref().unwrap().variable_frame_rate);
    let times = |name: &str| {
        let words = "-i {} -map 0:v -c copy -copyts -f framehash -hash md5 pipe:1";
        let text = String::from_utf8(crate::support::ffmpeg_says(words, &at.join(name))).unwrap();
        text.lines().filter(|l| l.starts_with('0')).map(str::to_owned).collect::<Vec<_>>()
    };
    pass_through(&at.join("vfr.mp4"), &at.join("out.mp4"), None, Tracks::Both);
    assert!(times("vfr.mp4").len() > 20);
    assert_eq!(times("vfr.mp4"), times("out.mp4"));
}

#[test]
fn a_still_with_a_long_sound_keeps_its_sound() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    ffmpeg(
        at,
        "-f lavfi -i color=blue:s=64x64:r=1:d=1 -f lavfi -i anoisesrc=d=4:r=48000 -c:v libx264 -c:a aac still.mp4",
    );
    let sound = read_all(open_audio(&at.join("still.mp4"), None).unwrap());
    assert!(sound[0].len() >= 4 * 48_000 - 100, "{}", sound[0].len());
}
