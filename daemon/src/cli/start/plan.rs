//! What the daemon runs with, from flags and settings.

use super::StartArgs;
use crate::{
    cli::{report::Report, upstream},
    config::{Config, Value, key},
    data_dir::DataDir,
    engine::Settings,
    upstream::via::Environment,
};
use std::{path::PathBuf, time::Duration};
use waylay_storage::Retention;

/// What the daemon runs with: flags, and below them the settings.
pub(super) struct Plan {
    pub(super) engine: Settings,
    pub(super) ui_port: u16,
    pub(super) open: bool,
}

impl Plan {
    pub(super) fn new(data: &DataDir, args: StartArgs, config: &Config) -> Result<Self, Report> {
        let port = |flag: Option<u16>, key| match config.value(key) {
            Value::Port(port) => flag.unwrap_or(*port),
            _ => flag.unwrap_or_default(),
        };
        let absolute = |path: PathBuf| {
            std::path::absolute(&path).map_err(|error| Report::io(format!("cannot use {}", path.display()), error))
        };
        let listen = match config.value(&key::PROXY_LISTEN) {
            Value::Addresses(addresses) => addresses.clone(),
            _ => Vec::new(),
        };
        let proxy_password = match (args.proxy_password_file, config.value(&key::PROXY_PASSWORD_FILE)) {
            (Some(file), _) => Some(absolute(file)?),
            (None, Value::File(file)) => file.clone(),
            _ => None,
        };
        let upstream_ca = match config.value(&key::UPSTREAM_CA) {
            Value::Files(files) if args.upstream_ca.is_empty() => files.clone(),
            _ => args.upstream_ca.into_iter().map(absolute).collect::<Result<_, _>>()?,
        };
        let insecure_upstream = match config.value(&key::UPSTREAM_INSECURE_HOSTS) {
            Value::Hosts(hosts) if args.insecure_upstream.is_empty() => hosts.clone(),
            _ => args.insecure_upstream,
        };
        let upstream_proxies = args.upstream.as_deref().map(upstream::given).transpose()?;
        let passthrough = match config.value(&key::PASSTHROUGH_HOSTS) {
            Value::HostPatterns(patterns) if args.passthrough.is_empty() => patterns.clone(),
            _ => args.passthrough,
        };
        let automatic = *config.value(&key::PASSTHROUGH_AUTO) == Value::Switch(true);
        let connect_timeout = match config.value(&key::UPSTREAM_CONNECT_TIMEOUT) {
            Value::Seconds(seconds) => Duration::from_secs(*seconds),
            _ => Settings::CONNECT_TIMEOUT,
        };
        let head_timeout = match config.value(&key::PROXY_HEAD_TIMEOUT) {
            Value::Seconds(seconds) => Duration::from_secs(*seconds),
            _ => Settings::HEAD_TIMEOUT,
        };
        let min_free = match config.value(&key::CAPTURE_MIN_FREE) {
            Value::Size(bytes) => *bytes,
            _ => Settings::MIN_FREE,
        };
        let max_age = match config.value(&key::RETENTION_MAX_AGE) {
            Value::AgeLimit(minutes) => minutes.map(|minutes| Duration::from_secs(minutes * 60)),
            _ => None,
        };
        let max_size = match config.value(&key::RETENTION_MAX_SIZE) {
            Value::SizeLimit(bytes) => *bytes,
            _ => None,
        };
        let files_dir = match config.value(&key::SEND_FILES_DIR) {
            Value::File(folder) => folder.clone(),
            _ => None,
        };
        let read_outside = *config.value(&key::SEND_READ_OUTSIDE) == Value::Switch(true);
        let record = !args.no_record && *config.value(&key::CAPTURE_RECORD) == Value::Switch(true);
        let engine = Settings {
            data_dir: data.path().to_owned(),
            proxy_port: port(args.port, &key::PROXY_PORT),
            listen,
            listen_besides: args.listen,
            proxy_password,
            upstream_ca,
            insecure_upstream,
            upstream_proxies,
            environment: Environment::read(|name| std::env::var(name).ok()),
            connect_timeout,
            head_timeout,
            passthrough,
            automatic_passthrough: automatic && !args.no_auto_passthrough,
            min_free,
            retention: Retention { max_age, max_size },
            files_dir,
            read_outside,
            record,
            rules: args.rules.rules()?.unwrap_or_default(),
            hoppscotch: args.hoppscotch,
            hoppscotch_port: args.hoppscotch_port,
            ..Settings::default()
        };
        Ok(Self { engine, ui_port: port(args.ui_port, &key::UI_PORT), open: args.open })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_beat_settings() {
        let data = DataDir::locate(Some("/nowhere".into()), None).unwrap();
        let variables =
            [("WAYLAY_PROXY_PORT", "1"), ("WAYLAY_UI_PORT", "2"), ("WAYLAY_UPSTREAM_INSECURE_HOSTS", "a,b")];
        let get = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into());
        let config = Config::load(&data.config_file().unwrap(), get).unwrap();
        let args = StartArgs { port: Some(9), listen: vec!["10.0.0.1".parse().unwrap()], ..StartArgs::default() };
        let plan = Plan::new(&data, args, &config).unwrap();
        assert_eq!((plan.engine.proxy_port, plan.ui_port), (9, 2));
        assert_eq!(plan.engine.insecure_upstream, ["a", "b"]);
        assert_eq!((plan.engine.listen.len(), plan.engine.listen_besides.len()), (0, 1));
        assert!(plan.engine.record);
        let quiet = StartArgs { no_record: true, ..StartArgs::default() };
        assert!(!Plan::new(&data, quiet, &config).unwrap().engine.record);
    }
}
