//! The server name in a TLS hello that passes unread.

use crate::capture::Recorder;
use rustls::server::Acceptor;
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A client's side of a tunnel. What is read from it is looked at until it is known to be a TLS hello or none.
pub struct Greeting<S> {
    io: S,
    looking: Option<(Acceptor, Arc<Recorder>)>,
}

impl<S> Greeting<S> {
    /// Writes the server name into the row; looks at nothing without one.
    pub fn new(io: S, recorder: Option<Arc<Recorder>>) -> Self {
        Self { io, looking: recorder.map(|recorder| (Acceptor::default(), recorder)) }
    }

    fn look(&mut self, bytes: &[u8]) {
        let Some((acceptor, recorder)) = &mut self.looking else { return };
        match server_name(acceptor, bytes) {
            Told::NotYet => return,
            Told::Nothing => {}
            Told::Name(name) => recorder.note(|x| {
                if let Some(passthrough) = &mut x.passthrough {
                    passthrough.sni = Some(name);
                }
            }),
        }
        self.looking = None;
    }
}

/// What a client's first bytes tell.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    NotYet,
    /// No TLS, or no name.
    Nothing,
    Name(String),
}

/// Reads on in a hello. Its length is bounded by rustls.
fn server_name(acceptor: &mut Acceptor, mut bytes: &[u8]) -> Told {
    while !bytes.is_empty() {
        match acceptor.read_tls(&mut bytes) {
            Ok(0) | Err(_) => return Told::Nothing,
            Ok(_) => {}
        }
        match acceptor.accept() {
            Ok(None) => {}
            Ok(Some(accepted)) => {
                return accepted.client_hello().server_name().map_or(Told::Nothing, |name| Told::Name(name.to_owned()));
            }
            Err(_) => return Told::Nothing,
        }
    }
    Told::NotYet
}

impl<S: AsyncRead + Unpin> AsyncRead for Greeting<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let had = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        if self.looking.is_some() {
            self.look(&buf.filled()[had..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Greeting<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{ClientConfig, ClientConnection, RootCertStore};

    fn hello(name: &'static str) -> Vec<u8> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        let mut client = ClientConnection::new(Arc::new(config), name.try_into().unwrap()).unwrap();
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_name_is_found_however_the_hello_is_cut() {
        let name = Told::Name("bank.test".to_owned());
        let bytes = hello("bank.test");
        for size in [1, 2, 7, 100, bytes.len()] {
            let mut acceptor = Acceptor::default();
            let mut told = bytes.chunks(size).map(|piece| server_name(&mut acceptor, piece));
            assert_eq!(told.find(|t| *t != Told::NotYet), Some(Told::Name("bank.test".to_owned())), "{size}");
        }
        let more = [&bytes[..], b"and what follows"].concat();
        assert_eq!(server_name(&mut Acceptor::default(), &more), name);
        assert_eq!(server_name(&mut Acceptor::default(), &hello("127.0.0.1")), Told::Nothing);
        for other in [&b"SSH-2.0-x\r\n"[..], b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x02\x01\x00\x01"] {
            assert_ne!(server_name(&mut Acceptor::default(), other), name, "{other:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_odd(bytes: Vec<u8>, cut in 0usize..400) {
            let mut acceptor = Acceptor::default();
            server_name(&mut acceptor, &bytes);
            let mut damaged = hello("bank.test");
            let at = cut % damaged.len();
            damaged[at] ^= 0x55;
            server_name(&mut Acceptor::default(), &damaged);
        }
    }
}
