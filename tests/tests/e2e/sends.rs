//! `waylay send`: curl's habits, variables, errors with their exit codes.

use serde_json::{Value, json};
use waylay_tests::{
    daemon::Daemon,
    origin::{Origin, routes::sha256},
};

#[tokio::test]
async fn sends_write_the_body_and_the_head_if_asked() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let body = daemon.waylay(&["send", &origin.url("/json")]).await.expect(0);
    assert_eq!(body.stdout, r#"{"hello":"waylay","list":[1,2,3]}"#);
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.values("accept")), ("GET", vec!["*/*"]));
    assert!(seen.values("user-agent")[0].starts_with("Waylay/"), "{seen:?}");
    assert_eq!(seen.values("accept-encoding"), [""; 0], "nobody decodes what was not asked for");
    let head = daemon.waylay(&["send", "-i", &origin.url("/cookies")]).await.expect(0);
    assert!(head.stdout.starts_with("HTTP/2 200\r\n") && head.stdout.contains("set-cookie: b=2"), "{}", head.stdout);
    for coding in ["gzip", "deflate", "br"] {
        let url = origin.url(&format!("/{coding}"));
        let decoded = daemon.waylay(&["send", "--compressed", &url]).await.expect(0);
        assert_eq!(decoded.stdout, r#"{"encoded":"waylay"}"#, "{coding}");
    }
    let file = daemon.place().home().join("out");
    daemon.waylay(&["send", "-o", file.to_str().unwrap(), &origin.url("/bytes/100000")]).await.expect(0);
    assert_eq!(std::fs::read(file).unwrap().len(), 100_000);
    let trace = daemon.waylay(&["send", "-v", &origin.url("/json")]).await.expect(0);
    for part in ["> GET", "< HTTP/2", "TLS 1.3", "certificate verified"] {
        assert!(trace.stderr.contains(part), "{part}: {}", trace.stderr);
    }
}

#[tokio::test]
async fn sends_carry_data_forms_and_files() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let url = origin.url("/echo");
    let file = daemon.place().home().join("a file.txt");
    std::fs::write(&file, "line one\nline two\n").unwrap();
    let file = file.to_str().unwrap();
    for (args, method, content_type, body) in [
        (vec!["-d", "a=1", "-d", "b=2"], "POST", "application/x-www-form-urlencoded", "a=1&b=2"),
        (vec!["--json", "{\"a\":1}"], "POST", "application/json", "{\"a\":1}"),
        (vec!["-d", &format!("@{file}")], "POST", "application/x-www-form-urlencoded", "line oneline two"),
        (
            vec!["--data-binary", &format!("@{file}"), "-X", "PUT"],
            "PUT",
            "application/x-www-form-urlencoded",
            "line one\nline two\n",
        ),
        (vec!["-T", file], "PUT", "", "line one\nline two\n"),
    ] {
        let mut line = vec!["send", url.as_str()];
        line.extend(args.iter());
        daemon.waylay(&line).await.expect(0);
        let seen = origin.notes().requests().pop().unwrap();
        assert_eq!((seen.method.as_str(), &seen.sha256), (method, &sha256(body.as_bytes())), "{args:?}");
        assert_eq!(seen.values("content-type").first().copied().unwrap_or_default(), content_type, "{args:?}");
    }
    daemon.waylay(&["send", &url, "-F", "a=b", "-F", &format!("f=@{file};type=text/x-own")]).await.expect(0);
    let listed = daemon.waylay(&["ls", "--json", "session:0", "-n", "1"]).await.expect(0).json();
    let id = listed[0]["id"].as_str().or(listed["items"][0]["id"].as_str()).unwrap().to_owned();
    let form = daemon.waylay(&["body", &id, "--request"]).await.expect(0).stdout;
    for part in [
        "Content-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n",
        "name=\"f\"; filename=\"a file.txt\"\r\nContent-Type: text/x-own\r\n\r\nline one\nline two\n\r\n",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
    let left: Value = daemon.api().get("/files").await;
    assert_eq!(left["items"], json!([]), "what was handed over for a send does not stay");
}

#[tokio::test]
async fn sends_take_variables_from_the_environment_and_the_line() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let variables =
        json!([{"key": "base", "value": origin.url("")}, {"key": "token", "value": "s3cret-value", "type": "secret"}]);
    let made = daemon.api().post("/environments", &json!({"name": "staging", "variables": variables})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let args = [
        "send",
        "{{base}}/echo?{{$timestamp}}",
        "-H",
        "X-Token: {{token}}",
        "-H",
        "X-Own: {{own}}",
        "--env",
        "staging",
    ];
    let sent = daemon.waylay(&[&args[..], &["--var", "own=here"]].concat()).await.expect(0);
    assert!(sent.stdout.contains("/echo?"), "{}", sent.stdout);
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!((seen.values("x-token"), seen.values("x-own")), (vec!["s3cret-value"], vec!["here"]));
    assert!(seen.target.rsplit_once('?').unwrap().1.len() == 10, "{}", seen.target);
    let unresolved = daemon.waylay(&args).await.expect(2);
    assert!(unresolved.stderr.contains("{{own}}"), "{}", unresolved.stderr);
    assert_eq!(origin.notes().requests().len(), 1, "nothing is sent with a hole in it");
    daemon.waylay(&["send", "{{base}}/", "--env", "production"]).await.expect(4);
    daemon.waylay(&["send", "{{base}}/echo?k={{token}}", "--env", "staging"]).await.expect(0);
    assert!(origin.notes().requests().pop().unwrap().target.ends_with("k=s3cret-value"));
    let history = daemon.waylay(&["history", "list"]).await.expect(0);
    assert!(history.stdout.contains("k=") && !history.stdout.contains("s3cret-value"), "{}", history.stdout);
    let console = daemon.waylay(&["console", "-v"]).await.expect(0);
    assert!(console.stdout.contains("base = ") && console.stdout.contains("own = here"), "{}", console.stdout);
    assert!(!console.stdout.contains("s3cret-value"), "{}", console.stdout);
    assert!(console.stdout.contains("variables: "), "{}", console.stdout);
}

#[tokio::test]
async fn sends_that_fail_have_an_exit_code_and_an_entry() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let refused = format!("http://{}/", held.local_addr().unwrap());
    let own = format!("http://{}/", daemon.ui());
    let stranger = Origin::tls_with(&waylay_tests::pki::Leaf::self_signed(&["localhost"])).await;
    for (args, code, word) in [
        (vec![refused.as_str()], 5, "nothing is listening"),
        (vec!["http://nowhere.invalid/"], 5, "dns"),
        (vec![stranger.url("/").as_str()], 5, "certificate"),
        (vec!["ftp://a.test/"], 2, "url"),
        (vec!["http://a b/"], 2, "url"),
        (vec![own.as_str()], 6, "control API"),
        (vec!["-T", "/no/such/file", origin.url("/").as_str()], 4, "no file"),
        (vec!["--max-filesize", "10", origin.url("/bytes/11").as_str()], 5, "larger"),
        (vec!["-f", origin.url("/status/404").as_str()], 1, "404"),
        (vec!["--http2", origin.url("/").as_str()], 5, "HTTP/2"),
    ] {
        let mut line = vec!["send"];
        line.extend(args.iter());
        let output = daemon.waylay(&line).await.expect(code);
        assert!(output.stderr.to_lowercase().contains(&word.to_lowercase()), "{args:?}: {}", output.stderr);
        assert!(output.stdout.is_empty(), "{args:?}: {}", output.stdout);
    }
    daemon.waylay(&["send", "-k", &stranger.url("/json")]).await.expect(0);
    let history = daemon.api().get("/history").await;
    let failed: Vec<&Value> = history["items"].as_array().unwrap().iter().filter(|x| x["state"] == "failed").collect();
    assert_eq!(failed.len(), 8, "the file that is not there was not even asked to be sent: {history}");
    assert!(failed.iter().all(|x| x["error"]["message"].is_string()), "{history}");
}
