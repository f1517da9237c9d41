//! A captured exchange as a request that can be edited and sent: `/exchanges/{id}/request`.

use super::super::{Shared, error::ApiError, exchanges::resolve, input::Segment};
use crate::{
    collection::captured::{self, CapturedError},
    request::Draft,
};
use axum::{Json, extract::State};
use waylay_storage::{
    Reader,
    model::{Exchange, ExchangeId},
};

pub(crate) async fn request(State(shared): State<Shared>, Segment(id): Segment) -> Result<Json<Draft>, ApiError> {
    let (draft, _) = shared.readers.with(move |reader| read(reader, &id)).await?;
    Ok(Json(draft))
}

/// The request of an exchange, and its number.
pub(crate) fn read(reader: &Reader, id: &str) -> Result<(Draft, ExchangeId), ApiError> {
    let exchange = exchange(reader, id)?;
    Ok((captured::draft(reader, &exchange)?, exchange.id))
}

/// The exchange that is meant by `7.42` or `@last`.
pub(crate) fn exchange(reader: &Reader, id: &str) -> Result<Exchange, ApiError> {
    let found = resolve(reader, id)?;
    let (exchange, _) = reader.exchange(found)?.ok_or_else(|| ApiError::no_exchange(id))?;
    Ok(exchange)
}

impl From<CapturedError> for ApiError {
    fn from(error: CapturedError) -> Self {
        match error {
            CapturedError::NoRequest(..) => Self::bad_request(error.to_string()),
            CapturedError::Store(error) => error.into(),
            CapturedError::Io(error) => Self::internal(format!("a captured body: {error}")),
        }
    }
}
