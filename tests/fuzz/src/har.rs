//! HAR files of other tools.

use serde_json::Value;
use waylay::formats::{har::import::entry::Parsed, redact::places};

/// Any JSON is an entry or is refused, and what is an entry has sizes and times that can be added up. Any bytes can be
/// searched for secrets; what is found lies in order and apart.
pub fn check(input: &[u8]) {
    let mut reached = 0;
    for found in places::text(input) {
        assert!(found.range.start >= reached && found.range.end <= input.len());
        reached = found.range.end;
        found.values(input);
    }
    let Ok(value) = serde_json::from_slice::<Value>(input) else { return };
    let entries = match value["log"]["entries"].as_array() {
        Some(entries) => entries.clone(),
        None => vec![value],
    };
    for entry in &entries {
        if let Ok(parsed) = Parsed::read(entry, 1_700_000_000_000_000) {
            let x = &parsed.exchange;
            assert!(x.started_us >= 0 && x.request.size <= 1 << 50 && x.response.size <= 1 << 50);
            assert!(!x.method.is_empty() && !x.method.contains(char::is_whitespace));
        }
    }
}
