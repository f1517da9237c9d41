//! Rows that tests change to what they need.

use bytes::Bytes;
use waylay_storage::model::{
    BodyRecord, Exchange, ExchangeId, HttpVersion, Kind, Omitted, Scheme, SessionId, Source, Timings,
};

/// `GET https://a.test/`, answered with 200 over HTTP/1.1; without heads, bodies and times.
pub(crate) fn exchange() -> Exchange {
    Exchange {
        seq: 1,
        id: ExchangeId { session: SessionId(1), number: 1 },
        kind: Kind::Http,
        source: Source::Proxy,
        started_us: 0,
        timings: Timings::default(),
        client_connection: None,
        upstream_connection: None,
        scheme: Scheme::Https,
        host: "a.test".into(),
        port: 443,
        method: "GET".into(),
        path: "/".into(),
        status: Some(200),
        request_version: HttpVersion::Http11,
        response_version: Some(HttpVersion::Http11),
        request_head: Bytes::new(),
        sent_head: Bytes::new(),
        response_head: Bytes::new(),
        request_trailers: Bytes::new(),
        response_trailers: Bytes::new(),
        request: BodyRecord::default(),
        response: BodyRecord::default(),
        messages: 0,
        omitted: Omitted::default(),
        passthrough: None,
        failure: None,
    }
}
