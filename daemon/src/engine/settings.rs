//! What the daemon is started with, and why it may not start.

use crate::{
    config::HostPattern,
    proxy::password::PasswordError,
    upstream::{
        verify::TrustError,
        via::{Environment, Proxies},
    },
};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};
use waylay_storage::{Retention, model::RecordingRules};

/// What the daemon is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its folder, checked and locked by the caller.
    pub data_dir: PathBuf,
    /// Port of the proxy; 0 for any.
    pub proxy_port: u16,
    /// Loopback addresses of the proxy; empty for those of IPv4 and where present IPv6.
    pub listen: Vec<IpAddr>,
    /// Its addresses besides those, by which other machines may come; `::` for all.
    pub listen_besides: Vec<IpAddr>,
    /// A file with the password that other machines need.
    pub proxy_password: Option<PathBuf>,
    /// PEM files with issuers of origins' certificates to trust beside the system's.
    pub upstream_ca: Vec<PathBuf>,
    /// Hosts whose certificates are not checked.
    pub insecure_upstream: Vec<String>,
    /// Proxies on the way to origins, which beat those that are kept.
    pub upstream_proxies: Option<Proxies>,
    /// What the environment says of proxies.
    pub environment: Environment,
    /// Limit for resolving an origin's name, for the TCP handshake with it, and for the TLS handshake, each.
    pub connect_timeout: Duration,
    /// How long a client may take for a request's head, and for its TLS handshake.
    pub head_timeout: Duration,
    /// Hosts whose tunnels are relayed unread, besides those kept in the data folder.
    pub passthrough: Vec<HostPattern>,
    /// Whether hosts get onto that list by themselves.
    pub automatic_passthrough: bool,
    /// Bytes that must be free on the disk, or else bodies are not stored; 0 for never.
    pub min_free: u64,
    /// What is kept for how long.
    pub retention: Retention,
    /// The folder with the files that requests are made of; `files` in `data_dir` if `None`.
    pub files_dir: Option<PathBuf>,
    /// Whether requests may name files elsewhere.
    pub read_outside: bool,
    /// Whether clients of the Hoppscotch Agent are served from the start on.
    pub hoppscotch: bool,
    /// The port they know.
    pub hoppscotch_port: u16,
    /// Open a session and record into it.
    pub record: bool,
    /// The session's name; the time if `None`.
    pub session_name: Option<String>,
    /// What sessions record unless told otherwise.
    pub rules: RecordingRules,
}

impl Settings {
    /// Limit for handshakes with origins unless told otherwise.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
    /// Limit for what clients have to say first unless told otherwise.
    pub const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

    /// The port that clients of the Hoppscotch Agent know.
    pub const HOPPSCOTCH_PORT: u16 = 9119;

    /// Room left on the disk unless told otherwise.
    pub const MIN_FREE: u64 = 1 << 30;
}

/// The time, as the name of a session.
pub(super) fn time() -> String {
    jiff::Zoned::now().strftime("%e %b %Y, %H:%M").to_string().trim_start().to_owned()
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::new(),
            proxy_port: 0,
            listen: Vec::new(),
            listen_besides: Vec::new(),
            proxy_password: None,
            upstream_ca: Vec::new(),
            insecure_upstream: Vec::new(),
            upstream_proxies: None,
            environment: Environment::default(),
            connect_timeout: Self::CONNECT_TIMEOUT,
            head_timeout: Self::HEAD_TIMEOUT,
            passthrough: Vec::new(),
            automatic_passthrough: true,
            min_free: Self::MIN_FREE,
            retention: Retention::default(),
            files_dir: None,
            read_outside: false,
            hoppscotch: false,
            hoppscotch_port: Self::HOPPSCOTCH_PORT,
            record: true,
            session_name: None,
            rules: RecordingRules::default(),
        }
    }
}

/// Why the daemon did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else listens there.
    #[error("{addr} is already in use")]
    AddressInUse {
        /// The address.
        addr: SocketAddr,
    },
    /// The system does not let us listen there.
    #[error("cannot listen on {addr}: {source}")]
    Bind {
        /// The address.
        addr: SocketAddr,
        /// The system's words.
        source: io::Error,
    },
    /// There is no password for the proxy where one was to be.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Trust in origins could not be set up.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The certificate authority could not be opened.
    #[error(transparent)]
    Ca(#[from] waylay_ca::CaError),
    /// The list of hosts that are relayed unread could not be read. Without it, what is not to be read would be.
    #[error("cannot read the passthrough list {}: {reason}", path.display())]
    Passthrough {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// What is kept of proxies, client certificates or pairings could not be read. Without it, requests would go other ways.
    #[error("cannot read {}: {reason}", path.display())]
    Ways {
        /// The file.
        path: PathBuf,
        /// What is wrong with it; quotes nothing of it.
        reason: String,
    },
    /// The folder for files could not be made.
    #[error("cannot use {} as the folder for files: {source}", path.display())]
    Files {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// No session could be begun.
    #[error(transparent)]
    Session(super::SessionError),
    /// The store could not be opened.
    #[error(transparent)]
    Store(#[from] waylay_storage::StoreError),
    /// Threads could not be started.
    #[error("cannot start worker threads: {0}")]
    Threads(io::Error),
}
