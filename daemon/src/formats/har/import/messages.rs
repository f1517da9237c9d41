//! The messages of a WebSocket, an event stream or a gRPC call.

use super::{super::extra::MessageRow, body::Source, entry::MOST};
use serde_json::Value;
use waylay_storage::model::{Kind, MessageKind, MessageState, Part};

pub(super) fn messages(
    entry: &Value,
    kind: Kind,
    started_us: i64,
) -> Result<Vec<(MessageRow, Option<Source>)>, String> {
    let rows = serde_json::from_value::<Vec<MessageRow>>(entry["_waylayMessages"].clone()).unwrap_or_default();
    let rows = sound(rows);
    if kind != Kind::Websocket {
        return Ok(rows.into_iter().map(|row| (row, None)).collect());
    }
    let said = entry["_webSocketMessages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut messages = Vec::with_capacity(said.len());
    for (number, message) in said.iter().enumerate() {
        let row = match rows.get(number) {
            Some(row) if rows.len() == said.len() => row.clone(),
            _ => said_in(message, number as i64 + 1, started_us),
        };
        let base64 = match message.get("_encoding") {
            Some(encoding) => Source::is_base64(encoding),
            None => row.kind != MessageKind::Text,
        };
        let payload = Source::of(&message["data"], base64);
        // What is marked as binary and is no base64 is text of a tool that did not encode it.
        let payload = payload.or_else(|_| Source::of(&message["data"], false));
        messages.push((row, payload.map_err(|what| format!("_webSocketMessages[{number}].data {what}"))?));
    }
    Ok(messages)
}

/// Rows in order and within bounds, or none.
fn sound(rows: Vec<MessageRow>) -> Vec<MessageRow> {
    let in_order = rows.windows(2).all(|pair| pair[0].number < pair[1].number);
    let within = |row: &MessageRow| {
        let most = MOST as u64;
        (1..MOST).contains(&row.number)
            && (0..MOST).contains(&row.at_us)
            && row.offset < most
            && row.length < most
            && row.wire_length < most
    };
    if in_order && rows.iter().all(within) { rows } else { Vec::new() }
}

/// A message as Chrome and Playwright write it.
fn said_in(message: &Value, number: i64, started_us: i64) -> MessageRow {
    let kind = match message["opcode"].as_u64() {
        Some(2) => MessageKind::Binary,
        Some(8) => MessageKind::Close,
        Some(9) => MessageKind::Ping,
        Some(10) => MessageKind::Pong,
        _ => MessageKind::Text,
    };
    let at_us = message["time"].as_f64().map_or(0, |seconds| (seconds * 1e6) as i64);
    let part = if message["type"] == "send" { Part::Request } else { Part::Response };
    MessageRow {
        number,
        part,
        kind,
        at_us: at_us.saturating_sub(started_us).clamp(0, MOST),
        offset: 0,
        length: 0,
        wire_length: 0,
        fragments: 1,
        compressed: false,
        state: MessageState::Complete,
    }
}
