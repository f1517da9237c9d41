//! Bodies.

use super::{
    super::read::{body::ASIDE, request::is_pruned},
    Members, Writer, fits,
    request::written_field,
};
use crate::request::{
    Body, Draft,
    body::{Piece, plan},
    draft::{Language, Part},
    variables::has_reference,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

impl Writer<'_> {
    /// What stands under `body`; `None` for nothing.
    pub(super) fn body(&mut self, draft: &Draft, is_captured: bool, whose: &str) -> Option<Members> {
        let kept = draft.extra.get("body");
        let mut to = match &draft.body {
            Body::None => {
                let aside = draft.extra.get(ASIDE).and_then(|body| serde_json::from_value::<Body>(body.clone()).ok());
                let mut to = self.mode(&aside?, whose)?;
                if !is_pruned(&draft.method) {
                    to.insert("disabled".into(), true.into());
                }
                to
            }
            body => match as_sent(draft).filter(|_| is_captured) {
                Some(raw) => raw_mode(&raw, language(body)),
                None => self.mode(body, whose)?,
            },
        };
        fits::put(&mut to, kept, fits::body);
        // What was said of this mode besides.
        for name in ["options", "graphql", "file"] {
            if let (Some(Value::Object(said)), Some(Value::Object(more))) =
                (to.get_mut(name), kept.and_then(|k| k.get(name)))
            {
                add(said, more);
            }
        }
        Some(to)
    }

    fn mode(&mut self, body: &Body, whose: &str) -> Option<Members> {
        let to = match body {
            Body::None => return None,
            Body::Captured { .. } => {
                self.note(format!("{whose}: its captured body is not at hand and was left out."));
                return None;
            }
            Body::Raw { raw, language } => return Some(raw_mode(raw, *language)),
            Body::Bytes { base64 } => return self.bytes(base64, whose),
            Body::Urlencoded { urlencoded } => {
                let fields = urlencoded.iter().map(|field| Value::Object(written_field(field, fits::field)));
                json!({"mode": "urlencoded", "urlencoded": fields.collect::<Value>()})
            }
            Body::Formdata { formdata } => {
                json!({"mode": "formdata", "formdata": formdata.iter().map(part).collect::<Value>()})
            }
            Body::File { src } => {
                json!({"mode": "file", "file": {"src": Some(src).filter(|src| !src.is_empty())}})
            }
            Body::Graphql { query, variables, operation_name } => {
                let mut graphql = json!({"query": query, "variables": variables});
                if !operation_name.is_empty() {
                    graphql["operationName"] = operation_name.as_str().into();
                }
                json!({"mode": "graphql", "graphql": graphql})
            }
        };
        match to {
            Value::Object(to) => Some(to),
            _ => None,
        }
    }

    /// Bytes: a file beside the collection, or Base64, which newman decodes.
    fn bytes(&mut self, base64: &str, whose: &str) -> Option<Members> {
        let bytes = STANDARD.decode(base64).ok()?;
        let file = match self.files.as_deref_mut() {
            Some(files) => json!({"src": files.add(&bytes)}),
            None => {
                if std::str::from_utf8(&bytes).is_err() {
                    self.note(format!(
                        "{whose}: its body is no text. newman sends it; for others, export a zip archive or a folder."
                    ));
                }
                json!({"content": base64})
            }
        };
        let mut to = Members::new();
        to.insert("mode".into(), "file".into());
        to.insert("file".into(), file);
        Some(to)
    }
}

/// A captured body that newman would build otherwise than it was, as the text that was sent.
fn as_sent(draft: &Draft) -> Option<String> {
    let newman_builds = match &draft.body {
        Body::Urlencoded { urlencoded } => {
            // Other characters are written in another way, and names that recur are moved together.
            let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
            let mut names: Vec<_> = urlencoded.iter().map(|field| &field.key).collect();
            names.sort();
            names.dedup();
            names.len() == urlencoded.len()
                && urlencoded.iter().all(|field| plain(&field.key) && plain(&field.value) && field.is_sent())
        }
        Body::Formdata { .. } => false,
        _ => true,
    };
    if newman_builds {
        return None;
    }
    match &plan(draft, "").ok()?.pieces[..] {
        [Piece::Bytes(bytes)] => String::from_utf8(bytes.to_vec()).ok().filter(|text| !has_reference(text)),
        _ => None,
    }
}

/// Adds what is not said yet.
fn add(said: &mut Members, more: &Members) {
    for (name, value) in more {
        match (said.get_mut(name), value) {
            (None, value) => drop(said.insert(name.clone(), value.clone())),
            (Some(Value::Object(said)), Value::Object(more)) => add(said, more),
            _ => {}
        }
    }
}

fn language(body: &Body) -> Language {
    match body {
        Body::Raw { language, .. } => *language,
        _ => Language::Text,
    }
}

fn raw_mode(raw: &str, language: Language) -> Members {
    let mut to = Members::new();
    to.insert("mode".into(), "raw".into());
    to.insert("raw".into(), raw.into());
    to.insert("options".into(), json!({"raw": {"language": language}}));
    to
}

fn part(part: &Part) -> Value {
    let mut to = Members::new();
    to.insert("key".into(), part.key.as_str().into());
    match part.src.as_deref() {
        None => {
            to.insert("value".into(), part.value.as_str().into());
            to.insert("type".into(), "text".into());
        }
        Some(src) => {
            to.insert("type".into(), "file".into());
            let src = match src {
                [] => Value::Null,
                [src] => src.as_str().into(),
                all => all.into(),
            };
            to.insert("src".into(), src);
            if !part.value.is_empty() {
                to.insert("value".into(), part.value.as_str().into());
            }
        }
    }
    for (name, text) in [("contentType", &part.content_type), ("fileName", &part.file_name)] {
        if !text.is_empty() {
            to.insert(name.into(), text.as_str().into());
        }
    }
    if part.disabled {
        to.insert("disabled".into(), true.into());
    }
    if let Some(description) = &part.description {
        to.insert("description".into(), fits::described(description, part.extra.get("description")));
    }
    fits::put_all(&mut to, &part.extra, fits::part);
    Value::Object(to)
}
