//! Fields that belong to one connection and are no part of the request (RFC 9110, 7.6.1).

use http::header::{self, HeaderName};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Those that say something to the other end of the connection. `Transfer-Encoding` is not among them: messages are framed
/// by it.
pub const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    header::PROXY_AUTHORIZATION,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::UPGRADE,
];

/// Whether a stored field, in any case, belongs to the message's connection or framing rather than to the request, so that
/// it is not part of the request when that is sent again.
pub fn belongs_to_connection(name: &str) -> bool {
    let framing = [header::TRANSFER_ENCODING, header::TRAILER];
    HOP_BY_HOP.iter().chain(&framing).any(|other| name.eq_ignore_ascii_case(other.as_str()))
}
