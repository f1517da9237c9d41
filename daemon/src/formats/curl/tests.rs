//! Commands as requests, and back.

mod back;
mod forms;
mod samples;

use crate::request::{
    Auth, Body, Draft,
    draft::{KeyPlace, Part},
};

/// A request in one line.
fn line(draft: &Draft) -> String {
    let mut out = format!("{} {}", draft.method, draft.url);
    for field in &draft.headers {
        let value = field.bytes.as_ref().unwrap_or(&field.value);
        out.push_str(&format!(" | {}: {value}", field.key));
    }
    match &draft.auth {
        Auth::Inherit => {}
        Auth::Basic { username, password } => out.push_str(&format!(" | basic {username}:{password}")),
        Auth::Digest { username, password } => out.push_str(&format!(" | digest {username}:{password}")),
        Auth::Bearer { token } => out.push_str(&format!(" | bearer {token}")),
        Auth::Apikey { key, value, place } => {
            let place = if *place == KeyPlace::Header { "header" } else { "query" };
            out.push_str(&format!(" | {place} {key}={value}"));
        }
        other => out.push_str(&format!(" | {}", serde_json::to_string(other).unwrap())),
    }
    match &draft.body {
        Body::None => {}
        Body::Raw { raw, language } => out.push_str(&format!(" | {language:?} {raw}")),
        Body::Bytes { base64 } => out.push_str(&format!(" | bytes {base64}")),
        Body::Urlencoded { urlencoded } => {
            let pairs: Vec<_> = urlencoded.iter().map(|f| format!("{}={}", f.key, f.value)).collect();
            out.push_str(&format!(" | form {}", pairs.join(" & ")));
        }
        Body::Formdata { formdata } => {
            let parts: Vec<_> = formdata.iter().map(part).collect();
            out.push_str(&format!(" | parts {}", parts.join(" & ")));
        }
        Body::File { src } => out.push_str(&format!(" | file {src}")),
        other => out.push_str(&format!(" | {}", serde_json::to_string(other).unwrap())),
    }
    out
}

fn part(part: &Part) -> String {
    let Part { key, value, src, content_type, file_name, .. } = part;
    let value = src.as_ref().map_or_else(|| value.clone(), |src| format!("@{}", src.join(",")));
    let mut out = format!("{key}={value}");
    for (name, value) in [("type", content_type), ("filename", file_name)] {
        if !value.is_empty() {
            out.push_str(&format!(";{name}={value}"));
        }
    }
    out
}
