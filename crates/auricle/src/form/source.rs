//! The text of a file while it is read: where in it something stands, and what was wrong with it.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use crate::fault::{Fault, Faults, Severity};

/// Longest file that is read, bytes: thousands of times what people write.
const MAX_BYTES: usize = 4 << 20;

/// Most faults that are kept; the rest is counted.
const MAX_FAULTS: usize = 200;

/// A file's text, and the faults found in it so far.
#[derive(Debug)]
pub(crate) struct Source<'t> {
    file: String,
    text: &'t str,
    line_starts: Vec<usize>,
    /// Lines with syntax errors, ascending: what is read from them says nothing.
    broken_lines: Vec<usize>,
    faults: Vec<Fault>,
    left_out: usize,
}

/// Line and column, from 1, columns in characters.
pub(crate) type Place = (usize, usize);

impl<'t> Source<'t> {
    /// The file called `file`.
    pub(crate) fn new(file: &str, text: &'t str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file: file.to_owned(), text, line_starts, broken_lines: Vec::new(), faults: Vec::new(), left_out: 0 }
    }

    /// Parses the text; every syntax error becomes a fault, and what could be read is returned.
    pub(crate) fn parse(&mut self) -> Spanned<DeTable<'t>> {
        if self.text.len() > MAX_BYTES {
            self.report(Severity::Error, None, "", "the file is longer than 4 MiB", "is it the right file?");
            return Spanned::new(0..0, DeTable::new());
        }
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let span = error.span();
            self.report(Severity::Error, span.clone(), "", format!("not valid TOML: {}", error.message()), "");
            if let Some(span) = span {
                self.broken_lines.push(self.place(span.start).0);
            }
        }
        self.broken_lines.sort_unstable();
        table
    }

    /// True where the text had syntax errors, so that what is missing may only be unreadable.
    pub(crate) fn is_broken(&self) -> bool {
        !self.broken_lines.is_empty()
    }

    /// Whether an error has been found in the table at `path`, or in what could hold it.
    pub(crate) fn has_error_in(&self, path: &str) -> bool {
        let errors = self.faults.iter().filter(|fault| fault.severity == Severity::Error);
        self.is_broken() || errors.map(|fault| &fault.field).any(|field| field.starts_with(path))
    }

    /// Line and column of the byte at `offset`.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let line = self.line_starts.partition_point(|&start| start <= offset).max(1);
        let start = self.line_starts[line - 1];
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or("");
        (line, before.chars().count() + 1)
    }

    /// Records that the file cannot be used.
    pub(crate) fn error(
        &mut self,
        span: Range<usize>,
        field: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Severity::Error, Some(span), field, message, help);
    }

    /// Records at a line, from 1, that the file cannot be used.
    pub(crate) fn error_at_line(
        &mut self,
        line: usize,
        field: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let text = self.text.get(start..).unwrap_or("");
        let start = start + (text.len() - text.trim_start_matches([' ', '\t']).len());
        self.report(Severity::Error, Some(start..start), field, message, help);
    }

    /// Records something that deserves a look.
    pub(crate) fn warning(
        &mut self,
        span: Range<usize>,
        field: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Severity::Warning, Some(span), field, message, help);
    }

    /// How many faults there are so far.
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.faults.len(), self.left_out)
    }

    /// Forgets what was reported since `mark`: a check that was only tried.
    pub(crate) fn forget_since(&mut self, (faults, left_out): (usize, usize)) {
        self.faults.truncate(faults);
        self.left_out = left_out;
    }

    fn report(
        &mut self,
        severity: Severity,
        span: Option<Range<usize>>,
        field: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.faults.len() >= MAX_FAULTS {
            self.left_out += 1;
            return;
        }
        let place = span.map(|span| self.place(span.start));
        if !field.is_empty() && place.is_some_and(|(line, _)| self.broken_lines.binary_search(&line).is_ok()) {
            return;
        }
        self.faults.push(Fault {
            severity,
            file: self.file.clone(),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            field: field.to_owned(),
            message: message.into(),
            help: help.into(),
        });
    }

    /// `value` and the warnings, or every fault where one of them is an error; in order of lines.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<(T, Faults), Faults> {
        let faults = self.into_faults();
        match value {
            Some(value) if !faults.has_errors() => Ok((value, faults)),
            _ => Err(faults),
        }
    }

    /// Every fault, in order of lines.
    pub(crate) fn into_faults(mut self) -> Faults {
        self.faults.sort_by_key(|fault| (fault.line, fault.column));
        if self.left_out > 0 {
            self.faults.push(Fault {
                severity: Severity::Error,
                file: self.file,
                line: None,
                column: None,
                field: String::new(),
                message: format!("and {} more faults", self.left_out),
                help: "mend the ones above first".to_owned(),
            });
        }
        Faults(self.faults)
    }
}

/// `text` in quotes for a message: shortened, and without what would upset a terminal.
pub(crate) fn quote(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    let mut short: String = text.chars().take(MAX_CHARS).flat_map(char::escape_debug).collect();
    if text.chars().nth(MAX_CHARS).is_some() {
        short.push_str("...");
    }
    format!("\"{short}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_1() {
        let source = Source::new("x", "äb\nc\n");
        assert_eq!(source.place(0), (1, 1));
        assert_eq!(source.place(2), (1, 2));
        assert_eq!(source.place(4), (2, 1));
        assert_eq!(source.place(999), (3, 1));
    }

    #[test]
    fn every_syntax_error_is_reported() {
        let mut source = Source::new("x", "a = \nb = 1\nc = \"open\nd = 1 2\n");
        let table = source.parse();
        assert!(table.get_ref().contains_key("b"));
        let Err(faults) = source.finish::<()>(None) else { panic!("accepted") };
        let lines: Vec<_> = faults.0.iter().filter_map(|fault| fault.line).collect();
        assert!(lines.contains(&1) && lines.contains(&3) && lines.contains(&4), "{faults}");
    }

    #[test]
    fn faults_are_bounded() {
        let mut source = Source::new("x", "");
        for _ in 0..MAX_FAULTS + 7 {
            source.error(0..0, "f", "m", "");
        }
        let Err(faults) = source.finish::<()>(None) else { panic!("accepted") };
        assert_eq!(faults.0.len(), MAX_FAULTS + 1);
        assert_eq!(faults.0[MAX_FAULTS].message, "and 7 more faults");
    }

    #[test]
    fn quotes_are_short_and_printable() {
        assert_eq!(quote("a\u{1b}[31m"), "\"a\\u{1b}[31m\"");
        assert_eq!(quote(&"x".repeat(100)).len(), 65);
    }
}
