//! Faults in files a user wrote: what is wrong, in which file, line and field, and what to do.
//!
//! Readers of listener files and cue sheets collect every fault before they give up, so that one
//! run of `auricle check` shows all of them.

use std::fmt;

use crate::form::source::Source;

/// How bad a [`Fault`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file can be used; something in it deserves a look.
    Warning,
    /// The file cannot be used.
    Error,
}

/// One fault in a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// How bad it is.
    pub severity: Severity,
    /// The file as the user named it.
    pub file: String,
    /// Line, from 1; `None` where the fault is of the whole file.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// The field, as a path: `cue[2].enter.ms`; empty where the fault is of no field.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}: {}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        write!(f, ": ")?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        write!(f, "{}", self.message)?;
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help)?;
        }
        Ok(())
    }
}

/// Every fault of a file; as an error, at least one of them is a [`Severity::Error`].
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// What is not valid TOML in `text`, of the file called `file_name`.
    pub fn of_syntax(text: &str, file_name: &str) -> Self {
        let mut source = Source::new(file_name, text);
        source.parse();
        source.into_faults()
    }

    /// Puts the faults in order: files as they first come, in each of them by line and column, what
    /// has no line last.
    pub fn sort(&mut self) {
        let mut files: Vec<String> = Vec::new();
        for fault in &self.0 {
            if !files.contains(&fault.file) {
                files.push(fault.file.clone());
            }
        }
        let file = |fault: &Fault| files.iter().position(|file| *file == fault.file);
        self.0.sort_by_key(|fault| (file(fault), fault.line.unwrap_or(usize::MAX), fault.column));
    }

    /// True where one of the faults makes the file unusable.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|fault| fault.severity == Severity::Error)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
