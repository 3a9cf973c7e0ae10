//! WebVTT cue text: tags, entities, and lines of a length that can be read.

/// Most characters of a line.
pub(super) const LINE_CHARS: usize = 42;

/// What stands in a caption file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    WebVtt,
    SubRip,
}

/// Plain text as WebVTT cue text.
pub(super) fn escape(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\0' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

/// Cue text as found in a file, made well-formed: known tags kept, others dropped, all else escaped,
/// empty lines removed. Also says whether SubRip's `{\an8}` puts it to the top.
pub(super) fn clean(text: &str, dialect: Dialect) -> (String, bool) {
    let mut out = String::with_capacity(text.len());
    let mut top = false;
    let text = text.replace('\r', "\n");
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some(end) = rest.find('>')
            && let tag = &rest[1..end]
            && is_tag_like(tag)
        {
            if is_known_tag(tag, dialect) {
                out.push_str(&rest[..=end]);
            }
            rest = &rest[end + 1..];
            continue;
        }
        if c == '{'
            && dialect == Dialect::SubRip
            && rest[1..].starts_with('\\')
            && let Some(end) = rest.find('}')
        {
            top |= matches!(&rest[1..end], "\\an7" | "\\an8" | "\\an9");
            rest = &rest[end + 1..];
            continue;
        }
        if c == '&'
            && let Some(length) = entity_length(rest)
        {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        out.push_str(&escape(&rest[..c.len_utf8()]));
        rest = &rest[c.len_utf8()..];
    }
    // A space that is not to be broken at is one that someone put there.
    let blank = |c: char| c.is_whitespace() && c != '\u{a0}';
    let lines: Vec<&str> =
        out.lines().map(|line| line.trim_matches(blank)).filter(|line| visible_chars(line) > 0).collect();
    (lines.join("\n"), top)
}

/// A tag rather than a stray "<": begins with a letter, "/" or ".", or is a time; stays on its line.
fn is_tag_like(tag: &str) -> bool {
    let begins = tag.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '.');
    (begins && !tag.contains(['\n', '<'])) || super::read::parse_time(tag).is_some()
}

fn is_known_tag(tag: &str, dialect: Dialect) -> bool {
    let name = tag.strip_prefix('/').unwrap_or(tag);
    let name = name.split(['.', ' ', '\t']).next().unwrap_or_default();
    let known: &[&str] = match dialect {
        Dialect::WebVtt => &["b", "i", "u", "c", "v", "lang", "ruby", "rt"],
        Dialect::SubRip => &["b", "i", "u"],
    };
    let time = || dialect == Dialect::WebVtt && super::read::parse_time(tag).is_some();
    known.contains(&name) || time()
}

/// Length in bytes of the character reference that `text` begins with.
fn entity_length(text: &str) -> Option<usize> {
    let end = text.get(..text.len().min(12)).map_or_else(|| text.find(';'), |head| head.find(';'))?;
    let name = &text[1..end];
    let numeric = name.strip_prefix('#').is_some_and(|digits| {
        let hex = digits.strip_prefix(['x', 'X']);
        let number = hex.map_or_else(|| digits.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
        number.and_then(char::from_u32).is_some_and(|c| c != '\0')
    });
    (numeric || matches!(name, "amp" | "lt" | "gt" | "quot" | "apos" | "nbsp" | "lrm" | "rlm")).then_some(end + 1)
}

/// Characters that a reader sees: tags none, a character reference one.
pub(super) fn visible_chars(markup: &str) -> usize {
    let mut count = 0;
    let mut in_tag = false;
    let mut in_entity = false;
    for c in markup.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            '&' => {
                in_entity = true;
                count += 1;
            }
            ';' if in_entity => in_entity = false,
            _ if in_entity => {}
            _ => count += 1,
        }
    }
    count
}

/// Breaks cue text into at most two lines of [`LINE_CHARS`], as even as possible; `None` where it does
/// not fit. Line breaks it has count as spaces.
pub(super) fn two_lines(markup: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut in_tag = false;
    for c in markup.chars() {
        in_tag = match c {
            '<' => true,
            '>' => false,
            _ => in_tag,
        };
        if c.is_whitespace() && c != '\u{a0}' && !in_tag {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        } else {
            word.push(c);
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    let whole = words.join(" ");
    if visible_chars(&whole) <= LINE_CHARS {
        return Some(whole);
    }
    (1..words.len())
        .map(|at| (words[..at].join(" "), words[at..].join(" ")))
        .map(|(first, second)| (visible_chars(&first).max(visible_chars(&second)), first, second))
        .filter(|(longest, ..)| *longest <= LINE_CHARS)
        .min_by_key(|(longest, ..)| *longest)
        .map(|(_, first, second)| format!("{first}\n{second}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_signs_are_escaped_and_tags_kept() {
        let cleaned = |text| clean(text, Dialect::WebVtt).0;
        assert_eq!(cleaned("R&B <3 a --> b"), "R&amp;B &lt;3 a --&gt; b");
        assert_eq!(cleaned("<v Ann Lee>Hi</v> <i.loud>you</i>"), "<v Ann Lee>Hi</v> <i.loud>you</i>");
        assert_eq!(cleaned("<script>x</script>"), "x");
        assert_eq!(cleaned("<00:00:01.000>late &amp; &#233;"), "<00:00:01.000>late &amp; &#233;");
        assert_eq!(cleaned("one\n\n  \ntwo"), "one\ntwo");
        assert_eq!(cleaned(" \u{a0}one \n\u{2003}two\u{a0}"), "\u{a0}one\ntwo\u{a0}");
        assert_eq!(clean("{\\an8}<font color=\"red\">up</font>", Dialect::SubRip), ("up".into(), true));
    }

    #[test]
    fn only_what_is_seen_counts() {
        assert_eq!(visible_chars("<i>caf&#233; &amp;</i>"), 6);
        assert_eq!(two_lines("short").as_deref(), Some("short"));
        let text = "Tell me, is the <u>lord of the whole wide universe</u> in his office today?";
        let lines = two_lines(text).unwrap();
        assert_eq!(lines.lines().count(), 2);
        assert!(lines.lines().all(|line| visible_chars(line) <= LINE_CHARS), "{lines}");
        assert_eq!(lines.replace('\n', " "), text);
        assert_eq!(two_lines(&"word ".repeat(30)), None);
    }
}
