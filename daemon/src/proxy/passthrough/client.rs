//! A client as far as it can be told from others.

use rustls::server::ClientHello;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
};
use waylay_storage::model::SessionId;

/// A program, told by the port it uses, its address, and what its TLS library offers: programs of one machine have one
/// address, but most bring libraries, or settings, of their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// The run whose port it uses; `None` on the main ports.
    pub run: Option<SessionId>,
    /// Its address.
    pub address: IpAddr,
    /// The kind of its hello: cipher suites, groups and signature schemes in their order.
    pub hello: u64,
}

impl Client {
    /// The client that sent `hello`.
    pub fn new(run: Option<SessionId>, address: IpAddr, hello: &ClientHello<'_>) -> Self {
        let mut kind = DefaultHasher::new();
        let suites = hello.cipher_suites().iter().map(|s| u16::from(*s));
        let groups = hello.named_groups().into_iter().flatten().map(|g| u16::from(*g));
        let schemes = hello.signature_schemes().iter().map(|s| u16::from(*s));
        for list in [&mut { suites } as &mut dyn Iterator<Item = u16>, &mut { groups }, &mut { schemes }] {
            list.filter(|n| !is_grease(*n)).for_each(|n| n.hash(&mut kind));
            // Where one list ends and the next begins.
            0u16.hash(&mut kind);
        }
        Self { run, address, hello: kind.finish() }
    }
}

/// Browsers send these at random, so that servers learn to ignore what they do not know (RFC 8701).
fn is_grease(n: u16) -> bool {
    let [high, low] = n.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grease_is_told_from_what_is_meant() {
        assert!([0x0a0a, 0x1a1a, 0xfafa].into_iter().all(is_grease));
        assert!(![0x1301, 0x0a1a, 0xc02b, 0x0000, 0xaaab].into_iter().any(is_grease));
    }
}
