//! The origin and the clients.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    fmt,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use waylay_tests::{
    client::{Link, Speak},
    origin::NAMES,
    pki::Root,
};

const SIZE: usize = 1024;
/// No round takes longer.
const BOUND: Duration = Duration::from_secs(120);

/// A TLS origin that answers 1 KiB to everything; its URL.
pub(crate) async fn origin() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
    let address = listener.local_addr().expect("an address");
    let acceptor = TlsAcceptor::from(Root::shared().leaf(&NAMES).server(&["http/1.1"]));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let _ = socket.set_nodelay(true);
                let Ok(stream) = acceptor.accept(socket).await else { return };
                let service = hyper::service::service_fn(|_| async {
                    let mut response = Response::new(Full::new(Bytes::from_static(&[b'x'; SIZE])));
                    response.headers_mut().insert("content-type", http::HeaderValue::from_static("text/plain"));
                    Ok::<_, Infallible>(response)
                });
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    format!("https://localhost:{}/small?item=1", address.port())
}

/// What is asked in one round.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) url: String,
    pub(crate) requests: usize,
    pub(crate) connections: usize,
}

/// One round of one proxy.
pub(crate) struct Measured {
    pub(crate) requests: usize,
    pub(crate) cpu_us: f64,
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cpu_us, per_second, p50_ms, p99_ms, .. } = self;
        write!(f, "{cpu_us:>7.1} us/request {per_second:>7.0} requests/s p50 {p50_ms:.2} ms p99 {p99_ms:.2} ms")
    }
}

impl Load {
    /// Requests that are really made: the same number on every connection.
    pub(crate) fn total(&self) -> usize {
        self.requests.div_ceil(self.connections) * self.connections
    }

    /// Makes the requests; panics if one fails or if it takes too long.
    pub(crate) async fn run(&self, proxy: SocketAddr, ca: &str) -> Measured {
        let each = self.requests.div_ceil(self.connections);
        let mut links = Vec::new();
        for _ in 0..self.connections {
            links.push(Link::open_at(proxy, ca, &self.url, Speak::Http1).await);
        }
        let begun = Instant::now();
        let clients = links.into_iter().map(|mut link| {
            let url = self.url.clone();
            tokio::spawn(async move {
                let mut latencies = Vec::with_capacity(each);
                for _ in 0..each {
                    let sent = Instant::now();
                    let answer = link.get(&url).await.expect("an answer");
                    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, SIZE));
                    latencies.push(sent.elapsed().as_secs_f64() * 1e3);
                }
                latencies
            })
        });
        let clients: Vec<_> = clients.collect();
        let mut latencies = Vec::with_capacity(self.total());
        for client in clients {
            let left = BOUND.saturating_sub(begun.elapsed());
            latencies.extend(
                tokio::time::timeout(left, client).await.expect("a round takes two minutes at most").expect("a client"),
            );
        }
        let seconds = begun.elapsed().as_secs_f64();
        latencies.sort_by(f64::total_cmp);
        let at = |part: f64| latencies[((latencies.len() - 1) as f64 * part) as usize];
        let requests = latencies.len();
        Measured { requests, cpu_us: 0., per_second: requests as f64 / seconds, p50_ms: at(0.5), p99_ms: at(0.99) }
    }
}
