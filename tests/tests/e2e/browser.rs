//! A real browser through the proxy.

use std::collections::BTreeSet;
use waylay_tests::{browser::Browser, daemon::Daemon, origin::Origin, rows};

/// What makes Chromium use the daemon's proxy and trust its CA, without a change to the system.
pub(super) async fn arguments(daemon: &Daemon) -> Vec<String> {
    let ca = daemon.api().get("/ca").await;
    let spki = ca["spki_sha256"].as_str().expect("the key's hash").to_owned();
    vec![
        format!("--proxy-server=http://{}", daemon.proxy()),
        "--proxy-bypass-list=<-loopback>".to_owned(),
        format!("--ignore-certificate-errors-spki-list={spki}"),
    ]
}

#[tokio::test]
async fn a_page_with_all_its_resources_is_in_the_table() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let browser = Browser::start(&arguments(&daemon).await).await;
    browser.page().goto(&origin.url("/page")).await.unwrap();
    browser.until("the page to have loaded everything", "return document.title === 'loaded'").await;
    browser.screenshot("page-through-the-proxy").await;
    browser.close().await;

    let filter = format!("\"{}\"", origin.authority());
    let all = waylay_tests::wait::until("the page's rows", || async {
        let rows = rows::list(&daemon, &filter).await;
        rows.iter().any(|r| r["path"] == "/asset/post" && r["done"] == true).then_some(rows)
    })
    .await;
    let found: BTreeSet<(&str, &str)> =
        all.iter().map(|r| (r["method"].as_str().unwrap(), r["path"].as_str().unwrap())).collect();
    for (method, path) in [
        ("GET", "/page"),
        ("GET", "/asset/style.css"),
        ("GET", "/asset/one.svg"),
        ("GET", "/asset/two.svg"),
        ("GET", "/asset/script.js"),
        ("GET", "/json"),
        ("POST", "/asset/post"),
    ] {
        assert!(found.contains(&(method, path)), "{method} {path} is missing in {found:?}");
    }
    for row in &all {
        assert_eq!((&row["request_version"], rows::failure(row).as_str()), (&"HTTP/2".into(), ""), "{row}");
    }
}

#[tokio::test]
async fn a_browsers_websocket_talks_to_its_origin() {
    let daemon = Daemon::start().await;
    let page = Origin::tls(&["h2", "http/1.1"]).await;
    let socket = super::websockets::echoing().await;
    let browser = Browser::start(&arguments(&daemon).await).await;
    browser.page().goto(&page.url("/json")).await.unwrap();
    let script = format!(
        "window.seen = ''; const s = new WebSocket('wss://{}/socket', ['chat.v1', 'chat.v2']);
         s.onmessage = e => {{ window.seen = s.protocol + ' ' + e.data; s.close(); }}; s.onerror = () => {{ window.seen = 'error' }}",
        socket.authority()
    );
    browser.page().execute(&script, vec![]).await.unwrap();
    let seen = browser.until("a message", "return window.seen").await;
    assert_eq!(seen, "chat.v2 hello");
    browser.close().await;
    rows::one(&daemon, "is:ws path:/socket").await;
}
