//! Fields that belong to one connection or to the proxy itself and must not be passed on (RFC 9110, 7.6.1).

use crate::{request::connection::HOP_BY_HOP, upstream::form::without};
use http::{
    HeaderMap, HeaderValue,
    header::{self, HeaderName},
};

/// Whether a request asks to change the protocol of its connection (RFC 9110, 7.8).
///
/// HTTP/2 is not a protocol to change to: a server may ignore the wish, clients go on with HTTP/1.1, and what passes can
/// be read. Relayed unseen, it would carry requests past everything that looks at requests.
pub fn asks_upgrade(headers: &HeaderMap) -> bool {
    let mut protocols = headers.get_all(header::UPGRADE).iter().flat_map(tokens).peekable();
    protocols.peek().is_some()
        && !protocols.any(|p| p.eq_ignore_ascii_case("h2c"))
        && nominated(headers).any(|n| n.eq_ignore_ascii_case("upgrade"))
}

/// Why nobody can tell for sure where a message with these fields ends, if that is so (RFC 9112, 6.1): the body was taken
/// out of its chunks once, and what is passed on must not claim that there are more around it.
pub fn ambiguous(headers: &HeaderMap) -> Option<&'static str> {
    let codings = headers.get_all(header::TRANSFER_ENCODING).iter().flat_map(tokens);
    let chunked = codings.filter(|coding| coding.eq_ignore_ascii_case("chunked")).count();
    (chunked > 1).then_some("Transfer-Encoding names the chunked coding more than once")
}

/// Removes what a request must not carry further. With `upgrade`, `Connection: upgrade` and `Upgrade` go on.
/// `TE: trailers` goes on too: we do pass trailers.
pub fn strip_request(headers: &mut HeaderMap, upgrade: bool) {
    let trailers = headers.get_all(header::TE).iter().any(|v| tokens(v).any(|t| t.eq_ignore_ascii_case("trailers")));
    strip(headers, upgrade);
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
}

/// Removes what a response must not carry further.
pub fn strip_response(headers: &mut HeaderMap, upgrade: bool) {
    strip(headers, upgrade);
}

fn strip(headers: &mut HeaderMap, upgrade: bool) {
    // The chunks tell the length; what the field says may be another (RFC 9112, 6.3).
    if headers.contains_key(header::TRANSFER_ENCODING) && headers.contains_key(header::CONTENT_LENGTH) {
        *headers = without(headers, |name| name == header::CONTENT_LENGTH);
    }
    // `2, 2` is read as 2 by us; others may read it otherwise, or not at all (RFC 9112, 6.3).
    if let Some(length) = headers.get_mut(header::CONTENT_LENGTH)
        && let Some(first) = length.as_bytes().iter().position(|b| *b == b',')
        && let Ok(one) = HeaderValue::from_bytes(length.as_bytes()[..first].trim_ascii())
    {
        *length = one;
    }
    if !HOP_BY_HOP.iter().any(|name| headers.contains_key(name)) {
        return;
    }
    let also: Vec<String> = nominated(headers).map(str::to_ascii_lowercase).collect();
    let switching = |name: &HeaderName| upgrade && (name == header::UPGRADE || name == header::CONNECTION);
    // A sender cannot have the fields removed that make the message what it is.
    let essential = |name: &HeaderName| {
        matches!(*name, header::HOST | header::CONTENT_LENGTH | header::TRANSFER_ENCODING | header::CONTENT_TYPE)
    };
    *headers = without(headers, |name| {
        !switching(name) && (HOP_BY_HOP.contains(name) || (also.iter().any(|n| n == name.as_str()) && !essential(name)))
    });
    if upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    }
}

/// Names listed in Connection.
fn nominated(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.get_all(header::CONNECTION).iter().flat_map(tokens)
}

fn tokens(value: &HeaderValue) -> impl Iterator<Item = &str> {
    value.to_str().unwrap_or_default().split(',').map(str::trim).filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in fields {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    fn list(map: &HeaderMap) -> Vec<String> {
        map.iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap())).collect()
    }

    #[test]
    fn hop_by_hop_fields_go_and_the_rest_keeps_its_order() {
        let mut h = map(&[
            ("host", "a"),
            ("proxy-connection", "keep-alive"),
            ("x-1", "1"),
            ("connection", "close, X-Private"),
            ("x-private", "secret"),
            ("proxy-authorization", "Basic eA=="),
            ("keep-alive", "timeout=5"),
            ("x-2", "2"),
            ("transfer-encoding", "chunked"),
            ("x-1", "3"),
        ]);
        strip_request(&mut h, false);
        assert_eq!(list(&h), ["host: a", "x-1: 1", "x-1: 3", "x-2: 2", "transfer-encoding: chunked"]);
    }

    #[test]
    fn nothing_to_strip_changes_nothing() {
        let mut h = map(&[("b", "1"), ("a", "2"), ("b", "3")]);
        let before = h.clone();
        strip_response(&mut h, false);
        assert_eq!(h, before);
    }

    #[test]
    fn the_message_itself_cannot_be_nominated_away() {
        let mut h =
            map(&[("connection", "host, content-length, content-type"), ("host", "a"), ("content-length", "1")]);
        strip_request(&mut h, false);
        assert_eq!(list(&h), ["host: a", "content-length: 1"]);
    }

    #[test]
    fn upgrades_and_trailers_are_asked_for_further_on() {
        let mut h = map(&[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket"), ("te", "gzip, trailers")]);
        assert!(asks_upgrade(&h));
        strip_request(&mut h, true);
        assert_eq!(list(&h), ["connection: Upgrade", "upgrade: websocket", "te: trailers"]);
        assert!(!asks_upgrade(&map(&[("upgrade", "websocket")])));
        assert!(!asks_upgrade(&map(&[("connection", "Upgrade, HTTP2-Settings"), ("upgrade", "H2C")])));
    }

    #[test]
    fn a_length_is_passed_on_as_one_number() {
        let mut h = map(&[("content-length", "2, 2"), ("x", "1")]);
        strip_response(&mut h, false);
        assert_eq!(list(&h), ["content-length: 2", "x: 1"]);
    }

    #[test]
    fn chunks_around_chunks_are_noticed() {
        for (fields, bad) in [
            (vec![], false),
            (vec![("transfer-encoding", "gzip, Chunked")], false),
            (vec![("transfer-encoding", "chunked, chunked")], true),
            (vec![("transfer-encoding", "chunked"), ("transfer-encoding", "Chunked")], true),
        ] {
            assert_eq!(ambiguous(&map(&fields)).is_some(), bad, "{fields:?}");
        }
    }
}
