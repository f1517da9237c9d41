//! Examples: responses that were kept.

use super::{
    super::own::MEMBER,
    Place, Refused,
    headers::headers,
    members::{Members, any_text, rest, text},
    reader::Reader,
    request,
};
use crate::collection::{Example, ExampleBody};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// The member that names the file beside the collection with a body that is no text.
pub(in super::super) const FILE: &str = "_waylay_file";
/// What Postman shows a body as.
pub(in super::super) const LANGUAGE: &str = "_postman_previewlanguage";

/// What stands under `response`.
pub(super) fn examples(from: Vec<Value>, place: &Place<'_>, reader: &mut Reader<'_>) -> Result<Vec<Example>, Refused> {
    let place = place.member("response");
    let mut examples = Vec::with_capacity(from.len());
    for (number, element) in from.into_iter().enumerate() {
        let place = place.index(number);
        match element {
            Value::Object(members) => examples.push(example(members, &place, reader)?),
            Value::Null => {}
            _ => reader.note(&place, "it should be an object and was left out."),
        }
    }
    Ok(examples)
}

fn example(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Result<Example, Refused> {
    reader.count(place)?;
    let request = from.shift_remove("originalRequest").filter(|request| !request.is_null());
    let mut example = own_part(from, place, reader);
    if let Some(request) = request {
        let at = place.member("originalRequest");
        if request.is_object() || request.is_string() {
            example.request = Some(original(request, &at, reader)?);
        } else {
            reader.note(&at, "it should be an object and was left out.");
        }
    }
    Ok(example)
}

/// The request of an example. It has no item that would say how it was sent, and its description is part of it.
pub(in super::super) fn original(
    from: Value,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Result<crate::request::Draft, Refused> {
    let (mut draft, described) = request::read(from, None, place, reader)?;
    if let Some(described) = described {
        let request = draft.extra.entry("request").or_insert_with(|| Value::Object(Members::new()));
        if let Value::Object(members) = request {
            let form = members.get_mut("description").and_then(Value::as_object_mut);
            match form {
                Some(form) => drop(form.insert("content".into(), described.into())),
                None => drop(members.insert("description".into(), described.into())),
            }
        }
    }
    Ok(draft)
}

/// An example without its request.
pub(in super::super) fn own_part(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Example {
    let besides = from.shift_remove(MEMBER);
    let said = besides.is_some().then(|| Value::Object(from.clone()));
    let file = text(&mut from, FILE);
    let mut example = Example {
        name: text(&mut from, "name").unwrap_or_default(),
        reason: text(&mut from, "status").unwrap_or_default(),
        language: text(&mut from, LANGUAGE).unwrap_or_default(),
        headers: headers(&mut from, place, reader),
        ..Example::default()
    };
    let code = match from.get("code") {
        Some(Value::Number(code)) => code.as_u64(),
        Some(Value::String(code)) => code.trim().parse().ok(),
        _ => None,
    };
    if let Some(code) = code.and_then(|code| u16::try_from(code).ok()) {
        from.shift_remove("code");
        example.status = Some(code);
    }
    let time = match from.get("responseTime") {
        Some(Value::Number(time)) => time.as_f64(),
        Some(Value::String(time)) => time.trim().parse().ok(),
        _ => None,
    };
    if let Some(time) = time.filter(|time| time.is_finite()) {
        from.shift_remove("responseTime");
        example.time_ms = Some(time);
    }
    example.body = match file.and_then(|file| reader.files.get(&file)) {
        Some(bytes) => {
            from.shift_remove("body");
            ExampleBody::Bytes { base64: STANDARD.encode(bytes) }
        }
        None => any_text(&mut from, "body").map_or(ExampleBody::None, |text| ExampleBody::Text { text }),
    };
    let known = ["name", "status", "code", "header", "body", "responseTime", "originalRequest"];
    example.extra = rest(from, &known, place, reader);
    if let Some(said) = said {
        reader.besides(&mut example, besides, &[&said], place);
        example.request = None;
    }
    example
}
