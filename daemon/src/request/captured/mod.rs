//! A captured request as a draft: to be looked at, changed, and sent again.

mod body;
#[cfg(test)]
mod tests;

pub(crate) use body::editable;

use super::{
    Auth, Draft, Field, Problem, auth,
    body::{Piece, Plan, plan},
    connection::belongs_to_connection,
    headers::{BodyFacts, automatic},
    url::{Target, target},
    variables::has_reference,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use waylay_storage::model::{self, Head};

/// What is known of a captured request.
#[derive(Clone, Copy, Debug)]
pub struct Captured<'a> {
    /// The exchange, such as `7.42`.
    pub exchange: &'a str,
    /// Method.
    pub method: &'a str,
    /// Absolute URL, path and query as on the wire.
    pub url: &'a str,
    /// Its head as it was received.
    pub head: &'a Head,
    /// Its body as transferred; `None` if it is not at hand, or too long to be edited ([`MAX_EDITED`]).
    pub body: Option<&'a [u8]>,
    /// How long its body is, bytes.
    pub size: u64,
}

/// Longest body that is taken apart to be edited, bytes.
pub const MAX_EDITED: usize = 4 << 20;

/// The draft that sends the same request again: the same fields, and none besides; the same body, byte for byte. What belongs to
/// the connection is not part of it, nor are `Content-Length` and a `Host` that is the URL's: they are made anew. Whoever wrote the
/// request asks for no variable of ours: text that looks like one is kept where it is not taken for one. A URL has no such place;
/// there its braces, which RFC 3986 does not know, are percent-encoded.
pub fn draft(request: &Captured<'_>) -> Draft {
    let mut draft = Draft { method: literal(request.method), url: literal(request.url), ..Draft::default() };
    let (encoded, typed) = (target(&draft, true), target(&draft, false));
    if let (Ok(encoded), Ok(typed)) = (&encoded, &typed)
        && encoded.path != typed.path
    {
        draft.settings.encode_url = Some(false);
    }
    let host = encoded.as_ref().map(Target::authority).ok();
    let named = |field: &model::Field, name: &str| field.name.eq_ignore_ascii_case(name.as_bytes());
    let once = |name: &str| request.head.fields.iter().filter(|field| named(field, name)).count() == 1;
    let listed = listed(&request.head.fields);
    for field in &request.head.fields {
        let name = String::from_utf8_lossy(&field.name);
        let listed = listed.iter().any(|listed| name.eq_ignore_ascii_case(listed));
        // HTTP/2 has fields that begin with a colon; a line that is none has no name.
        if name.is_empty()
            || name.starts_with(':')
            || belongs_to_connection(&name)
            || listed
            || named(field, "content-length")
        {
            continue;
        }
        if named(field, "host") && host.as_ref().is_some_and(|host| host.as_bytes() == &field.value[..]) {
            continue;
        }
        if named(field, "authorization")
            && once("authorization")
            && let Some(auth) = credentials(field, request.head)
        {
            draft.auth = auth;
            continue;
        }
        draft.headers.push(written(&name, &field.value));
    }
    draft.body = body::body(request, &draft);
    draft.without = without(&draft, request);
    draft
}

/// The names that `Connection` lists: those fields are of the connection too, but for what makes the message what it is.
fn listed(fields: &[model::Field]) -> Vec<String> {
    let listed = fields.iter().filter(|field| field.name.eq_ignore_ascii_case(b"connection"));
    let names = listed
        .flat_map(|field| field.value.split(|b| *b == b',').map(|name| String::from_utf8_lossy(name.trim_ascii())));
    let essential = |name: &str| name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case("content-type");
    names.filter(|name| !essential(name)).map(Into::into).collect()
}

/// A text that is not taken for a variable, as a URL can have it.
pub(crate) fn literal(text: &str) -> String {
    if has_reference(text) { text.replace('{', "%7B").replace('}', "%7D") } else { text.to_owned() }
}

/// A field with that value; as bytes if it is no text, or would be taken for a variable. A name that would be is none that can be
/// sent (RFC 9110, 5.6.2).
fn written(name: &str, value: &[u8]) -> Field {
    let text = String::from_utf8_lossy(value);
    let plain = text.as_bytes() == value && !has_reference(&text);
    let bytes = (!plain).then(|| STANDARD.encode(value));
    Field { bytes, disabled: has_reference(name), ..Field::new(name, text) }
}

/// What the field says about who asks, if the very same field is made of that.
fn credentials(field: &model::Field, head: &Head) -> Option<Auth> {
    // HTTP/2 has names in lower case only.
    let name = if head.line.ends_with(b"HTTP/2") { "authorization" } else { "Authorization" };
    let value = std::str::from_utf8(&field.value).ok().filter(|_| field.name == name)?;
    let (scheme, rest) = value.split_once(' ')?;
    let auth = match scheme {
        "Basic" => {
            let decoded = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
            let (username, password) = decoded.split_once(':').filter(|_| !has_reference(&decoded))?;
            Auth::Basic { username: username.into(), password: password.into() }
        }
        "Bearer" if !rest.is_empty() && !has_reference(rest) => Auth::Bearer { token: rest.into() },
        _ => return None,
    };
    let made = auth::field(&auth).ok()??;
    (made.value == value).then_some(auth)
}

/// The fields that would be sent by themselves although the request had none such.
fn without(draft: &Draft, request: &Captured<'_>) -> Vec<String> {
    let elsewhere = || target(&Draft { url: "localhost".into(), ..Draft::default() }, true);
    let made = || -> Result<_, Problem> {
        let target = target(draft, true).or_else(|_| elsewhere())?;
        let content_type = plan(draft, "")?.content_type;
        let facts = BodyFacts { content_type, length: (request.size > 0).then_some(request.size) };
        Ok(automatic(draft, &target, &facts, &draft.settings))
    };
    let extra = made().unwrap_or_default().into_iter().filter(|line| {
        let as_it_was = request.head.fields.iter().any(|field| {
            field.name.eq_ignore_ascii_case(line.key.as_bytes())
                && (field.value == line.value.as_bytes() || line.key == "Content-Length")
        });
        line.removable && !as_it_was
    });
    let names = extra.map(|line| line.key.to_ascii_lowercase());
    // Nothing of a jar goes beside what it had.
    names.chain(["cookie".into()]).collect()
}
