//! Looking into stored heads, without copying them.

use super::pattern::Pattern;
use memchr::{memchr, memmem};

/// Whether a field of this name has a value that contains `part`; both without regard to ASCII case.
pub(super) fn has_field(head: &[u8], name: &[u8], part: Option<&[u8]>) -> bool {
    values(head, name).any(|value| part.is_none_or(|part| contains(value, part)))
}

/// Whether the pattern matches some part of a field, written `name: value`.
pub(super) fn matches(head: &[u8], pattern: &Pattern) -> bool {
    let mut line = Vec::new();
    fields(head).any(|(name, value)| {
        line.clear();
        line.extend_from_slice(name);
        line.extend_from_slice(b": ");
        line.extend_from_slice(value);
        pattern.is_match(&line)
    })
}

/// Whether the request brings a cookie of this name or the response sets one (RFC 6265, 4.1 and 4.2).
pub(super) fn has_cookie(request: &[u8], response: &[u8], name: &[u8], part: Option<&[u8]>) -> bool {
    cookies(request, response).any(|(found, value)| found == name && part.is_none_or(|part| contains(value, part)))
}

/// Names and values of the cookies a request brings and a response sets.
pub(crate) fn cookies<'a>(request: &'a [u8], response: &'a [u8]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    let brought = values(request, b"cookie").flat_map(|value| value.split(|b| *b == b';'));
    let set = values(response, b"set-cookie").filter_map(|value| value.split(|b| *b == b';').next());
    brought.chain(set).map(|pair| match memchr(b'=', pair) {
        Some(equals) => (pair[..equals].trim_ascii(), pair[equals + 1..].trim_ascii()),
        None => (pair.trim_ascii(), &[][..]),
    })
}

fn values<'a>(head: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    fields(head).filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Names and values of a head's fields, as [`Head`](crate::model::Head) reads them; lines that are none are left out.
pub(crate) fn fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let lines = head.split(|b| *b == b'\n').skip(1).map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with(b" ") && !line.starts_with(b"\t"))
        .filter_map(|line| {
            let colon = memchr(b':', line).filter(|at| *at > 0)?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        })
}

/// Without regard to ASCII case.
fn contains(text: &[u8], part: &[u8]) -> bool {
    let (text, part) = (text.to_ascii_lowercase(), part.to_ascii_lowercase());
    memmem::find(&text, &part).is_some()
}
