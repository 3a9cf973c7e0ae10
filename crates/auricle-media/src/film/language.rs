//! Languages of tracks as QuickTime's writer knows them.
//!
//! QuickTime numbers its languages ("QuickTime File Format", "Language Code Values"), and ffmpeg's table of them has one
//! three-letter name for each, of either kind that ISO 639-2 has, or of neither. Any other name is dropped.

use super::codec::FilmContainer;

/// Names that ffmpeg's table does not have, and the one it has for the same language.
const QUICKTIME: [(&str, &str); 22] = [
    ("deu", "ger"),
    ("fre", "fra"),
    ("nld", "dut"),
    ("swe", "sve"),
    ("zho", "chi"),
    ("ell", "gre"),
    ("isl", "ice"),
    ("cze", "ces"),
    ("slo", "slk"),
    ("sqi", "alb"),
    ("rum", "ron"),
    ("mkd", "mac"),
    ("hye", "arm"),
    ("kat", "geo"),
    ("bod", "tib"),
    ("mya", "bur"),
    ("msa", "may"),
    ("cym", "wel"),
    ("eus", "baq"),
    ("hrv", "hr "),
    ("srp", "sr "),
    ("pan", "pa "),
];

/// The name to give the writer of a container for a language.
pub(super) fn written(container: FilmContainer, language: &str) -> &str {
    if container != FilmContainer::Mov {
        return language;
    }
    QUICKTIME.iter().find(|(own, _)| *own == language).map_or(language, |(_, known)| known)
}

/// Whether two names mean the same language.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let known =
        |name: &str| QUICKTIME.iter().find(|(own, _)| *own == name).map_or(name, |(_, known)| known).trim().to_owned();
    known(a.trim()) == known(b.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_the_name_its_writer_knows() {
        assert_eq!(written(FilmContainer::Mov, "deu"), "ger");
        assert_eq!(written(FilmContainer::Mov, "eng"), "eng");
        assert_eq!(written(FilmContainer::Mp4, "deu"), "deu");
        assert!(is_same("deu", "ger") && is_same("hrv", "hr") && !is_same("deu", "eng"));
    }
}
