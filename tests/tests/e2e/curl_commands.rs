//! Requests as commands of curl, which curl itself then sends.

use http::{Method, Request};
use serde_json::{Value, json};
use waylay_tests::{
    client::{self, Speak, full},
    daemon::Daemon,
    origin::{Origin, Seen},
    program, rows,
};

/// What must be the same: all but what belongs to the connection.
fn request_of(seen: &Seen) -> (String, String, String, Vec<(String, String)>) {
    let mut fields = seen.headers.clone();
    fields.sort();
    (seen.method.clone(), seen.target.clone(), seen.sha256.clone(), fields)
}

#[tokio::test]
async fn curl_sends_what_was_captured() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for (number, (method, body)) in [
        ("GET", ""),
        ("POST", "{\"a\": \"it's $HOME `id` !x\"}"),
        ("PUT", "a=1&b=%20"),
        ("POST", "\0\u{1}%\\\u{85}'\r\n"),
        ("POST", ""),
        ("PURGE", "x"),
    ]
    .into_iter()
    .enumerate()
    {
        let url = origin.url(&format!("/echo?{number}&q='[x]$y"));
        let request = Request::builder()
            .method(method)
            .uri(&url)
            .header("user-agent", "a \"b\" 'c'")
            .header("x-own", "$HOME `id` \\ !y");
        let request = request.header("cookie", "a=1; b=2").header("x-empty", "").header("accept", "a/b");
        let request = request.header("content-type", "text/plain");
        client::fetch(&daemon, Speak::Http1, request.body(full(body.to_owned())).unwrap()).await;
        let first = origin.notes().requests().pop().unwrap();
        let row = rows::one(&daemon, &rows::of(&url)).await;
        let written = daemon.api().get(&format!("/exchanges/{}/curl?secrets=keep", rows::id(&row))).await;
        let command = written["command"].as_str().unwrap();
        assert_eq!(written["notes"], json!([]), "{command}");
        let mut shell = program::command("bash", &daemon.place().home());
        program::run(shell.arg("-c").arg(command)).await.expect(0);
        let again = origin.notes().requests().pop().unwrap();
        assert_eq!(request_of(&again), request_of(&first), "{command}");
    }
}

#[tokio::test]
async fn commands_hide_secrets_unless_they_are_wanted() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let url = origin.url("/echo?api_key=k-s3cret");
    let request =
        Request::post(&url).header("authorization", "Bearer b-s3cret").header("content-type", "application/json");
    client::fetch(&daemon, Speak::Http1, request.body(full("{\"password\":\"p-s3cret\"}")).unwrap()).await;
    let row = rows::one(&daemon, &rows::of(&url)).await;
    let id = rows::id(&row);
    let path = format!("/exchanges/{id}/curl");
    let hidden = daemon.api().get(&path).await.to_string();
    assert!(!hidden.contains("s3cret") && hidden.contains("REDACTED"), "{hidden}");
    let cmd = daemon.api().get(&format!("{path}?shell=cmd&secrets=keep")).await;
    assert!(cmd["command"].as_str().unwrap().contains("^\"authorization: Bearer b-s3cret^\""), "{cmd}");

    let all = daemon.waylay(&["export", "curl"]).await.expect(0);
    assert!(all.stdout.starts_with("curl ") && !all.stdout.contains("s3cret"), "{}", all.stdout);
    assert!(all.stderr.contains("hidden:") && all.stderr.contains("--secrets keep"), "{}", all.stderr);
    let one = daemon.waylay(&["export", "curl", id, "--secrets", "keep", "--json"]).await.expect(0).json();
    assert!(one["items"][0]["command"].as_str().unwrap().contains("p-s3cret"), "{one}");
    let none = daemon.waylay(&["export", "curl", "host:nowhere.test"]).await.expect(0);
    assert!(none.stdout.is_empty() && none.stderr.contains("nothing matches"), "{}", none.stderr);
    assert_eq!(daemon.api().ask(Method::GET, "/exchanges/9.9/curl", &[], "").await.status, 404);

    let draft = json!({ "method": "DELETE", "url": "http://{{host}}/a b", "headers": [{ "key": "X", "value": "y" }] });
    let written: Value = daemon.api().post("/curl", &json!({ "request": draft, "shell": "bash" })).await.json();
    assert!(written["command"].as_str().unwrap().starts_with("curl 'http://{{host}}/a b'"), "{written}");
}
