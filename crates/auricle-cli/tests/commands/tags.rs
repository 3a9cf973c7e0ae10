//! What a sound says of itself (title, artist, cover) goes into the output, or a warning says that it does not.

use crate::support::{Desk, Ended};

/// Common tags, and one that only some files have a place for.
const TAGS: [(&str, &str); 8] = [
    ("title", "Sea Song"),
    ("artist", "The Émigrés"),
    ("album", "Harbour"),
    ("date", "2021"),
    ("comment", "Take two"),
    ("track", "3"),
    ("genre", "Folk"),
    ("lyricist", "A. Poet"),
];

/// Renders `input` to `output`, without captions and report.
fn render(desk: &Desk, input: &str, output: &str) -> Ended {
    desk.auricle(&["render", input, "-l", "preset:N3", "-o", output, "--no-report", "--no-captions"]).well()
}

/// A second of sound with those tags, and a cover where `cover` says so.
fn tagged(desk: &Desk, name: &str, words: &[&str], cover: bool) {
    let mut args = vec!["-f", "lavfi", "-i", "anoisesrc=r=48000:d=1:a=0.1:seed=3"];
    if cover {
        desk.ffmpeg(&["-f", "lavfi", "-i", "testsrc2=s=64x64:r=1:d=1", "-frames:v", "1", "cover.jpg"]);
        args.extend(["-i", "cover.jpg", "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic"]);
    }
    args.extend(words);
    let tags: Vec<String> = TAGS.iter().map(|(key, value)| format!("{key}={value}")).collect();
    // Ogg keeps tags on its stream.
    let place = if name.ends_with("ogg") || name.ends_with("opus") { "-metadata:s:a:0" } else { "-metadata" };
    args.extend(tags.iter().flat_map(|tag| [place, tag.as_str()]));
    args.push(name);
    desk.ffmpeg(&args);
}

/// The tags of `TAGS` that `name` does not have, as ffprobe reads it.
fn missing(desk: &Desk, name: &str) -> Vec<&'static str> {
    let said = desk.ffprobe(name, &["-show_entries", "format_tags:stream_tags"]).to_lowercase();
    let is_there = |key: &str, value: &str| {
        // FLAC's comment is a description to ffmpeg, and QuickTime's like have their own names.
        said.contains(&format!(":{key}={value}").to_lowercase()) || said.contains(&format!("={value}").to_lowercase())
    };
    TAGS.iter().filter(|(key, value)| !is_there(key, value)).map(|(key, _)| *key).collect()
}

#[test]
fn common_tags_go_from_any_sound_into_any_and_others_are_told_of() {
    let sources: [(&str, &[&str]); 6] = [
        ("a.mp3", &["-c:a", "libmp3lame"]),
        ("a.flac", &["-c:a", "flac"]),
        ("a.wav", &[]),
        ("a.m4a", &["-c:a", "aac"]),
        ("a.ogg", &["-c:a", "libvorbis"]),
        ("a.opus", &["-c:a", "libopus"]),
    ];
    for (input, words) in sources {
        let desk = Desk::new();
        tagged(&desk, input, words, false);
        let of_source = missing(&desk, input);
        assert!(of_source.iter().all(|key| *key == "lyricist"), "{input}: {of_source:?}");
        for output in ["heard.flac", "heard.wav", "heard.m4a", "heard.mka"] {
            let told = render(&desk, input, output).err;
            let lost = missing(&desk, output);
            assert!(lost.iter().all(|key| *key == "lyricist"), "{input} to {output} loses {lost:?}");
            let silent = lost.iter().any(|key| !of_source.contains(key) && !told.contains(key));
            assert!(!silent, "{input} to {output}: {lost:?} not told of in: {told}");
            if lost == of_source {
                assert!(!told.contains("left out"), "{input} to {output}: {told}");
            }
        }
    }
}

#[test]
fn covers_go_where_there_is_a_place_for_them_and_are_told_of_where_not() {
    let sources: [(&str, &[&str]); 3] =
        [("a.mp3", &["-c:a", "libmp3lame"]), ("a.flac", &["-c:a", "flac"]), ("a.m4a", &["-c:a", "aac"])];
    for (input, words) in sources {
        let desk = Desk::new();
        tagged(&desk, input, words, true);
        let cover = |name: &str| {
            let streams = desk.ffprobe(name, &["-show_entries", "stream=codec_name,codec_type,width"]);
            streams.contains("mjpeg") && streams.contains("width=64")
        };
        assert!(cover(input), "{input}");
        for (output, kept) in
            [("heard.flac", true), ("heard.m4a", true), ("heard.mka", true), ("heard.mkv", true), ("heard.wav", false)]
        {
            let told = render(&desk, input, output).err;
            assert_eq!(cover(output), kept, "{input} to {output}");
            assert_eq!(told.contains("cover art"), !kept, "{input} to {output}: {told}");
        }
    }
}

#[test]
fn markers_and_notes_of_a_wav_file_stay_with_it() {
    let desk = Desk::new();
    let mut wav = std::fs::read(desk.noise("talk.wav", 0.2)).unwrap();
    let sheet = b"<BWFXML><SCENE>12</SCENE></BWFXML> ";
    for (id, body) in [(b"iXML", &sheet[..34]), (b"LEVL", b"loud"), (b"cue ", &[0; 4])] {
        wav.extend_from_slice(id);
        wav.extend_from_slice(&(body.len() as u32).to_le_bytes());
        wav.extend_from_slice(body);
    }
    let size = (wav.len() as u32 - 8).to_le_bytes();
    wav[4..8].copy_from_slice(&size);
    desk.bytes("talk.wav", &wav);
    let told = render(&desk, "talk.wav", "heard.wav").err;
    let heard = std::fs::read(desk.path("heard.wav")).unwrap();
    let has = |id: &[u8]| heard.windows(id.len()).any(|window| window == id);
    assert!(has(b"<SCENE>12</SCENE>") && has(b"cue \x04\0\0\0") && !has(b"LEVL"));
    assert!(told.contains("the chunk LEVL: a WAV file does not keep that"), "{told}");
    let told = render(&desk, "talk.wav", "heard.flac").err;
    assert!(told.contains("iXML") && told.contains("cue") && told.contains("a FLAC file"), "{told}");
}
