//! Columns to vocabulary.

use super::Result;
use crate::{
    StoreError,
    model::{
        BodyEnd, ExchangeId, Failure, Gap, HttpVersion, Kind, MessageKind, MessageState, Omitted, Passthrough,
        RecordingRules, Role, Scheme, SessionId, SessionState, Side, Source, Stage, Summary, Timings,
    },
};
use bytes::Bytes;
use rusqlite::Row;

/// An enum whose variants are stored as words.
pub(super) trait Word: Sized {
    const WHAT: &'static str;
    fn parse(word: &str) -> Option<Self>;
}

macro_rules! word {
    ($($type:ty: $what:literal),+ $(,)?) => {$(
        impl Word for $type {
            const WHAT: &'static str = $what;
            fn parse(word: &str) -> Option<Self> { Self::from_word(word) }
        }
    )+};
}

word!(
    Kind: "kind", Source: "source", Scheme: "scheme", BodyEnd: "end of a body", Side: "side", Stage: "stage",
    SessionState: "session state", Role: "role", MessageKind: "kind of message", MessageState: "state of a message",
);

/// The word in a column.
pub(super) fn word<T: Word>(row: &Row<'_>, at: usize) -> Result<T> {
    let text = row.get_ref(at)?.as_str().map_err(rusqlite::Error::from)?;
    T::parse(text).ok_or_else(|| unknown(T::WHAT, text))
}

/// A size, which is never negative.
pub(super) fn size(row: &Row<'_>, at: usize) -> Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(at)?).unwrap_or(0))
}

/// The bytes in a column, empty for none.
pub(super) fn bytes(row: &Row<'_>, at: usize) -> Result<Bytes> {
    let found = row.get_ref(at)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    Ok(found.map(Bytes::copy_from_slice).unwrap_or_default())
}

/// The gaps in a column.
pub(super) fn gaps(row: &Row<'_>, at: usize) -> Result<Vec<Gap>> {
    match row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        Some(json) => serde_json::from_str(json).map_err(|_| unknown("list of gaps", json)),
        None => Ok(Vec::new()),
    }
}

/// An HTTP version, if there is one.
pub(super) fn version(row: &Row<'_>, at: usize) -> Result<Option<HttpVersion>> {
    let Some(number) = row.get::<_, Option<i64>>(at)? else { return Ok(None) };
    HttpVersion::from_number(number).map(Some).ok_or_else(|| unknown("HTTP version", &number.to_string()))
}

/// Why a tunnel was relayed unread, if it was.
pub(super) fn passthrough(row: &Row<'_>, at: usize) -> Result<Option<Passthrough>> {
    let json = row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    json.map(|json| serde_json::from_str(json).map_err(|_| unknown("passthrough", json))).transpose()
}

/// What a session records.
pub(super) fn rules(row: &Row<'_>, at: usize) -> Result<RecordingRules> {
    match row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        Some(json) => serde_json::from_str(json).map_err(|_| unknown("set of recording rules", json)),
        None => Ok(RecordingRules::default()),
    }
}

/// What rules kept out.
pub(super) fn omitted(row: &Row<'_>, at: usize) -> Result<Omitted> {
    let words = row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(Omitted::from_words(words.unwrap_or_default().split(',')))
}

/// The four columns of a failure, if there is one.
pub(super) fn failure(row: &Row<'_>, at: usize) -> Result<Option<Failure>> {
    if row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?.is_none() {
        return Ok(None);
    }
    let [reason, message] = [at + 2, at + 3].map(|c| row.get::<_, Option<String>>(c));
    Ok(Some(Failure {
        side: word(row, at)?,
        stage: word(row, at + 1)?,
        reason: reason?.unwrap_or_default(),
        message: message?.unwrap_or_default(),
    }))
}

/// The columns that [`summary`] reads, from the first on.
pub(super) const SUMMARY: &str = "session, number, seq, kind, source, done, started_us, ready_us, head_us, end_us, \
    dns_us, connect_us, tls_us, method, scheme, host, port, path, url, status, request_version, response_version, \
    content_type, request_size, response_size, response_end, truncated, messages, grpc_status, failure_side, failure_stage, \
    failure_reason, failure_message, passthrough, omitted";

/// What a list shows of an exchange.
pub(super) fn summary(row: &Row<'_>) -> Result<Summary> {
    Ok(Summary {
        id: ExchangeId { session: SessionId(row.get(0)?), number: row.get(1)? },
        seq: row.get(2)?,
        kind: word(row, 3)?,
        source: word(row, 4)?,
        done: row.get(5)?,
        started_us: row.get(6)?,
        timings: timings(row, 7)?,
        method: row.get(13)?,
        scheme: word(row, 14)?,
        host: row.get(15)?,
        port: row.get(16)?,
        path: row.get(17)?,
        url: row.get(18)?,
        status: row.get(19)?,
        request_version: version(row, 20)?.unwrap_or_default(),
        response_version: version(row, 21)?,
        content_type: row.get(22)?,
        request_size: size(row, 23)?,
        response_size: size(row, 24)?,
        response_end: word(row, 25)?,
        truncated: row.get(26)?,
        messages: row.get(27)?,
        grpc_status: row.get(28)?,
        failure: failure(row, 29)?,
        passthrough: passthrough(row, 33)?,
        omitted: omitted(row, 34)?,
    })
}

/// The six columns of an exchange's timings.
pub(super) fn timings(row: &Row<'_>, at: usize) -> Result<Timings> {
    Ok(Timings {
        ready_us: row.get(at)?,
        head_us: row.get(at + 1)?,
        end_us: row.get(at + 2)?,
        dns_us: row.get(at + 3)?,
        connect_us: row.get(at + 4)?,
        tls_us: row.get(at + 5)?,
    })
}

/// A value this version does not know.
pub(crate) fn unknown(what: &'static str, value: &str) -> StoreError {
    StoreError::UnknownValue { what, value: value.into() }
}
