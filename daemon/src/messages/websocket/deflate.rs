//! What a handshake settled about compression: permessage-deflate (RFC 7692, 7.1).

/// How messages of one direction are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deflate {
    /// The sender of this direction forgets its window behind every message.
    pub no_context_takeover: bool,
}

/// What the `Sec-WebSocket-Extensions` fields of a 101 settled: for what the client sends, and for what the origin
/// sends (RFC 7692, 7.1).
///
/// `None` twice if there are no extensions, and also if there is one that is not known here or that says something not
/// allowed: it may change payloads in any way, so messages marked by it are handed out as they were transferred.
pub fn negotiated<'a>(values: impl Iterator<Item = &'a [u8]>) -> (Option<Deflate>, Option<Deflate>) {
    let mut settled = None;
    for extension in values.flat_map(|value| value.split(|b| *b == b',')).map(<[u8]>::trim_ascii) {
        // Empty elements of a list are ignored (RFC 9110, 5.6.1.2).
        if extension.is_empty() {
            continue;
        }
        match (parameters(extension), settled) {
            (Some(parameters), None) => settled = Some(parameters),
            _ => return (None, None),
        }
    }
    settled.map_or((None, None), |(client, origin)| (Some(client), Some(origin)))
}

/// `None`: not permessage-deflate, or with a parameter that is not known, not allowed or repeated.
fn parameters(extension: &[u8]) -> Option<(Deflate, Deflate)> {
    let mut parts = extension.split(|b| *b == b';').map(<[u8]>::trim_ascii);
    if parts.next() != Some(b"permessage-deflate") {
        return None;
    }
    let (mut client, mut origin) = (None, None);
    let (mut client_bits, mut origin_bits) = (None, None);
    for part in parts {
        let mut pair = part.splitn(2, |b| *b == b'=').map(<[u8]>::trim_ascii);
        let repeated = match (pair.next()?, pair.next()) {
            (b"client_no_context_takeover", None) => client.replace(()),
            (b"server_no_context_takeover", None) => origin.replace(()),
            (b"client_max_window_bits", Some(bits)) if is_window(bits) => client_bits.replace(()),
            (b"server_max_window_bits", Some(bits)) if is_window(bits) => origin_bits.replace(()),
            _ => return None,
        };
        if repeated.is_some() {
            return None;
        }
    }
    let direction = |forgets: Option<()>| Deflate { no_context_takeover: forgets.is_some() };
    Some((direction(client), direction(origin)))
}

/// 8 to 15, as a token or the same in quotes (RFC 6455, 9.1).
fn is_window(bits: &[u8]) -> bool {
    let quoted = bits.strip_prefix(b"\"").and_then(|bits| bits.strip_suffix(b"\""));
    matches!(quoted.unwrap_or(bits), [b'8' | b'9'] | [b'1', b'0'..=b'5'])
}
