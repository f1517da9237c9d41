//! `/exchanges/{id}/curl` and `/curl`: requests as commands of curl.

use super::{
    Shared,
    error::ApiError,
    input::{Params, Payload, Segment},
    send::captured::exchange,
};
use crate::{
    formats::{
        curl::{
            captured::{Wanted, command},
            write::{Shell, Written, write},
        },
        redact::{Redaction, Secrets},
    },
    request::Draft,
};
use axum::{Json, extract::State};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CurlParams {
    /// `bash` (the default) or `cmd`.
    shell: Option<Shell>,
    /// `redact` (the default) or `keep`.
    secrets: Option<Secrets>,
}

pub(crate) async fn of_exchange(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<CurlParams>,
) -> Result<Json<Written>, ApiError> {
    let shell = params.shell.unwrap_or_default();
    let redacts = params.secrets.unwrap_or_default() == Secrets::Redact;
    let written = shared.readers.with(move |reader| -> Result<Written, ApiError> {
        let wanted = Wanted::read(reader, exchange(reader, &id)?)?;
        if !redacts {
            return Ok(command(wanted, shell, None));
        }
        let mut redaction = Redaction::default();
        wanted.learn(&mut redaction);
        redaction.ready();
        Ok(command(wanted, shell, Some(&mut redaction)))
    });
    Ok(Json(written.await?))
}

/// A request that is being written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    request: Draft,
    #[serde(default)]
    shell: Shell,
}

pub(crate) async fn of_request(Payload(given): Payload<Given>) -> Json<Written> {
    // Bodies of exchanges come from the store when the command is run.
    Json(write(&given.request, |_| None, given.shell))
}
