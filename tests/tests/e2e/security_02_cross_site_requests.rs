//! Row 2: every API route needs a token; a page of another site cannot use the UI's cookie.

use http::Method;
use serde_json::{Value, json};
use waylay_tests::{
    api::Api,
    client::{Answer, raw},
    daemon::Daemon,
};

const READS: [&str; 9] = [
    "/status",
    "/sessions",
    "/sessions/1",
    "/exchanges",
    "/exchanges/@last",
    "/exchanges/1.1/response/body",
    "/events",
    "/ca",
    "/ca.pem",
];
const WRITES: [(Method, &str); 9] = [
    (Method::POST, "/shutdown"),
    (Method::POST, "/login-links"),
    (Method::POST, "/runs"),
    (Method::POST, "/send"),
    (Method::DELETE, "/runs/1"),
    (Method::POST, "/sessions"),
    (Method::PATCH, "/sessions/1"),
    (Method::POST, "/sessions/1/stop"),
    (Method::PUT, "/proxy"),
];

/// A UI that has logged in: its cookie and its token for writing.
struct Login {
    api: Api,
    origin: String,
    cookie: String,
    token: String,
}

impl Login {
    async fn new(daemon: &Daemon) -> Self {
        let (origin, code) = (format!("http://{}", daemon.ui()), code(daemon).await);
        let answer = login(daemon, &origin, &code).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.header("set-cookie").to_owned();
        let (pair, attributes) = cookie.split_once(';').expect("a cookie with attributes");
        for attribute in ["httponly", "samesite=strict", "path=/"] {
            assert!(attributes.to_lowercase().contains(attribute), "{attribute} is missing in {cookie}");
        }
        assert!(pair.starts_with(&format!("waylay_{}=", daemon.ui().port())), "{cookie}");
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        assert!(!pair.contains(&token) && token.len() >= 32, "the token for writing is another secret");
        Self { api: daemon.api().anonymous(), origin, cookie: pair.to_owned(), token }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let body = if method == Method::GET { "" } else { "{}" };
        let headers = [&[("cookie", self.cookie.as_str())], headers].concat();
        self.api.ask(method, path, &headers, body).await
    }
}

async fn code(daemon: &Daemon) -> String {
    let answer = daemon.api().post("/login-links", &json!({})).await;
    let link = answer.json()["url"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned();
    let (page, code) = link.split_once("#login=").expect("the code is in the fragment, which browsers do not send");
    assert_eq!(page, format!("http://{}/", daemon.ui()));
    assert!(code.len() >= 22, "at least 128 bits: {code}");
    code.to_owned()
}

async fn login(daemon: &Daemon, origin: &str, code: &str) -> Answer {
    let headers = [("origin", origin), ("content-type", "application/json")];
    let body = json!({"code": code}).to_string();
    daemon.api().anonymous().ask(Method::POST, "/login", &headers, &body).await
}

#[tokio::test]
async fn security_02_nothing_is_answered_without_a_token() {
    let daemon = Daemon::start().await;
    let anonymous = daemon.api().anonymous();
    let wrong = [
        vec![],
        vec![("authorization", "Bearer wrong")],
        vec![("authorization", "Bearer ")],
        vec![("authorization", "Basic d2F5bGF5OndheWxheQ==")],
        vec![("cookie", "waylay=1")],
    ];
    for headers in wrong {
        for path in READS {
            let answer = anonymous.ask(Method::GET, path, &headers, "").await;
            assert_eq!(answer.status, 401, "GET {path} with {headers:?}: {}", answer.text());
            assert!(answer.json()["error"]["message"].is_string());
        }
        for (method, path) in WRITES {
            let headers = [&headers[..], &[("content-type", "application/json")]].concat();
            let answer = anonymous.ask(method.clone(), path, &headers, "{}").await;
            assert_eq!(answer.status, 401, "{method} {path} with {headers:?}: {}", answer.text());
        }
    }
    let in_the_url = format!("/status?token={}", daemon.token());
    assert_eq!(anonymous.ask(Method::GET, &in_the_url, &[], "").await.status, 401, "URLs end up in logs");
}

#[tokio::test]
async fn security_02_a_login_code_works_once_from_our_own_page() {
    let daemon = Daemon::start().await;
    let code = code(&daemon).await;
    let own = format!("http://{}", daemon.ui());
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", &own.replace("http:", "https:")] {
        assert_eq!(login(&daemon, origin, &code).await.status, 403, "{origin}");
    }
    let anonymous = daemon.api().anonymous();
    let text = [("origin", own.as_str()), ("content-type", "text/plain")];
    let answer = anonymous.ask(Method::POST, "/login", &text, &json!({"code": code}).to_string()).await;
    assert!([403, 415].contains(&answer.status.as_u16()), "a form can send text/plain: {}", answer.text());
    assert_ne!(login(&daemon, &own, "0000000000000000000000").await.status, 200);
    assert_eq!(login(&daemon, &own, &code).await.status, 200, "refusals do not use the code up");
    assert_ne!(login(&daemon, &own, &code).await.status, 200, "a code works once");
}

#[tokio::test]
async fn security_02_the_cookie_reads_only_for_our_own_page() {
    let daemon = Daemon::start().await;
    let login = Login::new(&daemon).await;
    for site in ["same-origin", "none"] {
        let answer = login.ask(Method::GET, "/status", &[("sec-fetch-site", site)]).await;
        assert_eq!(answer.status, 200, "{site}: {}", answer.text());
    }
    for site in ["cross-site", "same-site", "nonsense"] {
        for path in READS {
            let answer = login.ask(Method::GET, path, &[("sec-fetch-site", site)]).await;
            assert!([401, 403].contains(&answer.status.as_u16()), "GET {path} from {site}: {}", answer.status);
        }
    }
    let forged = [("sec-fetch-site", "same-origin"), ("cookie", "waylay_1=forged")];
    let answer = daemon.api().anonymous().ask(Method::GET, "/status", &forged, "").await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn security_02_the_cookie_writes_only_with_token_and_own_origin() {
    let daemon = Daemon::start().await;
    let login = Login::new(&daemon).await;
    let (origin, token, json) = (login.origin.as_str(), login.token.as_str(), ("content-type", "application/json"));
    let wrong: [&[(&str, &str)]; 7] = [
        &[json],
        &[json, ("origin", origin)],
        &[json, ("x-waylay-token", token)],
        &[json, ("x-waylay-token", "wrong"), ("origin", origin)],
        &[json, ("x-waylay-token", token), ("origin", "http://evil.example")],
        &[json, ("x-waylay-token", token), ("origin", "null")],
        &[json, ("x-waylay-token", token), ("origin", "http://localhost.evil.example")],
    ];
    for headers in wrong {
        for (method, path) in WRITES {
            let answer = login.ask(method.clone(), path, headers).await;
            assert!([401, 403].contains(&answer.status.as_u16()), "{method} {path} {headers:?}: {}", answer.text());
        }
    }
    let right = [json, ("x-waylay-token", token), ("origin", origin), ("sec-fetch-site", "same-origin")];
    let answer = login.ask(Method::POST, "/login-links", &right).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    assert_eq!(daemon.api().get("/status").await["pid"], daemon.pid(), "nobody has shut it down");
}

#[tokio::test]
async fn security_02_only_json_is_read_and_get_changes_nothing() {
    let daemon = Daemon::start().await;
    let api = daemon.api();
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let headers: &[(&str, &str)] = if kind.is_empty() { &[] } else { &[("content-type", kind)] };
        // Each of these would be answered if it came as JSON.
        for (path, body) in [("/runs", r#"{"command": "x"}"#), ("/login-links", "{}"), ("/shutdown", "{}")] {
            let answer = api.ask(Method::POST, path, headers, body).await;
            assert_eq!(answer.status, 415, "POST {path} as {kind:?}: {}", answer.text());
        }
    }
    let before = api.get("/sessions").await;
    for path in ["/shutdown", "/login-links", "/runs", "/runs/1", "/send"] {
        let answer = api.ask(Method::GET, path, &[], "").await;
        assert!([404, 405].contains(&answer.status.as_u16()), "GET {path}: {}", answer.status);
    }
    assert_eq!(api.get("/sessions").await["items"].as_array().map(Vec::len), before["items"].as_array().map(Vec::len));
}

#[tokio::test]
async fn security_02_no_origin_is_ever_allowed_to_read() {
    let daemon = Daemon::start().await;
    let own = format!("http://{}", daemon.ui());
    for origin in ["http://evil.example", "null", &own] {
        for (method, path) in [(Method::GET, "/status"), (Method::OPTIONS, "/send"), (Method::GET, "/nothing")] {
            let preflight = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "authorization"),
                ("access-control-request-private-network", "true"),
            ];
            let answer = daemon.api().ask(method.clone(), path, &preflight, "").await;
            let cors = answer.headers.keys().find(|n| n.as_str().starts_with("access-control-allow"));
            assert_eq!(cors, None, "{method} {path} from {origin}");
        }
    }
}

#[tokio::test]
async fn security_02_pages_cannot_frame_or_sniff_what_we_serve() {
    let daemon = Daemon::start().await;
    let page = raw::ask(daemon.ui(), format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", daemon.ui()));
    let page = page.await.to_lowercase();
    let policy = page.lines().find_map(|l| l.strip_prefix("content-security-policy:")).expect("a policy").to_owned();
    for forbidden in ["unsafe-inline", "unsafe-eval", "*", "http:", "https:"] {
        assert!(!policy.contains(forbidden), "{policy}");
    }
    assert!(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(page.contains("x-content-type-options: nosniff"), "{page}");
    assert!(!page.contains(&daemon.token().to_lowercase()), "the page holds no secret");
    assert_eq!(daemon.api().get("/status").await["error"], Value::Null);
}
