//! Reading values out of a table that was checked against its form.
//!
//! Getters answer `None` both where a field is absent and where it has the wrong type: the check has
//! reported the latter, and the reader goes on to find what else is wrong.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table, its path and its place.
#[derive(Debug, Clone)]
pub(crate) struct View<'d, 't> {
    table: &'d DeTable<'t>,
    /// Its path in the file, "state[2].left"; empty for the file itself.
    pub(crate) path: String,
    /// Its place in the file.
    pub(crate) span: Range<usize>,
}

impl<'d, 't> View<'d, 't> {
    /// The whole file.
    pub(crate) fn root(table: &'d Spanned<DeTable<'t>>) -> Self {
        Self { table: table.get_ref(), path: String::new(), span: 0..0 }
    }

    /// The table that `value` at `path` is, if it is one.
    pub(crate) fn of(value: &'d Spanned<DeValue<'t>>, path: &str) -> Option<Self> {
        Some(Self { table: value.get_ref().as_table()?, path: path.to_owned(), span: value.span() })
    }

    /// The value of a field.
    pub(crate) fn value(&self, name: &str) -> Option<&'d Spanned<DeValue<'t>>> {
        self.table.get(name)
    }

    /// True where the field is there, whatever its type.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// Path of a field.
    pub(crate) fn path_of(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// Place of a field, or of the table where the field is absent.
    pub(crate) fn span_of(&self, name: &str) -> Range<usize> {
        self.value(name).map_or(self.span.clone(), Spanned::span)
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<&'d str> {
        self.value(name)?.get_ref().as_str()
    }

    /// A text of one's own; empty where absent.
    pub(crate) fn words(&self, name: &str) -> String {
        self.text(name).unwrap_or("").to_owned()
    }

    /// A finite number.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        number(self.value(name)?.get_ref())
    }

    /// A whole number.
    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        whole(self.value(name)?.get_ref())
    }

    /// true or false.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.value(name)?.get_ref().as_bool()
    }

    /// A list of texts; empty where absent.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(|item| item.get_ref().as_str()).map(str::to_owned).collect()
    }

    /// A list; empty where absent.
    pub(crate) fn list(&self, name: &str) -> &'d [Spanned<DeValue<'t>>] {
        self.value(name).and_then(|value| value.get_ref().as_array()).map_or(&[], |array| &array[..])
    }

    /// A table within.
    pub(crate) fn table(&self, name: &str) -> Option<Self> {
        Self::of(self.value(name)?, &self.path_of(name))
    }

    /// Tables of a list.
    pub(crate) fn tables(&self, name: &str) -> Vec<Self> {
        let path = self.path_of(name);
        let tables = self.list(name).iter().enumerate();
        tables.filter_map(|(i, value)| Self::of(value, &item(&path, i))).collect()
    }

    /// Fields in the order of the file.
    pub(crate) fn fields(&self) -> Vec<(&'d Spanned<std::borrow::Cow<'t, str>>, &'d Spanned<DeValue<'t>>)> {
        let mut fields: Vec<_> = self.table.iter().collect();
        fields.sort_by_key(|(key, _)| key.span().start);
        fields
    }
}

/// Path of field `name` of the table at `path`.
pub(crate) fn join(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let name = if plain && name.len() <= 60 { name.to_owned() } else { super::source::quote(name) };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

/// Path of the value at `index` (from 0) of the list at `path`; people count from 1.
pub(crate) fn item(path: &str, index: usize) -> String {
    format!("{path}[{}]", index + 1)
}

/// A TOML integer or float, if finite.
pub(crate) fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(_) => whole(value).map(|whole| whole as f64),
        DeValue::Float(float) => float.as_str().parse().ok().filter(|x: &f64| x.is_finite()),
        _ => None,
    }
}

/// A TOML integer, if it fits.
pub(crate) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}
