//! URLs: one text, or taken apart. What is sent are the parts; `raw` is what Postman shows.

use super::{
    Place,
    headers::{field, fields},
    members::{Members, array, object, rest, text},
    reader::Reader,
};
use crate::request::{Draft, Field};
use serde_json::Value;

/// What stands under `url`.
pub(super) fn url(from: Option<Value>, draft: &mut Draft, place: &Place<'_>, reader: &mut Reader<'_>) {
    let mut from = match from {
        None | Some(Value::Null) => return,
        Some(Value::String(text)) => {
            draft.url = text;
            return;
        }
        Some(Value::Object(members)) => members,
        Some(_) => return reader.note(place, "it should be a text or an object and was left out."),
    };
    let raw = text(&mut from, "raw");
    let base = base(&mut from);
    let query = query(&mut from, place, reader);
    let hash = text(&mut from, "hash");
    draft.path_variables = path_variables(&mut from, place, reader);

    let shown = whole(&base, query.as_deref().map(enabled), hash.as_deref());
    draft.url = match raw {
        // There are no parts: it is all there is.
        Some(raw) if shown.is_empty() => raw,
        Some(raw) => {
            // Some show those that are not sent as well.
            let all = query.iter().flatten().map(|field| Field { disabled: false, ..field.clone() });
            let all: Vec<_> = all.collect();
            if raw.trim() != shown && raw.trim() != whole(&base, Some(enabled(&all)), hash.as_deref()) {
                reader.note(place, "raw and the parts do not agree; the parts were read, as they are what is sent.");
            }
            shown
        }
        None => shown,
    };
    // The text says it all, unless there is something that is not sent.
    draft.query = query.filter(|query| parsed(&draft.url) != *query);
    let known = ["protocol", "host", "port", "path", "query", "variable"];
    let rest = rest(from, &known, place, reader);
    if !rest.is_empty() {
        draft.extra.insert("url".into(), Value::Object(rest));
    }
}

/// Everything before the query.
fn base(from: &mut Members) -> String {
    let mut base = String::new();
    if let Some(protocol) = text(from, "protocol").filter(|protocol| !protocol.is_empty()) {
        base.push_str(protocol.trim_end_matches("://"));
        base.push_str("://");
    }
    if let Some(mut user) = object(from, "auth") {
        base.push_str(&text(&mut user, "user").unwrap_or_default());
        if let Some(password) = text(&mut user, "password") {
            base.push(':');
            base.push_str(&password);
        }
        base.push('@');
    }
    if let Some(host) = joined(from, "host", ".") {
        base.push_str(&host);
    }
    if let Some(port) = text(from, "port").filter(|port| !port.is_empty()) {
        base.push(':');
        base.push_str(&port);
    }
    if let Some(path) = joined(from, "path", "/") {
        if !path.starts_with('/') {
            base.push('/');
        }
        base.push_str(&path);
    }
    base
}

/// A text, or texts that are joined. `None` for none.
fn joined(from: &mut Members, name: &str, between: &str) -> Option<String> {
    match from.get(name)? {
        Value::Array(elements) => {
            let texts = elements.iter().map(|element| match element {
                Value::String(text) => text.clone(),
                // A variable of the path, as it once was.
                Value::Object(segment) => segment.get("value").and_then(Value::as_str).unwrap_or_default().to_owned(),
                Value::Null => String::new(),
                other => other.to_string(),
            });
            let texts: Vec<_> = texts.collect();
            from.shift_remove(name);
            // One behind the other, even where the first is empty.
            (!texts.is_empty()).then(|| format!("{}{}", if between == "/" { "/" } else { "" }, texts.join(between)))
        }
        _ => text(from, name).filter(|text| !text.is_empty()),
    }
}

/// The parameters; `None` if there is no list.
fn query(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Vec<Field>> {
    let place = place.member("query");
    if let Some(query) = from.get("query").and_then(Value::as_str) {
        let query = parsed_query(query);
        from.shift_remove("query");
        return Some(query);
    }
    let elements = array(from, "query")?;
    let mut query = Vec::with_capacity(elements.len());
    for (number, element) in elements.into_iter().enumerate() {
        let place = place.index(number);
        match element {
            Value::Object(mut members) => {
                let without =
                    ["key", "value"].map(|name| !matches!(members.get(name), Some(value) if !value.is_null()));
                for name in ["key", "value"] {
                    if members.get(name).is_some_and(Value::is_null) {
                        members.shift_remove(name);
                    }
                }
                let mut field = field(members, &place, reader);
                for (name, without) in ["key", "value"].into_iter().zip(without) {
                    if without {
                        field.extra.insert(name.into(), Value::Null);
                    }
                }
                query.push(field);
            }
            Value::String(text) => query.extend(parsed_query(&text)),
            Value::Null => {}
            _ => reader.note(&place, "it should be an object and was left out."),
        }
    }
    Some(query)
}

fn path_variables(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Vec<Field> {
    let elements = array(from, "variable").unwrap_or_default();
    let elements = elements.into_iter().map(|mut element| {
        if let Value::Object(members) = &mut element
            && !members.get("key").is_some_and(Value::is_string)
            && let Some(id) = text(members, "id")
        {
            members.insert("key".into(), id.into());
        }
        element
    });
    fields(elements.collect(), &place.member("variable"), reader)
}

/// What is sent of a query.
pub(in super::super) fn enabled(query: &[Field]) -> Option<String> {
    let mut sent: Option<String> = None;
    for field in query.iter().filter(|field| !field.disabled) {
        let sent = match &mut sent {
            Some(sent) => {
                sent.push('&');
                sent
            }
            None => sent.insert(String::new()),
        };
        sent.push_str(&field.key);
        if !is_without(field, "value") {
            sent.push('=');
            sent.push_str(&field.value);
        }
    }
    sent
}

/// Whether a parameter has no value, not even an empty one; or no name.
pub(in super::super) fn is_without(field: &Field, what: &str) -> bool {
    field.extra.get(what).is_some_and(Value::is_null)
}

/// A URL of its parts.
pub(in super::super) fn whole(base: &str, query: Option<Option<String>>, hash: Option<&str>) -> String {
    let mut whole = base.to_owned();
    if let Some(query) = query.flatten() {
        whole.push('?');
        whole.push_str(&query);
    }
    if let Some(hash) = hash {
        whole.push('#');
        whole.push_str(hash);
    }
    whole
}

/// The parameters in the text of a URL.
pub(in super::super) fn parsed(url: &str) -> Vec<Field> {
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    url.split_once('?').map_or(Vec::new(), |(_, query)| parsed_query(query))
}

fn parsed_query(query: &str) -> Vec<Field> {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((key, value)) => Field::new(key, value),
        None => {
            let mut field = Field::new(pair, "");
            field.extra.insert("value".into(), Value::Null);
            field
        }
    });
    pairs.collect()
}
