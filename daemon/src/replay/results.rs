//! What came of requests, as people and programs see it.

use super::pair::Compared;
use serde::Serialize;
use serde_json::Value;
use waylay_storage::model::{ExchangeId, Replayed, Verdict};

/// Differences that are told in few words.
const SUMMARY: usize = 5;

/// What came of one.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Its place, from 1.
    pub position: i64,
    /// What was sent again.
    pub original: Original,
    /// What came of it; `None` if it was not sent.
    pub result: Option<Found>,
    /// In a word.
    pub verdict: Verdict,
    /// The first differences in few words, such as `status 200 → 500`, `$.items[3].price`; then how many there are more.
    pub summary: Vec<String>,
    /// Why it failed or was skipped: `message`, and for what the sending path says `stage`, `reason` and `hint`.
    pub error: Option<Value>,
    /// How it compares; the first 50 differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Compared>,
}

/// What was sent again.
#[derive(Clone, Debug, Serialize)]
pub struct Original {
    /// The exchange, if it was captured.
    pub id: Option<ExchangeId>,
    /// The item, if it is of a collection.
    pub item: Option<i64>,
    /// The name of that.
    pub name: Option<String>,
    /// Method.
    pub method: String,
    /// URL.
    pub url: String,
    /// Status of the answer that is compared with.
    pub status: Option<u16>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The exchange.
    pub id: ExchangeId,
    /// Its status.
    pub status: Option<u16>,
    /// How long it took, microseconds.
    pub duration_us: Option<i64>,
}

impl Outcome {
    /// Of a row; with how it compares if that is wanted.
    pub fn new(row: Replayed, with_comparison: bool) -> Self {
        let Replayed { position, original, item, name, method, url, status, result, result_status, .. } = row;
        // What another version wrote counts for nothing.
        let comparison: Option<Compared> = row.comparison.and_then(|json| serde_json::from_str(&json).ok());
        Self {
            position,
            original: Original { id: original, item, name, method, url, status },
            result: result.map(|id| Found { id, status: result_status, duration_us: row.duration_us }),
            verdict: row.verdict,
            summary: comparison.as_ref().map(summary).unwrap_or_default(),
            error: row.error.and_then(|json| serde_json::from_str(&json).ok()),
            comparison: comparison.filter(|_| with_comparison),
        }
    }

    /// Why it failed or was skipped, in a sentence.
    pub fn message(&self) -> &str {
        let message = self.error.as_ref().and_then(|error| error.get("message")).and_then(Value::as_str);
        message.unwrap_or_default()
    }
}

fn summary(compared: &Compared) -> Vec<String> {
    let comparison = &compared.comparison;
    let mut words: Vec<_> = comparison.differences.iter().take(SUMMARY).map(|one| one.summary()).collect();
    let more = comparison.total.saturating_sub(words.len() as u64);
    if more > 0 {
        words.push(format!("and {more} more"));
    }
    words
}
