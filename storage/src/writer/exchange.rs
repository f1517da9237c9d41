//! The row of an exchange.

use super::{batch::int, bind::Bound, content_type::content_type};
use crate::model::{BodyRecord, Exchange, Gap, Head, HttpVersion, Kind, Omitted, Part};
use bytes::Bytes;
use rusqlite::{CachedStatement, Error, Transaction};
use std::sync::LazyLock;

/// Whether an exchange is under way or over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Open = 0,
    Done = 1,
}

/// In the order in which [`Rows::write`] binds them.
const COLUMNS: &[&str] = &[
    "seq",
    "session",
    "number",
    "kind",
    "source",
    "done",
    "started_us",
    "ready_us",
    "head_us",
    "end_us",
    "dns_us",
    "connect_us",
    "tls_us",
    "client_connection",
    "upstream_connection",
    "scheme",
    "host",
    "port",
    "method",
    "path",
    "status",
    "request_version",
    "response_version",
    "content_type",
    "request_size",
    "request_end",
    "request_gaps",
    "response_size",
    "response_end",
    "response_gaps",
    "truncated",
    "messages",
    "grpc_status",
    "omitted",
    "passthrough",
    "failure_side",
    "failure_stage",
    "failure_reason",
    "failure_message",
    "request_head",
    "sent_head",
    "response_head",
    "request_trailers",
    "response_trailers",
    "request_body",
    "response_body",
];

/// A row is written whole each time, until it is done: then it is final.
static UPSERT: LazyLock<String> = LazyLock::new(|| {
    let places = vec!["?"; COLUMNS.len()].join(", ");
    let updates: Vec<_> = COLUMNS[1..].iter().map(|c| format!("{c} = excluded.{c}")).collect();
    format!(
        "INSERT INTO exchange ({}) VALUES ({places}) ON CONFLICT (seq) DO UPDATE SET {} WHERE exchange.done = 0",
        COLUMNS.join(", "),
        updates.join(", ")
    )
});

const STORED: &str = "SELECT coalesce(sum(length), 0) FROM extent WHERE seq = ?1 AND part = ?2";

/// Writes rows of exchanges within one transaction.
pub(super) struct Rows<'tx> {
    upsert: Bound<'tx>,
    stored: CachedStatement<'tx>,
    /// For bodies that came in several pieces.
    joined: [Vec<u8>; 2],
}

impl<'tx> Rows<'tx> {
    pub(super) fn prepare(tx: &'tx Transaction<'_>) -> Result<Self, Error> {
        Ok(Self {
            upsert: Bound::new(tx.prepare_cached(&UPSERT)?),
            stored: tx.prepare_cached(STORED)?,
            joined: [Vec::new(), Vec::new()],
        })
    }

    /// Writes a row. `false` if the exchange is over already, and so nothing was changed.
    pub(super) fn write(&mut self, x: &Exchange, state: State) -> Result<bool, Error> {
        let truncated = self.is_truncated(x.seq, Part::Request, &x.request)?
            || self.is_truncated(x.seq, Part::Response, &x.response)?;
        let [request_buffer, response_buffer] = &mut self.joined;
        let (t, failure) = (&x.timings, x.failure.as_ref());
        let row = self.upsert.begin();
        row.integer(x.seq)?.integer(x.id.session.0)?.integer(x.id.number)?;
        row.text(x.kind.word())?.text(x.source.word())?.integer(state as i64)?;
        row.integer(x.started_us)?.integer(t.ready_us)?.integer(t.head_us)?.integer(t.end_us)?;
        row.integer(t.dns_us)?.integer(t.connect_us)?.integer(t.tls_us)?;
        row.integer(x.client_connection)?.integer(x.upstream_connection)?;
        row.text(x.scheme.word())?.text(&x.host[..])?.integer(i64::from(x.port))?;
        row.text(&x.method[..])?.text(&x.path[..])?.integer(x.status.map(i64::from))?;
        row.integer(x.request_version.number())?;
        row.integer(x.response_version.map(HttpVersion::number))?;
        row.text(content_type(&x.response_head).as_deref())?;
        row.integer(int(x.request.size))?.text(x.request.end.word())?.text(gaps(&x.request.gaps).as_deref())?;
        row.integer(int(x.response.size))?.text(x.response.end.word())?.text(gaps(&x.response.gaps).as_deref())?;
        row.integer(i64::from(truncated))?.integer(x.messages)?.integer(grpc_status(x).map(i64::from))?;
        row.text(omitted(x).as_deref())?.text(passthrough(x).as_deref())?;
        row.text(failure.map(|f| f.side.word()))?.text(failure.map(|f| f.stage.word()))?;
        row.text(failure.map(|f| &f.reason[..]))?.text(failure.map(|f| &f.message[..]))?;
        row.blob(blob(&x.request_head))?.blob(blob(&x.sent_head))?.blob(blob(&x.response_head))?;
        row.blob(blob(&x.request_trailers))?.blob(blob(&x.response_trailers))?;
        row.blob(inline(&x.request, request_buffer))?.blob(inline(&x.response, response_buffer))?;
        let changed = row.execute()?;
        Ok(changed > 0)
    }

    /// Whether some of a body was not kept: by the recorder's choice, or because it could not be written.
    fn is_truncated(&mut self, seq: i64, part: Part, body: &BodyRecord) -> Result<bool, Error> {
        if !body.gaps.is_empty() {
            return Ok(true);
        }
        if !body.streamed {
            return Ok(false);
        }
        let stored: i64 = self.stored.query_row([seq, part as i64], |r| r.get(0))?;
        Ok(stored < int(body.size))
    }
}

/// What a gRPC call ended with: in the trailers, or in the head if there is nothing else.
fn grpc_status(x: &Exchange) -> Option<u32> {
    if x.kind != Kind::Grpc {
        return None;
    }
    let number = |head: Head| str::from_utf8(head.value("grpc-status")?).ok()?.parse().ok();
    number(Head::parse_trailers(&x.response_trailers)).or_else(|| number(Head::parse(&x.response_head)))
}

fn omitted(x: &Exchange) -> Option<String> {
    (x.omitted != Omitted::default()).then(|| x.omitted.words().collect::<Vec<_>>().join(","))
}

fn passthrough(x: &Exchange) -> Option<String> {
    // Words and texts: this cannot fail.
    x.passthrough.as_ref().and_then(|p| serde_json::to_string(p).ok())
}

fn blob(bytes: &Bytes) -> Option<&[u8]> {
    (!bytes.is_empty()).then_some(bytes)
}

fn gaps(gaps: &[Gap]) -> Option<String> {
    // Two integers each: this cannot fail.
    if gaps.is_empty() { None } else { serde_json::to_string(gaps).ok() }
}

/// A small body; the usual one is a single piece and bound where it lies.
fn inline<'a>(body: &'a BodyRecord, buffer: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    match &body.parts[..] {
        _ if body.streamed => None,
        [] => None,
        [one] => blob(one),
        many => {
            buffer.clear();
            many.iter().for_each(|part| buffer.extend_from_slice(part));
            (!buffer.is_empty()).then_some(&buffer[..])
        }
    }
}
