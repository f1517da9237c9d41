//! `/ca`, `/ca.pem`: the certificate that clients are to trust. Never the key.

use super::Shared;
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Facts {
    subject: String,
    /// Of the certificate, `AB:CD:…`.
    sha256: String,
    /// ISO 8601, UTC.
    not_before: Option<String>,
    not_after: Option<String>,
    /// Of the public key, base64, as Chromium's `--ignore-certificate-errors-spki-list` takes it.
    spki_sha256: String,
}

pub(crate) async fn facts(State(shared): State<Shared>) -> impl IntoResponse {
    let certificate = shared.engine.authority().certificate();
    let iso = |seconds| jiff::Timestamp::from_second(seconds).ok().map(|t| t.to_string());
    Json(Facts {
        subject: certificate.subject().to_owned(),
        sha256: certificate.sha256(),
        not_before: iso(certificate.not_before()),
        not_after: iso(certificate.not_after()),
        spki_sha256: certificate.spki_sha256_base64(),
    })
}

pub(crate) async fn pem(State(shared): State<Shared>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-pem-file")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"waylay-ca.pem\"")),
    ];
    (headers, shared.engine.authority().certificate().pem())
}
