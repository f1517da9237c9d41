//! Copying the parts of a segment that are in use, and removing what is left.

use super::{Files, path};
use crate::{model::Part, platform};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
};

/// Bytes that are copied at a time.
const PIECE: usize = 256 << 10;

/// A part of a segment that belongs to a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Live {
    pub(crate) seq: i64,
    pub(crate) part: Part,
    pub(crate) offset: u64,
    pub(crate) position: u64,
    pub(crate) length: u64,
}

/// Where the parts in use of a segment have been copied to.
pub(crate) struct Copied {
    pub(crate) segment: i64,
    /// One for each part: its position, and how much of it there was.
    pub(crate) places: Vec<(u64, u64)>,
}

impl Files {
    /// The segments there are, and how long each is.
    pub(crate) fn list(&self) -> io::Result<Vec<(i64, u64)>> {
        let mut found = Vec::new();
        let entries = match fs::read_dir(self.dir()) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(found),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let number = entry.file_name().to_str().and_then(|name| name.parse::<i64>().ok());
            match (number, entry.metadata()) {
                (Some(number), Ok(facts)) if facts.is_file() && *path(self.dir(), number) == *entry.path() => {
                    found.push((number, facts.len()));
                }
                _ => {} // not ours, or gone in between
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Copies parts of a segment, in their order, to a new one that nobody adds to, and makes that durable. After an
    /// error nothing of it is left.
    pub(crate) fn copy(&self, number: i64, parts: &[Live]) -> io::Result<Copied> {
        let from = File::open(path(self.dir(), number))?;
        let to = self.create()?;
        let copied = copy_parts(&from, &to.file, parts);
        let copied = copied.and_then(|places| to.file.sync_data().map(|()| places));
        let copied = copied.and_then(|places| platform::sync_folder(self.dir()).map(|()| places));
        match copied {
            Ok(places) => Ok(Copied { segment: to.number, places }),
            Err(e) => {
                // The first error is what matters; what is left is found to be unused by the next attempt.
                let _ = fs::remove_file(path(self.dir(), to.number));
                Err(e)
            }
        }
    }

    /// Removes a segment that nothing refers to.
    pub(crate) fn remove(&self, number: i64) -> io::Result<()> {
        match fs::remove_file(path(self.dir(), number)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        platform::sync_folder(self.dir())
    }
}

fn copy_parts(mut from: &File, to: &File, parts: &[Live]) -> io::Result<Vec<(u64, u64)>> {
    let mut buffer = vec![0; PIECE];
    let (mut places, mut end) = (Vec::with_capacity(parts.len()), 0);
    for part in parts {
        from.seek(SeekFrom::Start(part.position))?;
        let (begin, mut left) = (end, part.length);
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let n = match from.read(&mut buffer[..most]) {
                Ok(0) => break, // it is shorter than was said: the rest is lost
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            platform::write_all_at(to, &buffer[..n], end)?;
            end += n as u64;
            left -= n as u64;
        }
        places.push((begin, end - begin));
    }
    Ok(places)
}
