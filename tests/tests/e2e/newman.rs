//! What is exported for Postman is valid by its schemas, and newman sends for it what was captured, byte for byte.

use http::Method;
use serde_json::{Value, json};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use waylay_tests::{
    client::raw,
    daemon::{Daemon, Place},
    origin::{Scripted, Wire},
    program, rows,
};

const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcbH\xcd\xc9\xc9\x07\0\x86\xa6\x106\x05\0\0\0";

/// What is captured, by what is special about it. `HOST` stands for the origin's.
fn requests() -> Vec<(&'static str, Vec<u8>)> {
    let with = |head: &str, body: &[u8]| {
        let length = format!("Content-Length: {}\r\n\r\n", body.len());
        [head.replace('\n', "\r\n").as_bytes(), length.as_bytes(), body].concat()
    };
    let plain = |head: &str| format!("{}\r\n", head.replace('\n', "\r\n")).into_bytes();
    let form = "Content-Type: application/x-www-form-urlencoded\n";
    let part = "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1 2\r\n--xYz\r\n\
        Content-Disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--xYz--\r\n";
    let binary = "--xYz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n";
    vec![
        ("nothing but a host", plain("GET / HTTP/1.1\nHost: HOST\n")),
        ("a query", plain("GET /a?x=%20+&y&z=&&d==&x=2 HTTP/1.1\nHost: HOST\n")),
        ("percent-encoding", plain("GET /a%2Fb%2f%7e~/%C3%A9?q=%E6%97%A5 HTTP/1.1\nHost: HOST\n")),
        ("odd letters in the path", plain("GET /(a)'b'!$&*+,;=:@/x HTTP/1.1\nHost: HOST\n")),
        ("double slashes", plain("GET //a//b/ HTTP/1.1\nHost: HOST\n")),
        ("an empty query", plain("GET /a? HTTP/1.1\nHost: HOST\n")),
        ("a colon", plain("GET /users/:id/x HTTP/1.1\nHost: HOST\n")),
        ("braces", plain("GET /x/{{name}}?y={{z}} HTTP/1.1\nHost: HOST\nX-Text: a {{name}} b\n")),
        (
            "fields in their letters",
            plain(
                "GET /f HTTP/1.1\nHost: HOST\nx-lOWER: v\nACCEPT: text/html\nUser-Agent: me/1\nAccept-Encoding: br\nCookie: a=1; b=2\nX-Empty: \n",
            ),
        ),
        ("fields that recur", plain("GET /f HTTP/1.1\nHost: HOST\nX-A: 1\nX-A: 2\n")),
        ("letters beyond ASCII", plain("GET /f HTTP/1.1\nHost: HOST\nX-U: caf\u{e9} \u{65e5}\n")),
        ("bytes beyond ASCII", [&b"GET /f HTTP/1.1\r\nHost: HOST\r\nX-B: caf\xe9 \xff\x80\r\n\r\n"[..]].concat()),
        ("Basic", plain("GET /b HTTP/1.1\nHost: HOST\nAuthorization: Basic dXNlcjpodW50ZXIyMg==\n")),
        ("Bearer", plain("GET /b HTTP/1.1\nHost: HOST\nAuthorization: Bearer a.b-c\n")),
        (
            "JSON",
            with(
                "POST /j HTTP/1.1\nHost: HOST\nContent-Type: application/json\n",
                "{\"a\": \"ä日😀\",\n\t\"b\":1}".as_bytes(),
            ),
        ),
        (
            "JSON with text like variables",
            with("POST /j HTTP/1.1\nHost: HOST\nContent-Type: application/json\n", b"{\"a\": \"{{user}} {{$guid}}\"}"),
        ),
        (
            "GraphQL",
            with(
                "POST /g HTTP/1.1\nHost: HOST\nContent-Type: application/json\n",
                br#"{"query":"query A($i: Int) { a(i: $i) }","operationName":"A","variables":{"i": 1}}"#,
            ),
        ),
        ("a plain form", with(&format!("POST /u HTTP/1.1\nHost: HOST\n{form}"), b"a=1&b=x-y")),
        ("a form", with(&format!("POST /u HTTP/1.1\nHost: HOST\n{form}"), b"a=1+2&b=%20&a=3&c&d=")),
        (
            "a form with parts",
            with("POST /m HTTP/1.1\nHost: HOST\nContent-Type: multipart/form-data; boundary=xYz\n", part.as_bytes()),
        ),
        (
            "a form with bytes",
            with(
                "POST /m HTTP/1.1\nHost: HOST\nContent-Type: multipart/form-data; boundary=xYz\n",
                &[binary.as_bytes(), b"\xff\0\x80\r\n--xYz--\r\n"].concat(),
            ),
        ),
        (
            "bytes",
            with(
                "PUT /b HTTP/1.1\nHost: HOST\nContent-Type: application/octet-stream\n",
                &(0..=255).collect::<Vec<u8>>(),
            ),
        ),
        (
            "a coded body",
            with("POST /z HTTP/1.1\nHost: HOST\nContent-Type: text/plain\nContent-Encoding: gzip\n", GZIP),
        ),
        ("a text without a type", with("PUT /t HTTP/1.1\nHost: HOST\n", b"hello")),
        ("GET with a body", with("GET /t HTTP/1.1\nHost: HOST\nContent-Type: text/plain\n", b"hello")),
        ("POST of nothing", with("POST /t HTTP/1.1\nHost: HOST\n", b"")),
        ("DELETE", plain("DELETE /t HTTP/1.1\nHost: HOST\n")),
        ("WebDAV", with("PROPFIND /t HTTP/1.1\nHost: HOST\nDepth: 1\nContent-Type: application/xml\n", b"<a/>")),
        ("HEAD", plain("HEAD /t HTTP/1.1\nHost: HOST\n")),
    ]
}

/// Answers one request, whose bytes it keeps, with a cookie that must not come back.
async fn answer(mut wire: Wire) -> io::Result<()> {
    let head = wire.head().await?;
    let length = field(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    wire.exactly(length).await?;
    let answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: c=1\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    wire.send(answer).await
}

/// The value of a field of a head.
fn field(head: &[u8], name: &str) -> Option<String> {
    let head = String::from_utf8_lossy(head).into_owned();
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut values = fields.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned());
    values.next()
}

/// First line, fields but for `Connection` in alphabetical order, body.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sent {
    line: String,
    fields: Vec<String>,
    body: String,
}

/// A request as it arrived; every byte is a letter.
fn sent(bytes: &[u8]) -> Sent {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.split("\r\n").map(str::to_owned);
    let line = lines.next().expect("a first line");
    // Space behind a value is none of it.
    let lines = lines.map(|line| line.trim_end().to_owned());
    let mut fields: Vec<_> = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:")).collect();
    fields.sort();
    Sent { line, fields, body: body.to_owned() }
}

/// Everything the origin got so far, in the order of its connections.
fn arrived(origin: &Scripted) -> Vec<Sent> {
    origin.received().iter().filter(|bytes| !bytes.is_empty()).map(|bytes| sent(bytes)).collect()
}

fn node(place: &Place, script: &str) -> tokio::process::Command {
    let mut command = program::command(program::need(&["node"]), &place.home());
    command.arg(program::tests_folder().join("clients").join(script));
    command
}

async fn check_schema(place: &Place, files: &[PathBuf]) {
    let output = program::run(node(place, "collection_schema.mjs").args(files)).await;
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), ""), "{}", output.stderr);
}

async fn newman(place: &Place, folder: &Path, file: &Path) {
    let mut command = node(place, "node_modules/newman/bin/newman.js");
    command.arg("run").arg(file).arg("--working-dir").arg(folder).args(["--reporters", "cli", "--color", "off"]);
    let output = program::run(&mut command).await;
    assert_eq!(output.code, Some(0), "{}\n{}", output.stdout, output.stderr);
}

#[tokio::test]
async fn newman_sends_what_was_captured() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(answer).await;
    let host = origin.authority();
    let asked = requests();
    for (_, bytes) in &asked {
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let text = text.replacen(' ', &format!(" http://{host}"), 1).replacen("HOST", &host, 1);
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c as u32).expect("a byte")).collect();
        let mut socket = raw::connect(daemon.proxy()).await;
        raw::send(&mut socket, bytes).await;
        raw::read_head(&mut socket).await.expect("an answer");
    }
    let captured = rows::done(&daemon, "", asked.len()).await;
    let first = arrived(&origin);
    assert_eq!(first.len(), asked.len());

    let api = daemon.api();
    let created = api.post("/collections", &json!({"name": "All / of it"})).await.json();
    let id = created["id"].to_string();
    for row in &captured {
        let item = json!({"parent": null, "from": rows::id(row)});
        let added = api.post(&format!("/collections/{id}/items"), &item).await;
        assert_eq!(added.status, 201, "{}", added.text());
    }
    // Without a collection, what was captured is gathered: all of it but what is no request.
    let file = daemon.place().home().join("gathered.json");
    daemon.waylay(&["export", "postman", "path:/f", "-o", &file.display().to_string()]).await.expect(0);
    check_schema(daemon.place(), std::slice::from_ref(&file)).await;
    let gathered: Value = serde_json::from_slice(&fs::read(&file).expect("a file")).expect("JSON");
    assert_eq!(gathered["item"].as_array().map(Vec::len), Some(4), "{gathered}");
    for format in ["2.1", "2.0"] {
        let folder = daemon.place().home().join(format!("out-{format}/"));
        let args = ["collection", "export", &id, "--format", format, "--secrets", "keep", "--json", "-o"];
        let report = daemon.waylay(&[&args[..], &[&format!("{}/", folder.display())]].concat()).await.expect(0).json();
        assert_eq!((&report["requests"], &report["hidden"]), (&json!(asked.len()), &json!([])), "{report}");
        assert_eq!((&report["files"], &report["notes"]), (&json!(4), &json!([])), "{report}");
        let file = folder.join("All _ of it.postman_collection.json");
        check_schema(daemon.place(), std::slice::from_ref(&file)).await;
        let before = arrived(&origin).len();
        newman(daemon.place(), &folder, &file).await;
        let again = arrived(&origin).split_off(before);
        assert_eq!(again.len(), asked.len());
        for (((what, _), first), again) in asked.iter().zip(&first).zip(again) {
            // What looks like a variable in a URL is percent-encoded, so that it is none.
            let line = first.line.replace("{{", "%7B%7B").replace("}}", "%7D%7D");
            let expected = Sent { line, fields: first.fields.clone(), body: first.body.clone() };
            assert_eq!(again, expected, "{what}, format {format}");
        }
    }
}

#[tokio::test]
async fn what_others_wrote_is_exported_valid() {
    let daemon = Daemon::start().await;
    let samples = program::tests_folder().join("fixtures/postman/collections");
    let home = daemon.place().home();
    let mut written = Vec::new();
    let mut refused = 0;
    for sample in fs::read_dir(samples).expect("samples") {
        let sample = sample.expect("a file").path();
        let headers = [("content-type", "application/octet-stream")];
        let text = fs::read_to_string(&sample).expect("a text");
        let answer = daemon.api().ask(Method::POST, "/import", &headers, &text).await;
        if answer.status == 400 {
            refused += 1;
            continue;
        }
        assert_eq!(answer.status, 201, "{}: {}", sample.display(), answer.text());
        let id = answer.json()["collections"][0]["id"].to_string();
        for format in ["2.1", "2.0"] {
            let path = format!("/collections/{id}/export?format={format}&secrets=keep");
            let exported = daemon.api().ask(Method::GET, &path, &[], "").await;
            assert_eq!((exported.status.as_u16(), exported.header("content-type")), (200, "application/json"));
            let file = home.join(format!("{id}-{format}.json"));
            fs::write(&file, &exported.body).expect("a file");
            written.push(file);
        }
    }
    assert_eq!((written.len(), refused), (46, 3));
    check_schema(daemon.place(), &written).await;
}

#[tokio::test]
async fn an_export_hides_secrets_and_tells_which() {
    let daemon = Daemon::start().await;
    let secret = "s3cr3t-0123456789";
    let request = json!({"method": "POST", "url": format!("https://h.test/?token={secret}"), "auth": {"type": "bearer", "token": secret},
        "headers": [{"key": "X-Other", "value": secret}], "body": {"mode": "bytes", "base64": "/wD/"}});
    let item = json!({"kind": "request", "name": "R", "request": request});
    let collection =
        json!({"name": "C", "items": [item], "variables": [{"key": "k", "value": "v3ry-s3cr3t", "secret": true}]});
    let id = daemon.api().post("/collections", &collection).await.json()["id"].to_string();
    let get = |query: &str| format!("/collections/{id}/export{query}");
    let hidden = daemon.api().ask(Method::GET, &get(""), &[], "").await;
    assert!(hidden.header("content-disposition").contains("C.postman_collection.json"));
    let text = hidden.text();
    assert!(!text.contains(secret) && !text.contains("v3ry-s3cr3t"), "{text}");
    assert_eq!(text.matches("REDACTED-token-1").count(), 4, "{text}");
    let kept = daemon.api().ask(Method::GET, &get("?secrets=keep"), &[], "").await.text();
    assert_eq!(kept.matches(secret).count(), 4, "url.raw, its query, who asks and a field: {kept}");
    let report = daemon.api().get(&get("/report?archive=zip")).await;
    let place =
        |place: &str| report["hidden"].as_array().expect("a list").iter().any(|hidden| hidden["where"] == place);
    assert!(["url", "request head", "auth", "variable"].into_iter().all(place), "{report}");
    assert_eq!((&report["requests"], &report["files"]), (&json!(1), &json!(1)));
    let zip = daemon.api().ask(Method::GET, &get("?archive=zip"), &[], "").await;
    assert_eq!(zip.header("content-type"), "application/zip");
    assert!(zip.body.starts_with(b"PK\x03\x04"));

    let home = daemon.place().home();
    let path = home.join("c.zip").display().to_string();
    let args = ["collection", "export", &id, "-o", &path];
    let said = daemon.waylay(&args).await.expect(0).stderr;
    assert!(said.contains("1 request in") && said.contains("hidden: ") && said.contains("--secrets keep"), "{said}");
    let again = daemon.waylay(&args).await.expect(7).stderr;
    assert!(again.contains("is there already") && again.contains("--force"), "{again}");
    let text = daemon.waylay(&["collection", "export", "C", "-o", "-"]).await.expect(0);
    let file: Value = serde_json::from_str(&text.stdout).expect("JSON");
    assert_eq!(file["info"]["name"], "C");
    assert!(text.stderr.contains("no text"), "bytes need a place beside the file: {}", text.stderr);
    daemon.waylay(&["collection", "export", "99", "-o", "-"]).await.expect(4);
    let unknown = daemon.api().ask(Method::GET, "/collections/99/export", &[], "").await;
    assert_eq!(unknown.status, 404);
    let odd = daemon.api().ask(Method::GET, &get("?format=3.0"), &[], "").await;
    assert_eq!(odd.status, 400);
}
