//! The one way through the house: every request, whoever asks, takes [`run()`].
//!
//! - [`mod@run`]: begin a row, copy both bodies as they pass, send, answer; `row`: what the row says before there is an answer
//! - [`asker`]: who asks, and what is common to all requests of one connection
//! - [`body`]: the bodies that pass
//! - [`expect`]: a body that waits until the origin wants it
//! - [`forward`]: fields that must not be passed on
//! - [`upgrade`]: after a 101 the connection belongs to another protocol
//! - [`relay`]: its bytes flow both ways
//! - [`page`]: what the client gets when there is no answer to pass on

pub mod asker;
pub mod body;
pub mod expect;
pub mod forward;
pub mod page;
pub mod relay;
mod row;
pub mod run;
pub mod upgrade;

pub use asker::{Asker, Held};
pub use body::{OwnBody, RequestBody, ResponseBody};
pub use run::run;
pub use upgrade::Near;

/// The pool all exchanges of one runtime share.
pub type Pool = crate::upstream::Pool<RequestBody>;
