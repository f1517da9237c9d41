//! The Hoppscotch Agent's protocol, spoken by a client of another make: handshake, pairing, the envelope, and who gets nothing.

use serde_json::{Value, json};
use std::time::Instant;
use waylay_tests::{
    daemon::Launch,
    hoppscotch::{Client, ORIGIN, body, code, daemon, port, request, text},
    origin::{Origin, Scripted},
    wait,
};

fn private() -> Value {
    json!({ "private_addresses": true })
}

/// The fields by which a page may read an answer.
fn cors(answer: &Value) -> Vec<String> {
    let headers = answer["headers"].as_object().expect("headers");
    headers.keys().filter(|name| name.starts_with("access-control")).cloned().collect()
}

#[tokio::test]
async fn the_agent_is_found_by_the_page_that_the_user_has_named() {
    let daemon = daemon().await;
    assert!(daemon.stdout().contains("Hoppscotch Agent are served on http://127.0.0.1:"), "{}", daemon.stdout());
    let mut client = Client::new(port(&daemon).await, ORIGIN).await;
    code(&daemon, ORIGIN, private()).await;
    let answer = client.ask("GET", "/handshake", json!({}), None).await;
    assert_eq!((&answer["status"], &answer["headers"]["content-type"]), (&json!(200), &json!("application/json")));
    let found: Value = serde_json::from_str(answer["text"].as_str().unwrap()).unwrap();
    assert_eq!((&found["status"], &found["__hoppscotch__agent__"]), (&json!("success"), &json!(true)));
    assert!(found["agent_version"].as_str().is_some_and(|v| v.split('.').count() >= 3), "{found}");
    for path in ["/handshake", "/execute", "/verify-registration", "/cancel/1"] {
        let asked = json!({ "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type,x-hopp-nonce" });
        let answer = client.ask("OPTIONS", path, asked, None).await;
        let headers = &answer["headers"];
        assert_eq!((&answer["status"], &answer["text"]), (&json!(200), &json!("")), "{path}: {answer}");
        assert_eq!(headers["access-control-allow-origin"], ORIGIN);
        let list = |name: &str| headers[name].as_str().unwrap_or_default().to_ascii_lowercase();
        assert!(["get", "post"].iter().all(|m| list("access-control-allow-methods").contains(m)), "{headers}");
        let fields = list("access-control-allow-headers");
        assert!(["authorization", "content-type", "x-hopp-nonce"].iter().all(|f| fields.contains(f)), "{headers}");
        assert!(list("access-control-expose-headers").contains("x-hopp-nonce"), "{headers}");
        assert!(list("vary").contains("origin"), "{headers}");
    }
    for (method, path, status) in [("GET", "/nothing", 404), ("POST", "/handshake", 405)] {
        code(&daemon, ORIGIN, private()).await;
        let mut paired = Client::paired(&daemon, private()).await;
        assert_eq!(paired.ask(method, path, json!({}), None).await["status"], status, "{path}");
    }
}

#[tokio::test]
async fn a_page_is_registered_by_the_code_that_the_user_has() {
    let daemon = daemon().await;
    let mut client = Client::new(port(&daemon).await, ORIGIN).await;
    let posted = json!({ "content-type": "application/json" });
    code(&daemon, ORIGIN, private()).await;
    let right = code(&daemon, ORIGIN, private()).await;
    let messages = ["Registration received and stored", "There is already an existing registration happening"];
    for expected in messages {
        let body = Some(r#"{"registration":"123456"}"#);
        let answer = client.ask("POST", "/receive-registration", posted.clone(), body).await;
        let found: Value = serde_json::from_str(answer["text"].as_str().unwrap()).unwrap();
        assert_eq!((&answer["status"], found), (&json!(200), json!({ "message": expected })));
    }
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let refused = |answer: &Value, why: &str| {
        assert_eq!((&answer["status"], &answer["text"]), (&json!(400), &json!(json!({ "error": why }).to_string())));
    };
    refused(&client.run(json!({ "do": "verify", "code": wrong })).await, "Invalid Registration");
    for key in ["", "00", &"zz".repeat(32), &"00".repeat(32), &"00".repeat(31)] {
        let verification = json!({ "registration": right, "client_public_key_b16": key }).to_string();
        let answer = client.ask("POST", "/verify-registration", posted.clone(), Some(&verification)).await;
        refused(&answer, "Invalid Client Public Key");
    }
    // Digits of either case.
    let answer = client.run(json!({ "do": "verify", "code": right, "upper": true })).await;
    let found: Value = serde_json::from_str(answer["text"].as_str().unwrap()).unwrap();
    let key = found["auth_key"].as_str().unwrap();
    let lengths: Vec<usize> = key.split('-').map(str::len).collect();
    assert!(lengths == [8, 4, 4, 4, 12] && key.as_bytes()[14] == b'4', "a UUID of version 4: {key}");
    assert_eq!(found["agent_public_key_b16"].as_str().unwrap().len(), 64);
    let created = found["created_at"].as_str().unwrap();
    assert!(created.starts_with("20") && created.ends_with('Z'), "{created}");
    // It is used up.
    refused(&client.run(json!({ "do": "verify", "code": right })).await, "Invalid Registration");
    let shown = client.run(json!({ "do": "sealed", "path": "/registration" })).await;
    let hash = waylay_tests::origin::routes::sha256(key.as_bytes());
    assert_eq!(shown["value"], json!({ "registered_at": created, "auth_key_hash": &hash[..6] }), "{shown}");
    let shown = client.run(json!({ "do": "sealed", "path": "/registered-handshake" })).await;
    assert_eq!(shown["value"], json!(true));
    let entry = json!({ "timestamp": "t", "level": "INFO", "context": "c", "message": "m", "source": "s" });
    let logged = client.run(json!({ "do": "log", "entry": entry })).await;
    assert_eq!(logged["text"], json!({ "status": "success", "message": "Log entry processed" }).to_string());
    let logged = client.run(json!({ "do": "log", "entry": { "level": "INFO" } })).await;
    refused(&logged, "Invalid log entry format");
}

#[tokio::test]
async fn the_sixth_guess_is_in_vain_even_if_it_is_right() {
    let daemon = daemon().await;
    let mut client = Client::new(port(&daemon).await, ORIGIN).await;
    let right = code(&daemon, ORIGIN, private()).await;
    for n in 0..5 {
        let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 1 + n) % 1_000_000);
        assert_eq!(client.run(json!({ "do": "verify", "code": wrong })).await["status"], 400);
    }
    // The window is over: not even the page that it was for gets an answer any more.
    let sixth = client.run(json!({ "do": "verify", "code": right })).await;
    assert!(sixth["status"] == 403 && cors(&sixth).is_empty(), "{sixth}");
    assert_eq!(daemon.api().get("/agent/pairings").await["items"], json!([]));
}

#[tokio::test]
async fn messages_are_sealed_both_ways_and_forged_ones_are_refused() {
    let daemon = daemon().await;
    let origin = Origin::plain().await;
    let mut client = Client::paired(&daemon, private()).await;
    let call = request("GET", &origin.url("/json"), json!({}));
    let mut nonces = Vec::new();
    for _ in 0..3 {
        let answer = client.execute(call.clone()).await;
        assert_eq!(answer["headers"]["content-type"], "application/octet-stream");
        nonces.push(answer["nonce"].as_str().unwrap().to_owned());
    }
    nonces.dedup();
    assert_eq!(nonces.len(), 3, "a fresh one each time");
    for spoil in ["tag", "key", "token", "nonce"] {
        let answer = client.run(json!({ "do": "execute", "request": call, "spoil": spoil })).await;
        let told = (&answer["status"], &answer["text"]);
        assert_eq!(told, (&json!(401), &json!(r#"{"error":"Unauthorized"}"#)), "{spoil}");
    }
    assert_eq!(origin.notes().requests().len(), 3);
    let page = json!({ "id": 7, "method": "GET" });
    let answer = client.run(json!({ "do": "execute", "request": page })).await;
    assert_eq!(answer["status"], 400);
    assert!(answer["text"].as_str().unwrap().contains("'url'"), "the member is named: {answer}");
}

#[tokio::test]
async fn everybody_else_gets_nothing() {
    let daemon = daemon().await;
    let port = port(&daemon).await;
    let mut paired = Client::paired(&daemon, private()).await;
    code(&daemon, "https://awaited.example", private()).await;
    let mut foreign = Client::new(port, "https://evil.example").await;
    let paths = ["/handshake", "/registration", "/registered-handshake"];
    for (headers, status) in [
        (json!({}), 403),
        (json!({ "origin": "null" }), 403),
        (json!({ "origin": "https://client.example.evil.example" }), 403),
        (json!({ "origin": "http://client.example" }), 403),
        (json!({ "origin": ORIGIN, "host": format!("evil.example:{port}") }), 421),
        (json!({ "origin": ORIGIN, "host": "localhost" }), 421),
        (json!({ "origin": ORIGIN, "host": format!("0.0.0.0:{port}") }), 421),
    ] {
        for path in paths {
            let answer = foreign.ask("GET", path, headers.clone(), None).await;
            assert!(answer["status"] == status && cors(&answer).is_empty(), "{headers} {path}: {answer}");
        }
        for (method, path) in [("OPTIONS", "/execute"), ("POST", "/receive-registration"), ("POST", "/execute")] {
            let mut simple = headers.clone();
            simple["content-type"] = json!("text/plain");
            let answer = foreign.ask(method, path, simple, None).await;
            assert!(answer["status"] == status && cors(&answer).is_empty(), "{headers} {path}: {answer}");
        }
    }
    // A token is good for its own page alone, and a page that is awaited has none.
    let token = paired.ask("GET", "/registration", json!({ "origin": "https://awaited.example" }), None).await;
    assert!(token["status"] == 403 && cors(&token).is_empty(), "{token}");
    let stranger = paired.ask("GET", "/registration", json!({ "authorization": null }), None).await;
    assert_eq!(stranger["status"], 401);
    let other = "https://other.example";
    let theirs = code(&daemon, other, private()).await;
    let mut second = Client::new(port, other).await;
    assert_eq!(second.run(json!({ "do": "verify", "code": theirs })).await["status"], 200);
    let token = paired.ask("GET", "/registration", json!({ "origin": other }), None).await;
    assert!(token["status"] == 401, "{token}");
    // Nobody says from where: a program of this machine, which may only see that there is an agent.
    let program = foreign.ask("GET", "/handshake", json!({ "origin": null }), None).await;
    assert!(program["status"] == 200 && cors(&program).is_empty(), "{program}");
    assert_eq!(foreign.ask("GET", "/registration", json!({ "origin": null }), None).await["status"], 403);
    // The native API does not know such tokens, and this port nothing of the native API.
    assert_eq!(paired.ask("GET", "/api/v1/status", json!({}), None).await["status"], 404);
}

#[tokio::test]
async fn what_a_page_may_not_it_does_not_get() {
    let daemon = daemon().await;
    let origin = Origin::plain().await;
    let mut client = Client::paired(&daemon, json!({})).await;
    let answer = client.execute(request("GET", &origin.url("/json"), json!({}))).await;
    assert_eq!((&answer["value"]["status"], origin.notes().connections()), (&json!(502), 0));
    assert!(text(&answer).contains("waylay agent rights"), "it says who can allow it: {}", text(&answer));
    let pairing = daemon.api().get("/agent/pairings").await["items"][0]["id"].to_string();
    let rights = json!({ "rights": { "private_addresses": true } }).to_string();
    let json = [("content-type", "application/json")];
    let path = format!("/agent/pairings/{pairing}");
    assert_eq!(daemon.api().ask(http::Method::PATCH, &path, &json, &rights).await.status, 200);
    let answer = client.execute(request("GET", &origin.url("/json"), json!({}))).await;
    assert_eq!((&answer["value"]["status"], &body(&answer)["hello"]), (&json!(200), &json!("waylay")));
    // Our own ports in any case, this one too, and sockets of this machine.
    for own in [daemon.proxy().port(), daemon.ui().port(), port(&daemon).await] {
        for host in ["127.0.0.1", "localhost", "[::1]", "2130706433"] {
            let answer = client.execute(request("GET", &format!("http://{host}:{own}/"), json!({}))).await;
            assert!(answer["value"]["headers"]["x-waylay-error"].as_str().unwrap().starts_with("policy"), "{answer}");
        }
    }
    let socket = request("GET", "http://unix:/var/run/docker.sock:/info", json!({}));
    let answer = client.execute(socket).await;
    assert_eq!(answer["value"]["headers"]["x-waylay-error"], "policy: not for pages");
    // Its requests are in the history, by the page's name.
    let history = daemon.api().get("/history").await;
    let made_from: Vec<&Value> = history["items"].as_array().unwrap().iter().map(|item| &item["from"]).collect();
    assert!(made_from.contains(&&json!(format!("page:{ORIGIN}"))), "{history}");
}

#[tokio::test]
async fn the_port_is_open_as_long_as_somebody_needs_it() {
    let daemon = Launch::new().args(&["--hoppscotch-port", "0"]).start().await;
    let addresses = || async { daemon.api().get("/status").await["hoppscotch"]["addresses"].clone() };
    assert_eq!(addresses().await, json!([]));
    let mut client = Client::paired(&daemon, private()).await;
    let held = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.to_end().await
    })
    .await;
    let running =
        client.begin(json!({ "do": "execute", "request": request("GET", &held.url("/held"), json!({})) })).await;
    held.has_received(b"GET /held").await;
    let pairing = daemon.api().get("/agent/pairings").await["items"][0]["id"].to_string();
    let revoked = Instant::now();
    let path = format!("/agent/pairings/{pairing}");
    let answer = daemon.api().ask(http::Method::DELETE, &path, &[], "").await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    let broken = client.wait(running).await;
    assert_ne!(broken["status"], 200, "{broken}");
    assert!(revoked.elapsed().as_millis() < 1000, "{:?}", revoked.elapsed());
    let after = client.run(json!({ "do": "execute", "request": request("GET", &held.url("/more"), json!({})) })).await;
    assert!(after["status"] == 403 || after["status"] == 401 || after.get("broken").is_some(), "{after}");
    wait::until("the port to be closed", || async { (addresses().await == json!([])).then_some(()) }).await;
    assert_eq!(held.received().len(), 1);
    // It outlives the daemon, and goes with a page that deletes its own registration.
    let right = code(&daemon, ORIGIN, private()).await;
    let mut client = Client::new(port(&daemon).await, ORIGIN).await;
    let answer = client.run(json!({ "do": "verify", "code": right })).await;
    let found: Value = serde_json::from_str(answer["text"].as_str().unwrap()).unwrap();
    let daemon = Launch::at(daemon.stop().await).args(&["--hoppscotch-port", "0"]).start().await;
    let mut client = Client::new(port(&daemon).await, ORIGIN).await;
    let key = found["auth_key"].as_str().unwrap();
    let bearer = json!({ "authorization": format!("Bearer {key}") });
    assert_eq!(client.ask("DELETE", "/registrations/another", bearer.clone(), None).await["status"], 403);
    let deleted = client.ask("DELETE", &format!("/registrations/{key}"), bearer, None).await;
    assert!(
        deleted["status"] == 200 && deleted["text"].as_str().unwrap().contains("deleted successfully"),
        "{deleted}"
    );
    wait::until("the port to be closed again", || async {
        let status = daemon.api().get("/status").await;
        (status["hoppscotch"]["addresses"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn logs_tell_no_secret() {
    let daemon = Launch::new().args(&["--hoppscotch", "--hoppscotch-port", "0", "--log", "debug"]).start().await;
    let origin = Origin::plain().await;
    let mut client = Client::new(port(&daemon).await, ORIGIN).await;
    let code = code(&daemon, ORIGIN, private()).await;
    let answer = client.run(json!({ "do": "verify", "code": code })).await;
    let found: Value = serde_json::from_str(answer["text"].as_str().unwrap()).unwrap();
    let auth = json!({ "auth": { "kind": "basic", "username": "ann", "password": "s3cret-word" },
        "headers": { "Cookie": "sid=c00kie-word" } });
    client.execute(request("GET", &origin.url("/json"), auth)).await;
    let entry = json!({ "timestamp": "t", "level": "INFO", "context": "c", "message": "l0gged-word", "source": "s" });
    client.run(json!({ "do": "log", "entry": entry })).await;
    let token = found["auth_key"].as_str().unwrap().to_owned();
    client.ask("DELETE", &format!("/registrations/{token}"), json!({}), None).await;
    let (mut logs, stderr, data) = (String::new(), daemon.stderr(), daemon.data());
    let _place = daemon.stop().await;
    for file in std::fs::read_dir(data.join("log")).unwrap() {
        logs.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap());
    }
    assert!(logs.contains("Hoppscotch Agent"), "the log is there: {logs}");
    let kept = std::fs::read_to_string(data.join("pairings.json")).unwrap();
    let basic = "YW5uOnMzY3JldC13b3Jk";
    for secret in [token.as_str(), "s3cret-word", basic, "c00kie-word", "l0gged-word", &format!("\"{code}\"")] {
        assert!(!logs.contains(secret) && !stderr.contains(secret) && !kept.contains(secret), "{secret}");
    }
    assert!(!logs.contains(&code), "the code is no word of the log");
}
