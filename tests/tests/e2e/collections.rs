//! Captured requests become collections: with folders, merged, filled live, grouped anew, sent.

use http::{Method, Request};
use serde_json::{Value, json};
use waylay_tests::{
    client::{self, Speak},
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted},
    rows, wait,
};

/// The calls of an app of 12 endpoints.
const CALLS: [(&str, &str, &str); 22] = [
    ("GET", "/api/users", ""),
    ("POST", "/api/users", r#"{"name":"A"}"#),
    ("GET", "/api/users/me", ""),
    ("GET", "/api/users/7", ""),
    ("GET", "/api/users/8", ""),
    ("GET", "/api/users/9", ""),
    ("PUT", "/api/users/7", r#"{"name":"B"}"#),
    ("DELETE", "/api/users/8", ""),
    ("GET", "/api/users/7/orders", ""),
    ("GET", "/api/users/7/orders/550e8400-e29b-41d4-a716-446655440000", ""),
    ("GET", "/api/users/8/orders/550e8400-e29b-41d4-a716-446655440001", ""),
    ("GET", "/api/products", ""),
    ("GET", "/api/products?page=2", ""),
    ("GET", "/api/products/search?q=shoe", ""),
    ("GET", "/api/products/42", ""),
    ("POST", "/graphql", r#"{"query":"query Users { users { id } }"}"#),
    ("POST", "/graphql", r#"{"query":"mutation Add($n: String) { add(name: $n) { id } }","variables":{"n":"x"}}"#),
    ("POST", "/graphql", r#"{"query":"query Users { users { id } }"}"#),
    ("GET", "/logo.png", ""),
    ("OPTIONS", "/api/users", ""),
    ("GET", "/api/users/10", ""),
    ("GET", "/api/missing/1", ""),
];

/// An app that answers all of them.
async fn app() -> Scripted {
    Scripted::tcp(|mut wire| async move {
        let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
        let lower = head.to_ascii_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        wire.exactly(length.unwrap_or(0)).await?;
        let target = head.split(' ').nth(1).unwrap_or_default();
        let (status, media, body) = match target {
            "/logo.png" => ("200 OK", "image/png", "\u{1}png".to_owned()),
            _ if target.contains("missing") => ("404 Not Found", "application/json", r#"{"error":"gone"}"#.to_owned()),
            _ => ("200 OK", "application/json; charset=utf-8", json!({ "at": target }).to_string()),
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        wire.send(answer).await
    })
    .await
}

async fn call(daemon: &Daemon, app: &Scripted, method: &str, path: &str, body: &str) {
    let mut request =
        Request::builder().method(method).uri(app.url(path)).header("Authorization", "Bearer t0ken-of-app");
    if !body.is_empty() {
        request = request.header("Content-Type", "application/json");
    }
    if method == "OPTIONS" {
        request = request.header("Access-Control-Request-Method", "POST");
    }
    client::fetch(daemon, Speak::Http1, request.body(client::full(body.to_owned())).unwrap()).await;
}

async fn captured() -> (Daemon, Scripted) {
    let (daemon, app) = (Daemon::start().await, app().await);
    for (method, path, body) in CALLS {
        call(&daemon, &app, method, path, body).await;
    }
    rows::done(&daemon, "", CALLS.len()).await;
    (daemon, app)
}

async fn post(daemon: &Daemon, path: &str, body: &Value) -> Value {
    let answer = daemon.api().post(path, body).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text());
    answer.json()
}

async fn put(daemon: &Daemon, path: &str, body: &Value) -> client::Answer {
    daemon.api().ask(Method::PUT, path, &[("content-type", "application/json")], &body.to_string()).await
}

/// The tree as lines: folders end in a slash, examples are left out.
fn lines(tree: &Value, depth: usize) -> Vec<String> {
    let mut all = Vec::new();
    for node in tree.as_array().unwrap().iter().filter(|node| node["kind"] != "example") {
        let slash = if node["kind"] == "folder" { "/" } else { "" };
        all.push(format!("{}{}{slash}", "  ".repeat(depth), node["name"].as_str().unwrap()));
        all.extend(lines(&node["children"], depth + 1));
    }
    all
}

fn expected(host: &str) -> Vec<String> {
    let tree = [
        ("/api/missing/:id", vec!["GET /api/missing/:id"]),
        ("/api/products", vec!["GET /api/products", "GET /api/products"]),
        ("/api/products/:id", vec!["GET /api/products/:id"]),
        ("/api/products/search", vec!["GET /api/products/search"]),
        ("/api/users", vec!["GET /api/users", "POST /api/users"]),
        ("/api/users/:id", vec!["GET /api/users/:id", "PUT /api/users/:id", "DELETE /api/users/:id"]),
        ("/api/users/:id/orders", vec!["GET /api/users/:id/orders"]),
        ("/api/users/:id/orders/:orderId", vec!["GET /api/users/:id/orders/:orderId"]),
        ("/api/users/me", vec!["GET /api/users/me"]),
        ("/graphql", vec!["POST /graphql mutation Add", "POST /graphql query Users"]),
    ];
    let mut all = vec![format!("{host}/")];
    for (folder, requests) in tree {
        all.push(format!("  {folder}/"));
        all.extend(requests.iter().map(|name| format!("    {name}")));
    }
    all
}

#[tokio::test]
async fn an_app_becomes_folders_by_domain_and_endpoint() {
    let (daemon, app) = captured().await;
    let options = json!({ "folders": "domain_endpoint", "merge": true, "base_url": true, "auth": "variable" });
    let from = json!({ "session": 1 });
    let preview = post(&daemon, "/collections/save/preview", &json!({ "from": from, "options": options })).await;
    assert_eq!(lines(&preview["tree"], 0), expected(&app.authority()));
    assert_eq!(preview["left_out"], json!({ "preflights": 1, "media": 1, "merged": 5, "other": 0 }));
    let variables: Vec<_> =
        preview["variables"].as_array().unwrap().iter().map(|v| v["key"].as_str().unwrap()).collect();
    assert_eq!(variables, ["baseUrl", "authToken"]);
    assert!(!preview.to_string().contains("t0ken"), "secrets are not told");
    let users = preview["templates"].as_array().unwrap().iter().find(|t| t["template"] == "/api/users/:id").unwrap();
    assert_eq!((&users["count"], &users["inferred"]), (&json!(6), &json!(true)));
    assert_eq!(daemon.api().get("/collections").await["items"], json!([]), "nothing is made");

    let made = post(&daemon, "/collections/save", &json!({ "from": from, "options": options, "name": "App" })).await;
    assert_eq!((&made["name"], &made["requests"]), (&json!("App"), &preview["requests"]));
    let whole = daemon.api().get(&format!("/collections/{}", made["id"])).await;
    assert_eq!(lines(&whole["tree"], 0), expected(&app.authority()));
    let base = whole["variables"][0].clone();
    assert_eq!((&base["key"], &base["value"]), (&json!("baseUrl"), &json!(app.url(""))));
    assert_eq!(
        (&whole["variables"][1]["value"], &whole["variables"][1]["secret"]),
        (&json!("t0ken-of-app"), &json!(true))
    );

    // The one request that four calls became.
    let find = |name: &str| {
        let found =
            whole["tree"][0]["children"].as_array().unwrap().iter().flat_map(|f| f["children"].as_array().unwrap());
        found.clone().find(|node| node["name"] == name).unwrap().clone()
    };
    let user = find("GET /api/users/:id");
    let item = daemon.api().get(&format!("/items/{}", user["id"])).await;
    let request = &item["item"]["request"];
    assert_eq!(request["url"], "{{baseUrl}}/api/users/:id");
    assert_eq!(request["path_variables"], json!([{ "key": "id", "value": "7" }]));
    assert_eq!(request["auth"], json!({ "type": "bearer", "token": "{{authToken}}" }));
    let names: Vec<_> = item["examples"].as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["200 OK /api/users/7", "200 OK /api/users/8", "200 OK /api/users/9", "200 OK /api/users/10"]);
    let example = daemon.api().get(&format!("/items/{}", item["examples"][1]["id"])).await;
    assert_eq!(example["item"]["body"], json!({ "mode": "text", "text": r#"{"at":"/api/users/8"}"# }));
    assert_eq!(example["item"]["language"], "json");

    // Saved once more, nothing is there twice.
    let again = json!({ "from": from, "options": options, "collection": made["id"] });
    let more = post(&daemon, "/collections/save", &again).await;
    assert_eq!((&more["requests"], &more["examples"]), (&json!(0), &json!(0)), "{more}");
    assert_eq!(
        lines(&daemon.api().get(&format!("/collections/{}", made["id"])).await["tree"], 0),
        expected(&app.authority())
    );

    // And it is sent as it was captured.
    let sent = post(&daemon, "/send", &json!({ "item": user["id"] })).await;
    assert_eq!(sent["exchange"]["status"], 200, "{sent}");
    // The client wrote `authorization`, which auth is sent for with a capital.
    let heads = app.received().into_iter().map(|bytes| String::from_utf8_lossy(&bytes).to_lowercase());
    let of_seven: Vec<_> = heads.filter(|head| head.starts_with("get /api/users/7 ")).collect();
    let [first, last] = [&of_seven[0], of_seven.last().unwrap()].map(|head| {
        let mut lines: Vec<_> = head.lines().filter(|line| !line.is_empty()).collect();
        lines.sort_unstable();
        lines
    });
    assert_eq!((of_seven.len(), first), (2, last));
}

#[tokio::test]
async fn requests_are_saved_as_they_came_unless_told_otherwise() {
    let (daemon, app) = captured().await;
    let ids: Vec<_> = rows::list(&daemon, "path:/api/users/7").await.iter().map(|row| row["id"].clone()).collect();
    let body = json!({ "from": { "exchanges": ids }, "name": "Some" });
    let made = post(&daemon, "/collections/save", &body).await;
    let whole = daemon.api().get(&format!("/collections/{}", made["id"])).await;
    let names: Vec<_> =
        whole["tree"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap().to_owned()).collect();
    let orders = ["GET /api/users/:id/orders", "GET /api/users/:id/orders/:orderId"];
    assert_eq!(names, [&["GET /api/users/:id", "PUT /api/users/:id"][..], &orders].concat(), "in order of capture");
    let item = daemon.api().get(&format!("/items/{}", whole["tree"][0]["id"])).await;
    let request = &item["item"]["request"];
    assert_eq!(request["url"], app.url("/api/users/7"));
    let headers = request["headers"].as_array().unwrap();
    assert!(
        headers
            .iter()
            .any(|h| h["key"].as_str().unwrap().eq_ignore_ascii_case("authorization")
                && h["value"] == "Bearer t0ken-of-app"),
        "{request}"
    );
    assert!(whole.get("variables").is_none());

    let refused = [
        (json!({ "from": {} }), 400),
        (json!({ "from": { "filter": "", "exchanges": ["1.1"] } }), 400),
        (json!({ "from": { "filter": "status:" } }), 400),
        (json!({ "from": { "session": 99 } }), 404),
        (json!({ "from": { "exchanges": ["1.999"] } }), 404),
        (json!({ "from": { "filter": "host:nowhere" } }), 400),
        (json!({ "from": { "filter": "" }, "collection": 999 }), 404),
        (json!({ "from": { "filter": "" }, "parent": 1 }), 400),
        (json!({ "from": { "filter": "" }, "options": { "templates": [{ "template": "x" }] } }), 400),
        (json!({ "from": { "filter": "" }, "options": { "colour": 1 } }), 400),
    ];
    for (body, code) in refused {
        let answer = daemon.api().post("/collections/save", &body).await;
        assert_eq!(answer.status, code, "{body}: {}", answer.text());
    }
    assert_eq!(daemon.api().get("/collections").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_running_session_fills_a_collection() {
    let (daemon, app) = (Daemon::start().await, app().await);
    call(&daemon, &app, "GET", "/api/before", "").await;
    rows::done(&daemon, "", 1).await;
    let made = post(&daemon, "/collections", &json!({ "name": "Live" })).await;
    let path = format!("/collections/{}", made["id"]);
    let live = json!({ "session": 1, "options": { "folders": "endpoint", "merge": true } });
    assert_eq!(put(&daemon, &format!("{path}/live"), &live).await.status, 204);
    assert_eq!(daemon.api().get(&path).await["live"], 1);
    let has = async |expected: &[&str]| {
        wait::until("the collection to be filled", async || {
            let tree = daemon.api().get(&path).await["tree"].clone();
            (lines(&tree, 0) == expected).then_some(())
        })
        .await;
    };
    for number in [1, 2] {
        call(&daemon, &app, "GET", &format!("/api/users/{number}"), "").await;
    }
    has(&["/api/users/:id/", "  GET /api/users/:id"]).await;
    call(&daemon, &app, "DELETE", "/api/users/1", "").await;
    call(&daemon, &app, "GET", "/logo.png", "").await;
    has(&["/api/users/:id/", "  GET /api/users/:id", "  DELETE /api/users/:id"]).await;
    // Its end ends it, with all that was recorded.
    call(&daemon, &app, "GET", "/api/last", "").await;
    post(&daemon, "/sessions/1/stop", &json!({})).await;
    has(&["/api/users/:id/", "  GET /api/users/:id", "  DELETE /api/users/:id", "/api/last/", "  GET /api/last"]).await;
    wait::until("it not to be live any more", async || daemon.api().get(&path).await["live"].is_null().then_some(()))
        .await;
    let over = put(&daemon, &format!("{path}/live"), &live).await;
    assert_eq!((over.status.as_u16(), &over.json()["error"]["code"]), (409, &json!("conflict")));
    let unknown = put(&daemon, &format!("{path}/live"), &json!({ "session": 77 })).await;
    assert_eq!(unknown.status, 404);
    let stopped = daemon.api().ask(Method::DELETE, &format!("{path}/live"), &[], "").await;
    assert_eq!(stopped.status, 204);
}

#[tokio::test]
async fn templates_of_the_user_are_kept_and_applied_again() {
    let (daemon, app) = (Daemon::start().await, app().await);
    for path in ["/shop/alice", "/shop/bob", "/shop/admin", "/shop/carol"] {
        call(&daemon, &app, "GET", path, "").await;
    }
    rows::done(&daemon, "", 4).await;
    let options = json!({ "folders": "endpoint", "merge": true, "base_url": true });
    let made = post(&daemon, "/collections/save", &json!({ "from": { "filter": "" }, "options": options })).await;
    let path = format!("/collections/{}", made["id"]);
    let tree = async || lines(&daemon.api().get(&path).await["tree"], 0);
    assert_eq!(tree().await.len(), 8, "four names are no variable");
    let renamed = {
        let whole = daemon.api().get(&path).await;
        let admin = whole["tree"].as_array().unwrap().iter().find(|n| n["name"] == "/shop/carol").unwrap().clone();
        let id = admin["children"][0]["id"].clone();
        let mut item = daemon.api().get(&format!("/items/{id}")).await["item"].clone();
        item["name"] = "my own name".into();
        assert_eq!(put(&daemon, &format!("/items/{id}"), &item).await.status, 200);
        id
    };
    let said = json!({ "templates": [{ "template": "/shop/:person", "exceptions": ["admin"] }] });
    let done = post(&daemon, &format!("{path}/regroup"), &said).await;
    assert_eq!(done, json!({ "renamed": 1, "moved": 1, "merged": 1 }));
    let expected =
        ["/shop/admin/", "  GET /shop/admin", "/shop/carol/", "  my own name", "/shop/:person/", "  GET /shop/:person"];
    assert_eq!(tree().await, expected);
    let whole = daemon.api().get(&path).await;
    let merged = whole["tree"].as_array().unwrap().last().unwrap()["children"][0].clone();
    let item = daemon.api().get(&format!("/items/{}", merged["id"])).await;
    assert_eq!(item["item"]["request"]["url"], "{{baseUrl}}/shop/:person");
    assert_eq!(item["examples"].as_array().unwrap().len(), 2);
    assert_eq!(daemon.api().get(&format!("/items/{renamed}")).await["item"]["name"], "my own name");
    // Templates can be taken back.
    post(&daemon, &format!("{path}/regroup"), &json!({ "templates": [] })).await;
    let sent = post(&daemon, "/send", &json!({ "item": merged["id"] })).await;
    assert_eq!(sent["exchange"]["path"], "/shop/alice");
    assert!(tree().await.contains(&"  GET /shop/alice".to_owned()), "{:?}", tree().await);
}

#[tokio::test]
async fn what_is_around_a_request_holds_when_it_is_sent() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let request = json!({ "kind": "request", "name": "r", "variables": [{ "key": "c", "value": "request" }],
        "request": { "url": "{{base}}/echo?{{a}}-{{b}}-{{c}}", "headers": [{ "key": "X-Secret", "value": "{{s}}" }] } });
    let collection = json!({ "name": "C", "auth": { "type": "basic", "username": "u", "password": "p" },
        "variables": [{ "key": "base", "value": origin.url("") }, { "key": "a", "value": "C" }, { "key": "b", "value": "C" },
            { "key": "c", "value": "C" }, { "key": "s", "value": "s3cret-of-c", "secret": true }],
        "settings": { "follow_redirects": false },
        "items": [{ "kind": "folder", "name": "F", "variables": [{ "key": "b", "value": "F" }], "items": [request] }] });
    let made = post(&daemon, "/collections", &collection).await;
    let whole = daemon.api().get(&format!("/collections/{}", made["id"])).await;
    let item = whole["tree"][0]["children"][0]["id"].as_i64().unwrap();
    let sent = post(&daemon, "/send", &json!({ "item": item })).await;
    assert_eq!(sent["error"], Value::Null, "{sent}");
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!(seen.target, "/echo?C-F-request");
    assert_eq!((seen.values("authorization"), seen.values("x-secret")), (vec!["Basic dTpw"], vec!["s3cret-of-c"]));
    let entry = daemon.api().get(&format!("/history/{}", sent["send"])).await;
    assert_eq!(entry["from"], format!("item:{item}"), "{entry}");
    let preview = post(&daemon, "/send/preview", &json!({ "item": item })).await;
    assert!(!preview.to_string().contains("s3cret-of-c"), "{preview}");
    // With changes that are not saved, and once more from the history.
    let changed = json!({ "request": { "method": "PUT", "url": "{{base}}/echo?{{b}}" }, "item": item });
    let sent = post(&daemon, "/send", &changed).await;
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str(), seen.values("authorization")),
        ("PUT", "/echo?F", vec!["Basic dTpw"])
    );
    post(&daemon, "/send", &json!({ "again": sent["send"] })).await;
    let again = origin.notes().requests().pop().unwrap();
    assert_eq!((again.method.as_str(), again.target.as_str()), ("PUT", "/echo?F"));
    // The environment wins over the collection.
    let environment =
        post(&daemon, "/environments", &json!({ "name": "e", "variables": [{ "key": "b", "value": "E" }] })).await;
    post(&daemon, "/send", &json!({ "item": item, "environment": environment["id"] })).await;
    assert_eq!(origin.notes().requests().pop().unwrap().target, "/echo?C-E-request");
    let out = daemon.waylay(&["collection", "send", &item.to_string(), "--var", "a=line"]).await.expect(0);
    assert!(out.stdout.contains("/echo?line-F-request"), "{}", out.stdout);
    daemon.waylay(&["send", "--item", "99999"]).await.expect(4);
    let folder = whole["tree"][0]["id"].to_string();
    daemon.waylay(&["send", "--item", &folder]).await.expect(2);
}

#[tokio::test]
async fn collections_are_handled_from_the_command_line_with_and_without_a_daemon() {
    let (daemon, app) = captured().await;
    let args = ["collection", "save", "path:/api/", "--session", "1", "--folders", "endpoint", "--merge"];
    let dry = daemon.waylay(&[&args[..], &["--dry-run"]].concat()).await.expect(0);
    assert!(dry.stdout.contains("/api/users/:id/\n  GET /api/users/:id  4 exchanges"), "{}", dry.stdout);
    daemon.waylay(&["collection", "list"]).await.expect(0);
    let made = daemon.waylay(&[&args[..], &["--to", "App", "--json"]].concat()).await.expect(0).json();
    let shown = daemon.waylay(&["collection", "show", "App"]).await.expect(0).stdout;
    assert!(shown.starts_with("App\n  /api/missing/:id/"), "{shown}");
    daemon.waylay(&[&args[..], &["--to", "App"]].concat()).await.expect(0);
    let list = daemon.waylay(&["collection", "list", "--json"]).await.expect(0).json();
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["requests"]), (1, &made["requests"]));

    let place = daemon.stop().await;
    let dry_alone = place.waylay(&[&args[..], &["--dry-run"]].concat()).await.expect(0);
    assert_eq!(dry_alone.stdout, dry.stdout, "without a daemon, too");
    place.waylay(&["collection", "new", "Other"]).await.expect(0);
    place.waylay(&["collection", "rename", "Other", "Second"]).await.expect(0);
    let found = place.waylay(&["collection", "search", "orders", "--json"]).await.expect(0).json();
    let folder = found["items"].as_array().unwrap().iter().find(|i| i["kind"] == "folder").unwrap()["id"].to_string();
    place.waylay(&["collection", "rename", "--item", &folder, "Orders"]).await.expect(0);
    place.waylay(&["collection", "move", &folder, "--to", "Second"]).await.expect(0);
    place.waylay(&["collection", "duplicate", "--item", &folder]).await.expect(0);
    let second = place.waylay(&["collection", "show", "Second", "--json"]).await.expect(0).json();
    let names: Vec<_> = second["tree"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Orders", "Orders copy"]);
    place.waylay(&["collection", "duplicate", "Second"]).await.expect(0);
    place.waylay(&["collection", "rm", "Second copy"]).await.expect(0);
    let gone = place.waylay(&["collection", "rm", "--item", &folder, "--json"]).await.expect(0).json();
    place.waylay(&["rm", "--undo", &gone["id"].to_string()]).await.expect(0);
    place.waylay(&["collection", "show", "Nowhere"]).await.expect(4);
    place.waylay(&["collection", "move", &folder, "--to", "Second", "--into", &folder]).await.expect(2);
    place.waylay(&["collection", "search", "nothing like it"]).await.expect(4);
    let daemon = Launch::at(place).start().await;
    let list = daemon.api().get("/collections").await;
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["App", "Second"]);
    drop(app);
}
