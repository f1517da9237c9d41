//! An origin that speaks exact bytes and keeps exactly what it was sent.

use super::NAMES;
use crate::{pki::Root, wait};
use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// A socket, with or without TLS.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// A server whose every connection follows one script.
pub struct Scripted {
    address: SocketAddr,
    tls: bool,
    received: Arc<Mutex<Vec<Record>>>,
    task: JoinHandle<()>,
}

type Record = Arc<Mutex<Vec<u8>>>;

impl Scripted {
    /// Plain TCP.
    pub async fn tcp<F: Future<Output = io::Result<()>> + Send + 'static>(
        script: impl Fn(Wire) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::start(None, script).await
    }

    /// TLS with a good certificate; negotiates `http/1.1`.
    pub async fn tls<F: Future<Output = io::Result<()>> + Send + 'static>(
        script: impl Fn(Wire) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some("http/1.1"), script).await
    }

    /// The same, but negotiates `h2`.
    pub async fn http2<F: Future<Output = io::Result<()>> + Send + 'static>(
        script: impl Fn(Wire) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some("h2"), script).await
    }

    async fn start<F: Future<Output = io::Result<()>> + Send + 'static>(
        alpn: Option<&str>,
        script: impl Fn(Wire) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let received: Arc<Mutex<Vec<Record>>> = Arc::default();
        let (records, script) = (received.clone(), Arc::new(script));
        let acceptor = alpn.map(|alpn| TlsAcceptor::from(Root::shared().leaf(&NAMES).server(&[alpn])));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let _ = socket.set_nodelay(true);
                let record = Record::default();
                records.lock().expect("no panic while recording").push(record.clone());
                let (script, acceptor) = (script.clone(), acceptor.clone());
                tokio::spawn(async move {
                    let io: Box<dyn Socket> = match acceptor {
                        None => Box::new(socket),
                        Some(acceptor) => match acceptor.accept(socket).await {
                            Ok(stream) => Box::new(stream),
                            Err(_) => return,
                        },
                    };
                    // What goes wrong on this side is for the other side to notice.
                    let _ = script(Wire { io, record }).await;
                });
            }
        });
        Self { address, tls: alpn.is_some(), received, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `localhost:port`.
    pub fn authority(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// The URL of `path` (which begins with a slash).
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", if self.tls { "https" } else { "http" }, self.authority())
    }

    /// The bytes received so far, per connection.
    pub fn received(&self) -> Vec<Vec<u8>> {
        let records = self.received.lock().expect("no panic while recording");
        records.iter().map(|r| r.lock().expect("no panic while recording").clone()).collect()
    }

    /// Waits until some connection has received `needle`.
    pub async fn has_received(&self, needle: &[u8]) {
        let what = format!("the origin to receive {:?}", String::from_utf8_lossy(needle));
        wait::until(&what, || async {
            self.received().iter().any(|r| r.windows(needle.len()).any(|w| w == needle)).then_some(())
        })
        .await;
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection in the hands of a script. All that is read is recorded.
pub struct Wire {
    io: Box<dyn Socket>,
    record: Record,
}

impl Wire {
    /// Reads up to the empty line that ends a head; the head with that line.
    pub async fn head(&mut self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend_from_slice(&self.exactly(1).await?);
        }
        Ok(head)
    }

    /// Reads `count` bytes.
    pub async fn exactly(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.io.read_exact(&mut bytes).await?;
        self.record.lock().expect("no panic while recording").extend_from_slice(&bytes);
        Ok(bytes)
    }

    /// Reads until the peer ends.
    pub async fn to_end(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            match self.io.read(&mut buffer).await? {
                0 => return Ok(()),
                n => self.record.lock().expect("no panic while recording").extend_from_slice(&buffer[..n]),
            }
        }
    }

    /// Writes exactly `bytes`.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.io.write_all(bytes.as_ref()).await?;
        self.io.flush().await
    }

    /// Ends our side in order.
    pub async fn end(&mut self) -> io::Result<()> {
        self.io.shutdown().await
    }
}
