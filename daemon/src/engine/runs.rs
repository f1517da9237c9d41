//! `waylay run` gets a session and a loopback proxy port of its own, so that parallel runs never mix.

use super::{Engine, blocking, listen, sessions::media_policy};
use crate::{capture::Recording, engine::StartError, proxy::Port};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::timeout;
use waylay_storage::{
    NewSession, StoreError,
    model::{RecordingRules, Session, SessionId, Source},
};

/// How long exchanges may go on after the command has ended.
const GRACE: Duration = Duration::from_secs(2);

/// Runs that may be open at once: each has a port of its own.
const MOST: usize = 64;

/// A run's session and port.
#[derive(Debug)]
pub struct Run {
    /// Where its rows go.
    pub session: Session,
    /// Where its command is to send its traffic.
    pub proxy: SocketAddr,
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There are as many as may be.
    #[error("{MOST} runs are open already")]
    TooMany,
    /// No port.
    #[error("cannot open a proxy port for the run: {0}")]
    Port(#[from] StartError),
    /// No session.
    #[error("cannot open a session for the run: {0}")]
    Store(#[from] StoreError),
}

/// Runs under way.
#[derive(Default)]
pub(super) struct Runs {
    open: Mutex<HashMap<SessionId, (Port, SocketAddr)>>,
    /// Held while one is opened, so that they are counted.
    opening: tokio::sync::Mutex<()>,
}

impl Runs {
    pub(super) async fn all_done(&self) {
        let tasks: Vec<_> = self.lock().values().map(|(port, _)| port.tasks.clone()).collect();
        for tasks in tasks {
            tasks.close();
            tasks.wait().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, (Port, SocketAddr)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Opens a session named `name` (by default the command) and a loopback proxy port for it. Bodies of images, audio and
    /// video are stored with `media`, or if those of all sessions are.
    ///
    /// # Errors
    /// [`RunError`]: then nothing is open.
    pub async fn open_run(&self, name: Option<String>, command: String, media: bool) -> Result<Run, RunError> {
        let _opening = self.runs.opening.lock().await;
        if self.runs.lock().len() >= MOST {
            return Err(RunError::TooMany);
        }
        let listeners = listen::bind(0, &[IpAddr::V4(Ipv4Addr::LOCALHOST)], &[])?;
        let proxy = listeners.first().and_then(|l| l.local_addr().ok()).ok_or(StoreError::Closed)?;
        let rules = RecordingRules { media: media || self.settings.rules.media, ..RecordingRules::default() };
        let new = NewSession {
            name: name.unwrap_or_else(|| command.clone()),
            source: Source::Run,
            command: Some(command),
            rules: rules.clone(),
        };
        let store = Arc::clone(&self.store);
        let session = blocking(move || store.open_session(new)).await?;
        let recording = Arc::new(Recording::new(None));
        let port = self.port(Source::Run, Arc::clone(&recording), self.stopping.child_token());
        let port = Port { run: Some(session.id), ..port };
        self.sessions.add(&session, media_policy(&rules), &recording);
        self.guard.protect_proxy(&[proxy]);
        self.serve(listeners, &port);
        self.runs.lock().insert(session.id, (port, proxy));
        Ok(Run { session, proxy })
    }

    /// Closes a run's port and session once its exchanges are over; `false` if there is no such run.
    pub async fn close_run(&self, id: SessionId) -> bool {
        let Some((port, proxy)) = self.runs.lock().remove(&id) else { return false };
        port.stopping.cancel();
        port.tasks.close();
        if timeout(GRACE, port.tasks.wait()).await.is_err() {
            tracing::info!(session = id.0, "connections of the run were still open and are no longer recorded");
        }
        self.guard.release(&[proxy]);
        if let Err(error) = self.stop_if_open(id).await {
            tracing::error!(%error, session = id.0, "the session of a run could not be closed");
        }
        true
    }
}
