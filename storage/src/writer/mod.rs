//! The one thread that writes.
//!
//! - this file: [`Writer`], which takes a batch, writes it, and tries again what could not be written
//! - [`command`]: what the store asks of it besides storing events
//! - [`batch`]: one transaction; [`exchange`], [`message`], [`connection`] and [`session`] are its rows
//! - [`segments`]: the files of big bodies; [`extents`]: where in them a body lies
//! - [`checkpoint`]: moving the log into the database, on a thread of its own
//! - [`progress`]: how it goes, for [`Health`](crate::Health) and for those who wait for commits
//!
//! Order of one batch: body bytes into segments, then one transaction with the extents that refer to them, the rows,
//! and the totals. A process that is killed leaves at most bytes at the end of a segment that nothing refers to.
//!
//! Errors never stop it. Rows that could not be written are kept and tried again; when they fill half the budget the
//! oldest are given up and counted. Body bytes that could not be written are given up at once, so that traffic goes
//! on: what no extent covers is a gap.

mod batch;
mod checkpoint;
pub(crate) mod command;
mod connection;
mod content_type;
mod exchange;
mod extents;
mod message;
mod progress;
mod segments;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use progress::Progress;
pub(crate) use segments::path as segment_path;

use crate::{
    StoreError,
    model::Part,
    queue::{Event, Ids, Queue, event::weight},
    schema::recovery,
};
use bytes::Bytes;
use checkpoint::Checkpoint;
use command::Command;
use extents::Extents;
use progress::Area;
use rusqlite::Connection;
use segments::Segments;
use std::{
    collections::HashSet,
    io,
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The first pause after a failed attempt, and the longest.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Starts the writer's thread, which ends after [`Command::close`].
pub(crate) fn start(mut writer: Writer) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("waylay-writer".into()).spawn(move || {
        // However the thread ends, nobody goes on to wait for it.
        let _closing = CloseQueue(writer.queue.clone());
        writer.run();
    })
}

struct CloseQueue(Arc<Queue>);

impl Drop for CloseQueue {
    fn drop(&mut self) {
        drop(self.0.close());
    }
}

/// Bytes of a body on their way into a segment.
struct Chunk {
    seq: i64,
    part: Part,
    offset: u64,
    data: Bytes,
}

pub(crate) struct Writer {
    db: Connection,
    queue: Arc<Queue>,
    ids: Arc<Ids>,
    progress: Arc<Progress>,
    tick: Duration,
    segments: Segments,
    extents: Extents,
    checkpoint: Checkpoint,
    /// Taken from the queue and not yet committed, oldest first.
    rows: Vec<Event>,
    commands: Vec<Command>,
    /// Exchanges whose row says that they are under way.
    open: HashSet<i64>,
    retry: Option<Retry>,
}

#[derive(Clone, Copy)]
struct Retry {
    at: Instant,
    pause: Duration,
}

impl Writer {
    /// `beside` is a second connection to the same database, for checkpoints.
    pub(crate) fn new(
        db: Connection,
        beside: Connection,
        dir: &Path,
        queue: Arc<Queue>,
        ids: Arc<Ids>,
        progress: Arc<Progress>,
        tick: Duration,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            checkpoint: Checkpoint::start(beside, &dir.join(crate::SEGMENTS))?,
            segments: Segments::new(dir.join(crate::SEGMENTS)),
            extents: Extents::default(),
            rows: Vec::new(),
            commands: Vec::new(),
            open: HashSet::new(),
            retry: None,
            db,
            queue,
            ids,
            progress,
            tick,
        })
    }

    fn run(&mut self) {
        let (mut events, mut commands) = (Vec::with_capacity(1024), Vec::new());
        loop {
            let patience = self.retry.map(|r| r.at.saturating_duration_since(Instant::now()));
            self.queue.take(&mut events, &mut commands, self.tick, patience);
            let asked = !commands.is_empty();
            self.commands.append(&mut commands);
            self.accept(&mut events);
            if asked || self.retry.is_none_or(|r| r.at <= Instant::now()) {
                self.commit();
            }
            self.shed();
            if let Some(close) = self.take_close() {
                return self.finish(close);
            }
        }
    }

    /// Writes the chunks of a batch and lines up its rows.
    fn accept(&mut self, events: &mut Vec<Event>) {
        let mut chunks = Vec::new();
        for event in events.drain(..) {
            match event {
                Event::Chunk { seq, part, offset, data } => chunks.push(Chunk { seq, part, offset, data }),
                row => self.rows.push(row),
            }
        }
        if !chunks.is_empty() {
            self.append(chunks);
        }
    }

    fn append(&mut self, mut chunks: Vec<Chunk>) {
        // Neighbours in a body become neighbours in the file, so that one extent holds them. The sort is stable.
        chunks.sort_by_key(|c| (c.seq, c.part));
        let bytes: u64 = chunks.iter().map(|c| c.data.len() as u64).sum();
        let mut placed = 0;
        let result = self.segments.append(&chunks, |chunk, place| {
            placed += place.length;
            self.extents.place(chunk, place);
        });
        if let Err(e) = &result {
            self.progress.lost_bytes(bytes - placed);
            self.progress.failed(Area::Bodies, e.to_string());
        } else {
            self.progress.succeeded(Area::Bodies);
        }
        drop(chunks);
        self.queue.budget().give(usize::try_from(bytes).unwrap_or(usize::MAX));
    }

    fn commit(&mut self) {
        if self.rows.is_empty() && self.commands.is_empty() && self.extents.pending().is_empty() {
            self.retry = None;
            return;
        }
        match batch::write(&mut self.db, &self.rows, self.extents.pending(), &self.commands, &self.open) {
            Ok(written) => self.settle(written),
            Err(e) => self.failed(&e),
        }
    }

    /// After COMMIT.
    fn settle(&mut self, written: batch::Written) {
        self.retry = None;
        self.extents.committed();
        for row in &written.committed {
            if row.done {
                self.open.remove(&row.seq);
                self.extents.finish(row.seq);
            } else {
                self.open.insert(row.seq);
            }
        }
        let weight = self.rows.iter().map(weight).sum();
        self.rows.clear();
        self.queue.budget().give(weight);
        self.progress.succeeded(Area::Rows);
        self.progress.committed(&written);
        // A close comes back: it is answered at the very end.
        let answered = std::mem::take(&mut self.commands).into_iter().zip(written.outcomes);
        self.commands = answered.filter_map(|(command, outcome)| command.answer(outcome, &self.ids)).collect();
        match self.checkpoint.after_commit(&self.db, &mut self.segments) {
            Some(Ok(())) => self.progress.succeeded(Area::Checkpoint),
            Some(Err(e)) => self.progress.failed(Area::Checkpoint, e),
            None => {}
        }
    }

    fn failed(&mut self, error: &rusqlite::Error) {
        self.progress.failed(Area::Rows, error.to_string());
        let pause = self.retry.map_or(RETRY.0, |r| (r.pause * 2).min(RETRY.1));
        let now = Instant::now();
        self.retry = Some(Retry { at: now + pause, pause });
        self.commands.retain(|c| !c.give_up(now, error));
    }

    /// Gives up the oldest rows that wait to be tried again once they fill half the budget: the other half belongs to
    /// bodies, which otherwise would hold up the traffic.
    fn shed(&mut self) {
        if self.retry.is_none() {
            return;
        }
        let limit = self.queue.budget().capacity() / 2;
        let mut held: usize = self.rows.iter().map(weight).sum();
        let excess = self.rows.iter().take_while(|row| {
            let over = held > limit;
            held -= weight(row).min(held);
            over
        });
        let excess = excess.count();
        for row in self.rows.drain(..excess) {
            if let Event::Open(x) | Event::Done(x) = &row {
                self.extents.forget(x.seq);
            }
            self.queue.give_up(&row);
        }
    }

    /// The command to close, once there is nothing left to write or no time left to try.
    fn take_close(&mut self) -> Option<Command> {
        let due = |c: &Command| c.is_close() && (self.retry.is_none() || c.is_late(Instant::now()));
        let at = self.commands.iter().position(due)?;
        Some(self.commands.swap_remove(at))
    }

    fn finish(&mut self, close: Command) {
        let unwritten = self.rows.len();
        for row in self.rows.drain(..) {
            self.queue.give_up(&row);
        }
        let mut end = || {
            self.segments.sync()?;
            self.checkpoint.stop();
            if unwritten == 0 && self.extents.is_settled() {
                recovery::close(&mut self.db, &self.ids)?;
            }
            self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            match unwritten {
                0 => Ok(()),
                _ => Err(StoreError::Write(format!("{unwritten} rows were given up at the end"))),
            }
        };
        let result = end();
        close.closed(result);
    }
}
