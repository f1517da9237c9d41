//! What the end-to-end tests share: real origins, a real daemon, real clients. Nothing in here knows Waylay's code;
//! it sees the program as a user does, through sockets, the command line and the control API.
//!
//! - [`wait`]: polling with a deadline, the only form of waiting
//! - [`pki`]: a root certificate of the tests' own and the leaves it signs
//! - [`origin`]: servers to talk to: HTTP/1 and HTTP/2, TLS, and scripted ones that speak exact bytes
//! - [`daemon`]: the built binary with a data folder of its own
//! - [`disk`]: a disk of its own for a data folder
//! - [`program`]: any program run to its end, `waylay` first of all
//! - [`client`]: clients of the proxy, from raw sockets to HTTP/2 over TLS
//! - [`api`]: a client of the control API
//! - [`rows`]: what was recorded, waited for
//! - [`browser`]: headless Chromium
//! - [`hoppscotch`]: a client of another agent's protocol
//! - [`load`]: what measuring takes: cheap servers and clients, and what a process uses

pub mod api;
pub mod browser;
pub mod client;
pub mod daemon;
pub mod disk;
pub mod hoppscotch;
pub mod load;
pub mod origin;
pub mod pki;
pub mod program;
pub mod rows;
pub mod wait;
