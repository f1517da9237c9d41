//! What browsers do with cookies, in tables.

mod browsers;
mod explain;
mod http_state;
mod jar;
mod scope;

use url::Url;

/// 12 November 2026, microseconds.
pub(super) const NOW: i64 = 1_794_500_000_000_000;

/// A second.
pub(super) const SECOND: i64 = 1_000_000;

pub(super) fn url(text: &str) -> Url {
    Url::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}
