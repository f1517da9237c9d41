//! Jars from and to files of other tools.

use super::{ExportArgs, Form, ImportArgs, query, which::jar};
use crate::{
    cli::{
        Context,
        control::Control,
        escape::escaped,
        output::{Format, notice, stdout},
        report::{Exit, Report},
        units::count,
    },
    jars::files::Imported,
};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

/// One byte more than the daemon takes: it then says so.
const LARGEST: u64 = (64 << 20) + 1;

impl Form {
    fn word(self) -> &'static str {
        match self {
            Self::Netscape => "netscape",
            Self::StorageState => "storage_state",
            Self::CookieEditor => "cookie_editor",
        }
    }
}

pub(super) async fn import(context: &Context, control: &Control, args: &ImportArgs) -> Result<Exit, Report> {
    let id = jar(control, args.within.jar.as_deref()).await?;
    let failed = |error| Report::io(format!("cannot read {}", args.file.display()), error);
    let mut file = Vec::new();
    if args.file == Path::new("-") {
        io::stdin().lock().take(LARGEST).read_to_end(&mut file).map_err(failed)?;
    } else {
        fs::File::open(&args.file).map_err(failed)?.take(LARGEST).read_to_end(&mut file).map_err(failed)?;
    }
    let format = args.format.map(|form| format!("?{}", query([("format", form.word())]))).unwrap_or_default();
    let pieces = stream::iter([Ok(Bytes::from(file))]);
    let imported: Imported = control.upload(&format!("/jars/{id}/import{format}"), pieces).await?;
    if context.output.format != Format::Text {
        context.output.document(&imported)?;
        return Ok(Exit::OK);
    }
    let (added, replaced) = (count(imported.added as u64, "cookie"), imported.replaced);
    notice(format_args!("{added} added, {replaced} replaced"));
    if imported.over > 0 {
        notice(format_args!("{} had ended already", count(imported.over as u64, "cookie")));
    }
    for refused in &imported.refused {
        notice(format_args!("{}: {}", escaped(&refused.place), escaped(&refused.reason)));
    }
    let more = imported.refused_count.saturating_sub(imported.refused.len());
    if more > 0 {
        notice(format_args!("{more} more places gave no cookie"));
    }
    imported.notes.iter().for_each(|note| notice(escaped(note)));
    Ok(Exit::OK)
}

pub(super) async fn export(context: &Context, control: &Control, args: &ExportArgs) -> Result<Exit, Report> {
    #[derive(Deserialize)]
    struct Lacking {
        left_out: Vec<String>,
    }
    let id = jar(control, args.within.jar.as_deref()).await?;
    let domain = args.domain.as_deref().map(|domain| ("domain", domain));
    let pairs = query([("format", args.format.word())].into_iter().chain(domain));
    let file = control.document(&format!("/jars/{id}/export?{pairs}")).await?;
    let lacking: Lacking = control.get(&format!("/jars/{id}/export/report?{pairs}")).await?;
    match &args.output {
        None => stdout().write_all(&file).map_err(Report::output)?,
        Some(path) => {
            write(path, &file).map_err(|error| Report::io(format!("cannot write {}", path.display()), error))?;
        }
    }
    if context.output.format == Format::Text || args.output.is_some() {
        lacking.left_out.iter().for_each(|why| notice(escaped(why)));
    }
    Ok(Exit::OK)
}

/// Only for whoever writes it: it holds what one is logged in with.
fn write(path: &Path, file: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(file)
}
