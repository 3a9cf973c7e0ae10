//! How users name a listener: a file, or a preset and perhaps one of its states.

/// A listener as a user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A built-in preset: "preset:drummer", "preset:drummer/collapse".
    Preset {
        /// Its name, as written.
        name: String,
        /// The state; `None`: none is named.
        state: Option<String>,
    },
    /// A listener file, as written.
    File(String),
}

/// Why a text names no listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing is named.
    #[error("no listener is named; name a file or \"preset:NAME\"")]
    Empty,
    /// "preset:" without a name, or "preset:NAME/" without a state.
    #[error("a preset is named \"preset:NAME\" or \"preset:NAME/STATE\"")]
    Incomplete,
}

impl Reference {
    /// Reads "preset:NAME", "preset:NAME/STATE" ("preset:" in any case), or a path.
    ///
    /// # Errors
    /// [`ReferenceError`] where nothing is named.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        const PREFIX: &str = "preset:";
        if text.trim().is_empty() {
            return Err(ReferenceError::Empty);
        }
        let preset = match text.split_at_checked(PREFIX.len()) {
            Some((prefix, preset)) if prefix.eq_ignore_ascii_case(PREFIX) => preset,
            _ => return Ok(Self::File(text.to_owned())),
        };
        let (name, state) = match preset.split_once('/') {
            Some((name, state)) => (name, Some(state)),
            None => (preset, None),
        };
        if name.is_empty() || state == Some("") {
            return Err(ReferenceError::Incomplete);
        }
        Ok(Self::Preset { name: name.to_owned(), state: state.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_states_and_files() {
        let preset = |name: &str, state: Option<&str>| {
            Ok(Reference::Preset { name: name.to_owned(), state: state.map(str::to_owned) })
        };
        assert_eq!(Reference::parse("preset:N3"), preset("N3", None));
        assert_eq!(Reference::parse("PRESET:drummer/collapse"), preset("drummer", Some("collapse")));
        assert_eq!(Reference::parse("a/b.toml"), Ok(Reference::File("a/b.toml".to_owned())));
        assert_eq!(Reference::parse("presetälteres.toml"), Ok(Reference::File("presetälteres.toml".to_owned())));
        assert_eq!(Reference::parse(" "), Err(ReferenceError::Empty));
        assert_eq!(Reference::parse("preset:"), Err(ReferenceError::Incomplete));
        assert_eq!(Reference::parse("preset:x/"), Err(ReferenceError::Incomplete));
    }
}
