//! `waylay rm`: deletes exchanges; for half a minute they can be brought back.

use super::{filter, reader, resolve};
use crate::cli::{
    Context, block_on,
    control::ControlError,
    output::{Format, notice},
    own::{Hand, ask, confirm},
    report::{Exit, Report},
    units::count,
};
use clap::Args;
use http::Method;
use serde_json::{Value, json};
use waylay_storage::{Deleted, Deletion, ListQuery, StoreError, model::ExchangeId};

/// From so many on, a filter asks first.
const MANY: u64 = 100;

/// Arguments of `waylay rm`.
#[derive(Debug, Args)]
#[command(after_help = "For 30 seconds, `waylay rm --undo N` brings back what was deleted; then it is purged. \
A session is deleted whole by `waylay session rm`. `waylay store gc` leaves no trace of it in any file.")]
pub struct RmArgs {
    /// Ids like 7.42 and @last, or a filter that the exchanges must match.
    #[arg(value_name = "ID|FILTER", required_unless_present = "undo")]
    pub what: Vec<String>,

    /// Do not ask, however many they are.
    #[arg(short, long)]
    pub yes: bool,

    /// Bring back what this deletion removed.
    #[arg(long, value_name = "N", conflicts_with = "what")]
    pub undo: Option<i64>,
}

/// Deletes exchanges, or brings them back.
pub(in crate::cli) fn rm(context: &Context, args: &RmArgs) -> Result<Exit, Report> {
    if let Some(id) = args.undo {
        return undo(context, id);
    }
    let (deleted, request) = what(context, args)?;
    let hand = Hand::take(context)?;
    let deletion: Deletion = match &hand {
        Hand::Daemon(control) => ask(control, "/deletions", &request)?,
        Hand::Own(store, _) => store.delete(deleted)?,
    };
    hand.give_back()?;
    told(context, &deletion)?;
    Ok(Exit::OK)
}

/// What is meant, once as the store takes it and once as the API does.
fn what(context: &Context, args: &RmArgs) -> Result<(Deleted, Value), Report> {
    let reader = reader(context)?;
    if args.what.iter().all(|word| word == "@last" || word.parse::<ExchangeId>().is_ok()) {
        let ids = args.what.iter().map(|word| resolve(&reader, word)).collect::<Result<Vec<_>, _>>()?;
        let request = json!({ "exchanges": ids });
        return Ok((Deleted::Exchanges(ids), request));
    }
    let filter = filter(&args.what)?;
    let query = ListQuery { filter: filter.clone(), limit: 1, ..ListQuery::default() };
    let matched = reader.list(&query)?.matched;
    match matched {
        Some(matched) if matched.count == 0 => {
            return Err(Report::new(Exit::NOT_FOUND, "nothing matches the filter")
                .advise("`waylay ls FILTER` shows what one matches."));
        }
        Some(matched) if matched.count <= MANY && !matched.at_least => {}
        Some(matched) => {
            let more = if matched.at_least { " or more" } else { "" };
            confirm(&format!("{}{more} exchanges match and would be deleted.", matched.count), args.yes)?;
        }
        None => confirm("Many exchanges may match and would be deleted.", args.yes)?,
    }
    Ok((Deleted::Matching(filter), json!({ "filter": args.what.join(" ") })))
}

/// Says what was deleted, and how it comes back.
pub(in crate::cli) fn told(context: &Context, deletion: &Deletion) -> Result<(), Report> {
    if context.output.format != Format::Text {
        return context.output.document(deletion);
    }
    let Deletion { id, exchanges, sends, collections, items, jars, cookies, under_way, .. } = deletion;
    if jars + cookies > 0 {
        let what = if *jars > 0 { count(*jars, "jar") } else { count(*cookies, "cookie") };
        notice(format_args!("{what} deleted; within 30 s, `waylay rm --undo {id}` brings back what it was"));
        return Ok(());
    }
    if collections + items > 0 {
        let what = if *collections > 0 { count(*collections, "collection") } else { count(*items, "item") };
        notice(format_args!("{what} deleted; within 30 s, `waylay rm --undo {id}` brings back what it was"));
        return Ok(());
    }
    let entries = match sends {
        0 => String::new(),
        1 => "1 entry of the history and ".to_owned(),
        n => format!("{n} entries of the history and "),
    };
    let exchanges = count(*exchanges, "exchange");
    notice(format_args!("{entries}{exchanges} deleted; within 30 s, `waylay rm --undo {id}` brings them back"));
    if *under_way > 0 {
        notice(format_args!("{under_way} that match are still under way and stay"));
    }
    Ok(())
}

fn undo(context: &Context, id: i64) -> Result<Exit, Report> {
    let hand = Hand::take(context)?;
    match &hand {
        Hand::Daemon(control) => block_on(async {
            control.order(Method::DELETE, &format!("/deletions/{id}")).await.map_err(|e: ControlError| e.into())
        })?,
        Hand::Own(store, _) => store.undelete(id)?,
    }
    hand.give_back()?;
    match context.output.format {
        Format::Text => notice("it is back"),
        _ => context.output.document(&json!({ "undone": id }))?,
    }
    Ok(Exit::OK)
}

/// The errors of deleting, with what to do about them.
pub(in crate::cli) fn explain(error: &StoreError) -> Option<Report> {
    let (exit, advice) = match error {
        StoreError::NoExchange(_) => (Exit::NOT_FOUND, "`waylay ls` shows the ids."),
        StoreError::NoSend(_) => (Exit::NOT_FOUND, "`waylay history list` shows their numbers."),
        StoreError::SendUnderWay(_) => (Exit::USAGE, "It can be deleted once it is over."),
        StoreError::NoCollection(_) => (Exit::NOT_FOUND, "`waylay collection list` shows them."),
        StoreError::NoItem(_) => (Exit::NOT_FOUND, "`waylay collection show` shows those of a collection."),
        StoreError::NoJar(_) => (Exit::NOT_FOUND, "`waylay cookies jars` shows them."),
        StoreError::NoCookie(_) => (Exit::NOT_FOUND, "`waylay cookies list` shows those of a jar."),
        StoreError::DefaultJar(_) => (Exit::USAGE, "Make another the default one first: `waylay cookies jar use`."),
        StoreError::BadPlace(_) => (Exit::USAGE, "`waylay collection show` shows the tree."),
        StoreError::NoSavedMessage(_) | StoreError::TooManySavedMessages(_) | StoreError::TooManyJars(_) => {
            (Exit::NOT_FOUND, "")
        }
        StoreError::NoEnvironment(_) => (Exit::NOT_FOUND, "`waylay environment list` shows them."),
        StoreError::StillOpen(_) => (Exit::USAGE, "Stop it first: `waylay session stop`."),
        StoreError::SentSession => (Exit::USAGE, "`waylay rm session:0` deletes its exchanges."),
        StoreError::UnderWay(_) => (Exit::USAGE, "It can be deleted once it is over."),
        StoreError::NoDeletion(_) => (Exit::NOT_FOUND, "`waylay rm` tells the number of a deletion."),
        StoreError::Purged(_) => (Exit::USAGE, "A deletion can be taken back for 30 seconds."),
        _ => return None,
    };
    Some(Report::new(exit, error).advise(advice))
}
