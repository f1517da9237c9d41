//! Requests that a stock client of the Hoppscotch Agent hands over: every kind of body and credentials, redirects, cookies, cancelling.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use waylay_tests::{
    daemon::Daemon,
    hoppscotch::{Client, body, daemon, request, text},
    origin::{Apache, Origin, Scripted, routes},
    wait,
};

pub(crate) async fn paired() -> (Daemon, Client) {
    let daemon = daemon().await;
    let client = Client::paired(&daemon, json!({ "private_addresses": true })).await;
    (daemon, client)
}

/// The values of a field that the origin has seen.
pub(crate) fn seen(answer: &Value, name: &str) -> Vec<String> {
    let fields = body(answer)["headers"].as_array().expect("fields").clone();
    let named = fields.iter().filter(|f| f[0] == name);
    named.map(|f| f[1].as_str().expect("a text").to_owned()).collect()
}

pub(crate) fn failure(answer: &Value) -> String {
    answer["value"]["headers"]["x-waylay-error"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_kind_of_body_arrives_as_it_is() {
    let (_daemon, mut client) = paired().await;
    let origin = Origin::plain().await;
    let url = origin.url("/echo");
    for (content, sent, typed) in [
        (json!({ "kind": "text", "content": "{{é}}\n", "mediaType": "text/html" }), "{{é}}\n".as_bytes(), "text/html"),
        (
            json!({ "kind": "json", "content": { "b": 1, "a": [null, "x"] }, "mediaType": "application/json" }),
            br#"{"b":1,"a":[null,"x"]}"#,
            "application/json",
        ),
        (json!({ "kind": "xml", "content": "<a/>", "mediaType": "application/xml" }), b"<a/>", "application/xml"),
        (
            json!({ "kind": "urlencoded", "content": "a=1&b=%20", "mediaType": null }),
            b"a=1&b=%20",
            "application/x-www-form-urlencoded",
        ),
        (
            json!({ "kind": "binary", "content": [0, 255, 13, 10], "mediaType": "application/octet-stream", "filename": "x" }),
            &[0, 255, 13, 10],
            "application/octet-stream",
        ),
        (json!({ "kind": "binary", "content": [], "mediaType": "a/b" }), b"", "a/b"),
    ] {
        let answer = client.execute(request("POST", &url, json!({ "content": content }))).await;
        let echo = body(&answer);
        assert_eq!(echo["sha256"], routes::sha256(sent), "{content}");
        assert_eq!((&echo["size"], seen(&answer, "content-type")), (&json!(sent.len()), vec![typed.to_owned()]));
        assert_eq!(seen(&answer, "user-agent"), ["HoppscotchKernel/0.2.0"], "what the client says wins");
        assert!(seen(&answer, "cache-control").is_empty());
    }
    let parts = json!([
        ["a", [{ "kind": "text", "value": "1" }, { "kind": "file", "filename": "n.bin", "contentType": "odd/kind", "data": [0, 255] }]],
        ["b", [{ "kind": "text", "value": "é" }]],
    ]);
    let echo = origin.url("/echo-body");
    for (kind, headers) in [("multipart", json!({})), ("form", json!({ "content-type": "multipart/form-data" }))] {
        let content = json!({ "kind": kind, "content": parts, "mediaType": "multipart/form-data" });
        let answer = client.execute(request("POST", &echo, json!({ "content": content, "headers": headers }))).await;
        let form = BASE64_STANDARD.decode(answer["body"]["base64"].as_str().unwrap()).unwrap();
        let typed = origin.notes().requests().last().unwrap().values("content-type").join("|");
        let boundary = typed.strip_prefix("multipart/form-data; boundary=").unwrap_or_else(|| panic!("{typed}"));
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name");
        let expected = format!(
            "{head}=\"a\"\r\n\r\n1\r\n{head}=\"a\"; filename=\"n.bin\"\r\nContent-Type: odd/kind\r\n\r\n\0\u{fffd}\r\n\
             {head}=\"b\"\r\n\r\né\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8_lossy(&form), expected);
    }
}

#[tokio::test]
async fn whatever_is_optional_may_be_null_or_missing() {
    let (_daemon, mut client) = paired().await;
    let origin = Origin::plain().await;
    let nulls = json!({ "headers": null, "params": null, "content": null, "auth": null, "security": null, "proxy": null,
        "meta": null, "version": null });
    let answer = client.execute(request("GET", &origin.url("/echo"), nulls)).await;
    assert_eq!(answer["value"]["status"], 200);
    let bare = json!({ "id": 3, "url": origin.url("/echo"), "method": "GET" });
    let answer = client.execute(bare).await;
    assert_eq!((&answer["value"]["id"], &answer["value"]["status"]), (&json!(3), &json!(200)));
    let auth = json!({ "auth": { "kind": "oauth2", "grantType": { "kind": "password" }, "accessToken": null, "refreshToken": null } });
    assert_eq!(client.execute(request("GET", &origin.url("/echo"), auth)).await["value"]["status"], 200);
}

#[tokio::test]
async fn who_asks_is_told_in_every_way() {
    let (_daemon, mut client) = paired().await;
    let origin = Origin::plain().await;
    for (auth, expected) in [
        (json!({ "kind": "basic", "username": "u", "password": "p" }), "Basic dTpw"),
        (json!({ "kind": "bearer", "token": "t" }), "Bearer t"),
        (json!({ "kind": "oauth2", "grantType": { "kind": "client_credentials" }, "accessToken": "o" }), "Bearer o"),
        (json!({ "kind": "apikey", "key": "Authorization", "value": "k", "in": "header" }), "k"),
    ] {
        let answer = client.execute(request("GET", &origin.url("/echo"), json!({ "auth": auth }))).await;
        assert_eq!(seen(&answer, "authorization"), [expected], "{auth}");
        // What the client has put there already wins, however it is spelt.
        let both = json!({ "auth": auth, "headers": { "AUTHORIZATION": "own" } });
        let answer = client.execute(request("GET", &origin.url("/echo"), both)).await;
        assert_eq!(seen(&answer, "authorization"), ["own"], "{auth}");
    }
    let query = json!({ "auth": { "kind": "apikey", "key": "k", "value": "v", "in": "query" } });
    for url in ["/echo?k=v", "/echo"] {
        let answer = client.execute(request("GET", &origin.url(url), query.clone())).await;
        assert_eq!(body(&answer)["target"], "/echo?k=v");
    }
    let aws = json!({ "auth": { "kind": "aws", "accessKey": "a", "secretKey": "s", "region": "r", "service": "s", "in": "headers" } });
    assert_eq!(client.execute(request("GET", &origin.url("/echo"), aws)).await["value"]["status"], 200);
    let apache = Apache::start().await;
    for algorithm in ["MD5", "SHA-256", "SHA256"] {
        let digest = json!({ "auth": { "kind": "digest", "username": "ann", "password": "s3cret", "realm": "", "algorithm": algorithm } });
        let answer = client.execute(request("GET", &apache.url("/digest/file"), digest)).await;
        assert_eq!((&answer["value"]["status"], text(&answer)), (&json!(200), "for ann alone\n".to_owned()));
    }
}

/// The most memory the daemon has had, KiB.
fn peak(daemon: &Daemon) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).expect("a running daemon");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("its peak");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}

#[tokio::test]
async fn large_bodies_go_both_ways_in_little_memory() {
    const SIZE: usize = 12 << 20;
    let (daemon, mut client) = paired().await;
    let origin = Origin::plain().await;
    // So much is in use by then that what follows is the bodies' alone.
    let small = json!({ "content": { "kind": "binary", "content": [1] } });
    client.execute(request("POST", &origin.url("/echo-body"), small.clone())).await;
    let before = peak(&daemon);
    let call = request("POST", &origin.url("/echo-body"), small);
    let answer = client.run(json!({ "do": "execute", "request": call, "fill": SIZE })).await;
    let sent: Vec<u8> = (0..SIZE).map(|n| (n % 256) as u8).collect();
    assert_eq!((&answer["status"], &answer["value"]["status"]), (&json!(200), &json!(200)), "{answer}");
    assert_eq!(answer["body"]["sha256"], routes::sha256(&sent));
    assert_eq!(answer["value"]["meta"]["size"]["body"], SIZE);
    let grown = (peak(&daemon) - before) / 1024;
    println!("a body of {} MiB both ways: {grown} MiB more", SIZE >> 20);
    assert!(grown < 3 * (SIZE >> 20) as u64, "as numbers within JSON it has four times its size: {grown} MiB more");
    let left = std::fs::read_dir(daemon.data()).unwrap().filter_map(|f| f.unwrap().file_name().into_string().ok());
    assert_eq!(left.filter(|name| name.starts_with("nameless")).count(), 0);
}

#[tokio::test]
async fn cookies_are_told_twice_and_kept_by_the_client() {
    let (_daemon, mut client) = paired().await;
    let origin = Origin::plain().await;
    let answer = client.execute(request("GET", &origin.url("/cookies"), json!({}))).await;
    assert_eq!(answer["value"]["headers"]["set-cookie"], "a=1; Path=/\nb=2; HttpOnly");
    let found: Vec<_> = answer["value"]["cookies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| [&c["name"], &c["value"], &c["httpOnly"]])
        .collect();
    assert_eq!(json!(found), json!([["a", "1", false], ["b", "2", true]]));
    // Neither of them is kept here.
    let answer = client.execute(request("GET", &origin.url("/echo"), json!({}))).await;
    assert_eq!((seen(&answer, "cookie"), &answer["value"]["cookies"]), (vec![], &json!([])));
    let own = json!({ "headers": { "Cookie": "x=1" } });
    assert_eq!(seen(&client.execute(request("GET", &origin.url("/echo"), own)).await, "cookie"), ["x=1"]);
}

#[tokio::test]
async fn redirects_are_followed_as_far_as_is_asked() {
    let (_daemon, mut client) = paired().await;
    let origin = Origin::plain().await;
    let options = |follow: bool, most: Value| json!({ "meta": { "options": { "followRedirects": follow, "maxRedirects": most } } });
    let off = client.execute(request("GET", &origin.url("/redirect"), options(false, json!(null)))).await;
    assert_eq!((&off["value"]["status"], &off["value"]["headers"]["location"]), (&json!(302), &json!("/json")));
    let absent = client.execute(request("GET", &origin.url("/redirect"), json!({ "meta": null }))).await;
    assert_eq!(absent["value"]["status"], 302);
    let on = client.execute(request("GET", &origin.url("/redirect"), options(true, json!(null)))).await;
    assert_eq!((&on["value"]["status"], &body(&on)["hello"]), (&json!(200), &json!("waylay")));
    assert_eq!(on["value"]["headers"]["location"], Value::Null, "only the last answer is told");
    let (turns, cookies) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let (count, with) = (Arc::clone(&turns), Arc::clone(&cookies));
    let round = Scripted::tcp(move |mut wire| {
        let (count, with) = (Arc::clone(&count), Arc::clone(&with));
        async move {
            loop {
                let head = wire.head().await?;
                with.fetch_add(
                    usize::from(head.to_ascii_lowercase().windows(8).any(|w| w == b"\ncookie:")),
                    Ordering::SeqCst,
                );
                let n = count.fetch_add(1, Ordering::SeqCst);
                wire.send(format!(
                    "HTTP/1.1 302 On\r\nLocation: /{n}\r\nSet-Cookie: hop{n}=1\r\nContent-Length: 0\r\n\r\n"
                ))
                .await?;
            }
        }
    })
    .await;
    for (most, expected) in [(json!(null), 11), (json!(3), 4), (json!(50), 11), (json!(0), 1)] {
        turns.store(0, Ordering::SeqCst);
        let answer = client.execute(request("GET", &round.url("/"), options(true, most))).await;
        assert_eq!((failure(&answer).as_str(), turns.load(Ordering::SeqCst)), ("redirect: too many", expected));
    }
    // What a hop sets reaches the next if that is asked, and never another request.
    for (kept, expected) in [(false, 0), (true, 10), (false, 0)] {
        cookies.store(0, Ordering::SeqCst);
        let options = json!({ "meta": { "options": { "followRedirects": true, "cookies": kept } } });
        client.execute(request("GET", &round.url("/"), options)).await;
        assert_eq!(cookies.load(Ordering::SeqCst), expected, "{kept}");
    }
    // What hops on the way have set is told with the last answer.
    let target = origin.url("/cookies");
    let first = Scripted::tcp(move |mut wire| {
        let target = target.clone();
        async move {
            wire.head().await?;
            wire.send(format!(
                "HTTP/1.1 302 On\r\nLocation: {target}\r\nSet-Cookie: first=1\r\nContent-Length: 0\r\n\r\n"
            ))
            .await
        }
    })
    .await;
    let answer = client.execute(request("GET", &first.url("/"), options(true, json!(null)))).await;
    assert_eq!(answer["value"]["headers"]["set-cookie"], "first=1\na=1; Path=/\nb=2; HttpOnly");
    assert_eq!(answer["value"]["cookies"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_cancelled_request_frees_the_origin() {
    let (daemon, mut client) = paired().await;
    let (begun, ended) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let counts = (Arc::clone(&begun), Arc::clone(&ended));
    let held = Scripted::tcp(move |mut wire| {
        let (begun, ended) = counts.clone();
        async move {
            wire.head().await?;
            begun.fetch_add(1, Ordering::SeqCst);
            wire.to_end().await?;
            ended.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    })
    .await;
    let count = |of: &Arc<AtomicUsize>| of.load(Ordering::SeqCst);
    let call = |id: i64| json!({ "do": "execute", "request": request("GET", &held.url("/"), json!({ "id": id })) });
    let running = client.begin(call(42)).await;
    wait::until("the request to arrive", || async { (count(&begun) == 1).then_some(()) }).await;
    let unknown = client.ask("POST", "/cancel/43", json!({ "content-type": "application/json" }), Some("{}")).await;
    assert_eq!(
        (&unknown["status"], &unknown["text"]),
        (&json!(404), &json!(r#"{"error":"Request not found or already completed"}"#))
    );
    assert_eq!(client.ask("POST", "/cancel/x", json!({}), None).await["status"], 400);
    let cancelled = client.ask("POST", "/cancel/42", json!({ "content-type": "application/json" }), Some("{}")).await;
    assert_eq!(
        (&cancelled["status"], &cancelled["text"]),
        (&json!(200), &json!(r#"{"message":"Request cancelled successfully"}"#))
    );
    wait::until("the origin to be let go", || async { (count(&ended) == 1).then_some(()) }).await;
    assert_eq!(client.wait(running).await["status"], 500);
    assert_eq!(client.ask("POST", "/cancel/42", json!({}), None).await["status"], 404);
    // Whoever goes away wants it no more.
    let running = client.begin(call(44)).await;
    wait::until("the second request to arrive", || async { (count(&begun) == 2).then_some(()) }).await;
    client.run(json!({ "do": "abort", "of": running })).await;
    wait::until("the origin to be let go again", || async { (count(&ended) == 2).then_some(()) }).await;
    wait::until("both to be over", || async {
        let items = daemon.api().get("/history").await["items"].as_array().unwrap().clone();
        (items.iter().filter(|item| item["state"] == "cancelled").count() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn requests_go_side_by_side() {
    let (_daemon, mut client) = paired().await;
    let origin = Origin::plain().await;
    let mut running = Vec::new();
    // All of one millisecond: their numbers are the same.
    for n in 0..20 {
        let path = if n % 2 == 0 { format!("/bytes/{n}") } else { "/slow-head".to_owned() };
        running.push(
            client.begin(json!({ "do": "execute", "request": request("GET", &origin.url(&path), json!({})) })).await,
        );
    }
    for n in (0..20).step_by(2) {
        assert_eq!(
            client.wait(running[n]).await["body"]["length"],
            n,
            "those that are answered do not wait for others"
        );
    }
    (0..10).for_each(|_| origin.notes().open_gate());
    for n in (1..20).step_by(2) {
        assert_eq!(client.wait(running[n]).await["value"]["status"], 200);
    }
}
