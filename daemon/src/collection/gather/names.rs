//! Variables for what many requests have in common: hosts and secrets.

use crate::{
    collection::Variable,
    request::{Draft, draft::Auth, variables::has_reference},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::collections::BTreeMap;
use waylay_storage::model::Head;

/// Fields whose value is an API key.
const KEYS: [&str; 5] = ["x-api-key", "api-key", "apikey", "x-auth-token", "x-access-token"];

/// A secret in a field of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    /// What its variable is called, but for a number.
    pub name: &'static str,
    /// The secret.
    pub value: String,
    /// The field it stands in.
    pub field: String,
}

/// The secrets of a head.
pub fn secrets(head: &Head) -> Vec<Secret> {
    let mut found = Vec::new();
    for field in &head.fields {
        let (name, Ok(value)) =
            (String::from_utf8_lossy(&field.name).to_ascii_lowercase(), std::str::from_utf8(&field.value))
        else {
            continue;
        };
        let of = |name, value: &str| Secret { name, value: value.to_owned(), field: field_name(&field.name) };
        if KEYS.contains(&name.as_str()) {
            found.push(of("apiKey", value));
        } else if name == "authorization" {
            match value.split_once(' ') {
                Some(("Bearer", token)) => found.push(of("authToken", token)),
                Some(("Basic", rest)) => {
                    let decoded = STANDARD.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                    if let Some((_, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) {
                        found.push(of("authPassword", password));
                    }
                }
                _ => {}
            }
        }
    }
    found.retain(|secret| !secret.value.is_empty() && !has_reference(&secret.value));
    found
}

fn field_name(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// Variables by what they stand for.
#[derive(Clone, Debug, Default)]
pub struct Names {
    by: BTreeMap<(String, String), String>,
    /// The variables, those that were there before first.
    pub variables: Vec<Variable>,
    /// Where each new one is used.
    pub uses: Vec<(String, String)>,
    before: usize,
}

impl Names {
    /// Beside variables there are.
    pub fn beside(variables: Vec<Variable>) -> Self {
        Self { before: variables.len(), variables, ..Self::default() }
    }

    /// Those that are new.
    pub fn added(&self) -> &[Variable] {
        &self.variables[self.before..]
    }

    /// Gives a value a variable: one that has it already, or a new one of this name or the next that is free.
    pub fn add(&mut self, name: &str, value: &str, secret: bool, used: &str) {
        let key = (name.to_owned(), value.to_owned());
        if self.by.contains_key(&key) {
            return;
        }
        let known = self.variables.iter().find(|known| {
            let numbered = known.key.strip_prefix(name).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
            numbered && known.value == value && !known.disabled
        });
        if let Some(known) = known {
            self.by.insert(key, known.key.clone());
            return;
        }
        let mut free = name.to_owned();
        for number in 2.. {
            if !self.variables.iter().any(|known| known.key == free) {
                break;
            }
            free = format!("{name}{number}");
        }
        self.variables.push(Variable { key: free.clone(), value: value.to_owned(), secret, ..Variable::default() });
        self.uses.push((free.clone(), used.to_owned()));
        self.by.insert(key, free);
    }

    /// The reference to a value's variable, `{{name}}`.
    pub fn reference(&self, name: &str, value: &str) -> Option<String> {
        self.by.get(&(name.to_owned(), value.to_owned())).map(|name| format!("{{{{{name}}}}}"))
    }

    /// Puts variables in place of the secrets of a request.
    pub fn hide(&self, draft: &mut Draft) {
        match &mut draft.auth {
            Auth::Bearer { token } => self.replace("authToken", token),
            Auth::Basic { password, .. } => self.replace("authPassword", password),
            _ => {}
        }
        for field in draft.headers.iter_mut().filter(|field| field.bytes.is_none()) {
            if KEYS.contains(&field.key.to_ascii_lowercase().as_str()) {
                self.replace("apiKey", &mut field.value);
            }
        }
    }

    fn replace(&self, name: &str, value: &mut String) {
        if let Some(reference) = self.reference(name, value) {
            *value = reference;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn values_have_one_variable_each() {
        let there = Variable { key: "baseUrl".into(), value: "https://a".into(), ..Variable::default() };
        let mut names = Names::beside(vec![there]);
        for origin in ["https://a", "https://b", "https://a", "https://c"] {
            names.add("baseUrl", origin, false, origin);
        }
        let added: Vec<_> = names.added().iter().map(|v| (v.key.as_str(), v.value.as_str())).collect();
        assert_eq!(added, [("baseUrl2", "https://b"), ("baseUrl3", "https://c")]);
        assert_eq!(names.reference("baseUrl", "https://a").as_deref(), Some("{{baseUrl}}"));
        assert_eq!(names.reference("baseUrl", "https://x"), None);
    }

    #[test]
    fn secrets_of_fields_are_found_and_hidden() {
        let head = "GET / HTTP/1.1\r\nAuthorization: Bearer t0ken\r\nX-Api-Key: k3y\r\nAuthorization: Basic dTpwdw==\r\nX-Other: k3y\r\n\r\n";
        let found = secrets(&Head::parse(&Bytes::from(head)));
        let shown: Vec<_> = found.iter().map(|s| (s.name, s.value.as_str())).collect();
        assert_eq!(shown, [("authToken", "t0ken"), ("apiKey", "k3y"), ("authPassword", "pw")]);
        let mut names = Names::default();
        found.iter().for_each(|s| names.add(s.name, &s.value, true, &s.field));
        assert!(names.variables.iter().all(|variable| variable.secret));
        let mut draft = Draft {
            auth: Auth::Basic { username: "u".into(), password: "pw".into() },
            headers: vec![crate::request::draft::Field::new("x-api-key", "k3y")],
            ..Draft::default()
        };
        names.hide(&mut draft);
        assert_eq!(draft.auth, Auth::Basic { username: "u".into(), password: "{{authPassword}}".into() });
        assert_eq!(draft.headers[0].value, "{{apiKey}}");
    }
}
