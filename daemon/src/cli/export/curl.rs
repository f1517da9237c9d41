//! `waylay export curl`: captured requests as commands of curl.

use super::target::{self, Target};
use crate::{
    cli::{
        Context,
        output::{Format, notice, stdout},
        report::{Exit, Report},
    },
    collection::captured::{CapturedError, is_request},
    formats::{
        curl::{
            captured::{Wanted, command},
            write::{Shell, Written},
        },
        redact::{Redaction, Secrets},
    },
};
use clap::Args;
use serde_json::json;
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use waylay_storage::{
    Filter, ListQuery, Reader,
    model::{Exchange, ExchangeId},
};

/// Most commands at once.
const MOST: usize = 1000;

/// Arguments of `waylay export curl`.
#[derive(Debug, Args)]
#[command(
    after_help = "Secrets are replaced by placeholders such as REDACTED-token-1, the same one wherever the same secret \
stands; --secrets keep writes commands that can be run as they are."
)]
pub struct CurlArgs {
    /// An exchange, such as 7.42 or @last, or what the exchanges must match; all without it.
    pub filter: Vec<String>,

    /// The shell they are for.
    #[arg(long, value_enum, default_value_t)]
    pub shell: Shell,

    /// The file; by itself standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// What becomes of secrets.
    #[arg(long, value_enum, default_value_t)]
    pub secrets: Secrets,

    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

/// Writes them.
pub(super) fn export(context: &Context, args: &CurlArgs) -> Result<Exit, Report> {
    context.data.check()?;
    let reader = Reader::open(context.data.path())?;
    let mut redaction = (args.secrets == Secrets::Redact).then(Redaction::default);
    let mut all = Vec::new();
    for exchange in wanted(&reader, &args.filter)? {
        let id = exchange.id;
        let wanted = Wanted::read(&reader, exchange)?;
        if let Some(redaction) = &mut redaction {
            wanted.learn(redaction);
        }
        all.push((id, wanted));
    }
    if let Some(redaction) = &mut redaction {
        redaction.ready();
    }
    let written: Vec<_> =
        all.into_iter().map(|(id, wanted)| (id, command(wanted, args.shell, redaction.as_mut()))).collect();
    if context.output.format != Format::Text {
        let item = |(id, w): &(ExchangeId, Written)| json!({ "id": id, "command": w.command, "notes": w.notes });
        let items: Vec<_> = written.iter().map(item).collect();
        context.output.document(&json!({ "items": items }))?;
        return Ok(Exit::OK);
    }
    let text = written.iter().map(|(_, written)| format!("{}\n", written.command)).collect::<Vec<_>>().join("\n");
    if args.output == Path::new("-") {
        stdout().write_all(text.as_bytes()).map_err(Report::output)?;
    } else {
        let mut target = Target::create(&args.output, args.force)?;
        target.file().write_all(text.as_bytes()).map_err(|error| target::unwritable(&args.output, error))?;
        target.finish()?;
    }
    for (id, written) in &written {
        written.notes.iter().for_each(|note| notice(format_args!("{id}: {note}")));
    }
    if written.is_empty() {
        notice("nothing matches the filter, or nothing has been captured yet");
    }
    super::said_hidden(&redaction.map(|redaction| redaction.hidden()).unwrap_or_default());
    Ok(Exit::OK)
}

/// The exchanges that are meant, in the order in which they began.
fn wanted(reader: &Reader, words: &[String]) -> Result<Vec<Exchange>, Report> {
    if let [one] = words
        && let Ok(Some(id)) = reader.resolve(one)
    {
        return read(reader, [id]);
    }
    let filter = Filter::parse(&words.join(" "))?;
    let page = reader.list(&ListQuery { filter, limit: MOST + 1, ..ListQuery::default() })?;
    if page.items.len() > MOST {
        return Err(Report::new(Exit::USAGE, format!("more than {MOST} exchanges match"))
            .advise("Narrow the filter down, or use `waylay export har`."));
    }
    let mut ids: Vec<_> = page.items.into_iter().filter(|item| is_request(item.kind)).map(|item| item.id).collect();
    ids.reverse();
    read(reader, ids)
}

fn read(reader: &Reader, ids: impl IntoIterator<Item = ExchangeId>) -> Result<Vec<Exchange>, Report> {
    let mut found = Vec::new();
    for id in ids {
        found.extend(reader.exchange(id)?.map(|(exchange, _)| exchange));
    }
    Ok(found)
}

impl From<CapturedError> for Report {
    fn from(error: CapturedError) -> Self {
        match error {
            CapturedError::NoRequest(..) => Self::new(Exit::USAGE, error),
            CapturedError::Store(error) => error.into(),
            CapturedError::Io(error) => Self::io("a captured body cannot be read", error),
        }
    }
}
