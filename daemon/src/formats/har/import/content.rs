//! `postData` and `content`: the bodies of an entry.

use super::{
    super::extra::Side,
    body::Source,
    coded,
    entry::MOST,
    field::{first, text},
};
use crate::content::Codings;
use serde_json::Value;
use waylay_storage::model::{BodyEnd, BodyRecord, Gap};

pub(super) fn request_body(request: &Value, fields: &[(String, String)]) -> Result<Option<Source>, String> {
    let data = &request["postData"];
    let base64 = Source::is_base64(&data["_encoding"]) || Source::is_base64(&data["encoding"]);
    let wrong = |what: &str| format!("request.postData.text {what}");
    if let Some(raw) = raw(data)? {
        return Ok(Some(raw));
    }
    if let Some(body) = Source::of(&data["text"], base64).map_err(wrong)? {
        return Ok(Some(stored_as_said(body, fields, data)));
    }
    Ok(form(data, first(fields, "content-type").unwrap_or_default()).map(Source::Held))
}

pub(super) fn response_body(response: &Value, fields: &[(String, String)]) -> Result<Option<Source>, String> {
    let content = &response["content"];
    if let Some(raw) = raw(content)? {
        return Ok(Some(raw));
    }
    let base64 = Source::is_base64(&content["encoding"]);
    let body = Source::of(&content["text"], base64).map_err(|what| format!("response.content.text {what}"))?;
    Ok(body.map(|body| stored_as_said(body, fields, content)))
}

/// The body as transferred, beside the decoded one in exports of ours.
fn raw(data: &Value) -> Result<Option<Source>, String> {
    Source::of(&data["_raw"], true).map_err(|what| format!("_raw {what}"))
}

/// A body in the coding its head speaks of. One that is too long to be held is kept decoded.
fn stored_as_said(body: Source, fields: &[(String, String)], data: &Value) -> Source {
    let Source::Held(bytes) = body else { return body };
    let values = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    match Codings::parse(values.map(|(_, value)| value.as_bytes())) {
        Ok(codings) if data["_decodeError"].is_null() => Source::Held(coded::encode(bytes, &codings)),
        _ => Source::Held(bytes),
    }
}

/// A form from its parameters, where a tool has kept nothing else of it.
fn form(data: &Value, content_type: &str) -> Option<Vec<u8>> {
    let params = data["params"].as_array().filter(|params| !params.is_empty())?;
    let of = |param: &Value, key: &str| text(&param[key]).unwrap_or_default();
    if let Some((_, boundary)) = content_type.split_once("boundary=") {
        let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"');
        let mut body = String::new();
        for param in params {
            let mut part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", of(param, "name"));
            if let Some(file) = text(&param["fileName"]) {
                part.push_str(&format!("; filename=\"{file}\""));
            }
            if let Some(kind) = text(&param["contentType"]) {
                part.push_str(&format!("\r\nContent-Type: {kind}"));
            }
            body.push_str(&format!("{part}\r\n\r\n{}\r\n", of(param, "value")));
        }
        body.push_str(&format!("--{boundary}--\r\n"));
        return Some(body.into_bytes());
    }
    let pairs = params.iter().map(|param| format!("{}={}", escaped(&of(param, "name")), escaped(&of(param, "value"))));
    Some(pairs.collect::<Vec<_>>().join("&").into_bytes())
}

/// Some tools keep parameters as they were sent, others decoded: what cannot have been sent is encoded.
fn escaped(text: &str) -> String {
    match text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'&' | b'=' | b'#')) {
        true => text.to_owned(),
        false => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
    }
}

/// What is known of a body without its bytes. Where the file has none, but says that there were some, they are missing.
pub(super) fn record(ours: bool, side: &Side, stored: bool, told: Option<u64>) -> BodyRecord {
    let most = MOST as u64;
    if ours {
        let apart = |pair: &[Gap]| pair[0].offset.saturating_add(pair[0].length) < pair[1].offset;
        let sound = side.gaps.iter().all(|gap| gap.offset < most && (1..most).contains(&gap.length));
        let gaps = if sound && side.gaps.windows(2).all(apart) { side.gaps.clone() } else { Vec::new() };
        return BodyRecord { size: side.size.min(most), gaps, end: side.end, ..BodyRecord::default() };
    }
    let size = told.unwrap_or(0).min(most);
    let gaps = if stored || size == 0 { Vec::new() } else { vec![Gap { offset: 0, length: size }] };
    BodyRecord { size, gaps, end: BodyEnd::Complete, ..BodyRecord::default() }
}
