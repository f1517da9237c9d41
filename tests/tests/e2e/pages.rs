//! Web pages as clients: what a paired page can do, by the calls that it makes.

use http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use waylay_tests::{
    api::Api,
    client::Answer,
    daemon::Daemon,
    origin::{Origin, Scripted, routes},
    pki::Root,
    rows, wait,
};

pub(super) const ORIGIN: &str = "https://client.example";

/// A page of [`ORIGIN`] with a token.
pub(super) struct Page {
    pub(super) api: Api,
    pub(super) token: String,
    pub(super) id: u64,
}

impl Page {
    /// Pairs it.
    pub(super) async fn paired(daemon: &Daemon, rights: Value) -> Self {
        let code = open(daemon, ORIGIN, rights).await;
        let api = daemon.api().anonymous();
        let answer = guess(&api, ORIGIN, &code).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let paired = answer.json();
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
        Self { api, token: paired["token"].as_str().unwrap().to_owned(), id: paired["id"].as_u64().unwrap() }
    }

    pub(super) async fn ask(&self, method: Method, path: &str, more: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let own = [("origin", ORIGIN), ("authorization", bearer.as_str())];
        self.api.ask(method, &format!("/agent{path}"), &[&own, more].concat(), body).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, &[("content-type", "application/json")], &body.to_string()).await
    }

    /// Sends, and reads all that is told.
    pub(super) async fn send(&self, request: Value) -> Told {
        let answer = self.post("/send", &json!({ "request": request })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        Told::read(&answer.body)
    }
}

/// What a page is told of a request.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) events: Vec<Value>,
    pub(super) body: Vec<u8>,
}

impl Told {
    fn read(mut bytes: &[u8]) -> Self {
        let (mut events, mut body) = (Vec::new(), Vec::new());
        while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            let event: Value = serde_json::from_slice(&bytes[..end]).expect("a line of JSON");
            bytes = &bytes[end + 1..];
            if let Some(n) = event["chunk"].as_u64() {
                let (chunk, rest) = bytes.split_at(n as usize);
                body.extend_from_slice(chunk);
                bytes = rest.strip_prefix(b"\n").expect("a line end");
            }
            events.push(event);
        }
        Self { events, body }
    }

    pub(super) fn done(&self) -> &Value {
        self.events.last().filter(|event| event["event"] == "done").unwrap_or_else(|| panic!("an end: {self:?}"))
    }

    fn reason(&self) -> &str {
        self.done()["error"]["reason"].as_str().unwrap_or("")
    }
}

/// Opens a window; its code.
pub(super) async fn open(daemon: &Daemon, origin: &str, rights: Value) -> String {
    let answer = daemon.api().post("/agent/windows", &json!({ "origin": origin, "rights": rights })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["code"].as_str().unwrap().to_owned()
}

/// A page of `origin` shows a code.
pub(super) async fn guess(api: &Api, origin: &str, code: &str) -> Answer {
    let headers = [("origin", origin), ("content-type", "application/json")];
    api.ask(Method::POST, "/agent/pair", &headers, &json!({ "code": code }).to_string()).await
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn a_page_is_paired_by_a_code_that_the_command_line_prints_and_waits_for() {
    let daemon = Daemon::start().await;
    let place = daemon.place().clone();
    let waiting =
        tokio::spawn(async move { place.waylay(&["--jsonl", "agent", "pair", ORIGIN, "--jar", "default"]).await });
    let window = wait::until("the window", || async {
        let windows = daemon.api().get("/agent/windows").await;
        Some(windows["items"][0].clone()).filter(|window| window["state"] == "open")
    })
    .await;
    let code = window["code"].as_str().unwrap();
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{window}");
    assert_eq!((&window["origin"], &window["tries_left"]), (&json!(ORIGIN), &json!(5)));
    let api = daemon.api().anonymous();
    let seen = api.ask(Method::GET, "/agent/capabilities", &[("origin", ORIGIN)], "").await;
    assert_eq!((seen.json()["paired"].clone(), seen.header("access-control-allow-origin")), (json!(false), ORIGIN));
    let answer = guess(&api, ORIGIN, &wrong(code)).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (403, &json!("wrong_code")));
    let answer = guess(&api, ORIGIN, &format!("{} {}", &code[..3], &code[3..])).await;
    assert_eq!(answer.status, 201, "as people read it: {}", answer.text());
    assert!(answer.json()["token"].as_str().unwrap().len() * 4 >= 128, "at least 128 bit");
    assert_eq!(answer.json()["rights"]["jar"], "default");
    let waited = waiting.await.unwrap();
    assert_eq!(waited.code, Some(0), "{}", waited.stderr);
    assert!(waited.stdout.contains(code) && waited.stderr.contains("paired, as number 1"), "{waited:?}");

    let list = daemon.waylay(&["agent", "list"]).await;
    assert!(list.stdout.contains(ORIGIN) && list.stdout.contains("with your cookies"), "{}", list.stdout);
    let rights = daemon.waylay(&["agent", "rights", "1", "--private-addresses", "--jar", "own"]).await;
    assert!(rights.stderr.contains("to private ones") && rights.stderr.contains("cookies of its own"), "{rights:?}");
    assert_eq!(daemon.waylay(&["agent", "revoke", "1"]).await.code, Some(0));
    assert_eq!(daemon.waylay(&["agent", "revoke", "1"]).await.code, Some(4));
    for bad in ["client.example", "null", "https://client.example/app", "*"] {
        let refused = daemon.waylay(&["agent", "pair", bad]).await;
        assert!(refused.code == Some(2) && refused.stderr.contains("https://client.example"), "{bad}: {refused:?}");
    }
}

#[tokio::test]
async fn the_sixth_try_is_refused_at_once_and_the_window_is_locked() {
    let daemon = Daemon::start().await;
    let code = open(&daemon, ORIGIN, json!({})).await;
    let api = daemon.api().anonymous();
    let began = Instant::now();
    for left in (0..5).rev() {
        let answer = guess(&api, ORIGIN, &wrong(&code)).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        let error = &answer.json()["error"];
        let expected = if left == 0 { "locked" } else { "wrong_code" };
        assert_eq!(error["code"], expected, "{left}");
    }
    let sixth = guess(&api, ORIGIN, &code).await;
    assert_eq!((sixth.status.as_u16(), sixth.header("access-control-allow-origin")), (403, ""), "{}", sixth.text());
    println!("five wrong codes and a sixth try: {:?}", began.elapsed());
    assert_eq!(daemon.api().get("/agent/windows").await["items"][0]["state"], "locked");
    assert_eq!(daemon.api().get("/agent/pairings").await["items"], json!([]));
    let waited = daemon.waylay(&["agent", "list"]).await;
    assert!(waited.stderr.contains("no web page is paired"), "{waited:?}");
}

#[tokio::test]
async fn only_the_page_that_is_named_gets_an_answer() {
    let daemon = Daemon::start().await;
    let api = daemon.api().anonymous();
    let page = Page::paired(&daemon, json!({})).await;
    let code = open(&daemon, "https://other.example", json!({})).await;
    let bearer = format!("Bearer {}", page.token);
    let control = format!("Bearer {}", daemon.token());
    let own = format!("http://{}", daemon.ui());
    let preflight = [("access-control-request-method", "POST"), ("access-control-request-headers", "authorization")];
    let routes = [
        (Method::GET, "/agent/capabilities"),
        (Method::POST, "/agent/pair"),
        (Method::POST, "/agent/send"),
        (Method::POST, "/agent/sends/1/cancel"),
    ];
    let strangers: [&[(&str, &str)]; 12] = [
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", "https://client.example.evil.example")],
        &[("origin", "http://client.example")],
        &[("origin", "https://client.example:8443")],
        &[("origin", "https://evil.example"), ("authorization", &bearer)],
        &[("origin", "https://evil.example"), ("authorization", &control)],
        &[("origin", ORIGIN), ("authorization", "Bearer 00")],
        &[("origin", ORIGIN), ("authorization", &control)],
        &[("origin", ORIGIN), ("origin", "https://evil.example"), ("authorization", &bearer)],
        &[("authorization", &bearer)],
    ];
    let body = json!({ "code": code }).to_string();
    for headers in strangers {
        for (method, path) in &routes {
            for kind in ["application/json", "text/plain"] {
                let headers = [headers, &[("content-type", kind)]].concat();
                let answer = api.ask(method.clone(), path, &headers, &body).await;
                assert!(
                    [400, 401, 403].contains(&answer.status.as_u16()),
                    "{method} {path} {headers:?}: {}",
                    answer.text()
                );
                nothing_of_cors(&answer, &headers);
            }
            let answer = api.ask(Method::OPTIONS, path, &[headers, &preflight].concat(), "").await;
            let is_known = headers.first() == Some(&("origin", ORIGIN)) && headers.len() == 2 && *path != "/agent/pair";
            assert_eq!(answer.status.is_success(), is_known, "OPTIONS {path} {headers:?}");
        }
    }
    // The token is for pages' own paths, of this origin, and under a name of ours.
    for path in ["/status", "/exchanges", "/agent/pairings", "/agent/windows", "/events", "/send"] {
        for method in [Method::GET, Method::OPTIONS] {
            let headers =
                [("origin", ORIGIN), ("authorization", bearer.as_str()), ("access-control-request-method", "GET")];
            let answer = api.ask(method, path, &headers, "").await;
            assert!([401, 403, 405].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
            nothing_of_cors(&answer, &headers);
        }
    }
    let rebound = [("origin", ORIGIN), ("authorization", bearer.as_str()), ("host", "client.example")];
    let answer = api.ask(Method::GET, "/agent/capabilities", &rebound, "").await;
    assert_eq!(answer.status, 421);
    nothing_of_cors(&answer, &rebound);
    // Scripts are read by pages that are known, and by whoever opens them.
    let script = "/agent/agent-client.js";
    for (origin, shared) in [
        (ORIGIN, ORIGIN),
        ("https://other.example", "https://other.example"),
        ("https://evil.example", ""),
        ("null", ""),
    ] {
        let answer = api.request(Method::GET, script, &[("origin", origin)], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, shared), "{origin}");
    }
    assert_eq!(
        api.request(Method::GET, "/app.js", &[("origin", ORIGIN)], "").await.header("access-control-allow-origin"),
        ""
    );
    // Our own pages say who they are in another field when they read.
    let answer = api.ask(Method::GET, "/agent/capabilities", &[("sec-fetch-site", "same-origin")], "").await;
    assert_eq!(answer.status, 403);
    open(&daemon, &own, json!({})).await;
    let answer = api.ask(Method::GET, "/agent/capabilities", &[("sec-fetch-site", "same-origin")], "").await;
    assert_eq!(answer.json()["origin"], own);
}

fn nothing_of_cors(answer: &Answer, headers: &[(&str, &str)]) {
    let cors = answer.headers.keys().find(|name| name.as_str().starts_with("access-control"));
    assert_eq!(cors, None, "{headers:?}");
}

#[tokio::test]
async fn a_page_sends_and_reads_what_cors_would_have_hidden() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let page = Page::paired(&daemon, json!({ "private_addresses": true })).await;
    let told = page.send(json!({ "url": origin.url("/cookies") })).await;
    assert_eq!(told.done()["error"], Value::Null, "{told:?}");
    let head = told.events.iter().find(|event| event["event"] == "head").unwrap();
    assert_eq!(head["status"], 200);
    assert!(head["headers"].to_string().contains("HttpOnly"), "{head}");
    assert_eq!(serde_json::from_slice::<Value>(&told.body).unwrap()["cookies"], 2);
    for path in ["/gzip", "/deflate", "/br", "/zstd"] {
        let told = page.send(json!({ "url": origin.url(path) })).await;
        assert_eq!(String::from_utf8_lossy(&told.body), routes::ENCODED, "{path}");
        let raw = json!({ "request": { "url": origin.url(path) }, "decode": false });
        let raw = Told::read(&page.post("/send", &raw).await.body);
        assert_ne!(String::from_utf8_lossy(&raw.body), routes::ENCODED, "{path}");
    }
    let told = page
        .send(json!({ "method": "PUT", "url": origin.url("/echo?a=1"), "headers": [{ "key": "Origin", "value": "https://x" }, { "key": "Cookie", "value": "a=1" }], "body": { "mode": "raw", "raw": "text" }, "auth": { "type": "bearer", "token": "t" } }))
        .await;
    let echo: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!((&echo["method"], &echo["size"]), (&json!("PUT"), &json!(4)));
    let told = page.send(json!({ "url": origin.url("/redirect") })).await;
    assert_eq!(told.done()["hops"].as_array().unwrap().len(), 2, "{told:?}");

    // It is in the history as the page's, and counted.
    let history = daemon.api().get("/history").await;
    assert!(history.to_string().contains(&format!("page:{ORIGIN}")), "{history}");
    let row = rows::list(&daemon, "path:/cookies source:agent").await;
    assert_eq!(row.len(), 1);
    let pairing = &daemon.api().get("/agent/pairings").await["items"][0];
    assert_eq!((&pairing["requests"], pairing["last_used_us"].is_i64()), (&json!(11), true), "{pairing}");

    // What is wrong is said, with the field.
    for (asked, words) in [
        (json!({ "request": { "urls": "x" } }), "urls"),
        (json!({ "request": { "url": "x" }, "more": 1 }), "more"),
        (json!({}), "request"),
    ] {
        let answer = page.post("/send", &asked).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (400, ORIGIN));
        assert!(answer.text().contains(words), "{}", answer.text());
    }
    let answer = page.ask(Method::POST, "/send", &[("content-type", "text/plain")], "{}").await;
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn files_come_with_the_request_however_large_and_never_from_the_users_folder() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let page = Page::paired(&daemon, json!({ "private_addresses": true })).await;
    std::fs::write(daemon.data().join("files/mine.txt"), "the user's own").unwrap();
    let content = "0123456789abcdef".repeat(3 << 16);
    let request = json!({ "request": { "method": "POST", "url": origin.url("/echo"), "body": { "mode": "file", "src": "mine.txt" } } });
    let part =
        |name: &str, data: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{data}\r\n");
    let kind = [("content-type", "multipart/form-data; boundary=b")];
    let body = part("request", &request.to_string()) + &part("mine.txt", &content) + "--b--\r\n";
    let answer = page.ask(Method::POST, "/send", &kind, &body).await;
    let told = Told::read(&answer.body);
    let echo: Value = serde_json::from_slice(&told.body).unwrap_or_else(|e| panic!("{e}: {told:?}"));
    assert_eq!((&echo["size"], &echo["sha256"]), (&json!(content.len()), &json!(routes::sha256(content.as_bytes()))));
    assert!(told.events.iter().any(|e| e["event"] == "progress"), "{:?}", told.events);
    let form = json!({ "request": { "method": "POST", "url": origin.url("/echo"), "body": { "mode": "formdata", "formdata": [{ "key": "f", "src": ["one", "two"] }] } } });
    let body = part("one", "1") + &part("request", &form.to_string()) + &part("two", "22") + "--b--\r\n";
    let told = Told::read(&page.ask(Method::POST, "/send", &kind, &body).await.body);
    assert_eq!(told.reason(), "", "{told:?}");

    // Without one, there is none; the user's is not taken, neither now nor when the user sends it again.
    let told = page.send(request["request"].clone()).await;
    assert_eq!(told.reason(), "no file", "{told:?}");
    let send = told.done()["send"].clone();
    let again = daemon.api().post("/send", &json!({ "again": send, "as_mine": true })).await.json();
    assert_eq!(again["error"]["stage"], "body", "{again}");
    assert!(origin.notes().requests().iter().all(|seen| seen.size != 14), "the user's file was not sent");

    for (body, words) in [
        ("--b--".to_owned(), "no part 'request'"),
        (part("request", "{") + "--b--", "part 'request' cannot be read"),
        (part("request", r#"{"request":{}}"#) + &part("a", "1") + &part("a", "2") + "--b--", "two parts 'a'"),
        (part("request", "{}"), "ends in the middle"),
    ] {
        let answer = page.ask(Method::POST, "/send", &kind, &body).await;
        assert!(answer.status == 400 && answer.text().contains(words), "{words}: {}", answer.text());
    }
    let leftover = std::fs::read_dir(daemon.data()).unwrap().flatten();
    assert!(
        leftover.into_iter().all(|file| !file.file_name().to_string_lossy().contains("nameless")),
        "a file is left"
    );
}

#[tokio::test]
async fn a_page_has_nothing_of_the_users_and_reaches_only_what_it_may() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let api = daemon.api();
    let globals = json!({ "variables": [{ "key": "secret", "value": "planted-global", "type": "secret" }] });
    let answer = api.ask(Method::PUT, "/globals", &[("content-type", "application/json")], &globals.to_string()).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    let page = Page::paired(&daemon, json!({})).await;

    // By resolved address, in every spelling, and on the way of a redirect.
    let port = origin.address().port();
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "10.0.0.1",
        "192.168.1.1",
    ] {
        let told = page.send(json!({ "url": format!("http://{host}:{port}/json") })).await;
        assert_eq!(told.reason(), "not public", "{host}: {told:?}");
        assert!(told.done()["error"]["hint"].as_str().unwrap().contains("waylay agent rights"), "{told:?}");
    }
    let resolve =
        json!({ "url": "http://example.test/", "settings": { "resolve": [format!("example.test:*:127.0.0.1")] } });
    assert_eq!(page.send(resolve).await.reason(), "not public");
    for host in ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200"] {
        let told = page.send(json!({ "url": format!("http://{host}/latest/meta-data/") })).await;
        assert_eq!(told.reason(), "metadata address", "{host}: {told:?}");
    }
    assert!(origin.notes().requests().is_empty(), "nothing was sent");

    let rights = json!({ "rights": { "private_addresses": true } });
    let path = format!("/agent/pairings/{}", page.id);
    let answer = api.ask(Method::PATCH, &path, &[("content-type", "application/json")], &rights.to_string()).await;
    assert_eq!(answer.json()["rights"]["private_addresses"], true, "{}", answer.text());
    let told = page.send(json!({ "url": origin.url("/go/302?to=http://169.254.169.254/") })).await;
    assert_eq!(told.reason(), "metadata address", "{told:?}");
    let (ui, proxy) = (daemon.ui().port(), daemon.proxy().port());
    for own in [
        format!("http://127.0.0.1:{ui}/"),
        format!("http://localhost:{proxy}/"),
        format!("http://[::ffff:127.0.0.1]:{ui}/api/v1/status"),
    ] {
        let told = page.send(json!({ "url": own })).await;
        assert_eq!(told.done()["error"]["stage"], "policy", "{own}: {told:?}");
    }
    for (request, words) in [
        (json!({ "url": "http://unix:/var/run/docker.sock:/info" }), "sockets of this machine"),
        (json!({ "url": origin.url("/echo"), "body": { "mode": "captured", "exchange": "0.1" } }), "captured"),
        (json!({ "url": origin.url("/echo"), "settings": { "key_log": "keys.txt" } }), "keys"),
        (json!({ "url": origin.url("/echo"), "body": { "mode": "file", "src": "/etc/hostname" } }), "handed over"),
        (json!({ "url": origin.url("/echo?x={{secret}}") }), "secret"),
    ] {
        let told = page.send(request).await;
        let error = &told.done()["error"];
        assert!(error["message"].as_str().is_some_and(|m| m.contains(words)), "{words}: {told:?}");
        assert!(!format!("{told:?}").contains("planted-global"));
    }
    let own = json!({ "request": { "url": origin.url("/echo?x={{mine}}") }, "variables": { "mine": "given" } });
    let told = Told::read(&page.post("/send", &own).await.body);
    assert!(String::from_utf8_lossy(&told.body).contains("x=given"), "{told:?}");
}

#[tokio::test]
async fn client_certificates_are_the_users_unless_a_page_may_use_them() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls_asking(&["http/1.1"]).await;
    let [chain, key] = super::client_certificates::files(&daemon, "ann", &Root::shared().client("ann"));
    let host = format!("localhost:{}", origin.address().port());
    daemon.waylay(&["certificate", "add", &host, &chain, &key]).await.expect(0);
    let page = Page::paired(&daemon, json!({ "private_addresses": true })).await;
    let told = page.send(json!({ "url": origin.url("/json") })).await;
    assert_ne!(told.done()["error"], Value::Null, "the origin wants a certificate: {told:?}");
    let path = format!("/agent/pairings/{}", page.id);
    let rights = json!({ "rights": { "private_addresses": true, "client_certificates": true } }).to_string();
    daemon.api().ask(Method::PATCH, &path, &[("content-type", "application/json")], &rights).await;
    let told = page.send(json!({ "url": origin.url("/json") })).await;
    assert_eq!(told.done()["error"], Value::Null, "{told:?}");
}

#[tokio::test]
async fn a_revoked_token_fails_within_a_second_and_what_is_under_way_ends() {
    let daemon = Daemon::start().await;
    let slow = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome").await?;
        wire.to_end().await?;
        wire.send("gone").await
    })
    .await;
    let page = std::sync::Arc::new(Page::paired(&daemon, json!({ "private_addresses": true })).await);
    let (asking, url) = (page.clone(), slow.url("/slow"));
    let under_way = tokio::spawn(async move { asking.send(json!({ "url": url })).await });
    slow.has_received(b"/slow").await;
    let revoked = Instant::now();
    let answer = daemon.api().ask(Method::DELETE, &format!("/agent/pairings/{}", page.id), &[], "").await;
    assert_eq!(answer.status, 204);
    let told = wait::within("the end of what was under way", under_way).await.unwrap();
    assert_eq!(told.done()["error"]["stage"], "cancelled", "{told:?}");
    let answer = page.post("/send", &json!({ "request": { "url": "http://example.test/" } })).await;
    let took = revoked.elapsed();
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (401, ""), "{}", answer.text());
    println!("a revoked token failed, and what was under way had ended, {took:?} later");
    assert!(took < Duration::from_secs(1), "{took:?}");
    // Neither does it work after a restart.
    assert_eq!(daemon.api().get("/agent/pairings").await["items"], json!([]));
}

#[tokio::test]
async fn pairings_outlive_a_restart_and_a_page_cancels_its_own_sends_alone() {
    let daemon = Daemon::start().await;
    let page = Page::paired(&daemon, json!({ "private_addresses": true })).await;
    let (token, id) = (page.token, page.id);
    let place = daemon.stop().await;
    let daemon = waylay_tests::daemon::Launch::at(place).start().await;
    let page = std::sync::Arc::new(Page { api: daemon.api().anonymous(), token, id });
    let origin = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.to_end().await
    })
    .await;
    let other = Page::paired(&daemon, json!({})).await;
    let (asking, url) = (page.clone(), origin.url("/never"));
    let under_way = tokio::spawn(async move { asking.send(json!({ "url": url })).await });
    origin.has_received(b"/never").await;
    let send = daemon.api().get("/history").await["items"][0]["id"].clone();
    let path = format!("/sends/{}/cancel", send.to_string().trim_matches('"').trim_start_matches("send:"));
    assert_eq!(other.post(&path, &json!({})).await.status, 404, "it is another's");
    assert_eq!(page.post(&path, &json!({})).await.status, 204, "{path}");
    let told = wait::within("its end", under_way).await.unwrap();
    assert_eq!(told.done()["error"]["stage"], "cancelled", "{told:?}");
}

#[tokio::test]
async fn no_code_token_or_credential_of_a_page_is_in_a_debug_log() {
    let daemon = waylay_tests::daemon::Launch::new().args(&["--log", "debug"]).start().await;
    let origin = Origin::plain().await;
    let code = open(&daemon, ORIGIN, json!({ "private_addresses": true })).await;
    let api = daemon.api().anonymous();
    let miss = wrong(&code);
    guess(&api, ORIGIN, &miss).await;
    let paired = guess(&api, ORIGIN, &code).await.json();
    let page = Page { api, token: paired["token"].as_str().unwrap().to_owned(), id: 1 };
    page.send(json!({ "url": origin.url("/json?key=planted-query"), "headers": [{ "key": "Authorization", "value": "planted-authorization" }], "auth": { "type": "basic", "username": "u", "password": "planted-password" }, "body": { "mode": "raw", "raw": "planted-body" } })).await;
    page.post("/send", &json!({ "planted-field": 1 })).await;
    daemon.api().ask(Method::DELETE, "/agent/pairings/1", &[], "").await;
    page.post("/send", &json!({})).await;
    let (token, data) = (page.token.clone(), daemon.data());
    let place = daemon.stop().await;
    let log = std::fs::read_to_string(data.join("log/waylay.log")).unwrap();
    assert!(log.contains(ORIGIN) && log.lines().count() > 5, "{log}");
    for secret in [code.as_str(), &miss, &token, "planted-"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
    drop(place);
}
