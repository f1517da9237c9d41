//! The members of an object, taken out one after the other. What is left is what is not known here.

use super::{Place, reader::Reader};
use crate::collection::Variable;
use serde_json::{Map, Value};

/// The members of an object.
pub(super) type Members = Map<String, Value>;

/// A text; numbers and truth values are taken for one. What is neither stays.
pub(super) fn text(from: &mut Members, name: &str) -> Option<String> {
    match from.get(name)? {
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
        _ => return None,
    }
    match from.shift_remove(name)? {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// A text, whatever it takes: what is no text is one as JSON.
pub(super) fn any_text(from: &mut Members, name: &str) -> Option<String> {
    text(from, name).or_else(|| from.shift_remove(name).map(|value| value.to_string()))
}

/// A truth value. What is none stays.
pub(super) fn flag(from: &mut Members, name: &str) -> Option<bool> {
    let flag = from.get(name)?.as_bool()?;
    from.shift_remove(name);
    Some(flag)
}

/// A truth value that is usually false, and then not said.
pub(super) fn is_set(from: &mut Members, name: &str) -> bool {
    flag(from, name).unwrap_or_default()
}

/// The elements of an array. What is none stays; `null` is passed over.
pub(super) fn array(from: &mut Members, name: &str) -> Option<Vec<Value>> {
    match from.get(name)? {
        Value::Array(_) | Value::Null => {}
        _ => return None,
    }
    match from.shift_remove(name)? {
        Value::Array(elements) => Some(elements),
        _ => None,
    }
}

/// The members of an object. What is none stays; `null` is passed over.
pub(super) fn object(from: &mut Members, name: &str) -> Option<Members> {
    match from.get(name)? {
        Value::Object(_) | Value::Null => {}
        _ => return None,
    }
    match from.shift_remove(name)? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// A description: a text, or an object with one. What the object says besides stays.
pub(super) fn description(from: &mut Members) -> Option<String> {
    match from.get_mut("description")? {
        Value::Object(form) => {
            let content = text(form, "content")?;
            let is_plain = form.is_empty() || form.len() == 1 && form.get("type").is_some_and(|t| t == "text/plain");
            if is_plain {
                from.shift_remove("description");
            }
            Some(content)
        }
        _ => text(from, "description"),
    }
}

/// What is left, once members that are known but not as they should be are left out.
pub(super) fn rest(mut from: Members, known: &[&str], place: &Place<'_>, reader: &mut Reader<'_>) -> Members {
    for name in known {
        // What is left of a description goes with it.
        let is_form = *name == "description" && from.get(*name).is_some_and(Value::is_object);
        if !is_form
            && let Some(value) = from.shift_remove(*name)
            && !value.is_null()
        {
            reader.note(&place.member(name), "it is not as it should be and was left out.");
        }
    }
    from
}

/// Variables of a collection, a folder or an item.
pub(super) fn variables(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Vec<Variable> {
    let place = place.member("variable");
    let elements = match from.get("variable") {
        // As it once was: names and values.
        Some(Value::Object(_)) => {
            let pairs = object(from, "variable").unwrap_or_default().into_iter();
            pairs.map(|(key, value)| serde_json::json!({"key": key, "value": value})).collect()
        }
        _ => array(from, "variable").unwrap_or_default(),
    };
    let mut variables = Vec::with_capacity(elements.len());
    for (number, element) in elements.into_iter().enumerate() {
        let place = place.index(number);
        match element {
            Value::Object(members) => variables.push(variable(members, &place, reader)),
            _ => reader.note(&place, "it should be an object and was left out."),
        }
    }
    variables
}

fn variable(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Variable {
    // Our mark on a variable that holds no text of ours: kept, it would be taken for one once it is written.
    if from.get(super::super::own::MEMBER).is_some_and(Value::is_string) {
        from.shift_remove(super::super::own::MEMBER);
    }
    let key = text(&mut from, "key");
    // Once an id was the name; now it is only that.
    let key = key.or_else(|| text(&mut from, "id")).or_else(|| text(&mut from, "name")).unwrap_or_default();
    let mut secret = is_set(&mut from, "secret");
    let kind = from.get("type").and_then(Value::as_str).unwrap_or_default();
    if matches!(kind, "string" | "default" | "secret" | "") {
        secret |= kind == "secret";
        from.shift_remove("type");
    }
    let value = any_text(&mut from, "value").unwrap_or_default();
    let disabled = is_set(&mut from, "disabled") || flag(&mut from, "enabled") == Some(false);
    let description = description(&mut from);
    let extra = rest(from, &["key", "value", "description", "disabled"], place, reader);
    Variable { key, value, secret, disabled, description, extra }
}

/// Scripts, as they are.
pub(super) fn scripts(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Vec<Value> {
    let elements = array(from, "event").unwrap_or_default();
    let place = place.member("event");
    let mut scripts = Vec::with_capacity(elements.len());
    for (number, element) in elements.into_iter().enumerate() {
        if element.is_object() {
            scripts.push(element);
        } else if !element.is_null() {
            reader.note(&place.index(number), "it should be an object and was left out.");
        }
    }
    scripts
}
