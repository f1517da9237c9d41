//! `waylay store`: what takes how much room, giving it back, copies, damage, and an end of it all.

use super::{
    Context,
    escape::escaped,
    output::{Format, notice},
    own::{Hand, ask, confirm},
    report::{Exit, Report},
    units::size,
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};
use waylay_storage::{Backup, Check, Gc, Reader, Scope, Usage};

/// What can be done with the store.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Show what takes how much room.
    Stats,
    /// Purge what was deleted and give its room back: no byte of it stays in any file.
    Gc,
    /// Copy the store while it is in use: into a folder that can serve as a data folder, or into a FILE.db without bodies
    /// over 16 KiB.
    Backup(BackupArgs),
    /// Look for damage.
    Check,
    /// Remove everything that was captured. No daemon may run.
    Wipe(WipeArgs),
}

/// Arguments of `waylay store backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// Where to: a folder, or a file whose name ends in .db.
    #[arg(value_name = "FOLDER|FILE.db")]
    pub to: PathBuf,

    /// Replace an older backup that is there.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `waylay store wipe`.
#[derive(Debug, Args)]
pub struct WipeArgs {
    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,

    /// Remove the certificate authority, too: clients have to trust a new one.
    #[arg(long)]
    pub ca: bool,
}

pub(super) fn store(context: &Context, command: &StoreCommand) -> Result<Exit, Report> {
    match command {
        StoreCommand::Stats => stats(context),
        StoreCommand::Gc => gc(context),
        StoreCommand::Backup(args) => backup(context, args),
        StoreCommand::Check => check(context),
        StoreCommand::Wipe(args) => wipe(context, args),
    }
}

fn reader(context: &Context) -> Result<Reader, Report> {
    context.data.check()?;
    Ok(Reader::open(context.data.path())?)
}

fn stats(context: &Context) -> Result<Exit, Report> {
    let usage = reader(context)?.usage()?;
    if context.output.format != Format::Text {
        context.output.document(&usage)?;
        return Ok(Exit::OK);
    }
    context.output.text(text_of(&usage))?;
    Ok(Exit::OK)
}

fn text_of(usage: &Usage) -> String {
    let mut text = String::new();
    let mut line = |name: &str, bytes: u64, more: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<12} {:>10}  {more}", size(bytes));
    };
    line("store", usage.bytes, format!("`waylay store gc` gives back about {}", size(usage.reclaimable)));
    line("database", usage.database.bytes, format!("{} unused", size(usage.database.unused)));
    line("log", usage.log_bytes, String::new());
    let files = usage.segment_files;
    line("bodies", usage.segments.bytes, format!("{} unused, in {files} files", size(usage.segments.unused)));
    line("index", usage.index_bytes, String::new());
    if usage.deleted_exchanges > 0 || usage.deleted_sessions > 0 {
        let (exchanges, sessions) = (usage.deleted_exchanges, usage.deleted_sessions);
        let _ = writeln!(text, "deleted and not purged yet: {exchanges} exchanges, {sessions} sessions");
    }
    let _ = writeln!(text, "\n{:<14} {:>10} {:>10}", "table", "rows", "size");
    for table in &usage.tables {
        let bytes = table.bytes.map_or_else(|| "?".into(), |n| size(n.unsigned_abs()));
        let _ = writeln!(text, "{:<14} {:>10} {bytes:>10}", table.name, table.rows);
    }
    let _ = writeln!(text, "\n{:>7} {:>10} {:>10}  name", "session", "exchanges", "bodies");
    for session in &usage.sessions {
        let pinned = if session.pinned { " (pinned)" } else { "" };
        let bytes = size(session.bytes.unsigned_abs());
        let _ = writeln!(
            text,
            "{:>7} {:>10} {bytes:>10}  {}{pinned}",
            session.id,
            session.exchanges,
            escaped(&session.name)
        );
    }
    text
}

fn gc(context: &Context) -> Result<Exit, Report> {
    let hand = Hand::take(context)?;
    let gc: Gc = match &hand {
        Hand::Daemon(control) => ask(control, "/store/gc", &json!({}))?,
        Hand::Own(store, _) => store.gc_alone()?,
    };
    hand.give_back()?;
    if context.output.format != Format::Text {
        context.output.document(&gc)?;
        return Ok(Exit::OK);
    }
    let mut text = format!("{} before, {} after", size(gc.bytes_before), size(gc.bytes_after));
    if gc.exchanges > 0 || gc.sessions > 0 {
        let _ = write!(text, "; {} exchanges and {} sessions were purged", gc.exchanges, gc.sessions);
    }
    context.output.text(format_args!("{text}\n"))?;
    match gc.complete {
        true => notice("nothing is left of what was deleted"),
        false => gc.notes.iter().for_each(|note| notice(format_args!("not complete: {}", escaped(note)))),
    }
    Ok(Exit::OK)
}

fn check(context: &Context) -> Result<Exit, Report> {
    let check: Check = reader(context)?.check()?;
    if context.output.format != Format::Text {
        context.output.document(&check)?;
    } else {
        let mut text = String::new();
        for problem in &check.problems {
            let _ = writeln!(text, "{}: {}", escaped(&problem.place), escaped(&problem.problem));
        }
        if check.truncated {
            text.push_str("and more\n");
        }
        if check.ok {
            let Check { exchanges, extents, messages, .. } = check;
            text = format!("no damage: {exchanges} exchanges, {messages} messages, {extents} runs of bodies\n");
        }
        context.output.text(text)?;
    }
    Ok(if check.ok { Exit::OK } else { Exit::NEGATIVE })
}

fn backup(context: &Context, args: &BackupArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let to = std::path::absolute(&args.to).map_err(|e| Report::io(format!("cannot use {}", args.to.display()), e))?;
    if to.starts_with(context.data.path()) || context.data.path().starts_with(&to) {
        return Err(Report::new(Exit::USAGE, "a backup cannot be in the data folder, nor around it")
            .advise("Name another place."));
    }
    let is_file = to.extension().is_some_and(|end| end == "db");
    let older = set_older_aside(&to, is_file, args.force)?;
    let scope = if is_file { Scope::Database } else { Scope::Whole };
    let made = reader.backup(&to, scope);
    match (&made, older) {
        (Ok(_), Some(older)) => remove(&older)?,
        (Err(_), Some(older)) => {
            fs::rename(&older, &to).map_err(|e| Report::io(format!("cannot put {} back", to.display()), e))?;
        }
        (_, None) => {}
    }
    let backup: Backup = made.map_err(|error| Report::from(error).advise("Nothing of the backup is left."))?;
    if context.output.format != Format::Text {
        context.output.document(&backup)?;
        return Ok(Exit::OK);
    }
    let bodies = match scope {
        Scope::Whole => format!("{} of big bodies", size(backup.body_bytes)),
        Scope::Database => "without bodies over 16 KiB".into(),
    };
    context.output.text(format_args!(
        "{}: {} exchanges in {} sessions, {} of database, {bodies}; without the certificate authority and settings\n",
        to.display(),
        backup.exchanges,
        backup.sessions,
        size(backup.database_bytes),
    ))?;
    if backup.missing_bytes > 0 {
        notice(format_args!("{} of bodies are missing from the store itself", size(backup.missing_bytes)));
    }
    if scope == Scope::Whole {
        notice(format_args!("`waylay --data-dir {} ls` reads it", to.display()));
    }
    Ok(Exit::OK)
}

/// Moves what is at the place of a backup out of the way: an older backup, and only with `--force`.
fn set_older_aside(to: &Path, is_file: bool, force: bool) -> Result<Option<PathBuf>, Report> {
    let shown = to.display();
    match to.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Report::io(format!("cannot look at {shown}"), e)),
        Ok(_) if !force => {
            return Err(Report::new(Exit::USAGE, format!("{shown} is there already"))
                .advise("Name another place, or add --force to replace an older backup."));
        }
        Ok(_) => {}
    }
    let database = if is_file { to.to_owned() } else { to.join("waylay.db") };
    if Reader::is_store(&database) {
        let mut name = to.as_os_str().to_owned();
        name.push(".older");
        let older = PathBuf::from(name);
        fs::rename(to, &older).map_err(|e| Report::io(format!("cannot replace {shown}"), e))?;
        return Ok(Some(older));
    }
    Err(Report::new(Exit::USAGE, format!("{shown} is no backup and is not replaced")).advise("Name another place."))
}

fn wipe(context: &Context, args: &WipeArgs) -> Result<Exit, Report> {
    if !context.data.check()? {
        return Err(Report::new(Exit::NOT_FOUND, format!("there is no folder {}", context.data.path().display())));
    }
    let lock = context.data.lock()?;
    let (what, path) = (if args.ca { " and the certificate authority" } else { "" }, context.data.path().display());
    confirm(&format!("All that was captured{what} will be removed from {path}, for good."), args.yes)?;
    let mut removed = Vec::new();
    for entry in fs::read_dir(context.data.path()).map_err(|e| Report::io(format!("cannot read {path}"), e))? {
        let entry = entry.map_err(|e| Report::io(format!("cannot read {path}"), e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_captured(&name) || (args.ca && name == "ca") {
            remove(&entry.path())?;
            removed.push(name);
        }
    }
    drop(lock);
    removed.sort();
    match context.output.format {
        Format::Text if removed.is_empty() => notice("there was nothing to remove"),
        Format::Text => context.output.text(format_args!("removed {}\n", removed.join(", ")))?,
        _ => context.output.document(&json!({ "removed": removed }))?,
    }
    Ok(Exit::OK)
}

/// What of the data folder holds what was captured: databases with their logs and copies, bodies, and the log of the
/// daemon, which names hosts.
fn is_captured(name: &str) -> bool {
    ["waylay.db", "index.db"].iter().any(|database| name.starts_with(database)) || ["segments", "log"].contains(&name)
}

fn remove(path: &Path) -> Result<(), Report> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) => Err(e),
    };
    removed.map_err(|e| Report::io(format!("cannot remove {}", path.display()), e))
}
