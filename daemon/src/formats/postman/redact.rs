//! Collections without their secrets: what is known by its name or its looks is replaced by placeholders, wherever it recurs;
//! the values of secret variables are left out. References to variables stay as they are.

use crate::{
    collection::{Collection, Example, ExampleBody, Folder, Item, Saved, Variable},
    formats::redact::{
        Redaction,
        places::{self, Found},
    },
    request::{Auth, Body, Draft, Extra, Field},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::mem;

/// Looks for the secrets of a collection.
pub fn learn(redaction: &mut Redaction, collection: &Collection) {
    let mut copy = collection.clone();
    Walk { redaction, hides: false }.collection(&mut copy);
}

/// Hides the secrets of a collection, once all that is exported with it was [learned](learn).
pub fn hide(redaction: &mut Redaction, collection: &mut Collection) {
    Walk { redaction, hides: true }.collection(collection);
}

/// A walk through all texts.
struct Walk<'r> {
    redaction: &'r mut Redaction,
    hides: bool,
}

impl Walk<'_> {
    fn collection(&mut self, collection: &mut Collection) {
        let Collection { name, description, auth, variables, scripts, settings: _, items, extra } = collection;
        self.general(name, description, auth, variables, scripts, extra);
        self.items(items);
    }

    fn items(&mut self, items: &mut [Item]) {
        for item in items {
            match item {
                Item::Folder(Folder { name, description, auth, variables, scripts, settings: _, items, extra }) => {
                    self.general(name, description, auth, variables, scripts, extra);
                    self.items(items);
                }
                Item::Request(Saved { name, description, request, variables, scripts, from: _, examples, extra }) => {
                    self.general(name, description, &mut Auth::Inherit, variables, scripts, extra);
                    self.draft(request);
                    examples.iter_mut().for_each(|example| self.example(example));
                }
            }
        }
    }

    fn general(
        &mut self,
        name: &mut String,
        description: &mut Option<String>,
        auth: &mut Auth,
        variables: &mut [Variable],
        scripts: &mut [Value],
        extra: &mut Extra,
    ) {
        self.text("text", name);
        self.described(description);
        self.auth(auth);
        variables.iter_mut().for_each(|variable| self.variable(variable));
        scripts.iter_mut().for_each(|script| self.json("script", "", script));
        self.extra(extra);
    }

    fn draft(&mut self, draft: &mut Draft) {
        self.text("url", &mut draft.url);
        for field in draft.query.iter_mut().flatten().chain(&mut draft.path_variables) {
            self.field("url", field, |field, value| places::named(&field.key, value));
        }
        for field in &mut draft.headers {
            self.field("request head", field, |field, value| places::field(field.key.as_bytes(), value));
        }
        self.auth(&mut draft.auth);
        self.body(&mut draft.body);
        self.extra(&mut draft.extra);
    }

    fn body(&mut self, body: &mut Body) {
        let place = "request body";
        match body {
            Body::None | Body::File { .. } | Body::Captured { .. } => {}
            Body::Raw { raw, .. } => self.text(place, raw),
            Body::Bytes { base64 } => self.base64(place, base64, places::text),
            Body::Urlencoded { urlencoded } => {
                for field in urlencoded {
                    self.field(place, field, |field, value| places::named(&field.key, value));
                }
            }
            Body::Formdata { formdata } => {
                for part in formdata {
                    let key = mem::take(&mut part.key);
                    self.put(place, &mut part.value, |value| places::named(&key, value));
                    part.key = key;
                    self.described(&mut part.description);
                    self.extra(&mut part.extra);
                }
            }
            Body::Graphql { query, variables, .. } => {
                self.text(place, query);
                self.text(place, variables);
            }
        }
    }

    fn example(&mut self, example: &mut Example) {
        self.text("text", &mut example.name);
        if let Some(draft) = &mut example.request {
            self.draft(draft);
        }
        for field in &mut example.headers {
            self.field("response head", field, |field, value| places::field(field.key.as_bytes(), value));
        }
        match &mut example.body {
            ExampleBody::None => {}
            ExampleBody::Text { text } => self.text("response body", text),
            ExampleBody::Bytes { base64 } => self.base64("response body", base64, places::text),
        }
        for cookie in example.extra.get_mut("cookie").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(Value::String(value)) = cookie.get_mut("value") {
                self.put("response head", value, |value| places::whole("cookie", value));
            }
        }
        self.extra(&mut example.extra);
    }

    fn auth(&mut self, auth: &mut Auth) {
        let place = "auth";
        match auth {
            Auth::Inherit | Auth::None => {}
            Auth::Basic { password, .. } | Auth::Digest { password, .. } => {
                self.put(place, password, |value| places::whole("password", value));
            }
            Auth::Bearer { token } => self.put(place, token, |value| places::whole("token", value)),
            Auth::Apikey { value, .. } => self.put(place, value, |value| places::whole("key", value)),
            Auth::Other(fields) => {
                for (name, value) in fields.iter_mut().filter(|(name, _)| *name != "type" && *name != "addTokenTo") {
                    let name = if name == "authKey" { "privateKey" } else { name };
                    self.json(place, name, value);
                }
            }
        }
    }

    fn variable(&mut self, variable: &mut Variable) {
        let place = "variable";
        if variable.secret {
            self.redaction.learn_found(variable.value.as_bytes(), places::whole("secret", variable.value.as_bytes()));
            if self.hides && !variable.value.is_empty() {
                variable.value.clear();
                self.redaction.left_out(place, "secret");
            }
        }
        let key = mem::take(&mut variable.key);
        self.put(place, &mut variable.value, |value| places::named(&key, value));
        variable.key = key;
        self.described(&mut variable.description);
        self.extra(&mut variable.extra);
    }

    fn field(&mut self, place: &'static str, field: &mut Field, find: impl Fn(&Field, &[u8]) -> Vec<Found>) {
        let of = Field::new(field.key.as_str(), "");
        if let Some(bytes) = &mut field.bytes {
            self.base64(place, bytes, |value| find(&of, value));
            if let Ok(bytes) = STANDARD.decode(bytes) {
                field.value = String::from_utf8_lossy(&bytes).into_owned();
            }
        } else {
            self.put(place, &mut field.value, |value| find(&of, value));
        }
        self.described(&mut field.description);
        self.extra(&mut field.extra);
    }

    fn described(&mut self, description: &mut Option<String>) {
        description.iter_mut().for_each(|description| self.text("text", description));
    }

    fn extra(&mut self, extra: &mut Extra) {
        for (name, value) in extra {
            self.json("extra", name, value);
        }
    }

    /// All texts of a value. `name` is that of the member it stands under.
    fn json(&mut self, place: &'static str, name: &str, value: &mut Value) {
        match value {
            Value::String(text) => self.put(place, text, |text| places::named(name, text)),
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.json(place, name, element)),
            Value::Object(members) => {
                for (name, value) in members {
                    self.json(place, name, value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn base64(&mut self, place: &'static str, base64: &mut String, find: impl Fn(&[u8]) -> Vec<Found>) {
        let Ok(bytes) = STANDARD.decode(&base64) else { return };
        let found = if std::str::from_utf8(&bytes).is_ok() { find(&bytes) } else { Vec::new() };
        if !self.hides {
            self.redaction.learn_found(&bytes, found);
        } else if let Some(hidden) = self.redaction.hide_found(place, &bytes, found) {
            *base64 = STANDARD.encode(hidden);
        }
    }

    fn text(&mut self, place: &'static str, text: &mut String) {
        self.put(place, text, places::text);
    }

    fn put(&mut self, place: &'static str, text: &mut String, find: impl Fn(&[u8]) -> Vec<Found>) {
        let found = find(text.as_bytes());
        if !self.hides {
            self.redaction.learn_found(text.as_bytes(), found);
        } else if let Some(hidden) = self.redaction.hide_found(place, text.as_bytes(), found) {
            *text = String::from_utf8_lossy(&hidden).into_owned();
        }
    }
}
