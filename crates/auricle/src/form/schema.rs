//! The JSON Schema (draft 2020-12) of a form.

use serde_json::{Map, Value, json};

use super::check::FREQUENCY_PATTERN;
use super::{Field, Form, Need, Record};

/// Characters that [`Form::Words`] does not take: Unicode's control characters (general category Cc).
const CONTROL: &str = "\\u0000-\\u001F\\u007F-\\u009F";

/// The schema of files of `record`, called `title`.
pub(crate) fn schema(title: &str, record: &Record) -> Value {
    let mut definitions = Map::new();
    let mut root = table(record.fields, record.exclusive, None, &mut definitions);
    let about = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": record.about,
        "$defs": definitions,
    });
    if let (Value::Object(root), Value::Object(about)) = (&mut root, about) {
        root.extend(about);
    }
    root
}

fn table(
    fields: &[Field],
    exclusive: &[(&str, &str)],
    tag: Option<(&str, &str)>,
    definitions: &mut Map<String, Value>,
) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    if let Some((tag, value)) = tag {
        properties.insert(tag.to_owned(), json!({ "const": value }));
        required.push(tag);
    }
    for field in fields {
        let mut property = of(&field.form, definitions);
        if let Value::Object(property) = &mut property {
            property.insert("description".to_owned(), field.about.into());
            if let Need::Default(value) = field.need {
                // Every default is checked by a test to be JSON.
                property.insert("default".to_owned(), serde_json::from_str(value).unwrap_or(Value::Null));
            }
        }
        properties.insert(field.name.to_owned(), property);
        if field.need == Need::Required {
            required.push(field.name);
        }
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    if !exclusive.is_empty() {
        let pairs: Vec<Value> =
            exclusive.iter().map(|(one, other)| json!({ "not": { "required": [one, other] } })).collect();
        schema["allOf"] = pairs.into();
    }
    schema
}

fn of(form: &Form, definitions: &mut Map<String, Value>) -> Value {
    match form {
        Form::Words { max_chars, may_be_empty: true } => {
            json!({ "type": "string", "maxLength": max_chars, "pattern": format!("^[^{CONTROL}]*$") })
        }
        Form::Words { max_chars, may_be_empty: false } => json!({
            "type": "string",
            "maxLength": max_chars,
            "pattern": format!("^[^{CONTROL}]*[^\\s{CONTROL}][^{CONTROL}]*$"),
        }),
        Form::Choice(words) => {
            let choices: Vec<Value> =
                words.iter().map(|(word, about)| json!({ "const": word, "description": about })).collect();
            json!({ "type": "string", "oneOf": choices })
        }
        Form::Notation { pattern, what, .. } => {
            json!({ "type": "string", "pattern": pattern, "title": what })
        }
        Form::Number { min, max, .. } => {
            json!({ "type": "number", "minimum": min, "maximum": max })
        }
        Form::Whole { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::List { of: each, min, max } => {
            json!({ "type": "array", "items": of(each, definitions), "minItems": min, "maxItems": max })
        }
        Form::Table(record) => {
            if !definitions.contains_key(record.name) {
                let mut definition = table(record.fields, record.exclusive, None, definitions);
                definition["description"] = record.about.into();
                definitions.insert(record.name.to_owned(), definition);
            }
            json!({ "$ref": format!("#/$defs/{}", record.name) })
        }
        Form::Tagged { about, tag, variants } => {
            let mut tables = Vec::new();
            for variant in *variants {
                let mut schema = table(variant.fields, variant.exclusive, Some((tag, variant.tag)), definitions);
                schema["description"] = variant.about.into();
                tables.push(schema);
            }
            json!({ "type": "object", "title": about, "oneOf": tables })
        }
        Form::ByFrequency(each) => json!({
            "type": "object",
            "propertyNames": { "pattern": FREQUENCY_PATTERN },
            "additionalProperties": of(each, definitions),
            "minProperties": 1,
        }),
        Form::Either(forms) => {
            let forms: Vec<Value> = forms.iter().map(|form| of(form, definitions)).collect();
            json!({ "anyOf": forms })
        }
    }
}
