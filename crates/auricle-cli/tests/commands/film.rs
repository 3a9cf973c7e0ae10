//! Renders of films: the picture and every other stream stay, the sound is in sync to the sample.

use crate::support::{Desk, read_wav};

/// A picture with a count, and noise that never repeats.
pub(crate) const PICTURE: &str = "testsrc2=s=160x90:r=25:d=4";
pub(crate) const SOUND: &str = "anoisesrc=r=48000:d=4:a=0.1:seed=3";

/// A cue sheet that is inside N3 from 2 s to 3 s.
pub(crate) const LATE: &str = "listener = \"preset:N3\"\n[[cue]]\nin = \"2 s\"\nout = \"3 s\"\nstate = \"N3\"\n";

/// MD5 of the packets of the first video stream.
pub(crate) fn picture_md5(desk: &Desk, name: &str) -> String {
    desk.ffmpeg(&["-i", name, "-map", "0:v:0", "-c", "copy", "-f", "md5", "md5.txt"]);
    let md5 = std::fs::read_to_string(desk.path("md5.txt")).unwrap();
    std::fs::remove_file(desk.path("md5.txt")).unwrap();
    md5
}

/// The samples of one audio track as they lie on the film's timeline, interleaved.
pub(crate) fn track(desk: &Desk, name: &str, track: usize) -> Vec<f32> {
    let map = format!("0:a:{track}");
    let args = ["-i", name, "-map", &map, "-af", "aresample=async=1:first_pts=0", "-c:a", "pcm_f32le", "track.wav"];
    desk.ffmpeg(&args);
    let samples = read_wav(&desk.path("track.wav")).2;
    std::fs::remove_file(desk.path("track.wav")).unwrap();
    samples
}

/// Asserts that outside the cue of `LATE` the first two tracks of `name` are the same samples.
#[track_caller]
fn same_outside(desk: &Desk, name: &str, channels: usize) {
    let (pov, original) = (track(desk, name, 0), track(desk, name, 1));
    let before = channels * (2 * 48_000 - 480);
    assert!(original[..before].iter().any(|sample| *sample != 0.0));
    let off = pov[..before].iter().zip(&original[..before]).position(|(a, b)| (a - b).abs() > 2e-7);
    assert_eq!(off, None, "{name}: before the cue");
    assert!(pov[before + channels * 10_000..] != original[before + channels * 10_000..], "{name}: inside");
}

#[test]
fn an_mp4_keeps_picture_subtitles_chapters_and_metadata_and_gets_a_track() {
    let desk = Desk::new();
    desk.text("lines.srt", "1\n00:00:00,500 --> 00:00:01,500\nHello there.\n");
    desk.text("meta.txt", ";FFMETADATA1\ntitle=The gig\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=4000\ntitle=Two\n");
    desk.film(
        &[PICTURE, SOUND, "lines.srt", "meta.txt"],
        "-map_metadata 3 -c:v mpeg4 -c:a aac -c:s mov_text",
        "film.mp4",
    );
    desk.text("gig.cues.toml", LATE);
    desk.auricle(&["render", "film.mp4", "--cues", "gig.cues.toml", "-o", "heard.mp4"]).well();
    assert_eq!(picture_md5(&desk, "film.mp4"), picture_md5(&desk, "heard.mp4"));
    let streams =
        desk.ffprobe("heard.mp4", &["-show_entries", "stream=codec_type:stream_disposition=default,hearing_impaired"]);
    let audio: Vec<&str> = streams.lines().filter(|line| line.contains("codec_type=audio")).collect();
    assert_eq!(audio.len(), 2, "{streams}");
    assert!(audio[0].contains("default=1") && audio[1].contains("default=0"), "{streams}");
    assert!(!streams.contains("hearing_impaired=1"), "{streams}");
    assert!(streams.contains("codec_type=subtitle"), "{streams}");
    let chapters = desk.ffprobe("heard.mp4", &["-show_chapters"]);
    assert!(chapters.contains("One") && chapters.contains("Two"), "{chapters}");
    let title = desk.ffprobe("heard.mp4", &["-show_entries", "format_tags=title"]);
    assert!(title.contains("The gig"), "{title}");
    let captions = std::fs::read_to_string(desk.path("heard.pov.vtt")).unwrap();
    assert!(captions.contains("Hello there."), "{captions}");
}

#[test]
fn lossless_tracks_are_the_original_outside_to_the_sample() {
    for (container, codec) in [("mkv", "flac"), ("mkv", "pcm"), ("mov", "pcm")] {
        let desk = Desk::new();
        desk.film(&[PICTURE, SOUND], "-ac 2 -c:v mpeg4 -c:a pcm_s16le", "film.mov");
        desk.text("gig.cues.toml", LATE);
        let output = format!("heard.{container}");
        desk.auricle(&[
            "render",
            "film.mov",
            "--cues",
            "gig.cues.toml",
            "--codec",
            codec,
            "-o",
            &output,
            "--no-report",
        ])
        .well();
        same_outside(&desk, &output, 2);
    }
}

#[test]
fn a_start_time_that_is_not_0_and_sound_that_begins_late_stay_in_sync() {
    let desk = Desk::new();
    desk.text("gig.cues.toml", LATE);
    // The whole film begins at 10 s, as cut-outs of broadcasts do.
    desk.film(&[PICTURE, SOUND], "-c:v mpeg4 -c:a pcm_s16le -output_ts_offset 10", "shifted.mkv");
    desk.auricle(&["render", "shifted.mkv", "--cues", "gig.cues.toml", "--codec", "pcm", "-o", "1.mkv", "--no-report"])
        .well();
    assert_eq!(picture_md5(&desk, "shifted.mkv"), picture_md5(&desk, "1.mkv"));
    same_outside(&desk, "1.mkv", 1);
    // The sound begins half a second after the picture.
    desk.film(&[PICTURE, &format!("-itsoffset 0.5 {SOUND}")], "-c:v mpeg4 -c:a pcm_s16le", "late.mkv");
    desk.auricle(&["render", "late.mkv", "--cues", "gig.cues.toml", "--codec", "pcm", "-o", "2.mkv", "--no-report"])
        .well();
    same_outside(&desk, "2.mkv", 1);
}

#[test]
fn sound_is_padded_or_trimmed_to_the_pictures_end() {
    for (secs, name) in [("2.5", "short.mkv"), ("4.7", "long.mkv")] {
        let desk = Desk::new();
        let sound = format!("anoisesrc=r=48000:d={secs}:a=0.1:seed=3");
        desk.film(&[PICTURE, &sound], "-c:v mpeg4 -c:a pcm_s16le", name);
        desk.auricle(&[
            "render",
            name,
            "-l",
            "preset:N3",
            "--codec",
            "pcm",
            "-o",
            "heard.mkv",
            "--tracks",
            "pov",
            "--no-report",
        ])
        .well();
        assert_eq!(track(&desk, "heard.mkv", 0).len(), 4 * 48_000, "{name}");
    }
}

#[test]
fn a_variable_frame_rate_stays_what_it_is() {
    let desk = Desk::new();
    desk.text("gig.cues.toml", LATE);
    desk.film(&[PICTURE, SOUND], "-vf select='lt(mod(n,7),4)' -vsync vfr -c:v mpeg4 -c:a pcm_s16le", "vfr.mkv");
    desk.auricle(&["render", "vfr.mkv", "--cues", "gig.cues.toml", "--codec", "pcm", "-o", "heard.mkv"]).well();
    let times = |name: &str| desk.ffprobe(name, &["-select_streams", "v", "-show_entries", "packet=pts"]);
    assert_eq!(times("vfr.mkv"), times("heard.mkv"));
    same_outside(&desk, "heard.mkv", 1);
}

#[test]
fn a_start_that_is_not_the_films_own_timecode_is_told_of() {
    let desk = Desk::new();
    desk.film(&["testsrc2=s=160x90:r=25:d=2", SOUND], "-t 2 -c:v mpeg4 -c:a aac -timecode 10:00:00:00", "film.mp4");
    let sheet = |start: &str| {
        let cue = "[[cue]]\nin = \"0.5 s\"\nout = \"1 s\"\nstate = \"N3\"\n";
        format!("listener = \"preset:N3\"\n[picture]\nframe_rate = \"25\"\n{start}{cue}")
    };
    for (start, told) in [("start = \"01:00:00:00\"\n", true), ("start = \"10:00:00:00\"\n", false), ("", false)] {
        desk.text("gig.cues.toml", &sheet(start));
        let args = ["render", "film.mp4", "--cues", "gig.cues.toml", "-o", "heard.mp4", "--no-report", "--force"];
        let warning = "warning: gig.cues.toml:4:9: picture.start: the sheet's first frame is 01:00:00:00, the film's \
                       own timecode begins at 10:00:00:00";
        for err in
            [desk.auricle(&args).well().err, desk.auricle(&["check", "gig.cues.toml", "--film", "film.mp4"]).well().err]
        {
            assert_eq!(err.contains(warning), told, "{start}: {err}");
            assert_eq!(err.contains("timecode begins"), told, "{start}: {err}");
        }
    }
}

#[test]
fn cover_art_is_no_picture() {
    let desk = Desk::new();
    desk.ffmpeg(&["-f", "lavfi", "-i", "testsrc2=s=64x64:r=1:d=1", "-frames:v", "1", "cover.png"]);
    desk.film(&[SOUND, "cover.png"], "-c:a flac -c:v copy -disposition:v attached_pic", "song.flac");
    desk.auricle(&["render", "song.flac", "-l", "preset:N3", "-o", "heard.wav"]).well();
    assert_eq!(read_wav(&desk.path("heard.wav")).2.len(), 4 * 48_000);
    // As a film would be read, by ffmpeg: the sound is not cut to the picture's length.
    desk.film(&["song.flac"], "-c:a aac -c:v copy -disposition:v attached_pic", "song.m4a");
    desk.auricle(&["render", "song.m4a", "-l", "preset:N3", "-o", "heard2.wav"]).well();
    let samples = read_wav(&desk.path("heard2.wav")).2.len();
    assert!(samples.abs_diff(4 * 48_000) <= 1024, "{samples}");
}

#[test]
fn cover_art_of_a_film_is_kept_where_it_can_be_and_told_of_where_not() {
    let desk = Desk::new();
    desk.ffmpeg(&["-f", "lavfi", "-i", "testsrc2=s=64x64:r=1:d=1", "-frames:v", "1", "cover.jpg"]);
    let words = "-c:v:0 mpeg4 -c:v:1 copy -c:a aac -disposition:v:1 attached_pic";
    desk.film(&["testsrc2=s=160x90:r=25:d=2", "anoisesrc=r=48000:d=2:a=0.1:seed=3", "cover.jpg"], words, "cover.mp4");
    for (output, kept) in [("heard.mov", false), ("heard.mp4", true), ("heard.mkv", true), ("heard.m4a", true)] {
        let args = ["render", "cover.mp4", "-l", "preset:N3", "-o", output, "--no-report", "--no-captions"];
        let ended = desk.auricle(&args).well();
        let streams = desk.ffprobe(output, &["-show_entries", "stream=codec_name:stream_disposition=attached_pic"]);
        assert_eq!(streams.contains("mjpeg"), kept, "{output}: {streams}");
        assert_eq!(ended.err.contains("cover art (stream 2, mjpeg): a QuickTime file cannot hold it"), !kept);
    }
}

#[test]
fn a_film_becomes_a_sound_and_a_sound_a_film_container() {
    let desk = Desk::new();
    desk.film(&[PICTURE, SOUND], "-c:v mpeg4 -c:a pcm_s16le", "film.mov");
    desk.auricle(&["render", "film.mov", "-l", "preset:N3", "-o", "heard.wav", "--no-report"]).well();
    assert_eq!(read_wav(&desk.path("heard.wav")).2.len(), 4 * 48_000);
    desk.auricle(&["render", "heard.wav", "-l", "preset:N1", "-o", "twice.m4a", "--no-report"]).well();
    let streams = desk.ffprobe("twice.m4a", &["-show_entries", "stream=codec_name"]);
    assert!(streams.contains("aac"), "{streams}");
}

#[test]
fn subtitles_are_shown_unasked_where_they_were() {
    let desk = Desk::new();
    for (name, line) in [("a.srt", "Hello there."), ("b.srt", "Bonjour.")] {
        desk.text(name, &format!("1\n00:00:00,500 --> 00:00:01,500\n{line}\n"));
    }
    let words = "-c:v mpeg4 -c:a aac -c:s srt -default_mode passthrough";
    let (picture, sound) = ("testsrc2=s=160x90:r=25:d=2", "anoisesrc=r=48000:d=2:a=0.1:seed=3");
    for (first, second) in [("0", "forced"), ("0", "default"), ("default+forced", "hearing_impaired")] {
        let words = format!("{words} -disposition:s:0 {first} -disposition:s:1 {second}");
        desk.film(&[picture, sound, "a.srt", "b.srt"], &words, "film.mkv");
        let shown = |name: &str| {
            let entry = "stream=index:stream_disposition=default";
            let streams = desk.ffprobe(name, &["-select_streams", "s", "-show_entries", entry]);
            streams.lines().map(|line| line.contains("default=1")).collect::<Vec<_>>()
        };
        assert_eq!(shown("film.mkv"), [first.contains("default"), second.contains("default")]);
        for output in ["heard.mp4", "heard.mov", "heard.mkv"] {
            let codec = if output == "heard.mkv" { "flac" } else { "aac" };
            let args =
                ["render", "film.mkv", "-l", "preset:N3", "--codec", codec, "-o", output, "--no-report", "--force"];
            desk.auricle(&args).well();
            assert_eq!(shown("film.mkv"), shown(output), "{first}, {second} in {output}");
        }
        // And from there on.
        let args = ["render", "heard.mov", "-l", "preset:N3", "--codec", "flac", "-o", "again.mkv", "--no-report"];
        desk.auricle(&[&args[..], &["--force", "--track", "2"]].concat()).well();
        assert_eq!(shown("film.mkv"), shown("again.mkv"), "{first}, {second} from QuickTime");
    }
}

#[test]
fn opus_without_a_picture_begins_where_the_sound_does() {
    let desk = Desk::new();
    desk.film(&[SOUND], "-c:a pcm_s16le", "talk.wav");
    for (output, tracks, count) in
        [("heard.mka", "pov", 1), ("heard.webm", "pov", 1), ("heard.mkv", "both", 2), ("heard.m4a", "pov", 1)]
    {
        let codec = if output == "heard.m4a" { "aac" } else { "opus" };
        let args = ["render", "talk.wav", "-l", "preset:N1", "--codec", codec, "--tracks", tracks, "-o", output];
        let ended = desk.auricle(&[&args[..], &["--no-report", "--no-captions"]].concat()).well();
        assert!(ended.out.contains("0 samples off"), "{output}: {}", ended.out);
        let streams = desk.ffprobe(output, &["-show_entries", "stream=codec_type"]);
        assert_eq!(streams.matches("audio").count(), count, "{output}: {streams}");
    }
}

#[test]
fn the_chosen_track_is_the_one_that_is_heard() {
    let desk = Desk::new();
    let other = "sine=f=440:r=44100:d=4";
    desk.film(
        &[PICTURE, SOUND, other],
        "-c:v mpeg4 -c:a pcm_s16le -disposition:a:0 default -disposition:a:1 0",
        "film.mkv",
    );
    for (chosen, rate_hz) in [(&[][..], 48_000), (&["--track", "1"][..], 48_000), (&["--track", "2"][..], 44_100)] {
        let mut args = vec!["render", "film.mkv", "-l", "preset:N3", "-o", "heard.wav", "--no-report", "--force"];
        args.extend(chosen);
        desk.auricle(&args).well();
        assert_eq!(read_wav(&desk.path("heard.wav")).0, rate_hz, "{chosen:?}");
    }
    desk.auricle(&["render", "film.mkv", "-l", "preset:N3", "-o", "all.mkv", "--no-report"]).well();
    let streams = desk.ffprobe("all.mkv", &["-show_entries", "stream=codec_type"]);
    assert_eq!(streams.matches("audio").count(), 3, "the mix, and both originals: {streams}");
}

#[test]
fn the_original_is_named_and_keeps_a_name_and_language_of_its_own() {
    let desk = Desk::new();
    desk.text("gig.cues.toml", LATE);
    let words = "-c:v libvpx -b:v 100k -deadline realtime -cpu-used 8 -c:a libopus -metadata:s:a:0 language=fra";
    let own = format!("{words} -metadata:s:a:0 title=Director's_mix");
    desk.film(&[PICTURE, SOUND], &own, "own.mkv");
    desk.film(&[PICTURE, SOUND], words, "plain.mkv");
    // The picture anew, as MP4 and QuickTime know it.
    for name in ["own", "plain"] {
        let (input, output) = (format!("{name}.mkv"), format!("{name}.mp4"));
        let handler = if name == "own" { "handler_name=Director's_mix" } else { "handler_name=" };
        desk.ffmpeg(&["-i", &input, "-c:v", "mpeg4", "-c:a", "aac", "-metadata:s:a:0", handler, &output]);
    }
    let shown = "stream=codec_type:stream_tags=title,language,handler_name:stream_disposition=default";
    for (name, title, endings) in
        [("own", "Director's_mix", ["mkv", "mp4"]), ("plain", "Original sound", ["webm", "mov"])]
    {
        for ending in endings {
            let source = format!("{name}.{}", if ending.starts_with('m') && ending != "mkv" { "mp4" } else { "mkv" });
            let output = format!("heard {name}.{ending}");
            desk.auricle(&[
                "render",
                &source,
                "--cues",
                "gig.cues.toml",
                "-o",
                &output,
                "--no-report",
                "--no-captions",
            ])
            .well();
            let streams = desk.ffprobe(&output, &["-select_streams", "a", "-show_entries", shown]);
            let tracks: Vec<&str> = streams.lines().collect();
            assert!(tracks.len() == 2 && tracks[0].contains("Through"), "{output}: {streams}");
            let original = tracks[1].to_lowercase();
            let handler = format!("handler_name={}", title.to_lowercase());
            for words in ["default=0", "language=fra", handler.as_str()] {
                assert!(original.contains(words), "{output}: no {words} in {original}");
            }
            // MP4 and QuickTime have one place for a track's name.
            let titled = original.contains(&format!("title={}", title.to_lowercase()));
            assert!(titled || ending.starts_with("mo") || ending == "mp4", "{output}: {original}");
        }
    }
}
