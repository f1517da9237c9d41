//! Conversations that are begun here: WebSockets (RFC 6455, RFC 7692) and event streams (WHATWG HTML, 9.2).
//!
//! Each attempt to connect is a send like any other, by [`Agent`](crate::agent::Agent): variables, auth, settings, redirects,
//! an entry of the history, a row in session 0. What is said is cut into messages and stored by the capture, as for a client of
//! the proxy; here it is read once more, to be answered and to be told live.
//!
//! - [`registry`]: those there are, so many at most
//! - [`state`]: one of them: what can be seen of it and asked of it
//! - [`settings`]: how it is held
//! - `run`: from attempt to attempt
//! - `websocket`: one attempt; [`handshake`]: what is asked and what must come back; `talk`: frames both ways
//! - `sse`: one attempt; [`events`]: the events of a stream
//! - [`inbox`]: the messages that a server sends, judged
//! - [`outbox`]: those that wait to be sent
//! - [`live`]: what has happened lately, for readers that may be slow
//! - [`message`]: a message as it is told live

pub mod events;
pub mod handshake;
pub mod inbox;
pub mod live;
pub mod message;
pub mod outbox;
pub mod registry;
mod run;
pub mod settings;
mod sse;
pub mod state;
mod talk;
mod websocket;

pub use live::{Live, Told};
pub use message::LiveMessage;
pub use outbox::{NotSent, Payload};
pub use registry::{Conversations, Opening, TooMany};
pub use settings::{BadSetting, ConversationSettings};
pub use state::{Closing, Conversation, ConversationKind, State, View};
