//! Who may ask, and what for.

use super::{super::Shared, execute, refused, register, sealed, told, unauthorized};
use crate::{
    api::{
        guard::{host, visit::share},
        headers::secure,
        input::collect_within,
        server::Answering,
    },
    engine::pairings::{Kind, Pairing},
    hoppscotch::envelope::{self, NONCE_FIELD},
    secret::hex,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

/// Longest message of a page's log, bytes.
const LOG_ENTRY: usize = 64 << 10;
/// Methods there are.
const METHODS: &str = "GET, POST, DELETE";

/// What stands between a connection and the routes.
#[derive(Clone)]
pub(super) struct Gate {
    pub shared: Shared,
    /// Windows for which a page has asked already.
    pub asked: Arc<Mutex<HashSet<u64>>>,
}

/// A page, as far as it is known.
struct Page {
    origin: String,
    /// The user has opened a window for it.
    is_awaited: bool,
    /// It is paired.
    is_paired: bool,
}

impl Gate {
    pub(super) fn new(shared: Shared) -> Self {
        Self { shared, asked: Arc::default() }
    }

    /// The page that asks; `None` if it is none that the user has named.
    fn page(&self, headers: &HeaderMap) -> Option<Page> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
        let (origin, pairings) = (origin.to_str().ok()?.to_owned(), self.shared.engine.pairings());
        let is_awaited = pairings.is_window_open(&origin, Kind::Hoppscotch);
        let is_paired = pairings.is_paired(&origin, Kind::Hoppscotch);
        (is_awaited || is_paired).then_some(Page { origin, is_awaited, is_paired })
    }

    /// The pairing whose token is shown, if it is this page's.
    fn pairing(&self, headers: &HeaderMap, page: &Page) -> Option<(Arc<Pairing>, String)> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        let token = token.trim();
        let pairing = self.shared.engine.pairings().pairing_of(token.as_bytes())?;
        let fits = scheme.eq_ignore_ascii_case("bearer")
            && pairing.kind == Kind::Hoppscotch
            && pairing.origin.as_str() == page.origin;
        fits.then(|| (pairing, token.to_owned()))
    }

    async fn route(self, parts: Parts, body: Incoming, page: &Page) -> Response<Body> {
        let path = parts.uri.path().to_owned();
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let wanted = match segments[..] {
            ["handshake" | "registration" | "registered-handshake"] => Method::GET,
            ["receive-registration" | "verify-registration" | "execute" | "log-sink"] => Method::POST,
            ["cancel", _] => Method::POST,
            ["registrations", _] => Method::DELETE,
            _ => return refused(StatusCode::NOT_FOUND, "There is no such path."),
        };
        if parts.method != wanted {
            return refused(StatusCode::METHOD_NOT_ALLOWED, "This path has another method.");
        }
        let request = Request::from_parts(parts, Body::new(body));
        match segments[..] {
            ["handshake"] => return handshake(),
            ["receive-registration"] => return register::receive(&self, &page.origin),
            ["verify-registration"] => return register::verify(&self, &page.origin, request).await,
            _ => {}
        }
        let Some((pairing, token)) = self.pairing(request.headers(), page) else { return unauthorized() };
        let answer = match segments[..] {
            ["registration"] => sealed(&pairing, &registration(&pairing, &token)),
            ["registered-handshake"] => sealed(&pairing, &json!(true)),
            ["registrations", key] => Ok(self.forget(&pairing, key == token).await),
            ["cancel", id] => Ok(cancel(&pairing, id)),
            ["log-sink"] => log(&pairing, request).await,
            _ => Ok(execute::execute(&self.shared, &pairing, request).await),
        };
        answer.unwrap_or_else(super::broken)
    }

    /// A page ends its own pairing, and no other.
    async fn forget(&self, pairing: &Pairing, is_own: bool) -> Response<Body> {
        if !is_own {
            return refused(StatusCode::FORBIDDEN, "A registration is deleted by its own key.");
        }
        match self.shared.engine.pairings().revoke(pairing.id).await {
            // The key is not told once more.
            Ok(_) => told(StatusCode::OK, &json!({ "message": "The registration was deleted successfully" })),
            Err(error) => super::broken(error),
        }
    }
}

impl Answering for Gate {
    async fn answer(self, request: Request<Incoming>, port: u16) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let mut response = if let Err(error) = host::own_origin(&parts, port) {
            error.into_response()
        } else {
            match self.page(&parts.headers) {
                Some(page) if parts.method == Method::OPTIONS => readable(preflight(), &page.origin),
                Some(page) if page.is_paired || page.is_awaited && is_for_strangers(parts.uri.path()) => {
                    let response = self.route(parts, body, &page).await;
                    readable(response, &page.origin)
                }
                // Programs of this machine may see that there is an agent. They are no pages: those say where they are from.
                None if parts.method == Method::GET
                    && parts.uri.path() == "/handshake"
                    && !parts.headers.contains_key(header::ORIGIN) =>
                {
                    handshake()
                }
                _ => {
                    let why = "This page is not paired. On this machine, run: waylay agent pair ORIGIN --hoppscotch";
                    refused(StatusCode::FORBIDDEN, why)
                }
            }
        };
        secure(&mut response);
        response
    }
}

/// What pages may ask that are not paired yet.
fn is_for_strangers(path: &str) -> bool {
    matches!(path, "/handshake" | "/receive-registration" | "/verify-registration")
}

/// The same for this page alone.
fn readable(mut response: Response<Body>, origin: &str) -> Response<Body> {
    share(&mut response, origin);
    response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(NONCE_FIELD));
    response
}

fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    let fields = HeaderValue::from_static("authorization, content-type, x-hopp-nonce");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, fields);
    response
}

fn handshake() -> Response<Body> {
    let version = env!("CARGO_PKG_VERSION");
    let answer = json!({ "__hoppscotch__agent__": true, "status": "success", "agent_version": version });
    told(StatusCode::OK, &answer)
}

fn registration(pairing: &Pairing, token: &str) -> serde_json::Value {
    let hash = Sha256::digest(token.as_bytes());
    json!({ "registered_at": time(pairing.facts().created_us), "auth_key_hash": hex(&hash[..3]) })
}

/// RFC 3339, UTC.
pub(super) fn time(us: i64) -> String {
    Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

fn cancel(pairing: &Pairing, id: &str) -> Response<Body> {
    let Ok(id) = id.parse() else {
        return refused(StatusCode::BAD_REQUEST, "The number of a request is a whole number.");
    };
    if pairing.cancel(id) {
        return told(StatusCode::OK, &json!({ "message": "Request cancelled successfully" }));
    }
    refused(StatusCode::NOT_FOUND, "Request not found or already completed")
}

/// Takes an entry of a page's log, and forgets it: a page has no part in what is logged here.
async fn log(pairing: &Pairing, request: Request<Body>) -> std::io::Result<Response<Body>> {
    let Some(nonce) = super::nonce(request.headers()) else { return Ok(unauthorized()) };
    let message = match collect_within(request, LOG_ENTRY).await {
        Ok(message) => message,
        Err(error) => return Ok(error.into_response()),
    };
    let Some(entry) = envelope::opened(super::key(pairing)?, &nonce, &message)? else { return Ok(unauthorized()) };
    let entry: serde_json::Value = serde_json::from_slice(&entry).unwrap_or_default();
    let fits = ["timestamp", "level", "context", "message", "source"].iter().all(|name| entry[name].is_string());
    if !fits {
        return Ok(refused(StatusCode::BAD_REQUEST, "Invalid log entry format"));
    }
    Ok(told(StatusCode::OK, &json!({ "status": "success", "message": "Log entry processed" })))
}
