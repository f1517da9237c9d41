//! SOCKS 4, 4A and 5 (RFC 1928, RFC 1929).

use super::{Credentials, Protocol, Trouble, UpstreamProxy};
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Where to, as the proxy is told.
#[derive(Clone, Copy, Debug)]
pub(in crate::upstream) enum Target<'a> {
    /// Resolved here.
    Address(SocketAddr),
    /// For the proxy to resolve.
    Name(&'a str, u16),
}

/// Asks for a connection.
pub(in crate::upstream) async fn connect(
    io: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &UpstreamProxy,
    target: Target<'_>,
) -> Result<(), Trouble> {
    match proxy.protocol {
        Protocol::Socks4 | Protocol::Socks4a => socks4(io, proxy.credentials.as_ref(), target).await,
        _ => socks5(io, proxy.credentials.as_ref(), target).await,
    }
}

async fn socks4(
    io: &mut (impl AsyncRead + AsyncWrite + Unpin),
    credentials: Option<&Credentials>,
    target: Target<'_>,
) -> Result<(), Trouble> {
    let (port, address, name) = match target {
        Target::Address(SocketAddr::V4(address)) => (address.port(), address.ip().octets(), None),
        Target::Address(SocketAddr::V6(_)) => {
            return Err(Trouble::new("IPv6", "speaks SOCKS 4, which has no addresses of IPv6"));
        }
        // An address that cannot be one says that a name follows.
        Target::Name(name, port) => (port, [0, 0, 0, 1], Some(name)),
    };
    let mut ask = vec![4, 1];
    ask.extend(port.to_be_bytes());
    ask.extend(address);
    ask.extend(credentials.map(|c| c.username.as_bytes()).unwrap_or_default());
    ask.push(0);
    if let Some(name) = name {
        ask.extend(name.as_bytes());
        ask.push(0);
    }
    io.write_all(&ask).await?;
    let mut answer = [0; 8];
    io.read_exact(&mut answer).await?;
    let why = match (answer[0], answer[1]) {
        (0, 90) => return Ok(()),
        (0, 91) => "refused, or could not reach the target (SOCKS 4 code 91)",
        (0, 92) => "could not ask who we are (SOCKS 4 code 92)",
        (0, 93) => "does not accept the user name (SOCKS 4 code 93)",
        _ => return Err(Trouble::new("bad answer", "gave an answer that is not SOCKS 4")),
    };
    Err(Trouble::new("refused by proxy", why))
}

async fn socks5(
    io: &mut (impl AsyncRead + AsyncWrite + Unpin),
    credentials: Option<&Credentials>,
    target: Target<'_>,
) -> Result<(), Trouble> {
    let bad = || Trouble::new("bad answer", "gave an answer that is not SOCKS 5");
    // No authentication is offered in any case: some know nothing else, and ask for nothing.
    io.write_all(if credentials.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] }).await?;
    let mut method = [0; 2];
    io.read_exact(&mut method).await?;
    match (method, credentials) {
        ([5, 0], _) => {}
        ([5, 2], Some(Credentials { username, password })) => {
            let mut ask = vec![1];
            for word in [username, password] {
                // Bounded where they are read.
                ask.push(u8::try_from(word.len()).map_err(|_| bad())?);
                ask.extend(word.as_bytes());
            }
            io.write_all(&ask).await?;
            let mut answer = [0; 2];
            io.read_exact(&mut answer).await?;
            if answer[1] != 0 {
                return Err(Trouble::new("credentials", "does not accept the user name and password it was given"));
            }
        }
        ([5, 255], Some(_)) => {
            return Err(Trouble::new("credentials", "takes neither a password nor anybody without one"));
        }
        ([5, 255], None) => return Err(Trouble::new("credentials", "wants a user name and password")),
        _ => return Err(bad()),
    }
    let mut ask = vec![5, 1, 0];
    let port = match target {
        Target::Address(address) => {
            match address.ip() {
                IpAddr::V4(ip) => {
                    ask.push(1);
                    ask.extend(ip.octets());
                }
                IpAddr::V6(ip) => {
                    ask.push(4);
                    ask.extend(ip.octets());
                }
            }
            address.port()
        }
        Target::Name(name, port) => {
            let length =
                u8::try_from(name.len()).map_err(|_| Trouble::new("name", "takes no names of more than 255 bytes"))?;
            ask.extend([3, length]);
            ask.extend(name.as_bytes());
            port
        }
    };
    ask.extend(port.to_be_bytes());
    io.write_all(&ask).await?;
    let mut head = [0; 4];
    io.read_exact(&mut head).await?;
    if head[0] != 5 {
        return Err(bad());
    }
    let (reason, why) = match head[1] {
        0 => {
            let length = match head[3] {
                1 => 4,
                4 => 16,
                3 => usize::from(io.read_u8().await?),
                _ => return Err(bad()),
            };
            // Where it connected from, which is of no interest.
            io.read_exact(&mut vec![0; length + 2]).await?;
            return Ok(());
        }
        1 => ("proxy failure", "failed (SOCKS 5 code 1)"),
        2 => ("forbidden", "does not allow this target (SOCKS 5 code 2)"),
        3 => ("unreachable", "cannot reach the target's network (SOCKS 5 code 3)"),
        4 => ("unreachable", "cannot reach the target (SOCKS 5 code 4)"),
        5 => ("refused", "reached the target, where nothing is listening (SOCKS 5 code 5)"),
        6 => ("timeout", "got no answer from the target in time (SOCKS 5 code 6)"),
        7 => ("proxy failure", "does not open connections (SOCKS 5 code 7)"),
        8 => ("address kind", "does not know this kind of address (SOCKS 5 code 8)"),
        _ => return Err(bad()),
    };
    Err(Trouble::new(reason, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent where the proxy answers so, and how it ends.
    async fn asked(proxy: &str, target: Target<'_>, answers: &[u8]) -> (Vec<u8>, Result<(), Trouble>) {
        let (mut ours, mut theirs) = tokio::io::duplex(4096);
        theirs.write_all(answers).await.unwrap();
        let proxy: UpstreamProxy = proxy.parse().unwrap();
        theirs.shutdown().await.unwrap();
        let ended = connect(&mut ours, &proxy, target).await;
        drop(ours);
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).await.unwrap();
        (sent, ended)
    }

    fn address(text: &str) -> Target<'static> {
        Target::Address(text.parse().unwrap())
    }

    #[tokio::test]
    async fn socks_4_has_addresses_and_4a_names() {
        let granted = [0, 90, 0, 0, 0, 0, 0, 0];
        let (sent, ended) = asked("socks4://ann@p.test", address("192.0.2.1:80"), &granted).await;
        assert_eq!((&sent[..], ended), (&b"\x04\x01\x00\x50\xc0\x00\x02\x01ann\0"[..], Ok(())));
        let (sent, ended) = asked("socks4a://p.test", Target::Name("a.test", 80), &granted).await;
        assert_eq!((&sent[..], ended), (&b"\x04\x01\x00\x50\0\0\0\x01\0a.test\0"[..], Ok(())));
        let refused = asked("socks4://p.test", address("192.0.2.1:80"), &[0, 91, 0, 0, 0, 0, 0, 0]).await.1;
        assert!(refused.unwrap_err().why.contains("code 91"));
        assert_eq!(asked("socks4://p.test", address("[::1]:80"), &granted).await.1.unwrap_err().reason, "IPv6");
    }

    #[tokio::test]
    async fn socks_5_says_who_and_where_to() {
        let granted = [&[5, 0][..], &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
        let (sent, ended) = asked("socks5://p.test", address("192.0.2.1:80"), &granted).await;
        assert_eq!((&sent[..], ended), (&b"\x05\x01\x00\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50"[..], Ok(())));
        let granted = [&[5, 2, 1, 0][..], &[5, 0, 0, 3, 2, 0, 0, 0, 0]].concat();
        let (sent, ended) = asked("socks5h://ann:pw@p.test", Target::Name("a.test", 443), &granted).await;
        let expected = b"\x05\x02\x00\x02\x01\x03ann\x02pw\x05\x01\x00\x03\x06a.test\x01\xbb";
        assert_eq!((&sent[..], ended), (&expected[..], Ok(())));
    }

    #[tokio::test]
    async fn each_code_has_its_words() {
        for (code, word) in (1..=8).zip(["failed", "allow", "network", "target", "listening", "time", "open", "kind"]) {
            let answers = [&[5, 0][..], &[5, code, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
            let why = asked("socks5://p.test", address("192.0.2.1:80"), &answers).await.1.unwrap_err().why;
            assert!(why.contains(word) && why.contains(&format!("code {code}")), "{why}");
        }
        for (answers, reason) in [
            (&[5, 255][..], "credentials"),
            (&[5, 2, 1, 1][..], "credentials"),
            (b"HT", "bad answer"),
            (&[5], "closed"),
            (&[5, 0, 5, 9, 0, 1], "bad answer"),
        ] {
            let ended = asked("socks5://ann:pw@p.test", address("192.0.2.1:80"), answers).await.1;
            assert_eq!(ended.unwrap_err().reason, reason, "{answers:?}");
        }
    }
}
