//! All of a replay in a document: [`json()`], or [`junit()`] for what shows the results of tests. Read and written some at a time.
//!
//! Reports are handed on: values under names that carry secrets are left out of them.

mod json;
mod junit;
#[cfg(test)]
mod tests;

pub use json::json;
pub use junit::junit;

use super::results::Outcome;
use crate::{
    compare::{Difference, Part},
    formats::redact::names,
};
use std::io;
use waylay_storage::{Reader, StoreError, model::Replay};

/// Results that are read at once.
const PAGE: usize = 200;

/// Why a report was not written to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever takes it does not take it any more.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Calls `each` with what came of each request, in order.
fn outcomes(
    reader: &Reader,
    replay: &Replay,
    mut each: impl FnMut(Outcome) -> Result<(), ReportError>,
) -> Result<(), ReportError> {
    let mut after = 0;
    loop {
        let rows = reader.replayed(replay, None, after, PAGE)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.position;
        for row in rows {
            let mut outcome = Outcome::new(row, true);
            outcome.comparison.iter_mut().flat_map(|found| &mut found.comparison.differences).for_each(hide);
            each(outcome)?;
        }
    }
}

/// Leaves out values that may be secret.
fn hide(difference: &mut Difference) {
    let hidden = || Some("(hidden)".to_owned());
    let name = match difference.part {
        Part::Json => {
            difference.path.rsplit(['.', '[', '\'']).find(|name| name.bytes().any(|b| b.is_ascii_alphabetic()))
        }
        Part::Header | Part::Trailer => Some(difference.path.as_str()),
        _ => None,
    };
    // Of cookies no values are told in the first place, unless they are asked for.
    let shows_cookie = difference.path == "set-cookie";
    if shows_cookie
        || (name.is_some_and(|name| names::kind(name.as_bytes()).is_some())
            && !difference.path.starts_with("set-cookie "))
    {
        difference.a = difference.a.as_ref().and_then(|_| hidden());
        difference.b = difference.b.as_ref().and_then(|_| hidden());
    }
}
