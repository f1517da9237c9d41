//! The replays that are under way, and what becomes of them.

use super::{
    Plan, Step,
    asked::{Cookies, FromJar},
    evolving::Evolving,
    judge,
    sending::Sending,
};
use crate::{
    agent::Agent,
    capture::{Recording, recorder::now_us},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use waylay_storage::{Store, StoreError, model::ReplayState};

/// Replays at once.
pub const REPLAYS: usize = 8;
/// Results that wait to be judged.
const WAITING: usize = 400;
/// Replays.
pub struct Replayer {
    agent: Arc<Agent>,
    store: Arc<Store>,
    /// Those under way, by number.
    running: Mutex<HashMap<i64, CancellationToken>>,
    /// Ends all of them.
    stopping: CancellationToken,
}

/// A replay that can begin.
pub struct Ready {
    /// Its number.
    pub id: i64,
    /// What was asked for.
    pub plan: Plan,
    /// What is sent.
    pub steps: Vec<Step>,
    /// Where its rows go.
    pub recording: Arc<Recording>,
}

/// How one ended.
#[derive(Debug)]
pub struct Ended {
    /// The state it is in.
    pub state: ReplayState,
    /// Why it could not go on.
    pub error: Option<String>,
}

impl Replayer {
    /// Sends by `agent`, until `stopping`.
    pub fn new(agent: Arc<Agent>, store: Arc<Store>, stopping: CancellationToken) -> Self {
        Self { agent, store, running: Mutex::default(), stopping }
    }

    /// How many are under way.
    pub fn under_way(&self) -> usize {
        self.lock().len()
    }

    /// Ends one; whether it was under way.
    pub fn cancel(&self, id: i64) -> bool {
        let found = self.lock().get(&id).cloned();
        found.inspect(CancellationToken::cancel).is_some()
    }

    /// One is about to begin; it is ended by what is given back.
    pub fn admit(&self, id: i64) -> CancellationToken {
        let cancel = self.stopping.child_token();
        self.lock().insert(id, cancel.clone());
        cancel
    }

    /// One is over.
    pub fn forget(&self, id: i64) {
        self.lock().remove(&id);
    }

    /// Sends all, and comes back when all that has come of it is stored.
    pub async fn run(&self, ready: Ready, cancel: CancellationToken) -> Ended {
        let id = ready.id;
        let (results, judged) = mpsc::channel(WAITING);
        let (cookies, behind) = match self.begin_cookies(&ready.plan.cookies).await {
            Ok(begun) => begun,
            Err(error) => {
                let error = Some(format!("The cookies to begin with cannot be had: {error}."));
                return Ended { state: ReplayState::Failed, error };
            }
        };
        let ignore = ready.plan.ignore.clone();
        let judging = tokio::spawn(judge::judge(Arc::clone(&self.store), id, ignore, judged));
        let sending = Sending {
            agent: Arc::clone(&self.agent),
            store: Arc::clone(&self.store),
            readers: Mutex::default(),
            cookies: Mutex::new(cookies),
            behind,
            plan: ready.plan,
            recording: ready.recording,
            cancel,
        };
        let all = Arc::new(sending).all(ready.steps, results).await;
        // A panic has been reported there.
        let stored = judging.await.unwrap_or(Err(StoreError::Closed));
        match stored.err() {
            Some(error) => {
                Ended { state: ReplayState::Failed, error: Some(format!("The results could not be stored: {error}.")) }
            }
            None if all => Ended { state: ReplayState::Done, error: None },
            None if self.stopping.is_cancelled() => Ended { state: ReplayState::Interrupted, error: None },
            None => Ended { state: ReplayState::Cancelled, error: None },
        }
    }

    /// The cookies that a replay begins with, and how much later it is for us than for them, microseconds.
    async fn begin_cookies(&self, cookies: &Cookies) -> Result<(Evolving, i64), StoreError> {
        let Cookies::From(FromJar { jar, as_of }) = cookies.clone() else { return Ok((Evolving::default(), 0)) };
        let jars = Arc::clone(&self.agent.jars);
        let begin = move || {
            let (jar, at_us) = jars.begin_with(jar, as_of.and_then(|id| id.parse().ok()))?;
            Ok((Evolving::from_jar(jar), at_us.map_or(0, |at| now_us() - at)))
        };
        tokio::task::spawn_blocking(begin).await.unwrap_or(Err(StoreError::Closed))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
