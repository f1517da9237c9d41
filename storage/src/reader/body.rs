//! The stored bytes of a body: in the row, or in runs that lie in segments. What neither holds is a gap.

use super::{
    Reader, Result,
    row::{self, word},
};
use crate::{
    SEGMENTS, StoreError,
    model::{BodyEnd, BodyRecord, ExchangeId, Gap, Part},
    platform,
    segments::path as segment_path,
};
use rusqlite::{Connection, Row};
use std::{
    collections::{HashMap, VecDeque},
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// A body as stored. Reading gives the stored bytes in order, passing over the gaps.
#[derive(Debug)]
pub struct Body {
    /// Bytes transferred.
    pub size: u64,
    /// Bytes stored, which is what can be read.
    pub stored: u64,
    /// What is missing, ascending.
    pub gaps: Vec<Gap>,
    /// How the body ended.
    pub end: BodyEnd,
    source: Source,
}

/// Where stored bytes are read from.
#[derive(Debug)]
pub(super) enum Source {
    Row(Cursor<Vec<u8>>),
    Segments { dir: PathBuf, runs: VecDeque<Run>, open: Option<(i64, File)> },
}

/// Bytes of a body that lie together in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) offset: u64,
    pub(super) segment: i64,
    pub(super) position: u64,
    pub(super) length: u64,
}

impl Reader {
    /// A body of an exchange, `None` if there is no such exchange. An exchange without a body has one of size 0.
    ///
    /// # Errors
    /// Besides those of the database, a segment that cannot be looked at. One that is missing or too short is no
    /// error: what it should hold is a gap.
    pub fn body(&self, id: ExchangeId, part: Part) -> Result<Option<Body>> {
        let snapshot = self.db.unchecked_transaction()?;
        let found = find(&self.db, id, part)?;
        let body = found.map(|found| found.open(&self.dir)).transpose()?;
        snapshot.finish()?;
        Ok(body)
    }
}

impl Read for Body {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.source.read(buf)
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Row(bytes) => bytes.read(buf),
            Self::Segments { dir, runs, open } => read_runs(dir, runs, open, buf),
        }
    }
}

fn read_runs(
    dir: &Path,
    runs: &mut VecDeque<Run>,
    open: &mut Option<(i64, File)>,
    buf: &mut [u8],
) -> io::Result<usize> {
    let Some(run) = runs.front_mut().filter(|_| !buf.is_empty()) else { return Ok(0) };
    let file = match open {
        Some((number, file)) if *number == run.segment => file,
        _ => &mut open.insert((run.segment, File::open(segment_path(dir, run.segment))?)).1,
    };
    file.seek(SeekFrom::Start(run.position))?;
    let wanted = usize::try_from(run.length).unwrap_or(usize::MAX).min(buf.len());
    let n = file.read(&mut buf[..wanted])?;
    if n == 0 {
        // It was long enough when the body was opened.
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    run.position += n as u64;
    run.length -= n as u64;
    if run.length == 0 {
        runs.pop_front();
    }
    Ok(n)
}

/// What the database says about a body.
pub(super) struct Found {
    size: u64,
    end: BodyEnd,
    gaps: Vec<Gap>,
    /// In the row.
    inline: Option<Vec<u8>>,
    runs: Vec<Run>,
}

/// Looks a body up.
pub(super) fn find(db: &Connection, id: ExchangeId, part: Part) -> Result<Option<Found>> {
    let mut statement = db.prepare_cached(match part {
        Part::Request => {
            "SELECT seq, request_size, request_end, request_gaps, request_body FROM exchange_listed
             WHERE session = ?1 AND number = ?2"
        }
        Part::Response => {
            "SELECT seq, response_size, response_end, response_gaps, response_body FROM exchange_listed
             WHERE session = ?1 AND number = ?2"
        }
    })?;
    let mut rows = statement.query([id.session.0, id.number])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut found = Found {
        size: row::size(row, 1)?,
        end: word(row, 2)?,
        gaps: row::gaps(row, 3)?,
        inline: row.get(4)?,
        runs: Vec::new(),
    };
    let under_way = found.end == BodyEnd::Open;
    if found.inline.is_none() || under_way {
        found.runs = runs(db, row.get(0)?, part)?;
    }
    if let (true, Some(last)) = (under_way, found.runs.last()) {
        // The row is older than the bytes: the body has outgrown it.
        found.inline = None;
        found.size = found.size.max(last.offset.saturating_add(last.length));
    }
    Ok(Some(found))
}

fn runs(db: &Connection, seq: i64, part: Part) -> Result<Vec<Run>> {
    let mut statement = db.prepare_cached(
        "SELECT offset, segment, position, length FROM extent WHERE seq = ?1 AND part = ?2 ORDER BY offset",
    )?;
    let mut rows = statement.query([seq, part as i64])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(run(row)?);
    }
    Ok(runs)
}

/// The columns `offset, segment, position, length`.
pub(super) fn run(row: &Row<'_>) -> Result<Run> {
    let [offset, position, length] = [row::size(row, 0)?, row::size(row, 2)?, row::size(row, 3)?];
    Ok(Run { offset, segment: row.get(1)?, position, length })
}

impl Found {
    /// Describes the body without reading it.
    pub(super) fn measure(self, dir: &Path) -> Result<BodyRecord> {
        let streamed = !self.runs.is_empty();
        let Body { size, gaps, end, .. } = self.open(dir)?;
        Ok(BodyRecord { size, parts: Vec::new(), streamed, gaps, end })
    }

    fn open(self, dir: &Path) -> Result<Body> {
        let Self { size, end, gaps, inline, runs } = self;
        if let Some(bytes) = inline {
            let stored = bytes.len() as u64;
            return Ok(Body { size, stored, gaps, end, source: Source::Row(Cursor::new(bytes)) });
        }
        let dir = dir.join(SEGMENTS);
        let runs = readable(&dir, runs, size)?;
        let stored = runs.iter().map(|r| r.length).sum();
        let gaps = between(&runs, size);
        Ok(Body { size, stored, gaps, end, source: Source::Segments { dir, runs: runs.into(), open: None } })
    }
}

/// The parts of runs that are there: within the body, within their segment, and not twice.
pub(super) fn readable(dir: &Path, runs: Vec<Run>, size: u64) -> Result<Vec<Run>> {
    let mut lengths = HashMap::new();
    let mut kept = Vec::with_capacity(runs.len());
    let mut reached = 0;
    for mut run in runs {
        let segment = match lengths.get(&run.segment) {
            Some(length) => *length,
            None => *lengths.entry(run.segment).or_insert(segment_len(dir, run.segment)?),
        };
        run.length = run.length.min(segment.saturating_sub(run.position)).min(size.saturating_sub(run.offset));
        let known = u64::saturating_sub(reached, run.offset).min(run.length);
        run = Run { offset: run.offset + known, position: run.position + known, length: run.length - known, ..run };
        if run.length > 0 {
            reached = run.offset + run.length;
            kept.push(run);
        }
    }
    Ok(kept)
}

fn segment_len(dir: &Path, number: i64) -> Result<u64> {
    match platform::plain_file(&segment_path(dir, number)) {
        Ok(found) => Ok(found.len()),
        Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(e),
    }
}

/// What lies between the runs, up to the end of the body.
fn between(runs: &[Run], size: u64) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut reached = 0;
    let end = Run { offset: size, segment: 0, position: 0, length: 0 };
    for run in runs.iter().chain([&end]) {
        if run.offset > reached {
            gaps.push(Gap { offset: reached, length: run.offset - reached });
        }
        reached = run.offset.saturating_add(run.length);
    }
    gaps
}
