//! Tells TLS, HTTP and everything else apart by a client's first bytes.

/// What a tunnel carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// A TLS record of a handshake.
    Tls,
    /// A request of HTTP/1, or the preface of HTTP/2. A CONNECT is neither: what it leads to is no HTTP.
    Http,
    /// Anything else.
    Other,
}

/// The longest method we take for one.
const MAX_METHOD: usize = 24;

/// `None`: more bytes are needed.
///
/// HTTP is a method in capitals, a space, and a first byte only a request target has (RFC 9112, 3): so that the
/// greetings of other protocols (`SSH-2.0-…`, `EHLO x`, `USER x`) are not taken for it.
pub fn sniff(bytes: &[u8]) -> Option<Carried> {
    match bytes {
        [] | [0x16] => return None,
        [0x16, 0x03, ..] => return Some(Carried::Tls),
        _ => {}
    }
    let is_method = |b: &u8| b.is_ascii_uppercase() || matches!(b, b'-' | b'_');
    let method = bytes.iter().take(MAX_METHOD + 1).take_while(|b| is_method(b)).count();
    if method == bytes.len() && method <= MAX_METHOD {
        return None;
    }
    if method == 0 || method > MAX_METHOD || bytes[method] != b' ' {
        return Some(Carried::Other);
    }
    match bytes.get(method + 1) {
        None => None,
        Some(_) if &bytes[..method] == b"CONNECT" => Some(Carried::Other),
        Some(b'/' | b'*') => Some(Carried::Http),
        // Absolute form; also `PRI * HTTP/2.0` above.
        Some(b'h' | b'H') => starts_like_http_url(&bytes[method + 1..]),
        Some(_) => Some(Carried::Other),
    }
}

fn starts_like_http_url(target: &[u8]) -> Option<Carried> {
    let scheme = b"http";
    let n = target.len().min(scheme.len());
    if !target[..n].eq_ignore_ascii_case(&scheme[..n]) {
        return Some(Carried::Other);
    }
    (n == scheme.len()).then_some(Carried::Http)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell() {
        for (bytes, carried) in [
            (&b""[..], None),
            (b"\x16", None),
            (b"\x16\x03\x01", Some(Carried::Tls)),
            (b"\x16\x02", Some(Carried::Other)),
            (b"G", None),
            (b"GET", None),
            (b"GET ", None),
            (b"GET /", Some(Carried::Http)),
            (b"M-SEARCH *", Some(Carried::Http)),
            (b"PRI * HTTP/2.0", Some(Carried::Http)),
            (b"OPTIONS *", Some(Carried::Http)),
            (b"POST h", None),
            (b"POST http://a/", Some(Carried::Http)),
            (b"EHLO host.test", Some(Carried::Other)),
            (b"CONNECT a:1", Some(Carried::Other)),
            (b"CONNECT httpbin.test:443", Some(Carried::Other)),
            (b"get /", Some(Carried::Other)),
            (b"SSH-2.0-OpenSSH", Some(Carried::Other)),
            (b"EHLO mail", Some(Carried::Other)),
            (b"\x00\x01", Some(Carried::Other)),
            (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", Some(Carried::Other)),
        ] {
            assert_eq!(sniff(bytes), carried, "{}", String::from_utf8_lossy(bytes));
        }
    }

    proptest::proptest! {
        #[test]
        fn more_bytes_never_change_a_verdict(bytes: Vec<u8>) {
            let mut verdict = None;
            for end in 0..=bytes.len() {
                let now = sniff(&bytes[..end]);
                proptest::prop_assert!(verdict.is_none() || verdict == now);
                verdict = now;
            }
        }
    }
}
