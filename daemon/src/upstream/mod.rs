//! The way to origins: one place that dials, measures, verifies, and keeps connections for reuse.
//!
//! - [`origin`]: what a connection is for
//! - [`guard`]: addresses that are our own and never dialled
//! - [`dial`]: name resolution, TCP, TLS, each measured; `through`: by way of another proxy
//! - [`verify`]: trust in origins' certificates
//! - [`way`]: how one origin is reached, if not as usual
//! - [`routes`]: what the usual ways are at a time: [`via`] which proxies, as whom ([`identity`])
//! - [`failure`]: what went wrong, at which stage, in plain words
//! - [`connection`]: a dialled connection, and what is known of it
//! - [`pool`]: idle HTTP/1 connections and shared HTTP/2 ones
//! - [`attempt`]: one try at sending a request
//! - [`again`]: a request made from the bytes of its head
//! - `http1`, `http2`: sending a request on either
//! - [`form`]: requests as HTTP/1 and as HTTP/2 want them
//! - [`driven`]: a response body that drives its own HTTP/1 connection

pub mod again;
pub mod attempt;
pub mod connection;
pub mod dial;
pub mod driven;
pub mod failure;
pub mod form;
pub mod guard;
mod http1;
mod http2;
pub mod identity;
pub mod origin;
pub mod pool;
pub mod routes;
mod through;
pub mod verify;
pub mod via;
pub mod way;

pub use attempt::Progress;
pub use connection::{ConnectionInfo, Link};
pub use dial::{Alpn, Connector};
pub use failure::UpstreamError;
pub use guard::Guard;
pub use origin::Origin;
pub use pool::Pool;
pub use routes::Routes;
pub use way::Way;

/// Any error, as hyper wants it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
