use super::harness::Daemon;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use waylay_storage::model::{BodyEnd, BodyRecord, Gap, Part};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

#[tokio::test]
async fn the_daemon_tells_of_itself() {
    let daemon = Daemon::start().await;
    daemon.store(daemon.exchange("/a", "", b"abc")).await;
    let status = daemon.get("/status").await.json();
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["pid"], std::process::id());
    assert_eq!(status["ui"]["addresses"][0], daemon.address.to_string());
    assert_eq!(status["proxy"]["addresses"][0], daemon.engine.proxy_addresses()[0].to_string());
    assert_eq!(status["session"]["id"], daemon.session().0);
    assert_eq!((&status["store"]["exchanges"], &status["store"]["error"]), (&1.into(), &serde_json::Value::Null));
    let sessions = daemon.get("/sessions").await.json();
    assert!(sessions["items"].as_array().unwrap().iter().any(|s| s["id"] == daemon.session().0));
    let session = daemon.get(&format!("/sessions/{}", daemon.session())).await.json();
    assert_eq!((&session["exchanges"], &session["state"]), (&1.into(), &"recording".into()));

    let ca = daemon.get("/ca").await.json();
    assert_eq!(ca["sha256"], daemon.engine.authority().certificate().sha256());
    assert!(ca["not_after"].as_str().unwrap().ends_with('Z'));
    let pem = daemon.get("/ca.pem").await;
    assert!(pem.body.starts_with(b"-----BEGIN CERTIFICATE-----") && !pem.body.windows(11).any(|w| w == b"PRIVATE KEY"));
    daemon.stop().await;
}

#[tokio::test]
async fn exchanges_come_in_pages_and_by_id() {
    let daemon = Daemon::start().await;
    for n in 0..5 {
        daemon.store(daemon.exchange(&format!("/{n}"), "Content-Type: text/html\r\n", b"")).await;
    }
    let page = daemon.get("/exchanges?limit=2").await.json();
    let paths = |page: &serde_json::Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|i| i["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((paths(&page), &page["matched"]), (vec!["/3".to_owned(), "/4".to_owned()], &5.into()));
    let older = daemon.get(&format!("/exchanges?limit=10&before={}", page["before"])).await.json();
    assert_eq!((paths(&older).len(), &older["before"]), (3, &serde_json::Value::Null));
    let found = daemon.get("/exchanges?filter=path:/3%20-host:b.test").await.json();
    assert_eq!(paths(&found), ["/3"]);

    let mut odd = daemon.exchange("/odd", "", b"");
    odd.request_head = Bytes::from_static(b"GET /odd HTTP/1.1\r\nHost: a.test\r\nX-A: caf\xe9\r\nx-a: 2\r\n\r\n");
    odd.sent_head = Bytes::from_static(b"GET /odd HTTP/1.1\r\nHost: a.test\r\n\r\n");
    odd.response_trailers = Bytes::from_static(b"grpc-status: 0\r\n");
    let id = daemon.store(odd).await;
    let detail = daemon.get(&format!("/exchanges/{id}")).await.json();
    assert_eq!(detail["id"], id.to_string());
    assert_eq!(detail["url"], "http://a.test/odd");
    assert_eq!(detail["request"]["line"], "GET /odd HTTP/1.1");
    let headers = serde_json::json!([
        { "name": "Host", "value": "a.test" },
        { "name": "X-A", "value": "caf\u{fffd}", "bytes": "Y2Fm6Q==" },
        { "name": "x-a", "value": "2" },
    ]);
    assert_eq!(detail["request"]["headers"], headers);
    assert_eq!(detail["sent"]["headers"].as_array().unwrap().len(), 1);
    assert_eq!(detail["response"]["trailers"][0]["value"], "0");
    assert_eq!(detail["upstream_connection"], serde_json::Value::Null);
    let last = daemon.get("/exchanges/@last").await.json();
    assert_eq!(last, detail);
    let _: crate::view::Detail = serde_json::from_value(detail).unwrap();
    daemon.stop().await;
}

#[tokio::test]
async fn raw_bodies_are_exact_and_nothing_a_browser_renders() {
    let daemon = Daemon::start().await;
    let html = b"<script>alert(1)</script>";
    let id = daemon.store(daemon.exchange("/x.html", "Content-Type: text/html\r\n", html)).await;
    let answer = daemon.get(&format!("/exchanges/{id}/response/body")).await;
    assert_eq!((answer.status, &answer.body[..]), (200, &html[..]));
    let attachment = format!("attachment; filename=\"{id}-response.bin\"");
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", attachment.as_str()),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("cache-control", "no-store"),
        ("x-waylay-size", "25"),
        ("content-length", "25"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{answer:?}");
    }
    assert_eq!(answer.header("x-waylay-truncated"), None);
    let cut = daemon.get(&format!("/exchanges/{id}/response/body?limit=7")).await;
    assert_eq!((&cut.body[..], cut.header("x-waylay-truncated")), (&html[..7], Some("true")));
    assert_eq!(cut.header("x-waylay-size"), Some("25"));
    let none = daemon.get(&format!("/exchanges/{id}/request/body")).await;
    assert_eq!((none.status, none.body.len(), none.header("x-waylay-size")), (200, 0, Some("0")));
    let head = daemon.ask("HEAD", &format!("/api/v1/exchanges/{id}/response/body"), &daemon.program(), "").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("25"), 0));
    daemon.stop().await;
}

#[tokio::test]
async fn large_bodies_are_streamed_whole_and_gaps_are_told() {
    let daemon = Daemon::start().await;
    let chunk = |n: u8| Bytes::from(vec![n; 300 << 10]);
    let size = 3 * chunk(0).len() as u64;
    let mut large = daemon.exchange("/large", "", b"");
    large.response = BodyRecord { size, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
    for n in 0..3u8 {
        daemon.store_chunk(large.seq, Part::Response, u64::from(n) * size / 3, chunk(n));
    }
    let id = daemon.store(large).await;
    let answer = daemon.get(&format!("/exchanges/{id}/response/body")).await;
    assert_eq!(answer.body, [chunk(0), chunk(1), chunk(2)].concat());
    let limit = size / 3 + 1;
    let cut = daemon.get(&format!("/exchanges/{id}/response/body?limit={limit}")).await;
    assert_eq!((cut.body.len() as u64, cut.body.last()), (limit, Some(&1)));

    let mut holed = daemon.exchange("/holed", "", b"");
    let gaps = vec![Gap { offset: size / 3, length: size / 3 }];
    holed.response = BodyRecord { size, streamed: true, end: BodyEnd::Complete, gaps, ..BodyRecord::default() };
    daemon.store_chunk(holed.seq, Part::Response, 0, chunk(0));
    daemon.store_chunk(holed.seq, Part::Response, 2 * size / 3, chunk(2));
    let id = daemon.store(holed).await;
    let answer = daemon.get(&format!("/exchanges/{id}/response/body")).await;
    assert_eq!(answer.body, [chunk(0), chunk(2)].concat());
    let told = (answer.header("x-waylay-size"), answer.header("x-waylay-stored"));
    assert_eq!(told, (Some(size.to_string().as_str()), Some((2 * size / 3).to_string().as_str())));
    let body = &daemon.get(&format!("/exchanges/{id}")).await.json()["response"]["body"];
    assert_eq!(body["gaps"], serde_json::json!([{ "offset": size / 3, "length": size / 3 }]));
    daemon.stop().await;
}

#[tokio::test]
async fn decoded_bodies_are_text_within_a_limit() {
    let daemon = Daemon::start().await;
    let zeros = vec![b'0'; 10 << 20];
    let bomb = gzip(&zeros);
    let latin = "Content-Type: text/html; charset=iso-8859-1\r\nContent-Encoding: gzip\r\n";
    let stored = [
        (latin, gzip(b"<b>caf\xe9</b>")),
        ("Content-Encoding: gzip\r\n", bomb),
        ("Content-Encoding: gzip\r\n", b"not gzip at all".to_vec()),
        ("Content-Encoding: x-made-up\r\n", b"as it is".to_vec()),
        ("Content-Type: image/png\r\n", b"\x89PNG\r\n\x1a\n\0\0\0\0".to_vec()),
    ];
    let mut answers = Vec::new();
    for (fields, body) in stored {
        let id = daemon.store(daemon.exchange("/", fields, &body)).await;
        answers.push(daemon.get(&format!("/exchanges/{id}/response/body?decoded=true")).await);
    }
    let [text, bomb, broken, unknown, image] = answers.try_into().unwrap();
    assert_eq!(text.body, "<b>caf\u{e9}</b>".as_bytes());
    assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(text.header("x-waylay-charset"), Some("windows-1252"));
    assert_eq!(text.header("content-security-policy"), Some("sandbox; default-src 'none'; frame-ancestors 'none'"));
    assert_eq!((bomb.body.len(), bomb.header("x-waylay-truncated")), (8 << 20, Some("true")));
    assert_eq!(broken.body, b"not gzip at all");
    assert!(broken.header("x-waylay-decode-error").unwrap().starts_with("not valid gzip data"), "{broken:?}");
    assert_eq!(unknown.body, b"as it is");
    assert!(unknown.header("x-waylay-decode-error").unwrap().contains("'x-made-up'"), "{unknown:?}");
    assert_eq!(
        (image.header("content-type"), image.header("x-waylay-charset")),
        (Some("application/octet-stream"), None)
    );
    assert!(image.header("content-disposition").unwrap().starts_with("attachment"));

    let last = daemon.get("/exchanges?filter=type:image").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    daemon.get(&format!("/exchanges/{last}/response/body?decoded=true&limit=67108865")).await.error(400, "bad_request");
    daemon.stop().await;
}
