//! Replays: begun in a session of their own, which ends with them.

use super::{Engine, blocking};
use crate::{
    capture::{Policy, Recording, Target, recorder::now_us},
    compare::{BadRule, Rules},
    replay::{
        Asked, BadAsked, Plan,
        asked::Which,
        run::{REPLAYS, Ready},
        steps::{StepsError, steps},
    },
};
use std::sync::Arc;
use waylay_storage::{
    NewSession, Store, StoreError,
    model::{NewReplay, RecordingRules, Session, SessionId, Source},
};

/// Why a replay did not begin.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It cannot be done as it is asked for.
    #[error(transparent)]
    Asked(#[from] BadAsked),
    /// What is to be ignored cannot be understood.
    #[error(transparent)]
    Rule(#[from] BadRule),
    /// There are no requests, or too many.
    #[error(transparent)]
    Steps(#[from] StepsError),
    /// There are as many replays as may be.
    #[error("{REPLAYS} replays are under way already")]
    Busy,
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Begins a replay, which goes on by itself, and gives back its number and its session.
    ///
    /// # Errors
    /// [`ReplayError`]: then nothing was sent.
    pub async fn start_replay(self: &Arc<Self>, asked: Asked) -> Result<(i64, SessionId), ReplayError> {
        let plan = asked.plan()?;
        Rules::new([""; 0], &plan.ignore)?;
        let _one_by_one = self.beginning_replay.lock().await;
        if self.replayer.under_way() >= REPLAYS {
            return Err(ReplayError::Busy);
        }
        let (store, recording) = (Arc::clone(&self.store), Arc::new(Recording::new(None)));
        let begin = move || begin(&store, plan, &asked, recording);
        let (ready, session) = blocking(begin).await?;
        let (id, engine) = (ready.id, Arc::clone(self));
        let policy = Some(Arc::new(Policy::everything()));
        self.sessions.add(&session, policy, &ready.recording);
        let session = session.id;
        // It is known to be under way before anybody can ask.
        let cancel = self.replayer.admit(id);
        self.tasks.spawn(async move {
            let ended = engine.replayer.run(ready, cancel).await;
            if let Err(error) = engine.stop_if_open(session).await {
                tracing::error!(%error, session = session.0, "the session of a replay could not be closed");
            }
            let store = Arc::clone(&engine.store);
            let end = blocking(move || store.end_replay(id, ended.state, now_us(), ended.error)).await;
            engine.replayer.forget(id);
            if let Err(error) = end {
                tracing::error!(%error, id, "the end of a replay could not be stored");
            }
        });
        Ok((id, session))
    }

    /// Ends a replay that is under way; whether it was.
    pub fn cancel_replay(&self, id: i64) -> bool {
        self.replayer.cancel(id)
    }
}

fn begin(store: &Store, plan: Plan, asked: &Asked, recording: Arc<Recording>) -> Result<(Ready, Session), ReplayError> {
    let reader = store.reader()?;
    let steps = steps(&reader, &plan.which)?;
    let name = match &plan.name {
        Some(name) => name.clone(),
        None => name(&plan, steps.len()),
    };
    let rules = RecordingRules { media: true, ..RecordingRules::default() };
    let session = store.open_session(NewSession { name, source: Source::Replay, command: None, rules })?;
    recording.set(Some(Target { session: session.id, policy: None }));
    let what = serde_json::to_value(asked).unwrap_or_default();
    let new = NewReplay { session: session.id, started_us: session.started_us, total: steps.len() as i64, what };
    let id = store.begin_replay(&new)?;
    Ok((Ready { id, plan, steps, recording }, session))
}

/// What its session is called.
fn name(plan: &Plan, requests: usize) -> String {
    let what = match &plan.which {
        Which::Session(id) => format!("Replay of session {id}"),
        Which::Collection(id) => format!("Replay of collection {id}"),
        Which::Item(id) => format!("Replay of item {id}"),
        Which::Exchanges(ids) if ids.len() == 1 => format!("Replay of {}", ids.concat()),
        Which::Exchanges(_) | Which::Filter(_) => format!("Replay of {requests} exchanges"),
    };
    match &plan.target {
        Some(target) => format!("{what} to {target}"),
        None => what,
    }
}

impl From<waylay_storage::FilterError> for ReplayError {
    fn from(error: waylay_storage::FilterError) -> Self {
        Self::Steps(error.into())
    }
}
