//! The one table of settings.

use super::value::{Kind, Value};

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its name in the file and on the command line: a table, a dot, a key.
    pub name: &'static str,
    /// The environment variable that beats the file.
    pub environment: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it is when nobody sets it.
    pub default: fn() -> Value,
    /// What it is for: one sentence.
    pub doc: &'static str,
}

/// The proxy's port.
pub static PROXY_PORT: Key = Key {
    name: "proxy.port",
    environment: "WAYLAY_PROXY_PORT",
    kind: Kind::Port,
    default: || Value::Port(5559),
    doc: "Port of the proxy; 0 takes any free one.",
};

/// The proxy's addresses.
pub static PROXY_LISTEN: Key = Key {
    name: "proxy.listen",
    environment: "WAYLAY_PROXY_LISTEN",
    kind: Kind::LoopbackAddresses,
    default: || Value::Addresses(Vec::new()),
    doc: "Loopback addresses the proxy listens on; none means 127.0.0.1 and, where present, ::1. \
          Addresses that other machines can reach are taken from `start --listen` only.",
};

/// The password of other machines.
pub static PROXY_PASSWORD_FILE: Key = Key {
    name: "proxy.password_file",
    environment: "WAYLAY_PROXY_PASSWORD_FILE",
    kind: Kind::File,
    default: || Value::File(None),
    doc: "A file whose one line is the password that other machines need for the proxy, with any user name; \
          programs of this machine need none.",
};

/// The limit for what clients have to say first.
pub static PROXY_HEAD_TIMEOUT: Key = Key {
    name: "proxy.head_timeout",
    environment: "WAYLAY_PROXY_HEAD_TIMEOUT",
    kind: Kind::Seconds,
    default: || Value::Seconds(30),
    doc: "Seconds that a client may take for the head of a request, and for its TLS handshake; \
          a connection on which nothing is under way for as long may be closed.",
};

/// The port of the UI and the control API.
pub static UI_PORT: Key = Key {
    name: "ui.port",
    environment: "WAYLAY_UI_PORT",
    kind: Kind::Port,
    default: || Value::Port(5560),
    doc: "Port of the UI and the control API; 0 takes any free one.",
};

/// Whether `start` opens a session.
pub static CAPTURE_RECORD: Key = Key {
    name: "capture.record",
    environment: "WAYLAY_CAPTURE_RECORD",
    kind: Kind::Switch,
    default: || Value::Switch(true),
    doc: "Whether what passes the main proxy port is recorded from the start.",
};

/// Room left on the disk.
pub static CAPTURE_MIN_FREE: Key = Key {
    name: "capture.min_free",
    environment: "WAYLAY_CAPTURE_MIN_FREE",
    kind: Kind::Size,
    default: || Value::Size(1 << 30),
    doc: "With less room than this on the disk of the data folder, bodies are not stored, until there is a fifth more; \
          0 means never. Heads are stored in any case.",
};

/// How long sessions are kept.
pub static RETENTION_MAX_AGE: Key = Key {
    name: "retention.max_age",
    environment: "WAYLAY_RETENTION_MAX_AGE",
    kind: Kind::AgeLimit,
    default: || Value::AgeLimit(None),
    doc: "Sessions that ended longer ago than this, and what was sent longer ago, are removed: 30d, 12h, 90m or off. \
          Sessions that are pinned or not over stay.",
};

/// How much is kept.
pub static RETENTION_MAX_SIZE: Key = Key {
    name: "retention.max_size",
    environment: "WAYLAY_RETENTION_MAX_SIZE",
    kind: Kind::SizeLimit,
    default: || Value::SizeLimit(None),
    doc: "When more bytes of the disk than this are in use by the store, the oldest sessions are removed: 10 GiB or off. \
          Sessions that are pinned or not over stay.",
};

/// Extra trust for origins.
pub static UPSTREAM_CA: Key = Key {
    name: "upstream.ca",
    environment: "WAYLAY_UPSTREAM_CA",
    kind: Kind::Files,
    default: || Value::Files(Vec::new()),
    doc: "PEM files with certificates to trust for origins besides those of the system. \
          In the variable, separated as in PATH.",
};

/// Origins without verification.
pub static UPSTREAM_INSECURE_HOSTS: Key = Key {
    name: "upstream.insecure_hosts",
    environment: "WAYLAY_UPSTREAM_INSECURE_HOSTS",
    kind: Kind::Hosts,
    default: || Value::Hosts(Vec::new()),
    doc: "Hosts whose certificates are not verified. In the variable, separated by commas.",
};

/// The limit for handshakes with origins.
pub static UPSTREAM_CONNECT_TIMEOUT: Key = Key {
    name: "upstream.connect_timeout",
    environment: "WAYLAY_UPSTREAM_CONNECT_TIMEOUT",
    kind: Kind::Seconds,
    default: || Value::Seconds(15),
    doc: "Seconds that resolving an origin's name may take, and its TCP handshake, and its TLS handshake.",
};

/// Hosts that are not intercepted.
pub static PASSTHROUGH_HOSTS: Key = Key {
    name: "passthrough.hosts",
    environment: "WAYLAY_PASSTHROUGH_HOSTS",
    kind: Kind::HostPatterns,
    default: || Value::HostPatterns(Vec::new()),
    doc: "Hosts whose tunnels are relayed unread: host, *.host for the names below it, or an IP address, \
          each with or without :port. In the variable, separated by commas.",
};

/// Whether hosts get onto the passthrough list by themselves.
pub static PASSTHROUGH_AUTO: Key = Key {
    name: "passthrough.auto",
    environment: "WAYLAY_PASSTHROUGH_AUTO",
    kind: Kind::Switch,
    default: || Value::Switch(true),
    doc: "Whether a host is relayed unread for a client that has rejected Waylay's certificate for it three times, \
          and accepts it for other hosts.",
};

/// The folder for files.
pub static SEND_FILES_DIR: Key = Key {
    name: "send.files_dir",
    environment: "WAYLAY_SEND_FILES_DIR",
    kind: Kind::File,
    default: || Value::File(None),
    doc: "The folder with the files that requests are made of; none means the folder `files` in the data folder.",
};

/// Whether requests may be made of other files.
pub static SEND_READ_OUTSIDE: Key = Key {
    name: "send.read_outside",
    environment: "WAYLAY_SEND_READ_OUTSIDE",
    kind: Kind::Switch,
    default: || Value::Switch(false),
    doc: "Whether requests may name files elsewhere, by absolute paths. \
          Requests that were imported name files too: theirs are then read and sent.",
};

/// How much is logged.
pub static LOG_LEVEL: Key = Key {
    name: "log.level",
    environment: "WAYLAY_LOG",
    kind: Kind::LogLevel,
    default: || Value::Text("info".into()),
    doc: "What the daemon logs: error, warn, info, debug, trace or off for Waylay itself, \
          and target=level for others, separated by commas.",
};

/// How it is logged.
pub static LOG_FORMAT: Key = Key {
    name: "log.format",
    environment: "WAYLAY_LOG_FORMAT",
    kind: Kind::Choice(&["text", "json"]),
    default: || Value::Text("text".into()),
    doc: "How the daemon logs: text, or json with one object per line.",
};

/// Every setting, in the order of lists.
pub static ALL: [&Key; 18] = [
    &PROXY_PORT,
    &PROXY_LISTEN,
    &PROXY_PASSWORD_FILE,
    &PROXY_HEAD_TIMEOUT,
    &UI_PORT,
    &CAPTURE_RECORD,
    &CAPTURE_MIN_FREE,
    &RETENTION_MAX_AGE,
    &RETENTION_MAX_SIZE,
    &UPSTREAM_CA,
    &UPSTREAM_INSECURE_HOSTS,
    &UPSTREAM_CONNECT_TIMEOUT,
    &PASSTHROUGH_HOSTS,
    &PASSTHROUGH_AUTO,
    &SEND_FILES_DIR,
    &SEND_READ_OUTSIDE,
    &LOG_LEVEL,
    &LOG_FORMAT,
];

impl Key {
    /// The setting of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|key| key.name == name)
    }

    /// The setting that someone who wrote `name` most likely meant; `None` if none is like it.
    pub fn nearest(name: &str) -> Option<&'static Self> {
        /// Below this, names have little more than a letter or two in common.
        const LIKE: f64 = 0.8;
        let likeness = |key: &'static Self| (strsim::jaro_winkler(key.name, name), key);
        let best = ALL.into_iter().map(likeness).max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 >= LIKE).then_some(best.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        for key in ALL {
            assert!(key.name.split_once('.').is_some_and(|(t, k)| !t.is_empty() && !k.contains('.')), "{}", key.name);
            assert!(key.environment.starts_with("WAYLAY_") && key.doc.ends_with('.'));
            let default = (key.default)();
            let words: Vec<String> = default.words();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(key.kind.read_text(&words).as_ref(), Ok(&default), "{} reads its own default", key.name);
            assert_eq!(ALL.iter().filter(|k| k.name == key.name || k.environment == key.environment).count(), 1);
        }
    }

    #[test]
    fn typos_are_recognised() {
        let near = |name| Key::nearest(name).map(|key| key.name);
        assert_eq!(near("proxy.prot"), Some("proxy.port"));
        assert_eq!(near("log.levl"), Some("log.level"));
        assert_eq!(near("upstream.insecure_host"), Some("upstream.insecure_hosts"));
        assert_eq!(near("xyzzy"), None);
    }
}
