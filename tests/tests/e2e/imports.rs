//! Files of other tools: told first, kept when somebody says so; from the command line and by the API.

use http::Method;
use serde_json::{Value, json};
use std::{fs, path::Path};
use waylay_tests::{
    client::Answer,
    daemon::{Daemon, Launch, Place},
    origin::Origin,
    program,
};

const COLLECTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/postman/collections");

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

fn collection(name: &str) -> Value {
    let request = json!({ "method": "GET", "url": "https://api.test/a",
        "header": [{ "key": "Authorization", "value": "Bearer t0ken-of-the-file" }] });
    json!({ "info": { "name": name, "schema": SCHEMA }, "item": [{ "name": "F", "item": [{ "name": "R", "request": request }] }] })
}

async fn upload(daemon: &Daemon, path: &str, bytes: &str) -> Answer {
    daemon.api().ask(Method::POST, path, &[("content-type", "application/octet-stream")], bytes).await
}

/// How many there are of everything that an import can make.
async fn kept(daemon: &Daemon) -> (usize, usize, usize) {
    let count = async |path: &str| daemon.api().get(path).await["items"].as_array().unwrap().len();
    (count("/collections").await, count("/environments").await, count("/sessions").await)
}

fn write(place: &Place, name: &str, text: &str) -> String {
    let path = place.home().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_command_imports_every_kind_of_file() {
    let place = Daemon::start().await.stop().await;
    let postman = write(&place, "c.json", &collection("C").to_string());
    let script = write(&place, "s.sh", "curl -X DELETE http://h.test/users/7 -b sid=s3cret-of-the-script");
    write(&place, "folder/inner/c.json", &collection("in a folder").to_string());
    write(&place, "folder/e.json", r#"{"name":"E","values":[{"key":"k","value":"v"}]}"#);
    let har = json!({ "log": { "entries": [{ "request": { "method": "GET", "url": "http://a.test/" }, "response": { "status": 200 } }] } });
    write(&place, "folder/a.har", &har.to_string());
    let folder = place.home().join("folder").to_str().unwrap().to_owned();

    // What is in it is told, and nothing of it is kept.
    let told = place.waylay(&["import", &postman, "--dry-run", "--json"]).await.expect(0).json();
    assert_eq!(
        (&told["kind"], &told["counts"]["requests"], &told["hosts"]),
        (&json!("collection"), &json!(1), &json!(["api.test"]))
    );
    assert_eq!(told["secrets"], json!([{ "where": "C / F / R", "name": "Authorization" }]));
    assert!(!told.to_string().contains("t0ken"), "{told}");
    let list = place.waylay(&["collection", "list", "--json"]).await.expect(0).stdout;
    assert!(!list.contains("\"C\""), "{list}");

    let said = imported(&place, [&postman, &folder, &script]).await;
    let daemon = Launch::at(place).start().await;
    assert_eq!(imported(daemon.place(), [&postman, &folder, &script]).await, said, "with a daemon and without");
    for line in [
        "folder (several files): 1 exchange, 1 collection, 1 request, 1 folder, 1 environment, 1 variable",
        "hosts: a.test, api.test",
        "secret: Authorization in in a folder / F / R",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("t0ken"), "{said}");
    assert_eq!(kept(&daemon).await.1, 2);
}

/// Imports a collection, a folder, and a script into the collection of the folder. Answers what was told of the folder.
async fn imported(place: &Place, [postman, folder, script]: [&str; 3]) -> String {
    let made = place.waylay(&["import", postman, "--json"]).await.expect(0).json();
    assert_eq!((&made["collections"][0]["name"], &made["sessions"]), (&json!("C"), &json!([])), "{made}");
    let told = place.waylay(&["import", folder, "--json"]).await.expect(0);
    let made = told.json();
    let names = (&made["collections"][0]["name"], &made["environments"][0]["name"], &made["sessions"][0]["exchanges"]);
    assert_eq!(names, (&json!("in a folder"), &json!("E"), &json!(1)), "{made}");
    let id = made["collections"][0]["id"].to_string();
    let made = place.waylay(&["import", script, "--collection", &id, "--json"]).await.expect(0).json();
    let into = (&made["collections"][0]["name"], &made["collections"][0]["new"]);
    assert_eq!(into, (&json!("in a folder"), &json!(false)), "{made}");
    told.stderr
}

#[tokio::test]
async fn text_is_imported_from_standard_input() {
    let place = Daemon::start().await.stop().await;
    let mut command = program::command(program::waylay(), &place.home());
    command.arg("--data-dir").arg(place.data()).args(["import", "-", "--name", "pasted", "--json"]);
    let made = program::run_with_input(&mut command, Some(b"$ curl 'http://h.test/a'\n")).await.expect(0).json();
    assert_eq!(made["collections"][0]["name"], "pasted", "{made}");
}

#[tokio::test]
async fn what_was_looked_at_is_kept_once_and_only_when_it_is_asked_for() {
    let daemon = Daemon::start().await;
    let before = kept(&daemon).await;
    let looked = upload(&daemon, "/import/check?name=f", &collection("C").to_string()).await.json();
    assert_eq!((&looked["summary"]["name"], &looked["drafts"]), (&json!("C"), &json!([])), "{looked}");
    assert!(!looked.to_string().contains("t0ken"), "{looked}");
    assert_eq!(kept(&daemon).await, before, "looking keeps nothing");
    let path = format!("/imports/{}", looked["import"].as_str().unwrap());
    // A part that is not there is refused; the file is there yet.
    let refused = daemon.api().post(&path, &json!({ "parts": [7] })).await;
    assert_eq!((refused.status.as_u16(), kept(&daemon).await), (400, before), "{}", refused.text());
    let made = daemon.api().post(&path, &json!({ "name": "mine" })).await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["collections"][0]["name"]),
        (201, &json!("mine")),
        "{}",
        made.text()
    );
    assert_eq!(kept(&daemon).await.0, before.0 + 1);
    assert_eq!(daemon.api().post(&path, &json!({})).await.status, 404, "once");

    let looked = upload(&daemon, "/import/check", "curl -d a=1 http://h.test/ -b x").await.json();
    assert_eq!(looked["drafts"][0]["url"], "http://h.test/", "a command may be opened and not kept");
    let path = format!("/imports/{}", looked["import"].as_str().unwrap());
    assert_eq!(daemon.api().ask(Method::DELETE, &path, &[], "").await.status, 204);
    assert_eq!(daemon.api().ask(Method::DELETE, &path, &[], "").await.status, 404);
    assert_eq!(daemon.api().post(&path, &json!({})).await.status, 404);
    assert_eq!(kept(&daemon).await.0, before.0 + 1);
    let left = fs::read_dir(daemon.data()).unwrap().flatten();
    assert!(left.map(|entry| entry.file_name()).all(|name| !name.to_string_lossy().contains("nameless")));
}

#[tokio::test]
async fn of_hostile_files_nothing_is_kept_and_the_reason_has_a_place() {
    let daemon = Daemon::start().await;
    let before = kept(&daemon).await;
    let both = json!({ "info": { "name": "n", "schema": SCHEMA }, "item": [{ "name": "x", "request": "http://h/", "item": [] }] });
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for (what, text, place) in [
        ("both", both.to_string(), "$.item[0]"),
        ("v999", collection("C").to_string().replace("v2.1.0", "v999"), "$.info.schema"),
        ("brackets", format!("{{\"info\":{{\"schema\":\"{SCHEMA}\"}},\"item\":{deep}}}"), "$"),
        ("no JSON", "{\"info\":{\"name\":".to_owned(), "$"),
        ("another object", "{\"swagger\":\"2.0\"}".to_owned(), "$"),
    ] {
        for path in ["/import", "/import/check"] {
            let answer = upload(&daemon, path, &text).await;
            let error = &answer.json()["error"];
            assert_eq!((answer.status.as_u16(), &error["code"]), (400, &json!("bad_import")), "{what}: {error}");
            let found = error["json_path"].as_str().unwrap_or_default();
            assert!(found.starts_with(place), "{what}: {error}");
        }
        let file = write(daemon.place(), "bad.json", &text);
        let said = daemon.waylay(&["import", &file]).await.expect(2).stderr;
        assert!(said.contains(place) && said.to_lowercase().contains("nothing was imported"), "{what}: {said}");
    }
    assert_eq!(kept(&daemon).await, before);
}

/// Every collection among the fixtures is imported, or refused with a reason that has a place.
#[tokio::test]
async fn collections_of_many_makers_are_imported_or_refused() {
    let daemon = Daemon::start().await;
    let (mut imported, mut refused) = (0, 0);
    for file in fs::read_dir(Path::new(COLLECTIONS)).unwrap().flatten() {
        let path = file.path();
        let output = daemon.waylay(&["import", path.to_str().unwrap(), "--json"]).await;
        match output.code {
            Some(0) => {
                assert!(output.json()["collections"][0]["id"].is_i64(), "{}: {}", path.display(), output.stdout);
                imported += 1;
            }
            code => {
                assert_eq!(code, Some(2), "{}: {}", path.display(), output.stderr);
                assert!(
                    output.stderr.contains('$') || output.stderr.contains("none of"),
                    "{}: {}",
                    path.display(),
                    output.stderr
                );
                refused += 1;
            }
        }
    }
    assert!(imported > 15, "{imported} imported, {refused} refused");
    assert_eq!(kept(&daemon).await.0, imported);
}

/// A URL is asked only by https, and only at addresses that anybody could reach: a page must not have us ask what stands on
/// this machine, or behind this router.
#[tokio::test]
async fn a_url_must_be_https_and_public() {
    let daemon = Daemon::start().await;
    let (tls, plain) = (Origin::tls(&["http/1.1"]).await, Origin::plain().await);
    let port = tls.address().port();
    for (url, reason) in [
        (plain.url("/json"), "only https"),
        (format!("http://localhost:{port}/json"), "only https"),
        (tls.url("/json"), "Only public"),
        (format!("https://127.0.0.1:{port}/json"), "Only public"),
        (format!("https://127.1:{port}/json"), "Only public"),
        (format!("https://2130706433:{port}/json"), "Only public"),
        (format!("https://0x7f.1:{port}/json"), "Only public"),
        (format!("https://[::1]:{port}/json"), "Only public"),
        (format!("https://[::ffff:127.0.0.1]:{port}/json"), "Only public"),
        (format!("https://0.0.0.0:{port}/json"), "Only public"),
        ("https://10.0.0.1/".to_owned(), "Only public"),
        ("https://169.254.169.254/latest".to_owned(), "credentials. It is not asked"),
        (format!("https://{}/api/v1/status", daemon.ui()), "Only public"),
        ("file:///etc/passwd".to_owned(), "only https"),
        ("https://u:p@h.test/".to_owned(), "user name"),
        ("https://{{host}}/".to_owned(), "variable"),
    ] {
        let answer = daemon.api().post("/import/check", &json!({ "url": url })).await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status.as_u16(), &error["code"]), (400, &json!("bad_url")), "{url}: {error}");
        let message = error["message"].as_str().unwrap_or_default().to_lowercase();
        assert!(message.contains(&reason.to_lowercase()), "{url}: {error}");
    }
    assert_eq!((tls.notes().connections(), plain.notes().connections()), (0, 0), "nobody was asked");
    let said = daemon.waylay(&["import", &tls.url("/json")]).await;
    assert!(said.code != Some(0) && said.stderr.contains("public"), "{}", said.stderr);
    let unknown = daemon.api().post("/import/check", &json!({ "url": "https://h.test/", "x": 1 })).await;
    assert_eq!(unknown.status, 400, "{}", unknown.text());
}
