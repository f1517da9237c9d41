//! Two exchanges, compared.

use super::{expected::Expected, rules};
use crate::compare::{BadRule, Comparison, compare};
use serde::{Deserialize, Serialize};
use waylay_storage::{Reader, StoreError, model::ExchangeId};

/// How one answer differs from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// What differs.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// What is told, but does not count.
    pub info: Info,
}

/// What is told of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// Bytes of the bodies as transferred.
    pub size: [u64; 2],
    /// How long the exchanges took, microseconds.
    pub duration_us: [Option<i64>; 2],
}

/// Why two were not compared.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// What is not to count cannot be understood.
    #[error(transparent)]
    Rule(#[from] BadRule),
    /// The store could not be read, or has no such exchange.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Compares `b` with `a`, by the rules that are kept for their sessions and `ignore`. May block.
///
/// # Errors
/// [`PairError`]
pub fn pair(reader: &Reader, a: ExchangeId, b: ExchangeId, ignore: &[String]) -> Result<Compared, PairError> {
    let rules = rules::of(reader, &[a.session, b.session], ignore)?;
    let read = |id| Expected::captured(reader, id)?.ok_or(StoreError::NoExchange(id));
    let (a, b) = (read(a)?, read(b)?);
    Ok(of(&a, &b, &rules))
}

/// Compares two answers.
pub fn of(a: &Expected, b: &Expected, rules: &crate::compare::Rules) -> Compared {
    let info = Info { size: [a.size, b.size], duration_us: [a.duration_us, b.duration_us] };
    Compared { comparison: compare(&a.answer(), &b.answer(), rules), info }
}
