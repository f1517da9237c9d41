//! The vocabulary every crate shares: what an exchange, a connection, a failure and a session are.
//!
//! - [`id`]: session and exchange ids, as people type them
//! - [`head`]: message heads as bytes on the wire, parsed on demand
//! - [`collection`]: collections, and what is in them
//! - [`cookie`]: cookies seen in exchanges
//! - [`environment`]: sets of variables
//! - [`jar`]: jars of cookies, and what was in them
//! - [`exchange`]: one request with its answer, or what stands in for it
//! - [`connection`]: one socket, on either side of the proxy
//! - [`message`]: one message of a WebSocket, an event stream or a gRPC call
//! - [`passthrough`]: why a tunnel was relayed unread
//! - [`replay`]: what was sent again
//! - [`rules`]: what a session records
//! - [`saved_message`]: messages for WebSockets that are kept
//! - [`send`]: what was sent from here
//! - [`session`]: a named span of recording
//!
//! Times are microseconds since the Unix epoch (`*_us` of type `i64` named `at`, `started_us`, …) or microseconds
//! of duration; sizes are bytes as transferred.

#[macro_use]
mod words;

pub mod collection;
pub mod connection;
pub mod cookie;
pub mod environment;
pub mod exchange;
pub mod head;
pub mod id;
pub mod jar;
pub mod message;
pub mod passthrough;
pub mod replay;
pub mod rules;
pub mod saved_message;
pub mod send;
pub mod session;

pub use collection::{CollectionRow, CollectionSummary, ItemKind, ItemRow, NewItem};
pub use connection::{Connection, Process, Role, Tls};
pub use cookie::{CookieEvent, CookieOutcome};
pub use environment::{Environment, NewVariable, Variable, VariableType};
pub use exchange::{
    BodyEnd, BodyRecord, Exchange, Failure, Gap, HttpVersion, Kind, Omitted, Part, Scheme, Side, Source, Stage,
    Summary, Timings,
};
pub use head::{Field, Head};
pub use id::{BadId, ExchangeId, SessionId};
pub use jar::{
    CookieChange, CookieSource, CookieValue, JarDomain, JarRow, KeptCookie, NewCookie, StoredCookie, SyncDomain,
};
pub use message::{Message, MessageKind, MessageState};
pub use passthrough::{Passthrough, PassthroughOrigin};
pub use replay::{NewReplay, Replay, ReplayState, Replayed, Tally, Verdict};
pub use rules::RecordingRules;
pub use saved_message::{MessageFormat, NewSavedMessage, SavedMessage};
pub use send::{Hop, NewSend, SendEnd, SendEntry, SendState};
pub use session::{Session, SessionState};
