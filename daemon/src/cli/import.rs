//! `waylay import`: a file of another tool. Exchanges go into a session of their own, variables into an environment. Through the daemon if one runs, else into the store
//! directly.

use super::{
    Context, block_on,
    control::Control,
    environment::files,
    export::progress::Progress,
    output::{Format, notice},
    report::{Exit, Report},
    units::count,
};
use crate::{
    data_dir,
    formats::{
        har::{self, ImportError, Imported},
        recognise,
    },
    view,
};
use bytes::Bytes;
use clap::Args;
use futures_util::stream;
use serde::Deserialize;
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};
use waylay_storage::{Options, Store};

/// How much of a file is sent at a time, bytes.
const PIECE: usize = 256 << 10;

/// So many refused entries are told on a terminal.
const TOLD: usize = 10;

/// Arguments of `waylay import`.
#[derive(Debug, Args)]
#[command(after_help = "What can be read: HAR (HTTP Archive) 1.1 and 1.2 of any browser or tool, and \
environments and globals of Postman. An entry that is no \
request to a web server is refused, with its index and the reason; of a broken file nothing is kept.")]
pub struct ImportArgs {
    /// The file; - for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Name of the session; that of the file if there is none.
    #[arg(long)]
    pub name: Option<String>,
}

/// Imports a file.
pub(super) fn import(context: &Context, args: &ImportArgs) -> Result<Exit, Report> {
    let source = Source::open(&args.file)?;
    let name = args.name.clone().unwrap_or_else(|| name_of(&args.file));
    context.data.create()?;
    let imported = match Control::find(&context.data)? {
        Some(control) => {
            let path =
                format!("/import?name={}", url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>());
            block_on(async move { Ok(control.upload::<Answer>(&path, source.pieces()).await?) })?
        }
        None => directly(context, source, &name)?,
    };
    match imported {
        Answer::Exchanges(imported) => tell(context, &imported)?,
        Answer::Variables(imported) => files::told(context, &imported)?,
    }
    Ok(Exit::OK)
}

/// What a file held.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Exchanges(Box<Imported>),
    Variables(view::environment::Imported),
}

/// Where the bytes come from.
struct Source {
    from: Box<dyn Read + Send>,
    /// A file that can be read at any place.
    file: Option<File>,
    progress: Progress,
}

impl Source {
    fn open(path: &Path) -> Result<Self, Report> {
        if path == Path::new("-") {
            return Ok(Self { from: Box::new(io::stdin()), file: None, progress: Progress::counting("bytes") });
        }
        let cannot = |error| Report::io(format!("cannot read {}", path.display()), error);
        let file = File::open(path).map_err(cannot)?;
        let found = file.metadata().map_err(cannot)?;
        if found.is_dir() {
            return Err(Report::new(Exit::USAGE, format!("{} is a folder", path.display())).advise("Name a .har file."));
        }
        let from = Box::new(file.try_clone().map_err(cannot)?);
        let file = Some(file).filter(|_| found.is_file());
        Ok(Self { from, file, progress: Progress::bytes(found.len()) })
    }

    /// The bytes for the daemon. Reading a local file is not worth another thread.
    fn pieces(self) -> impl stream::Stream<Item = io::Result<Bytes>> + Send {
        stream::try_unfold((self, 0u64), |(mut source, sent)| async move {
            let mut piece = Vec::with_capacity(PIECE);
            (&mut source.from).take(PIECE as u64).read_to_end(&mut piece)?;
            let sent = sent + piece.len() as u64;
            source.progress.at(sent);
            Ok((!piece.is_empty()).then(|| (Bytes::from(piece), (source, sent))))
        })
    }
}

/// Opens the store, which nobody else may meanwhile.
fn directly(context: &Context, mut source: Source, name: &str) -> Result<Answer, Report> {
    let file = match source.file.take() {
        Some(file) => file,
        None => {
            let mut file = data_dir::create_nameless(context.data.path())
                .map_err(|error| Report::io("cannot keep what is read", error))?;
            io::copy(&mut source.from, &mut file).map_err(|error| Report::io("cannot keep what is read", error))?;
            file
        }
    };
    let variables = recognise::environment(&file).map_err(|error| Report::io("the file cannot be read", error))?;
    if let Some(variables) = variables {
        let variables = variables?;
        return with_store(context, |store| files::keep(store, variables, name)).map(Answer::Variables);
    }
    with_store(context, |store| {
        let imported = har::import(store, &file, name, |at| {
            source.progress.at(at);
            true
        });
        Ok(Answer::Exchanges(Box::new(imported?)))
    })
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

fn tell(context: &Context, imported: &Imported) -> Result<(), Report> {
    if context.output.format != Format::Text {
        return context.output.document(imported);
    }
    let exchanges = count(i128::from(imported.exchanges), "exchange");
    let id = imported.session.id;
    notice(format_args!("{exchanges} in session {id} ({}): waylay ls session:{id}", imported.session.name));
    for refused in imported.refused.iter().take(TOLD) {
        notice(format_args!("entry {} was refused: {}", refused.index, refused.reason));
    }
    if imported.refused.len() > TOLD {
        notice(format_args!("{} more were refused; --json tells of each", imported.refused.len() - TOLD));
    }
    imported.notes.iter().for_each(notice);
    Ok(())
}

impl From<ImportError> for Report {
    fn from(error: ImportError) -> Self {
        let nothing = "Nothing was imported.";
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Io(error) => Self::io("the file cannot be read", error).advise(nothing),
            ImportError::Broken { .. } | ImportError::NothingTaken { .. } => {
                Self::new(Exit::USAGE, error).advise(nothing)
            }
            ImportError::Stalled(_) | ImportError::Stopped => Self::new(Exit::IO, error).advise(nothing),
        }
    }
}
