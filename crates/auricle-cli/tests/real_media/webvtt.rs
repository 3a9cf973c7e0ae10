//! A strict reader of WebVTT, after the W3C's "WebVTT: The Web Video Text Tracks Format", section 4: what
//! a conforming *author* may write, not what a player forgives.

/// One cue.
#[derive(Debug, PartialEq)]
pub(crate) struct VttCue {
    /// Start, ms.
    pub(crate) from_ms: u64,
    /// End, ms.
    pub(crate) to_ms: u64,
    /// Lines of text, with their markup.
    pub(crate) lines: Vec<String>,
}

/// Reads a whole file, or says in which line it is not WebVTT.
pub(crate) fn parse(file: &str) -> Result<Vec<VttCue>, String> {
    if file.contains('\r') || file.contains('\0') {
        return Err("a carriage return or NUL".to_owned());
    }
    if !file.ends_with('\n') {
        return Err("no line end at the end".to_owned());
    }
    let lines: Vec<&str> = file.strip_prefix('\u{feff}').unwrap_or(file).lines().collect();
    let head = lines.first().copied().unwrap_or("");
    if head != "WEBVTT" && !head.starts_with("WEBVTT ") && !head.starts_with("WEBVTT\t") {
        return Err(format!("line 1: {head:?} instead of WEBVTT"));
    }
    if lines.get(1).is_some_and(|line| !line.is_empty()) {
        return Err("line 2: the header ends with an empty line".to_owned());
    }
    let mut cues: Vec<VttCue> = Vec::new();
    let mut at = 1;
    while at < lines.len() {
        if lines[at].is_empty() {
            at += 1;
            continue;
        }
        let first = at;
        while at < lines.len() && !lines[at].is_empty() {
            at += 1;
        }
        let block = &lines[first..at];
        if let Some(cue) = block_to_cue(block, cues.is_empty()).map_err(|what| format!("line {}: {what}", first + 1))? {
            if cues.last().is_some_and(|before| before.from_ms > cue.from_ms) {
                return Err(format!("line {}: begins before the cue above", first + 1));
            }
            cues.push(cue);
        }
    }
    Ok(cues)
}

fn block_to_cue(block: &[&str], before_cues: bool) -> Result<Option<VttCue>, String> {
    let head = block[0];
    if head == "NOTE" || head.starts_with("NOTE ") || head.starts_with("NOTE\t") {
        return match block.iter().find(|line| line.contains("-->")) {
            Some(line) => Err(format!("--> in a comment: {line:?}")),
            None => Ok(None),
        };
    }
    if matches!(head.trim_end(), "STYLE" | "REGION") {
        return if before_cues { Ok(None) } else { Err(format!("{head} after the first cue")) };
    }
    let timing = usize::from(!head.contains("-->"));
    let Some(line) = block.get(timing) else { return Err(format!("no times after {head:?}")) };
    let (from, rest) = line.split_once(" --> ").ok_or_else(|| format!("no times in {line:?}"))?;
    let (to, settings) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    let (from_ms, to_ms) = (time_ms(from)?, time_ms(to)?);
    if to_ms <= from_ms {
        return Err(format!("ends before it begins: {line:?}"));
    }
    for setting in settings.split_whitespace() {
        let known = ["vertical", "line", "position", "size", "align", "region"];
        if !setting.split_once(':').is_some_and(|(name, value)| known.contains(&name) && !value.is_empty()) {
            return Err(format!("setting {setting:?}"));
        }
    }
    let lines = &block[timing + 1..];
    if lines.is_empty() {
        return Err("a cue without text".to_owned());
    }
    check_text(&lines.join("\n"))?;
    Ok(Some(VttCue { from_ms, to_ms, lines: lines.iter().map(|line| (*line).to_owned()).collect() }))
}

/// `[hh:]mm:ss.ttt`.
fn time_ms(text: &str) -> Result<u64, String> {
    let wrong = || format!("time {text:?}");
    let digits = |part: &str, count: std::ops::RangeInclusive<usize>| {
        (count.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u64>().ok())
            .flatten()
            .ok_or_else(wrong)
    };
    let (clock, thousandths) = text.split_once('.').ok_or_else(wrong)?;
    let parts: Vec<&str> = clock.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [m, s] => (0, digits(m, 2..=2)?, digits(s, 2..=2)?),
        [h, m, s] => (digits(h, 2..=9)?, digits(m, 2..=2)?, digits(s, 2..=2)?),
        _ => return Err(wrong()),
    };
    if minutes > 59 || seconds > 59 {
        return Err(wrong());
    }
    Ok(((hours * 60 + minutes) * 60 + seconds) * 1000 + digits(thousandths, 3..=3)?)
}

/// Escapes are whole, tags are known and closed in order.
fn check_text(text: &str) -> Result<(), String> {
    if text.contains("-->") {
        return Err(format!("--> in {text:?}"));
    }
    for part in text.split('&').skip(1) {
        let name = part.split(';').next().filter(|_| part.contains(';')).unwrap_or("");
        if !matches!(name, "amp" | "lt" | "gt" | "lrm" | "rlm" | "nbsp") {
            return Err(format!("an & that begins no escape in {text:?}"));
        }
    }
    let mut open: Vec<String> = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, _) = part.split_once('>').ok_or_else(|| format!("a < that begins no tag in {text:?}"))?;
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if time_ms(tag).is_ok() {
            continue;
        }
        if !matches!(name.as_str(), "b" | "i" | "u" | "c" | "v" | "lang" | "ruby" | "rt") {
            return Err(format!("<{tag}> in {text:?}"));
        }
        if tag.starts_with('/') {
            if open.pop().as_ref() != Some(&name) {
                return Err(format!("<{tag}> closes what is not open in {text:?}"));
            }
        } else {
            open.push(name);
        }
    }
    // A voice may stay open to the end of its cue.
    if open.iter().any(|tag| tag != "v") { Err(format!("{open:?} left open in {text:?}")) } else { Ok(()) }
}

#[test]
fn the_reader_takes_what_is_right_and_nothing_else() {
    let good = "WEBVTT\n\nNOTE made by hand\n\n1\n00:01.000 --> 00:02.500 align:start\n<v Ann>Fish &amp; chips\n\n\
                00:00:03.000 --> 00:00:04.000\n<i>[music]</i>\nmore\n";
    let cues = parse(good).expect("conforming");
    assert_eq!(cues.len(), 2);
    assert_eq!((cues[0].from_ms, cues[0].to_ms, cues[1].lines.len()), (1000, 2500, 2));
    for bad in [
        "WEBVTT",
        "WEBVT\n\n00:01.000 --> 00:02.000\nx\n",
        "WEBVTT\n\n00:01.000 --> 00:00.000\nx\n",
        "WEBVTT\n\n00:01,000 --> 00:02,000\nx\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nfish & chips\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<i>x\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<font>x</font>\n",
        "WEBVTT\n\n00:03.000 --> 00:04.000\nx\n\n00:01.000 --> 00:02.000\ny\n",
    ] {
        assert!(parse(bad).is_err(), "taken: {bad:?}");
    }
}
