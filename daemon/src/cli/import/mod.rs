//! `waylay import`: a file of another tool, a folder or an archive of them, a URL, or a text. What is in it is told before
//! anything is kept. Through the daemon if one runs, else into the store directly.
//!
//! - [`source`]: where the bytes come from; [`folder`]: a folder as one file
//! - [`told`]: what is said about it

mod folder;
mod source;
mod told;

use super::{
    Context, block_on,
    control::{Control, ControlError},
    environment::files,
    output::Format,
    own::confirm,
    report::{Exit, Report},
    run::daemon::find_or_start,
};
use crate::{
    engine::{
        collections::CollectionError,
        environments::TakeError,
        imports::{self, Choice, KeepError, Made, Refusal, Summary},
    },
    formats::{
        har::{self, ImportError, Imported},
        recognise::{Form, form},
    },
    view,
};
use clap::Args;
use serde::Deserialize;
use serde_json::json;
use source::Source;
use std::{
    fs::File,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
};
use waylay_storage::{Options, Store};

/// Arguments of `waylay import`.
#[derive(Debug, Args)]
#[command(
    after_help = "What can be read: HAR (HTTP Archive) 1.1 and 1.2 of any browser or tool; collections of Postman (version \
1 to 2.1), its environments, globals and data dumps; commands of curl for Bash and for the command prompt of Windows; and \
folders and zip archives of these. A URL must be https and lead to a public address. What is broken is refused with the \
reason; of a broken file nothing is kept."
)]
pub struct ImportArgs {
    /// A file, a folder, an https URL; - for standard input.
    #[arg(value_name = "FILE|FOLDER|URL")]
    pub file: PathBuf,

    /// Name of the session, the collection or the environment; by itself that of the file.
    #[arg(long)]
    pub name: Option<String>,

    /// Put requests of curl into this collection, by its number.
    #[arg(long, value_name = "ID")]
    pub collection: Option<i64>,

    /// Only tell what is in it.
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,
}

/// What the daemon found in a file.
#[derive(Deserialize)]
struct Looked {
    import: String,
    summary: Summary,
}

/// What a file became, if it is one session or one set of variables.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Exchanges(Box<Imported>),
    Variables(view::environment::Imported),
    Several(Made),
}

/// Imports it.
pub(super) fn import(context: &Context, args: &ImportArgs) -> Result<Exit, Report> {
    let made = match url(&args.file) {
        Some(url) => {
            let control = block_on(find_or_start(context)).map_err(|report| report.exiting(Exit::NO_DAEMON))?;
            let url = json!({ "url": url });
            let looked = block_on(async { control.post("/import/check", &url).await.map_err(refused) })?;
            commit(context, args, &control, looked)?
        }
        None => {
            let source = Source::open(&args.file)?;
            context.data.create()?;
            match Control::find(&context.data)? {
                Some(control) => through(context, args, &control, source)?,
                None => directly(context, args, source)?,
            }
        }
    };
    match made {
        None => {}
        Some(Answer::Exchanges(imported)) => told::session(context, &imported)?,
        Some(Answer::Variables(imported)) => files::told(context, &imported)?,
        Some(Answer::Several(made)) => told::made(context, &made)?,
    }
    Ok(Exit::OK)
}

/// What was typed, if it is a URL.
fn url(typed: &Path) -> Option<&str> {
    typed.to_str().filter(|text| text.starts_with("https://") || text.starts_with("http://"))
}

/// Whether what is in it need not be told first: nobody would be asked, and it may be long.
fn at_once(args: &ImportArgs, source: &Source) -> bool {
    let asks = !args.yes && io::stdin().is_terminal() && io::stderr().is_terminal();
    let is_har = source.file.as_ref().is_some_and(|file| form(file).is_ok_and(|form| form == Form::Har));
    is_har && !asks && !args.dry_run
}

/// By the daemon.
fn through(context: &Context, args: &ImportArgs, control: &Control, source: Source) -> Result<Option<Answer>, Report> {
    let name = args.name.clone().unwrap_or_else(|| name_of(&args.file));
    let name = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
    if at_once(args, &source) {
        let path = format!("/import?name={name}");
        return block_on(async { Ok(Some(control.upload(&path, source.pieces()).await.map_err(refused)?)) });
    }
    let path = format!("/import/check?name={name}");
    let looked = block_on(async { control.upload(&path, source.pieces()).await.map_err(refused) })?;
    commit(context, args, control, looked)
}

/// Tells what the daemon found, and has it keep that.
fn commit(context: &Context, args: &ImportArgs, control: &Control, looked: Looked) -> Result<Option<Answer>, Report> {
    let path = format!("/imports/{}", looked.import);
    match agreed(context, args, &looked.summary) {
        Ok(true) => {}
        other => {
            // It would go by itself.
            let _ = block_on(async { Ok(control.order(http::Method::DELETE, &path).await?) });
            return other.map(|_| None);
        }
    }
    let chosen = json!({ "collection": args.collection, "name": args.name });
    let made: Made = block_on(async { control.post(&path, &chosen).await.map_err(refused) })?;
    Ok(Some(made.into()))
}

/// Tells what is in it, and asks whether to go on. Without a terminal, nobody is asked.
fn agreed(context: &Context, args: &ImportArgs, summary: &Summary) -> Result<bool, Report> {
    if args.dry_run && context.output.format != Format::Text {
        context.output.document(summary)?;
        return Ok(false);
    }
    told::summary(summary);
    if args.dry_run {
        return Ok(false);
    }
    let asks = io::stdin().is_terminal() && io::stderr().is_terminal();
    confirm("Import this?", args.yes || !asks).map(|()| true)
}

/// Opens the store, which nobody else may meanwhile.
fn directly(context: &Context, args: &ImportArgs, source: Source) -> Result<Option<Answer>, Report> {
    let name = args.name.clone().unwrap_or_else(|| name_of(&args.file));
    let at_once = at_once(args, &source);
    let (file, progress) = source.into_file(context.data.path())?;
    let mut go_on = |at| {
        progress.at(at);
        true
    };
    if at_once {
        return with_store(context, |store| {
            Ok(Some(Answer::Exchanges(Box::new(har::import(store, &file, &name, &mut go_on)?))))
        });
    }
    let checked = imports::check(&file, &name, context.data.path(), &mut go_on)?;
    if !agreed(context, args, &checked.summary)? {
        return Ok(None);
    }
    let choice = Choice { collection: args.collection, name: args.name.clone(), parts: None };
    with_store(context, |store| Ok(Some(imports::keep(store, checked, &choice, &mut go_on)?.into())))
}

/// Does something with the store, which nobody else may use meanwhile.
pub(super) fn with_store<T>(context: &Context, work: impl FnOnce(&Store) -> Result<T, Report>) -> Result<T, Report> {
    let _lock = context.data.lock()?;
    let store = Store::open(Options { min_free: 0, ..Options::new(context.data.path()) })?;
    store.keep_index(Arc::new(crate::content::Searchable)).map_err(Report::from)?;
    let done = work(&store);
    store.close()?;
    done
}

pub(super) fn name_of(path: &Path) -> String {
    match path.file_name().filter(|name| *name != "-") {
        Some(name) => name.to_string_lossy().chars().take(200).collect(),
        None => "import".to_owned(),
    }
}

impl From<Made> for Answer {
    fn from(mut made: Made) -> Self {
        match (made.sessions.len(), made.environments.len(), made.collections.len()) {
            (1, 0, 0) => Self::Exchanges(Box::new(made.sessions.remove(0))),
            (0, 1, 0) => Self::Variables(made.environments.remove(0)),
            _ => Self::Several(made),
        }
    }
}

const NOTHING: &str = "Nothing was imported.";

impl From<ImportError> for Report {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Io(error) => Self::io("the file cannot be read", error).advise(NOTHING),
            ImportError::Broken { .. } | ImportError::NothingTaken { .. } => {
                Self::new(Exit::USAGE, error).advise(NOTHING)
            }
            ImportError::Stalled(_) | ImportError::Stopped => Self::new(Exit::IO, error).advise(NOTHING),
        }
    }
}

/// The daemon would not.
fn refused(error: ControlError) -> Report {
    let said_no = matches!(error, ControlError::Refused { .. });
    let report = Report::from(error);
    if said_no { report.advise(NOTHING) } else { report }
}

impl From<Refusal> for Report {
    fn from(error: Refusal) -> Self {
        match error {
            Refusal::File { message, json_path, hint } => {
                let message = message.trim_end_matches('.');
                let place = json_path.map(|path| format!(" (at {path})")).unwrap_or_default();
                let advice = if hint.is_empty() { NOTHING.to_owned() } else { format!("{NOTHING} {hint}") };
                Self::new(Exit::USAGE, format!("{message}{place}")).advise(advice)
            }
            Refusal::Har(error) => error.into(),
            Refusal::Io(error) => Self::io("the file cannot be read", error).advise(NOTHING),
        }
    }
}

impl From<KeepError> for Report {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Har(error) => error.into(),
            KeepError::Environment(TakeError::Unfit(unfit)) => unfit.into(),
            KeepError::Environment(TakeError::Store(error)) => error.into(),
            KeepError::Collection(CollectionError::Store(error)) => error.into(),
            KeepError::Collection(_) | KeepError::NoPart(_) => Self::new(Exit::USAGE, error).advise(NOTHING),
        }
    }
}

/// The bytes as a file that can be read at any place.
fn spooled(from: &mut dyn io::Read, folder: &Path) -> Result<File, Report> {
    let cannot = |error| Report::io("cannot keep what is read", error);
    let mut file = crate::data_dir::create_nameless(folder).map_err(cannot)?;
    io::copy(from, &mut file).map_err(cannot)?;
    Ok(file)
}
