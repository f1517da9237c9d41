//! The Hoppscotch Agent's protocol on a port of its own, for web clients that know nothing else. Closed by default; open with
//! `start --hoppscotch`, while a window for pairing by it is open, and as long as a page is paired by it.
//!
//! Unlike there, only the origin that the user has named gets an answer that a page can read, and no other host name than ours is
//! answered to. What is asked for is sent by the path of every request, with the rights of the page.
//!
//! - [`listener`]: when the port is open
//! - [`gate`]: who may ask, and what for
//! - [`register`]: how a page is paired
//! - [`execute`]: requests; [`delivery`]: what came of them, on its way to the page

mod delivery;
mod execute;
mod gate;
mod listener;
mod register;

pub(crate) use listener::Listener;

use crate::{
    engine::pairings::Pairing,
    hoppscotch::{
        envelope::{NONCE_FIELD, Sealer},
        gcm::NONCE,
        keys::fresh_nonce,
    },
    secret::{from_hex, hex},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use serde_json::{Value, json};
use std::io::{self, Write};

/// A JSON answer.
fn told(status: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Says what is wrong.
fn refused(status: StatusCode, why: &str) -> Response<Body> {
    told(status, &json!({ "error": why }))
}

/// For whoever does not have token, key or nonce.
fn unauthorized() -> Response<Body> {
    refused(StatusCode::UNAUTHORIZED, "Unauthorized")
}

/// What is ours to mend.
fn broken(error: impl std::fmt::Display) -> Response<Body> {
    tracing::warn!(%error, "a request of a paired page could not be served");
    refused(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// A small message for the page alone.
fn sealed(pairing: &Pairing, value: &Value) -> io::Result<Response<Body>> {
    let (key, nonce) = (key(pairing)?, fresh_nonce()?);
    let mut sealer = Sealer::new(key, &nonce, Vec::new())?;
    sealer.write_all(value.to_string().as_bytes())?;
    Ok(enveloped(&nonce, Body::from(sealer.finish()?)))
}

/// An answer with a message in it.
fn enveloped(nonce: &[u8; NONCE], body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(nonce) = HeaderValue::from_str(&hex(nonce)) {
        headers.insert(NONCE_FIELD, nonce);
    }
    response
}

fn key(pairing: &Pairing) -> io::Result<&[u8; 32]> {
    pairing.key().ok_or_else(|| io::Error::other("the pairing has no key"))
}

/// The nonce of a message that has come.
fn nonce(headers: &HeaderMap) -> Option<[u8; NONCE]> {
    from_hex(headers.get(NONCE_FIELD)?.to_str().ok()?)
}
