//! A request.

use super::{
    super::{
        own,
        read::request::{is_pruned, read},
    },
    Members, Writer, auth, fits, settings, url,
};
use crate::request::{Draft, Field, variables::has_reference};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// Fields that newman makes itself, and that break what it sends where they are written.
const MADE: [&str; 3] = ["content-length", "connection", "transfer-encoding"];

impl Writer<'_> {
    /// What stands under `request`, and what its item says about how it is sent. `is_captured`: newman is to send these very
    /// bytes. `whose` is the name for notes.
    pub(super) fn request(&mut self, draft: &Draft, is_captured: bool, whose: &str) -> (Members, Members) {
        let mut to = Members::new();
        if !draft.method.is_empty() {
            to.insert("method".into(), draft.method.as_str().into());
        }
        let headers: Vec<_> =
            draft.headers.iter().filter(|f| !is_made(f)).map(|f| self.header(f, is_captured)).collect();
        to.insert("header".into(), headers.into());
        let body = self.body(draft, is_captured, whose);
        let keeps_body = body.is_some() && !draft.body.is_none() && is_pruned(&draft.method);
        if let Some(body) = body {
            to.insert("body".into(), Value::Object(body));
        }
        to.insert("url".into(), url::url(draft));
        if let Some(auth) = auth::auth(&draft.auth, &draft.extra, self.version) {
            to.insert("auth".into(), auth);
        } else if !draft.auth.is_inherited() {
            self.note(format!(
                "{whose}: who asks is said in a way that the format does not know; Postman will not have it."
            ));
        }
        fits::put(&mut to, draft.extra.get("request"), fits::request);
        (to, settings::of_request(draft, keeps_body, is_captured))
    }

    /// Adds to a request what reading it would not give back.
    pub(super) fn complete(&self, draft: &Draft, request: &mut Members, ppb: &Members) {
        let ppb = (!ppb.is_empty()).then(|| ppb.clone());
        let written = Value::Object(request.clone());
        let back = self.read_back(|place, reader| read(written.clone(), ppb.clone(), place, reader));
        let Ok((back, _)) = back else { return };
        let mut said = request.clone();
        said.shift_remove("description");
        let ppb = ppb.map_or(Value::Null, Value::Object);
        if let Some(besides) = own::besides(draft, &back, &[&Value::Object(said), &ppb]) {
            request.insert(own::MEMBER.into(), besides);
        }
    }

    /// A header field.
    pub(super) fn header(&mut self, field: &Field, is_captured: bool) -> Value {
        let mut to = written_field(field, fits::field);
        let bytes = field.bytes.as_ref().and_then(|bytes| STANDARD.decode(bytes).ok());
        let value = match bytes.as_deref().map(|bytes| (bytes, std::str::from_utf8(bytes))) {
            Some((_, Ok(text))) if has_reference(text) => Some(self.literals.reference(text)),
            // newman sends a byte for each character.
            Some((bytes, _)) => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            None if is_captured && !field.value.is_ascii() => Some(field.value.bytes().map(char::from).collect()),
            None => None,
        };
        if let Some(value) = value {
            to.insert("value".into(), value.into());
        }
        Value::Object(to)
    }
}

/// A name and its value, with what was kept about them.
pub(super) fn written_field(field: &Field, fits: fn(&str, &Value) -> bool) -> Members {
    let mut to = Members::new();
    to.insert("key".into(), field.key.as_str().into());
    to.insert("value".into(), field.value.as_str().into());
    if field.disabled {
        to.insert("disabled".into(), true.into());
    }
    if let Some(description) = &field.description {
        to.insert("description".into(), fits::described(description, field.extra.get("description")));
    }
    fits::put_all(&mut to, &field.extra, fits);
    to
}

fn is_made(field: &Field) -> bool {
    MADE.iter().any(|made| field.key.eq_ignore_ascii_case(made))
}
