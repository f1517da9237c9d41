//! The running daemon: store, authority, proxy ports and the way to send, tied together.
//!
//! - [`settings`]: what it is started with, and why it may not start
//! - [`listen`]: binding addresses of both families; [`lan`]: those by which other machines come
//! - [`certificates`]: who we are to origins that ask; [`proxies`]: other proxies on the way to origins
//! - [`pairings`]: web pages that may hand requests over
//! - [`passthrough`]: the list of hosts that are relayed unread, and its file
//! - [`proxy`]: turning the main ports on and off
//! - [`sessions`]: what is recorded into: begun, paused, ended
//! - [`retention`]: what is kept for how long
//! - [`replays`]: replays, and the sessions they fill
//! - [`runs`]: proxy ports of their own for `waylay run`
//! - [`collections`]: what they can hold, and changes of them
//! - [`imports`]: files of other tools, looked at and kept
//! - `cookies`: what exchanges set and sent, looked for behind the writer
//! - [`environments`]: what they can hold, and taking them over from files
//! - [`files`]: the folder with the files that requests are made of
//! - [`history`]: what is stored of what is sent

pub mod certificates;
pub mod collections;
mod cookies;
pub mod environments;
pub mod files;
pub mod history;
pub mod imports;
pub mod lan;
pub mod listen;
pub mod pairings;
pub mod passthrough;
pub mod proxies;
pub mod proxy;
pub mod replays;
pub mod retention;
pub mod runs;
pub mod sessions;
pub mod settings;

pub use files::{FileError, Files};
pub use pairings::{Pairing, Pairings};
pub use proxy::{ProxyError, ProxyState};
pub use replays::ReplayError;
pub use runs::{Run, RunError};
pub use sessions::{Beginning, Begun, SessionError};
pub use settings::{Settings, StartError};

use crate::{
    agent::{Agent, SendError},
    capture::{Capture, Recording, Target, recorder::now_us, running},
    content::Searchable,
    conversation::Conversations,
    exchange::{Asker, Pool},
    jars::{Jars, sync::Sync},
    onboarding::Onboarding,
    platform,
    proxy::{
        Port, Shared, clients::Clients, limits::Bounds, listener, password::Password, processes::Processes, shard,
        shed::shed,
    },
    replay::Replayer,
    upstream::{Connector, Guard, Routes, routes::Usual, verify::Trust},
};
use proxy::Switch;
use runs::Runs;
use sessions::Sessions;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Mutex, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use waylay_ca::Authority;
use waylay_storage::{
    Options, Store, StoreError,
    model::{SessionState, Source},
};

/// A daemon that listens. Drop it only after [`Engine::shutdown`].
pub struct Engine {
    settings: Settings,
    started_us: i64,
    store: Arc<Store>,
    shared: Arc<Shared>,
    guard: Arc<Guard>,
    /// Of the main ports; runs have their own.
    recording: Arc<Recording>,
    agent: Arc<Agent>,
    conversations: Conversations,
    replayer: Replayer,
    /// Held while a replay begins, so that they are counted.
    beginning_replay: Mutex<()>,
    sessions: Sessions,
    runs: Runs,
    switch: Switch,
    retention: Arc<retention::Shared>,
    cookies: Arc<cookies::Cookies>,
    cookie_sync: Arc<Sync>,
    files: Files,
    /// Collections that are filled by what is recorded.
    live: Arc<collections::live::Live>,
    /// What the user put onto the passthrough list is kept here. Held while it is changed.
    kept_passthrough: Mutex<passthrough::File>,
    /// The usual ways to origins.
    routes: Arc<Routes>,
    changing_routes: std::sync::Mutex<()>,
    /// Client certificates are kept here. Held while they are changed.
    kept_certificates: Mutex<certificates::File>,
    /// Upstream proxies are kept here, likewise.
    kept_proxies: Mutex<proxies::File>,
    pairings: Arc<Pairings>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    /// Cancelled when what still runs is cut off.
    cutting: CancellationToken,
    /// Cancelled when rows of what still runs are to be closed, and done when they are: before anything is cut off, so
    /// that the row tells why and blames nobody else.
    closing: CancellationToken,
    rows: TaskTracker,
}

impl Engine {
    /// Opens the store and the authority, binds the proxy's addresses, and serves them.
    pub async fn start(settings: Settings) -> Result<Arc<Self>, StartError> {
        // hudsucker asks for the process's own provider; another may have been first, with the same one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let password = settings.proxy_password.as_deref().map(Password::read).transpose()?;
        let listeners = listen::bind(settings.proxy_port, &settings.listen, &settings.listen_besides)?;
        let (passthrough, kept_passthrough) = passthrough::open(&settings).await?;
        let (client_certificates, kept_certificates) = certificates::open(&settings.data_dir).await?;
        let (usual, kept_proxies) =
            proxies::open(&settings.data_dir, settings.upstream_proxies.clone(), settings.environment.clone()).await?;
        let pairings = Pairings::open(&settings.data_dir).await;
        let pairings = Arc::new(pairings.map_err(|(path, reason)| StartError::Ways { path, reason })?);
        let routes = Arc::new(Routes::default());
        routes.set(Usual { certificates: client_certificates, ..usual });
        let trust = Trust::new(&settings.upstream_ca, &settings.insecure_upstream)?;
        let options = Options { min_free: settings.min_free, ..Options::new(&settings.data_dir) };
        let folder = settings.files_dir.clone().unwrap_or_else(|| settings.data_dir.join("files"));
        let read_outside = settings.read_outside;
        let (store, authority, files, saved) = blocking(move || {
            let authority = Authority::open(&options.dir.join("ca"))?;
            let store = Store::open(options)?;
            let made = Files::new(&folder, read_outside);
            let files = made.map_err(|source| StartError::Files { path: folder, source })?;
            let saved = history::responses_are_saved(&store)?;
            Ok::<_, StartError>((store, authority, files, saved))
        })
        .await?;
        let store = Arc::new(store);
        store.keep_index(Arc::new(Searchable))?;
        let cookies = Arc::new(cookies::Cookies::start(&store)?);
        let capture = Arc::new(Capture::new(Arc::clone(&store)));
        let guard = Arc::new(Guard::default());
        let connector = Connector {
            trust: Arc::new(trust),
            guard: Arc::clone(&guard),
            routes: Arc::clone(&routes),
            capture: Arc::clone(&capture),
            handshake_timeout: settings.connect_timeout,
        };
        let (stopping, cutting) = (CancellationToken::new(), CancellationToken::new());
        let shards = shard::Shards::start(&connector, &cutting).map_err(StartError::Threads)?;
        let pool = Arc::new(Pool::new(connector));
        tokio::spawn(shard::keep(Arc::clone(&pool), cutting.clone()));
        let (closing, rows) = (CancellationToken::new(), TaskTracker::new());
        rows.spawn(running::show(Arc::clone(&capture), closing.clone()));

        let recording = Arc::new(Recording::new(None));
        let tasks = TaskTracker::new();
        let sender = Asker {
            source: Source::Send,
            recording: Arc::new(Recording::new(Some(Target::sent(saved)))),
            connection: None,
            origin: None,
            heads: None,
            pool: Arc::clone(&pool),
            tasks: tasks.clone(),
            stopping: stopping.clone(),
        };
        let opened = files.clone();
        let open = move |src: &str| {
            let opened = opened.open_now(src);
            opened.map(|o| (o.file, o.length)).map_err(|e| SendError::new("body", "no file", format!("{e}."), e.hint))
        };
        let agent = Agent::new(sender, Arc::clone(&store), Arc::new(open), files.folder().to_owned());
        let agent = Arc::new(agent);
        let (jars, heard) = (Arc::clone(&agent.jars), Arc::clone(&pool.connector().capture));
        let cookie_sync = blocking(move || Sync::start(jars, heard)).await?;
        let conversations = Conversations::new(Arc::clone(&agent), stopping.clone());
        let replayer = Replayer::new(Arc::clone(&agent), Arc::clone(&store), stopping.clone());
        let clients = Clients::new(Bounds::new(settings.head_timeout, platform::descriptor_limit()));
        let processes = Processes::start(Arc::clone(&capture.queue)).map_err(StartError::Threads)?;
        tokio::spawn(shed(clients.clone(), Arc::clone(&guard), cutting.clone()));
        let onboarding = Arc::new(Onboarding::new(authority.certificate(), password.is_some()));
        let authority = Arc::new(authority);
        let shared =
            Arc::new(Shared { authority, shards, passthrough, pool, clients, processes, onboarding, password });
        let retention = Arc::<retention::Shared>::default();
        let keeping = retention::keep(Arc::clone(&store), settings.retention, Arc::clone(&retention), stopping.clone());
        tokio::spawn(keeping);
        tasks.spawn(Arc::clone(&pairings).keep(stopping.clone()));
        let live = collections::live::Live::start(&store, &stopping);
        let engine = Self {
            live,
            started_us: now_us(),
            sessions: Sessions::default(),
            runs: Runs::default(),
            switch: Switch::new(settings.proxy_port),
            retention,
            cookies,
            cookie_sync,
            files,
            settings,
            store,
            shared,
            guard,
            recording,
            agent,
            conversations,
            replayer,
            beginning_replay: Mutex::default(),
            kept_passthrough: Mutex::new(kept_passthrough),
            routes,
            changing_routes: std::sync::Mutex::default(),
            kept_certificates: Mutex::new(kept_certificates),
            kept_proxies: Mutex::new(kept_proxies),
            pairings,
            tasks,
            stopping,
            cutting,
            closing,
            rows,
        };
        if engine.settings.record {
            let name = engine.settings.session_name.clone();
            let begun = engine.start_session(Beginning { name, ..Beginning::default() }).await;
            begun.map_err(|error| match error {
                SessionError::Store(error) => StartError::Store(error),
                other => StartError::Session(other),
            })?;
        }
        engine.open_switch(listeners);
        Ok(Arc::new(engine))
    }

    /// What it was started with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Microseconds since the Unix epoch.
    pub fn started_us(&self) -> i64 {
        self.started_us
    }

    /// Where rows go, and come from.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The certificate authority.
    pub fn authority(&self) -> &Authority {
        &self.shared.authority
    }

    /// Sends requests that are written here.
    pub fn agent(&self) -> &Arc<Agent> {
        &self.agent
    }

    /// WebSockets and event streams that are begun here.
    pub fn conversations(&self) -> &Conversations {
        &self.conversations
    }

    /// Web pages that may hand requests over.
    pub fn pairings(&self) -> &Arc<Pairings> {
        &self.pairings
    }

    /// Jars of cookies.
    pub fn jars(&self) -> &Arc<Jars> {
        &self.agent.jars
    }

    /// What keeps cookies in sync with what passes through the proxy.
    pub fn cookie_sync(&self) -> &Arc<Sync> {
        &self.cookie_sync
    }

    /// The folder with the files that requests are made of.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Where the proxy listens, ports of runs apart, as programs of this machine reach it; loopback first.
    pub fn proxy_addresses(&self) -> Vec<SocketAddr> {
        self.proxy().addresses
    }

    /// Addresses that are never dialled: whoever opens another port of ours adds it.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Cancelled when the daemon is to end; cancelling it ends the daemon.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Takes no new work, lets what runs end for at most `grace`, cuts off the rest, and closes the store.
    pub async fn shutdown(&self, grace: Duration) {
        self.stopping.cancel();
        self.tasks.close();
        let orderly = async {
            self.tasks.wait().await;
            self.switch.done().await;
            self.runs.all_done().await;
        };
        if timeout(grace, orderly).await.is_err() {
            tracing::info!("connections were still open after {} s and are cut off", grace.as_secs());
        }
        let open = self.sessions.take_all();
        self.closing.cancel();
        self.rows.close();
        self.rows.wait().await;
        self.cutting.cancel();
        let (store, cookies, sync) =
            (Arc::clone(&self.store), Arc::clone(&self.cookies), Arc::clone(&self.cookie_sync));
        let closed = blocking(move || {
            for session in open {
                store.close_session(session, SessionState::Stopped)?;
            }
            sync.stop();
            cookies.stop();
            store.close()
        });
        if let Err(error) = closed.await {
            tracing::error!(%error, "the store did not close in order");
        }
    }

    fn port(&self, source: Source, recording: Arc<Recording>, stopping: CancellationToken) -> Port {
        Port::new(Arc::clone(&self.shared), source, recording, stopping)
    }

    fn serve(&self, listeners: Vec<TcpListener>, port: &Port) {
        for listener in listeners {
            port.tasks.spawn(listener::serve(listener, port.clone()));
        }
    }
}

/// The store blocks; the runtime must not.
async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        // Only at the end of the runtime, or by a panic that has been reported already.
        Err(_) => Err(StoreError::Closed.into()),
    }
}
