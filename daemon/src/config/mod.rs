//! Settings: flag > `WAYLAY_*` variable > `config.toml` > default.
//!
//! - [`key`]: the one table of settings with their types, bounds, defaults and explanations
//! - [`value`]: what a setting can hold, and how it is read from text and from TOML
//! - [`host_pattern`]: patterns of hosts
//! - [`file`](mod@file): `config.toml`, read with positions and written with comments kept
//!
//! Flags are the command line's own; this module knows the other three sources.

pub mod file;
pub mod host_pattern;
pub mod key;
pub mod value;
pub mod web_origin;

pub use host_pattern::{BadPattern, Host, HostPattern};
pub use key::Key;
pub use value::Value;
pub use web_origin::{BadOrigin, WebOrigin};

use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

/// Every setting with its value and where that came from.
#[derive(Clone, Debug)]
pub struct Config {
    settings: Vec<Setting>,
    /// What is wrong with the file without making it unusable; sentences for the user.
    pub warnings: Vec<String>,
}

/// One setting as it holds.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Which.
    pub key: &'static Key,
    /// Its value.
    pub value: Value,
    /// Where the value came from.
    pub origin: Origin,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// `config.toml`.
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        name: &'static str,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment { name } => f.write_str(name),
        }
    }
}

impl Config {
    /// Reads the file, if it is there, and the variables that `environment` knows.
    ///
    /// # Errors
    /// [`ConfigError`] for a file that cannot be read or parsed, and for a value out of its bounds.
    pub fn load(path: &Path, environment: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let file = file::read(path)?;
        let settings = key::ALL.iter().map(|key| {
            let (value, origin) = match (environment(key.environment), file.value(key)) {
                (Some(text), _) => (from_environment(key, &text)?, Origin::Environment { name: key.environment }),
                (None, Some((value, line))) => (value.clone(), Origin::File { path: path.to_owned(), line }),
                (None, None) => ((key.default)(), Origin::Default),
            };
            Ok(Setting { key, value, origin })
        });
        Ok(Self { settings: settings.collect::<Result<_, ConfigError>>()?, warnings: file.warnings })
    }

    /// All settings, in the table's order.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// One setting.
    pub fn setting(&self, key: &Key) -> &Setting {
        let found = self.settings.iter().find(|setting| setting.key.name == key.name);
        // Invariant: `load` makes one setting of each key of the table, and keys exist nowhere else.
        found.expect("every key of the table has a setting")
    }

    /// One setting's value.
    pub fn value(&self, key: &Key) -> &Value {
        &self.setting(key).value
    }
}

fn from_environment(key: &'static Key, text: &OsString) -> Result<Value, ConfigError> {
    let refused = |reason| ConfigError::Environment { name: key.environment, reason };
    let text = text.to_str().ok_or_else(|| refused("it is not valid Unicode".into()))?;
    key.kind.read_text(&key.kind.split(text)).map_err(refused)
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there but cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{}:{line}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// A value in the file is out of its bounds.
    #[error("{}:{line}: {key}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The setting's name.
        key: &'static str,
        /// What it must be.
        reason: String,
    },
    /// A variable's value is out of its bounds.
    #[error("{name}: {reason}")]
    Environment {
        /// The variable.
        name: &'static str,
        /// What it must be.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path, |name| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into()))
    }

    fn message(text: &str, environment: &[(&str, &str)]) -> String {
        let message = load(text, environment).unwrap_err().to_string();
        message.split_once("config.toml").map_or(message.clone(), |(_, rest)| rest.to_owned())
    }

    #[test]
    fn the_environment_beats_the_file_beats_the_default() {
        let config = load("# mine\n[proxy]\nport = 1\n\n[ui]\nport = 2\n", &[("WAYLAY_PROXY_PORT", "3")]).unwrap();
        let proxy = config.setting(&key::PROXY_PORT);
        assert_eq!((&proxy.value, proxy.origin.to_string()), (&Value::Port(3), "WAYLAY_PROXY_PORT".into()));
        let ui = config.setting(&key::UI_PORT);
        assert_eq!(ui.value, Value::Port(2));
        assert!(matches!(ui.origin, Origin::File { line: 6, .. }), "{:?}", ui.origin);
        let record = config.setting(&key::CAPTURE_RECORD);
        assert_eq!((&record.value, &record.origin), (&Value::Switch(true), &Origin::Default));
        assert!(config.warnings.is_empty());
    }

    #[test]
    fn a_missing_file_is_all_defaults() {
        let config = Config::load(Path::new("/nowhere/config.toml"), |_| None).unwrap();
        assert!(config.settings().iter().all(|s| s.origin == Origin::Default));
        assert_eq!(config.settings().len(), key::ALL.len());
    }

    #[test]
    fn a_bad_value_names_its_place() {
        assert_eq!(message("\n[proxy]\nport = 70000", &[]), ":3: proxy.port: it must be a port, 0 to 65535");
        assert_eq!(message("proxy.port = \"x\"", &[]), ":1: proxy.port: it must be a port, 0 to 65535");
        assert_eq!(message("proxy = 1", &[]), ":1: proxy: it must be a table");
        assert!(message("a = [", &[]).starts_with(":1: "));
        assert_eq!(
            message("", &[("WAYLAY_CAPTURE_RECORD", "maybe")]),
            "WAYLAY_CAPTURE_RECORD: it must be true or false"
        );
    }

    #[test]
    fn an_unknown_key_is_a_warning_with_the_nearest_name() {
        let config = load("[proxy]\nprot = 1\n[zzz]\nqqq = 2\n[ui]\nport = 9", &[]).unwrap();
        assert_eq!(config.value(&key::UI_PORT), &Value::Port(9));
        let ends: Vec<_> = config.warnings.iter().map(|w| w.split_once("config.toml").unwrap().1).collect();
        assert_eq!(
            ends,
            [
                ":2: unknown setting proxy.prot is ignored; did you mean proxy.port?",
                ":4: unknown setting zzz.qqq is ignored"
            ]
        );
    }
}
