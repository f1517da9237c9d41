//! A captured exchange as an entry of the history.

use super::error::ApiError;
use crate::request::{Body, Draft, Field};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use waylay_storage::{
    Reader,
    model::{self, ExchangeId, Head, Kind, NewSend, SendEnd, SendState, Summary},
};

/// An entry that begins with an exchange, is added at `now_us`, and has ended. `None` if there is no such exchange.
///
/// # Errors
/// 409 for an exchange that is not over, 400 for one that is no request; those of the store.
pub(super) fn entry(
    reader: &Reader,
    id: ExchangeId,
    now_us: i64,
) -> Result<Option<(NewSend, ExchangeId, SendEnd)>, ApiError> {
    let Some((exchange, done)) = reader.exchange(id)? else { return Ok(None) };
    let Some(summary) = reader.summaries(&[exchange.seq])?.pop() else { return Ok(None) };
    if matches!(exchange.kind, Kind::Tunnel | Kind::TlsFailure | Kind::ConnectFailure | Kind::Pinned) {
        let message = format!("{id} is no request: {}", exchange.kind);
        return Err(ApiError::bad_request(message).hint("what was not read cannot be sent again"));
    }
    if !done {
        return Err(ApiError::conflict(format!("exchange {id} is still under way")).hint("add it once it is over"));
    }
    let draft = draft(&summary, &Head::parse(&exchange.request_head), exchange.request.size);
    let new = NewSend {
        at_us: now_us,
        method: summary.method.clone(),
        url: summary.url.clone(),
        request: serde_json::to_string(&draft).map_err(|e| ApiError::internal(e.to_string()))?,
        environment: None,
        made_from: Some(id.to_string()),
    };
    Ok(Some((new, id, end(summary))))
}

fn end(summary: Summary) -> SendEnd {
    let error = summary.failure.map(|failure| {
        let model::Failure { side: _, stage, reason, message } = failure;
        json!({ "stage": stage, "reason": reason, "message": message, "hint": "" }).to_string()
    });
    SendEnd {
        state: if error.is_some() { SendState::Failed } else { SendState::Done },
        method: summary.method,
        url: summary.url,
        exchanges: Vec::new(),
        status: summary.status.map(i64::from),
        duration_us: summary.timings.end_us.unwrap_or_default(),
        bytes: i64::try_from(summary.request_size.saturating_add(summary.response_size)).unwrap_or(i64::MAX),
        error,
    }
}

fn draft(summary: &Summary, head: &Head, size: u64) -> Draft {
    let body = match size {
        0 => Body::None,
        size => Body::Captured { exchange: summary.id.to_string(), size },
    };
    Draft {
        method: summary.method.clone(),
        url: summary.url.clone(),
        headers: head.fields.iter().filter(|field| !field.name.is_empty()).map(field).collect(),
        body,
        ..Draft::default()
    }
}

fn field(field: &model::Field) -> Field {
    let value = String::from_utf8_lossy(&field.value).into_owned();
    let bytes = std::str::from_utf8(&field.value).is_err().then(|| STANDARD.encode(&field.value));
    Field { bytes, ..Field::new(String::from_utf8_lossy(&field.name), value) }
}
