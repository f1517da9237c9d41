//! The sessions that are open: the current one, which the main ports record into, and those of runs.
//!
//! They change one after the other. What is on the way when a session is paused or ends goes on and keeps its row; what
//! begins later has none. So recording is switched off before the store is told, and on after it.

use super::{Engine, blocking};
use crate::capture::{BadRule, Policy, Recording, Target};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use waylay_storage::{
    NewSession, SessionChanges, StoreError,
    model::{RecordingRules, Session, SessionId, SessionState, Source},
};

/// Open sessions.
#[derive(Default)]
pub(super) struct Sessions {
    /// Held while one is changed.
    changes: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: BTreeMap<SessionId, Open>,
    current: Option<SessionId>,
}

/// An open session.
struct Open {
    /// Of the port that fills it.
    recording: Arc<Recording>,
    /// What that is set to while it records.
    target: Target,
    paused: bool,
}

/// Why a session was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There is none of that number.
    #[error("there is no session {0}")]
    Missing(SessionId),
    /// It makes no sense where the session stands.
    #[error("{what}")]
    Conflict {
        /// Why.
        what: String,
        /// What can be done instead.
        hint: &'static str,
    },
    /// What is to be recorded cannot be understood.
    #[error(transparent)]
    Rule(#[from] BadRule),
    /// The store did not take it.
    #[error(transparent)]
    Store(StoreError),
}

/// What a session is to begin with.
#[derive(Clone, Debug, Default)]
pub struct Beginning {
    /// Its name; the time if `None`.
    pub name: Option<String>,
    /// What is to be remembered of it.
    pub note: Option<String>,
    /// What is recorded; what the daemon was started with if `None`.
    pub rules: Option<RecordingRules>,
}

/// A session that has begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Itself.
    pub session: Session,
    /// The one that has ended for it.
    pub before: Option<SessionId>,
}

/// What rules mean for sessions that are not begun here.
pub(super) fn media_policy(rules: &RecordingRules) -> Option<Arc<Policy>> {
    // Rules about media alone are always understood.
    policy(rules).ok().flatten()
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an open session is paused; `None` if it is not open.
    fn is_paused(&self, id: SessionId) -> Option<bool> {
        self.lock().open.get(&id).map(|open| open.paused)
    }

    /// Adds a session that is recorded into from now on.
    pub(super) fn add(&self, session: &Session, policy: Option<Arc<Policy>>, recording: &Arc<Recording>) {
        let target = Target { session: session.id, policy };
        recording.set(Some(target.clone()));
        let mut state = self.lock();
        if session.source == Source::Proxy {
            state.current = Some(session.id);
        }
        state.open.insert(session.id, Open { recording: Arc::clone(recording), target, paused: false });
    }

    /// Lets the port of an open session record into it, or not.
    fn switch(&self, id: SessionId, on: bool) {
        if let Some(open) = self.lock().open.get_mut(&id) {
            open.recording.set(on.then(|| open.target.clone()));
            open.paused = !on;
        }
    }

    /// Changes what an open session records.
    fn rule(&self, id: SessionId, policy: Option<Arc<Policy>>) {
        if let Some(open) = self.lock().open.get_mut(&id) {
            open.target.policy = policy;
            if !open.paused {
                open.recording.set(Some(open.target.clone()));
            }
        }
    }

    /// Forgets a session, which is not recorded into any more; `false` if it was not open.
    fn remove(&self, id: SessionId) -> bool {
        let mut state = self.lock();
        if state.current == Some(id) {
            state.current = None;
        }
        let Some(open) = state.open.remove(&id) else { return false };
        // Another may have taken its place already.
        if open.recording.session() == Some(id) {
            open.recording.set(None);
        }
        true
    }

    /// Forgets all of them, and says which they were.
    pub(super) fn take_all(&self) -> Vec<SessionId> {
        let open: Vec<_> = self.lock().open.keys().copied().collect();
        open.into_iter().filter(|id| self.remove(*id)).collect()
    }
}

impl Engine {
    /// The session that the main ports record into, or would if it were not paused.
    pub fn current_session(&self) -> Option<SessionId> {
        self.sessions.lock().current
    }

    /// Whether a session is open: recorded into, or paused.
    pub fn is_open(&self, id: SessionId) -> bool {
        self.sessions.is_paused(id).is_some()
    }

    /// Begins a session that the main ports record into from now on; the current one ends.
    ///
    /// # Errors
    /// [`SessionError::Store`]: then everything is as it was.
    pub async fn start_session(&self, beginning: Beginning) -> Result<Begun, SessionError> {
        let _changing = self.sessions.changes.lock().await;
        let Beginning { name, note, rules } = beginning;
        let rules = rules.unwrap_or_else(|| self.settings.rules.clone());
        let policy = policy(&rules)?;
        let name = name.unwrap_or_else(super::settings::time);
        let store = Arc::clone(&self.store);
        let session = blocking(move || {
            let session = store.open_session(NewSession { name, source: Source::Proxy, command: None, rules })?;
            match note {
                None => Ok(session),
                note => store.update_session(session.id, SessionChanges { note: Some(note), ..Default::default() }),
            }
        });
        let session = session.await?;
        let before = self.current_session();
        self.sessions.add(&session, policy, &self.recording);
        if let Some(before) = before
            && let Err(error) = self.end(before).await
        {
            tracing::error!(%error, session = before.0, "a session could not be closed");
        }
        tracing::info!(session = session.id.0, "recording into a new session");
        Ok(Begun { session, before })
    }

    /// Adds nothing to a session until it is resumed. Exchanges that have begun go on, and keep their rows.
    ///
    /// # Errors
    /// [`SessionError`]: then everything is as it was.
    pub async fn pause_session(&self, id: SessionId) -> Result<Session, SessionError> {
        let _changing = self.sessions.changes.lock().await;
        match self.sessions.is_paused(id) {
            Some(false) => {}
            Some(true) => return Err(conflict(format!("session {id} is paused already"), "resume it to go on")),
            None => return Err(self.not_open(id).await),
        }
        self.sessions.switch(id, false);
        let paused = self.set(id, SessionState::Paused).await;
        if paused.is_err() {
            self.sessions.switch(id, true);
        }
        paused
    }

    /// Goes on with a session that was paused.
    ///
    /// # Errors
    /// [`SessionError`]: then everything is as it was.
    pub async fn resume_session(&self, id: SessionId) -> Result<Session, SessionError> {
        let _changing = self.sessions.changes.lock().await;
        match self.sessions.is_paused(id) {
            Some(true) => {}
            Some(false) => return Err(conflict(format!("session {id} is not paused"), "it is being recorded into")),
            None => return Err(self.not_open(id).await),
        }
        let resumed = self.set(id, SessionState::Recording).await?;
        self.sessions.switch(id, true);
        Ok(resumed)
    }

    /// Ends a session. Exchanges that have begun go on, and keep their rows; what a run is under way for goes on, too.
    ///
    /// # Errors
    /// [`SessionError`]: if the store did not take it, nothing is recorded into it all the same.
    pub async fn stop_session(&self, id: SessionId) -> Result<Session, SessionError> {
        let _changing = self.sessions.changes.lock().await;
        if self.is_open(id) { self.end(id).await } else { Err(self.not_open(id).await) }
    }

    /// Changes what a session is called, what is remembered of it, and what is recorded of exchanges that begin from now
    /// on. Those that have begun keep to the rules they began with.
    ///
    /// # Errors
    /// [`SessionError`]: then everything is as it was.
    pub async fn update_session(&self, id: SessionId, changes: SessionChanges) -> Result<Session, SessionError> {
        let _changing = self.sessions.changes.lock().await;
        let policy = changes.rules.as_ref().map(policy).transpose()?;
        if policy.is_some() && !self.is_open(id) {
            return Err(self.not_open(id).await);
        }
        if changes.keep_until_us.is_some() && id == SessionId::SENT {
            let what =
                "session 0 holds what is sent from here: of that, each exchange goes when it is old enough".into();
            return Err(conflict(what, "retention.max_age says when; a session that is pinned stays"));
        }
        let (store, keep) = (Arc::clone(&self.store), changes.keep_until_us.is_some() || changes.pinned.is_some());
        let changed = blocking(move || store.update_session(id, changes)).await?;
        if keep {
            self.look_at_retention();
        }
        if let Some(policy) = policy {
            self.sessions.rule(id, policy);
        }
        Ok(changed)
    }

    /// [`stop_session`](Self::stop_session) for one that may have ended already.
    pub(super) async fn stop_if_open(&self, id: SessionId) -> Result<(), SessionError> {
        let _changing = self.sessions.changes.lock().await;
        if self.is_open(id) { self.end(id).await.map(drop) } else { Ok(()) }
    }

    async fn end(&self, id: SessionId) -> Result<Session, SessionError> {
        self.sessions.remove(id);
        let ended = self.set(id, SessionState::Stopped).await;
        self.filled_by(id);
        self.look_at_retention();
        ended
    }

    async fn set(&self, id: SessionId, state: SessionState) -> Result<Session, SessionError> {
        self.shared.pool.connector().capture.tell_left_out();
        let store = Arc::clone(&self.store);
        blocking(move || store.set_session(id, state)).await.map_err(SessionError::from)
    }

    /// Why a session that is not open here cannot be changed.
    async fn not_open(&self, id: SessionId) -> SessionError {
        let store = Arc::clone(&self.store);
        let found = match blocking(move || store.reader()?.session(id)).await {
            Err(error) => return SessionError::Store(error),
            Ok(None) => return SessionError::Missing(id),
            Ok(Some(found)) => found,
        };
        match (found.state, found.source) {
            (SessionState::Stopped | SessionState::Interrupted, _) => {
                conflict(format!("session {id} has ended"), "`waylay session start` begins a new one")
            }
            (_, Source::Send) => conflict(
                format!("session {id} holds what is sent from here, and is always open"),
                "`waylay session list` shows the others",
            ),
            (_, source) => {
                conflict(format!("session {id} is being filled ({source})"), "it ends by itself when that is done")
            }
        }
    }
}

/// What rules mean; `None` for the usual ones.
fn policy(rules: &RecordingRules) -> Result<Option<Arc<Policy>>, BadRule> {
    if *rules == RecordingRules::default() { Ok(None) } else { Ok(Some(Arc::new(Policy::new(rules)?))) }
}

fn conflict(what: String, hint: &'static str) -> SessionError {
    SessionError::Conflict { what, hint }
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSession(id) => Self::Missing(id),
            other => Self::Store(other),
        }
    }
}
