//! One work done once, by one way.

use crate::work::{Style, Work};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};
use waylay_tests::{
    client::Link,
    load::{DOMAIN, Source, Way, content},
};

/// No round takes longer.
const BOUND: Duration = Duration::from_secs(120);

/// What a client notices of a round.
pub(crate) struct Noticed {
    pub(crate) per_second: f64,
    pub(crate) p99_ms: f64,
}

/// Clients that are ready to begin: connections that are kept are open.
pub(crate) struct Round {
    work: Work,
    clients: Vec<Client>,
}

impl Round {
    pub(crate) async fn prepare(work: Work, source: &Source, way: &Way) -> Self {
        let mut clients = Vec::new();
        for _ in 0..work.clients {
            let url = source.url("localhost", &work.path());
            let new_host = || source.url(&new_host(), &work.path());
            let (mut hosts, mut link) = (Vec::new(), None);
            match work.style {
                Style::KeepAlive => link = Some(way.open(&url, work.speak).await),
                Style::NewConnection => {}
                Style::NewHost => hosts = (0..work.each()).map(|_| new_host()).collect(),
            }
            clients.push(Client { work, url, hosts, way: way.clone(), link });
        }
        Self { work, clients }
    }

    /// Does the work; panics if an answer is missing or wrong, or if it takes too long.
    pub(crate) async fn run(self) -> Noticed {
        let begun = Instant::now();
        let clients: Vec<_> = self.clients.into_iter().map(|c| tokio::spawn(c.ask())).collect();
        let mut latencies = Vec::with_capacity(self.work.total());
        for client in clients {
            let left = BOUND.saturating_sub(begun.elapsed());
            let client = tokio::time::timeout(left, client).await.expect("a round takes two minutes at most");
            latencies.extend(client.expect("a client that does not fail"));
        }
        let seconds = begun.elapsed().as_secs_f64();
        latencies.sort_by(f64::total_cmp);
        let p99_ms = latencies[(latencies.len() - 1) * 99 / 100];
        Noticed { per_second: latencies.len() as f64 / seconds, p99_ms }
    }
}

/// A name that nobody was asked for before.
fn new_host() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    format!("h{}.{DOMAIN}", NEXT.fetch_add(1, Ordering::Relaxed))
}

struct Client {
    work: Work,
    url: String,
    /// One for each request, where each has one of its own.
    hosts: Vec<String>,
    way: Way,
    /// The connection that is kept.
    link: Option<Link>,
}

impl Client {
    /// Milliseconds of each request, its connection included where it has one of its own.
    async fn ask(mut self) -> Vec<f64> {
        let expected = expected(self.work.size);
        let mut latencies = Vec::with_capacity(self.work.each());
        for number in 0..self.work.each() {
            let url = self.hosts.get(number).unwrap_or(&self.url);
            let sent = Instant::now();
            let mut own;
            let link = match &mut self.link {
                Some(kept) => kept,
                None => {
                    own = self.way.open(url, self.work.speak).await;
                    &mut own
                }
            };
            let answer = link.get(url).await.expect("an answer");
            assert!(answer.status == 200 && answer.body == expected, "the origin's own answer");
            latencies.push(sent.elapsed().as_secs_f64() * 1e3);
        }
        latencies
    }
}

fn expected(size: usize) -> Vec<u8> {
    let mut all = Vec::with_capacity(size);
    while all.len() < size {
        all.extend_from_slice(content(all.len() as u64, size - all.len()));
    }
    all
}
