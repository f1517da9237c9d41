//! Exchanges that were under way and whose end is not known: their rows are ended where they stand.

use crate::{
    Committed,
    model::{ExchangeId, Part, SessionId, Side, Stage},
};
use rusqlite::{Error, Transaction, named_params};

/// Ends the exchanges whose rows match `which`, a condition that holds for open ones alone, where they stand. Those that
/// had not failed have failed with `message`. Gives back which they were.
pub(crate) fn end_exchanges(tx: &Transaction<'_>, which: &str, message: &str) -> Result<Vec<Committed>, Error> {
    // A message of which nothing had come stays `open`: it never began.
    let ends = format!(
        "UPDATE exchange SET
          request_end = iif(request_end = 'open', 'dropped', request_end),
          response_end = iif(response_end = 'open' AND (response_head IS NOT NULL OR response_size > 0),
            'dropped', response_end),
          truncated = truncated
            OR (request_body IS NULL AND request_size > coalesce((SELECT sum(length) FROM extent
              WHERE extent.seq = exchange.seq AND part = 0), 0))
            OR (coalesce(omitted, '') NOT LIKE '%media%' AND coalesce(omitted, '') NOT LIKE '%response%'
              AND response_body IS NULL AND response_size > coalesce((SELECT sum(length) FROM extent
              WHERE extent.seq = exchange.seq AND part = 1), 0)),
          failure_message = iif(failure_side IS NULL, :message, failure_message),
          failure_reason = iif(failure_side IS NULL, 'interrupted', failure_reason),
          failure_stage = iif(failure_side IS NULL, :stage, failure_stage),
          failure_side = coalesce(failure_side, :side)
        WHERE {which}"
    );
    // Without the index named, SQLite would read the whole table in the order of sessions, at every start.
    let totals = format!(
        "UPDATE session SET bytes = session.bytes + ended.bytes, failures = session.failures + ended.failures
        FROM (SELECT session AS id, count(*) AS failures, sum(request_size + response_size) AS bytes
          FROM exchange INDEXED BY exchange_open WHERE {which} GROUP BY session) AS ended
        WHERE session.id = ended.id"
    );
    for (part, name) in [(Part::Request, "request"), (Part::Response, "response")] {
        // A big body may have grown, or a small one have outgrown its row, after the row was last written.
        let sql = format!(
            "UPDATE exchange SET {name}_size = max({name}_size, reached), {name}_body = NULL
             FROM (SELECT seq AS grown, max(offset + length) AS reached FROM extent
               WHERE part = ?1 AND seq IN (SELECT seq FROM exchange WHERE {which}) GROUP BY seq)
             WHERE seq = grown AND {which}"
        );
        tx.execute(&sql, [part as i64])?;
    }
    tx.execute(
        &ends,
        named_params! {
            ":side": Side::Waylay.word(),
            ":stage": Stage::Response.word(),
            ":message": message,
        },
    )?;
    tx.execute(&totals, [])?;
    let sql = format!("UPDATE exchange SET done = 1 WHERE {which} RETURNING seq, session, number");
    let mut closed = tx.prepare(&sql)?;
    let rows = closed.query_map([], |row| {
        let id = ExchangeId { session: SessionId(row.get(1)?), number: row.get(2)? };
        Ok(Committed { seq: row.get(0)?, id, done: true, cookies: true })
    })?;
    rows.collect()
}
