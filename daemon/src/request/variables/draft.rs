//! All texts of a request.

use super::{Dynamic, Resolver, Scopes, Unresolved, Used};
use crate::request::{
    Settings,
    draft::{Auth, Body, Draft, Field, Part},
};

/// A request with values in place of its variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The request. What is disabled is as it was.
    pub draft: Draft,
    /// What was used.
    pub used: Vec<Used>,
    /// What could not be resolved: if anything, the request is not to be sent ([`super::problem`]).
    pub unresolved: Vec<Unresolved>,
}

/// Puts values in place of the variables in all texts of a request that are sent: names and values of fields, the body
/// and the names of its files, credentials, and the settings that are texts.
pub fn resolve_draft(draft: &Draft, scopes: &Scopes, dynamic: &mut Dynamic) -> Resolved {
    let mut texts = Texts(Resolver::new(scopes, dynamic));
    let mut draft = draft.clone();
    texts.text(&mut draft.method, "method");
    texts.text(&mut draft.url, "url");
    texts.fields(draft.query.iter_mut().flatten(), "query");
    texts.fields(&mut draft.path_variables, "path variable");
    texts.fields(&mut draft.headers, "header");
    texts.body(&mut draft.body);
    texts.auth(&mut draft.auth);
    texts.settings(&mut draft.settings);
    let (used, unresolved) = texts.0.finish();
    Resolved { draft, used, unresolved }
}

struct Texts<'a>(Resolver<'a>);

impl Texts<'_> {
    fn text(&mut self, text: &mut String, place: &str) {
        if let std::borrow::Cow::Owned(resolved) = self.0.resolve(text, place) {
            *text = resolved;
        }
    }

    fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t mut String>, place: &str) {
        texts.into_iter().for_each(|text| self.text(text, place));
    }

    /// Bytes are no text: a value that has them stays.
    fn fields<'t>(&mut self, fields: impl IntoIterator<Item = &'t mut Field>, kind: &str) {
        for field in fields.into_iter().filter(|field| !field.disabled) {
            let place = format!("{kind} {:?}", field.key);
            self.text(&mut field.key, &place);
            if field.bytes.is_none() {
                self.text(&mut field.value, &place);
            }
        }
    }

    fn body(&mut self, body: &mut Body) {
        match body {
            Body::None | Body::Bytes { .. } | Body::Captured { .. } => {}
            Body::Raw { raw, .. } => self.text(raw, "body"),
            Body::Urlencoded { urlencoded } => self.fields(urlencoded, "form field"),
            Body::Formdata { formdata } => {
                for part in formdata.iter_mut().filter(|part| !part.disabled) {
                    let place = format!("form field {:?}", part.key);
                    let Part { key, value, src, content_type, file_name, .. } = part;
                    match src {
                        Some(files) => self.texts(files, &place),
                        None => self.text(value, &place),
                    }
                    self.texts([key, content_type, file_name], &place);
                }
            }
            Body::File { src } => self.text(src, "body"),
            Body::Graphql { query, variables, operation_name } => {
                self.texts([query, variables, operation_name], "body")
            }
        }
    }

    fn auth(&mut self, auth: &mut Auth) {
        match auth {
            Auth::Inherit | Auth::None | Auth::Other(_) => {}
            Auth::Basic { username, password } | Auth::Digest { username, password } => {
                self.texts([username, password], "auth");
            }
            Auth::Bearer { token } => self.text(token, "auth"),
            Auth::Apikey { key, value, .. } => self.texts([key, value], "auth"),
        }
    }

    fn settings(&mut self, settings: &mut Settings) {
        let Settings { server_name, resolve, key_log, .. } = settings;
        self.texts(server_name.iter_mut().chain(resolve.iter_mut().flatten()).chain(key_log), "settings");
    }
}
