//! One sound file, rendered with cues.

use std::path::PathBuf;

use serde_json::Value;

use crate::run::{self, CUES, decode, probe, section};
use crate::{captions, levels, report};

/// A sound to check.
pub(crate) struct Sound {
    pub(crate) input: PathBuf,
    pub(crate) output: &'static str,
}

impl Sound {
    /// Renders and checks.
    pub(crate) fn check(&self) {
        let stem = self.input.file_stem().expect("a name").to_string_lossy();
        let folder = run::folder(&format!("{stem} to {}", self.output));
        let track = probe(&self.input)["streams"][0].clone();
        let channels = track["channels"].as_u64().expect("channels") as usize;
        let rate_hz: f64 = track["sample_rate"].as_str().and_then(|rate| rate.parse().ok()).expect("a rate");
        let before = decode(&self.input, 0, channels);
        let samples = before[0].len();
        let length_secs = samples as f64 / rate_hz;
        let cues = run::write_cues(&folder, length_secs);
        let heard = folder.join(self.output);
        run::auricle(&["render"], &self.input, &["--cues"], &cues, &heard);

        let result: Value = probe(&heard)["streams"][0].clone();
        assert_eq!(result["channels"], track["channels"], "the same layout out");
        assert_eq!(result["sample_rate"], track["sample_rate"], "the same rate out");
        let after = decode(&heard, 0, channels);
        assert_eq!(after[0].len(), samples, "the same length out");
        let lossless = matches!(track["codec_name"].as_str(), Some("flac" | "pcm_s16le" | "pcm_s24le" | "pcm_f32le"));
        for (from, to) in [(0.0, CUES[0].0), (CUES[0].1, CUES[1].0), (CUES[1].1, 1.0)] {
            let range = section(samples, from, to, rate_hz);
            for (channel, (before, after)) in before.iter().zip(&after).enumerate() {
                let (before, after) = (&before[range.clone()], &after[range.clone()]);
                if lossless {
                    let changed = before.iter().zip(after).position(|(x, y)| x != y);
                    assert_eq!(changed, None, "channel {channel} from {}: sample that differs", range.start);
                } else {
                    // Two decoders of a lossy codec agree to rounding, not to the bit, and 24 bits end at
                    // full scale.
                    let off = |x: f32, y: f32| (x.clamp(-1.0, 1.0) - y.clamp(-1.0, 1.0)).abs();
                    let worst = before.iter().zip(after).map(|(x, y)| off(*x, *y)).fold(0.0, f32::max);
                    assert!(worst < 1e-4, "channel {channel} from {}: off by {worst:e}", range.start);
                }
            }
        }
        levels::check_inside(&before, &after, rate_hz, samples);
        report::check(&heard.with_extension("report.html"), &["one behind a wall", "one who hears soft sounds softer"]);
        captions::check(&heard.with_extension("pov.vtt"), length_secs);
    }
}
