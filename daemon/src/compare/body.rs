//! In which way two bodies are compared: JSON by path, text by line, everything else by length and hash.

use super::{Answer, Content, Part, Rules, difference::Found, json, lines};
use crate::content::{Hex, Text};

pub(super) fn compare(a: &Answer<'_>, b: &Answer<'_>, rules: &Rules, found: &mut Found) {
    let (one, other) = (a.body, b.body);
    for (which, body) in [("first", one), ("second", other)] {
        if let Some(why) = &body.missing {
            found.note(format!("Bodies were not compared: that of the {which} answer cannot be, because {why}."));
            return;
        }
    }
    if one == other {
        return;
    }
    if rules.ignores_body() {
        return found.ignore(1);
    }
    if !(one.is_whole() && other.is_whole()) {
        found.cut();
        found.note(format!("Bodies of more than {} MiB are compared as a whole.", super::LONGEST >> 20));
        return as_bytes(one, other, found);
    }
    if let (Some(one), Some(other)) = (json_of(a), json_of(b)) {
        return json::compare(one, other, rules.paths(), found);
    }
    match (text_of(a), text_of(b)) {
        (Some(one), Some(other)) => {
            lines::compare(&one, &other, found);
            if one == other {
                // The same text in another charset.
                as_bytes(a.body, b.body, found);
            }
        }
        _ => as_bytes(one, other, found),
    }
}

fn as_bytes(a: &Content, b: &Content, found: &mut Found) {
    let shown = |body: &Content| format!("{} bytes, SHA-256 {}", body.length, Hex::of(&body.sha256(), 32));
    // One that is empty is none.
    let present = |body: &Content| (body.length > 0).then(|| shown(body));
    found.pair(Part::Body, "", present(a), present(b), false);
}

/// The body as JSON, if it is meant to be that or looks like it.
fn json_of(answer: &Answer<'_>) -> Option<json::Node> {
    let bytes = &answer.body.bytes;
    let says = content_type(answer).is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        value.windows(4).any(|word| word == b"json")
    });
    let looks = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    if !says && !looks {
        return None;
    }
    json::parse(std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()?)
}

fn text_of(answer: &Answer<'_>) -> Option<String> {
    let found = Text::of(&answer.body.bytes, content_type(answer), false);
    found.map(|text| text.text)
}

fn content_type<'a>(answer: &Answer<'a>) -> Option<&'a [u8]> {
    let field = answer.fields.iter().find(|field| field.name.eq_ignore_ascii_case(b"content-type"));
    field.map(|field| &field.value[..])
}
