//! HAR files out and in: by the command line with and without a daemon, and by the API; what other tools make of them.

use http::Method;
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufWriter, Write},
    path::Path,
};
use waylay_tests::{
    client::{self, Speak, full},
    daemon::{Daemon, Launch, Place},
    disk::Disk,
    origin::{Origin, routes::ENCODED},
    program, rows, wait,
};

const PATHS: [&str; 8] = ["/page", "/json", "/gzip", "/br", "/bytes/30000", "/cookies", "/status/404", "/status/204"];

/// A daemon that has captured some of everything; where the origin was.
async fn captured() -> (Daemon, Origin) {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    for path in PATHS {
        client::get(&daemon, &origin.url(path)).await;
    }
    let request = http::Request::post(origin.url("/echo")).header("content-type", "text/plain").body(full("hello"));
    client::fetch(&daemon, Speak::Http1, request.expect("a request")).await;
    client::get(&daemon, "http://127.0.0.1:1/nobody").await;
    rows::done(&daemon, "", PATHS.len() + 2).await;
    (daemon, origin)
}

fn node(script: &str, place: &Place) -> tokio::process::Command {
    let mut command = program::command(program::need(&["node"]), &place.home());
    command.arg(program::tests_folder().join("clients").join(script));
    command
}

async fn check_schema(place: &Place, file: &Path) {
    let output = program::run(node("har_schema.mjs", place).arg(file)).await;
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), ""), "{}", output.stderr);
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).expect("an exported file")).expect("JSON")
}

fn entries(har: &Value) -> &[Value] {
    har["log"]["entries"].as_array().expect("a list of entries")
}

#[tokio::test]
async fn an_export_is_valid_and_chromium_replays_it() {
    let (daemon, origin) = captured().await;
    let file = daemon.place().home().join("out.har");
    let args = ["export", "har", "-o", file.to_str().expect("a path")];
    let said = daemon.waylay(&args).await.expect(0).stderr;
    assert!(said.contains("10 exchanges") && said.contains("cookie"), "{said}");
    check_schema(daemon.place(), &file).await;
    let again = daemon.waylay(&args).await.expect(7).stderr;
    assert!(again.contains("is there already") && again.contains("--force"), "{again}");
    let kept = ["--force", "--secrets", "keep", "--json"];
    let report = daemon.waylay(&[&args[..], &kept].concat()).await.expect(0).json();
    assert_eq!((&report["exchanges"], &report["hidden"]), (&json!(10), &json!([])));
    check_schema(daemon.place(), &file).await;
    let har = read(&file);
    let gzip = entries(&har).iter().find(|e| e["request"]["url"] == origin.url("/gzip").as_str()).expect("an entry");
    assert_eq!(gzip["response"]["content"]["text"], ENCODED);
    let nobody = entries(&har).iter().find(|e| e["request"]["url"] == "http://127.0.0.1:1/nobody").expect("an entry");
    assert_eq!(nobody["response"]["status"], 0, "{nobody}");

    let urls: Vec<String> =
        ["/page", "/json", "/gzip", "/br", "/echo", "/status/404", "/bytes/9"].map(|p| origin.url(p)).into();
    drop(origin);
    let mut replay = node("har_replay.mjs", daemon.place());
    replay.arg(program::need(&["chromium", "chromium-browser", "google-chrome"])).arg(&file).args(&urls);
    let replayed = program::run(&mut replay).await.expect(0).json();
    let text = |number: usize| replayed[number]["text"].as_str().unwrap_or_default().to_owned();
    assert_eq!(replayed[0]["status"], 200, "{replayed}");
    assert!(text(1).contains("waylay") && text(2) == ENCODED && text(3) == ENCODED, "{replayed}");
    assert!(text(4).contains("POST"), "a request with a body is found by it: {replayed}");
    assert_eq!(replayed[5]["status"], 404);
    assert!(replayed[6]["error"].is_string(), "what is not in the file is not answered: {replayed}");
}

#[tokio::test]
async fn files_go_in_and_out_with_and_without_a_daemon() {
    let (daemon, _origin) = captured().await;
    let file = daemon.place().home().join("out.har");
    let path = file.to_str().expect("a path");
    daemon.waylay(&["export", "har", "-o", path, "--secrets", "keep"]).await.expect(0);
    let imported = daemon.waylay(&["import", path, "--json"]).await.expect(0).json();
    assert_eq!((&imported["exchanges"], &imported["refused"]), (&json!(10), &json!([])), "{imported}");
    assert_eq!((&imported["session"]["source"], &imported["session"]["state"]), (&json!("import"), &json!("stopped")));
    assert_eq!(imported["session"]["name"], "out.har");
    let session = imported["session"]["id"].to_string();
    let listed = rows::done(&daemon, &format!("session:{session}"), 10).await;
    assert!(listed.iter().all(|row| row["source"] == "import"), "{listed:?}");
    let gzip = listed.iter().find(|row| row["path"] == "/gzip").expect("a row");
    let body = format!("/exchanges/{}/response/body?decoded=true", rows::id(gzip));
    assert_eq!(daemon.api().ask(Method::GET, &body, &[], "").await.text(), ENCODED);

    let download = daemon.api().ask(Method::GET, "/export/har?secrets=keep&filter=path:/json", &[], "").await;
    assert_eq!((download.status.as_u16(), download.header("content-type")), (200, "application/json"));
    assert!(download.header("content-disposition").contains("waylay.har"));
    assert_eq!(entries(&download.json()).len(), 2);
    let headers = [("content-type", "application/octet-stream")];
    let upload = daemon.api().ask(Method::POST, "/import?name=again", &headers, &download.text()).await;
    assert_eq!((upload.status.as_u16(), &upload.json()["exchanges"]), (201, &json!(2)), "{}", upload.text());

    let place = daemon.stop().await;
    let mut command = program::command(program::waylay(), &place.home());
    command.arg("--data-dir").arg(place.data()).args(["import", "-"]);
    let input = fs::read(&file).expect("a file");
    let piped = program::run_with_input(&mut command, Some(&input));
    let said = piped.await.expect(0).stderr;
    assert!(said.contains("10 exchanges in session"), "{said}");
    let first = read(&file);
    let filter = format!("session:{session}");
    place.waylay(&["export", "har", &filter, "-o", path, "--force", "--secrets", "keep"]).await.expect(0);
    let second = read(&file);
    for (one, other) in entries(&first).iter().zip(entries(&second)) {
        for part in ["request", "response", "timings", "startedDateTime", "time"] {
            assert_eq!(one[part], other[part], "{part} of {}", one["request"]["url"]);
        }
    }
    let left = fs::read_dir(place.data()).expect("a folder").filter_map(Result::ok);
    let left: Vec<_> =
        left.map(|f| f.file_name().into_string().expect("a name")).filter(|n| n.contains("nameless")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn of_a_broken_file_nothing_is_kept() {
    let daemon = Daemon::start().await;
    let before = daemon.api().get("/sessions").await;
    let entry = json!({ "request": { "method": "GET", "url": "http://a.test/" }, "response": { "status": 200 } });
    let cut = format!("{{\"log\":{{\"entries\":[{entry},{entry},");
    let headers = [("content-type", "application/octet-stream")];
    let answer = daemon.api().ask(Method::POST, "/import", &headers, &cut).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]["code"]),
        (400, &json!("bad_import")),
        "{}",
        answer.text()
    );
    assert!(answer.text().contains("ends in the middle (entry 2"), "{}", answer.text());
    let file = daemon.place().home().join("cut.har");
    fs::write(&file, &cut).expect("a file");
    let said = daemon.waylay(&["import", file.to_str().expect("a path")]).await.expect(2).stderr;
    assert!(said.contains("ends in the middle") && said.contains("othing was imported"), "{said}");
    assert_eq!(
        daemon.api().get("/sessions").await["items"].as_array().map(Vec::len),
        before["items"].as_array().map(Vec::len)
    );
    assert!(rows::list(&daemon, "").await.is_empty());
    let missing = daemon.waylay(&["import", "/nowhere.har"]).await;
    assert_eq!(missing.code, Some(7), "{}", missing.stderr);
}

/// Writes a file of so many small entries, and one with a body of so many bytes.
fn write_big(file: &Path, small: usize, body: usize) {
    let mut out = BufWriter::new(fs::File::create(file).expect("a file"));
    let head = |number: usize| {
        format!(
            r#"{{"startedDateTime":"2024-01-01T00:00:00Z","time":5,"request":{{"method":"GET","url":"https://h{}.test/p/{number}","httpVersion":"HTTP/1.1","headers":[{{"name":"Host","value":"h.test"}},{{"name":"Accept","value":"*/*"}}]}},"response":{{"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","headers":[{{"name":"Content-Type","value":"application/json"}}],"content":{{"mimeType":"application/json","text":""#,
            number % 50
        )
    };
    let tail = r#""}},"timings":{"send":0,"wait":4,"receive":1}}"#;
    write!(out, r#"{{"log":{{"version":"1.2","entries":["#).expect("written");
    for number in 0..small {
        writeln!(out, "{}{{\\\"n\\\":{number}}}{tail},", head(number)).expect("written");
    }
    write!(out, "{}", head(small)).expect("written");
    let piece = "0123456789abcdef".repeat(1024);
    for _ in 0..body / piece.len() {
        out.write_all(piece.as_bytes()).expect("written");
    }
    write!(out, "{tail}]}}}}").expect("written");
    out.flush().expect("written");
}

/// Runs `waylay` and answers its peak of resident memory, KiB.
async fn peak_of(place: &Place, args: &[&str]) -> u64 {
    let mut command = program::command(program::waylay(), &place.home());
    command.arg("--data-dir").arg(place.data()).args(args);
    let mut child = command.spawn().expect("waylay starts");
    let (pid, mut peak) = (child.id().expect("a process"), 0);
    let begun = std::time::Instant::now();
    loop {
        if let Some(occupied) = waylay_tests::load::usage::Occupied::by(pid) {
            peak = peak.max(occupied.peak);
        }
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            assert!(status.success(), "{args:?} ended with {status}");
            return peak;
        }
        assert!(begun.elapsed() < 4 * wait::DEADLINE, "{args:?} takes too long");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn memory_does_not_grow_with_what_is_imported_or_exported() {
    const BODY: usize = 192 << 20;
    let place = Place::new();
    let file = place.home().join("big.har");
    write_big(&file, 5_000, BODY);
    let path = file.to_str().expect("a path");
    let importing = peak_of(&place, &["import", path]).await;
    let exporting = peak_of(&place, &["export", "har", "-o", path, "--force", "--secrets", "keep"]).await;
    assert!(fs::metadata(&file).expect("a file").len() > BODY as u64, "all of it is there");
    for (what, peak) in [("import", importing), ("export", exporting)] {
        assert!(peak > 0 && peak < 128 << 10, "{what} took {peak} KiB");
    }
}

#[tokio::test]
async fn a_full_disk_leaves_no_half_a_file() {
    let (daemon, _origin) = captured().await;
    let place = daemon.stop().await;
    let other = Place::new();
    let Some(disk) = Disk::mount(&other, 8) else { return };
    disk.leave_free(0);
    let file = other.data().join("out.har");
    let failed = place.waylay(&["export", "har", "-o", file.to_str().expect("a path")]).await.expect(7);
    assert!(failed.stderr.contains("No space left") && failed.stderr.contains("removed"), "{}", failed.stderr);
    let left: Vec<_> =
        fs::read_dir(other.data()).expect("a folder").filter_map(Result::ok).map(|f| f.file_name()).collect();
    assert_eq!(left, ["filler"]);
}

#[tokio::test]
async fn security_10_exports_hold_no_secrets() {
    const SECRET: &str = "canary-5Ecr3t-0123456789";
    let daemon = Launch::new().start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    for (path, body) in [
        (format!("/echo?api_key={SECRET}"), format!("note={SECRET}")),
        ("/echo".to_owned(), json!({ "password": SECRET, "again": format!("<{SECRET}>") }).to_string()),
        (format!("/echo/reset/{SECRET}"), format!("client_secret={SECRET}&x=1")),
    ] {
        let request = http::Request::post(origin.url(&path))
            .header("authorization", format!("Bearer {SECRET}"))
            .header("cookie", format!("sid={SECRET}; theme=dark"))
            .header("x-api-key", SECRET)
            .header("x-note", SECRET)
            .body(full(body));
        client::fetch(&daemon, Speak::Http1, request.expect("a request")).await;
    }
    rows::done(&daemon, "", 3).await;
    let answer = daemon.api().ask(Method::GET, "/export/har", &[], "").await;
    let text = answer.text();
    assert!(!text.contains(SECRET), "{text}");
    let har = answer.json();
    let values: Vec<&str> = entries(&har)
        .iter()
        .flat_map(|e| e["request"]["headers"].as_array().expect("headers"))
        .filter(|f| f["name"] == "x-note")
        .filter_map(|f| f["value"].as_str())
        .collect();
    assert_eq!(values.len(), 3);
    assert!(values.iter().all(|v| *v == values[0] && v.starts_with("REDACTED-")), "one placeholder: {values:?}");
    assert!(!har["log"]["_waylay"]["hidden"].to_string().contains(SECRET));
    let kept = daemon.api().ask(Method::GET, "/export/har?secrets=keep", &[], "").await;
    assert!(kept.text().contains(SECRET));
    let bad = daemon.api().ask(Method::GET, "/export/har?secrets=maybe", &[], "").await;
    assert_eq!(bad.status, 400);
}
