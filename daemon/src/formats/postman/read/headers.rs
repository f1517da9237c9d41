//! Header fields: a list, or one text as it once was.

use super::{
    Place,
    members::{Members, any_text, description, flag, is_set, rest, text},
    reader::Reader,
};
use crate::request::Field;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// The fields under `header`.
pub(super) fn headers(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Vec<Field> {
    let place = place.member("header");
    match from.shift_remove("header") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(lines)) => lines.lines().filter_map(line).collect(),
        Some(Value::Array(elements)) => {
            let mut fields = fields(elements, &place, reader);
            for field in &mut fields {
                if let Some(text) = reader.literal(&field.value) {
                    field.bytes = Some(STANDARD.encode(text));
                    field.value = text.to_owned();
                }
            }
            fields
        }
        Some(_) => {
            reader.note(&place, "it should be an array and was left out.");
            Vec::new()
        }
    }
}

/// The fields of a list: of a header, a query, a form.
pub(super) fn fields(from: Vec<Value>, place: &Place<'_>, reader: &mut Reader<'_>) -> Vec<Field> {
    let mut fields = Vec::with_capacity(from.len());
    for (number, element) in from.into_iter().enumerate() {
        let place = place.index(number);
        match element {
            Value::Object(members) => fields.push(field(members, &place, reader)),
            Value::String(text) => fields.extend(line(&text)),
            Value::Null => {}
            _ => reader.note(&place, "it should be an object and was left out."),
        }
    }
    fields
}

/// A name, its value, and what is said of them.
pub(super) fn field(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Field {
    let key = text(&mut from, "key").unwrap_or_default();
    let value = any_text(&mut from, "value").unwrap_or_default();
    let disabled = is_set(&mut from, "disabled") || flag(&mut from, "enabled") == Some(false);
    let description = description(&mut from);
    let extra = rest(from, &["key", "description", "disabled"], place, reader);
    Field { key, value, bytes: None, disabled, description, extra }
}

/// `name: value`; nothing for an empty line. One that begins with `//` is disabled.
pub(super) fn line(text: &str) -> Option<Field> {
    let text = text.trim();
    let (text, disabled) = text.strip_prefix("//").map_or((text, false), |text| (text.trim_start(), true));
    let (key, value) = text.split_once(':').unwrap_or((text, ""));
    let (key, value) = (key.trim(), value.trim());
    (!key.is_empty()).then(|| Field { disabled, ..Field::new(key, value) })
}
