//! `waylay environment`: variables of requests. What shows them reads the store, with and without a daemon; what changes
//! them asks the daemon, or does it itself where none runs.
//!
//! - `list`, `show`: what there is, secrets masked
//! - `change`: environments and their variables
//! - `files`: of Postman, both ways
//! - [`value`]: values that need not stand in the command line

mod change;
pub(super) mod files;
mod list;
mod show;
pub mod value;

use super::{
    Context,
    report::{Exit, Report},
};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use waylay_storage::{Reader, model::Environment};

/// What can be done with environments.
#[derive(Debug, Subcommand)]
pub enum EnvironmentCommand {
    /// List environments by name.
    #[command(visible_alias = "ls")]
    List,
    /// Show the variables of an environment, or the globals.
    Show(ShowArgs),
    /// Make an environment.
    New(NewArgs),
    /// Set variables of an environment, or globals.
    Set(SetArgs),
    /// Remove variables from an environment, or globals.
    Unset(UnsetArgs),
    /// Have requests sent with an environment from now on, or with none.
    Use(UseArgs),
    /// Take over an environment or globals from a file of Postman.
    Import(ImportArgs),
    /// Write an environment, or the globals, to a file that Postman reads. Values of secrets are left empty.
    Export(ExportArgs),
    /// Give an environment another name.
    Rename(RenameArgs),
    /// Remove an environment for good.
    Rm(NamedArgs),
}

/// An environment on the command line, or the globals.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Its number or its name, or @active (the default).
    #[arg(value_name = "ENVIRONMENT", default_value = "@active", hide_default_value = true)]
    pub name: String,

    /// The globals instead.
    #[arg(long, conflicts_with = "name")]
    pub globals: bool,

    /// Show the values of secrets, too.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub secrets: Secrets,
}

/// What becomes of the values of secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Secrets {
    /// They are left out.
    #[default]
    Mask,
    /// They are shown.
    Show,
}

/// Arguments of `waylay environment new`.
#[derive(Debug, Args)]
#[command(after_help = value::HELP)]
pub struct NewArgs {
    /// Its name.
    pub name: String,

    /// Variables, as for `waylay environment set`.
    #[arg(value_name = "KEY=VALUE")]
    pub variables: Vec<String>,

    /// The values are secret.
    #[arg(long)]
    pub secret: bool,

    /// Take values as they are written, also with env: or @ before them.
    #[arg(long)]
    pub literal: bool,
}

/// Arguments of `waylay environment set`.
#[derive(Debug, Args)]
#[command(after_help = value::HELP)]
#[command(override_usage = "waylay environment set [OPTIONS] <ENVIRONMENT|--globals> <KEY=VALUE>...")]
pub struct SetArgs {
    /// An environment (its number or its name, or @active) and its variables.
    #[arg(value_name = "ENVIRONMENT KEY=VALUE", required = true)]
    pub words: Vec<String>,

    /// Of the globals; then no environment is named.
    #[arg(long)]
    pub globals: bool,

    /// The values are secret: masked, and exported empty.
    #[arg(long)]
    pub secret: bool,

    /// The values are not secret.
    #[arg(long, conflicts_with = "secret")]
    pub public: bool,

    /// Take values as they are written, also with env: or @ before them.
    #[arg(long)]
    pub literal: bool,
}

/// Arguments of `waylay environment unset`.
#[derive(Debug, Args)]
#[command(override_usage = "waylay environment unset [OPTIONS] <ENVIRONMENT|--globals> <KEY>...")]
pub struct UnsetArgs {
    /// An environment (its number or its name, or @active) and names of its variables.
    #[arg(value_name = "ENVIRONMENT KEY", required = true)]
    pub words: Vec<String>,

    /// Of the globals; then no environment is named.
    #[arg(long)]
    pub globals: bool,
}

/// Arguments of `waylay environment use`.
#[derive(Debug, Args)]
pub struct UseArgs {
    /// Its number or its name.
    #[arg(value_name = "ENVIRONMENT", required_unless_present = "none")]
    pub name: Option<String>,

    /// None of them.
    #[arg(long, conflicts_with = "name")]
    pub none: bool,
}

/// Arguments of `waylay environment import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file; - for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Arguments of `waylay environment export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Its number or its name, or @active (the default).
    #[arg(value_name = "ENVIRONMENT", default_value = "@active", hide_default_value = true)]
    pub name: String,

    /// The globals instead.
    #[arg(long, conflicts_with = "name")]
    pub globals: bool,

    /// The file; - for standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `waylay environment rename`.
#[derive(Debug, Args)]
pub struct RenameArgs {
    /// Its number or its name, or @active.
    #[arg(value_name = "ENVIRONMENT")]
    pub name: String,

    /// Its name from now on.
    pub new: String,
}

/// An environment on the command line.
#[derive(Debug, Args)]
pub struct NamedArgs {
    /// Its number or its name, or @active.
    #[arg(value_name = "ENVIRONMENT")]
    pub name: String,
}

pub(super) fn environment(context: &Context, command: &EnvironmentCommand) -> Result<Exit, Report> {
    match command {
        EnvironmentCommand::List => list::list(context),
        EnvironmentCommand::Show(args) => show::show(context, args),
        EnvironmentCommand::New(args) => change::new(context, args),
        EnvironmentCommand::Set(args) => change::set(context, args),
        EnvironmentCommand::Unset(args) => change::unset(context, args),
        EnvironmentCommand::Use(args) => change::activate(context, args),
        EnvironmentCommand::Import(args) => files::import(context, &args.file),
        EnvironmentCommand::Export(args) => files::export(context, args),
        EnvironmentCommand::Rename(args) => change::rename(context, args),
        EnvironmentCommand::Rm(args) => change::rm(context, &args.name),
    }
}

fn reader(context: &Context) -> Result<Reader, Report> {
    context.data.check()?;
    Ok(Reader::open(context.data.path())?)
}

/// The environment that is meant: by its number, its name, or as the active one.
fn find(reader: &Reader, name: &str) -> Result<Environment, Report> {
    let hint = "`waylay environment list` shows them; `waylay environment new NAME` makes one.";
    if name == "@active" {
        return reader.active_environment()?.ok_or_else(|| {
            Report::new(Exit::NOT_FOUND, "no environment is active")
                .advise("Name one, or make one active with `waylay environment use`.")
        });
    }
    if let Ok(id) = name.parse()
        && let Some(found) = reader.environment(id)?
    {
        return Ok(found);
    }
    let mut found: Vec<_> = reader.environments()?.into_iter().filter(|e| e.name == name).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Report::new(Exit::NOT_FOUND, format!("there is no environment '{name}'")).advise(hint)),
        _ => {
            let ids: Vec<_> = found.iter().map(|e| e.id.to_string()).collect();
            Err(Report::new(Exit::USAGE, format!("several environments are called '{name}'"))
                .advise(format!("Name one by its number: {}.", ids.join(", "))))
        }
    }
}
