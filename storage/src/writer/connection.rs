//! The row of a connection, and the certificates its peer sent.

use crate::model::Connection;
use bytes::Bytes;
use rusqlite::{Error, Transaction, params};
use sha2::{Digest, Sha256};

/// Writes a connection, or what more has become known of one.
pub(super) fn write(tx: &Transaction<'_>, c: &Connection) -> Result<(), Error> {
    let tls = c.tls.as_ref().map(serde_json::to_string).transpose();
    let tls = tls.map_err(|e| Error::ToSqlConversionFailure(e.into()))?;
    let mut upsert = tx.prepare_cached(
        "INSERT INTO connection (id, role, opened_us, peer, local, authority, dns_us, connect_us, tls_us, tls, pid, process,
           via, via_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT (id) DO UPDATE SET peer = excluded.peer, local = excluded.local, authority = excluded.authority,
           dns_us = excluded.dns_us, connect_us = excluded.connect_us, tls_us = excluded.tls_us, tls = excluded.tls,
           pid = excluded.pid, process = excluded.process, via = excluded.via, via_us = excluded.via_us",
    )?;
    upsert.execute(params![
        c.id,
        c.role.word(),
        c.opened_us,
        c.peer.to_string(),
        c.local.map(|a| a.to_string()),
        c.authority,
        c.dns_us,
        c.connect_us,
        c.tls_us,
        tls,
        c.process.as_ref().map(|p| p.pid),
        c.process.as_ref().map(|p| &p.name),
        c.via,
        c.via_us,
    ])?;
    match &c.tls {
        Some(tls) if !tls.chain.is_empty() => write_chain(tx, c.id, &tls.chain),
        _ => Ok(()),
    }
}

fn write_chain(tx: &Transaction<'_>, connection: i64, chain: &[Bytes]) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM chain WHERE connection = ?1")?.execute([connection])?;
    let mut add = tx.prepare_cached("INSERT INTO certificate (sha256, der) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    let mut link = tx.prepare_cached(
        "INSERT INTO chain (connection, position, certificate)
         VALUES (?1, ?2, (SELECT id FROM certificate WHERE sha256 = ?3))",
    )?;
    for (position, der) in (0_i64..).zip(chain) {
        let sha256 = Sha256::digest(der);
        add.execute([&sha256[..], &der[..]])?;
        link.execute(params![connection, position, &sha256[..]])?;
    }
    Ok(())
}
