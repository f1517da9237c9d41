//! Environments and globals: from the command line, with a daemon and without.

use http::Method;
use serde_json::{Value, json};
use std::{fs, path::Path};
use waylay_tests::daemon::{Daemon, Launch, Place};

fn names(list: &Value) -> Vec<(&str, bool)> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| (item["name"].as_str().unwrap(), item["active"].as_bool().unwrap())).collect()
}

#[tokio::test]
async fn the_first_environment_begins_a_store() {
    let place = Place::new();
    place.waylay(&["environment", "new", "first", "base=http://a"]).await.expect(0);
    place.waylay(&["environment", "use", "first"]).await.expect(0);
    let shown = place.waylay(&["environment", "show"]).await.expect(0).stdout;
    assert!(shown.contains("http://a"), "{shown}");
}

#[tokio::test]
async fn variables_are_set_shown_and_used_with_and_without_a_daemon() {
    let daemon = Daemon::start().await;
    let secret = daemon.place().home().join("token.txt");
    fs::write(&secret, "s3cret-of-a-file\n").unwrap();
    let at = format!("token=@{}", secret.display());
    assert_eq!(daemon.waylay(&["environment", "list", "--json"]).await.expect(0).json(), json!({ "items": [] }));
    daemon.waylay(&["environment", "new", "local", "base=http://a"]).await.expect(0);
    daemon.waylay(&["environment", "new", "other"]).await.expect(0);
    daemon.waylay(&["environment", "show"]).await.expect(4);
    daemon.waylay(&["environment", "set", "local", &at, "--secret"]).await.expect(0);
    daemon.waylay(&["environment", "set", "local", "base=http://b", "home=env:HOME"]).await.expect(0);
    daemon.waylay(&["environment", "use", "local"]).await.expect(0);
    let list = daemon.waylay(&["environment", "list", "--json"]).await.expect(0).json();
    assert_eq!(names(&list), [("local", true), ("other", false)]);

    let home = daemon.place().home().display().to_string();
    let shown = daemon.waylay(&["environment", "show"]).await.expect(0).stdout;
    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    let expected = [
        vec!["VARIABLE", "TYPE", "VALUE"],
        vec!["base", "default", "http://b"],
        vec!["token", "secret", "••••••"],
        vec!["home", "default", &home],
    ];
    assert_eq!(lines, expected);
    let shown = daemon.waylay(&["environment", "show", "local", "--secrets", "show"]).await.expect(0).stdout;
    assert!(shown.contains("s3cret-of-a-file"), "{shown}");

    // Without a daemon, too.
    let place = daemon.stop().await;
    let shown = place.waylay(&["environment", "show", "--json"]).await.expect(0).json();
    assert_eq!(shown["variables"][1], json!({ "key": "token", "type": "secret", "masked": true }));
    place.waylay(&["environment", "set", "--globals", "g=1"]).await.expect(0);
    place.waylay(&["environment", "unset", "@active", "home"]).await.expect(0);
    place.waylay(&["environment", "rename", "other", "third"]).await.expect(0);
    place.waylay(&["environment", "use", "third"]).await.expect(0);
    place.waylay(&["environment", "rm", "local"]).await.expect(0);
    let daemon = Launch::at(place).start().await;
    let list = daemon.api().get("/environments").await;
    assert_eq!(names(&list), [("third", true)]);
    assert_eq!(
        daemon.api().get("/globals").await["variables"],
        json!([{ "key": "g", "type": "default", "value": "1" }])
    );
    daemon.waylay(&["environment", "unset", "--globals", "g"]).await.expect(0);
    let left = daemon.waylay(&["environment", "show", "--globals", "--json"]).await.expect(0).json();
    assert_eq!(left, json!({ "variables": [] }));
    daemon.waylay(&["environment", "use", "--none"]).await.expect(0);
    assert_eq!(names(&daemon.api().get("/environments").await), [("third", false)]);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let daemon = Daemon::start().await;
    for _ in 0..2 {
        daemon.waylay(&["environment", "new", "twin"]).await.expect(0);
    }
    for (args, code, said) in [
        (&["show", "nobody"][..], 4, "waylay environment list"),
        (&["show", "twin"], 2, "by its number: 1, 2"),
        (&["set", "1", "x"], 2, "KEY=VALUE"),
        (&["set", "1"], 2, "no variable is named"),
        (&["set", "1", "x=env:SURELY_NOT_SET"], 4, "--literal"),
        (&["set", "1", "x=@/nowhere"], 7, "--literal"),
        (&["unset", "1", "x"], 4, "nothing was changed"),
        (&["use"], 2, "ENVIRONMENT"),
        (&["rm", "9"], 4, "waylay environment list"),
        (&["new", " "], 2, "the name is empty"),
    ] {
        let output = daemon.waylay(&[&["environment"], args].concat()).await.expect(code);
        assert!(output.stderr.contains(said) && output.stdout.is_empty(), "{args:?}: {}", output.stderr);
        assert_eq!(output.stderr.lines().count(), 1, "{args:?}: {}", output.stderr);
    }
    daemon.waylay(&["environment", "set", "1", "x=@y", "z=env:z", "--literal"]).await.expect(0);
    let shown = daemon.waylay(&["environment", "show", "1", "--json"]).await.expect(0).json();
    assert_eq!((&shown["variables"][0]["value"], &shown["variables"][1]["value"]), (&json!("@y"), &json!("env:z")));
}

#[tokio::test]
async fn files_of_postman_go_in_and_out() {
    let place = Daemon::start().await.stop().await;
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/postman/environments");
    let kong = fixture.join("Kong__postman-env_basic-input.json");
    let globals = place.home().join("g.json");
    let text = r#"{"values":[{"key":"g","value":"1","type":"any"}],"_postman_variable_scope":"globals"}"#;
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(&globals, utf16).unwrap();
    let out = place.home().join("out.json");
    let (kong, globals, out) = (kong.to_str().unwrap(), globals.to_str().unwrap(), out.to_str().unwrap());
    // Without a daemon and with one; by both commands.
    let first = place.waylay(&["environment", "import", kong]).await.expect(0).stderr;
    assert!(first.contains("2 variables in environment 1 \"Production Env\""), "{first}");
    let second = place.waylay(&["import", kong, "--json"]).await.expect(0).json();
    assert_eq!((&second["kind"], &second["id"]), (&json!("environment"), &json!(2)));
    let daemon = Launch::at(place).start().await;
    let third = daemon.waylay(&["environment", "import", kong, "--json"]).await.expect(0).json();
    let fourth = daemon.waylay(&["import", kong, "--json"]).await.expect(0).json();
    assert_eq!((&third["id"], &fourth["id"], &third["variables"]), (&json!(3), &json!(4), &fourth["variables"]));
    for args in [&["import", globals][..], &["environment", "import", globals]] {
        let said = daemon.waylay(args).await.expect(0).stderr;
        assert!(said.contains("the globals have 1 variable now"), "{said}");
    }
    daemon.waylay(&["environment", "set", "1", "foo=hidden", "--secret"]).await.expect(0);
    daemon.waylay(&["environment", "export", "1", "-o", out]).await.expect(0);
    daemon.waylay(&["environment", "export", "1", "-o", out]).await.expect(7);
    let written: Value = serde_json::from_slice(&fs::read(out).unwrap()).unwrap();
    let foo = written["values"].as_array().unwrap().iter().find(|v| v["key"] == "foo").unwrap();
    assert_eq!((&foo["value"], &foo["type"]), (&json!(""), &json!("secret")));
    let exported = daemon.waylay(&["environment", "export", "--globals", "-o", "-"]).await.expect(0).json();
    assert_eq!(exported["_postman_variable_scope"], "globals");
    let refused = daemon.waylay(&["environment", "import", "/dev/null"]).await.expect(2).stderr;
    assert!(refused.contains("Nothing was imported") || refused.contains("nothing was imported"), "{refused}");
}

/// Every file of a folder that holds a text.
fn holding(dir: &Path, text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if fs::read(&path).unwrap_or_default().windows(text.len()).any(|window| window == text) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test]
async fn a_secret_is_in_the_store_and_nowhere_else() {
    const CANARY: &str = "CanaryInTheEnvironment";
    let daemon = Launch::new().args(&["--log", "trace"]).start().await;
    let new = json!({ "name": "e", "variables": [{ "key": "k", "value": CANARY, "type": "secret" }] });
    let api = daemon.api();
    let made = api.post("/environments", &new).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let path = format!("/environments/{}", made.json()["id"]);
    let json = [("content-type", "application/json")];
    let renamed = json!({ "name": "f", "variables": [{ "key": "k", "type": "secret" }] }).to_string();
    let changed = api.ask(Method::PUT, &path, &json, &renamed).await;
    assert!(changed.status == 200 && !changed.text().contains(CANARY), "{}", changed.text());
    assert_eq!(api.get(&format!("{path}?secrets=show")).await["variables"][0]["value"], CANARY);
    let shown = daemon.waylay(&["environment", "show", "f", "-v"]).await.expect(0);
    assert!(!shown.stdout.contains(CANARY) && !shown.stderr.contains(CANARY));
    let place = daemon.stop().await;
    let found = holding(&place.data(), CANARY.as_bytes());
    assert!(found.iter().all(|name| name.starts_with("waylay.db")) && !found.is_empty(), "{found:?}");
}
