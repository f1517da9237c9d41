//! A captured body in the form in which it is best edited.

use super::{Captured, MAX_EDITED, Piece, Plan, plan};
use crate::request::{
    Body, Draft, Field,
    body::{graphql, multipart},
    draft::Language,
    variables::{Dynamic, Random, Scopes, resolve_draft},
};

/// The body as something to edit, if it can be built again from that, byte for byte; else as the captured one.
/// `draft` has the fields already.
pub(super) fn body(request: &Captured<'_>, draft: &Draft) -> Body {
    let captured = || Body::Captured { exchange: request.exchange.into(), size: request.size };
    let bytes = match request.body {
        _ if request.size == 0 => return Body::None,
        Some(bytes) if bytes.len() as u64 == request.size && bytes.len() <= MAX_EDITED => bytes,
        _ => return captured(),
    };
    editable(&draft.headers, bytes).unwrap_or_else(captured)
}

/// A body as something to edit, from which it is built again byte for byte; `None` if it is not text, or holds what would be
/// taken for a variable. `headers` say what it is.
pub(crate) fn editable(headers: &[Field], bytes: &[u8]) -> Option<Body> {
    let text = std::str::from_utf8(bytes).ok()?;
    if bytes.len() > MAX_EDITED || text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n')) {
        return None;
    }
    let content_type = headers.iter().rev().find(|field| field.key.eq_ignore_ascii_case("content-type"));
    let content_type = content_type.map_or("", |field| &field.value);
    let built =
        |body: &Body| is_built(&Draft { headers: headers.into(), body: body.clone(), ..Draft::default() }, bytes);
    forms(content_type, text).find(built)
}

/// What the body could be, the best first.
fn forms<'a>(content_type: &'a str, text: &'a str) -> impl Iterator<Item = Body> + use<'a> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let form = match essence.as_str() {
        "application/x-www-form-urlencoded" => {
            let fields = ::url::form_urlencoded::parse(text.as_bytes()).map(|(key, value)| Field::new(key, value));
            Some(Body::Urlencoded { urlencoded: fields.collect() })
        }
        "multipart/form-data" => {
            let parts = multipart::boundary(content_type).and_then(|boundary| multipart::parse(text, &boundary));
            parts.map(|formdata| Body::Formdata { formdata })
        }
        "application/json" => graphql::parse(text).map(|(query, variables, operation_name)| Body::Graphql {
            query,
            variables,
            operation_name,
        }),
        _ => None,
    };
    let raw = move |language| Body::Raw { raw: text.into(), language };
    form.into_iter().chain([raw(language(&essence)), raw(Language::Text)])
}

fn language(essence: &str) -> Language {
    match essence {
        "text/html" => Language::Html,
        "application/javascript" | "text/javascript" => Language::Javascript,
        "application/xml" | "text/xml" => Language::Xml,
        "application/json" => Language::Json,
        _ if essence.ends_with("+json") => Language::Json,
        _ if essence.ends_with("+xml") => Language::Xml,
        _ => Language::Text,
    }
}

/// Whether these very bytes are sent for it: nothing in it is taken for a variable or a comment.
fn is_built(draft: &Draft, bytes: &[u8]) -> bool {
    let resolved = resolve_draft(draft, &Scopes::default(), &mut Dynamic::new(jiff::Zoned::default(), NoChance));
    let untouched = resolved.used.is_empty() && resolved.unresolved.is_empty();
    untouched && plan(draft, "").is_ok_and(|plan| is_of(&plan, bytes))
}

fn is_of(plan: &Plan, bytes: &[u8]) -> bool {
    matches!(&plan.pieces[..], [Piece::Bytes(built)] if built == bytes)
}

/// No value is ever used: that there would be one is enough.
struct NoChance;

impl Random for NoChance {
    fn next(&mut self) -> u64 {
        0
    }
}
