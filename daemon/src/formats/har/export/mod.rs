//! Exchanges of the store as one HAR file, written in a stream: memory does not grow with what is exported.
//!
//! Bodies up to [`body::HELD`] are decoded and held one at a time; larger ones are read piece by piece, in base64. With
//! secrets hidden, everything is read twice: first to learn the secrets, so that they are hidden wherever they recur.
//!
//! - `entry`: one exchange
//! - [`body`], `cookies`, `timings`, `messages`, `connection`: its parts

mod body;
mod connection;
mod cookies;
mod entry;
mod messages;
mod timings;

pub use body::HELD;

use crate::formats::{
    json::Json,
    redact::{Hidden, Redaction, Secrets},
};
use connection::Connections;
use serde::Serialize;
use std::io::{self, Write};
use waylay_storage::{Filter, Reader, StoreError, model::Exchange};

/// What to export, and how.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Which exchanges.
    pub filter: Filter,
    /// What becomes of secrets.
    pub secrets: Secrets,
}

/// What an export came to.
#[derive(Clone, Debug, Serialize)]
pub struct Exported {
    /// Entries written.
    pub exchanges: u64,
    /// What was hidden, and where.
    pub hidden: Vec<Hidden>,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored body could not be read, or the file could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes the exchanges of `scope` that there are now, in the order in which they began. `progress` is told how many are
/// done, every now and then.
///
/// # Errors
/// [`ExportError`]; what was written by then is no complete document.
pub fn export(
    reader: &Reader,
    scope: &Scope,
    out: impl Write,
    mut progress: impl FnMut(u64),
) -> Result<Exported, ExportError> {
    let to = reader.newest_seq()?;
    let mut redaction = match scope.secrets {
        Secrets::Keep => None,
        Secrets::Redact => Some(learned(reader, scope, to)?),
    };
    let mut json = Json::new(out);
    begin(&mut json)?;
    let mut connections = Connections::new(reader);
    let mut exchanges = 0;
    each(reader, scope, to, |exchange| {
        json.line()?;
        entry::write(&mut json, reader, exchange, &mut connections, redaction.as_mut())?;
        exchanges += 1;
        if exchanges % 100 == 0 {
            progress(exchanges);
        }
        Ok(())
    })?;
    progress(exchanges);
    let hidden = redaction.map(|r| r.hidden()).unwrap_or_default();
    end(&mut json, scope, &hidden)?;
    json.out().flush()?;
    Ok(Exported { exchanges, hidden })
}

/// Looks for secrets in everything that will be written.
fn learned(reader: &Reader, scope: &Scope, to: i64) -> Result<Redaction, ExportError> {
    let mut redaction = Redaction::default();
    each(reader, scope, to, |exchange| {
        redaction.learn(&exchange);
        if exchange.kind != waylay_storage::model::Kind::Websocket {
            body::learn(reader, &exchange, &mut redaction)?;
        }
        messages::learn(reader, &exchange, &mut redaction)
    })?;
    redaction.ready();
    Ok(redaction)
}

fn each(
    reader: &Reader,
    scope: &Scope,
    to: i64,
    mut f: impl FnMut(Exchange) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut after = 0;
    loop {
        let step = reader.whole(&scope.filter, after, to)?;
        let Some(last) = step.last() else { return Ok(()) };
        after = last.seq;
        step.into_iter().try_for_each(&mut f)?;
    }
}

fn begin(json: &mut Json<impl Write>) -> io::Result<()> {
    json.begin('{')?;
    json.key("log")?;
    json.begin('{')?;
    json.field("version", "1.2")?;
    json.field("creator", &serde_json::json!({ "name": "Waylay", "version": env!("CARGO_PKG_VERSION") }))?;
    json.key("pages")?;
    json.begin('[')?;
    json.end(']')?;
    json.key("entries")?;
    json.begin('[')
}

fn end(json: &mut Json<impl Write>, scope: &Scope, hidden: &[Hidden]) -> io::Result<()> {
    json.end(']')?;
    json.field("_waylay", &serde_json::json!({ "version": 1, "secrets": scope.secrets, "hidden": hidden }))?;
    json.end('}')?;
    json.end('}')?;
    json.out().write_all(b"\n")
}
