//! One exchange, and the connections it went over.

use super::{
    Reader, Result, body,
    row::{self, unknown, version, word},
};
use crate::model::{BodyRecord, Connection, Exchange, ExchangeId, Head, Part, Process, SessionId, Tls};
use bytes::Bytes;
use rusqlite::Row;
use std::net::SocketAddr;

pub(crate) const COLUMNS: &str = "seq, session, number, kind, source, done, started_us, ready_us, head_us, end_us, dns_us, \
    connect_us, tls_us, client_connection, upstream_connection, scheme, host, port, method, path, status, \
    request_version, response_version, failure_side, failure_stage, failure_reason, failure_message, request_head, \
    sent_head, response_head, request_trailers, response_trailers, messages, passthrough, omitted";

impl Reader {
    /// One exchange and whether it is over. Its bodies are described, with all gaps, but their `parts` are empty: the
    /// bytes come from [`body`](Self::body).
    pub fn exchange(&self, id: ExchangeId) -> Result<Option<(Exchange, bool)>> {
        let snapshot = self.db.unchecked_transaction()?;
        let sql = format!("SELECT {COLUMNS} FROM exchange_listed WHERE session = ?1 AND number = ?2");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query([id.session.0, id.number])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (mut exchange, done) = self::exchange(row)?;
        drop(rows);
        for (part, record) in [(Part::Request, &mut exchange.request), (Part::Response, &mut exchange.response)] {
            if let Some(found) = body::find(&self.db, id, part)? {
                *record = found.measure(&self.dir)?;
            }
        }
        drop(statement);
        snapshot.finish()?;
        Ok(Some((exchange, done)))
    }

    /// The head of one side of an exchange, empty if there is none yet; `None` if there is no such exchange.
    pub fn head(&self, id: ExchangeId, part: Part) -> Result<Option<Head>> {
        let mut statement = self.db.prepare_cached(match part {
            Part::Request => "SELECT request_head FROM exchange_listed WHERE session = ?1 AND number = ?2",
            Part::Response => "SELECT response_head FROM exchange_listed WHERE session = ?1 AND number = ?2",
        })?;
        let mut rows = statement.query([id.session.0, id.number])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Head::parse(&row::bytes(row, 0)?)))
    }

    /// One connection, with the certificates its peer sent.
    pub fn connection(&self, id: i64) -> Result<Option<Connection>> {
        let mut statement = self.db.prepare_cached(
            "SELECT id, role, opened_us, peer, local, authority, dns_us, connect_us, tls_us, tls, pid, process,
               via, via_us
             FROM connection WHERE id = ?1",
        )?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut connection = connection(row)?;
        if let Some(tls) = &mut connection.tls {
            tls.chain = self.chain(id)?;
        }
        Ok(Some(connection))
    }

    fn chain(&self, connection: i64) -> Result<Vec<Bytes>> {
        let mut statement = self.db.prepare_cached(
            "SELECT der FROM chain JOIN certificate ON certificate.id = chain.certificate
             WHERE connection = ?1 ORDER BY position",
        )?;
        let certificates = statement.query_map([connection], |r| r.get::<_, Vec<u8>>(0))?;
        Ok(certificates.map(|der| der.map(Bytes::from)).collect::<Result<_, _>>()?)
    }
}

pub(crate) fn exchange(row: &Row<'_>) -> Result<(Exchange, bool)> {
    let exchange = Exchange {
        seq: row.get(0)?,
        id: ExchangeId { session: SessionId(row.get(1)?), number: row.get(2)? },
        kind: word(row, 3)?,
        source: word(row, 4)?,
        started_us: row.get(6)?,
        timings: row::timings(row, 7)?,
        client_connection: row.get(13)?,
        upstream_connection: row.get(14)?,
        scheme: word(row, 15)?,
        host: row.get(16)?,
        port: row.get(17)?,
        method: row.get(18)?,
        path: row.get(19)?,
        status: row.get(20)?,
        request_version: version(row, 21)?.unwrap_or_default(),
        response_version: version(row, 22)?,
        failure: row::failure(row, 23)?,
        request_head: row::bytes(row, 27)?,
        sent_head: row::bytes(row, 28)?,
        response_head: row::bytes(row, 29)?,
        request_trailers: row::bytes(row, 30)?,
        response_trailers: row::bytes(row, 31)?,
        request: BodyRecord::default(),
        response: BodyRecord::default(),
        messages: row.get(32)?,
        passthrough: row::passthrough(row, 33)?,
        omitted: row::omitted(row, 34)?,
    };
    Ok((exchange, row.get(5)?))
}

fn connection(row: &Row<'_>) -> Result<Connection> {
    let address = |text: &str| text.parse::<SocketAddr>().map_err(|_| unknown("address", text));
    let tls = |json: &str| serde_json::from_str::<Tls>(json).map_err(|_| unknown("TLS description", json));
    Ok(Connection {
        id: row.get(0)?,
        role: word(row, 1)?,
        opened_us: row.get(2)?,
        peer: address(&row.get::<_, String>(3)?)?,
        local: row.get::<_, Option<String>>(4)?.as_deref().map(address).transpose()?,
        authority: row.get(5)?,
        dns_us: row.get(6)?,
        connect_us: row.get(7)?,
        tls_us: row.get(8)?,
        tls: row.get::<_, Option<String>>(9)?.as_deref().map(tls).transpose()?,
        process: match (row.get(10)?, row.get(11)?) {
            (Some(pid), Some(name)) => Some(Process { pid, name }),
            _ => None,
        },
        via: row.get(12)?,
        via_us: row.get(13)?,
    })
}
