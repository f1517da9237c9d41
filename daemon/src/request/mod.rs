//! Requests as they are written, and what becomes of them before they are sent. Pure: no socket, no store, no clock but
//! what is passed in.
//!
//! - [`draft`]: a request as it is written, edited and kept
//! - [`settings`]: how it is to be sent, where that differs from the usual

pub mod draft;
pub mod settings;

pub use draft::{Auth, Body, Draft, Field};
pub use settings::Settings;
