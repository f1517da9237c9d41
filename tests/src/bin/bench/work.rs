//! What is asked of the proxies, and how much of a bare proxy's CPU time it may cost.

use crate::options::Options;
use waylay_tests::client::Speak;

/// What a client does about connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Keeps one.
    KeepAlive,
    /// A new one for each request, to the same host. The proxy may keep its own to the origin.
    NewConnection,
    /// A new one for each request, to a host never asked before: a new leaf, and a new connection to the origin.
    NewHost,
}

/// Requests that are repeated in rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) speak: Speak,
    pub(crate) style: Style,
    /// Clients at a time, each with one connection and one request at a time.
    pub(crate) clients: usize,
    /// Bytes of each response.
    pub(crate) size: usize,
    /// In a round, of all clients.
    pub(crate) requests: usize,
    /// The most CPU time it may cost, as a multiple of the bare proxy's.
    pub(crate) goal: f64,
    /// How many times as much mitmdump must take, where that is a goal.
    pub(crate) against_mitmdump: Option<f64>,
}

const fn work(name: &'static str, speak: Speak, style: Style, clients: usize, requests: usize, goal: f64) -> Work {
    Work { name, speak, style, clients, size: 1024, requests, goal, against_mitmdump: None }
}

/// All works that are wanted, in the order they are done.
pub(crate) fn all(options: &Options) -> Vec<Work> {
    use Speak::{Http1, Http2};
    use Style::{KeepAlive, NewConnection, NewHost};
    let versus = |work| Work { against_mitmdump: Some(60.), ..work };
    let large = |work| Work { size: 100 << 10, ..work };
    let all = [
        versus(work("1 KiB, HTTP/1.1, 1 connection", Http1, KeepAlive, 1, 10_000, 1.3)),
        versus(work("1 KiB, HTTP/1.1, 32 connections", Http1, KeepAlive, 32, 32_000, 1.3)),
        versus(work("1 KiB, HTTP/2, 1 connection", Http2, KeepAlive, 1, 10_000, 1.3)),
        versus(work("1 KiB, HTTP/2, 32 connections", Http2, KeepAlive, 32, 32_000, 1.3)),
        large(work("100 KiB, HTTP/1.1, 32 connections", Http1, KeepAlive, 32, 6_400, 1.6)),
        large(work("100 KiB, HTTP/2, 32 connections", Http2, KeepAlive, 32, 6_400, 1.6)),
        work("1 KiB, new connection per request", Http1, NewConnection, 8, 1_600, 1.2),
        work("1 KiB, new host name per connection", Http1, NewHost, 8, 800, 1.0),
    ];
    let sized = |w: Work| Work { requests: options.scaled(w.requests, 2 * w.clients), ..w };
    all.into_iter().filter(|w| options.wants(w.name)).map(sized).collect()
}

impl Work {
    /// The same with a part of the requests, but at least one for each client.
    pub(crate) fn part(self, divisor: usize) -> Self {
        Self { requests: (self.requests / divisor).max(self.clients), ..self }
    }

    /// Requests that are really made: the same number by every client.
    pub(crate) fn total(&self) -> usize {
        self.each() * self.clients
    }

    /// Requests of each client.
    pub(crate) fn each(&self) -> usize {
        self.requests.div_ceil(self.clients)
    }

    /// What is asked for.
    pub(crate) fn path(&self) -> String {
        let kind = if self.style == Style::NewHost { "close" } else { "size" };
        format!("/{kind}/{}", self.size)
    }
}
