//! `waylay config`: reading and changing settings.

use super::{
    Context,
    escape::escaped,
    output::{Format, notice},
    report::{Exit, Report},
};
use crate::config::{Config, Key, Origin, file, key};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What can be done with settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show all settings and where each comes from.
    List,
    /// Print one setting.
    Get(GetArgs),
    /// Change one setting in the file.
    Set(SetArgs),
    /// Print the path of the file.
    Path,
}

/// Arguments of `waylay config get`.
#[derive(Debug, Args)]
pub struct GetArgs {
    /// The setting, as in `proxy.port`.
    pub key: String,
    /// Say which source won, and what it is for.
    #[arg(long)]
    pub explain: bool,
}

/// Arguments of `waylay config set`.
#[derive(Debug, Args)]
pub struct SetArgs {
    /// The setting, as in `proxy.port`.
    pub key: String,
    /// Its value; several for a list.
    #[arg(value_name = "VALUE", required_unless_present = "unset")]
    pub values: Vec<String>,
    /// Take it out of the file, so that the default holds.
    #[arg(long, conflicts_with = "values")]
    pub unset: bool,
}

/// Reads the settings, and passes on what is wrong with the file.
pub(super) fn load(context: &Context) -> Result<Config, Report> {
    let config = Config::load(&context.data.config_file()?, |name| std::env::var_os(name))?;
    for warning in &config.warnings {
        notice(format_args!("warning: {}", escaped(warning)));
    }
    Ok(config)
}

pub(super) fn config(context: &Context, command: &ConfigCommand) -> Result<Exit, Report> {
    match command {
        ConfigCommand::List => list(context),
        ConfigCommand::Get(args) => get(context, args),
        ConfigCommand::Set(args) => set(context, args),
        ConfigCommand::Path => path(context),
    }
}

fn list(context: &Context) -> Result<Exit, Report> {
    let config = load(context)?;
    let output = &context.output;
    match output.format {
        Format::Json => {
            let items: Vec<Value> = config.settings().iter().map(|s| document(s.key, &config)).collect();
            output.document(&json!({ "items": items }))?;
        }
        Format::Jsonl => {
            for setting in config.settings() {
                output.line(&document(setting.key, &config))?;
            }
        }
        Format::Text => {
            for setting in config.settings() {
                let (name, value) = (setting.key.name, setting.value.to_string());
                let origin = output.paint.dim(format_args!("({})", setting.origin));
                output.text(format_args!("{name:<24} {:<24} {origin}\n", escaped(&value)))?;
            }
        }
    }
    Ok(Exit::OK)
}

fn get(context: &Context, args: &GetArgs) -> Result<Exit, Report> {
    let key = named(&args.key)?;
    let config = load(context)?;
    let setting = config.setting(key);
    let output = &context.output;
    if output.format != Format::Text {
        output.document(&document(key, &config))?;
    } else if args.explain {
        let value = setting.value.to_string();
        output.text(format_args!("{} = {}\n  from {}\n", key.name, escaped(&value), winner(&setting.origin)))?;
        output.text(format_args!("  default {}\n  {}\n", shown_default(key), key.doc))?;
        output.text("  a flag of `start` beats the variable, the variable the file, the file the default\n")?;
    } else {
        for word in setting.value.words() {
            output.text(format_args!("{}\n", escaped(&word)))?;
        }
    }
    Ok(Exit::OK)
}

fn winner(origin: &Origin) -> String {
    match origin {
        Origin::Default => "the default".into(),
        Origin::File { path, line } => format!("the file {}, line {line}", path.display()),
        Origin::Environment { name } => format!("the environment variable {name}"),
    }
}

fn shown_default(key: &Key) -> String {
    let text = (key.default)().to_string();
    if text.is_empty() { "(none)".into() } else { text }
}

fn set(context: &Context, args: &SetArgs) -> Result<Exit, Report> {
    let key = named(&args.key)?;
    let words: Vec<&str> = args.values.iter().map(String::as_str).collect();
    let value = match args.unset {
        true => None,
        false => Some(key.kind.read_text(&words).map_err(|reason| {
            Report::new(Exit::USAGE, format!("{} cannot be set to '{}'", key.name, words.join(" "))).because(reason)
        })?),
    };
    let path = config_file(context)?;
    file::set(&path, key, value.as_ref())?;
    if std::env::var_os(key.environment).is_some() {
        notice(format_args!("the environment variable {} still beats the file", key.environment));
    }
    Ok(Exit::OK)
}

/// Where settings are written to; a data folder that holds them is created as safely as by the daemon.
fn config_file(context: &Context) -> Result<PathBuf, Report> {
    let path = context.data.config_file()?;
    if path.parent() == Some(context.data.path()) {
        context.data.create()?;
    }
    Ok(path)
}

fn path(context: &Context) -> Result<Exit, Report> {
    let path = context.data.config_file()?;
    match context.output.format {
        Format::Text => context.output.text(format_args!("{}\n", path.display()))?,
        _ => context.output.document(&json!({ "path": path, "exists": Path::exists(&path) }))?,
    }
    Ok(Exit::OK)
}

fn document(key: &'static Key, config: &Config) -> Value {
    let setting = config.setting(key);
    let origin = match &setting.origin {
        Origin::Default => json!({ "kind": "default" }),
        Origin::File { path, line } => json!({ "kind": "file", "path": path, "line": line }),
        Origin::Environment { name } => json!({ "kind": "environment", "name": name }),
    };
    json!({ "key": key.name, "value": setting.value, "default": (key.default)(), "origin": origin, "doc": key.doc })
}

fn named(name: &str) -> Result<&'static Key, Report> {
    Key::named(name).ok_or_else(|| {
        let report = Report::new(Exit::NOT_FOUND, format!("there is no setting '{name}'"));
        match Key::nearest(name) {
            Some(key) => report.advise(format!("Did you mean {}?", key.name)),
            None => {
                let all: Vec<&str> = key::ALL.iter().map(|key| key.name).collect();
                report.advise(format!("There are {}.", all.join(", ")))
            }
        }
    })
}
