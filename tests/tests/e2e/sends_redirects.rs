//! Redirects: what is kept, what changes, what stays with its origin; and that our own ports are not reached by one.

use serde_json::{Value, json};
use waylay_tests::{
    daemon::Daemon,
    origin::{Origin, Seen},
};

async fn send(daemon: &Daemon, request: Value) -> Value {
    let answer = daemon.api().post("/send", &json!({ "request": request })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn last(origin: &Origin) -> Seen {
    origin.notes().requests().pop().unwrap()
}

#[tokio::test]
async fn redirects_keep_the_method_but_where_everybody_changes_it() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for (status, method, keep, expected, body) in [
        (301, "GET", false, "GET", false),
        (301, "POST", false, "GET", false),
        (302, "POST", false, "GET", false),
        (303, "POST", false, "GET", false),
        (303, "PUT", false, "GET", false),
        (303, "HEAD", false, "HEAD", false),
        (301, "PUT", false, "PUT", true),
        (302, "DELETE", false, "DELETE", true),
        (307, "POST", false, "POST", true),
        (308, "PATCH", false, "PATCH", true),
        (302, "POST", true, "POST", true),
        (303, "PUT", true, "PUT", true),
    ] {
        let sends_body = !matches!(method, "GET" | "HEAD");
        let text = if sends_body {
            json!({"mode": "raw", "raw": "body", "language": "json"})
        } else {
            json!({"mode": "none"})
        };
        let url = origin.url(&format!("/go/{status}?to=/echo"));
        let sent =
            send(&daemon, json!({"method": method, "url": url, "body": text, "settings": {"keep_method": keep}})).await;
        assert_eq!(sent["error"], Value::Null, "{sent}");
        let seen = last(&origin);
        assert_eq!((seen.method.as_str(), seen.size > 0), (expected, body), "{status} {method} {keep}");
        assert_eq!(seen.values("content-type").is_empty(), !body, "{status} {method}: {seen:?}");
        assert_eq!(seen.values("referer"), [url.as_str()], "{status}");
        let hops = sent["hops"].as_array().unwrap();
        assert_eq!((hops.len(), &hops[0]["status"]), (2, &json!(status)), "{sent}");
        assert_eq!(sent["id"], hops[1]["id"]);
    }
    for (status, settings) in [(300, json!({})), (304, json!({})), (302, json!({"follow_redirects": false}))] {
        let url = origin.url(&format!("/go/{status}?to=/echo"));
        let sent = send(&daemon, json!({"url": url, "settings": settings})).await;
        assert_eq!((sent["hops"].as_array().unwrap().len(), &sent["exchange"]["status"]), (1, &json!(status)));
    }
    let stripped = json!({"url": origin.url("/go/302?to=/echo"), "settings": {"strip_referer": true}});
    send(&daemon, stripped).await;
    assert_eq!(last(&origin).values("referer"), [""; 0]);
}

#[tokio::test]
async fn security_30_credentials_stay_with_their_origin() {
    let daemon = Daemon::start().await;
    let (origin, other) = (Origin::plain().await, Origin::plain().await);
    let away = origin.url(&format!("/go/302?to={}", other.url("/echo")));
    let here = origin.url("/go/302?to=/echo");
    let headers = json!([{"key": "Cookie", "value": "sid=1"}, {"key": "X-Other", "value": "stays"}]);
    let bearer = json!({"type": "bearer", "token": "t"});
    let key = json!({"type": "apikey", "key": "X-Key", "value": "k"});
    for (auth, name) in [(&bearer, "authorization"), (&key, "x-key")] {
        send(&daemon, json!({"url": here, "headers": headers, "auth": auth})).await;
        let seen = last(&origin);
        assert_eq!((seen.values(name).len(), seen.values("cookie").len()), (1, 1), "the same origin: {seen:?}");
        send(&daemon, json!({"url": away, "headers": headers, "auth": auth})).await;
        let seen = last(&other);
        assert_eq!((seen.values(name).len(), seen.values("cookie").len()), (0, 0), "another origin: {seen:?}");
        assert_eq!(seen.values("x-other"), ["stays"]);
        assert_eq!(seen.values("host"), [other.authority()]);
    }
    let kept = json!({"url": away, "headers": headers, "auth": bearer, "settings": {"keep_authorization": true}});
    send(&daemon, kept).await;
    let seen = last(&other);
    assert_eq!((seen.values("authorization").len(), seen.values("cookie").len()), (1, 0), "{seen:?}");
}

#[tokio::test]
async fn security_06_a_redirect_to_our_own_ports_ends_there() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let (api, proxy) = (daemon.ui().port(), daemon.proxy().port());
    for (port, host) in
        [(api, "127.0.0.1"), (api, "localhost"), (api, "0x7f.1"), (api, "[::ffff:127.0.0.1]"), (proxy, "127.1")]
    {
        let url = origin.url(&format!("/go/307?to=http://{host}:{port}/api/v1/status"));
        let sent = send(&daemon, json!({"url": url})).await;
        assert_eq!(sent["error"]["stage"], "policy", "{host}:{port}: {sent}");
        assert_eq!(sent["hops"].as_array().unwrap().len(), 2, "{sent}");
    }
}

#[tokio::test]
async fn circles_and_odd_places_end_with_a_reason() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let steps = format!("{}/json", "/go/302?to=".repeat(6));
    let circle = json!({"url": origin.url(&steps), "settings": {"max_redirects": 3}});
    let sent = send(&daemon, circle).await;
    assert_eq!((&sent["error"]["stage"], &sent["error"]["reason"]), (&json!("redirect"), &json!("too many")), "{sent}");
    assert_eq!(sent["hops"].as_array().unwrap().len(), 4, "the first and three more: {sent}");
    assert_eq!(sent["exchange"]["status"], 302, "the last answer is there: {sent}");
    for place in ["file:///etc/passwd", "javascript:alert(1)", "http://"] {
        let sent = send(&daemon, json!({"url": origin.url(&format!("/go/302?to={place}"))})).await;
        assert_eq!(sent["error"]["stage"], "redirect", "{place}: {sent}");
    }
}
