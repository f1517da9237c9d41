//! A captured request as one that can be edited and sent.

use super::{Body, Draft, Field, Settings};
use crate::exchange::forward::belongs_to_connection;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use waylay_storage::model::Head;

/// What is known of it.
#[derive(Debug)]
pub struct Captured<'a> {
    /// The exchange, such as `7.42`.
    pub exchange: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Its URL.
    pub url: &'a str,
    /// Its head as it was received.
    pub head: &'a Head,
    /// How long its body is, bytes.
    pub size: u64,
    /// The body, if it is at hand.
    pub body: Option<&'a [u8]>,
}

/// The same request, without what belonged to its connection.
pub fn draft(captured: &Captured<'_>) -> Draft {
    let listed: Vec<String> = captured
        .head
        .values("connection")
        .flat_map(|v| v.split(|b| *b == b','))
        .map(|name| String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase())
        .collect();
    let stays = |name: &str| {
        let name = name.to_ascii_lowercase();
        let ours = name.is_empty() || name.starts_with(':') || name == "content-length";
        !ours && !belongs_to_connection(&name) && !listed.contains(&name)
    };
    let fields = captured.head.fields.iter().map(|f| {
        let key = String::from_utf8_lossy(&f.name).into_owned();
        let bytes = std::str::from_utf8(&f.value).is_err().then(|| STANDARD.encode(&f.value));
        Field { key, value: String::from_utf8_lossy(&f.value).into_owned(), bytes, ..Field::default() }
    });
    let without = ["content-type", "user-agent", "accept", "accept-encoding", "connection", "cache-control"];
    Draft {
        method: captured.method.to_owned(),
        url: captured.url.to_owned(),
        headers: fields.filter(|field| stays(&field.key)).collect(),
        without: without.map(str::to_owned).to_vec(),
        body: match captured.size {
            0 => Body::None,
            size => Body::Captured { exchange: captured.exchange.to_owned(), size },
        },
        settings: Settings { encode_url: Some(false), no_cache: Some(false), ..Settings::default() },
        ..Draft::default()
    }
}
