//! Waylay's store: one SQLite database, big bodies in files beside it, one writer, any number of readers.
//!
//! - [`model`]: the vocabulary every crate shares
//! - [`queue`]: the way in: messages, bounded by bytes, that never wait for a disk
//! - [`store`]: [`Store`] opens a folder, owns the writer and hands out readers
//! - [`compact`]: giving room back, and leaving no trace of what was deleted
//! - [`retention`]: what is kept for how long; [`stats`]: what takes how much room
//! - [`backup`]: copies of a store in use; [`check`]: looking for damage
//! - `collections`: requests that are kept
//! - `cookies`: cookies seen in exchanges
//! - `jars`: cookies that are sent along, and what they were
//! - `sends`: entries of the history; `replays`: what was sent again
//! - `environments`: sets of variables; `settings`: what is set once for all
//! - `saved_messages`: messages for WebSockets that are kept
//! - [`purge`]: deleting, bringing back, and removing for good
//! - [`reader`]: [`Reader`] lists exchanges and gives back heads, connections, bodies and messages
//! - [`index`]: a second database, made from the first, that lists and searches are answered from
//! - [`filter`]: the filter language, compiled to parameterised SQL
//! - [`sql`]: queries over the documented views
//! - `room`: whether the disk has room for bodies
//! - [`segments`]: the files of big bodies
//! - `writer`: the one thread that writes: group commit, retries
//! - `schema`: tables, migrations, and what is put right after an unclean end
//! - `platform`: what differs between operating systems
//! - [`error`]: what can go wrong

pub mod backup;
pub mod check;
mod collections;
pub mod compact;
mod cookies;
mod environments;
pub mod error;
pub mod filter;
#[cfg(test)]
mod fixtures;
pub mod index;
mod jars;
pub mod model;
mod platform;
pub mod purge;
pub mod queue;
pub mod reader;
mod replays;
pub mod retention;
mod room;
mod saved_messages;
mod schema;
pub mod segments;
mod sends;
mod settings;
pub mod sql;
pub mod stats;
pub mod store;
mod writer;

pub use backup::{Backup, Scope};
pub use check::{Check, Problem};
pub use collections::DEEPEST;
pub use compact::Gc;
pub use error::StoreError;
pub use filter::{Filter, FilterError};
pub use index::Decode;
pub use jars::{CookieQuery, CookieWrite};
pub use purge::{Deleted, Deletion, Purged};
pub use queue::{Budget, Event, INLINE, Ids, Queue};
pub use reader::{
    Asked, BadCursor, BadHistoryCursor, Body, Cursor, Facets, HistoryCursor, HistoryEntry, HistoryPage, HistoryQuery,
    IndexState, ListQuery, Matched, MessagePage, MessageQuery, Page, Payload, Reader, SendDetail, Share, SortKey,
    SortedPage, SortedQuery, Stats,
};
pub use retention::{Retained, Retention};
pub use room::LowDisk;
pub use segments::spill::{Placed, Spill};
pub use sql::{SqlError, SqlLimits, SqlRows, SqlValue};
pub use stats::Usage;
pub use store::{Committed, Health, NewSession, Options, SessionChanges, Store};
pub use writer::Changes;

/// The database, inside the store's folder.
const DATABASE: &str = "waylay.db";

/// The folder of the files that hold big bodies, inside the store's folder.
const SEGMENTS: &str = "segments";
