//! Waylay's certificate authority: a root of its own for every install, and a leaf for every host that is intercepted.
//!
//! It knows nothing of HTTP or of the store. The daemon opens one [`Authority`] and asks it for a rustls `ServerConfig` per
//! host; commands that only show or export the root read a [`Certificate`], which never touches the key.
//!
//! - `authority`: [`Authority`], the way in: open, configuration per host, rotate;
//! - `certificate`: [`Certificate`], the public half of the root: fingerprints, PEM, the bundle with the system's roots;
//! - `root`: the root's key and certificate as a pair: made, or parsed and checked against each other;
//! - `keystore`: that pair on disk, replaced so that a crash leaves the old pair or the new one;
//! - `host`: the text a client asked for → the one name its leaf bears;
//! - `leaf`: one leaf certificate, and the TLS configuration that serves it;
//! - `cache`: bounded, made once per host however many ask;
//! - `clock`: Unix seconds, and how they become certificate dates;
//! - `platform`: who owns a file, who may read it, and what makes it durable;
//! - `error`: [`CaError`], and what to do about each.
//!
//! What a stolen root could do is kept small: it is unique per install, may sign certificates and nothing else, may not
//! have a sub-authority (path length 0), and its key is created readable by its owner alone.

mod authority;
mod cache;
mod certificate;
mod clock;
mod error;
mod host;
mod keystore;
mod leaf;
mod platform;
mod root;

pub use authority::Authority;
pub use certificate::Certificate;
pub use clock::Clock;
pub use error::CaError;
