//! `/login`, `/login-links`: how a browser comes by its cookie.

use super::{
    Shared,
    error::ApiError,
    guard::{Admission, Caller, auth::cookie_name, logins::CODE_LIFE},
    input::{Payload, within},
};
use axum::{
    Extension, Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use std::{io, time::Instant};

/// Longest code, bytes; ours are shorter.
const CODE: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// From the link that was printed.
    code: String,
}

#[derive(Serialize)]
pub(crate) struct PageToken {
    /// For `X-Waylay-Token` of every write.
    token: String,
}

#[derive(Serialize)]
pub(crate) struct Link {
    url: String,
    expires_s: u64,
}

/// Trades a code for a cookie and the page's token.
pub(crate) async fn login(
    State(shared): State<Shared>,
    Payload(login): Payload<Login>,
) -> Result<impl IntoResponse, ApiError> {
    within("code", &login.code, CODE)?;
    let admission = shared.guard.logins().redeem(login.code.as_bytes(), Instant::now())?;
    let Some(Admission { cookie, csrf }) = admission else {
        let message = "this link has been used, is older than ten minutes, or is of another run of the daemon";
        return Err(
            ApiError::new(StatusCode::UNAUTHORIZED, "bad_code", message).hint("`waylay status` prints a new one")
        );
    };
    let cookie = format!("{}={}; HttpOnly; SameSite=Strict; Path=/", cookie_name(port(&shared)), cookie.reveal());
    Ok(([(header::SET_COOKIE, cookie)], Json(PageToken { token: csrf.reveal().to_owned() })))
}

/// The page's token again, after a reload.
pub(crate) async fn token(Extension(caller): Extension<Caller>) -> Result<impl IntoResponse, ApiError> {
    match caller {
        Caller::Page { csrf } => Ok(Json(PageToken { token: csrf })),
        Caller::Anyone | Caller::Program => {
            Err(ApiError::unauthorized("only a browser that is logged in has a page's token"))
        }
    }
}

pub(crate) async fn create_link(State(shared): State<Shared>) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(Link { url: link(&shared)?, expires_s: CODE_LIFE.as_secs() }))
}

/// A new link; the code is in the fragment, which browsers send to nobody.
pub(crate) fn link(shared: &Shared) -> io::Result<String> {
    let code = shared.guard.logins().code(Instant::now())?;
    let host = match shared.addresses.iter().find(|a| a.is_ipv4()).or(shared.addresses.first()) {
        Some(address) => address.to_string(),
        None => "127.0.0.1".to_owned(),
    };
    Ok(format!("http://{host}/#login={}", code.reveal()))
}

fn port(shared: &Shared) -> u16 {
    shared.addresses.first().map_or(0, |a| a.port())
}
