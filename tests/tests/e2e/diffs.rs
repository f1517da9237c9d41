//! Any two exchanges are compared: status, headers, JSON by path, text by line, everything else by length and hash.

use serde_json::{Value, json};
use waylay_tests::{
    client,
    daemon::{Daemon, Place},
    origin::Scripted,
    rows,
};

/// An origin that answers `/N` with the N-th of these heads and bodies.
async fn answers(list: Vec<(&'static str, Vec<u8>)>) -> Scripted {
    let list = std::sync::Arc::new(list);
    Scripted::tcp(move |mut wire| {
        let list = std::sync::Arc::clone(&list);
        async move {
            loop {
                let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
                let Some((fields, body)) = path.parse::<usize>().ok().and_then(|n| list.get(n)) else { return Ok(()) };
                wire.send(format!("HTTP/1.1 {fields}\r\nContent-Length: {}\r\n\r\n", body.len())).await?;
                wire.send(body).await?;
            }
        }
    })
    .await
}

fn gzipped(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Captures all answers of an origin, one after the other: they are 1.1, 1.2, …
async fn captured(list: Vec<(&'static str, Vec<u8>)>) -> Daemon {
    let (daemon, count) = (Daemon::start().await, list.len());
    let origin = answers(list).await;
    for n in 0..count {
        client::get(&daemon, &origin.url(&format!("/{n}"))).await;
    }
    rows::done(&daemon, "", count).await;
    daemon
}

fn paths(diff: &Value) -> Vec<&str> {
    diff["differences"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect()
}

const OK: &str = "200 OK\r\nContent-Type: application/json";

#[tokio::test]
async fn what_differs_is_named_and_what_does_not_count_is_not() {
    let json = |price: u32, id: u32| json!({"items": [{"price": price, "id": id}], "b": null}).to_string();
    let daemon = captured(vec![
        (OK, json(1, 1).into()),
        ("200 OK\r\nContent-Type: application/json\r\nDate: now\r\nX-Request-Id: 7", json(1, 1).into()),
        ("500 Oops\r\nContent-Type: application/json\r\nServer: x", json(2, 9).into()),
        ("200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip", gzipped(&json(1, 1))),
    ])
    .await;
    let same = daemon.waylay(&["diff", "1.1", "1.2"]).await.expect(0);
    assert!(same.stdout.is_empty() && same.stderr.contains("the same, 2 ignored"), "{same:?}");
    let diff = daemon.waylay(&["diff", "1.1", "1.3", "--json"]).await.expect(1).json();
    assert_eq!(paths(&diff), ["status", "server", "$.items[0].price", "$.items[0].id"]);
    let price = json!({"part": "json", "path": "$.items[0].price", "kind": "changed", "a": "1", "b": "2"});
    assert_eq!((&diff["differences"][2], &diff["same"]), (&price, &json!(false)));
    assert_eq!(diff, {
        let mut api = daemon.api().get("/diff?a=1.1&b=1.3").await;
        api.as_object_mut().unwrap().retain(|key, _| key != "a" && key != "b");
        api
    });
    let rules = ["--ignore", "status", "--ignore", "header:server", "--ignore", "$.items[*].price"];
    let left = daemon.waylay(&[&["diff", "1.1", "1.3"], &rules[..]].concat()).await.expect(1);
    assert_eq!(left.stdout, "~ $.items[0].id  1 → 9\n");
    daemon.waylay(&[&["diff", "1.1", "1.3", "--ignore", "$..id"], &rules[..]].concat()).await.expect(0);
    // Bodies are compared decoded; how they were coded is a header.
    let coded = daemon.waylay(&["diff", "1.1", "1.4", "--json"]).await.expect(1).json();
    assert_eq!(paths(&coded), ["content-encoding"]);
    daemon.waylay(&["diff", "1.1", "1.9"]).await.expect(4);
    let bad = daemon.waylay(&["diff", "1.1", "1.2", "--ignore", "price"]).await.expect(2);
    assert!(bad.stderr.contains("'price' is no rule"), "{bad:?}");

    // The store is all it takes.
    let place: Place = daemon.stop().await;
    let alone = place.waylay(&["diff", "1.1", "@last"]).await.expect(1);
    assert_eq!(alone.stdout, "+ content-encoding  gzip\n");
}

#[tokio::test]
async fn text_is_compared_by_line_and_bytes_by_hash() {
    let long = |last: u8| [vec![b'x'; 5 << 20], vec![last]].concat();
    let daemon = captured(vec![
        ("200 OK\r\nContent-Type: text/plain", b"one\ntwo\nthree\n".to_vec()),
        ("200 OK\r\nContent-Type: text/plain", b"one\n2\x1b[31m\nthree\nfour\n".to_vec()),
        ("200 OK", vec![0, 1, 2]),
        ("200 OK", vec![0, 1, 3]),
        ("200 OK", long(1)),
        ("200 OK", long(2)),
    ])
    .await;
    let text = daemon.waylay(&["diff", "1.1", "1.2"]).await.expect(1);
    assert_eq!(text.stdout, "~ line 2  two → 2\\u{1b}[31m\n+ line 4  four\n", "and no terminal is steered");
    let bytes = daemon.waylay(&["diff", "1.3", "1.4", "--json"]).await.expect(1).json();
    assert_eq!(bytes["differences"][0]["part"], "body");
    assert!(bytes["differences"][0]["a"].as_str().unwrap().starts_with("3 bytes, SHA-256 ae4b3280"), "{bytes}");
    let long = daemon.waylay(&["diff", "1.5", "1.6", "--json"]).await.expect(1).json();
    assert_eq!((&long["differences"][0]["part"], &long["truncated"]), (&json!("body"), &json!(true)), "{long}");
    assert!(long["notes"][0].as_str().unwrap().contains("more than 4 MiB"), "{long}");
    daemon.waylay(&["diff", "1.5", "1.5"]).await.expect(0);
}
