//! Sound files: read in-process as ffmpeg reads them, written and read again.

use std::path::Path;

use auricle::layout::Layout;
use auricle_media::audio::{AudioWriter, SampleFormat};
use auricle_media::{FlacWriter, WavFormat, WavOptions, WavWriter, open_audio, probe};

use crate::support::{decoded_by_ffmpeg, ffmpeg, ffmpeg_says, read_all, shared};

/// The largest difference between this crate's decoding and ffmpeg's, which must be of one length.
fn difference(file: &Path) -> f32 {
    let ours = read_all(open_audio(file, None).unwrap());
    let theirs = decoded_by_ffmpeg(file, 0, ours.len());
    assert_eq!(ours[0].len(), theirs[0].len(), "{}", file.display());
    let channels = ours.iter().zip(&theirs);
    channels.flat_map(|(a, b)| a.iter().zip(b)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn sound_files_decode_as_ffmpeg_decodes_them() {
    let folder = tempfile::tempdir().unwrap();
    let noise = "-f lavfi -i anoisesrc=d=1.3:r=44100:c=pink:seed=9,aformat=channel_layouts=";
    for (name, layout, codec, tolerance) in [
        ("a.flac", "stereo", "-c:a flac", 0.0),
        ("b.flac", "5.1", "-c:a flac -sample_fmt s32", 0.0),
        ("c.mp3", "stereo", "-c:a libmp3lame", 2e-4),
        ("d.mp3", "mono", "-c:a libmp3lame -b:a 64k", 2e-4),
        ("e.ogg", "stereo", "-c:a libvorbis", 1e-4),
        ("f.ogg", "5.1", "-c:a libvorbis", 1e-4),
        ("g.wav", "stereo", "-c:a pcm_s16le", 0.0),
        ("h.wav", "5.1(side)", "-c:a pcm_s24le", 0.0),
        ("i.wav", "7.1", "-c:a pcm_f32le", 0.0),
        ("j.wav", "mono", "-c:a pcm_u8", 0.0),
        ("k.wav", "mono", "-c:a pcm_s32le", 1e-7),
        ("l.wav", "stereo", "-c:a pcm_f64le", 1e-7),
        ("m.wav", "stereo", "-c:a adpcm_ms", 0.0),
        ("n.aiff", "stereo", "-c:a pcm_s24be", 0.0),
        ("o.opus", "stereo", "-c:a libopus -ar 48000", 0.0),
    ] {
        ffmpeg(folder.path(), &format!("{noise}{layout} {codec} {name}"));
        let file = folder.path().join(name);
        let worst = difference(&file);
        assert!(worst <= tolerance, "{name}: {worst}");
    }
}

#[test]
fn real_recordings_decode_as_ffmpeg_decodes_them() {
    for name in [
        "music/mdn_band_drums.mp3",
        "music/slow_motion_dream_vocals_11s.mp3",
        "music/sectoid_metal_madness_song.ogg",
        "music/solo_trumpet_06.ogg",
        "speech/librispeech_198-209-0000.ogg",
        "speech/jfk_inaugural_11s.flac",
        "music/sp_drum_snare_hard.flac",
        "speech/vctk_p286_011_48k.wav",
        "environment/sms_rain.wav",
    ] {
        if let Some(file) = shared(name) {
            let worst = difference(&file);
            assert!(worst <= 3e-4, "{name}: {worst}");
        }
    }
}

/// A sound that uses all 24 bits and has silence, full scale and repetition in it.
fn signal(samples: usize, channels: usize) -> Vec<Vec<f32>> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as i32 - (1 << 23)) as f32 / 8_388_608.0
    };
    let value = |i: usize, c: usize, random: f32| match (i / 3000 + c) % 4 {
        0 => random,
        1 => 0.0,
        2 => ((i as f32 * 0.05).sin() * 4_000_000.0).round() / 8_388_608.0,
        _ => {
            if i.is_multiple_of(2) {
                -1.0
            } else {
                8_388_607.0 / 8_388_608.0
            }
        }
    };
    (0..channels).map(|c| (0..samples).map(|i| value(i, c, next())).collect()).collect()
}

fn write(mut writer: Box<dyn AudioWriter>, sound: &[Vec<f32>]) {
    for start in (0..sound[0].len()).step_by(1234) {
        let end = (start + 1234).min(sound[0].len());
        writer.write(&sound.iter().map(|c| &c[start..end]).collect::<Vec<_>>()).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn flac_comes_back_bit_for_bit_and_its_md5_is_right() {
    let folder = tempfile::tempdir().unwrap();
    for (name, layout) in [
        ("mono.flac", Layout::mono()),
        ("stereo.flac", Layout::stereo()),
        ("surround.flac", Layout::surround_5_1()),
        ("eight.flac", Layout::surround_7_1()),
    ] {
        let path = folder.path().join(name);
        let sound = signal(40_000, layout.channels());
        write(Box::new(FlacWriter::create(&path, 48_000, &layout).unwrap()), &sound);
        assert_eq!(read_all(open_audio(&path, None).unwrap()), sound, "{name}");
        assert_eq!(decoded_by_ffmpeg(&path, 0, layout.channels()), sound, "{name}");
        // ffmpeg is strict about frames, checksums and the length in the header when told to be.
        ffmpeg_says("-err_detect +crccheck+bitstream+buffer+explode -xerror -i {} -f null -", &path);
        let info = probe(&path).unwrap();
        let audio = info.streams[0].audio.as_ref().unwrap();
        assert_eq!(audio.sample_format, SampleFormat::Int(24));
        assert_eq!(info.duration_secs, Some(40_000.0 / 48_000.0));
    }
}

#[test]
fn wav_comes_back_bit_for_bit_here_and_in_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    for (name, layout, format) in [
        ("a.wav", Layout::mono(), WavFormat::Int24),
        ("b.wav", Layout::stereo(), WavFormat::Float32),
        ("c.wav", Layout::surround_5_1(), WavFormat::Int24),
        ("d.wav", Layout::surround_7_1(), WavFormat::Float32),
    ] {
        let path = folder.path().join(name);
        let sound = signal(9_999, layout.channels());
        write(Box::new(WavWriter::create(&path, 96_000, &layout, WavOptions::new(format)).unwrap()), &sound);
        assert_eq!(read_all(open_audio(&path, None).unwrap()), sound, "{name}");
        assert_eq!(decoded_by_ffmpeg(&path, 0, layout.channels()), sound, "{name}");
        let info = probe(&path).unwrap();
        assert_eq!(info.streams[0].audio.as_ref().unwrap().layout, Some(layout), "{name}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = Path::new("/dev/full");
    let sound = signal(400_000, 1);
    let views: Vec<&[f32]> = sound.iter().map(Vec::as_slice).collect();
    let layout = Layout::mono();
    let wav: Box<dyn AudioWriter> =
        Box::new(WavWriter::create(full, 48_000, &layout, WavOptions::new(WavFormat::Float32)).unwrap());
    let flac: Box<dyn AudioWriter> = Box::new(FlacWriter::create(full, 48_000, &layout).unwrap());
    for mut writer in [wav, flac] {
        let text = writer.write(&views).and_then(|()| writer.finish()).unwrap_err().to_string();
        assert!(text.contains("cannot write") && text.contains("No space left"), "{text}");
    }
}
