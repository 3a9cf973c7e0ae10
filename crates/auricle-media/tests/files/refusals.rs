//! What cannot be read, written or finished: said clearly, with nothing left behind.

use std::path::Path;

use auricle::layout::Layout;
use auricle_media::audio::AudioWriter;
use auricle_media::film::{Codec, FilmPlan, FilmSpec, FilmWriter, Tracks};
use auricle_media::{MediaError, PendingOutput, RenderRecord, Stored, Tools, Verifier, open_audio, probe};

use crate::support::ffmpeg;

fn refusal(path: &Path) -> String {
    let error = match open_audio(path, None) {
        Err(error) => error,
        // Some damage only shows when the sound is read.
        Ok(mut reader) => {
            let mut block = vec![vec![0.0; 4096]; reader.layout().channels()];
            loop {
                let mut views: Vec<&mut [f32]> = block.iter_mut().map(Vec::as_mut_slice).collect();
                match reader.read(&mut views) {
                    Ok(0) => panic!("{} was read to its end", path.display()),
                    Ok(_) => {}
                    Err(error) => break error,
                }
            }
        }
    };
    let text = error.to_string();
    let name = path.file_name().unwrap().to_string_lossy();
    assert!(text.contains(&*name), "names no file: {text}");
    text
}

#[test]
fn files_that_are_no_films_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(refusal(&at.join("missing.mp4")).contains("cannot open"));
    std::fs::create_dir(at.join("folder.mp4")).unwrap();
    assert!(refusal(&at.join("folder.mp4")).contains("is a folder"));
    std::fs::write(at.join("empty.mp4"), b"").unwrap();
    assert!(refusal(&at.join("empty.mp4")).contains("is empty"));
    std::fs::write(at.join("text.mp4"), "This is not a film at all.\n".repeat(100)).unwrap();
    assert!(refusal(&at.join("text.mp4")).contains("is not a film or sound"));
    ffmpeg(at, "-f lavfi -i testsrc2=s=96x64:r=25:d=1 -c:v libx264 silent.mp4");
    assert!(refusal(&at.join("silent.mp4")).contains("has no audio track"));
}

#[test]
fn films_that_broke_off_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    ffmpeg(
        at,
        "-f lavfi -i testsrc2=s=96x64:r=25:d=8 -f lavfi -i anoisesrc=d=8:r=48000 -c:v libx264 -c:a pcm_s16le whole.mkv",
    );
    ffmpeg(at, "-i whole.mkv -c:v copy -c:a aac -movflags +faststart whole.mp4");
    ffmpeg(at, "-i whole.mkv -c:v copy -c:a aac late.mp4");
    ffmpeg(at, "-i whole.mkv -vn -c:a flac whole.flac");
    ffmpeg(at, "-i whole.mkv -vn -c:a libvorbis whole.ogg");
    for (name, fraction, words) in [
        ("whole.mkv", 0.5, "broke off"),
        ("whole.mp4", 0.5, "broke off"),
        ("late.mp4", 0.5, "moov"),
        ("whole.flac", 0.5, "broke off"),
    ] {
        let bytes = std::fs::read(at.join(name)).unwrap();
        let cut = at.join(format!("cut {name}"));
        std::fs::write(&cut, &bytes[..(bytes.len() as f64 * fraction) as usize]).unwrap();
        let text = refusal(&cut);
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn odd_rates_layouts_and_samples_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    ffmpeg(at, "-f lavfi -i anoisesrc=d=0.2:r=4000 slow.wav");
    assert!(refusal(&at.join("slow.wav")).contains("4000 samples per second"));
    ffmpeg(at, "-f lavfi -i anoisesrc=d=0.2:r=384000 -c:a pcm_s16le fast.mkv");
    assert!(refusal(&at.join("fast.mkv")).contains("384000 samples per second"));
    ffmpeg(at, "-f lavfi -i anoisesrc=d=0.2:r=48000,aformat=channel_layouts=hexagonal -c:a pcm_s16le six.wav");
    assert!(refusal(&at.join("six.wav")).contains("convert it first"));
    ffmpeg(at, "-f lavfi -i aevalsrc=exprs=if(eq(n\\,4800)\\,0/0\\,0.1):s=48000:d=0.2 -c:a pcm_f32le nan.wav");
    let text = refusal(&at.join("nan.wav"));
    assert!(text.contains("sample 4800 (0.100 s) of channel 1 is NaN"), "{text}");
    let text = match open_audio(&at.join("slow.wav"), Some(3)) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("there is no track 3"),
    };
    assert!(text.contains("no audio track 3; give one of its tracks, 1 ("), "{text}");
}

#[test]
fn names_are_names() {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), "-f lavfi -i anoisesrc=d=0.2:r=48000 -c:a aac plain.m4a");
    for name in ["-y film.mp4", "Zoë's film; $(true).mp4", "concat:a|b.mp4", "100%d.mp4", "file:x.mp4"] {
        let path = folder.path().join(name);
        std::fs::copy(folder.path().join("plain.m4a"), &path).unwrap();
        assert!(open_audio(&path, None).is_ok(), "{name}");
    }
}

/// A film of two seconds and its plan for an output.
fn planned(folder: &Path, output: &str, codec: Option<Codec>) -> Result<FilmPlan, MediaError> {
    if !folder.join("film.mp4").exists() {
        ffmpeg(
            folder,
            "-f lavfi -i testsrc2=s=96x64:r=25:d=2 -f lavfi -i anoisesrc=d=2:r=48000 -c:v libx264 -c:a aac film.mp4",
        );
    }
    let source = probe(&folder.join("film.mp4")).unwrap();
    let layout = Layout::mono();
    let spec = FilmSpec {
        source: &source,
        track: None,
        tracks: Tracks::Both,
        codec,
        sample_rate_hz: 48_000,
        layout: &layout,
        length_samples: Some(96_000),
        early_samples: 0,
        title: "Inside",
    };
    FilmPlan::new(&Tools::default(), &spec, &folder.join(output))
}

#[test]
fn containers_refuse_what_they_cannot_hold() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let refused = |output, codec| planned(at, output, codec).unwrap_err().to_string();
    assert!(refused("out.mp4", Some(Codec::Pcm)).contains("it can hold: aac"));
    assert!(refused("out.webm", Some(Codec::Flac)).contains("it can hold: opus, vorbis"));
    assert!(refused("out.xyz", None).contains(".mkv"));
    assert_eq!(planned(at, "out.mkv", None).unwrap().codec(), Codec::Flac);
}

#[test]
fn what_a_container_cannot_hold_is_said_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let text = planned(folder.path(), "out.webm", None).unwrap_err().to_string();
    for words in ["out.webm", "a WebM file cannot hold", "picture", "h264", ".mkv or .mp4"] {
        assert!(text.contains(words), "no {words} in: {text}");
    }
    let other = tempfile::tempdir().unwrap();
    let streams = "-f lavfi -i testsrc2=s=96x64:r=25:d=2 -f lavfi -i anoisesrc=d=2:r=48000";
    ffmpeg(other.path(), &format!("{streams} -c:v libvpx -c:a libopus -f matroska film.mp4"));
    let text = planned(other.path(), "out.mp4", None).unwrap_err().to_string();
    assert!(text.contains("an MP4 file cannot hold") && text.contains("vp8") && text.contains("in .mkv"), "{text}");
    let text = planned(other.path(), "out.mov", None).unwrap_err().to_string();
    assert!(text.contains("a QuickTime file cannot hold") && text.contains("vp8"), "{text}");
    for output in ["out.webm", "out.mkv"] {
        assert!(planned(other.path(), output, None).is_ok(), "{output}");
    }
    assert!(planned(folder.path(), "out.mov", None).is_ok());
    let flac = tempfile::tempdir().unwrap();
    ffmpeg(flac.path(), &format!("{streams} -c:v libx264 -c:a flac -f matroska film.mp4"));
    let text = planned(flac.path(), "out.mov", None).unwrap_err().to_string();
    assert!(text.contains("a QuickTime file cannot hold") && text.contains("flac"), "{text}");
    assert!(text.contains("in .mkv, or leave the original sound out (--tracks pov)"), "{text}");
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing_and_a_short_sound_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let plan = planned(folder.path(), "out.mkv", None).unwrap();
    let pending = PendingOutput::create(&folder.path().join("out.mkv"), &[], false).unwrap();
    let mut writer = FilmWriter::start(&plan, pending.path()).unwrap();
    writer.write(&[&[0.1; 4800]]).unwrap();
    drop(writer);
    drop(pending);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let pending = PendingOutput::create(&folder.path().join("out.mkv"), &[], false).unwrap();
    let mut writer = Box::new(FilmWriter::start(&plan, pending.path()).unwrap());
    writer.write(&[&[0.1; 4800]]).unwrap();
    let text = writer.finish().unwrap_err().to_string();
    assert!(text.contains("4800 samples per channel were written, 96000 were announced"), "{text}");
}

/// How a film ends that is written by a script in ffmpeg's place; `body` is what it does when writing.
#[cfg(unix)]
fn written_by(body: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    planned(at, "out.mkv", None).unwrap();
    let fake = at.join("not-quite-ffmpeg");
    let script = format!("#!/bin/sh\ncase \"$*\" in *-version*) exec ffmpeg \"$@\";; esac\n{body}\n");
    std::fs::write(&fake, script).unwrap();
    std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).unwrap();
    let source = probe(&at.join("film.mp4")).unwrap();
    let tools = Tools { ffmpeg: fake, ffprobe: "ffprobe".into() };
    let spec = FilmSpec {
        source: &source,
        track: None,
        tracks: Tracks::Pov,
        codec: Some(Codec::PcmF32),
        sample_rate_hz: 48_000,
        layout: &Layout::mono(),
        length_samples: None,
        early_samples: 0,
        title: "Inside",
    };
    let plan = FilmPlan::new(&tools, &spec, &at.join("out.mkv")).unwrap();
    let mut writer = Box::new(FilmWriter::start(&plan, &at.join("out.mkv")).unwrap());
    let block = vec![0.1; 48_000];
    let error = (0..100).try_for_each(|_| writer.write(&[&block])).and_then(|()| writer.finish());
    error.unwrap_err().to_string()
}

#[cfg(unix)]
#[test]
fn an_ffmpeg_that_dies_on_the_way_is_an_error_with_its_words() {
    let text = written_by("head -c 100000 >/dev/null; echo 'the encoder caught fire' >&2; exit 3");
    assert!(text.contains("the encoder caught fire"), "{text}");
    let text = written_by("head -c 100000 >/dev/null; kill -9 $$");
    assert!(text.contains("was ended by signal 9") && text.contains("render again"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_film_that_outgrows_its_disk_is_an_error() {
    let text = written_by("trap '' XFSZ; ulimit -f 1000; exec ffmpeg \"$@\"");
    assert!(text.contains("File too large"), "{text}");
}

#[test]
fn verification_finds_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let tools = Tools::default();
    let plan = planned(at, "out.mkv", None).unwrap();
    let source = probe(&at.join("film.mp4")).unwrap();
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as i32 - (1 << 23)) as f32 / 16_777_216.0
    };
    let sound: Vec<f32> = (0..96_000).map(|_| noise()).collect();
    let mut writer = Box::new(FilmWriter::start(&plan, &at.join("out.mkv")).unwrap());
    writer.write(&[&sound]).unwrap();
    writer.finish().unwrap();
    let verify = |sound: &[f32], stored, path: &str, outside: &[std::ops::Range<u64>]| {
        let mut record = RenderRecord::new(48_000, &Layout::mono(), Some(96_000), stored);
        record.push(&[sound]).unwrap();
        let verifier = Verifier { tools: &tools, source: &source, track: None, record: &record, outside, cancel: None };
        verifier.film(&plan, &at.join(path)).map_err(|e| e.to_string())
    };
    assert!(verify(&sound, Stored::Int24, "out.mkv", &[]).unwrap().every_sample);
    let mut other = sound.clone();
    other[50_000] += 1.0 / 8_388_608.0;
    assert!(verify(&other, Stored::Int24, "out.mkv", &[]).unwrap_err().contains("not those that were rendered"));
    let mut late = sound.clone();
    late.rotate_left(5);
    assert!(verify(&late, Stored::Lossy, "out.mkv", &[]).unwrap_err().contains("5 samples (0.10 ms) off"));
    assert!(verify(&sound[..90_000], Stored::Int24, "out.mkv", &[]).unwrap_err().contains("90000 were rendered"));
    // Noise is not what the film sounds like.
    let outside = 1000..2000;
    let text = verify(&sound, Stored::Int24, "out.mkv", std::slice::from_ref(&outside)).unwrap_err();
    assert!(text.contains("outside, sample 1000 of channel 1"), "{text}");
    ffmpeg(at, "-i out.mkv -map 0 -c copy -c:v libx264 -qp 40 changed.mkv");
    assert!(verify(&sound, Stored::Int24, "changed.mkv", &[]).unwrap_err().contains("were changed by copying"));
    ffmpeg(at, "-i out.mkv -map 0:v -map 0:a:0 -c copy fewer.mkv");
    assert!(verify(&sound, Stored::Int24, "fewer.mkv", &[]).unwrap_err().contains("audio streams are"));
}
