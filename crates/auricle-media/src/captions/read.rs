//! Reads WebVTT and SRT as they are found: with or without a byte-order mark, any line ends, hours or
//! none, a comma or a point before the milliseconds.

use std::path::Path;

use super::Caption;
use super::markup::{Dialect, clean};
use crate::error::{MediaError, Result};

/// A caption file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transcript {
    /// Captions in order of their beginnings.
    pub captions: Vec<Caption>,
    /// WebVTT's blocks that say how captions look (`STYLE`) and where they stand (`REGION`), as they are.
    pub blocks: Vec<String>,
    /// What could not be used.
    pub skipped: Vec<Skipped>,
}

/// Part of a caption file that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// Largest caption file that is read, bytes; the longest film's are far below.
const MOST_BYTES: u64 = 64 << 20;

/// Reads a WebVTT or SRT file; the text tells which it is.
///
/// # Errors
/// The file cannot be read, or holds no caption; what could be read despite faults is no error.
pub fn read(path: &Path) -> Result<Transcript> {
    let io = |source| MediaError::Io { path: path.to_owned(), doing: "cannot read captions", source };
    let broken = |message: String| MediaError::Broken { path: path.to_owned(), message };
    if std::fs::metadata(path).map_err(io)?.len() > MOST_BYTES {
        return Err(broken("is too large to be a caption file; give a WebVTT or SRT file".into()));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let transcript = parse(&decode(&bytes));
    if transcript.captions.is_empty() {
        let why = transcript.skipped.first().map_or_else(String::new, |s| format!(" (line {}: {})", s.line, s.message));
        return Err(broken(format!("holds no caption{why}; give a WebVTT or SRT file")));
    }
    Ok(transcript)
}

/// Text of a file in UTF-8, or UTF-16 with a byte-order mark; where it is neither, in Latin-1.
fn decode(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes)
            .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned),
    }
}

/// Reads the text of a WebVTT or SRT file.
pub fn parse(text: &str) -> Transcript {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let dialect = if lines[0].starts_with("WEBVTT") { Dialect::WebVtt } else { Dialect::SubRip };
    let mut reader = Reader { dialect, transcript: Transcript::default(), last: Last::Other };
    let mut at = 0;
    while at < lines.len() {
        if lines[at].trim().is_empty() {
            at += 1;
            continue;
        }
        let ends = block_end(&lines, at, dialect);
        reader.block(&lines, at, ends);
        at = ends;
    }
    reader.finish()
}

/// A block ends before an empty line, or before the next timing where the empty line is missing.
fn block_end(lines: &[&str], begins: usize, dialect: Dialect) -> usize {
    let mut timed = false;
    for (at, line) in lines.iter().enumerate().skip(begins) {
        if line.trim().is_empty() {
            return at;
        }
        if is_timing(line, dialect) {
            if timed {
                let numbered = at > begins + 1 && lines[at - 1].trim().bytes().all(|b| b.is_ascii_digit());
                return if numbered { at - 1 } else { at };
            }
            timed = true;
        }
    }
    lines.len()
}

/// Whether a line says when a caption is shown, however badly. WebVTT keeps the arrow for that; in SRT people also
/// speak in arrows, and a timing has a clock before and behind it.
fn is_timing(line: &str, dialect: Dialect) -> bool {
    let Some((before, behind)) = line.split_once("-->") else { return false };
    let is_clock = |text: &str| {
        text.contains(':') && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | ' ' | '\t'))
    };
    dialect == Dialect::WebVtt || (is_clock(before) && behind.split_whitespace().next().is_some_and(is_clock))
}

/// What the last block was, for one without a timing that follows it: in SRT a caption may hold an empty line.
enum Last {
    /// A caption, the last one read.
    Caption,
    /// A timing whose text is still to come, and its line from 1.
    Untold(Caption, usize),
    /// A caption that could not be used: more of its text cannot be either.
    Skipped,
    /// Nothing to which text could belong.
    Other,
}

struct Reader {
    dialect: Dialect,
    transcript: Transcript,
    last: Last,
}

impl Reader {
    fn skip(&mut self, line: usize, message: impl Into<String>) {
        self.transcript.skipped.push(Skipped { line, message: message.into() });
    }

    /// A timing that no text came after.
    fn give_up_untold(&mut self) {
        if let Last::Untold(_, line) = std::mem::replace(&mut self.last, Last::Other) {
            self.skip(line, "the caption has no text");
        }
    }

    fn block(&mut self, lines: &[&str], begins: usize, ends: usize) {
        let block = &lines[begins..ends];
        // A timing stands first, or after a number or name. Where none is one, an arrow may have been meant for one.
        let timing = block.iter().position(|line| is_timing(line, self.dialect));
        let broken = || block.iter().take(2).position(|line| line.contains("-->"));
        let follows_text = self.dialect == Dialect::SubRip && matches!(self.last, Last::Caption | Last::Untold(..));
        match timing.or_else(|| broken().filter(|_| !follows_text || is_numbered(block))) {
            Some(timing) => self.caption(block, begins, timing),
            None => self.without_timing(block, begins),
        }
    }

    fn caption(&mut self, block: &[&str], begins: usize, timing: usize) {
        self.give_up_untold();
        let line = begins + timing + 1;
        self.last = Last::Skipped;
        let Some((begins_ms, ends_ms, settings)) = parse_timing(block[timing], self.dialect, &self.transcript.blocks)
        else {
            return self.skip(line, "the times cannot be read; write 00:00:01.000 --> 00:00:02.000");
        };
        if ends_ms <= begins_ms {
            return self.skip(line, "the caption ends before it begins");
        }
        let (text, top) = clean(&block[timing + 1..].join("\n"), self.dialect);
        let settings = if top { "line:0".to_owned() } else { settings };
        let id = timing.checked_sub(1).map(|before| block[before].trim().to_owned());
        let caption = Caption { id, begins_ms, ends_ms, settings, text };
        if !caption.text.is_empty() {
            self.transcript.captions.push(caption);
            self.last = Last::Caption;
        } else if self.dialect == Dialect::SubRip {
            self.last = Last::Untold(caption, line);
        } else {
            self.skip(line, "the caption has no text");
        }
    }

    fn without_timing(&mut self, block: &[&str], begins: usize) {
        if self.dialect == Dialect::WebVtt {
            let is_kept = begins > 0 && ["STYLE", "REGION"].contains(&block[0].trim_end());
            // WebVTT section 4.1: both stand before the first caption, and mean nothing after it.
            if is_kept && self.transcript.captions.is_empty() {
                self.transcript.blocks.push(block.join("\n"));
            } else if is_kept {
                let name = block[0].trim();
                let message = format!("a {name} block after the first caption is left out; put it first");
                self.skip(begins + 1, message);
            }
            return;
        }
        let (more, top) = clean(&block.join("\n"), self.dialect);
        if more.is_empty() {
            return;
        }
        match std::mem::replace(&mut self.last, Last::Other) {
            Last::Untold(mut caption, _) => {
                caption.text = more;
                if top {
                    caption.settings = "line:0".to_owned();
                }
                self.transcript.captions.push(caption);
                self.last = Last::Caption;
            }
            Last::Caption => {
                if let Some(last) = self.transcript.captions.last_mut() {
                    last.text = format!("{}\n{more}", last.text);
                }
                self.last = Last::Caption;
            }
            other => self.last = other,
        }
    }

    fn finish(mut self) -> Transcript {
        self.give_up_untold();
        self.transcript.captions.sort_by_key(|caption| caption.begins_ms);
        self.transcript.skipped.sort_by_key(|skipped| skipped.line);
        self.transcript
    }
}

/// Whether a block begins with the number of a caption of SRT.
fn is_numbered(block: &[&str]) -> bool {
    block.len() > 1 && block[0].trim().bytes().all(|b| b.is_ascii_digit())
}

/// A caption's times and settings; of regions only those that one of `blocks` describes.
fn parse_timing(line: &str, dialect: Dialect, blocks: &[String]) -> Option<(u64, u64, String)> {
    let (begins, rest) = line.split_once("-->")?;
    let mut words = rest.split_whitespace();
    let (begins_ms, ends_ms) = (parse_time(begins.trim())?, parse_time(words.next()?)?);
    // SRT may give coordinates here, which mean nothing to WebVTT.
    let known = ["vertical", "line", "position", "size", "align"];
    let is_region = |name: &str| {
        let id = format!("id:{name}");
        blocks.iter().any(|block| block.starts_with("REGION") && block.split_whitespace().any(|word| word == id))
    };
    let settings: Vec<&str> = words
        .filter(|word| {
            dialect == Dialect::WebVtt
                && word
                    .split_once(':')
                    .is_some_and(|(name, value)| known.contains(&name) || name == "region" && is_region(value))
        })
        .collect();
    Some((begins_ms, ends_ms, settings.join(" ")))
}

/// "01:02:03.456", "02:03.456", "01:02:03,4" in ms.
pub(super) fn parse_time(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let number = |part: &str| -> Option<u64> {
        (!part.is_empty() && part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let parts: Vec<u64> = clock.split(':').map(number).collect::<Option<_>>()?;
    let secs = match parts[..] {
        [minutes, secs] if secs < 60 => minutes * 60 + secs,
        [hours, minutes, secs] if minutes < 60 && secs < 60 => hours * 3600 + minutes * 60 + secs,
        _ => return None,
    };
    let digits = u32::try_from(fraction.len()).ok().filter(|digits| (1..=9).contains(digits))?;
    Some(secs * 1000 + number(fraction)? * 1000 / 10_u64.pow(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webvtt_as_found_in_the_wild() {
        let text = "\u{feff}WEBVTT - a title\r\nKind: captions\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\nREGION\r\nid:r\r\n\r\nNOTE\r\nnot a caption\r\n\r\nintro\r\n00:01.000 --> 00:02.500 line:80% region:r region:s align:start\r\n<v Ann>Hello\r\nthere\r\n\r\n100:00:00.000 --> 100:00:01.000\r\nlate\r\n\r\nSTYLE\r\n::cue { color: blue }\r\n";
        let transcript = parse(text);
        let [skipped] = &transcript.skipped[..] else { panic!("{transcript:?}") };
        assert!(skipped.line == 21 && skipped.message.contains("STYLE"), "{skipped:?}");
        assert_eq!(transcript.blocks, ["STYLE\n::cue { color: red }", "REGION\nid:r"]);
        let [first, second] = &transcript.captions[..] else { panic!("{transcript:?}") };
        assert_eq!(
            first,
            &Caption {
                id: Some("intro".into()),
                begins_ms: 1000,
                ends_ms: 2500,
                settings: "line:80% region:r align:start".into(),
                text: "<v Ann>Hello\nthere".into(),
            }
        );
        assert_eq!((second.begins_ms, second.id.as_deref()), (360_000_000, None));
    }

    #[test]
    fn srt_as_found_in_the_wild() {
        let text = "1\n00:00:03,000 --> 00:00:04,000\nsecond & <i>last</i>\n2\n00:00:01,5 --> 00:00:02,000 X1:0 X2:9\n{\\an8}first\n\nafter a gap\n\n3\n00:00:09,000 --> 00:00:08,000\nbackwards\n\n4\nsoon --> later\nbroken";
        let transcript = parse(text);
        let [first, second] = &transcript.captions[..] else { panic!("{transcript:?}") };
        assert_eq!(
            (first.begins_ms, first.text.as_str(), first.settings.as_str()),
            (1500, "first\nafter a gap", "line:0")
        );
        assert_eq!((second.begins_ms, second.text.as_str()), (3000, "second &amp; <i>last</i>"));
        assert_eq!(transcript.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [11, 15]);
    }

    #[test]
    fn srt_captions_keep_all_of_their_text_and_no_one_elses() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\nfirst\n\n2\n00:00:03,000 --> 00:00:04,000\n\nafter a gap\n\n\
                    3\n00:00:05,000 --> 00:00:06,000\nGo a --> b now\n\nor 1 --> 2\n\n\
                    4\n00:00:07,000 --> 00:00:08,000\n\n5\n00:00:09,000 --> 00:00:10,000\n{\\an8}up\n\n\
                    6\nsoon --> later\nlost\n\nlost as well\n";
        let transcript = parse(text);
        let told: Vec<(u64, &str, &str)> =
            transcript.captions.iter().map(|c| (c.begins_ms, c.text.as_str(), c.settings.as_str())).collect();
        let expected = [
            (1000, "first", ""),
            (3000, "after a gap", ""),
            (5000, "Go a --&gt; b now\nor 1 --&gt; 2", ""),
            (9000, "up", "line:0"),
        ];
        assert_eq!(told, expected);
        assert_eq!(transcript.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [17, 24]);
    }

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(decode("\u{feff}é".as_bytes()), "é");
        assert_eq!(decode(&[0xff, 0xfe, 0xe9, 0]), "é");
        assert_eq!(decode(&[0xfe, 0xff, 0, 0xe9]), "é");
        assert_eq!(decode(&[0xe9]), "é");
    }

    #[test]
    fn a_file_without_captions_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a film.srt");
        std::fs::write(&path, "1\n00:00 -> 00:01\nno").unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("a film.srt") && message.contains("holds no caption"), "{message}");
        let message = read(folder.path()).unwrap_err().to_string();
        assert!(message.contains("cannot read captions"), "{message}");
    }
}
