//! What is in collections and requests: how many of what, where they go, and where secrets stand.

use super::summary::{Counts, SecretPlace};
use crate::{
    collection::{Collection, Example, ExampleBody, Item, Variable},
    formats::{
        postman_environment::PostmanEnvironment,
        redact::{names, places},
    },
    request::{Auth, Body, Draft, Field},
};
use std::collections::BTreeSet;
use waylay_storage::model::VariableType;

/// Most hosts, and most places of secrets, that are told.
const MOST: usize = 1000;

/// What has been found.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// How much.
    pub counts: Counts,
    /// Where requests go.
    pub hosts: BTreeSet<String>,
    /// Scripts.
    pub scripts: usize,
    /// Where secrets stand.
    pub secrets: BTreeSet<SecretPlace>,
}

impl Inventory {
    /// Adds a collection and all that is in it.
    pub fn collection(&mut self, collection: &Collection) {
        self.counts.collections += 1;
        self.scripts += collection.scripts.len();
        self.auth(&collection.name, &collection.auth);
        self.variables(&collection.name, &collection.variables);
        self.items(&collection.name, &collection.items);
    }

    /// Adds an environment or globals.
    pub fn environment(&mut self, environment: &PostmanEnvironment, name: &str) {
        self.counts.environments += 1;
        self.counts.variables += environment.variables.len();
        for variable in &environment.variables {
            let is_secret = variable.kind == VariableType::Secret || names::kind(variable.key.as_bytes()).is_some();
            if is_secret && !variable.value.is_empty() {
                self.secret(name, &variable.key);
            }
        }
    }

    /// Adds a request.
    pub fn request(&mut self, place: &str, draft: &Draft) {
        self.counts.requests += 1;
        self.host(&draft.url);
        self.draft(place, draft);
    }

    /// Folders are not deep: what reads them bounds that.
    fn items(&mut self, place: &str, items: &[Item]) {
        for item in items {
            let here = format!("{place} / {}", item.name());
            match item {
                Item::Folder(folder) => {
                    self.counts.folders += 1;
                    self.scripts += folder.scripts.len();
                    self.auth(&here, &folder.auth);
                    self.variables(&here, &folder.variables);
                    self.items(&here, &folder.items);
                }
                Item::Request(saved) => {
                    self.scripts += saved.scripts.len();
                    self.variables(&here, &saved.variables);
                    self.request(&here, &saved.request);
                    self.counts.examples += saved.examples.len();
                    saved.examples.iter().for_each(|example| self.example(&here, example));
                }
            }
        }
    }

    fn example(&mut self, place: &str, example: &Example) {
        let here = format!("{place} / {}", example.name);
        if let Some(draft) = &example.request {
            self.draft(&here, draft);
        }
        self.fields(&here, &example.headers);
        if let ExampleBody::Text { text } = &example.body {
            self.text(&here, text, "body");
        }
    }

    fn draft(&mut self, place: &str, draft: &Draft) {
        self.auth(place, &draft.auth);
        self.text(place, &draft.url, "URL");
        self.fields(place, &draft.headers);
        self.named(place, draft.query.iter().flatten());
        match &draft.body {
            Body::Raw { raw, .. } => self.text(place, raw, "body"),
            Body::Urlencoded { urlencoded } => self.named(place, urlencoded),
            Body::Formdata { formdata } => {
                for part in formdata {
                    if names::kind(part.key.as_bytes()).is_some() && is_value(&part.value) {
                        self.secret(place, &part.key);
                    }
                }
            }
            Body::Graphql { variables, .. } => self.text(place, variables, "body"),
            Body::None | Body::Bytes { .. } | Body::File { .. } | Body::Captured { .. } => {}
        }
    }

    fn fields(&mut self, place: &str, fields: &[Field]) {
        for field in fields {
            if is_value(&field.value) && !places::field(field.key.as_bytes(), field.value.as_bytes()).is_empty() {
                self.secret(place, &field.key);
            }
        }
    }

    fn named<'a>(&mut self, place: &str, fields: impl IntoIterator<Item = &'a Field>) {
        for field in fields {
            if names::kind(field.key.as_bytes()).is_some() && is_value(&field.value) {
                self.secret(place, &field.key);
            }
        }
    }

    fn text(&mut self, place: &str, text: &str, part: &str) {
        for found in places::text(text.as_bytes()) {
            if is_value(&String::from_utf8_lossy(&found.value(text.as_bytes()))) {
                self.secret(place, &format!("{} in the {part}", found.kind));
            }
        }
    }

    fn variables(&mut self, place: &str, variables: &[Variable]) {
        self.counts.variables += variables.len();
        for variable in variables {
            let is_secret = variable.secret || names::kind(variable.key.as_bytes()).is_some();
            if is_secret && is_value(&variable.value) {
                self.secret(place, &variable.key);
            }
        }
    }

    fn auth(&mut self, place: &str, auth: &Auth) {
        let (name, holds) = match auth {
            Auth::Inherit | Auth::None => return,
            Auth::Basic { password, .. } => ("password of Basic", is_value(password)),
            Auth::Digest { password, .. } => ("password of Digest", is_value(password)),
            Auth::Bearer { token } => ("Bearer token", is_value(token)),
            Auth::Apikey { key, value, .. } => (&key[..], is_value(value)),
            Auth::Other(fields) => {
                let kind = fields.get("type").and_then(|kind| kind.as_str()).unwrap_or("authentication");
                (kind, fields.iter().any(|(key, value)| key != "type" && value.as_str().is_none_or(is_value)))
            }
        };
        if holds {
            self.secret(place, name);
        }
    }

    fn secret(&mut self, place: &str, name: &str) {
        if self.secrets.len() < MOST {
            self.secrets.insert(SecretPlace { place: short(place), name: short(name) });
        }
    }

    fn host(&mut self, url: &str) {
        if let Some(host) = host(url)
            && self.hosts.len() < MOST
        {
            self.hosts.insert(short(&host));
        }
    }
}

/// Names of files are as long as they like.
fn short(text: &str) -> String {
    text.chars().take(300).collect()
}

/// Whether something stands there, and not a variable alone.
fn is_value(text: &str) -> bool {
    let text = text.trim();
    let inner = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}"));
    !text.is_empty() && inner.is_none_or(|name| name.contains(['{', '}']))
}

/// Where a URL leads to, as it is written.
fn host(url: &str) -> Option<String> {
    let rest = url.trim().split_once("://").map_or(url.trim(), |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    let host = if place.starts_with('[') {
        place.split_inclusive(']').next().unwrap_or_default()
    } else if place.starts_with("{{") {
        place.find("}}").map_or(place, |end| place[end..].find(':').map_or(place, |colon| &place[..end + colon]))
    } else {
        place.split(':').next().unwrap_or_default()
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_urls_as_they_are_written() {
        for (url, expected) in [
            ("https://API.example.org:8443/x?y", Some("api.example.org")),
            ("example.org/x", Some("example.org")),
            ("http://u:p@example.org?x", Some("example.org")),
            ("{{baseUrl}}/users", Some("{{baseurl}}")),
            ("https://{{host}}:{{port}}/", Some("{{host}}")),
            ("https://{{sub}}.example.org/", Some("{{sub}}.example.org")),
            ("http://[::1]:80/", Some("[::1]")),
            ("", None),
            ("/path", None),
        ] {
            assert_eq!(host(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_variable_alone_is_no_secret() {
        for (text, expected) in
            [("x", true), ("{{token}}", false), (" {{ token }} ", false), ("{{a}}{{b}}", true), ("", false)]
        {
            assert_eq!(is_value(text), expected, "{text}");
        }
    }
}
