//! Pairing: the page asks, the user reads the code of the window to it, and both have a key.

use super::{
    gate::{Gate, time},
    refused, told,
};
use crate::{
    api::input::Payload,
    engine::pairings::{Kind, PairError, WindowState},
    hoppscotch::keys::agreed,
    secret::{from_hex, hex},
};
use axum::{
    body::Body,
    extract::FromRequest,
    http::{Request, Response, StatusCode},
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::json;
use std::sync::PoisonError;

/// The code that the user has typed, and the page's half of the key. What else a client says does not count.
#[derive(Deserialize)]
struct Verification {
    registration: String,
    client_public_key_b16: String,
}

/// A page asks to be paired. The code it proposes does not count: ours is with the user already.
pub(super) fn receive(gate: &Gate, origin: &str) -> Response<Body> {
    let windows = gate.shared.engine.pairings().windows();
    let is_open = |id: &u64| windows.iter().any(|w| w.id == *id && w.state == WindowState::Open);
    let own = windows.iter().rev().find(|window| {
        window.origin.as_str() == origin && window.kind == Kind::Hoppscotch && window.state == WindowState::Open
    });
    let Some(own) = own else {
        let why = "No registration was begun here. On this machine, run: waylay agent pair ORIGIN --hoppscotch";
        return refused(StatusCode::FORBIDDEN, why);
    };
    let mut asked = gate.asked.lock().unwrap_or_else(PoisonError::into_inner);
    asked.retain(is_open);
    let message = if asked.insert(own.id) {
        "Registration received and stored"
    } else {
        "There is already an existing registration happening"
    };
    told(StatusCode::OK, &json!({ "message": message }))
}

/// A page shows the code.
pub(super) async fn verify(gate: &Gate, origin: &str, request: Request<Body>) -> Response<Body> {
    let Verification { registration, client_public_key_b16 } = match Payload::from_request(request, &()).await {
        Ok(Payload(verification)) => verification,
        Err(error) => return error.into_response(),
    };
    // It costs no try: nothing is guessed by it.
    let Some((key, public)) = from_hex(&client_public_key_b16).as_ref().and_then(agreed) else {
        return refused(StatusCode::BAD_REQUEST, "Invalid Client Public Key");
    };
    let paired = gate.shared.engine.pairings().pair(origin, Kind::Hoppscotch, registration.trim(), Some(key)).await;
    match paired {
        Ok((pairing, token)) => {
            let answer = json!({
                "auth_key": token,
                "created_at": time(pairing.facts().created_us),
                "agent_public_key_b16": hex(&public),
            });
            told(StatusCode::OK, &answer)
        }
        Err(PairError::Full) => refused(StatusCode::INSUFFICIENT_STORAGE, &PairError::Full.to_string()),
        Err(PairError::Io(error)) => super::broken(error),
        Err(_) => refused(StatusCode::BAD_REQUEST, "Invalid Registration"),
    }
}
