//! `waylay environment import` and `export`: files of Postman.

use super::{ExportArgs, find, reader};
use crate::{
    cli::{
        Context, block_on,
        control::Control,
        export::target::Target,
        import,
        output::{Format, notice, stdout},
        report::{Exit, Report},
        units::count,
    },
    engine::environments::{TakeError, Unfit, take},
    formats::{
        postman_environment::{self, PostmanEnvironment, PostmanError},
        recognise::LARGEST,
    },
    view::environment::Imported,
};
use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};
use waylay_storage::Store;

pub(super) fn import(context: &Context, path: &Path) -> Result<Exit, Report> {
    let bytes = read(path)?;
    let name = import::name_of(path);
    context.data.create()?;
    let imported = match Control::find(&context.data)? {
        Some(control) => {
            let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            let pieces = stream::iter([Ok::<_, io::Error>(Bytes::from(bytes))]);
            let path = format!("/environments/import?name={name}");
            block_on(async move { Ok(control.upload(&path, pieces).await?) })?
        }
        None => {
            let file = postman_environment::read(&bytes)?;
            import::with_store(context, |store| keep(store, file, &name))?
        }
    };
    told(context, &imported)?;
    Ok(Exit::OK)
}

/// Keeps what a file holds.
pub(in crate::cli) fn keep(store: &Store, mut file: PostmanEnvironment, name: &str) -> Result<Imported, Report> {
    let notes = std::mem::take(&mut file.notes);
    Ok(Imported::new(take(store, file, name)?, notes))
}

/// Says what was imported.
pub(in crate::cli) fn told(context: &Context, imported: &Imported) -> Result<(), Report> {
    if context.output.format != Format::Text {
        return context.output.document(imported);
    }
    let notes = match imported {
        Imported::Environment { environment, notes } => {
            let variables = count(environment.variables.len() as i64, "variable");
            let (id, name) = (environment.id, &environment.name);
            notice(format_args!("{variables} in environment {id} \"{name}\": waylay environment use {id}"));
            notes
        }
        Imported::Globals { globals, notes } => {
            notice(format_args!("the globals have {} now", count(globals.variables.len() as i64, "variable")));
            notes
        }
    };
    notes.iter().for_each(notice);
    Ok(())
}

pub(super) fn export(context: &Context, args: &ExportArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let (name, variables) = match args.globals {
        true => ("Globals".to_owned(), reader.globals()?.variables),
        false => {
            let found = find(&reader, &args.name)?;
            (found.name, found.variables)
        }
    };
    let text = postman_environment::write(&name, args.globals, &variables, Timestamp::now());
    if args.output == Path::new("-") {
        stdout().write_all(text.as_bytes()).map_err(Report::output)?;
        return Ok(Exit::OK);
    }
    let mut target = Target::create(&args.output, args.force)?;
    let written = target.file().write_all(text.as_bytes());
    written.map_err(|error| Report::io(format!("cannot write {}", args.output.display()), error))?;
    target.finish()?;
    let variables = count(variables.len() as i64, "variable");
    notice(format_args!("{variables} in {}; values of secrets are empty", args.output.display()));
    Ok(Exit::OK)
}

fn read(path: &Path) -> Result<Vec<u8>, Report> {
    let cannot = |error| Report::io(format!("cannot read {}", path.display()), error);
    let from: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(File::open(path).map_err(cannot)?),
    };
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LARGEST {
        let message = format!("{} is larger than {} MiB", path.display(), LARGEST >> 20);
        return Err(Report::new(Exit::USAGE, message).advise("No environment of Postman is."));
    }
    Ok(bytes)
}

impl From<PostmanError> for Report {
    fn from(error: PostmanError) -> Self {
        let message = error.to_string();
        Self::new(Exit::USAGE, message.strip_suffix('.').unwrap_or(&message)).advise("Nothing was imported.")
    }
}

impl From<Unfit> for Report {
    fn from(error: Unfit) -> Self {
        Self::new(Exit::USAGE, error).advise("Nothing was changed.")
    }
}

impl From<TakeError> for Report {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Unfit(unfit) => unfit.into(),
            TakeError::Store(error) => error.into(),
        }
    }
}
