//! What is recorded, by the rules of a session. Clients never notice.

use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::path::Path;
use waylay_tests::{
    client::{self, Answer, Link, Speak, raw},
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted, routes},
    rows, wait,
};

async fn rule(daemon: &Daemon, rules: &Value) -> Answer {
    let json = [("content-type", "application/json")];
    let body = json!({ "rules": rules }).to_string();
    daemon.api().ask(Method::PATCH, "/sessions/@current", &json, &body).await
}

async fn ruled(daemon: &Daemon, rules: &Value) {
    let answer = rule(daemon, rules).await;
    assert_eq!(answer.status, 200, "{rules}: {}", answer.text());
}

async fn session(daemon: &Daemon) -> Value {
    daemon.api().get("/sessions/@current").await
}

/// Waits until so many exchanges are counted as left out.
async fn left_out(daemon: &Daemon, count: i64) {
    wait::until(&format!("{count} to be left out"), || async {
        let found = session(daemon).await["left_out"].as_i64().unwrap();
        assert!(found <= count, "{found} are left out, not {count}");
        (found == count).then_some(())
    })
    .await;
}

async fn paths(daemon: &Daemon) -> Vec<String> {
    rows::list(daemon, "").await.iter().map(|row| row["path"].as_str().unwrap().to_owned()).collect()
}

/// Whether a file of a folder holds bytes.
fn holds(folder: &Path, needle: &[u8]) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() { holds(&path, needle) } else { memchr_in(&std::fs::read(path).unwrap_or_default(), needle) }
    })
}

fn memchr_in(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn rules_change_while_a_connection_goes_on() {
    for (speak, alpn) in [(Speak::Http1, "http/1.1"), (Speak::Http2, "h2")] {
        let daemon = Daemon::start().await;
        let origin = Origin::tls(&[alpn]).await;
        let mut link = Link::open(&daemon, &origin.url("/"), speak).await;
        let steps = [
            (json!({"methods": ["POST"]}), "/json?method", false),
            (json!({"hosts": ["*.other.test"]}), "/json?host", false),
            (json!({"hosts": ["localhost"], "methods": ["GET"]}), "/json?both", true),
            (json!({"url_contains": ["/^https:.*q=\\d+$/"]}), "/json?q=x", false),
            (json!({"url_contains": ["/^https:.*q=\\d+$/"]}), "/json?q=1", true),
            (json!({"url_contains": ["JSON"], "url_excludes": ["secret"]}), "/json?secret", false),
            (json!({"status": ["4xx", "500"]}), "/json?status", false),
            (json!({"status": ["4xx", "500"]}), "/status/404", true),
            (json!({"content_types": ["html", "event-stream"]}), "/json?type", false),
            (json!({"content_types": ["html"]}), "/page", true),
            (json!({}), "/json?all", true),
        ];
        let (mut wanted, mut out) = (Vec::new(), 0);
        for (rules, path, recorded) in &steps {
            ruled(&daemon, rules).await;
            assert!(link.get(&origin.url(path)).await.unwrap().status.as_u16() > 0);
            if *recorded {
                wanted.push((*path).to_owned());
                rows::one(&daemon, &rows::of(&origin.url(path))).await;
            } else {
                out += 1;
            }
        }
        left_out(&daemon, out).await;
        assert_eq!(paths(&daemon).await, wanted);
        let session = session(&daemon).await;
        assert_eq!(session["exchanges"], wanted.len(), "{session}");
        assert_eq!(origin.notes().connections(), 1);
    }
}

#[tokio::test]
async fn clients_get_the_same_bytes_under_all_rules() {
    let daemon = Daemon::start().await;
    let (plain, tls) = (Origin::plain().await, Origin::tls(&["h2"]).await);
    let big = routes::pattern(300_000);
    for rules in [
        json!({}),
        json!({"methods": ["POST"]}),
        json!({"status": ["5xx"]}),
        json!({"content_types": ["image/"]}),
        json!({"save_responses": false, "capture_cookies": false}),
        json!({"media": true}),
    ] {
        ruled(&daemon, &rules).await;
        for (origin, speak) in [(&plain, Speak::Http1), (&tls, Speak::Http2)] {
            let mut link = Link::open(&daemon, &origin.url("/"), speak).await;
            assert!(link.get(&origin.url("/bytes/300000")).await.unwrap().body == big, "{rules}");
            let answer = link.get(&origin.url("/cookies")).await.unwrap();
            assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2, "{rules}");
            let upload = Request::post(origin.url("/echo-body")).body(client::full(big.clone())).unwrap();
            let echoed = link.send(upload).await.unwrap().into_body().collect().await.unwrap().to_bytes();
            assert!(echoed == big, "{rules}");
        }
    }
}

#[tokio::test]
async fn a_row_that_is_withdrawn_leaves_nothing_behind() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    ruled(&daemon, &json!({"status": ["5xx"]})).await;
    let canary = "canary-7f3a".repeat(8000);
    let url = origin.url("/slow-head?pending");
    let mut link = Link::open(&daemon, &url, Speak::Http1).await;
    let request = Request::post(&url).body(client::full(canary.clone())).unwrap();
    let answer = link.send(request);
    let look = async {
        // While nothing is known of the answer, it is shown.
        let row = wait::until("the row of what is under way", || async {
            rows::list(&daemon, "path:/slow-head").await.pop()
        });
        let row = row.await;
        origin.notes().open_gate();
        row
    };
    let (answer, row) = tokio::join!(answer, look);
    assert_eq!(answer.unwrap().status(), 200);
    left_out(&daemon, 1).await;
    assert!(rows::list(&daemon, "").await.is_empty());
    let gone = daemon.api().ask(Method::GET, &format!("/exchanges/{}", rows::id(&row)), &[], "").await;
    assert_eq!(gone.status, 404);
    assert_eq!(session(&daemon).await["exchanges"], 0);
    let place = daemon.stop().await;
    place.waylay(&["show", rows::id(&row)]).await.expect(4);
}

#[tokio::test]
async fn failures_are_told_by_a_word_of_their_own() {
    let daemon = Daemon::start().await;
    let cut = Scripted::tcp(|mut wire| async move { wire.head().await.map(drop) }).await;
    let mut out = 0;
    for (rules, recorded) in [
        (json!({"status": ["5xx"]}), false),
        (json!({"status": ["5xx", "failed"]}), true),
        (json!({"content_types": ["json"]}), true),
        (json!({}), true),
    ] {
        ruled(&daemon, &rules).await;
        let before = rows::list(&daemon, "").await.len();
        assert_eq!(client::get(&daemon, &cut.url("/x")).await.status, 502, "the client gets its page");
        if recorded {
            rows::done(&daemon, "", before + 1).await;
        } else {
            out += 1;
        }
        left_out(&daemon, out).await;
    }
    // A tunnel has no status.
    ruled(&daemon, &json!({"status": ["2xx"]})).await;
    let echo = Scripted::tcp(|mut wire| async move {
        wire.send("hi").await?;
        wire.to_end().await
    })
    .await;
    let mut tunnel = raw::tunnel(daemon.proxy(), &echo.authority()).await;
    assert_eq!(raw::read_exactly(&mut tunnel, 2).await.unwrap(), b"hi");
    left_out(&daemon, out + 1).await;
}

/// An answer of any type.
async fn typed() -> Scripted {
    Scripted::tcp(|mut wire| async move {
        loop {
            let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
            let kind = head.split(['?', ' ']).nth(2).unwrap_or_default().to_owned();
            let body = format!("pixels-of-{}", kind.replace('/', "-")).repeat(3000);
            let length = body.len();
            wire.send(format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"))
                .await?;
        }
    })
    .await
}

#[tokio::test]
async fn media_is_told_of_and_not_stored_unless_it_is_wanted() {
    let daemon = Daemon::start().await;
    let origin = typed().await;
    let get = async |kind: &str| {
        let answer = client::get(&daemon, &origin.url(&format!("/m?{kind}"))).await;
        assert!(answer.body.len() > 30_000);
        rows::one(&daemon, &rows::of(&origin.url(&format!("/m?{kind}")))).await
    };
    for kind in ["image/png", "audio/ogg", "video/mp4"] {
        let row = get(kind).await;
        assert_eq!((&row["omitted"], &row["truncated"]), (&json!(["media"]), &false.into()), "{row}");
        assert!(row["response_size"].as_i64().unwrap() > 30_000 && row["response_end"] == "complete", "{row}");
        let body =
            daemon.api().ask(Method::GET, &format!("/exchanges/{}/response/body", rows::id(&row)), &[], "").await;
        assert_eq!((body.headers["x-waylay-omitted"].to_str().unwrap(), body.body.len()), ("media", 0));
        let cli = daemon.waylay(&["body", rows::id(&row)]).await.expect(4);
        assert!(cli.stderr.contains("media") && cli.stderr.contains("session rules"), "{}", cli.stderr);
        let shown = daemon.waylay(&["show", rows::id(&row)]).await.expect(0);
        assert!(shown.stdout.contains("not stored"), "{}", shown.stdout);
    }
    assert!(get("text/html").await["omitted"].as_array().unwrap().is_empty());
    assert!(daemon.waylay(&["ls"]).await.expect(0).stdout.contains("image/png (not stored)"));
    daemon.waylay(&["session", "rules", "--media"]).await.expect(0);
    let row = get("image/gif").await;
    assert!(row["omitted"].as_array().unwrap().is_empty());
    assert!(rows::body(&daemon, &row, "response").await.starts_with(b"pixels-of-image-gif"));
    let place = daemon.stop().await;
    assert!(holds(&place.data(), b"pixels-of-image-gif"));
    assert!(!holds(&place.data(), b"pixels-of-image-png"), "not a byte of it is kept");
}

#[tokio::test]
async fn responses_and_cookies_are_left_out_on_demand() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    ruled(&daemon, &json!({"save_responses": false, "capture_cookies": false})).await;
    for path in ["/json", "/bytes/100000", "/cookies", "/sse", "/status/204"] {
        origin.notes().open_gate();
        let answer = client::get(&daemon, &origin.url(path)).await;
        let row = rows::one_in_detail(&daemon, &rows::of(&origin.url(path))).await;
        let wanted = match path {
            "/cookies" => json!(["response", "cookies"]),
            "/status/204" => json!([]),
            _ => json!(["response"]),
        };
        assert_eq!(row["omitted"], wanted, "{row}");
        assert_eq!(row["response_size"], answer.body.len());
        assert!(!row["response"]["headers"].as_array().unwrap().is_empty(), "heads are stored all the same");
        assert_eq!(row["messages"], 0);
        assert_eq!(row["response"]["body"]["stored"], 0);
    }
    let posted = Request::post(origin.url("/echo")).header("cookie", "a=1").body(client::full("sent")).unwrap();
    client::fetch(&daemon, Speak::Http1, posted).await;
    let row = rows::one(&daemon, "path:/echo").await;
    assert_eq!(row["omitted"], json!(["response", "cookies"]));
    assert_eq!(rows::body(&daemon, &row, "request").await, "sent", "requests are another matter");
}

#[tokio::test]
async fn of_a_websocket_the_client_is_kept_where_answers_are_not() {
    let daemon = Daemon::start().await;
    ruled(&daemon, &json!({"save_responses": false, "content_types": ["json"]})).await;
    let origin = super::websockets::echoing().await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    let request = "GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    raw::send(&mut stream, request).await;
    raw::read_head(&mut stream).await.unwrap();
    assert_eq!(raw::read_exactly(&mut stream, 7).await.unwrap(), b"\x81\x05hello");
    drop(stream);
    let row = rows::one(&daemon, "path:/socket").await;
    assert_eq!(
        (&row["omitted"], &row["kind"], &row["messages"]),
        (&json!(["response"]), &"websocket".into(), &0.into())
    );
    assert!(row["response_size"].as_i64().unwrap() >= 7, "{row}");
}

#[tokio::test]
async fn what_is_no_rule_is_refused_and_the_old_rules_stay() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    ruled(&daemon, &json!({"methods": ["GET"]})).await;
    for (rules, field, entry) in [
        (json!({"url_contains": ["ok", "/(/"]}), "url_contains", "/(/"),
        (json!({"status": ["2xx", "teapot"]}), "status", "teapot"),
        (json!({"hosts": ["http://a.test/"]}), "hosts", "http://a.test/"),
        (json!({"methods": ["GE T"]}), "methods", "GE T"),
        (json!({"content_types": ["*"]}), "content_types", "*"),
    ] {
        let refused = rule(&daemon, &rules).await;
        let error = &refused.json()["error"];
        assert_eq!((refused.status.as_u16(), &error["code"]), (400, &"bad_rules".into()), "{error}");
        assert_eq!((&error["field"], &error["entry"]), (&field.into(), &entry.into()), "{error}");
        assert!(error["message"].as_str().unwrap().contains(field), "{error}");
        let begun = daemon.api().post("/sessions", &json!({ "rules": rules })).await;
        assert_eq!(begun.status, 400, "nor does a session begin with them");
    }
    assert_eq!(rule(&daemon, &json!({"method": ["GET"]})).await.status, 400, "unknown names are refused");
    let session = session(&daemon).await;
    assert_eq!((&session["rules"]["methods"], &session["id"]), (&json!(["GET"]), &1.into()));
    client::fetch(&daemon, Speak::Http1, Request::post(origin.url("/echo")).body(client::empty()).unwrap()).await;
    left_out(&daemon, 1).await;
    daemon.api().ask(Method::POST, "/sessions/@current/stop", &[], "").await;
    let json = [("content-type", "application/json")];
    let late = daemon.api().ask(Method::PATCH, "/sessions/1", &json, "{\"rules\":{}}").await;
    assert_eq!(late.status, 409, "what has ended records nothing");
    let sent = daemon.api().ask(Method::PATCH, "/sessions/0", &json, "{\"rules\":{}}").await;
    assert_eq!(sent.status, 409, "what is sent is always recorded");
}

#[tokio::test]
async fn presets_and_flags_of_the_command_line() {
    let daemon = Launch::new().args(&["--media"]).start().await;
    let run = async |line: &str, exit| daemon.waylay(&line.split(' ').collect::<Vec<_>>()).await.expect(exit);
    assert_eq!(session(&daemon).await["rules"]["media"], true);
    let presets = daemon.api().get("/recording-presets").await;
    let names: Vec<&str> = presets["items"].as_array().unwrap().iter().filter_map(|p| p["name"].as_str()).collect();
    assert_eq!(names, ["default", "everything", "api", "no-assets", "errors"]);
    for (name, preset) in names.iter().zip(presets["items"].as_array().unwrap()) {
        let started = run(&format!("session start {name} --preset {name} --json"), 0).await.json();
        assert_eq!(started["rules"], preset["rules"]);
    }
    let said = run("session rules", 0).await.stdout;
    assert!(said.contains("4xx, 5xx, failed"), "{said}");
    let line = "session rules --preset api --method get --status 2xx --host *.a.test --contains /v1 --excludes /x/i --no-responses --no-cookies --json";
    let rules = run(line, 0).await.json()["rules"].clone();
    assert_eq!(rules["methods"], json!(["get"]));
    assert_eq!((&rules["status"], &rules["hosts"]), (&json!(["2xx"]), &json!(["*.a.test"])));
    assert_eq!((&rules["url_contains"], &rules["url_excludes"]), (&json!(["/v1"]), &json!(["/x/i"])));
    assert_eq!((&rules["save_responses"], &rules["capture_cookies"]), (&false.into(), &false.into()));
    assert!(rules["content_types"].as_array().unwrap().contains(&"json".into()), "the preset is where it begins");
    assert!(run("status", 0).await.stdout.contains("GET only") || run("status", 0).await.stdout.contains("method get"));
    let refused = run("session rules --contains /(/", 2).await.stderr;
    assert!(refused.contains("url_contains: '/(/'"), "{refused}");
    run("session start --preset nonsense", 2).await;
    let run_media = daemon.api().post("/runs", &json!({"command": "x", "media": true})).await.json();
    assert_eq!(run_media["session"]["rules"]["media"], true);
}
