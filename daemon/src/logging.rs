//! The daemon's log: a rotated file in the data folder, for its owner alone.
//!
//! At the default level nothing secret is logged. Levels named without a target hold for Waylay's own code only,
//! which logs neither header values nor URL queries at any level; what other crates log about the traffic they
//! carry (hudsucker logs whole URLs at `info`, and every client that hangs up at `error`) is kept out unless its target is
//! named.

use crate::platform;
use file_rotate::{ContentLimit, FileRotate, compression::Compression, suffix::AppendCount};
use std::{
    fmt,
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    sync::Mutex,
};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{Directive, Targets},
    fmt::{format::FmtSpan, layer},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// The crates a level without a target holds for.
const OWN: [&str; 3] = ["waylay", "waylay_storage", "waylay_ca"];
/// What everyone else may log. hudsucker calls it an error when a client sends garbage or hangs up.
const OTHERS: [&str; 2] = ["warn", "hudsucker=off"];
/// A file is put aside when it has grown beyond this many bytes.
const FILE_SIZE: usize = 8 << 20;
/// How many files are put aside before the oldest is removed.
const OLD_FILES: usize = 3;

/// What is logged, as the user writes it: `debug`, or `info,h2=debug`.
#[derive(Debug)]
pub struct Filter(EnvFilter);

impl Filter {
    /// Reads comma-separated levels and `target=level` directives.
    ///
    /// # Errors
    /// [`BadFilter`], naming the part that is neither.
    pub fn parse(text: &str) -> Result<Self, BadFilter> {
        let mut filter = EnvFilter::default();
        let (levels, directives): (Vec<&str>, Vec<&str>) =
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).partition(|part| !part.contains(['=', '[']));
        let own = match levels[..] {
            [] => LevelFilter::INFO,
            [level] => level.parse().map_err(|_| BadFilter(level.into()))?,
            [_, second, ..] => return Err(BadFilter(second.into())),
        };
        let own = OWN.iter().map(|target| format!("{target}={own}"));
        for part in OTHERS.into_iter().map(str::to_owned).chain(own).chain(directives.into_iter().map(str::to_owned)) {
            let directive: Directive = part.parse().map_err(|_| BadFilter(part.clone()))?;
            filter = filter.add_directive(directive);
        }
        Ok(Self(filter))
    }
}

/// A part of a filter that is neither a level nor a directive.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a log level: it takes one of off, error, warn, info, debug, trace, and target=level for other code"
)]
pub struct BadFilter(String);

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something else logs already.
    #[error("logging has been set up before")]
    Twice,
}

/// Sends what is logged from here on to `waylay.log` in `folder`, which must be there; with `console`, Waylay's own
/// warnings and errors also go to standard error.
///
/// # Errors
/// [`LogError`].
pub fn init(folder: &Path, filter: Filter, format: Format, console: bool) -> Result<(), LogError> {
    let path = folder.join("waylay.log");
    let file = Mutex::new(rotated(&path).map_err(|source| LogError::Io { path, source })?);
    let file = match format {
        Format::Text => layer().with_writer(file).with_ansi(false).with_span_events(FmtSpan::NONE).boxed(),
        Format::Json => layer().with_writer(file).json().flatten_event(true).with_span_list(false).boxed(),
    };
    let own = Targets::new().with_targets(OWN.map(|target| (target, LevelFilter::WARN)));
    let console = console.then(|| layer().with_writer(io::stderr).without_time().with_target(false).with_filter(own));
    let all = tracing_subscriber::registry().with(file.with_filter(filter.0)).with(console);
    all.try_init().map_err(|_| LogError::Twice)
}

fn rotated(path: &Path) -> io::Result<FileRotate<AppendCount>> {
    let mut options = OpenOptions::new();
    platform::private_file(options.read(true).create(true).append(true));
    // The rotation itself keeps quiet about a file it cannot open.
    options.open(path)?;
    let limit = ContentLimit::BytesSurpassed(FILE_SIZE);
    Ok(FileRotate::new(path, AppendCount::new(OLD_FILES), limit, Compression::None, Some(options)))
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn directives(text: &str) -> Vec<String> {
        let mut all: Vec<_> = Filter::parse(text).unwrap().to_string().split(',').map(str::to_owned).collect();
        all.sort();
        all
    }

    #[test]
    fn a_level_holds_for_our_own_code_only() {
        let wanted = ["hudsucker=off", "warn", "waylay=trace", "waylay_ca=trace", "waylay_storage=trace"];
        assert_eq!(directives("trace"), wanted);
        assert_eq!(directives(""), wanted.map(|d| d.replace("trace", "info")));
        assert!(directives("debug,h2=info").contains(&"h2=info".to_owned()));
        assert!(directives("hudsucker=info").contains(&"hudsucker=info".to_owned()), "the user's word is the last");
    }

    #[test]
    fn what_is_no_level_is_named() {
        assert_eq!(Filter::parse("loud").unwrap_err(), BadFilter("loud".into()));
        assert_eq!(Filter::parse("info,debug").unwrap_err(), BadFilter("debug".into()));
        assert_eq!(Filter::parse("info,a=loud").unwrap_err(), BadFilter("a=loud".into()));
    }

    #[test]
    fn files_are_private_and_few() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = rotated(&dir.path().join("waylay.log")).unwrap();
        let block = vec![b'x'; FILE_SIZE / 2 + 1];
        for _ in 0..2 * (OLD_FILES + 3) {
            file.write_all(&block).unwrap();
        }
        let files: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), OLD_FILES + 1);
        for file in files {
            assert_eq!(platform::open_to_others(&file.metadata().unwrap()), None, "{:?}", file.path());
        }
        assert!(rotated(&dir.path().join("missing/waylay.log")).is_err());
    }
}
