//! `waylay export postman` and `waylay collection export`: captured requests, or a collection, as a file, a folder or an archive
//! for Postman.

use super::{said_hidden, target, target::Target};
use crate::{
    cli::{
        Context, exchange,
        output::{Format as Shown, notice},
        report::{Exit, Report},
        units::count,
    },
    collection::{
        Collection,
        gather::{
            self, GatherError,
            call::{self, From},
            make,
            plan::plan,
        },
    },
    engine::collections::CollectionError,
    formats::{
        postman::{
            Version,
            export::{self, Exported, Options},
        },
        redact::Secrets,
    },
};
use clap::{Args, ValueEnum};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use waylay_storage::{Filter, Reader};

/// What both commands have to say.
pub(in crate::cli) const ABOUT: &str = "A file holds all that is text. Bodies that are not are written beside it, into `files`, \
where the output is a folder or a zip archive; Postman and newman (--working-dir) find them there. Secrets are replaced by \
placeholders such as REDACTED-token-1, the same one wherever the same secret stands; what was hidden is told afterwards.";

/// Arguments of `waylay export postman`.
#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub struct PostmanArgs {
    /// Which captured requests; all without it. Preflights and media are left out.
    pub filter: Vec<String>,

    /// Where it goes, and how.
    #[command(flatten)]
    pub to: To,
}

/// Where a collection goes, and how.
#[derive(Debug, Args)]
pub struct To {
    /// A file, a folder that is there (or ends in a slash), a zip archive (ends in .zip); - for standard output.
    #[arg(short, long, value_name = "PATH")]
    pub output: PathBuf,

    /// The version of the format.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,

    /// What becomes of secrets.
    #[arg(long, value_enum, default_value_t)]
    pub secrets: Secrets,

    /// Replace files that are there.
    #[arg(long)]
    pub force: bool,
}

/// A version of the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Collection 2.1.0.
    #[default]
    #[value(name = "2.1")]
    V21,
    /// Collection 2.0.0.
    #[value(name = "2.0")]
    V20,
}

/// Exports captured requests.
pub(super) fn export(context: &Context, args: &PostmanArgs) -> Result<Exit, Report> {
    let filter = exchange::filter(&args.filter)?;
    context.data.check()?;
    let reader = Reader::open(context.data.path())?;
    let collection = gathered(&reader, filter).map_err(CollectionError::from)?;
    write(context, &reader, collection, &args.to)
}

/// Captured requests as a collection, as they are saved if nothing else is chosen.
fn gathered(reader: &Reader, filter: Filter) -> Result<Collection, GatherError> {
    let options = gather::Options::default();
    let calls = call::read(reader, &From::Matching(filter), &options)?;
    let plan = plan(calls, &options, Vec::new(), &mut |call| call::answer_shape(reader, call));
    if plan.requests.is_empty() {
        return Err(GatherError::Nothing);
    }
    let items = make::items(reader, &plan, &options)?;
    let name = plan.endpoints.first().map_or("Captured", |endpoint| endpoint.host.as_str());
    Ok(Collection { name: name.into(), variables: plan.names.variables, items, ..Collection::default() })
}

/// Writes a collection where it is wanted, and says what was done to it.
pub(in crate::cli) fn write(
    context: &Context,
    reader: &Reader,
    collection: Collection,
    to: &To,
) -> Result<Exit, Report> {
    let is_folder = to.output.is_dir() || to.output.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
    let is_zip = !is_folder && to.output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    let version = match to.format {
        Format::V21 => Version::V21,
        Format::V20 => Version::V20,
    };
    let options = Options { version, secrets: to.secrets, with_files: is_folder || is_zip };
    let failed = |error| Report::io("the collection cannot be exported", error);
    let exported = export::export(reader, collection, &options).map_err(failed)?;
    let path = &to.output;
    if path == Path::new("-") {
        io::stdout().lock().write_all(&exported.file).map_err(Report::output)?;
    } else if is_folder {
        folder(path, &exported, to.force)?;
    } else if is_zip {
        file(path, &exported.zip().map_err(failed)?, to.force)?;
    } else {
        file(path, &exported.file, to.force)?;
    }
    tell(context, path, &exported)?;
    Ok(Exit::OK)
}

fn folder(path: &Path, exported: &Exported, force: bool) -> Result<(), Report> {
    let made = |path: &Path| fs::create_dir_all(path).map_err(|error| target::unwritable(path, error));
    made(path)?;
    // What others refer to comes first.
    for (name, bytes) in exported.files.iter() {
        let at = path.join(name);
        at.parent().map_or(Ok(()), made)?;
        // The name says what is in it.
        if !at.is_file() {
            file(&at, bytes, force)?;
        }
    }
    file(&path.join(&exported.name), &exported.file, force)
}

fn file(path: &Path, bytes: &[u8], force: bool) -> Result<(), Report> {
    let mut target = Target::create(path, force)?;
    target.file().write_all(bytes).map_err(|error| target::unwritable(path, error))?;
    target.finish()
}

fn tell(context: &Context, path: &Path, exported: &Exported) -> Result<(), Report> {
    if path != Path::new("-") && context.output.format != Shown::Text {
        return context.output.document(&serde_json::json!({
            "file": path.display().to_string(),
            "requests": exported.requests,
            "files": exported.files.iter().count(),
            "hidden": exported.hidden,
            "notes": exported.notes,
        }));
    }
    if path != Path::new("-") {
        let requests = count(i64::try_from(exported.requests).unwrap_or(i64::MAX), "request");
        notice(format_args!("{requests} in {}", path.display()));
    }
    exported.notes.iter().for_each(notice);
    said_hidden(&exported.hidden);
    Ok(())
}
