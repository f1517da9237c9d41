//! `/collections/{id}/export`: a collection as a file for Postman.

use super::number;
use crate::{
    api::{
        Shared,
        bodies::attach,
        error::ApiError,
        input::{Params, Segment},
    },
    collection::stored,
    formats::{
        postman::{
            Version,
            export::{self, Exported, Options},
        },
        redact::{Hidden, Secrets},
    },
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportParams {
    /// `2.1`, the default, or `2.0`.
    #[serde(default)]
    format: Format,
    /// `redact`, the default, or `keep`.
    secrets: Option<Secrets>,
    /// `zip` for an archive that holds the bytes that are no text as well, or `none`, the default.
    #[serde(default)]
    archive: Archive,
}

#[derive(Clone, Copy, Default, Deserialize)]
enum Format {
    #[default]
    #[serde(rename = "2.1")]
    V21,
    #[serde(rename = "2.0")]
    V20,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Archive {
    Zip,
    #[default]
    None,
}

/// What an export would hide, and what Postman would not have.
#[derive(Serialize)]
pub(crate) struct Report {
    name: String,
    requests: usize,
    files: usize,
    hidden: Vec<Hidden>,
    notes: Vec<String>,
}

pub(crate) async fn file(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<ExportParams>,
) -> Result<Response, ApiError> {
    let exported = exported(&shared, &id, &params).await?;
    let is_zip = params.archive == Archive::Zip;
    let (bytes, kind, extension) =
        if is_zip { (exported.zip()?, "application/zip", "zip") } else { (exported.file, "application/json", "json") };
    let mut response = bytes.into_response();
    let name: String = exported.name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let name = name.trim_end_matches(".json").to_owned();
    attach(response.headers_mut(), &format!("{name}.{extension}"));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

pub(crate) async fn report(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<ExportParams>,
) -> Result<Json<Report>, ApiError> {
    let Exported { name, files, requests, hidden, notes, .. } = exported(&shared, &id, &params).await?;
    Ok(Json(Report { name, requests, files: files.iter().count(), hidden, notes }))
}

async fn exported(shared: &Shared, id: &str, params: &ExportParams) -> Result<Exported, ApiError> {
    let id = number(id)?;
    let version = match params.format {
        Format::V21 => Version::V21,
        Format::V20 => Version::V20,
    };
    let options =
        Options { version, secrets: params.secrets.unwrap_or_default(), with_files: params.archive == Archive::Zip };
    shared
        .readers
        .with(move |reader| {
            let collection = stored::whole(reader, id)?;
            Ok::<_, ApiError>(export::export(reader, collection, &options)?)
        })
        .await
}
