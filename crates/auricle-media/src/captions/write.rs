//! Writes WebVTT.

use std::fmt::Write as _;

use super::Caption;

/// The text of a WebVTT file, captions in order of their beginnings.
pub fn to_webvtt(captions: &[Caption]) -> String {
    to_webvtt_with(&[], captions)
}

/// As [`to_webvtt`], with `STYLE` and `REGION` blocks as a [`Transcript`](super::Transcript) has them.
pub fn to_webvtt_with(blocks: &[String], captions: &[Caption]) -> String {
    let mut order: Vec<&Caption> = captions.iter().filter(|caption| caption.ends_ms > caption.begins_ms).collect();
    order.sort_by_key(|caption| caption.begins_ms);
    let mut out = String::from("WEBVTT\n");
    for block in blocks {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "\n{block}");
    }
    for caption in order {
        out.push('\n');
        // An identifier is one line without an arrow.
        if let Some(id) = caption
            .id
            .as_deref()
            .filter(|id| !id.trim().is_empty() && !id.contains(['\n', '\r']) && !id.contains("-->"))
        {
            out.push_str(id);
            out.push('\n');
        }
        let space = if caption.settings.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{} --> {}{space}{}", Time(caption.begins_ms), Time(caption.ends_ms), caption.settings);
        // An empty line would end the caption, an arrow begin another one.
        for line in caption.text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()) {
            out.push_str(&line.replace("-->", "--&gt;"));
            out.push('\n');
        }
    }
    out
}

struct Time(u64);

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (ms, secs) = (self.0 % 1000, self.0 / 1000);
        write!(f, "{:02}:{:02}:{:02}.{ms:03}", secs / 3600, secs / 60 % 60, secs % 60)
    }
}
