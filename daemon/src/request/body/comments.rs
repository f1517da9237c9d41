//! Comments in JSON, which are for whoever edits it and are not sent.

use std::borrow::Cow;

/// `json` without `// …` and `/* … */`. What stands in strings is no comment, nor is one that does not end. The line
/// break behind `// …` stays.
pub(super) fn stripped(json: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = json[at..].find(['"', '/']) {
        at += found;
        let rest = &json[at..];
        let length = if rest.starts_with('"') {
            at += string(rest);
            continue;
        } else if rest.starts_with("//") {
            rest.find(['\n', '\r']).unwrap_or(rest.len())
        } else if let Some(end) = rest.strip_prefix("/*").and_then(|rest| rest.find("*/")) {
            end + 4
        } else {
            at += 1;
            continue;
        };
        kept.push_str(&json[from..at]);
        at += length;
        from = at;
    }
    if from == 0 {
        return Cow::Borrowed(json);
    }
    kept.push_str(&json[from..]);
    Cow::Owned(kept)
}

/// How long the string is that `text` begins with, quotes included.
fn string(text: &str) -> usize {
    let mut escaped = true;
    let end = text.bytes().position(|b| {
        let ends = b == b'"' && !escaped;
        // The first quote opens it.
        escaped = b == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 1)
}
