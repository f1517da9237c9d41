//! `/files`: the folder with the files that requests are made of.

use super::{
    Shared,
    error::ApiError,
    input::{Lost, Segment, into_file},
};
use crate::engine::{
    FileError, Files,
    files::{FileErrorKind, Listed},
};
use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Folder {
    items: Vec<Listed>,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Result<Json<Folder>, ApiError> {
    blocking(&shared, |files| files.list()).await.map(|items| Json(Folder { items }))
}

/// Keeps the body of the request as a file, over one of the same name.
pub(crate) async fn put(
    State(shared): State<Shared>,
    Segment(name): Segment,
    request: Request,
) -> Result<impl IntoResponse, ApiError> {
    let mut incoming = blocking(&shared, move |files| files.add(&name)).await?;
    let mut out = tokio::fs::File::from_std(incoming.file().try_clone()?);
    into_file(request, &mut out).await.map_err(|lost| match lost {
        Lost::Request(error) => error,
        Lost::File(error) => incoming.failed(&error).into(),
    })?;
    drop(out);
    let listed = blocking(&shared, move |_| incoming.finish()).await?;
    Ok((StatusCode::CREATED, Json(listed)))
}

pub(crate) async fn remove(State(shared): State<Shared>, Segment(name): Segment) -> Result<StatusCode, ApiError> {
    blocking(&shared, move |files| files.remove(&name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn blocking<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Files) -> Result<T, FileError> + Send + 'static,
) -> Result<T, ApiError> {
    let files = shared.engine.files().clone();
    match tokio::task::spawn_blocking(move || work(&files)).await {
        Ok(result) => Ok(result?),
        Err(e) => Err(ApiError::internal(format!("what was to be done with a file broke off: {e}"))),
    }
}

impl From<FileError> for ApiError {
    fn from(error: FileError) -> Self {
        let (status, code) = match error.kind {
            FileErrorKind::Name | FileErrorKind::NotAFile => (StatusCode::BAD_REQUEST, "bad_file"),
            FileErrorKind::Missing => (StatusCode::NOT_FOUND, "not_found"),
            FileErrorKind::NoRoom => (StatusCode::INSUFFICIENT_STORAGE, "no_room"),
            FileErrorKind::Io => (StatusCode::INTERNAL_SERVER_ERROR, "file_error"),
        };
        Self::new(status, code, error.message).hint(error.hint)
    }
}
