//! The errors of other modules in the words of a [`Report`].

use super::{
    exchange,
    report::{Exit, Report, exit_of},
};
use crate::{
    collection::{ReadError, gather::GatherError},
    config::ConfigError,
    data_dir::DataDirError,
    engine::StartError,
    engine::collections::CollectionError,
    logging::LogError,
    platform,
    proxy::password::PasswordError,
};
use waylay_ca::CaError;
use waylay_storage::{FilterError, StoreError, model::BadId};

impl From<DataDirError> for Report {
    fn from(error: DataDirError) -> Self {
        let exit = match &error {
            DataDirError::Symlink { .. } | DataDirError::ForeignOwner { .. } | DataDirError::OpenToOthers { .. } => {
                Exit::PERMISSION
            }
            DataDirError::Io { source, .. } => exit_of(source),
            DataDirError::NotAFolder { .. } | DataDirError::NoHome => Exit::IO,
            DataDirError::Held { .. } => Exit::IN_USE,
        };
        let other = "Name another folder with --data-dir.";
        match error {
            DataDirError::NoHome => Self::new(exit, error).advise("Name one with --data-dir."),
            DataDirError::Symlink { .. } => Self::new(exit, error)
                .because("whoever made the link decides where captured data goes")
                .advise("Name the folder itself with --data-dir."),
            DataDirError::ForeignOwner { .. } => {
                Self::new(exit, error).because("its owner could read what is captured").advise(other)
            }
            DataDirError::OpenToOthers { ref path, .. } => {
                let fix = format!("Type `chmod 700 '{}'`, or name another folder with --data-dir.", path.display());
                Self::new(exit, error).advise(fix)
            }
            DataDirError::NotAFolder { .. } => Self::new(exit, error).advise(other),
            DataDirError::Held { path, holder } => held(&path, holder.as_deref()),
            DataDirError::Io { path, source } => Self::io(format!("cannot use {}", path.display()), source)
                .advise("Mend that, or name another folder with --data-dir."),
        }
    }
}

fn held(path: &std::path::Path, holder: Option<&crate::data_dir::Instance>) -> Report {
    let report = Report::new(Exit::IN_USE, format!("the data folder {} is in use", path.display()));
    let report = match holder {
        Some(holder) => {
            let list = |addresses: &[std::net::SocketAddr]| {
                addresses.iter().map(|address| address.to_string()).collect::<Vec<_>>().join(" and ")
            };
            report.because(format!(
                "the daemon with process id {} has it; its proxy is on {}, its UI on {}",
                holder.pid,
                list(&holder.proxy),
                list(&holder.ui)
            ))
        }
        None => report.because("a daemon that has it is starting or ending, or `waylay ca rotate` is under way"),
    };
    report.advise("Type `waylay status` to see it, `waylay stop` to end it, or `--data-dir FOLDER` for a second one.")
}

impl From<ConfigError> for Report {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Io { path, source } => Self::io(format!("cannot use {}", path.display()), source),
            other => Self::new(Exit::USAGE, other).advise("`waylay config list` shows the settings."),
        }
    }
}

impl From<LogError> for Report {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Io { path, source } => Self::io(format!("cannot write {}", path.display()), source),
            LogError::Twice => Self::new(Exit::IO, error),
        }
    }
}

impl From<StoreError> for Report {
    fn from(error: StoreError) -> Self {
        if let Some(report) = exchange::explain(&error) {
            return report;
        }
        match &error {
            StoreError::Missing { .. } => Self::new(Exit::NOT_FOUND, &error)
                .because("nothing has been captured there yet")
                .advise("`waylay start` or `waylay run -- COMMAND` begins."),
            StoreError::Unsafe { .. } => {
                Self::new(Exit::PERMISSION, &error).advise("Name another folder with --data-dir.")
            }
            StoreError::Io { source, .. } => Self::new(exit_of(source), &error).caused_by(error),
            StoreError::BadId(id) => Self::from(id.clone()),
            StoreError::NoSession(_) => Self::new(Exit::NOT_FOUND, &error),
            _ => Self::new(Exit::IO, &error).caused_by(error),
        }
    }
}

impl From<CollectionError> for Report {
    fn from(error: CollectionError) -> Self {
        match error {
            CollectionError::Store(error) | CollectionError::Gather(GatherError::Store(error)) => error.into(),
            CollectionError::Gather(GatherError::Nothing) => {
                Self::new(Exit::NOT_FOUND, error.to_string()).advise("`waylay ls FILTER` shows what a filter matches.")
            }
            CollectionError::Unreadable(_) | CollectionError::Gather(GatherError::Captured(_)) => {
                Self::new(Exit::IO, error.to_string())
            }
            CollectionError::Unfit(_) | CollectionError::Over(_) | CollectionError::Gather(_) => {
                Self::new(Exit::USAGE, error.to_string())
            }
        }
    }
}

impl From<ReadError> for Report {
    fn from(error: ReadError) -> Self {
        CollectionError::from(error).into()
    }
}

impl From<BadId> for Report {
    fn from(error: BadId) -> Self {
        Self::new(Exit::NOT_FOUND, error).advise("`waylay ls` shows the ids; @last is the newest.")
    }
}

impl From<FilterError> for Report {
    fn from(error: FilterError) -> Self {
        Self::new(Exit::USAGE, format!("the filter is not understood: {error}"))
    }
}

impl From<CaError> for Report {
    fn from(error: CaError) -> Self {
        let exit = match &error {
            CaError::Missing { .. } => Exit::NOT_FOUND,
            CaError::Symlink { .. } | CaError::ForeignOwner { .. } | CaError::TooOpen { .. } => Exit::PERMISSION,
            CaError::Io { error, .. } => exit_of(error),
            _ => Exit::IO,
        };
        Self::new(exit, &error).advise(error.hint()).caused_by(error)
    }
}

impl From<StartError> for Report {
    fn from(error: StartError) -> Self {
        match error {
            StartError::AddressInUse { addr } => port_taken(addr, "--port"),
            StartError::Bind { addr, source } => cannot_listen(addr, source, "--port"),
            StartError::Trust(_) => {
                Self::new(Exit::IO, error).advise("--upstream-ca takes a file with certificates in PEM form.")
            }
            StartError::Passthrough { .. } => Self::new(Exit::IO, error)
                .advise("Mend the file, or delete it and type `waylay passthrough add HOST` for each host again."),
            StartError::Ways { .. } => Self::new(Exit::IO, error).advise(
                "Mend the file, or move it away, and type `waylay upstream set` or `waylay certificate add` again.",
            ),
            StartError::Password(error) => {
                let exit = match &error {
                    PasswordError::Io { source, .. } => exit_of(source),
                    PasswordError::Bad { .. } => Exit::USAGE,
                };
                Self::new(exit, error).advise("--proxy-password-file takes a file with the password as its one line.")
            }
            StartError::Files { .. } => Self::new(Exit::IO, error)
                .advise("Type `waylay config set send.files_dir FOLDER` to use another folder."),
            StartError::Threads(source) => Self::io("cannot start worker threads", source),
            StartError::Store(error) => error.into(),
            StartError::Session(error) => Self::new(Exit::IO, error),
            StartError::Ca(error) => error.into(),
        }
    }
}

/// What to say when the system does not give us an address; `flag` is the one that chooses another port.
pub fn cannot_listen(address: std::net::SocketAddr, error: std::io::Error, flag: &str) -> Report {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => port_taken(address, flag),
        std::io::ErrorKind::PermissionDenied => Report::io(format!("cannot listen on {address}"), error)
            .advise(format!("Ports below 1024 are the system's: type `{flag} 0` for any free one.")),
        _ => Report::io(format!("cannot listen on {address}"), error),
    }
}

/// What to say when somebody else listens on an address; `flag` is the one that chooses another port.
pub fn port_taken(address: std::net::SocketAddr, flag: &str) -> Report {
    let advice = format!("Stop that program, or type `waylay start {flag} 0` for any free port.");
    address_taken(address).advise(advice)
}

/// The same where no other port will do.
pub fn address_taken(address: std::net::SocketAddr) -> Report {
    let report = Report::new(Exit::IN_USE, format!("{address} is already in use"));
    match platform::port_holder(address) {
        Some(holder) => report.because(format!("the program that has it is {holder}")),
        None => report,
    }
}
