//! Load for measuring: servers and clients that cost little themselves, and what a process has used.
//!
//! - [`Source`]: an origin over TLS that answers as many bytes as it is asked for
//! - [`Way`]: how a client gets to an origin: by itself or through a proxy
//! - [`usage`]: CPU time, memory and descriptors of a process (Linux)

mod source;
pub mod usage;
mod way;

pub use source::{Fill, Source, content};
pub use way::Way;

use crate::origin::NAMES;

/// The domain whose every host [`Source`] has a certificate for. No resolver knows it: [`Way`] says where it is.
pub const DOMAIN: &str = "bench.test";

/// The names in the certificate of a [`Source`].
fn names() -> Vec<String> {
    NAMES.iter().map(|n| (*n).to_owned()).chain([format!("*.{DOMAIN}")]).collect()
}
