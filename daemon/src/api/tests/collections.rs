use super::harness::Daemon;
use serde_json::{Value, json};

fn collection() -> Value {
    json!({ "name": "Shop", "auth": { "type": "bearer", "token": "t" }, "variables": [{ "key": "base", "value": "http://h" }], "items": [
        { "kind": "folder", "name": "Users", "scripts": [{ "listen": "test" }], "variables": [{ "key": "id", "value": "7", "secret": true }], "items": [
            { "kind": "request", "name": "one", "request": { "url": "{{base}}/users/{{id}}" },
              "examples": [{ "name": "ok", "status": 200, "body": { "mode": "text", "text": "{}" } }] } ] },
        { "kind": "request", "name": "plain", "request": { "method": "POST", "url": "http://h/p", "auth": { "type": "none" } } } ] })
}

/// Names of the tree in one line.
fn names(tree: &Value) -> String {
    let inner = tree.as_array().unwrap().iter().map(|node| match names(&node["children"]) {
        inner if inner.is_empty() => node["name"].as_str().unwrap().to_owned(),
        inner => format!("{}({inner})", node["name"].as_str().unwrap()),
    });
    inner.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_collection_is_kept_shown_changed_copied_and_removed() {
    let daemon = Daemon::start().await;
    let made = daemon.post("/collections", &collection().to_string()).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    assert_eq!(
        (&made["requests"], &made["folders"], &made["examples"], &made["scripts"]),
        (&json!(2), &json!(1), &json!(1), &json!(1))
    );
    let path = format!("/collections/{}", made["id"]);
    let shown = daemon.get(&path).await.json();
    assert_eq!(names(&shown["tree"]), "Users(one(ok)) plain");
    assert_eq!((&shown["auth"]["token"], &shown["items"]), (&json!("t"), &Value::Null));
    let [folder, plain] = [&shown["tree"][0], &shown["tree"][1]];
    assert_eq!(
        (&folder["scripts"], &plain["method"], &plain["url"]),
        (&json!(true), &json!("POST"), &json!("http://h/p"))
    );

    let changed = daemon.put(&path, &json!({ "name": "Store", "description": "new" })).await.json();
    assert_eq!((&changed["name"], names(&changed["tree"]).as_str()), (&json!("Store"), "Users(one(ok)) plain"));
    assert!(changed.get("auth").is_none(), "{changed}");
    daemon.put(&path, &collection()).await.error(400, "bad_request");

    let copy = daemon.post(&format!("{path}/duplicate"), "{}").await;
    assert_eq!((copy.status, &copy.json()["name"]), (201, &json!("Store copy")));
    let list = daemon.get("/collections").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);

    let gone = daemon.post("/deletions", &json!({ "collection": made["id"] }).to_string()).await;
    assert_eq!((gone.status, &gone.json()["collections"]), (201, &json!(1)));
    daemon.get(&path).await.error(404, "not_found");
    assert_eq!(daemon.delete(&format!("/deletions/{}", gone.json()["id"])).await.status, 204);
    assert_eq!(names(&daemon.get(&path).await.json()["tree"]), "Users(one(ok)) plain");
    daemon.stop().await;
}

#[tokio::test]
async fn items_are_added_changed_moved_copied_and_removed() {
    let daemon = Daemon::start().await;
    let id = daemon.post("/collections", &collection().to_string()).await.json()["id"].clone();
    let path = format!("/collections/{id}");
    let tree = || async { daemon.get(&path).await.json()["tree"].clone() };
    let shown = tree().await;
    let (folder, one, plain) = (&shown[0]["id"], &shown[0]["children"][0]["id"], &shown[1]["id"]);

    let item = daemon.get(&format!("/items/{one}")).await.json();
    assert_eq!(item["path"], json!([{ "id": folder, "name": "Users" }]));
    assert_eq!(
        item["inherited"],
        json!({ "auth": { "type": "bearer", "token": "t" }, "from": { "id": null, "name": "Shop" } })
    );
    let variables: Vec<_> = item["variables"].as_array().unwrap().iter().map(|v| (&v["key"], &v["secret"])).collect();
    assert_eq!(variables, [(&json!("base"), &json!(false)), (&json!("id"), &json!(true))]);
    assert_eq!((&item["item"]["kind"], &item["examples"][0]["status"]), (&json!("request"), &json!(200)));
    assert!(item["item"].get("examples").is_none());
    // What was shown is taken back as it is.
    assert_eq!(daemon.put(&format!("/items/{one}"), &item["item"]).await.json()["item"], item["item"]);
    let mut renamed = item["item"].clone();
    renamed["name"] = "first".into();
    assert_eq!(daemon.put(&format!("/items/{one}"), &renamed).await.status, 200);
    daemon.put(&format!("/items/{one}"), &json!({ "kind": "folder", "name": "x" })).await.error(404, "not_found");

    let items = format!("{path}/items");
    let add = async |what: Value| daemon.post(&items, &what.to_string()).await.json();
    let added = add(json!({ "parent": folder, "position": 0, "item": { "kind": "folder", "name": "Inner" } })).await;
    let inner = added["id"].clone();
    add(json!({ "item": { "kind": "request", "name": "last" } })).await;
    assert_eq!(names(&tree().await), "Users(Inner first(ok)) plain last");
    let to = |parent: &Value| json!({ "items": [plain, one], "collection": id, "parent": parent });
    assert_eq!(daemon.post("/items/move", &to(&inner).to_string()).await.status, 204);
    assert_eq!(names(&tree().await), "Users(Inner(plain first(ok))) last");
    let into_itself = json!({ "items": [folder], "collection": id, "parent": inner });
    daemon.post("/items/move", &into_itself.to_string()).await.error(409, "conflict");
    daemon.post("/items/move", &to(&json!(99999)).to_string()).await.error(404, "not_found");
    assert_eq!(daemon.post(&format!("/items/{inner}/duplicate"), "{}").await.status, 201);
    assert_eq!(names(&tree().await), "Users(Inner(plain first(ok)) Inner copy(plain first(ok))) last");

    let found = daemon.get("/collections/search?q=FIRST&limit=1").await.json();
    assert_eq!((&found["more"], &found["items"][0]["collection"]["name"]), (&json!(true), &json!("Shop")));
    assert_eq!(found["items"][0]["path"][1]["name"], "Inner");
    let gone = daemon.post("/deletions", &json!({ "items": [inner, one] }).to_string()).await.json();
    assert_eq!((&gone["items"], names(&tree().await).as_str()), (&json!(4), "Users(Inner copy(plain first(ok))) last"));
    assert_eq!(daemon.delete(&format!("/deletions/{}", gone["id"])).await.status, 204);
    assert_eq!(names(&tree().await), "Users(Inner(plain first(ok)) Inner copy(plain first(ok))) last");
    daemon.stop().await;
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused() {
    let daemon = Daemon::start().await;
    let deep = |depth: usize| {
        (0..depth).fold(
            json!({ "kind": "request", "name": "r" }),
            |inner, _| json!({ "kind": "folder", "name": "f", "items": [inner] }),
        )
    };
    let of = |item: Value| json!({ "name": "C", "items": [item] });
    let many: Vec<_> = (0..20_001).map(|_| json!({ "kind": "request", "name": "r" })).collect();
    for (bad, code) in [
        (json!({ "name": " " }), 400),
        (json!({ "name": "x".repeat(4097) }), 400),
        (json!({ "name": "C", "more": 1 }), 400),
        (of(json!({ "kind": "request", "items": [] })), 400),
        (of(json!({ "kind": "example", "name": "x" })), 400),
        (of(json!({ "kind": "request", "name": "x".repeat(4097) })), 400),
        (of(deep(33)), 400),
        (json!({ "name": "C", "items": many }), 400),
    ] {
        let answer = daemon.post("/collections", &bad.to_string()).await;
        assert_eq!(answer.status, code, "{answer:?}");
    }
    assert_eq!(daemon.get("/collections").await.json(), json!({ "items": [] }));
    let id = daemon.post("/collections", &of(deep(32)).to_string()).await.json()["id"].clone();
    let path = format!("/collections/{id}/items");
    for (bad, code) in [
        (json!({}), 400),
        (json!({ "item": { "kind": "folder" }, "from": "1.1" }), 400),
        (json!({ "from": "1.99" }), 404),
        (json!({ "item": { "kind": "example", "name": "e" } }), 409),
        (json!({ "item": { "kind": "folder" }, "parent": 99999 }), 404),
    ] {
        let answer = daemon.post(&path, &bad.to_string()).await;
        assert_eq!(answer.status, code, "{bad}: {answer:?}");
    }
    daemon.get("/collections/x").await.error(404, "not_found");
    daemon.get("/items/x").await.error(404, "not_found");
    daemon.get("/collections/search?q=a&limit=0").await.error(400, "bad_request");
    daemon.post("/deletions", &json!({ "items": [99999] }).to_string()).await.error(404, "not_found");
    daemon.post("/deletions", &json!({ "items": [1], "collection": 1 }).to_string()).await.error(400, "bad_request");
    daemon.post("/items/move", &json!({ "items": [], "collection": id }).to_string()).await.error(400, "bad_request");
    daemon.stop().await;
}
