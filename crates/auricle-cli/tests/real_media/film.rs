//! One film, rendered with cues, and everything that must hold of the result.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{self, CUES, decode, probe, section, stream_md5};
use crate::{captions, levels, report};

/// How near the outside must come to the source.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Exactness {
    /// The very samples.
    Exact,
    /// Rounded to 24 bits, and so no further off than half of the last; peaks end at full scale.
    Bits24,
    /// A lossy codec: in step to the sample, at the same level.
    Lossy,
    /// Other channels than the source's: only that they are there, and as long.
    OtherLayout,
}

/// A film to check.
pub(crate) struct Film {
    pub(crate) input: PathBuf,
    pub(crate) output: &'static str,
    pub(crate) args: &'static [&'static str],
    pub(crate) exactness: Exactness,
    /// Whether the film brings subtitles, which the captions must then hold.
    pub(crate) subtitles: bool,
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

fn streams(probe: &Value) -> Vec<Value> {
    probe["streams"].as_array().cloned().unwrap_or_default()
}

fn of_kind(probe: &Value, kind: &str) -> Vec<Value> {
    streams(probe).into_iter().filter(|stream| text(stream, "codec_type") == kind).collect()
}

fn secs(value: &Value, key: &str) -> f64 {
    text(value, key).parse().unwrap_or(f64::NAN)
}

/// MP4 says "und" where Matroska says nothing.
fn language(track: &Value) -> &str {
    track["tags"]["language"].as_str().filter(|language| *language != "und").unwrap_or("")
}

impl Film {
    /// A film rendered with the program's own choices.
    pub(crate) fn new(input: PathBuf, output: &'static str, exactness: Exactness) -> Self {
        Self { input, output, args: &[], exactness, subtitles: false }
    }

    /// Renders and checks.
    pub(crate) fn check(&self) {
        let stem = self.input.file_stem().expect("a name").to_string_lossy();
        let folder = run::folder(&format!("{stem} to {}{}", self.output, self.args.concat()));
        let before = std::fs::read(&self.input).expect("the film");
        let source = probe(&self.input);
        let length_secs = secs(&source["format"], "duration");
        let cues = run::write_cues(&folder, length_secs);
        let heard = folder.join(self.output);
        let mut args = self.args.to_vec();
        args.push("--cues");
        run::auricle(&["render"], &self.input, &args, &cues, &heard);

        assert!(std::fs::read(&self.input).expect("the film") == before, "the input was touched");
        let result = probe(&heard);
        self.check_streams(&source, &result, &heard);
        self.check_length(&result, &heard);
        self.check_sound(&source, &result, &heard);
        report::check(&heard.with_extension("report.html"), &["one behind a wall", "one who hears soft sounds softer"]);
        captions::check(&heard.with_extension("pov.vtt"), length_secs);
        if self.subtitles {
            captions::check_holds_subtitles(&heard.with_extension("pov.vtt"), &self.input);
        }
        let mut left: Vec<_> = std::fs::read_dir(&folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        left.sort();
        assert_eq!(left.len(), 6, "film, report, captions, cue sheet, two listeners, and nothing half-done: {left:?}");
    }

    fn check_streams(&self, source: &Value, result: &Value, heard: &Path) {
        for (n, _) in of_kind(source, "video").iter().enumerate() {
            let stream = format!("0:v:{n}");
            assert_eq!(stream_md5(&self.input, &stream), stream_md5(heard, &stream), "{stream}");
        }
        for kind in ["video", "subtitle", "attachment", "data"] {
            let codecs = |probe: &Value| -> Vec<String> {
                of_kind(probe, kind).iter().map(|stream| text(stream, "codec_name").to_owned()).collect()
            };
            assert_eq!(codecs(source).len(), codecs(result).len(), "{kind} streams");
            if kind != "subtitle" {
                assert_eq!(codecs(source), codecs(result), "{kind} streams");
            }
        }
        let (old, new) = (of_kind(source, "audio"), of_kind(result, "audio"));
        assert_eq!(new.len(), old.len() + 1, "the point-of-audition mix and every track there was");
        for (n, track) in old.iter().enumerate() {
            assert_eq!(text(track, "codec_name"), text(&new[n + 1], "codec_name"), "track {n} is kept");
            let (from, to) = (format!("0:a:{n}"), format!("0:a:{}", n + 1));
            assert_eq!(stream_md5(&self.input, &from), stream_md5(heard, &to), "track {n} is kept");
            assert_eq!(language(track), language(&new[n + 1]), "track {n}'s language");
        }
        let is = |track: &Value, what: &str| track["disposition"][what] == 1;
        // QuickTime files keep no dispositions; what ffmpeg derives there is its own.
        if !self.output.ends_with(".mov") {
            assert!(is(&new[0], "default"), "players choose the new mix");
            assert!(!new[1..].iter().any(|track| is(track, "default")), "players choose one track");
        }
        assert!(!new.iter().any(|track| is(track, "hearing_impaired")), "a deaf viewer's player would choose it");
        let named = [&new[0]["tags"]["title"], &new[0]["tags"]["handler_name"], &new[0]["tags"]["name"]];
        assert!(
            named.iter().any(|name| name.as_str().is_some_and(|name| name.contains("one behind a wall"))),
            "the new mix says whose ears: {}",
            new[0]["tags"]
        );
        let chapters = |probe: &Value| -> Vec<(Value, Value)> {
            let chapters = probe["chapters"].as_array().cloned().unwrap_or_default();
            chapters.iter().map(|c| (c["start_time"].clone(), c["tags"]["title"].clone())).collect()
        };
        assert_eq!(chapters(source), chapters(result), "chapters");
        assert_eq!(source["format"]["tags"]["title"], result["format"]["tags"]["title"], "title");
    }

    fn check_length(&self, result: &Value, heard: &Path) {
        // The packets' own clock: containers disagree on what a stream's duration is.
        let mut command = std::process::Command::new("ffprobe");
        command.args(["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time,duration_time"]);
        let packets = run::output(command.args(["-of", "csv=p=0"]).arg(heard));
        let picture_ends_secs = String::from_utf8_lossy(&packets)
            .lines()
            .filter_map(|line| {
                let mut fields = line.split(',').map(|field| field.parse::<f64>().ok());
                Some(fields.next()?? + fields.next()??)
            })
            .fold(0.0, f64::max);
        let track = &of_kind(result, "audio")[0];
        let channels = track["channels"].as_u64().expect("channels") as usize;
        let rate_hz: f64 = secs(track, "sample_rate");
        let samples = decode(heard, 0, channels)[0].len();
        // A codec works in frames of at most 1024 (AAC) or 4608 (FLAC) samples; lossless ones say how
        // much of the last is sound.
        let allowed_secs = if self.exactness == Exactness::Lossy { 1024.0 / rate_hz } else { 0.002 };
        let allowed_secs = if self.exactness == Exactness::OtherLayout { 1024.0 / rate_hz } else { allowed_secs };
        let off_secs = samples as f64 / rate_hz - picture_ends_secs;
        assert!(off_secs.abs() <= allowed_secs + 0.001, "sound ends {off_secs} s after the picture");
    }

    fn check_sound(&self, source: &Value, result: &Value, heard: &Path) {
        let track = of_kind(source, "audio")
            .into_iter()
            .position(|track| track["disposition"]["default"] == 1)
            .unwrap_or_default();
        let (old, new) = (&of_kind(source, "audio")[track], &of_kind(result, "audio")[0]);
        assert_eq!(text(old, "sample_rate"), text(new, "sample_rate"));
        let rate_hz = secs(new, "sample_rate");
        let channels = |track: &Value| track["channels"].as_u64().expect("channels") as usize;
        let before = decode(&self.input, track, channels(old));
        let after = decode(heard, 0, channels(new));
        if self.exactness == Exactness::OtherLayout {
            assert_eq!(after.len(), 2, "two ears");
            let both = |channels: &[Vec<f32>]| channels.iter().map(|c| levels::rms_db_fs(c)).fold(-400.0, f64::max);
            assert!(both(&after) > both(&before) - 20.0, "{} dB FS of {}", both(&after), both(&before));
            return;
        }
        assert_eq!(channels(old), channels(new), "the same layout out");
        // Matroska stores no layout beside PCM.
        if !text(new, "channel_layout").is_empty() {
            assert_eq!(text(old, "channel_layout"), text(new, "channel_layout"), "the same layout out");
        }
        let length = secs(&source["format"], "duration");
        let samples = (length * rate_hz) as usize;
        let whole = samples.min(before[0].len()).min(after[0].len());
        let starts = [0.0, CUES[0].1, CUES[1].1];
        let ends = [CUES[0].0, CUES[1].0, 0.99];
        for (from, to) in starts.into_iter().zip(ends) {
            let range = section(samples, from, to, rate_hz);
            let range = range.start.min(whole)..range.end.min(whole);
            for (channel, (before, after)) in before.iter().zip(&after).enumerate() {
                let (before, after) = (&before[range.clone()], &after[range.clone()]);
                self.check_outside(&format!("channel {channel} from {}", range.start), before, after);
            }
        }
        levels::check_inside(&before, &after, rate_hz, samples);
    }

    fn check_outside(&self, place: &str, before: &[f32], after: &[f32]) {
        match self.exactness {
            Exactness::Exact => {
                let changed = before.iter().zip(after).position(|(x, y)| x != y);
                assert_eq!(changed, None, "{place}: the outside differs from the source at sample");
            }
            Exactness::Bits24 => {
                let half_a_bit = 0.5 / 8_388_608.0 * 1.001;
                let off = |x: f32, y: f32| (x.clamp(-1.0, 1.0 - 1.0 / 8_388_608.0) - y).abs();
                let worst = before.iter().zip(after).map(|(x, y)| off(*x, *y)).fold(0.0, f32::max);
                assert!(worst <= half_a_bit, "{place}: off by {worst:e}, more than rounding to 24 bits");
            }
            Exactness::Lossy => {
                if levels::rms_db_fs(before) < -60.0 {
                    return;
                }
                assert_eq!(levels::offset_samples(before, after), 0, "{place}: out of step");
                let off_db = levels::rms_db_fs(after) - levels::rms_db_fs(before);
                assert!(off_db.abs() < 0.3, "{place}: {off_db:.2} dB off");
            }
            Exactness::OtherLayout => {}
        }
    }
}
