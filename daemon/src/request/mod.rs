//! Requests as they are written, and what becomes of them before they are sent. Pure: no socket, no store, no clock but
//! what is passed in.
//!
//! - [`draft`]: a request as it is written, edited and kept
//! - [`settings`]: how it is to be sent, where that differs from the usual
//! - [`variables`]: values in place of `{{name}}`
//! - [`url`]: where it goes
//! - [`headers`]: its header fields, those it has by itself too
//! - [`body`]: what is sent behind them, piece by piece
//! - [`auth`]: who asks
//! - [`captured`]: a captured request as a draft
//! - [`connection`]: the fields that are no part of a request
//! - [`problem`]: why it cannot be sent

pub mod auth;
pub mod body;
pub mod captured;
pub mod connection;
pub mod draft;
pub mod headers;
pub mod problem;
pub mod settings;
pub mod url;
pub mod variables;

pub use draft::{Auth, Body, Draft, Extra, Field};
pub use problem::Problem;
pub use settings::Settings;
