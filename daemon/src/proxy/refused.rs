//! Requests that hyper refuses leave a row, too: their heads have been seen below it.

use crate::{capture::Begin, exchange::Asker};
use bytes::Bytes;
use waylay_storage::model::{Failure, HttpVersion, Kind, Scheme, Side, Stage};

/// Of a head that was refused, no more than this is kept.
const KEPT: usize = 64 << 10;
/// Of what stands in place of a method and of a target, in characters.
const METHOD: usize = 32;
const TARGET: usize = 8 << 10;

/// Writes the row of the request that ended a connection with `error`, if it was one that did.
pub fn note(asker: &Asker, error: &hyper::Error) {
    let (Some(heads), Some(origin)) = (&asker.heads, &asker.origin) else { return };
    let (reason, what) = match error {
        e if e.is_parse_too_large() => ("head too large", "its head is too large (answered 431 or 414)"),
        e if e.is_parse() => ("bad request", "it is no valid HTTP (answered 400)"),
        e if e.is_timeout() => ("timeout", "its head took too long"),
        _ => return,
    };
    let mut head = heads.pop().unwrap_or_else(|| heads.begun());
    if head.is_empty() {
        return;
    }
    head.truncate(KEPT);
    let (method, path) = request_line(&head);
    let begin = || Begin {
        kind: Kind::Http,
        source: asker.source,
        client_connection: asker.connection.clone(),
        scheme: if origin.tls { Scheme::Https } else { Scheme::Http },
        host: origin.name().to_owned(),
        port: origin.port,
        method,
        path,
        version: HttpVersion::Http11,
        head,
        since: None,
    };
    let message = format!("The client's request was not sent on: {what}. {}.", cause(error));
    let failure = Failure { side: Side::Client, stage: Stage::Request, reason: reason.to_owned(), message };
    if let Some(recorder) = asker.pool.connector().capture.begin(&asker.recording, begin) {
        recorder.fail(failure);
    }
}

fn cause(error: &hyper::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

/// What stands in place of method and target, as far as it is text.
fn request_line(head: &Bytes) -> (String, String) {
    let line = head.split(|b| *b == b'\r' || *b == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(&line[..line.len().min(METHOD + TARGET)]).into_owned();
    let mut words = line.split(' ');
    let word = |word: Option<&str>, most| word.unwrap_or_default().chars().take(most).collect();
    (word(words.next(), METHOD), word(words.next(), TARGET))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_line_is_survived() {
        let line = |head: &'static [u8]| request_line(&Bytes::from_static(head));
        let text = |method: &str, path: &str| (method.to_owned(), path.to_owned());
        assert_eq!(line(b"GET /a<b> HTTP/1.1\r\nX: 1\r\n\r\n"), text("GET", "/a<b>"));
        assert_eq!(line(b"GET /caf\xe9 HTTP/1.1\n\n"), text("GET", "/caf\u{fffd}"));
        assert_eq!(line(b"\x00\xff"), text("\0\u{fffd}", ""));
        assert_eq!(line(b""), text("", ""));
    }
}
