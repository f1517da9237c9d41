use super::harness::Daemon;
use serde_json::{Value, json};

fn variables(value: Option<&str>) -> Value {
    let mut secret = json!({ "key": "token", "type": "secret" });
    if let Some(value) = value {
        secret["value"] = value.into();
    }
    json!([{ "key": "base", "value": "http://a", "description": "where" }, secret, { "key": "off", "value": "", "disabled": true }])
}

#[tokio::test]
async fn secrets_are_masked_and_stay_unless_they_are_said() {
    let daemon = Daemon::start().await;
    let new = json!({ "name": "local", "variables": variables(Some("s3cret")) });
    let made = daemon.post("/environments", &new.to_string()).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/environments/{}", made.json()["id"]);
    for answer in [made, daemon.get(&path).await, daemon.get(&format!("{path}?secrets=mask")).await] {
        let token = answer.json()["variables"][1].clone();
        assert_eq!(token, json!({ "key": "token", "type": "secret", "masked": true }));
        assert!(!String::from_utf8_lossy(&answer.body).contains("s3cret"));
    }
    let shown = daemon.get(&format!("{path}?secrets=show")).await.json();
    assert_eq!(shown["variables"][1]["value"], "s3cret");
    // What is masked is given back as it came.
    let masked = daemon.get(&path).await.json();
    let changed = daemon.put(&path, &json!({ "name": "new", "variables": masked["variables"] })).await.json();
    assert_eq!((&changed["name"], &changed["variables"][0]["description"]), (&json!("new"), &json!("where")));
    let shown = daemon.get(&format!("{path}?secrets=show")).await.json();
    assert_eq!((&shown["variables"][1]["value"], &shown["variables"][2]["disabled"]), (&json!("s3cret"), &json!(true)));
    let emptied = json!({ "name": "new", "variables": variables(Some("")) });
    daemon.put(&path, &emptied).await;
    assert_eq!(daemon.get(&format!("{path}?secrets=show")).await.json()["variables"][1]["value"], "");

    assert_eq!(daemon.put("/globals", &json!({ "variables": variables(Some("g3heim")) })).await.status, 200);
    let globals = daemon.get("/globals").await;
    assert!(
        !String::from_utf8_lossy(&globals.body).contains("g3heim") && globals.json()["variables"][1]["masked"] == true
    );
    assert_eq!(daemon.get("/globals?secrets=show").await.json()["variables"][1]["value"], "g3heim");
    daemon.stop().await;
}

#[tokio::test]
async fn one_environment_is_active() {
    let daemon = Daemon::start().await;
    let make = |name: &str| json!({ "name": name }).to_string();
    let one = daemon.post("/environments", &make("b")).await.json()["id"].clone();
    let two = daemon.post("/environments", &make("a")).await.json()["id"].clone();
    let active = || async {
        let list = daemon.get("/environments").await.json();
        let items = list["items"].as_array().unwrap().clone();
        assert_eq!(items[0]["name"], "a", "by name");
        items.into_iter().filter(|item| item["active"] == true).map(|item| item["id"].clone()).collect::<Vec<_>>()
    };
    for id in [&one, &two] {
        assert_eq!(daemon.put("/environments/active", &json!({ "id": id })).await.status, 204);
        assert_eq!(active().await, std::slice::from_ref(id));
    }
    daemon.put("/environments/active", &json!({ "id": 99 })).await.error(404, "not_found");
    daemon.put("/environments/active", &json!({})).await.error(400, "bad_request");
    assert_eq!(active().await, [two]);
    assert_eq!(daemon.put("/environments/active", &json!({ "id": null })).await.status, 204);
    assert!(active().await.is_empty());
    assert_eq!(daemon.delete(&format!("/environments/{one}")).await.status, 204);
    daemon.get(&format!("/environments/{one}")).await.error(404, "not_found");
    daemon.get("/environments/x").await.error(404, "not_found");
    daemon.stop().await;
}

#[tokio::test]
async fn what_is_too_long_or_unknown_is_refused() {
    let daemon = Daemon::start().await;
    let variable = |variable: Value| json!({ "name": "n", "variables": [variable] });
    for bad in [
        json!({ "name": " " }),
        json!({ "name": "x".repeat(201) }),
        json!({ "name": "n", "more": 1 }),
        variable(json!({ "key": "x".repeat(1001) })),
        variable(json!({ "key": "k", "value": "x".repeat((1 << 20) + 1) })),
        variable(json!({ "key": "k", "type": "other" })),
        variable(json!({ "key": "k", "value": 1 })),
        json!({ "name": "n", "variables": vec![json!({ "key": "k" }); 10_001] }),
    ] {
        daemon.post("/environments", &bad.to_string()).await.error(400, "bad_request");
    }
    assert!(daemon.get("/environments").await.json()["items"].as_array().unwrap().is_empty());
    daemon.stop().await;
}

#[tokio::test]
async fn files_of_postman_are_taken_over_and_written() {
    let daemon = Daemon::start().await;
    let upload = |path: &'static str, body: String| {
        let headers = daemon.program() + "Content-Type: application/octet-stream\r\n";
        let daemon = &daemon;
        async move { daemon.ask("POST", &format!("/api/v1{path}"), &headers, &body).await }
    };
    let file = |scope: &str, value: &str| {
        let values = json!([{ "key": "k", "value": value, "type": "secret" }, { "key": "n", "value": 1 }, null]);
        json!({ "name": "from Postman", "values": values, "_postman_variable_scope": scope }).to_string()
    };
    for path in ["/environments/import?name=x", "/import?name=x"] {
        let taken = upload(path, file("environment", "s3cret")).await;
        assert_eq!(taken.status, 201, "{taken:?}");
        assert!(!String::from_utf8_lossy(&taken.body).contains("s3cret"));
        let taken = taken.json();
        assert_eq!((&taken["kind"], &taken["name"]), (&json!("environment"), &json!("from Postman")));
        assert!(taken["notes"][0].as_str().unwrap().contains("null"), "{taken}");
        let path = format!("/environments/{}", taken["id"]);
        assert_eq!(daemon.get(&format!("{path}?secrets=show")).await.json()["variables"][0]["value"], "s3cret");
        let written = daemon.get(&format!("{path}/export")).await;
        assert!(written.header("content-disposition").unwrap().contains("postman_environment.json"));
        let written = written.json();
        assert_eq!(written["values"][0]["value"], "", "a secret is left empty");
        assert_eq!((&written["values"][1]["value"], &written["name"]), (&json!("1"), &json!("from Postman")));
    }
    let unnamed = upload("/environments/import?name=of%20the%20file", r#"{"values":[]}"#.to_owned()).await.json();
    assert_eq!(unnamed["name"], "of the file");

    daemon
        .put("/globals", &json!({ "variables": [{ "key": "old", "value": "1" }, { "key": "k", "value": "2" }] }))
        .await;
    let taken = upload("/import?name=x", file("globals", "3")).await.json();
    let keys: Vec<_> = taken["variables"].as_array().unwrap().iter().map(|v| v["key"].as_str().unwrap()).collect();
    assert_eq!((keys, &taken["kind"]), (vec!["old", "k", "n"], &json!("globals")));
    let written = daemon.get("/globals/export").await.json();
    assert_eq!((&written["_postman_variable_scope"], &written["values"][0]["value"]), (&json!("globals"), &json!("1")));

    upload("/environments/import", "{".to_owned()).await.error(400, "bad_import");
    upload("/environments/import", r#"{"item":[]}"#.to_owned()).await.error(400, "bad_import");
    let wrong = r#"{"values":[1],"_postman_variable_scope":"environment"}"#.to_owned();
    let said = upload("/import?name=x", wrong).await.error(400, "bad_import");
    assert!(said.contains("values[0]"), "{said}");
    let long = json!({ "values": [{ "key": "x".repeat(1001), "value": "" }] }).to_string();
    upload("/environments/import", long).await.error(400, "bad_request");
    upload("/environments/import", " ".repeat((8 << 20) + 1)).await.error(413, "too_large");
    assert_eq!(daemon.get("/environments").await.json()["items"].as_array().unwrap().len(), 3);
    daemon.get("/environments/99/export").await.error(404, "not_found");
    daemon.stop().await;
}
