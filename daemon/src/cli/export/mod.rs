//! `waylay export`: captured exchanges as files that other tools read. The store is read directly, with and without a
//! daemon.
//!
//! - [`curl`]: as commands
//! - [`postman`]: collections for Postman
//! - [`target`]: the file, which is there whole or not at all
//! - [`progress`]: how far it is, on a terminal

mod curl;
pub mod postman;
pub(super) mod progress;
pub(super) mod target;

use super::{
    Context,
    output::{Format, notice},
    report::{Exit, Report},
    units::count,
};
use crate::formats::{
    har::{self as archive, ExportError, Exported},
    redact::{Hidden, Secrets},
};
use clap::{Args, Subcommand};
use progress::Progress;
use std::{
    io::{self, BufWriter},
    path::{Path, PathBuf},
};
use target::Target;
use waylay_storage::{Filter, Reader, model::SessionId};

/// What to export to.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// HTTP Archive 1.2, which browsers, Postman, Playwright and many others read.
    Har(ExportArgs),
    /// Commands of curl, for Bash or for the command prompt of Windows.
    Curl(curl::CurlArgs),
    /// Collection 2.1 or 2.0, which Postman and newman read.
    Postman(postman::PostmanArgs),
}

/// Arguments of `waylay export`.
#[derive(Debug, Args)]
#[command(
    after_help = "Secrets (credentials, cookies, tokens, passwords and keys in heads, URLs, bodies and messages) are \
replaced by placeholders such as REDACTED-token-1, the same one wherever the same secret stands; what was hidden is \
told afterwards. A filter is what `waylay ls` takes."
)]
pub struct ExportArgs {
    /// What the exchanges must match; all without it.
    pub filter: Vec<String>,

    /// The file; - for standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// What becomes of secrets.
    #[arg(long, value_enum, default_value_t)]
    pub secrets: Secrets,

    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

/// Exports exchanges.
pub(super) fn export(context: &Context, command: &ExportCommand) -> Result<Exit, Report> {
    match command {
        ExportCommand::Har(args) => har(context, args),
        ExportCommand::Curl(args) => curl::export(context, args),
        ExportCommand::Postman(args) => postman::export(context, args),
    }
}

fn har(context: &Context, args: &ExportArgs) -> Result<Exit, Report> {
    let filter = Filter::parse(&args.filter.join(" "))?;
    context.data.check()?;
    let reader = Reader::open(context.data.path())?;
    let scope = archive::Scope { filter, secrets: args.secrets };
    let exported = to_file(&reader, &scope, &args.output, args.force)?;
    tell(context, &args.output, &exported)?;
    Ok(Exit::OK)
}

/// Refuses a file that is there already, before anything is done for it.
pub(super) fn check_target(path: &Path) -> Result<(), Report> {
    Target::create(path, false).map(drop)
}

/// Writes the exchanges of a session to a HAR file, and says so.
pub(super) fn session(context: &Context, id: SessionId, path: &Path, secrets: Secrets) -> Result<(), Report> {
    let reader = Reader::open(context.data.path())?;
    let scope = archive::Scope { filter: Filter::parse(&format!("session:{id}"))?, secrets };
    let exported = to_file(&reader, &scope, path, false)?;
    said(path, &exported);
    Ok(())
}

/// Writes a HAR file; `-` is standard output. A file that cannot be finished is removed.
fn to_file(reader: &Reader, scope: &archive::Scope, path: &Path, force: bool) -> Result<Exported, Report> {
    let progress = Progress::counting("exchanges");
    let failed = |error: ExportError| match error {
        ExportError::Store(error) => error.into(),
        ExportError::Io(error) if path == Path::new("-") => Report::output(error),
        ExportError::Io(error) => target::unwritable(path, error),
    };
    if path == Path::new("-") {
        let out = BufWriter::with_capacity(256 << 10, io::stdout().lock());
        return archive::export(reader, scope, out, |n| progress.at(n)).map_err(failed);
    }
    let mut target = Target::create(path, force)?;
    let out = BufWriter::with_capacity(256 << 10, target.file());
    let exported = archive::export(reader, scope, out, |n| progress.at(n)).map_err(failed)?;
    target.finish()?;
    Ok(exported)
}

/// Says what was written, and what was hidden in it.
fn tell(context: &Context, path: &Path, exported: &Exported) -> Result<(), Report> {
    if path != Path::new("-") && context.output.format != Format::Text {
        return context.output.document(&serde_json::json!({
            "file": path.display().to_string(),
            "exchanges": exported.exchanges,
            "hidden": exported.hidden,
        }));
    }
    said(path, exported);
    Ok(())
}

fn said(path: &Path, exported: &Exported) {
    if path != Path::new("-") {
        let exchanges = count(i64::try_from(exported.exchanges).unwrap_or(i64::MAX), "exchange");
        notice(format_args!("{exchanges} in {}", path.display()));
    }
    if exported.exchanges == 0 {
        notice("nothing matches the filter, or nothing has been captured yet");
    }
    said_hidden(&exported.hidden);
}

/// Says what was hidden.
fn said_hidden(hidden: &[Hidden]) {
    for hidden in hidden {
        notice(format_args!("hidden: {} x {} in the {}", hidden.count, hidden.kind, plural(&hidden.place)));
    }
    if !hidden.is_empty() {
        notice("--secrets keep writes them as they are");
    }
}

fn plural(place: &str) -> String {
    match place.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{place}s"),
    }
}
