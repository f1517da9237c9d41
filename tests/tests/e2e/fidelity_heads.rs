//! Large heads: 200 fields, one field of 60 KiB, 60 KiB in all, both ways and in every protocol.

use http::{HeaderName, HeaderValue, Request};
use waylay_tests::{
    client::{self, Speak, empty, raw, ways::Way},
    daemon::Daemon,
    origin::{Origin, Scripted, Wire},
    rows,
};

const BIG: usize = 60 << 10;

fn heads() -> [(&'static str, String); 3] {
    [
        ("200 fields", (0..200).map(|n| format!("X-{n}: value {n}\r\n")).collect()),
        ("one field of 60 KiB", format!("X-Big: {}\r\n", "v".repeat(BIG))),
        ("60 KiB in all", (0..100).map(|n| format!("X-{n}: {}\r\n", "v".repeat(BIG / 100))).collect()),
    ]
}

/// Gives the fields it got back.
async fn echoes(mut wire: Wire) -> std::io::Result<()> {
    let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
    let (_, fields) = head.split_once("a.test\r\n").unwrap_or_default();
    let fields = fields.trim_end_matches("\r\n");
    wire.send(format!("HTTP/1.1 200 OK\r\n{fields}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")).await?;
    wire.to_end().await
}

#[tokio::test]
async fn large_heads_pass_both_ways_and_are_kept_whole() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        for (name, fields) in heads() {
            let origin = if way.is_tls() { Scripted::tls(echoes).await } else { Scripted::tcp(echoes).await };
            let mut io = way.open(&daemon, &origin).await;
            let request = format!("GET /large HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n");
            raw::send(&mut io, way.form(&origin, request.as_bytes())).await;
            let back = raw::text(&raw::read_head(&mut io).await.unwrap());
            assert!(back.contains(&fields), "{name}, {way:?}: the answer has {} bytes", back.len());
            assert_eq!(origin.received()[0].len(), request.len(), "{name}, {way:?}");
            let row = rows::one_in_detail(&daemon, &rows::of(&origin.url("/large"))).await;
            for message in ["request", "response"] {
                let kept = row[message]["headers"].as_array().unwrap().len();
                assert!(kept >= fields.lines().count(), "{name}, {way:?}: {kept} fields of the {message} are kept");
            }
        }
    }
}

#[tokio::test]
async fn large_heads_pass_in_http_2_as_well() {
    let daemon = Daemon::start().await;
    for (speak, alpn) in [(Speak::Http2, "h2"), (Speak::Http2, "http/1.1"), (Speak::Http1, "h2")] {
        let origin = Origin::tls(&[alpn]).await;
        for (name, fields) in heads() {
            let mut request = Request::get(origin.url("/json")).body(empty()).unwrap();
            for line in fields.lines() {
                let (field, value) = line.split_once(": ").unwrap();
                let field = HeaderName::from_bytes(field.as_bytes()).unwrap();
                request.headers_mut().append(field, HeaderValue::from_str(value).unwrap());
            }
            let answer = client::fetch(&daemon, speak, request).await;
            assert_eq!(answer.status, 200, "{name}, {speak:?} to {alpn}: {answer:?}");
            let seen = origin.notes().requests().pop().unwrap();
            let size: usize = seen.headers.iter().map(|(field, value)| field.len() + value.len() + 4).sum();
            assert!(size >= fields.len(), "{name}, {speak:?} to {alpn}: {size} bytes arrived");
        }
    }
}
