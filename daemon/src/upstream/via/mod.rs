//! Other proxies on the way to origins.
//!
//! - [`address`]: which proxy, as people write it
//! - [`bypass`]: hosts that are reached without one
//! - [`choice`]: which proxy leads to which origin: given at the start, set by the user, or by the environment
//! - [`http`], [`socks`]: how each kind is asked to connect

pub mod address;
pub mod bypass;
pub mod choice;
pub(super) mod http;
pub(super) mod socks;

pub use address::{BadProxy, Credentials, Protocol, UpstreamProxy};
pub use bypass::Bypass;
pub use choice::{Environment, Proxies};

/// Why a proxy did not connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// A word or two for a table.
    pub reason: String,
    /// The rest of a sentence that begins with the proxy.
    pub why: String,
}

impl Trouble {
    pub(super) fn new(reason: &str, why: impl Into<String>) -> Self {
        Self { reason: reason.to_owned(), why: why.into() }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::new("closed", "closed the connection before it had answered"),
            _ => Self::new("broke off", format!("broke off before it had answered: {error}")),
        }
    }
}
