//! The messages of a conversation: those of WebSockets as Chrome writes them, events and gRPC messages in the same manner
//! under names of our own.

use super::ExportError;
use crate::{
    content::ServerEvent,
    formats::{har::extra::MessageRow, json::Json, redact::Redaction},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use std::io::{Read, Write};
use waylay_storage::{
    MessageQuery, Reader,
    model::{Exchange, Kind, Message, MessageKind, Part},
};

/// How much of a payload is held. Longer ones are not searched for secrets but left out where those are hidden. Bytes.
const HELD: u64 = 8 << 20;

/// Looks for secrets in the payloads of a WebSocket. Those of other kinds are parts of bodies.
pub(super) fn learn(reader: &Reader, x: &Exchange, redaction: &mut Redaction) -> Result<(), ExportError> {
    if x.kind != Kind::Websocket {
        return Ok(());
    }
    each(reader, x, |message| {
        if message.length <= HELD {
            redaction.learn_body(&payload(reader, message)?);
        }
        Ok(())
    })
}

/// Writes the messages of an exchange; with `rows`, also what is needed to read them back.
pub(super) fn write(
    json: &mut Json<impl Write>,
    reader: &Reader,
    x: &Exchange,
    rows: bool,
    mut redaction: Option<&mut Redaction>,
) -> Result<(), ExportError> {
    let name = match x.kind {
        Kind::Websocket => "_webSocketMessages",
        Kind::Sse => "_serverSentEvents",
        Kind::Grpc => "_grpcMessages",
        _ => return Ok(()),
    };
    json.key(name)?;
    json.begin('[')?;
    each(reader, x, |message| {
        json.begin('{')?;
        json.field("type", if message.part == Part::Request { "send" } else { "receive" })?;
        json.field("time", &seconds(x.started_us.saturating_add(message.at_us)))?;
        said(json, reader, message, redaction.as_deref_mut())?;
        Ok(json.end('}')?)
    })?;
    json.end(']')?;
    if !rows {
        return Ok(());
    }
    json.key("_waylayMessages")?;
    json.begin('[')?;
    each(reader, x, |message| Ok(json.value(&MessageRow::from(message))?))?;
    Ok(json.end(']')?)
}

/// What was said: `opcode` and `data` for WebSockets, the fields of an event, the bytes of a gRPC message.
fn said(
    json: &mut Json<impl Write>,
    reader: &Reader,
    message: &Message,
    redaction: Option<&mut Redaction>,
) -> Result<(), ExportError> {
    if let Some(opcode) = opcode(message.kind) {
        json.field("opcode", &opcode)?;
    }
    if message.kind == MessageKind::Grpc {
        json.field("compressed", &message.compressed)?;
    }
    if message.length > HELD {
        return long(json, reader, message, redaction.is_some());
    }
    let mut bytes = payload(reader, message)?;
    if let Some(hidden) = redaction.and_then(|r| r.message(&bytes)) {
        bytes = hidden;
    }
    match message.kind {
        MessageKind::Event => {
            let event = ServerEvent::parse(&bytes);
            json.field("event", &event.name)?;
            json.field("id", &event.id)?;
            json.field("data", &event.data)?;
        }
        // Text in name only cannot be written as text.
        MessageKind::Text | MessageKind::GrpcTrailers => match std::str::from_utf8(&bytes) {
            Ok(text) => json.field("data", text)?,
            Err(_) => {
                json.field("data", &BASE64_STANDARD.encode(&bytes))?;
                json.field("_encoding", "base64")?;
            }
        },
        _ => {
            json.key("data")?;
            json.base64(&bytes[..])?;
        }
    }
    Ok(())
}

fn long(json: &mut Json<impl Write>, reader: &Reader, message: &Message, redacted: bool) -> Result<(), ExportError> {
    if redacted {
        return Ok(json.field("_omitted", "it is too large to be searched for secrets")?);
    }
    json.key("data")?;
    json.base64(reader.payload(message)?)?;
    Ok(json.field("_encoding", "base64")?)
}

/// Of RFC 6455, 5.2.
fn opcode(kind: MessageKind) -> Option<u8> {
    match kind {
        MessageKind::Text => Some(1),
        MessageKind::Binary => Some(2),
        MessageKind::Close => Some(8),
        MessageKind::Ping => Some(9),
        MessageKind::Pong => Some(10),
        MessageKind::Event | MessageKind::Grpc | MessageKind::GrpcTrailers => None,
    }
}

fn payload(reader: &Reader, message: &Message) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    reader.payload(message)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn each(
    reader: &Reader,
    x: &Exchange,
    mut f: impl FnMut(&Message) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut query = MessageQuery { limit: 500, ..MessageQuery::default() };
    loop {
        let Some(page) = reader.messages(x.id, &query)? else { return Ok(()) };
        page.items.iter().try_for_each(&mut f)?;
        let Some(next) = page.next else { return Ok(()) };
        query.after = next;
    }
}

/// Seconds since the Unix epoch, as Chrome has them.
fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}
