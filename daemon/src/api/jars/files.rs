//! `/jars/{id}/export` and `/jars/{id}/import`: files of other tools. What is exported has its values in it.

use super::{cookies::host, number, with_jars};
use crate::{
    api::{
        Shared,
        bodies::attach,
        error::ApiError,
        input::{Params, Segment, collect_within},
    },
    capture::recorder::now_us,
    jars::files::{Format, ImportError, Imported},
};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

/// Largest file that is read, bytes.
const LARGEST: usize = 64 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportParams {
    format: Option<Format>,
    /// Those of this domain and the ones below it.
    domain: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Report {
    /// Cookies that the form has no way to write, each as a sentence.
    left_out: Vec<String>,
}

pub(crate) async fn export(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<ExportParams>,
) -> Result<Response, ApiError> {
    let format = params.format.unwrap_or(Format::Netscape);
    let written = written(&shared, &id, params).await?;
    let (name, media) = match format {
        Format::Netscape => ("cookies.txt", "text/plain"),
        Format::StorageState => ("storage-state.json", "application/json"),
        Format::CookieEditor => ("cookies.json", "application/json"),
    };
    let mut response = written.bytes.into_response();
    attach(response.headers_mut(), name);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    Ok(response)
}

/// What the file would lack.
pub(crate) async fn report(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<ExportParams>,
) -> Result<Json<Report>, ApiError> {
    Ok(Json(Report { left_out: written(&shared, &id, params).await?.left_out }))
}

async fn written(
    shared: &Shared,
    id: &str,
    ExportParams { format, domain }: ExportParams,
) -> Result<crate::formats::cookies::Written, ApiError> {
    let id = number(id)?;
    let domain = domain.as_deref().map(host).transpose()?;
    let format = format.unwrap_or(Format::Netscape);
    with_jars(shared, move |jars| jars.export(id, format, domain.as_deref(), now_us())).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportParams {
    /// By itself what the file looks like.
    format: Option<Format>,
}

pub(crate) async fn import(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(ImportParams { format }): Params<ImportParams>,
    request: Request,
) -> Result<Json<Imported>, ApiError> {
    let id = number(&id)?;
    let file = collect_within(request, LARGEST).await?;
    with_jars(&shared, move |jars| jars.import(id, &file, format, now_us())).await.map(Json)
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::File(error) => {
                Self::new(StatusCode::BAD_REQUEST, "bad_import", error.to_string()).hint("nothing was imported")
            }
            ImportError::Store(error) => error.into(),
        }
    }
}
