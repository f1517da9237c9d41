//! Who asks.

use super::{Members, Version};
use crate::request::{Auth, Extra, draft::KeyPlace};
use serde_json::{Value, json};

/// The kinds that the schema knows. Others are kept where this program alone finds them.
const KNOWN: [&str; 11] =
    ["apikey", "awsv4", "basic", "bearer", "digest", "edgegrid", "hawk", "noauth", "oauth1", "oauth2", "ntlm"];

/// What stands under `auth`; `None` where it is inherited, or of a kind that may not stand there.
pub(super) fn auth(auth: &Auth, extra: &Extra, version: Version) -> Option<Value> {
    let (kind, mut attributes) = match auth {
        Auth::Inherit => return None,
        Auth::None => ("noauth", json!({})),
        Auth::Basic { username, password } => ("basic", json!({"username": username, "password": password})),
        Auth::Bearer { token } => ("bearer", json!({"token": token})),
        Auth::Apikey { key, value, place } => {
            let place = match place {
                KeyPlace::Header => "header",
                KeyPlace::Query => "query",
            };
            ("apikey", json!({"key": key, "value": value, "in": place}))
        }
        Auth::Digest { username, password } => ("digest", json!({"username": username, "password": password})),
        Auth::Other(fields) => {
            let kind = fields.get("type")?.as_str().filter(|kind| KNOWN.contains(kind))?;
            let attributes = fields.iter().filter(|(name, _)| *name != "type");
            (kind, Value::Object(attributes.map(|(name, value)| (name.clone(), value.clone())).collect()))
        }
    };
    let mut to = Members::new();
    to.insert("type".into(), kind.into());
    let kept = extra.get("auth").and_then(Value::as_object);
    if let (Some(attributes), Some(Value::Object(more))) = (attributes.as_object_mut(), kept.and_then(|k| k.get(kind)))
    {
        for (name, value) in more {
            attributes.entry(name).or_insert_with(|| value.clone());
        }
    }
    let is_said = attributes.as_object().is_some_and(|attributes| !attributes.is_empty());
    if is_said {
        to.insert(kind.into(), formed(&attributes, version));
    }
    // What was typed for other kinds.
    for (name, value) in kept.into_iter().flatten().filter(|(name, _)| *name != kind) {
        if !KNOWN.contains(&name.as_str()) {
            to.insert(name.clone(), value.clone());
        } else if value.is_object() || value.as_array().is_some_and(|list| list.iter().all(|a| a["key"].is_string())) {
            to.insert(name.clone(), formed(value, version));
        }
    }
    Some(Value::Object(to))
}

/// Attributes in the form of the version: a list in 2.1, an object in 2.0.
fn formed(attributes: &Value, version: Version) -> Value {
    match (attributes, version) {
        (Value::Object(attributes), Version::V21) => {
            let kind = |value: &Value| match value {
                Value::String(_) => "string",
                Value::Bool(_) => "boolean",
                _ => "any",
            };
            let one = |(key, value): (&String, &Value)| json!({"key": key, "value": value, "type": kind(value)});
            attributes.iter().map(one).collect()
        }
        (Value::Array(attributes), Version::V20) => {
            let one = |attribute: &Value| Some((attribute["key"].as_str()?.to_owned(), attribute["value"].clone()));
            Value::Object(attributes.iter().filter_map(one).collect())
        }
        (attributes, _) => attributes.clone(),
    }
}
