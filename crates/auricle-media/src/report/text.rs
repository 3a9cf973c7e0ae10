//! Text for the page: escaping, and numbers with their units.

use std::fmt::{self, Display};

/// Plain text as HTML text or attribute value.
///
/// Controls and directional overrides, which could garble what stands beside them, are shown as
/// U+FFFD; the page isolates text of unknown direction by `<bdi>`.
pub(crate) struct Html<'a>(pub(crate) &'a str);

impl Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => write!(f, "{c}")?,
                // Unpaired overrides and isolates; single marks (U+200E, U+200F) are harmless.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_str("\u{fffd}")?,
                // HTML has no reference for noncharacters and controls.
                c if c.is_control() || is_noncharacter(c) => f.write_str("\u{fffd}")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}

/// Text of the user's within a sentence: escaped, its direction kept to itself.
pub(crate) fn user(text: &str) -> String {
    format!("<bdi>{}</bdi>", Html(text))
}

/// A number with `decimals` and a true minus sign; no "-0".
pub(crate) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let digits = text.trim_start_matches('-');
    let is_zero = digits.chars().all(|c| matches!(c, '0' | '.'));
    if value < 0.0 && !is_zero { format!("\u{2212}{digits}") } else { digits.to_owned() }
}

/// As [`number`], with a plus sign above zero.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    let is_zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if value > 0.0 && !is_zero { format!("+{text}") } else { text }
}

/// "440 Hz", "4 kHz", "1.5 kHz".
pub(crate) fn hz(hz: f64) -> String {
    if hz >= 1000.0 {
        let khz = format!("{:.2}", hz / 1000.0);
        format!("{} kHz", khz.trim_end_matches('0').trim_end_matches('.'))
    } else {
        format!("{} Hz", hz.round())
    }
}

/// "0.35 s", "12.5 s", "3 min 20 s".
pub(crate) fn duration(secs: f64) -> String {
    if secs < 9.995 {
        format!("{secs:.2} s")
    } else if secs < 59.95 {
        format!("{secs:.1} s")
    } else {
        let whole = secs.round() as u64;
        let (hours, minutes, secs) = (whole / 3600, whole / 60 % 60, whole % 60);
        match (hours, minutes, secs) {
            (0, m, 0) => format!("{m} min"),
            (0, m, s) => format!("{m} min {s} s"),
            (h, m, _) => format!("{h} h {m} min"),
        }
    }
}

/// "1 cue", "3 cues"; the plural is regular.
pub(crate) fn count(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// "a", "a and b", "a, b and c".
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first letter made a capital.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// "1,234,567 bytes (1.2 MB)".
pub(crate) fn bytes(bytes: u64) -> String {
    let digits = bytes.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let (scaled, unit) = match bytes as f64 {
        b if b >= 1e9 => (b / 1e9, "GB"),
        b if b >= 1e6 => (b / 1e6, "MB"),
        b if b >= 1e3 => (b / 1e3, "kB"),
        _ => return format!("{grouped} bytes"),
    };
    format!("{grouped} bytes ({scaled:.1} {unit})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_harmless() {
        let hostile = "<script>alert(\"x\")</script> & 'q' \u{202e}gpj.exe \u{0} \u{1f941}";
        let escaped = Html(hostile).to_string();
        assert!(!escaped.contains(['<', '>', '"', '\'', '\u{202e}', '\0']));
        assert!(escaped.contains("&lt;script&gt;") && escaped.contains('\u{1f941}'));
    }

    #[test]
    fn numbers_read_as_typeset() {
        assert_eq!(number(-12.34, 1), "\u{2212}12.3");
        assert_eq!(number(-0.04, 1), "0.0");
        assert_eq!((signed(0.04, 1), signed(3.0, 0)), ("0.0".into(), "+3".into()));
        assert_eq!((hz(440.0), hz(1500.0), hz(8000.0)), ("440 Hz".into(), "1.5 kHz".into(), "8 kHz".into()));
        assert_eq!(
            (duration(0.5), duration(200.0), duration(7260.0)),
            ("0.50 s".into(), "3 min 20 s".into(), "2 h 1 min".into())
        );
        assert_eq!(bytes(1_234_567), "1,234,567 bytes (1.2 MB)");
    }
}
