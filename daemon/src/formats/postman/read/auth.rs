//! Who asks. In version 2.1 the attributes of a kind are a list, in version 2.0 an object; both are read in both.

use super::{
    Place,
    members::{Members, object},
    reader::Reader,
};
use crate::request::{Auth, Extra, draft::KeyPlace};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What stands under `auth`, and whether anything did. What the kind does not need goes to `extra`, in the form of version 2.0.
pub(in super::super) fn auth(
    from: &mut Members,
    extra: &mut Extra,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> (Auth, bool) {
    let Some(mut said) = object(from, "auth") else { return (Auth::Inherit, false) };
    let place = place.member("auth");
    let Some(Value::String(kind)) = said.shift_remove("type") else {
        reader.note(&place, "it has no type and was left out.");
        return (Auth::Inherit, true);
    };
    let mut attributes = attributes(said.shift_remove(&kind));
    let auth = match kind.as_str() {
        "noauth" => Auth::None,
        "basic" => {
            Auth::Basic { username: take(&mut attributes, "username"), password: take(&mut attributes, "password") }
        }
        "digest" => {
            Auth::Digest { username: take(&mut attributes, "username"), password: take(&mut attributes, "password") }
        }
        "bearer" => Auth::Bearer { token: take(&mut attributes, "token") },
        "apikey" => {
            let place = match take(&mut attributes, "in").as_str() {
                "query" => KeyPlace::Query,
                _ => KeyPlace::Header,
            };
            Auth::Apikey { key: take(&mut attributes, "key"), value: take(&mut attributes, "value"), place }
        }
        _ => {
            let mut fields: BTreeMap<_, _> = std::mem::take(&mut attributes).into_iter().collect();
            fields.insert("type".into(), kind.as_str().into());
            Auth::Other(fields)
        }
    };
    if !attributes.is_empty() {
        said.insert(kind, Value::Object(attributes));
    }
    if !said.is_empty() {
        extra.insert("auth".into(), Value::Object(said));
    }
    (auth, true)
}

/// The attributes by their names. Of two with one name the later counts.
fn attributes(from: Option<Value>) -> Map<String, Value> {
    match from {
        Some(Value::Object(attributes)) => attributes,
        Some(Value::Array(elements)) => {
            let pairs = elements.into_iter().filter_map(|element| match element {
                Value::Object(mut members) => {
                    let key = members.get("key")?.as_str()?.to_owned();
                    Some((key, members.shift_remove("value").unwrap_or_default()))
                }
                _ => None,
            });
            pairs.collect()
        }
        _ => Map::new(),
    }
}

/// An attribute as text.
fn take(from: &mut Map<String, Value>, name: &str) -> String {
    match from.shift_remove(name) {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}
