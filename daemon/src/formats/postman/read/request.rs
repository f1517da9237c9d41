//! A request: its method, its URL, and what goes with it.

use super::{
    super::own::MEMBER,
    Place, Refused, auth, body,
    headers::headers,
    members::{Members, description, rest, text},
    reader::Reader,
    settings, url,
};
use crate::request::{Body, Draft};
use serde_json::Value;

/// Methods whose bodies Postman does not send, unless it is told to.
const PRUNED: [&str; 5] = ["GET", "HEAD", "COPY", "PURGE", "UNLOCK"];

/// Whether Postman sends no body with a method by itself.
pub(in super::super) fn is_pruned(method: &str) -> bool {
    method.is_empty() || PRUNED.iter().any(|pruned| method.eq_ignore_ascii_case(pruned))
}

/// How Postman is told to send it all the same.
pub(in super::super) const KEEP_BODY: &str = "disableBodyPruning";

/// What stands under `request`, and how it is described. `ppb` is what its item says about how it is sent.
pub(in super::super) fn read(
    from: Value,
    ppb: Option<Members>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Result<(Draft, Option<String>), Refused> {
    let mut from = match from {
        Value::Object(members) => members,
        Value::String(url) => Members::from_iter([("url".to_owned(), Value::String(url))]),
        _ => {
            let hint = "It is a URL or an object. Export the collection from Postman again.";
            return Err(Refused::at(place, "The request of an item should be an object.", hint));
        }
    };
    let besides = from.shift_remove(MEMBER);
    let said = besides.is_some().then(|| {
        let mut said = from.clone();
        // The item's, not the request's.
        said.shift_remove("description");
        (Value::Object(said), ppb.clone().map_or(Value::Null, Value::Object))
    });
    let described = description(&mut from);
    let mut draft =
        Draft { method: text(&mut from, "method").unwrap_or_default().trim().to_owned(), ..Draft::default() };
    url::url(from.shift_remove("url"), &mut draft, &place.member("url"), reader);
    draft.headers = headers(&mut from, place, reader);
    (draft.auth, _) = auth::auth(&mut from, &mut draft.extra, place, reader);
    let keeps_body = ppb.as_ref().is_some_and(|ppb| ppb.get(KEEP_BODY) == Some(&Value::Bool(true)));
    if let Some(mut ppb) = ppb {
        if keeps_body && is_pruned(&draft.method) && from.get("body").is_some_and(Value::is_object) {
            ppb.shift_remove(KEEP_BODY); // every body is sent here
        }
        settings::of_request(ppb, &mut draft);
    }
    let at = place.member("body");
    body::body(from.shift_remove("body"), &mut draft, &at, reader);
    if !keeps_body && is_pruned(&draft.method) && !is_empty(&draft.body) {
        reader.note(&at, "Postman sends no body with this method; the body is kept, but not sent.");
        body::put_aside(&mut draft);
    }
    let known = ["method", "url", "header", "body", "auth", "description"];
    let mut rest = rest(from, &known, place, reader);
    if described.is_none() && rest.get("description") == Some(&Value::Object(Members::new())) {
        rest.shift_remove("description");
    }
    if !rest.is_empty() {
        draft.extra.insert("request".into(), Value::Object(rest));
    }
    if let Some((request, ppb)) = said {
        reader.besides(&mut draft, besides, &[&request, &ppb], place);
    }
    Ok((draft, described))
}

/// Whether nothing is sent for a body.
fn is_empty(body: &Body) -> bool {
    match body {
        Body::None => true,
        Body::Raw { raw, .. } => raw.is_empty(),
        Body::Bytes { base64 } => base64.is_empty(),
        Body::Urlencoded { urlencoded } => urlencoded.is_empty(),
        Body::Formdata { formdata } => formdata.is_empty(),
        Body::File { src } => src.is_empty(),
        Body::Graphql { query, variables, .. } => query.is_empty() && variables.is_empty(),
        Body::Captured { .. } => false,
    }
}
