//! A captured exchange as a request that can be edited and sent: `/exchanges/{id}/request`.

use super::super::{Shared, error::ApiError, exchanges::resolve, input::Segment};
use crate::request::{
    Draft,
    captured::{self, MAX_EDITED},
};
use axum::{Json, extract::State};
use std::io::Read;
use waylay_storage::{
    Reader,
    model::{Exchange, ExchangeId, Head, Kind, Part, Scheme},
};

pub(crate) async fn request(State(shared): State<Shared>, Segment(id): Segment) -> Result<Json<Draft>, ApiError> {
    let (draft, _) = shared.readers.with(move |reader| read(reader, &id)).await?;
    Ok(Json(draft))
}

/// The request of an exchange, and its number.
pub(crate) fn read(reader: &Reader, id: &str) -> Result<(Draft, ExchangeId), ApiError> {
    let found = resolve(reader, id)?;
    let (exchange, _) = reader.exchange(found)?.ok_or_else(|| ApiError::no_exchange(id))?;
    if matches!(exchange.kind, Kind::Tunnel | Kind::TlsFailure | Kind::ConnectFailure | Kind::Pinned) {
        return Err(ApiError::bad_request(format!("{found} is no request that can be sent: {}", exchange.kind)));
    }
    let head = Head::parse(&exchange.request_head);
    let mut body = reader.body(found, Part::Request)?.ok_or_else(|| ApiError::no_exchange(id))?;
    let (size, whole) = (body.size, body.stored == body.size);
    let mut bytes = None;
    if whole && size <= MAX_EDITED as u64 {
        let mut read = Vec::new();
        body.read_to_end(&mut read).map_err(|e| ApiError::internal(format!("the body of {found}: {e}")))?;
        bytes = Some(read);
    }
    let draft = captured::draft(&captured::Captured {
        exchange: &found.to_string(),
        method: &exchange.method,
        url: &url(&exchange),
        head: &head,
        size,
        body: bytes.as_deref(),
    });
    Ok((draft, found))
}

fn url(exchange: &Exchange) -> String {
    let Exchange { scheme, host, port, path, .. } = exchange;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let usual = matches!((scheme, port), (Scheme::Http, 80) | (Scheme::Https, 443));
    let port = if usual { String::new() } else { format!(":{port}") };
    format!("{scheme}://{host}{port}{path}")
}
