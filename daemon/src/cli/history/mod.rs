//! `waylay history`: what was sent from here, and every session as one entry. What shows it reads the store, with and
//! without a daemon.
//!
//! - `list`: entries, newest last; `show`: all about one
//! - `change`: deleting, adding, and what is stored

mod change;
mod list;
mod show;

use super::{
    Context,
    report::{Exit, Report},
};
use clap::{Args, Subcommand};
use waylay_storage::Reader;

/// What can be done with the history.
#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// List what was sent, and sessions, newest last.
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Show one entry: the request as it was written, its exchanges, why it failed.
    Show(ShowArgs),
    /// Delete entries with what was sent; for half a minute they can be brought back.
    Rm(RmArgs),
    /// Delete everything that was sent or added. Sessions stay.
    ///
    /// For 30 seconds, `waylay rm --undo N` brings it back.
    Clear(ClearArgs),
    /// Add a captured exchange. Nothing is sent.
    Add(AddArgs),
    /// Show what is stored of what is sent, or change it.
    Settings(SettingsArgs),
}

/// Arguments of `waylay history list`.
#[derive(Debug, Args)]
#[command(after_help = "A filter is what `waylay ls` takes: entries are listed if one of their exchanges matches it.")]
pub struct ListArgs {
    /// What an exchange of the entries must match; then there are no sessions.
    pub filter: Vec<String>,

    /// Only earlier sends of the same request as this one.
    #[arg(long, value_name = "N")]
    pub like: Option<i64>,

    /// The newest N [default: 50].
    #[arg(short = 'n', long = "limit", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,

    /// All of them.
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
}

/// Arguments of `waylay history show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The entry's number, or @last for the newest.
    #[arg(value_name = "N")]
    pub id: String,

    /// Show credentials and cookies, too.
    #[arg(long)]
    pub secrets: bool,
}

/// Arguments of `waylay history rm`.
#[derive(Debug, Args)]
pub struct RmArgs {
    /// The entries' numbers, or @last for the newest.
    #[arg(value_name = "N", required = true)]
    pub ids: Vec<String>,
}

/// Arguments of `waylay history clear`.
#[derive(Debug, Args)]
pub struct ClearArgs {
    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,
}

/// Arguments of `waylay history add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The exchange: an id like 7.42, or @last.
    #[arg(value_name = "ID")]
    pub exchange: String,
}

/// Arguments of `waylay history settings`.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// Whether the bodies of responses are stored.
    #[arg(long, value_name = "BOOL")]
    pub save_responses: Option<bool>,
}

pub(super) fn history(context: &Context, command: &HistoryCommand) -> Result<Exit, Report> {
    match command {
        HistoryCommand::List(args) => list::list(context, args),
        HistoryCommand::Show(args) => show::show(context, args),
        HistoryCommand::Rm(args) => change::rm(context, args),
        HistoryCommand::Clear(args) => change::clear(context, args),
        HistoryCommand::Add(args) => change::add(context, args),
        HistoryCommand::Settings(args) => change::settings(context, args),
    }
}

fn reader(context: &Context) -> Result<Reader, Report> {
    context.data.check()?;
    Ok(Reader::open(context.data.path())?)
}

/// The number of an entry.
fn number(reader: &Reader, text: &str) -> Result<i64, Report> {
    if text == "@last" {
        return list::newest_send(reader)?.map(|send| send.id).ok_or_else(|| {
            Report::new(Exit::NOT_FOUND, "nothing has been sent yet").advise("`waylay send URL` sends a request.")
        });
    }
    text.parse().map_err(|_| no_entry(text))
}

fn no_entry(id: &str) -> Report {
    Report::new(Exit::NOT_FOUND, format!("there is no entry '{id}' in the history"))
        .advise("`waylay history list` shows their numbers; @last is the newest.")
}
