//! Which requests, in which order.

use super::{
    asked::{MOST, Which},
    pace::Span,
};
use crate::collection::{ReadError, stored};
use waylay_storage::{
    Filter, ListQuery, Reader, StoreError,
    model::{ExchangeId, Summary},
};

/// One of them.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its place, from 1.
    pub position: i64,
    /// What is sent.
    pub subject: Subject,
    /// When it was under way, the first time.
    pub then: Span,
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A captured exchange.
    Exchange(ExchangeId),
    /// A request of a collection.
    Request(Box<stored::Request>),
}

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum StepsError {
    /// There are more than can be.
    #[error("there are more than {MOST} requests")]
    TooMany,
    /// There is nothing.
    #[error("there is nothing to replay: {0}")]
    Nothing(&'static str),
    /// The filter cannot be understood.
    #[error(transparent)]
    Filter(#[from] waylay_storage::FilterError),
    /// The collection holds what this version does not understand.
    #[error(transparent)]
    Unreadable(#[from] crate::collection::Unreadable),
    /// The store could not be read, or has no such thing.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// In the order in which they began. May block.
///
/// # Errors
/// [`StepsError`]
pub fn steps(reader: &Reader, which: &Which) -> Result<Vec<Step>, StepsError> {
    let steps = match which {
        Which::Exchanges(ids) => named(reader, ids)?,
        Which::Session(id) => {
            if reader.session(*id)?.is_none() {
                return Err(StoreError::NoSession(*id).into());
            }
            matching(reader, &Filter::parse(&format!("session:{id}"))?)?
        }
        Which::Filter(text) => matching(reader, &Filter::parse(text)?)?,
        Which::Collection(id) => saved(stored::requests(reader, *id, None)?),
        Which::Item(id) => {
            let (row, _) = reader.item(*id)?.ok_or(StoreError::NoItem(*id))?;
            saved(stored::requests(reader, row.collection, Some(*id))?)
        }
    };
    if steps.len() > MOST {
        return Err(StepsError::TooMany);
    }
    if steps.is_empty() {
        return Err(StepsError::Nothing(match which {
            Which::Filter(_) => "no exchange matches the filter",
            Which::Session(_) => "the session is empty",
            _ => "there is no request in it",
        }));
    }
    Ok(steps)
}

fn named(reader: &Reader, ids: &[String]) -> Result<Vec<Step>, StepsError> {
    let mut seqs = Vec::with_capacity(ids.len());
    for id in ids {
        let found = reader.resolve(id)?.ok_or_else(|| StoreError::BadId(waylay_storage::model::BadId(id.clone())))?;
        let (exchange, _) = reader.exchange(found)?.ok_or(StoreError::NoExchange(found))?;
        seqs.push(exchange.seq);
    }
    seqs.sort_unstable();
    seqs.dedup();
    Ok(numbered(reader.summaries(&seqs)?))
}

fn matching(reader: &Reader, filter: &Filter) -> Result<Vec<Step>, StepsError> {
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let query = ListQuery { filter: filter.clone(), before: None, after: Some(after), limit: 1_000 };
        let page = reader.list(&query)?.items;
        let Some(last) = page.last() else { return Ok(numbered(found)) };
        after = last.seq;
        found.extend(page);
        if found.len() > MOST {
            return Err(StepsError::TooMany);
        }
    }
}

/// One behind the other, as they stand.
fn saved(requests: Vec<stored::Request>) -> Vec<Step> {
    let step = |(request, position): (stored::Request, i64)| Step {
        position,
        subject: Subject::Request(Box::new(request)),
        then: Span { began_us: position, ended_us: position + 1 },
    };
    requests.into_iter().zip(1..).map(step).collect()
}

impl From<ReadError> for StepsError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => error.into(),
            ReadError::Unreadable(error) => error.into(),
        }
    }
}

fn numbered(summaries: Vec<Summary>) -> Vec<Step> {
    let step = |(summary, position): (Summary, i64)| Step {
        position,
        subject: Subject::Exchange(summary.id),
        then: Span {
            began_us: summary.started_us,
            ended_us: summary.started_us.saturating_add(summary.timings.end_us.unwrap_or(0)),
        },
    };
    summaries.into_iter().zip(1..).map(step).collect()
}
