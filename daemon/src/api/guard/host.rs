//! The addresses we answer to (against DNS rebinding).

use crate::api::error::{ApiError, shown};
use axum::http::{StatusCode, header, request::Parts};

/// The origin the request was addressed to, which is ours: `http://127.0.0.1:PORT`, `http://localhost:PORT` or
/// `http://[::1]:PORT`.
///
/// # Errors
/// 421 if `Host` is missing, doubled, or any other text, or if a target in absolute form says something else.
pub(crate) fn own_origin(request: &Parts, port: u16) -> Result<String, ApiError> {
    let mut hosts = request.headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(misdirected("a request needs exactly one Host field", port));
    };
    let own = [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")];
    let Some(host) = own.into_iter().find(|own| host.as_bytes().eq_ignore_ascii_case(own.as_bytes())) else {
        let host = String::from_utf8_lossy(host.as_bytes());
        return Err(misdirected(format!("this is not '{}'", shown(&host)), port));
    };
    let scheme = request.uri.scheme_str().is_none_or(|s| s == "http");
    let authority = request.uri.authority().is_none_or(|a| a.as_str().eq_ignore_ascii_case(&host));
    if !scheme || !authority {
        return Err(misdirected("the request target names another server than Host does", port));
    }
    Ok(format!("http://{host}"))
}

fn misdirected(message: impl Into<String>, port: u16) -> ApiError {
    ApiError::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", message)
        .hint(format!("the API answers to 127.0.0.1:{port}, localhost:{port} and [::1]:{port} only"))
}
