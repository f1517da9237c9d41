//! A web page that is paired.

use crate::{
    agent::{Brought, Guest, Lent, Rights},
    config::WebOrigin,
    secret::Digest,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// Requests a page may have under way at once.
const AT_ONCE: usize = 64;

/// What a paired page speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Our own API for pages.
    Native,
    /// The protocol of the Hoppscotch Agent.
    Hoppscotch,
}

/// A page that is paired.
pub struct Pairing {
    /// Its number, never reused.
    pub id: u64,
    /// What it speaks.
    pub kind: Kind,
    /// Its origin.
    pub origin: WebOrigin,
    token: Digest,
    /// Messages are encrypted with it.
    key: Option<[u8; 32]>,
    facts: Mutex<Facts>,
    /// Cancelled when it is revoked.
    gone: CancellationToken,
    turns: Arc<Semaphore>,
    /// What can be cancelled, by the numbers that the page knows it by.
    running: Arc<Mutex<UnderWay>>,
}

/// Numbers are the page's own: two may be the same.
type UnderWay = Vec<(i64, Arc<CancellationToken>)>;

/// What is known of a pairing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facts {
    /// Its number.
    pub id: u64,
    /// What it speaks.
    pub kind: Kind,
    /// Its origin.
    pub origin: WebOrigin,
    /// When it was made, microseconds since the Unix epoch.
    pub created_us: i64,
    /// When it last began a request, likewise.
    pub last_used_us: Option<i64>,
    /// How many it has begun.
    pub requests: u64,
    /// What it may.
    pub rights: Rights,
}

impl Facts {
    /// Of a new one.
    pub(super) fn new(id: u64, kind: Kind, origin: WebOrigin, created_us: i64, rights: Rights) -> Self {
        Self { id, kind, origin, created_us, last_used_us: None, requests: 0, rights }
    }
}

impl Pairing {
    pub(super) fn new(facts: Facts, token: Digest, key: Option<[u8; 32]>) -> Self {
        Self {
            id: facts.id,
            kind: facts.kind,
            origin: facts.origin.clone(),
            token,
            key,
            facts: Mutex::new(facts),
            gone: CancellationToken::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            running: Arc::default(),
        }
    }

    /// As it stands.
    pub fn facts(&self) -> Facts {
        self.lock().clone()
    }

    /// The key its messages are encrypted with, if they are.
    pub fn key(&self) -> Option<&[u8; 32]> {
        self.key.as_ref()
    }

    /// Cancelled when it is revoked. A child of it ends with it.
    pub fn gone(&self) -> &CancellationToken {
        &self.gone
    }

    /// Its turn to have one more under way; `None` while it has too many.
    pub fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).try_acquire_owned().ok()
    }

    /// For whom a request is sent that was handed over with these files.
    pub fn guest(&self, files: HashMap<String, Lent>) -> Arc<Guest> {
        self.guest_with(files, Brought::default())
    }

    /// The same with more that came beside the request.
    pub fn guest_with(&self, files: HashMap<String, Lent>, brought: Brought) -> Arc<Guest> {
        let rights = self.lock().rights;
        Arc::new(Guest { pairing: self.id, origin: self.origin.to_string(), rights, files, brought })
    }

    /// Something can be cancelled by the number `id` until what is given back is dropped.
    pub fn running(&self, id: i64, cancel: CancellationToken) -> Running {
        let one = Arc::new(cancel);
        self.under_way().push((id, Arc::clone(&one)));
        Running { all: Arc::clone(&self.running), one }
    }

    /// Cancels what is under way by that number; whether there was anything.
    pub fn cancel(&self, id: i64) -> bool {
        let found: Vec<_> = self.under_way().iter().filter(|(n, _)| *n == id).map(|(_, one)| Arc::clone(one)).collect();
        found.iter().for_each(|one| one.cancel());
        !found.is_empty()
    }

    /// Whether this is its token, in a time that does not tell how much of it was right.
    pub(super) fn is_shown(&self, token: &[u8]) -> bool {
        self.token.is_of(token)
    }

    pub(super) fn token(&self) -> &Digest {
        &self.token
    }

    pub(super) fn set_rights(&self, rights: Rights) {
        self.lock().rights = rights;
    }

    pub(super) fn count(&self, now_us: i64) {
        let mut facts = self.lock();
        facts.requests += 1;
        facts.last_used_us = Some(now_us);
    }

    pub(super) fn end(&self) {
        self.gone.cancel();
    }

    /// With what the file knew of its use.
    pub(super) fn with_use(self, last_used_us: Option<i64>, requests: u64) -> Self {
        {
            let mut facts = self.lock();
            (facts.last_used_us, facts.requests) = (last_used_us, requests);
        }
        self
    }

    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without its secrets.
impl fmt::Debug for Pairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pairing").field("id", &self.id).field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Something can be cancelled while this is there.
pub struct Running {
    all: Arc<Mutex<UnderWay>>,
    one: Arc<CancellationToken>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, one)| !Arc::ptr_eq(one, &self.one));
    }
}
