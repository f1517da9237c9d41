//! One reader's stream of events. It is asked for more only when the reader has taken what there was: nothing piles up.

use super::hub::News;
use crate::api::{Shared, error::ApiError, sessions::seen, status};
use bytes::Bytes;
use serde::Serialize;
use std::{collections::VecDeque, fmt::Write, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval_at, sleep},
};
use waylay_storage::{
    StoreError,
    model::{ExchangeId, Session, SessionId, Summary},
};

/// How long changes gather before they are sent.
const GATHER: Duration = Duration::from_millis(100);
/// How often a sign of life is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often the status is looked at.
const STATUS: Duration = Duration::from_secs(5);
/// Entries of the history, and collections, that are told of one by one.
const ENTRIES: usize = 100;
/// Summaries of one event.
const ITEMS: usize = 500;

/// The stream of one reader.
pub(super) struct Feed {
    shared: Shared,
    /// What the reader has been brought to.
    at: u64,
    changed: watch::Receiver<u64>,
    heartbeat: Interval,
    status_due: Interval,
    /// The status the reader has.
    status: String,
    ready: VecDeque<Bytes>,
}

#[derive(Serialize)]
struct Exchanges<'a> {
    items: &'a [Summary],
}

#[derive(Serialize)]
struct Deleted<'a> {
    ids: &'a [ExchangeId],
}

/// An entry of the history, a collection, `None` for many of them; a replay, or a conversation.
#[derive(Serialize)]
struct Entry {
    id: Option<i64>,
}

/// A session that is not there any more.
#[derive(Serialize)]
struct Gone {
    id: SessionId,
    deleted: bool,
}

impl Feed {
    /// Begins where the reader left off, or now. The first event is the status, and says where that is.
    pub(super) async fn begin(shared: Shared, last_event_id: Option<&str>) -> Result<Self, ApiError> {
        let mut changed = shared.hub.watch();
        let now = *changed.borrow_and_update();
        let known = last_event_id.map(|id| shared.hub.revision(id).filter(|r| shared.hub.since(*r).is_some()));
        let (at, lost) = match known {
            None => (now, false),
            Some(Some(revision)) => (revision, false),
            Some(None) => (now, true),
        };
        if at < now {
            changed.mark_changed();
        }
        let status = json(&status::current(&shared).await?);
        let mut ready = VecDeque::new();
        if lost {
            ready.push_back(event("resync", "{}", Some(&shared.hub.event_id(at))));
        }
        ready.push_back(event("status", &status, Some(&shared.hub.event_id(at))));
        Ok(Self { heartbeat: every(HEARTBEAT), status_due: every(STATUS), shared, at, changed, status, ready })
    }

    /// The next bytes to send; `None` when the daemon stops.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        let stopping = self.shared.stopping.clone();
        stopping.run_until_cancelled(self.more()).await
    }

    async fn more(&mut self) -> Bytes {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return bytes;
            }
            tokio::select! {
                // The hub lives as long as `shared`: this does not fail.
                _ = self.changed.changed() => {
                    sleep(GATHER).await;
                    self.changed.borrow_and_update();
                    self.catch_up().await;
                }
                _ = self.status_due.tick() => self.look_at_status().await,
                _ = self.heartbeat.tick() => return Bytes::from_static(b":\n\n"),
            }
        }
    }

    async fn catch_up(&mut self) {
        let news = self.shared.hub.since(self.at);
        let told = match news {
            Some(news) if news.is_empty() => return self.at = news.revision,
            Some(news) => self.tell(news).await,
            None => Err(StoreError::Closed.into()),
        };
        if let Err(error) = told {
            // Too far behind, or the store cannot be read now: loading anew is the way out of both.
            tracing::debug!(?error, "an event stream starts over");
            self.at = *self.changed.borrow();
            self.ready.push_back(event("resync", "{}", Some(&self.shared.hub.event_id(self.at))));
        }
    }

    async fn tell(&mut self, news: News) -> Result<(), ApiError> {
        let (seqs, ids): (Vec<i64>, _) = (news.exchanges.into_iter().collect(), news.sessions.clone());
        let read = move |reader: &waylay_storage::Reader| {
            let sessions = ids.into_iter().filter_map(|id| reader.session(id).transpose());
            let sessions: Vec<Session> = sessions.collect::<Result<_, StoreError>>()?;
            Ok::<_, StoreError>((reader.summaries(&seqs)?, sessions))
        };
        let (summaries, sessions) = self.shared.readers.with(read).await?;
        if news.proxy {
            self.ready.push_back(event("proxy", &json(&self.shared.engine.proxy()), None));
        }
        let deleted: Vec<ExchangeId> = news.deleted.into_iter().collect();
        for ids in deleted.chunks(ITEMS) {
            self.ready.push_back(event("deleted", &json(&Deleted { ids }), None));
        }
        let mut gone = news.sessions;
        for session in sessions {
            gone.remove(&session.id);
            self.ready.push_back(event("session", &json(&seen(&self.shared, session)), None));
        }
        for id in gone {
            self.ready.push_back(event("session", &json(&Gone { id, deleted: true }), None));
        }
        for items in summaries.chunks(ITEMS) {
            self.ready.push_back(event("exchanges", &json(&Exchanges { items }), None));
        }
        for (name, ids) in [("send", news.sends), ("collection", news.collections)] {
            let many = ids.len() > ENTRIES;
            let ids = ids.into_iter().map(Some);
            let ids: Vec<_> = if many { vec![None] } else { ids.collect() };
            for id in ids {
                self.ready.push_back(event(name, &json(&Entry { id }), None));
            }
        }
        for id in news.jars.iter().copied().map(Some) {
            self.ready.push_back(event("jar", &json(&Entry { id }), None));
        }
        if news.cookie_sync {
            self.ready.push_back(event("cookie_sync", "{}", None));
        }
        for id in news.replays.iter().copied().map(Some) {
            self.ready.push_back(event("replay", &json(&Entry { id }), None));
        }
        for id in news.conversations.iter().copied().map(Some) {
            self.ready.push_back(event("conversation", &json(&Entry { id }), None));
        }
        if news.console {
            let last = self.shared.engine.agent().console.last();
            self.ready.push_back(event("console", &json(&Entry { id: Some(last) }), None));
        }
        if news.environments {
            self.ready.push_back(event("environment", "{}", None));
        }
        if news.agent {
            self.ready.push_back(event("agent", "{}", None));
        }
        // Only now has the reader all of it: an id on an earlier event would skip the rest after a reconnection.
        self.at = news.revision;
        self.ready.push_back(Bytes::from(format!("id: {}\n\n", self.shared.hub.event_id(self.at))));
        Ok(())
    }

    async fn look_at_status(&mut self) {
        let Ok(status) = status::current(&self.shared).await else { return };
        let status = json(&status);
        if status != self.status {
            self.ready.push_back(event("status", &status, None));
            self.status = status;
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// One event. `data` is JSON on one line.
fn event(name: &str, data: &str, id: Option<&str>) -> Bytes {
    let mut text = String::with_capacity(data.len() + 64);
    if let Some(id) = id {
        // Writing to a string does not fail.
        let _ = writeln!(text, "id: {id}");
    }
    let _ = write!(text, "event: {name}\ndata: {data}\n\n");
    text.into()
}

fn json(value: &impl Serialize) -> String {
    // These types hold nothing that JSON cannot say.
    serde_json::to_string(value).unwrap_or_default()
}
