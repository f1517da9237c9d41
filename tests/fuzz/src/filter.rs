//! The filter language.

use waylay_storage::Filter;

/// Any text is a filter, or an error whose place lies within the text and whose message says something.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let now = "2026-03-29T12:00:00+02:00[+02:00]".parse().expect("a moment");
    match Filter::parse_at(text, &now) {
        Ok(filter) => {
            assert!(!filter.is_empty() || text.trim().is_empty(), "{text:?} matches everything");
            assert_eq!(Filter::parse_at(text, &now), Ok(filter), "{text:?} is read in two ways");
        }
        Err(error) => {
            assert!(error.length > 0 && !error.message.is_empty(), "{error:?} for {text:?}");
            let place = text.get(error.offset..error.offset + error.length);
            assert!(place.is_some(), "{error:?} is not within {text:?}");
        }
    }
}
