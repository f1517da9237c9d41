//! The stored bytes of a part of a body, whether or not its exchange is over.

use super::{
    Reader, Result,
    body::{self, Run, Source},
    row,
};
use crate::{
    SEGMENTS,
    model::{Gap, Part},
};
use std::{collections::VecDeque, io::Cursor, ops::Range, path::PathBuf};

/// So many runs are looked up at once, if there are that many: the ranges that follow then need no look-up.
const AHEAD: usize = 512;

/// Finds the stored bytes of ranges of one body. Ranges that ascend cost one look-up for many.
pub(super) struct Ranges<'r> {
    reader: &'r Reader,
    seq: i64,
    part: Part,
    dir: PathBuf,
    /// All runs that reach into `known`, ascending and apart, each as far as its segment really goes.
    runs: Vec<Run>,
    known: Range<u64>,
}

/// The stored bytes of a range.
pub(super) struct Found {
    /// How many there are.
    pub(super) stored: u64,
    /// Gives them in order.
    pub(super) source: Source,
}

impl<'r> Ranges<'r> {
    pub(super) fn of(reader: &'r Reader, seq: i64, part: Part) -> Self {
        Self { reader, seq, part, dir: reader.dir.join(SEGMENTS), runs: Vec::new(), known: 0..0 }
    }

    /// What is stored of `length` bytes from `offset` on.
    pub(super) fn find(&mut self, offset: u64, length: u64) -> Result<Found> {
        let wanted = offset..offset.saturating_add(length);
        if wanted.is_empty() {
            return Ok(Found { stored: 0, source: Source::Row(Cursor::default()) });
        }
        if wanted.start < self.known.start || wanted.end > self.known.end {
            self.look_up(&wanted)?;
        }
        if self.runs.is_empty() {
            return self.in_row(&wanted);
        }
        let before = self.runs.partition_point(|run| run.offset + run.length <= wanted.start);
        let within = self.runs[before..].iter().map_while(|run| clipped(*run, &wanted));
        let runs: VecDeque<Run> = within.collect();
        let stored = runs.iter().map(|run| run.length).sum();
        Ok(Found { stored, source: Source::Segments { dir: self.dir.clone(), runs, open: None } })
    }

    /// Reads the runs from the one that `wanted` begins in to the one it ends in, and some more.
    fn look_up(&mut self, wanted: &Range<u64>) -> Result<()> {
        let mut statement = self.reader.db.prepare_cached(
            "SELECT offset, segment, position, length FROM extent WHERE seq = ?1 AND part = ?2 AND offset >=
               ifnull((SELECT max(offset) FROM extent WHERE seq = ?1 AND part = ?2 AND offset <= ?3), 0)
             ORDER BY offset",
        )?;
        // Beyond what SQLite can hold there is nothing.
        let from = i64::try_from(wanted.start).unwrap_or(i64::MAX);
        let mut rows = statement.query([self.seq, self.part as i64, from])?;
        let (mut runs, mut end) = (Vec::new(), u64::MAX);
        while let Some(row) = rows.next()? {
            let run = body::run(row)?;
            if runs.len() >= AHEAD && run.offset >= wanted.end {
                end = run.offset;
                break;
            }
            runs.push(run);
        }
        self.runs = body::readable(&self.dir, runs, u64::MAX)?;
        self.known = wanted.start..end;
        Ok(())
    }

    /// A body without runs stands in its row, if anywhere.
    fn in_row(&self, wanted: &Range<u64>) -> Result<Found> {
        let mut statement = self.reader.db.prepare_cached(match self.part {
            Part::Request => "SELECT request_body, request_gaps FROM exchange WHERE seq = ?1",
            Part::Response => "SELECT response_body, response_gaps FROM exchange WHERE seq = ?1",
        })?;
        let mut rows = statement.query([self.seq])?;
        let mut bytes = Vec::new();
        if let Some(row) = rows.next()? {
            let body = row::bytes(row, 0)?;
            for run in around(&row::gaps(row, 1)?, body.len() as u64) {
                if let Some(run) = clipped(run, wanted) {
                    // Both lie within the body, which is in memory.
                    bytes.extend_from_slice(&body[run.position as usize..(run.position + run.length) as usize]);
                }
            }
        }
        Ok(Found { stored: bytes.len() as u64, source: Source::Row(Cursor::new(bytes)) })
    }
}

/// The part of a run that lies in a range, if any does.
fn clipped(run: Run, wanted: &Range<u64>) -> Option<Run> {
    let from = run.offset.max(wanted.start);
    let to = run.offset.saturating_add(run.length).min(wanted.end);
    (from < to).then(|| Run { offset: from, position: run.position + (from - run.offset), length: to - from, ..run })
}

/// What a body of `stored` bytes holds around its gaps.
fn around(gaps: &[Gap], stored: u64) -> Vec<Run> {
    let (mut runs, mut offset, mut position) = (Vec::new(), 0, 0);
    let rest = Gap { offset: u64::MAX, length: 0 };
    for gap in gaps.iter().chain([&rest]) {
        let length = gap.offset.saturating_sub(offset).min(stored - position);
        runs.push(Run { offset, segment: 0, position, length });
        (offset, position) = (gap.offset.saturating_add(gap.length), position + length);
    }
    runs
}
