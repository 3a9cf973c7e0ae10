//! "Did you mean ...?"

/// Longest word that is compared, in characters; more is a paste, not a slip of the finger.
const MAX_CHARS: usize = 40;

/// The one of `known` that `word` is most likely a slip of, or `None` where none is near.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(MAX_CHARS + 1).flat_map(char::to_lowercase).collect();
    if word.len() > MAX_CHARS {
        return None;
    }
    known
        .into_iter()
        .map(|candidate| {
            let letters: Vec<char> = candidate.chars().take(MAX_CHARS).flat_map(char::to_lowercase).collect();
            (distance(&word, &letters), letters.len(), candidate)
        })
        // A third of the letters may be wrong, at least one.
        .filter(|&(distance, length, _)| distance <= (word.len().max(length) / 3).max(1))
        .min_by_key(|&(distance, ..)| distance)
        .map(|(.., candidate)| candidate)
}

/// Fewest insertions, deletions, substitutions and swaps of neighbours that make `a` of `b` (optimal
/// string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["smearing", "tinnitus", "left", "right", "both"];
        assert_eq!(closest("smaering", known), Some("smearing"));
        assert_eq!(closest("tinitus", known), Some("tinnitus"));
        assert_eq!(closest("Left", known), Some("left"));
        assert_eq!(closest("rigth", known), Some("right"));
        assert_eq!(closest("volume", known), None);
        assert_eq!(closest("", known), None);
        assert_eq!(closest(&"left".repeat(1_000_000), known), None);
    }

    #[test]
    fn distances() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        for (a, b, expected) in [("", "", 0), ("ab", "", 2), ("ab", "ba", 1), ("kitten", "sitting", 3)] {
            assert_eq!(distance(&chars(a), &chars(b)), expected, "{a} {b}");
            assert_eq!(distance(&chars(b), &chars(a)), expected, "{b} {a}");
        }
    }
}
