//! Credentials, and what must come with them (against cross-site requests).

use super::Logins;
use crate::{
    api::error::{ApiError, shown},
    secret::Digest,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use std::time::Instant;

/// The second secret of a browser session: the page sends it with every write.
pub(crate) const CSRF: HeaderName = HeaderName::from_static("x-waylay-token");
/// How the page that asks stands to us, as the browser sees it (Fetch Metadata).
pub(super) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The only call that needs no credentials when made with `POST`: it brings a one-time code.
const LOGIN: &str = "/api/v1/login";

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// Nobody in particular; sees the files of the UI and may log in.
    Anyone,
    /// A program that knows the token.
    Program,
    /// The UI in a browser.
    Page {
        /// What its writes carry in [`CSRF`].
        csrf: String,
    },
}

/// Finds out who asks for something of the API whose own origin is `origin`.
pub(super) fn caller(
    request: &Parts,
    port: u16,
    origin: &str,
    token: &Digest,
    logins: &mut Logins,
) -> Result<Caller, ApiError> {
    let headers = &request.headers;
    let claimed = only(headers, &header::ORIGIN)?;
    if claimed.is_some_and(|o| !o.as_bytes().eq_ignore_ascii_case(origin.as_bytes())) {
        return Err(ApiError::forbidden("pages of other origins may not use this API"));
    }
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    if request.uri.path() == LOGIN && request.method == Method::POST {
        return match claimed {
            Some(_) => Ok(Caller::Anyone),
            None => Err(ApiError::forbidden("logging in needs an Origin field: it is for browsers")),
        };
    }
    if let Some(given) = only(headers, &header::AUTHORIZATION)? {
        return match bearer(given) {
            Some(given) if token.is_of(given) => Ok(Caller::Program),
            Some(_) => Err(ApiError::unauthorized("this is not the token of the running daemon")),
            None => Err(ApiError::unauthorized("the only scheme of authorization here is Bearer")),
        };
    }
    let Some(csrf) = cookies(headers, &cookie_name(port)).find_map(|c| logins.page(c, Instant::now())) else {
        return Err(ApiError::unauthorized("this needs the token, or a browser that is logged in"));
    };
    let site = only(headers, &SEC_FETCH_SITE)?.map(HeaderValue::as_bytes);
    if reads && !matches!(site, Some(b"same-origin" | b"none")) {
        return Err(ApiError::forbidden("the browser does not say that the request is the UI's own (Sec-Fetch-Site)"));
    }
    if !reads && claimed.is_none() {
        return Err(ApiError::forbidden("a write by cookie needs an Origin field"));
    }
    if !reads && !only(headers, &CSRF)?.is_some_and(|given| csrf.digest().is_of(given.as_bytes())) {
        return Err(
            ApiError::forbidden("a write by cookie needs the page's token in X-Waylay-Token").hint("reload the page")
        );
    }
    Ok(Caller::Page { csrf: csrf.reveal().to_owned() })
}

/// Refuses what a form of another site could send without asking first.
pub(super) fn content_type(request: &Parts, caller: &Caller) -> Result<(), ApiError> {
    if matches!(request.method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let headers = &request.headers;
    let Some(value) = only(headers, &header::CONTENT_TYPE)? else {
        return if may_have_body(headers) { Err(unsupported("without Content-Type")) } else { Ok(()) };
    };
    let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
    let Ok(media) = text.parse::<mime::Mime>() else { return Err(unsupported(&text)) };
    match media.essence_str() {
        "application/json" | "application/octet-stream" => Ok(()),
        // The one of the three that a form can send; with either of these it is no form.
        "multipart/form-data" if matches!(caller, Caller::Program) || headers.contains_key(CSRF) => Ok(()),
        _ => Err(unsupported(&text)),
    }
}

/// The name of the UI's cookie. Cookies know no ports: without one in the name, two daemons would log each other out.
pub(crate) fn cookie_name(port: u16) -> String {
    format!("waylay_{port}")
}

fn may_have_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|l| l.as_bytes() != b"0")
}

fn unsupported(what: &str) -> ApiError {
    let message = format!("a body of type '{}' is not taken", shown(what));
    ApiError::new(axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
        .hint("send application/json")
}

/// The token of `Bearer TOKEN`; the scheme's case does not matter (RFC 9110, 11.1).
pub(super) fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

/// The values of all cookies of a name: others on this machine can set one of the same name, but not read ours.
fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|v| v.as_bytes().split(|b| *b == b';'));
    pairs.filter_map(move |pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

/// A field that may stand once: two are two opinions, and ours might not be the browser's.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, ApiError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(ApiError::bad_request(format!("more than one {name} field"))),
    }
}
