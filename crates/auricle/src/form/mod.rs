//! The form of a file: which fields it has, of which type, in which range.
//!
//! Listener files and cue sheets are each described once, by a static [`Record`]. From that one
//! description come both the faults a reader reports ([`check`]) and the JSON Schema that editors use
//! ([`schema`]), so that the two cannot drift apart. What a form cannot say (that cues must not
//! overlap, say) the readers check themselves on top.

pub(crate) mod check;
pub(crate) mod schema;
pub(crate) mod source;
mod suggest;
pub(crate) mod view;

pub(crate) use suggest::closest;

/// Why a text is not what its field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// What is wrong.
    pub(crate) message: String,
    /// What to do; may be empty.
    pub(crate) help: String,
}

impl Complaint {
    /// A complaint of `message`, to be mended as `help` says.
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// A kind of value.
#[derive(Debug)]
pub(crate) enum Form {
    /// Text a person reads: no control characters.
    Words {
        /// Most characters.
        max_chars: usize,
        /// Whether it may be empty or blank.
        may_be_empty: bool,
    },
    /// One of a few words, each with what it means.
    Choice(&'static [(&'static str, &'static str)]),
    /// Text with a grammar of its own.
    Notation {
        /// What it is, for messages: "a time".
        what: &'static str,
        /// The grammar as a regular expression (ECMA 262), for the schema.
        pattern: &'static str,
        /// The grammar as the reader takes it; agrees with `pattern`.
        check: fn(&str) -> Result<(), Complaint>,
        /// Whether an unquoted TOML local time stands for its text.
        bare_time: bool,
    },
    /// A finite number, whole or not.
    Number {
        /// Least.
        min: f64,
        /// Most.
        max: f64,
        /// Its unit, as a word for messages; may be empty.
        unit: &'static str,
    },
    /// A whole number.
    Whole {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// true or false.
    Flag,
    /// Values of one form.
    List {
        /// The form of each.
        of: &'static Form,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
    /// A table of known fields.
    Table(&'static Record),
    /// A table whose field `tag` says which fields it has beside.
    Tagged {
        /// What it is.
        about: &'static str,
        /// Name of the field that tells.
        tag: &'static str,
        /// Its values, in the order of the documentation.
        variants: &'static [Variant],
    },
    /// A table from frequencies in Hz to values of one form.
    ByFrequency(&'static Form),
    /// One of several forms, told apart by the type of the value.
    Either(&'static [Form]),
}

/// A table of known fields.
#[derive(Debug)]
pub(crate) struct Record {
    /// Its name in the schema's definitions.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) about: &'static str,
    /// Its fields, in the order of the documentation.
    pub(crate) fields: &'static [Field],
    /// Pairs of fields of which at most one may be there.
    pub(crate) exclusive: &'static [(&'static str, &'static str)],
}

/// One of the tables of a [`Form::Tagged`].
#[derive(Debug)]
pub(crate) struct Variant {
    /// Value of the tag.
    pub(crate) tag: &'static str,
    /// What it is.
    pub(crate) about: &'static str,
    /// The fields beside the tag.
    pub(crate) fields: &'static [Field],
    /// Pairs of fields of which at most one may be there.
    pub(crate) exclusive: &'static [(&'static str, &'static str)],
}

/// A field of a table.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it says, with its unit.
    pub(crate) about: &'static str,
    /// The form of its value.
    pub(crate) form: Form,
    /// Whether it must be there.
    pub(crate) need: Need,
}

/// Whether a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It must.
    Required,
    /// It need not; what its absence means stands in its description.
    Optional,
    /// It need not, and its absence means this value (JSON).
    Default(&'static str),
}

/// Length of a name, in characters.
pub(crate) const NAME: Form = Form::Words { max_chars: 100, may_be_empty: false };

/// A sentence or a paragraph.
pub(crate) const SENTENCE: Form = Form::Words { max_chars: 2_000, may_be_empty: false };

impl Field {
    /// A field that must be there.
    pub(crate) const fn required(name: &'static str, about: &'static str, form: Form) -> Self {
        Self { name, about, form, need: Need::Required }
    }

    /// A field that need not be there.
    pub(crate) const fn optional(name: &'static str, about: &'static str, form: Form) -> Self {
        Self { name, about, form, need: Need::Optional }
    }

    /// A field that stands for `json` where it is not there.
    pub(crate) const fn default(name: &'static str, about: &'static str, form: Form, json: &'static str) -> Self {
        Self { name, about, form, need: Need::Default(json) }
    }
}

impl Form {
    /// What the form takes, for "expected ...".
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Words { .. } => "text in quotes".to_owned(),
            Self::Choice(words) => list_of_words(words.iter().map(|(word, _)| *word)),
            Self::Notation { what, .. } => (*what).to_owned(),
            Self::Number { min, max, unit: "" } => format!("a number from {min} to {max}"),
            Self::Number { min, max, unit } => format!("a number from {min} to {max} {unit}"),
            Self::Whole { min, max: i64::MAX } => format!("a whole number from {min}"),
            Self::Whole { min, max } => format!("a whole number from {min} to {max}"),
            Self::Flag => "true or false".to_owned(),
            Self::List { of, .. } => format!("a list, [ ... ], each {}", of.describe()),
            Self::Table(record) => format!("a table, {{ ... }}, of {}", field_names(record.fields)),
            Self::Tagged { tag, .. } => format!("a table, {{ {tag} = ... }}"),
            Self::ByFrequency(of) => format!("a table from frequencies in Hz to {}", of.describe()),
            Self::Either(forms) => forms.iter().map(Form::describe).collect::<Vec<_>>().join(", or "),
        }
    }
}

/// Words in quotes, separated as in a sentence: `"a", "b" or "c"`.
pub(crate) fn list_of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// Names of fields, separated by commas.
pub(crate) fn field_names(fields: &[Field]) -> String {
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}
