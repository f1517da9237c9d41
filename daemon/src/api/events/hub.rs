//! What has changed lately, by revision: one ring for all readers. A reader that falls behind its end must load anew,
//! and costs nothing until then.

use crate::secret::Secret;
use std::{
    collections::{BTreeSet, VecDeque},
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;
use waylay_storage::{
    Changes, Committed,
    model::{ExchangeId, SessionId},
};

/// Changes of exchanges the ring holds.
const HELD: usize = 16 << 10;

/// Where changes come in and readers look.
pub(crate) struct Hub {
    ring: Mutex<Ring>,
    latest: watch::Sender<u64>,
    /// Of this run of the daemon: revisions of another one mean nothing here.
    run: String,
}

/// What a reader has not seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// What it is brought to.
    pub(crate) revision: u64,
    /// Exchanges, ascending.
    pub(crate) exchanges: BTreeSet<i64>,
    pub(crate) sessions: BTreeSet<SessionId>,
    /// Exchanges that are not shown any more, or were not at some time since: what is to be told of them comes first.
    pub(crate) deleted: BTreeSet<ExchangeId>,
    /// Entries of the history.
    pub(crate) sends: BTreeSet<i64>,
    /// Replays that have begun, have come further, or have ended.
    pub(crate) replays: BTreeSet<i64>,
    /// Environments or globals have changed.
    pub(crate) environments: bool,
    /// Collections.
    pub(crate) collections: BTreeSet<i64>,
    /// Conversations that have begun, stand differently, or are forgotten.
    pub(crate) conversations: BTreeSet<i64>,
    /// Something was added to the console, or all of it forgotten.
    pub(crate) console: bool,
    /// The proxy was turned on or off.
    pub(crate) proxy: bool,
    /// Pairings, or windows for them.
    pub(crate) agent: bool,
    /// Jars.
    pub(crate) jars: BTreeSet<i64>,
    /// The domains whose cookies are taken over, or what has come of them.
    pub(crate) cookie_sync: bool,
}

impl News {
    pub(super) fn is_empty(&self) -> bool {
        let Self { revision: _, exchanges, sessions, deleted, sends, replays, collections, .. } = self;
        let rows = exchanges.is_empty() && sessions.is_empty() && deleted.is_empty() && sends.is_empty();
        let Self { environments, conversations, console, proxy, agent, jars, cookie_sync, .. } = self;
        let ids = replays.is_empty() && collections.is_empty() && jars.is_empty() && conversations.is_empty();
        rows && ids && !environments && !console && !proxy && !agent && !cookie_sync
    }
}

impl Hub {
    pub(crate) fn new() -> io::Result<Self> {
        let run = Secret::random()?.reveal()[..8].to_owned();
        Ok(Self { ring: Mutex::new(Ring::new(HELD)), latest: watch::Sender::new(0), run })
    }

    /// Called by the store's writer, which waits meanwhile.
    pub(crate) fn committed(&self, batch: &[Committed]) {
        let sessions = batch.iter().map(|c| c.id.session).collect();
        self.push(Change { exchanges: batch.iter().map(|c| c.seq).collect(), sessions, ..Change::default() });
    }

    /// Called by the store's writer likewise.
    pub(crate) fn changed(&self, changes: &Changes) {
        let sessions = changes.sessions.iter().copied().collect();
        let (deleted, sends, replays) = (changes.removed.clone(), changes.sends.clone(), changes.replays.clone());
        let (environments, collections) = (changes.environments, changes.collections.clone());
        let (jars, cookie_sync) = (changes.jars.clone(), changes.cookie_sync);
        let ids = Change { sessions, deleted, sends, replays, collections, jars, ..Change::default() };
        self.push(Change { environments, cookie_sync, ..ids });
    }

    /// A session has begun, has changed, or is gone.
    pub(crate) fn session_changed(&self, id: SessionId) {
        self.push(Change { sessions: BTreeSet::from([id]), ..Change::default() });
    }

    /// Something was sent, or the console cleared.
    pub(crate) fn console_changed(&self) {
        self.push(Change { console: true, ..Change::default() });
    }

    /// A conversation has begun, stands differently, or is forgotten.
    pub(crate) fn conversation_changed(&self, id: i64) {
        self.push(Change { conversation: Some(id), ..Change::default() });
    }

    /// The proxy was turned on or off.
    pub(crate) fn proxy_changed(&self) {
        self.push(Change { proxy: true, ..Change::default() });
    }

    /// A page was paired or is not any more, or may now do something else, or a window for pairing has changed.
    pub(crate) fn pairings_changed(&self) {
        self.push(Change { agent: true, ..Change::default() });
    }

    /// Tells of new revisions.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// What has changed since a revision; `None` if the ring does not reach back so far.
    pub(super) fn since(&self, revision: u64) -> Option<News> {
        self.lock().since(revision)
    }

    /// The id of the event that brings a reader to a revision.
    pub(super) fn event_id(&self, revision: u64) -> String {
        format!("{}-{revision}", self.run)
    }

    /// The revision of an event id; `None` if it is of another run, or none at all.
    pub(super) fn revision(&self, event_id: &str) -> Option<u64> {
        let revision = event_id.strip_prefix(self.run.as_str())?.strip_prefix('-')?.parse().ok()?;
        (revision <= *self.latest.borrow()).then_some(revision)
    }

    fn push(&self, change: Change) {
        let latest = self.lock().push(change);
        self.latest.send_replace(latest);
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The latest changes; those of revision `n` bring a reader from `n - 1` to `n`.
struct Ring {
    changes: VecDeque<Change>,
    most: usize,
    held: usize,
    latest: u64,
}

#[derive(Default)]
struct Change {
    exchanges: Vec<i64>,
    sessions: BTreeSet<SessionId>,
    deleted: Vec<ExchangeId>,
    sends: Vec<i64>,
    replays: Vec<i64>,
    environments: bool,
    collections: Vec<i64>,
    conversation: Option<i64>,
    console: bool,
    proxy: bool,
    agent: bool,
    jars: Vec<i64>,
    cookie_sync: bool,
}

impl Change {
    /// At least one, so that changes of nothing are bounded too.
    fn weight(&self) -> usize {
        let rows = self.exchanges.len() + self.deleted.len() + self.sends.len();
        1 + rows + self.sessions.len() + self.replays.len() + self.collections.len() + self.jars.len()
    }
}

impl Ring {
    fn new(most: usize) -> Self {
        Self { changes: VecDeque::new(), most, held: 0, latest: 0 }
    }

    fn push(&mut self, change: Change) -> u64 {
        self.held += change.weight();
        self.changes.push_back(change);
        while self.held > self.most
            && let Some(oldest) = self.changes.pop_front()
        {
            self.held -= oldest.weight();
        }
        self.latest += 1;
        self.latest
    }

    fn since(&self, revision: u64) -> Option<News> {
        let missed = usize::try_from(self.latest.checked_sub(revision)?).ok()?;
        let from = self.changes.len().checked_sub(missed)?;
        let mut news = News { revision: self.latest, ..News::default() };
        for change in self.changes.range(from..) {
            news.exchanges.extend(&change.exchanges);
            news.sessions.extend(&change.sessions);
            news.deleted.extend(&change.deleted);
            news.sends.extend(&change.sends);
            news.replays.extend(&change.replays);
            news.environments |= change.environments;
            news.collections.extend(&change.collections);
            news.conversations.extend(change.conversation);
            news.console |= change.console;
            news.proxy |= change.proxy;
            news.agent |= change.agent;
            news.jars.extend(&change.jars);
            news.cookie_sync |= change.cookie_sync;
        }
        Some(news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(revision: u64, exchanges: &[i64]) -> Option<News> {
        Some(News { revision, exchanges: exchanges.iter().copied().collect(), ..News::default() })
    }

    fn of(exchanges: Vec<i64>) -> Change {
        Change { exchanges, ..Change::default() }
    }

    #[test]
    fn a_reader_gets_what_it_has_not_seen_once() {
        let mut ring = Ring::new(100);
        assert_eq!(ring.since(0), news(0, &[]));
        ring.push(of(vec![1, 2]));
        ring.push(of(vec![2, 3]));
        assert_eq!(ring.since(0), news(2, &[1, 2, 3]));
        assert_eq!(ring.since(1), news(2, &[2, 3]));
        assert_eq!(ring.since(2), news(2, &[]));
        assert_eq!(ring.since(3), None, "a revision that has not been");
    }

    #[test]
    fn the_ring_is_bounded_and_who_falls_behind_is_told() {
        let mut ring = Ring::new(10);
        for n in 0..1000 {
            ring.push(of(vec![n]));
        }
        assert_eq!(ring.changes.len(), 5);
        assert_eq!(ring.since(994), None);
        assert_eq!(ring.since(995), news(1000, &[995, 996, 997, 998, 999]));
        ring.push(of((0..50).collect()));
        assert_eq!((ring.changes.len(), ring.held), (0, 0), "one too large for the ring is not kept");
        assert_eq!(ring.since(1000), None);
        assert_eq!(ring.since(1001), news(1001, &[]));
    }

    #[test]
    fn event_ids_of_another_run_are_not_known() {
        let (hub, other) = (Hub::new().unwrap(), Hub::new().unwrap());
        hub.session_changed(SessionId(7));
        assert_eq!(hub.revision(&hub.event_id(1)), Some(1));
        assert_eq!(hub.revision(&hub.event_id(2)), None, "a revision that has not been");
        for foreign in [other.event_id(0).as_str(), "", "1", "-1", &format!("{}-x", hub.run), &hub.run] {
            assert_eq!(hub.revision(foreign), None, "{foreign}");
        }
        assert_eq!(hub.since(0).unwrap().sessions, BTreeSet::from([SessionId(7)]));
    }
}
