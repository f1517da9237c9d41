//! What came of requests, some at a time: answers are compared and all of it is stored, a few times a second.

use super::{
    expected::Expected,
    pair::{self, Compared, PairError},
    rules,
};
use crate::{agent::SendError, collection::Example, compare::Rules};
use serde::Serialize;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::Instant};
use waylay_storage::{
    Reader, Store, StoreError,
    model::{ExchangeId, Replayed, SessionId, Verdict},
};

/// How long results gather.
const GATHER: Duration = Duration::from_millis(100);
/// Most at once.
const BATCH: usize = 200;
/// Differences that are stored of one.
const STORED: usize = 50;

/// A request that is over.
#[derive(Debug)]
pub(super) struct Done {
    /// What is stored of it; the verdict is that of one that is not compared.
    pub row: Replayed,
    /// What its answer is to be compared with.
    pub with: With,
}

/// What an answer is compared with.
#[derive(Debug)]
pub(super) enum With {
    /// Nothing.
    Nothing,
    /// What was captured.
    Original(ExchangeId),
    /// What is kept.
    Example(Box<Example>),
}

/// Why one failed or was skipped, as it is stored.
#[derive(Debug, Serialize)]
struct Why<'a> {
    message: &'a str,
}

/// A sentence that says why, for one that was not sent.
pub(super) fn why(message: &str) -> Option<String> {
    serde_json::to_string(&Why { message }).ok()
}

/// An error of the sending path, likewise.
pub(super) fn error(error: &SendError) -> Option<String> {
    serde_json::to_string(error).ok()
}

/// Takes results until there are no more.
///
/// # Errors
/// Those of the store: then nothing more is taken.
pub(super) async fn judge(
    store: Arc<Store>,
    replay: i64,
    ignore: Vec<String>,
    mut results: mpsc::Receiver<Done>,
) -> Result<(), StoreError> {
    let mut judge = Judge { ignore, rules: HashMap::new() };
    loop {
        let mut batch = Vec::new();
        if results.recv_many(&mut batch, BATCH).await == 0 {
            return Ok(());
        }
        let until = Instant::now() + GATHER;
        while batch.len() < BATCH {
            let left = BATCH - batch.len();
            match tokio::time::timeout_at(until, results.recv_many(&mut batch, left)).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
        let store = Arc::clone(&store);
        let work = move || {
            judge.batch(&store, replay, batch)?;
            Ok::<_, StoreError>(judge)
        };
        judge = tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::Closed))?;
        // Whoever follows the replay is told at most ten times a second.
        tokio::time::sleep_until(until).await;
    }
}

struct Judge {
    ignore: Vec<String>,
    /// By session of the originals.
    rules: HashMap<Option<SessionId>, Arc<Rules>>,
}

impl Judge {
    fn batch(&mut self, store: &Store, replay: i64, batch: Vec<Done>) -> Result<(), StoreError> {
        // Rows of exchanges are on their way to the store when they are over.
        store.flush()?;
        let reader = store.reader()?;
        let rows = batch.into_iter().map(|done| self.one(&reader, done)).collect::<Result<Vec<_>, _>>()?;
        store.add_replayed(replay, rows)
    }

    fn one(&mut self, reader: &Reader, Done { mut row, with }: Done) -> Result<Replayed, StoreError> {
        let Some(result) = row.result else { return Ok(row) };
        let Some(found) = Expected::captured(reader, result)? else { return Ok(row) };
        row.duration_us = found.duration_us;
        if row.verdict != Verdict::Sent {
            return Ok(row);
        }
        let (expected, session) = match &with {
            With::Nothing => return Ok(row),
            With::Original(id) => (Expected::captured(reader, *id)?, Some(id.session)),
            With::Example(example) => (Some(Expected::example(example)), None),
        };
        let Some(expected) = expected else { return Ok(row) };
        let compared = pair::of(&expected, &found, &*self.rules(reader, session)?);
        row.verdict = if compared.comparison.same { Verdict::Same } else { Verdict::Changed };
        row.comparison = stored(compared);
        Ok(row)
    }

    fn rules(&mut self, reader: &Reader, session: Option<SessionId>) -> Result<Arc<Rules>, StoreError> {
        if let Some(known) = self.rules.get(&session) {
            return Ok(Arc::clone(known));
        }
        let mut ignore = self.ignore.clone();
        if session.is_none() {
            // Examples do not say how they were coded.
            ignore.extend(["header:content-encoding", "header:trailer"].map(str::to_owned));
        }
        let rules = match rules::of(reader, session.as_slice(), &ignore) {
            Ok(rules) => rules,
            Err(PairError::Store(error)) => return Err(error),
            // They were checked when they were given; another version's count for nothing.
            Err(PairError::Rule(_)) => Rules::new(crate::compare::NOISE, &ignore).unwrap_or_default(),
        };
        let rules = Arc::new(rules);
        self.rules.insert(session, Arc::clone(&rules));
        Ok(rules)
    }
}

fn stored(mut compared: Compared) -> Option<String> {
    let comparison = &mut compared.comparison;
    comparison.truncated |= comparison.differences.len() > STORED;
    comparison.differences.truncate(STORED);
    serde_json::to_string(&compared).ok()
}
