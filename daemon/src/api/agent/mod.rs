//! `/agent`: web pages as clients of this machine.
//!
//! What the user does, as everything else with the token or from the UI:
//!
//! - [`windows`]: opening and closing windows for pairing; [`pairings`]: who is paired, and what they may; [`blocked`]: who
//!   is not to be
//!
//! What pages do, let in by [`visit`](super::guard::visit):
//!
//! - [`page`]: what there is, and pairing
//! - [`conversations`]: WebSockets and event streams
//! - [`send`]: requests; [`upload`]: those with files

pub(crate) mod blocked;
pub(crate) mod conversations;
pub(crate) mod page;
pub(crate) mod pairings;
pub(crate) mod send;
mod upload;
pub(crate) mod windows;
