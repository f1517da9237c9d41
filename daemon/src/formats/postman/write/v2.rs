//! Collections, folders, items and examples.

use super::{
    super::{
        own,
        read::{
            example::{self, FILE, LANGUAGE},
            v2,
        },
    },
    Members, Writer, auth, fits, settings,
};
use crate::{
    collection::{Collection, Example, ExampleBody, Folder, Item, Saved, Variable},
    request::{Auth, Extra, Settings},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

impl Writer<'_> {
    pub(super) fn collection(&mut self, collection: &Collection) -> Members {
        let mut info = Members::new();
        info.insert("name".into(), collection.name.as_str().into());
        info.insert("schema".into(), self.version.schema().into());
        let kept = collection.extra.get("info");
        if let Some(description) = &collection.description {
            info.insert("description".into(), fits::described(description, kept.and_then(|k| k.get("description"))));
        }
        fits::put(&mut info, kept, fits::info);
        let items = self.items(&collection.items, "");
        let mut to = Members::new();
        to.insert("info".into(), Value::Object(info));
        self.general(
            &mut to,
            &collection.auth,
            &collection.variables,
            &collection.scripts,
            &collection.settings,
            &collection.extra,
            "The collection",
        );
        fits::put_all(&mut to, &without(&collection.extra, &["auth", settings_name()]), fits::collection);
        let model = Collection { items: Vec::new(), ..collection.clone() };
        let back = self.read_back(|place, reader| v2::own_part(to.clone(), place, reader));
        let mut besides = own::besides(&model, &back, &[]);
        let literals: Vec<_> = self.literals.variables().collect();
        if !literals.is_empty() {
            let variables = to.entry("variable").or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(variables) = variables {
                variables.extend(literals);
            }
        }
        if besides.is_some() {
            let mut said = to.clone();
            v2::take_literals(&mut said);
            besides = own::besides(&model, &back, &[&Value::Object(said)]);
        }
        to.extend(besides.map(|besides| (own::MEMBER.to_owned(), besides)));
        to.insert("item".into(), Value::Array(items));
        to
    }

    fn items(&mut self, items: &[Item], path: &str) -> Vec<Value> {
        let written = items.iter().map(|item| {
            let path = if path.is_empty() { item.name().to_owned() } else { format!("{path} / {}", item.name()) };
            Value::Object(match item {
                Item::Folder(folder) => self.folder(folder, &path),
                Item::Request(saved) => self.saved(saved, &path),
            })
        });
        written.collect()
    }

    fn folder(&mut self, folder: &Folder, path: &str) -> Members {
        let mut to = Members::new();
        to.insert("name".into(), folder.name.as_str().into());
        if let Some(description) = &folder.description {
            to.insert("description".into(), fits::described(description, folder.extra.get("description")));
        }
        let items = self.items(&folder.items, path);
        self.general(&mut to, &folder.auth, &folder.variables, &folder.scripts, &folder.settings, &folder.extra, path);
        fits::put_all(&mut to, &without(&folder.extra, &["auth", settings_name()]), fits::folder);
        let model = Folder { items: Vec::new(), ..folder.clone() };
        let back = self.read_back(|place, reader| v2::folder(to.clone(), place, reader));
        let besides = own::besides(&model, &back, &[&Value::Object(to.clone())]);
        to.extend(besides.map(|besides| (own::MEMBER.to_owned(), besides)));
        to.insert("item".into(), Value::Array(items));
        to
    }

    fn saved(&mut self, saved: &Saved, path: &str) -> Members {
        let is_captured = saved.from.is_some();
        let (mut request, ppb) = self.request(&saved.request, is_captured, path);
        self.complete(&saved.request, &mut request, &ppb);
        let mut to = Members::new();
        to.insert("name".into(), saved.name.as_str().into());
        // Postman describes the request; what an item says of itself was kept besides.
        let mut model = Saved { request: Default::default(), examples: Vec::new(), ..saved.clone() };
        let form = saved.request.extra.get("request").and_then(|kept| kept.get("description"));
        match (&saved.description, saved.extra.get("description")) {
            (Some(description), Some(own @ Value::Object(_))) => {
                to.insert("description".into(), fits::described(description, Some(own)));
            }
            (Some(description), own) => {
                request.insert("description".into(), fits::described(description, form));
                model.description = own.and_then(Value::as_str).map(str::to_owned);
                if model.description.is_some() {
                    model.extra.shift_remove("description");
                }
            }
            (None, _) => {}
        }
        if let Some(own) = model.description.as_ref().filter(|_| !to.contains_key("description")) {
            to.insert("description".into(), own.as_str().into());
        }
        self.common(&mut to, &saved.variables, &saved.scripts);
        fits::put_all(&mut to, &model.extra, fits::item);
        let back = self.read_back(|place, reader| v2::own_saved(to.clone(), place, reader));
        let besides = own::besides(&model, &back, &[&Value::Object(to.clone())]);
        to.extend(besides.map(|besides| (own::MEMBER.to_owned(), besides)));
        if !ppb.is_empty() {
            to.insert(settings_name().into(), Value::Object(ppb));
        }
        to.insert("request".into(), Value::Object(request));
        let examples = saved.examples.iter().map(|example| Value::Object(self.example(example, path)));
        to.insert("response".into(), examples.collect());
        to
    }

    fn example(&mut self, example: &Example, path: &str) -> Members {
        let mut to = Members::new();
        to.insert("name".into(), example.name.as_str().into());
        if !example.reason.is_empty() {
            to.insert("status".into(), example.reason.as_str().into());
        }
        if let Some(status) = example.status {
            to.insert("code".into(), status.into());
        }
        if !example.language.is_empty() {
            to.insert(LANGUAGE.into(), example.language.as_str().into());
        }
        let headers: Vec<_> = example.headers.iter().map(|field| self.header(field, false)).collect();
        to.insert("header".into(), headers.into());
        if let Some(time) = example.time_ms {
            to.insert("responseTime".into(), time.into());
        }
        let body = match &example.body {
            ExampleBody::None => Value::Null,
            ExampleBody::Text { text } => text.as_str().into(),
            ExampleBody::Bytes { base64 } => {
                if let (Some(files), Ok(bytes)) = (self.files.as_deref_mut(), STANDARD.decode(base64)) {
                    to.insert(FILE.into(), files.add(&bytes).into());
                }
                Value::Null
            }
        };
        to.insert("body".into(), body);
        fits::put_all(&mut to, &example.extra, fits::example);
        let model = Example { request: None, ..example.clone() };
        let back = self.read_back(|place, reader| example::own_part(to.clone(), place, reader));
        let besides = own::besides(&model, &back, &[&Value::Object(to.clone())]);
        to.extend(besides.map(|besides| (own::MEMBER.to_owned(), besides)));
        if let Some(draft) = &example.request {
            let (mut request, _) = self.request(draft, false, path);
            let written = Value::Object(request.clone());
            if let Ok(back) = self.read_back(|place, reader| example::original(written, place, reader)) {
                let mut said = request.clone();
                said.shift_remove("description");
                let besides = own::besides(draft, &back, &[&Value::Object(said), &Value::Null]);
                request.extend(besides.map(|besides| (own::MEMBER.to_owned(), besides)));
            }
            to.insert("originalRequest".into(), Value::Object(request));
        }
        to
    }

    /// What collections and folders say for all that is in them.
    #[expect(clippy::too_many_arguments, reason = "the fields that two types have in common")]
    fn general(
        &mut self,
        to: &mut Members,
        auth: &Auth,
        variables: &[Variable],
        scripts: &[Value],
        settings: &Settings,
        extra: &Extra,
        whose: &str,
    ) {
        match auth::auth(auth, extra, self.version) {
            Some(auth) => drop(to.insert("auth".into(), auth)),
            None if auth.is_inherited() => {}
            None => self.note(format!(
                "{whose}: who asks is said in a way that the format does not know; Postman will not have it."
            )),
        }
        self.common(to, variables, scripts);
        let ppb = settings::general(settings, extra);
        if !ppb.is_empty() {
            to.insert(settings_name().into(), Value::Object(ppb));
        }
    }

    fn common(&mut self, to: &mut Members, variables: &[Variable], scripts: &[Value]) {
        if !variables.is_empty() {
            to.insert("variable".into(), variables.iter().map(variable).collect());
        }
        let scripts: Vec<_> = scripts.iter().filter(|script| fits::script(script)).cloned().collect();
        if !scripts.is_empty() {
            to.insert("event".into(), scripts.into());
        }
    }
}

fn variable(variable: &Variable) -> Value {
    let mut to = Members::new();
    to.insert("key".into(), variable.key.as_str().into());
    let kind = variable.extra.get("type").and_then(Value::as_str);
    // A number or a truth value is written as what it is.
    let value = match kind {
        Some("number" | "boolean" | "any") => serde_json::from_str(&variable.value).ok(),
        _ => None,
    };
    let as_written = |value: &Value| serde_json::to_string(value).is_ok_and(|text| text == variable.value);
    let value = value.filter(|value: &Value| !value.is_string() && !value.is_null() && as_written(value));
    to.insert("value".into(), value.unwrap_or_else(|| variable.value.as_str().into()));
    if !matches!(kind, Some("number" | "boolean" | "any")) {
        to.insert("type".into(), "string".into());
    }
    if variable.disabled {
        to.insert("disabled".into(), true.into());
    }
    if let Some(description) = &variable.description {
        to.insert("description".into(), fits::described(description, variable.extra.get("description")));
    }
    fits::put_all(&mut to, &variable.extra, fits::variable);
    Value::Object(to)
}

fn without(extra: &Extra, names: &[&str]) -> Extra {
    extra.iter().filter(|(name, _)| !names.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect()
}

fn settings_name() -> &'static str {
    "protocolProfileBehavior"
}
