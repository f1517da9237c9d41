//! A filter that would take long ends with an error that says so, and nobody else notices.

use http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use waylay_tests::{
    client,
    daemon::Daemon,
    origin::Origin,
    rows::{self, encode},
};

/// Exchanges with long heads, in which each expression has to look to the end, and no two stretches are alike: a machine that
/// remembers what it has seen learns nothing.
fn long_heads(count: usize) -> String {
    let mut seed = 7_u32;
    let letter = |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + (seed >> 24) as u8 % 8)
    };
    let long: String = (0..27_000).map(letter).collect();
    let one = |n: usize| {
        json!({
            "startedDateTime": "2026-01-02T03:04:05.678Z", "time": 1,
            "request": { "method": "GET", "url": format!("http://long.test/{n}"), "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [],
                "headersSize": -1, "bodySize": 0, "headers": [{ "name": "X-Long", "value": long }] },
            "response": { "status": 200, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": 0,
                "headers": [], "content": { "size": 0, "mimeType": "text/plain", "text": "" } },
            "cache": {}, "timings": { "send": 0, "wait": 1, "receive": 0 }
        })
    };
    json!({ "log": { "version": "1.2", "creator": { "name": "t", "version": "1" },
        "entries": (0..count).map(one).collect::<Vec<Value>>() } })
    .to_string()
}

#[tokio::test]
async fn a_slow_filter_is_broken_off_and_the_proxy_is_not_held_up() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let file = daemon.place().home().join("long.har");
    std::fs::write(&file, long_heads(1_000)).unwrap();
    daemon.waylay(&["import", file.to_str().unwrap()]).await.expect(0);
    // As many expressions as a filter may have, none of which is found.
    let filter: Vec<String> = (0..16).map(|n| format!("header:/[ab][a-h]{{{}}}z/", n + 50)).collect();
    let filter = filter.join(" ");
    let filter = filter.replace(' ', " OR ");
    let asking = {
        let (api, path) = (daemon.api(), format!("/exchanges?filter={}", encode(&filter)));
        tokio::spawn(async move {
            let begun = Instant::now();
            (api.ask(Method::GET, &path, &[], "").await, begun.elapsed())
        })
    };
    let mut served = 0;
    while !asking.is_finished() {
        assert_eq!(client::get(&daemon, &origin.url(&format!("/json?{served}"))).await.status, 200);
        served += 1;
    }
    let (answer, took) = asking.await.unwrap();
    let error = answer.json();
    assert_eq!((answer.status.as_u16(), &error["error"]["code"]), (503, &json!("too_slow")), "{took:?}: {error}");
    assert!(error["error"]["message"].as_str().unwrap().contains("narrow it"), "{error}");
    assert!(took >= Duration::from_secs(4), "it had its time: {took:?}");
    assert!(served > 20, "{served} answers in {took:?}");
    rows::done(&daemon, "path:/json", served).await;
    // What is narrow enough is answered.
    assert_eq!(rows::list(&daemon, &format!("path:/json ({filter})")).await.len(), 0);
}
