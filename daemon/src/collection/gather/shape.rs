//! What requests and answers are made of: the names in them, not the values.

use crate::request::{
    Draft,
    draft::{Body, Field},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

/// Of a request: the names of its parameters, the type of its body, and the names in that.
pub fn of_request(query: &str, media: &str, body: Option<&Value>, form: Option<&[u8]>) -> u64 {
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.extend(url::form_urlencoded::parse(query.as_bytes()).map(|(key, _)| format!("?{key}")));
    names.extend(body.into_iter().flat_map(keys));
    let fields = form.into_iter().flat_map(url::form_urlencoded::parse);
    names.extend(fields.map(|(key, _)| format!("={key}")));
    hash(&(media, names))
}

/// Of an answer in JSON.
pub fn of_answer(body: &Value) -> u64 {
    hash(&keys(body))
}

/// Of a request that is kept. It can be compared with others of this kind alone.
pub fn of_draft(draft: &Draft) -> u64 {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let typed = draft.url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    let key = |field: &Field| format!("?{}", field.key);
    match &draft.query {
        Some(listed) => names.extend(listed.iter().filter(|field| field.is_sent()).map(key)),
        None => names.extend(url::form_urlencoded::parse(typed.as_bytes()).map(|(key, _)| format!("?{key}"))),
    }
    let kind = match &draft.body {
        Body::None => "none",
        Body::Raw { raw, .. } => {
            names.extend(serde_json::from_str::<Value>(raw).ok().iter().flat_map(keys));
            "raw"
        }
        Body::Urlencoded { urlencoded } => {
            names.extend(urlencoded.iter().map(|field| format!("={}", field.key)));
            "urlencoded"
        }
        Body::Formdata { formdata } => {
            names.extend(formdata.iter().map(|part| format!("={}", part.key)));
            "formdata"
        }
        Body::Graphql { query, .. } => {
            names.insert(query.split_whitespace().collect::<Vec<_>>().join(" "));
            "graphql"
        }
        Body::Bytes { .. } | Body::File { .. } | Body::Captured { .. } => "bytes",
    };
    hash(&(kind, names))
}

/// The names at the top: of an object its own, of a list those of its first entry.
fn keys(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(fields) => fields.keys().map(|key| format!(".{key}")).collect(),
        Value::Array(entries) => {
            let inner = entries.first().map(keys).unwrap_or_default();
            inner.into_iter().map(|key| format!("[]{key}")).chain(["[]".to_owned()]).collect()
        }
        Value::String(_) => BTreeSet::from(["text".to_owned()]),
        Value::Number(_) => BTreeSet::from(["number".to_owned()]),
        Value::Bool(_) | Value::Null => BTreeSet::from(["word".to_owned()]),
    }
}

fn hash(of: &impl Hash) -> u64 {
    // The same in every run: its keys are fixed.
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
