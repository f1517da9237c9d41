//! Heads with cookies that pass through the proxy, for whoever keeps the cookies of some hosts: recorded or not, and without
//! anybody waiting. Where no host is listened to, an exchange costs one look at a flag.

use super::packed;
use crate::cookies::Scope;
use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use waylay_storage::model::ExchangeId;

/// Bytes of heads that may wait. What does not fit in is dropped, and counted.
const ROOM: usize = 4 << 20;

/// Where heads are left, and taken from.
#[derive(Debug, Default)]
pub struct Heard {
    listens: AtomicBool,
    scopes: ArcSwap<Vec<(i64, Scope)>>,
    desk: Mutex<Desk>,
    called: Condvar,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Desk {
    waiting: VecDeque<Passed>,
    bytes: usize,
    stop: bool,
}

/// A request of a host that is listened to, and what came back.
#[derive(Debug)]
pub struct Passed {
    /// The numbers of the scopes that its host is in.
    pub scopes: Vec<i64>,
    /// When the answer came, microseconds since the Unix epoch.
    pub at_us: i64,
    /// Its row, where it has one.
    pub exchange: Option<ExchangeId>,
    /// Whether it went by TLS.
    pub tls: bool,
    /// The host that was asked.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The head of the request, in the form of HTTP/1.
    pub head: Bytes,
    /// The fields `Set-Cookie`.
    pub set: Vec<Bytes>,
}

impl Passed {
    fn weight(&self) -> usize {
        let fixed = size_of::<Self>() + self.host.len() + self.method.len() + self.path.len() + self.head.len();
        fixed + self.set.iter().map(|field| field.len() + size_of::<Bytes>()).sum::<usize>()
    }
}

impl Heard {
    /// Listens to these from now on, and to no others.
    pub fn listen(&self, scopes: Vec<(i64, Scope)>) {
        let any = !scopes.is_empty();
        self.scopes.store(Arc::new(scopes));
        self.listens.store(any, Ordering::Release);
    }

    /// What is kept of a request until its answer comes; `None` if nobody listens to its host.
    pub fn request(&self, (tls, host, port): (bool, &str, u16), parts: &Parts) -> Option<Box<Passed>> {
        if !self.listens.load(Ordering::Acquire) {
            return None;
        }
        let scopes = self.scopes.load();
        let scopes: Vec<i64> = scopes.iter().filter(|(_, scope)| scope.includes(host)).map(|(id, _)| *id).collect();
        (!scopes.is_empty()).then(|| {
            Box::new(Passed {
                scopes,
                at_us: 0,
                exchange: None,
                tls,
                host: host.to_owned(),
                port,
                method: parts.method.as_str().to_owned(),
                path: parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
                head: packed::request(&parts.method, &parts.uri, parts.version, &parts.headers),
                set: Vec::new(),
            })
        })
    }

    /// Its answer has come.
    pub fn answered(&self, passed: Passed, exchange: Option<ExchangeId>, answer: &HeaderMap, at_us: i64) {
        let set: Vec<_> =
            answer.get_all(header::SET_COOKIE).iter().map(|v| Bytes::copy_from_slice(v.as_bytes())).collect();
        let passed = Passed { set, exchange, at_us, ..passed };
        let weight = passed.weight();
        let mut desk = self.lock();
        if desk.bytes + weight > ROOM {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        desk.bytes += weight;
        desk.waiting.push_back(passed);
        drop(desk);
        self.called.notify_one();
    }

    /// Waits for heads, those of a moment together. `None` when it is over.
    pub fn next(&self, gather: Duration) -> Option<Vec<Passed>> {
        let idle = |desk: &mut Desk| desk.waiting.is_empty() && !desk.stop;
        let desk = self.called.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let going = |desk: &mut Desk| !desk.stop;
        let mut desk = self.called.wait_timeout_while(desk, gather, going).unwrap_or_else(PoisonError::into_inner).0;
        desk.bytes = 0;
        let waiting: Vec<_> = desk.waiting.drain(..).collect();
        (!waiting.is_empty() || !desk.stop).then_some(waiting)
    }

    /// Has [`Self::next`] end once nothing waits.
    pub fn stop(&self) {
        self.listen(Vec::new());
        self.lock().stop = true;
        self.called.notify_all();
    }

    /// Counts answers that came to nothing otherwise.
    pub fn lost(&self, n: usize) {
        self.dropped.fetch_add(n as u64, Ordering::Relaxed);
    }

    /// How many answers were dropped because there was no room, or the store could not be written.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
