//! Bodies, by their mode.

use super::{
    Place,
    headers::fields,
    members::{Members, any_text, array, description, flag, is_set, object, rest, text},
    reader::Reader,
};
use crate::request::{
    Body, Draft, Field,
    draft::{Language, Part},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// Where a body that is kept, but not sent, is kept among what is not known.
pub(in super::super) const ASIDE: &str = "body_not_sent";

/// What stands under `body`.
pub(super) fn body(from: Option<Value>, draft: &mut Draft, place: &Place<'_>, reader: &mut Reader<'_>) {
    let mut from = match from {
        None | Some(Value::Null) => return,
        Some(Value::Object(members)) => members,
        Some(Value::String(raw)) => {
            draft.body = Body::Raw { raw, language: Language::Text };
            return;
        }
        Some(_) => return reader.note(place, "it should be an object and was left out."),
    };
    let is_off = is_set(&mut from, "disabled");
    let mode = text(&mut from, "mode");
    let mode = match mode.as_deref() {
        Some("") | None if from.contains_key("raw") => "raw".to_owned(),
        _ => mode.unwrap_or_default(),
    };
    draft.body = match mode.as_str() {
        "raw" => Body::Raw { raw: any_text(&mut from, "raw").unwrap_or_default(), language: language(&mut from) },
        "urlencoded" => Body::Urlencoded { urlencoded: urlencoded(&mut from, place, reader) },
        "formdata" => Body::Formdata { formdata: formdata(&mut from, place, reader) },
        "file" | "binary" => file(&mut from, place, reader),
        "graphql" => graphql(&mut from, place, reader),
        "none" | "" => Body::None,
        other => {
            reader.note(place, &format!("its mode {other:?} is not known; the body is kept, but not sent."));
            from.insert("mode".into(), other.into());
            Body::None
        }
    };
    if !from.is_empty() {
        draft.extra.insert("body".into(), Value::Object(from));
    }
    if is_off {
        put_aside(draft);
    }
}

/// Keeps a body that is not sent.
pub(super) fn put_aside(draft: &mut Draft) {
    let body = std::mem::take(&mut draft.body);
    if let Ok(body) = serde_json::to_value(&body) {
        draft.extra.insert(ASIDE.into(), body);
    }
}

fn language(from: &mut Members) -> Language {
    let Some(Value::Object(options)) = from.get_mut("options") else { return Language::Text };
    let Some(Value::Object(raw)) = options.get_mut("raw") else { return Language::Text };
    let language = match raw.get("language").and_then(Value::as_str) {
        Some("text") => Language::Text,
        Some("json") => Language::Json,
        Some("javascript") => Language::Javascript,
        Some("html") => Language::Html,
        Some("xml") => Language::Xml,
        _ => return Language::Text,
    };
    raw.shift_remove("language");
    let is_empty = raw.is_empty();
    if is_empty {
        options.shift_remove("raw");
    }
    if options.is_empty() {
        from.shift_remove("options");
    }
    language
}

fn urlencoded(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Vec<Field> {
    // As it once was: one text.
    if let Some(Value::String(form)) = from.get("urlencoded") {
        let fields = ::url::form_urlencoded::parse(form.as_bytes()).map(|(key, value)| Field::new(key, value));
        let fields = fields.collect();
        from.shift_remove("urlencoded");
        return fields;
    }
    let mut fields = fields(array(from, "urlencoded").unwrap_or_default(), &place.member("urlencoded"), reader);
    for field in &mut fields {
        if field.extra.get("type").is_some_and(|kind| kind == "text") {
            field.extra.shift_remove("type");
        }
    }
    fields
}

fn formdata(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Vec<Part> {
    let place = place.member("formdata");
    let elements = array(from, "formdata").unwrap_or_default();
    let mut parts = Vec::with_capacity(elements.len());
    for (number, element) in elements.into_iter().enumerate() {
        match element {
            Value::Object(members) => parts.push(part(members, &place.index(number), reader)),
            Value::Null => {}
            _ => reader.note(&place.index(number), "it should be an object and was left out."),
        }
    }
    parts
}

fn part(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Part {
    let kind = text(&mut from, "type");
    let is_file = kind.as_deref() == Some("file") || kind.is_none() && from.contains_key("src");
    let src = is_file.then(|| match from.shift_remove("src") {
        Some(Value::String(src)) => vec![src],
        Some(Value::Array(names)) => names.into_iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    });
    let part = Part {
        key: text(&mut from, "key").unwrap_or_default(),
        value: any_text(&mut from, "value").unwrap_or_default(),
        src,
        content_type: text(&mut from, "contentType").unwrap_or_default(),
        file_name: text(&mut from, "fileName").unwrap_or_default(),
        disabled: is_set(&mut from, "disabled") || flag(&mut from, "enabled") == Some(false),
        description: description(&mut from),
        extra: Members::new(),
    };
    let known = ["key", "value", "type", "src", "contentType", "fileName", "disabled", "description"];
    Part { extra: rest(from, &known, place, reader), ..part }
}

fn file(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Body {
    let name = match from.get("file") {
        Some(Value::String(src)) => {
            let src = src.clone();
            from.shift_remove("file");
            return Body::File { src };
        }
        _ => object(from, "file"),
    };
    let mut file = name.unwrap_or_default();
    let src = text(&mut file, "src").unwrap_or_default();
    // newman takes it for Base64.
    let content = match file.get("content") {
        Some(Value::String(content)) if src.is_empty() && STANDARD.decode(content).is_ok() => {
            text(&mut file, "content")
        }
        _ => None,
    };
    let file = rest(file, &["src"], &place.member("file"), reader);
    if !file.is_empty() {
        from.insert("file".into(), Value::Object(file));
    }
    let beside = reader.files.get(&src).map(|bytes| STANDARD.encode(bytes));
    match beside.or(content) {
        Some(base64) => Body::Bytes { base64 },
        None => Body::File { src },
    }
}

fn graphql(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Body {
    let mut said = object(from, "graphql").unwrap_or_default();
    let variables = match said.shift_remove("variables") {
        Some(Value::String(variables)) => variables,
        None | Some(Value::Null) => String::new(),
        Some(Value::Object(none)) if none.is_empty() => String::new(),
        Some(variables) => serde_json::to_string_pretty(&variables).unwrap_or_default(),
    };
    let query = text(&mut said, "query").unwrap_or_default();
    let operation_name = text(&mut said, "operationName").unwrap_or_default();
    let said = rest(said, &["query", "operationName"], &place.member("graphql"), reader);
    if !said.is_empty() {
        from.insert("graphql".into(), Value::Object(said));
    }
    Body::Graphql { query, variables, operation_name }
}
