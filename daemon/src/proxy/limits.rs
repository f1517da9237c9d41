//! Bounds on what clients may send, and on how many there may be.

use std::time::Duration;

/// More fields than this in a request are refused with 431. hyper clears a table of this size for every head it reads.
pub const MAX_FIELDS: usize = 256;
/// All fields of an HTTP/2 request together.
pub const MAX_HEADER_LIST: u32 = 512 << 10;
/// HTTP/2 streams a client may have open at once.
pub const MAX_STREAMS: u32 = 256;
/// HTTP/2 streams a client may have reset before we have come to look at them; then its connection is closed
/// (CVE-2023-44487).
pub const MAX_UNSEEN_RESETS: usize = 64;

/// Clients at once at most, however many descriptors there are: each costs memory, too.
const MAX_CLIENTS: u64 = 8192;
/// Descriptors left to everything that is neither a client's connection nor one to an origin.
const RESERVED: u64 = 64;
const MIN_CLIENTS: u64 = 16;

/// Bounds that depend on settings and on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How long a client may take for anything it has to say first: a request's head, a TLS handshake.
    pub head: Duration,
    /// Clients at once.
    pub clients: usize,
}

impl Bounds {
    /// For a process that may have this many descriptors open: a client needs one, and so does its origin.
    pub fn new(head: Duration, descriptors: Option<u64>) -> Self {
        let room = descriptors.map_or(MAX_CLIENTS, |all| all.saturating_sub(RESERVED) / 2);
        // At most `MAX_CLIENTS`, so it fits.
        Self { head, clients: room.clamp(MIN_CLIENTS, MAX_CLIENTS) as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_descriptors_are_for_clients() {
        let clients = |descriptors| Bounds::new(Duration::ZERO, descriptors).clients;
        assert_eq!(clients(Some(256)), 96);
        assert_eq!(clients(Some(1024)), 480);
        assert_eq!(clients(Some(0)), 16, "it tries all the same");
        assert_eq!((clients(Some(1 << 20)), clients(None)), (8192, 8192));
    }
}
