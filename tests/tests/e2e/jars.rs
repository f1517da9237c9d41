//! Jars of cookies: used by sends, kept by hand, explained, and what was in them before.

use super::browser::arguments;
use http::{Method, Request};
use serde_json::{Value, json};
use std::fs;
use waylay_tests::{
    browser::Browser,
    client::{Answer, Link, Speak, empty},
    daemon::Daemon,
    origin::Scripted,
    program, rows, wait,
};

/// Sets what a path below `/set/` asks for, sends `/go` on to `/land`, and knows who has logged in.
async fn shop() -> Scripted {
    Scripted::tls(|mut wire| async move {
        loop {
            let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
            let field = |name: &str| {
                let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
                line.map_or("", |line| &line[name.len() + 2..]).to_owned()
            };
            let length = field("content-length").parse().unwrap_or(0);
            wire.exactly(length).await?;
            let mut words = head.split(' ');
            let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let cookie = field("cookie");
            let html = |body: &str| format!("Content-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            let answer = match (method, path) {
                (_, path) if path.starts_with("/set/") => {
                    let fields = path["/set/".len()..].split('&').map(|f| format!("Set-Cookie: {}\r\n", f.replace("%20", " ")));
                    format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", fields.collect::<String>())
                }
                (_, "/go") => "HTTP/1.1 302 Found\r\nLocation: /land\r\nSet-Cookie: hop=1; Path=/\r\nContent-Length: 0\r\n\r\n".to_owned(),
                ("POST", "/login") => {
                    "HTTP/1.1 303 See Other\r\nLocation: /me\r\nSet-Cookie: session=ann; Path=/; Secure; HttpOnly; SameSite=Lax\r\nContent-Length: 0\r\n\r\n".to_owned()
                }
                (_, "/login") => {
                    format!("HTTP/1.1 200 OK\r\n{}", html("<title>login</title><form method=post action=/login><input name=user value=ann></form>"))
                }
                (_, "/me") if cookie.contains("session=ann") => format!("HTTP/1.1 200 OK\r\n{}", html("<title>hello ann</title>hello ann")),
                (_, "/me") => format!("HTTP/1.1 401 Unauthorized\r\n{}", html("who are you?")),
                _ => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
            };
            wire.send(answer).await?;
        }
    })
    .await
}

/// The fields `Cookie` of the last request for a path.
fn cookies_of(origin: &Scripted, path: &str) -> Vec<String> {
    let all: Vec<u8> = origin.received().concat();
    let text = String::from_utf8_lossy(&all).into_owned();
    let begin = text.rfind(&format!(" {path} HTTP/1.1\r\n")).unwrap_or_else(|| panic!("no request for {path}: {text}"));
    let head = text[begin..].split("\r\n\r\n").next().unwrap();
    let of =
        |line: &str| line.to_ascii_lowercase().starts_with("cookie: ").then(|| line["cookie: ".len()..].to_owned());
    head.lines().filter_map(of).collect()
}

async fn send(daemon: &Daemon, body: Value) -> Value {
    let answer = daemon.api().post("/send", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn through(daemon: &Daemon, origin: &Scripted, path: &str, cookie: &str) {
    let mut link = Link::open(daemon, &origin.url("/"), Speak::Http1).await;
    let mut request = Request::get(origin.url(path));
    if !cookie.is_empty() {
        request = request.header("cookie", cookie);
    }
    let answer = link.send(request.body(empty()).unwrap()).await.unwrap();
    assert_eq!(Answer::read(answer).await.unwrap().status, 200, "{path}");
}

#[tokio::test]
async fn sends_use_a_jar_or_none_and_fill_it() {
    let daemon = Daemon::start().await;
    let origin = shop().await;
    let to = |path: &str| json!({ "request": { "url": origin.url(path) } });
    let sent = send(&daemon, to("/set/sid=1;%20Secure;%20Path=/")).await;
    let kept = daemon.api().get("/jars/1/cookies").await;
    assert_eq!((&kept["items"][0]["name"], &kept["items"][0]["source"]), (&json!("sid"), &json!("response")), "{kept}");
    assert_eq!(kept["items"][0]["exchange"], sent["id"]);
    let first_sent = sent["id"].clone();
    send(&daemon, to("/go")).await;
    assert_eq!(cookies_of(&origin, "/land"), ["sid=1; hop=1"], "asked anew at each hop");
    // What is written by hand goes beside them; what the jar has cannot be overridden.
    let mut own = to("/own");
    own["request"]["headers"] = json!([{ "key": "Cookie", "value": "mine=2; sid=hand" }]);
    let sent = send(&daemon, own.clone()).await;
    assert_eq!(cookies_of(&origin, "/own"), ["sid=1; hop=1; mine=2"]);
    assert!(sent["warnings"][0].as_str().unwrap().contains("\"sid\""), "{sent}");
    let preview = daemon.api().post("/send/preview", &own).await.json();
    let fields = preview["headers"].as_array().unwrap();
    let shown: Vec<_> = fields.iter().filter(|f| f["key"] == "Cookie").collect();
    assert_eq!(shown.len(), 1, "{preview}");
    assert_eq!((&shown[0]["value"], &shown[0]["automatic"]), (&json!("sid=1; hop=1; mine=2"), &json!(true)));
    own["cookies"] = json!({ "jar": "none" });
    send(&daemon, own.clone()).await;
    assert_eq!(cookies_of(&origin, "/own"), ["mine=2; sid=hand"]);
    // Turned off: none go, none come.
    let mut off = to("/set/off=1");
    off["request"]["settings"] = json!({ "cookie_jar": false });
    send(&daemon, off).await;
    let mut none = to("/set/none=1");
    none["cookies"] = json!({ "jar": "none" });
    send(&daemon, none).await;
    assert_eq!(daemon.api().get("/jars/1/cookies").await["items"].as_array().unwrap().len(), 2);
    // Left out: none go, but what is set comes.
    let mut without = to("/set/without=1");
    without["request"]["without"] = json!(["cookie"]);
    send(&daemon, without).await;
    assert_eq!(cookies_of(&origin, "/set/without=1"), [""; 0]);
    assert_eq!(daemon.api().get("/jars/1/cookies").await["items"].as_array().unwrap().len(), 3);
    // Another jar.
    let made = daemon.api().post("/jars", &json!({ "name": "work" })).await.json();
    let mut other = to("/set/w=1;%20Path=/");
    other["cookies"] = json!({ "jar": made["id"] });
    send(&daemon, other).await;
    assert_eq!(cookies_of(&origin, "/set/w=1;%20Path=/"), [""; 0]);
    daemon.waylay(&["send", &origin.url("/cli"), "-k", "--jar", "work"]).await.expect(0);
    assert_eq!(cookies_of(&origin, "/cli"), ["w=1"]);
    daemon.waylay(&["send", &origin.url("/cli"), "-k", "--jar", "none"]).await.expect(0);
    assert_eq!(cookies_of(&origin, "/cli"), [""; 0]);
    // As they were before the last came.
    let first = sent["id"].as_str().unwrap();
    let mut then = to("/then");
    then["cookies"] = json!({ "as_of": first });
    send(&daemon, then).await;
    assert_eq!(cookies_of(&origin, "/then"), ["sid=1; hop=1"]);
    let mut then = to("/go");
    then["cookies"] = json!({ "as_of": first_sent });
    send(&daemon, then).await;
    assert_eq!(cookies_of(&origin, "/land"), ["hop=1"], "the jar was empty then; what this send gets holds for it");
    for (cookies, stage) in [(json!({ "jar": 99 }), "settings"), (json!({ "as_of": "9.9" }), "settings")] {
        let mut bad = to("/bad");
        bad["cookies"] = cookies;
        assert_eq!(send(&daemon, bad).await["error"]["stage"], stage);
    }
    let mut bad = to("/bad");
    bad["cookies"] = json!({ "jar": "mine" });
    assert_eq!(daemon.api().post("/send", &bad).await.status, 400);
}

#[tokio::test]
async fn every_rule_that_holds_a_cookie_back_is_told() {
    let daemon = Daemon::start().await;
    let (url, page) = ("http://shop.example.com/dir/page", "https://ads.test/");
    for (name, from, attributes) in [
        ("other_site", "https://example.org/", "Path=/"),
        ("host_only", "https://example.com/", "Path=/"),
        ("below_host", "https://www.shop.example.com/", "Path=/"),
        ("other_host", "https://api.example.com/", "Path=/"),
        ("other_path", "https://shop.example.com/", "Path=/else"),
        ("path_boundary", "https://shop.example.com/", "Path=/di"),
        ("secure", "https://shop.example.com/", "Path=/; Secure; SameSite=None"),
        ("expired", "https://shop.example.com/", "Path=/; Max-Age=1"),
        ("partition", "https://shop.example.com/", "Path=/; Secure; SameSite=None; Partitioned"),
        ("same_site_strict", "https://shop.example.com/", "Path=/; SameSite=Strict"),
        ("same_site_lax_method", "https://shop.example.com/", "Path=/; SameSite=Lax"),
        ("same_site_lax_by_default", "https://shop.example.com/", "Path=/"),
    ] {
        daemon.waylay(&["cookies", "set", &format!("{name}=secret-{name}; {attributes}"), from]).await.expect(0);
    }
    let asked = ["cookies", "explain", url, "--method", "POST", "--from", page, "--navigates"];
    let told = wait::until("the short one to be over", || async {
        let told = daemon.waylay(&asked).await.expect(0).stdout;
        told.contains("expired:").then_some(told)
    })
    .await;
    assert!(told.starts_with("No cookie would be sent."), "{told}");
    assert!(!told.contains("secret-"), "values are masked: {told}");
    let lines: Vec<&str> = told.lines().collect();
    let mut rules = Vec::new();
    for pair in lines[1..].chunks(2) {
        let name = pair[0].split("held  ").nth(1).unwrap().split('=').next().unwrap();
        let rule = pair[1].trim().split(':').next().unwrap();
        assert_eq!(name, rule, "{told}");
        rules.push(rule);
    }
    assert_eq!(rules.len(), 12, "{told}");
    // From its own site, over TLS, most go.
    let told =
        daemon.waylay(&["--json", "cookies", "explain", "https://shop.example.com/dir/page"]).await.expect(0).json();
    let names: Vec<&str> = told["sent"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["secure", "partition", "same_site_strict", "same_site_lax_method", "same_site_lax_by_default"]);
    assert_eq!((&told["held_back_count"], &told["sent"][0]["value"]), (&json!(7), &Value::Null));
    let field = told["field"].as_str().unwrap();
    assert!(field.starts_with("secure=\u{2022}") && !field.contains("secret-"), "{field}");
    let shown = daemon.waylay(&["cookies", "explain", "https://shop.example.com/", "--reveal"]).await.expect(0).stdout;
    assert!(shown.starts_with("Cookie: secure=secret-secure; "), "{shown}");
    // Inside a page of another site.
    let told = daemon
        .waylay(&["--json", "cookies", "explain", "https://shop.example.com/", "--from", page])
        .await
        .expect(0)
        .json();
    let rule = |name: &str| {
        let held = told["held_back"].as_array().unwrap().iter().find(|held| held["cookie"]["name"] == name);
        held.map_or(Value::Null, |held| held["rule"].clone())
    };
    assert_eq!((rule("same_site_lax_method"), rule("partition")), (json!("same_site_lax"), json!("partition")));
    let bad = daemon.waylay(&["cookies", "explain", "ftp://x/"]).await;
    assert!(bad.stderr.contains("no URL of a web site"), "{}", bad.stderr);
}

#[tokio::test]
async fn a_cookies_values_are_known_and_a_request_is_sent_again_as_then() {
    let daemon = Daemon::start().await;
    let origin = shop().await;
    daemon.waylay(&["cookies", "sync", "add", "localhost"]).await.expect(0);
    for (path, cookie) in [
        ("/set/sid=one;%20Path=/", "consent=yes"),
        ("/page-one", "sid=one; consent=yes"),
        ("/set/sid=two;%20Path=/", "sid=one; consent=yes"),
        ("/page-two", "sid=two; consent=yes"),
        ("/set/sid=three;%20Path=/", "sid=two; consent=yes"),
    ] {
        through(&daemon, &origin, path, cookie).await;
    }
    let sid = wait::until("the third value", || async {
        let page = daemon.api().get("/jars/1/cookies?q=sid&reveal=true").await;
        let found = page["items"].as_array().unwrap().first().cloned()?;
        (found["value"] == "three").then_some(found)
    })
    .await;
    let id = sid["id"].to_string();
    let shown = daemon.waylay(&["cookies", "history", &id, "--reveal"]).await.expect(0).stdout;
    let lines: Vec<&str> = shown.lines().collect();
    for (line, (value, what, by)) in
        lines.iter().zip([("three", "replaced", "1.5"), ("two", "replaced", "1.3"), ("one", "stored", "1.1")])
    {
        assert!(
            line.contains(&format!("sid={value}")) && line.contains(what) && line.ends_with(&format!("by {by}")),
            "{shown}"
        );
    }
    assert_eq!(lines.len(), 3, "{shown}");
    assert!(!daemon.waylay(&["cookies", "history", &id]).await.expect(0).stdout.contains("three"), "masked");
    // The session's cookies are looked at behind the rows.
    wait::until("the session's cookies", || async {
        let page = daemon.api().get("/sessions/1/cookies").await;
        (page["items"].as_array().unwrap().len() == 8).then_some(())
    })
    .await;
    let again = |arguments: &'static [&'static str]| {
        let daemon = &daemon;
        async move { daemon.waylay(&[&["resend"], arguments].concat()).await.expect(0) }
    };
    again(&["1.2"]).await;
    assert_eq!(cookies_of(&origin, "/page-one"), ["sid=one; consent=yes"], "as it was");
    again(&["1.2", "--jar", "default"]).await;
    assert_eq!(cookies_of(&origin, "/page-one"), ["consent=yes; sid=three"], "by the jar as it is");
    again(&["1.2", "--as-then"]).await;
    assert_eq!(cookies_of(&origin, "/page-one"), ["consent=yes; sid=one"], "by its client's jar as it was then");
    again(&["1.4", "--as-then", "--jar", "1"]).await;
    assert_eq!(cookies_of(&origin, "/page-two"), ["consent=yes; sid=two"], "by our jar as it was then");
    assert_eq!(daemon.api().get("/jars/1/cookies?q=sid&reveal=true").await["items"][0]["value"], "three", "and stays");
    let was = daemon.waylay(&["cookies", "at", "1.2", "--reveal"]).await.expect(0).stdout;
    assert!(was.contains("sid=one") && !was.contains("sid=two"), "{was}");
    // Replays begin with a jar, and leave it as it is.
    let replay = |cookies: &'static str| {
        let daemon = &daemon;
        async move { daemon.waylay(&["replay", "--cookies", cookies, "--no-diff", "1.4"]).await.expect(0) }
    };
    replay("then:1.2").await;
    assert_eq!(cookies_of(&origin, "/page-two"), ["consent=yes; sid=one"]);
    replay("jar").await;
    assert_eq!(cookies_of(&origin, "/page-two"), ["consent=yes; sid=three"]);
    let wrong = daemon.waylay(&["replay", "--cookies", "jar:x", "--no-diff", "1.4"]).await;
    assert!(wrong.stderr.contains("jar:NUMBER"), "{}", wrong.stderr);
    // An earlier value is brought back.
    let first = lines[2].split_whitespace().next().unwrap();
    daemon.waylay(&["cookies", "restore", &id, first]).await.expect(0);
    daemon.waylay(&["send", &origin.url("/restored"), "-k"]).await.expect(0);
    assert_eq!(cookies_of(&origin, "/restored"), ["consent=yes; sid=one"]);
    let history = daemon.api().get(&format!("/jars/1/cookies/{id}/history?limit=1")).await;
    assert_eq!((&history["items"][0]["what"], &history["items"][0]["value"]), (&json!("restored"), &Value::Null));
    assert!(history["next"].is_i64());
}

#[tokio::test]
async fn cookies_are_made_changed_deleted_and_brought_back() {
    let daemon = Daemon::start().await;
    let json_type = [("content-type", "application/json")];
    let made = daemon
        .api()
        .post("/jars/1/cookies", &json!({ "set_cookie": "sid=1; Secure", "url": "https://www.a.test/x/y" }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!((&made["domain"], &made["path"], &made["value"]), (&json!("www.a.test"), &json!("/x"), &Value::Null));
    let id = made["id"].to_string();
    let put = |body: Value| {
        let (api, path) = (daemon.api(), format!("/jars/1/cookies/{id}"));
        async move { api.ask(Method::PUT, &path, &json_type, &body.to_string()).await }
    };
    let changed = put(json!({ "name": "sid", "domain": ".a.test", "host_only": false, "secure": true, "http_only": true, "same_site": "strict", "expires_us": 4_000_000_000_000_000_i64 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let one = daemon.api().get(&format!("/jars/1/cookies/{id}?reveal=true")).await;
    assert_eq!(
        (&one["domain"], &one["host_only"], &one["value"], &one["same_site"]),
        (&json!("a.test"), &json!(false), &json!("1"), &json!("strict"))
    );
    for (body, status) in [
        (json!({ "name": "sid", "domain": "com", "host_only": false }), 400),
        (json!({ "name": "sid", "domain": "a b" }), 400),
        (json!({ "name": "sid" }), 400),
        (json!({ "name": "sid", "domain": "a.test", "more": 1 }), 400),
    ] {
        assert_eq!(put(body.clone()).await.status, status, "{body}");
    }
    for body in [
        json!({}),
        json!({ "set_cookie": "a=1" }),
        json!({ "set_cookie": "a=1", "url": "ftp://a.test/" }),
        json!({ "set_cookie": "a=1; Domain=com", "domain": "a.com" }),
        json!({ "set_cookie": "a=1", "domain": "a.test", "cookie": { "name": "a", "domain": "a.test" } }),
    ] {
        let refused = daemon.api().post("/jars/1/cookies", &body).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.text());
    }
    let more = json!({ "cookie": { "name": "b", "value": "2", "domain": "b.test" } });
    assert_eq!(daemon.api().post("/jars/1/cookies", &more).await.status, 201);
    assert_eq!(daemon.api().post("/jars/1/domains", &json!({ "domain": "https://New.test:8080/x" })).await.status, 201);
    let domains = daemon.waylay(&["cookies", "list", "--domains"]).await.expect(0).stdout;
    assert_eq!(
        domains.lines().filter_map(|l| l.split_whitespace().next()).collect::<Vec<_>>(),
        ["a.test", "b.test", "new.test"]
    );
    // Deleted one by one, by domain, all; and back.
    let list = || async { daemon.waylay(&["cookies", "list", "--reveal"]).await.expect(0).stdout };
    let out = daemon.waylay(&["cookies", "rm", &id]).await.expect(0).stderr;
    let undo = out.split("--undo ").nth(1).unwrap().split('`').next().unwrap().to_owned();
    assert!(!list().await.contains("sid=1"));
    daemon.waylay(&["rm", "--undo", &undo]).await.expect(0);
    assert!(list().await.contains("sid=1"));
    daemon.waylay(&["cookies", "clear", "b.test"]).await.expect(0);
    assert!(list().await.contains("sid=1") && !list().await.contains("b=2"));
    daemon.waylay(&["cookies", "clear", "--all"]).await.expect(0);
    assert_eq!(list().await, "");
    // Jars.
    daemon.waylay(&["cookies", "jar", "new", "work"]).await.expect(0);
    assert_eq!(daemon.api().post("/jars", &json!({ "name": "work" })).await.status, 409);
    daemon.waylay(&["cookies", "jar", "use", "work"]).await.expect(0);
    assert_eq!(daemon.api().post("/deletions", &json!({ "jar": 2 })).await.status, 409, "the default one stays");
    daemon.waylay(&["cookies", "jar", "use", "1"]).await.expect(0);
    daemon.waylay(&["cookies", "jar", "rename", "work", "old"]).await.expect(0);
    daemon.waylay(&["cookies", "jar", "rm", "old"]).await.expect(0);
    assert_eq!(daemon.api().get("/jars").await["items"].as_array().unwrap().len(), 1);
    for path in [
        "/jars/2/cookies",
        "/jars/x/cookies",
        "/jars/1/cookies/99",
        "/jars/1/cookies/99/history",
        "/jars/1/at?exchange=9.9",
    ] {
        assert_eq!(daemon.api().ask(Method::GET, path, &[], "").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_cookie_of_a_session_is_added_to_a_jar_and_deleted() {
    let daemon = Daemon::start().await;
    let origin = shop().await;
    through(&daemon, &origin, "/set/sid=1;%20Path=/&bad=2;%20Domain=com", "seen=3; also=4").await;
    let page = wait::until("the session's cookies", || async {
        let page = daemon.api().get("/sessions/1/cookies").await;
        (page["items"].as_array().unwrap().len() == 3).then_some(page)
    })
    .await;
    let event =
        |n: usize| json!({ "exchange": page["items"][n]["exchange"], "position": page["items"][n]["position"] });
    for (n, status) in [(0, 201), (1, 201), (2, 400)] {
        let added = daemon.api().post("/jars/1/cookies", &json!({ "event": event(n) })).await;
        assert_eq!(added.status, status, "{}", added.text());
    }
    let missing = json!({ "event": { "exchange": "1.1", "position": 9 } });
    assert_eq!(daemon.api().post("/jars/1/cookies", &missing).await.status, 404);
    let kept = daemon.api().get("/jars/1/cookies?reveal=true").await;
    let names: Vec<_> =
        kept["items"].as_array().unwrap().iter().map(|c| (c["name"].as_str().unwrap(), c["guessed"] == true)).collect();
    assert_eq!(names, [("seen", true), ("also", true), ("sid", false)]);
    let deleted = daemon.api().post("/deletions", &json!({ "cookie_events": [event(0), event(2)] })).await;
    assert_eq!((deleted.status.as_u16(), &deleted.json()["cookies"]), (201, &json!(2)), "{}", deleted.text());
    let left = || async { daemon.api().get("/sessions/1/cookies").await["items"].as_array().unwrap().len() };
    assert_eq!(left().await, 1);
    let undo = format!("/deletions/{}", deleted.json()["id"]);
    assert_eq!(daemon.api().ask(Method::DELETE, &undo, &[], "").await.status, 204);
    assert_eq!(left().await, 3);
}

#[tokio::test]
async fn a_login_in_a_browser_is_used_by_sends_and_by_curl() {
    let daemon = Daemon::start().await;
    let origin = shop().await;
    let me = origin.url("/me");
    daemon.waylay(&["cookies", "sync", "add", "https://localhost"]).await.expect(0);
    let out = daemon.waylay(&["send", &me, "-f", "-s"]).await;
    assert_ne!(out.code, Some(0), "nobody has logged in: {}", out.stdout);
    let browser = Browser::start(&arguments(&daemon).await).await;
    browser.page().goto(&origin.url("/login")).await.unwrap();
    browser.page().execute("document.forms[0].submit()", vec![]).await.unwrap();
    browser.until("the page of who has logged in", "return document.title === 'hello ann'").await;
    browser.close().await;
    wait::until("the cookie of the login", || async {
        let kept = daemon.api().get("/jars/1/cookies?q=session").await;
        kept["items"].as_array().unwrap().iter().any(|c| c["source"] == "sync" && c["http_only"] == true).then_some(())
    })
    .await;
    let out = daemon.waylay(&["send", &me, "-f", "-s"]).await.expect(0);
    assert!(out.stdout.contains("hello ann"), "{}", out.stdout);
    let file = daemon.place().home().join("cookies.txt");
    let path = file.to_str().unwrap();
    daemon.waylay(&["cookies", "export", "-o", path]).await.expect(0);
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.starts_with("# Netscape HTTP Cookie File\n")
            && text.contains("#HttpOnly_localhost\tFALSE\t/\tTRUE\t0\tsession\tann"),
        "{text}"
    );
    let mut curl = program::command(program::need(&["curl"]), &daemon.place().home());
    curl.args(["-s", "--noproxy", "*", "--cacert"]).arg(daemon.place().root_pem()).args(["-b", path, &me]);
    let out = program::run(&mut curl).await.expect(0);
    assert!(out.stdout.contains("hello ann"), "{}", out.stdout);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600, "whoever has it is logged in");
    }
    // What curl has kept comes back.
    let jar = daemon.place().home().join("curl.txt");
    let mut curl = program::command(program::need(&["curl"]), &daemon.place().home());
    curl.args(["-s", "--noproxy", "*", "-o", "/dev/null", "--cacert"]).arg(daemon.place().root_pem());
    curl.arg("-c").arg(&jar).arg(origin.url("/set/bycurl=1;%20Path=/"));
    program::run(&mut curl).await.expect(0);
    daemon.waylay(&["cookies", "import", jar.to_str().unwrap()]).await.expect(0);
    daemon.waylay(&["send", &origin.url("/after-curl")]).await.expect(0);
    assert_eq!(cookies_of(&origin, "/after-curl"), ["session=ann; bycurl=1"]);
    assert!(!rows::list(&daemon, "").await.is_empty());
}

#[tokio::test]
async fn a_file_with_bad_lines_gives_the_rest_and_tells_their_numbers() {
    let daemon = Daemon::start().await;
    let file = daemon.place().home().join("bad.txt");
    let lines = [
        "# Netscape HTTP Cookie File",
        ".a.test\tTRUE\t/\tFALSE\t0\tgood\t1",
        "a.test\tFALSE\t/\tFALSE\t0\tshort",
        "#HttpOnly_b.test\tFALSE\t/\tTRUE\t0\tbest\tsecret",
        "b.test\tMAYBE\t/\tFALSE\t0\tbad\tsecret",
        "b.test\tFALSE\tpath\tFALSE\t0\tbad\tsecret",
    ];
    fs::write(&file, lines.join("\n")).unwrap();
    let out = daemon.waylay(&["cookies", "import", file.to_str().unwrap()]).await.expect(0).stderr;
    assert!(out.contains("2 cookies added, 0 replaced"), "{out}");
    for line in ["line 3: It has 6 fields", "line 5: Its second field", "line 6: Its path"] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(!out.contains("secret"), "{out}");
    let listed = daemon.waylay(&["cookies", "list"]).await.expect(0).stdout;
    assert!(listed.contains("good=") && listed.contains("best=") && !listed.contains("secret"), "{listed}");
    fs::write(&file, "nothing\nhere\n").unwrap();
    let out = daemon.waylay(&["cookies", "import", file.to_str().unwrap()]).await;
    assert!(out.code != Some(0) && out.stderr.contains("no cookies.txt"), "{}", out.stderr);
    // Other forms, there and back.
    for form in ["storage-state", "cookie-editor"] {
        let out = daemon.waylay(&["cookies", "export", "--format", form]).await.expect(0).stdout;
        fs::write(&file, out).unwrap();
        daemon.waylay(&["cookies", "jar", "new", form]).await.expect(0);
        let out = daemon.waylay(&["cookies", "import", file.to_str().unwrap(), "--jar", form]).await.expect(0).stderr;
        assert!(out.contains("2 cookies added"), "{out}");
    }
}
