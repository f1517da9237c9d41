//! Where the bytes come from.

use super::{folder, spooled};
use crate::cli::{export::progress::Progress, report::Report};
use bytes::Bytes;
use futures_util::stream;
use std::{
    fs::File,
    io::{self, Cursor, Read},
    path::Path,
};

/// How much of a file is sent at a time, bytes.
const PIECE: usize = 256 << 10;

/// A file, a folder packed into one, or standard input.
pub(super) struct Source {
    from: Box<dyn Read + Send>,
    /// A file that can be read at any place.
    pub(super) file: Option<File>,
    progress: Progress,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, Report> {
        if path == Path::new("-") {
            return Ok(Self { from: Box::new(io::stdin()), file: None, progress: Progress::counting("bytes") });
        }
        let cannot = |error| Report::io(format!("cannot read {}", path.display()), error);
        let file = File::open(path).map_err(cannot)?;
        let found = file.metadata().map_err(cannot)?;
        if found.is_dir() {
            let packed = folder::packed(path)?;
            let progress = Progress::bytes(packed.len() as u64);
            return Ok(Self { from: Box::new(Cursor::new(packed)), file: None, progress });
        }
        let from = Box::new(file.try_clone().map_err(cannot)?);
        let file = Some(file).filter(|_| found.is_file());
        Ok(Self { from, file, progress: Progress::bytes(found.len()) })
    }

    /// The bytes for the daemon. Reading a local file is not worth another thread.
    pub(super) fn pieces(self) -> impl stream::Stream<Item = io::Result<Bytes>> + Send {
        stream::try_unfold((self, 0u64), |(mut source, sent)| async move {
            let mut piece = Vec::with_capacity(PIECE);
            (&mut source.from).take(PIECE as u64).read_to_end(&mut piece)?;
            let sent = sent + piece.len() as u64;
            source.progress.at(sent);
            Ok((!piece.is_empty()).then(|| (Bytes::from(piece), (source, sent))))
        })
    }

    /// A file that can be read at any place; what is none yet is kept in `folder` meanwhile, without a name.
    pub(super) fn into_file(mut self, folder: &Path) -> Result<(File, Progress), Report> {
        let file = match self.file.take() {
            Some(file) => file,
            None => spooled(&mut self.from, folder)?,
        };
        Ok((file, self.progress))
    }
}
