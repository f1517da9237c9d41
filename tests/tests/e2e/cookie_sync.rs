//! Cookies of some domains go into a jar from what passes through the proxy, recorded or not.

use http::{Method, Request};
use serde_json::{Value, json};
use waylay_tests::{
    client::{Answer, Link, Speak, empty, raw},
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted},
    rows, wait,
};

/// A proxy that answers for every host, and sets what the path asks for: fields between `&`.
async fn everywhere() -> Scripted {
    Scripted::tcp(|mut wire| async move {
        loop {
            let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
            let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let fields = target.rsplit('/').next().unwrap_or_default().split('&').filter(|field| !field.is_empty());
            let set: String = fields.map(|field| format!("Set-Cookie: {}\r\n", field.replace("%20", " "))).collect();
            wire.send(format!("HTTP/1.1 200 OK\r\n{set}Content-Length: 0\r\n\r\n")).await?;
        }
    })
    .await
}

async fn get(daemon: &Daemon, url: &str, cookie: &str) {
    let mut link = Link::open(daemon, url, Speak::Http1).await;
    let mut request = Request::get(url);
    if !cookie.is_empty() {
        request = request.header("cookie", cookie);
    }
    let answer = link.send(request.body(empty()).unwrap()).await.unwrap();
    assert_eq!(Answer::read(answer).await.unwrap().status, 200, "{url}");
}

/// `name=value@domain` of every cookie of the first jar, a domain for its subdomains too with a dot, a guess with `?`.
async fn kept(daemon: &Daemon) -> Vec<String> {
    let page = daemon.api().get("/jars/1/cookies?limit=1000&reveal=true").await;
    let text = |cookie: &Value, key: &str| cookie[key].as_str().unwrap().to_owned();
    let line = |c: &Value| {
        let (dot, mark) = (if c["host_only"] == true { "" } else { "." }, if c["guessed"] == true { "?" } else { "" });
        format!("{}={}@{dot}{}{mark}", text(c, "name"), text(c, "value"), text(c, "domain"))
    };
    let mut all: Vec<_> = page["items"].as_array().unwrap().iter().map(line).collect();
    all.sort();
    all
}

/// What is kept once a cookie that came last is there: all that came before has been looked at by then.
async fn kept_after(daemon: &Daemon, last: &str) -> Vec<String> {
    wait::until(&format!("the cookie {last}"), || async {
        let found = kept(daemon).await;
        found.iter().any(|cookie| cookie == last).then_some(found)
    })
    .await
}

async fn sync(daemon: &Daemon, arguments: &[&str]) -> String {
    let out = daemon.waylay(&[&["cookies", "sync"], arguments].concat()).await.expect(0);
    format!("{}{}", out.stdout, out.stderr)
}

#[tokio::test]
async fn cookies_are_taken_over_with_nothing_recorded_and_over_a_restart() {
    let proxy = everywhere().await;
    let upstream = format!("http://{}", proxy.address());
    let args = ["--no-record", "--upstream", &upstream];
    let daemon = Launch::new().args(&args).start().await;
    get(&daemon, "http://www.example.com/before=1", "").await;
    assert!(sync(&daemon, &["add", "Example.com:8080/path"]).await.contains("of example.com are taken over"));
    sync(&daemon, &["add", "https://other.test"]).await;
    let refused = daemon.waylay(&["cookies", "sync", "add", "co.uk"]).await;
    assert!(refused.stderr.contains("public suffix"), "{}", refused.stderr);
    for (url, cookie) in [
        ("http://www.example.com/a=1", ""),
        ("http://example.com/b=2;%20Domain=example.com&bad=3;%20Domain=com", ""),
        ("http://other.test/c=4", ""),
        ("http://www.other.test/no=5", "no=6"),
        ("http://third.test/no=7", "no=8"),
        ("http://example.com/", "b=stale; seen=9"),
        ("http://www.example.com/a=10", "a=1"),
    ] {
        get(&daemon, url, cookie).await;
    }
    get(&daemon, "http://other.test/last=1", "").await;
    let expected =
        ["a=10@www.example.com", "b=2@.example.com", "c=4@other.test", "last=1@other.test", "seen=9@example.com?"];
    assert_eq!(kept_after(&daemon, "last=1@other.test").await, expected);
    assert!(rows::list(&daemon, "").await.is_empty(), "nothing is recorded");

    let daemon = Launch::at(daemon.stop().await).args(&args).start().await;
    assert_eq!(kept(&daemon).await, expected, "cookies outlive the daemon");
    get(&daemon, "http://www.example.com/a=11", "").await;
    assert!(kept_after(&daemon, "a=11@www.example.com").await.len() == expected.len());
    // One domain less, then none, then all again.
    sync(&daemon, &["rm", "https://other.test"]).await;
    get(&daemon, "http://other.test/c=12", "").await;
    get(&daemon, "http://example.com/m=1", "").await;
    assert!(kept_after(&daemon, "m=1@example.com").await.contains(&"c=4@other.test".to_owned()));
    sync(&daemon, &["stop"]).await;
    get(&daemon, "http://example.com/m=2", "").await;
    let daemon = Launch::at(daemon.stop().await).args(&args).start().await;
    assert_eq!(daemon.api().get("/cookie-sync").await["on"], false, "it stays stopped");
    get(&daemon, "http://example.com/m=3", "").await;
    sync(&daemon, &["start"]).await;
    get(&daemon, "http://example.com/n=1", "").await;
    assert!(kept_after(&daemon, "n=1@example.com").await.contains(&"m=1@example.com".to_owned()));
    let listed = sync(&daemon, &["list"]).await;
    assert!(listed.contains("example.com") && !listed.contains("other.test"), "{listed}");
}

/// Sets a cookie in the answer to a handshake, or with a redirect.
async fn switching() -> Scripted {
    Scripted::tls(|mut wire| async move {
        while !String::from_utf8_lossy(&wire.head().await?).to_ascii_lowercase().contains("upgrade: websocket") {
            let redirect = "HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: gone=1\r\nSet-Cookie: gone2=2\r\nContent-Length: 0\r\n\r\n";
            wire.send(redirect).await?;
        }
        let switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSet-Cookie: ws=1\r\n\r\n";
        wire.send(switched).await?;
        wire.to_end().await
    })
    .await
}

#[tokio::test]
async fn whatever_passes_counts_also_while_a_session_is_paused_and_what_was_captured_before() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http2).await;
    link.get(&origin.url("/cookies")).await.unwrap();
    wait::until("the cookies of the session", || async {
        let page = daemon.api().get("/sessions/@current/cookies").await;
        (page["items"].as_array().unwrap().len() == 2).then_some(())
    })
    .await;
    let added = daemon.api().post("/cookie-sync/domains", &json!({ "domain": "localhost", "take_over": true })).await;
    assert_eq!((added.status.as_u16(), &added.json()["cookies"]), (201, &json!(2)), "{}", added.text());
    assert_eq!(kept(&daemon).await, ["a=1@localhost", "b=2@localhost"]);
    let page = daemon.api().get("/jars/1/cookies").await;
    let row = rows::one(&daemon, "path:/cookies").await;
    assert_eq!((&page["items"][0]["exchange"], &page["items"][0]["value"]), (&row["id"], &Value::Null));

    let json = [("content-type", "application/json")];
    let cleared = daemon.api().post("/deletions", &json!({ "jar": 1, "all": true })).await;
    assert_eq!((cleared.status.as_u16(), &cleared.json()["cookies"]), (201, &json!(2)));
    assert_eq!(daemon.api().ask(Method::POST, "/sessions/@current/pause", &json, "{}").await.status, 200);
    link.get(&origin.url("/cookies")).await.unwrap();
    let other = switching().await;
    let mut tls = Link::open(&daemon, &other.url("/"), Speak::Http1).await;
    assert_eq!(tls.get(&other.url("/redirect")).await.unwrap().status, 302);
    let chat = || async {
        let tunnel = raw::tunnel(daemon.proxy(), &other.authority()).await;
        let mut socket = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
        let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
        let handshake =
            format!("GET /chat HTTP/1.1\r\nHost: {}\r\nCookie: guess=1\r\n{upgrade}\r\n\r\n", other.authority());
        raw::send(&mut socket, handshake).await;
        raw::read_head(&mut socket).await.unwrap();
    };
    chat().await;
    let expected = [
        "a=1@localhost",
        "b=2@localhost",
        "gone2=2@localhost",
        "gone=1@localhost",
        "guess=1@localhost?",
        "ws=1@localhost",
    ];
    assert_eq!(kept_after(&daemon, "ws=1@localhost").await, expected);
    assert_eq!(rows::list(&daemon, "").await.len(), 1, "the session is paused");
    let state = daemon.api().get("/cookie-sync").await;
    assert_eq!((&state["dropped"], &state["domains"][0]["cookies"]), (&json!(0), &json!(2 + 6)), "{state}");
    assert!(state["domains"][0]["last_us"].is_i64(), "{state}");
    // Recorded again, they are events of the session as well.
    assert_eq!(daemon.api().ask(Method::POST, "/sessions/@current/resume", &json, "{}").await.status, 200);
    let mut tls = Link::open(&daemon, &other.url("/"), Speak::Http1).await;
    assert_eq!(tls.get(&other.url("/redirect")).await.unwrap().status, 302);
    drop(tls);
    chat().await;
    wait::until("the cookies of redirect and handshake", || async {
        let page = daemon.api().get("/sessions/@current/cookies").await;
        let values: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["value"].clone()).collect();
        ["gone=1", "gone2=2", "guess=1", "ws=1"].iter().all(|value| values.contains(&json!(value))).then_some(())
    })
    .await;
    // Into another jar.
    let made = daemon.api().post("/jars", &json!({ "name": "other" })).await.json();
    let body = json!({ "jar": made["id"] }).to_string();
    assert_eq!(daemon.api().ask(Method::PUT, "/cookie-sync", &json, &body).await.status, 200);
    link.get(&origin.url("/cookies")).await.unwrap();
    wait::until("the cookies in the other jar", || async {
        let jars = daemon.api().get("/jars").await;
        jars["items"].as_array().unwrap().iter().any(|jar| jar["name"] == "other" && jar["cookies"] == 2).then_some(())
    })
    .await;
    for (body, status) in [(json!({ "jar": 99 }), 404), (json!({ "off": true }), 400)] {
        assert_eq!(
            daemon.api().ask(Method::PUT, "/cookie-sync", &json, &body.to_string()).await.status,
            status,
            "{body}"
        );
    }
    assert_eq!(daemon.api().ask(Method::DELETE, "/cookie-sync/domains/99", &[], "").await.status, 404);
}
