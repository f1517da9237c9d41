//! Pages that are paired, or are about to be: the only ones of other origins that get an answer, and only on the routes that are for
//! them. Everybody else learns nothing, and is given no CORS field (against drive-by use of this machine by pages).

use super::{
    auth::{SEC_FETCH_SITE, bearer, only},
    host,
};
use crate::{
    api::error::ApiError,
    engine::pairings::{Kind, Pairing, Pairings},
};
use axum::{
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// What pages are served on; the rest of `/agent` is the user's.
const FOR_PAGES: [&str; 5] = ["capabilities", "pair", "send", "sends", "conversations"];
const PREFIX: &str = "/api/v1/agent/";
const METHODS: &str = "GET, POST, DELETE, OPTIONS";

/// A page that gets an answer.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Its origin, as it said it.
    pub(crate) origin: String,
    /// Its pairing; `None` while a window is open for it.
    pub(crate) pairing: Option<Arc<Pairing>>,
    /// It only asks whether it may ask.
    is_preflight: bool,
}

/// Whether a path is for pages of other origins.
pub(crate) fn is_for_pages(path: &str) -> bool {
    let first = path.strip_prefix(PREFIX).map(|rest| rest.split('/').next().unwrap_or(rest));
    first.is_some_and(|first| FOR_PAGES.contains(&first))
}

/// Judges a request for one of those paths.
///
/// # Errors
/// 421 for a foreign host, 405 for methods nothing there has, 403 for pages that are not known, 401 for tokens that are not theirs.
pub(crate) fn admit(request: &Parts, port: u16, pairings: &Pairings) -> Result<Visit, ApiError> {
    let own = host::own_origin(request, port)?;
    if !METHODS.split(", ").any(|method| method == request.method.as_str()) {
        return Err(ApiError::method_not_allowed(request.method.as_str()).allow(METHODS));
    }
    let origin = origin(request, &own)?;
    let called = request.uri.path().strip_prefix(PREFIX);
    // Both are asked before there is a token.
    let begins = matches!(called, Some("pair" | "capabilities"));
    let is_awaited = begins && pairings.is_window_open(&origin, Kind::Native);
    if request.method == Method::OPTIONS {
        let asks = request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        // A preflight shows no token: that there is a pairing at all has to do.
        if asks && (is_awaited || (called != Some("pair") && pairings.is_paired(&origin, Kind::Native))) {
            return Ok(Visit { origin, pairing: None, is_preflight: true });
        }
        return Err(stranger());
    }
    let token = only(&request.headers, &header::AUTHORIZATION)?.map(|value| bearer(value).unwrap_or_default());
    let pairing = token.and_then(|token| pairings.pairing_of(token));
    match pairing.filter(|pairing| pairing.kind == Kind::Native && pairing.origin.as_str() == origin) {
        Some(pairing) => Ok(Visit { origin, pairing: Some(pairing), is_preflight: false }),
        None if is_awaited => Ok(Visit { origin, pairing: None, is_preflight: false }),
        None if token.is_some() => {
            Err(ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", "this is no token of this page")
                .hint("pair the page anew: `waylay agent pair ORIGIN`"))
        }
        None => Err(stranger()),
    }
}

/// Whether a script of ours may be read by the page that loads it: the origin, if it is paired or about to be.
pub(crate) fn reader(request: &Parts, pairings: &Pairings) -> Option<String> {
    let origin = only(&request.headers, &header::ORIGIN).ok()??.to_str().ok()?;
    let known = pairings.is_paired(origin, Kind::Native) || pairings.is_window_open(origin, Kind::Native);
    known.then(|| origin.to_owned())
}

/// The origin of the page that asks. Browsers leave the field out of reads within one origin, and say so in another.
fn origin(request: &Parts, own: &str) -> Result<String, ApiError> {
    if let Some(origin) = only(&request.headers, &header::ORIGIN)? {
        return origin.to_str().map(ToOwned::to_owned).map_err(|_| stranger());
    }
    match only(&request.headers, &SEC_FETCH_SITE)?.map(HeaderValue::as_bytes) {
        Some(b"same-origin") => Ok(own.to_owned()),
        _ => Err(ApiError::forbidden("this call is for web pages, and none says that it asks (Origin)")),
    }
}

fn stranger() -> ApiError {
    ApiError::forbidden("this page is not paired")
        .hint("whoever runs Waylay can pair it: `waylay agent pair ORIGIN` with its origin")
}

impl Visit {
    /// The answer to a preflight, if it is one.
    pub(crate) fn preflight(&self) -> Option<Response> {
        self.is_preflight.then(|| {
            let fields = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS)),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type")),
            ];
            (StatusCode::NO_CONTENT, fields).into_response()
        })
    }

    /// The pairing.
    ///
    /// # Errors
    /// 403 for a page that is not paired yet.
    pub(crate) fn pairing(&self) -> Result<&Arc<Pairing>, ApiError> {
        self.pairing
            .as_ref()
            .ok_or_else(|| ApiError::forbidden("this page is not paired yet").hint("POST /agent/pair first"))
    }
}

/// Lets a page of this origin, and no other, read the answer.
pub(crate) fn share(response: &mut Response, origin: &str) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}
