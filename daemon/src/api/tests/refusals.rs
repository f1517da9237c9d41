use super::harness::{Answer, Daemon};

/// What every answer has, and what none has.
fn secured(answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{answer:?}");
    }
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!answer.head.to_ascii_lowercase().contains("access-control"), "{answer:?}");
    assert!(answer.header("cache-control").is_some_and(|c| c == "no-store" || c == "no-cache"), "{answer:?}");
}

#[tokio::test]
async fn a_foreign_host_is_refused_before_anything_else() {
    let daemon = Daemon::start().await;
    let (port, token) = (daemon.address.port(), &daemon.token);
    let more = format!("Authorization: Bearer {token}\r\nConnection: close\r\n");
    for (method, path) in [
        ("GET", "/api/v1/status"),
        ("GET", "/api/v1/events"),
        ("HEAD", "/api/v1/status"),
        ("POST", "/api/v1/shutdown"),
        ("OPTIONS", "/api/v1/send"),
        ("GET", "/"),
        ("GET", "/index.html"),
        ("GET", "/nowhere"),
        ("PUT", "/api/v1/nowhere"),
    ] {
        for host in [
            format!("Host: evil.test:{port}\r\n"),
            "Host: 127.0.0.1\r\n".to_owned(),
            format!("Host: 0.0.0.0:{port}\r\n"),
            "Host:\r\n".to_owned(),
            String::new(),
            format!("Host: 127.0.0.1:{port}\r\nHost: evil.test\r\n"),
        ] {
            for upgrade in ["", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n"] {
                let answer = daemon.raw(format!("{method} {path} HTTP/1.1\r\n{host}{more}{upgrade}\r\n")).await;
                assert_eq!(answer.status, 421, "{method} {path} {host:?}: {answer:?}");
                secured(&answer);
                if method != "HEAD" {
                    answer.error(421, "misdirected");
                }
            }
        }
    }
    let old = daemon.raw(format!("GET /api/v1/status HTTP/1.0\r\n{more}\r\n")).await;
    assert_eq!(old.status, 421, "HTTP/1.0 without Host");
    let absolute = format!("GET http://evil.test/api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n");
    assert_eq!(daemon.raw(absolute).await.status, 421, "absolute form");
    daemon.stop().await;
}

#[tokio::test]
async fn no_route_answers_without_credentials_and_none_speaks_cors() {
    let daemon = Daemon::start().await;
    let host = format!("Host: {}\r\n", daemon.address);
    let evil = format!("{host}Origin: http://evil.test\r\nSec-Fetch-Site: cross-site\r\n");
    let json = "Content-Type: application/json\r\n";
    for (method, path, body) in [
        ("GET", "/login", ""),
        ("POST", "/login-links", ""),
        ("GET", "/status", ""),
        ("POST", "/shutdown", ""),
        ("GET", "/sessions", ""),
        ("GET", "/sessions/1", ""),
        ("POST", "/runs", "{\"command\":\"x\"}"),
        ("DELETE", "/runs/1", ""),
        ("GET", "/passthrough", ""),
        ("POST", "/passthrough", "{\"pattern\":\"a.test\"}"),
        ("DELETE", "/passthrough?pattern=a.test", ""),
        ("GET", "/exchanges", ""),
        ("GET", "/exchanges/1.1", ""),
        ("GET", "/exchanges/1.1/request/body", ""),
        ("GET", "/exchanges/1.1/response/body", ""),
        ("POST", "/send", "{\"url\":\"http://a.test/\"}"),
        ("GET", "/events", ""),
        ("GET", "/ca", ""),
        ("GET", "/ca.pem", ""),
        ("GET", "/nowhere", ""),
    ] {
        let path = format!("/api/v1{path}");
        let answer = daemon.ask(method, &path, &format!("{host}{json}"), body).await;
        answer.error(401, "unauthorized");
        assert!(answer.header("www-authenticate").is_some());
        secured(&answer);
        let answer = daemon.ask(method, &path, &format!("{evil}{json}"), body).await;
        answer.error(403, "forbidden");
        secured(&answer);
        let preflight = format!(
            "{evil}Access-Control-Request-Method: {method}\r\nAccess-Control-Request-Private-Network: true\r\n"
        );
        let answer = daemon.ask("OPTIONS", &path, &preflight, "").await;
        answer.error(405, "method_not_allowed");
        secured(&answer);
    }
    assert_eq!(daemon.get("/status").await.status, 200, "it still runs");
    daemon.stop().await;
}

#[tokio::test]
async fn the_event_stream_is_for_the_page_itself() {
    let daemon = Daemon::start().await;
    let (page, _) = daemon.log_in().await;
    let stream = "Accept: text/event-stream\r\nCache-Control: no-cache\r\n";
    for (headers, status) in [
        (format!("Host: {}\r\n", daemon.address), 401),
        (format!("{page}Sec-Fetch-Site: cross-site\r\nOrigin: http://evil.test\r\n"), 403),
        (format!("{page}Sec-Fetch-Site: same-site\r\n"), 403),
        (page.clone(), 403),
        (format!("{page}Sec-Fetch-Site: same-origin\r\nOrigin: http://localhost:{}\r\n", daemon.address.port()), 403),
        (format!("{}Origin: http://evil.test\r\n", daemon.program()), 403),
    ] {
        let upgrade =
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        for more in ["", upgrade] {
            let answer = daemon.ask("GET", "/api/v1/events", &format!("{headers}{stream}{more}"), "").await;
            assert_eq!(answer.status, status, "{headers}");
            secured(&answer);
        }
    }
    daemon.stop().await;
}

#[tokio::test]
async fn a_browser_logs_in_with_a_code_and_writes_with_both_secrets() {
    let daemon = Daemon::start().await;
    daemon.redeem("0123").await.error(401, "bad_code");
    let code = daemon.link.split_once("#login=").unwrap().1.to_owned();
    assert_eq!(daemon.link, format!("http://{}/#login={code}", daemon.address));
    assert_eq!(code.len(), 64, "256 bits");

    let answer = daemon.redeem(&code).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with(&format!("waylay_{}=", daemon.address.port())), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"), "{cookie}");
    secured(&answer);
    daemon.redeem(&code).await.error(401, "bad_code");

    let page = format!("Host: {}\r\nCookie: {}\r\n", daemon.address, cookie.split(';').next().unwrap());
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let again = daemon.ask("GET", "/api/v1/login", &format!("{page}Sec-Fetch-Site: same-origin\r\n"), "").await;
    assert_eq!(again.json()["token"], token.as_str());
    daemon.get("/login").await.error(401, "unauthorized");

    let write = |more: &str| format!("{page}Content-Type: application/json\r\nSec-Fetch-Site: same-origin\r\n{more}");
    let own = format!("Origin: {}\r\n", daemon.origin());
    for more in ["", &own, &format!("X-Waylay-Token: {token}\r\n"), &format!("{own}X-Waylay-Token: x{token}\r\n")] {
        daemon.ask("POST", "/api/v1/login-links", &write(more), "{}").await.error(403, "forbidden");
    }
    let answer =
        daemon.ask("POST", "/api/v1/login-links", &write(&format!("{own}X-Waylay-Token: {token}\r\n")), "").await;
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(answer.json()["expires_s"], 600);
    assert_eq!(daemon.redeem(url.split_once("#login=").unwrap().1).await.status, 200);
    daemon.stop().await;
}

#[tokio::test]
async fn what_is_not_there_or_not_understood_is_said_in_one_shape() {
    let daemon = Daemon::start().await;
    let json = daemon.program() + "Content-Type: application/json\r\n";
    daemon.get("/nowhere").await.error(404, "not_found");
    daemon.get("/exchanges/nonsense").await.error(404, "not_found");
    daemon.get("/exchanges/%ff").await.error(404, "not_found");
    let answer = daemon.get("/exchanges/1.42").await;
    assert_eq!(answer.error(404, "not_found"), "there is no exchange '1.42'");
    assert!(answer.json()["error"]["hint"].as_str().unwrap().contains("7.42"));
    daemon.get("/exchanges/1.42/response/body?decoded=true").await.error(404, "not_found");
    daemon.get("/sessions/x").await.error(404, "not_found");
    daemon.get("/sessions/99").await.error(404, "not_found");
    for query in ["limit=0", "limit=1001", "limit=x", "before=x", "fliter=x", "limit=1&limit=2"] {
        daemon.get(&format!("/exchanges?{query}")).await.error(400, "bad_request");
    }
    let answer = daemon.get("/exchanges?filter=a.test%20stauts:404").await;
    answer.error(400, "bad_filter");
    assert_eq!((&answer.json()["error"]["offset"], &answer.json()["error"]["length"]), (&7.into(), &6.into()));
    daemon.ask("DELETE", "/api/v1/status", &daemon.program(), "").await.error(405, "method_not_allowed");
    daemon.ask("POST", "/api/v1/exchanges", &json, "{}").await.error(405, "method_not_allowed");
    daemon.ask("POST", "/", &json, "{}").await.error(405, "method_not_allowed");
    for body in ["", "{", "[]", "{\"url\":1}", "{\"ulr\":\"http://a.test\"}", "{\"method\":\"GET\"}"] {
        let length = format!("{json}Content-Length: {}\r\n", body.len());
        let request = format!("POST /api/v1/send HTTP/1.1\r\nConnection: close\r\n{length}\r\n{body}");
        daemon.raw(request).await.error(400, "bad_request");
    }
    let octets = daemon.program() + "Content-Type: application/octet-stream\r\n";
    daemon.ask("POST", "/api/v1/send", &octets, "{}").await.error(415, "unsupported_media_type");
    let text = daemon.program() + "Content-Type: text/plain\r\n";
    daemon.ask("POST", "/api/v1/send", &text, "{}").await.error(415, "unsupported_media_type");
    daemon.ask("DELETE", "/api/v1/runs/77", &daemon.program(), "").await.error(404, "not_found");
    daemon.stop().await;
}

#[tokio::test]
async fn no_path_leads_out_of_the_files_of_the_ui() {
    let daemon = Daemon::start().await;
    let host = format!("Host: {}\r\n", daemon.address);
    for path in [
        "/../Cargo.toml",
        "/../../daemon/Cargo.toml",
        "/js/../../Cargo.toml",
        "/js/../../../etc/passwd",
        "/%2e%2e/Cargo.toml",
        "/%2e%2e%2fCargo.toml",
        "/..%2fCargo.toml",
        "/..%5cCargo.toml",
        "/..\\Cargo.toml",
        "/%252e%252e/Cargo.toml",
        "/js/%2e%2e/%2e%2e/Cargo.toml",
        "/....//Cargo.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/app.css%00.html",
        "/exchange/../../Cargo.toml",
        "/exchange/%2e%2e/%2e%2e/Cargo.toml",
    ] {
        for query in ["", "?x=../../Cargo.toml"] {
            let answer = daemon.ask("GET", &format!("{path}{query}"), &host, "").await;
            answer.error(404, "not_found");
            secured(&answer);
        }
    }
    daemon.stop().await;
}

#[tokio::test]
async fn files_of_the_ui_are_served_with_their_policy() {
    let daemon = Daemon::start().await;
    let host = format!("Host: {}\r\n", daemon.address);
    let plain = daemon.ask("GET", "/", &host, "").await;
    assert_eq!(plain.status, 200);
    assert_eq!(plain.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(plain.header("cache-control"), Some("no-cache"));
    let policy = plain.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'"));
    assert!(policy.contains("base-uri 'none'; form-action 'none'"), "{policy}");
    secured(&plain);
    for path in ["/index.html", "/exchange/7.42", "/exchange/7.42/edit", "/session/7", "/?filter=x"] {
        let answer = daemon.ask("GET", path, &host, "").await;
        assert_eq!((answer.status, &answer.body), (200, &plain.body), "{path}");
    }
    let tag = plain.header("etag").unwrap();
    let known = daemon.ask("GET", "/", &format!("{host}If-None-Match: \"x\", W/{tag}\r\n"), "").await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    secured(&known);
    let gzip = daemon.ask("GET", "/", &format!("{host}Accept-Encoding: gzip\r\n"), "").await;
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    assert_ne!(gzip.header("etag"), plain.header("etag"));
    let mut unzipped = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&gzip.body[..]), &mut unzipped).unwrap();
    assert_eq!(unzipped, plain.body);
    let head = daemon.ask("HEAD", "/", &host, "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), plain.header("content-length"));
    daemon.stop().await;
}
