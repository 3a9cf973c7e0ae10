//! Checks a parsed file against its form and reports every fault.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::{Source, quote};
use super::view::{View, item, join, number, whole};
use super::{Field, Form, Need, Record, Variant, closest, field_names, list_of_words};
use crate::audiogram::FREQUENCY_RANGE_HZ;

/// Reports everything in `table` that is not as `record` says.
pub(crate) fn check(source: &mut Source<'_>, record: &Record, table: &Spanned<DeTable<'_>>) {
    check_fields(source, record.fields, record.exclusive, None, &View::root(table));
}

/// True where `form` takes values of the type of `value` at all.
fn takes(form: &Form, value: &DeValue<'_>) -> bool {
    match form {
        Form::Words { .. } | Form::Choice(_) => value.is_str(),
        Form::Notation { bare_time, .. } => value.is_str() || (*bare_time && is_time(value)),
        Form::Number { .. } => value.is_integer() || value.is_float(),
        Form::Whole { .. } => value.is_integer(),
        Form::Flag => value.is_bool(),
        Form::List { .. } => value.is_array(),
        Form::Table(_) | Form::Tagged { .. } | Form::ByFrequency(_) => value.is_table(),
        Form::Either(forms) => forms.iter().any(|form| takes(form, value)),
    }
}

/// A TOML local time: 00:01:02.5, unquoted.
fn is_time(value: &DeValue<'_>) -> bool {
    value.as_datetime().is_some_and(|at| at.time.is_some() && at.date.is_none() && at.offset.is_none())
}

fn check_value(source: &mut Source<'_>, form: &Form, value: &Spanned<DeValue<'_>>, path: &str) {
    let span = value.span();
    let inner = value.get_ref();
    if !takes(form, inner) {
        source.error(span, path, format!("expected {}, found {}", form.describe(), found(inner)), "");
        return;
    }
    match form {
        Form::Words { max_chars, may_be_empty } => {
            let text = inner.as_str().unwrap_or("");
            if !may_be_empty && text.trim().is_empty() {
                source.error(span, path, "is empty", "write something, or leave the field out");
            } else if let Some(control) = text.chars().find(|c| c.is_control()) {
                let message = format!("contains the control character U+{:04X}", u32::from(control));
                source.error(span, path, message, "take it out; a text stands on one line");
            } else if text.chars().nth(*max_chars).is_some() {
                source.error(span, path, format!("is longer than {max_chars} characters"), "shorten it");
            }
        }
        Form::Choice(words) => {
            let text = inner.as_str().unwrap_or("");
            if !words.iter().any(|(word, _)| *word == text) {
                let names = || words.iter().map(|(word, _)| *word);
                let help = match closest(text, names()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("it can be {}", list_of_words(names())),
                };
                source.error(span, path, format!("there is no {}", quote(text)), help);
            }
        }
        Form::Notation { check, .. } => {
            let checked = match inner.as_str() {
                Some(text) => check(text),
                None => check(&inner.as_datetime().map(ToString::to_string).unwrap_or_default()),
            };
            if let Err(complaint) = checked {
                source.error(span, path, complaint.message, complaint.help);
            }
        }
        Form::Number { min, max, .. } => match number(inner) {
            Some(number) if (*min..=*max).contains(&number) => {}
            _ => source.error(span, path, out_of_range(inner, form), ""),
        },
        Form::Whole { min, max } => match whole(inner) {
            Some(whole) if (*min..=*max).contains(&whole) => {}
            _ => source.error(span, path, out_of_range(inner, form), ""),
        },
        Form::Flag => {}
        Form::List { of, min, max } => {
            let items = inner.as_array().map_or(&[][..], |array| &array[..]);
            if items.len() < *min || items.len() > *max {
                let expected = if min == max { format!("{min}") } else { format!("{min} to {max}") };
                source.error(span, path, format!("has {} entries, expected {expected}", items.len()), "");
            }
            for (i, value) in items.iter().take(*max).enumerate() {
                check_value(source, of, value, &item(path, i));
            }
        }
        Form::Table(record) => {
            if let Some(view) = View::of(value, path) {
                check_fields(source, record.fields, record.exclusive, None, &view);
            }
        }
        Form::Tagged { tag, variants, .. } => {
            let Some(view) = View::of(value, path) else {
                return;
            };
            match view.value(tag) {
                None => {
                    let names = list_of_words(variants.iter().map(|variant| variant.tag));
                    source.error(span, path, format!("`{tag}` is missing"), format!("it can be {names}"));
                    check_untold(source, tag, variants, &view);
                }
                Some(told) => match variants.iter().find(|v| told.get_ref().as_str() == Some(v.tag)) {
                    Some(variant) => {
                        check_fields(source, variant.fields, variant.exclusive, Some(tag), &view);
                    }
                    None => {
                        let text = told.get_ref().as_str();
                        let names = || variants.iter().map(|variant| variant.tag);
                        let help = match text.and_then(|text| closest(text, names())) {
                            Some(near) => format!("did you mean \"{near}\"?"),
                            None => format!("it can be {}", list_of_words(names())),
                        };
                        let message = match text {
                            Some(text) => format!("there is no {}", quote(text)),
                            None => {
                                format!("expected text in quotes, found {}", found(told.get_ref()))
                            }
                        };
                        source.error(told.span(), &view.path_of(tag), message, help);
                        check_untold(source, tag, variants, &view);
                    }
                },
            }
        }
        Form::ByFrequency(of) => {
            let Some(view) = View::of(value, path) else {
                return;
            };
            let fields = view.fields();
            if fields.is_empty() {
                source.error(span, path, "is empty", "write { 250 = 35, 1000 = 40 }, or leave it out");
            }
            for (key, value) in fields {
                check_frequency(source, of, key, value, &view);
            }
        }
        Form::Either(forms) => {
            if let Some(form) = forms.iter().find(|form| takes(form, inner)) {
                check_value(source, form, value, path);
            }
        }
    }
}

fn check_frequency(
    source: &mut Source<'_>,
    of: &Form,
    key: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    view: &View<'_, '_>,
) {
    let path = view.path_of(key.get_ref());
    if frequency(key.get_ref()).is_none() {
        let (low_hz, high_hz) = FREQUENCY_RANGE_HZ;
        let message = format!("{} is not a frequency from {low_hz} to {high_hz} Hz", quote(key.get_ref()));
        source.error(key.span(), &path, message, "write it as a plain number: 250 = 35");
    } else if let Some(inner) = value.get_ref().as_table().filter(|inner| inner.len() == 1) {
        // 437.5 = 35 is TOML for { 437 = { 5 = 35 } }.
        let part = inner.keys().next().map(|part| part.get_ref().to_string()).unwrap_or_default();
        let help = format!("put a frequency with a point in quotes: \"{}.{part}\" = 35", key.get_ref());
        source.error(key.span(), &path, "expected a threshold, found a table", help);
    } else {
        check_value(source, of, value, &path);
    }
}

/// A frequency as the key of an audiogram: plain decimal digits, 20 to 20000 Hz.
pub(crate) fn frequency(key: &str) -> Option<f64> {
    let (whole, part) = key.split_once('.').unwrap_or((key, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.starts_with('0') || whole.len() > 5 || part.len() > 20 {
        return None;
    }
    let (low_hz, high_hz) = FREQUENCY_RANGE_HZ;
    key.parse().ok().filter(|hz| (low_hz..=high_hz).contains(hz))
}

/// The pattern of [`frequency`] (ECMA 262).
pub(crate) const FREQUENCY_PATTERN: &str =
    "^(([2-9][0-9]|[1-9][0-9]{2,3}|1[0-9]{4})(\\.[0-9]{1,20})?|20000(\\.0{1,20})?)$";

fn check_fields(
    source: &mut Source<'_>,
    fields: &[Field],
    exclusive: &[(&str, &str)],
    tag: Option<&str>,
    view: &View<'_, '_>,
) {
    for (key, value) in view.fields() {
        let name: &str = key.get_ref();
        if let Some(field) = fields.iter().find(|field| field.name == name) {
            check_value(source, &field.form, value, &view.path_of(name));
        } else if tag != Some(name) {
            let help = match closest(name, fields.iter().map(|field| field.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if fields.is_empty() => "take it out".to_owned(),
                None => format!("fields here: {}", field_names(fields)),
            };
            source.error(key.span(), &join(&view.path, name), "unknown field", help);
        }
    }
    // Where the text has syntax errors, what is missing may only be unreadable.
    if !source.is_broken() {
        for field in fields.iter().filter(|field| field.need == Need::Required) {
            if !view.has(field.name) {
                let message = format!("`{}` is missing", field.name);
                source.error(view.span.clone(), &view.path, message, field.about);
            }
        }
    }
    for (one, other) in exclusive {
        if view.has(one) && view.has(other) {
            let message = format!("cannot stand beside `{one}`");
            source.error(view.span_of(other), &view.path_of(other), message, "keep one of the two");
        }
    }
}

/// Checks the fields of a table whose tag does not tell which they are: each by the variant that it fits, or, where it
/// fits none, by the first that has it.
fn check_untold(source: &mut Source<'_>, tag: &str, variants: &[Variant], view: &View<'_, '_>) {
    for (key, value) in view.fields() {
        let name: &str = key.get_ref();
        let (path, before) = (view.path_of(name), source.mark());
        let forms: Vec<&Form> = variants
            .iter()
            .filter_map(|variant| variant.fields.iter().find(|field| field.name == name))
            .map(|field| &field.form)
            .collect();
        let fits = forms.iter().any(|form| {
            check_value(source, form, value, &path);
            let fits = source.mark() == before;
            source.forget_since(before);
            fits
        });
        match forms.first() {
            Some(form) if !fits => check_value(source, form, value, &path),
            None if name != tag => {
                let names = || variants.iter().flat_map(|variant| variant.fields).map(|field| field.name);
                let help = closest(name, names()).map_or_else(String::new, |near| format!("did you mean `{near}`?"));
                source.error(key.span(), &join(&view.path, name), "unknown field", help);
            }
            _ => {}
        }
    }
}

/// What stands there, for "found ...".
fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quote(text),
        DeValue::Integer(integer) => shorten(integer.as_str()),
        DeValue::Float(float) => shorten(float.as_str()),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date or time".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn out_of_range(value: &DeValue<'_>, form: &Form) -> String {
    format!("expected {}, found {}", form.describe(), found(value))
}

fn shorten(digits: &str) -> String {
    if digits.len() <= 40 { digits.to_owned() } else { format!("{}...", &digits[..40]) }
}
