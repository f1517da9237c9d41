//! Files of a request, handed over to the daemon before it is sent.

use super::data::unreadable;
use crate::{
    cli::{
        control::Control,
        report::{Exit, Report},
    },
    request::{Body, Draft},
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// A file that is still to be handed over, in a draft: its number between these.
const PLACE: (&str, &str) = ("\0file ", "\0");

/// Stands in a draft for the file of that number until it is handed over.
pub(super) fn place(number: usize) -> String {
    format!("{}{number}{}", PLACE.0, PLACE.1)
}

/// Files that the daemon was given for this request.
pub(in crate::cli) struct Uploads<'a> {
    control: &'a Control,
    names: Vec<String>,
}

/// How much of a file is read at a time.
const PIECE: usize = 256 << 10;

impl<'a> Uploads<'a> {
    /// Hands them over.
    pub(in crate::cli) async fn new(control: &'a Control, files: Vec<PathBuf>) -> Result<Self, Report> {
        let mut uploads = Self { control, names: Vec::new() };
        for (number, path) in files.iter().enumerate() {
            let mut random = [0; 8];
            getrandom::fill(&mut random)
                .map_err(|e| Report::new(Exit::IO, format!("there are no random numbers: {e}")))?;
            let name = format!("send-{:016x}-{number}", u64::from_ne_bytes(random));
            if let Err(report) = upload(control, path, &name).await {
                uploads.remove().await;
                return Err(report);
            }
            uploads.names.push(name);
        }
        Ok(uploads)
    }

    /// The draft with their names in it.
    pub(in crate::cli) fn named(&self, mut draft: Draft) -> Draft {
        let name = |src: &mut String| {
            let number = src.strip_prefix(PLACE.0).and_then(|rest| rest.strip_suffix(PLACE.1)?.parse::<usize>().ok());
            if let Some(name) = number.and_then(|n| self.names.get(n)) {
                src.clone_from(name);
            }
        };
        match &mut draft.body {
            Body::File { src } => name(src),
            Body::Formdata { formdata } => formdata.iter_mut().filter_map(|p| p.src.as_mut()).flatten().for_each(name),
            _ => {}
        }
        draft
    }

    /// Takes them away again; what was sent of them is kept with the exchange.
    pub(in crate::cli) async fn remove(&self) {
        for name in &self.names {
            // A daemon that has gone took the request with it.
            let _ = self.control.order(http::Method::DELETE, &format!("/files/{name}")).await;
        }
    }
}

async fn upload(control: &Control, path: &Path, name: &str) -> Result<(), Report> {
    let file: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).map_err(|e| unreadable(path, e))?)
    };
    let pieces = stream::unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece) {
            Ok(0) => None,
            Ok(n) => {
                piece.truncate(n);
                Some((Ok(Bytes::from(piece)), file))
            }
            Err(e) => Some((Err(e), file)),
        }
    });
    let _: Value = control.put(&format!("/files/{name}"), pieces).await?;
    Ok(())
}
