//! A captured exchange as an entry of the history.

use super::{error::ApiError, send::captured};
use serde_json::json;
use waylay_storage::{
    Reader,
    model::{ExchangeId, Failure, NewSend, SendEnd, SendState, Summary},
};

/// An entry of the exchange that is meant by `7.42` or `@last`: it is added at `now_us`, and has ended.
///
/// # Errors
/// 404 if there is no such exchange, 409 for one that is not over, 400 for one that is no request; those of the store.
pub(super) fn entry(reader: &Reader, id: &str, now_us: i64) -> Result<(NewSend, ExchangeId, SendEnd), ApiError> {
    let (draft, id) = captured::read(reader, id)?;
    let gone = || ApiError::no_exchange(&id.to_string());
    let (exchange, done) = reader.exchange(id)?.ok_or_else(gone)?;
    if !done {
        return Err(ApiError::conflict(format!("exchange {id} is still under way")).hint("add it once it is over"));
    }
    let summary = reader.summaries(&[exchange.seq])?.pop().ok_or_else(gone)?;
    let new = NewSend {
        at_us: now_us,
        method: summary.method.clone(),
        url: summary.url.clone(),
        request: serde_json::to_string(&draft).map_err(|e| ApiError::internal(e.to_string()))?,
        environment: None,
        made_from: Some(id.to_string()),
    };
    Ok((new, id, end(summary)))
}

fn end(summary: Summary) -> SendEnd {
    let error = summary.failure.map(|failure| {
        let Failure { side: _, stage, reason, message } = failure;
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
