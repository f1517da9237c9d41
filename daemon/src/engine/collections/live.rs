//! Collections that are filled while a session records. Behind the writer's commits and beside the traffic: nothing waits
//! for it.

use super::{
    CollectionError, Result,
    save::{To, save},
};
use crate::{
    collection::gather::{GatherError, Options, call::From},
    engine::Engine,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;
use waylay_storage::{
    Committed, Store, StoreError,
    model::{ExchangeId, SessionId},
};

/// How long exchanges gather before they are added.
const GATHER: Duration = Duration::from_millis(300);
/// Most exchanges that wait; what comes beyond is not added, and told of in the log.
const WAITING: usize = 50_000;
/// Exchanges that are added at once.
const AT_ONCE: usize = 500;

/// What a row says of a collection that is filled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Filling {
    /// By which session.
    pub session: SessionId,
    /// How.
    pub options: Options,
}

/// Those that are filled.
pub struct Live {
    /// By collection.
    filled: Mutex<BTreeMap<i64, Filling>>,
    /// How many there are, to be asked for each commit.
    count: AtomicUsize,
    waiting: Mutex<Vec<ExchangeId>>,
    wake: Notify,
    /// Held by whoever adds.
    adding: Mutex<()>,
}

impl Live {
    /// Begins without any: sessions of an earlier run are over.
    pub(in crate::engine) fn start(store: &Arc<Store>, stopping: &CancellationToken) -> Arc<Self> {
        let live = Arc::new(Self {
            filled: Mutex::default(),
            count: AtomicUsize::new(0),
            waiting: Mutex::default(),
            wake: Notify::new(),
            adding: Mutex::default(),
        });
        let told: Weak<Self> = Arc::downgrade(&live);
        store.on_commit(move |batch| {
            if let Some(live) = told.upgrade() {
                live.committed(batch);
            }
        });
        let (task, store, stopping) = (Arc::clone(&live), Arc::clone(store), stopping.clone());
        tokio::spawn(async move {
            stopping.run_until_cancelled(task.run(store)).await;
        });
        live
    }

    /// Called by the store's writer, which waits meanwhile.
    fn committed(&self, batch: &[Committed]) {
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let filled = lock(&self.filled);
        let wanted = |row: &&Committed| row.done && filled.values().any(|filling| filling.session == row.id.session);
        let new: Vec<ExchangeId> = batch.iter().filter(wanted).map(|row| row.id).collect();
        drop(filled);
        if new.is_empty() {
            return;
        }
        let mut waiting = lock(&self.waiting);
        let room = WAITING.saturating_sub(waiting.len());
        if new.len() > room {
            tracing::warn!(exchanges = new.len() - room, "a collection cannot be filled as fast as is recorded");
        }
        waiting.extend(new.into_iter().take(room));
        drop(waiting);
        self.wake.notify_one();
    }

    async fn run(self: Arc<Self>, store: Arc<Store>) {
        let (live, beginning) = (Arc::clone(&self), Arc::clone(&store));
        let _ = tokio::task::spawn_blocking(move || live.forget_old(&beginning)).await;
        loop {
            self.wake.notified().await;
            sleep(GATHER).await;
            let (live, store) = (Arc::clone(&self), Arc::clone(&store));
            let _ = tokio::task::spawn_blocking(move || live.add(&store)).await;
        }
    }

    /// What an earlier run filled is not filled any more.
    fn forget_old(&self, store: &Store) {
        let forgotten = store.reader().and_then(|reader| {
            for found in reader.collections()?.into_iter().filter(|found| found.live.is_some()) {
                if !lock(&self.filled).contains_key(&found.id) {
                    store.set_live(found.id, None)?;
                }
            }
            Ok(())
        });
        if let Err(error) = forgotten {
            tracing::warn!(%error, "collections may be shown as being filled that are not");
        }
    }

    fn add(&self, store: &Store) {
        let _alone = lock(&self.adding);
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        let mut sessions: HashMap<SessionId, Vec<ExchangeId>> = HashMap::new();
        waiting.into_iter().for_each(|id| sessions.entry(id.session).or_default().push(id));
        let filled = lock(&self.filled).clone();
        for (id, filling) in filled {
            let Some(new) = sessions.get(&filling.session) else { continue };
            for some in new.chunks(AT_ONCE) {
                let to = To { collection: Some(id), ..To::default() };
                match save(store, &From::Recorded(some.to_vec()), &filling.options, &to) {
                    Ok(_) | Err(CollectionError::Gather(GatherError::Nothing)) => {}
                    // It is gone, and may come back: nothing is added meanwhile.
                    Err(CollectionError::Store(StoreError::NoCollection(_))) => {}
                    Err(error) => tracing::warn!(%error, collection = id, "a collection could not be filled"),
                }
            }
        }
    }

    fn set(&self, id: i64, filling: Option<Filling>) {
        let mut filled = lock(&self.filled);
        match filling {
            Some(filling) => drop(filled.insert(id, filling)),
            None => drop(filled.remove(&id)),
        }
        self.count.store(filled.len(), Ordering::Relaxed);
    }

    /// The collections that a session fills.
    fn of(&self, session: SessionId) -> Vec<i64> {
        let filled = lock(&self.filled);
        filled.iter().filter(|(_, filling)| filling.session == session).map(|(id, _)| *id).collect()
    }
}

impl Engine {
    /// Has what a session records from now on added to a collection, until it ends.
    ///
    /// # Errors
    /// [`CollectionError::Over`] for one that is over; [`StoreError::NoCollection`].
    pub fn fill(&self, id: i64, filling: Filling) -> Result<()> {
        if !self.is_open(filling.session) {
            let known = self.store.reader()?.session(filling.session)?.is_some();
            let session = filling.session;
            return Err(if known { CollectionError::Over(session) } else { StoreError::NoSession(session).into() });
        }
        // Texts and switches: this cannot fail.
        self.store.set_live(id, Some(serde_json::to_string(&filling).unwrap_or_default()))?;
        self.live.set(id, Some(filling));
        Ok(())
    }

    /// Adds nothing more to a collection.
    ///
    /// # Errors
    /// [`StoreError::NoCollection`].
    pub fn stop_filling(&self, id: i64) -> Result<()> {
        self.live.set(id, None);
        Ok(self.store.set_live(id, None)?)
    }

    /// A session has ended: what it fills is complete once what waits is added, which nobody waits for.
    pub(in crate::engine) fn filled_by(&self, session: SessionId) {
        let ids = self.live.of(session);
        if ids.is_empty() {
            return;
        }
        let (live, store) = (Arc::clone(&self.live), Arc::clone(&self.store));
        tokio::task::spawn_blocking(move || {
            // What was recorded last is committed and told of first.
            let flushed = store.flush();
            live.add(&store);
            let end = |id: &i64| {
                live.set(*id, None);
                match store.set_live(*id, None) {
                    Err(StoreError::NoCollection(_)) => Ok(()),
                    ended => ended,
                }
            };
            if let Err(error) = flushed.and_then(|()| ids.iter().try_for_each(end)) {
                tracing::warn!(%error, "a collection may lack what was recorded last");
            }
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can be left half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
