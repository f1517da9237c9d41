//! Hosts whose tunnels are relayed unread: what the user named, and what clients that pin certificates force on us.
//!
//! - [`list`]: the list, in memory
//! - [`client`]: a client as far as it can be told from others
//! - [`rejections`]: who accepts our certificate, who rejects it, and what follows from that
//! - [`automatic`]: a rejection becomes an announcement, and at last an entry of the list
//! - [`greeting`]: the server name in a TLS hello that passes unread
//!
//! # When a host is added by itself
//! A client that pins certificates rejects ours for its own hosts and accepts it for others; a client that does not trust
//! our CA rejects it for all. Only the first is helped by being let through; with the second, that would hide its traffic
//! where it has to be told whom to trust. So a host is added when one client has rejected our certificate for it
//! [three times](rejections::TIMES) within [ten minutes](rejections::WINDOW), without having accepted it for that host in
//! between, and has in this run accepted it for another host. The entry holds for that client, host and port alone, so that
//! no client can hide what others send; it is not kept over a restart; once removed it does not come back in this run.
//!
//! A rejection is an alert about the certificate, an end of the connection in the middle of the handshake, or an end right
//! after it without a byte of a request. To have accepted means to have sent such a byte.

pub mod automatic;
pub mod client;
pub mod greeting;
pub mod list;
pub mod rejections;

pub use client::Client;
pub use list::{Listed, Passthrough};
