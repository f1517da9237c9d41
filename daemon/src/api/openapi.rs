//! `/openapi.json`: the whole API as OpenAPI 3.1.
//!
//! It is kept by hand, a file in `openapi/` for each part of the API with its `paths` and `schemas`. What every call has in
//! common, the errors before all, is added here. The API's tests hold it to the truth: each route must be in it and
//! everything in it a route, and every answer that a test gets is compared with it.

use axum::{
    http::{HeaderValue, header},
    response::IntoResponse,
};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const FRAME: &str = include_str!("openapi/frame.json");
const PARTS: &[&str] = &[
    include_str!("openapi/login.json"),
    include_str!("openapi/daemon.json"),
    include_str!("openapi/sessions.json"),
    include_str!("openapi/exchanges.json"),
    include_str!("openapi/send.json"),
    include_str!("openapi/conversations.json"),
    include_str!("openapi/messages.json"),
    include_str!("openapi/cookies.json"),
    include_str!("openapi/passthrough.json"),
    include_str!("openapi/ways.json"),
    include_str!("openapi/store.json"),
    include_str!("openapi/files.json"),
    include_str!("openapi/history.json"),
    include_str!("openapi/environments.json"),
    include_str!("openapi/jars.json"),
    include_str!("openapi/collections.json"),
    include_str!("openapi/folder.json"),
    include_str!("openapi/replays.json"),
    include_str!("openapi/agent.json"),
    include_str!("openapi/events.json"),
];

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());

pub(crate) async fn serve() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], DOCUMENT.clone())
}

/// The document, put together.
pub(crate) fn document() -> Value {
    let mut whole = read(FRAME);
    whole["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    for part in PARTS {
        let mut part = read(part);
        add(&mut whole["paths"], part["paths"].take());
        add(&mut whole["components"]["schemas"], part["schemas"].take());
    }
    for (path, methods) in whole["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            add_common_errors(operation, method, path);
        }
    }
    whole
}

/// Reads one of the files. They are part of the program, and a test reads them all.
fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn add(to: &mut Value, from: Value) {
    if let (Some(to), Value::Object(from)) = (to.as_object_mut(), from) {
        to.extend(from);
    }
}

/// What any call of its kind can be answered with, whatever it is for.
fn add_common_errors(operation: &mut Value, method: &str, path: &str) {
    let has_body = operation.get("requestBody").is_some();
    let writes = method != "get";
    let common = [
        ("400", "bad_request", true),
        ("401", "unauthorized", true),
        ("403", "forbidden", true),
        ("404", "not_found", path.contains('{')),
        ("408", "timeout", has_body),
        ("413", "too_large", has_body),
        ("415", "unsupported_media_type", writes),
        ("421", "misdirected", true),
        ("500", "internal", true),
        ("503", "unavailable", true),
    ];
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (status, name, _) in common.into_iter().filter(|(.., applies)| *applies) {
        let answer = json!({ "$ref": format!("#/components/responses/{name}") });
        responses.entry(status).or_insert(answer);
    }
    sort(responses);
}

fn sort(responses: &mut Map<String, Value>) {
    responses.sort_keys();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_nothing_is_said_twice() {
        assert!(read(FRAME).is_object());
        let (mut paths, mut schemas) = (0, 0);
        for part in PARTS {
            let part = read(part);
            paths += part["paths"].as_object().expect("paths").len();
            schemas += part["schemas"].as_object().expect("schemas").len();
        }
        let whole = document();
        assert_eq!(whole["paths"].as_object().unwrap().len(), paths);
        assert_eq!(whole["components"]["schemas"].as_object().unwrap().len(), schemas + 1, "and Error");
    }
}
